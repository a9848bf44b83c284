//! The network partitions that are in effect at a moment, and the links on which messages arrive twice. They are read from
//! the faults of the plan, because no node of the cluster can know of them.

use queuescope::plan::{Fault, Links, NodeId, Rule, WireFault};
use queuescope::session::Scene;

/// A partition that is in effect.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartitionView {
    /// The nodes whose messages do not reach `to`.
    pub from: Vec<NodeId>,
    /// The nodes that messages of `from` do not reach.
    pub to: Vec<NodeId>,
    /// Whether messages of `to` do not reach `from` either.
    pub both: bool,
}

impl PartitionView {
    /// Whether it cuts off two nodes from each other, in at least one direction.
    #[must_use]
    pub fn separates(&self, one: NodeId, other: NodeId) -> bool {
        let cuts = |a: NodeId, b: NodeId| self.from.contains(&a) && self.to.contains(&b);
        cuts(one, other) || cuts(other, one)
    }
}

/// The partitions that are in effect at the moment of a scene.
#[must_use]
pub fn partitions(scene: &Scene) -> Vec<PartitionView> {
    let partitions = wire_faults(scene).filter_map(|fault| match fault {
        WireFault { links: Links::Sides { sides: (from, to), one_way }, rule: Rule::Cut } => {
            Some(PartitionView { from: from.clone(), to: to.clone(), both: !one_way })
        }
        _ => None,
    });
    partitions.collect()
}

/// The links on which messages arrive twice at the moment of a scene, by their ends.
#[must_use]
pub fn repeating_links(scene: &Scene) -> Vec<(NodeId, NodeId)> {
    let repeating = wire_faults(scene).filter_map(|fault| match *fault {
        WireFault { links: Links::Between(one, other), rule: Rule::Repeat { probability } } => {
            (probability > 0.0).then_some((one, other))
        }
        _ => None,
    });
    repeating.collect()
}

/// The faults on the wire that are in effect.
fn wire_faults(scene: &Scene) -> impl Iterator<Item = &WireFault> {
    let plan = scene.world().plan();
    let active = plan.faults.iter().filter(|fault| plan.lasts_at(fault, scene.at()));
    active.filter_map(|fault| match &fault.fault {
        Fault::Wire(wire) => Some(wire),
        _ => None,
    })
}
