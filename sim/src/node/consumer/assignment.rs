//! Where an assignment is computed: the rules by which each consumer works out for itself which queues are its own.
//!
//! All members compute with the same rule, each with its own beliefs about members and queues; where beliefs differ, two
//! may take one queue, or none. The rules are Apache RocketMQ's (`AllocateMessageQueueAveragely`,
//! `…AveragelyByCircle`, `…ConsistentHash`).

use super::hash_ring::Points;
use crate::plan::{Assignment, NodeId, Plan, QueueId};

/// The queues of `me`, in the order of `queues`, which is the plan's; none when `me` is not among the members.
#[must_use]
pub fn assign(rule: Assignment, plan: &Plan, queues: &[QueueId], members: &[NodeId], me: NodeId) -> Vec<QueueId> {
    let Some(place) = place(members, me, 0) else { return Vec::new() };
    match rule {
        Assignment::Averagely => averagely(queues, members.len(), place),
        Assignment::Circle => circle(queues, members.len(), place),
        Assignment::ConsistentHash => {
            let Some(consumer) = plan.consumer(me) else { return Vec::new() };
            let points = Points::of(plan, consumer.group);
            points.assign(&points.ring(members), queues, me)
        }
    }
}

/// Where one stands among the members; looked for around where it stood before, since mostly one or two come or go.
pub(super) fn place(members: &[NodeId], me: NodeId, before: usize) -> Option<usize> {
    let is_at = |place: &usize| members.get(*place) == Some(&me);
    (0..members.len().max(before + 1))
        .find_map(|far| Some(before + far).filter(is_at).or_else(|| before.checked_sub(far).filter(is_at)))
}

/// Contiguous blocks, the first ones larger by one where it does not come out even.
pub(super) fn averagely(queues: &[QueueId], members: usize, place: usize) -> Vec<QueueId> {
    let (size, rest) = (queues.len() / members, queues.len() % members);
    let start = place * size + place.min(rest);
    let mine = size + usize::from(place < rest);
    queues[start..start + mine].to_vec()
}

/// In turn.
pub(super) fn circle(queues: &[QueueId], members: usize, place: usize) -> Vec<QueueId> {
    queues.iter().copied().skip(place).step_by(members).collect()
}
