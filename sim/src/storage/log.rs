//! The log of one queue: append-only, with offsets from 0, deleted from the front.
//!
//! It lies in segments: full ones are shared by all snapshots of a world, only the tail is a snapshot's own. So a
//! snapshot costs as much as there are queues, not as much as there are messages. It knows nothing of groups.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::kernel::Time;
use crate::plan::{Epoch, MessageId, Offset};

/// Entries of a segment.
const SEGMENT: usize = 64;

/// One stored message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LogEntry {
    /// The message, by its producer and number.
    pub message: MessageId,
    /// The epoch in which it was stored.
    pub epoch: Epoch,
    /// When it was stored.
    pub stored_at: Time,
}

/// The log of one queue.
#[derive(Clone, Debug)]
pub struct Log {
    /// The first offset that is left.
    start: Offset,
    /// Full segments; the first one may begin before `start`.
    sealed: VecDeque<Arc<[LogEntry; SEGMENT]>>,
    /// Offset of the first sealed entry, or of the tail's first.
    base: Offset,
    tail: Vec<LogEntry>,
    /// What lies before is on disk.
    flushed: Offset,
    /// Which epoch's entries lie where, even of those that were deleted.
    epochs: Epochs,
}

/// Which epoch's entries lie where in a log: the epoch and the offset of its first entry, in order.
///
/// In one epoch there is one master, and it gives each offset once. So an entry is known by its epoch and offset, and two
/// logs that have the same one have the same ones before it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Epochs(Vec<(Epoch, Offset)>);

impl Epochs {
    /// The epoch of the last entry; none: there never was one.
    #[must_use]
    pub fn last(&self) -> Option<Epoch> {
        self.0.last().map(|(epoch, _)| *epoch)
    }

    fn append(&mut self, epoch: Epoch, offset: Offset) {
        if Some(epoch) != self.last() {
            self.0.push((epoch, offset));
        }
    }

    fn truncate(&mut self, end: Offset) {
        while self.0.last().is_some_and(|(_, from)| *from >= end) {
            self.0.pop();
        }
    }

    /// The same, of a log that ends there.
    #[must_use]
    pub fn before(&self, end: Offset) -> Self {
        let mut epochs = self.clone();
        epochs.truncate(end);
        epochs
    }

    /// Up to where a log that ends at `end` and another one have the same entries.
    #[must_use]
    pub fn common(&self, end: Offset, other: &Self, other_end: Offset) -> Offset {
        let end_of =
            |epochs: &[(Epoch, Offset)], place: usize, end: Offset| epochs.get(place + 1).map_or(end, |it| it.1);
        for (place, (epoch, _)) in self.0.iter().enumerate().rev() {
            if let Some(there) = other.0.iter().position(|(other, _)| other == epoch) {
                return end_of(&self.0, place, end).min(end_of(&other.0, there, other_end));
            }
        }
        Offset::ZERO
    }
}

impl Default for Log {
    fn default() -> Self {
        Self {
            start: Offset::ZERO,
            sealed: VecDeque::new(),
            base: Offset::ZERO,
            tail: Vec::with_capacity(SEGMENT),
            flushed: Offset::ZERO,
            epochs: Epochs::default(),
        }
    }
}

impl Log {
    /// The first offset that is left.
    #[must_use]
    pub const fn start(&self) -> Offset {
        self.start
    }

    /// The offset that the next message gets.
    #[must_use]
    pub fn end(&self) -> Offset {
        self.tail_base() + self.tail.len() as u64
    }

    /// What lies before this offset is on disk.
    #[must_use]
    pub const fn flushed(&self) -> Offset {
        self.flushed
    }

    /// Which epoch's entries lie where.
    #[must_use]
    pub const fn epochs(&self) -> &Epochs {
        &self.epochs
    }

    /// Begins anew, empty, at an offset: what lay before in the log that it copies was deleted there.
    pub(crate) fn begin_at(&mut self, start: Offset, epochs: Epochs) {
        self.sealed.clear();
        self.tail.clear();
        (self.start, self.base, self.flushed, self.epochs) = (start, start, start, epochs);
    }

    fn tail_base(&self) -> Offset {
        self.base + (self.sealed.len() * SEGMENT) as u64
    }

    /// Appends a message and returns its offset.
    pub(crate) fn append(&mut self, entry: LogEntry) -> Offset {
        if self.tail.len() == SEGMENT {
            self.seal();
        }
        let offset = self.end();
        self.epochs.append(entry.epoch, offset);
        self.tail.push(entry);
        offset
    }

    /// Makes room in a full tail. Where readers keep up, all of it is deleted by now and its memory is used again.
    fn seal(&mut self) {
        if self.sealed.is_empty() && self.start > self.base {
            let gone = (self.start - self.base) as usize;
            self.tail.drain(..gone);
            self.base = self.start;
        } else {
            let full: [LogEntry; SEGMENT] = self.tail.as_slice().try_into().expect("a full tail is a segment");
            self.sealed.push_back(Arc::new(full));
            self.tail.clear();
        }
    }

    /// The message at `offset`, if it is there.
    #[must_use]
    pub fn get(&self, offset: Offset) -> Option<LogEntry> {
        if offset < self.start || offset >= self.end() {
            return None;
        }
        let index = (offset - self.base) as usize;
        Some(match self.sealed.get(index / SEGMENT) {
            Some(segment) => segment[index % SEGMENT],
            None => self.tail[index - self.sealed.len() * SEGMENT],
        })
    }

    /// The messages from `from` (or the start) up to `to` (or the end), with their offsets.
    pub fn range(&self, from: Offset, to: Offset) -> impl Iterator<Item = (Offset, LogEntry)> + '_ {
        from.max(self.start).up_to(to.min(self.end())).filter_map(|offset| Some((offset, self.get(offset)?)))
    }

    /// Deletes what lies before `offset`; true if that was anything.
    pub(crate) fn delete_before(&mut self, offset: Offset) -> bool {
        let offset = offset.min(self.end());
        if offset <= self.start {
            return false;
        }
        self.start = offset;
        while !self.sealed.is_empty() && self.base + SEGMENT as u64 <= offset {
            self.sealed.pop_front();
            self.base += SEGMENT as u64;
        }
        true
    }

    /// All that is there now is on disk.
    pub(crate) fn flush(&mut self) {
        self.flushed = self.end();
    }

    /// All before `offset` is on disk.
    pub(crate) fn flush_before(&mut self, offset: Offset) {
        self.flushed = self.flushed.max(offset.min(self.end()));
    }

    /// Drops the tail from `offset` on.
    pub(crate) fn truncate(&mut self, offset: Offset) {
        let keep = offset.min(self.end());
        if keep <= self.base {
            self.sealed.clear();
            self.tail.clear();
            self.base = keep;
        } else if keep < self.tail_base() {
            let index = (keep - self.base) as usize;
            let segment = Arc::clone(&self.sealed[index / SEGMENT]);
            self.sealed.truncate(index / SEGMENT);
            self.tail.clear();
            self.tail.extend_from_slice(&segment[..index % SEGMENT]);
        } else {
            let keep = (keep - self.tail_base()) as usize;
            self.tail.truncate(keep);
        }
        self.epochs.truncate(keep);
        self.start = self.start.min(self.end());
        self.flushed = self.flushed.min(self.end());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::plan::NodeId;

    fn entry(number: u32) -> LogEntry {
        LogEntry {
            message: MessageId { producer: NodeId(0), number },
            epoch: Epoch::FIRST,
            stored_at: Time(u64::from(number)),
        }
    }

    proptest! {
        /// A log is a list with a start: whatever is appended, deleted and truncated.
        #[test]
        fn it_is_a_list_with_a_start(steps in prop::collection::vec((0_u8..8, 0_u64..200), 1..300)) {
            let (mut log, mut list, mut start, mut flushed) = (Log::default(), Vec::new(), 0_u64, 0_u64);
            for (number, (step, n)) in steps.into_iter().enumerate() {
                match step {
                    0..=4 => for more in 0..n % 40 {
                        let entry = entry((number as u32) * 100 + more as u32);
                        prop_assert_eq!(log.append(entry), Offset(list.len() as u64));
                        list.push(entry);
                    },
                    5 => {
                        log.delete_before(Offset(n));
                        start = start.max(n.min(list.len() as u64));
                    }
                    6 => {
                        // Even below what was deleted from its front.
                        let cut = n.min(list.len() as u64);
                        log.truncate(Offset(cut));
                        list.truncate(cut as usize);
                        start = start.min(cut);
                        flushed = flushed.min(cut);
                    }
                    _ => {
                        log.flush();
                        flushed = list.len() as u64;
                    }
                }
                prop_assert_eq!([log.start(), log.end(), log.flushed()].map(|offset| offset.0), [start, list.len() as u64, flushed]);
                let seen: Vec<_> = log.range(Offset::ZERO, Offset::MAX).collect();
                let wanted: Vec<_> = Offset(start).onward().zip(list[start as usize..].iter().copied()).collect();
                prop_assert_eq!(seen, wanted);
            }
        }
    }

    proptest! {
        /// Two logs that were one up to some offset, and then had masters of their own, are the same up to there.
        #[test]
        fn two_logs_are_the_same_up_to_where_they_parted(
            shared in prop::collection::vec(1_usize..5, 0..5),
            mine in prop::collection::vec(1_usize..5, 0..3),
            theirs in prop::collection::vec(1_usize..5, 0..3),
            cut in 0_usize..8,
        ) {
            let mut logs = [Log::default(), Log::default()];
            let append = |log: &mut Log, epoch: usize, count: usize| {
                for _ in 0..count {
                    let number = log.end().0 as u32 + 1;
                    log.append(LogEntry { epoch: Epoch::new(epoch as u32).expect("counted from 1"), ..entry(number) });
                }
            };
            for (epoch, count) in shared.iter().enumerate() {
                logs.iter_mut().for_each(|log| append(log, epoch + 1, *count));
            }
            // One of them may lack the end of what they share.
            let parted = logs[0].end().0.saturating_sub(cut as u64);
            logs[0].truncate(Offset(parted));
            for (epoch, count) in mine.iter().enumerate() {
                append(&mut logs[0], 100 + epoch, *count);
            }
            for (epoch, count) in theirs.iter().enumerate() {
                append(&mut logs[1], 200 + epoch, *count);
            }
            let [a, b] = &logs;
            let same = |offset: &Offset| a.get(*offset).zip(b.get(*offset)).is_some_and(|(a, b)| a.epoch == b.epoch);
            let wanted = Offset(Offset::ZERO.onward().take_while(same).count() as u64);
            prop_assert_eq!(a.epochs().common(a.end(), b.epochs(), b.end()), wanted);
            prop_assert_eq!(b.epochs().common(b.end(), a.epochs(), a.end()), wanted);
        }
    }

    #[test]
    fn a_log_knows_its_last_epoch_even_of_what_was_deleted() {
        let mut log = Log::default();
        assert_eq!(log.epochs().last(), Epoch::new(0));
        for epoch in [1, 1, 4] {
            log.append(LogEntry { epoch: Epoch::nth(epoch), ..entry(1) });
        }
        log.delete_before(Offset(3));
        assert_eq!(log.epochs().last(), Epoch::new(4));
        log.truncate(Offset(2));
        assert_eq!((log.epochs().last(), log.start(), log.end()), (Some(Epoch::FIRST), Offset(2), Offset(2)));
        log.begin_at(Offset(7), log.epochs().clone());
        assert_eq!(
            ([log.start(), log.end(), log.flushed()], log.epochs().last()),
            ([Offset(7); 3], Some(Epoch::FIRST))
        );
        assert_eq!(log.append(entry(2)), Offset(7));
    }

    #[test]
    fn copies_share_full_segments_and_a_drained_log_allocates_none() {
        let mut log = Log::default();
        for number in 0..200 {
            log.append(entry(number));
        }
        let copy = log.clone();
        assert!(Arc::ptr_eq(&log.sealed[0], &copy.sealed[0]));
        let mut drained = Log::default();
        for number in 0..1_000 {
            let offset = drained.append(entry(number));
            drained.delete_before(offset + 1);
        }
        assert!(drained.sealed.is_empty());
        assert_eq!(drained.tail.capacity(), SEGMENT);
    }
}
