//! What a wipe takes: a broker's disk with all that lay there, and with it what only it could bring.

use super::World;
use super::custody::Cause;
use crate::node::broker::Cut;
use crate::node::{Dropped, Node};
use crate::plan::NodeId;
use crate::protocol::Spot;
use crate::record::{Kind, Sink};

impl World {
    /// Empties a broker's disk: first the logs, while it is still known what each group has done with them, then what is
    /// kept for the groups.
    pub(super) fn wipe<S: Sink>(&mut self, cause: Cause, node: NodeId, sink: &mut S) {
        let Node::Broker(broker) = &mut self.nodes[node.index()] else { return };
        let cuts = broker.lose_logs();
        self.cut(cause, node, cuts, sink);
        let Node::Broker(broker) = &mut self.nodes[node.index()] else { return };
        for (queue, slot, spots) in broker.lose_readings() {
            let topic = self.plan.queues[queue.index()].topic;
            let group = Some(self.plan.topics[topic.index()].groups[slot]);
            let drop = |Spot { offset, message }| Dropped { queue, group, offset, message, cause: Some(cause.0) };
            self.out.dropped.extend(spots.into_iter().map(drop));
        }
        self.seal_dropped(node, sink);
    }

    /// The ends of some logs are gone.
    pub(super) fn cut<S: Sink>(&mut self, (seal, by): Cause, node: NodeId, cuts: Vec<Cut>, sink: &mut S) {
        for Cut { queue, from, to, entries } in cuts {
            self.note(Some(seal), node, Kind::Truncated { queue, from, to }, sink);
            let first = to - entries.len() as u64;
            self.seal_cut((seal, by), queue, first, &entries, sink);
        }
    }
}
