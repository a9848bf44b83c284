//! Faults: what breaks, when and for how long.

use serde::Serialize;

use super::{NodeId, Plan};
use crate::kernel::{Distribution, Span, Time};

/// Something that breaks, and for how long.
#[derive(Clone, PartialEq, Debug)]
pub struct FaultPlan {
    /// When.
    pub at: Time,
    /// For how long; none: for good.
    pub lasts: Option<Span>,
    /// What.
    pub fault: Fault,
}

/// What breaks.
#[derive(Clone, PartialEq, Debug)]
pub enum Fault {
    /// Memory is gone.
    Crash {
        /// Who.
        node: NodeId,
        /// The host or only the process.
        mode: CrashMode,
    },
    /// Does nothing: late, not dead.
    Pause {
        /// Who.
        node: NodeId,
    },
    /// Service or store time is multiplied.
    Slow {
        /// Who.
        node: NodeId,
        /// By this.
        factor: f64,
    },
    /// Nothing passes from side to side.
    Partition {
        /// Each as the file has it; no node is on both.
        sides: (Vec<NodeId>, Vec<NodeId>),
        /// From the first to the second side only.
        one_way: bool,
    },
    /// One link is another one, in both directions.
    Link {
        /// Two different nodes.
        between: (NodeId, NodeId),
        /// None: as it is otherwise.
        latency: Option<Distribution>,
        /// None: as it is otherwise.
        loss: Option<f64>,
    },
    /// A broker can store no message.
    DiskFull {
        /// Which.
        node: NodeId,
    },
    /// A crash of a broker's host after which its disk is empty.
    Wipe {
        /// Which.
        node: NodeId,
    },
}

/// What a crash takes with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CrashMode {
    /// Silent, and what was not flushed is gone.
    Host,
    /// Connections close, and what was written stays.
    Process,
    /// As [`Self::Host`], and the disk is empty. In a file it is a fault of its own, not a mode of `crash`.
    Wipe,
}

impl Fault {
    /// Its `kind`, as the file writes it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Crash { .. } => "crash",
            Self::Pause { .. } => "pause",
            Self::Slow { .. } => "slow",
            Self::Partition { .. } => "partition",
            Self::Link { .. } => "link",
            Self::DiskFull { .. } => "disk_full",
            Self::Wipe { .. } => "wipe",
        }
    }

    /// The node at which records tell of it: whom it strikes, or the first that is named.
    #[must_use]
    pub fn node(&self) -> NodeId {
        match self {
            Self::Crash { node, .. }
            | Self::Pause { node }
            | Self::Slow { node, .. }
            | Self::DiskFull { node }
            | Self::Wipe { node } => *node,
            // The file has no empty side.
            Self::Partition { sides, .. } => sides.0.first().copied().unwrap_or(NodeId(0)),
            Self::Link { between, .. } => between.0,
        }
    }

    /// Where a partition, a link fault or a full disk is; none for faults that strike a whole node.
    #[must_use]
    pub fn place(&self) -> Option<FaultPlace> {
        let ordered = |a: NodeId, b: NodeId| (a.min(b), a.max(b));
        match self {
            Self::Partition { sides: (first, second), one_way } => {
                let swap = !one_way && second < first;
                let (first, second) = if swap { (second, first) } else { (first, second) };
                Some(FaultPlace::Between(first.clone(), second.clone(), *one_way))
            }
            Self::Link { between: (one, other), .. } => {
                let (one, other) = ordered(*one, *other);
                Some(FaultPlace::Link(one, other))
            }
            Self::DiskFull { node } => Some(FaultPlace::Disk(*node)),
            Self::Crash { .. } | Self::Pause { .. } | Self::Slow { .. } | Self::Wipe { .. } => None,
        }
    }
}

/// Where a fault is that lies over links or a disk. Faults of one place overlap.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum FaultPlace {
    /// Between two sides, or only from the first to the second.
    Between(Vec<NodeId>, Vec<NodeId>, bool),
    /// Over the link between two nodes.
    Link(NodeId, NodeId),
    /// On the disk of a broker.
    Disk(NodeId),
}

impl Plan {
    /// When a fault is over, if it ever is: when producers have stopped, those with an end are.
    #[must_use]
    pub fn end_of(&self, fault: &FaultPlan) -> Option<Time> {
        fault.lasts.map(|lasts| (fault.at + lasts).min(Time::ZERO + self.duration))
    }

    /// The faults, by their numbers, in the order in which they strike.
    #[must_use]
    pub fn faults_in_time(&self) -> Vec<usize> {
        let mut numbers: Vec<usize> = (0..self.faults.len()).collect();
        numbers.sort_by_key(|number| self.faults[*number].at);
        numbers
    }

    /// Whether a fault lasts at a time.
    #[must_use]
    pub fn lasts_at(&self, fault: &FaultPlan, at: Time) -> bool {
        fault.at <= at && self.end_of(fault).is_none_or(|end| at < end)
    }
}
