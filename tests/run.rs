//! A run of a scenario from beginning to end, with every record kept.
//!
//! It knows the library from outside only.

use std::sync::Arc;

use queuescope::inspect::World;
use queuescope::observe::Observer;
use queuescope::plan::Plan;
use queuescope::record::{Kind, Line, Record};
use queuescope::report::Report;
use queuescope::scenario;

/// Events that no scenario of these tests needs: who passes it does not come to an end.
const EVENTS: u64 = 20_000_000;

/// A run that is over.
#[derive(Clone, Debug)]
pub struct FinishedRun {
    /// What was run.
    pub plan: Arc<Plan>,
    /// The world after its last event.
    pub world: World,
    /// All records.
    pub records: Vec<Record>,
    /// What the run came to.
    pub report: Report,
}

/// Reads a scenario that is in order.
///
/// # Panics
/// When it is not, with its problems.
#[must_use]
pub fn plan(text: &str) -> Arc<Plan> {
    match scenario::read("test.toml", text) {
        Ok(plan) => Arc::new(plan),
        Err(diagnostics) => panic!("{diagnostics}\nin\n{text}"),
    }
}

/// A world that cannot run on for ever.
#[must_use]
pub fn world(plan: &Arc<Plan>, seed: u64) -> World {
    let mut world = World::new(Arc::clone(plan), seed);
    world.limit_events(EVENTS);
    world
}

/// Runs a plan to its end.
///
/// # Panics
/// When a limit is passed.
#[must_use]
pub fn run(plan: &Arc<Plan>, seed: u64) -> FinishedRun {
    let mut world = world(plan, seed);
    let mut sink = (Vec::<Record>::new(), Observer::new(Arc::clone(plan)));
    world.run(u64::MAX, &mut sink).unwrap_or_else(|passed| panic!("{passed}"));
    let (records, observer) = sink;
    let report = queuescope::run::report(&world, observer, seed);
    FinishedRun { plan: Arc::clone(plan), world, records, report }
}

/// Runs a scenario with its own seed.
#[must_use]
pub fn run_text(text: &str) -> FinishedRun {
    let plan = plan(text);
    let seed = plan.seed;
    run(&plan, seed)
}

impl FinishedRun {
    /// The trace: a line of JSON for each record.
    ///
    /// # Panics
    /// When a record cannot be written.
    #[must_use]
    pub fn trace(&self) -> Vec<String> {
        let line = |record| serde_json::to_string(&Line { record, plan: &self.plan }).expect("a record is plain data");
        self.records.iter().map(line).collect()
    }

    /// The bytes of the report.
    ///
    /// # Panics
    /// When the report cannot be written.
    #[must_use]
    pub fn report_json(&self) -> String {
        serde_json::to_string(&self.report).expect("a report is plain data")
    }

    /// Whether any record is of a kind.
    #[must_use]
    pub fn has(&self, pick: impl Fn(&Kind) -> bool) -> bool {
        self.records.iter().any(|record| pick(&record.kind))
    }
}
