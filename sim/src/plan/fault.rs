//! Faults: what breaks, when and for how long, and the words in which records tell of a fault that lies over more than one
//! node's life.

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

/// How a record ends that says that a partition, a link fault or a full disk is over.
const AS_BEFORE: &str = "as before";

/// What such a record speaks of, and whether it says that it is as before: `("db", true)` of `db: as before`.
#[must_use]
pub fn split_state(to: &str) -> (&str, bool) {
    match to.strip_suffix(AS_BEFORE) {
        Some(of) => (of.trim_end_matches(": "), true),
        None => (to, false),
    }
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

    /// Whether it lies over the same links or the same broker as another one of its kind.
    fn is_where(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Partition { sides: a, one_way: p }, Self::Partition { sides: b, one_way: q }) => {
                p == q && (a == b || (!p && a.0 == b.1 && a.1 == b.0))
            }
            (Self::Link { between: a, .. }, Self::Link { between: b, .. }) => a == b || *a == (b.1, b.0),
            (Self::DiskFull { node: a }, Self::DiskFull { node: b }) => a == b,
            _ => false,
        }
    }
}

impl Plan {
    /// When a fault is over, if it ever is: when producers have stopped, those with an end are.
    #[must_use]
    pub fn end_of(&self, fault: &FaultPlan) -> Option<Time> {
        fault.lasts.map(|lasts| (fault.at + lasts).min(Time::ZERO + self.duration))
    }

    /// Whether a fault lasts at a time.
    #[must_use]
    pub fn lasts_at(&self, fault: &FaultPlan, at: Time) -> bool {
        fault.at <= at && self.end_of(fault).is_none_or(|end| at < end)
    }

    /// What a record says at a time of where a partition, a link fault or a full disk is, or was until now: which nodes,
    /// and how it is there at present.
    #[must_use]
    pub fn state_after(&self, fault: &Fault, at: Time) -> String {
        let mut lasting: Vec<&FaultPlan> =
            self.faults.iter().filter(|other| other.fault.is_where(fault) && self.lasts_at(other, at)).collect();
        lasting.sort_by_key(|fault| fault.at);
        let over = lasting.is_empty();
        match fault {
            Fault::Partition { sides, one_way } => {
                let names = |side: &[NodeId]| side.iter().map(|node| self.name(*node)).collect::<Vec<_>>().join(", ");
                let sign = if *one_way { "->" } else { "|" };
                let sides = format!("{} {sign} {}", names(&sides.0), names(&sides.1));
                if over { format!("{sides}: {AS_BEFORE}") } else { sides }
            }
            Fault::Link { between, .. } => {
                // The latest wins, for each of the two.
                let (mut latency, mut loss) = (None, None);
                for other in lasting {
                    if let Fault::Link { latency: new_latency, loss: new_loss, .. } = &other.fault {
                        latency = new_latency.or(latency);
                        loss = new_loss.or(loss);
                    }
                }
                let parts = [latency.map(|it| format!("latency {it}")), loss.map(|it| format!("loss {it}"))];
                let parts: Vec<String> = parts.into_iter().flatten().collect();
                let state = if over { AS_BEFORE.to_owned() } else { parts.join(", ") };
                format!("{}: {state}", self.name(between.1))
            }
            Fault::DiskFull { .. } if !over => "full".to_owned(),
            _ => AS_BEFORE.to_owned(),
        }
    }
}
