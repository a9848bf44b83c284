//! What happens in the course of a run, what is expected of it, and what is said about it: changes, expectations, notes,
//! questions. Faults are in `fault`.

use super::{GroupId, NodeId, QueueId, SetId, Text, TopicId};
use crate::kernel::{Distribution, Span, Time};

/// From a time on a setting of a node has another value.
#[derive(Clone, PartialEq, Debug)]
pub struct ChangePlan {
    /// When the setting changes.
    pub at: Time,
    /// The node whose setting changes.
    pub node: NodeId,
    /// Which, and to what.
    pub setting: Setting,
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
    /// Its key in the file.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Interval(_) => "interval",
            Self::ServiceTime(_) => "service_time",
            Self::Threads(_) => "threads",
            Self::Workers(_) => "workers",
            Self::FailureRate(_) => "failure_rate",
            Self::StoreTime(_) => "store_time",
            Self::StoreLimit(_) => "store_limit",
            Self::QueueLimit(_) => "queue_limit",
        }
    }

    /// Its value as the file would write it; a duration without its quotes.
    #[must_use]
    pub fn value(&self) -> String {
        match self {
            Self::Interval(it) | Self::ServiceTime(it) | Self::StoreTime(it) => it.to_string(),
            Self::Threads(it) | Self::Workers(it) | Self::StoreLimit(it) | Self::QueueLimit(it) => it.to_string(),
            Self::FailureRate(it) => it.to_string(),
        }
    }
}

/// What a figure is of: at most one is set.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
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
        /// The queue.
        queue: QueueId,
        /// The group of the consumer.
        group: GroupId,
        /// The time at which the owner is asked for.
        to: Time,
    },
}
