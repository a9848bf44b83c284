//! How a master replicates: each slave is sent steps in order, repeated until it confirms them; and answers wait until all
//! live slaves have it.
//!
//! One stream of steps goes to each slave: messages, what is known of failed ones, committed offsets, deletions. The
//! first two wait for `replication_delay` in one pipe for all slaves; the others leave at once, or every `offset_sync`.
//! Every step that enters the pipe bears a *stamp*, counted in each epoch: a slave that has confirmed a stamp has all up
//! to there. It knows slaves by what they confirm, and what a nameserver says of them.
//!
//! Simplification against Apache RocketMQ: there a slave copies bytes of one commit log, and asks for offsets every ten
//! seconds over another connection.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use typed_index_collections::{TiSlice, TiVec};

use super::store::PendingAnswer;
use super::{Broker, Queue};
use crate::kernel::{Span, Time, counted};
use crate::node::{Alarm, Timer, Turn};
use crate::plan::{Epoch, GroupId, GroupSlot, NodeId, Offset, QueueId, QueueSlot, ReplicaSlot, Replication, SetPlan};
use crate::protocol::{
    Copied, CopySerial, GroupProgress, Join, JoinId, Packet, Replicas, VolatileCopy, Welcome, WelcomeQueue,
};
use crate::record::Seq;
use crate::storage::{FailureChange, GroupState, LogEntry, MessageRef};

/// Messages that one step carries to a slave that catches up.
const BATCH: usize = 64;
/// Unconfirmed steps that are repeated at once.
const REPEATED: usize = 64;
/// A slave that has confirmed none of so many steps joins anew.
const WINDOW: usize = 4_096;

counted! {
    /// The number of a step among those that enter a master's pipe. A run has fewer events than there are numbers
    /// ([`crate::limit::EVENTS`]), and none copies twice.
    Stamp;
}

/// What a master knows of its slaves, and what it has sent them.
#[derive(Clone, Debug, Default)]
pub(super) struct Replicator {
    /// The replicas that live, as the nameserver said last.
    pub(super) alive: Replicas,
    slaves: Vec<Slave>,
    /// Steps that wait for `replication_delay`.
    pipe: VecDeque<Piped>,
    /// The stamp of what has entered the pipe last, and of what has left it.
    entered: Option<Stamp>,
    left: Option<Stamp>,
    /// Answers that wait until all live slaves have the step.
    unconfirmed: VecDeque<Unconfirmed>,
    /// Of each queue, the end of what every live slave has confirmed at some time: Kafka's high watermark, RocketMQ's confirm
    /// offset.
    high_watermarks: TiVec<QueueSlot, Offset>,
    /// Groups whose progress is to be told; with `offset_sync` above zero.
    untold: BTreeSet<(QueueSlot, GroupSlot)>,
    repeat: Alarm,
}

#[derive(Clone, Debug)]
struct Unconfirmed {
    stamp: Option<Stamp>,
    answer: PendingAnswer,
    cause: Option<Seq>,
}

#[derive(Clone, Debug)]
struct Slave {
    node: NodeId,
    slot: ReplicaSlot,
    /// Which of its requests to join was answered.
    join: JoinId,
    /// The last step that was sent.
    serial: Option<CopySerial>,
    /// Sent and not confirmed.
    window: VecDeque<Sent>,
    /// Whether it has caught up; from then on it has everything up to a stamp.
    is_in_sync: bool,
    has: Option<Stamp>,
    /// When the first of the window is sent again.
    deadline: Time,
}

#[derive(Clone, Debug)]
struct Sent {
    serial: CopySerial,
    /// Of the last step before it that had entered the pipe, or its own.
    stamp: Option<Stamp>,
    copy: Copied,
}

#[derive(Clone, Debug)]
struct Piped {
    leaves: Time,
    stamp: Stamp,
    copy: Copied,
}

impl Replicator {
    /// Begins to lead: from now on the set keeps what lies on this replica's logs.
    pub(super) fn new(alive: Replicas, queues: &TiSlice<QueueSlot, Queue>) -> Self {
        Self { alive, high_watermarks: queues.iter().map(|queue| queue.log.end()).collect(), ..Self::default() }
    }

    /// How much waits for slaves.
    pub(super) fn waiting(&self) -> usize {
        self.unconfirmed.len()
    }

    /// Every message that waits to be copied, or to be confirmed.
    pub(super) fn volatile_copies(&self, mut visit: impl FnMut(VolatileCopy)) {
        self.pipe.iter().for_each(|piped| piped.copy.volatile_copies(&mut visit));
        self.slaves.iter().for_each(|slave| slave.volatile_copies(&mut visit));
    }

    /// Whether it is time to repeat unconfirmed steps.
    pub(super) fn rings(&mut self, now: Time) -> bool {
        self.repeat.rings(now)
    }

    /// Whether nothing is left to be sent, or to be confirmed by a live slave.
    pub(super) fn is_drained(&self) -> bool {
        let slow = |slave: &Slave| self.alive.has(slave.slot) && !slave.window.is_empty();
        self.pipe.is_empty() && self.untold.is_empty() && !self.slaves.iter().any(slow)
    }

    /// Whether a slave has joined and has all that was sent.
    pub(super) fn is_in_sync(&self, node: NodeId) -> bool {
        self.slaves.iter().any(|slave| slave.node == node && slave.window.is_empty())
    }

    /// The end of what every live slave has confirmed of a queue at some time.
    pub(super) fn high_watermark(&self, slot: QueueSlot) -> Offset {
        self.high_watermarks[slot]
    }

    /// The least that any live slave of a set has: all up to a stamp, or nothing yet. None: no slave lives.
    fn least(&self, set: &SetPlan, me: NodeId) -> Option<Option<Stamp>> {
        let live = set.replicas.iter_enumerated().filter(|(slot, node)| **node != me && self.alive.has(*slot));
        live.map(|(slot, _)| self.slaves.iter().find(|slave| slave.slot == slot).and_then(|slave| slave.has)).min()
    }

    /// Sends a step to all slaves that have joined.
    fn send(&mut self, epoch: Epoch, stamp: Option<Stamp>, copy: &Copied, turn: &mut Turn<'_>) {
        for slave in &mut self.slaves {
            slave.send(epoch, stamp, copy.clone(), turn);
            self.repeat.set(slave.deadline, Timer::Repeat, turn);
        }
        // A slave that confirms nothing has to join anew, and is sent from the log what it lacks.
        self.part_from(|slave| slave.window.len() > WINDOW, turn);
    }

    /// Sends some slaves nothing any more: they have to join anew.
    fn part_from(&mut self, which: impl Fn(&Slave) -> bool, turn: &mut Turn<'_>) {
        self.slaves.retain(|slave| {
            let parts = which(slave);
            if parts {
                slave.volatile_copies(|copy| turn.release(copy));
            }
            !parts
        });
    }
}

impl Slave {
    fn volatile_copies(&self, mut visit: impl FnMut(VolatileCopy)) {
        self.window.iter().for_each(|sent| sent.copy.volatile_copies(&mut visit));
    }

    fn send(&mut self, epoch: Epoch, stamp: Option<Stamp>, copy: Copied, turn: &mut Turn<'_>) {
        let serial = CopySerial::advance(&mut self.serial);
        if self.window.is_empty() {
            self.deadline = turn.now + turn.plan.timers.call;
        }
        copy.volatile_copies(|copy| turn.hold(copy));
        self.window.push_back(Sent { serial, stamp, copy: copy.clone() });
        turn.send(self.node, Packet::Copy { epoch, join: self.join, serial, copy });
    }
}

impl Broker {
    // ---- what is to be copied --------------------------------------------------------------------------------------

    /// A message was stored; the stamp of its copy.
    pub(super) fn copy_entry(
        &mut self,
        queue: QueueId,
        offset: Offset,
        entry: LogEntry,
        turn: &mut Turn<'_>,
    ) -> Option<Stamp> {
        self.copy(Copied::Entry { queue, offset, entry }, turn)
    }

    /// Something has changed for a message that has failed.
    pub(super) fn copy_failure(
        &mut self,
        (slot, group): (QueueSlot, GroupId),
        message_ref: MessageRef,
        change: FailureChange,
        turn: &mut Turn<'_>,
    ) {
        let queue = self.disk.queues[slot].id;
        self.copy(Copied::Failure { queue, group, message_ref, change: Box::new(change) }, turn);
    }

    fn copy(&mut self, copy: Copied, turn: &mut Turn<'_>) -> Option<Stamp> {
        let (Some(epoch), replicator) = (self.memory.master, &mut self.memory.replicator) else { return None };
        let stamp = Stamp::advance(&mut replicator.entered);
        let delay = turn.plan.sets[self.set].replication_delay;
        if delay.is_zero() {
            replicator.left = Some(stamp);
            turn.keeping_cause(|turn| replicator.send(epoch, Some(stamp), &copy, turn));
        } else {
            // Steps leave in order: none overtakes an earlier one.
            let leaves = turn.now + delay.draw(&mut self.streams.replication_delay);
            let leaves = replicator.pipe.back().map_or(leaves, |last| last.leaves.max(leaves));
            copy.volatile_copies(|copy| turn.hold(copy));
            replicator.pipe.push_back(Piped { leaves, stamp, copy });
            turn.wake_at(leaves, Timer::Ship(stamp));
        }
        Some(stamp)
    }

    /// Sends the step that has waited for `replication_delay`.
    pub(super) fn ship(&mut self, stamp: Stamp, turn: &mut Turn<'_>) {
        let (Some(epoch), replicator) = (self.memory.master, &mut self.memory.replicator) else { return };
        if replicator.pipe.front().is_some_and(|piped| piped.stamp == stamp && piped.leaves <= turn.now) {
            let Some(piped) = replicator.pipe.pop_front() else { return };
            replicator.left = Some(stamp);
            replicator.send(epoch, Some(stamp), &piped.copy, turn);
            piped.copy.volatile_copies(|copy| turn.release(copy));
        }
    }

    /// A group has begun, or is further on: slaves are told now, or at the next turn of `offset_sync`.
    pub(super) fn replicate_offset(&mut self, slot: QueueSlot, group: GroupSlot, turn: &mut Turn<'_>) {
        if self.alone {
            return;
        }
        let every = turn.plan.timers.offset_sync;
        if every.is_zero() {
            turn.keeping_cause(|turn| self.send_offset(slot, group, turn));
        } else if self.memory.replicator.untold.insert((slot, group)) && self.memory.replicator.untold.len() == 1 {
            turn.without_cause(|turn| turn.wake_at(turn.now.next_whole(every), Timer::OffsetSync));
        }
    }

    pub(super) fn replicate_offsets(&mut self, turn: &mut Turn<'_>) {
        for (slot, group) in std::mem::take(&mut self.memory.replicator.untold) {
            self.send_offset(slot, group, turn);
        }
    }

    fn send_offset(&mut self, slot: QueueSlot, group: GroupSlot, turn: &mut Turn<'_>) {
        let queue = &self.disk.queues[slot];
        let GroupState { began, committed, .. } = queue.group_states[group];
        let of = turn.plan.topics[turn.plan.queues[queue.id].topic].groups[group];
        let start = queue.log.start();
        let progress = GroupProgress { queue: queue.id, group: of, began, committed, start };
        self.send_now(&Copied::Offset(Box::new(progress)), turn);
    }

    /// Messages were deleted by age.
    pub(super) fn replicate_deletion(&mut self, queue: QueueId, start: Offset, turn: &mut Turn<'_>) {
        turn.keeping_cause(|turn| self.send_now(&Copied::Deletion { queue, start }, turn));
    }

    fn send_now(&mut self, copy: &Copied, turn: &mut Turn<'_>) {
        if let Some(epoch) = self.memory.master {
            let stamp = self.memory.replicator.left;
            self.memory.replicator.send(epoch, stamp, copy, turn);
        }
    }

    // ---- what waits for slaves -------------------------------------------------------------------------------------

    /// Whether an answer waits for slaves at all.
    pub(super) fn waits_for_slaves(&self, turn: &Turn<'_>) -> bool {
        !self.alone && turn.plan.sets[self.set].replication == Replication::Sync
    }

    /// Answers as soon as every live slave has confirmed the step of this stamp.
    pub(super) fn answer_when_copied(&mut self, stamp: Option<Stamp>, answer: PendingAnswer, turn: &mut Turn<'_>) {
        self.memory.replicator.unconfirmed.push_back(Unconfirmed { stamp, answer, cause: turn.cause });
        self.answer_confirmed(turn);
    }

    /// The stamp of the last step.
    pub(super) const fn last_stamp(&self) -> Option<Stamp> {
        self.memory.replicator.entered
    }

    fn answer_confirmed(&mut self, turn: &mut Turn<'_>) {
        let set = &turn.plan.sets[self.set];
        let least = self.memory.replicator.least(set, turn.me);
        let is_everywhere = |stamp: Option<Stamp>| least.is_none_or(|least| stamp <= least);
        while self.memory.replicator.unconfirmed.front().is_some_and(|first| is_everywhere(first.stamp)) {
            let Some(Unconfirmed { answer, cause, .. }) = self.memory.replicator.unconfirmed.pop_front() else { break };
            if let Some((slot, offset)) = answer.stored() {
                let high_watermark = &mut self.memory.replicator.high_watermarks[slot];
                *high_watermark = (*high_watermark).max(offset + 1);
            }
            turn.with_cause(cause, |turn| self.answer_now(answer, turn));
        }
    }

    /// Learns from the nameserver which replicas live. It stops waiting for the others.
    pub(super) fn handle_live_replicas(&mut self, alive: Replicas, turn: &mut Turn<'_>) {
        self.memory.replicator.alive = alive;
        self.memory.replicator.part_from(|slave| !alive.has(slave.slot), turn);
        self.ask_missing_to_join(turn);
        self.answer_confirmed(turn);
    }

    /// Live slaves that have not joined may think that they have: they were thought dead, or have missed too much.
    pub(super) fn ask_missing_to_join(&self, turn: &mut Turn<'_>) {
        let Some(epoch) = self.memory.master else { return };
        let Replicator { alive, slaves, .. } = &self.memory.replicator;
        for (slot, replica) in turn.plan.sets[self.set].replicas.iter_enumerated() {
            if *replica != turn.me && alive.has(slot) && !slaves.iter().any(|slave| slave.slot == slot) {
                turn.send(*replica, Packet::JoinAnew { epoch });
            }
        }
    }

    // ---- slaves ----------------------------------------------------------------------------------------------------

    /// Lets a slave join: tells it what the logs and groups are like, and sends the entries that it lacks and that have left
    /// the pipe.
    pub(super) fn welcome(&mut self, node: NodeId, join: &Join, turn: &mut Turn<'_>) {
        let Some(replica) = turn.plan.sets[self.set].slot(node) else { return };
        let Some(epoch) = self.memory.master.filter(|epoch| *epoch == join.epoch) else { return };
        let mut queues = TiVec::new();
        let mut missing = Vec::new();
        for (slot, queue) in self.disk.queues.iter_enumerated() {
            let Some((end, epochs)) = join.logs.get(slot) else { return };
            let sent = self.sent_end(queue);
            let log = &queue.log;
            let common = log.epochs().common(log.end(), epochs, *end);
            let base = log.start().min(sent);
            queues.push(WelcomeQueue {
                queue: queue.id,
                common,
                start: log.start(),
                base,
                epochs: log.epochs().before(base),
                group_states: self.group_states_sent(slot, turn),
            });
            let all: Vec<LogEntry> = log.range(common.max(base), sent).map(|(_, entry)| entry).collect();
            let from = common.max(log.start());
            missing.extend(all.chunks(BATCH).enumerate().map(|(chunk, entries)| Copied::Entries {
                queue: queue.id,
                offset: from + (chunk * BATCH) as u64,
                entries: Arc::from(entries),
            }));
        }
        turn.send(node, Packet::Welcome(Box::new(Welcome { epoch, join: join.id, queues })));
        let replicator = &mut self.memory.replicator;
        replicator.part_from(|slave| slave.node == node, turn);
        let mut slave = Slave {
            node,
            slot: replica,
            join: join.id,
            serial: None,
            window: VecDeque::new(),
            is_in_sync: false,
            has: None,
            deadline: Time::NEVER,
        };
        for copy in missing.into_iter().chain([Copied::CaughtUp]) {
            slave.send(epoch, replicator.left, copy, turn);
        }
        replicator.repeat.set(slave.deadline, Timer::Repeat, turn);
        replicator.slaves.push(slave);
        replicator.slaves.sort_unstable_by_key(|slave| slave.slot);
    }

    /// The offset up to which entries of a queue have left the pipe: a slave that catches up gets no entry earlier than others.
    fn sent_end(&self, queue: &Queue) -> Offset {
        let first = self.memory.replicator.pipe.iter().find_map(|piped| match piped.copy {
            Copied::Entry { queue: of, offset, .. } if of == queue.id => Some(offset),
            _ => None,
        });
        first.unwrap_or_else(|| queue.log.end())
    }

    /// The states of the groups of a queue without the changes that have not left the pipe.
    fn group_states_sent(&self, slot: QueueSlot, turn: &Turn<'_>) -> TiVec<GroupSlot, GroupState> {
        let queue = &self.disk.queues[slot];
        let mut group_states = queue.group_states.clone();
        group_states.iter_mut().for_each(|group_state| group_state.retries.take_back());
        for Piped { copy, .. } in self.memory.replicator.pipe.iter().rev() {
            if let Copied::Failure { queue: of, group, message_ref, change } = copy
                && *of == queue.id
            {
                group_states[turn.plan.groups[*group].slot].undo(*message_ref, change);
            }
        }
        group_states
    }

    /// A slave has done all up to a step.
    pub(super) fn handle_copy_answer(
        &mut self,
        node: NodeId,
        (join, serial): (Option<JoinId>, Option<CopySerial>),
        turn: &mut Turn<'_>,
    ) {
        let call = turn.plan.timers.call;
        let mut slaves = self.memory.replicator.slaves.iter_mut();
        let Some(slave) = slaves.find(|slave| (slave.node, Some(slave.join)) == (node, join)) else { return };
        let mut done = false;
        while slave.window.front().is_some_and(|sent| Some(sent.serial) <= serial) {
            let Some(sent) = slave.window.pop_front() else { break };
            sent.copy.volatile_copies(|copy| turn.release(copy));
            slave.is_in_sync |= sent.copy == Copied::CaughtUp;
            if slave.is_in_sync {
                slave.has = sent.stamp;
            }
            done = true;
        }
        if done {
            slave.deadline = if slave.window.is_empty() { Time::NEVER } else { turn.now + call };
            self.memory.replicator.repeat.set(slave.deadline, Timer::Repeat, turn);
            self.answer_confirmed(turn);
        }
    }

    /// Sends the steps again that were not confirmed in time.
    #[cold]
    pub(super) fn repeat_copies(&mut self, turn: &mut Turn<'_>) {
        let (Some(epoch), replicator) = (self.memory.master, &mut self.memory.replicator) else { return };
        let mut next = Time::NEVER;
        for slave in &mut replicator.slaves {
            if slave.deadline <= turn.now {
                slave.deadline = turn.now + turn.plan.timers.call.max(Span(1));
                for Sent { serial, copy, .. } in slave.window.iter().take(REPEATED) {
                    let copy = Packet::Copy { epoch, join: slave.join, serial: *serial, copy: copy.clone() };
                    turn.without_cause(|turn| turn.send(slave.node, copy));
                }
            }
            next = next.min(slave.deadline);
        }
        replicator.repeat.set(next, Timer::Repeat, turn);
    }
}
