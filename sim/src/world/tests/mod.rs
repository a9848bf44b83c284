//! Whole worlds, small: what lies between the nodes, what strikes them, and where loss is decided.

mod disks;
mod failover;
mod faults;
mod idle;
mod joining;
mod limits;
mod links;
mod loss;
mod passage;
mod retries;
mod tracker;
mod volatile_copies;

use std::sync::Arc;

use super::{Halt, World};
use crate::limit::{Limit, LimitPassed};
use crate::plan::Plan;
use crate::record::{Kind, Line, Record};
use crate::scenario;

/// A run, with all its records.
struct WorldRun {
    plan: Arc<Plan>,
    records: Vec<Record>,
    world: World,
}

fn run(text: &str) -> WorldRun {
    let text = format!("title = \"world\"\n{text}");
    let plan = Arc::new(scenario::read("world.toml", &text).unwrap_or_else(|problems| panic!("{problems}")));
    let mut world = World::new(Arc::clone(&plan), plan.seed);
    let mut records = Vec::new();
    assert_eq!(world.run(5_000_000, &mut records), Ok(true), "it comes to an end");
    WorldRun { plan, records, world }
}

impl WorldRun {
    /// The records that `pick` accepts.
    fn of(&self, pick: impl Fn(&Kind) -> bool) -> Vec<&Record> {
        self.records.iter().filter(|record| pick(&record.kind)).collect()
    }

    /// Of these records, node and second.
    fn whens(&self, pick: impl Fn(&Kind) -> bool) -> Vec<(&str, f64)> {
        self.of(pick).iter().map(|record| (self.plan.name(record.node), record.at.seconds())).collect()
    }

    /// The records of a node.
    fn by(&self, name: &str, pick: impl Fn(&Kind) -> bool) -> Vec<&Record> {
        self.of(pick).into_iter().filter(|record| self.plan.name(record.node) == name).collect()
    }

    /// What was lost.
    fn lost(&self) -> Vec<&Record> {
        self.of(|kind| matches!(kind, Kind::Lost { .. }))
    }

    /// The numbers of what was accepted, sorted.
    fn accepted(&self) -> Vec<u32> {
        sorted(&self.of(|kind| matches!(kind, Kind::Accepted { .. })))
    }

    /// What led to a record.
    fn cause(&self, record: &Record) -> &Kind {
        let cause = record.cause.expect("a cause");
        &self.records.iter().find(|record| record.seq == cause).expect("the cause was recorded").kind
    }

    fn trace(&self) -> Vec<String> {
        let line = |record| serde_json::to_string(&Line { record, plan: &self.plan }).expect("a record is JSON");
        self.records.iter().map(line).collect()
    }
}

/// The number of a message of a record that has one.
fn number(record: &Record) -> u32 {
    match record.kind {
        Kind::Sent { message, .. }
        | Kind::Stored { message, .. }
        | Kind::Accepted { message }
        | Kind::Rejected { message }
        | Kind::Lost { message, .. }
        | Kind::Expired { message, .. }
        | Kind::Skipped { message, .. }
        | Kind::Finished { message, .. } => message.number,
        Kind::Serving { call } => call.number,
        ref other => panic!("{other:?} is about no message"),
    }
}

fn numbers(records: &[&Record]) -> Vec<u32> {
    records.iter().map(|record| number(record)).collect()
}

fn sorted(records: &[&Record]) -> Vec<u32> {
    let mut numbers = numbers(records);
    numbers.sort_unstable();
    numbers
}

#[test]
fn a_limit_stops_a_world_before_the_event_that_is_too_many_and_changes_nothing() {
    let text = "duration = \"3s\"\n[[brokers]]\nname = \"b\"\n[[topics]]\nname = \"t\"\nqueues = { b = 1 }\n\
                [[producers]]\nname = \"shop\"\ntopic = \"t\"\ninterval = \"10ms\"\n";
    let whole = run(text);
    let limited = |events| {
        let mut world = World::new(Arc::clone(&whole.plan), whole.plan.seed);
        world.limit_events(events);
        world
    };
    let events = whole.world.events();
    let mut enough = limited(events);
    assert_eq!(enough.run(u64::MAX, &mut ()), Ok(true), "as many as there are");
    assert_eq!(enough.now(), whole.world.now());
    let mut too_few = limited(events - 1);
    let stopped = too_few.run(u64::MAX, &mut ());
    let passed = Err(LimitPassed { limit: Limit::Events, most: events - 1, at: too_few.now() });
    assert_eq!(stopped, passed);
    let there = format!("{too_few:?}");
    assert_eq!(too_few.run_until(too_few.now(), 9, &mut ()), Ok(Halt::Reached), "nothing comes at this time");
    assert_eq!(too_few.run(u64::MAX, &mut ()), passed);
    assert_eq!((too_few.events(), format!("{too_few:?}") == there), (events - 1, true));
}
