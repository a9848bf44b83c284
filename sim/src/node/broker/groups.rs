//! What a broker keeps on disk for each group that reads a queue: where it began, the committed offset, the retry queue
//! and the dead-letter queue.
//!
//! All of it is written through: only messages of the log are subject to the flush policy. (Apache RocketMQ writes
//! offsets every five seconds; what that costs is duplicates after a crash.) It knows nothing of who reads.

use std::collections::BTreeMap;

use crate::kernel::Time;
use crate::plan::MessageId;

/// What a queue keeps for one group.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Reading {
    /// Where the group began to read; none: it has not.
    pub began: Option<u64>,
    /// The group is done with all before this offset, or it is in the retry or dead-letter queue.
    pub committed: u64,
    /// Failed messages that will come again.
    pub retries: Retries,
    /// Messages that failed too often, by offset.
    pub dead: BTreeMap<u64, MessageId>,
}

/// A retry queue: messages that wait for their time, and messages handed out and not settled.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Retries {
    /// By the time when they are due, then offset.
    waiting: BTreeMap<(Time, u64), Retry>,
    /// By offset.
    out: BTreeMap<u64, Retry>,
}

/// A failed message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Retry {
    /// Which.
    pub message: MessageId,
    /// How often it has failed.
    pub failures: u32,
    /// When it is due.
    pub due: Time,
}

impl Retries {
    /// Whether no message is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.out.is_empty()
    }

    /// Every message in it, with its offset, waiting ones first.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &Retry)> + '_ {
        let waiting = self.waiting.iter().map(|((_, offset), retry)| (*offset, retry));
        waiting.chain(self.out.iter().map(|(offset, retry)| (*offset, retry)))
    }

    /// The message at `offset`, wherever it is.
    #[must_use]
    pub fn get(&self, offset: u64) -> Option<&Retry> {
        self.out.get(&offset).or_else(|| self.waiting.iter().find(|((_, at), _)| *at == offset).map(|(_, retry)| retry))
    }

    /// Puts a message in; one that is there at the same offset makes room.
    pub fn put(&mut self, offset: u64, retry: Retry) {
        self.remove(offset);
        self.waiting.insert((retry.due, offset), retry);
    }

    /// Takes a message out for good.
    pub fn remove(&mut self, offset: u64) -> Option<Retry> {
        self.out.remove(&offset).or_else(|| {
            let key = *self.waiting.keys().find(|(_, at)| *at == offset)?;
            self.waiting.remove(&key)
        })
    }

    /// Hands out the first message that is due.
    pub fn hand_out(&mut self, now: Time) -> Option<(u64, Retry)> {
        let (&(due, offset), _) = self.waiting.first_key_value()?;
        if due > now {
            return None;
        }
        let retry = self.waiting.remove(&(due, offset))?;
        self.out.insert(offset, retry);
        Some((offset, retry))
    }

    /// Whether a message is due.
    #[must_use]
    pub fn is_due(&self, now: Time) -> bool {
        self.waiting.first_key_value().is_some_and(|((due, _), _)| *due <= now)
    }

    /// Takes back what was handed out: a new reader begins.
    pub fn take_back(&mut self) {
        while let Some((offset, retry)) = self.out.pop_first() {
            self.waiting.insert((retry.due, offset), retry);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::NodeId;

    fn retry(number: u32, due: u64) -> Retry {
        Retry { message: MessageId { producer: NodeId(0), number }, failures: 1, due: Time(due) }
    }

    #[test]
    fn retries_come_in_the_order_in_which_they_are_due() {
        let mut retries = Retries::default();
        retries.put(1, retry(1, 30));
        retries.put(2, retry(2, 10));
        retries.put(3, retry(3, 20));
        assert_eq!(retries.hand_out(Time(5)), None);
        assert!(!retries.is_due(Time(9)) && retries.is_due(Time(10)));
        assert_eq!(retries.hand_out(Time(20)), Some((2, retry(2, 10))));
        assert_eq!(retries.hand_out(Time(20)), Some((3, retry(3, 20))));
        assert_eq!(retries.hand_out(Time(20)), None);
    }

    #[test]
    fn what_is_handed_out_stays_until_it_is_settled() {
        let mut retries = Retries::default();
        retries.put(1, retry(1, 10));
        retries.hand_out(Time(10));
        assert_eq!(retries.get(1), Some(&retry(1, 10)));
        assert!(!retries.is_empty());
        retries.take_back();
        assert_eq!(retries.hand_out(Time(10)), Some((1, retry(1, 10))));
        assert_eq!(retries.remove(1), Some(retry(1, 10)));
        assert!(retries.is_empty());
    }

    #[test]
    fn a_message_is_in_it_once() {
        let mut retries = Retries::default();
        retries.put(1, retry(1, 10));
        retries.put(1, retry(1, 40));
        assert_eq!(retries.iter().count(), 1);
        assert_eq!(retries.hand_out(Time(39)), None);
    }
}
