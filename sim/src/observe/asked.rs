//! What the plan asks to be known of spans of time: found out before the run, and never changed in it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::expectation::subjects;
use super::part::{PartKind, Wanted};
use super::reading::Reading;
use super::segments::Cover;
use crate::kernel::{Span, Time};
use crate::plan::{Answer, Bound, Figure, GroupId, Plan, QueueId, Selector};

/// One figure of a span.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    metric: &'static str,
    of: Selector,
    pub(super) reading: Reading,
    /// All that it may stand for.
    pub(super) subjects: Arc<[Selector]>,
}

/// A span, from its first to its last nanosecond, and all that is asked of it.
#[derive(Clone, Debug)]
pub(super) struct AskedSpan {
    pub(super) from: Time,
    pub(super) to: Time,
    pub(super) asks: Vec<Ask>,
    /// What of its tally is needed.
    pub(super) wanted: Wanted,
    /// The first and the last of the segments that it consists of, if any of its tally is needed.
    pub(super) segments: Option<(usize, usize)>,
}

impl AskedSpan {
    fn new(plan: &Plan, (from, to): (Time, Time), figures: BTreeSet<(&'static str, Selector)>, all: &mut All) -> Self {
        let (mut asks, mut wanted) = (Vec::new(), Wanted::default());
        for (metric, of) in figures {
            let Some(reading) = Reading::of(metric) else { continue };
            let subjects = match of {
                Selector::Any => Arc::clone(all.entry(metric).or_insert_with(|| subjects(plan, metric, of).into())),
                of => [of].into(),
            };
            if let Some(kind) = reading.kind() {
                match id(&subjects) {
                    Some(id) => _ = wanted.of_one.insert((kind, id)),
                    None if kind == PartKind::Responses => _ = wanted.of_all.insert(PartKind::AllResponses),
                    None => _ = wanted.of_all.insert(kind),
                }
            }
            asks.push(Ask { metric, of, reading, subjects });
        }
        Self { from, to, asks, wanted, segments: None }
    }

    /// Whether it is the whole run, which has a tally of its own.
    pub(super) fn is_whole(&self) -> bool {
        (self.from, self.to) == WHOLE
    }

    fn is_parted(&self) -> bool {
        !self.is_whole() && !self.wanted.is_empty()
    }
}

/// Of each metric, all that it may stand for.
type All = BTreeMap<&'static str, Arc<[Selector]>>;

/// The id of the only one of which something is asked that is tallied; none where all are needed.
const fn id(subjects: &[Selector]) -> Option<u32> {
    Some(match *subjects {
        [Selector::Group(group)] => group.0,
        [Selector::Topic(topic)] => topic.0,
        [Selector::Set(set)] => set.0,
        [Selector::Producer(node)] => node.0,
        _ => return None,
    })
}

/// What becomes of what when a time has passed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Edge {
    /// A span is over.
    End(usize),
    /// A span begins.
    Beginning(usize),
    /// Somebody asks who owns a queue.
    Owner(usize),
}

/// A question for the owner of a queue: when that time is over.
pub(super) type AskedOwner = (Time, QueueId, GroupId);

/// All that is asked, each once.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// In order of their beginnings and ends.
    pub(super) spans: Vec<AskedSpan>,
    /// In order.
    pub(super) owners: Vec<AskedOwner>,
    /// In order of time: that of the first record that is beyond.
    pub(super) edges: Vec<(Time, Edge)>,
    /// What of any tally is needed, but for the whole run's.
    pub(super) wanted: Wanted,
    pub(super) cover: Cover,
}

impl Asked {
    pub(super) fn new(plan: &Plan) -> Self {
        let mut figures: BTreeMap<(Time, Time), BTreeSet<(&'static str, Selector)>> = BTreeMap::new();
        for figure in asked(plan) {
            figures.entry(limits(figure)).or_default().insert((figure.metric, figure.of));
        }
        let mut all = All::new();
        let mut spans: Vec<AskedSpan> =
            figures.into_iter().map(|(limits, figures)| AskedSpan::new(plan, limits, figures, &mut all)).collect();
        let owners: BTreeSet<AskedOwner> = owners(plan).collect();
        let owners: Vec<AskedOwner> = owners.into_iter().collect();

        let parted = spans.iter().filter(|span| span.is_parted());
        let bounds: BTreeSet<Time> = parted.flat_map(|span| [span.from, beyond(span.to)]).collect();
        let bounds: Vec<Time> = bounds.into_iter().collect();
        let mut wanted = Wanted::default();
        for span in spans.iter_mut().filter(|span| span.is_parted()) {
            let place = |time| bounds.partition_point(|bound| *bound < time);
            span.segments = Some((place(span.from), place(beyond(span.to)) - 1));
            wanted.extend(&span.wanted);
        }
        let cover = Cover::new(bounds.len(), spans.iter().filter_map(|span| span.segments));

        let of_spans = spans.iter().enumerate().filter(|(_, span)| !span.is_whole());
        let of_spans =
            of_spans.flat_map(|(i, span)| [(span.from, Edge::Beginning(i)), (beyond(span.to), Edge::End(i))]);
        let of_owners = owners.iter().enumerate().map(|(i, (to, ..))| (beyond(*to), Edge::Owner(i)));
        let mut edges: Vec<(Time, Edge)> = of_spans.chain(of_owners).collect();
        edges.sort_unstable();
        Self { spans, owners, edges, wanted, cover }
    }

    /// Where a figure stands: its span, and its place there.
    pub(super) fn find(&self, figure: &Figure) -> Option<(usize, usize)> {
        let span = self.spans.binary_search_by_key(&limits(figure), |span| (span.from, span.to)).ok()?;
        let key = (figure.metric, figure.of);
        let place = self.spans[span].asks.binary_search_by_key(&key, |ask| (ask.metric, ask.of)).ok()?;
        Some((span, place))
    }
}

/// The first moment after that one.
fn beyond(to: Time) -> Time {
    to + Span(1)
}

/// From the start to whatever the end is.
const WHOLE: (Time, Time) = (Time::ZERO, Time::NEVER);

fn limits(figure: &Figure) -> (Time, Time) {
    (figure.from, figure.to.unwrap_or(Time::NEVER))
}

/// Every figure that the plan asks for.
fn asked(plan: &Plan) -> impl Iterator<Item = &Figure> {
    let expected = plan.expectations.iter().flat_map(|expectation| {
        let bound = match &expectation.bound {
            Bound::Figure(figure, _) => Some(figure),
            Bound::Number(_) | Bound::Time(_) => None,
        };
        [Some(&expectation.figure), bound].into_iter().flatten()
    });
    let asked = plan.questions.iter().filter_map(|question| match &question.answer {
        Answer::Figure(figure) => Some(figure),
        Answer::Owner { .. } => None,
    });
    expected.chain(asked)
}

/// Every moment at which a question asks for an owner.
fn owners(plan: &Plan) -> impl Iterator<Item = AskedOwner> {
    plan.questions.iter().filter_map(|question| match question.answer {
        Answer::Owner { queue, group, to } => Some((to, queue, group)),
        Answer::Figure(_) => None,
    })
}
