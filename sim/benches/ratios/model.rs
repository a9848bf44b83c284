//! The whole model under the same kind of load: scenarios in which consumers keep up, and runs of them with more or less
//! looking on.

use std::sync::Arc;

use queuescope::inspect::{Step, World};
use queuescope::kernel::Time;
use queuescope::observe::{Fingerprint, Observer};
use queuescope::plan::Plan;
use queuescope::record::{Kind, Record, Sink};
use queuescope::scenario;

use crate::measure::{MeasuredSide, Sample};

/// A cluster of brokers with four queues each (one broker: `queues`), a producer and a consumer for each queue, each
/// busy for half of the time; everything else at its default.
pub(crate) fn plan(brokers: u32, queues: u32, seconds: f64) -> Arc<Plan> {
    plan_with_slaves(brokers, queues, seconds, 0)
}

/// The same, with so many slaves for each broker.
pub(crate) fn plan_with_slaves(brokers: u32, queues: u32, seconds: f64, slaves: u32) -> Arc<Plan> {
    read(&text(brokers, queues, seconds, slaves))
}

/// The plan of a scenario that is sound.
pub(crate) fn read(text: &str) -> Arc<Plan> {
    match scenario::read("benchmark.toml", text) {
        Ok(plan) => Arc::new(plan),
        Err(problems) => panic!("{problems}"),
    }
}

/// A run of a plan, measured from a second on.
pub(crate) fn rest_of(plan: Arc<Plan>, from: f64) -> MeasuredSide<'static> {
    Box::new(move || {
        let (mut world, mut observer) = begun(&plan, from);
        Sample::of(|| (measured(&mut world, &mut observer), 1))
    })
}

/// A run at the second from which on it is measured.
pub(crate) fn begun(plan: &Arc<Plan>, from: f64) -> (World, Observer) {
    let mut observer = Observer::new(Arc::clone(plan));
    let mut world = World::new(Arc::clone(plan), plan.seed);
    if from > 0.0 {
        advance(&mut world, Time((from * 1e9) as u64), &mut observer);
    }
    (world, observer)
}

/// What is measured of it, as a function of its own, by whose name a profiler knows it; how many events that is.
#[inline(never)]
pub(crate) fn measured(world: &mut World, observer: &mut Observer) -> u64 {
    let before = world.events();
    finish(world, observer);
    world.events() - before
}

/// The same, as the text of a scenario.
pub(crate) fn text(brokers: u32, queues: u32, seconds: f64, slaves: u32) -> String {
    let names: Vec<String> = (1..=brokers).map(|n| format!("broker-{n}")).collect();
    let set = |name: &String| {
        let slaves: Vec<String> = (1..=slaves).map(|n| format!("\"{name}-slave-{n}\"")).collect();
        format!("[[brokers]]\nname = \"{name}\"\nslaves = [{}]\n", slaves.join(", "))
    };
    let entries: String = names.iter().map(set).collect();
    let holds: Vec<String> = names.iter().map(|name| format!("{name} = {}", queues / brokers)).collect();
    format!(
        r#"
title = "benchmark"
duration = "{seconds}s"
{entries}
[[topics]]
name = "orders"
queues = {{ {} }}
[[producers]]
name = "shop"
count = {queues}
topic = "orders"
interval = {{ exp = "10ms" }}
[[groups]]
name = "order-service"
topic = "orders"
[[consumers]]
name = "order"
count = {queues}
group = "order-service"
service_time = {{ exp = "5ms" }}
"#,
        holds.join(", ")
    )
}

/// Messages sent, and all records.
#[derive(Clone, Copy, Default)]
pub(crate) struct ModelCounts {
    pub(crate) messages: u64,
    pub(crate) records: u64,
}

impl Sink for ModelCounts {
    fn record(&mut self, record: &Record) {
        self.records += 1;
        self.messages += u64::from(matches!(record.kind, Kind::Finished { .. }));
    }
}

/// What a run comes to, looked at as little as can be.
pub(crate) fn counts(plan: &Arc<Plan>) -> ModelCounts {
    let mut counts = ModelCounts::default();
    run(plan, &mut counts);
    counts
}

/// Runs a plan to its end; returns its events.
pub(crate) fn run<S: Sink>(plan: &Arc<Plan>, sink: &mut S) -> u64 {
    let mut world = World::new(Arc::clone(plan), plan.seed);
    finish(&mut world, sink);
    world.events()
}

/// Runs a world to its end.
pub(crate) fn finish<S: Sink>(world: &mut World, sink: &mut S) {
    while !world.run(u64::MAX, sink).expect("the load is below every limit") {}
}

/// Runs a world up to a time.
pub(crate) fn advance<S: Sink>(world: &mut World, until: Time, sink: &mut S) {
    while world.step(until, sink).expect("the load is below every limit") == Step::Event {}
}

/// Runs a plan with nothing but the fingerprint.
pub(crate) fn run_fingerprint(plan: &Arc<Plan>) -> u64 {
    let mut fingerprint = Fingerprint::new();
    let events = run(plan, &mut fingerprint);
    std::hint::black_box(fingerprint.digest());
    events
}

/// Runs a plan with all that a report takes; returns its events and messages.
pub(crate) fn run_whole(plan: &Arc<Plan>) -> (u64, u64) {
    let mut observer = Observer::new(Arc::clone(plan));
    let mut world = World::new(Arc::clone(plan), plan.seed);
    finish(&mut world, &mut observer);
    let report = observer.close(world.now()).report(world.events(), plan.seed);
    (world.events(), report.groups.iter().map(|group| group.done).sum())
}
