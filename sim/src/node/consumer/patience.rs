//! A consumer's patience: it repeats requests that were not answered in time; and how it leaves the group.

use std::collections::BTreeSet;

use super::process_queue::QueueState;
use super::{Consumer, ConsumerMemory};
use crate::kernel::Time;
use crate::node::Turn;
use crate::node::sender::Sender;
use crate::plan::{NodeId, QueueId};
use crate::protocol::{Packet, Term};

impl Consumer {
    /// Patience for something has ended, perhaps for something that was answered meanwhile.
    #[cold]
    pub(super) fn deadlines(&mut self, turn: &mut Turn<'_>) {
        let mut due = BTreeSet::new();
        for expected in &mut self.memory.expected {
            while let Some((_, queue)) = expected.front().copied().filter(|(deadline, _)| *deadline <= turn.now) {
                expected.pop_front();
                due.insert(queue);
            }
        }
        for queue in due.into_iter().rev() {
            self.patience_ends(queue, turn);
        }
        if let ConsumerMemory { client, sender: Some(sender), .. } = &mut self.memory {
            sender.deadlines(client, &mut self.streams.select, turn);
            self.published(turn);
        }
        if self.memory.goodbye.is_some_and(|deadline| deadline <= turn.now) {
            self.say_goodbye(turn);
        }
        let calls = self.next_deadline();
        let sends = self.memory.sender.as_mut().and_then(Sender::next_deadline);
        let next = calls.chain(sends).chain(self.memory.goodbye).min();
        turn.deadline = turn.deadline.min(next.unwrap_or(Time::NEVER));
    }

    /// Patience for something about a queue has ended, perhaps for something that was answered meanwhile.
    fn patience_ends(&mut self, queue: QueueId, turn: &mut Turn<'_>) {
        let Ok(index) = self.place(queue) else { return };
        let process_queue = &mut self.memory.process_queues[index];
        if process_queue.state == QueueState::Asking && process_queue.deadline <= turn.now {
            let set = turn.plan.queues[queue].set;
            let master =
                self.memory.client.master(self.topic, set).unwrap_or((process_queue.broker, process_queue.lease.epoch));
            let term = Term::advance(&mut self.memory.terms);
            process_queue.ask_again(master, term, turn);
        }
        process_queue.repeat(turn);
        if process_queue.state != QueueState::Open {
            self.advance(index, turn);
        }
    }

    /// When patience for anything about a queue ends next, of calls and of pulls. What was answered is passed over.
    fn next_deadline(&mut self) -> impl Iterator<Item = Time> + use<> {
        [0, 1]
            .map(|kind| {
                while let Some((deadline, queue)) = self.memory.expected[kind].front().copied() {
                    let index = self.place(queue);
                    if index.is_ok_and(|index| self.memory.process_queues[index].expects_at(deadline)) {
                        return Some(deadline);
                    }
                    self.memory.expected[kind].pop_front();
                }
                None
            })
            .into_iter()
            .flatten()
    }

    /// A process has ended: its connections are closed.
    #[cold]
    pub(super) fn hang_up(&mut self, node: NodeId, turn: &mut Turn<'_>) {
        if self.settings.calls == Some(node) {
            self.calls_closed(turn);
            return;
        }
        self.memory.client.find_gone(node, None, turn.plan);
        for process_queue in self.memory.process_queues.iter_mut() {
            if process_queue.broker == node {
                process_queue.hang_up(turn);
            }
        }
        if let ConsumerMemory { client, sender: Some(sender), .. } = &mut self.memory {
            sender.closed(node, client, &mut self.streams.select, turn);
            self.published(turn);
        }
    }

    /// A consumer that leaves says goodbye once nothing is left in its hands.
    #[cold]
    pub(super) fn leave_if_done(&mut self, turn: &mut Turn<'_>) {
        let memory = &self.memory;
        if memory.leaving && memory.process_queues.is_empty() && memory.threads.busy() == 0 && memory.goodbye.is_none()
        {
            self.say_goodbye(turn);
        }
    }

    fn say_goodbye(&mut self, turn: &mut Turn<'_>) {
        self.memory.goodbye = Some(turn.expect_within(turn.plan.timers.call));
        for nameserver in self.memory.client.nameservers() {
            turn.send(*nameserver, Packet::Goodbye);
        }
    }
}
