//! What will be on its way soon. A scout runs a little ahead of the clock, in a world of its own, so that the clock can
//! slow down before something leaves and not after it has arrived.
//!
//! It knows nothing of wall time and of how fast anything is played.

use std::collections::BTreeSet;

use queuescope::kernel::{Span, Time};
use queuescope::plan::Plan;
use queuescope::record::Record;
use queuescope::session::Scene;
use queuescope::world::{Halt, World};

use crate::model::flight;

/// Events that it runs through at most before it says how far it has come.
const EVENTS: u32 = 1_000;

/// Runs ahead of the clock.
#[derive(Clone, Debug)]
pub struct LookAhead {
    world: World,
    over: bool,
    /// When something leaves and when it arrives; what a fault or a change does is done at once. It grows with the
    /// world, and what has arrived is forgotten.
    sights: BTreeSet<(Time, Time)>,
}

impl LookAhead {
    /// At the present moment.
    #[must_use]
    pub fn at(scene: &Scene) -> Self {
        let world = scene.world().clone();
        let acts = acts(world.plan()).into_iter().map(|at| (at, at));
        let falls = falls(world.plan(), scene.recent().map(|told| &told.record));
        let sights = acts.chain(ways(&world, Time::ZERO)).chain(falls).collect();
        Self { world, over: scene.is_over(), sights }
    }

    /// Forgets what is over at a time.
    pub fn forget(&mut self, at: Time) {
        self.sights.retain(|(_, arrives)| *arrives > at);
    }

    /// Of what is under way just after a time, how long the shortest takes in all; none where nothing is.
    pub fn shortest(&mut self, at: Time) -> Option<Span> {
        // Of what leaves at this very time, some may still have to.
        self.go_on(at, at);
        let left = self.sights.range(..=(at, Time::NEVER));
        left.filter(|(_, arrives)| *arrives > at).map(|(sent, arrives)| arrives.since(*sent)).min()
    }

    /// When something leaves, arrives or strikes for the first time after a time; at least up to when nothing does, if
    /// that is `within` or farther than it can look at once.
    pub fn next(&mut self, at: Time, within: Time) -> Time {
        self.go_on(at, within);
        let left = self.sights.range(..=(at, Time::NEVER)).map(|(_, arrives)| *arrives);
        let known = self.world.now();
        left.filter(|arrives| *arrives > at).chain(self.leaves(at)).fold(known, Time::min)
    }

    /// When something leaves or strikes for the first time after a time, as far as is known.
    fn leaves(&self, at: Time) -> Option<Time> {
        self.sights.range((Time(at.0.saturating_add(1)), Time::ZERO)..).next().map(|(sent, _)| *sent)
    }

    /// Runs on until it knows what there is up to `within`, or what leaves first after `at`.
    fn go_on(&mut self, at: Time, within: Time) {
        let mut records = Vec::new();
        for _ in 0..EVENTS {
            let now = self.world.now();
            if self.over || now > within || self.leaves(at).is_some_and(|leaves| leaves <= now) {
                break;
            }
            // A limit that is passed ends the run for whoever watches it, too.
            records.clear();
            self.over = self.world.run_until(Time::NEVER, 1, &mut records).unwrap_or(Halt::Over) == Halt::Over;
            let now = self.world.now();
            self.sights.extend(ways(&self.world, now).chain(falls(self.world.plan(), records.iter())));
        }
    }
}

/// All on its way that left at a time or later, routine apart.
fn ways(world: &World, since: Time) -> impl Iterator<Item = (Time, Time)> {
    let left = world.flights().filter(move |it| it.sent >= since);
    left.filter(|it| !flight::kind(world, it).is_routine()).map(|it| (it.sent, it.arrives))
}

/// What falls, from when it falls until it is gone.
fn falls<'a>(plan: &Plan, records: impl Iterator<Item = &'a Record>) -> impl Iterator<Item = (Time, Time)> {
    let lasts = flight::drop_lasts(plan);
    records.filter(|record| flight::is_shown_falling(record)).map(move |record| (record.at, record.at + lasts))
}

/// When faults, changes and nodes begin, and faults end.
fn acts(plan: &Plan) -> Vec<Time> {
    let begins = (0..plan.nodes.len()).map(|node| plan.begins(node.into()));
    // When producers have stopped, faults with an end are over.
    let stop = Time::ZERO + plan.duration;
    let ends = plan.faults.iter().filter_map(|fault| Some((fault.at + fault.lasts?).min(stop)));
    let strikes = plan.faults.iter().map(|fault| fault.at);
    begins.chain(strikes).chain(ends).chain(plan.changes.iter().map(|change| change.at)).collect()
}
