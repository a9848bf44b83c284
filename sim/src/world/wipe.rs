//! What a wipe takes: a broker's disk with all that lay there, and with it what only it could bring.

use super::World;
use crate::node::broker::LostTail;
use crate::node::{CopyRole, DroppedCopy, Node};
use crate::plan::{NodeId, Offset};
use crate::record::{Kind, Seq, Sink};

impl World {
    /// Empties a broker's disk: first the logs, while it is still known what each group has done with them, then what is
    /// kept for the groups.
    pub(super) fn wipe<S: Sink>(&mut self, crash: Seq, node: NodeId, sink: &mut S) {
        let Node::Broker(broker) = &mut self.nodes[node] else { return };
        let cuts = broker.lose_logs();
        self.cut(crash, node, cuts, sink);
        let Node::Broker(broker) = &mut self.nodes[node] else { return };
        for (queue, slot, message_refs) in broker.lose_group_states() {
            let group = self.plan.topics[self.plan.queues[queue].topic].groups[slot];
            self.out.dropped.extend(message_refs.into_iter().map(|message_ref| DroppedCopy {
                group,
                queue,
                offset: message_ref.offset,
                role: CopyRole::Failed,
                message: message_ref.message,
                cause: Some(crash),
            }));
        }
        self.dropped(node, sink);
    }

    /// The ends of some logs are gone.
    pub(super) fn cut<S: Sink>(&mut self, crash: Seq, node: NodeId, cuts: Vec<LostTail>, sink: &mut S) {
        for LostTail { queue, from, to, entries } in cuts {
            self.note(Some(crash), node, Kind::Truncated { queue, from, to }, sink);
            let first = Offset(to.0 - entries.len() as u64);
            for group in self.groups_of(self.plan.queues[queue].topic) {
                let (began, _) = self.bounds(node, queue, group);
                self.out.dropped.extend(first.onward().zip(&entries).map(|(offset, entry)| DroppedCopy {
                    group,
                    queue,
                    offset,
                    role: CopyRole::on_log(offset, began),
                    message: entry.message,
                    cause: Some(crash),
                }));
            }
            self.dropped(node, sink);
        }
    }
}
