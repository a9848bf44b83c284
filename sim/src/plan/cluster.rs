//! Who takes part, and with which settings: nodes, broker sets, topics, queues, groups.
//!
//! It knows nothing of what happens to them.

use typed_index_collections::TiVec;

use super::{GroupId, NodeId, QueueId, SetId, TopicId};
use crate::kernel::{Distribution, Span, Time};
use crate::plan::{GroupSlot, QueueSlot, ReplicaSlot};

/// One node and its settings.
#[derive(Clone, PartialEq, Debug)]
pub struct NodePlan {
    /// Unique among all nodes.
    pub name: String,
    /// What it is.
    pub role: Role,
}

/// What a node is, with the settings that are its own.
#[derive(Clone, PartialEq, Debug)]
pub enum Role {
    /// The registry.
    Nameserver,
    /// A replica of a broker set; the set has the settings.
    Broker {
        /// The set that it belongs to.
        set: SetId,
    },
    /// Something that answers calls.
    Service(ServicePlan),
    /// Something that sends, or calls.
    Producer(ProducerPlan),
    /// Something that processes.
    Consumer(ConsumerPlan),
}

impl Role {
    /// Whether it registers with the nameservers.
    #[must_use]
    pub const fn registers(&self) -> bool {
        matches!(self, Self::Broker { .. } | Self::Producer(_) | Self::Consumer(_))
    }
}

/// A broker set: a master and its slaves.
#[derive(Clone, PartialEq, Debug)]
pub struct SetPlan {
    /// The name of its `[[brokers]]` entry, and of its first replica.
    pub name: String,
    /// The first is the master to begin with.
    pub replicas: TiVec<ReplicaSlot, NodeId>,
    /// When a message is acknowledged.
    pub replication: Replication,
    /// How long a message waits on the master before it is shipped.
    pub replication_delay: Distribution,
    /// The broker is busy with one message for so long.
    pub store_time: Distribution,
    /// Requests waiting beyond this are refused.
    pub store_limit: u32,
    /// When a message is on disk.
    pub flush: Flush,
    /// The queues that it holds.
    pub queues: TiVec<QueueSlot, QueueId>,
    /// When its replicas come in.
    pub joins: Time,
}

impl SetPlan {
    /// The replica that is master to begin with.
    #[must_use]
    pub fn first_master(&self) -> NodeId {
        self.replicas[ReplicaSlot(0)]
    }

    /// Which of its replicas a node is; none: it belongs to another set.
    #[must_use]
    pub fn slot(&self, node: NodeId) -> Option<ReplicaSlot> {
        self.replicas.position(|replica| *replica == node)
    }
}

/// When a master acknowledges a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Replication {
    /// Once it has stored it.
    Async,
    /// Once every live slave has it too.
    Sync,
}

/// When a message is on disk.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Flush {
    /// Before it is acknowledged; one flush takes this long and covers all that is stored when it begins.
    Sync(Distribution),
    /// Every interval.
    Async(Span),
}

/// A topic.
#[derive(Clone, PartialEq, Debug)]
pub struct TopicPlan {
    /// Unique among topics.
    pub name: String,
    /// In the plan's order.
    pub queues: Vec<QueueId>,
    /// When messages are deleted.
    pub retention: Retention,
    /// Its groups in file order.
    pub groups: TiVec<GroupSlot, GroupId>,
}

/// When messages are deleted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Retention {
    /// Once every group of the topic is done with them.
    Consumed,
    /// At this age.
    Age(Span),
}

/// A queue: an append-only log with offsets from 0.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QueuePlan {
    /// `topic/broker-set/index`.
    pub name: String,
    /// Its topic.
    pub topic: TopicId,
    /// The broker set that holds it.
    pub set: SetId,
    /// Its number within topic and set.
    pub index: u32,
    /// Its position in the set's list of queues.
    pub slot: QueueSlot,
}

/// Something that sends to a topic, or calls a service.
#[derive(Clone, PartialEq, Debug)]
pub struct ProducerPlan {
    /// Where to.
    pub target: Target,
    /// Between two messages, the first one interval after the start; none: bursts only.
    pub interval: Option<Distribution>,
    /// Limit on messages.
    pub messages: Option<u32>,
    /// So many at once, at a time.
    pub bursts: Vec<Burst>,
    /// Which queue next.
    pub select: Select,
    /// 0: messages bear no key; n: drawn evenly from n.
    pub keys: u32,
    /// Patience for one attempt, and how many more there are.
    pub attempts: Attempts,
    /// When it starts.
    pub starts: Time,
    /// When it stops sending.
    pub stops: Time,
}

/// Where a producer's messages go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    /// Through a queue.
    Topic(TopicId),
    /// Straight to a service: a call, one attempt.
    Service(NodeId),
}

/// `send_timeout` and `retries`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Attempts {
    /// Patience for each attempt.
    pub timeout: Span,
    /// Further attempts after the first.
    pub retries: u32,
}

/// So many messages at one time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Burst {
    /// When.
    pub at: Time,
    /// How many.
    pub count: u32,
}

/// Which queue a message goes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Select {
    /// One after the other, from the first on, passing over those without a master.
    RoundRobin,
    /// Any of those with a master.
    Random,
    /// By the hash of the key, over all queues.
    KeyHash,
}

/// A group of consumers.
#[derive(Clone, PartialEq, Debug)]
pub struct GroupPlan {
    /// Unique among groups.
    pub name: String,
    /// The topic that it reads.
    pub topic: TopicId,
    /// Its position in the topic's list of groups.
    pub slot: GroupSlot,
    /// Who gets which queue.
    pub assignment: Assignment,
    /// Whether the broker serves a queue to one consumer at a time.
    pub queue_lock: bool,
    /// When a message is committed.
    pub ack: Ack,
    /// Messages a pull, at most.
    pub batch: u32,
    /// Where a group without committed offset begins.
    pub from: Beginning,
    /// One message of a queue at a time; a failure is retried in place.
    pub ordered: bool,
    /// Whether a consumer skips what its group has done.
    pub deduplicate: bool,
    /// After so many retries a message is a dead letter.
    pub max_retries: u32,
    /// How long a failed message waits.
    pub retry_delay: RetryDelay,
    /// Its consumers, in file order.
    pub consumers: Vec<NodeId>,
}

/// The rule by which each consumer computes its assignment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Assignment {
    /// Contiguous blocks.
    Averagely,
    /// In turn.
    Circle,
    /// By a ring of hashes.
    ConsistentHash,
}

/// When a consumer commits a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ack {
    /// Once it has processed it: at least once.
    After,
    /// On receipt: at most once.
    Before,
}

/// Where a group without committed offset begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Beginning {
    /// At the first message there is.
    First,
    /// After the last message there is.
    Last,
}

/// How long a failed message waits for its next turn.
#[derive(Clone, PartialEq, Debug)]
pub enum RetryDelay {
    /// Alike each time.
    Each(Distribution),
    /// One for each retry; the last one for all that follow.
    List(Vec<Distribution>),
}

impl RetryDelay {
    /// The delay before retry number `n`, from 1.
    #[must_use]
    pub fn of(&self, n: u32) -> Distribution {
        match self {
            Self::Each(delay) => *delay,
            Self::List(delays) => {
                let last = delays.len().saturating_sub(1);
                delays.get((n.saturating_sub(1) as usize).min(last)).copied().unwrap_or(Distribution::ZERO)
            }
        }
    }
}

/// Something that processes messages.
#[derive(Clone, PartialEq, Debug)]
pub struct ConsumerPlan {
    /// Its group.
    pub group: GroupId,
    /// How many messages at a time.
    pub threads: u32,
    /// Processing of one message by one thread.
    pub service_time: Distribution,
    /// Probability that one processing fails.
    pub failure_rate: f64,
    /// Probability that a message fails every time.
    pub poison_rate: f64,
    /// The service called while processing.
    pub calls: Option<NodeId>,
    /// Patience for that call.
    pub call_timeout: Span,
    /// Where a message goes for each one done.
    pub publishes: Option<TopicId>,
    /// When it starts.
    pub joins: Time,
    /// When it leaves with goodbye.
    pub leaves: Option<Time>,
}

/// Something that answers calls.
#[derive(Clone, PartialEq, Debug)]
pub struct ServicePlan {
    /// How many calls at a time.
    pub workers: u32,
    /// For one call.
    pub service_time: Distribution,
    /// Calls waiting beyond this are refused.
    pub queue_limit: u32,
}
