//! The branches of a run: a file as it was opened, and the files that acts by hand have made of it.
//!
//! Each act makes another file ([`Draft`]), and so another run, which is the same up to the act. An act at the latest moment
//! that was shown extends its branch; an act in the past begins a new branch, and the old one is kept. The first branch is
//! the file itself and never changes.
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

/// The most branches that keep their session, with its snapshots; the others run once more when they are shown again.
const MAX_SESSIONS: usize = 4;
/// The most events that all sessions together have: with longer runs fewer branches keep their session, since snapshots of
/// long runs are large.
const MAX_SESSION_EVENTS: u64 = 20_000_000;

/// Events that are run at once where a switch to another branch is waited for.
const SLICE: u64 = 50_000;

/// A run, and where it branched off another one.
#[derive(Clone, Debug)]
pub struct Branch {
    draft: Draft,
    /// None: it was dropped, and is made anew when the branch is shown again.
    session: Option<Session>,
    fork: Option<Fork>,
    done: Vec<ActDone>,
    /// The moment that was shown last.
    last_shown: Time,
    /// The latest moment that was ever shown.
    latest_shown: Time,
    /// The number of the switch that showed it last: of the branches the one with the least loses its session first.
    last_switch: u64,
}

/// The place where a branch begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Fork {
    /// The number of the branch that it branches off.
    pub from: usize,
    /// The time of its first act that the other branch does not have.
    pub at: Time,
}

/// An act that was done by hand.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct ActDone {
    /// The time at which it takes effect.
    pub at: Time,
    /// What was done; nodes and faults are those of the plan before it.
    pub act: Act,
    /// The plan before the act.
    pub before: Arc<Plan>,
}

impl Branch {
    /// Its file.
    #[must_use]
    pub const fn draft(&self) -> &Draft {
        &self.draft
    }

    /// The place where it begins; none for the file that was opened.
    #[must_use]
    pub const fn fork(&self) -> Option<Fork> {
        self.fork
    }

    /// The acts done in it, after those done before it began in the branches that it comes from.
    #[must_use]
    pub fn done(&self) -> &[ActDone] {
        &self.done
    }
}

/// All branches of a run; one of them is shown.
#[derive(Clone, Debug)]
pub struct Branches {
    all: Vec<Branch>,
    /// The number of the branch that is shown.
    shown: usize,
    /// The branch that is to be shown next, and its number. It has yet to run up to the moment to be shown.
    next: Option<(usize, Branch)>,
    max_events: u64,
    /// How often another branch was shown.
    switches: u64,
}

impl Branches {
    /// The run of a file, with no acts yet.
    #[must_use]
    pub fn new(draft: Draft, max_events: u64) -> Self {
        let mut first = Branch {
            draft,
            session: None,
            fork: None,
            done: Vec::new(),
            last_shown: Time::ZERO,
            latest_shown: Time::ZERO,
            last_switch: 0,
        };
        first.session = Some(session(&first.draft, max_events));
        Self { all: vec![first], shown: 0, next: None, max_events, switches: 0 }
    }

    /// All branches, in the order in which they were made.
    #[must_use]
    pub fn all(&self) -> &[Branch] {
        &self.all
    }

    /// The number of the branch that is shown.
    #[must_use]
    pub const fn shown(&self) -> usize {
        self.shown
    }

    /// The branch that is shown.
    #[must_use]
    pub fn branch(&self) -> &Branch {
        &self.all[self.shown]
    }

    /// The session of the branch that is shown.
    ///
    /// # Panics
    /// Never: the branch that is shown has a session.
    #[must_use]
    pub fn session(&self) -> &Session {
        self.branch().session.as_ref().expect("the branch that is shown has a session")
    }

    /// The session of the branch that is shown, to be moved.
    ///
    /// # Panics
    /// Never, as [`Self::session`].
    pub fn session_mut(&mut self) -> &mut Session {
        self.all[self.shown].session.as_mut().expect("the branch that is shown has a session")
    }

    /// Whether another branch is to be shown, and has yet to run up to the moment to be shown.
    #[must_use]
    pub const fn is_switching(&self) -> bool {
        self.next.is_some()
    }

    /// The time at which an act done now takes effect: the first nanosecond at which nothing has happened yet.
    #[must_use]
    pub fn act_time(&self) -> Time {
        self.session().scene().at() + Span(1)
    }

    /// The file with an act done now, without doing it.
    ///
    /// # Errors
    /// Why it cannot be done.
    pub fn try_out(&self, act: &Act) -> Result<Draft, Refused> {
        self.branch().draft.with(act, self.act_time())
    }

    /// Does an act now. The branch with it is shown just after the act, once [`Self::work`] has run it there.
    ///
    /// # Errors
    /// Why it cannot be done; then nothing changes.
    pub fn act(&mut self, act: &Act) -> Result<(), Refused> {
        self.finish_switch();
        let draft = self.try_out(act)?;
        let at = self.act_time();
        let old = self.branch();
        let extends = self.shown > 0 && old.latest_shown < at && !self.has_children();
        let mut done = old.done.clone();
        done.push(ActDone { at, act: act.clone(), before: Arc::clone(old.draft.plan()) });
        let fork = if extends { old.fork } else { Some(Fork { from: self.shown, at }) };
        let number = if extends { self.shown } else { self.all.len() };
        let branch = Branch { draft, session: None, fork, done, last_shown: at, latest_shown: at, last_switch: 0 };
        self.switch_to(number, branch);
        Ok(())
    }

    /// Goes to another branch, at the moment that was shown last.
    pub fn go_to(&mut self, number: usize) {
        self.finish_switch();
        if number != self.shown
            && let Some(branch) = self.all.get(number)
        {
            if branch.session.is_some() {
                self.show(number);
            } else {
                let branch = branch.clone();
                self.switch_to(number, branch);
            }
        }
    }

    /// Works on by about so many events: the branch that is to be shown first, then the one that is shown. True when nothing
    /// is left to do.
    pub fn work(&mut self, events: u64) -> bool {
        let Some((_, branch)) = &mut self.next else {
            let is_idle = self.session_mut().work(events);
            self.note_moment();
            return is_idle;
        };
        if let Some(session) = &mut branch.session {
            session.work(events);
            if !session.is_there() {
                return false;
            }
        }
        if let Some((number, branch)) = self.next.take() {
            match self.all.get_mut(number) {
                Some(place) => *place = branch,
                None => self.all.push(branch),
            }
            self.show(number);
        }
        false
    }

    /// Runs the branch that is to be shown up to its moment, so that an act is not lost when the next one follows at once.
    fn finish_switch(&mut self) {
        while self.is_switching() {
            self.work(SLICE);
        }
    }

    /// Whether another branch begins in the one that is shown.
    fn has_children(&self) -> bool {
        self.all.iter().any(|branch| branch.fork.is_some_and(|fork| fork.from == self.shown))
    }

    /// Notes the moment that is shown.
    fn note_moment(&mut self) {
        let at = self.session().scene().at();
        let branch = &mut self.all[self.shown];
        branch.last_shown = at;
        branch.latest_shown = branch.latest_shown.max(at);
    }

    fn switch_to(&mut self, number: usize, mut branch: Branch) {
        let mut session = session(&branch.draft, self.max_events);
        session.aim(Aim::Time(branch.last_shown));
        branch.session = Some(session);
        self.next = Some((number, branch));
    }

    fn show(&mut self, number: usize) {
        self.shown = number;
        self.switches += 1;
        self.all[number].last_switch = self.switches;
        // Each session will have about as many events as the one that has run farthest.
        let sessions = self.all.iter().filter_map(|branch| branch.session.as_ref());
        let events = sessions.map(|session| session.ahead().events()).max();
        let limit = MAX_SESSION_EVENTS / events.unwrap_or(0).max(1);
        let limit = usize::try_from(limit).unwrap_or(MAX_SESSIONS).clamp(1, MAX_SESSIONS);
        while self.all.iter().filter(|branch| branch.session.is_some()).count() > limit {
            let with_session = self.all.iter_mut().filter(|branch| branch.session.is_some());
            if let Some(branch) = with_session.min_by_key(|branch| branch.last_switch) {
                branch.session = None;
            }
        }
    }
}

fn session(draft: &Draft, max_events: u64) -> Session {
    Session::new(Arc::clone(draft.plan()), draft.plan().seed, max_events)
}

#[cfg(test)]
mod tests;
