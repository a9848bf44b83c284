//! How fast the simulator is, as ratios that hold on any machine: against a bare loop over a binary heap, and of a large
//! cluster against a small one. With memory, and allocations in the steady state.
//!
//! ```text
//! cargo bench -p queuescope --bench ratios -- [--quick] [--only NAME]
//! ```
//!
//! With `--only instructions` valgrind counts what `many` takes the time of: instructions are the same on every run, and
//! know nothing of caches. It takes a quarter of an hour, so it is not done unless it is asked for.
//!
//! Its exit status is 1 when a target is missed.

#![allow(clippy::disallowed_types, reason = "a benchmark looks at the clock on the wall")]
#![expect(clippy::disallowed_macros, reason = "a benchmark tells its own figures")]

mod instructions;
mod many;
mod measure;
mod model;
mod mq;
mod table;

use std::process::{Command, ExitCode};
use std::sync::Arc;

use queuescope::inspect::World;
use queuescope::kernel::{Agenda, Time};
use queuescope::observe::Observer;

use self::measure::{MeasuredSide, Per, Sample, interleave};
use self::mq::{MqPending, StandardHeap};
use self::table::Table;

/// Rounds of each comparison: enough that a disturbed one does not become the median.
const ROUNDS: usize = 11;

/// What was asked for.
struct Options {
    /// Shorter runs: to see that it works, not to judge by.
    quick: bool,
    only: Option<String>,
    child: bool,
    /// A row of `many`, and how many: to be run once.
    once: Option<(usize, u32)>,
}

/// Parts of the benchmark by name.
const PARTS: [(&str, RatioPart); 8] = [
    ("kernel", kernel),
    ("model", whole_model),
    ("slaves", slaves),
    ("scale", scale),
    ("many", whatever_there_are_many_of),
    ("memory", memory),
    ("allocations", allocations),
    (ON_REQUEST, instructions::of_many),
];

/// The part that takes long.
const ON_REQUEST: &str = "instructions";

type RatioPart = fn(&Options, &mut Table);

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(problem) => {
            let names = PARTS.map(|(name, _)| name).join(", ");
            eprintln!("{problem}\nusage: ratios [--quick] [--only NAME], NAME one of: {names}");
            return ExitCode::from(2);
        }
    };
    if options.child {
        run_for_memory(&options);
        return ExitCode::SUCCESS;
    }
    if let Some((row, number)) = options.once {
        println!("{}", many::run_once(&many::ALL[row], number));
        return ExitCode::SUCCESS;
    }
    let mut table = Table::default();
    for (name, part) in PARTS {
        if options.only.as_deref().map_or(name != ON_REQUEST, |only| only == name) {
            part(&options, &mut table);
        }
    }
    ExitCode::from(u8::from(!table.close()))
}

fn options() -> Result<Options, String> {
    let mut options = Options { quick: false, only: None, child: false, once: None };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => options.quick = true,
            "--child" => options.child = true,
            "--once" => {
                let mut number = || arguments.next().and_then(|number| number.parse().ok());
                options.once = number().zip(number()).map(|(row, number)| (row as usize, number));
            }
            "--only" => match arguments.next() {
                Some(name) if PARTS.iter().any(|(part, _)| *part == name) => options.only = Some(name),
                Some(name) => return Err(format!("there is no part {name:?}")),
                None => return Err("--only needs a name".to_owned()),
            },
            // What cargo adds.
            "--bench" => {}
            other => return Err(format!("unknown argument {other:?}")),
        }
    }
    Ok(options)
}

impl Options {
    fn rounds(&self) -> usize {
        if self.quick { 3 } else { ROUNDS }
    }

    /// A shorter run where it need only work.
    fn length(&self, full: f64) -> f64 {
        if self.quick { full / 10.0 } else { full }
    }
}

/// One run of the bare loop.
fn bare<P: MqPending>(n: u32, messages: u64) -> Sample {
    Sample::of(|| {
        let outcome = mq::run::<P>(n, messages);
        (outcome.events, outcome.messages)
    })
}

/// The agenda against the standard heap, on the same events.
fn kernel(options: &Options, table: &mut Table) {
    for n in [8, 1000] {
        let messages = options.length(200e3) as u64;
        let outcome = mq::run::<StandardHeap>(n, messages);
        assert_eq!(outcome, mq::run::<Agenda<mq::MqEvent>>(n, messages), "both order alike");
        let rounds = interleave(
            options.rounds(),
            vec![Box::new(|| bare::<StandardHeap>(n, messages)), Box::new(|| bare::<Agenda<mq::MqEvent>>(n, messages))],
        );
        let per_message = outcome.events as f64 / outcome.messages as f64;
        let pending = outcome.pending;
        Table::heading(&format!("kernel, {n} of each: {per_message:.2} events a message, {pending} pending"));
        Table::nanos("bare: std::collections::BinaryHeap", "event", rounds.nanos(0, Per::Event));
        Table::nanos("kernel: Agenda", "event", rounds.nanos(1, Per::Event));
        table.ratio("kernel ÷ bare", rounds.ratio(1, 0, Per::Event), 1.0);
    }
}

/// The whole model against the bare loop, and what each who looks on costs.
fn whole_model(options: &Options, table: &mut Table) {
    let plan = model::plan(1, 8, options.length(150.0));
    let counts = model::counts(&plan);
    let messages = counts.messages;
    let rounds = interleave(
        options.rounds(),
        vec![
            Box::new(|| bare::<StandardHeap>(8, messages)) as MeasuredSide<'_>,
            Box::new(|| Sample::of(|| (model::run(&plan, &mut ()), messages))),
            Box::new(|| Sample::of(|| (model::run_fingerprint(&plan), messages))),
            Box::new(|| Sample::of(|| model::run_whole(&plan))),
        ],
    );
    let of = |count: u64| count as f64 / messages as f64;
    Table::heading("model: 8 producers, 8 queues, 8 consumers");
    Table::fact("events a message", &format!("{:8.2}", of(rounds.sample(3).events)));
    Table::fact("records a message", &format!("{:8.2}", of(counts.records)));
    let sides = ["bare", "world alone", "world, fingerprint", "world, fingerprint, ledger, metrics, report"];
    for (side, name) in sides.into_iter().enumerate() {
        Table::nanos(name, "event", rounds.nanos(side, Per::Event));
    }
    Table::nanos("the same", "message", rounds.nanos(3, Per::Message));
    Table::cost("world alone ÷ bare, per event", rounds.ratio(1, 0, Per::Event));
    Table::cost("with fingerprint ÷ bare, per event", rounds.ratio(2, 0, Per::Event));
    table.ratio("model ÷ bare, per event", rounds.ratio(3, 0, Per::Event), 2.0);
    table.ratio("model ÷ bare, per message", rounds.ratio(3, 0, Per::Message), 6.0);
}

/// The same cluster with slaves that copy, against the one without.
fn slaves(options: &Options, table: &mut Table) {
    let length = options.length(60.0);
    let plans = [0, 1, 2].map(|slaves| model::plan_with_slaves(1, 8, length, slaves));
    let sides = plans.iter().map(|plan| Box::new(|| Sample::of(|| model::run_whole(plan))) as MeasuredSide<'_>);
    let rounds = interleave(options.rounds(), sides.collect());
    Table::heading("slaves: 8 producers, 8 queues, 8 consumers");
    for (side, name) in ["no slave", "one slave", "two slaves"].into_iter().enumerate() {
        Table::nanos(name, "event", rounds.nanos(side, Per::Event));
    }
    Table::cost("one slave ÷ none, per message", rounds.ratio(1, 0, Per::Message));
    table.ratio("one slave ÷ none, per event", rounds.ratio(1, 0, Per::Event), 1.3);
    table.ratio("two slaves ÷ none, per event", rounds.ratio(2, 0, Per::Event), 1.3);
}

/// A large cluster against a small one, at the same load for each consumer.
fn scale(options: &Options, table: &mut Table) {
    let (small, large) = (options.length(30.0), options.length(3.0).max(0.5));
    let small = steady(10, 40, small);
    let large = steady(100, 400, large);
    let rounds = interleave(options.rounds(), vec![small, large]);
    Table::heading("scale: ten times the cluster, the same load for each consumer, from the second second on");
    Table::nanos("10 brokers, 40 queues, 40 consumers", "event", rounds.nanos(0, Per::Event));
    Table::nanos("100 brokers, 400 queues, 400 consumers", "event", rounds.nanos(1, Per::Event));
    table.ratio("large ÷ small, per event", rounds.ratio(1, 0, Per::Event), 1.6);
}

/// So many seconds of a whole run, after a first one in which all have found each other.
fn steady(brokers: u32, queues: u32, seconds: f64) -> MeasuredSide<'static> {
    model::rest_of(model::plan(brokers, queues, 1.0 + seconds), 1.0)
}

/// Whatever a scenario can have many of: an event costs about as much, however many there are.
fn whatever_there_are_many_of(options: &Options, table: &mut Table) {
    Table::heading("many ÷ few, per event");
    for many in &many::ALL {
        let [few, most] = many.numbers(options.quick);
        let rounds = interleave(if options.quick { 1 } else { 3 }, vec![many::side(many, few), many::side(many, most)]);
        table.ratio(&format!("{} ({few}, {most})", many.what), rounds.ratio(1, 0, Per::Event), many.target());
    }
}

/// A long run in a process of its own, which says how much memory it took at most.
fn memory(options: &Options, table: &mut Table) {
    let program = std::env::current_exe().expect("a program knows where it is");
    let mut child = Command::new(program);
    child.arg("--child");
    if options.quick {
        child.arg("--quick");
    }
    let output = child.output().expect("the program runs once more");
    let text = String::from_utf8_lossy(&output.stdout);
    let mut numbers = text.split_whitespace().filter_map(|word| word.parse::<f64>().ok());
    Table::heading("memory: 10 brokers, 40 queues, 40 consumers");
    let (Some(messages), Some(kibibytes)) = (numbers.next(), numbers.next()) else {
        Table::fact("peak", "not known here");
        return;
    };
    let mebibytes = kibibytes / 1024.0;
    Table::fact("messages", &format!("{messages:8}"));
    table.verdict("peak", &format!("{mebibytes:8.1} MiB"), "300 MiB", mebibytes <= 300.0);
}

/// The child's part: a million messages, and then how many and how much memory.
fn run_for_memory(options: &Options) {
    let plan = model::plan(10, 40, options.length(251.0));
    let (_, messages) = model::run_whole(&plan);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    println!("{messages} {peak}");
}

/// How often the second half of a run asks for memory.
fn allocations(options: &Options, table: &mut Table) {
    let seconds = options.length(100.0);
    let plan = model::plan(1, 8, seconds);
    Table::heading("allocations in the second half of a run, 8 of each");
    let mut world = World::new(Arc::clone(&plan), plan.seed);
    let alone = allocations_of_half(&mut world, seconds, &mut ());
    table.verdict("world alone, per 1000 events", &format!("{alone:8.3}"), "< 1", alone < 1.0);
    let mut world = World::new(Arc::clone(&plan), plan.seed);
    let mut observer = Observer::new(Arc::clone(&plan));
    let all = allocations_of_half(&mut world, seconds, &mut observer);
    table.verdict("world, fingerprint, ledger, per 1000 events", &format!("{all:8.3}"), "< 1", all < 1.0);
}

fn allocations_of_half<S: queuescope::record::Sink>(world: &mut World, seconds: f64, sink: &mut S) -> f64 {
    let end = seconds * 1e9;
    model::advance(world, Time((end / 2.0) as u64), sink);
    let before = world.events();
    let info = allocation_counter::measure(|| model::advance(world, Time(end as u64), sink));
    info.count_total as f64 * 1000.0 / (world.events() - before) as f64
}
