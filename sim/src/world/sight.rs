//! What can be seen of a world from outside at one moment: messages on their way, clocks that run, how nodes are.
//!
//! For pictures only: it shows, and changes nothing. No node ever sees it.

use super::{Presence, ScheduledEvent, World};
use crate::kernel::Time;
use crate::node::Timer;
use crate::plan::{Fault, FaultId, Life, NodeId};
use crate::protocol::Packet;

/// A message between two nodes, on its way.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Flight<'a> {
    /// Sender.
    pub from: NodeId,
    /// Receiver.
    pub to: NodeId,
    /// When it left.
    pub sent: Time,
    /// When it arrives.
    pub arrives: Time,
    /// Whether its receiver can no longer take it: it is not up, or has begun another life since the packet was sent.
    pub arrives_in_vain: bool,
    /// What it says.
    pub packet: &'a Packet,
}

/// A timer that a node has set in the life it lives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Clock {
    /// The node that set it.
    pub node: NodeId,
    /// What for.
    pub timer: Timer,
    /// When it was set.
    pub set: Time,
    /// When it rings.
    pub due: Time,
}

impl World {
    /// Every message on its way, in no particular order.
    pub fn flights(&self) -> impl Iterator<Item = Flight<'_>> {
        self.agenda.pending().filter_map(|(arrives, event)| match event {
            ScheduledEvent::Arrival { from, to, life, packet, sent, .. } => {
                let runtime = &self.runtimes[*to];
                let vain = runtime.presence != Presence::Up || runtime.life != *life;
                let packet = self.out.packets.get(*packet)?;
                Some(Flight { from: *from, to: *to, sent: *sent, arrives, arrives_in_vain: vain, packet })
            }
            _ => None,
        })
    }

    /// Every timer that will ring, in no particular order.
    pub fn clocks(&self) -> impl Iterator<Item = Clock> {
        self.agenda.pending().filter_map(|(due, event)| match event {
            ScheduledEvent::Ring { node, life, timer, set, .. } => {
                let runtime = &self.runtimes[*node];
                let rings = runtime.presence == Presence::Up && runtime.life == *life;
                rings.then_some(Clock { node: *node, timer: *timer, set: *set, due })
            }
            _ => None,
        })
    }

    /// By how much a node is slowed; 1: it is as quick as always.
    #[must_use]
    pub fn slowness(&self, node: NodeId) -> f64 {
        self.runtimes[node].slowness.iter().map(|slow| self.factor(*slow)).product()
    }

    /// The factor of a fault that makes slow.
    pub(super) fn factor(&self, fault: FaultId) -> f64 {
        match self.plan.faults[fault].fault {
            Fault::Slow { factor, .. } => factor,
            _ => 1.0,
        }
    }

    /// Whether a broker's disk is full.
    #[must_use]
    pub fn has_full_disk(&self, node: NodeId) -> bool {
        !self.runtimes[node].full.is_empty()
    }

    /// Which life a node lives or has lived last; none: it has not begun one.
    #[must_use]
    pub fn life(&self, node: NodeId) -> Option<Life> {
        self.runtimes[node].life
    }

    /// Whether the run is over.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.ended
    }
}
