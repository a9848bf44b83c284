//! Whether what a file expects has come true: data, never a panic.

use super::Findings;
use super::metric::{Of, metric};
use super::reading::Value;
use crate::plan::{Bound, Comparison, Expectation, Plan, Role, Selector, Target};

/// What became of an expectation.
#[derive(Clone, PartialEq, Debug)]
pub struct ExpectationResult {
    /// Which metric.
    pub metric: &'static str,
    /// What it was evaluated for; `Selector::Any`: the whole.
    pub of: Selector,
    /// What was expected, as text.
    pub bound: String,
    /// What came out; none where the metric has no value.
    pub value: Option<Value>,
    /// Whether that is within the bound.
    pub passed: bool,
}

/// Everything that a figure may stand for: what it names; or the whole, where its metric has one; or each of what its
/// metric can be asked of.
pub(super) fn subjects(plan: &Plan, name: &str, of: Selector) -> Vec<Selector> {
    let all = metric(name).map_or(&[][..], |metric| metric.of);
    if of != Selector::Any || all.contains(&Of::All) {
        return vec![of];
    }
    all.iter().flat_map(|of| each(plan, *of, name)).collect()
}

pub(super) fn each(plan: &Plan, of: Of, metric: &str) -> Vec<Selector> {
    let nodes = |pick: fn(&Role) -> bool, selector: fn(_) -> Selector| plan.nodes_where(pick).map(selector).collect();
    match of {
        Of::All => vec![Selector::Any],
        Of::Producer if matches!(metric, "calls" | "answered" | "refused") => nodes(
            |role| matches!(role, Role::Producer(it) if matches!(it.target, Target::Service(_))),
            Selector::Producer,
        ),
        Of::Producer => nodes(|role| matches!(role, Role::Producer(_)), Selector::Producer),
        Of::Consumer => nodes(|role| matches!(role, Role::Consumer(_)), Selector::Consumer),
        Of::Service => nodes(|role| matches!(role, Role::Service(_)), Selector::Service),
        Of::Topic => (0..plan.topics.len()).map(|i| Selector::Topic(i.into())).collect(),
        Of::Queue => (0..plan.queues.len()).map(|i| Selector::Queue(i.into())).collect(),
        Of::Group => (0..plan.groups.len()).map(|i| Selector::Group(i.into())).collect(),
        Of::Set => (0..plan.sets.len()).map(|i| Selector::Set(i.into())).collect(),
    }
}

/// The name of what a figure is of; none for the whole.
#[must_use]
pub fn name(plan: &Plan, of: Selector) -> Option<&str> {
    match of {
        Selector::Any => None,
        Selector::Group(group) => Some(&plan.groups[group].name),
        Selector::Topic(topic) => Some(&plan.topics[topic].name),
        Selector::Queue(queue) => Some(&plan.queues[queue].name),
        Selector::Set(set) => Some(&plan.sets[set].name),
        Selector::Producer(node) | Selector::Service(node) | Selector::Consumer(node) => Some(plan.name(node)),
    }
}

/// How far a value is within its bound; negative beyond it.
fn slack(comparison: Comparison, value: f64, bound: f64) -> f64 {
    match comparison {
        Comparison::Equals => -libm::fabs(value - bound),
        Comparison::AtMost => bound - value,
        Comparison::AtLeast => value - bound,
    }
}

fn bound_text(plan: &Plan, expectation: &Expectation) -> String {
    let sign = match expectation.comparison {
        Comparison::Equals => "==",
        Comparison::AtMost => "<=",
        Comparison::AtLeast => ">=",
    };
    match &expectation.bound {
        Bound::Number(number) => format!("{sign} {number}"),
        Bound::Time(span) => format!("{sign} {span}"),
        Bound::Figure(figure, times) => {
            let of = name(plan, figure.of).map(|name| format!(" of {name}")).unwrap_or_default();
            format!("{sign} {times} x {}{of}", figure.metric)
        }
    }
}

impl Findings {
    /// What an expectation is compared with: several numbers where its figure may stand for several things.
    fn bounds(&self, bound: &Bound) -> Vec<f64> {
        match bound {
            Bound::Number(number) => vec![*number],
            Bound::Time(span) => vec![span.seconds()],
            Bound::Figure(figure, times) => {
                self.values(figure).iter().map(|(_, value)| value.number() * times).collect()
            }
        }
    }

    /// Whether an expectation has come true: for that which it names, or else for that for which it is hardest.
    #[must_use]
    pub fn verdict(&self, expectation: &Expectation) -> ExpectationResult {
        let Expectation { figure, comparison, bound, .. } = expectation;
        let values = self.values(figure);
        let bounds = self.bounds(bound);
        let margin = |value: Value| {
            let slacks = bounds.iter().map(|bound| slack(*comparison, value.number(), *bound));
            slacks.min_by(f64::total_cmp)
        };
        let margins = values.iter().map(|(of, value)| (*of, *value, margin(*value)));
        let hardest = margins
            .min_by(|(_, _, a), (_, _, b)| a.unwrap_or(f64::NEG_INFINITY).total_cmp(&b.unwrap_or(f64::NEG_INFINITY)));
        let (of, value, margin) =
            hardest.map_or((figure.of, None, None), |(of, value, margin)| (of, Some(value), margin));
        ExpectationResult {
            metric: figure.metric,
            of,
            bound: bound_text(&self.plan, expectation),
            value,
            passed: margin.is_some_and(|margin| margin >= 0.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::*;
    use super::*;
    use crate::kernel::{Span, Time};
    use crate::plan::{Beginning, Figure, GroupId, GroupPlan, GroupSlot};

    fn figure(metric: &'static str, of: Selector) -> Figure {
        Figure { metric, of, from: Time::ZERO, to: None }
    }

    fn expect(figure: Figure, comparison: Comparison, bound: Bound) -> Expectation {
        Expectation { figure, comparison, bound, line: 1 }
    }

    /// Two groups: the first has done one of two messages, in 10 ms; the second none. Accepted after 2 ms.
    fn findings() -> Findings {
        let mut plan = plan();
        plan.groups.push(GroupPlan { slot: GroupSlot(1), ..group("other-service", Beginning::First) });
        plan.topics[crate::plan::TopicId(0)].groups.push(GroupId(1));
        let mut course = Course::of(plan);
        course.at(0).sent(1).sent(2).at(2).accepted(1).accepted(2).started(FIRST, 1).at(10).finished(FIRST, 1);
        course.end(100)
    }

    #[test]
    fn each_comparison_is_exact_at_its_bound() {
        let findings = findings();
        let passes = |comparison, bound| {
            let of = Selector::Group(GROUP);
            findings.verdict(&expect(figure("done", of), comparison, Bound::Number(bound))).passed
        };
        let each = |comparison| [0.0, 1.0, 2.0].map(|bound| passes(comparison, bound));
        assert_eq!(each(Comparison::Equals), [false, true, false]);
        assert_eq!(each(Comparison::AtMost), [false, true, true]);
        assert_eq!(each(Comparison::AtLeast), [true, true, false]);
        let time = |bound| {
            let figure = figure("latency_max", Selector::Group(GROUP));
            findings.verdict(&expect(figure, Comparison::AtMost, Bound::Time(Span(bound)))).passed
        };
        assert_eq!((time(10_000_000), time(9_999_999)), (true, false));
    }

    #[test]
    fn without_a_selector_it_is_the_one_for_which_the_bound_is_hardest() {
        let findings = findings();
        let of = |comparison, bound| {
            let verdict = findings.verdict(&expect(figure("done", Selector::Any), comparison, Bound::Number(bound)));
            (verdict.of, verdict.value)
        };
        let (first, second) = (Selector::Group(GROUP), Selector::Group(GroupId(1)));
        assert_eq!(of(Comparison::AtMost, 5.0), (first, Some(Value::Count(1))));
        assert_eq!(of(Comparison::AtLeast, 0.0), (second, Some(Value::Count(0))));
        assert_eq!(of(Comparison::Equals, 0.0), (first, Some(Value::Count(1))));
        assert_eq!(of(Comparison::Equals, 1.0), (second, Some(Value::Count(0))));
    }

    #[test]
    fn a_metric_of_the_whole_is_the_whole() {
        let verdict =
            findings().verdict(&expect(figure("sent", Selector::Any), Comparison::Equals, Bound::Number(2.0)));
        assert_eq!((verdict.of, verdict.passed, &*verdict.bound), (Selector::Any, true, "== 2"));
    }

    #[test]
    fn a_metric_without_a_value_fails() {
        let findings = findings();
        for comparison in [Comparison::Equals, Comparison::AtMost, Comparison::AtLeast] {
            for of in [Selector::Any, Selector::Set(SET)] {
                let bound = Bound::Time(Span::from_secs(5));
                let verdict = findings.verdict(&expect(figure("failover_max", of), comparison, bound));
                assert_eq!((verdict.value, verdict.passed), (None, false));
            }
        }
    }

    #[test]
    fn calls_are_a_callers_and_sends_are_a_senders() {
        let of = |metric| subjects(&plan(), metric, Selector::Any);
        assert_eq!(of("calls"), [Selector::Producer(CALLER), Selector::Service(DB)]);
        assert_eq!(of("response_max"), [Selector::Any], "it has a whole");
        assert!(each(&plan(), Of::Producer, "sent").contains(&Selector::Producer(SHOP)));
    }

    #[test]
    fn a_bound_can_be_another_figure() {
        let findings = findings();
        let expectation = |times| {
            let other = figure("latency_max", Selector::Group(GROUP));
            let figure = figure("response_max", Selector::Producer(SHOP));
            expect(figure, Comparison::AtMost, Bound::Figure(other, times))
        };
        let verdict = findings.verdict(&expectation(0.2));
        assert_eq!((verdict.passed, &*verdict.bound), (true, "<= 0.2 x latency_max of order-service"));
        assert!(!findings.verdict(&expectation(0.1)).passed);
        let valueless = Bound::Figure(figure("failover_max", Selector::Any), 1.0);
        let verdict = findings.verdict(&expect(figure("sent", Selector::Any), Comparison::AtMost, valueless));
        assert!(!verdict.passed, "there is nothing to compare with");
    }

    #[test]
    fn every_metric_of_the_table_can_be_read() {
        // What the sample run has no value for: no failover in it, and no calls.
        let without = ["failover_max"];
        let findings = findings();
        for metric in super::super::metric::METRICS {
            let readable = findings.value(&figure(metric.name, Selector::Any)).is_some();
            assert_eq!(readable, !without.contains(&metric.name), "{}", metric.name);
        }
    }
}
