//! A broker: a replica of a broker set. As the master it stores messages, hands them to consumers, and keeps what each
//! group has done.
//!
//! - where a message is stored: `store`
//! - where a pull is held: `reads`
//! - what a master sends its slaves: `master`; what a slave does with it: `slave`
//! - what lies on its disk: [`crate::storage`]
//!
//! A broker serves only after a nameserver has told it its role and epoch, and believes in that until it is told
//! otherwise. It sees no other broker's log and no consumer's mind.
//!
//! Simplifications against Apache RocketMQ: each queue has a log of its own, with the messages themselves, where RocketMQ
//! has one commit log and an index for each queue; and a message is consumable as soon as it is as safe on this broker
//! as its flush policy asks for.

mod master;
mod reads;
mod slave;
mod store;

use std::collections::BTreeMap;

use typed_index_collections::TiVec;

use self::master::Replicator;
pub use self::master::Stamp;
pub use self::reads::OpenPull;
use self::reads::{ReaderState, Slowest};
use self::slave::Following;
use self::store::Storing;
use super::slowness::Slowness;
use super::{Alarm, DeletedMessage, Input, Timer, Turn};
use crate::kernel::{Distribution, Stream};
use crate::plan::{Epoch, GroupId, GroupSlot, NodeId, Offset, Plan, QueueId, QueueSlot, SetId, Setting};
use crate::protocol::{
    BrokerStatus, Departure, EndedLives, Heartbeat, HeartbeatStatus, JoinId, Packet, Replicas, SendOutcome,
    VolatileCopy,
};
use crate::record::Kind;
use crate::storage::{GroupState, Log, LogEntry, MessageRef};

/// A broker.
#[derive(Clone, Debug)]
pub struct Broker {
    set: SetId,
    /// Whether the set has no other replica.
    alone: bool,
    settings: Settings,
    streams: BrokerStreams,
    disk: Disk,
    /// Counts its requests to join a master over all its lives, so that an answer to a request of an earlier life is recognised.
    joins: Option<JoinId>,
    memory: BrokerMemory,
}

/// Settings that can change while it runs, and the effects of faults. They outlive a crash.
#[derive(Clone, Debug)]
struct Settings {
    store_time: Distribution,
    store_limit: u32,
    slowness: Slowness,
    disk_full: FullDisk,
}

/// Whether faults keep the disk full.
#[derive(Clone, Copy, Debug, Default)]
struct FullDisk {
    lasts: bool,
    /// Whether anything was refused since a fault last began or ended.
    has_refused: bool,
}

#[derive(Clone, Debug)]
struct BrokerStreams {
    store_time: Stream,
    flush_time: Stream,
    /// By group, so that the draws of one group do not change those of another.
    retry_delays: BTreeMap<GroupId, Stream>,
    replication_delay: Stream,
}

/// What survives a crash.
#[derive(Clone, Debug, Default)]
struct Disk {
    /// The highest epoch in which it led or followed, and the highest in which it led.
    epoch: Option<Epoch>,
    led: Option<Epoch>,
    queues: TiVec<QueueSlot, Queue>,
}

/// A queue on disk.
#[derive(Clone, Debug)]
struct Queue {
    id: QueueId,
    log: Log,
    group_states: TiVec<GroupSlot, GroupState>,
    /// Of a slave: its master has deleted everything before this offset, whether it has been copied here or not.
    master_start: Offset,
}

/// What a crash takes.
#[derive(Clone, Debug, Default)]
struct BrokerMemory {
    /// The epoch in which it is master; none: it is not.
    master: Option<Epoch>,
    /// As a master: its slaves.
    replicator: Replicator,
    /// As a slave: its master; it is no master then.
    following: Option<Following>,
    storing: Storing,
    /// The readers of each queue, by group.
    reader_states: TiVec<QueueSlot, TiVec<GroupSlot, ReaderState>>,
    /// When the oldest message of each queue expires. Of a master.
    expiry: TiVec<QueueSlot, Alarm>,
    /// The groups that hold up the deletion of each queue's messages, once they were looked for. Of a master.
    slowest: TiVec<QueueSlot, Option<Slowest>>,
    /// The last departure of a consumer that it heard of; and which lives of each consumer have ended.
    last_departure: Option<Departure>,
    departed: BTreeMap<NodeId, EndedLives>,
}

/// The tail that a log has lost.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LostTail {
    /// Which queue's log.
    pub queue: QueueId,
    /// The first offset that is gone.
    pub from: Offset,
    /// The one after the last.
    pub to: Offset,
    /// Those of the messages there that had not been deleted before.
    pub entries: Vec<LogEntry>,
}

impl Queue {
    /// Notes the messages before an offset, which are about to be deleted and which a group may not have seen.
    fn note_deletion(&self, offset: Offset, turn: &mut Turn<'_>) {
        let queue = self.id;
        let deleted = self.log.range(Offset::ZERO, offset).map(|(offset, entry)| DeletedMessage {
            queue,
            offset,
            message: entry.message,
        });
        turn.out.deleted.extend(deleted);
    }

    /// Deletes everything before an offset, as its master has done, whether it has been copied here or not.
    fn follow_deletion(&mut self, start: Offset, turn: &mut Turn<'_>) {
        self.master_start = self.master_start.max(start);
        if self.group_states.iter().any(|group_state| group_state.committed < self.master_start) {
            self.note_deletion(self.master_start, turn);
        }
        if self.log.delete_before(self.master_start) {
            let (queue, offset) = (self.id, self.log.start());
            turn.keeping_cause(|turn| turn.note(Kind::Deleted { queue, offset }));
        }
    }
}

impl Broker {
    /// A broker before its first life, with an empty disk.
    #[must_use]
    pub(crate) fn new(plan: &Plan, seed: u64, me: NodeId, set: SetId) -> Self {
        let settings = &plan.sets[set];
        let stream = |concern| Stream::new(seed, plan.name(me), concern);
        let retries = |group: GroupId| Stream::about(seed, plan.name(me), &plan.groups[group].name, "retry_delay");
        let groups = settings.queues.iter().flat_map(|queue| &plan.topics[plan.queues[*queue].topic].groups);
        let queue = |id: &QueueId| {
            let topic = &plan.topics[plan.queues[*id].topic];
            Queue {
                id: *id,
                log: Log::default(),
                group_states: vec![GroupState::default(); topic.groups.len()].into(),
                master_start: Offset::ZERO,
            }
        };
        Self {
            set,
            alone: settings.replicas.len() == 1,
            settings: Settings {
                store_time: settings.store_time,
                store_limit: settings.store_limit,
                slowness: Slowness::default(),
                disk_full: FullDisk::default(),
            },
            streams: BrokerStreams {
                store_time: stream("store_time"),
                flush_time: stream("flush_time"),
                retry_delays: groups.map(|group| (*group, retries(*group))).collect(),
                replication_delay: stream("replication_delay"),
            },
            disk: Disk { epoch: None, led: None, queues: settings.queues.iter().map(queue).collect() },
            joins: None,
            memory: BrokerMemory::default(),
        }
    }

    /// The epoch in which it serves as master, as it believes.
    #[must_use]
    pub const fn master_in(&self) -> Option<Epoch> {
        self.memory.master
    }

    /// The epoch in which it follows a master, and that master, as it believes.
    #[must_use]
    pub fn follows(&self) -> Option<(Epoch, NodeId)> {
        self.memory.following.map(|following| (following.epoch, following.master()))
    }

    /// Whether it follows a master that has let it join.
    #[must_use]
    pub fn has_joined(&self) -> bool {
        self.memory.following.is_some_and(Following::has_joined)
    }

    /// The highest epoch in which it led or followed.
    #[must_use]
    pub const fn last_epoch(&self) -> Option<Epoch> {
        self.disk.epoch
    }

    /// Whether, as a master, it has nothing left to tell a live slave.
    #[must_use]
    pub(crate) fn has_told_slaves(&self) -> bool {
        self.memory.replicator.is_drained()
    }

    /// Whether, as a master, it has a slave that has joined and confirmed every step sent to it.
    #[must_use]
    pub fn is_in_sync(&self, replica: NodeId) -> bool {
        self.memory.replicator.is_in_sync(replica)
    }

    /// The state of a group that reads a queue.
    #[must_use]
    pub fn group_state(&self, queue: QueueSlot, group: GroupSlot) -> &GroupState {
        &self.disk.queues[queue].group_states[group]
    }

    /// The log of a queue.
    #[must_use]
    pub fn log(&self, queue: QueueSlot) -> &Log {
        &self.disk.queues[queue].log
    }

    /// The consumer to which a queue is locked for a group.
    #[must_use]
    pub fn owner(&self, queue: QueueSlot, group: GroupSlot) -> Option<NodeId> {
        self.memory.reader_states.get(queue)?.get(group)?.owner()
    }

    /// The pulls held open at a queue for a group.
    pub fn open_pulls(&self, queue: QueueSlot, group: GroupSlot) -> impl Iterator<Item = OpenPull> + '_ {
        let reader_state = self.memory.reader_states.get(queue).and_then(|reader_states| reader_states.get(group));
        reader_state.into_iter().flat_map(ReaderState::open_pulls)
    }

    /// Every message that it has outside of its disk: waiting to be stored, or to be copied.
    pub(crate) fn volatile_copies(&self, mut visit: impl FnMut(VolatileCopy)) {
        self.memory.storing.volatile_copies(&mut visit);
        self.memory.replicator.volatile_copies(&mut visit);
    }

    /// Requests that wait to be stored, flushed or confirmed by slaves.
    #[must_use]
    pub fn pending_sends(&self) -> usize {
        self.memory.storing.len() + self.memory.replicator.waiting()
    }

    /// Whether it is storing or flushing.
    #[must_use]
    pub(crate) fn is_at_work(&self) -> bool {
        self.memory.storing.is_at_work()
    }

    /// What a crash of its host does to the disk: what was not flushed is gone.
    pub(crate) fn lose_unflushed(&mut self) -> Vec<LostTail> {
        let mut cuts = Vec::new();
        for queue in &mut self.disk.queues {
            let (from, to) = (queue.log.flushed(), queue.log.end());
            if from < to {
                let entries = queue.log.range(from, to).map(|(_, entry)| entry).collect();
                queue.log.truncate(from);
                cuts.push(LostTail { queue: queue.id, from, to, entries });
            }
        }
        cuts
    }

    /// What a wipe does to the disk, first part: all logs are empty, with offsets from 0 again.
    pub(crate) fn lose_logs(&mut self) -> Vec<LostTail> {
        let mut cuts = Vec::new();
        for queue in &mut self.disk.queues {
            let log = std::mem::take(&mut queue.log);
            queue.master_start = Offset::ZERO;
            if log.end() > Offset::ZERO {
                let entries = log.range(Offset::ZERO, log.end()).map(|(_, entry)| entry).collect();
                cuts.push(LostTail { queue: queue.id, from: Offset::ZERO, to: log.end(), entries });
            }
        }
        cuts
    }

    /// What a wipe does to the disk, second part: nothing is kept for any group. For each queue and group, by its slot in
    /// the topic, what was in the retry queue and among the dead letters.
    ///
    /// The number of the last epoch stays: a replica that comes back empty must not give an old one again, whoever else
    /// has forgotten it. It stands for the clock from which such numbers are made in life.
    pub(crate) fn lose_group_states(&mut self) -> Vec<(QueueId, GroupSlot, Vec<MessageRef>)> {
        let mut lost = Vec::new();
        for queue in &mut self.disk.queues {
            for (slot, group_state) in queue.group_states.iter_mut_enumerated() {
                lost.push((queue.id, slot, std::mem::take(group_state).failed().collect()));
            }
        }
        lost
    }

    pub(super) const fn has_felt_slowness(&self) -> bool {
        self.settings.slowness.is_felt()
    }

    pub(super) const fn has_felt_full_disk(&self) -> bool {
        self.settings.disk_full.has_refused
    }

    /// A crash: its memory is gone.
    pub(super) fn forget(&mut self) {
        self.memory = BrokerMemory::default();
    }

    /// Takes its turn.
    pub(crate) fn handle(&mut self, input: Input, turn: &mut Turn<'_>) {
        match input {
            Input::Start => {
                self.forget();
                // Written and not flushed when the process ended: the system has brought it to disk meanwhile.
                self.flush_all();
                self.heartbeat(turn);
            }
            Input::Packet { from, packet } => self.handle_packet(from, packet, turn),
            Input::Timer(timer) => self.wake(timer, turn),
            Input::Set(setting) => self.set(setting),
            Input::Slow(factor) => self.settings.slowness = Slowness::by(factor),
            Input::DiskFull(lasts) => self.settings.disk_full = FullDisk { lasts, has_refused: false },
            Input::Resume(paused) => self.resume(paused, turn),
        }
    }

    fn set(&mut self, setting: Setting) {
        match setting {
            Setting::StoreTime(time) => self.settings.store_time = time,
            Setting::StoreLimit(limit) => self.settings.store_limit = limit,
            // Of other kinds of nodes.
            Setting::Interval(_)
            | Setting::ServiceTime(_)
            | Setting::Threads(_)
            | Setting::Workers(_)
            | Setting::FailureRate(_)
            | Setting::QueueLimit(_) => {}
        }
    }

    fn handle_packet(&mut self, from: NodeId, packet: Packet, turn: &mut Turn<'_>) {
        match packet {
            Packet::Send { message, queue, attempt } => {
                if self.memory.master.is_some() {
                    self.take_in(from, message, queue, attempt, turn);
                } else {
                    turn.send(from, Packet::SendAnswer { message, attempt, outcome: SendOutcome::NotMaster });
                }
            }
            Packet::Pull { lease, pull } => self.pull(from, lease, pull, turn),
            Packet::Commit { lease, offset } => self.commit(from, lease, offset, turn),
            Packet::Lock { lease, sent_at } => self.lock(from, lease, sent_at, turn),
            Packet::Unlock(lease) => self.unlock(from, lease, turn),
            Packet::Outcome { lease, message_ref, outcome, report } => {
                self.handle_outcome(from, lease, (message_ref, outcome, report), turn);
            }
            Packet::RoleChange(role) => self.handle_role(role, turn),
            Packet::AskProgress => turn.send(from, Packet::ReplicaProgress(self.progress())),
            Packet::Join(join) => {
                self.find_epoch(join.epoch, turn);
                self.welcome(from, &join, turn);
            }
            Packet::Welcome(welcome) => self.on_welcome(from, *welcome, turn),
            Packet::JoinAnew { epoch } => self.join_anew(from, epoch, turn),
            Packet::Copy { epoch, join, serial, copy } => {
                self.find_epoch(epoch, turn);
                self.copy_step(from, (epoch, join, serial), copy, turn);
            }
            Packet::CopyAnswer { epoch, join, serial } => {
                self.find_epoch(epoch, turn);
                if self.memory.master == Some(epoch) {
                    self.handle_copy_answer(from, (join, serial), turn);
                }
            }
            // A departure that is missing in between is told again with the answer to the next heartbeat.
            Packet::Departed { consumer, lives, number } if number.follows(self.memory.last_departure) => {
                self.free_locks(turn.plan, consumer, lives);
                self.memory.last_departure = Some(number);
                self.memory.departed.insert(consumer, lives);
            }
            _ => {}
        }
    }

    fn wake(&mut self, timer: Timer, turn: &mut Turn<'_>) {
        match timer {
            Timer::Heartbeat => self.heartbeat(turn),
            Timer::Stored(round) => self.stored(round, turn),
            Timer::Flushed(round) => self.flushed(round, turn),
            Timer::Flush => self.flush_all(),
            Timer::Hold { queue, group } => self.end_holds(queue, group, turn),
            Timer::Expiry(queue) => self.expire(queue, turn),
            Timer::RetryDue { queue, group } => self.retry_due(queue, group, turn),
            Timer::Ship(stamp) => self.ship(stamp, turn),
            Timer::Repeat if self.memory.replicator.rings(turn.now) => self.repeat_copies(turn),
            Timer::OffsetSync => self.replicate_offsets(turn),
            Timer::Join(id) => self.join_again(id, turn),
            _ => {}
        }
    }

    #[cold]
    fn heartbeat(&mut self, turn: &mut Turn<'_>) {
        self.report(turn);
        if !self.alone {
            self.ask_missing_to_join(turn);
        }
        turn.wake(turn.plan.timers.heartbeat, Timer::Heartbeat);
    }

    /// Tells every nameserver its role and epoch.
    fn report(&self, turn: &mut Turn<'_>) {
        let status = HeartbeatStatus::Broker(BrokerStatus {
            leads: self.memory.master,
            follows: self.memory.following.map(|following| following.epoch),
            last_epoch: self.disk.epoch,
            alive: self.memory.replicator.alive,
            last_departure: self.memory.last_departure,
        });
        let heartbeat = Heartbeat { life: turn.life, sent_at: turn.now, status };
        for nameserver in turn.plan.nameservers() {
            turn.send(nameserver, Packet::Heartbeat(heartbeat));
        }
    }

    /// A replica of the set speaks of an epoch: if it is higher than its own, it leads no more.
    fn find_epoch(&mut self, epoch: Epoch, turn: &mut Turn<'_>) {
        if self.memory.master.is_some_and(|mine| mine < epoch) {
            self.step_down(turn);
        }
    }

    /// Serves from now on, in a new epoch: with no locks, and committed offsets no further than its own log.
    #[cold]
    fn become_master(&mut self, epoch: Epoch, alive: Replicas, turn: &mut Turn<'_>) {
        self.step_down(turn);
        self.memory.master = Some(epoch);
        self.memory.replicator = Replicator::new(alive, &self.disk.queues);
        self.memory.reader_states.clear();
        (self.disk.epoch, self.disk.led) = (Some(epoch), Some(epoch));
        for queue in &mut self.disk.queues {
            let end = queue.log.end();
            queue.master_start = Offset::ZERO;
            let groups = &turn.plan.topics[turn.plan.queues[queue.id].topic].groups;
            for (group_state, group) in queue.group_states.iter_mut().zip(groups) {
                group_state.retries.take_back();
                group_state.began = group_state.began.map(|began| began.min(end));
                let beyond = group_state.committed > end;
                group_state.committed = group_state.committed.min(end);
                // Commits that only the former master had heard of are void: the new one records what it knows itself.
                if beyond || (!self.alone && group_state.began.is_some() && epoch > Epoch::FIRST) {
                    let (group, queue, offset) = (*group, queue.id, group_state.committed);
                    turn.keeping_cause(|turn| turn.note(Kind::Committed { group, queue, offset }));
                }
            }
            self.memory.reader_states.push(vec![ReaderState::default(); queue.group_states.len()].into());
        }
        self.set_retry_timers(turn);
        self.memory.expiry = vec![Alarm::default(); self.disk.queues.len()].into();
        self.memory.slowest = vec![None; self.disk.queues.len()].into();
        for slot in self.disk.queues.keys() {
            self.set_expiry(slot, turn);
        }
        self.report(turn);
    }

    fn slots(plan: &Plan, queue: QueueId, group: GroupId) -> (QueueSlot, GroupSlot) {
        (plan.queues[queue].slot, plan.groups[group].slot)
    }
}

#[cfg(test)]
mod tests;
