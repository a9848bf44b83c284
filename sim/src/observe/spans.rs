//! Spans of time that expectations and questions ask for: each has a tally while it lasts, and the counts from before it
//! and from its end. A run without them pays one comparison a record.

use std::sync::Arc;

use super::account::{Account, Standing};
use super::reading::Stretch;
use super::tally::{Tallies, Tally};
use crate::kernel::{Span, Time};
use crate::plan::{Answer, Bound, Figure, Plan};

/// One span, from its first to its last nanosecond. What is known of it never changes again, so copies share it.
#[derive(Clone, Debug)]
struct Of {
    from: Time,
    to: Time,
    before: Option<Arc<Standing>>,
    after: Option<Arc<Standing>>,
    tally: Option<Arc<Tally>>,
}

/// All spans that are asked for, each once.
#[derive(Clone, Debug)]
pub(super) struct Spans {
    list: Vec<Of>,
    /// Beginnings and ends, by the time of the first record that is beyond; the next one last.
    ahead: Vec<(Time, Edge)>,
}

/// The number of a span.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Edge {
    End(usize),
    Beginning(usize),
}

impl Spans {
    pub(super) fn new(plan: &Plan) -> Self {
        let mut spans: Vec<(Time, Time)> = figures(plan)
            .filter(|figure| figure.from > Time::ZERO || figure.to.is_some())
            .map(limits)
            .chain(owners(plan))
            .collect();
        spans.sort_unstable();
        spans.dedup();
        let mut ahead: Vec<(Time, Edge)> = spans
            .iter()
            .enumerate()
            .flat_map(|(i, (from, to))| [(*from, Edge::Beginning(i)), (*to + Span(1), Edge::End(i))])
            .collect();
        ahead.sort_unstable_by(|a, b| b.cmp(a));
        let of = |(from, to)| Of { from, to, before: None, after: None, tally: None };
        Self { list: spans.into_iter().map(of).collect(), ahead }
    }

    /// From when on a record means that a span has begun or is over.
    #[inline]
    pub(super) fn next(&self) -> Time {
        self.ahead.last().map_or(Time::NEVER, |(at, _)| *at)
    }

    /// A record at this time comes next: begins and ends what begins and ends before it.
    #[cold]
    pub(super) fn reach(&mut self, at: Time, plan: &Plan, account: &Account, tallies: &mut Tallies) {
        while let Some((due, edge)) = self.ahead.pop_if(|(due, _)| *due <= at) {
            match edge {
                Edge::Beginning(i) => self.begin(i, due, plan, account, tallies),
                Edge::End(i) => self.end(i, self.list[i].to, account, tallies),
            }
        }
    }

    /// The run is over: what has not ended ends now, and what has not begun comes to nothing.
    pub(super) fn finish(&mut self, end: Time, plan: &Plan, account: &Account, tallies: &mut Tallies) {
        while let Some((due, edge)) = self.ahead.pop() {
            match edge {
                Edge::Beginning(i) => self.begin(i, due.min(end), plan, account, tallies),
                Edge::End(i) => self.end(i, self.list[i].to.min(end), account, tallies),
            }
        }
    }

    fn begin(&mut self, i: usize, at: Time, plan: &Plan, account: &Account, tallies: &mut Tallies) {
        let of = &mut self.list[i];
        if of.from > Time::ZERO {
            of.before = Some(Arc::new(account.standing(at)));
        }
        tallies.open.push((i, Tally::new(plan, of.from, &account.logs)));
    }

    fn end(&mut self, i: usize, at: Time, account: &Account, tallies: &mut Tallies) {
        let Some(place) = tallies.open.iter().position(|(of, _)| *of == i) else { return };
        let (_, mut tally) = tallies.open.swap_remove(place);
        tally.close(&account.counts.droughts, at);
        let of = &mut self.list[i];
        of.tally = Some(Arc::new(tally));
        of.after = Some(Arc::new(account.standing(at)));
    }

    /// The span of a figure, once the run is over.
    pub(super) fn stretch<'a>(&'a self, figure: &Figure, whole: Stretch<'a>) -> Option<Stretch<'a>> {
        if figure.from == Time::ZERO && figure.to.is_none() {
            return Some(whole);
        }
        let (from, to) = limits(figure);
        let of = self.list.iter().find(|of| (of.from, of.to) == (from, to))?;
        let (after, tally) = (of.after.as_deref()?, of.tally.as_deref()?);
        Some(Stretch { from, to, before: of.before.as_deref(), after, tally, ..whole })
    }

    /// Counts and states at the end of a span.
    pub(super) fn at(&self, to: Time) -> Option<&Standing> {
        self.list.iter().find(|of| of.to == to).and_then(|of| of.after.as_deref())
    }
}

fn limits(figure: &Figure) -> (Time, Time) {
    (figure.from, figure.to.unwrap_or(Time::NEVER))
}

/// Every figure that the plan asks for.
fn figures(plan: &Plan) -> impl Iterator<Item = &Figure> {
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

/// The moments at which a question asks for an owner, as spans.
fn owners(plan: &Plan) -> impl Iterator<Item = (Time, Time)> {
    plan.questions.iter().filter_map(|question| match question.answer {
        Answer::Owner { to, .. } => Some((to, to)),
        Answer::Figure(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::Value;
    use super::super::sample::*;
    use super::*;
    use crate::plan::{Moment, Question, Selector, Text};

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
