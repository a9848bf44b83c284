//! Sending messages to a topic: choose a queue, wait for the answer, try again, give up. A producer has one, and so has
//! a consumer that publishes.
//!
//! An attempt that gets no answer may have been stored all the same: the next attempt then stores a second copy, and
//! both are real. Simplification against Apache RocketMQ: patience is per attempt, not for all of them together.

use std::collections::VecDeque;

use super::Turn;
use super::client::Client;
use super::window::InFlightWindow;
use crate::kernel::{Stream, Time, hash_number};
use crate::plan::{Attempts, Epoch, MessageId, NodeId, Plan, QueueId, Select, TopicId};
use crate::protocol::{Packet, SendOutcome};
use crate::record::{Kind, Seq};

/// Messages on their way to a topic.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    topic: TopicId,
    select: Select,
    attempts: Attempts,
    /// Round robin: position in the topic's queues that is next.
    next: usize,
    window: InFlightWindow<Open>,
    /// Numbers of messages that wait for a route.
    waiting: VecDeque<u32>,
    /// Messages that have ended since the owner looked: number, and whether it was accepted.
    ended: Vec<(u32, bool)>,
}

/// A message that is neither accepted nor given up.
#[derive(Clone, Copy, Debug)]
struct Open {
    attempt: u32,
    key: Option<u32>,
    /// Where the last attempt went: queue, master, epoch.
    sent_to: Option<(QueueId, NodeId, Epoch)>,
    waits: bool,
    /// The record of the last attempt.
    cause: Option<Seq>,
}

impl Sender {
    /// Nothing under way.
    #[must_use]
    pub(crate) fn new(topic: TopicId, select: Select, attempts: Attempts) -> Self {
        Self {
            topic,
            select,
            attempts,
            next: 0,
            window: InFlightWindow::default(),
            waiting: VecDeque::new(),
            ended: Vec::new(),
        }
    }

    /// When patience for an attempt ends next.
    pub(crate) fn next_deadline(&mut self) -> Option<Time> {
        self.window.next_deadline()
    }

    /// How many messages are neither accepted nor given up.
    #[must_use]
    pub(crate) fn open(&self) -> usize {
        self.window.len()
    }

    /// The numbers of those messages.
    #[must_use]
    pub(crate) fn open_numbers(&self) -> Vec<u32> {
        self.window.numbers().collect()
    }

    /// Messages that have ended since the last call: number, and whether it was accepted.
    pub(crate) fn ended(&mut self) -> Vec<(u32, bool)> {
        std::mem::take(&mut self.ended)
    }

    /// Forgets which messages have ended: nobody waits for them.
    pub(crate) fn forget_ended(&mut self) {
        self.ended.clear();
    }

    /// Begins to send a message.
    pub(crate) fn begin(
        &mut self,
        number: u32,
        key: Option<u32>,
        client: &Client,
        streams: &mut Stream,
        turn: &mut Turn<'_>,
    ) {
        let cause = turn.cause;
        turn.open(1 + 2 * turn.plan.topics[self.topic].groups.len() as u64);
        self.window.open(number, Open { attempt: 1, key, sent_to: None, waits: false, cause });
        self.attempt(number, client, streams, turn);
    }

    /// One attempt: it goes to a queue, or waits for a route within its patience.
    fn attempt(&mut self, number: u32, client: &Client, streams: &mut Stream, turn: &mut Turn<'_>) {
        let Some(open) = self.window.get_mut(number) else { return };
        let attempt = open.attempt;
        self.window.expect_by(turn.expect_within(self.attempts.timeout), number, attempt);
        if !self.dispatch(number, client, streams, turn) {
            let Some(open) = self.window.get_mut(number) else { return };
            let first_wait = open.sent_to.is_none() && attempt == 1;
            if !open.waits {
                open.waits = true;
                self.waiting.push_back(number);
            }
            if first_wait {
                let message = MessageId { producer: turn.me, number };
                let seq = turn.keeping_cause(|turn| turn.note(Kind::Unrouted { message }));
                open.cause = Some(seq);
            }
        }
    }

    /// Sends the message to a queue whose master is known; false if there is none.
    fn dispatch(&mut self, number: u32, client: &Client, streams: &mut Stream, turn: &mut Turn<'_>) -> bool {
        let Some(&mut Open { attempt, key, sent_to, cause, .. }) = self.window.get_mut(number) else { return true };
        let last = sent_to.map(|(queue, ..)| queue);
        let Some((queue, (master, epoch))) = self.choose(number, key, last, client, streams, turn.plan) else {
            return false;
        };
        let message = MessageId { producer: turn.me, number };
        let seq = turn.with_cause(cause, |turn| {
            let seq = turn.note(Kind::Sent { message, queue, attempt, key });
            turn.send(master, Packet::Send { message, queue, attempt });
            turn.keep(1 + turn.plan.sets[turn.plan.queues[queue].set].replicas.len() as u64);
            seq
        });
        if let Some(open) = self.window.get_mut(number) {
            *open = Open { sent_to: Some((queue, master, epoch)), waits: false, cause: Some(seq), ..*open };
        }
        true
    }

    /// The queue for the next attempt, and its master: by the rule, on another broker set than the last one if it can.
    fn choose(
        &mut self,
        number: u32,
        key: Option<u32>,
        last: Option<QueueId>,
        client: &Client,
        streams: &mut Stream,
        plan: &Plan,
    ) -> Option<(QueueId, (NodeId, Epoch))> {
        let queues = client.queues(self.topic);
        let set = |queue: QueueId| plan.queues[queue].set;
        let master = |queue: QueueId| client.master(self.topic, set(queue)).map(|master| (queue, master));
        if queues.is_empty() {
            return None;
        }
        if self.select == Select::KeyHash {
            let hashed = hash_number(u64::from(key.unwrap_or(number)));
            return master(queues[(hashed % queues.len() as u64) as usize]);
        }
        // Both lists are in the plan's order: broker sets in file order, then index. So those of one set lie together.
        let led = client.led_queues(self.topic);
        let near = last.map_or(0..0, |last| {
            let first = led.partition_point(|queue| set(*queue) < set(last));
            first..first + led[first..].partition_point(|queue| set(*queue) == set(last))
        });
        let near = if near.len() == led.len() { 0..0 } else { near };
        if led.is_empty() {
            return None;
        }
        let place = match self.select {
            Select::Random => {
                let drawn = streams.below((led.len() - near.len()) as u32) as usize;
                if drawn < near.start { drawn } else { drawn + near.len() }
            }
            Select::RoundRobin | Select::KeyHash => {
                let next = queues[self.next % queues.len()];
                let place = led.partition_point(|queue| *queue < next) % led.len();
                if near.contains(&place) { near.end % led.len() } else { place }
            }
        };
        if self.select == Select::RoundRobin {
            let index = queues.partition_point(|queue| *queue < led[place]);
            self.next = (index + 1) % queues.len();
        }
        master(led[place])
    }

    /// The epoch in which the last attempt at a message was sent; none: it has ended, or waits for its first.
    pub(crate) fn epoch_of(&mut self, number: u32) -> Option<Epoch> {
        self.window.get_mut(number)?.sent_to.map(|(_, _, epoch)| epoch)
    }

    /// An answer to an attempt. An acceptance counts whichever attempt it is for; a refusal only for the present one.
    pub(crate) fn answer(
        &mut self,
        number: u32,
        attempt: u32,
        outcome: SendOutcome,
        client: &Client,
        streams: &mut Stream,
        turn: &mut Turn<'_>,
    ) {
        let Some(open) = self.window.get_mut(number) else { return };
        if outcome == SendOutcome::Accepted {
            self.window.close(number);
            turn.close();
            turn.note(Kind::Accepted { message: MessageId { producer: turn.me, number } });
            self.ended.push((number, true));
        } else if open.attempt == attempt {
            self.try_again(number, client, streams, turn);
        }
    }

    /// A broker's process has ended: what was sent to it and not answered is tried again.
    #[cold]
    pub(crate) fn closed(&mut self, broker: NodeId, client: &Client, streams: &mut Stream, turn: &mut Turn<'_>) {
        let numbers: Vec<u32> = self.window.numbers().collect();
        for number in numbers {
            let open = self.window.get_mut(number);
            if open.is_some_and(|open| !open.waits && open.sent_to.is_some_and(|(_, to, _)| to == broker)) {
                self.try_again(number, client, streams, turn);
            }
        }
    }

    /// The route has changed: what waited for one goes.
    #[cold]
    pub(crate) fn rerouted(&mut self, client: &Client, streams: &mut Stream, turn: &mut Turn<'_>) {
        for _ in 0..self.waiting.len() {
            let Some(number) = self.waiting.pop_front() else { break };
            let waits = self.window.get_mut(number).is_some_and(|open| open.waits);
            if waits && !self.dispatch(number, client, streams, turn) {
                self.waiting.push_back(number);
            }
        }
    }

    /// Attempts whose patience has ended are followed by others, or given up.
    pub(crate) fn deadlines(&mut self, client: &Client, streams: &mut Stream, turn: &mut Turn<'_>) {
        while let Some((number, attempt)) = self.window.expired(turn.now) {
            if self.window.get_mut(number).is_some_and(|open| open.attempt == attempt) {
                self.try_again(number, client, streams, turn);
            }
        }
    }

    #[cold]
    fn try_again(&mut self, number: u32, client: &Client, streams: &mut Stream, turn: &mut Turn<'_>) {
        let Some(open) = self.window.get_mut(number) else { return };
        if open.attempt > self.attempts.retries {
            let cause = open.cause;
            self.window.close(number);
            turn.close();
            let message = MessageId { producer: turn.me, number };
            turn.with_cause(cause, |turn| turn.note(Kind::Rejected { message }));
            self.ended.push((number, false));
        } else {
            open.attempt += 1;
            self.attempt(number, client, streams, turn);
        }
    }
}

#[cfg(test)]
mod tests;
