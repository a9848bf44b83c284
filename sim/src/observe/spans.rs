//! Spans of time that expectations and questions ask for. What is asked of a span is read off at its end, against what
//! was noted at its beginning: of each span only that is ever kept. A run without them pays one comparison a record.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::account::Account;
use super::asked::{Asked, AskedSpan, Edge};
use super::part::Part;
use super::reading::{Level, Stretch, Value};
use super::segments::Segments;
use super::tally::{Tallies, Tally};
use crate::kernel::Time;
use crate::plan::{Figure, GroupId, NodeId, Plan, QueueId, Selector};

/// What came out for a figure: of all that it may stand for the first that has a value, the first with the least, and
/// the first with the largest, in that order which the plan has, each once. No bound is harder for any other.
pub(super) type SpanValue = Vec<(Selector, Value)>;

/// All spans that are asked for. What is known of one that is over never changes again, so copies share it.
#[derive(Clone, Debug)]
pub(super) struct Spans {
    asked: Arc<Asked>,
    /// How many edges have passed.
    passed: usize,
    /// When the next one will.
    next: Time,
    /// How it stood at the beginnings of those that last, for each subject of each figure that looks back.
    open: BTreeMap<usize, Arc<[Level]>>,
    segments: Segments,
    /// How many of those that last need segments.
    parted: usize,
    /// By span, once it is over.
    answers: Vec<Option<Arc<[SpanValue]>>>,
    /// By question, once its time is over.
    owners: Vec<Option<NodeId>>,
}

impl Spans {
    pub(super) fn new(plan: &Plan) -> Self {
        let asked = Asked::new(plan);
        let next = |(at, _): &(Time, Edge)| *at;
        Self {
            passed: 0,
            next: asked.edges.first().map_or(Time::NEVER, next),
            open: BTreeMap::new(),
            segments: Segments::default(),
            parted: 0,
            answers: vec![None; asked.spans.len()],
            owners: vec![None; asked.owners.len()],
            asked: Arc::new(asked),
        }
    }

    /// From when on a record means that a span has begun or is over.
    #[inline]
    pub(super) const fn next(&self) -> Time {
        self.next
    }

    /// A record at this time comes next: begins and ends what begins and ends before it.
    #[cold]
    pub(super) fn reach(&mut self, at: Time, plan: &Plan, account: &Account, tallies: &mut Tallies) {
        self.pass(at, Time::NEVER, plan, account, tallies);
    }

    /// The run is over: what has not ended ends now, and what has not begun comes to nothing.
    pub(super) fn finish(&mut self, end: Time, plan: &Plan, account: &Account, tallies: &mut Tallies) {
        self.pass(Time::NEVER, end, plan, account, tallies);
        let asked = Arc::clone(&self.asked);
        for (span, answer) in asked.spans.iter().zip(&mut self.answers).filter(|(span, _)| span.is_whole()) {
            let stretch = Stretch { plan, from: Time::ZERO, to: end, account, tally: &tallies.whole };
            *answer = Some(answers(span, &stretch, &[]));
        }
    }

    /// Passes all edges up to this time, in a run that ends at `end`.
    fn pass(&mut self, up_to: Time, end: Time, plan: &Plan, account: &Account, tallies: &mut Tallies) {
        let asked = Arc::clone(&self.asked);
        while let Some((at, edge)) = asked.edges.get(self.passed).filter(|(at, _)| *at <= up_to) {
            self.passed += 1;
            match *edge {
                Edge::Beginning(i) => self.begin(i, (*at).min(end), account, tallies),
                Edge::End(i) => self.end(i, end, plan, account, tallies),
                Edge::Owner(i) => {
                    let (_, queue, group) = asked.owners[i];
                    self.owners[i] = account.work.owner(group, queue);
                }
            }
        }
        self.next = asked.edges.get(self.passed).map_or(Time::NEVER, |(at, _)| *at);
    }

    fn begin(&mut self, i: usize, at: Time, account: &Account, tallies: &mut Tallies) {
        let asked = Arc::clone(&self.asked);
        let span = &asked.spans[i];
        if let Some((first, _)) = span.segments {
            self.part(first, tallies);
            self.parted += 1;
            tallies.lasts = true;
        }
        let looking_back = span.asks.iter().filter(|ask| ask.reading.looks_back());
        let levels = looking_back.flat_map(|ask| ask.subjects.iter().map(|of| ask.reading.level(account, *of, at)));
        // At the start there is nothing to look back at.
        let levels = if span.from > Time::ZERO { levels.collect() } else { Arc::default() };
        self.open.insert(i, levels);
    }

    fn end(&mut self, i: usize, end: Time, plan: &Plan, account: &Account, tallies: &mut Tallies) {
        let asked = Arc::clone(&self.asked);
        let span = &asked.spans[i];
        // The present segment has only just begun: its tally is empty, and has room.
        let mut tally = Tally::default();
        if let Some((first, last)) = span.segments {
            self.part(last + 1, tallies);
            self.parted -= 1;
            tallies.lasts = self.parted > 0;
            tally = std::mem::take(&mut tallies.segment);
            for part in self.segments.parts((first, last), &asked.cover) {
                part.add_to(&mut tally, &span.wanted);
            }
        }
        let before = self.open.remove(&i).unwrap_or_default();
        let stretch = Stretch { plan, from: span.from, to: span.to.min(end), account, tally: &tally };
        self.answers[i] = Some(answers(span, &stretch, &before));
        if span.segments.is_some() {
            tally.clear();
            tallies.segment = tally;
        }
    }

    /// The segment with this number begins now, unless it has done so already.
    fn part(&mut self, next: usize, tallies: &mut Tallies) {
        if self.segments.present() < next {
            self.segments.end(Part::take(&mut tallies.segment, &self.asked.wanted), &self.asked.cover);
        }
    }

    /// What came out for a figure that the plan asks for, once the run is over.
    pub(super) fn answer(&self, figure: &Figure) -> Option<&[(Selector, Value)]> {
        let (span, place) = self.asked.find(figure)?;
        self.answers[span].as_ref()?.get(place).map(Vec::as_slice)
    }

    /// Who owned a queue at a time at which the plan asks for that, once the run is over; none where it does not ask.
    pub(super) fn owner(&self, queue: QueueId, group: GroupId, at: Time) -> Option<Option<NodeId>> {
        let place = self.asked.owners.binary_search(&(at, queue, group)).ok()?;
        Some(self.owners[place])
    }
}

/// What came out for each figure of a span.
fn answers(span: &AskedSpan, stretch: &Stretch<'_>, before: &[Level]) -> Arc<[SpanValue]> {
    let mut before = before.iter().copied();
    span.asks
        .iter()
        .map(|ask| {
            let looks_back = ask.reading.looks_back();
            extremes(ask.subjects.iter().filter_map(|of| {
                let before = if looks_back { before.next().unwrap_or_default() } else { Level::default() };
                stretch.value(ask.reading, *of, before).map(|value| (*of, value))
            }))
        })
        .collect()
}

/// The first value, the first of the least and the first of the largest, each once and in order.
pub(super) fn extremes(values: impl Iterator<Item = (Selector, Value)>) -> SpanValue {
    let mut values = values.enumerate();
    let Some(first) = values.next() else { return SpanValue::new() };
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
        let mut course = Course::of(asking(&figures));
        course.at(0).sends(1, 0).sends(2, 1).sends(3, 2);
        course.at(10).started(FIRST, 1).finished(FIRST, 1).committed(1);
        course.at(20).started(FIRST, 2).finished(FIRST, 2).committed(2);
        course.at(21).started(FIRST, 3).finished(FIRST, 3).committed(3);
        let findings = course.end(30);
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
        let mut course = Course::of(asking(&figures));
        course.at(0).sent(1).started(FIRST, 1).at(15).finished(FIRST, 1).at(25).accepted(1);
        let findings = course.end(40);
        let values = figures.map(|figure| findings.value(&figure).map(Value::number));
        assert_eq!(values, [Some(0.01), Some(0.5), None, Some(0.0)]);
    }

    #[test]
    fn a_failover_belongs_to_the_span_in_which_messages_were_accepted_again() {
        let spans = [(0, 5101), (0, 5102), (5102, 5200), (5103, 9000)];
        let of = |(from, to)| figure("failover_max", Selector::Any, from, to);
        let findings = story(asking(&spans.map(of)));
        let values = spans.map(|span| findings.value(&of(span)).map(Value::number));
        assert_eq!(values, [None, Some(3.102), Some(3.102), None], "down at 2 s, accepted again at 5.102 s");
    }

    #[test]
    fn the_owner_of_a_queue_is_who_was_assigned_it_last_and_still_has_it() {
        let question = |to| Question {
            moment: Moment::At(Time::ZERO),
            ask: Text::default(),
            answer: Answer::Owner { queue: QUEUE, group: GROUP, to: ms(to) },
            because: Text::default(),
        };
        let mut course = Course::of(Plan { questions: [1, 2, 3].map(question).into(), ..plan() });
        course.at(1).assigned(FIRST, &[QUEUE]).at(2).assigned(SECOND, &[QUEUE]).assigned(FIRST, &[]);
        course.at(3).crashed(SECOND);
        let findings = course.end(9);
        assert_eq!([1, 2, 3].map(|to| findings.owner(QUEUE, GROUP, ms(to))), [Some(FIRST), Some(SECOND), None]);
    }
}
