//! Whether what a file expects has come true: data, never a panic.

use super::Findings;
use super::metric::{Of, metric};
use super::reading::Value;
use crate::plan::{Bound, Comparison, Expectation, Figure, Plan, Role, Selector, Target};

/// What became of an expectation.
#[derive(Clone, PartialEq, Debug)]
pub struct Verdict {
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
pub(super) fn subjects(plan: &Plan, figure: &Figure) -> Vec<Selector> {
    let of = metric(figure.metric).map_or(&[][..], |metric| metric.of);
    if figure.of != Selector::Any || of.contains(&Of::All) {
        return vec![figure.of];
    }
    of.iter().flat_map(|of| each(plan, *of, figure.metric)).collect()
}

fn each(plan: &Plan, of: Of, metric: &str) -> Vec<Selector> {
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
        Selector::Group(group) => Some(&plan.groups[group.index()].name),
        Selector::Topic(topic) => Some(&plan.topics[topic.index()].name),
        Selector::Queue(queue) => Some(&plan.queues[queue.index()].name),
        Selector::Set(set) => Some(&plan.sets[set.index()].name),
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
    /// Every value that a figure may stand for, with what it is of; without those that have none.
    fn values(&self, figure: &Figure) -> Vec<(Selector, Value)> {
        let value = |of: Selector| self.value_of(figure, of).map(|value| (of, value));
        subjects(&self.plan, figure).into_iter().filter_map(value).collect()
    }

    /// What an expectation is compared with: several numbers where its figure may stand for several things.
    fn bounds(&self, bound: &Bound) -> Vec<f64> {
        match bound {
            Bound::Number(number) => vec![*number],
            Bound::Time(span) => vec![span.seconds()],
            Bound::Figure(figure, times) => {
                self.values(figure).into_iter().map(|(_, value)| value.number() * times).collect()
            }
        }
    }

    /// Whether an expectation has come true: for that which it names, or else for that for which it is hardest.
    #[must_use]
    pub fn verdict(&self, expectation: &Expectation) -> Verdict {
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
        Verdict {
            metric: figure.metric,
            of,
            bound: bound_text(&self.plan, expectation),
            value,
            passed: margin.is_some_and(|margin| margin >= 0.0),
        }
    }
}
