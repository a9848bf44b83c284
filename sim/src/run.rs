//! A run from the first event to the report: the world, and the observer that learns from its records what the run comes
//! to. After the last event it holds the one against the other.
//!
//! It does no I/O, and knows nothing of files and terminals.

use std::sync::Arc;

use crate::kernel::Time;
use crate::limit::{self, LimitPassed};
use crate::observe::{Observer, Place};
use crate::plan::{GroupId, Plan};
use crate::record::Sink;
use crate::report::Report;
use crate::world::World;

/// Runs a plan to its end.
///
/// # Errors
/// A limit that is passed.
///
/// # Panics
/// Where the run breaks one of the simulator's own promises, which is a bug of ours.
pub fn run(plan: Arc<Plan>, seed: u64) -> Result<Report, LimitPassed> {
    let mut run = Run::new(plan, seed, limit::EVENTS);
    while !run.advance(u64::MAX)? {}
    Ok(run.into_report())
}

/// A plan on its way from the first event to the report. The records also go to `S`, which pays for what it wants.
#[derive(Clone, Debug)]
pub struct Run<S = ()> {
    world: World,
    seed: u64,
    sinks: (Observer, S),
}

impl Run {
    /// Before the first event.
    #[must_use]
    pub fn new(plan: Arc<Plan>, seed: u64, max_events: u64) -> Self {
        Self::with_sink(plan, seed, max_events, ())
    }
}

impl<S: Sink> Run<S> {
    /// Before the first event, with somebody else who is told of each record.
    #[must_use]
    pub fn with_sink(plan: Arc<Plan>, seed: u64, max_events: u64, sink: S) -> Self {
        let mut world = World::new(Arc::clone(&plan), seed);
        world.limit_events(max_events);
        Self { world, seed, sinks: (Observer::new(plan), sink) }
    }

    /// Runs on by at most so many events. True at the end.
    ///
    /// # Errors
    /// A limit that is passed.
    pub fn advance(&mut self, events: u64) -> Result<bool, LimitPassed> {
        self.world.run(events, &mut self.sinks)
    }

    /// Virtual time: that of the last event.
    #[must_use]
    pub const fn now(&self) -> Time {
        self.world.now()
    }

    /// Who else is told of each record.
    pub const fn sink(&mut self) -> &mut S {
        &mut self.sinks.1
    }

    /// What the run has come to.
    ///
    /// # Panics
    /// When the ledger does not add up, or does not agree with what the nodes have: a bug of ours.
    #[must_use]
    pub fn into_report(self) -> Report {
        let Self { world, seed, sinks: (observer, _) } = self;
        report(&world, observer, seed)
    }
}

/// What a run has come to that is over: what was gathered from its records, held against what the nodes have.
///
/// # Panics
/// When the ledger does not add up, or does not agree with what the nodes have: a bug of ours.
#[must_use]
pub fn report(world: &World, mut observer: Observer, seed: u64) -> Report {
    for group in (0..world.plan().groups.len()).map(GroupId::from) {
        // Of a dead letter there may be another copy; and a former master that had not heard of it may have put it back.
        let coming = world.dead_that_come(group);
        for message in observer.ledger().dead_letters(group) {
            observer.dead_letter_comes(group, message, coming.contains(&message));
        }
        let (balance, left) = (observer.ledger().balance(group), world.left(group));
        let (in_process, waiting) = (balance.at(Place::InProcess), balance.at(Place::Waiting));
        assert!(
            (in_process, waiting) == (left.in_process, left.waiting),
            "a bug of queuescope, not of the scenario: at the end {left:?} is left for group {}, and the records say that \
             {in_process} messages are in process and {waiting} waiting (scenario {}, seed {seed}, {} events)",
            world.plan().groups[group].name,
            world.plan().scenario,
            world.events(),
        );
    }
    Report { idle_faults: world.idle_faults(), ..observer.close(world.now()).report(world.events(), seed) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limit::Limit;
    use crate::record::Record;
    use crate::scenario;
    use crate::world::audit::Left;

    fn plan() -> Arc<Plan> {
        Arc::new(scenario::read("template.toml", scenario::TEMPLATE).expect("the template is sound"))
    }

    #[test]
    fn a_run_in_steps_comes_to_the_same_as_a_run_in_one_go() {
        let mut run = Run::with_sink(plan(), 5, limit::EVENTS, Vec::<Record>::new());
        let mut before = Time::ZERO;
        while !run.advance(100).expect("no limit is passed") {
            assert!(run.now() >= before, "time goes forward");
            before = run.now();
        }
        assert!(run.sink().len() > 100);
        assert_eq!(Ok(run.into_report()), super::run(plan(), 5));
    }

    #[test]
    fn the_limit_on_events_ends_a_run() {
        let mut run = Run::new(plan(), 1, 50);
        assert_eq!(run.advance(u64::MAX), Err(LimitPassed { limit: Limit::Events, most: 50, at: run.now() }));
    }

    #[test]
    #[should_panic(expected = "a bug of queuescope")]
    fn records_that_disagree_with_the_nodes_are_found_out() {
        let mut run = Run::new(plan(), 1, limit::EVENTS);
        let mut silent = ();
        // The observer is not told of any of the messages that wait or are in process by then.
        while run.world.left(GroupId::from(0)) == Left::default() {
            assert_eq!(run.world.run(1, &mut silent), Ok(false));
        }
        let _ = run.into_report();
    }
}
