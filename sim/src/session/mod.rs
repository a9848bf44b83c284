//! A session: a run that can be looked at, at any moment, forwards and backwards.
//!
//! The run goes on *ahead* in slices of as many events as its owner can spare, and leaves snapshots behind. The present
//! [`Scene`] is wherever its owner wants it to be: nearest snapshot, then run on from there. How a session is sliced never
//! changes what happens.
//!
//! ```text
//! ├────●────●────●────●──────▶ ahead: snapshots, marks, series
//!            └──▶ the scene: nearest snapshot, and at most one stretch between two of them
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
//! // Back, to what happened last before that moment.
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

/// Events between two snapshots, to begin with: as many as are gone through at once without anybody noticing.
const STRETCH: u64 = 16_384;
/// As many snapshots as there are at most.
const SNAPSHOTS: usize = 96;
/// As many nodes as there are in all snapshots together: a node costs some 20 KB.
const NODES: usize = 20_000;
/// As few snapshots as there may be at most, however large the cluster is.
const FEW: usize = 16;

/// A run that can be looked at, at any moment.
#[derive(Clone, Debug)]
pub struct Session {
    plan: Arc<Plan>,
    seed: u64,
    /// As far as the run has gone.
    ahead: Scene,
    index: Index,
    series: Series,
    /// In order; the first is the beginning.
    snapshots: Vec<Scene>,
    /// Events between two of them.
    stretch: u64,
    /// When there are more, every second one goes.
    most: usize,
    /// Where the owner is.
    scene: Scene,
    /// Where the owner wants to be.
    aim: Option<Aim>,
    /// The scene that is on its way there.
    way: Option<Scene>,
    passed: Option<LimitPassed>,
}

/// Where to go.
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
    /// At the beginning of a run.
    #[must_use]
    pub fn new(plan: Arc<Plan>, seed: u64, max_events: u64) -> Self {
        let start = Scene::new(&plan, seed, max_events);
        Self {
            index: Index::new(&plan),
            series: Series::new(start.observer()),
            ahead: start.clone(),
            snapshots: vec![start.clone()],
            stretch: STRETCH,
            most: (NODES / plan.nodes.len().max(1)).clamp(FEW, SNAPSHOTS),
            scene: start,
            aim: None,
            way: None,
            passed: None,
            plan,
            seed,
        }
    }

    /// Keeps its snapshots so many events apart, to begin with, and at most so many of them. That changes how long it
    /// takes to be somewhere, and how much memory; never what is seen there.
    #[must_use]
    pub fn with_snapshots(mut self, stretch: u64, most: usize) -> Self {
        self.stretch = stretch.max(1);
        self.most = most.max(1);
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

    /// As far as the run has gone ahead.
    #[must_use]
    pub const fn ahead(&self) -> &Scene {
        &self.ahead
    }

    /// The marks of the timeline, as far as the run has gone ahead.
    #[must_use]
    pub const fn index(&self) -> &Index {
        &self.index
    }

    /// How the run goes, stretch by stretch, as far as it has gone ahead.
    #[must_use]
    pub const fn series(&self) -> &Series {
        &self.series
    }

    /// The limit at which the run had to stop, if it had to.
    #[must_use]
    pub const fn passed(&self) -> Option<&LimitPassed> {
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
        self.aim = Some(aim);
        self.way = None;
    }

    /// Wants to be at the event before the present moment that left a record.
    pub fn aim_back(&mut self) {
        self.aim(Aim::Event(self.scene.event_before()));
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
        let Some(aim) = self.within_reach(self.aim?) else { return Some(self.go_ahead(events)) };
        let mut scene = self.way.take().unwrap_or_else(|| self.nearest(aim).clone());
        let before = scene.events();
        let halt = match aim {
            Aim::Time(at) => scene.advance(at, events, &mut ()),
            Aim::Event(event) => scene.advance(Time::NEVER, events.min(event - before), &mut ()),
            Aim::NextRecord if self.is_known() => scene.advance_a_record(events),
            Aim::NextRecord => scene.advance_a_record(events.min(self.ahead.events() - before)),
            Aim::NextMark | Aim::End => Ok(Halt::Over),
        };
        let spent = scene.events() - before;
        // A limit stops the scene where it stopped the run.
        if halt == Ok(Halt::Spent) && aim != Aim::Event(scene.events()) {
            self.way = Some(scene);
        } else {
            self.scene = scene;
            self.aim = None;
        }
        Some(spent)
    }

    /// What the aim comes to, if the run has got so far.
    fn within_reach(&self, aim: Aim) -> Option<Aim> {
        let aim = match aim {
            Aim::NextMark => self.index.next(self.scene.at(), self.scene.events()).map_or(Aim::End, Self::aim_of),
            aim => aim,
        };
        let reached = match aim {
            // At its present time more may happen.
            Aim::Time(at) => at < self.ahead.at(),
            Aim::Event(event) => event <= self.ahead.events(),
            Aim::NextRecord => self.way.as_ref().unwrap_or(&self.scene).events() < self.ahead.events(),
            Aim::NextMark | Aim::End => false,
        };
        (reached || self.is_known()).then_some(aim)
    }

    /// The latest scene at hand from which the aim lies ahead.
    fn nearest(&self, aim: Aim) -> &Scene {
        let leads = |scene: &&Scene| match aim {
            Aim::Time(at) => scene.at() <= at,
            // A run may end without an event: after the last one it need not be over.
            Aim::Event(event) => scene.events() <= event && !scene.is_over(),
            Aim::NextRecord | Aim::NextMark | Aim::End => false,
        };
        match aim {
            Aim::Time(_) | Aim::Event(_) => {
                let snapshots = &self.snapshots[..self.snapshots.partition_point(|scene| leads(&scene))];
                let scenes = snapshots.last().into_iter().chain([&self.scene, &self.ahead]);
                scenes.filter(leads).max_by_key(|scene| scene.events()).unwrap_or(&self.snapshots[0])
            }
            Aim::NextRecord => &self.scene,
            Aim::NextMark | Aim::End => &self.ahead,
        }
    }

    /// Runs ahead by so many events, up to the next snapshot; how many it were.
    fn go_ahead(&mut self, events: u64) -> u64 {
        let before = self.ahead.events();
        let next = self.snapshots.last().map_or(0, Scene::events) + self.stretch;
        let mut gathered = (&mut self.index, &mut self.series);
        let halt = self.ahead.advance(Time::NEVER, events.min(next.saturating_sub(before)), &mut gathered);
        self.passed = halt.err();
        let at = self.ahead.at();
        // At its present time more may happen, unless nothing does any more.
        if self.is_known() {
            self.index.reach(at);
            self.series.close(at, self.ahead.observer());
        } else if let Some(before) = at.0.checked_sub(1) {
            self.index.reach(Time(before));
            self.series.reach(Time(before), self.ahead.observer());
        }
        if self.ahead.events() >= next {
            self.keep();
        }
        self.ahead.events() - before
    }

    /// Keeps a snapshot; when there are too many, every second one goes.
    fn keep(&mut self) {
        self.snapshots.push(self.ahead.clone());
        if self.snapshots.len() > self.most {
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
