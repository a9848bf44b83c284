//! Faults and changes: what the world does to nodes, not what nodes do.
//!
//! Faults of one kind on one node may overlap: it is down, paused or slow while any of them lasts.

use super::{Event, Presence, World};
use crate::node::broker::Cut;
use crate::node::{Input, Node};
use crate::plan::{CrashMode, Fault, NodeId, Parameter, Role};
use crate::protocol::Packet;
use crate::record::{Kind, Sink};

impl World {
    /// A node's first life begins, unless a crash lasts that struck before.
    pub(super) fn begin<S: Sink>(&mut self, node: NodeId, sink: &mut S) {
        let later = match &self.plan.nodes[node.index()].role {
            Role::Producer(producer) => producer.starts.0 > 0,
            Role::Consumer(consumer) => consumer.joins.0 > 0,
            Role::Nameserver | Role::Broker { .. } | Role::Service(_) => false,
        };
        if later {
            self.note(None, node, Kind::Joined, sink);
        }
        if self.bodies[node.index()].crashes > 0 {
            // It has nothing to lose yet.
            self.crash(node, CrashMode::Host, sink);
        } else {
            self.live(node, None, sink);
        }
    }

    /// A life begins.
    fn live<S: Sink>(&mut self, node: NodeId, cause: Option<crate::record::Seq>, sink: &mut S) {
        let body = &mut self.bodies[node.index()];
        body.life += 1;
        body.presence = Presence::Up;
        if !body.slowness.is_empty() {
            let factor = body.slowness.iter().product();
            self.turn(node, Input::Slow(factor), cause, sink);
        }
        if self.bodies[node.index()].pauses > 0 {
            let life = self.bodies[node.index()].life;
            self.bodies[node.index()].backlog.push(Event::Begin(node));
            debug_assert!(life > 0);
        } else {
            self.turn(node, Input::Start, cause, sink);
        }
    }

    #[cold]
    pub(super) fn strike<S: Sink>(&mut self, index: usize, sink: &mut S) {
        match self.plan.faults[index].fault {
            Fault::Crash { node, mode } => {
                self.bodies[node.index()].crashes += 1;
                // A host may crash after its process, and take with it what the process has left.
                let bites = match self.presence(node) {
                    Presence::Up => true,
                    Presence::Down(CrashMode::Process) => mode == CrashMode::Host,
                    Presence::Down(CrashMode::Host) | Presence::Absent | Presence::Left => false,
                };
                if bites {
                    self.crash(node, mode, sink);
                }
            }
            Fault::Pause { node } => {
                self.bodies[node.index()].pauses += 1;
                if self.bodies[node.index()].pauses == 1 && self.presence(node) == Presence::Up {
                    self.note(None, node, Kind::Paused, sink);
                }
            }
            Fault::Slow { node, factor } => {
                self.bodies[node.index()].slowness.push(factor);
                self.slow(node, sink);
            }
        }
    }

    #[cold]
    pub(super) fn relieve<S: Sink>(&mut self, index: usize, sink: &mut S) {
        match self.plan.faults[index].fault {
            Fault::Crash { node, .. } => {
                let body = &mut self.bodies[node.index()];
                body.crashes -= 1;
                if body.crashes == 0 && matches!(body.presence, Presence::Down(_)) {
                    let cause = body.crash.map(|(seq, _)| seq);
                    let seq = self.note(cause, node, Kind::Restarted, sink);
                    self.live(node, Some(seq), sink);
                }
            }
            Fault::Pause { node } => {
                self.bodies[node.index()].pauses -= 1;
                if self.bodies[node.index()].pauses == 0 {
                    self.resume(node, sink);
                }
            }
            Fault::Slow { node, factor } => {
                let slowness = &mut self.bodies[node.index()].slowness;
                if let Some(place) = slowness.iter().position(|lasting| *lasting == factor) {
                    slowness.remove(place);
                }
                self.slow(node, sink);
            }
        }
    }

    /// Memory is gone; of the disk, with the host, what was not flushed.
    fn crash<S: Sink>(&mut self, node: NodeId, mode: CrashMode, sink: &mut S) {
        let held = self.held_by(node);
        let body = &mut self.bodies[node.index()];
        body.presence = Presence::Down(mode);
        for event in body.backlog.drain(..) {
            if let Event::Arrival { packet, .. } = event {
                self.out.packets.take(packet);
            }
        }
        let crash = self.note(None, node, Kind::Crashed { mode }, sink);
        self.bodies[node.index()].crash = Some((crash, mode));
        if mode == CrashMode::Process {
            for peer in self.topology.clone().peers(node) {
                if self.presence(peer) == Presence::Up {
                    let closed = self.out.packets.put(Packet::Closed);
                    self.send(node, peer, closed, Some(crash), sink);
                }
            }
        }
        if let (CrashMode::Host, Node::Broker(broker)) = (mode, &mut self.nodes[node.index()]) {
            for Cut { queue, from, to, entries: cut } in broker.lose_unflushed() {
                self.note(Some(crash), node, Kind::Truncated { queue, from, to }, sink);
                let first = to - cut.len() as u64;
                self.seal_cut((crash, node), queue, first, &cut, sink);
            }
        }
        self.seal_held((crash, node), held, sink);
        self.nodes[node.index()].forget(&self.plan, self.now);
    }

    fn resume<S: Sink>(&mut self, node: NodeId, sink: &mut S) {
        if self.presence(node) == Presence::Up {
            self.note(None, node, Kind::Resumed, sink);
        }
        // What it has missed reaches it now, in the order in which it came, and before what comes now.
        for event in std::mem::take(&mut self.bodies[node.index()].backlog) {
            match event {
                Event::Begin(node) => self.turn(node, Input::Start, None, sink),
                event => self.agenda.schedule_first(self.now, event),
            }
        }
    }

    fn slow<S: Sink>(&mut self, node: NodeId, sink: &mut S) {
        if self.presence(node) != Presence::Up {
            return;
        }
        let factor: f64 = self.bodies[node.index()].slowness.iter().product();
        let seq = self.note(None, node, Kind::Changed { set: Parameter::Slow, to: factor.to_string().into() }, sink);
        self.turn(node, Input::Slow(factor), Some(seq), sink);
    }

    #[cold]
    pub(super) fn change<S: Sink>(&mut self, index: usize, sink: &mut S) {
        let change = &self.plan.changes[index];
        let (node, setting) = (change.node, change.setting);
        let kind = Kind::Changed { set: setting.parameter(), to: change.to.as_str().into() };
        let seq = self.note(None, node, kind, sink);
        if self.presence(node) == Presence::Up && self.is_paused(node) {
            self.bodies[node.index()].backlog.push(Event::Set { node, setting, cause: Some(seq) });
        } else {
            // Settings outlive every life, so that a node which is down begins again with the new one.
            self.turn(node, Input::Set(setting), Some(seq), sink);
        }
    }
}
