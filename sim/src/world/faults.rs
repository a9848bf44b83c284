//! Faults and changes: what the world does to nodes, not what nodes do. What faults on the wire do to messages is the
//! network's; here they only begin and end.
//!
//! Faults of one kind on one node may overlap: it is down, paused or slow, or its disk is full, while any of them lasts.
//! Each fault remembers whether it has made a difference: [`World::idle_faults`].

use std::collections::BTreeMap;
use std::sync::Arc;

use typed_index_collections::TiVec;

use super::{Presence, ScheduledEvent, World};
use crate::kernel::Time;
use crate::node::{Input, Node};
use crate::plan::{ChangeId, ChangePlan, CrashMode, Fault, FaultId, FaultPlace, Life, NodeId, Plan, Rule, WireFault};
use crate::protocol::{Packet, VolatileCopy};
use crate::record::{Change, Kind, Seq, Sink};

/// Faults of one place: the faults on the wire and full disks that last, by where they are, and pauses.
#[derive(Clone, Debug)]
pub(super) struct Overlaps {
    /// By fault of the plan: the number of its place.
    places: Arc<TiVec<FaultId, Option<u32>>>,
    /// By place: those that last, by their numbers in the plan, in the order in which they struck.
    lasting: Vec<Vec<FaultId>>,
    /// By fault of the plan: whether it is a pause, and another one of the same node struck before and lasts as long.
    covered: Arc<TiVec<FaultId, bool>>,
}

impl Overlaps {
    /// None yet.
    pub(super) fn new(plan: &Plan) -> Self {
        let mut numbers: BTreeMap<FaultPlace, u32> = BTreeMap::new();
        let mut number = |place: FaultPlace| {
            let next = numbers.len() as u32;
            *numbers.entry(place).or_insert(next)
        };
        let places: TiVec<FaultId, _> = plan.faults.iter().map(|fault| fault.fault.place().map(&mut number)).collect();
        Self { places: places.into(), lasting: vec![Vec::new(); numbers.len()], covered: covered_pauses(plan).into() }
    }

    /// A fault begins or ends; those that last at its place from now on.
    fn change(&mut self, fault: FaultId, begins: bool) -> &[FaultId] {
        let Some(place) = self.places[fault] else { return &[] };
        let lasting = &mut self.lasting[place as usize];
        if begins {
            lasting.push(fault);
        } else {
            lasting.retain(|other| *other != fault);
        }
        lasting
    }
}

/// By fault of the plan: whether it is a pause that adds nothing to one of the same node that struck before.
fn covered_pauses(plan: &Plan) -> TiVec<FaultId, bool> {
    let mut covered: TiVec<FaultId, bool> = vec![false; plan.faults.len()].into();
    // By node: when the last of those that have struck so far is over.
    let mut over: BTreeMap<NodeId, Time> = BTreeMap::new();
    for fault in plan.faults_in_time() {
        let Fault::Pause { node } = plan.faults[fault].fault else { continue };
        let end = plan.end_of(&plan.faults[fault]).unwrap_or(Time::NEVER);
        let last = over.get(&node).copied();
        covered[fault] = last.is_some_and(|last| end <= last);
        over.insert(node, last.map_or(end, |last| end.max(last)));
    }
    covered
}

impl World {
    /// Begins a node's first life, unless a crash that struck before still lasts.
    pub(super) fn join<S: Sink>(&mut self, node: NodeId, sink: &mut S) {
        if self.plan.begins(node) > Time::ZERO {
            self.note(None, node, Kind::Joined, sink);
        }
        if let Some(first) = self.runtimes[node].crashes.first() {
            // It has nothing to lose yet, on disk or elsewhere.
            let wiped = matches!(self.plan.faults[*first].fault, Fault::Wipe { .. });
            self.felt[*first] = true;
            self.crash(node, if wiped { CrashMode::Wipe } else { CrashMode::Host }, sink);
        } else {
            self.begin_life(node, None, sink);
        }
    }

    /// Begins a life.
    fn begin_life<S: Sink>(&mut self, node: NodeId, cause: Option<Seq>, sink: &mut S) {
        let runtime = &mut self.runtimes[node];
        runtime.life = Some(Life::after(runtime.life));
        runtime.presence = Presence::Up;
        if runtime.pauses.is_empty() {
            self.turn(node, Input::Start, cause, sink);
        } else {
            self.wait(node, ScheduledEvent::Join(node));
        }
    }

    #[cold]
    pub(super) fn begin_fault<S: Sink>(&mut self, fault: FaultId, sink: &mut S) {
        let plan = Arc::clone(&self.plan);
        match plan.faults[fault].fault {
            Fault::Crash { node, mode } => self.crash_by_fault(fault, node, mode, sink),
            Fault::Wipe { node } => self.crash_by_fault(fault, node, CrashMode::Wipe, sink),
            Fault::Pause { node } => {
                let runtime = &mut self.runtimes[node];
                runtime.pauses.push(fault);
                if runtime.pauses.len() == 1 {
                    runtime.paused_since = self.now;
                    if runtime.presence == Presence::Up {
                        self.note(None, node, Kind::Paused, sink);
                    }
                }
            }
            Fault::Slow { node, .. } => {
                self.remember_felt(node);
                self.runtimes[node].slowness.push(fault);
                self.slow(node, sink);
            }
            Fault::DiskFull { node } => {
                self.remember_felt(node);
                self.runtimes[node].full.push(fault);
                let seq = self.note_fault(fault, true, sink);
                self.turn(node, Input::DiskFull(true), Some(seq), sink);
            }
            Fault::Wire(_) => _ = self.note_fault(fault, true, sink),
        }
    }

    #[cold]
    pub(super) fn end_fault<S: Sink>(&mut self, fault: FaultId, sink: &mut S) {
        let plan = Arc::clone(&self.plan);
        match plan.faults[fault].fault {
            Fault::Crash { node, .. } | Fault::Wipe { node } => {
                let runtime = &mut self.runtimes[node];
                runtime.crashes.retain(|crash| *crash != fault);
                if !matches!(runtime.presence, Presence::Down(_)) {
                    return;
                }
                // Whichever keeps it down from now on makes a difference, though it may have struck a node that was down.
                let lasts = |crash: &&FaultId| plan.lasts_at(&plan.faults[**crash], self.now);
                if let Some(keeps) = runtime.crashes.iter().find(lasts) {
                    self.felt[*keeps] = true;
                }
                if runtime.crashes.is_empty() {
                    let cause = runtime.crash.map(|(seq, _)| seq);
                    let seq = self.note(cause, node, Kind::Restarted, sink);
                    self.begin_life(node, Some(seq), sink);
                }
            }
            Fault::Pause { node } => {
                self.remember_felt(node);
                self.runtimes[node].pauses.retain(|pause| *pause != fault);
                if self.runtimes[node].pauses.is_empty() {
                    self.resume(node, sink);
                }
            }
            Fault::Slow { node, .. } => {
                self.remember_felt(node);
                self.runtimes[node].slowness.retain(|slow| *slow != fault);
                self.slow(node, sink);
            }
            Fault::DiskFull { node } => {
                self.remember_felt(node);
                self.runtimes[node].full.retain(|full| *full != fault);
                let full = !self.runtimes[node].full.is_empty();
                let seq = self.note_fault(fault, false, sink);
                self.turn(node, Input::DiskFull(full), Some(seq), sink);
            }
            Fault::Wire(_) => _ = self.note_fault(fault, false, sink),
        }
    }

    /// A crash strikes a node, wherever it is. A host may crash after its process, and take with it what the process has
    /// left; and a disk can be wiped while nobody uses it.
    fn crash_by_fault<S: Sink>(&mut self, fault: FaultId, node: NodeId, mode: CrashMode, sink: &mut S) {
        self.runtimes[node].crashes.push(fault);
        let bites = match self.presence(node) {
            Presence::Up => true,
            Presence::Down(CrashMode::Process) => mode != CrashMode::Process,
            Presence::Down(CrashMode::Host) => mode == CrashMode::Wipe,
            Presence::Down(CrashMode::Wipe) | Presence::Absent | Presence::Left => false,
        };
        if bites {
            self.felt[fault] = true;
            self.crash(node, mode, sink);
        }
    }

    /// Takes a node down: its memory is gone, and with its host what was not flushed, or the whole disk.
    fn crash<S: Sink>(&mut self, node: NodeId, mode: CrashMode, sink: &mut S) {
        self.remember_felt(node);
        let runtime = &mut self.runtimes[node];
        runtime.presence = Presence::Down(mode);
        let backlog = self.take_backlog(node);
        let crash = self.note(None, node, Kind::Crashed { mode }, sink);
        self.runtimes[node].crash = Some((crash, mode));
        for event in backlog {
            if let ScheduledEvent::Arrival { packet, .. } = event {
                let packet = self.out.packets.take(packet);
                if self.out.tracks {
                    self.release_packet(&packet, (crash, node), sink);
                }
            }
        }
        match (mode, &mut self.nodes[node]) {
            (CrashMode::Process, _) => {
                for peer in self.topology.clone().peers(node) {
                    if self.presence(peer) == Presence::Up {
                        let closed = self.out.packets.put(Packet::Closed);
                        self.send(node, peer, closed, Some(crash), sink);
                    }
                }
            }
            (CrashMode::Host, Node::Broker(broker)) => {
                let cuts = broker.lose_unflushed();
                self.cut(crash, node, cuts, sink);
            }
            (CrashMode::Wipe, _) => self.wipe(crash, node, sink),
            (CrashMode::Host, _) => {}
        }
        let mut copy = Vec::new();
        if self.out.tracks {
            self.nodes[node].volatile_copies(|it| copy.push(it));
        }
        self.out.close(self.nodes[node].open());
        self.nodes[node].forget(&self.plan, self.now);
        for it in copy {
            match it {
                // What a consumer had in its hands is gone with it, whatever it was endangered by before.
                VolatileCopy::Group(group, message) => {
                    self.tracker.release(it);
                    self.check_for_loss(group, message, Some((crash, node)));
                }
                VolatileCopy::Log(_) | VolatileCopy::Retries(..) => self.release(it, Some((crash, node))),
            }
        }
        self.publish(sink);
    }

    fn resume<S: Sink>(&mut self, node: NodeId, sink: &mut S) {
        if self.presence(node) == Presence::Up {
            let seq = self.note(None, node, Kind::Resumed, sink);
            let paused = self.now.since(self.runtimes[node].paused_since);
            if !paused.is_zero() {
                self.turn(node, Input::Resume(paused), Some(seq), sink);
            }
        }
        // The events that it has missed reach it now, in their order, before all later ones.
        for event in self.take_backlog(node) {
            match event {
                ScheduledEvent::Join(node) => self.turn(node, Input::Start, None, sink),
                event => self.agenda.schedule_first(self.now, event),
            }
        }
    }

    /// Tells a node how slow the faults that last make it; a node that is down keeps that for its next life.
    fn slow<S: Sink>(&mut self, node: NodeId, sink: &mut S) {
        let factor = self.slowness(node);
        let is_up = self.presence(node) == Presence::Up;
        let kind = || Kind::Changed { change: Arc::new(Change::Slowness(factor)) };
        let seq = is_up.then(|| self.note(None, node, kind(), sink));
        self.turn(node, Input::Slow(factor), seq, sink);
    }

    /// Records how links or a disk are now that a fault there begins or ends.
    fn note_fault<S: Sink>(&mut self, fault: FaultId, begins: bool, sink: &mut S) -> Seq {
        let lasting = self.overlaps.change(fault, begins);
        let fault = &self.plan.faults[fault].fault;
        let over = lasting.is_empty();
        let change = match fault {
            Fault::Wire(WireFault { links, rule }) => {
                let rules = lasting.iter().filter_map(|other| match &self.plan.faults[*other].fault {
                    Fault::Wire(other) => Some(other.rule),
                    _ => None,
                });
                Change::Wire { links: links.clone(), rule: rules.reduce(Rule::overlaid).unwrap_or(*rule), over }
            }
            _ => Change::DiskFull(!over),
        };
        let node = fault.node();
        self.note(None, node, Kind::Changed { change: Arc::new(change) }, sink)
    }

    #[cold]
    pub(super) fn change<S: Sink>(&mut self, change: ChangeId, sink: &mut S) {
        let ChangePlan { node, setting, .. } = self.plan.changes[change];
        let kind = Kind::Changed { change: Arc::new(Change::Setting(setting)) };
        let seq = self.note(None, node, kind, sink);
        if self.presence(node) == Presence::Up && self.is_paused(node) {
            self.wait(node, ScheduledEvent::Set { change, cause: Some(seq) });
        } else {
            // Settings outlive every life, so that a node which is down begins again with the new one.
            self.turn(node, Input::Set(setting), Some(seq), sink);
        }
    }

    // ---- whether faults make a difference ------------------------------------------------------------------------

    /// The faults at a node that something has felt since they were last changed there. What waits for a paused node, or is
    /// not gone on with, feels the pause, and what was refused the full disk, of several the first; what was done meanwhile
    /// feels every slowness.
    fn felt_at(&self, node: NodeId) -> impl Iterator<Item = FaultId> {
        let (runtime, state) = (&self.runtimes[node], &self.nodes[node]);
        let waits = !runtime.backlog.is_empty() || (self.now > runtime.paused_since && state.is_at_work());
        let pause = runtime.pauses.first().filter(|pause| waits && !self.overlaps.covered[**pause]);
        let full = runtime.full.first().filter(|_| state.has_felt_full_disk());
        let slow = runtime.slowness.iter().filter(|slow| state.has_felt_slowness() && self.factor(**slow) != 1.0);
        slow.chain(pause).chain(full).copied()
    }

    /// Remembers, before the faults at a node change, which of those that last have made a difference.
    fn remember_felt(&mut self, node: NodeId) {
        let felt: Vec<FaultId> = self.felt_at(node).collect();
        felt.into_iter().for_each(|fault| self.felt[fault] = true);
    }

    /// The faults of the plan, by their numbers, that have made no difference so far: they struck nobody, or nobody felt
    /// them.
    #[must_use]
    pub(crate) fn idle_faults(&self) -> Vec<FaultId> {
        let lasting: std::collections::BTreeSet<FaultId> =
            (0..self.nodes.len()).map(NodeId::from).flat_map(|node| self.felt_at(node)).collect();
        let felt = |fault: FaultId| self.felt[fault] || self.network.is_felt(fault) || lasting.contains(&fault);
        self.plan.faults.keys().filter(|fault| !felt(*fault)).collect()
    }
}
