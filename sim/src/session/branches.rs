//! The branches of a run: a file as it was opened, and what became of it by hand.
//!
//! Each act makes another file ([`Draft`]), and so another run, which is the same up to the act. An act at the
//! latest moment that was looked at goes on in the same branch; an act in the past begins a new one, and the old one is kept.
//! The first branch is the file itself and never changes.
//!
//! ```text
//! the file ──────●────────────────●───────────▶
//!                └─ crash b ──────│──●────────▶
//!                                 └─ + consumer ▶
//! ```
//!
//! It knows nothing of why an act is done, nor of how branches are drawn.

use std::sync::Arc;

use crate::kernel::{Span, Time};
use crate::plan::Plan;
use crate::scenario::{Act, Draft, Refused};

use super::{Aim, Session};

/// As many branches keep their session, with its snapshots; the others run once more when they are gone back to.
const AWAKE: usize = 4;
/// Fewer, where each of them has so many events that they would have more than this together: snapshots of long runs are
/// large.
const AWAKE_EVENTS: u64 = 20_000_000;

/// Events between two looks at whether a branch has arrived that is waited for.
const SLICE: u64 = 50_000;

/// A run, and where it left another one.
#[derive(Clone, Debug)]
pub struct Branch {
    draft: Draft,
    /// None: it sleeps.
    session: Option<Session>,
    fork: Option<Fork>,
    done: Vec<ActDone>,
    /// Where its owner was last, and the latest moment at which its owner has been.
    left_at: Time,
    seen: Time,
    /// When it was last here, to tell who sleeps.
    visit: u64,
}

/// Where a branch begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Fork {
    /// The branch that it comes from, by its number.
    pub from: usize,
    /// Its first act that the other one does not have.
    pub at: Time,
}

/// An act that was done by hand.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct ActDone {
    /// The time of the run from which it holds.
    pub at: Time,
    /// What was done; nodes and faults are those of the plan before it.
    pub act: Act,
    /// That plan.
    pub before: Arc<Plan>,
}

impl Branch {
    /// Its file.
    #[must_use]
    pub const fn draft(&self) -> &Draft {
        &self.draft
    }

    /// Where it begins; none: it is the file that was opened.
    #[must_use]
    pub const fn fork(&self) -> Option<Fork> {
        self.fork
    }

    /// The acts done in it, and before it began in the branches that it comes from; in order.
    #[must_use]
    pub fn done(&self) -> &[ActDone] {
        &self.done
    }
}

/// All branches of a run; one of them is looked at.
#[derive(Clone, Debug)]
pub struct Branches {
    all: Vec<Branch>,
    here: usize,
    /// A branch that is wanted and has yet to run up to where it is wanted: its number, and the branch.
    coming: Option<(usize, Branch)>,
    max_events: u64,
    visits: u64,
}

impl Branches {
    /// The run of a file, at its beginning.
    #[must_use]
    pub fn new(draft: Draft, max_events: u64) -> Self {
        let mut first = Branch {
            draft,
            session: None,
            fork: None,
            done: Vec::new(),
            left_at: Time::ZERO,
            seen: Time::ZERO,
            visit: 0,
        };
        first.session = Some(session(&first.draft, max_events));
        Self { all: vec![first], here: 0, coming: None, max_events, visits: 0 }
    }

    /// All of them, in the order in which they came to be.
    #[must_use]
    pub fn all(&self) -> &[Branch] {
        &self.all
    }

    /// Which of them is looked at.
    #[must_use]
    pub const fn here(&self) -> usize {
        self.here
    }

    /// The branch that is looked at.
    #[must_use]
    pub fn branch(&self) -> &Branch {
        &self.all[self.here]
    }

    /// The run that is looked at.
    ///
    /// # Panics
    /// Never: who is looked at is awake.
    #[must_use]
    pub fn session(&self) -> &Session {
        self.branch().session.as_ref().expect("who is looked at is awake")
    }

    /// The same, to be moved.
    ///
    /// # Panics
    /// Never, as [`Self::session`].
    pub fn session_mut(&mut self) -> &mut Session {
        self.all[self.here].session.as_mut().expect("who is looked at is awake")
    }

    /// Whether a branch that is wanted has yet to run up to where it is wanted. Until then the other one is looked at.
    #[must_use]
    pub const fn is_coming(&self) -> bool {
        self.coming.is_some()
    }

    /// When something would take effect that is done now: at the first nanosecond at which nothing has happened yet.
    #[must_use]
    pub fn next(&self) -> Time {
        self.session().scene().at() + Span(1)
    }

    /// The file with an act done now, without doing it.
    ///
    /// # Errors
    /// Why it cannot be done.
    pub fn try_out(&self, act: &Act) -> Result<Draft, Refused> {
        self.branch().draft.with(act, self.next())
    }

    /// Does something now. The branch with it comes to be looked at just after it, once [`Self::work`] has run it there.
    ///
    /// # Errors
    /// Why it cannot be done; then nothing changes.
    pub fn act(&mut self, act: &Act) -> Result<(), Refused> {
        self.finish_coming();
        let draft = self.try_out(act)?;
        let at = self.next();
        let old = self.branch();
        let goes_on = self.here > 0 && old.seen < at && !self.has_offspring();
        let mut done = old.done.clone();
        done.push(ActDone { at, act: act.clone(), before: Arc::clone(old.draft.plan()) });
        let fork = if goes_on { old.fork } else { Some(Fork { from: self.here, at }) };
        let number = if goes_on { self.here } else { self.all.len() };
        let branch = Branch { draft, session: None, fork, done, left_at: at, seen: at, visit: 0 };
        self.want(number, branch);
        Ok(())
    }

    /// Goes to another branch, where its owner was last.
    pub fn go_to(&mut self, number: usize) {
        self.finish_coming();
        if number != self.here
            && let Some(branch) = self.all.get(number)
        {
            if branch.session.is_some() {
                self.arrive_at(number);
            } else {
                let branch = branch.clone();
                self.want(number, branch);
            }
        }
    }

    /// Works on by about so many events: a branch that is wanted first, then the one that is looked at. True when
    /// nothing is left to do.
    pub fn work(&mut self, events: u64) -> bool {
        let Some((_, branch)) = &mut self.coming else {
            let idle = self.session_mut().work(events);
            self.look_around();
            return idle;
        };
        if let Some(session) = &mut branch.session {
            session.work(events);
            if !session.is_there() {
                return false;
            }
        }
        if let Some((number, branch)) = self.coming.take() {
            match self.all.get_mut(number) {
                Some(place) => *place = branch,
                None => self.all.push(branch),
            }
            self.arrive_at(number);
        }
        false
    }

    /// Runs the wanted branch up to where it is wanted, so that an act is not lost when the next one follows at once.
    fn finish_coming(&mut self) {
        while self.is_coming() {
            self.work(SLICE);
        }
    }

    /// Another branch comes from the one that is looked at.
    fn has_offspring(&self) -> bool {
        self.all.iter().any(|branch| branch.fork.is_some_and(|fork| fork.from == self.here))
    }

    /// Remembers where its owner has got to in the branch that is looked at.
    fn look_around(&mut self) {
        let at = self.session().scene().at();
        let branch = &mut self.all[self.here];
        branch.left_at = at;
        branch.seen = branch.seen.max(at);
    }

    fn want(&mut self, number: usize, mut branch: Branch) {
        let mut session = session(&branch.draft, self.max_events);
        session.aim(Aim::Time(branch.left_at));
        branch.session = Some(session);
        self.coming = Some((number, branch));
    }

    fn arrive_at(&mut self, number: usize) {
        self.here = number;
        self.visits += 1;
        self.all[number].visit = self.visits;
        // Each will have about as many events as the one that has run farthest.
        let events = self.all.iter().filter_map(|branch| branch.session.as_ref()).map(|it| it.ahead().events()).max();
        let fit = AWAKE_EVENTS / events.unwrap_or(0).max(1);
        let most = usize::try_from(fit).unwrap_or(AWAKE).clamp(1, AWAKE);
        while self.all.iter().filter(|branch| branch.session.is_some()).count() > most {
            let awake = self.all.iter_mut().filter(|branch| branch.session.is_some());
            if let Some(longest) = awake.min_by_key(|branch| branch.visit) {
                longest.session = None;
            }
        }
    }
}

fn session(draft: &Draft, max_events: u64) -> Session {
    Session::new(Arc::clone(draft.plan()), draft.plan().seed, max_events)
}

#[cfg(test)]
mod tests;
