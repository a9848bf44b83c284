//! A session: a run that can be looked at, at any moment, forwards and backwards.
//!
//! The run goes on *ahead* in slices of as many events as its owner can spare, and leaves snapshots behind. The present
//! [`Scene`] is wherever its owner wants it to be: nearest snapshot, then run on from there. How a session is sliced never
//! changes what happens.
//!
//! ```text
//! ├────●────●────●────●──────▶ ahead: snapshots, marks, lag curves
//!            └──▶ the scene: nearest snapshot, and at most one stretch between two of them
//! ```
//!
//! It draws nothing, does no I/O and looks at no clock.

mod history;
mod index;
mod scene;

use std::sync::Arc;

pub use self::history::History;
pub use self::index::{Index, Mark, MarkKind};
pub use self::scene::{Scene, Told};
use crate::kernel::Time;
use crate::limit::Passed;
use crate::plan::Plan;
use crate::report::Report;
use crate::run;
use crate::world::Halt;

/// Events between two snapshots, to begin with.
const STRETCH: u64 = 4096;
/// When there are so many snapshots, every second one goes.
const SNAPSHOTS: usize = 192;

/// A run that can be looked at, at any moment.
#[derive(Clone, Debug)]
pub struct Session {
    plan: Arc<Plan>,
    seed: u64,
    /// As far as the run has gone.
    ahead: Scene,
    index: Index,
    /// In order; the first is the beginning.
    snapshots: Vec<Scene>,
    stretch: u64,
    /// Where the owner is.
    scene: Scene,
    /// Where the owner wants to be, and the scene that is on its way there.
    aim: Option<(Aim, Option<Scene>)>,
    passed: Option<Passed>,
}

/// Where to go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Aim {
    /// To a time: all that happens up to it, it included, has happened.
    Time(Time),
    /// To just after an event, by its number; 0: before the first.
    Event(u64),
    /// To the next event that leaves a record.
    NextRecord,
    /// To the next mark.
    NextMark,
    /// To the end.
    End,
}

impl Session {
    /// At the beginning of a run.
    #[must_use]
    pub fn new(plan: Arc<Plan>, seed: u64, max_events: u64) -> Self {
        let start = Scene::new(&plan, seed, max_events);
        Self {
            index: Index::new(&plan),
            ahead: start.clone(),
            snapshots: vec![start.clone()],
            stretch: STRETCH,
            scene: start,
            aim: None,
            passed: None,
            plan,
            seed,
        }
    }

    /// What is run.
    #[must_use]
    pub const fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Its seed.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The present scene.
    #[must_use]
    pub const fn scene(&self) -> &Scene {
        &self.scene
    }

    /// As far as the run has gone ahead.
    #[must_use]
    pub const fn ahead(&self) -> &Scene {
        &self.ahead
    }

    /// What has been gathered on the way.
    #[must_use]
    pub const fn index(&self) -> &Index {
        &self.index
    }

    /// The limit at which the run had to stop, if it had to.
    #[must_use]
    pub const fn passed(&self) -> Option<&Passed> {
        self.passed.as_ref()
    }

    /// Whether the scene is where it is wanted.
    #[must_use]
    pub const fn is_there(&self) -> bool {
        self.aim.is_none()
    }

    /// Whether the run has gone to its end, or as far as it can.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        self.ahead.is_over() || self.passed.is_some()
    }

    /// The report of the whole run, once it has gone to its end.
    #[must_use]
    pub fn report(&self) -> Option<Report> {
        self.ahead.is_over().then(|| run::report(self.ahead.world(), self.ahead.observer().clone(), self.seed))
    }

    /// Wants the scene to be somewhere else; [`Self::work`] brings it there.
    pub fn aim(&mut self, aim: Aim) {
        self.aim = Some((aim, None));
    }

    /// Wants to be at the event before the present one that left a record.
    pub fn aim_back(&mut self) {
        let now = self.scene.events();
        // Where the clock is beyond the last event, that one comes first.
        let beyond = self.scene.at() > self.scene.world().now();
        let last = |told: &&Told| told.event < now || (beyond && told.event <= now);
        let event = self.scene.recent().rev().find(last).map_or(0, |told| told.event);
        self.aim(Aim::Event(event));
    }

    /// Wants to be at the mark before the present moment.
    pub fn aim_at_previous_mark(&mut self) {
        let mark = self.index.previous(self.scene.at(), self.scene.events());
        self.aim(mark.map_or(Aim::Event(0), Self::aim_of));
    }

    /// The records of a stretch of the run once more, from a time to a time, as far as the run has gone ahead.
    #[must_use]
    pub fn history(&self, from: Time, until: Time) -> History {
        // A snapshot at the very time may already be behind some of its records.
        let before = self.snapshots.partition_point(|scene| scene.at() < from).saturating_sub(1);
        History::new(self.snapshots[before].clone(), from, until.min(self.ahead.at()))
    }

    fn aim_of(mark: &Mark) -> Aim {
        match mark.kind {
            // Nothing happens there: a time of the clock.
            MarkKind::Note(_) | MarkKind::Question(_) => Aim::Time(mark.at),
            _ => Aim::Event(mark.event),
        }
    }

    /// Works on by about so many events: towards the aim first, then ahead. True when nothing is left to do.
    pub fn work(&mut self, events: u64) -> bool {
        let mut left = events;
        while left > 0 {
            let spent = match self.approach(left) {
                Some(spent) => spent,
                None if self.is_known() => return true,
                None => self.go_ahead(left),
            };
            left = left.saturating_sub(spent.max(1));
        }
        self.aim.is_none() && self.is_known()
    }

    /// One piece of the way to the aim; how many events that took, or none where there is nothing to approach.
    fn approach(&mut self, events: u64) -> Option<u64> {
        let (aim, on_its_way) = self.aim.take()?;
        let (aim, from) = match aim {
            Aim::NextMark => match self.index.next(self.scene.at(), self.scene.events()) {
                Some(mark) => (Self::aim_of(mark), None),
                None if self.is_known() => (Aim::End, None),
                None => {
                    self.aim = Some((aim, None));
                    return Some(self.go_ahead(events));
                }
            },
            aim => (aim, on_its_way),
        };
        if self.is_beyond(aim) {
            self.aim = Some((aim, None));
            return Some(self.go_ahead(events));
        }
        let mut scene = from.unwrap_or_else(|| self.nearest(aim));
        let before = scene.events();
        let arrived = match aim {
            Aim::Time(at) => scene.advance(at, events, &mut ()),
            Aim::Event(event) => {
                let missing = event.saturating_sub(before);
                let halt = scene.advance(Time::NEVER, missing.min(events), &mut ());
                halt.map(|halt| if missing <= events { Halt::Reached } else { halt })
            }
            Aim::NextRecord => scene.advance_a_record(events),
            Aim::NextMark | Aim::End => {
                scene = self.ahead.clone();
                Ok(Halt::Over)
            }
        };
        let spent = scene.events() - before.min(scene.events());
        match arrived {
            Ok(Halt::Spent) => self.aim = Some((aim, Some(scene))),
            // A limit stops the scene where it stopped the run.
            Ok(_) | Err(_) => self.scene = scene,
        }
        Some(spent)
    }

    /// Whether the run has to go on before the aim can be approached.
    fn is_beyond(&self, aim: Aim) -> bool {
        !self.is_known()
            && match aim {
                Aim::Time(at) => at > self.ahead.at(),
                Aim::Event(event) => event > self.ahead.events(),
                Aim::NextRecord => self.scene.events() >= self.ahead.events(),
                Aim::NextMark | Aim::End => true,
            }
    }

    /// The latest scene at hand from which the aim lies ahead.
    fn nearest(&self, aim: Aim) -> Scene {
        let before = |scene: &&Scene| match aim {
            Aim::Time(at) => scene.at() <= at,
            Aim::Event(event) => scene.events() <= event,
            Aim::NextRecord | Aim::NextMark | Aim::End => false,
        };
        if matches!(aim, Aim::NextRecord | Aim::NextMark | Aim::End) {
            return self.scene.clone();
        }
        let snapshots = &self.snapshots[..self.snapshots.partition_point(|scene| before(&scene))];
        let candidates = snapshots.last().into_iter().chain([&self.scene, &self.ahead]).filter(before);
        candidates.max_by_key(|scene| (scene.events(), scene.at())).unwrap_or(&self.snapshots[0]).clone()
    }

    /// Runs ahead by so many events, up to the next snapshot; how many it were.
    fn go_ahead(&mut self, events: u64) -> u64 {
        let before = self.ahead.events();
        let last = self.snapshots.last().map_or(0, Scene::events);
        let events = events.min(last + self.stretch - before.min(last + self.stretch));
        match self.ahead.advance(Time::NEVER, events, &mut self.index) {
            Ok(halt) => {
                self.index.reach(self.ahead.at());
                if halt == Halt::Over || self.ahead.events() >= last + self.stretch {
                    self.keep();
                }
            }
            Err(passed) => self.passed = Some(passed),
        }
        self.ahead.events() - before
    }

    /// Keeps a snapshot; when there are too many, every second one goes.
    fn keep(&mut self) {
        self.snapshots.push(self.ahead.clone());
        if self.snapshots.len() > SNAPSHOTS {
            let mut place = 0;
            self.snapshots.retain(|_| {
                place += 1;
                place % 2 == 1
            });
            self.stretch *= 2;
        }
    }
}

#[cfg(test)]
mod tests;
