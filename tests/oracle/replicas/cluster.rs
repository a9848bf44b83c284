//! What the file says of a cluster, as far as the reading needs it: who copies whom, what is promised to whom.
//!
//! Plain names and numbers, so that a trace can be read without a plan.

use std::collections::BTreeMap;

use queuescope::plan::{Ack, Beginning, Flush, Plan, Replication, Retention, Role};

/// A broker set.
#[derive(Clone, Default, Debug)]
pub struct OracleSet {
    /// The first is the master to begin with.
    pub replicas: Vec<String>,
    /// Whether an acknowledgement waits for the slaves.
    pub sync: bool,
    /// Whether it waits for the disk.
    pub flushed: bool,
}

/// A queue.
#[derive(Clone, Default, Debug)]
pub struct OracleQueue {
    /// Who holds it.
    pub set: String,
    /// To what it belongs.
    pub topic: String,
}

/// A group.
#[derive(Clone, Default, Debug)]
pub struct OracleGroup {
    /// What it reads.
    pub topic: String,
    /// Whether it commits on receipt.
    pub on_receipt: bool,
    /// Whether it retries in place.
    pub ordered: bool,
    /// Whether it begins at the end.
    pub from_last: bool,
    /// Whether it has a consumer that stays.
    pub stays: bool,
}

/// A cluster.
#[derive(Clone, Default, Debug)]
pub struct OracleCluster {
    /// By name.
    pub sets: BTreeMap<String, OracleSet>,
    /// By name.
    pub queues: BTreeMap<String, OracleQueue>,
    /// By name.
    pub groups: BTreeMap<String, OracleGroup>,
    /// Topics whose messages go once they are done.
    pub consumed: Vec<String>,
    /// The nameserver that elects.
    pub elects: String,
    /// After so many nanoseconds of quiet a word of a nameserver has arrived, or was made good by a heartbeat.
    pub word: u64,
}

/// A delay of the network is, for all that happens in these tests, below so many times its middle.
const FAR: u64 = 40;

impl OracleCluster {
    /// Of a plan.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let name = |node: &queuescope::plan::NodeId| plan.name(*node).to_owned();
        let set = |set: &queuescope::plan::SetPlan| OracleSet {
            replicas: set.replicas.iter().map(name).collect(),
            sync: set.replication == Replication::Sync,
            flushed: matches!(set.flush, Flush::Sync(_)),
        };
        let queue = |queue: &queuescope::plan::QueuePlan| OracleQueue {
            set: plan.sets[queue.set].name.clone(),
            topic: plan.topics[queue.topic].name.clone(),
        };
        let group = |group: &queuescope::plan::GroupPlan| OracleGroup {
            topic: plan.topics[group.topic].name.clone(),
            on_receipt: group.ack == Ack::Before,
            ordered: group.ordered,
            from_last: group.from == Beginning::Last,
            stays: group.consumers.iter().any(|node| plan.consumer(*node).is_some_and(|it| it.leaves.is_none())),
        };
        let consumed = plan.topics.iter().filter(|topic| topic.retention == Retention::Consumed);
        let elects = plan.nodes_where(|role| matches!(role, Role::Nameserver)).next();
        Self {
            sets: plan.sets.iter().map(|it| (it.name.clone(), set(it))).collect(),
            queues: plan.queues.iter().map(|it| (it.name.clone(), queue(it))).collect(),
            groups: plan.groups.iter().map(|it| (it.name.clone(), group(it))).collect(),
            consumed: consumed.map(|topic| topic.name.clone()).collect(),
            elects: elects.map(|node| name(&node)).unwrap_or_default(),
            word: 2 * plan.timers.heartbeat.0 + FAR * plan.network.latency.middle().0,
        }
    }

    /// The set that holds a queue; none for a queue that the file does not name.
    #[must_use]
    pub fn set_of(&self, queue: &str) -> Option<&OracleSet> {
        self.sets.get(&self.queues.get(queue)?.set)
    }

    /// The name of the set to which a broker belongs.
    #[must_use]
    pub fn set_with(&self, node: &str) -> Option<&str> {
        let mine = |set: &OracleSet| set.replicas.iter().any(|replica| replica == node);
        self.sets.iter().find(|(_, set)| mine(set)).map(|(name, _)| name.as_str())
    }

    /// The groups that read a topic.
    pub fn readers<'a>(&'a self, topic: &'a str) -> impl Iterator<Item = (&'a String, &'a OracleGroup)> {
        self.groups.iter().filter(move |(_, group)| group.topic == topic)
    }
}
