//! Who takes part: nameservers, brokers, topics, producers, groups, consumers and services.

use serde_json::{Value as Json, json};

use crate::kernel::{Distribution, Span, Time};
use crate::plan::{Ack, Assignment, Beginning, Replication, Retention, RetryDelay, Select};
use crate::scenario::definitions::Defs;
use crate::scenario::duration::{Gap, Period};
use crate::scenario::profile::Profile;
use crate::scenario::reader::ScenarioReader;
use crate::scenario::section::section;
use crate::scenario::value::{
    FlushMode, KeyCount, KeyValue, MessageCount, Name, NodeCount, Probability, QueueCount, Reference, RetryCount,
    SomeMessages, Threads,
};
use crate::scenario::written::{TomlEntry, TomlItem, TomlPlace, TomlShape};

/// A period of so many seconds.
pub(super) const fn every(seconds: u64) -> Period {
    Period(Span::from_secs(seconds))
}

section! {
    /// A registry. Independent of each other; the first in the file elects.
    Nameserver, "[[nameservers]]" {
        /// Its name.
        required name: Name;
    }
}

section! {
    /// A broker set: a master and its slaves.
    Broker, "[[brokers]]" {
        /// The name of the set, and of the broker that is its master to begin with.
        required name: Name;
        /// The names of its slaves.
        default slaves: Vec<Name> = Vec::new();
        /// When a message is acknowledged: once stored on the master, or once every slave alive has it too.
        default replication: Replication = Replication::Async;
        /// How long a message waits on the master before it is shipped.
        default replication_delay: Distribution = Distribution::ZERO;
        /// The broker is busy with one message at a time, for so long.
        default store_time: Distribution = Distribution::ZERO;
        /// Requests waiting beyond this are refused.
        default store_limit: MessageCount = MessageCount(100_000);
        /// "sync": on disk before it is acknowledged; "async": every `flush_interval`.
        default flush: FlushMode = FlushMode::Sync, rocketmq FlushMode::Async;
        /// How often an asynchronous broker writes to disk.
        default flush_interval: Period = Period(Span::from_millis(500));
        /// How long a synchronous broker takes to write to disk.
        default flush_time: Distribution = Distribution::ZERO;
        /// When it comes in, with its slaves; until it has, routes leave it out.
        default joins: Time = Time::ZERO;
    }
}

section! {
    /// A topic, spread over queues.
    Topic, "[[topics]]" {
        /// Its name.
        required name: Name;
        /// Queues per broker set: { broker-1 = 2 }.
        required queues: DeclaredQueues;
        /// "consumed": deleted once every group of the topic is done with it; or the age at which it is deleted.
        default retention: Retention = Retention::Consumed, rocketmq Retention::Age(Span::from_secs(72 * 3_600));
    }
}

/// How many queues of a topic a broker set holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Share {
    pub(crate) set: Reference,
    /// Nothing where it could not be read.
    pub(crate) count: Option<u32>,
    /// Of the number.
    pub(crate) place: TomlPlace,
}

/// `{ broker-1 = 2 }`, in the order of the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct DeclaredQueues(pub(crate) Vec<Share>);

impl KeyValue for DeclaredQueues {
    fn read(item: &TomlItem, key: &str, reader: &mut ScenarioReader<'_>) -> Option<Self> {
        let TomlShape::Table(table) = &item.shape else {
            reader.wrong(key, item, "queues per broker set, like { broker-1 = 2 }", None);
            return None;
        };
        if table.entries.is_empty() {
            let message = format!("`{key}` is {}, expected at least one queue", reader.written(item));
            reader.absent(item.place, message, "expected queues, like { broker-1 = 2 }", None);
            return None;
        }
        let share = |entry: &TomlEntry| Share {
            set: Reference { name: entry.key.clone(), place: entry.key_place },
            count: QueueCount::read(&entry.item, &entry.key, reader).map(|count| count.0),
            place: entry.item.place,
        };
        Some(Self(table.entries.iter().map(share).collect()))
    }

    fn schema(defs: &mut Defs) -> Json {
        json!({ "type": "object", "additionalProperties": QueueCount::schema(defs), "minProperties": 1 })
    }
}

section! {
    /// So many messages at once.
    Burst, "a burst" {
        /// When.
        required at: Time;
        /// How many.
        required count: SomeMessages;
    }
}

/// Patience for each attempt of a producer that says nothing of it, or of a consumer that publishes.
pub(crate) const fn send_timeout(profile: Profile) -> Period {
    match profile {
        Profile::Classroom => every(1),
        Profile::RocketMq => every(3),
    }
}

/// Their further attempts.
pub(crate) const RETRIES: RetryCount = RetryCount(2);

section! {
    /// Something that sends to a topic, or calls a service.
    Producer, "[[producers]]" {
        /// Its name; with a `count` n above 1 they are name-1 to name-n.
        required name: Name;
        /// Of how many messages something is kept.
        default count: NodeCount = NodeCount(1);
        /// The topic that it sends to.
        optional topic: Reference;
        /// The service that it calls, with no queue in between.
        optional calls: Reference;
        /// Between two messages, the first one interval after the start; { exp = … } is a Poisson stream.
        optional interval: Gap;
        /// Limit on messages.
        optional messages: MessageCount;
        /// So many messages at once: [{ at = "5s", count = 1000 }].
        default bursts: Vec<Burst> = Vec::new();
        /// Which queue next: one after the other, any, or by the hash of the key.
        default select: Select = Select::RoundRobin;
        /// 0: messages bear no key; n: drawn evenly from n.
        default keys: KeyCount = KeyCount(0);
        /// Patience for each attempt.
        default send_timeout: Period = send_timeout(Profile::Classroom), rocketmq send_timeout(Profile::RocketMq);
        /// Further attempts, each on the next queue.
        default retries: RetryCount = RETRIES;
        /// When it starts.
        default starts: Time = Time::ZERO;
        /// When it stops sending; `duration` where it is left out.
        optional stops: Time;
    }
    exactly one of topic, calls;
}

const RETRY_SECONDS: [u64; 16] = [10, 30, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600, 1_200, 1_800, 3_600, 7_200];

fn rocketmq_retries() -> RetryDelay {
    RetryDelay::List(RETRY_SECONDS.iter().map(|s| Distribution::Constant(Span::from_secs(*s))).collect())
}

section! {
    /// A group of consumers: it sees every message of its topic, and one of its consumers handles it.
    Group, "[[groups]]" {
        /// Its name.
        required name: Name;
        /// The topic that it reads.
        required topic: Reference;
        /// The rule by which each consumer computes its assignment.
        default assignment: Assignment = Assignment::Averagely;
        /// The broker serves a queue to one consumer of the group at a time.
        default queue_lock: bool = true, rocketmq false;
        /// "after" processing: at least once; "before": a batch is committed on receipt, at most once.
        default ack: Ack = Ack::After;
        /// Messages per pull, at most.
        default batch: SomeMessages = SomeMessages(32);
        /// Where a group without committed offset begins.
        default from: Beginning = Beginning::First;
        /// One message of a queue at a time; a failure is retried in place and holds up its queue.
        default ordered: bool = false;
        /// A consumer skips what its group has done.
        default deduplicate: bool = false;
        /// After so many retries a message goes to the group's dead-letter queue.
        default max_retries: RetryCount = RetryCount(3), rocketmq RetryCount(16);
        /// How long a failed message waits: a distribution, or a list of durations, one per retry.
        default retry_delay: RetryDelay = RetryDelay::Each(Distribution::Constant(Span::from_secs(1))),
            rocketmq rocketmq_retries();
    }
}

section! {
    /// Something that processes messages.
    Consumer, "[[consumers]]" {
        /// Its name; with a `count` n above 1 they are name-1 to name-n.
        required name: Name;
        /// Its group.
        required group: Reference;
        /// Of how many messages something is kept.
        default count: NodeCount = NodeCount(1);
        /// How many messages at a time.
        default threads: Threads = Threads(1), rocketmq Threads(20);
        /// Processing of one message by one thread.
        default service_time: Distribution = Distribution::ZERO;
        /// Probability that one processing fails.
        default failure_rate: Probability = Probability(0.0);
        /// Probability that a message fails every time.
        default poison_rate: Probability = Probability(0.0);
        /// A service called, and awaited, while processing.
        optional calls: Reference;
        /// Patience for that call.
        default call_timeout: Period = every(5);
        /// A topic to which it sends one message for each it has done.
        optional publishes: Reference;
        /// When it starts.
        default joins: Time = Time::ZERO;
        /// When it leaves, with goodbye, after what is in hand.
        optional leaves: Time;
    }
}

section! {
    /// Something that answers calls: the database behind it all.
    Service, "[[services]]" {
        /// Its name.
        required name: Name;
        /// How many calls at a time.
        default workers: Threads = Threads(1);
        /// For one call.
        default service_time: Distribution = Distribution::ZERO;
        /// Calls waiting beyond this are refused.
        default queue_limit: MessageCount = MessageCount(1_000);
    }
}
