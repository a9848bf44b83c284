//! The state that is kept for each message, and for each message and group: a few bytes, and the place in the ledger that
//! follows from them. It knows nothing of records.

use crate::kernel::Time;

/// Where an accepted message is for a group: one of these, always. The order is the contract's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Place {
    /// Processed at least once.
    Done,
    /// Begun and not finished, by a consumer that lives.
    InProcess,
    /// None of the others: it can still come.
    Waiting,
    /// In the dead-letter queue.
    DeadLettered,
    /// Deleted by age.
    Expired,
    /// From before the group's beginning.
    Skipped,
    /// Nothing can ever bring it to the group.
    Lost,
}

impl Place {
    /// All of them, in the contract's order.
    pub const ALL: [Self; 7] =
        [Self::Done, Self::InProcess, Self::Waiting, Self::DeadLettered, Self::Expired, Self::Skipped, Self::Lost];

    /// The metric that counts it.
    #[must_use]
    pub const fn metric(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::InProcess => "in_process",
            Self::Waiting => "waiting",
            Self::DeadLettered => "dead_lettered",
            Self::Expired => "expired",
            Self::Skipped => "skipped",
            Self::Lost => "lost",
        }
    }
}

/// A group's side of the ledger.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Balance {
    places: [u64; Place::ALL.len()],
    /// Messages done, though never accepted.
    pub unconfirmed: u64,
    /// Processings finished beyond the first of a message.
    pub duplicates: u64,
    /// Messages first begun after a later one.
    pub out_of_order: u64,
}

impl Balance {
    /// How many accepted messages are at a place.
    #[must_use]
    pub const fn count(&self, place: Place) -> u64 {
        self.places[place as usize]
    }

    /// The number of all accepted messages.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.places.iter().sum()
    }

    pub(super) const fn add(&mut self, place: Place) {
        self.places[place as usize] += 1;
    }

    /// A message goes from the place at which it was added, or to which it was shifted last.
    #[inline]
    pub(super) fn shift(&mut self, from: Place, to: Place) {
        if from != to {
            self.places[from as usize] -= 1;
            self.places[to as usize] += 1;
        }
    }
}

/// A message as a group sees it: flags in the low byte; in the high byte the number of threads that have it in hand.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct MessageState(u16);

impl MessageState {
    pub(super) const BEGUN: u16 = 1;
    pub(super) const DONE: u16 = 1 << 1;
    /// In the retry queue.
    pub(super) const RETRY: u16 = 1 << 2;
    pub(super) const DEAD: u16 = 1 << 3;
    pub(super) const EXPIRED: u16 = 1 << 4;
    pub(super) const SKIPPED: u16 = 1 << 5;
    pub(super) const LOST: u16 = 1 << 6;
    /// Flags that a new copy of the message clears. (A dead letter stays one, until the group has done the message.)
    pub(super) const GONE: u16 = Self::EXPIRED | Self::SKIPPED | Self::LOST;
    const HAND: u16 = 1 << 8;

    pub(super) const fn has(self, flag: u16) -> bool {
        self.0 & flag != 0
    }

    pub(super) const fn with(self, flags: u16) -> Self {
        Self(self.0 | flags)
    }

    pub(super) const fn without(self, flags: u16) -> Self {
        Self(self.0 & !flags)
    }

    pub(super) const fn taken_in_hand(self) -> Self {
        // 255 hands are as many as it can tell apart.
        if self.0 < Self::HAND * 255 { Self(self.0 + Self::HAND) } else { self }
    }

    pub(super) const fn let_go(self) -> Self {
        if self.in_hand() { Self(self.0 - Self::HAND) } else { self }
    }

    const fn in_hand(self) -> bool {
        self.0 >= Self::HAND
    }

    pub(super) const fn place(self) -> Place {
        if self.has(Self::DONE) {
            Place::Done
        } else if self.in_hand() {
            Place::InProcess
        } else if self.has(Self::RETRY) || !(self.has(Self::GONE) || self.has(Self::DEAD)) {
            Place::Waiting
        } else if self.has(Self::DEAD) {
            Place::DeadLettered
        } else if self.has(Self::EXPIRED) {
            Place::Expired
        } else if self.has(Self::SKIPPED) {
            Place::Skipped
        } else {
            Place::Lost
        }
    }
}

/// A message, or a producer's call, as its sender sees it.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Message {
    /// When it was first tried.
    pub(super) attempt: Time,
    pub(super) key: u32,
    flags: u8,
}

impl Message {
    pub(super) const TRIED: u8 = 1;
    pub(super) const ACCEPTED: u8 = 1 << 1;
    pub(super) const REJECTED: u8 = 1 << 2;
    /// In a master's log, once.
    pub(super) const STORED: u8 = 1 << 3;
    /// In the log of a master that a failover made.
    pub(super) const AFTER_FAILOVER: u8 = 1 << 4;

    pub(super) const fn is(self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// Sets a flag. True if it was not set before.
    pub(super) const fn mark(&mut self, flag: u8) -> bool {
        let new = !self.is(flag);
        self.flags |= flag;
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_in_process_while_any_thread_has_it_and_threads_are_counted_up_to_a_limit() {
        for (hands, flags) in
            [(1, 0), (255, 0), (400, 0), (3, MessageState::BEGUN | MessageState::RETRY), (400, MessageState::BEGUN)]
        {
            let mut state = MessageState::default().with(flags);
            (0..hands).for_each(|_| state = state.taken_in_hand());
            for _ in 1..hands.min(255) {
                state = state.let_go();
                assert_eq!(state.place(), Place::InProcess);
            }
            assert_eq!(state.let_go().place(), Place::Waiting);
            assert_eq!(state.let_go().let_go().place(), Place::Waiting, "nobody has it any more");
        }
    }
}
