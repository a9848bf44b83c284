//! An independent reading of a trace: from its lines alone, by the words of the contract, it works out where every
//! accepted message is for every group, and the main figures, in the plainest way that there is.
//!
//! It shares no code with the library's own account. Of the plan it reads only what a file says: which group reads which
//! topic, how it acknowledges and begins, how long messages are kept.

mod ledger;
mod read;
pub mod replicas;

use std::collections::{BTreeMap, BTreeSet};

use queuescope::plan::{Beginning, Plan, QueuePlan};

pub use self::read::{TraceLine, read};

/// A copy of a message: its queue and offset.
pub type StoredCopy = (String, u64);

/// What became of a message.
#[derive(Clone, Default, Debug)]
pub struct TracedMessage {
    /// The topic to which it belongs.
    pub topic: String,
    /// Its producer, number and key.
    pub producer: String,
    /// Its number among its producer's messages.
    pub number: u64,
    /// Its key, if any.
    pub key: Option<u32>,
    /// The first attempt.
    pub first_attempt: u64,
    /// The acknowledgement, if there was one.
    pub accepted: Option<u64>,
    /// Whether its producer gave up.
    pub rejected: bool,
    /// Every place where it was ever stored.
    pub copies: BTreeSet<StoredCopy>,
}

/// A queue's log as its masters have written it.
#[derive(Clone, Default, Debug)]
pub struct TracedLog {
    /// What is still there, by offset.
    pub entries: BTreeMap<u64, String>,
    /// One past the last that is there, or was deleted.
    pub end: u64,
    /// What lies before was deleted.
    pub deleted: u64,
}

/// A group, and what its members did.
#[derive(Clone, Default, Debug)]
pub struct TracedGroup {
    /// The topic that it reads.
    pub topic: String,
    /// Whether it retries in place.
    pub ordered: bool,
    /// Where it has begun, by queue.
    pub begun: BTreeMap<String, u64>,
    /// Up to where it is done, by queue; nothing where it has not begun and will at the end.
    pub committed: BTreeMap<String, u64>,
    /// First beginning of work on a message, as the number of its record, and on which queue.
    pub started: BTreeMap<String, (u64, String)>,
    /// When work on a message first ended, and how often it did.
    pub finished: BTreeMap<String, (u64, u64)>,
    /// The messages that each consumer is processing now.
    pub at_work: BTreeMap<String, Vec<String>>,
    /// Copies in the retry queue.
    pub retries: BTreeSet<String>,
    /// In the dead-letter queue.
    pub dead: BTreeSet<String>,
    /// Copies that were deleted before the group was done with them.
    pub gone: BTreeSet<StoredCopy>,
    /// Copies handed to a consumer.
    pub delivered: BTreeSet<StoredCopy>,
    /// Said to be lost.
    pub lost: BTreeSet<String>,
    /// Said to have expired, or to have been skipped, and not seen again.
    pub passed: BTreeSet<String>,
    /// The largest sum of lags.
    pub max_lag: u64,
}

/// Everything that a trace tells.
#[derive(Clone, Default, Debug)]
pub struct Oracle {
    /// By name.
    pub messages: BTreeMap<String, TracedMessage>,
    /// By name.
    pub logs: BTreeMap<String, TracedLog>,
    /// By name.
    pub groups: BTreeMap<String, TracedGroup>,
    /// Whether any disk was ever wiped.
    wiped: bool,
    /// The nodes that are down.
    down: BTreeSet<String>,
    /// The replicas of each queue.
    replicas: BTreeMap<String, Vec<String>>,
    /// The topic to which a node sends: an attempt without a route names no queue.
    targets: BTreeMap<String, String>,
}

/// The ledger and figures of one group.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct TracedBalance {
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
}

impl Oracle {
    /// Reads a trace.
    #[must_use]
    pub fn of(plan: &Plan, trace: &[String]) -> Self {
        let mut oracle = Self::default();
        for queue in &plan.queues {
            oracle.logs.insert(queue.name.clone(), TracedLog::default());
            let replicas = plan.sets[queue.set].replicas.iter().map(|node| plan.name(*node).to_owned());
            oracle.replicas.insert(queue.name.clone(), replicas.collect());
        }
        for group in &plan.groups {
            let topic = plan.topics[group.topic].name.clone();
            // A group that begins at the end has no lag until it has begun.
            let counts = |queue: &&QueuePlan| queue.topic == group.topic && group.from == Beginning::First;
            let committed = plan.queues.iter().filter(counts).map(|queue| (queue.name.clone(), 0)).collect();
            let ordered = group.ordered;
            oracle
                .groups
                .insert(group.name.clone(), TracedGroup { topic, ordered, committed, ..TracedGroup::default() });
        }
        for node in 0..plan.nodes.len() {
            if let Some(topic) = plan.topic_sent_to(node.into()) {
                oracle.targets.insert(plan.name(node.into()).to_owned(), plan.topics[topic].name.clone());
            }
        }
        for line in trace {
            oracle.follow(&read(line));
        }
        oracle
    }

    /// Sent, accepted, rejected, unanswered, of the messages that `pick` picks.
    pub fn sent(&self, pick: impl Fn(&TracedMessage) -> bool) -> [u64; 4] {
        let mut counts = [0; 4];
        for message in self.messages.values().filter(|message| pick(message)) {
            counts[0] += 1;
            let fate = if message.accepted.is_some() {
                1
            } else if message.rejected {
                2
            } else {
                3
            };
            counts[fate] += 1;
        }
        counts
    }

    /// Processings finished beyond the first of a message.
    #[must_use]
    pub fn duplicates(&self, group: &str) -> u64 {
        self.groups[group].finished.values().map(|(_, times)| times - 1).sum()
    }

    /// Messages first begun after a later one of the same producer and key; without keys, of the same producer and queue.
    #[must_use]
    pub fn out_of_order(&self, group: &str) -> u64 {
        let started = &self.groups[group].started;
        let mut lines: BTreeMap<_, Vec<(u64, u64)>> = BTreeMap::new();
        for (name, (seq, queue)) in started {
            let message = &self.messages[name];
            let queue = if message.key.is_none() { queue.clone() } else { String::new() };
            lines.entry((message.producer.clone(), message.key, queue)).or_default().push((*seq, message.number));
        }
        let mut late = 0;
        for line in lines.values_mut() {
            line.sort_unstable();
            let mut latest = 0;
            for (_, number) in line {
                late += u64::from(*number < latest);
                latest = latest.max(*number);
            }
        }
        late
    }

    /// From the first attempt to send to the first end of processing, in nanoseconds, of every message done.
    #[must_use]
    pub fn latencies(&self, group: &str) -> Vec<u64> {
        let finished = &self.groups[group].finished;
        finished.iter().map(|(name, (at, _))| at - self.messages[name].first_attempt).collect()
    }
}
