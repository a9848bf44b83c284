//! Faults on the wire: over which links they lie, and what they make of the messages that are sent there.
//!
//! What becomes of a message on its way is `network`'s; here is what all others ask about such a fault.

use super::{NodeId, Plan};
use crate::kernel::Distribution;

/// A fault that lies over links.
#[derive(Clone, PartialEq, Debug)]
pub struct WireFault {
    /// Over these links.
    pub links: Links,
    /// What it makes of the messages there.
    pub rule: Rule,
}

/// Links between nodes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Links {
    /// The link between two different nodes, in both directions.
    Between(NodeId, NodeId),
    /// All links from side to side; no node is on both.
    Sides {
        /// Each as the file has it.
        sides: (Vec<NodeId>, Vec<NodeId>),
        /// From the first to the second side only.
        one_way: bool,
    },
}

/// What a fault makes of the messages that are sent over its links.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Rule {
    /// Nothing passes.
    Cut,
    /// The link is another one.
    Change {
        /// None: as it is otherwise.
        latency: Option<Distribution>,
        /// Probability that a message is dropped; none: as it is otherwise.
        loss: Option<f64>,
    },
    /// A message arrives a second time.
    Repeat {
        /// That it does.
        probability: f64,
    },
}

/// The value of a key of a rule.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum RuleValue {
    /// A time.
    Time(Distribution),
    /// A probability.
    Probability(f64),
}

impl Rule {
    /// The `kind` of a fault with this rule, as the file writes it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Cut => "partition",
            Self::Change { .. } => "link",
            Self::Repeat { .. } => "repeat",
        }
    }

    /// Its keys and their values, as the file writes them.
    #[must_use]
    pub fn keys(&self) -> Vec<(&'static str, RuleValue)> {
        match *self {
            Self::Cut => Vec::new(),
            Self::Change { latency, loss } => {
                let latency = latency.map(|latency| ("latency", RuleValue::Time(latency)));
                latency.into_iter().chain(loss.map(|loss| ("loss", RuleValue::Probability(loss)))).collect()
            }
            Self::Repeat { probability } => vec![("probability", RuleValue::Probability(probability))],
        }
    }

    /// What holds where a later fault of the same kind lies over this one: of each key the later value.
    #[must_use]
    pub fn overlaid(self, later: Self) -> Self {
        match (self, later) {
            (Self::Change { latency, loss }, Self::Change { latency: later_latency, loss: later_loss }) => {
                Self::Change { latency: later_latency.or(latency), loss: later_loss.or(loss) }
            }
            _ => later,
        }
    }
}

/// What the links are like, `latency 9ms, loss 0.5`; nothing where nothing passes.
impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (place, (key, value)) in self.keys().into_iter().enumerate() {
            write!(f, "{}{key} ", if place == 0 { "" } else { ", " })?;
            match value {
                RuleValue::Time(time) => write!(f, "{time}")?,
                RuleValue::Probability(probability) => write!(f, "{probability}")?,
            }
        }
        Ok(())
    }
}

impl Links {
    /// The node at which records tell of a fault over these links: the first that is named.
    #[must_use]
    pub fn first(&self) -> NodeId {
        match self {
            Self::Between(one, _) => *one,
            // The file has no empty side.
            Self::Sides { sides: (first, _), .. } => first.first().copied().unwrap_or(NodeId(0)),
        }
    }

    /// The same links, however the file orders the two ends: faults over the same ones overlap.
    #[must_use]
    pub fn ordered(self) -> Self {
        match self {
            Self::Between(one, other) => Self::Between(one.min(other), one.max(other)),
            Self::Sides { sides: (first, second), one_way: false } if second < first => {
                Self::Sides { sides: (second, first), one_way: false }
            }
            sides => sides,
        }
    }

    /// Whether they are the one link between two nodes, in whichever direction.
    #[must_use]
    pub fn is_between(&self, one: NodeId, other: NodeId) -> bool {
        let is = |a: &[NodeId], b: &[NodeId]| (a == [one] && b == [other]) || (a == [other] && b == [one]);
        match self {
            Self::Between(first, second) => is(&[*first], &[*second]),
            Self::Sides { sides: (first, second), .. } => is(first, second),
        }
    }

    /// Senders and receivers, for each direction.
    pub fn directions(&self) -> impl Iterator<Item = (&[NodeId], &[NodeId])> {
        let (first, second, both) = match self {
            Self::Between(one, other) => (std::slice::from_ref(one), std::slice::from_ref(other), true),
            Self::Sides { sides: (first, second), one_way } => (&first[..], &second[..], !one_way),
        };
        std::iter::once((first, second)).chain(both.then_some((second, first)))
    }

    /// By names: `shop – broker1`, `shop, cart | broker1`, and with an arrow where it is one way.
    #[must_use]
    pub fn text(&self, plan: &Plan) -> String {
        let names = |side: &[NodeId]| side.iter().map(|node| plan.name(*node)).collect::<Vec<_>>().join(", ");
        match self {
            Self::Between(one, other) => format!("{} – {}", plan.name(*one), plan.name(*other)),
            Self::Sides { sides: (first, second), one_way } => {
                format!("{} {} {}", names(first), if *one_way { "->" } else { "|" }, names(second))
            }
        }
    }
}
