//! The world: it takes the next event from the agenda, gives the node concerned its turn, carries out the node's effects, and
//! passes its records on.
//!
//! It alone decides delay, loss and order, and carries out faults and changes. A world is plain data: a clone is a
//! snapshot. It knows the nodes only by their inputs and effects, and nothing of reports.
//!
//! - where messages are, and where loss is decided: [`tracker`], `loss`
//! - when a run is over: `rest`
//! - what a window can see of it at one moment: [`sight`]

pub(crate) mod audit;
mod faults;
mod loss;
mod rest;
pub(crate) mod sight;
pub(crate) mod tracker;
mod wipe;

use std::collections::BTreeSet;
use std::sync::Arc;

use typed_index_collections::{TiSlice, TiVec};

use self::tracker::{Cause, MessageTracker};
use crate::kernel::{Agenda, Time};
use crate::limit::{Limit, LimitPassed, Limits};
use crate::network::{Network, Topology, Verdict};
use crate::node::{Effect, Input, Node, Outbox, Timer, Turn};
use crate::plan::{ChangeId, ChangePlan, CrashMode, FaultId, Life, NodeId, Plan};
use crate::protocol::{Packet, VolatileCopy};
use crate::record::{Kind, Seq, Sink, Why};

/// Everything that is simulated, at one moment.
#[derive(Clone, Debug)]
pub struct World {
    plan: Arc<Plan>,
    topology: Arc<Topology>,
    now: Time,
    agenda: Agenda<ScheduledEvent>,
    nodes: TiVec<NodeId, Node>,
    /// By node.
    runtimes: TiVec<NodeId, NodeRuntime>,
    network: Network,
    tracker: MessageTracker,
    out: Outbox,
    /// The copies that a packet carries; used again for each packet.
    unpacked: Vec<VolatileCopy>,
    /// Second copies of packets, which the world drops on arrival, as their receivers would by the number of the request.
    duplicates: BTreeSet<u32>,
    overlaps: faults::Overlaps,
    /// Whether each fault has made a difference, as far as is known by now.
    felt: TiVec<FaultId, bool>,
    events: u64,
    /// Rounds at the present time. A round takes the events that were scheduled when it began.
    rounds: u64,
    /// How many events had been scheduled when the present round began.
    round_ends: u64,
    /// Events that wait for paused nodes.
    waiting: usize,
    /// What the last check found to be still active.
    unrest: rest::Unrest,
    /// Whether producers have stopped.
    stopped: bool,
    /// Whether the run is over: nothing that is down comes back.
    ended: bool,
}

/// A sound run has no more rounds at one time than this: a consumer whose service time is zero takes one for each message.
const SOUND_ROUNDS: u64 = 2_000;

/// An event on the agenda.
#[derive(Clone, Debug)]
enum ScheduledEvent {
    /// A packet arrives, if its receiver still lives the life that it lived when the packet was sent.
    Arrival { from: NodeId, to: NodeId, life: Option<Life>, packet: u32, sent: Time, cause: Option<Seq> },
    /// A timer rings, if its node still lives the life in which it was set.
    Ring { node: NodeId, life: Option<Life>, timer: Timer, set: Time, cause: Option<Seq> },
    /// A node's first life begins.
    Join(NodeId),
    /// A fault of the plan strikes.
    FaultBegins(FaultId),
    /// A fault of the plan is over.
    FaultEnds(FaultId),
    /// A setting of the plan changes.
    Change(ChangeId),
    /// A changed setting reaches a node that was paused at the time of the change.
    Set { change: ChangeId, cause: Option<Seq> },
    /// Producers stop; from now on the run ends when nothing is left to drain.
    Stop,
}

/// The conditions in which a node runs: whether it is up, and the faults that last, in the order in which they struck.
#[derive(Clone, Debug)]
struct NodeRuntime {
    presence: Presence,
    /// The life that it lives, or has lived last.
    life: Option<Life>,
    /// Crashes and wipes.
    crashes: Vec<FaultId>,
    /// The latest crash, and how it struck.
    crash: Option<(Seq, CrashMode)>,
    pauses: Vec<FaultId>,
    /// Since when it does nothing, while it is paused.
    paused_since: Time,
    /// Events that have reached it while it was paused.
    backlog: Vec<ScheduledEvent>,
    slowness: Vec<FaultId>,
    /// Faults that keep its disk full.
    full: Vec<FaultId>,
}

/// Whether a node is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Presence {
    /// It has not joined yet.
    Absent,
    /// It is up.
    Up,
    /// It has crashed.
    Down(CrashMode),
    /// It has left for good.
    Left,
}

/// The outcome of one step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// One event has happened.
    Event,
    /// Nothing happens up to the given time.
    Nothing,
}

/// Why a run has stopped for now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Halt {
    /// So many events have happened as were asked for.
    Spent,
    /// All has happened up to the time that was asked for.
    Reached,
    /// The run is over.
    Over,
}

impl World {
    /// The world before its first event.
    #[must_use]
    pub fn new(plan: Arc<Plan>, seed: u64) -> Self {
        let nodes: TiVec<NodeId, Node> = plan.nodes.keys().map(|node| Node::new(&plan, seed, node)).collect();
        let runtime = NodeRuntime {
            presence: Presence::Absent,
            life: None,
            crashes: Vec::new(),
            crash: None,
            pauses: Vec::new(),
            paused_since: Time::ZERO,
            backlog: Vec::new(),
            slowness: Vec::new(),
            full: Vec::new(),
        };
        let tracker = MessageTracker::new(&plan);
        let mut world = Self {
            topology: Arc::new(Topology::of(&plan)),
            now: Time::ZERO,
            agenda: Agenda::default(),
            runtimes: vec![runtime; nodes.len()].into(),
            network: Network::new(&plan, seed),
            out: Outbox::tracking(tracker.is_on()),
            unpacked: Vec::new(),
            duplicates: BTreeSet::new(),
            tracker,
            overlaps: faults::Overlaps::new(&plan),
            felt: vec![false; plan.faults.len()].into(),
            events: 0,
            rounds: 0,
            round_ends: 0,
            waiting: 0,
            unrest: rest::Unrest::default(),
            stopped: false,
            ended: false,
            nodes,
            plan,
        };
        world.schedule_plan();
        world
    }

    /// Puts on the agenda what the plan says: beginnings, faults, changes.
    fn schedule_plan(&mut self) {
        let plan = Arc::clone(&self.plan);
        for (id, fault) in plan.faults.iter_enumerated() {
            self.agenda.schedule_first(fault.at, ScheduledEvent::FaultBegins(id));
            if let Some(end) = plan.end_of(fault) {
                self.agenda.schedule_first(end, ScheduledEvent::FaultEnds(id));
            }
        }
        for (id, change) in plan.changes.iter_enumerated() {
            self.agenda.schedule_first(change.at, ScheduledEvent::Change(id));
        }
        for node in (0..plan.nodes.len()).map(NodeId::from) {
            self.agenda.schedule(plan.begins(node), ScheduledEvent::Join(node));
        }
        self.agenda.schedule(Time::ZERO + plan.duration, ScheduledEvent::Stop);
    }

    /// Sets how far the run may go.
    pub fn limit(&mut self, limits: Limits) {
        self.out.limits = limits;
    }

    /// Sets the limit on events of the whole run.
    pub fn limit_events(&mut self, max_events: u64) {
        self.out.limits.events = max_events;
    }

    /// Virtual time: that of the last event.
    #[must_use]
    pub const fn now(&self) -> Time {
        self.now
    }

    /// How many events have happened.
    #[must_use]
    pub const fn events(&self) -> u64 {
        self.events
    }

    /// The plan that it runs.
    #[must_use]
    pub const fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// The nodes, in the plan's order.
    #[must_use]
    pub fn nodes(&self) -> &TiSlice<NodeId, Node> {
        &self.nodes
    }

    /// Whether a node is there.
    #[must_use]
    pub fn presence(&self, node: NodeId) -> Presence {
        self.runtimes[node].presence
    }

    /// Whether a node lives and does nothing.
    #[must_use]
    pub fn is_paused(&self, node: NodeId) -> bool {
        !self.runtimes[node].pauses.is_empty()
    }

    /// Since when a node does nothing, if it is paused.
    #[must_use]
    pub fn paused_since(&self, node: NodeId) -> Option<Time> {
        self.is_paused(node).then(|| self.runtimes[node].paused_since)
    }

    /// Lets the next event happen, unless it is later than `until`, or too many: then nothing changes.
    ///
    /// # Errors
    /// A limit that is passed.
    pub fn step<S: Sink>(&mut self, until: Time, sink: &mut S) -> Result<Step, LimitPassed> {
        let Limits { events, pending_events, rounds, .. } = self.out.limits;
        let is_near = self.events >= events
            || self.agenda.len() + self.waiting > pending_events
            || self.rounds >= rounds
            || self.out.exceeded().is_some();
        if is_near && let Some(limit) = self.passed(until) {
            return Err(LimitPassed { limit, most: self.out.limits.of(limit), at: self.now });
        }
        let Some((at, event)) = self.agenda.next_until(until) else { return Ok(Step::Nothing) };
        assert!(at >= self.now, "a bug of queuescope: event {} is in the past of {:?}", self.events, self.now);
        if at > self.now {
            (self.now, self.rounds, self.round_ends) = (at, 0, self.agenda.scheduled());
        } else if self.agenda.taken() >= self.round_ends {
            self.rounds += 1;
            self.round_ends = self.agenda.scheduled();
        }
        self.events += 1;
        self.dispatch(event, sink);
        Ok(Step::Event)
    }

    /// The limit that keeps the next event from happening, if one does.
    #[cold]
    fn passed(&self, until: Time) -> Option<Limit> {
        if let Some(limit) = self.out.exceeded() {
            return Some(limit);
        }
        let limits = &self.out.limits;
        if self.agenda.len() + self.waiting > limits.pending_events {
            return Some(Limit::PendingEvents);
        }
        let next = self.agenda.first().filter(|at| *at <= until)?;
        let rounds = if next == self.now { self.rounds } else { 0 };
        // Where much of what has happened was one thing after the other at one time, more events would not help.
        let stands_still = rounds >= (limits.events / 10).max(SOUND_ROUNDS);
        if rounds >= limits.rounds || (stands_still && self.events >= limits.events) {
            return Some(Limit::Rounds);
        }
        (self.events >= limits.events).then_some(Limit::Events)
    }

    /// Runs on by at most so many events, to the end: when nothing is left, or time is over. True at the end.
    ///
    /// # Errors
    /// A limit that is passed.
    pub fn run<S: Sink>(&mut self, events: u64, sink: &mut S) -> Result<bool, LimitPassed> {
        Ok(self.run_until(Time::NEVER, events, sink)? == Halt::Over)
    }

    /// Lets everything happen up to a time, that time included, but at most so many events. The result does not depend on
    /// how a run is split into calls.
    ///
    /// # Errors
    /// A limit that is passed.
    pub fn run_until<S: Sink>(&mut self, until: Time, events: u64, sink: &mut S) -> Result<Halt, LimitPassed> {
        if self.ended {
            return Ok(Halt::Over);
        }
        let end = self.plan.end();
        for _ in 0..events {
            if self.step(until.min(end), sink)? == Step::Nothing {
                if until < end {
                    return Ok(Halt::Reached);
                }
                self.now = end;
            } else if !self.is_at_rest() {
                continue;
            }
            self.finish(sink);
            return Ok(Halt::Over);
        }
        Ok(Halt::Spent)
    }

    fn dispatch<S: Sink>(&mut self, event: ScheduledEvent, sink: &mut S) {
        match event {
            ScheduledEvent::Arrival { packet, .. } if self.duplicates.contains(&packet) => {
                self.ignore(packet);
            }
            ScheduledEvent::Arrival { from, to, life, packet, cause, .. } => {
                let runtime = &self.runtimes[to];
                let reachable = runtime.presence == Presence::Up && runtime.life == life;
                // The sender has restarted: that its connection was closed is out of date.
                let outdated = matches!(self.out.packets.get(packet), Some(Packet::Closed))
                    && self.runtimes[from].presence == Presence::Up;
                if !reachable || outdated {
                    let why = self.runtimes[to].why_not();
                    self.drop_packet(from, to, packet, why, cause, sink);
                } else if !runtime.pauses.is_empty() {
                    self.wait(to, event);
                } else {
                    let packet = self.out.packets.take(packet);
                    if self.out.tracks {
                        self.arrive(from, to, packet, cause, sink);
                    } else {
                        self.turn(to, Input::Packet { from, packet }, cause, sink);
                    }
                }
            }
            ScheduledEvent::Ring { node, life, timer, cause, .. } => {
                let runtime = &self.runtimes[node];
                if runtime.presence != Presence::Up || runtime.life != life {
                    // A timer of a life that is over.
                } else if !runtime.pauses.is_empty() {
                    self.wait(node, event);
                } else {
                    self.turn(node, Input::Timer(timer), cause, sink);
                }
            }
            ScheduledEvent::Join(node) => self.join(node, sink),
            ScheduledEvent::FaultBegins(fault) => self.begin_fault(fault, sink),
            ScheduledEvent::FaultEnds(fault) => self.end_fault(fault, sink),
            ScheduledEvent::Change(change) => self.change(change, sink),
            ScheduledEvent::Set { change, cause } => {
                let ChangePlan { node, setting, .. } = self.plan.changes[change];
                self.turn(node, Input::Set(setting), cause, sink);
            }
            ScheduledEvent::Stop => self.stopped = true,
        }
    }

    /// Keeps an event for a node that is paused.
    fn wait(&mut self, node: NodeId, event: ScheduledEvent) {
        self.waiting += 1;
        self.runtimes[node].backlog.push(event);
    }

    /// Takes the events that have waited for a paused node.
    fn take_backlog(&mut self, node: NodeId) -> Vec<ScheduledEvent> {
        let backlog = std::mem::take(&mut self.runtimes[node].backlog);
        self.waiting -= backlog.len();
        backlog
    }

    /// Gives a node its turn and carries out its effects.
    fn turn<S: Sink>(&mut self, node: NodeId, input: Input, cause: Option<Seq>, sink: &mut S) {
        let Self { nodes, runtimes, plan, tracker, out, now, .. } = self;
        let mut turn = Turn {
            now: *now,
            me: node,
            // Settings and faults are told to a node that has not lived yet, too.
            life: runtimes[node].life.unwrap_or(Life::FIRST),
            plan,
            shared: tracker,
            out,
            cause,
            deadline: Time::NEVER,
        };
        nodes[node].handle(input, &mut turn);
        if self.out.exceeded().is_some() {
            // Not all of the node's records were kept: the run ends here.
            self.out.records.clear();
            self.out.effects.clear();
            return;
        }
        // Copies are taken over before they are released, so that none is counted as gone in between.
        self.take_over_held();
        self.publish(sink);
        if self.out.tracks {
            self.follow_turn(node, cause, sink);
        }
        self.carry_out(node, sink);
    }

    /// Delivers a packet that may carry copies of messages. The packet holds them until its receiver has had its turn.
    fn arrive<S: Sink>(&mut self, from: NodeId, to: NodeId, packet: Packet, cause: Option<Seq>, sink: &mut S) {
        let mut unpacked = self.unpack(&packet);
        self.turn(to, Input::Packet { from, packet }, cause, sink);
        unpacked.drain(..).for_each(|copy| self.release(copy, cause.map(|seq| (seq, to))));
        self.unpacked = unpacked;
        self.publish(sink);
    }

    /// Passes on what has happened, and what follows from it for the whereabouts of messages: what is found lost joins
    /// the end of the list, after all that was noted in the turn.
    fn publish<S: Sink>(&mut self, sink: &mut S) {
        let mut next = 0;
        while let Some(record) = self.out.records.get(next) {
            sink.record(record);
            self.tracker.observe(record);
            if self.tracker.concerns(record) {
                let record = record.clone();
                self.follow_up(&record);
            }
            next += 1;
        }
        self.out.records.clear();
        self.out.finished.clear();
    }

    fn carry_out<S: Sink>(&mut self, node: NodeId, sink: &mut S) {
        let mut next = 0;
        while let Some(&effect) = self.out.effects.get(next) {
            match effect {
                Effect::Send { to, packet, cause } => self.send(node, to, packet, cause, sink),
                Effect::Wake { at, timer, cause } => {
                    let life = self.runtimes[node].life;
                    self.agenda.schedule(at, ScheduledEvent::Ring { node, life, timer, set: self.now, cause });
                }
                Effect::Stop => self.runtimes[node].presence = Presence::Left,
            }
            next += 1;
        }
        self.out.effects.clear();
    }

    /// Sends a packet on its way, as the network decides.
    fn send<S: Sink>(&mut self, from: NodeId, to: NodeId, packet: u32, cause: Option<Seq>, sink: &mut S) {
        let Self { network, out, .. } = self;
        let counts_twice = || out.packets.get(packet).is_some_and(Packet::counts_twice);
        let verdict = network.verdict(self.now, from, to, counts_twice);
        let receiver = &self.runtimes[to];
        let (life, sent) = (receiver.life, self.now);
        match (verdict, receiver.presence) {
            (Verdict::Deliver(at), Presence::Up) => {
                self.agenda.schedule_in_line(at, ScheduledEvent::Arrival { from, to, life, packet, sent, cause });
            }
            (Verdict::Repeat { first, again }, Presence::Up) => {
                self.agenda.schedule(first, ScheduledEvent::Arrival { from, to, life, packet, sent, cause });
                let packet = self.repeat(packet);
                self.agenda.schedule(again, ScheduledEvent::Arrival { from, to, life, packet, sent, cause });
            }
            (Verdict::Deliver(there) | Verdict::Repeat { first: there, .. }, Presence::Down(CrashMode::Process)) => {
                // The host is there and says that nobody listens.
                let back = self.network.verdict(there, to, from, || false);
                self.drop_packet(from, to, packet, Why::Down, cause, sink);
                if let Verdict::Deliver(at) | Verdict::Repeat { first: at, .. } = back {
                    let (life, sent) = (self.runtimes[from].life, there);
                    let packet = self.out.packets.put(Packet::Closed);
                    self.agenda.schedule(at, ScheduledEvent::Arrival { from: to, to: from, life, packet, sent, cause });
                }
            }
            (Verdict::Deliver(_) | Verdict::Repeat { .. }, _) => {
                let why = receiver.why_not();
                self.drop_packet(from, to, packet, why, cause, sink);
            }
            (Verdict::Lose, _) => self.drop_packet(from, to, packet, Why::Loss, cause, sink),
            (Verdict::Cut, _) => self.drop_packet(from, to, packet, Why::Partition, cause, sink),
        }
    }

    /// Puts a second copy of a packet under way; returns its number.
    #[cold]
    fn repeat(&mut self, packet: u32) -> u32 {
        let copy = self.out.packets.get(packet).cloned().expect("it has just been sent");
        if copy.counts_twice() {
            let copy = self.out.put_under_way(&self.plan, copy);
            self.take_over_held();
            return copy;
        }
        let copy = self.out.packets.put(copy);
        self.duplicates.insert(copy);
        copy
    }

    /// The tracker takes over the copies of messages that somebody holds from now on.
    fn take_over_held(&mut self) {
        self.out.held.drain(..).for_each(|copy| self.tracker.hold(copy));
    }

    /// Drops a repeated packet on arrival: its receiver recognises it by its number.
    #[cold]
    fn ignore(&mut self, copy: u32) {
        self.duplicates.remove(&copy);
        if let Packet::PullAnswer { batch, .. } = self.out.packets.take(copy) {
            self.out.recycle(batch);
        }
    }

    #[cold]
    fn drop_packet<S: Sink>(
        &mut self,
        from: NodeId,
        to: NodeId,
        packet: u32,
        why: Why,
        cause: Option<Seq>,
        sink: &mut S,
    ) {
        let packet = self.out.packets.take(packet);
        let what = packet.what();
        let dropped = self.note(cause, from, Kind::Dropped { from, to, what, why }, sink);
        if self.out.tracks {
            self.release_packet(&packet, (dropped, from), sink);
        }
        if let Packet::PullAnswer { batch, .. } = packet {
            self.out.recycle(batch);
        }
    }

    /// The copies of messages that a packet has carried; it is under way no more.
    fn unpack(&mut self, packet: &Packet) -> Vec<VolatileCopy> {
        let mut unpacked = std::mem::take(&mut self.unpacked);
        packet.volatile_copies(&self.plan, |copy| unpacked.push(copy));
        self.out.bound_for_groups -= usize::from(VolatileCopy::is_for_a_group(&unpacked));
        unpacked
    }

    /// Releases the copies of messages that a lost packet carried.
    fn release_packet<S: Sink>(&mut self, packet: &Packet, cause: Cause, sink: &mut S) {
        let mut unpacked = self.unpack(packet);
        unpacked.drain(..).for_each(|copy| self.release(copy, Some(cause)));
        self.unpacked = unpacked;
        self.publish(sink);
    }

    /// Records what has happened to a node, outside any turn of its own.
    fn note<S: Sink>(&mut self, cause: Option<Seq>, node: NodeId, kind: Kind, sink: &mut S) -> Seq {
        let before = self.out.records.len();
        let seq = self.out.note(self.now, cause, node, kind);
        if before == 0 {
            self.publish(sink);
        }
        seq
    }
}

impl NodeRuntime {
    /// Why a message cannot reach it.
    fn why_not(&self) -> Why {
        match self.presence {
            Presence::Up => Why::Restarted,
            Presence::Down(_) => Why::Down,
            Presence::Absent | Presence::Left => Why::Absent,
        }
    }
}

// Each is moved several times.
const _: () = assert!(size_of::<ScheduledEvent>() == 40 && size_of::<Effect>() == 32);

#[cfg(test)]
mod tests;
