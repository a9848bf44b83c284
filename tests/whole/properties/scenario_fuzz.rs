//! Scenarios under a mutating fuzz: the lessons, changed in every small way and mixed, are refused with places, or run to a
//! report whose books agree, or pass a limit that has a name; and twice the same. How to fuzz for longer: `fuzz`.

use std::sync::Arc;

use queuescope::inspect::World;
use queuescope::limit::{LimitPassed, Limits};
use queuescope::observe::Observer;
use queuescope::plan::Plan;
use queuescope::report::Report;
use queuescope::run;
use queuescope::scenario::{self, Diagnostics, TEMPLATE, lessons};
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::fuzz::{as_long_as_asked, guarded};

/// Texts that are tried each time.
const CASES: u64 = 150;

/// Values that stand in the place of others.
const VALUES: &[&str] = &[
    "0",
    "1",
    "2",
    "7",
    "64",
    "100",
    "1000",
    "10_000",
    "1_000_000",
    "100_000_000",
    "-1",
    "0.0",
    "0.5",
    "1.0",
    "1e300",
    "nan",
    "inf",
    "9223372036854775807",
    "true",
    "false",
    "\"\"",
    "\"x\"",
    "\"0s\"",
    "\"1ns\"",
    "\"1us\"",
    "\"1ms\"",
    "\"10ms\"",
    "\"1s\"",
    "\"5s\"",
    "\"1h\"",
    "\"100000h\"",
    "\"1,5s\"",
    "\"first\"",
    "\"last\"",
    "\"sync\"",
    "\"async\"",
    "\"before\"",
    "\"after\"",
    "\"random\"",
    "\"key_hash\"",
    "\"circle\"",
    "\"consistent_hash\"",
    "\"rocketmq\"",
    "\"consumed\"",
    "{ exp = \"1ms\" }",
    "{ uniform = [\"0s\", \"1s\"] }",
    "{ normal = [\"5ms\", \"100ms\"] }",
    "{ lognormal = [\"1ms\", \"1s\"] }",
    "[]",
    "{}",
    "[\"0s\", \"1s\"]",
    "'''\n'''",
    "1979-05-27",
];

/// Lines that mean something in some section.
const LINES: &[&str] = &[
    "settle = \"30s\"",
    "profile = \"rocketmq\"",
    "loss = 0.1",
    "latency = \"0s\"",
    "count = 3",
    "threads = 3",
    "retention = \"2s\"",
    "ordered = true",
    "deduplicate = true",
    "ack = \"before\"",
    "queue_lock = false",
    "epoch_check = false",
    "max_retries = 0",
    "retry_delay = \"0s\"",
    "failure_rate = 0.5",
    "poison_rate = 0.5",
    "publishes = \"t\"",
    "slaves = [\"s-1\", \"s-2\"]",
    "replication = \"sync\"",
    "replication_delay = \"2s\"",
    "store_time = \"1ms\"",
    "store_limit = 1",
    "flush = \"async\"",
    "flush_time = \"5ms\"",
    "batch = 1",
    "keys = 3",
    "select = \"random\"",
    "messages = 5",
    "bursts = [{ at = \"1s\", count = 500 }]",
    "retries = 0",
    "send_timeout = \"1ms\"",
    "starts = \"2s\"",
    "stops = \"3s\"",
    "joins = \"2s\"",
    "leaves = \"4s\"",
    "from = \"last\"",
    "one_way = true",
    "mode = \"process\"",
    "for = \"1s\"",
    "[network]",
    "[timers]",
    "heartbeat = \"100ms\"",
    "expire = \"500ms\"",
    "commit = \"1s\"",
    "long_poll = \"0s\"",
    "route_refresh = \"1s\"",
    "call = \"10ms\"",
    "rebalance = \"10ms\"",
    "[[faults]]",
    "[[changes]]",
    "[[producers]]",
    "[[groups]]",
    "[[consumers]]",
    "[[brokers]]",
    "[[topics]]",
    "[[expect]]",
    "[[nameservers]]",
    "[[services]]",
    "[[notes]]",
    "[[questions]]",
    "\u{0}",
    "\u{feff}",
    "= =",
    "a.b.c = 1",
    "\"主从\" = 1",
];

fn samples() -> Vec<&'static str> {
    lessons().iter().map(|lesson| lesson.text).chain([TEMPLATE]).collect()
}

/// One change of the lines of a scenario.
fn mutate(lines: &mut Vec<String>, samples: &[&str], random: &mut ChaCha8Rng) {
    if lines.is_empty() {
        return;
    }
    let at = random.random_range(0..lines.len());
    let other = random.random_range(0..lines.len());
    match random.random_range(0..12) {
        0..=3 => {
            if let Some((key, _)) = lines[at].split_once(" = ") {
                lines[at] = format!("{key} = {}", VALUES.choose(random).copied().unwrap_or_default());
            }
        }
        4 | 5 => lines.insert(at, LINES.choose(random).map(ToString::to_string).unwrap_or_default()),
        6 => drop(lines.remove(at)),
        7 => lines.swap(at, other),
        8 => lines.insert(at, lines[other].clone()),
        9 => {
            // A section of another scenario.
            let foreign: Vec<&str> = samples.choose(random).expect("a sample").lines().collect();
            let from = random.random_range(0..foreign.len());
            let part = foreign[from..].iter().take(random.random_range(1..9)).map(ToString::to_string);
            let part: Vec<String> = part.collect();
            lines.splice(at..at, part);
        }
        10 => {
            // A digit, or any character, is another one.
            let mut characters: Vec<char> = lines[at].chars().collect();
            if !characters.is_empty() {
                let place = random.random_range(0..characters.len());
                characters[place] =
                    *['0', '9', '"', '[', '{', '=', '.', ' ', '#', '-', 'é', '\t'].choose(random).expect("one");
            }
            lines[at] = characters.into_iter().collect();
        }
        _ => lines.truncate(at.max(3)),
    }
}

/// The text of a number.
fn text(number: u64, samples: &[&str]) -> String {
    let mut random = ChaCha8Rng::seed_from_u64(number);
    let sample = samples.choose(&mut random).expect("a sample");
    let mut lines: Vec<String> = sample.lines().map(str::to_owned).collect();
    for _ in 0..random.random_range(0..12) {
        mutate(&mut lines, samples, &mut random);
    }
    lines.join("\n")
}

/// Short of what would make a fuzz slow; whatever goes beyond has to end with a name.
const LIMITS: Limits = Limits {
    pending_events: 200_000,
    turn: 100_000,
    rounds: 20_000,
    open_messages: 50_000,
    message_places: 1_000_000,
    events: 150_000,
};

/// What a plan comes to, within the limits.
fn report(plan: &Arc<Plan>) -> Result<Report, LimitPassed> {
    let mut world = World::new(Arc::clone(plan), plan.seed);
    world.limit(LIMITS);
    let mut observer = Observer::new(Arc::clone(plan));
    while !world.run(u64::MAX, &mut observer)? {}
    Ok(run::report(&world, observer, plan.seed))
}

fn are_placed(told: &Diagnostics) -> Result<(), String> {
    if told.problems.is_empty() {
        return Err("nothing is said".to_owned());
    }
    for problem in &told.problems {
        if told.text.get(problem.place.clone()).is_none() || problem.message.is_empty() {
            return Err(format!("{problem:?}"));
        }
        let _ = told.position(problem);
    }
    Ok(())
}

/// What is wrong with what comes of a text.
fn judge(text: &str) -> Result<(), String> {
    let (plan, warnings) = match guarded(|| scenario::read_with_warnings("fuzz.toml", text))? {
        Ok(sound) => sound,
        Err(told) => return are_placed(&told),
    };
    warnings.as_ref().map_or(Ok(()), are_placed)?;
    let plan = Arc::new(plan);
    let came = guarded(|| report(&plan))?;
    if let Err(passed) = &came
        && !passed.to_string().starts_with("limit ")
    {
        return Err(passed.to_string());
    }
    if guarded(|| report(&plan))? == came {
        Ok(())
    } else {
        Err("it comes to something else the second time".to_owned())
    }
}

fn try_one(number: u64, samples: &[&str]) {
    let text = text(number, samples);
    if let Err(wrong) = judge(&text) {
        panic!("FUZZ_ONLY={number}: {wrong}\n{text}");
    }
}

#[test]
fn lessons_that_were_changed_are_run_or_refused_with_places() {
    let samples = samples();
    (0..CASES).for_each(|number| try_one(number, &samples));
}

#[test]
#[ignore = "it takes as long as it is asked to"]
fn fuzz_scenarios() {
    let samples = samples();
    as_long_as_asked(CASES, |number| try_one(number, &samples));
}
