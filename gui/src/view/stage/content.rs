//! What the stage shows, as data: everything that it is given to paint.

use queuescope::kernel::{Span, Time};
use queuescope::plan::{NodeId, Plan};

use crate::model::belief::NodeBelief;
use crate::model::cluster::ClusterView;
use crate::model::flight::{DroppedPacket, PacketInFlight, TruncatedTail};
use crate::model::name::NameSet;
use crate::model::selection::Selected;
use crate::text::Language;
use crate::theme::Palette;

/// What draws attention to a thing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Attention {
    None,
    /// The note speaks of it.
    Spoken,
    Selected,
}

/// What the stage shows.
pub struct StageContent<'a> {
    /// Names and settings.
    pub plan: &'a Plan,
    /// All names as the stage has them, from which a cut one is told.
    pub names: &'a NameSet,
    /// The cluster now.
    pub cluster: &'a ClusterView,
    /// What is on its way.
    pub flights: &'a [PacketInFlight],
    /// What fell off its link.
    pub falls: Vec<DroppedPacket>,
    /// The tails of logs that were dropped.
    pub tails: Vec<TruncatedTail>,
    /// What a node believes.
    pub believes: &'a dyn Fn(NodeId) -> Option<NodeBelief>,
    /// The clock.
    pub now: Time,
    /// Virtual time for each second on the wall.
    pub rate: Span,
    /// Whom the note speaks of.
    pub spoken: &'a [NodeId],
    /// What is selected.
    pub selected: Option<Selected>,
    /// Whether every sign is explained.
    pub legend: bool,
    /// In which words.
    pub language: Language,
    /// In which colours.
    pub palette: &'static Palette,
}
