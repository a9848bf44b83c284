//! Spans of time that expectations and questions ask for: each has a tally while it lasts, and the counts from before it
//! and from its end. A run without them pays one comparison a record.

use super::account::{Account, Standing};
use super::reading::Stretch;
use super::tally::{Tallies, Tally};
use crate::kernel::{Span, Time};
use crate::plan::{Answer, Bound, Figure, Plan};

/// One span, from its first to its last nanosecond.
#[derive(Clone, Debug)]
struct Of {
    from: Time,
    to: Time,
    before: Option<Standing>,
    after: Option<Standing>,
    tally: Option<Tally>,
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
            of.before = Some(account.standing(at));
        }
        tallies.open.push((i, Tally::new(plan, of.from, &account.logs)));
    }

    fn end(&mut self, i: usize, at: Time, account: &Account, tallies: &mut Tallies) {
        let Some(place) = tallies.open.iter().position(|(of, _)| *of == i) else { return };
        let (_, mut tally) = tallies.open.swap_remove(place);
        tally.close(&account.counts.droughts, at);
        let of = &mut self.list[i];
        of.tally = Some(tally);
        of.after = Some(account.standing(at));
    }

    /// The span of a figure, once the run is over.
    pub(super) fn stretch<'a>(&'a self, figure: &Figure, whole: Stretch<'a>) -> Option<Stretch<'a>> {
        if figure.from == Time::ZERO && figure.to.is_none() {
            return Some(whole);
        }
        let (from, to) = limits(figure);
        let of = self.list.iter().find(|of| (of.from, of.to) == (from, to))?;
        let (after, tally) = (of.after.as_ref()?, of.tally.as_ref()?);
        Some(Stretch { from, to, before: of.before.as_ref(), after, tally, ..whole })
    }

    /// Counts and states at the end of a span.
    pub(super) fn at(&self, to: Time) -> Option<&Standing> {
        self.list.iter().find(|of| of.to == to).and_then(|of| of.after.as_ref())
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
