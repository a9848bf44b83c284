//! The ledger: where each accepted message is for each group of its topic, kept up to date with every record.
//!
//! Messages stand in dense tables by sender and number, which copies share, so a record costs an index or two. The counts
//! of a group add up to what its topic has accepted, always; [`Ledger::check`] asserts it. It knows nothing of nodes but
//! their hands.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use typed_index_collections::TiVec;

use super::order::Order;
use super::sender_messages::SenderMessages;
use super::state::{Balance, Message, MessageState, Place};
use super::targets;
use crate::kernel::{Span, Time};
use crate::plan::{GroupId, GroupSlot, MessageId, NodeId, Plan, QueueId, TopicId};

/// Where each accepted message is, for each group.
#[derive(Clone, Debug)]
pub struct Ledger {
    senders: TiVec<NodeId, SenderMessages>,
    balances: TiVec<GroupId, Balance>,
    accepted: TiVec<TopicId, u64>,
    order: Order,
    /// What each consumer has begun and not finished, and how many of its threads are at it.
    hands: TiVec<NodeId, BTreeMap<MessageId, u32>>,
    /// By group: whether there was ever a dead letter.
    any_dead: TiVec<GroupId, bool>,
    /// Each group's place among the groups of its topic.
    slots: TiVec<GroupId, GroupSlot>,
    topics: TiVec<GroupId, TopicId>,
    group_of: TiVec<NodeId, Option<GroupId>>,
}

impl Ledger {
    /// The ledger of a run that has not begun.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        Self {
            senders: targets(plan).into_iter().map(|topic| SenderMessages::new(plan, topic)).collect(),
            balances: vec![Balance::default(); plan.groups.len()].into(),
            accepted: vec![0; plan.topics.len()].into(),
            order: Order::new(plan),
            hands: vec![BTreeMap::new(); plan.nodes.len()].into(),
            any_dead: vec![false; plan.groups.len()].into(),
            slots: plan.groups.iter().map(|group| group.slot).collect(),
            topics: plan.groups.iter().map(|group| group.topic).collect(),
            group_of: (0..plan.nodes.len())
                .map(|node| plan.consumer(node.into()).map(|consumer| consumer.group))
                .collect(),
        }
    }

    /// A group's side of the ledger.
    #[must_use]
    pub fn balance(&self, group: GroupId) -> &Balance {
        &self.balances[group]
    }

    /// Whether a group has begun to process a message, now or before.
    #[must_use]
    pub fn was_begun(&self, group: GroupId, id: MessageId) -> bool {
        self.senders[id.producer].state(id.number, self.slots[group]).has(MessageState::BEGUN)
    }

    /// When a message was first tried, or a call of a producer begun.
    #[must_use]
    pub fn first_tried(&self, id: MessageId) -> Option<Time> {
        let message = self.senders[id.producer].message(id.number);
        message.is(Message::TRIED).then_some(message.attempt)
    }

    /// The key of a message; 0 where messages bear none.
    #[must_use]
    pub fn key(&self, id: MessageId) -> u32 {
        self.senders[id.producer].message(id.number).key
    }

    pub(super) fn balances(&self) -> &[Balance] {
        &self.balances.raw
    }

    /// Asserts that each accepted message is in one place, for each group.
    ///
    /// # Panics
    /// When one is not, which is a bug of ours.
    pub fn check(&self) {
        for (group, balance) in self.balances.iter_enumerated() {
            let accepted = self.accepted[self.topics[group]];
            assert_eq!(balance.total(), accepted, "the ledger of group {} does not add up: {balance:?}", group.0);
        }
    }

    #[inline]
    fn message(&mut self, id: MessageId) -> &mut Message {
        self.senders[id.producer].message_mut(id.number)
    }

    /// Changes the state of a message for a group. Returns the state before, and the message.
    #[inline]
    fn alter(
        &mut self,
        group: GroupId,
        id: MessageId,
        change: impl FnOnce(MessageState) -> MessageState,
    ) -> (MessageState, Message) {
        let sender = &mut self.senders[id.producer];
        let message = *sender.message_mut(id.number);
        let state = sender.state_mut(id.number, self.slots[group]);
        let before = *state;
        *state = change(before);
        if message.is(Message::ACCEPTED) {
            self.balances[group].shift(before.place(), state.place());
        }
        (before, message)
    }

    /// A message is tried to be sent, or a producer's call begun. True for the first attempt.
    pub(super) fn attempted(&mut self, id: MessageId, at: Time, key: Option<u32>) -> bool {
        let message = self.message(id);
        if let Some(key) = key {
            message.key = key;
        }
        let first = message.mark(Message::TRIED);
        if first {
            message.attempt = at;
        }
        first
    }

    /// The sender has the acknowledgement. Returns when the message was first tried, if it was not accepted before.
    pub(super) fn accepted(&mut self, id: MessageId) -> Option<Time> {
        let sender = &mut self.senders[id.producer];
        let message = sender.message_mut(id.number);
        if message.is(Message::REJECTED) || !message.mark(Message::ACCEPTED) {
            return None;
        }
        let attempt = message.attempt;
        if let Some(topic) = sender.topic {
            self.accepted[topic] += 1;
        }
        for slot in sender.groups.keys() {
            let place = sender.state(id.number, slot).place();
            let balance = &mut self.balances[sender.groups[slot]];
            balance.add(place);
            if place == Place::Done {
                // It was counted when it was finished: that is when it came there.
                balance.unconfirmed -= 1;
            }
        }
        Some(attempt)
    }

    /// The sender has given up. True if it had not before.
    pub(super) fn rejected(&mut self, id: MessageId) -> bool {
        let message = self.message(id);
        !message.is(Message::ACCEPTED) && message.mark(Message::REJECTED)
    }

    /// A message is in the log of the present master; `after_failover`: a failover that is still watched made it master.
    pub(super) fn stored(&mut self, id: MessageId, after_failover: bool) {
        let message = self.message(id);
        if after_failover {
            message.mark(Message::AFTER_FAILOVER);
        }
        if !message.mark(Message::STORED) {
            for slot in self.senders[id.producer].groups.keys() {
                let group = self.senders[id.producer].groups[slot];
                self.alter(group, id, |state| state.without(MessageState::GONE));
            }
        }
    }

    /// Whether a message is in the log of a master that a failover made.
    pub(super) fn is_after_failover(&mut self, id: MessageId) -> bool {
        self.message(id).is(Message::AFTER_FAILOVER)
    }

    /// A consumer has begun to process a message.
    pub(super) fn started(&mut self, node: NodeId, group: GroupId, id: MessageId, queue: QueueId) {
        *self.hands[node].entry(id).or_default() += 1;
        let (before, message) = self.alter(group, id, |state| state.with(MessageState::BEGUN).taken_in_hand());
        if !before.has(MessageState::BEGUN) && self.order.begun(group, id, message.key, queue) {
            self.balances[group].out_of_order += 1;
        }
    }

    /// Takes a message out of a consumer's hands. False if it was not in them.
    fn put_down(&mut self, node: NodeId, id: MessageId) -> bool {
        let Entry::Occupied(mut threads) = self.hands[node].entry(id) else { return false };
        *threads.get_mut() -= 1;
        if *threads.get() == 0 {
            threads.remove();
        }
        true
    }

    /// A consumer has processed a message. Returns the time since it was first tried, if the group had not done it before.
    pub(super) fn finished(&mut self, node: NodeId, group: GroupId, id: MessageId, at: Time) -> Option<Span> {
        let held = self.put_down(node, id);
        let (before, message) = self.alter(group, id, |state| {
            let state = if held { state.let_go() } else { state };
            state.with(MessageState::DONE).without(MessageState::RETRY)
        });
        let balance = &mut self.balances[group];
        if before.has(MessageState::DONE) {
            balance.duplicates += 1;
            return None;
        }
        if !message.is(Message::ACCEPTED) {
            balance.unconfirmed += 1;
        }
        Some(at.since(message.attempt))
    }

    /// A consumer has failed to process a message.
    #[cold]
    pub(super) fn failed(&mut self, node: NodeId, group: GroupId, id: MessageId) {
        if self.put_down(node, id) {
            self.alter(group, id, MessageState::let_go);
        }
    }

    /// A consumer is gone, and what it had in hand is no longer in process.
    pub(super) fn consumer_died(&mut self, node: NodeId) {
        let Some(group) = self.group_of[node] else { return };
        for (id, threads) in std::mem::take(&mut self.hands[node]) {
            for _ in 0..threads {
                self.alter(group, id, MessageState::let_go);
            }
        }
    }

    /// A broker has put a message into the retry queue. (Where a consumer of an ordered group says so, the message waits
    /// in place: it is where it was, in the log.)
    #[cold]
    pub(super) fn retried(&mut self, node: NodeId, group: GroupId, id: MessageId) {
        if self.group_of[node].is_some() {
            return;
        }
        self.alter(group, id, |state| state.without(MessageState::GONE).with(MessageState::RETRY));
    }

    /// A broker has put a message into the dead-letter queue.
    #[cold]
    pub(super) fn dead_lettered(&mut self, group: GroupId, id: MessageId) {
        self.any_dead[group] = true;
        self.alter(group, id, |state| state.without(MessageState::RETRY).with(MessageState::DEAD));
    }

    /// Every dead letter of a group, wherever else there is a copy of it. Looks at every message, once there was one.
    pub(crate) fn dead_letters(&self, group: GroupId) -> Vec<MessageId> {
        let mut dead = Vec::new();
        if self.any_dead[group] {
            let slot = self.slots[group];
            for (producer, sender) in
                self.senders.iter().enumerate().filter(|(_, sender)| sender.groups.contains(&group))
            {
                let letters = sender.numbers().filter(|number| sender.state(*number, slot).has(MessageState::DEAD));
                dead.extend(letters.map(|number| MessageId { producer: producer.into(), number }));
            }
        }
        dead
    }

    /// Another copy of a dead letter can still come, or cannot any more.
    pub(super) fn dead_letter_comes(&mut self, group: GroupId, id: MessageId, comes: bool) {
        self.alter(
            group,
            id,
            |state| if comes { state.with(MessageState::RETRY) } else { state.without(MessageState::RETRY) },
        );
    }

    /// Nothing can ever bring a message to the group, unless a copy is stored anew: it has expired, was skipped, or is lost.
    #[cold]
    pub(super) fn gone(&mut self, group: GroupId, id: MessageId, flag: u16) {
        self.alter(group, id, |state| state.without(MessageState::RETRY | MessageState::DEAD).with(flag));
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::*;
    use super::*;
    use crate::plan::Offset;
    use crate::plan::{ProducerPlan, Role, Selector, Target};
    use crate::record::Kind;

    /// The places of the first group that are not empty.
    fn places(run: &ScriptedRun) -> Vec<(Place, u64)> {
        let balance = run.observer.ledger().balance(GROUP);
        Place::ALL.into_iter().map(|place| (place, balance.count(place))).filter(|(_, count)| *count > 0).collect()
    }

    fn balance(run: &ScriptedRun) -> Balance {
        *run.observer.ledger().balance(GROUP)
    }

    #[test]
    fn a_message_goes_from_waiting_by_hand_to_done() {
        let mut run = ScriptedRun::of(plan());
        run.sent(1).stored(1, QUEUE, 0);
        assert_eq!(places(&run), [], "not accepted yet");
        run.accepted(1);
        assert_eq!(places(&run), [(Place::Waiting, 1)]);
        run.started(FIRST, 1);
        assert_eq!(places(&run), [(Place::InProcess, 1)]);
        run.finished(FIRST, 1);
        assert_eq!(places(&run), [(Place::Done, 1)]);
    }

    #[test]
    fn a_crash_takes_messages_out_of_the_consumers_hands() {
        let mut run = ScriptedRun::of(plan());
        run.sends(1, 0).started(FIRST, 1).started(SECOND, 1).crashed(FIRST);
        assert_eq!(places(&run), [(Place::InProcess, 1)], "the other one still has it");
        run.crashed(SECOND);
        assert_eq!(places(&run), [(Place::Waiting, 1)]);
    }

    #[test]
    fn a_failure_waits_until_it_is_a_dead_letter() {
        let mut run = ScriptedRun::of(plan());
        let (group, message) = (GROUP, message(1));
        run.sends(1, 0).started(FIRST, 1).failed(FIRST, 1).on(MASTER, Kind::Retried { group, message });
        assert_eq!(places(&run), [(Place::Waiting, 1)]);
        run.started(FIRST, 1).failed(FIRST, 1).on(MASTER, Kind::DeadLettered { group, message });
        assert_eq!(places(&run), [(Place::DeadLettered, 1)]);
    }

    #[test]
    fn a_dead_letter_waits_if_another_copy_can_come() {
        let mut run = ScriptedRun::of(plan());
        let (group, id) = (GROUP, message(1));
        run.sends(1, 0).on(MASTER, Kind::DeadLettered { group, message: id });
        run.observer.dead_letter_comes(group, id, true);
        assert_eq!(places(&run), [(Place::Waiting, 1)]);
        run.observer.dead_letter_comes(group, id, false);
        assert_eq!(places(&run), [(Place::DeadLettered, 1)]);
    }

    #[test]
    fn a_message_done_before_it_is_accepted_is_unconfirmed_until_then() {
        let mut run = ScriptedRun::of(plan());
        run.sent(1).started(FIRST, 1).finished(FIRST, 1);
        assert_eq!((places(&run), balance(&run).unconfirmed), (vec![], 1));
        run.accepted(1);
        assert_eq!((places(&run), balance(&run).unconfirmed), (vec![(Place::Done, 1)], 0));
    }

    #[test]
    fn an_answer_after_giving_up_does_not_count() {
        let mut run = ScriptedRun::of(plan());
        run.sent(1).rejected(1).accepted(1);
        assert_eq!(places(&run), []);
    }

    #[test]
    fn processings_beyond_the_first_are_duplicates() {
        let mut run = ScriptedRun::of(plan());
        run.sends(1, 0).started(FIRST, 1).started(SECOND, 1).finished(SECOND, 1).finished(FIRST, 1);
        assert_eq!((places(&run), balance(&run).duplicates), (vec![(Place::Done, 1)], 1));
        let findings = run.end(1);
        assert_eq!((findings.consumer(FIRST).2, findings.consumer(SECOND).2), (0, 1));
    }

    #[test]
    fn a_message_is_lost_no_longer_when_it_is_stored_anew_or_done() {
        let mut run = ScriptedRun::of(plan());
        let lost = |number| Kind::Lost { group: GROUP, message: message(number) };
        run.sends(1, 0).sends(2, 1).on(MASTER, lost(1)).on(MASTER, lost(2));
        assert_eq!(places(&run), [(Place::Lost, 2)]);
        run.stored(1, QUEUE, 2);
        assert_eq!(places(&run), [(Place::Waiting, 1), (Place::Lost, 1)]);
        run.started(FIRST, 2).finished(FIRST, 2);
        assert_eq!(places(&run), [(Place::Done, 1), (Place::Waiting, 1)]);
    }

    #[test]
    fn a_message_that_is_gone_has_expired_was_skipped_or_is_lost() {
        let mut run = ScriptedRun::of(plan());
        let group = GROUP;
        for number in 1..=4 {
            run.sends(number, u64::from(number) - 1);
        }
        run.on(MASTER, Kind::Skipped { group, message: message(1) });
        run.on(MASTER, Kind::Expired { group, message: message(2) });
        run.on(MASTER, Kind::Lost { group, message: message(3) });
        let all = [(Place::Waiting, 1), (Place::Expired, 1), (Place::Skipped, 1), (Place::Lost, 1)];
        assert_eq!(places(&run), all);
        run.on(MASTER, Kind::Expired { group, message: message(1) });
        assert_eq!(places(&run)[1], (Place::Expired, 2), "skipped first, and then too old");
        run.started(FIRST, 2);
        assert_eq!(places(&run)[0], (Place::InProcess, 1), "it was on its way");
        run.crashed(FIRST);
        assert_eq!(places(&run)[1], (Place::Expired, 2));
        run.on(MASTER, Kind::Retried { group, message: message(2) });
        assert_eq!(places(&run)[0], (Place::Waiting, 2), "the retry queue has it");
    }

    #[test]
    fn without_keys_messages_have_an_order_within_producer_and_queue() {
        let mut run = ScriptedRun::of(plan());
        for number in 1..=3 {
            run.sends(number, u64::from(number) - 1);
        }
        let on_other = Kind::Started { group: GROUP, message: message(3), queue: OTHER, offset: Offset(0) };
        run.on(FIRST, on_other).started(FIRST, 2).started(FIRST, 1);
        assert_eq!(balance(&run).out_of_order, 1, "only the first after the second");
        run.finished(FIRST, 1).started(FIRST, 1);
        assert_eq!(balance(&run).out_of_order, 1, "only the first beginning counts");
    }

    #[test]
    fn with_keys_messages_have_an_order_within_producer_and_key() {
        let mut plan = plan();
        plan.nodes[SHOP].role = Role::Producer(ProducerPlan { keys: 2, ..producer(Target::Topic(TOPIC)) });
        let mut run = ScriptedRun::of(plan);
        for (number, key) in [(1, 0), (2, 1), (3, 0)] {
            run.on(SHOP, Kind::Sent { message: message(number), queue: QUEUE, attempt: 1, key: Some(key) });
        }
        run.started(FIRST, 3).started(FIRST, 2);
        assert_eq!(balance(&run).out_of_order, 0, "different keys");
        run.started(FIRST, 1);
        assert_eq!(balance(&run).out_of_order, 1);
    }

    #[test]
    fn the_ledger_knows_of_each_message_when_it_was_first_tried_its_key_and_whether_it_was_begun() {
        let mut run = ScriptedRun::of(plan());
        let sent = |attempt| Kind::Sent { message: message(1), queue: QUEUE, attempt, key: Some(5) };
        let known = |run: &ScriptedRun| {
            let ledger = run.observer.ledger();
            (ledger.first_tried(message(1)), ledger.key(message(1)), ledger.was_begun(GROUP, message(1)))
        };
        assert_eq!(known(&run), (None, 0, false));
        run.at(3).on(SHOP, sent(1)).at(7).on(SHOP, sent(2));
        assert_eq!(known(&run), (Some(ms(3)), 5, false));
        run.stored(1, QUEUE, 0).accepted(1).started(FIRST, 1);
        assert_eq!(known(&run), (Some(ms(3)), 5, true));
        run.failed(FIRST, 1);
        assert_eq!(known(&run), (Some(ms(3)), 5, true), "now or before");
    }

    #[test]
    fn the_ledger_lists_dead_letters_wherever_else_there_is_a_copy() {
        let mut run = ScriptedRun::of(plan());
        let dead = |number| Kind::DeadLettered { group: GROUP, message: message(number) };
        run.sends(1, 0).sends(2, 1).sends(3, 2);
        assert_eq!(run.observer.ledger().dead_letters(GROUP), []);
        run.on(MASTER, dead(1)).on(MASTER, dead(3));
        run.observer.dead_letter_comes(GROUP, message(3), true);
        assert_eq!(run.observer.ledger().dead_letters(GROUP), [message(1), message(3)]);
        run.on(MASTER, Kind::Lost { group: GROUP, message: message(3) });
        assert_eq!(run.observer.ledger().dead_letters(GROUP), [message(1)], "it is none any more");
    }

    #[test]
    fn the_response_time_of_a_call_is_from_its_beginning_to_its_answer() {
        let mut run = ScriptedRun::of(plan());
        let call = |number| MessageId { producer: CALLER, number };
        run.at(3).on(CALLER, Kind::Called { call: call(1), service: DB });
        run.at(9).on(CALLER, Kind::Answered { call: call(1), service: DB });
        let findings = run.end(10);
        assert_eq!(value(&findings, "response_max", Selector::Producer(CALLER)), Some(0.006));
    }

    #[test]
    #[should_panic(expected = "does not add up")]
    fn a_ledger_that_does_not_add_up_is_a_bug() {
        let mut run = ScriptedRun::of(plan());
        run.sends(1, 0);
        let mut ledger = run.observer.ledger().clone();
        ledger.balances[GroupId(0)].add(Place::Lost);
        ledger.check();
    }
}
