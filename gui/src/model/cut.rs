//! Who is cut off from whom at one moment. It comes from the plan's faults and the clock: nobody in the cluster can know it.

use queuescope::plan::{Fault, NodeId};
use queuescope::session::Scene;

/// A partition that lasts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartitionView {
    /// From these …
    pub from: Vec<NodeId>,
    /// … nothing comes to those.
    pub to: Vec<NodeId>,
    /// And the other way round: nothing at all.
    pub both: bool,
}

impl PartitionView {
    /// Whether it lies between two nodes.
    #[must_use]
    pub fn parts(&self, one: NodeId, other: NodeId) -> bool {
        let lies = |a: NodeId, b: NodeId| self.from.contains(&a) && self.to.contains(&b);
        lies(one, other) || lies(other, one)
    }
}

/// The partitions that last.
#[must_use]
pub fn cuts(scene: &Scene) -> Vec<PartitionView> {
    let plan = scene.world().plan();
    let lasting = plan.faults.iter().filter(|fault| plan.lasts_at(fault, scene.at()));
    let cut = lasting.filter_map(|fault| match &fault.fault {
        Fault::Partition { sides: (from, to), one_way } => {
            Some(PartitionView { from: from.clone(), to: to.clone(), both: !one_way })
        }
        _ => None,
    });
    cut.collect()
}
