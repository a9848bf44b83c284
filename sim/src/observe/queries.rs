//! What the plan asks of spans of time, each query once: found before the run, and never changed in it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::expectation::subjects;
use super::reading::Reading;
use super::segment_aggregates::{AggregateKind, WantedAggregates};
use super::segment_tree::SegmentTree;
use crate::kernel::{Span, Time};
use crate::plan::{Answer, Bound, Figure, GroupId, Plan, QueueId, Selector};

/// A figure that is asked of a span.
#[derive(Clone, Debug)]
pub(super) struct FigureQuery {
    metric: &'static str,
    of: Selector,
    pub(super) reading: Reading,
    /// Everything that `of` may stand for.
    pub(super) subjects: Arc<[Selector]>,
}

/// A span, from its first to its last nanosecond, and all figures that are asked of it.
#[derive(Clone, Debug)]
pub(super) struct SpanQuery {
    pub(super) from: Time,
    pub(super) to: Time,
    pub(super) figures: Vec<FigureQuery>,
    /// The aggregates that the figures are read off.
    pub(super) wanted: WantedAggregates,
    /// The first and the last of its segments, if any aggregates are wanted.
    pub(super) segments: Option<(usize, usize)>,
}

impl SpanQuery {
    fn new(
        plan: &Plan,
        (from, to): (Time, Time),
        figures: BTreeSet<(&'static str, Selector)>,
        all_subjects: &mut SubjectsByMetric,
    ) -> Self {
        let (mut queries, mut wanted) = (Vec::new(), WantedAggregates::default());
        for (metric, of) in figures {
            let Some(reading) = Reading::of(metric) else { continue };
            let subjects = match of {
                Selector::Any => {
                    Arc::clone(all_subjects.entry(metric).or_insert_with(|| subjects(plan, metric, of).into()))
                }
                of => [of].into(),
            };
            if let Some(kind) = reading.aggregate_kind() {
                match only_id(&subjects) {
                    Some(id) => _ = wanted.for_one.insert((kind, id)),
                    None if kind == AggregateKind::Responses => {
                        _ = wanted.for_all.insert(AggregateKind::AllResponses);
                    }
                    None => _ = wanted.for_all.insert(kind),
                }
            }
            queries.push(FigureQuery { metric, of, reading, subjects });
        }
        Self { from, to, figures: queries, wanted, segments: None }
    }

    /// Whether it is the whole run, which has aggregates of its own.
    pub(super) fn is_whole_run(&self) -> bool {
        (self.from, self.to) == WHOLE_RUN
    }

    fn needs_segments(&self) -> bool {
        !self.is_whole_run() && !self.wanted.is_empty()
    }
}

/// Everything that a figure without a selector may stand for, by metric.
type SubjectsByMetric = BTreeMap<&'static str, Arc<[Selector]>>;

/// The id of the only subject, if aggregates are kept of its kind; none where those of all ids are needed.
const fn only_id(subjects: &[Selector]) -> Option<u32> {
    Some(match *subjects {
        [Selector::Group(group)] => group.0,
        [Selector::Topic(topic)] => topic.0,
        [Selector::Set(set)] => set.0,
        [Selector::Producer(node)] => node.0,
        _ => return None,
    })
}

/// Where a query has something to read or to note: by its place in its list. Spans end before others begin.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Edge {
    /// A span is over.
    End(usize),
    /// A span begins.
    Beginning(usize),
    /// The owner of a queue is asked for.
    Owner(usize),
}

/// The question which consumer of a group owns a queue when all up to a time has happened.
pub(super) type OwnerQuery = (Time, QueueId, GroupId);

/// All queries, each once.
#[derive(Clone, Debug)]
pub(super) struct Queries {
    /// In order of their beginnings and ends.
    pub(super) spans: Vec<SpanQuery>,
    /// In order.
    pub(super) owners: Vec<OwnerQuery>,
    /// In order of time. An edge passes before the first record at its time or later.
    pub(super) edges: Vec<(Time, Edge)>,
    /// The aggregates that any span but the whole run needs.
    pub(super) wanted: WantedAggregates,
    pub(super) tree: SegmentTree,
}

impl Queries {
    pub(super) fn new(plan: &Plan) -> Self {
        let mut figures: BTreeMap<(Time, Time), BTreeSet<(&'static str, Selector)>> = BTreeMap::new();
        for figure in figures_asked_for(plan) {
            figures.entry(limits(figure)).or_default().insert((figure.metric, figure.of));
        }
        let mut all_subjects = SubjectsByMetric::new();
        let mut spans: Vec<SpanQuery> = figures
            .into_iter()
            .map(|(limits, figures)| SpanQuery::new(plan, limits, figures, &mut all_subjects))
            .collect();
        let owners: BTreeSet<OwnerQuery> = owners_asked_for(plan).collect();
        let owners: Vec<OwnerQuery> = owners.into_iter().collect();

        let in_segments = spans.iter().filter(|span| span.needs_segments());
        let bounds: BTreeSet<Time> = in_segments.flat_map(|span| [span.from, just_after(span.to)]).collect();
        let bounds: Vec<Time> = bounds.into_iter().collect();
        let mut wanted = WantedAggregates::default();
        for span in spans.iter_mut().filter(|span| span.needs_segments()) {
            let segment_from = |time| bounds.partition_point(|bound| *bound < time);
            span.segments = Some((segment_from(span.from), segment_from(just_after(span.to)) - 1));
            wanted.extend(&span.wanted);
        }
        let tree = SegmentTree::new(bounds.len(), spans.iter().filter_map(|span| span.segments));

        let of_spans = spans.iter().enumerate().filter(|(_, span)| !span.is_whole_run());
        let of_spans =
            of_spans.flat_map(|(i, span)| [(span.from, Edge::Beginning(i)), (just_after(span.to), Edge::End(i))]);
        let of_owners = owners.iter().enumerate().map(|(i, (to, ..))| (just_after(*to), Edge::Owner(i)));
        let mut edges: Vec<(Time, Edge)> = of_spans.chain(of_owners).collect();
        edges.sort_unstable();
        Self { spans, owners, edges, wanted, tree }
    }

    /// Finds a figure: the place of its span, and its own place there.
    pub(super) fn find(&self, figure: &Figure) -> Option<(usize, usize)> {
        let span = self.spans.binary_search_by_key(&limits(figure), |span| (span.from, span.to)).ok()?;
        let key = (figure.metric, figure.of);
        let place = self.spans[span].figures.binary_search_by_key(&key, |query| (query.metric, query.of)).ok()?;
        Some((span, place))
    }
}

fn just_after(to: Time) -> Time {
    to + Span(1)
}

/// From the start to whatever the end is.
const WHOLE_RUN: (Time, Time) = (Time::ZERO, Time::NEVER);

fn limits(figure: &Figure) -> (Time, Time) {
    (figure.from, figure.to.unwrap_or(Time::NEVER))
}

/// Every figure of an expectation or a question.
fn figures_asked_for(plan: &Plan) -> impl Iterator<Item = &Figure> {
    let of_expectations = plan.expectations.iter().flat_map(|expectation| {
        let bound = match &expectation.bound {
            Bound::Figure(figure, _) => Some(figure),
            Bound::Number(_) | Bound::Time(_) => None,
        };
        [Some(&expectation.figure), bound].into_iter().flatten()
    });
    let of_questions = plan.questions.iter().filter_map(|question| match &question.answer {
        Answer::Figure(figure) => Some(figure),
        Answer::Owner { .. } => None,
    });
    of_expectations.chain(of_questions)
}

fn owners_asked_for(plan: &Plan) -> impl Iterator<Item = OwnerQuery> {
    plan.questions.iter().filter_map(|question| match question.answer {
        Answer::Owner { queue, group, to } => Some((to, queue, group)),
        Answer::Figure(_) => None,
    })
}
