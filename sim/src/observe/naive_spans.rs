//! For tests: a naive reference of [`super::spans`], which keeps the statistics after every record, and random spans of
//! random records on which both must agree.

use std::sync::Arc;

use proptest::prelude::*;

use super::aggregates::{Aggregates, Measurement, OpenWindows};
use super::expectation::{subjects, subjects_of_kind};
use super::metric::METRICS;
use super::naive_ledger::two_groups;
use super::random_records::{Offsets, records, steps};
use super::reading::{Baseline, Reading, SampleStatistic, StatisticsWindow};
use super::sample::ms;
use super::statistics::Statistics;
use super::{Observer, Samples, Value};
use crate::kernel::{Span, Time};
use crate::plan::*;
use crate::record::{Record, Sink as _};

/// The statistics of a run before its first record and after each.
struct NaiveSpans {
    plan: Plan,
    end: Time,
    times: Vec<Time>,
    /// Before the first record, and after each.
    states: Vec<Statistics>,
    measured: Vec<Option<Measurement>>,
}

impl NaiveSpans {
    fn new(plan: Plan, records: &[Record], end: Time) -> Self {
        let mut states = vec![Statistics::new(&plan)];
        let mut measured = Vec::new();
        for record in records {
            let mut state = states.last().cloned().expect("there is the first");
            let mut windows = OpenWindows::default();
            state.record(record, &mut windows);
            measured.push(windows.last_measurement);
            states.push(state);
        }
        Self { plan, end, times: records.iter().map(|record| record.at).collect(), states, measured }
    }

    fn value(&self, figure: &Figure, subject: Selector) -> Option<Value> {
        let (from, to) = (figure.from, figure.to.unwrap_or(Time::NEVER).min(self.end));
        let before = self.times.partition_point(|at| *at < from);
        let after = self.times.partition_point(|at| *at <= to).max(before);
        let (begun, over) = (&self.states[before], &self.states[after]);
        let during = &self.states[before..=after];
        let samples = |pick: &dyn Fn(Measurement) -> Option<Span>, statistic: SampleStatistic| {
            let mut samples = None::<Samples>;
            for span in self.measured[before..after].iter().flatten().filter_map(|measurement| pick(*measurement)) {
                samples.get_or_insert_default().add(span);
            }
            samples.map(|samples| statistic.value(&samples))
        };
        let time = |span: Span| Value::Time(span.seconds());
        let reading = Reading::of(figure.metric)?;
        match (reading, subject) {
            (Reading::Response(statistic), _) => {
                let fits = |node| subject == Selector::Any || subject == Selector::Producer(node);
                let pick = |measurement| match measurement {
                    Measurement::Response(node, span) if fits(node) => Some(span),
                    _ => None,
                };
                samples(&pick, statistic)
            }
            (Reading::Latency(statistic), _) => {
                let pick = |measurement| match measurement {
                    Measurement::Latency(group, span) if subject == Selector::Group(group) => Some(span),
                    _ => None,
                };
                samples(&pick, statistic)
            }
            (Reading::MaxLag, Selector::Group(group)) => {
                during.iter().map(|state| state.logs.lag[group]).max().map(Value::Count)
            }
            (Reading::ReplicaLag, Selector::Set(set)) => {
                during.iter().filter_map(|state| state.logs.replica_lag(set)).max().map(Value::Count)
            }
            (Reading::Outage, Selector::Topic(topic)) => {
                let accepted = |state: &Statistics| state.counts.topics[topic].accepted;
                let since = |state: &Statistics| state.counts.outage_trackers[topic].since;
                let ended = during
                    .windows(2)
                    .zip(&self.times[before..])
                    .filter(|(pair, _)| accepted(&pair[0]) < accepted(&pair[1]));
                let ended = ended.map(|(pair, at)| (since(&pair[0]).unwrap_or(*at), *at));
                let until = over.counts.outage_trackers[topic].lasts_until(to);
                let lasts = since(over).filter(|_| until >= from).map(|since| (since, until));
                ended.chain(lasts).map(|(since, until)| until.since(since.max(from))).max().map(time)
            }
            (Reading::Failover, _) => {
                let list = self.states.last().map(|state| &*state.failovers.list).unwrap_or_default();
                let list =
                    list.iter().filter(|failover| subject == Selector::Any || subject == Selector::Set(failover.set));
                let span = |failover: &super::Failover| {
                    let again = failover.accepted_again.filter(|again| (from..=to).contains(again))?;
                    Some(again.since(failover.down?))
                };
                list.filter_map(span).max().map(time)
            }
            _ => {
                let aggregates = Aggregates::default();
                let window = StatisticsWindow { plan: &self.plan, from, to, statistics: over, aggregates: &aggregates };
                let baseline = if from > Time::ZERO {
                    reading.baseline(begun, subject, from.min(self.end))
                } else {
                    Baseline::default()
                };
                window.value(reading, subject, baseline)
            }
        }
    }

    fn values(&self, figure: &Figure) -> Vec<(Selector, Value)> {
        let subjects = subjects(&self.plan, figure.metric, figure.of).into_iter();
        subjects.filter_map(|subject| Some((subject, self.value(figure, subject)?))).collect()
    }

    /// What an expectation is evaluated for, the value, and whether it passes.
    fn verdict(&self, expectation: &Expectation) -> (Selector, Option<Value>, bool) {
        let bounds: Vec<f64> = match &expectation.bound {
            Bound::Number(number) => vec![*number],
            Bound::Time(span) => vec![span.seconds()],
            Bound::Figure(figure, times) => {
                self.values(figure).iter().map(|(_, value)| value.number() * times).collect()
            }
        };
        let slack = |value: f64, bound: f64| match expectation.comparison {
            Comparison::Equals => -libm::fabs(value - bound),
            Comparison::AtMost => bound - value,
            Comparison::AtLeast => value - bound,
        };
        let mut hardest: Option<(Selector, Value, f64)> = None;
        for (of, value) in self.values(&expectation.figure) {
            let margin = bounds.iter().map(|bound| slack(value.number(), *bound)).min_by(f64::total_cmp);
            let margin = margin.unwrap_or(f64::NEG_INFINITY);
            if hardest.is_none_or(|(_, _, least)| margin < least) {
                hardest = Some((of, value, margin));
            }
        }
        match hardest {
            Some((of, value, margin)) => (of, Some(value), margin >= 0.0),
            None => (expectation.figure.of, None, false),
        }
    }
}

/// A random figure: the number of its metric and of its subject, from when, and how much longer.
type FigureCase = (usize, usize, u64, Option<u64>);

fn figures() -> impl Strategy<Value = Vec<(FigureCase, FigureCase, u8, u8)>> {
    // Few moments, so that many spans share one; some are beyond any end.
    let case = || (0..METRICS.len(), 0_usize..8, 0_u64..40, prop::option::of(0_u64..40));
    prop::collection::vec((case(), case(), 0_u8..3, 0_u8..4), 1..40)
}

fn figure(plan: &Plan, (metric, of, from, longer): FigureCase, step: u64) -> Figure {
    let super::metric::Metric { name: metric, selectors, .. } = METRICS[metric];
    let mut all = vec![Selector::Any];
    all.extend(selectors.iter().flat_map(|key| subjects_of_kind(plan, *key, metric)));
    Figure {
        metric,
        of: all[of % all.len()],
        from: ms(from * step),
        to: longer.map(|longer| ms((from + longer) * step)),
    }
}

proptest! {
    #[test]
    fn spans_have_the_values_of_naive_ones(steps in steps(), cases in figures(), step in 1_u64..10, late in 0_u64..50) {
        let mut plan = two_groups();
        for (case, other, comparison, bound) in cases {
            let comparison = [Comparison::Equals, Comparison::AtMost, Comparison::AtLeast][usize::from(comparison)];
            let bound = match bound {
                0 => Bound::Figure(figure(&plan, other, step), 0.5),
                1 => Bound::Time(Span(3_000_000)),
                number => Bound::Number(f64::from(number - 2)),
            };
            let figure = figure(&plan, case, step);
            plan.expectations.push(Expectation { figure, comparison, bound, line: 1 });
        }
        let records = records(&steps, Offsets::InOrder);
        let end = Time(records.last().map_or(0, |record| record.at.0) + late * 1_000_000);
        let mut observer = Observer::new(Arc::new(plan.clone()));
        records.iter().for_each(|record| observer.record(record));
        let findings = observer.close(end);
        let naive = NaiveSpans::new(plan.clone(), &records, end);
        for expectation in &plan.expectations {
            let verdict = findings.verdict(expectation);
            prop_assert_eq!((verdict.subject, verdict.value, verdict.passed), naive.verdict(expectation), "{:?}", expectation);
            let figure = &expectation.figure;
            prop_assert_eq!(findings.value(figure), naive.values(figure).first().map(|(_, value)| *value), "{:?}", figure);
        }
    }
}
