//! Spans of time that expectations and questions ask for. The figures of a span are read off at its end, against baselines
//! that were noted at its beginning: nothing else is kept of it. A run without spans pays one comparison a record.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::aggregates::{Aggregates, OpenWindows};
use super::queries::{Edge, Queries, SpanQuery};
use super::reading::{Baseline, StatisticsWindow};
use super::segment_aggregates::SegmentAggregates;
use super::segment_tree::ClosedSegments;
use super::statistics::Statistics;
use super::value::Value;
use crate::kernel::Time;
use crate::plan::{Figure, GroupId, NodeId, Plan, QueueId, Selector};

/// The values of a figure that decide: of all that it may stand for the first that has a value, the first with the least,
/// and the first with the largest, each once, in the plan's order. No bound is harder for any other.
pub(super) type Extremes = Vec<(Selector, Value)>;

/// All spans that are asked for. The answers of one that is over never change again, so copies share them.
#[derive(Clone, Debug)]
pub(super) struct Spans {
    queries: Arc<Queries>,
    /// How many edges have passed.
    passed_edges: usize,
    /// When the next edge will pass.
    next_edge: Time,
    /// By open span: the baseline of each subject of each figure that needs one.
    open: BTreeMap<usize, Arc<[Baseline]>>,
    segments: ClosedSegments,
    /// How many open spans need segments.
    open_in_segments: usize,
    /// By span, once it is over.
    answers: Vec<Option<Arc<[Extremes]>>>,
    /// By query for an owner, once its time is over.
    owners: Vec<Option<NodeId>>,
}

impl Spans {
    pub(super) fn new(plan: &Plan) -> Self {
        let queries = Queries::new(plan);
        Self {
            passed_edges: 0,
            next_edge: queries.edges.first().map_or(Time::NEVER, |(at, _)| *at),
            open: BTreeMap::new(),
            segments: ClosedSegments::default(),
            open_in_segments: 0,
            answers: vec![None; queries.spans.len()],
            owners: vec![None; queries.owners.len()],
            queries: Arc::new(queries),
        }
    }

    /// When the next edge will pass: before the first record at this time or later.
    #[inline]
    pub(super) const fn next_edge(&self) -> Time {
        self.next_edge
    }

    /// Begins and ends the spans that begin and end before a record at this time.
    #[cold]
    pub(super) fn advance_to(&mut self, at: Time, plan: &Plan, statistics: &Statistics, windows: &mut OpenWindows) {
        self.pass_edges(at, Time::NEVER, plan, statistics, windows);
    }

    /// The run is over: spans that have not ended end now, and those that have not begun are empty.
    pub(super) fn finish(&mut self, end: Time, plan: &Plan, statistics: &Statistics, windows: &mut OpenWindows) {
        self.pass_edges(Time::NEVER, end, plan, statistics, windows);
        let queries = Arc::clone(&self.queries);
        for (span, answer) in queries.spans.iter().zip(&mut self.answers).filter(|(span, _)| span.is_whole_run()) {
            let window = StatisticsWindow { plan, from: Time::ZERO, to: end, statistics, aggregates: &windows.whole };
            *answer = Some(answers(span, &window, &[]));
        }
    }

    /// Passes all edges up to this time, in a run that ends at `end`.
    fn pass_edges(&mut self, up_to: Time, end: Time, plan: &Plan, statistics: &Statistics, windows: &mut OpenWindows) {
        let queries = Arc::clone(&self.queries);
        while let Some((at, edge)) = queries.edges.get(self.passed_edges).filter(|(at, _)| *at <= up_to) {
            self.passed_edges += 1;
            match *edge {
                Edge::Beginning(i) => self.begin(i, (*at).min(end), statistics, windows),
                Edge::End(i) => self.end(i, end, plan, statistics, windows),
                Edge::Owner(i) => {
                    let (_, queue, group) = queries.owners[i];
                    self.owners[i] = statistics.work.owner(group, queue);
                }
            }
        }
        self.next_edge = queries.edges.get(self.passed_edges).map_or(Time::NEVER, |(at, _)| *at);
    }

    fn begin(&mut self, i: usize, at: Time, statistics: &Statistics, windows: &mut OpenWindows) {
        let queries = Arc::clone(&self.queries);
        let span = &queries.spans[i];
        if let Some((first, _)) = span.segments {
            self.begin_segment(first, windows);
            self.open_in_segments += 1;
            windows.segment_is_needed = true;
        }
        let with_baseline = span.figures.iter().filter(|query| query.reading.needs_baseline());
        let baselines = with_baseline
            .flat_map(|query| query.subjects.iter().map(|subject| query.reading.baseline(statistics, *subject, at)));
        // At the start of a run every baseline is 0.
        let baselines = if span.from > Time::ZERO { baselines.collect() } else { Arc::default() };
        self.open.insert(i, baselines);
    }

    fn end(&mut self, i: usize, end: Time, plan: &Plan, statistics: &Statistics, windows: &mut OpenWindows) {
        let queries = Arc::clone(&self.queries);
        let span = &queries.spans[i];
        // The present segment has only just begun: its aggregates are empty, and their memory can be used meanwhile.
        let mut aggregates = Aggregates::default();
        if let Some((first, last)) = span.segments {
            self.begin_segment(last + 1, windows);
            self.open_in_segments -= 1;
            windows.segment_is_needed = self.open_in_segments > 0;
            aggregates = std::mem::take(&mut windows.segment);
            for of_segments in self.segments.of_span((first, last), &queries.tree) {
                of_segments.merge_into(&mut aggregates, &span.wanted);
            }
        }
        let before = self.open.remove(&i).unwrap_or_default();
        let window =
            StatisticsWindow { plan, from: span.from, to: span.to.min(end), statistics, aggregates: &aggregates };
        self.answers[i] = Some(answers(span, &window, &before));
        if span.segments.is_some() {
            aggregates.clear();
            windows.segment = aggregates;
        }
    }

    /// Begins the segment with this number, unless it has begun already.
    fn begin_segment(&mut self, next: usize, windows: &mut OpenWindows) {
        if self.segments.present() < next {
            self.segments.end(SegmentAggregates::take(&mut windows.segment, &self.queries.wanted), &self.queries.tree);
        }
    }

    /// The values of a figure that the plan asks for, once the run is over.
    pub(super) fn answer(&self, figure: &Figure) -> Option<&[(Selector, Value)]> {
        let (span, place) = self.queries.find(figure)?;
        self.answers[span].as_ref()?.get(place).map(Vec::as_slice)
    }

    /// The owner of a queue at a time at which the plan asks for it, once the run is over; none where it does not ask.
    pub(super) fn owner(&self, queue: QueueId, group: GroupId, at: Time) -> Option<Option<NodeId>> {
        let place = self.queries.owners.binary_search(&(at, queue, group)).ok()?;
        Some(self.owners[place])
    }
}

/// The values of each figure of a span.
fn answers(span: &SpanQuery, window: &StatisticsWindow<'_>, before: &[Baseline]) -> Arc<[Extremes]> {
    let mut before = before.iter().copied();
    span.figures
        .iter()
        .map(|query| {
            let needs_baseline = query.reading.needs_baseline();
            extremes(query.subjects.iter().filter_map(|subject| {
                let before = if needs_baseline { before.next().unwrap_or_default() } else { Baseline::default() };
                window.value(query.reading, *subject, before).map(|value| (*subject, value))
            }))
        })
        .collect()
}

/// The first value, the first of the least and the first of the largest, each once and in order.
pub(super) fn extremes(values: impl Iterator<Item = (Selector, Value)>) -> Extremes {
    let mut values = values.enumerate();
    let Some(first) = values.next() else { return Extremes::new() };
    let (mut least, mut most) = (first, first);
    for value in values {
        let number = value.1.1.number();
        if number < least.1.1.number() {
            least = value;
        }
        if number > most.1.1.number() {
            most = value;
        }
    }
    let mut all = vec![first, least, most];
    all.sort_by_key(|(place, _)| *place);
    all.dedup_by_key(|(place, _)| *place);
    all.into_iter().map(|(_, value)| value).collect()
}

#[cfg(test)]
mod tests {
    use super::super::sample::*;
    use super::*;
    use crate::plan::{Answer, Moment, Question, Text};

    #[test]
    fn a_span_counts_what_happened_in_it_both_ends_included() {
        let of = |metric, from, to| figure(metric, Selector::Group(GROUP), from, to);
        let figures = [
            of("done", 10, 20),
            of("done", 11, 19),
            of("max_lag", 11, 19),
            of("lag", 0, 10),
            of("latency_max", 11, 20),
        ];
        let mut run = ScriptedRun::of(asking(&figures));
        run.at(0).sends(1, 0).sends(2, 1).sends(3, 2);
        run.at(10).started(FIRST, 1).finished(FIRST, 1).committed(1);
        run.at(20).started(FIRST, 2).finished(FIRST, 2).committed(2);
        run.at(21).started(FIRST, 3).finished(FIRST, 3).committed(3);
        let findings = run.end(30);
        let values = figures.map(|figure| findings.value(&figure).map(Value::number));
        assert_eq!(values, [Some(2.0), Some(0.0), Some(2.0), Some(2.0), Some(0.02)]);
        assert_eq!(value(&findings, "done", Selector::Group(GROUP)), Some(3.0));
    }

    #[test]
    fn a_span_cuts_outages_and_busy_time_at_its_ends() {
        let figures = [
            figure("outage_max", Selector::Topic(TOPIC), 10, 20),
            figure("utilization", Selector::Consumer(FIRST), 10, 20),
            figure("outage_max", Selector::Topic(TOPIC), 30, 90),
            figure("rejected", Selector::Topic(TOPIC), 50, 90),
        ];
        let mut run = ScriptedRun::of(asking(&figures));
        run.at(0).sent(1).started(FIRST, 1).at(15).finished(FIRST, 1).at(25).accepted(1);
        let findings = run.end(40);
        let values = figures.map(|figure| findings.value(&figure).map(Value::number));
        assert_eq!(values, [Some(0.01), Some(0.5), None, Some(0.0)]);
    }

    #[test]
    fn a_failover_belongs_to_the_span_in_which_messages_were_accepted_again() {
        let spans = [(0, 5101), (0, 5102), (5102, 5200), (5103, 9000)];
        let of = |(from, to)| figure("failover_max", Selector::Any, from, to);
        let findings = run_with_failover(asking(&spans.map(of)));
        let values = spans.map(|span| findings.value(&of(span)).map(Value::number));
        assert_eq!(values, [None, Some(3.102), Some(3.102), None], "down at 2 s, accepted again at 5.102 s");
    }

    #[test]
    fn the_owner_of_a_queue_is_the_consumer_that_was_assigned_it_last_and_still_has_it() {
        let question = |to| Question {
            moment: Moment::At(Time::ZERO),
            ask: Text::default(),
            answer: Answer::Owner { queue: QUEUE, group: GROUP, to: ms(to) },
            because: Text::default(),
        };
        let mut run = ScriptedRun::of(Plan { questions: [1, 2, 3].map(question).into(), ..plan() });
        run.at(1).assigned(FIRST, &[QUEUE]).at(2).assigned(SECOND, &[QUEUE]).assigned(FIRST, &[]);
        run.at(3).crashed(SECOND);
        let findings = run.end(9);
        assert_eq!([1, 2, 3].map(|to| findings.owner(QUEUE, GROUP, ms(to))), [Some(FIRST), Some(SECOND), None]);
    }
}
