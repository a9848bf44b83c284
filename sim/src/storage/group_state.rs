//! What a broker keeps on disk for each group that reads a queue: where it began, the committed offset, the retry queue
//! and the dead-letter queue.
//!
//! All of it is written through: only messages of the log are subject to the flush policy. (Apache RocketMQ writes
//! offsets every five seconds; what that costs is duplicates after a crash.) It knows nothing of who reads.

use std::collections::BTreeSet;

use super::message_map::MessageMap;
use super::{FailureId, MessageRef, PullId};
use crate::kernel::Time;
use crate::plan::{Beginning, NodeId, Offset};

/// What a queue keeps for one group.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct GroupState {
    /// Where the group began to read; none: it has not.
    pub began: Option<Offset>,
    /// The group is done with all before this offset, or it is in the retry or dead-letter queue.
    pub committed: Offset,
    /// Failed messages that will come again.
    pub retries: Retries,
    /// Messages that failed too often.
    pub dead: MessageMap<()>,
}

/// A retry queue: messages that wait for their time, and messages handed out and not settled. Each failed processing has
/// a retry of its own, as in Apache RocketMQ, where a consumer sends a failed message back as a new one
/// (`sendMessageBack` of `DefaultMQPushConsumerImpl`): a message that was delivered twice and failed twice comes twice.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Retries {
    /// Of every message that ever failed.
    known: MessageMap<Failures>,
    /// Those that wait, by the time when they are due.
    waiting: BTreeSet<(Time, MessageRef, FailureId)>,
    /// Those that were handed out: to whom, and in the answer to which of its pulls.
    out: BTreeSet<(NodeId, PullId, MessageRef, FailureId)>,
}

/// What a broker knows of the failures of one message.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Failures {
    /// Those that it has heard of: a report that arrives twice counts once.
    heard: BTreeSet<FailureId>,
    /// What they have brought to the retry queue: mostly one at a time.
    retries: Vec<Retry>,
}

/// A message in the retry queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Retry {
    /// The failure that has brought it there.
    pub id: FailureId,
    /// So often it has failed by then, one time after the other.
    pub failures: u32,
    /// When it may be handed out.
    pub due: Time,
    /// To whom it was handed out, and in the answer to which of its pulls.
    out: Option<(NodeId, PullId)>,
}

/// What has changed for a message that has failed: a step that is copied.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FailureChange {
    /// A failure was heard of.
    pub heard: Option<FailureId>,
    /// A retry is over: it is done, or has failed.
    pub ended: Option<Retry>,
    /// A retry waits.
    pub begun: Option<Retry>,
    /// The message is a dead letter.
    pub died: bool,
}

impl GroupState {
    /// Where the group begins to read, if it has begun or counts from the start of the run; else behind all there is.
    #[must_use]
    pub fn beginning(&self, from: Beginning) -> Offset {
        self.began.unwrap_or(match from {
            Beginning::First => Offset::ZERO,
            Beginning::Last => Offset::MAX,
        })
    }

    /// Every message in the retry queue, and every dead letter.
    pub fn failed(&self) -> impl Iterator<Item = MessageRef> + '_ {
        self.retries
            .iter()
            .map(|(message_ref, _)| message_ref)
            .chain(self.dead.iter().map(|(message_ref, ())| message_ref))
    }

    /// Something has changed for a message: on the master, or on a slave that is told so.
    pub(crate) fn apply(&mut self, message_ref: MessageRef, change: &FailureChange) {
        let FailureChange { heard, ended, begun, died } = change;
        if let Some(heard) = heard {
            self.retries.record_failure(message_ref, *heard);
        }
        if let Some(ended) = ended {
            self.retries.finish(message_ref, ended.id);
        }
        if let Some(Retry { id, failures, due, .. }) = begun {
            self.retries.put(message_ref, *id, *failures, *due);
        }
        if *died {
            self.dead.at(message_ref);
        }
    }

    /// As if something had not changed yet; whoever was handed the retry that had ended then has it no more.
    pub(crate) fn undo(&mut self, message_ref: MessageRef, change: &FailureChange) {
        let FailureChange { heard, ended, begun, died } = change;
        if *died {
            self.dead.remove(message_ref);
        }
        if let Some(begun) = begun {
            self.retries.finish(message_ref, begun.id);
        }
        if let Some(Retry { id, failures, due, .. }) = ended {
            self.retries.put(message_ref, *id, *failures, *due);
        }
        if let Some(heard) = heard {
            self.retries.forget(message_ref, *heard);
        }
    }
}

impl Retry {
    /// One that waits.
    #[must_use]
    pub(crate) const fn new(id: FailureId, failures: u32, due: Time) -> Self {
        Self { id, failures, due, out: None }
    }
}

impl FailureChange {
    /// Whether nothing has changed.
    #[must_use]
    pub(crate) fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

impl Retries {
    /// Whether no message is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.out.is_empty()
    }

    /// Every message in it, with the time when it is or was due; as often as it is in it.
    pub fn iter(&self) -> impl Iterator<Item = (MessageRef, Time)> + '_ {
        let due = |message_ref: MessageRef, id: FailureId| {
            let retries = self.known.get(message_ref).map_or(&[][..], |known| &known.retries);
            retries.iter().find(|retry| retry.id == id).map_or(Time::ZERO, |retry| retry.due)
        };
        let waiting = self.waiting.iter().map(|(at, message_ref, _)| (*message_ref, *at));
        waiting.chain(self.out.iter().map(move |(_, _, message_ref, id)| (*message_ref, due(*message_ref, *id))))
    }

    /// Whether a message is in it.
    #[must_use]
    pub fn contains(&self, message_ref: MessageRef) -> bool {
        self.known.get(message_ref).is_some_and(|known| !known.retries.is_empty())
    }

    /// Hears of a failure of a message; true if that is news.
    pub(crate) fn record_failure(&mut self, message_ref: MessageRef, failure: FailureId) -> bool {
        self.known.at(message_ref).heard.insert(failure)
    }

    /// As if a failure had not been heard of.
    fn forget(&mut self, message_ref: MessageRef, failure: FailureId) {
        let known = self.known.at(message_ref);
        known.heard.remove(&failure);
        if known.heard.is_empty() && known.retries.is_empty() {
            self.known.remove(message_ref);
        }
    }

    /// Puts a message in, which has failed so often in a row.
    pub(crate) fn put(&mut self, message_ref: MessageRef, id: FailureId, failures: u32, due: Time) -> Retry {
        let retry = Retry::new(id, failures, due);
        self.known.at(message_ref).retries.push(retry);
        self.waiting.insert((due, message_ref, id));
        retry
    }

    /// A retry is over: it is done, or has failed. Nothing, if it was before. (A word that comes twice ends nothing else.)
    pub(crate) fn finish(&mut self, message_ref: MessageRef, id: FailureId) -> Option<Retry> {
        let place = self.known.get(message_ref)?.retries.iter().position(|retry| retry.id == id)?;
        let retry = self.known.at(message_ref).retries.swap_remove(place);
        match retry.out {
            Some((to, pull)) => self.out.remove(&(to, pull, message_ref, id)),
            None => self.waiting.remove(&(retry.due, message_ref, id)),
        };
        Some(Retry { out: None, ..retry })
    }

    /// Hands out the first retry that is due to a consumer, in the answer to a pull.
    pub(crate) fn hand_out(&mut self, now: Time, to: NodeId, pull: PullId) -> Option<(MessageRef, Retry)> {
        if !self.is_due(now) {
            return None;
        }
        let (_, message_ref, id) = self.waiting.pop_first()?;
        let retry = self.known.at(message_ref).retries.iter_mut().find(|retry| retry.id == id)?;
        retry.out = Some((to, pull));
        self.out.insert((to, pull, message_ref, id));
        Some((message_ref, *retry))
    }

    /// Whether a message is due.
    #[must_use]
    pub fn is_due(&self, now: Time) -> bool {
        self.waiting.first().is_some_and(|(due, ..)| *due <= now)
    }

    /// Takes back all that was handed out: a new reader begins.
    pub(crate) fn take_back(&mut self) {
        let out = std::mem::take(&mut self.out);
        out.into_iter().for_each(|(_, _, message_ref, id)| self.wait_again(message_ref, id));
    }

    /// Takes back what was handed to a consumer.
    pub(crate) fn take_back_from(&mut self, consumer: NodeId) {
        self.take_back_missed(consumer, None);
    }

    /// Takes back what was handed to a consumer in answers that have not reached it: it has received none after this one.
    pub(crate) fn take_back_missed(&mut self, consumer: NodeId, received: Option<PullId>) {
        let first = (consumer, PullId::after(received), MessageRef::FIRST, FailureId::FIRST);
        while let Some(&missed) = self.out.range(first..).next().filter(|(to, ..)| *to == consumer) {
            self.out.remove(&missed);
            let (_, _, message_ref, id) = missed;
            self.wait_again(message_ref, id);
        }
    }

    fn wait_again(&mut self, message_ref: MessageRef, id: FailureId) {
        if let Some(retry) = self.known.at(message_ref).retries.iter_mut().find(|retry| retry.id == id) {
            retry.out = None;
            self.waiting.insert((retry.due, message_ref, id));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::plan::MessageId;
    use crate::storage::ReportId;

    const READER: NodeId = NodeId(7);

    fn message_ref(offset: u64) -> MessageRef {
        MessageRef { offset: Offset(offset), message: MessageId { producer: NodeId(0), number: offset as u32 + 1 } }
    }

    fn id(report: u32) -> FailureId {
        FailureId { consumer: READER, report: ReportId::nth(report) }
    }

    /// What is handed out: where it lies, and the failure that brought it.
    fn hand_out(retries: &mut Retries, now: u64, to: NodeId, pull: u32) -> Option<(MessageRef, FailureId)> {
        retries.hand_out(Time(now), to, PullId::nth(pull)).map(|(message_ref, retry)| (message_ref, retry.id))
    }

    /// What may happen to the failures of a few messages: which message, which report, and a number.
    type RetryStep = (u8, u64, u32, u64);

    /// Takes a step on the master; what has changed, and of which message.
    fn step(master: &mut GroupState, (kind, offset, report, n): RetryStep) -> (MessageRef, FailureChange) {
        let (at, report) = (message_ref(offset), id(report));
        let mut change = FailureChange::default();
        match kind {
            0 | 1 if master.retries.record_failure(at, report) => {
                change.heard = Some(report);
                change.begun = Some(master.retries.put(at, report, 1, Time(n)));
            }
            2 => change.ended = master.retries.finish(at, report),
            3 if master.retries.record_failure(at, report) => {
                change.heard = Some(report);
                change.died = master.dead.get(at).is_none();
                master.dead.at(at);
            }
            4 => _ = master.retries.hand_out(Time(n), READER, PullId::nth(n as u32 % 5 + 1)),
            5 => master.retries.take_back_missed(READER, PullId::new(n as u32 % 5)),
            _ => {}
        }
        (at, change)
    }

    proptest! {
        /// Whatever happens on a master: a slave that is told of each change knows the same, and without the last changes
        /// it knows what there was before them.
        #[test]
        fn changes_can_be_copied_and_taken_back(
            steps in prop::collection::vec((0_u8..6, 0_u64..4, 1_u32..9, 0_u64..30), 0..60),
            back in 0_usize..60,
        ) {
            let (mut master, mut slave) = (GroupState::default(), GroupState::default());
            let mut changes = Vec::new();
            for taken in steps {
                let (at, change) = step(&mut master, taken);
                slave.apply(at, &change);
                changes.push((at, change, slave.clone()));
            }
            let mut known = master.clone();
            known.retries.take_back();
            prop_assert_eq!(sorted(&known), sorted(&slave));
            let kept = changes.len().saturating_sub(back);
            for (at, change, _) in changes[kept..].iter().rev() {
                known.undo(*at, change);
            }
            let before = kept.checked_sub(1).map_or_else(GroupState::default, |last| changes[last].2.clone());
            prop_assert_eq!(sorted(&known), sorted(&before));
        }
    }

    /// A group state in which the retries of one message are in an order.
    fn sorted(group_state: &GroupState) -> GroupState {
        let mut group_state = group_state.clone();
        for offset in 0..4 {
            if group_state.retries.known.get(message_ref(offset)).is_some() {
                group_state.retries.known.at(message_ref(offset)).retries.sort_by_key(|retry| retry.id);
            }
        }
        group_state
    }

    #[test]
    fn retries_come_in_the_order_in_which_they_are_due() {
        let mut retries = Retries::default();
        retries.put(message_ref(1), id(1), 1, Time(30));
        retries.put(message_ref(2), id(2), 2, Time(10));
        retries.put(message_ref(3), id(3), 1, Time(20));
        assert_eq!(hand_out(&mut retries, 5, READER, 1), None);
        assert!(!retries.is_due(Time(9)) && retries.is_due(Time(10)));
        assert_eq!(hand_out(&mut retries, 20, READER, 1), Some((message_ref(2), id(2))));
        assert_eq!(hand_out(&mut retries, 20, READER, 1), Some((message_ref(3), id(3))));
        assert_eq!(hand_out(&mut retries, 20, READER, 1), None);
    }

    #[test]
    fn a_message_is_in_it_while_it_waits_and_while_it_is_handed_out() {
        let mut retries = Retries::default();
        assert!(!retries.contains(message_ref(1)));
        retries.record_failure(message_ref(1), id(1));
        assert!(!retries.contains(message_ref(1)), "it was heard of, and is a dead letter, say");
        retries.put(message_ref(1), id(1), 1, Time(10));
        retries.record_failure(message_ref(2), id(2));
        assert_eq!([1, 2, 3].map(|offset| retries.contains(message_ref(offset))), [true, false, false]);
        hand_out(&mut retries, 10, READER, 1);
        assert!(retries.contains(message_ref(1)) && !retries.contains(message_ref(2)));
        assert!(retries.finish(message_ref(1), id(1)).is_some());
        assert!(!retries.contains(message_ref(1)));
    }

    #[test]
    fn what_is_handed_out_stays_until_it_is_settled() {
        let mut retries = Retries::default();
        retries.put(message_ref(1), id(1), 1, Time(10));
        hand_out(&mut retries, 10, READER, 1);
        assert!(!retries.is_empty());
        assert_eq!(retries.iter().collect::<Vec<_>>(), [(message_ref(1), Time(10))]);
        retries.take_back();
        assert_eq!(hand_out(&mut retries, 10, READER, 1), Some((message_ref(1), id(1))));
        assert_eq!(retries.finish(message_ref(1), id(1)), Some(Retry::new(id(1), 1, Time(10))));
        assert!(retries.is_empty());
    }

    #[test]
    fn a_word_about_one_retry_ends_no_other_one_of_the_same_message() {
        let mut retries = Retries::default();
        retries.put(message_ref(1), id(1), 1, Time(10));
        retries.put(message_ref(1), id(2), 1, Time(20));
        assert!(retries.finish(message_ref(1), id(1)).is_some() && retries.finish(message_ref(1), id(1)).is_none());
        assert_eq!(retries.iter().collect::<Vec<_>>(), [(message_ref(1), Time(20))]);
        assert_eq!(hand_out(&mut retries, 20, READER, 1), Some((message_ref(1), id(2))));
    }

    #[test]
    fn a_failure_is_heard_of_once() {
        let mut retries = Retries::default();
        assert!(retries.record_failure(message_ref(1), id(1)) && !retries.record_failure(message_ref(1), id(1)));
        assert!(retries.record_failure(message_ref(1), id(2)), "another processing");
        assert!(retries.record_failure(message_ref(2), id(1)), "of another message");
    }

    #[test]
    fn another_message_at_the_same_offset_is_another_one() {
        let (first, second) = (message_ref(1), MessageRef { offset: Offset(1), ..message_ref(9) });
        let mut retries = Retries::default();
        retries.put(first, id(1), 1, Time(10));
        retries.put(second, id(2), 1, Time(10));
        assert_eq!(retries.iter().count(), 2);
        assert!(retries.finish(first, id(2)).is_none());
    }

    #[test]
    fn an_answer_that_was_missed_is_taken_back() {
        let mut retries = Retries::default();
        for offset in 1..=3 {
            retries.put(message_ref(offset), id(offset as u32), 1, Time(10));
        }
        hand_out(&mut retries, 10, READER, 4);
        hand_out(&mut retries, 10, READER, 5);
        hand_out(&mut retries, 10, NodeId(8), 5);
        retries.take_back_missed(READER, PullId::new(4));
        assert_eq!(hand_out(&mut retries, 10, READER, 6), Some((message_ref(2), id(2))));
        assert_eq!(hand_out(&mut retries, 10, READER, 6), None);
        retries.take_back_from(NodeId(8));
        assert_eq!(hand_out(&mut retries, 10, READER, 6), Some((message_ref(3), id(3))));
    }
}
