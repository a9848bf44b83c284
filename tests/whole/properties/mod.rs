//! What holds for every cluster and load, whatever breaks in it: random scenarios, and for each one everything that the
//! contract promises of its records and report.
//!
//! Each property looks at the same scenarios every time; `PROPTEST_CASES` asks for more of them, `PROPTEST_RNG_SEED` for
//! others. A failure shows the smallest scenario that fails: it is a file that can be run; `SCENARIO=file` holds the
//! properties against it alone.

mod chaos;
mod coverage;
mod fuzz;
mod hand;
mod import;
mod import_fuzz;
mod ledger;
mod life;
mod logs;
mod repeat;
mod rest;
mod scenario_fuzz;
mod series;
mod session;
mod strangers;
mod twice;
mod work;

use proptest::test_runner::{Config, RngSeed, TestCaseResult, TestRunner};
use queuescope_tests::random::{ClusterKind, Scenario, clusters};
use queuescope_tests::run::{FinishedRun, run_text};

/// Scenarios for each property and kind of cluster, where `PROPTEST_CASES` does not say otherwise.
const CASES: u32 = 64;

/// Every kind of cluster.
const ALL: [ClusterKind; 6] = [
    ClusterKind::QUIET,
    ClusterKind::LOSSY,
    ClusterKind::LATE,
    ClusterKind::HEALING,
    ClusterKind::CRASHING,
    ClusterKind::WILD,
];

fn runner() -> TestRunner {
    let asked = Config::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { asked.cases } else { CASES };
    let rng_seed = match asked.rng_seed {
        RngSeed::Random => RngSeed::Fixed(1),
        fixed @ RngSeed::Fixed(_) => fixed,
    };
    let max_shrink_iters = 1_000;
    TestRunner::new(Config { cases, rng_seed, max_shrink_iters, failure_persistence: None, ..asked })
}

/// Holds a property against random scenarios of a kind, or against the file that `SCENARIO` names.
fn scenarios(kind: ClusterKind, holds: impl Fn(Scenario) -> TestCaseResult) {
    if let Some(path) = std::env::var_os("SCENARIO") {
        let text = std::fs::read_to_string(&path).expect("SCENARIO is the path of a file");
        return holds(Scenario(text)).unwrap_or_else(|error| panic!("{error}"));
    }
    if let Err(error) = runner().run(&clusters(kind), holds) {
        panic!("{kind:?}\n{error}");
    }
}

/// Holds a property against runs of random scenarios of a kind.
fn runs(kind: ClusterKind, holds: impl Fn(&FinishedRun) -> TestCaseResult) {
    scenarios(kind, |scenario| holds(&run_text(&scenario.0)));
}
