//! How a slave replicates: it joins its master, truncates its logs to the prefix that both have in common, and applies the
//! master's steps in order. It serves no client, and deletes only what its master has deleted.
//!
//! It believes what a nameserver says of who is master. A replica that finds a higher epoch than its own leads no more.

use super::master::Replicator;
use super::reads::ReaderState;
use super::store::PendingAnswer;
use super::{Broker, BrokerMemory};
use crate::node::{CopyRole, DroppedCopy, Timer, Turn};
use crate::plan::{Epoch, Flush, NodeId, Offset, QueueId, QueueSlot};
use crate::protocol::{
    Copied, CopySerial, GroupProgress, Join, JoinId, Packet, ReplicaProgress, RoleChange, SendOutcome, VolatileCopy,
    Welcome, WelcomeQueue,
};
use crate::record::Kind;
use crate::storage::{GroupState, LogEntry};

/// Whom a slave follows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Following {
    pub(super) epoch: Epoch,
    master: NodeId,
    /// Its last request to join.
    last_request: Option<JoinId>,
    /// Its last request to an earlier master, or in an earlier life: answers up to this one are void.
    void: Option<JoinId>,
    /// The request that was answered. Once there is one, its log is a prefix of its master's.
    answered: Option<JoinId>,
    /// Whether it has asked since, and waits for a welcome.
    is_waiting: bool,
    /// The last step that it has done.
    done: Option<CopySerial>,
}

impl Following {
    /// Whom it follows.
    pub(super) const fn master(self) -> NodeId {
        self.master
    }

    /// Whether the master has let it join.
    pub(super) const fn has_joined(self) -> bool {
        self.answered.is_some() && !self.is_waiting
    }
}

impl Broker {
    /// How much it has.
    pub(super) fn progress(&self) -> ReplicaProgress {
        ReplicaProgress {
            last_entry_epoch: self.disk.queues.iter().map(|queue| queue.log.epochs().last()).max().flatten(),
            ends: self.disk.queues.iter().map(|queue| queue.log.end().0).sum(),
            last_led_epoch: self.disk.led,
        }
    }

    /// Learns from the nameserver who leads the set.
    #[cold]
    pub(super) fn handle_role(&mut self, role: RoleChange, turn: &mut Turn<'_>) {
        let RoleChange { epoch, master, alive } = role;
        if master == turn.me {
            // In the same epoch the role tells which replicas live, or is repeated.
            if Some(epoch) > self.disk.epoch {
                self.become_master(epoch, alive, turn);
            } else if self.memory.master == Some(epoch) {
                self.handle_live_replicas(alive, turn);
            }
        } else if Some(epoch) > self.disk.epoch || (Some(epoch) == self.disk.epoch && self.memory.following.is_none()) {
            self.follow(epoch, master, turn);
        }
    }

    fn follow(&mut self, epoch: Epoch, master: NodeId, turn: &mut Turn<'_>) {
        self.step_down(turn);
        self.disk.epoch = Some(epoch);
        let void = self.joins;
        self.memory.following =
            Some(Following { epoch, master, last_request: void, void, answered: None, is_waiting: false, done: None });
        self.join(turn);
        self.report(turn);
    }

    /// Stops leading, if it did, and refuses all that wait for it.
    pub(super) fn step_down(&mut self, turn: &mut Turn<'_>) {
        self.memory.following = None;
        if self.memory.master.take().is_none() {
            return;
        }
        let reader_states = std::mem::take(&mut self.memory.reader_states);
        for (consumer, refusal) in reader_states.iter().flatten().flat_map(ReaderState::refusals) {
            turn.keeping_cause(|turn| turn.send(consumer, refusal));
        }
        let BrokerMemory { storing, replicator, .. } = &mut self.memory;
        for (from, message, attempt) in storing.give_up() {
            turn.release(VolatileCopy::Log(message));
            let answer = Packet::SendAnswer { message, attempt, outcome: SendOutcome::NotMaster };
            turn.keeping_cause(|turn| turn.send(from, answer));
        }
        replicator.volatile_copies(|copy| turn.release(copy));
        *replicator = Replicator::default();
        // A change of role flushes the disk: nobody would complete a flush that was under way.
        self.flush_all();
    }

    // ---- joining ---------------------------------------------------------------------------------------------------

    /// Asks the master to let it join, until it does.
    pub(super) fn join(&mut self, turn: &mut Turn<'_>) {
        let Some(following) = &mut self.memory.following else { return };
        let id = JoinId::advance(&mut self.joins);
        following.is_waiting = true;
        following.last_request = Some(id);
        let Following { epoch, master, .. } = *following;
        let logs = self.disk.queues.iter().map(|queue| (queue.log.end(), queue.log.epochs().clone())).collect();
        turn.send(master, Packet::Join(Box::new(Join { epoch, id, logs })));
        turn.wake(turn.plan.timers.call, Timer::Join(id));
    }

    /// Asks again, unless a later request was made, or the master has answered.
    pub(super) fn join_again(&mut self, id: JoinId, turn: &mut Turn<'_>) {
        if self.memory.following.is_some_and(|following| following.last_request == Some(id) && following.is_waiting) {
            turn.without_cause(|turn| self.join(turn));
        }
    }

    /// Has missed too much.
    pub(super) fn join_anew(&mut self, from: NodeId, epoch: Epoch, turn: &mut Turn<'_>) {
        if self.memory.following.is_some_and(|it| (it.master, it.epoch) == (from, epoch) && !it.is_waiting) {
            self.join(turn);
        }
    }

    /// The master lets it join: it truncates its logs to the common prefix, and takes over the master's group states.
    pub(super) fn on_welcome(&mut self, from: NodeId, welcome: Welcome, turn: &mut Turn<'_>) {
        let Some(following) = &mut self.memory.following else { return };
        let answered = following.answered.max(following.void);
        if (following.master, following.epoch) != (from, welcome.epoch) || Some(welcome.join) <= answered {
            return;
        }
        let first = following.answered.is_none();
        (following.answered, following.is_waiting, following.done) = (Some(welcome.join), false, None);
        for (slot, mut queue) in welcome.queues.into_iter_enumerated() {
            if !first {
                // The entries copied since its request came from this master, too.
                queue.common = self.disk.queues[slot].log.end();
            }
            self.adopt(slot, queue, turn);
        }
    }

    fn adopt(&mut self, slot: QueueSlot, welcome: WelcomeQueue, turn: &mut Turn<'_>) {
        let WelcomeQueue { common, start, base, epochs, group_states, .. } = welcome;
        let queue = &mut self.disk.queues[slot];
        let (id, end) = (queue.id, queue.log.end());
        let topic = &turn.plan.topics[turn.plan.queues[id].topic];
        let mut cause = turn.cause;
        // It deletes what its master has deleted, even if it kept it while it was a master itself.
        let mut dropped: Vec<(Offset, LogEntry)> = queue.log.range(Offset::ZERO, start.min(common)).collect();
        if common < end {
            dropped.extend(queue.log.range(common, end));
            queue.log.truncate(common);
            cause = Some(turn.keeping_cause(|turn| turn.note(Kind::Truncated { queue: id, from: common, to: end })));
        }
        for ((group_state, new), group) in queue.group_states.iter_mut().zip(group_states).zip(&topic.groups) {
            let old = std::mem::replace(group_state, new);
            turn.pass(*group, id, (old.committed, group_state.committed));
            // A group that had begun to read on one of the two replicas has begun.
            let known = if old.began.is_some() { &old } else { &*group_state };
            let began = known.beginning(turn.plan.groups[*group].from);
            let drop = |role, offset, message| DroppedCopy { group: *group, queue: id, offset, role, message, cause };
            let read =
                dropped.iter().map(|(offset, entry)| drop(CopyRole::on_log(*offset, began), *offset, entry.message));
            let failed =
                old.failed().map(|message_ref| drop(CopyRole::Failed, message_ref.offset, message_ref.message));
            turn.out.dropped.extend(read.chain(failed));
        }
        queue.master_start = Offset::ZERO;
        queue.log.flush();
        if queue.log.end() < base {
            queue.log.begin_at(base, epochs);
            turn.keeping_cause(|turn| turn.note(Kind::Deleted { queue: id, offset: base }));
        }
        queue.follow_deletion(start, turn);
    }

    // ---- step by step ----------------------------------------------------------------------------------------------

    /// Does a step, if it is the next one; says how far it is.
    pub(super) fn copy_step(
        &mut self,
        from: NodeId,
        (epoch, join, serial): (Epoch, JoinId, CopySerial),
        copy: Copied,
        turn: &mut Turn<'_>,
    ) {
        let Some(following) = self.memory.following.filter(|it| (it.master, it.epoch) == (from, epoch)) else {
            // A former master learns in this way that it leads no more.
            if let Some(later) = self.disk.epoch.filter(|mine| epoch < *mine) {
                turn.send(from, Packet::CopyAnswer { epoch: later, join: None, serial: None });
            }
            return;
        };
        if Some(join) != following.answered {
            // The answer to a later request was lost on its way.
            if Some(join) > following.answered && !following.is_waiting {
                self.join(turn);
            }
            return;
        }
        let is_next = serial == CopySerial::after(following.done);
        let full = matches!(copy, Copied::Entry { .. } | Copied::Entries { .. }) && self.is_full();
        if is_next && full {
            self.settings.disk_full.has_refused = true;
        } else if is_next {
            self.memory.following = Some(Following { done: Some(serial), ..following });
            let stores = self.apply(copy, turn);
            if let Some(slot) = stores {
                self.bring_to_disk(slot, PendingAnswer::Copy { to: from, epoch, join, serial }, turn);
            }
        }
        if self.memory.storing.is_flushed() {
            self.answer_copies(from, epoch, turn);
        }
    }

    /// Says how far it is with all that is on disk, as the policy wants it.
    pub(super) fn answer_copies(&self, to: NodeId, epoch: Epoch, turn: &mut Turn<'_>) {
        if let Some(Following { answered: join, done: serial, .. }) = self.memory.following {
            turn.send(to, Packet::CopyAnswer { epoch, join, serial });
        }
    }

    /// Applies a step; returns the slot of the queue to which it has appended.
    fn apply(&mut self, copy: Copied, turn: &mut Turn<'_>) -> Option<QueueSlot> {
        let slot = |queue: QueueId| turn.plan.queues[queue].slot;
        match copy {
            Copied::Entry { queue, offset, entry } => {
                self.append(slot(queue), offset, entry, turn);
                return Some(slot(queue));
            }
            Copied::Entries { queue, offset, entries } => {
                for (offset, entry) in offset.onward().zip(entries.iter()) {
                    self.append(slot(queue), offset, *entry, turn);
                }
                return Some(slot(queue));
            }
            Copied::Failure { queue, group, message_ref, change } => {
                let group_state = turn.plan.groups[group].slot;
                self.disk.queues[slot(queue)].group_states[group_state].apply(message_ref, &change);
                if change.ended.is_some() {
                    let (message, offset, cause) = (message_ref.message, message_ref.offset, turn.cause);
                    turn.out.dropped.push(DroppedCopy { group, queue, offset, role: CopyRole::Failed, message, cause });
                }
            }
            Copied::Offset(progress) => {
                let GroupProgress { queue, group, began, committed, start } = *progress;
                let group_state = turn.plan.groups[group].slot;
                let queue = &mut self.disk.queues[slot(queue)];
                let GroupState { began: mine, committed: up_to, .. } = &mut queue.group_states[group_state];
                turn.pass(group, queue.id, (*up_to, committed));
                (*mine, *up_to) = (began, committed);
                queue.follow_deletion(start, turn);
            }
            Copied::Deletion { queue, start } => self.disk.queues[slot(queue)].follow_deletion(start, turn),
            Copied::CaughtUp => {}
        }
        None
    }

    fn append(&mut self, slot: QueueSlot, offset: Offset, entry: LogEntry, turn: &mut Turn<'_>) {
        let queue = &mut self.disk.queues[slot];
        if offset != queue.log.end() {
            return;
        }
        queue.log.append(entry);
        let (id, start) = (queue.id, queue.master_start);
        turn.keeping_cause(|turn| {
            turn.note(Kind::Replicated { message: entry.message, queue: id, offset, epoch: entry.epoch });
        });
        queue.follow_deletion(start, turn);
    }

    /// Brings copied entries to disk before they are confirmed, where the flush policy says so.
    fn bring_to_disk(&mut self, slot: QueueSlot, answer: PendingAnswer, turn: &mut Turn<'_>) {
        let log = &mut self.disk.queues[slot].log;
        match turn.plan.sets[self.set].flush {
            Flush::Sync(time) if time.is_zero() => log.flush(),
            Flush::Sync(_) => {
                let end = log.end();
                self.flush_first((slot, end), None, answer, turn);
            }
            Flush::Async(interval) => self.plan_flush(interval, turn),
        }
    }
}
