//! Folds over records: fingerprint, ledger, metrics, expectations, timeline. They know nothing of how a record came
//! about, and whoever makes records knows nothing of them.
//!
//! [`Observer`] is all of them for one plan; what it has found out at the end of the run are its [`Findings`]. What can be asked
//! of them is the table [`metric::METRICS`], in expectations, in reports, and here:
//!
//! ```
//! use std::sync::Arc;
//! use queuescope::observe::metric::{METRICS, SelectorKey};
//! use queuescope::observe::{Observer, Value};
//! use queuescope::plan::{GroupId, Selector};
//! use queuescope::run::Run;
//! use queuescope::{limit, scenario};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let lesson = scenario::lesson("10-slow-consumer").expect("it is built in");
//! let plan = Arc::new(scenario::read(lesson.name, lesson.text)?);
//! let observer = Observer::new(Arc::clone(&plan));
//! let mut run = Run::with_sink(Arc::clone(&plan), plan.seed, limit::EVENTS, observer);
//! while !run.advance(100_000)? {}
//!
//! let findings = run.sink().clone().close(run.now());
//! let group = Selector::Group(GroupId(0));
//! for metric in METRICS.iter().filter(|metric| metric.selectors.contains(&SelectorKey::Group)) {
//!     if let Some(value) = findings.figure(metric.name, group) {
//!         println!("{} = {value}: {}", metric.name, metric.help);
//!     }
//! }
//! assert_eq!(findings.figure("lost", group), Some(Value::Count(0)));
//! # Ok(())
//! # }
//! ```

mod aggregates;
pub mod expectation;
mod failover;
pub mod fingerprint;
pub mod ledger;
mod logs;
pub mod metric;
#[cfg(test)]
mod naive_ledger;
#[cfg(test)]
mod naive_spans;
mod order;
mod queries;
#[cfg(test)]
mod random_records;
mod reading;
#[cfg(test)]
pub(crate) mod sample;
mod samples;
mod segment_aggregates;
mod segment_tree;
mod sender_messages;
mod sends;
pub mod series;
mod spans;
mod sparse_map;
mod state;
mod statistics;
pub mod timeline;
mod value;
mod work;

use std::borrow::Cow;
use std::sync::Arc;

use typed_index_collections::TiVec;

use self::aggregates::{Aggregates, OpenWindows};
pub use self::expectation::ExpectationResult;
pub use self::failover::Failover;
pub use self::fingerprint::Fingerprint;
pub use self::ledger::Ledger;
use self::reading::{Baseline, Reading, StatisticsWindow};
pub use self::samples::Samples;
pub use self::sends::{Calls, Sends};
pub use self::series::Series;
use self::spans::Spans;
pub use self::state::{Balance, Place};
use self::statistics::Statistics;
use self::timeline::{Timeline, TimelineBuilder};
pub use self::value::{Unit, Value};
use crate::kernel::Time;
use crate::plan::{Epoch, Figure, GroupId, MessageId, NodeId, Plan, QueueId, Selector, SetId, TopicId};
use crate::record::{Record, Sink};

/// The topic to which each node sends: a producer to its target, a consumer to the one to which it publishes.
fn targets(plan: &Plan) -> TiVec<NodeId, Option<TopicId>> {
    plan.nodes.keys().map(|node| plan.topic_sent_to(node)).collect()
}

/// All folds over the records of a run of one plan.
#[derive(Clone, Debug)]
pub struct Observer {
    plan: Arc<Plan>,
    fingerprint: Fingerprint,
    statistics: Statistics,
    windows: OpenWindows,
    spans: Spans,
    timeline: TimelineBuilder,
}

impl Observer {
    /// An observer of a run that has not begun.
    #[must_use]
    pub fn new(plan: Arc<Plan>) -> Self {
        let statistics = Statistics::new(&plan);
        Self {
            fingerprint: Fingerprint::new(),
            windows: OpenWindows::default(),
            spans: Spans::new(&plan),
            timeline: TimelineBuilder::new(&plan),
            statistics,
            plan,
        }
    }

    /// The ledger: where the messages are now.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger {
        &self.statistics.ledger
    }

    /// The lag of a group now, over all its queues.
    #[must_use]
    pub fn lag(&self, group: GroupId) -> u64 {
        self.statistics.logs.lag[group]
    }

    /// The broker that was elected last to lead a set, and its epoch. Without an epoch nobody was elected yet, and it is
    /// the first replica of the file.
    #[must_use]
    pub fn elected(&self, set: SetId) -> (NodeId, Option<Epoch>) {
        let master = &self.statistics.logs.masters[set];
        (master.node, master.epoch)
    }

    /// Counts of the messages that a producer, or a consumer that publishes, has sent so far.
    #[must_use]
    pub fn sends(&self, node: NodeId) -> Sends {
        self.statistics.counts.senders[node]
    }

    /// Counts of the calls by a node, or of a service, so far.
    #[must_use]
    pub fn calls(&self, node: NodeId) -> Calls {
        self.statistics.counts.calls[node]
    }

    /// The digest of all records so far.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint.digest()
    }

    /// Sets, at the end of a run, whether another copy of a dead letter can still reach its group; the world knows it.
    pub(crate) fn dead_letter_comes(&mut self, group: GroupId, message: MessageId, comes: bool) {
        self.statistics.ledger.dead_letter_comes(group, message, comes);
    }

    /// Ends the run, and returns what was found out.
    ///
    /// # Panics
    /// When the ledger does not add up, which is a bug of ours.
    #[must_use]
    pub fn close(mut self, end: Time) -> Findings {
        self.statistics.ledger.check();
        self.spans.finish(end, &self.plan, &self.statistics, &mut self.windows);
        Findings {
            plan: self.plan,
            end,
            fingerprint: self.fingerprint,
            statistics: self.statistics,
            timeline: self.timeline.close(&self.windows.whole.lag_peaks),
            whole: self.windows.whole,
            spans: self.spans,
        }
    }
}

impl Sink for Observer {
    fn record(&mut self, record: &Record) {
        self.fingerprint.record(record);
        if record.at >= self.spans.next_edge() {
            self.spans.advance_to(record.at, &self.plan, &self.statistics, &mut self.windows);
        }
        self.windows.last_measurement = None;
        self.statistics.record(record, &mut self.windows);
        self.timeline.record(record);
    }
}

/// What was found out about a run that is over.
#[derive(Clone, Debug)]
pub struct Findings {
    pub(crate) plan: Arc<Plan>,
    pub(crate) end: Time,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) timeline: Timeline,
    statistics: Statistics,
    whole: Aggregates,
    spans: Spans,
}

impl Findings {
    /// The window of the whole run.
    fn whole_run(&self) -> StatisticsWindow<'_> {
        StatisticsWindow {
            plan: &self.plan,
            from: Time::ZERO,
            to: self.end,
            statistics: &self.statistics,
            aggregates: &self.whole,
        }
    }

    /// The value of a figure; where it may stand for several things, the first of them that has one.
    ///
    /// Over a span it must be one of those that the plan's expectations and questions ask for.
    #[must_use]
    pub fn value(&self, figure: &Figure) -> Option<Value> {
        self.values(figure).first().map(|(_, value)| *value)
    }

    /// The values of a figure that decide: the first, the least and the largest of all that it may stand for.
    fn values(&self, figure: &Figure) -> Cow<'_, [(Selector, Value)]> {
        if let Some(answer) = self.spans.answer(figure) {
            return Cow::Borrowed(answer);
        }
        let is_whole_run = figure.from == Time::ZERO && figure.to.is_none();
        let subjects = expectation::subjects(&self.plan, figure.metric, figure.of);
        let subjects = subjects.into_iter().filter(|_| is_whole_run);
        Cow::Owned(spans::extremes(
            subjects.filter_map(|subject| Some((subject, self.figure(figure.metric, subject)?))),
        ))
    }

    /// The value of a metric over the whole run; `Selector::Any` is the whole.
    #[must_use]
    pub fn figure(&self, metric: &str, subject: Selector) -> Option<Value> {
        self.whole_run().value(Reading::of(metric)?, subject, Baseline::default())
    }

    /// The consumer of a group that owned a queue at a time that a question of the plan asks for; else at the end.
    #[must_use]
    pub fn owner(&self, queue: QueueId, group: GroupId, at: Time) -> Option<NodeId> {
        self.spans.owner(queue, group, at).unwrap_or(self.statistics.work.owner(group, queue))
    }

    /// A group's side of the ledger at the end.
    #[must_use]
    pub fn balance(&self, group: GroupId) -> &Balance {
        self.statistics.ledger.balance(group)
    }

    /// All elections of another master than before.
    #[must_use]
    pub fn failovers(&self) -> &[Failover] {
        &self.statistics.failovers.list
    }

    /// Response times of a producer over the whole run.
    #[must_use]
    pub fn responses(&self, producer: NodeId) -> Option<Samples> {
        self.whole_run().responses(Selector::Producer(producer)).map(Cow::into_owned)
    }

    /// Latencies of a group over the whole run.
    #[must_use]
    pub fn latencies(&self, group: GroupId) -> Option<Samples> {
        self.whole_run().latencies(Selector::Group(group)).cloned()
    }

    /// Whether a consumer lives at the end, what it owns, and how many messages it was the first to finish.
    #[must_use]
    pub fn consumer(&self, node: NodeId) -> (bool, &[QueueId], u64) {
        let worker = &self.statistics.work.nodes[node];
        (worker.alive, &worker.owns, worker.done)
    }
}
