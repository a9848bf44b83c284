//! The plan: a scenario compiled to ids and integers, all that a run needs to know beforehand.
//!
//! Everything here is fixed before the first event. Ids are positions in the plan's lists, given in the order of the
//! file; names are for people. It knows nothing of files: `scenario` makes it, `world` runs it, `observe` reads names
//! and settings from it.

mod cluster;
mod course;
mod fault;
mod offset;
mod wire;

use serde::{Serialize, Serializer};
use typed_index_collections::TiVec;

pub use self::cluster::{
    Ack, Assignment, Attempts, Beginning, Burst, ConsumerPlan, Flush, GroupPlan, NodePlan, ProducerPlan, QueuePlan,
    Replication, Retention, RetryDelay, Role, Select, ServicePlan, SetPlan, Target, TopicPlan,
};
pub use self::course::{
    Answer, Bound, ChangePlan, Comparison, Expectation, Figure, Moment, Note, Question, Selector, Setting,
};
pub use self::fault::{CrashMode, Fault, FaultPlace, FaultPlan};
pub use self::offset::Offset;
pub use self::wire::{Links, Rule, RuleValue, WireFault};

use crate::kernel::{Distribution, Span, Time, counted, hash};

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

        impl From<$name> for usize {
            fn from(id: $name) -> Self {
                id.index()
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
    /// A position in [`Plan::faults`].
    FaultId;
    /// A position in [`Plan::changes`].
    ChangeId;
    /// A replica of a broker set: a position in [`SetPlan::replicas`].
    ReplicaSlot;
    /// A queue of a broker set: a position in [`SetPlan::queues`].
    QueueSlot;
    /// A consumer group of a topic: a position in [`TopicPlan::groups`].
    GroupSlot;
}

counted! {
    /// The number of an election of a broker set: who is elected is its master until a later epoch begins. Each is given
    /// once. (Apache RocketMQ's `masterEpoch`, Kafka's leader epoch.)
    Epoch;
    /// A life of a node: from its start, or its restart, to its crash or the end of the run.
    Life;
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
    pub nodes: TiVec<NodeId, NodePlan>,
    /// Broker sets in file order.
    pub sets: TiVec<SetId, SetPlan>,
    /// Topics in file order.
    pub topics: TiVec<TopicId, TopicPlan>,
    /// Each topic's queues: broker sets in file order, then index.
    pub queues: TiVec<QueueId, QueuePlan>,
    /// Groups in file order.
    pub groups: TiVec<GroupId, GroupPlan>,
    /// How consumers that publish send: the profile's defaults for producers.
    pub publishing: Attempts,
    /// In the order of the file.
    pub faults: TiVec<FaultId, FaultPlan>,
    /// In the order of the file.
    pub changes: TiVec<ChangeId, ChangePlan>,
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

impl Plan {
    /// The node's name.
    #[must_use]
    pub fn name(&self, node: NodeId) -> &str {
        &self.nodes[node].name
    }

    /// The message's name, `producer#n`.
    #[must_use]
    pub fn message(&self, message: MessageId) -> String {
        format!("{}#{}", self.name(message.producer), message.number)
    }

    /// When a node begins.
    #[must_use]
    pub fn begins(&self, node: NodeId) -> Time {
        match &self.nodes[node].role {
            Role::Producer(producer) => producer.starts,
            Role::Consumer(consumer) => consumer.joins,
            Role::Broker { set } => self.sets[*set].joins,
            Role::Nameserver | Role::Service(_) => Time::ZERO,
        }
    }

    /// A stand-in for a network address. It is made from the node's name alone, so that one more node changes no other
    /// one's; that two nodes of a large cluster have the same one is about as likely as to win a lottery.
    #[must_use]
    pub fn address(&self, node: NodeId) -> String {
        let bits = hash(&[self.name(node), "address"]);
        let [a, b, c, d, e, ..] = bits.to_le_bytes();
        let port = u16::from_le_bytes([d, e]);
        // Brokers and nameservers have RocketMQ's ports, as where several live on one machine; clients have any.
        let port = match self.nodes[node].role {
            Role::Nameserver => 9_876,
            Role::Broker { .. } => 10_911 + port % 1_000 * 10,
            _ => 32_768 + port % 28_000,
        };
        format!("10.{a}.{b}.{c}:{port}")
    }

    /// Whether `node` is a consumer, and then its settings.
    #[must_use]
    pub fn consumer(&self, node: NodeId) -> Option<&ConsumerPlan> {
        match &self.nodes[node].role {
            Role::Consumer(consumer) => Some(consumer),
            _ => None,
        }
    }

    /// Whether `node` is a producer, and then its settings.
    #[must_use]
    pub fn producer(&self, node: NodeId) -> Option<&ProducerPlan> {
        match &self.nodes[node].role {
            Role::Producer(producer) => Some(producer),
            _ => None,
        }
    }

    /// The topic to which a node sends messages, if it does.
    #[must_use]
    pub fn topic_sent_to(&self, node: NodeId) -> Option<TopicId> {
        match &self.nodes[node].role {
            Role::Producer(ProducerPlan { target: Target::Topic(topic), .. }) => Some(*topic),
            Role::Consumer(consumer) => consumer.publishes,
            _ => None,
        }
    }

    /// The sets that have queues of a topic, each once, in file order.
    #[must_use]
    pub fn sets_of(&self, topic: TopicId) -> Vec<SetId> {
        let queues = self.topics[topic].queues.iter();
        let mut sets: Vec<SetId> = queues.map(|queue| self.queues[*queue].set).collect();
        sets.dedup();
        sets
    }

    /// Whether `node` is a broker, and then its set.
    #[must_use]
    pub fn broker_set(&self, node: NodeId) -> Option<SetId> {
        match self.nodes[node].role {
            Role::Broker { set } => Some(set),
            _ => None,
        }
    }

    /// The nodes in a role that `pick` accepts, in the plan's order.
    pub fn nodes_where<'a>(&'a self, pick: impl Fn(&Role) -> bool + 'a) -> impl Iterator<Item = NodeId> + 'a {
        self.nodes.iter().enumerate().filter(move |(_, node)| pick(&node.role)).map(|(i, _)| NodeId::from(i))
    }

    /// The nameservers: the first nodes of all.
    pub fn nameservers(&self) -> impl Iterator<Item = NodeId> + '_ {
        let count = self.nodes.iter().take_while(|node| matches!(node.role, Role::Nameserver)).count();
        (0..count).map(NodeId::from)
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
