//! What a `changed` record says: values and ids. Words are made of it only where somebody reads them.
//!
//! It knows nothing of why something changed.

use crate::plan::{Links, Plan, Rule, Setting};

/// How the trace says that a fault on the wire or a full disk is over.
const AS_BEFORE: &str = "as before";

/// Something that is different from now on.
#[derive(Clone, PartialEq, Debug)]
pub enum Change {
    /// A setting of the node has this value.
    Setting(Setting),
    /// The node's service or store time is multiplied by this; 1: as usual.
    Slowness(f64),
    /// Faults of one kind lie over links, or no longer. The node is the first that is named.
    Wire {
        /// As the file has them.
        links: Links,
        /// What the faults that last there come to; of the one that has ended, what it was.
        rule: Rule,
        /// Whether none of them lasts any more.
        over: bool,
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
            Self::Wire { rule, .. } => rule.kind(),
            Self::DiskFull(_) => "disk_full",
        }
    }

    /// Whether a fault on the wire or a full disk begins or lasts.
    #[must_use]
    pub const fn begins_trouble(&self) -> bool {
        self.is_of_fault() && !self.ends_trouble()
    }

    /// Whether a fault on the wire or a full disk has ended.
    #[must_use]
    pub const fn ends_trouble(&self) -> bool {
        matches!(self, Self::Wire { over: true, .. } | Self::DiskFull(false))
    }

    /// Whether it tells of a fault on the wire or a full disk.
    #[must_use]
    pub const fn is_of_fault(&self) -> bool {
        matches!(self, Self::Wire { .. } | Self::DiskFull(_))
    }

    /// The new value: of a setting as the file would write it, of a fault who is concerned and how it is now; the trace's
    /// `to`.
    #[must_use]
    pub fn value(&self, plan: &Plan) -> String {
        match self {
            Self::Setting(setting) => setting.value(),
            Self::Slowness(factor) => factor.to_string(),
            Self::Wire { links, rule, over } => {
                let links = match links {
                    // The record's node is one end.
                    Links::Between(_, other) => plan.name(*other).to_owned(),
                    sides => sides.text(plan),
                };
                let state = if *over { AS_BEFORE.to_owned() } else { rule.to_string() };
                if state.is_empty() { links } else { format!("{links}: {state}") }
            }
            Self::DiskFull(true) => "full".to_owned(),
            Self::DiskFull(false) => AS_BEFORE.to_owned(),
        }
    }
}
