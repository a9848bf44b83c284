//! Where an assignment is computed: the rules by which each consumer works out for itself which queues are its own.
//!
//! All members compute with the same rule, each with its own beliefs about members and queues; where beliefs differ, two
//! may take one queue, or none. The rules are Apache RocketMQ's (`AllocateMessageQueueAveragely`,
//! `…AveragelyByCircle`, `…ConsistentHash`).

use std::sync::Arc;

use super::hash_ring::HashRings;
use crate::plan::{Assignment, NodeId, Plan, QueueId};
use crate::protocol::Members;

/// The queues of `me`, in the order of `queues`, which is the plan's; none when `me` is not among the members.
#[must_use]
pub fn assign(rule: Assignment, plan: &Plan, queues: &[QueueId], members: &[NodeId], me: NodeId) -> Vec<QueueId> {
    let (Some(consumer), Some(place)) = (plan.consumer(me), place(members, me, 0)) else { return Vec::new() };
    let members = Arc::new(Members { group: consumer.group, version: None, consumers: members.to_vec() });
    share(rule, plan, queues, &members, place, &mut HashRings::default())
}

/// Where one stands among the members; looked for around where it stood before, since mostly one or two come or go.
pub(super) fn place(members: &[NodeId], me: NodeId, before: usize) -> Option<usize> {
    let is_at = |place: &usize| members.get(*place) == Some(&me);
    (0..members.len().max(before + 1))
        .find_map(|far| Some(before + far).filter(is_at).or_else(|| before.checked_sub(far).filter(is_at)))
}

/// The queues of the member that stands there.
pub(super) fn share(
    rule: Assignment,
    plan: &Plan,
    queues: &[QueueId],
    members: &Arc<Members>,
    place: usize,
    rings: &mut HashRings,
) -> Vec<QueueId> {
    let count = members.consumers.len();
    match rule {
        Assignment::Averagely => {
            let (size, rest) = (queues.len() / count, queues.len() % count);
            let start = place * size + place.min(rest);
            let mine = size + usize::from(place < rest);
            queues[start..start + mine].to_vec()
        }
        Assignment::Circle => queues.iter().copied().skip(place).step_by(count).collect(),
        Assignment::ConsistentHash => rings.assign(plan, members, queues, members.consumers[place]),
    }
}
