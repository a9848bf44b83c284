//! A session: a run that can be looked at, at any moment, forwards and backwards.
//!
//! The run goes on *ahead* in slices of as many events as its owner can spare, and leaves snapshots behind. The present
//! [`Scene`] is wherever its owner wants it to be: nearest snapshot, then run on from there. How a session is sliced never
//! changes what happens.
//!
//! ```text
//! ├────●────●────●────●──────▶ ahead: snapshots, marks, series
//!            └──▶ the scene: nearest snapshot, and at most the interval between two of them
//! ```
//!
//! ```
//! use std::sync::Arc;
//! use queuescope::kernel::{Span, Time};
//! use queuescope::session::{Aim, Session};
//! use queuescope::{limit, scenario};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let lesson = scenario::lesson("12-failover").expect("it is built in");
//! let plan = Arc::new(scenario::read(lesson.name, lesson.text)?);
//! let mut session = Session::new(Arc::clone(&plan), plan.seed, limit::EVENTS);
//!
//! // Ten seconds into the run: who is behind, and by how much?
//! session.aim(Aim::Time(Time::ZERO + Span::from_secs(10)));
//! while !session.is_there() {
//!     session.work(10_000); // as many events as fit into a frame of a window
//! }
//! let scene = session.scene();
//! assert_eq!(scene.at().seconds(), 10.0);
//! let counts = scene.findings();
//! for (group, name) in plan.groups.iter().enumerate().map(|(number, group)| (number.into(), &group.name)) {
//!     println!("{name}: {} behind, {:?}", scene.observer().lag(group), counts.balance(group));
//! }
//!
//! // Back, to the last event before that moment.
//! session.aim_back();
//! while !session.is_there() {
//!     session.work(10_000);
//! }
//! assert!(session.scene().at().seconds() < 10.0);
//! # Ok(())
//! # }
//! ```
//!
//! [`Branches`] is several of them: a scenario, and what becomes of it when somebody crashes a broker at some moment.
//!
//! It draws nothing, does no I/O and looks at no clock.

mod branches;
mod history;
mod index;
mod scene;

use std::sync::Arc;

pub use self::branches::{ActDone, Branch, Branches, Fork};
pub use self::history::History;
pub use self::index::{Index, Mark, MarkKind};
pub use self::scene::{EventRecord, Scene};
use crate::kernel::Time;
use crate::limit::LimitPassed;
use crate::observe::Series;
use crate::plan::Plan;
use crate::report::Report;
use crate::run;
use crate::world::Halt;

/// Events between two snapshots, to begin with: as many as run without a delay that anybody notices.
const SNAPSHOT_INTERVAL: u64 = 16_384;
/// The most snapshots that are kept.
const MAX_SNAPSHOTS: usize = 96;
/// The most nodes that all snapshots together have: a node costs some 20 KB.
const MAX_SNAPSHOT_NODES: usize = 20_000;
/// A session may keep at least so many snapshots, however large the cluster is.
const MIN_SNAPSHOT_LIMIT: usize = 16;

/// A run that can be looked at, at any moment.
#[derive(Clone, Debug)]
pub struct Session {
    plan: Arc<Plan>,
    seed: u64,
    /// The moment up to which the run has gone ahead.
    ahead: Scene,
    index: Index,
    series: Series,
    /// In order; the first is the beginning.
    snapshots: Vec<Scene>,
    /// Events between two snapshots.
    snapshot_interval: u64,
    /// With more snapshots than this, every second one is dropped.
    max_snapshots: usize,
    /// The moment that is looked at.
    scene: Scene,
    /// The moment that is to be looked at next.
    aim: Option<Aim>,
    /// The scene that is being run up to the aim.
    approaching: Option<Scene>,
    passed: Option<LimitPassed>,
}

/// A moment to go to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
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
    /// A session at the beginning of a run.
    #[must_use]
    pub fn new(plan: Arc<Plan>, seed: u64, max_events: u64) -> Self {
        let start = Scene::new(&plan, seed, max_events);
        Self {
            index: Index::new(&plan),
            series: Series::new(start.observer()),
            ahead: start.clone(),
            snapshots: vec![start.clone()],
            snapshot_interval: SNAPSHOT_INTERVAL,
            max_snapshots: (MAX_SNAPSHOT_NODES / plan.nodes.len().max(1)).clamp(MIN_SNAPSHOT_LIMIT, MAX_SNAPSHOTS),
            scene: start,
            aim: None,
            approaching: None,
            passed: None,
            plan,
            seed,
        }
    }

    /// Keeps snapshots so many events apart, to begin with, and at most so many of them. That changes how long it takes to
    /// go to a moment, and how much memory; never what is seen there.
    #[must_use]
    pub fn with_snapshots(mut self, interval: u64, limit: usize) -> Self {
        self.snapshot_interval = interval.max(1);
        self.max_snapshots = limit.max(1);
        self
    }

    /// The plan that is run.
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

    /// The moment up to which the run has gone ahead.
    #[must_use]
    pub const fn ahead(&self) -> &Scene {
        &self.ahead
    }

    /// The marks of the timeline, as far as the run has gone ahead.
    #[must_use]
    pub const fn index(&self) -> &Index {
        &self.index
    }

    /// The metrics of the run, interval by interval, as far as it has gone ahead.
    #[must_use]
    pub const fn series(&self) -> &Series {
        &self.series
    }

    /// The limit at which the run had to stop, if it had to.
    #[must_use]
    pub const fn passed(&self) -> Option<&LimitPassed> {
        self.passed.as_ref()
    }

    /// Whether the scene has reached the moment that it was aimed at.
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

    /// Aims the scene at another moment; [`Self::work`] brings it there.
    pub fn aim(&mut self, aim: Aim) {
        self.aim = Some(aim);
        self.approaching = None;
    }

    /// Aims at the last event before the present moment that left a record.
    pub fn aim_back(&mut self) {
        self.aim(Aim::Event(self.scene.event_before()));
    }

    /// Aims at the mark before the present moment.
    pub fn aim_at_previous_mark(&mut self) {
        let mark = self.index.previous(self.scene.at(), self.scene.events());
        self.aim(mark.map_or(Aim::Event(0), Self::aim_of));
    }

    /// The records of a span of the run once more, from a time to a time, as far as the run has gone ahead.
    #[must_use]
    pub fn history(&self, from: Time, until: Time) -> History {
        // A snapshot at the very time may already be behind some of its records.
        let before = self.snapshots.partition_point(|scene| scene.at() < from).saturating_sub(1);
        History::new(self.snapshots[before].clone(), from, until.min(self.ahead.at()))
    }

    fn aim_of(mark: &Mark) -> Aim {
        match mark.kind {
            // No event happens there: it is a time of the clock.
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

    /// Runs a piece of the way to the aim. Returns how many events that took; none without an aim.
    fn approach(&mut self, events: u64) -> Option<u64> {
        let Some(aim) = self.resolve(self.aim?) else { return Some(self.go_ahead(events)) };
        let mut scene = self.approaching.take().unwrap_or_else(|| self.nearest(aim).clone());
        let before = scene.events();
        let halt = match aim {
            Aim::Time(at) => scene.advance(at, events, &mut ()),
            Aim::Event(event) => scene.advance(Time::NEVER, events.min(event - before), &mut ()),
            Aim::NextRecord if self.is_known() => scene.advance_to_record(events),
            Aim::NextRecord => scene.advance_to_record(events.min(self.ahead.events() - before)),
            Aim::NextMark | Aim::End => Ok(Halt::Over),
        };
        let spent = scene.events() - before;
        // A limit stops the scene where it stopped the run.
        if halt == Ok(Halt::Spent) && aim != Aim::Event(scene.events()) {
            self.approaching = Some(scene);
        } else {
            self.scene = scene;
            self.aim = None;
        }
        Some(spent)
    }

    /// The aim, with the next mark found, if the run has gone so far ahead.
    fn resolve(&self, aim: Aim) -> Option<Aim> {
        let aim = match aim {
            Aim::NextMark => self.index.next(self.scene.at(), self.scene.events()).map_or(Aim::End, Self::aim_of),
            aim => aim,
        };
        let reached = match aim {
            // At its present time more may happen.
            Aim::Time(at) => at < self.ahead.at(),
            Aim::Event(event) => event <= self.ahead.events(),
            Aim::NextRecord => self.approaching.as_ref().unwrap_or(&self.scene).events() < self.ahead.events(),
            Aim::NextMark | Aim::End => false,
        };
        (reached || self.is_known()).then_some(aim)
    }

    /// The latest of all scenes that are kept from which the aim lies ahead.
    fn nearest(&self, aim: Aim) -> &Scene {
        let is_before = |scene: &&Scene| match aim {
            Aim::Time(at) => scene.at() <= at,
            // A run may end without an event: after the last one it need not be over.
            Aim::Event(event) => scene.events() <= event && !scene.is_over(),
            Aim::NextRecord | Aim::NextMark | Aim::End => false,
        };
        match aim {
            Aim::Time(_) | Aim::Event(_) => {
                let snapshots = &self.snapshots[..self.snapshots.partition_point(|scene| is_before(&scene))];
                let scenes = snapshots.last().into_iter().chain([&self.scene, &self.ahead]);
                scenes.filter(is_before).max_by_key(|scene| scene.events()).unwrap_or(&self.snapshots[0])
            }
            Aim::NextRecord => &self.scene,
            Aim::NextMark | Aim::End => &self.ahead,
        }
    }

    /// Runs ahead by so many events, but not beyond the next snapshot. Returns how many it were.
    fn go_ahead(&mut self, events: u64) -> u64 {
        let before = self.ahead.events();
        let next = self.snapshots.last().map_or(0, Scene::events) + self.snapshot_interval;
        let mut followers = (&mut self.index, &mut self.series);
        let halt = self.ahead.advance(Time::NEVER, events.min(next.saturating_sub(before)), &mut followers);
        self.passed = halt.err();
        let at = self.ahead.at();
        // At its present time more may happen, unless nothing does any more.
        if self.is_known() {
            self.index.advance_to(at);
            self.series.close(at, self.ahead.observer());
        } else if let Some(before) = at.0.checked_sub(1) {
            self.index.advance_to(Time(before));
            self.series.advance_to(Time(before), self.ahead.observer());
        }
        if self.ahead.events() >= next {
            self.keep_snapshot();
        }
        self.ahead.events() - before
    }

    /// Keeps a snapshot. When there are too many, every second one is dropped.
    fn keep_snapshot(&mut self) {
        self.snapshots.push(self.ahead.clone());
        if self.snapshots.len() > self.max_snapshots {
            let mut place = 0;
            self.snapshots.retain(|_| {
                place += 1;
                place % 2 == 1
            });
            self.snapshot_interval *= 2;
        }
    }
}

#[cfg(test)]
mod tests;
