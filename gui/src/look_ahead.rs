//! The look-ahead: it runs a little ahead of the clock, in a world of its own, so that the clock can slow down before a
//! packet leaves, not after it has arrived.
//!
//! It knows nothing of wall time, nor of how fast the run is played.

use std::collections::BTreeSet;

use queuescope::inspect::{Halt, World};
use queuescope::kernel::{Span, Time};
use queuescope::plan::Plan;
use queuescope::record::Record;
use queuescope::session::Scene;

use crate::model::flight;

/// How many events it runs at most at once.
const EVENTS: u32 = 1_000;

/// A world that runs ahead of the clock, and what is to be seen there.
#[derive(Clone, Debug)]
pub struct LookAhead {
    world: World,
    over: bool,
    /// Everything that is to be seen: when it begins, and when it ends. A packet leaves and arrives; a fault or a change
    /// begins and ends at once. What is over is forgotten.
    visible: BTreeSet<(Time, Time)>,
}

impl LookAhead {
    /// Begins at the present moment.
    #[must_use]
    pub fn at(scene: &Scene) -> Self {
        let world = scene.world().clone();
        let scheduled = scheduled(world.plan()).into_iter().map(|at| (at, at));
        let drops = drops(world.plan(), scene.recent().map(|told| &told.record));
        let visible = scheduled.chain(packets(&world, Time::ZERO)).chain(drops).collect();
        Self { world, over: scene.is_over(), visible }
    }

    /// Forgets everything that is over at a time.
    pub fn forget(&mut self, at: Time) {
        self.visible.retain(|(_, arrives)| *arrives > at);
    }

    /// The shortest duration of everything that is to be seen just after a time; none if nothing is.
    pub fn shortest(&mut self, at: Time) -> Option<Span> {
        // Some packets that leave at this very time may not have left yet.
        self.run_on(at, at);
        let left = self.visible.range(..=(at, Time::NEVER));
        left.filter(|(_, arrives)| *arrives > at).map(|(sent, arrives)| arrives.since(*sent)).min()
    }

    /// The next time after `at` at which something begins or ends. If there is none up to `within`, or as far as it can look
    /// at once: the time up to which there is none.
    pub fn next_change(&mut self, at: Time, within: Time) -> Time {
        self.run_on(at, within);
        let left = self.visible.range(..=(at, Time::NEVER)).map(|(_, arrives)| *arrives);
        let known = self.world.now();
        left.filter(|arrives| *arrives > at).chain(self.next_begin(at)).fold(known, Time::min)
    }

    /// The next time after `at` at which something begins, as far as the world has run.
    fn next_begin(&self, at: Time) -> Option<Time> {
        self.visible.range((Time(at.0.saturating_add(1)), Time::ZERO)..).next().map(|(sent, _)| *sent)
    }

    /// Runs on up to `within`, or until something begins after `at`.
    fn run_on(&mut self, at: Time, within: Time) {
        let mut records = Vec::new();
        for _ in 0..EVENTS {
            let now = self.world.now();
            if self.over || now > within || self.next_begin(at).is_some_and(|begin| begin <= now) {
                break;
            }
            // When a limit is passed the run ends in the window, too.
            records.clear();
            self.over = self.world.run_until(Time::NEVER, 1, &mut records).unwrap_or(Halt::Over) == Halt::Over;
            let now = self.world.now();
            self.visible.extend(packets(&self.world, now).chain(drops(self.world.plan(), records.iter())));
        }
    }
}

/// The packets that left at a time or later, without routine.
fn packets(world: &World, since: Time) -> impl Iterator<Item = (Time, Time)> {
    let left = world.flights().filter(move |it| it.sent >= since);
    left.filter(|it| !flight::kind(world, it).is_routine()).map(|it| (it.sent, it.arrives))
}

/// What is shown falling, from its drop until it disappears.
fn drops<'a>(plan: &Plan, records: impl Iterator<Item = &'a Record>) -> impl Iterator<Item = (Time, Time)> {
    let lasts = flight::drop_lasts(plan);
    records.filter(|record| flight::is_shown_falling(record)).map(move |record| (record.at, record.at + lasts))
}

/// When faults, changes and nodes begin, and when faults end.
fn scheduled(plan: &Plan) -> Vec<Time> {
    let begins = (0..plan.nodes.len()).map(|node| plan.begins(node.into()));
    // Faults with an end are over when producers stop.
    let stop = Time::ZERO + plan.duration;
    let ends = plan.faults.iter().filter_map(|fault| Some((fault.at + fault.lasts?).min(stop)));
    let strikes = plan.faults.iter().map(|fault| fault.at);
    begins.chain(strikes).chain(ends).chain(plan.changes.iter().map(|change| change.at)).collect()
}
