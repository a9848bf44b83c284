//! What can happen, as data: one enum of records, in the order in which they happened, each with what led to it.
//!
//! Whoever wants to know something about a run folds over its records. A record holds ids; its JSON, a line of the
//! trace, holds names, so writing it needs the plan. This file knows nothing of how a record came about.
//!
//! What led to the election of the new master, step by step:
//!
//! ```
//! use std::sync::Arc;
//! use queuescope::record::{Kind, Line, Record};
//! use queuescope::run::Run;
//! use queuescope::{limit, scenario};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let lesson = scenario::lesson("12-failover").expect("it is built in");
//! let plan = Arc::new(scenario::read(lesson.name, lesson.text)?);
//! let mut run = Run::with_sink(Arc::clone(&plan), plan.seed, limit::EVENTS, Vec::new());
//! while !run.advance(100_000)? {}
//! let records: Vec<Record> = std::mem::take(run.sink());
//!
//! let mut record = records.iter().rfind(|record| matches!(record.kind, Kind::Elected { .. })).expect("a failover");
//! let mut steps = vec![record];
//! while let Some(cause) = record.cause {
//!     record = &records[cause.number() as usize - 1];
//!     steps.push(record);
//! }
//! steps.reverse();
//! for record in &steps {
//!     println!("{}", serde_json::to_string(&Line { record, plan: &plan })?);
//! }
//! assert!(matches!(steps[0].kind, Kind::DeclaredDead { .. } | Kind::Crashed { .. }), "it begins with the crash of a broker");
//! # Ok(())
//! # }
//! ```

mod change;
mod line;

use std::num::NonZeroU64;
use std::sync::Arc;

use serde::Serialize;
use strum::{EnumDiscriminants, IntoStaticStr, VariantNames};

use crate::kernel::Time;
use crate::plan::{CrashMode, Epoch, GroupId, MessageId, NodeId, Offset, QueueId, SetId};

pub use self::change::Change;
pub use self::line::Line;

/// The number of a record, from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Seq(pub NonZeroU64);

impl Seq {
    /// As a plain number, from 1.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0.get()
    }
}

/// One thing that happened.
#[derive(Clone, PartialEq, Debug)]
pub struct Record {
    /// When; never falls from one record to the next.
    pub at: Time,
    /// Its number; grows.
    pub seq: Seq,
    /// The record that led to it.
    pub cause: Option<Seq>,
    /// Where it happened.
    pub node: NodeId,
    /// What happened.
    pub kind: Kind,
}

/// Who is told of each record. The type is a parameter of whoever steps the world: who wants neither report nor trace
/// pays nothing for them.
pub trait Sink {
    /// One more thing happened.
    fn record(&mut self, record: &Record);
}

/// Wants to know nothing.
impl Sink for () {
    fn record(&mut self, _: &Record) {}
}

/// Keeps every record.
impl Sink for Vec<Record> {
    fn record(&mut self, record: &Record) {
        self.push(record.clone());
    }
}

impl<A: Sink, B: Sink> Sink for (A, B) {
    fn record(&mut self, record: &Record) {
        self.0.record(record);
        self.1.record(record);
    }
}

impl<S: Sink + ?Sized> Sink for &mut S {
    fn record(&mut self, record: &Record) {
        (**self).record(record);
    }
}

/// What a message between two nodes was about: the conversation that it belongs to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A node tells a nameserver that it is alive, or the answer.
    Heartbeat,
    /// A client asks where a topic is, or is told.
    Route,
    /// The members of a group.
    Members,
    /// A broker is told who leads its set, or asked how much it has.
    Role,

    /// A node says that it leaves, or a broker is told who left.
    Goodbye,
    /// A message on its way to a queue.
    Send,
    /// The answer to it.
    SendAnswer,
    /// A consumer asks for a queue, or the answer.
    Lock,
    /// A consumer lets go of a queue, or the answer.
    Unlock,
    /// A consumer asks for messages.
    Pull,
    /// Messages for a consumer.
    PullAnswer,
    /// A committed offset, or the answer.
    Commit,
    /// What became of one message that the committed offset cannot tell: retry, dead letter, retry done; or the answer.
    Settle,
    /// A call of a service.
    Call,
    /// The answer to it.
    CallAnswer,
    /// A closed connection.
    Closed,
    /// A slave joins its master, or is sent what to copy.
    Copy,
    /// The answer to that.
    CopyAnswer,
}

/// Why a message between two nodes never arrived.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The network lost it.
    Loss,
    /// Its receiver was down.
    Down,
    /// Its receiver has begun another life since it was sent.
    Restarted,
    /// Its receiver does not run yet, or no longer.
    Absent,
    /// Sender and receiver were cut off from each other when it was sent.
    Partition,
}

/// What happened; the trace's `kind` is the variant in snake case. The order of the variants is their number in fingerprints:
/// a new one stands last.
#[derive(Clone, PartialEq, Debug, EnumDiscriminants)]
#[strum_discriminants(name(KindName), derive(IntoStaticStr, VariantNames))]
#[strum_discriminants(strum(serialize_all = "snake_case"), doc = "The kinds of record, by name.")]
pub enum Kind {
    /// An attempt to send a message left its producer. Node: the producer, or the consumer that publishes.
    Sent {
        /// The message, by its producer and number.
        message: MessageId,
        /// The queue that its producer chose.
        queue: QueueId,
        /// From 1.
        attempt: u32,
        /// Its key, from 0, where messages bear keys.
        key: Option<u32>,
    },
    /// An attempt that found no queue to send to; the message waits for a route. At most once a message.
    Unrouted {
        /// The message, by its producer and number.
        message: MessageId,
    },
    /// In the master's log.
    Stored {
        /// The message, by its producer and number.
        message: MessageId,
        /// The queue in whose log it lies.
        queue: QueueId,
        /// Its offset in that queue.
        offset: Offset,
        /// The master's epoch.
        epoch: Epoch,
    },
    /// In a slave's log.
    Replicated {
        /// The message, by its producer and number.
        message: MessageId,
        /// The queue in whose log it lies.
        queue: QueueId,
        /// Its offset in that queue.
        offset: Offset,
        /// The epoch in which it was stored.
        epoch: Epoch,
    },
    /// The producer has the broker's acknowledgement.
    Accepted {
        /// The message, by its producer and number.
        message: MessageId,
    },
    /// The producer has given up.
    Rejected {
        /// The message, by its producer and number.
        message: MessageId,
    },
    /// A message between two nodes that never arrives. Node: the sender.
    Dropped {
        /// The node that sent it.
        from: NodeId,
        /// The node that it was sent to.
        to: NodeId,
        /// What it was about.
        what: What,
        /// Why it never arrives.
        why: Why,
    },
    /// A consumer's whole assignment after a change.
    Assigned {
        /// The group that the consumer belongs to.
        group: GroupId,
        /// In the plan's order.
        queues: Arc<[QueueId]>,
    },
    /// A group begins to read a queue, here: what lies before is skipped. Node: the broker.
    Begun {
        /// The consumer group.
        group: GroupId,
        /// The queue.
        queue: QueueId,
        /// The first offset that it reads.
        offset: Offset,
    },
    /// A pull held open. Node: the broker.
    Held {
        /// The group that pulls.
        group: GroupId,
        /// The queue that the pull is for.
        queue: QueueId,
    },
    /// A held pull answered because a message came. Node: the broker.
    Woken {
        /// The group that pulls.
        group: GroupId,
        /// The queue that the pull is for.
        queue: QueueId,
    },
    /// Offsets handed out. Node: the broker.
    Delivered {
        /// The group that pulls.
        group: GroupId,
        /// The queue.
        queue: QueueId,
        /// The first.
        from: Offset,
        /// The one after the last.
        to: Offset,
    },
    /// A thread has begun to process. Node: the consumer.
    Started {
        /// The group that the consumer belongs to.
        group: GroupId,
        /// The message, by its producer and number.
        message: MessageId,
        /// The queue that it was pulled from.
        queue: QueueId,
        /// Its offset in that queue.
        offset: Offset,
    },
    /// Processed. Node: the consumer.
    Finished {
        /// The group that the consumer belongs to.
        group: GroupId,
        /// The message, by its producer and number.
        message: MessageId,
        /// The queue that it was pulled from.
        queue: QueueId,
        /// Its offset in that queue.
        offset: Offset,
    },
    /// Processing failed. Node: the consumer.
    Failed {
        /// The group that the consumer belongs to.
        group: GroupId,
        /// The message, by its producer and number.
        message: MessageId,
        /// The queue that it was pulled from.
        queue: QueueId,
        /// Its offset in that queue.
        offset: Offset,
    },
    /// Passed over, because the group has done it. Node: the consumer.
    Deduplicated {
        /// The group that the consumer belongs to.
        group: GroupId,
        /// The message, by its producer and number.
        message: MessageId,
        /// The queue that it was pulled from.
        queue: QueueId,
        /// Its offset in that queue.
        offset: Offset,
    },
    /// The position up to which a group is done. Node: the broker.
    Committed {
        /// The consumer group.
        group: GroupId,
        /// The queue whose messages it has processed.
        queue: QueueId,
        /// Up to here, exclusive.
        offset: Offset,
    },
    /// What lies before is deleted. Node: the broker.
    Deleted {
        /// The queue.
        queue: QueueId,
        /// The first that is left.
        offset: Offset,
    },
    /// In the group's retry queue. Node: the broker; of an ordered group, the consumer.
    Retried {
        /// The consumer group.
        group: GroupId,
        /// The message, by its producer and number.
        message: MessageId,
    },
    /// In the group's dead-letter queue. Node: the broker.
    DeadLettered {
        /// The consumer group.
        group: GroupId,
        /// The message, by its producer and number.
        message: MessageId,
    },
    /// Accepted, and nothing that is left can ever bring it to the group. Node: where the last copy went.
    Lost {
        /// The consumer group.
        group: GroupId,
        /// The message, by its producer and number.
        message: MessageId,
    },
    /// A replica drops its tail.
    Truncated {
        /// The queue.
        queue: QueueId,
        /// The first that is gone.
        from: Offset,
        /// The one after the last.
        to: Offset,
    },
    /// A node is alive to a nameserver. Node: the nameserver.
    Registered {
        /// The node.
        of: NodeId,
    },
    /// A node is dead to a nameserver. Node: the nameserver.
    DeclaredDead {
        /// The node.
        of: NodeId,
    },
    /// A broker set has a new epoch. Node: the new master.
    Elected {
        /// The broker set.
        set: SetId,
        /// Number of the election.
        epoch: Epoch,
    },
    /// A node that was not there from the beginning starts.
    Joined,
    /// A consumer has said goodbye and is gone.
    Left,
    /// A fault: memory is gone.
    Crashed {
        /// The host, with or without its disk, or only the process.
        mode: CrashMode,
    },
    /// The end of a crash.
    Restarted,
    /// A fault: it does nothing.
    Paused,
    /// The end of a pause.
    Resumed,
    /// A setting has another value; a node is slow by a factor; a partition, a link fault or a full disk begins or ends.
    Changed {
        /// What is different from now on.
        change: Arc<Change>,
    },
    /// A call left its caller.
    Called {
        /// The call, by its caller and number.
        call: MessageId,
        /// The service that is called.
        service: NodeId,
    },
    /// The caller has the answer.
    Answered {
        /// The call, by its caller and number.
        call: MessageId,
        /// The service that was called.
        service: NodeId,
    },
    /// The service has no room for a call. Node: the service.
    Refused {
        /// The call, by its caller and number.
        call: MessageId,
        /// The service that was called.
        service: NodeId,
    },
    /// The caller waits no longer.
    Unanswered {
        /// The call, by its caller and number.
        call: MessageId,
        /// The service that was called.
        service: NodeId,
    },
    /// A worker begins with a call. Node: the service.
    Serving {
        /// The call, by its caller and number.
        call: MessageId,
    },
    /// A worker has ended a call. Node: the service.
    Served {
        /// The call, by its caller and number.
        call: MessageId,
    },
    /// Accepted, and nothing that is left can bring it to the group: it was deleted by age. Node: the broker; where its
    /// last copy went.
    Expired {
        /// The consumer group.
        group: GroupId,
        /// The message, by its producer and number.
        message: MessageId,
    },
    /// Accepted, and it will never come to the group, which has begun behind it. Node: the broker.
    Skipped {
        /// The consumer group.
        group: GroupId,
        /// The message, by its producer and number.
        message: MessageId,
    },
}

impl Kind {
    /// Whether it is a step that each message takes where all goes well: nearly all records are.
    #[must_use]
    pub const fn is_routine(&self) -> bool {
        match self {
            Self::Sent { .. }
            | Self::Stored { .. }
            | Self::Replicated { .. }
            | Self::Accepted { .. }
            | Self::Held { .. }
            | Self::Woken { .. }
            | Self::Delivered { .. }
            | Self::Started { .. }
            | Self::Finished { .. }
            | Self::Committed { .. }
            | Self::Deleted { .. } => true,
            Self::Unrouted { .. }
            | Self::Rejected { .. }
            | Self::Dropped { .. }
            | Self::Assigned { .. }
            | Self::Begun { .. }
            | Self::Failed { .. }
            | Self::Deduplicated { .. }
            | Self::Retried { .. }
            | Self::DeadLettered { .. }
            | Self::Lost { .. }
            | Self::Expired { .. }
            | Self::Skipped { .. }
            | Self::Truncated { .. }
            | Self::Registered { .. }
            | Self::DeclaredDead { .. }
            | Self::Elected { .. }
            | Self::Joined
            | Self::Left
            | Self::Crashed { .. }
            | Self::Restarted
            | Self::Paused
            | Self::Resumed
            | Self::Changed { .. }
            | Self::Called { .. }
            | Self::Answered { .. }
            | Self::Refused { .. }
            | Self::Unanswered { .. }
            | Self::Serving { .. }
            | Self::Served { .. } => false,
        }
    }

    /// Its position among [`KindName::ALL`].
    #[must_use]
    pub fn number(&self) -> usize {
        KindName::from(self) as usize
    }

    /// Its name in the trace.
    #[must_use]
    pub fn name(&self) -> &'static str {
        KindName::from(self).into()
    }
}

impl KindName {
    /// The names, as the trace and `when = { kind = … }` write them.
    pub const ALL: &[&str] = <Self as VariantNames>::VARIANTS;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_fits_into_a_line_of_the_cache() {
        assert_eq!(size_of::<Record>(), 64, "each is written and read many times over");
    }
}
