//! What a `changed` record says: values and ids. Words are made of it only where somebody reads them.
//!
//! It knows nothing of why something changed.

use crate::kernel::Distribution;
use crate::plan::{NodeId, Plan, Setting};

/// How the trace says that a partition, a link fault or a full disk is over.
const AS_BEFORE: &str = "as before";

/// Something that is different from now on.
#[derive(Clone, PartialEq, Debug)]
pub enum Change {
    /// A setting of the node has this value.
    Setting(Setting),
    /// The node's service or store time is multiplied by this; 1: as usual.
    Slowness(f64),
    /// Nodes are cut off from each other, or no longer.
    Partition {
        /// Each as the file has it.
        sides: (Vec<NodeId>, Vec<NodeId>),
        /// From the first to the second side only.
        one_way: bool,
        /// Whether it has ended.
        over: bool,
    },
    /// The link between the node and another one is like this; neither of the two: it is as usual again.
    Link {
        /// The other node.
        other: NodeId,
        /// None: as usual.
        latency: Option<Distribution>,
        /// Probability that a message is dropped; none: as usual.
        loss: Option<f64>,
    },
    /// Whether the broker's disk is full.
    DiskFull(bool),
}

impl Change {
    /// The key of a setting, or the kind of a fault, as the file writes it; the trace's `set`.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Setting(setting) => setting.key(),
            Self::Slowness(_) => "slow",
            Self::Partition { .. } => "partition",
            Self::Link { .. } => "link",
            Self::DiskFull(_) => "disk_full",
        }
    }

    /// Whether a partition, a link fault or a full disk begins or lasts.
    #[must_use]
    pub const fn begins_trouble(&self) -> bool {
        self.is_of_fault() && !self.ends_trouble()
    }

    /// Whether a partition, a link fault or a full disk has ended.
    #[must_use]
    pub const fn ends_trouble(&self) -> bool {
        matches!(
            self,
            Self::Partition { over: true, .. } | Self::Link { latency: None, loss: None, .. } | Self::DiskFull(false)
        )
    }

    /// Whether it tells of a partition, a link fault or a full disk.
    #[must_use]
    pub const fn is_of_fault(&self) -> bool {
        matches!(self, Self::Partition { .. } | Self::Link { .. } | Self::DiskFull(_))
    }

    /// The two sides of a partition, `shop, cart | broker1`, with an arrow where it is one way; nothing of another change.
    #[must_use]
    pub fn sides(&self, plan: &Plan) -> String {
        let Self::Partition { sides: (first, second), one_way, .. } = self else { return String::new() };
        let names = |side: &[NodeId]| side.iter().map(|node| plan.name(*node)).collect::<Vec<_>>().join(", ");
        format!("{} {} {}", names(first), if *one_way { "->" } else { "|" }, names(second))
    }

    /// What a link is like, `latency 9ms, loss 0.5`; nothing of one that is as usual, and of another change.
    #[must_use]
    pub fn link_state(&self) -> String {
        let Self::Link { latency, loss, .. } = self else { return String::new() };
        let parts = [latency.map(|it| format!("latency {it}")), loss.map(|it| format!("loss {it}"))];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// The new value: of a setting as the file would write it, of a fault who is concerned and how it is now; the trace's
    /// `to`.
    #[must_use]
    pub fn value(&self, plan: &Plan) -> String {
        match self {
            Self::Setting(setting) => setting.value(),
            Self::Slowness(factor) => factor.to_string(),
            Self::Partition { over: false, .. } => self.sides(plan),
            Self::Partition { over: true, .. } => format!("{}: {AS_BEFORE}", self.sides(plan)),
            Self::Link { other, .. } if self.ends_trouble() => format!("{}: {AS_BEFORE}", plan.name(*other)),
            Self::Link { other, .. } => format!("{}: {}", plan.name(*other), self.link_state()),
            Self::DiskFull(true) => "full".to_owned(),
            Self::DiskFull(false) => AS_BEFORE.to_owned(),
        }
    }
}
