//! Folds over records: fingerprint, ledger, metrics, expectations, timeline. They know nothing of how a record came
//! about, and whoever makes records knows nothing of them.
//!
//! [`Observer`] is all of them for one plan; what it has found out at the end of the run are its [`Findings`].

mod account;
mod asked;
mod cells;
#[cfg(test)]
mod courses;
pub mod expectation;
mod failover;
pub mod fingerprint;
mod lane;
pub mod ledger;
mod logs;
pub mod metric;
#[cfg(test)]
mod naive;
#[cfg(test)]
mod naive_spans;
mod order;
mod part;
pub mod reading;
#[cfg(test)]
pub(crate) mod sample;
mod samples;
mod segments;
mod sends;
pub mod series;
mod spans;
mod state;
mod tally;
pub mod timeline;
mod work;

use std::borrow::Cow;
use std::sync::Arc;

use typed_index_collections::TiVec;

use self::account::Account;
pub use self::expectation::ExpectationResult;
pub use self::failover::Failover;
pub use self::fingerprint::Fingerprint;
pub use self::ledger::Ledger;
pub use self::reading::Value;
use self::reading::{Level, Reading, Stretch};
pub use self::samples::Samples;
pub use self::sends::{Calls, Sends};
pub use self::series::Series;
use self::spans::Spans;
pub use self::state::{Balance, Place};
use self::tally::{Tallies, Tally};
use self::timeline::{Chronicle, Timeline};
use crate::kernel::Time;
use crate::plan::{Epoch, Figure, GroupId, MessageId, NodeId, Plan, QueueId, Role, Selector, SetId, Target, TopicId};
use crate::record::{Record, Sink};

/// What each node sends to: a producer to its topic, a consumer to the one to which it publishes.
fn targets(plan: &Plan) -> TiVec<NodeId, Option<TopicId>> {
    let target = |role: &Role| match role {
        Role::Producer(producer) => match producer.target {
            Target::Topic(topic) => Some(topic),
            Target::Service(_) => None,
        },
        Role::Consumer(consumer) => consumer.publishes,
        Role::Nameserver | Role::Broker { .. } | Role::Service(_) => None,
    };
    plan.nodes.iter().map(|node| target(&node.role)).collect()
}

/// Everything that is to be found out about a run of one plan.
#[derive(Clone, Debug)]
pub struct Observer {
    plan: Arc<Plan>,
    fingerprint: Fingerprint,
    account: Account,
    tallies: Tallies,
    spans: Spans,
    chronicle: Chronicle,
}

impl Observer {
    /// Before the first record.
    #[must_use]
    pub fn new(plan: Arc<Plan>) -> Self {
        let account = Account::new(&plan);
        Self {
            fingerprint: Fingerprint::new(),
            tallies: Tallies::default(),
            spans: Spans::new(&plan),
            chronicle: Chronicle::new(&plan),
            account,
            plan,
        }
    }

    /// Where the messages are now.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger {
        &self.account.ledger
    }

    /// How far a group is behind now, over all its queues.
    #[must_use]
    pub fn lag(&self, group: GroupId) -> u64 {
        self.account.logs.lag[group]
    }

    /// Who was elected last to lead a set, and in which epoch; none: nobody yet, and it is the first of the file.
    #[must_use]
    pub fn elected(&self, set: SetId) -> (NodeId, Option<Epoch>) {
        let master = &self.account.logs.masters[set];
        (master.node, master.epoch)
    }

    /// What a node has sent so far: a producer, or a consumer that publishes.
    #[must_use]
    pub fn sends(&self, node: NodeId) -> Sends {
        self.account.counts.senders[node]
    }

    /// What a node has called so far, or what was called of a service.
    #[must_use]
    pub fn calls(&self, node: NodeId) -> Calls {
        self.account.counts.calls[node]
    }

    /// The digest of all records so far.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint.digest()
    }

    /// Another copy of a dead letter can still come, or cannot any more: whoever has the nodes can tell, at the end.
    pub fn dead_letter_comes(&mut self, group: GroupId, message: MessageId, comes: bool) {
        self.account.ledger.dead_letter_comes(group, message, comes);
    }

    /// The run is over: what it has come to.
    ///
    /// # Panics
    /// When the ledger does not add up, which is a bug of ours.
    #[must_use]
    pub fn close(mut self, end: Time) -> Findings {
        self.account.ledger.check();
        self.spans.finish(end, &self.plan, &self.account, &mut self.tallies);
        Findings {
            plan: self.plan,
            end,
            fingerprint: self.fingerprint,
            account: self.account,
            timeline: self.chronicle.close(&self.tallies.whole.peaks),
            whole: self.tallies.whole,
            spans: self.spans,
        }
    }
}

impl Sink for Observer {
    fn record(&mut self, record: &Record) {
        self.fingerprint.record(record);
        if record.at >= self.spans.next() {
            self.spans.reach(record.at, &self.plan, &self.account, &mut self.tallies);
        }
        self.tallies.measured = None;
        self.account.record(record, &mut self.tallies);
        self.chronicle.record(record);
    }
}

/// What has been found out about a run that is over.
#[derive(Clone, Debug)]
pub struct Findings {
    pub(crate) plan: Arc<Plan>,
    pub(crate) end: Time,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) timeline: Timeline,
    account: Account,
    whole: Tally,
    spans: Spans,
}

impl Findings {
    /// Of the whole run.
    fn whole(&self) -> Stretch<'_> {
        Stretch { plan: &self.plan, from: Time::ZERO, to: self.end, account: &self.account, tally: &self.whole }
    }

    /// The value of a figure; where it may stand for several things, the first of them that has one.
    ///
    /// Over a span it must be one of those that the plan's expectations and questions ask for.
    #[must_use]
    pub fn value(&self, figure: &Figure) -> Option<Value> {
        self.values(figure).first().map(|(_, value)| *value)
    }

    /// The values of a figure that matter: the first, the least and the largest of all that it may stand for.
    fn values(&self, figure: &Figure) -> Cow<'_, [(Selector, Value)]> {
        if let Some(answer) = self.spans.answer(figure) {
            return Cow::Borrowed(answer);
        }
        let whole = figure.from == Time::ZERO && figure.to.is_none();
        let subjects = expectation::subjects(&self.plan, figure.metric, figure.of);
        let subjects = subjects.into_iter().filter(|_| whole);
        Cow::Owned(spans::extremes(subjects.filter_map(|of| Some((of, self.figure(figure.metric, of)?)))))
    }

    /// The value of a metric over the whole run; `Selector::Any` is the whole.
    #[must_use]
    pub fn figure(&self, metric: &str, of: Selector) -> Option<Value> {
        self.whole().value(Reading::of(metric)?, of, Level::default())
    }

    /// Which consumer of a group owned a queue at a time that a question of the plan asks for; else at the end.
    #[must_use]
    pub fn owner(&self, queue: QueueId, group: GroupId, at: Time) -> Option<NodeId> {
        let asked = self.spans.owner(queue, group, at);
        asked.unwrap_or(self.account.work.owner(group, queue))
    }

    /// A group's side of the ledger at the end.
    #[must_use]
    pub fn balance(&self, group: GroupId) -> &Balance {
        self.account.ledger.balance(group)
    }

    /// All elections of another master than before.
    #[must_use]
    pub fn failovers(&self) -> &[Failover] {
        &self.account.failovers.list
    }

    /// Response times of a sender over the whole run.
    #[must_use]
    pub fn responses(&self, of: NodeId) -> Option<Samples> {
        self.whole().responses(Selector::Producer(of)).map(Cow::into_owned)
    }

    /// Latency of a group over the whole run.
    #[must_use]
    pub fn latencies(&self, of: GroupId) -> Option<Samples> {
        self.whole().latencies(Selector::Group(of)).cloned()
    }

    /// Whether a consumer lives at the end, what it owns, and how many messages it was the first to finish.
    #[must_use]
    pub fn consumer(&self, of: NodeId) -> (bool, &[QueueId], u64) {
        let worker = &self.account.work.nodes[of];
        (worker.alive, &worker.owns, worker.done)
    }
}
