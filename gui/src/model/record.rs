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
    match kind {
        Kind::Sent { message, .. }
        | Kind::Unrouted { message }
        | Kind::Stored { message, .. }
        | Kind::Replicated { message, .. }
        | Kind::Accepted { message }
        | Kind::Rejected { message }
        | Kind::Started { message, .. }
        | Kind::Finished { message, .. }
        | Kind::Failed { message, .. }
        | Kind::Deduplicated { message, .. }
        | Kind::Retried { message, .. }
        | Kind::DeadLettered { message, .. }
        | Kind::Lost { message, .. }
        | Kind::Expired { message, .. }
        | Kind::Skipped { message, .. } => Some(*message),
        Kind::Called { call, .. }
        | Kind::Answered { call, .. }
        | Kind::Refused { call, .. }
        | Kind::Unanswered { call, .. }
        | Kind::Serving { call }
        | Kind::Served { call } => Some(*call),
        Kind::Dropped { .. }
        | Kind::Assigned { .. }
        | Kind::Begun { .. }
        | Kind::Held { .. }
        | Kind::Woken { .. }
        | Kind::Delivered { .. }
        | Kind::Committed { .. }
        | Kind::Deleted { .. }
        | Kind::Truncated { .. }
        | Kind::Registered { .. }
        | Kind::DeclaredDead { .. }
        | Kind::Elected { .. }
        | Kind::Joined
        | Kind::Left
        | Kind::Crashed { .. }
        | Kind::Restarted
        | Kind::Paused
        | Kind::Resumed
        | Kind::Changed { .. } => None,
    }
}

/// The queue that a record is about, if it is about one.
#[must_use]
pub const fn queue(kind: &Kind) -> Option<QueueId> {
    match kind {
        Kind::Sent { queue, .. }
        | Kind::Stored { queue, .. }
        | Kind::Replicated { queue, .. }
        | Kind::Begun { queue, .. }
        | Kind::Held { queue, .. }
        | Kind::Woken { queue, .. }
        | Kind::Delivered { queue, .. }
        | Kind::Started { queue, .. }
        | Kind::Finished { queue, .. }
        | Kind::Failed { queue, .. }
        | Kind::Deduplicated { queue, .. }
        | Kind::Committed { queue, .. }
        | Kind::Deleted { queue, .. }
        | Kind::Truncated { queue, .. } => Some(*queue),
        Kind::Unrouted { .. }
        | Kind::Accepted { .. }
        | Kind::Rejected { .. }
        | Kind::Dropped { .. }
        | Kind::Assigned { .. }
        | Kind::Retried { .. }
        | Kind::DeadLettered { .. }
        | Kind::Lost { .. }
        | Kind::Expired { .. }
        | Kind::Skipped { .. }
        | Kind::Registered { .. }
        | Kind::DeclaredDead { .. }
        | Kind::Elected { .. }
        | Kind::Joined
        | Kind::Left
        | Kind::Crashed { .. }
        | Kind::Restarted
        | Kind::Paused
        | Kind::Resumed
        | Kind::Changed { .. }
        | Kind::Called { .. }
        | Kind::Answered { .. }
        | Kind::Refused { .. }
        | Kind::Unanswered { .. }
        | Kind::Serving { .. }
        | Kind::Served { .. } => None,
    }
}

/// Whether a record concerns a node: it happened there, or is about it.
#[must_use]
pub fn concerns(record: &Record, node: NodeId) -> bool {
    let about = match record.kind {
        Kind::Registered { of } | Kind::DeclaredDead { of } => Some(of),
        Kind::Dropped { to, .. } => Some(to),
        Kind::Called { service, .. } | Kind::Answered { service, .. } | Kind::Unanswered { service, .. } => {
            Some(service)
        }
        _ => None,
    };
    record.node == node || about == Some(node)
}
