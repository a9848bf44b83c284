//! What a record concerns: a message, a queue, a node; and which records are routine or alarming.

use queuescope::plan::{MessageId, NodeId, QueueId};
use queuescope::record::{Kind, Record};

/// Whether a record is routine, which is hidden until somebody asks for it.
#[must_use]
pub const fn is_routine(kind: &Kind) -> bool {
    matches!(kind, Kind::Held { .. } | Kind::Woken { .. } | Kind::Deleted { .. })
}

/// Whether a record says that something went wrong.
#[must_use]
pub fn is_alarming(kind: &Kind) -> bool {
    match kind {
        Kind::Changed { change } => change.begins_trouble(),
        Kind::Rejected { .. }
        | Kind::Dropped { .. }
        | Kind::Failed { .. }
        | Kind::DeadLettered { .. }
        | Kind::Lost { .. }
        | Kind::Expired { .. }
        | Kind::Truncated { .. }
        | Kind::DeclaredDead { .. }
        | Kind::Crashed { .. }
        | Kind::Paused
        | Kind::Refused { .. }
        | Kind::Unanswered { .. } => true,
        Kind::Sent { .. }
        | Kind::Unrouted { .. }
        | Kind::Stored { .. }
        | Kind::Replicated { .. }
        | Kind::Accepted { .. }
        | Kind::Assigned { .. }
        | Kind::Begun { .. }
        | Kind::Held { .. }
        | Kind::Woken { .. }
        | Kind::Delivered { .. }
        | Kind::Started { .. }
        | Kind::Finished { .. }
        | Kind::Deduplicated { .. }
        | Kind::Committed { .. }
        | Kind::Deleted { .. }
        | Kind::Retried { .. }
        | Kind::Skipped { .. }
        | Kind::Registered { .. }
        | Kind::Elected { .. }
        | Kind::Joined
        | Kind::Left
        | Kind::Restarted
        | Kind::Resumed
        | Kind::Called { .. }
        | Kind::Answered { .. }
        | Kind::Serving { .. }
        | Kind::Served { .. } => false,
    }
}

/// The message or the call that a record is about, if it is about one.
#[must_use]
pub const fn message(kind: &Kind) -> Option<MessageId> {
    subjects(kind).message
}

/// The queue that a record is about, if it is about one.
#[must_use]
pub const fn queue(kind: &Kind) -> Option<QueueId> {
    subjects(kind).queue
}

/// Whether a record concerns a node: it happened there, or is about it.
#[must_use]
pub fn concerns(record: &Record, node: NodeId) -> bool {
    record.node == node || subjects(&record.kind).node == Some(node)
}

/// What a record is about, besides the node at which it happened.
struct Subjects {
    /// A message, or a call.
    message: Option<MessageId>,
    queue: Option<QueueId>,
    node: Option<NodeId>,
}

/// What a record is about. A kind of record that is new has to say so here.
const fn subjects(kind: &Kind) -> Subjects {
    const NONE: Subjects = Subjects { message: None, queue: None, node: None };
    match kind {
        Kind::Sent { message, queue, .. }
        | Kind::Stored { message, queue, .. }
        | Kind::Replicated { message, queue, .. }
        | Kind::Started { message, queue, .. }
        | Kind::Finished { message, queue, .. }
        | Kind::Failed { message, queue, .. }
        | Kind::Deduplicated { message, queue, .. } => {
            Subjects { message: Some(*message), queue: Some(*queue), ..NONE }
        }
        Kind::Unrouted { message }
        | Kind::Accepted { message }
        | Kind::Rejected { message }
        | Kind::Retried { message, .. }
        | Kind::DeadLettered { message, .. }
        | Kind::Lost { message, .. }
        | Kind::Expired { message, .. }
        | Kind::Skipped { message, .. }
        | Kind::Refused { call: message, .. }
        | Kind::Serving { call: message }
        | Kind::Served { call: message } => Subjects { message: Some(*message), ..NONE },
        Kind::Begun { queue, .. }
        | Kind::Held { queue, .. }
        | Kind::Woken { queue, .. }
        | Kind::Delivered { queue, .. }
        | Kind::Committed { queue, .. }
        | Kind::Deleted { queue, .. }
        | Kind::Truncated { queue, .. } => Subjects { queue: Some(*queue), ..NONE },
        Kind::Called { call, service } | Kind::Answered { call, service } | Kind::Unanswered { call, service } => {
            Subjects { message: Some(*call), node: Some(*service), ..NONE }
        }
        Kind::Registered { of: node } | Kind::DeclaredDead { of: node } | Kind::Dropped { to: node, .. } => {
            Subjects { node: Some(*node), ..NONE }
        }
        Kind::Assigned { .. }
        | Kind::Elected { .. }
        | Kind::Joined
        | Kind::Left
        | Kind::Crashed { .. }
        | Kind::Restarted
        | Kind::Paused
        | Kind::Resumed
        | Kind::Changed { .. } => NONE,
    }
}
