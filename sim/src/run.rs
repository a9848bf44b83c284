//! A run from the first event to the report: the world, and the observer that learns from its records what the run comes
//! to. After the last event it holds the one against the other.
//!
//! [`run`](run()) does all of it at once. [`Run`] goes on in pieces, for a progress bar or a button that stops it, and gives every
//! record to a [`Sink`] of yours: that is how to write a trace, or a metric that no report has.
//!
//! ```
//! use std::collections::BTreeMap;
//! use std::sync::Arc;
//! use queuescope::kernel::{Span, Time};
//! use queuescope::plan::{Offset, QueueId};
//! use queuescope::record::{Kind, Record, Sink};
//! use queuescope::run::Run;
//! use queuescope::{limit, scenario};
//!
//! /// How long a message lies in a broker's log, at most, until it is handed to a consumer.
//! #[derive(Default)]
//! struct TimeInLog {
//!     stored: BTreeMap<(QueueId, Offset), Time>,
//!     longest: Span,
//! }
//!
//! impl Sink for TimeInLog {
//!     fn record(&mut self, record: &Record) {
//!         match record.kind {
//!             Kind::Stored { queue, offset, .. } => {
//!                 self.stored.insert((queue, offset), record.at);
//!             }
//!             Kind::Delivered { queue, from, to, .. } => {
//!                 for offset in from.up_to(to) {
//!                     if let Some(stored) = self.stored.remove(&(queue, offset)) {
//!                         self.longest = self.longest.max(record.at.since(stored));
//!                     }
//!                 }
//!             }
//!             _ => {}
//!         }
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let lesson = scenario::lesson("10-slow-consumer").expect("it is built in");
//! let plan = Arc::new(scenario::read(lesson.name, lesson.text)?);
//! let mut run = Run::with_sink(Arc::clone(&plan), plan.seed, limit::EVENTS, TimeInLog::default());
//! while !run.advance(10_000)? {
//!     // A program would show here how far it is: `run.now()` of `plan.end()`.
//! }
//! let longest = run.sink().longest;
//! assert!(longest > Span::ZERO);
//! assert!(run.into_report().passed());
//! # Ok(())
//! # }
//! ```
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

/// Runs a plan to its end, with at most [`limit::EVENTS`] events. All randomness comes from the seed, as a rule the plan's
/// own, `plan.seed`.
///
/// # Errors
/// The run passes a limit; the error says which one and at what virtual time.
///
/// # Panics
/// Where the run breaks one of the simulator's own promises, which is a bug of ours.
pub fn run(plan: Arc<Plan>, seed: u64) -> Result<Report, LimitPassed> {
    let mut run = Run::new(plan, seed, limit::EVENTS);
    while !run.advance(u64::MAX)? {}
    Ok(run.into_report())
}

/// A run that goes on in pieces. Each of its records also goes to `S`: a type parameter, so that a run without a sink pays
/// nothing for it.
#[derive(Clone, Debug)]
pub struct Run<S = ()> {
    world: World,
    seed: u64,
    sinks: (Observer, S),
}

impl Run {
    /// A run before its first event, that fails when it takes more than `max_events`.
    #[must_use]
    pub fn new(plan: Arc<Plan>, seed: u64, max_events: u64) -> Self {
        Self::with_sink(plan, seed, max_events, ())
    }
}

impl<S: Sink> Run<S> {
    /// The same, with a sink for all of its records.
    #[must_use]
    pub fn with_sink(plan: Arc<Plan>, seed: u64, max_events: u64, sink: S) -> Self {
        let mut world = World::new(Arc::clone(&plan), seed);
        world.limit_events(max_events);
        Self { world, seed, sinks: (Observer::new(plan), sink) }
    }

    /// Runs on by at most so many events, and says whether the run is over.
    ///
    /// # Errors
    /// The run passes a limit; the error says which one and at what virtual time.
    pub fn advance(&mut self, events: u64) -> Result<bool, LimitPassed> {
        self.world.run(events, &mut self.sinks)
    }

    /// Virtual time: that of the last event.
    #[must_use]
    pub const fn now(&self) -> Time {
        self.world.now()
    }

    /// The sink, with what it has gathered so far.
    pub const fn sink(&mut self) -> &mut S {
        &mut self.sinks.1
    }

    /// The report of a run that is over.
    ///
    /// # Panics
    /// When the ledger does not add up, or does not agree with what the nodes have: a bug of ours.
    #[must_use]
    pub fn into_report(self) -> Report {
        let Self { world, seed, sinks: (observer, _) } = self;
        report(&world, observer, seed)
    }
}

/// The report of a run that is over, from an observer that has had all of its records. The ledger is held against what
/// the nodes have.
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
        let (in_process, waiting) = (balance.count(Place::InProcess), balance.count(Place::Waiting));
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
