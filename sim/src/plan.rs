//! The plan: a scenario compiled to ids and integers, all that a run needs to know beforehand.
//!
//! Everything here is fixed before the first event. Ids are positions in the plan's lists, given in the order of the
//! file; names are for people. It knows nothing of files: `scenario` makes it, `world` runs it, `observe` reads names
//! and settings from it.

use serde::{Serialize, Serializer};

use crate::kernel::{Distribution, Span, Time};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
        pub struct $name(pub u32);

        impl $name {
            /// Its position in the plan's list.
            #[must_use]
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl From<usize> for $name {
            fn from(index: usize) -> Self {
                Self(u32::try_from(index).expect("the limits keep every list below 2^32"))
            }
        }
    )*};
}

ids! {
    /// A nameserver, broker, producer, consumer or service: a position in [`Plan::nodes`].
    NodeId;
    /// A master and its slaves: a position in [`Plan::sets`].
    SetId;
    /// A position in [`Plan::topics`].
    TopicId;
    /// A position in [`Plan::queues`].
    QueueId;
    /// A position in [`Plan::groups`].
    GroupId;
}

/// The name of a message, or of a call: who began it, and its number from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MessageId {
    /// The producer, or the consumer that publishes or calls.
    pub producer: NodeId,
    /// From 1, without gaps.
    pub number: u32,
}

/// A text for people, in both languages.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Text {
    /// English.
    pub en: String,
    /// 简体中文; the English text where the file has only one.
    pub zh: String,
}

/// A scenario compiled: what is in it, who takes part, what happens to them and what is expected.
#[derive(Clone, PartialEq, Debug)]
pub struct Plan {
    /// The file's name without folder and ending; the report's `scenario`.
    pub scenario: String,
    /// What the file calls itself.
    pub title: Text,
    /// Watch, predict, try; empty where the file has none.
    pub summary: Text,
    /// Where all randomness begins.
    pub seed: u64,
    /// How long producers send.
    pub duration: Span,
    /// How long what is left may drain after that.
    pub settle: Span,
    /// Between any two nodes.
    pub network: NetworkPlan,
    /// Periods and patience.
    pub timers: Timers,
    /// Nameservers, then each broker set's replicas, services, producers, consumers, each in file order.
    pub nodes: Vec<NodePlan>,
    /// Broker sets in file order.
    pub sets: Vec<SetPlan>,
    /// Topics in file order.
    pub topics: Vec<TopicPlan>,
    /// Each topic's queues: broker sets in file order, then index.
    pub queues: Vec<QueuePlan>,
    /// Groups in file order.
    pub groups: Vec<GroupPlan>,
    /// How consumers that publish send: the profile's defaults for producers.
    pub publishing: Attempts,
    /// In the order of the file.
    pub faults: Vec<FaultPlan>,
    /// In the order of the file.
    pub changes: Vec<ChangePlan>,
    /// In the order of the file.
    pub expectations: Vec<Expectation>,
    /// In the order of the file.
    pub notes: Vec<Note>,
    /// In the order of the file.
    pub questions: Vec<Question>,
}

/// `[network]`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct NetworkPlan {
    /// One way, between any two nodes.
    pub latency: Distribution,
    /// Probability that a message between two nodes is dropped.
    pub loss: f64,
}

/// `[timers]`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Timers {
    /// Every broker, producer and consumer to every nameserver.
    pub heartbeat: Span,
    /// A node silent for longer is dead to a nameserver.
    pub expire: Span,
    /// How often a nameserver looks.
    pub scan: Span,
    /// How clients hear of changes.
    pub route_refresh: RouteRefresh,
    /// How often a consumer recomputes its assignment.
    pub rebalance: Span,
    /// How long a broker holds a pull open.
    pub long_poll: Span,
    /// How often a consumer sends what it is done with; zero: after each message.
    pub commit: Span,
    /// How often a master tells its slaves the committed offsets; zero: with each commit.
    pub offset_sync: Span,
    /// Any other request without an answer is repeated after this.
    pub call: Span,
}

/// How clients hear of a changed route.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RouteRefresh {
    /// The nameserver tells them at once.
    Push,
    /// They ask this often.
    Poll(Span),
}

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

/// A broker set: a master and its slaves.
#[derive(Clone, PartialEq, Debug)]
pub struct SetPlan {
    /// The name of its `[[brokers]]` entry, and of its first replica.
    pub name: String,
    /// The first is the master to begin with.
    pub replicas: Vec<NodeId>,
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
    pub queues: Vec<QueueId>,
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
    pub groups: Vec<GroupId>,
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
    pub slot: u32,
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
    pub slot: u32,
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

/// Something that breaks, and for how long.
#[derive(Clone, PartialEq, Debug)]
pub struct FaultPlan {
    /// When.
    pub at: Time,
    /// For how long; none: for good.
    pub lasts: Option<Span>,
    /// What.
    pub fault: Fault,
}

/// What breaks.
#[derive(Clone, PartialEq, Debug)]
pub enum Fault {
    /// Memory is gone.
    Crash {
        /// Who.
        node: NodeId,
        /// The host or only the process.
        mode: CrashMode,
    },
    /// Does nothing: late, not dead.
    Pause {
        /// Who.
        node: NodeId,
    },
    /// Service or store time is multiplied.
    Slow {
        /// Who.
        node: NodeId,
        /// By this.
        factor: f64,
    },
}

/// What a crash takes with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CrashMode {
    /// Silent, and what was not flushed is gone.
    Host,
    /// Connections close, and what was written stays.
    Process,
}

/// From a time on a setting of a node has another value.
#[derive(Clone, PartialEq, Debug)]
pub struct ChangePlan {
    /// When.
    pub at: Time,
    /// Whose.
    pub node: NodeId,
    /// Which, and to what.
    pub setting: Setting,
    /// The new value as the file writes it, for records.
    pub to: String,
}

/// A setting that can change while a run goes on. The node that it is for has it: `scenario` has seen to that.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Setting {
    /// Of a producer.
    Interval(Distribution),
    /// Of a consumer or service.
    ServiceTime(Distribution),
    /// Of a consumer.
    Threads(u32),
    /// Of a service.
    Workers(u32),
    /// Of a consumer.
    FailureRate(f64),
    /// Of a consumer: for messages first looked at from then on.
    PoisonRate(f64),
    /// Of a broker.
    StoreTime(Distribution),
    /// Of a broker.
    StoreLimit(u32),
    /// Of a service.
    QueueLimit(u32),
}

impl Setting {
    /// Its key in the file.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Interval(_) => "interval",
            Self::ServiceTime(_) => "service_time",
            Self::Threads(_) => "threads",
            Self::Workers(_) => "workers",
            Self::FailureRate(_) => "failure_rate",
            Self::PoisonRate(_) => "poison_rate",
            Self::StoreTime(_) => "store_time",
            Self::StoreLimit(_) => "store_limit",
            Self::QueueLimit(_) => "queue_limit",
        }
    }
}

/// What a figure is of: at most one is set.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Selector {
    /// Left out: the one for which the bound is hardest to meet, or the whole.
    #[default]
    Any,
    /// A group.
    Group(GroupId),
    /// A producer.
    Producer(NodeId),
    /// A topic.
    Topic(TopicId),
    /// A queue.
    Queue(QueueId),
    /// A service.
    Service(NodeId),
    /// A broker set.
    Set(SetId),
    /// A consumer.
    Consumer(NodeId),
}

/// A figure of a run: which metric, of what, over which span.
#[derive(Clone, PartialEq, Debug)]
pub struct Figure {
    /// A name from the table in `observe`, checked when the file was read.
    pub metric: &'static str,
    /// Of what.
    pub of: Selector,
    /// From when on; `Time::ZERO`: the start.
    pub from: Time,
    /// Until when; none: the end.
    pub to: Option<Time>,
}

/// `[[expect]]`.
#[derive(Clone, PartialEq, Debug)]
pub struct Expectation {
    /// What is looked at.
    pub figure: Figure,
    /// How it is compared.
    pub comparison: Comparison,
    /// With what.
    pub bound: Bound,
    /// Line of the file in which it stands, from 1.
    pub line: u32,
}

/// How a figure is compared with its bound.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Comparison {
    /// `==`
    Equals,
    /// `<=`
    AtMost,
    /// `>=`
    AtLeast,
}

/// What a figure is compared with.
#[derive(Clone, PartialEq, Debug)]
pub enum Bound {
    /// A count or ratio.
    Number(f64),
    /// A time.
    Time(Span),
    /// Another figure, times a factor.
    Figure(Figure, f64),
}

/// When a note or question is due.
#[derive(Clone, PartialEq, Debug)]
pub enum Moment {
    /// At a time.
    At(Time),
    /// After the nth record of a kind.
    When {
        /// The record's `kind`, checked when the file was read.
        kind: &'static str,
        /// From 1.
        nth: u32,
        /// So much later.
        after: Span,
    },
}

/// Narration.
#[derive(Clone, PartialEq, Debug)]
pub struct Note {
    /// When it is due.
    pub moment: Moment,
    /// What it says.
    pub text: Text,
    /// The nodes that it speaks of.
    pub focus: Vec<NodeId>,
    /// Whether the clock stops for it.
    pub pause: bool,
}

/// The learner predicts, the run gives the answer.
#[derive(Clone, PartialEq, Debug)]
pub struct Question {
    /// When it is asked.
    pub moment: Moment,
    /// What is asked.
    pub ask: Text,
    /// Where the run has the answer.
    pub answer: Answer,
    /// Why it is so.
    pub because: Text,
}

/// Where a run has the answer to a question.
#[derive(Clone, PartialEq, Debug)]
pub enum Answer {
    /// A figure.
    Figure(Figure),
    /// The consumer of a group that owns a queue at a time.
    Owner {
        /// Of which queue.
        queue: QueueId,
        /// In which group.
        group: GroupId,
        /// When.
        to: Time,
    },
}

impl Plan {
    /// The node's name.
    #[must_use]
    pub fn name(&self, node: NodeId) -> &str {
        &self.nodes[node.index()].name
    }

    /// The message's name, `producer#n`.
    #[must_use]
    pub fn message(&self, message: MessageId) -> String {
        format!("{}#{}", self.name(message.producer), message.number)
    }

    /// A stand-in for a network address, different for each node.
    #[must_use]
    pub fn address(&self, node: NodeId) -> String {
        let (high, low) = (node.0 / 250, node.0 % 250 + 1);
        format!("10.0.{high}.{low}:10911")
    }

    /// Whether `node` is a consumer, and then its settings.
    #[must_use]
    pub fn consumer(&self, node: NodeId) -> Option<&ConsumerPlan> {
        match &self.nodes[node.index()].role {
            Role::Consumer(consumer) => Some(consumer),
            _ => None,
        }
    }

    /// Whether `node` is a producer, and then its settings.
    #[must_use]
    pub fn producer(&self, node: NodeId) -> Option<&ProducerPlan> {
        match &self.nodes[node.index()].role {
            Role::Producer(producer) => Some(producer),
            _ => None,
        }
    }

    /// The topic to which a node sends messages, if it does.
    #[must_use]
    pub fn topic_sent_to(&self, node: NodeId) -> Option<TopicId> {
        match &self.nodes[node.index()].role {
            Role::Producer(ProducerPlan { target: Target::Topic(topic), .. }) => Some(*topic),
            Role::Consumer(consumer) => consumer.publishes,
            _ => None,
        }
    }

    /// Whether `node` is a broker, and then its set.
    #[must_use]
    pub fn broker_set(&self, node: NodeId) -> Option<SetId> {
        match self.nodes[node.index()].role {
            Role::Broker { set } => Some(set),
            _ => None,
        }
    }

    /// The nodes in a role that `pick` accepts, in the plan's order.
    pub fn nodes_where<'a>(&'a self, pick: impl Fn(&Role) -> bool + 'a) -> impl Iterator<Item = NodeId> + 'a {
        self.nodes.iter().enumerate().filter(move |(_, node)| pick(&node.role)).map(|(i, _)| NodeId::from(i))
    }

    /// The latest moment of a run: producers have stopped, and what could drain has drained.
    #[must_use]
    pub fn end(&self) -> Time {
        Time::ZERO + self.duration + self.settle
    }
}

impl Serialize for MessageId {
    /// As two numbers; the trace writes its name instead.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.producer, self.number).serialize(serializer)
    }
}
