//! The report of a run: what it came to, as data whose JSON is the contract's, and for people and for CI.
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
//! for broken in report.expectations.iter().filter(|expected| !expected.passed) {
//!     println!("expected {} {}, and it is {:?}", broken.metric, broken.bound, broken.value);
//! }
//! let json = serde_json::to_string(&report)?; // as `queuescope run --format json` prints it
//! assert!(json.starts_with(r#"{"scenario":"12-failover""#));
//! # Ok(())
//! # }
//! ```
//!
//! With the feature `text`, `human` writes a report for people; with `cli`, `junit` writes it for CI. [`csv`] writes how a
//! run went as a table.
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

/// The language of texts for people.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// 简体中文.
    Zh,
}

/// What a run came to.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The file's name without folder and ending.
    pub scenario: String,
    /// In English.
    pub title: String,
    /// Where all randomness began.
    pub seed: u64,
    /// Digest of every record, 16 hexadecimal digits.
    pub fingerprint: String,
    /// When the run ended.
    pub virtual_time_s: f64,
    /// How many events there were.
    pub events: u64,
    /// Whether everything that was expected came true.
    pub outcome: Outcome,
    /// What was expected, and what came of it.
    pub expectations: Vec<Expected>,
    /// Messages to topics.
    pub messages: SendCounts,
    /// By topic.
    pub topics: Vec<TopicReport>,
    /// By producer.
    pub producers: Vec<ProducerReport>,
    /// By queue.
    pub queues: Vec<QueueReport>,
    /// By group.
    pub groups: Vec<GroupReport>,
    /// By service.
    pub services: Vec<ServiceReport>,
    /// Elections of another master than before.
    pub failovers: Vec<FailoverReport>,
    /// What mattered, for people.
    #[serde(skip)]
    pub timeline: Timeline,
    /// Faults of the plan that made no difference, by their numbers, for people.
    #[serde(skip)]
    pub idle_faults: Vec<FaultId>,
}

/// Whether everything that was expected came true.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It did.
    Passed,
    /// Something did not.
    Failed,
}

/// An expectation and what came of it.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct Expected {
    /// Of which metric.
    pub metric: &'static str,
    /// For what it was evaluated; none: the whole.
    pub of: Option<String>,
    /// What was expected: `<= 5s`.
    pub bound: String,
    /// What came out; none where the metric has no value.
    pub value: Option<Value>,
    /// Whether that is within the bound.
    pub passed: bool,
}

/// Messages, counted by what their producer heard.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[non_exhaustive]
pub struct SendCounts {
    /// Begun to send.
    pub sent: u64,
    /// Acknowledged.
    pub accepted: u64,
    /// Given up.
    pub rejected: u64,
    /// Neither yet.
    pub unanswered: u64,
}

/// A topic.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct TopicReport {
    /// Its name.
    pub topic: String,
    /// Its messages.
    #[serde(flatten)]
    pub sent: SendCounts,
    /// The longest span without an acceptance while somebody tried; none where nobody tried.
    pub outage_max_s: Option<f64>,
}

/// A producer.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct ProducerReport {
    /// Its name.
    pub producer: String,
    /// Its messages or calls.
    #[serde(flatten)]
    pub work: Produced,
    /// From the first attempt to the answer.
    pub response_s: Times,
}

/// What a producer did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Produced {
    /// It sends to a topic.
    Sends(SendCounts),
    /// It calls a service.
    Calls {
        /// Begun.
        calls: u64,
        /// Answered in time.
        answered: u64,
        /// There was no room for them.
        refused: u64,
    },
}

/// A distribution of times, in seconds; none where there is nothing to measure.
#[derive(Clone, Copy, PartialEq, Default, Debug, Serialize)]
#[non_exhaustive]
pub struct Times {
    /// The mean.
    pub mean: Option<f64>,
    /// The median.
    pub p50: Option<f64>,
    /// Nine of ten are no longer.
    pub p90: Option<f64>,
    /// 99 of 100 are no longer.
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

/// A queue.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[non_exhaustive]
pub struct QueueReport {
    /// Its name.
    pub queue: String,
    /// Messages ever stored.
    pub end_offset: u64,
    /// Still stored.
    pub depth: u64,
}

/// A group: its side of the ledger, and more.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct GroupReport {
    /// Its name.
    pub group: String,
    /// What it reads.
    pub topic: String,
    /// Processed at least once.
    pub done: u64,
    /// Begun and not finished.
    pub in_process: u64,
    /// Can still come.
    pub waiting: u64,
    /// In the dead-letter queue.
    pub dead_lettered: u64,
    /// Deleted by age.
    pub expired: u64,
    /// From before the group's beginning.
    pub skipped: u64,
    /// Nothing can bring it.
    pub lost: u64,
    /// Done, though never accepted.
    pub unconfirmed: u64,
    /// Processings finished beyond the first of a message.
    pub duplicates: u64,
    /// Messages first begun after a later one.
    pub out_of_order: u64,
    /// The largest lag.
    pub max_lag: u64,
    /// From the first attempt to send to the first end of processing.
    pub latency_s: Times,
    /// Its consumers.
    pub consumers: Vec<ConsumerReport>,
}

/// A consumer.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct ConsumerReport {
    /// Its name.
    pub consumer: String,
    /// Whether it lives at the end.
    pub alive: bool,
    /// What it owns at the end.
    pub queues: Vec<String>,
    /// Messages that it was the first of its group to finish.
    pub done: u64,
    /// Busy time over time alive; none where it never lived.
    pub utilization: Option<Value>,
}

/// A service.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct ServiceReport {
    /// Its name.
    pub service: String,
    /// Calls made of it.
    pub calls: u64,
    /// There was no room for them.
    pub refused: u64,
    /// Busy time over time alive.
    pub utilization: Option<Value>,
}

/// An election of another master than before.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct FailoverReport {
    /// Of which set.
    pub broker_set: String,
    /// Who was master.
    pub old_master: String,
    /// Who is.
    pub new_master: String,
    /// When the old one crashed; none where it had not.
    pub down_s: Option<f64>,
    /// When the new one was elected.
    pub elected_s: f64,
    /// The first acceptance of a message that the new one has stored.
    pub accepted_again_s: Option<f64>,
    /// The first time that such a message was processed.
    pub consumed_again_s: Option<f64>,
}

impl Report {
    /// Whether everything that was expected came true.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.outcome == Outcome::Passed
    }
}
