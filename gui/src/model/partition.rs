//! Which partitions of the network hold at one moment, and on which links messages arrive twice. The plan's faults and the
//! clock say so: no node of the cluster can know it.

use queuescope::plan::{Fault, Links, NodeId, Rule, WireFault};
use queuescope::session::Scene;

/// A partition that holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartitionView {
    /// Nothing from these nodes …
    pub from: Vec<NodeId>,
    /// … reaches those.
    pub to: Vec<NodeId>,
    /// Whether nothing comes back either.
    pub both: bool,
}

impl PartitionView {
    /// Whether it lies between two nodes, in either direction.
    #[must_use]
    pub fn separates(&self, one: NodeId, other: NodeId) -> bool {
        let stops = |a: NodeId, b: NodeId| self.from.contains(&a) && self.to.contains(&b);
        stops(one, other) || stops(other, one)
    }
}

/// The partitions that hold at the moment of a scene.
#[must_use]
pub fn partitions(scene: &Scene) -> Vec<PartitionView> {
    let plan = scene.world().plan();
    let lasting = plan.faults.iter().filter(|fault| plan.lasts_at(fault, scene.at()));
    let partition = lasting.filter_map(|fault| match &fault.fault {
        Fault::Wire(WireFault { links: Links::Sides { sides: (from, to), one_way }, rule: Rule::Cut }) => {
            Some(PartitionView { from: from.clone(), to: to.clone(), both: !one_way })
        }
        _ => None,
    });
    partition.collect()
}

/// The links on which messages arrive twice at the moment of a scene, by their ends.
#[must_use]
pub fn repeating_links(scene: &Scene) -> Vec<(NodeId, NodeId)> {
    let plan = scene.world().plan();
    let lasting = plan.faults.iter().filter(|fault| plan.lasts_at(fault, scene.at()));
    let links = lasting.filter_map(|fault| match fault.fault {
        Fault::Wire(WireFault { links: Links::Between(one, other), rule: Rule::Repeat { probability } }) => {
            (probability > 0.0).then_some((one, other))
        }
        _ => None,
    });
    links.collect()
}
