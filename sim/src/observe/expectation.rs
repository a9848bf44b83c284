//! Evaluates the expectations of a file: a broken one is data, never a panic. It knows nothing of records.

use super::Findings;
use super::metric::{SelectorKey, metric};
use super::value::Value;
use crate::plan::{Bound, Comparison, Expectation, Plan, Role, Selector, Target};

/// The result of an expectation.
#[derive(Clone, PartialEq, Debug)]
pub struct ExpectationResult {
    /// The metric, by its name in [`super::metric::METRICS`].
    pub metric: &'static str,
    /// What it was evaluated for; `Selector::Any`: the whole.
    pub subject: Selector,
    /// The comparison and its bound, as text.
    pub bound: String,
    /// The value of the metric, if it has one.
    pub value: Option<Value>,
    /// Whether the value is within the bound.
    pub passed: bool,
}

/// Everything that a figure may stand for: what it names; or the whole, where its metric has one; or each of what its
/// metric can be asked of.
pub(super) fn subjects(plan: &Plan, name: &str, selector: Selector) -> Vec<Selector> {
    let keys = metric(name).map_or(&[][..], |metric| metric.selectors);
    if selector != Selector::Any || keys.contains(&SelectorKey::All) {
        return vec![selector];
    }
    keys.iter().flat_map(|key| subjects_of_kind(plan, *key, name)).collect()
}

/// Everything of one kind of which the metric can be asked.
pub(super) fn subjects_of_kind(plan: &Plan, kind: SelectorKey, metric: &str) -> Vec<Selector> {
    let nodes = |pick: fn(&Role) -> bool, selector: fn(_) -> Selector| plan.nodes_where(pick).map(selector).collect();
    match kind {
        SelectorKey::All => vec![Selector::Any],
        SelectorKey::Producer if matches!(metric, "calls" | "answered" | "refused") => nodes(
            |role| matches!(role, Role::Producer(producer) if matches!(producer.target, Target::Service(_))),
            Selector::Producer,
        ),
        SelectorKey::Producer => nodes(|role| matches!(role, Role::Producer(_)), Selector::Producer),
        SelectorKey::Consumer => nodes(|role| matches!(role, Role::Consumer(_)), Selector::Consumer),
        SelectorKey::Service => nodes(|role| matches!(role, Role::Service(_)), Selector::Service),
        SelectorKey::Topic => (0..plan.topics.len()).map(|i| Selector::Topic(i.into())).collect(),
        SelectorKey::Queue => (0..plan.queues.len()).map(|i| Selector::Queue(i.into())).collect(),
        SelectorKey::Group => (0..plan.groups.len()).map(|i| Selector::Group(i.into())).collect(),
        SelectorKey::Set => (0..plan.sets.len()).map(|i| Selector::Set(i.into())).collect(),
    }
}

/// The name of what a figure is of; none for the whole.
#[must_use]
pub fn name(plan: &Plan, subject: Selector) -> Option<&str> {
    match subject {
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
    /// The numbers with which an expectation is compared: several where the figure of its bound may stand for several
    /// things.
    fn bounds(&self, bound: &Bound) -> Vec<f64> {
        match bound {
            Bound::Number(number) => vec![*number],
            Bound::Time(span) => vec![span.seconds()],
            Bound::Figure(figure, times) => {
                self.values(figure).iter().map(|(_, value)| value.number() * times).collect()
            }
        }
    }

    /// Evaluates an expectation: for the subject that it names, or else for the one for which the bound is hardest.
    #[must_use]
    pub fn verdict(&self, expectation: &Expectation) -> ExpectationResult {
        let Expectation { figure, comparison, bound, .. } = expectation;
        let values = self.values(figure);
        let bounds = self.bounds(bound);
        let margin = |value: Value| {
            let slacks = bounds.iter().map(|bound| slack(*comparison, value.number(), *bound));
            slacks.min_by(f64::total_cmp)
        };
        let margins = values.iter().map(|(subject, value)| (*subject, *value, margin(*value)));
        let hardest = margins
            .min_by(|(_, _, a), (_, _, b)| a.unwrap_or(f64::NEG_INFINITY).total_cmp(&b.unwrap_or(f64::NEG_INFINITY)));
        let (subject, value, margin) =
            hardest.map_or((figure.of, None, None), |(subject, value, margin)| (subject, Some(value), margin));
        ExpectationResult {
            metric: figure.metric,
            subject,
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
        let mut run = ScriptedRun::of(plan);
        run.at(0).sent(1).sent(2).at(2).accepted(1).accepted(2).started(FIRST, 1).at(10).finished(FIRST, 1);
        run.end(100)
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
    fn an_expectation_without_a_selector_is_of_the_subject_for_which_the_bound_is_hardest() {
        let findings = findings();
        let of = |comparison, bound| {
            let verdict = findings.verdict(&expect(figure("done", Selector::Any), comparison, Bound::Number(bound)));
            (verdict.subject, verdict.value)
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
        assert_eq!((verdict.subject, verdict.passed, &*verdict.bound), (Selector::Any, true, "== 2"));
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
    fn calls_are_of_producers_that_call_and_sends_of_producers_that_send() {
        let of = |metric| subjects(&plan(), metric, Selector::Any);
        assert_eq!(of("calls"), [Selector::Producer(CALLER), Selector::Service(DB)]);
        assert_eq!(of("response_max"), [Selector::Any], "it has a whole");
        assert!(subjects_of_kind(&plan(), SelectorKey::Producer, "sent").contains(&Selector::Producer(SHOP)));
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
