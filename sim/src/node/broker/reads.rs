//! How a broker serves the groups that read: it grants a queue, holds a pull open or answers it, commits, keeps retries
//! and dead letters, and deletes what every group is done with.
//!
//! With `queue_lock`, a reader slot has one owner at a time, until it lets go, says goodbye or is dead to the nameserver. A
//! consumer that no longer holds its lease is refused, whatever it asks.

use super::Broker;

use super::store::PendingAnswer;
use crate::kernel::Time;
use crate::node::{Alarm, Timer, Turn};
use crate::plan::{Ack, Beginning, GroupId, GroupPlan, GroupSlot, Life, NodeId, Offset, Plan, QueueSlot, Retention};
use crate::protocol::{Delivery, EndedLives, Outcome, Packet, Pull, ReadLease};
use crate::record::Kind;
use crate::storage::{FailureChange, FailureId, MessageRef, PullId, ReportId, Retry};

/// Where one group reads one queue.
#[derive(Clone, Debug, Default)]
pub(super) struct ReaderState {
    owner: Option<Owner>,
    /// Pulls held open; without the lock there may be several.
    parked: Vec<ParkedPull>,
    /// Rings when the first of them has been held for `long_poll`.
    hold: Alarm,
}

/// The consumer that has the lock.
#[derive(Clone, Copy, Debug)]
struct Owner {
    consumer: NodeId,
    /// In which of its lives.
    life: Life,
    /// When it asked for it.
    since: Time,
}

/// The groups that hold up the deletion of a queue's messages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slowest {
    /// The offset that they have committed.
    at: Offset,
    /// How many they are.
    groups: u32,
}

/// A pull held open.
#[derive(Clone, Copy, Debug)]
struct ParkedPull {
    consumer: NodeId,
    lease: ReadLease,
    offset: Offset,
    batch: u32,
    id: PullId,
    since: Time,
    until: Time,
}

/// A pull that a broker holds open, as it can be seen from outside.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OpenPull {
    /// The consumer that has sent it.
    pub consumer: NodeId,
    /// Since when it is held.
    pub since: Time,
    /// Until when at most.
    pub until: Time,
}

impl ReaderState {
    pub(super) fn open_pulls(&self) -> impl Iterator<Item = OpenPull> + '_ {
        self.parked.iter().map(|held| OpenPull { consumer: held.consumer, since: held.since, until: held.until })
    }

    /// The answers to parked pulls when the broker stops serving: refusals.
    pub(super) fn refusals(&self) -> impl Iterator<Item = (NodeId, Packet)> + '_ {
        self.parked.iter().map(|ParkedPull { consumer, lease, id, .. }| {
            (*consumer, Packet::PullAnswer { lease: *lease, pull: *id, next: None, batch: Vec::new() })
        })
    }

    pub(super) fn owner(&self) -> Option<NodeId> {
        self.owner.map(|owner| owner.consumer)
    }
}

impl Broker {
    // ---- leases --------------------------------------------------------------------------------------------------

    /// Whether a lease is valid: the broker is master in its epoch, and the lock, where there is one, is the consumer's.
    fn is_valid(&self, consumer: NodeId, lease: &ReadLease, turn: &Turn<'_>) -> bool {
        let (queue, group) = Self::slots(turn.plan, lease.queue, lease.group);
        self.memory.master == Some(lease.epoch)
            && (!turn.plan.groups[lease.group].queue_lock
                || self.memory.reader_states[queue][group].owner() == Some(consumer))
    }

    /// Grants a queue to a consumer, unless another one has it. A group's first request records where it begins to read
    /// (`GroupState::began`).
    #[cold]
    pub(super) fn lock(&mut self, consumer: NodeId, lease: ReadLease, sent_at: Time, turn: &mut Turn<'_>) {
        let (queue, group) = Self::slots(turn.plan, lease.queue, lease.group);
        let settings = &turn.plan.groups[lease.group];
        // The consumer has left or died since it asked: nobody would ever release the lock.
        let departed = self.memory.departed.get(&consumer);
        let gone = departed.is_some_and(|lives| lives.cover(lease.life, sent_at));
        let free = self.memory.master == Some(lease.epoch)
            && !gone
            && (!settings.queue_lock
                || self.memory.reader_states[queue][group].owner().is_none_or(|owner| owner == consumer));
        if !free {
            turn.send(consumer, Packet::LockAnswer { lease, granted: None });
            return;
        }
        let reader_state = &mut self.memory.reader_states[queue][group];
        let owner = Owner { consumer, life: lease.life, since: sent_at };
        reader_state.owner = settings.queue_lock.then_some(owner);
        reader_state.parked.retain(|held| held.consumer != consumer);
        let store = &mut self.disk.queues[queue];
        let group_state = &mut store.group_states[group];
        if settings.queue_lock {
            group_state.retries.take_back();
        } else {
            group_state.retries.take_back_from(consumer);
        }
        if group_state.began.is_none() {
            let offset = match settings.from {
                Beginning::First => store.log.start(),
                Beginning::Last => store.log.end(),
            };
            group_state.began = Some(offset);
            group_state.committed = offset;
            self.memory.slowest[queue] = None;
            turn.note(Kind::Begun { group: lease.group, queue: lease.queue, offset });
            self.replicate_offset(queue, group, turn);
        }
        let granted = Some(self.disk.queues[queue].group_states[group].committed);
        turn.send(consumer, Packet::LockAnswer { lease, granted });
    }

    /// A consumer lets go of a queue. Harmless when it has not got it.
    #[cold]
    pub(super) fn unlock(&mut self, consumer: NodeId, lease: ReadLease, turn: &mut Turn<'_>) {
        let (queue, group) = Self::slots(turn.plan, lease.queue, lease.group);
        if let Some(reader_state) =
            self.memory.reader_states.get_mut(queue).map(|reader_states| &mut reader_states[group])
        {
            if reader_state.owner() == Some(consumer) {
                reader_state.owner = None;
            }
            reader_state.parked.retain(|held| held.consumer != consumer);
            self.disk.queues[queue].group_states[group].retries.take_back_from(consumer);
        }
        turn.send(consumer, Packet::UnlockAnswer(lease));
    }

    /// Frees the locks and drops the pulls of a consumer's lives that have ended.
    #[cold]
    pub(super) fn free_locks(&mut self, plan: &Plan, consumer: NodeId, lives: EndedLives) {
        let Some(settings) = plan.consumer(consumer) else { return };
        let GroupPlan { topic, slot, .. } = plan.groups[settings.group];
        for (reader_states, queue) in self.memory.reader_states.iter_mut().zip(&mut self.disk.queues) {
            if plan.queues[queue.id].topic != topic {
                continue;
            }
            let (reader_state, group_state) = (&mut reader_states[slot], &mut queue.group_states[slot]);
            let meant = |owner: Owner| owner.consumer == consumer && lives.cover(owner.life, owner.since);
            if reader_state.owner.is_some_and(meant) {
                reader_state.owner = None;
            }
            if reader_state.owner() != Some(consumer) {
                let stays = |held: &ParkedPull| held.consumer != consumer || !lives.cover(held.lease.life, held.since);
                reader_state.parked.retain(stays);
                group_state.retries.take_back_from(consumer);
            }
        }
    }

    // ---- pulls ---------------------------------------------------------------------------------------------------

    /// Answers a pull, or holds it until there is something to answer.
    pub(super) fn pull(
        &mut self,
        consumer: NodeId,
        lease: ReadLease,
        Pull { offset, batch, id, received }: Pull,
        turn: &mut Turn<'_>,
    ) {
        if !self.is_valid(consumer, &lease, turn) {
            turn.send(consumer, Packet::PullAnswer { lease, pull: id, next: None, batch: Vec::new() });
            return;
        }
        let until = turn.now + turn.plan.timers.long_poll;
        let held = ParkedPull { consumer, lease, offset, batch, id, since: turn.now, until };
        let (queue, group) = Self::slots(turn.plan, lease.queue, lease.group);
        self.disk.queues[queue].group_states[group].retries.take_back_missed(consumer, received);
        // The consumer has given up earlier pulls of this lease: messages in an answer to them would seem received.
        self.memory.reader_states[queue][group]
            .parked
            .retain(|earlier| earlier.consumer != consumer || earlier.lease != lease);
        if !self.answer(&held, turn) {
            let reader_state = &mut self.memory.reader_states[queue][group];
            reader_state.parked.push(held);
            turn.note(Kind::Held { group: lease.group, queue: lease.queue });
            reader_state.hold.set(until, Timer::Hold { queue, group }, turn);
        }
    }

    /// Answers a pull with the retries that are due, then with messages of the log. False if there are none.
    fn answer(&mut self, pull: &ParkedPull, turn: &mut Turn<'_>) -> bool {
        let ParkedPull { consumer, lease, id, .. } = *pull;
        let (slot, group) = Self::slots(turn.plan, lease.queue, lease.group);
        let end = self.visible_end(slot, turn);
        let from = self.reads_from(pull, slot, group, turn.plan);
        let queue = &mut self.disk.queues[slot];
        let group_state = &mut queue.group_states[group];
        if from >= end && !group_state.retries.is_due(turn.now) {
            return false;
        }
        let mut batch = turn.out.batch();
        while batch.len() < pull.batch as usize
            && let Some((MessageRef { offset, message }, retry)) = group_state.retries.hand_out(turn.now, consumer, id)
        {
            batch.push(Delivery { message, offset, failures: retry.failures, retry: Some(retry.id) });
            turn.note(Kind::Delivered { group: lease.group, queue: lease.queue, from: offset, to: offset + 1 });
        }
        let room = u64::from(pull.batch) - batch.len() as u64;
        let to = end.min(from + room).max(from);
        batch.extend(queue.log.range(from, to).map(|(offset, entry)| Delivery {
            message: entry.message,
            offset,
            failures: 0,
            retry: None,
        }));
        if to > from {
            turn.note(Kind::Delivered { group: lease.group, queue: lease.queue, from, to });
        }
        turn.send(consumer, Packet::PullAnswer { lease, pull: id, next: Some(to), batch });
        true
    }

    /// The offset at which a pull reads on. It skips messages deleted by age, and messages committed on receipt: where
    /// queues are not locked, another consumer of the group may have got it meanwhile, and has it alone.
    fn reads_from(&self, pull: &ParkedPull, queue: QueueSlot, group: GroupSlot, plan: &Plan) -> Offset {
        let queue = &self.disk.queues[queue];
        let first = pull.offset.max(queue.log.start());
        match plan.groups[pull.lease.group].ack {
            Ack::Before => first.max(queue.group_states[group].committed),
            Ack::After => first,
        }
    }

    /// Something has come to a queue: pulls held there are answered.
    pub(super) fn wake_readers(&mut self, queue: QueueSlot, turn: &mut Turn<'_>) {
        for group in self.memory.reader_states[queue].keys() {
            self.wake_reader(queue, group, turn);
        }
    }

    fn wake_reader(&mut self, queue: QueueSlot, group: GroupSlot, turn: &mut Turn<'_>) {
        while let Some(held) = self.memory.reader_states[queue][group].parked.first().copied() {
            let answered = turn.keeping_cause(|turn| {
                // The record of waking comes first, so it must be sure that there is something to hand out.
                self.has_something(&held, queue, group, turn) && {
                    turn.note(Kind::Woken { group: held.lease.group, queue: held.lease.queue });
                    self.answer(&held, turn)
                }
            });
            if !answered {
                break;
            }
            self.memory.reader_states[queue][group].parked.remove(0);
        }
    }

    fn has_something(&self, held: &ParkedPull, queue: QueueSlot, group: GroupSlot, turn: &Turn<'_>) -> bool {
        self.reads_from(held, queue, group, turn.plan) < self.visible_end(queue, turn)
            || self.disk.queues[queue].group_states[group].retries.is_due(turn.now)
    }

    /// Answers, with nothing, the pulls at a queue for a group, both by slot, that were held long enough.
    #[cold]
    pub(super) fn end_holds(&mut self, queue: QueueSlot, group: GroupSlot, turn: &mut Turn<'_>) {
        let start = self.disk.queues[queue].log.start();
        let Some(reader_state) =
            self.memory.reader_states.get_mut(queue).and_then(|reader_states| reader_states.get_mut(group))
        else {
            return;
        };
        if !reader_state.hold.rings(turn.now) {
            return;
        }
        reader_state.parked.retain(|held| {
            if held.until > turn.now {
                return true;
            }
            let ParkedPull { consumer, lease, offset, id, .. } = *held;
            let empty = Packet::PullAnswer { lease, pull: id, next: Some(offset.max(start)), batch: Vec::new() };
            turn.without_cause(|turn| turn.send(consumer, empty));
            false
        });
        if let Some(next) = reader_state.parked.iter().map(|held| held.until).min() {
            reader_state.hold.set(next, Timer::Hold { queue, group }, turn);
        }
    }

    // ---- commits and deletion ------------------------------------------------------------------------------------

    /// Moves the committed offset forward. Harmless when it is no news.
    pub(super) fn commit(&mut self, consumer: NodeId, lease: ReadLease, offset: Offset, turn: &mut Turn<'_>) {
        let held = self.is_valid(consumer, &lease, turn);
        if held {
            let (slot, group) = Self::slots(turn.plan, lease.queue, lease.group);
            let queue = &mut self.disk.queues[slot];
            let end = queue.log.end();
            let group_state = &mut queue.group_states[group];
            if offset.min(end) > group_state.committed {
                let before = std::mem::replace(&mut group_state.committed, offset.min(end));
                let offset = group_state.committed;
                turn.note(Kind::Committed { group: lease.group, queue: lease.queue, offset });
                turn.pass(lease.group, lease.queue, (before, offset));
                self.delete_consumed(slot, (before, offset), turn);
                self.replicate_offset(slot, group, turn);
            }
        }
        turn.send(consumer, Packet::CommitAnswer { lease, offset, held });
    }

    /// Deletes what every group of the topic is done with, after one has committed from one offset to another. A group that
    /// begins at the end counts once it has begun.
    fn delete_consumed(&mut self, slot: QueueSlot, (from, to): (Offset, Offset), turn: &mut Turn<'_>) {
        let queue = &mut self.disk.queues[slot];
        // A group ahead of the slowest has not held up deletion; nor has one of several slowest groups.
        let slowest = &mut self.memory.slowest[slot];
        if let Some(Slowest { at, groups }) = slowest {
            if from > *at {
                return;
            }
            *groups -= u32::from(to > *at);
            if *groups > 0 {
                return;
            }
        }
        let topic = &turn.plan.topics[turn.plan.queues[queue.id].topic];
        if topic.retention != Retention::Consumed {
            return;
        }
        let counts =
            |group: GroupId, began: Option<Offset>| began.is_some() || turn.plan.groups[group].from == Beginning::First;
        let counting = || {
            let group_states = queue.group_states.iter().zip(&topic.groups);
            group_states
                .filter(|(group_state, group)| counts(**group, group_state.began))
                .map(|(group_state, _)| group_state.committed)
        };
        let done = counting().min();
        *slowest =
            done.map(|at| Slowest { at, groups: counting().filter(|committed| *committed == at).count() as u32 });
        if let Some(offset) = done.map(|offset| offset.min(queue.log.end()))
            && offset > queue.log.start()
        {
            if queue.group_states.iter().any(|group_state| group_state.began.is_none()) {
                queue.note_deletion(offset, turn);
            }
            queue.log.delete_before(offset);
            let queue = queue.id;
            turn.keeping_cause(|turn| turn.note(Kind::Deleted { queue, offset }));
        }
    }

    /// Settles one message that the committed offset cannot tell of. Harmless when it arrives twice. What was committed
    /// on receipt only its consumer has, so that its word counts even when its lease does not hold any more.
    #[cold]
    pub(super) fn handle_outcome(
        &mut self,
        consumer: NodeId,
        lease: ReadLease,
        (message_ref, outcome, report): (MessageRef, Outcome, ReportId),
        turn: &mut Turn<'_>,
    ) {
        let only_one = turn.plan.groups[lease.group].ack == Ack::Before && self.memory.master.is_some();
        let held = only_one || self.is_valid(consumer, &lease, turn);
        if held {
            let (slot, group) = Self::slots(turn.plan, lease.queue, lease.group);
            let retries = &mut self.disk.queues[slot].group_states[group].retries;
            let failure = FailureId { consumer, report };
            let mut change = FailureChange::default();
            match outcome {
                Outcome::Done(of) => change.ended = retries.finish(message_ref, of),
                Outcome::Retry { of, .. } | Outcome::DeadLetter { of }
                    if retries.record_failure(message_ref, failure) =>
                {
                    change.heard = Some(failure);
                    change.ended = of.and_then(|of| retries.finish(message_ref, of));
                    if let Outcome::Retry { failures, .. } = outcome {
                        change.begun = self.put_back((slot, group), message_ref, (failure, failures), turn);
                    } else {
                        self.bury((slot, group), message_ref, turn);
                        change.died = true;
                    }
                }
                Outcome::Retry { .. } | Outcome::DeadLetter { .. } => {}
            }
            if !self.alone && !change.is_nothing() {
                self.copy_failure((slot, lease.group), message_ref, change, turn);
            }
        }
        let answer = PendingAnswer::Outcome { to: consumer, lease, message_ref, report, held };
        if held {
            self.answer_when_safe(self.last_stamp(), answer, turn);
        } else {
            self.answer_now(answer, turn);
        }
    }

    /// Puts a message that has failed so often into the retry queue of a group.
    fn put_back(
        &mut self,
        (slot, group): (QueueSlot, GroupSlot),
        message_ref: MessageRef,
        (id, failures): (FailureId, u32),
        turn: &mut Turn<'_>,
    ) -> Option<Retry> {
        let queue = &mut self.disk.queues[slot];
        let of = turn.plan.topics[turn.plan.queues[queue.id].topic].groups[group];
        let delay = turn.plan.groups[of].retry_delay.of(failures);
        let due = turn.now + delay.draw(self.streams.retry_delays.get_mut(&of)?);
        let retry = queue.group_states[group].retries.put(message_ref, id, failures, due);
        turn.keeping_cause(|turn| {
            turn.note(Kind::Retried { group: of, message: message_ref.message });
            turn.wake_at(due, Timer::RetryDue { queue: slot, group });
        });
        Some(retry)
    }

    /// Puts a message into the dead-letter queue of a group.
    fn bury(&mut self, (slot, group): (QueueSlot, GroupSlot), message_ref: MessageRef, turn: &mut Turn<'_>) {
        let queue = &mut self.disk.queues[slot];
        queue.group_states[group].dead.at(message_ref);
        let group = turn.plan.topics[turn.plan.queues[queue.id].topic].groups[group];
        turn.note(Kind::DeadLettered { group, message: message_ref.message });
    }

    /// A retry is due: a pull that is parked at the queue gets it.
    #[cold]
    pub(super) fn retry_due(&mut self, queue: QueueSlot, group: GroupSlot, turn: &mut Turn<'_>) {
        if self.memory.master.is_some() {
            self.wake_reader(queue, group, turn);
        }
    }

    /// A new life of the broker: its timers for retries are gone with the old one.
    pub(super) fn set_retry_timers(&mut self, turn: &mut Turn<'_>) {
        for (slot, queue) in self.disk.queues.iter_enumerated() {
            for (group, group_state) in queue.group_states.iter_enumerated() {
                for (_, due) in group_state.retries.iter() {
                    let timer = Timer::RetryDue { queue: slot, group };
                    turn.wake_at(due.max(turn.now), timer);
                }
            }
        }
    }
}
