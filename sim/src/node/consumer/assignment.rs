//! Where an assignment is computed: the rules by which each consumer works out for itself which queues are its own.
//!
//! All members compute with the same rule, each with its own beliefs about members and queues; where beliefs differ, two
//! may take one queue, or none. The rules are Apache RocketMQ's (`AllocateMessageQueueAveragely`,
//! `…AveragelyByCircle`, `…ConsistentHash`).

use md5::{Digest, Md5};

use crate::plan::{Assignment, NodeId, Plan, QueueId};

/// Points of each consumer on the ring of the consistent hash.
const VIRTUAL_NODES: u32 = 10;

/// The queues of `me`, in the order of `queues`; none when `me` is not among the members.
#[must_use]
pub fn assign(rule: Assignment, plan: &Plan, queues: &[QueueId], members: &[NodeId], me: NodeId) -> Vec<QueueId> {
    let Some(place) = members.iter().position(|member| *member == me) else { return Vec::new() };
    match rule {
        Assignment::Averagely => {
            let (size, rest) = (queues.len() / members.len(), queues.len() % members.len());
            let start = place * size + place.min(rest);
            let mine = size + usize::from(place < rest);
            queues[start..start + mine].to_vec()
        }
        Assignment::Circle => queues.iter().copied().skip(place).step_by(members.len()).collect(),
        Assignment::ConsistentHash => {
            let ring = ring(plan, members);
            queues.iter().copied().filter(|queue| owner(&ring, plan, *queue) == Some(me)).collect()
        }
    }
}

/// Every member's points, in the order of the ring.
fn ring(plan: &Plan, members: &[NodeId]) -> Vec<(u32, NodeId)> {
    let points =
        |member: NodeId| (0..VIRTUAL_NODES).map(move |k| (point(&format!("{}-{k}", plan.name(member))), member));
    let mut ring: Vec<(u32, NodeId)> = members.iter().copied().flat_map(points).collect();
    ring.sort_unstable();
    ring
}

/// The owner of the first point at or after the queue's own, around the ring.
fn owner(ring: &[(u32, NodeId)], plan: &Plan, queue: QueueId) -> Option<NodeId> {
    let queue = &plan.queues[queue.index()];
    let (topic, set) = (&plan.topics[queue.topic.index()].name, &plan.sets[queue.set.index()].name);
    let at = point(&format!("MessageQueue [topic={topic}, brokerName={set}, queueId={}]", queue.index));
    let first = ring.partition_point(|(point, _)| *point < at);
    ring.get(first).or_else(|| ring.first()).map(|(_, owner)| *owner)
}

/// The first four bytes of the MD5 digest.
fn point(text: &str) -> u32 {
    let digest = Md5::digest(text.as_bytes());
    u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
}
