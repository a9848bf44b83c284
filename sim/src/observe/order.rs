//! Finds messages that are begun out of the order in which they were sent. It knows nothing of their places in the ledger.
//!
//! Order holds within a producer and key, or, where its messages bear no key, within a producer and queue. For each of
//! these and each group the highest number begun so far is kept, in dense tables that grow when they are first needed.

use typed_index_collections::TiVec;

use super::targets;
use crate::kernel::Pages;
use crate::plan::{GroupId, MessageId, NodeId, Plan, QueueId, TopicId};

/// The highest number begun so far, by sender and key or queue.
#[derive(Clone, Debug)]
pub(super) struct Order {
    /// By group, by sender to its topic, and by key or queue.
    highest: TiVec<GroupId, Vec<Pages<u32, 256>>>,
    /// By node: its place among those that send to its topic.
    place: TiVec<NodeId, u32>,
    /// By group: how many send to its topic.
    senders: TiVec<GroupId, u32>,
    /// Whether the node's messages bear keys.
    keyed: TiVec<NodeId, bool>,
    /// Each queue's position among the queues of its topic.
    position: TiVec<QueueId, u32>,
}

impl Order {
    pub(super) fn new(plan: &Plan) -> Self {
        let mut position: TiVec<QueueId, u32> = vec![0; plan.queues.len()].into();
        for topic in &plan.topics {
            for (place, queue) in (0..).zip(&topic.queues) {
                position[*queue] = place;
            }
        }
        let mut senders: TiVec<TopicId, u32> = vec![0; plan.topics.len()].into();
        let place = targets(plan).into_iter().map(|topic| {
            let count = topic.map(|topic| &mut senders[topic])?;
            *count += 1;
            Some(*count - 1)
        });
        let place = place.map(Option::unwrap_or_default).collect();
        let keyed = |node: NodeId| plan.producer(node).is_some_and(|producer| producer.keys > 0);
        Self {
            highest: vec![Vec::new(); plan.groups.len()].into(),
            place,
            senders: plan.groups.iter().map(|group| senders[group.topic]).collect(),
            keyed: plan.nodes.keys().map(keyed).collect(),
            position,
        }
    }

    /// A group begins a message for the first time. True if it has begun a later one before.
    #[inline]
    pub(super) fn begun(&mut self, group: GroupId, id: MessageId, key: u32, queue: QueueId) -> bool {
        let producer = id.producer;
        let index = if self.keyed[producer] { key } else { self.position[queue] } as usize;
        let senders = &mut self.highest[group];
        if senders.is_empty() {
            senders.resize(self.senders[group] as usize, Pages::default());
        }
        let highest = senders[self.place[producer] as usize].get_mut(index);
        let is_late = id.number < *highest;
        *highest = id.number.max(*highest);
        is_late
    }
}
