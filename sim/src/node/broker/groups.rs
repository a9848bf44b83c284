//! What a broker keeps on disk for each group that reads a queue: where it began, the committed offset, the retry queue
//! and the dead-letter queue.
//!
//! All of it is written through: only messages of the log are subject to the flush policy. (Apache RocketMQ writes
//! offsets every five seconds; what that costs is duplicates after a crash.) It knows nothing of who reads.

use std::collections::{BTreeMap, BTreeSet};

use super::spots::Spots;
use crate::kernel::Time;
use crate::plan::{Beginning, NodeId};
use crate::protocol::Spot;

/// What a queue keeps for one group.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Reading {
    /// Where the group began to read; none: it has not.
    pub began: Option<u64>,
    /// The group is done with all before this offset, or it is in the retry or dead-letter queue.
    pub committed: u64,
    /// Failed messages that will come again.
    pub retries: Retries,
    /// Messages that failed too often.
    pub dead: Spots<()>,
}

/// A retry queue: messages that wait for their time, and messages handed out and not settled.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Retries {
    /// By the time when they are due.
    waiting: BTreeSet<(Time, Spot, u32)>,
    /// Handed out and not settled.
    out: BTreeMap<Spot, Out>,
    /// Of every message that was ever in it, the failures that it has heard of: a report that arrives twice counts once.
    heard: Spots<u32>,
}

/// A message handed out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Out {
    failures: u32,
    due: Time,
    /// To whom, and in the answer to which of its pulls.
    to: NodeId,
    serial: u32,
}

/// What a broker knows of one message that has failed: all that is copied of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Failure {
    /// The failures that were heard of; 0: none.
    pub heard: u32,
    /// In the retry queue: since which failure, and when it is due.
    pub retry: Option<(u32, Time)>,
    /// In the dead-letter queue.
    pub dead: bool,
}

impl Reading {
    /// Where the group begins to read, if it has begun or counts from the start of the run; else behind all there is.
    #[must_use]
    pub fn beginning(&self, from: Beginning) -> u64 {
        self.began.unwrap_or(match from {
            Beginning::First => 0,
            Beginning::Last => u64::MAX,
        })
    }

    /// Every message in the retry queue, and every dead letter.
    pub fn failed(&self) -> impl Iterator<Item = Spot> + '_ {
        self.retries.iter().map(|(spot, _)| spot).chain(self.dead.iter().map(|(spot, ())| spot))
    }

    /// What it knows of a message that has failed.
    #[must_use]
    pub fn failure(&self, spot: Spot) -> Failure {
        let Retries { waiting, out, heard } = &self.retries;
        let handed = out.get(&spot).map(|out| (out.failures, out.due));
        let waits = || waiting.iter().find(|(_, at, _)| *at == spot).map(|(due, _, failures)| (*failures, *due));
        Failure {
            heard: heard.get(spot).copied().unwrap_or(0),
            retry: handed.or_else(waits),
            dead: self.dead.get(spot).is_some(),
        }
    }

    /// From now on it knows just this of a message.
    pub fn set_failure(&mut self, spot: Spot, Failure { heard, retry, dead }: Failure) {
        self.retries.remove(spot);
        if heard > 0 {
            *self.retries.heard.at(spot) = heard;
        } else {
            self.retries.heard.remove(spot);
        }
        if let Some((failures, due)) = retry {
            self.retries.put(spot, failures, due);
        }
        if dead {
            self.dead.at(spot);
        } else {
            self.dead.remove(spot);
        }
    }
}

impl Retries {
    /// Whether no message is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.out.is_empty()
    }

    /// Every message in it, with the time when it is or was due.
    pub fn iter(&self) -> impl Iterator<Item = (Spot, Time)> + '_ {
        let waiting = self.waiting.iter().map(|(due, spot, _)| (*spot, *due));
        waiting.chain(self.out.iter().map(|(spot, out)| (*spot, out.due)))
    }

    /// Whether a message is in it.
    #[must_use]
    pub fn contains(&self, spot: Spot) -> bool {
        let waits = || self.waiting.iter().any(|(_, at, _)| *at == spot);
        self.heard.get(spot).is_some() && (self.out.contains_key(&spot) || waits())
    }

    /// Hears of a failure, counted from 1; true if that is news. Then the message has left the queue.
    pub fn hear(&mut self, spot: Spot, failures: u32) -> bool {
        let heard = self.heard.at(spot);
        let news = failures > *heard;
        if news {
            *heard = failures;
            self.remove(spot);
        }
        news
    }

    /// Puts a message in, which has failed so often.
    pub fn put(&mut self, spot: Spot, failures: u32, due: Time) {
        self.waiting.insert((due, spot, failures));
    }

    /// A message that was handed out after so many failures is done. (A word about an earlier turn comes too late.)
    pub fn finish(&mut self, spot: Spot, failures: u32) {
        if self.heard.get(spot) == Some(&failures) {
            self.remove(spot);
        }
    }

    fn remove(&mut self, spot: Spot) {
        if self.out.remove(&spot).is_none() {
            self.waiting.retain(|(_, at, _)| *at != spot);
        }
    }

    /// Hands out the first message that is due, with its failures, to a consumer in the answer to a pull.
    pub fn hand_out(&mut self, now: Time, to: NodeId, serial: u32) -> Option<(Spot, u32)> {
        if !self.is_due(now) {
            return None;
        }
        let (due, spot, failures) = self.waiting.pop_first()?;
        self.out.insert(spot, Out { failures, due, to, serial });
        Some((spot, failures))
    }

    /// Whether a message is due.
    #[must_use]
    pub fn is_due(&self, now: Time) -> bool {
        self.waiting.first().is_some_and(|(due, ..)| *due <= now)
    }

    /// Takes back all that was handed out: a new reader begins.
    pub fn take_back(&mut self) {
        self.take_back_where(|_| true);
    }

    /// Takes back what was handed to a consumer.
    pub fn take_back_from(&mut self, consumer: NodeId) {
        self.take_back_where(|out| out.to == consumer);
    }

    /// Takes back what was handed to a consumer in answers that have not reached it: it has received none after this one.
    pub fn take_back_missed(&mut self, consumer: NodeId, received: u32) {
        if !self.out.is_empty() {
            self.take_back_where(|out| out.to == consumer && out.serial > received);
        }
    }

    fn take_back_where(&mut self, which: impl Fn(&Out) -> bool) {
        let Self { waiting, out, .. } = self;
        out.retain(|spot, handed| {
            let stays = !which(handed);
            if !stays {
                waiting.insert((handed.due, *spot, handed.failures));
            }
            stays
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::MessageId;

    const READER: NodeId = NodeId(7);

    fn spot(offset: u64) -> Spot {
        Spot { offset, message: MessageId { producer: NodeId(0), number: offset as u32 + 1 } }
    }

    #[test]
    fn what_is_known_of_a_failure_can_be_copied() {
        let mut master = Reading::default();
        for offset in 1..=3 {
            assert!(master.retries.hear(spot(offset), 1));
        }
        master.retries.put(spot(1), 1, Time(10));
        master.retries.put(spot(2), 1, Time(20));
        master.dead.at(spot(3));
        master.retries.hand_out(Time(10), READER, 1);
        let mut slave = Reading::default();
        for offset in 0..=3 {
            slave.set_failure(spot(offset), master.failure(spot(offset)));
        }
        master.retries.take_back();
        assert_eq!(slave, master);
        for offset in 1..=3 {
            slave.set_failure(spot(offset), Failure::default());
        }
        assert_eq!(slave, Reading::default());
    }

    #[test]
    fn retries_come_in_the_order_in_which_they_are_due() {
        let mut retries = Retries::default();
        retries.put(spot(1), 1, Time(30));
        retries.put(spot(2), 2, Time(10));
        retries.put(spot(3), 1, Time(20));
        assert_eq!(retries.hand_out(Time(5), READER, 1), None);
        assert!(!retries.is_due(Time(9)) && retries.is_due(Time(10)));
        assert_eq!(retries.hand_out(Time(20), READER, 1), Some((spot(2), 2)));
        assert_eq!(retries.hand_out(Time(20), READER, 1), Some((spot(3), 1)));
        assert_eq!(retries.hand_out(Time(20), READER, 1), None);
    }

    #[test]
    fn a_message_is_in_it_while_it_waits_and_while_it_is_handed_out() {
        let mut retries = Retries::default();
        assert!(!retries.contains(spot(1)));
        retries.hear(spot(1), 1);
        assert!(!retries.contains(spot(1)), "it was heard of, and is a dead letter, say");
        retries.put(spot(1), 1, Time(10));
        retries.hear(spot(2), 1);
        assert_eq!([1, 2, 3].map(|offset| retries.contains(spot(offset))), [true, false, false]);
        retries.hand_out(Time(10), READER, 1);
        assert!(retries.contains(spot(1)) && !retries.contains(spot(2)));
        retries.finish(spot(1), 1);
        assert!(!retries.contains(spot(1)));
    }

    #[test]
    fn what_is_handed_out_stays_until_it_is_settled() {
        let mut retries = Retries::default();
        assert!(retries.hear(spot(1), 1));
        retries.put(spot(1), 1, Time(10));
        retries.hand_out(Time(10), READER, 1);
        assert!(!retries.is_empty());
        assert_eq!(retries.iter().collect::<Vec<_>>(), [(spot(1), Time(10))]);
        retries.take_back();
        assert_eq!(retries.hand_out(Time(10), READER, 1), Some((spot(1), 1)));
        retries.finish(spot(1), 1);
        assert!(retries.is_empty());
    }

    #[test]
    fn an_old_word_does_not_end_a_later_turn() {
        let mut retries = Retries::default();
        assert!(retries.hear(spot(1), 1) && retries.hear(spot(1), 2));
        retries.put(spot(1), 2, Time(10));
        retries.finish(spot(1), 1);
        assert!(!retries.is_empty());
        retries.finish(spot(1), 2);
        assert!(retries.is_empty());
    }

    #[test]
    fn a_failure_is_heard_of_once_and_takes_the_message_out() {
        let mut retries = Retries::default();
        assert!(retries.hear(spot(1), 1));
        retries.put(spot(1), 1, Time(10));
        assert!(!retries.hear(spot(1), 1));
        assert_eq!(retries.hand_out(Time(10), READER, 1), Some((spot(1), 1)));
        assert!(retries.hear(spot(1), 2));
        assert!(retries.is_empty());
    }

    #[test]
    fn another_message_at_the_same_offset_is_another_one() {
        let (first, second) = (spot(1), Spot { offset: 1, ..spot(9) });
        let mut retries = Retries::default();
        assert!(retries.hear(first, 1));
        retries.put(first, 1, Time(10));
        assert!(retries.hear(second, 1));
        retries.put(second, 1, Time(10));
        assert_eq!(retries.iter().count(), 2);
    }

    #[test]
    fn an_answer_that_was_missed_is_taken_back() {
        let mut retries = Retries::default();
        for offset in 1..=3 {
            retries.put(spot(offset), 1, Time(10));
        }
        retries.hand_out(Time(10), READER, 4);
        retries.hand_out(Time(10), READER, 5);
        retries.hand_out(Time(10), NodeId(8), 5);
        retries.take_back_missed(READER, 4);
        assert_eq!(retries.hand_out(Time(10), READER, 6), Some((spot(2), 1)));
        assert_eq!(retries.hand_out(Time(10), READER, 6), None);
        retries.take_back_from(NodeId(8));
        assert_eq!(retries.hand_out(Time(10), READER, 6), Some((spot(3), 1)));
    }
}
