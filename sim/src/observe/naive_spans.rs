//! For tests: what spans come to once more, as slow and plain as can be, and random spans of random courses on which
//! both must agree.

use std::sync::Arc;

use proptest::prelude::*;

use super::account::Account;
use super::courses::{Offsets, course, steps};
use super::expectation::{each, subjects};
use super::metric::METRICS;
use super::naive::two_groups;
use super::reading::{Level, Reading, Statistic, Stretch};
use super::sample::ms;
use super::tally::{Measured, Tallies, Tally};
use super::{Observer, Samples, Value};
use crate::kernel::{Span, Time};
use crate::plan::*;
use crate::record::{Record, Sink as _};

/// Everything that there was, after each record.
struct NaiveSpans {
    plan: Plan,
    end: Time,
    at: Vec<Time>,
    /// Before the first record, and after each.
    states: Vec<Account>,
    measured: Vec<Option<Measured>>,
}

impl NaiveSpans {
    fn new(plan: Plan, records: &[Record], end: Time) -> Self {
        let mut states = vec![Account::new(&plan)];
        let mut measured = Vec::new();
        for record in records {
            let mut state = states.last().cloned().expect("there is the first");
            let mut tallies = Tallies::default();
            state.record(record, &mut tallies);
            measured.push(tallies.measured);
            states.push(state);
        }
        Self { plan, end, at: records.iter().map(|record| record.at).collect(), states, measured }
    }

    fn value(&self, figure: &Figure, of: Selector) -> Option<Value> {
        let (from, to) = (figure.from, figure.to.unwrap_or(Time::NEVER).min(self.end));
        let before = self.at.partition_point(|at| *at < from);
        let after = self.at.partition_point(|at| *at <= to).max(before);
        let (begun, over) = (&self.states[before], &self.states[after]);
        let during = &self.states[before..=after];
        let samples = |pick: &dyn Fn(Measured) -> Option<Span>, statistic: Statistic| {
            let mut samples = None::<Samples>;
            for span in self.measured[before..after].iter().flatten().filter_map(|it| pick(*it)) {
                samples.get_or_insert_default().add(span);
            }
            samples.map(|samples| statistic.value(&samples))
        };
        let time = |span: Span| Value::Time(span.seconds());
        let reading = Reading::of(figure.metric)?;
        match (reading, of) {
            (Reading::Response(statistic), _) => {
                let fits = |node| of == Selector::Any || of == Selector::Producer(node);
                let pick = |it| match it {
                    Measured::Response(node, span) if fits(node) => Some(span),
                    _ => None,
                };
                samples(&pick, statistic)
            }
            (Reading::Latency(statistic), _) => {
                let pick = |it| match it {
                    Measured::Latency(group, span) if of == Selector::Group(group) => Some(span),
                    _ => None,
                };
                samples(&pick, statistic)
            }
            (Reading::MaxLag, Selector::Group(group)) => {
                during.iter().map(|state| state.logs.lag[group]).max().map(Value::Count)
            }
            (Reading::ReplicaLag, Selector::Set(set)) => {
                during.iter().filter_map(|state| state.logs.slowest(set)).max().map(Value::Count)
            }
            (Reading::Outage, Selector::Topic(topic)) => {
                let accepted = |state: &Account| state.counts.topics[topic].accepted;
                let since = |state: &Account| state.counts.droughts[topic].since;
                let ended = during
                    .windows(2)
                    .zip(&self.at[before..])
                    .filter(|(pair, _)| accepted(&pair[0]) < accepted(&pair[1]));
                let ended = ended.map(|(pair, at)| (since(&pair[0]).unwrap_or(*at), *at));
                let until = over.counts.droughts[topic].until(to);
                let lasts = since(over).filter(|_| until >= from).map(|since| (since, until));
                ended.chain(lasts).map(|(since, until)| until.since(since.max(from))).max().map(time)
            }
            (Reading::Failover, _) => {
                let list = self.states.last().map(|state| &*state.failovers.list).unwrap_or_default();
                let list = list.iter().filter(|it| of == Selector::Any || of == Selector::Set(it.set));
                let span = |it: &super::Failover| {
                    let again = it.accepted_again.filter(|again| (from..=to).contains(again))?;
                    Some(again.since(it.down?))
                };
                list.filter_map(span).max().map(time)
            }
            _ => {
                let tally = Tally::default();
                let stretch = Stretch { plan: &self.plan, from, to, account: over, tally: &tally };
                let level =
                    if from > Time::ZERO { reading.level(begun, of, from.min(self.end)) } else { Level::default() };
                stretch.value(reading, of, level)
            }
        }
    }

    fn values(&self, figure: &Figure) -> Vec<(Selector, Value)> {
        let subjects = subjects(&self.plan, figure.metric, figure.of).into_iter();
        subjects.filter_map(|of| Some((of, self.value(figure, of)?))).collect()
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

/// A random figure: which metric, of what, from when, and how much longer.
type AskedCase = (usize, usize, u64, Option<u64>);

fn figures() -> impl Strategy<Value = Vec<(AskedCase, AskedCase, u8, u8)>> {
    // Few moments, so that many spans share one; some are beyond any end.
    let asked = || (0..METRICS.len(), 0_usize..8, 0_u64..40, prop::option::of(0_u64..40));
    prop::collection::vec((asked(), asked(), 0_u8..3, 0_u8..4), 1..40)
}

fn figure(plan: &Plan, (metric, of, from, longer): AskedCase, step: u64) -> Figure {
    let super::metric::Metric { name: metric, of: selectors, .. } = METRICS[metric];
    let mut all = vec![Selector::Any];
    all.extend(selectors.iter().flat_map(|of| each(plan, *of, metric)));
    Figure {
        metric,
        of: all[of % all.len()],
        from: ms(from * step),
        to: longer.map(|longer| ms((from + longer) * step)),
    }
}

proptest! {
    #[test]
    fn spans_come_to_what_naive_ones_do(steps in steps(), asked in figures(), step in 1_u64..10, late in 0_u64..50) {
        let mut plan = two_groups();
        for (it, other, comparison, bound) in asked {
            let comparison = [Comparison::Equals, Comparison::AtMost, Comparison::AtLeast][usize::from(comparison)];
            let bound = match bound {
                0 => Bound::Figure(figure(&plan, other, step), 0.5),
                1 => Bound::Time(Span(3_000_000)),
                number => Bound::Number(f64::from(number - 2)),
            };
            let figure = figure(&plan, it, step);
            plan.expectations.push(Expectation { figure, comparison, bound, line: 1 });
        }
        let records = course(&steps, Offsets::InOrder);
        let end = Time(records.last().map_or(0, |record| record.at.0) + late * 1_000_000);
        let mut observer = Observer::new(Arc::new(plan.clone()));
        records.iter().for_each(|record| observer.record(record));
        let findings = observer.close(end);
        let naive = NaiveSpans::new(plan.clone(), &records, end);
        for expectation in &plan.expectations {
            let verdict = findings.verdict(expectation);
            prop_assert_eq!((verdict.of, verdict.value, verdict.passed), naive.verdict(expectation), "{:?}", expectation);
            let figure = &expectation.figure;
            prop_assert_eq!(findings.value(figure), naive.values(figure).first().map(|(_, value)| *value), "{:?}", figure);
        }
    }
}
