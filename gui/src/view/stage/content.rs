//! What the stage shows, as data: everything that it is given to paint.

use queuescope::kernel::{Span, Time};
use queuescope::plan::{NodeId, Plan};
use queuescope::words::Language;

use crate::model::belief::NodeBelief;
use crate::model::cluster::ClusterView;
use crate::model::flight::{DroppedPacket, PacketInFlight, TruncatedTail};
use crate::model::name::NameSet;
use crate::model::selection::Selected;
use crate::theme::Palette;

/// Why a card stands out, if it does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Attention {
    None,
    /// The note that is shown speaks of it.
    Mentioned,
    Selected,
}

/// What the stage shows, and how.
pub struct StageContent<'a> {
    /// Names and settings.
    pub plan: &'a Plan,
    /// All names on the stage: a name that has to be cut stays different from all of them.
    pub names: &'a NameSet,
    /// The cluster at the present moment.
    pub cluster: &'a ClusterView,
    /// The packets in flight.
    pub packets: &'a [PacketInFlight],
    /// The packets that were dropped a moment ago.
    pub drops: Vec<DroppedPacket>,
    /// The tails of logs that were cut off a moment ago.
    pub tails: Vec<TruncatedTail>,
    /// What a node believes.
    pub belief_of: &'a dyn Fn(NodeId) -> Option<NodeBelief>,
    /// The present moment.
    pub now: Time,
    /// Virtual time that passes in a second on the wall.
    pub rate: Span,
    /// The nodes of which the note that is shown speaks.
    pub mentioned: &'a [NodeId],
    /// What is selected.
    pub selected: Option<Selected>,
    /// Whether the legend is shown.
    pub legend: bool,
    /// The language of its words.
    pub language: Language,
    /// Its colours.
    pub palette: &'static Palette,
}
