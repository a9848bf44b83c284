//! The ledger: where each accepted message is for each group of its topic, kept up to date with every record.
//!
//! Messages stand in dense tables by sender and number, so a record costs an index or two. The counts of a group add up
//! to what its topic has accepted, always; [`Ledger::check`] asserts it. It knows nothing of nodes but their hands.

use std::collections::BTreeSet;

use super::mirror::Mirror;
use super::order::Order;
use super::state::{Message, Place, State};
use crate::kernel::{Span, Time};
use crate::plan::{GroupId, MessageId, NodeId, Plan, QueueId, Retention, Role, Target, TopicId};

/// A group's side of the ledger.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Balance {
    places: [u64; Place::ALL.len()],
    /// Done, though never accepted.
    pub unconfirmed: u64,
    /// Processings finished beyond the first of a message.
    pub duplicates: u64,
    /// Messages first begun after a later one.
    pub out_of_order: u64,
}

impl Balance {
    /// How many accepted messages are there.
    #[must_use]
    pub const fn at(&self, place: Place) -> u64 {
        self.places[place as usize]
    }

    /// All accepted messages.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.places.iter().sum()
    }

    fn shift(&mut self, from: Place, to: Place) {
        if from != to {
            self.places[from as usize] -= 1;
            self.places[to as usize] += 1;
        }
    }
}

/// All that one node sends; its topic is fixed.
#[derive(Clone, Debug)]
struct Lane {
    topic: Option<TopicId>,
    /// The groups of the topic.
    groups: Box<[GroupId]>,
    messages: Vec<Message>,
    /// For each message, one for each group.
    states: Vec<State>,
}

impl Lane {
    fn new(plan: &Plan, role: &Role) -> Self {
        let topic = match role {
            Role::Producer(producer) => match producer.target {
                Target::Topic(topic) => Some(topic),
                Target::Service(_) => None,
            },
            Role::Consumer(consumer) => consumer.publishes,
            Role::Nameserver | Role::Broker { .. } | Role::Service(_) => None,
        };
        let groups = topic.map_or_else(Box::default, |topic| plan.topics[topic.index()].groups.clone().into());
        Self { topic, groups, messages: Vec::new(), states: Vec::new() }
    }

    /// Where the message stands; the tables grow when it is new.
    #[inline]
    fn index(&mut self, number: u32) -> usize {
        let index = number.saturating_sub(1) as usize;
        if index >= self.messages.len() {
            self.messages.resize(index + 1, Message::default());
            self.states.resize((index + 1) * self.groups.len(), State::default());
        }
        index
    }
}

/// Where each accepted message is, for each group.
#[derive(Clone, Debug)]
pub struct Ledger {
    lanes: Vec<Lane>,
    balances: Vec<Balance>,
    accepted: Vec<u64>,
    mirrors: Vec<Mirror>,
    order: Order,
    /// What each consumer has begun and not finished.
    hands: Vec<Vec<MessageId>>,
    /// Each group's position among the groups of its topic.
    local: Vec<usize>,
    topics: Vec<TopicId>,
    queue_topics: Vec<TopicId>,
    ages: Vec<bool>,
    group_of: Vec<Option<GroupId>>,
}

impl Ledger {
    /// Of a run that has not begun.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let position = |group: usize| {
            let topic = &plan.topics[plan.groups[group].topic.index()];
            topic.groups.iter().position(|it| it.index() == group).unwrap_or_default()
        };
        Self {
            lanes: plan.nodes.iter().map(|node| Lane::new(plan, &node.role)).collect(),
            balances: vec![Balance::default(); plan.groups.len()],
            accepted: vec![0; plan.topics.len()],
            mirrors: (0..plan.queues.len()).map(|queue| Mirror::new(plan, queue.into())).collect(),
            order: Order::new(plan),
            hands: vec![Vec::new(); plan.nodes.len()],
            local: (0..plan.groups.len()).map(position).collect(),
            topics: plan.groups.iter().map(|group| group.topic).collect(),
            queue_topics: plan.queues.iter().map(|queue| queue.topic).collect(),
            ages: plan.topics.iter().map(|topic| matches!(topic.retention, Retention::Age(_))).collect(),
            group_of: (0..plan.nodes.len()).map(|node| plan.consumer(node.into()).map(|it| it.group)).collect(),
        }
    }

    /// A group's side of the ledger.
    #[must_use]
    pub fn balance(&self, group: GroupId) -> &Balance {
        &self.balances[group.index()]
    }

    pub(super) fn balances(&self) -> &[Balance] {
        &self.balances
    }

    /// Asserts that each accepted message is in one place, for each group.
    ///
    /// # Panics
    /// When one is not, which is a bug of ours.
    pub fn check(&self) {
        for (group, balance) in self.balances.iter().enumerate() {
            let accepted = self.accepted[self.topics[group].index()];
            assert_eq!(balance.total(), accepted, "the ledger of group {group} does not add up: {balance:?}");
        }
    }

    #[inline]
    fn message(&mut self, id: MessageId) -> &mut Message {
        let lane = &mut self.lanes[id.producer.index()];
        let index = lane.index(id.number);
        &mut lane.messages[index]
    }

    /// Changes what a message is to a group; what it was before.
    #[inline]
    fn alter(&mut self, group: GroupId, id: MessageId, change: impl FnOnce(State) -> State) -> (State, Message) {
        let lane = &mut self.lanes[id.producer.index()];
        let index = lane.index(id.number);
        let message = lane.messages[index];
        let state = &mut lane.states[index * lane.groups.len() + self.local[group.index()]];
        let before = *state;
        *state = change(before);
        if message.is(Message::ACCEPTED) {
            self.balances[group.index()].shift(before.place(), state.place());
        }
        (before, message)
    }

    /// An attempt to send it, or a producer's call; whether it is the first.
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

    /// Its sender has the acknowledgement; when it was first tried, if this is news.
    pub(super) fn accepted(&mut self, id: MessageId) -> Option<Time> {
        let message = self.message(id);
        if message.is(Message::REJECTED) || !message.mark(Message::ACCEPTED) {
            return None;
        }
        let attempt = message.attempt;
        let lane = &mut self.lanes[id.producer.index()];
        let index = lane.index(id.number);
        if let Some(topic) = lane.topic {
            self.accepted[topic.index()] += 1;
        }
        for (i, group) in lane.groups.iter().enumerate() {
            let place = lane.states[index * lane.groups.len() + i].place();
            let balance = &mut self.balances[group.index()];
            balance.places[place as usize] += 1;
            if place == Place::Done {
                balance.unconfirmed -= 1;
            }
        }
        Some(attempt)
    }

    /// Its sender has given up; whether this is news.
    pub(super) fn rejected(&mut self, id: MessageId) -> bool {
        let message = self.message(id);
        !message.is(Message::ACCEPTED) && message.mark(Message::REJECTED)
    }

    /// When a call was begun; for calls of producers.
    pub(super) fn called(&mut self, id: MessageId) -> Option<Time> {
        let call = *self.message(id);
        call.is(Message::TRIED).then_some(call.attempt)
    }

    /// It is in the log of the present master; `failover`: whom a failover has made so, and that is being watched.
    pub(super) fn stored(&mut self, id: MessageId, queue: QueueId, offset: u64, failover: bool) {
        let message = self.message(id);
        if failover {
            message.mark(Message::AFTER_FAILOVER);
        }
        if !message.mark(Message::STORED) {
            for group in 0..self.lanes[id.producer.index()].groups.len() {
                let group = self.lanes[id.producer.index()].groups[group];
                self.alter(group, id, |state| state.without(State::GONE));
            }
        }
        if self.mirrors[queue.index()].watched() {
            self.cut(queue, offset);
            self.mirrors[queue.index()].push(offset, id);
            let message = self.message(id);
            message.copies = message.copies.saturating_add(1);
        }
    }

    /// Whether it is in the log of a master that a failover made.
    pub(super) fn after_failover(&mut self, id: MessageId) -> bool {
        self.message(id).is(Message::AFTER_FAILOVER)
    }

    /// The log of the present master ends here.
    pub(super) fn cut(&mut self, queue: QueueId, to: u64) {
        while let Some(id) = self.mirrors[queue.index()].pop_from(to) {
            let message = self.message(id);
            message.copies = message.copies.saturating_sub(1);
        }
    }

    /// What lies before is deleted, in the log of the present master.
    pub(super) fn deleted(&mut self, queue: QueueId, offset: u64) {
        if !self.mirrors[queue.index()].watched() {
            return;
        }
        while let Some(id) = self.mirrors[queue.index()].pop_before(offset) {
            let message = self.message(id);
            message.copies = message.copies.saturating_sub(1);
            if message.copies == 0 {
                self.vanished(id, queue);
            }
        }
    }

    /// Its last copy is deleted: by age; or it was before the beginning of the groups that have not begun.
    fn vanished(&mut self, id: MessageId, queue: QueueId) {
        let aged = self.ages[self.queue_topics[queue.index()].index()];
        for i in 0..self.lanes[id.producer.index()].groups.len() {
            let group = self.lanes[id.producer.index()].groups[i];
            if aged {
                self.alter(group, id, |state| if state.has(State::RETRY) { state } else { state.with(State::EXPIRED) });
            } else if self.mirrors[queue.index()].begun[i].is_none() {
                self.alter(group, id, |state| state.with(State::SKIPPED));
            }
        }
    }

    /// A group begins to read a queue: what lies before is skipped, unless another copy can still come.
    pub(super) fn begun(&mut self, group: GroupId, queue: QueueId, offset: u64) {
        let local = self.local[group.index()];
        self.mirrors[queue.index()].begun[local] = Some(offset);
        if !self.mirrors[queue.index()].watched() {
            return;
        }
        let before: Vec<MessageId> = self.mirrors[queue.index()].before(offset).collect();
        let (several, single): (Vec<_>, Vec<_>) = before.into_iter().partition(|id| self.message(*id).copies > 1);
        let mut skipped: BTreeSet<MessageId> = several.into_iter().collect();
        if !skipped.is_empty() {
            let topic = self.queue_topics[queue.index()];
            for (mirror, of) in self.mirrors.iter().zip(&self.queue_topics) {
                if *of == topic {
                    mirror.after(mirror.begun[local].unwrap_or_default()).for_each(|id| {
                        skipped.remove(&id);
                    });
                }
            }
        }
        for id in single.into_iter().chain(skipped) {
            self.alter(group, id, |state| state.with(State::SKIPPED));
        }
    }

    /// A consumer has begun to process it.
    pub(super) fn started(&mut self, node: NodeId, group: GroupId, id: MessageId, queue: QueueId) {
        self.hands[node.index()].push(id);
        let (before, message) = self.alter(group, id, |state| state.with(State::BEGUN).taken_in_hand());
        if !before.has(State::BEGUN) && self.order.begun(group, id, message.key, queue) {
            self.balances[group.index()].out_of_order += 1;
        }
    }

    /// Takes it out of the consumer's hands; whether it was in them.
    fn put_down(&mut self, node: NodeId, id: MessageId) -> bool {
        let hands = &mut self.hands[node.index()];
        let place = hands.iter().position(|it| *it == id);
        place.map(|place| hands.swap_remove(place)).is_some()
    }

    /// A consumer has processed it; the time since it was first tried, if the group had not done it before.
    pub(super) fn finished(&mut self, node: NodeId, group: GroupId, id: MessageId, at: Time) -> Option<Span> {
        let held = self.put_down(node, id);
        let (before, message) = self.alter(group, id, |state| {
            let state = if held { state.let_go() } else { state };
            state.with(State::DONE).without(State::RETRY)
        });
        let balance = &mut self.balances[group.index()];
        if before.has(State::DONE) {
            balance.duplicates += 1;
            return None;
        }
        if !message.is(Message::ACCEPTED) {
            balance.unconfirmed += 1;
        }
        Some(at.since(message.attempt))
    }

    /// Processing has failed.
    pub(super) fn failed(&mut self, node: NodeId, group: GroupId, id: MessageId) {
        if self.put_down(node, id) {
            self.alter(group, id, State::let_go);
        }
    }

    /// A consumer is gone, and what it had in hand is no longer in process.
    pub(super) fn gone(&mut self, node: NodeId) {
        let Some(group) = self.group_of[node.index()] else { return };
        while let Some(id) = self.hands[node.index()].pop() {
            self.alter(group, id, State::let_go);
        }
    }

    /// It is in the retry queue.
    pub(super) fn retried(&mut self, group: GroupId, id: MessageId) {
        self.alter(group, id, |state| state.without(State::GONE).with(State::RETRY));
    }

    /// It is in the dead-letter queue.
    pub(super) fn dead_lettered(&mut self, group: GroupId, id: MessageId) {
        self.alter(group, id, |state| state.without(State::RETRY).with(State::DEAD));
    }

    /// Nothing can ever bring it to the group; unless a copy is stored anew.
    pub(super) fn lost(&mut self, group: GroupId, id: MessageId) {
        self.alter(group, id, |state| state.without(State::RETRY).with(State::LOST));
    }
}
