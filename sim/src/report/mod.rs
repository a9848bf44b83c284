//! The report of a run: its results as data, whose JSON is the contract's, and for people and for CI.
//!
//! Fields whose name ends in `_s` are virtual time in seconds; all other numbers are counts of messages, calls or events,
//! but for utilization, which is a share from 0 to 1.
//!
//! ```
//! use std::sync::Arc;
//! use queuescope::{run, scenario};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let lesson = scenario::lesson("12-failover").expect("it is built in");
//! let plan = Arc::new(scenario::read(lesson.name, lesson.text)?);
//! let report = run::run(Arc::clone(&plan), plan.seed)?;
//!
//! for failover in &report.failovers {
//!     println!("{} took over from {} at {} s", failover.new_master, failover.old_master, failover.elected_s);
//! }
//! for group in &report.groups {
//!     println!("{}: {} done, {} lost, 99 of 100 within {:?} s", group.group, group.done, group.lost, group.latency_s.p99);
//!     // Each accepted message is in one place.
//!     let accepted = group.done + group.in_process + group.waiting + group.dead_lettered;
//!     assert_eq!(accepted + group.expired + group.skipped + group.lost, report.messages.accepted);
//! }
//! for broken in report.expectations.iter().filter(|expectation| !expectation.passed) {
//!     println!("expected {} {}, and it is {:?}", broken.metric, broken.bound, broken.value);
//! }
//! let json = serde_json::to_string(&report)?; // as `queuescope run --format json` prints it
//! assert!(json.starts_with(r#"{"scenario":"12-failover""#));
//! # Ok(())
//! # }
//! ```
//!
//! With the feature `text`, `human` writes a report for people; with `cli`, `junit` writes it for CI. [`csv`] writes the
//! time series of a run.
//!
//! It knows nothing of how a run goes; it is made from what [`crate::observe`] has found out. Nothing in it depends on
//! the wall clock or the machine.

mod build;
pub mod csv;
#[cfg(feature = "text")]
pub mod human;
#[cfg(feature = "cli")]
pub mod junit;
#[cfg(feature = "text")]
pub mod shell;
#[cfg(feature = "text")]
mod table;
#[cfg(feature = "text")]
mod words;

use serde::Serialize;

use crate::observe::timeline::Timeline;
use crate::observe::{Samples, Value};
use crate::plan::FaultId;

/// The report of a run.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The file's name without folder and ending.
    pub scenario: String,
    /// The scenario's title, in English.
    pub title: String,
    /// The seed from which all randomness came.
    pub seed: u64,
    /// Digest of every record, 16 hexadecimal digits.
    pub fingerprint: String,
    /// The virtual time at which the run ended, in seconds.
    pub virtual_time_s: f64,
    /// How many events were simulated.
    pub events: u64,
    /// Whether all expectations hold.
    pub outcome: RunOutcome,
    /// Each expectation, with its value, in the order of the file.
    pub expectations: Vec<ExpectationReport>,
    /// Messages to all topics together.
    pub messages: SendCounts,
    /// Each topic, in the order of the file.
    pub topics: Vec<TopicReport>,
    /// Each producer, in the order of the file.
    pub producers: Vec<ProducerReport>,
    /// Each queue.
    pub queues: Vec<QueueReport>,
    /// Each group, in the order of the file.
    pub groups: Vec<GroupReport>,
    /// Each service, in the order of the file.
    pub services: Vec<ServiceReport>,
    /// Elections of another master than before.
    pub failovers: Vec<FailoverReport>,
    /// The timeline that people read; not in the JSON.
    #[serde(skip)]
    pub timeline: Timeline,
    /// Faults of the plan that made no difference, by their numbers from 0; not in the JSON.
    #[serde(skip)]
    pub idle_faults: Vec<FaultId>,
}

/// Whether all expectations hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RunOutcome {
    /// All of them hold.
    Passed,
    /// At least one does not.
    Failed,
}

/// An expectation with its value.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct ExpectationReport {
    /// The metric's name.
    pub metric: &'static str,
    /// The name of the topic, group … that it was evaluated for; none: the whole run.
    pub of: Option<String>,
    /// The bound as text: `<= 5s`.
    pub bound: String,
    /// The metric's value; none where there is nothing to measure.
    pub value: Option<Value>,
    /// Whether the value is within the bound.
    pub passed: bool,
}

/// Messages, counted by the answer that their producer has got.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[non_exhaustive]
pub struct SendCounts {
    /// Messages that a producer began to send.
    pub sent: u64,
    /// Of these: acknowledged by a broker.
    pub accepted: u64,
    /// Of these: given up by their producer.
    pub rejected: u64,
    /// Of these: neither yet.
    pub unanswered: u64,
}

/// The report of a topic.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct TopicReport {
    /// Its name.
    pub topic: String,
    /// Its messages.
    #[serde(flatten)]
    pub sent: SendCounts,
    /// The longest time in which no message was accepted while some producer tried, in seconds; none where none tried.
    pub outage_max_s: Option<f64>,
}

/// The report of a producer.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct ProducerReport {
    /// Its name.
    pub producer: String,
    /// Its messages or calls.
    #[serde(flatten)]
    pub work: ProducerCounts,
    /// Times from the first attempt to the answer.
    pub response_s: Times,
}

/// Messages or calls of a producer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum ProducerCounts {
    /// It sends to a topic.
    Sends(SendCounts),
    /// It calls a service.
    Calls {
        /// Calls that were begun.
        calls: u64,
        /// Of these: answered in time.
        answered: u64,
        /// Of these: refused, since the service had no room.
        refused: u64,
    },
}

/// A distribution of times, in seconds; none where there is nothing to measure.
#[derive(Clone, Copy, PartialEq, Default, Debug, Serialize)]
#[non_exhaustive]
pub struct Times {
    /// The mean.
    pub mean: Option<f64>,
    /// The median, within 1 %.
    pub p50: Option<f64>,
    /// The 90th percentile, within 1 %.
    pub p90: Option<f64>,
    /// The 99th percentile, within 1 %.
    pub p99: Option<f64>,
    /// The longest.
    pub max: Option<f64>,
}

impl Times {
    fn of(samples: Option<&Samples>) -> Self {
        let Some(samples) = samples else { return Self::default() };
        let share = |share| Some(samples.quantile(share).seconds());
        Self {
            mean: Some(samples.mean().seconds()),
            p50: share(0.5),
            p90: share(0.9),
            p99: share(0.99),
            max: Some(samples.max().seconds()),
        }
    }
}

/// The report of a queue.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[non_exhaustive]
pub struct QueueReport {
    /// Its name.
    pub queue: String,
    /// How many messages were ever stored.
    pub end_offset: u64,
    /// How many of them are still stored.
    pub depth: u64,
}

/// The report of a group. Each accepted message of its topic counts in exactly one of the places from `done` to `lost`.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct GroupReport {
    /// Its name.
    pub group: String,
    /// The topic that it reads.
    pub topic: String,
    /// Messages processed at least once.
    pub done: u64,
    /// Messages that a living consumer has begun and not finished.
    pub in_process: u64,
    /// Messages that can still come to the group.
    pub waiting: u64,
    /// Messages in its dead-letter queue.
    pub dead_lettered: u64,
    /// Messages deleted by age before the group was done with them.
    pub expired: u64,
    /// Messages stored before the point from which the group reads.
    pub skipped: u64,
    /// Messages that nothing can ever bring to the group.
    pub lost: u64,
    /// Messages done although their producer never heard that they were accepted; outside of the ledger.
    pub unconfirmed: u64,
    /// Processings finished beyond the first of a message.
    pub duplicates: u64,
    /// Messages first begun after a later one.
    pub out_of_order: u64,
    /// The largest lag during the run, in messages.
    pub max_lag: u64,
    /// Times from the first attempt to send a message to the first end of its processing.
    pub latency_s: Times,
    /// Its consumers.
    pub consumers: Vec<ConsumerReport>,
}

/// The report of a consumer.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct ConsumerReport {
    /// Its name.
    pub consumer: String,
    /// Whether it runs at the end.
    pub alive: bool,
    /// The queues that it owns at the end.
    pub queues: Vec<String>,
    /// Messages that it finished before any other consumer of its group.
    pub done: u64,
    /// Busy time of its threads over their number times the time it ran; none where it never ran.
    pub utilization: Option<Value>,
}

/// The report of a service.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct ServiceReport {
    /// Its name.
    pub service: String,
    /// Calls made to it.
    pub calls: u64,
    /// Of these: refused, since there was no room.
    pub refused: u64,
    /// Busy time of its workers over their number times the time it ran.
    pub utilization: Option<Value>,
}

/// An election of another master than before.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct FailoverReport {
    /// The broker set.
    pub broker_set: String,
    /// The master before.
    pub old_master: String,
    /// The master since.
    pub new_master: String,
    /// When the old master crashed, in seconds; none where it had not.
    pub down_s: Option<f64>,
    /// When the new master was elected, in seconds.
    pub elected_s: f64,
    /// When a message that the new master stored was accepted first, in seconds.
    pub accepted_again_s: Option<f64>,
    /// When such a message was processed first, in seconds.
    pub consumed_again_s: Option<f64>,
}

impl Report {
    /// Whether all expectations hold.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.outcome == RunOutcome::Passed
    }
}
