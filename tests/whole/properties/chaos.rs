//! Chaos: whatever breaks, in whatever order, in whatever cluster, every line of the trace is as the contract has it, what
//! has healed comes to rest, level and with nothing left, and the report agrees.
//!
//! Scenarios are named by numbers, the same ones each time. `PROPTEST_CASES` asks for more of them, `CHAOS_FROM` for others;
//! `SCENARIO=file` judges that file alone. A failure shows the smallest scenario that still fails the same check.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use queuescope_tests::random::chaos::{FaultCourse, Means, chaos};
use queuescope_tests::run::run_text;
use queuescope_tests::verdict::{Failure, judge, made_smaller};

/// Scenarios for each property, where `PROPTEST_CASES` does not say otherwise.
const CASES: u64 = 150;

/// A number from the environment.
fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// Judges a run; where brokers crash one by one, nothing may be lost, either.
fn judge_all(means: Means, text: &str) -> Result<(), Failure> {
    let run = judge(text)?;
    let lost = run.report.groups.iter().find(|group| group.lost > 0);
    // Where a disk is alone, a wipe takes what it had.
    let several = run.plan.sets.iter().all(|set| set.replicas.len() > 1);
    match lost.filter(|_| means.course == FaultCourse::OneByOne && several) {
        Some(group) => Err(Failure {
            check: "sync loses nothing to brokers that crash one at a time".to_owned(),
            told: format!("{} lost to {}", group.lost, group.group),
        }),
        None => Ok(()),
    }
}

/// Judges the scenarios of some means.
fn runs(means: Means) {
    let judged = |text: &str| judge_all(means, text);
    if let Some(path) = std::env::var_os("SCENARIO") {
        let text = std::fs::read_to_string(&path).expect("SCENARIO is the path of a file");
        return judged(&text).unwrap_or_else(|failure| panic!("{failure}"));
    }
    let from = asked("CHAOS_FROM").unwrap_or(0);
    for number in from..from + asked("PROPTEST_CASES").unwrap_or(CASES) {
        let text = chaos(means, number).0;
        if let Err(failure) = judged(&text) {
            let (small, last) = made_smaller(&text, &failure, |text| judged(text).err());
            panic!("chaos {number}: {failure}\n\nthe smallest that fails the same check:\n{small}\n{last}");
        }
    }
}

#[test]
fn every_check_holds_under_any_faults() {
    runs(Means::ALL);
}

#[test]
fn every_check_holds_under_any_faults_without_slaves() {
    runs(Means::WITHOUT_SLAVES);
}

#[test]
fn sync_loses_nothing_to_brokers_that_crash_one_at_a_time() {
    runs(Means { course: FaultCourse::OneByOne, ..Means::ALL });
}

#[test]
fn every_check_holds_at_any_end_of_a_run() {
    runs(Means { course: FaultCourse::Abrupt, ..Means::ALL });
}

#[test]
fn chaos_does_what_it_is_for() {
    let mut kinds = BTreeSet::new();
    for number in 0..40 {
        let run = run_text(&chaos(Means::ALL, number).0);
        kinds.extend(run.records.iter().map(|record| record.kind.name()));
    }
    for kind in [
        "truncated",
        "changed",
        "paused",
        "elected",
        "declared_dead",
        "replicated",
        "lost",
        "expired",
        "retried",
        "dead_lettered",
        "deduplicated",
    ] {
        assert!(kinds.contains(kind), "never: {kind}");
    }
}

/// What a thread of the long run has found: numbers by the check that fails, and an example of each.
type Found = Mutex<BTreeMap<(&'static str, String), (Vec<u64>, String)>>;

/// `CHAOS_RUNS=20000 CHAOS_FROM=0 cargo test --release -p queuescope-tests -- --ignored chaos_long --nocapture`
#[test]
#[ignore = "as long as you like: CHAOS_RUNS, CHAOS_FROM"]
fn chaos_long() {
    std::panic::set_hook(Box::new(|_| {}));
    let (from, runs) = (asked("CHAOS_FROM").unwrap_or(0), asked("CHAOS_RUNS").unwrap_or(2_000));
    let (next, found) = (AtomicU64::new(from), Found::default());
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= from + runs {
                return;
            }
            for (word, means) in Means::EACH {
                look_at(number, word, means, &found);
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..threads).for_each(|_| _ = scope.spawn(work)));
    drop(std::panic::take_hook());
    let found = found.into_inner().expect("nobody panics with it");
    for ((word, check), (numbers, example)) in &found {
        #[expect(clippy::disallowed_macros, reason = "for whoever looks into what failed")]
        {
            println!("{} runs of {word} fail: {check}\n  numbers {numbers:?}\n{example}\n", numbers.len());
        }
    }
    assert!(found.is_empty(), "{} checks fail in {runs} runs from {from}", found.len());
}

/// Judges one scenario. The first failure of each check is made smaller, the others are counted.
fn look_at(number: u64, word: &'static str, means: Means, found: &Found) {
    let text = chaos(means, number).0;
    let Err(failure) = judge_all(means, &text) else { return };
    let key = (word, failure.check.clone());
    let is_new = {
        let mut found = found.lock().expect("nobody panics with it");
        let (numbers, _) = found.entry(key.clone()).or_default();
        numbers.push(number);
        numbers.len() == 1
    };
    if is_new {
        let (small, last) = made_smaller(&text, &failure, |text| judge_all(means, text).err());
        let mut found = found.lock().expect("nobody panics with it");
        found.entry(key).or_default().1 = format!("  chaos {number}, made smaller:\n{small}\n  {last}");
    }
}
