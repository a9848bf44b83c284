//! What happens in the course of a run, what is expected of it, and what is said about it: changes, expectations, notes,
//! questions. Faults are in `fault`.

use super::{GroupId, NodeId, QueueId, SetId, Text, TopicId};
use crate::kernel::{Distribution, Span, Time};

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
    /// Of a broker.
    StoreTime(Distribution),
    /// Of a broker.
    StoreLimit(u32),
    /// Of a service.
    QueueLimit(u32),
}

impl Setting {
    /// Which one it is.
    #[must_use]
    pub const fn parameter(&self) -> Parameter {
        match self {
            Self::Interval(_) => Parameter::Interval,
            Self::ServiceTime(_) => Parameter::ServiceTime,
            Self::Threads(_) => Parameter::Threads,
            Self::Workers(_) => Parameter::Workers,
            Self::FailureRate(_) => Parameter::FailureRate,
            Self::StoreTime(_) => Parameter::StoreTime,
            Self::StoreLimit(_) => Parameter::StoreLimit,
            Self::QueueLimit(_) => Parameter::QueueLimit,
        }
    }
}

/// What can have another value while a run goes on: the settings of [`Setting`], and what faults change that do
/// not take a node away.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Parameter {
    /// Of a producer.
    Interval,
    /// Of a consumer or service.
    ServiceTime,
    /// Of a consumer.
    Threads,
    /// Of a service.
    Workers,
    /// Of a consumer.
    FailureRate,
    /// Of a broker.
    StoreTime,
    /// Of a broker.
    StoreLimit,
    /// Of a service.
    QueueLimit,
    /// The factor of the fault of that name.
    Slow,
    /// Who is cut off from whom: the fault of that name.
    Partition,
    /// What a link is like: the fault of that name.
    Link,
    /// Whether a broker's disk is full: the fault of that name.
    DiskFull,
}

impl Parameter {
    /// Its key in the file.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Interval => "interval",
            Self::ServiceTime => "service_time",
            Self::Threads => "threads",
            Self::Workers => "workers",
            Self::FailureRate => "failure_rate",
            Self::StoreTime => "store_time",
            Self::StoreLimit => "store_limit",
            Self::QueueLimit => "queue_limit",
            Self::Slow => "slow",
            Self::Partition => "partition",
            Self::Link => "link",
            Self::DiskFull => "disk_full",
        }
    }

    /// Whether it tells of a partition, a link fault or a full disk.
    #[must_use]
    pub const fn is_fault(self) -> bool {
        matches!(self, Self::Partition | Self::Link | Self::DiskFull)
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
