//! A scenario is run, twice, and held against everything that the replicas' oracle knows; the first thing that is wrong is
//! named.
//!
//! It knows the library from outside only.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use queuescope::plan::Plan;
use queuescope::scenario;

use crate::oracle::replicas::{Ending, OracleCluster, at_the_end, follow};
use crate::random::smaller::smaller;
use crate::run::{FinishedRun, run};

/// What is wrong with a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// The check that does not hold; two runs that fail the same one may have the same cause.
    pub check: String,
    /// What was found.
    pub told: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.check, self.told)
    }
}

/// Runs a scenario and judges the run.
///
/// # Errors
/// With the first thing that is wrong.
pub fn judge(text: &str) -> Result<FinishedRun, Failure> {
    let plan = match scenario::read("chaos.toml", text) {
        Ok(plan) => Arc::new(plan),
        Err(diagnostics) => return failure("the scenario is in order", format!("{diagnostics}")),
    };
    let first = attempt(&plan)?;
    let second = attempt(&plan)?;
    judge_run(&first)?;
    if first.report_json() != second.report_json() {
        return failure("the same run twice", format!("{}\n{}", first.report_json(), second.report_json()));
    }
    Ok(first)
}

/// The smallest scenario that fails the same check, and how. What healed still heals: else it would be another story.
#[must_use]
pub fn made_smaller(text: &str, failure: &Failure, judged: impl Fn(&str) -> Option<Failure>) -> (String, Failure) {
    let heals = |text: &str| scenario::read("chaos.toml", text).is_ok_and(|plan| has_to_rest(&plan));
    let healed = heals(text);
    let same = |text: &str| heals(text) == healed && judged(text).is_some_and(|other| other.check == failure.check);
    let small = smaller(text, same);
    let last = judged(&small).unwrap_or_else(|| failure.clone());
    (small, last)
}

fn failure<T>(check: &str, told: String) -> Result<T, Failure> {
    Err(Failure { check: check.to_owned(), told })
}

/// Runs a plan; a panic is a failure that names where it was.
fn attempt(plan: &Arc<Plan>) -> Result<FinishedRun, Failure> {
    catch_unwind(AssertUnwindSafe(|| run(plan, plan.seed))).or_else(|payload| {
        let told = payload.downcast_ref::<String>().cloned();
        let told = told.or_else(|| payload.downcast_ref::<&str>().map(|told| (*told).to_owned())).unwrap_or_default();
        // Numbers differ from run to run of what is the same panic.
        let check: String = told.lines().next().unwrap_or_default().chars().filter(|c| !c.is_ascii_digit()).collect();
        failure(&format!("no panic: {}", check.chars().take(80).collect::<String>()), told)
    })
}

/// Judges a run that is over.
fn judge_run(run: &FinishedRun) -> Result<(), Failure> {
    let reading = follow(OracleCluster::of(&run.plan), &run.trace());
    if let Some(broken) = reading.broken.first() {
        return failure(broken.check, broken.told.clone());
    }
    let ending = Ending {
        rested: run.world.now() < run.plan.end(),
        must_rest: has_to_rest(&run.plan),
        at_ns: run.world.now().0,
        report: serde_json::to_value(&run.report).expect("a report is plain data"),
    };
    match at_the_end(&reading.state, &ending).into_iter().next() {
        Some(broken) => failure(broken.check, broken.told),
        None => Ok(()),
    }
}

/// Whether everything heals, and each group that ever has a consumer keeps one; else something may wait for ever. What
/// settles for less than a minute may not have had the time, and who is heard of less often than it takes to be thought
/// dead is never at rest.
#[must_use]
pub fn has_to_rest(plan: &Plan) -> bool {
    let stays = |node: &queuescope::plan::NodeId| plan.consumer(*node).is_some_and(|it| it.leaves.is_none());
    let read = plan.groups.iter().all(|group| group.consumers.is_empty() || group.consumers.iter().any(stays));
    let heard = plan.timers.expire.0 > 2 * plan.timers.heartbeat.0;
    read && heard && plan.settle.0 >= 60_000_000_000 && plan.faults.iter().all(|fault| fault.lasts.is_some())
}
