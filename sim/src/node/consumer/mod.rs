//! A consumer: it learns who is in its group, computes for itself which queues are its own, asks their brokers for them,
//! pulls, processes and commits.
//!
//! - where an assignment is computed: [`assignment`]
//! - what of it all members of a group compute alike: `hash_ring`
//! - one queue that it reads, from the lock to the unlock: `process_queue`; all of them, in order: `process_queues`
//! - threads at work: `processing`
//! - requests without an answer, and how it leaves: `patience`
//!
//! It acts on the members, route and locks that it believes in. It has no disk: a crash takes all but its settings.
//!
//! Simplification against Apache RocketMQ: it asks for its next batch as soon as less than a batch is left to begin,
//! where RocketMQ fetches up to a thousand messages ahead.

pub(crate) mod assignment;
pub(super) mod hash_ring;
mod patience;
mod process_queue;
mod process_queues;
mod processing;
mod progress;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use self::process_queue::{ProcessQueue, QueueState};
use self::process_queues::ProcessQueues;
pub use self::processing::Doing;
use self::processing::{Awaited, Job};
use super::client::{Client, News};
use super::pool::Pool;
use super::sender::Sender;
use super::slowness::Slowness;
use super::{Alarm, Effect, HeldMessage, Input, Timer, Turn};
use crate::kernel::{Numbers, Stream, Time};
use crate::plan::{Ack, ConsumerPlan, NodeId, Offset, Plan, QueueId, Select, Setting, TopicId};
use crate::protocol::{Delivery, Members, Packet, ReadLease, Term};
use crate::record::Kind;
use crate::storage::{PullId, ReportId};

/// A consumer.
#[derive(Clone, Debug)]
pub struct Consumer {
    settings: ConsumerPlan,
    topic: TopicId,
    slowness: Slowness,
    seed: u64,
    streams: ConsumerStreams,
    /// Messages published so far, in all lives: names are used once.
    published: u32,
    /// Calls made so far, in all lives.
    called: u32,
    /// The last report of what became of a message, in all lives.
    reports: Option<ReportId>,
    memory: ConsumerMemory,
}

#[derive(Clone, Debug)]
struct ConsumerStreams {
    service_time: Stream,
    failures: Stream,
    select: Stream,
}

#[derive(Clone, Debug)]
struct ConsumerMemory {
    client: Client,
    /// Its last assignment; none: it does not know the members yet.
    assigned: Option<Assigned>,
    /// By queue.
    process_queues: ProcessQueues,
    /// Queues from which a message may begin, and perhaps some more.
    ready: Numbers,
    /// Queues of which something has begun or ended, or was fetched, and that were not looked after since.
    touched: Numbers,
    /// Queues with something done that was perhaps not committed yet.
    uncommitted: Numbers,
    /// Counts leases.
    terms: Option<Term>,
    threads: Pool<Job>,
    /// Which thread waits for what.
    awaited: BTreeMap<Awaited, u32>,
    /// In an ordered group: queues of which a message is in a thread's hands.
    in_hand: Numbers,
    /// The queue whose turn is next, or the first after it.
    cursor: QueueId,
    /// Queues about which something was asked, with the end of patience for it: of calls, and of pulls. Either is in the order
    /// in which patience ends, since it is as long for each.
    expected: [VecDeque<(Time, QueueId)>; 2],
    sender: Option<Sender>,
    alarm: Alarm,
    leaving: bool,
    /// When goodbye is said again.
    goodbye: Option<Time>,
}

/// An assignment, and the word about members and queues that it comes from.
#[derive(Clone, Debug)]
struct Assigned {
    members: Arc<Members>,
    /// Its place among the members; 0 if it is none.
    place: usize,
    of: Arc<[QueueId]>,
    queues: Arc<[QueueId]>,
}

impl Consumer {
    /// A consumer before its first life.
    #[must_use]
    pub(crate) fn new(plan: &Plan, seed: u64, me: NodeId, settings: &ConsumerPlan) -> Self {
        let stream = |concern| Stream::new(seed, plan.name(me), concern);
        Self {
            settings: settings.clone(),
            topic: plan.groups[settings.group].topic,
            slowness: Slowness::default(),
            seed,
            streams: ConsumerStreams {
                service_time: stream("service_time"),
                failures: stream("failures"),
                select: stream("select"),
            },
            published: 0,
            called: 0,
            reports: None,
            memory: ConsumerMemory::new(plan, settings, Time::ZERO),
        }
    }

    /// Its beliefs about routes and members.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.memory.client
    }

    /// The queues of its last assignment, in order.
    #[must_use]
    pub fn assigned(&self) -> &[QueueId] {
        self.memory.assigned.as_ref().map_or(&[], |assigned| &assigned.queues)
    }

    /// Its threads that are at work: which, at what message, doing what.
    pub fn at_work(&self) -> impl Iterator<Item = (u32, HeldMessage, Doing)> + '_ {
        self.memory.threads.iter().map(|(thread, job)| (thread, job.held(self.settings.group), job.doing()))
    }

    /// How many threads it has now.
    #[must_use]
    pub fn threads(&self) -> u32 {
        self.settings.threads
    }

    /// The queues in its hands, and whether it may read each.
    pub fn queues(&self) -> impl Iterator<Item = (QueueId, bool)> + '_ {
        self.memory
            .process_queues
            .iter()
            .map(|process_queue| (process_queue.lease.queue, process_queue.state == QueueState::Open))
    }

    /// The leases on which it reads queues, as it believes.
    pub fn leases(&self) -> impl Iterator<Item = ReadLease> + '_ {
        self.memory
            .process_queues
            .iter()
            .filter(|process_queue| process_queue.state == QueueState::Open)
            .map(|process_queue| process_queue.lease)
    }

    /// Every message that it has: begun, fetched, or failed and not yet told of.
    pub fn held(&self) -> impl Iterator<Item = HeldMessage> + '_ {
        let begun = self.memory.threads.iter().map(|(_, job)| job.held(self.settings.group));
        begun.chain(self.memory.process_queues.iter().flat_map(ProcessQueue::held))
    }

    /// Messages that it publishes and that are neither accepted nor given up.
    pub(super) fn publishing(&self) -> usize {
        self.memory.sender.as_ref().map_or(0, Sender::open)
    }

    /// A queue of which any message is in its hands, or what became of one on its way to a broker, if there is one: `first`,
    /// or one after it, or before it.
    #[must_use]
    pub(crate) fn busy_with(&self, first: QueueId) -> Option<QueueId> {
        // (A message that is being published is counted by the thread that waits for it.)
        if self.memory.threads.busy() > 0 {
            return Some(first);
        }
        let (Ok(place) | Err(place)) = self.place(first);
        let (before, after) = self.memory.process_queues.split_at(place);
        after
            .iter()
            .chain(before)
            .find(|process_queue| process_queue.is_busy())
            .map(|process_queue| process_queue.lease.queue)
    }

    pub(super) const fn has_felt_slowness(&self) -> bool {
        self.slowness.is_felt()
    }

    /// A crash: its memory is gone.
    pub(super) fn forget(&mut self, plan: &Plan, now: Time) {
        self.memory = ConsumerMemory::new(plan, &self.settings, now);
    }

    /// Takes its turn.
    pub(crate) fn handle(&mut self, input: Input, turn: &mut Turn<'_>) {
        match input {
            Input::Start => self.start(turn),
            Input::Packet { from, packet } => self.handle_packet(from, packet, turn),
            Input::Timer(timer) => self.wake(timer, turn),
            Input::Set(setting) => self.set(setting, turn),
            Input::Slow(factor) => self.slowness = Slowness::by(factor),
            Input::Resume(paused) => self.resume(paused, turn),
            Input::DiskFull(_) => {}
        }
        for (deadline, queue) in turn.out.expected.drain(..) {
            let is_pull = deadline > turn.now + turn.plan.timers.call;
            self.memory.expected[usize::from(is_pull)].push_back((deadline, queue));
        }
        self.memory.alarm.set(turn.deadline, Timer::Deadline, turn);
    }

    #[cold]
    fn start(&mut self, turn: &mut Turn<'_>) {
        self.forget(turn.plan, turn.now);
        self.memory.client.start(turn);
        turn.wake(turn.plan.timers.rebalance, Timer::Rebalance);
        if !turn.plan.timers.commit.is_zero() {
            turn.wake(turn.plan.timers.commit, Timer::Commit);
        }
        if let Some(leaves) = self.settings.leaves {
            turn.wake_at(leaves.max(turn.now), Timer::Leave);
        }
    }

    #[cold]
    fn set(&mut self, setting: Setting, turn: &mut Turn<'_>) {
        match setting {
            Setting::ServiceTime(time) => self.settings.service_time = time,
            Setting::FailureRate(rate) => self.settings.failure_rate = rate,
            Setting::Threads(threads) => {
                self.settings.threads = threads;
                self.work(turn);
            }
            // Of other kinds of nodes.
            Setting::Interval(_)
            | Setting::Workers(_)
            | Setting::StoreTime(_)
            | Setting::StoreLimit(_)
            | Setting::QueueLimit(_) => {}
        }
    }

    fn handle_packet(&mut self, from: NodeId, packet: Packet, turn: &mut Turn<'_>) {
        match packet {
            Packet::PullAnswer { lease, pull, next, batch } => {
                self.receive(&lease, pull, next, &batch, turn);
                turn.out.recycle(batch);
            }
            Packet::CommitAnswer { lease, offset, held } => self.committed(&lease, offset, held, turn),
            Packet::LockAnswer { lease, granted } => self.locked(&lease, granted, turn),
            Packet::OutcomeAnswer { lease, report, held, .. } => self.on_outcome_answer(&lease, report, held, turn),
            Packet::UnlockAnswer(lease) => self.unlocked(&lease, turn),
            Packet::CallAnswer { call, served } => self.call_answered(call, served, turn),
            Packet::SendAnswer { message, attempt, outcome } => {
                let ConsumerMemory { client, sender: Some(sender), .. } = &mut self.memory else { return };
                sender.answer(message.number, attempt, outcome, client, &mut self.streams.select, turn);
                self.published(turn);
            }
            Packet::Closed => self.hang_up(from, turn),
            Packet::GoodbyeAnswer if self.memory.goodbye.is_some() => {
                turn.note(Kind::Left);
                turn.out.effects.push(Effect::Stop);
            }
            packet => match self.memory.client.handle_packet(from, &packet, turn.now, turn.plan) {
                News::Nothing => {}
                News::Members => self.rebalance(turn),
                News::Route => self.rerouted(turn),
                News::Revived(sent_at) => self.revived(sent_at, turn),
            },
        }
    }

    fn wake(&mut self, timer: Timer, turn: &mut Turn<'_>) {
        match timer {
            Timer::Heartbeat if self.memory.goodbye.is_none() => self.memory.client.heartbeat(turn),
            Timer::Refresh(number) => self.memory.client.refresh_at(number, turn),
            Timer::Rebalance => {
                self.rebalance(turn);
                turn.wake(turn.plan.timers.rebalance, Timer::Rebalance);
            }
            Timer::Commit => {
                while let Some(queue) = self.memory.uncommitted.take_from(0) {
                    if let Ok(index) = self.place(QueueId(queue)) {
                        self.memory.process_queues[index].send_commit(turn);
                    }
                }
                turn.wake(turn.plan.timers.commit, Timer::Commit);
            }
            Timer::Leave => {
                self.memory.leaving = true;
                self.rebalance(turn);
                self.leave_if_done(turn);
            }
            Timer::Worked(thread) => self.worked(thread, turn),
            Timer::CallTimeout(number) => self.call_timed_out(number, turn),
            Timer::RetryInPlace(queue) => self.retry_in_place(queue, turn),
            Timer::Deadline if self.memory.alarm.rings(turn.now) => self.deadlines(turn),
            _ => {}
        }
    }

    // ---- which queues are mine -----------------------------------------------------------------------------------

    /// Works out its assignment: anew where it has heard of members or queues since the last time.
    fn work_out(&mut self, turn: &mut Turn<'_>) -> Option<Arc<[QueueId]>> {
        let members = self.memory.client.members()?;
        let all = self.memory.client.queues(self.topic);
        let last = self.memory.assigned.as_ref();
        if let Some(last) = last.filter(|last| Arc::ptr_eq(&last.members, members) && Arc::ptr_eq(&last.of, all)) {
            return Some(Arc::clone(&last.queues));
        }
        let group = &turn.plan.groups[self.settings.group];
        let place = assignment::place(&members.consumers, turn.me, last.map_or(0, |last| last.place));
        let rings = &mut turn.out.rings;
        let mine = place
            .map_or_else(Vec::new, |place| assignment::share(group.assignment, turn.plan, all, members, place, rings));
        let same = last.filter(|last| *last.queues == *mine).map(|last| Arc::clone(&last.queues));
        let queues = same.unwrap_or_else(|| {
            let queues: Arc<[QueueId]> = mine.into();
            turn.note(Kind::Assigned { group: self.settings.group, queues: Arc::clone(&queues) });
            queues
        });
        let (members, of) = (Arc::clone(members), Arc::clone(all));
        let place = place.unwrap_or_default();
        self.memory.assigned = Some(Assigned { members, place, of, queues: Arc::clone(&queues) });
        Some(queues)
    }

    /// Releases the queues that are no longer assigned to it, and asks for those that it has not got.
    #[cold]
    fn rebalance(&mut self, turn: &mut Turn<'_>) {
        let mine = if self.memory.leaving { Some(Arc::default()) } else { self.work_out(turn) };
        let Some(mine) = mine else { return };
        for index in (0..self.memory.process_queues.len()).rev() {
            if mine.binary_search(&self.memory.process_queues[index].lease.queue).is_err() {
                turn.keeping_cause(|turn| {
                    self.memory.process_queues[index].leave(turn);
                    self.advance(index, turn);
                });
            }
        }
        for queue in mine.iter() {
            turn.keeping_cause(|turn| self.acquire(*queue, turn));
        }
    }

    /// Asks for a queue, unless it has got it, or knows no master to ask.
    fn acquire(&mut self, queue: QueueId, turn: &mut Turn<'_>) {
        let set = turn.plan.queues[queue].set;
        let Some(master) = self.memory.client.master(self.topic, set) else { return };
        match self.place(queue) {
            Ok(index) if self.memory.process_queues[index].state == QueueState::Denied => {
                let term = Term::advance(&mut self.memory.terms);
                self.memory.process_queues[index].ask_again(master, term, turn);
            }
            // It may have waited for a master to ask.
            Ok(index) if self.memory.process_queues[index].state == QueueState::Stale => self.advance(index, turn),
            Ok(_) => {}
            Err(index) => {
                let term = Term::advance(&mut self.memory.terms);
                let process_queue = ProcessQueue::ask(self.settings.group, queue, master, term, turn);
                self.memory.process_queues.insert(index, process_queue);
            }
        }
    }

    /// Masters have changed: in a new epoch every position is read anew.
    #[cold]
    fn rerouted(&mut self, turn: &mut Turn<'_>) {
        let ConsumerMemory { client, sender, .. } = &mut self.memory;
        if let Some(sender) = sender {
            sender.rerouted(client, &mut self.streams.select, turn);
        }
        for index in (0..self.memory.process_queues.len()).rev() {
            let process_queue = &self.memory.process_queues[index];
            let set = turn.plan.queues[process_queue.lease.queue].set;
            let master = self.memory.client.master(self.topic, set);
            let Some(master) = master.filter(|master| *master != (process_queue.broker, process_queue.lease.epoch))
            else {
                continue;
            };
            if matches!(process_queue.state, QueueState::Leaving | QueueState::Unlocking) {
                self.memory.process_queues[index].turn_to(master.0, turn);
                self.advance(index, turn);
            } else {
                let term = Term::advance(&mut self.memory.terms);
                turn.keeping_cause(|turn| self.memory.process_queues[index].ask_again(master, term, turn));
            }
        }
        self.rebalance(turn);
    }

    /// Before a time it may have been thought dead, and its queues given to others: it takes the locks of that time anew
    /// before it begins anything.
    #[cold]
    fn revived(&mut self, at: Time, turn: &mut Turn<'_>) {
        let group = &turn.plan.groups[self.settings.group];
        if !group.queue_lock || group.ack == Ack::Before {
            return;
        }
        for index in (0..self.memory.process_queues.len()).rev() {
            let process_queue = &mut self.memory.process_queues[index];
            if process_queue.state == QueueState::Open && process_queue.locked < at {
                process_queue.go_stale(turn);
                self.advance(index, turn);
            }
        }
    }

    /// Where the process queue of a queue is, or would be.
    fn place(&self, queue: QueueId) -> Result<usize, usize> {
        self.memory.process_queues.place(queue)
    }

    /// The process queue for which an answer is, unless its lease is an earlier one.
    fn claimed(&self, lease: &ReadLease) -> Option<usize> {
        let index = self.place(lease.queue).ok()?;
        (self.memory.process_queues[index].lease == *lease).then_some(index)
    }

    /// The process queue that answers for what was fetched on a lease: that lease's, or, where it was committed on receipt,
    /// the queue's, on whatever lease by now.
    fn answering(&self, lease: &ReadLease, turn: &Turn<'_>) -> Option<usize> {
        match turn.plan.groups[lease.group].ack {
            Ack::After => self.claimed(lease),
            Ack::Before => self.place(lease.queue).ok(),
        }
    }

    /// Takes a process queue that waits for its work to end a step further.
    fn advance(&mut self, index: usize, turn: &mut Turn<'_>) {
        let process_queue = &self.memory.process_queues[index];
        let set = turn.plan.queues[process_queue.lease.queue].set;
        let master = self.memory.client.master(self.topic, set);
        // In a later epoch there is no such lease: nobody to give it back to. And who leaves altogether, says goodbye,
        // which gives back what a master that is not to be found may still keep.
        let later = self.memory.client.epoch(self.topic, set) > Some(process_queue.lease.epoch);
        let void = later || (self.memory.leaving && master.is_none());
        let working = process_queue.is_working(turn);
        match process_queue.state {
            QueueState::Leaving if void && !working => self.remove(index, turn),
            QueueState::Denied if !working && !self.is_assigned(process_queue.lease.queue) => self.remove(index, turn),
            QueueState::Leaving if !working && process_queue.is_level(turn) => {
                self.memory.process_queues[index].unlock(turn);
            }
            QueueState::Leaving => self.memory.process_queues[index].send_commit(turn),
            QueueState::Stale if !working && process_queue.is_level(turn) => {
                if let Some(master) = master {
                    let term = Term::advance(&mut self.memory.terms);
                    self.memory.process_queues[index].ask_again(master, term, turn);
                }
            }
            QueueState::Unlocking if void => self.remove(index, turn),
            _ => {}
        }
    }

    fn is_assigned(&self, queue: QueueId) -> bool {
        !self.memory.leaving && self.assigned().binary_search(&queue).is_ok()
    }

    fn remove(&mut self, index: usize, turn: &mut Turn<'_>) {
        self.memory.process_queues.remove(index).release_all(turn);
        self.memory.cursor = QueueId(0);
        self.leave_if_done(turn);
    }

    // ---- what brokers answer -------------------------------------------------------------------------------------

    #[cold]
    fn locked(&mut self, lease: &ReadLease, granted: Option<Offset>, turn: &mut Turn<'_>) {
        let Some(index) = self.claimed(lease) else { return };
        let process_queue = &mut self.memory.process_queues[index];
        if process_queue.state != QueueState::Asking {
            return;
        }
        match granted {
            Some(committed) => process_queue.open(committed, turn),
            None => {
                process_queue.deny(turn);
                self.advance(index, turn);
            }
        }
    }

    fn receive(
        &mut self,
        lease: &ReadLease,
        pull: PullId,
        next: Option<Offset>,
        batch: &[Delivery],
        turn: &mut Turn<'_>,
    ) {
        let Some(index) = self.claimed(lease) else { return };
        let process_queue = &mut self.memory.process_queues[index];
        match next {
            None => self.refused(index, turn),
            Some(next) => {
                if process_queue.receive((pull, next), batch, &mut self.reports, turn) {
                    self.memory.ready.insert(lease.queue.0);
                    self.memory.touched.insert(lease.queue.0);
                    self.work(turn);
                }
            }
        }
    }

    /// The broker says that the lease does not hold.
    fn refused(&mut self, index: usize, turn: &mut Turn<'_>) {
        self.memory.process_queues[index].deny(turn);
        self.advance(index, turn);
    }

    fn committed(&mut self, lease: &ReadLease, offset: Offset, held: bool, turn: &mut Turn<'_>) {
        let Some(index) = self.claimed(lease) else { return };
        if held {
            let process_queue = &mut self.memory.process_queues[index];
            process_queue.committed(offset);
            if process_queue.state != QueueState::Open {
                self.advance(index, turn);
            }
        } else {
            self.refused(index, turn);
        }
    }

    #[cold]
    fn unlocked(&mut self, lease: &ReadLease, turn: &mut Turn<'_>) {
        if let Some(index) = self.claimed(lease)
            && self.memory.process_queues[index].state == QueueState::Unlocking
        {
            self.remove(index, turn);
            self.rebalance(turn);
        }
    }
}

impl ConsumerMemory {
    fn new(plan: &Plan, settings: &ConsumerPlan, now: Time) -> Self {
        let topics: Vec<TopicId> =
            [Some(plan.groups[settings.group].topic), settings.publishes].into_iter().flatten().collect();
        // A consumer publishes by the producers' defaults.
        let sender = settings.publishes.map(|topic| Sender::new(topic, Select::RoundRobin, plan.publishing));
        Self {
            client: Client::new(plan, &topics, Some(settings.group), now),
            assigned: None,
            process_queues: ProcessQueues::default(),
            ready: Numbers::default(),
            touched: Numbers::default(),
            uncommitted: Numbers::default(),
            terms: None,
            threads: Pool::default(),
            awaited: BTreeMap::new(),
            in_hand: Numbers::default(),
            cursor: QueueId(0),
            expected: Default::default(),
            sender,
            alarm: Alarm::default(),
            leaving: false,
            goodbye: None,
        }
    }
}

#[cfg(test)]
mod tests;
