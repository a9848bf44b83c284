//! Faults: what breaks, when and for how long. What a fault on the wire does is in `wire`.

use serde::Serialize;

use super::{FaultId, Links, NodeId, Plan, WireFault};
use crate::kernel::{Span, Time};

/// Something that breaks, and for how long.
#[derive(Clone, PartialEq, Debug)]
pub struct FaultPlan {
    /// When it begins.
    pub at: Time,
    /// For how long; none: for good.
    pub lasts: Option<Span>,
    /// What breaks.
    pub fault: Fault,
}

/// What breaks.
#[derive(Clone, PartialEq, Debug)]
pub enum Fault {
    /// Memory is gone.
    Crash {
        /// The node that it strikes.
        node: NodeId,
        /// The host or only the process.
        mode: CrashMode,
    },
    /// Does nothing: late, not dead.
    Pause {
        /// The node that it strikes.
        node: NodeId,
    },
    /// Service or store time is multiplied.
    Slow {
        /// The node that it strikes.
        node: NodeId,
        /// By this.
        factor: f64,
    },
    /// Links are cut, or others than usual.
    Wire(WireFault),
    /// A broker can store no message.
    DiskFull {
        /// The broker that it strikes.
        node: NodeId,
    },
    /// A crash of a broker's host after which its disk is empty.
    Wipe {
        /// The broker that it strikes.
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
            Self::Wire(wire) => wire.rule.kind(),
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
            Self::Wire(wire) => wire.links.first(),
        }
    }

    /// Where a fault on the wire or a full disk is; none for faults that strike a whole node.
    #[must_use]
    pub fn place(&self) -> Option<FaultPlace> {
        match self {
            Self::Wire(wire) => Some(FaultPlace::Wire(wire.rule.kind(), wire.links.clone().ordered())),
            Self::DiskFull { node } => Some(FaultPlace::Disk(*node)),
            Self::Crash { .. } | Self::Pause { .. } | Self::Slow { .. } | Self::Wipe { .. } => None,
        }
    }
}

/// Where a fault is that lies over links or a disk. Faults of one place overlap.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum FaultPlace {
    /// Over these links, by a fault of this kind.
    Wire(&'static str, Links),
    /// On the disk of a broker.
    Disk(NodeId),
}

impl Plan {
    /// When a fault is over, if it ever is: when producers have stopped, those with an end are.
    #[must_use]
    pub fn end_of(&self, fault: &FaultPlan) -> Option<Time> {
        fault.lasts.map(|lasts| (fault.at + lasts).min(Time::ZERO + self.duration))
    }

    /// The faults in the order in which they strike.
    #[must_use]
    pub fn faults_in_time(&self) -> Vec<FaultId> {
        let mut faults: Vec<FaultId> = self.faults.keys().collect();
        faults.sort_by_key(|fault| self.faults[*fault].at);
        faults
    }

    /// Whether a fault lasts at a time.
    #[must_use]
    pub fn lasts_at(&self, fault: &FaultPlan, at: Time) -> bool {
        fault.at <= at && self.end_of(fault).is_none_or(|end| at < end)
    }
}
