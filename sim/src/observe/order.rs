//! Whether messages are begun in the order in which they were sent.
//!
//! Order holds within a producer and key, or, where its messages bear no key, within a producer and queue. For each of
//! these and each group the highest number begun so far is kept, in dense tables that grow when they are first needed.

use super::targets;
use crate::kernel::Pages;
use crate::plan::{GroupId, MessageId, Plan, QueueId};

/// The highest number begun so far.
#[derive(Clone, Debug)]
pub(super) struct Order {
    /// By group, by sender to its topic, and by key or queue.
    highest: Vec<Vec<Pages<u32, 256>>>,
    /// By node: its place among those that send to its topic.
    place: Vec<u32>,
    /// By group: how many send to its topic.
    senders: Vec<u32>,
    /// Whether the node's messages bear keys.
    keyed: Vec<bool>,
    /// Each queue's position among the queues of its topic.
    position: Vec<u32>,
}

impl Order {
    pub(super) fn new(plan: &Plan) -> Self {
        let mut position = vec![0; plan.queues.len()];
        for topic in &plan.topics {
            for (place, queue) in (0..).zip(&topic.queues) {
                position[queue.index()] = place;
            }
        }
        let mut senders = vec![0; plan.topics.len()];
        let place = targets(plan).into_iter().map(|topic| {
            let count = topic.map(|topic| &mut senders[topic.index()])?;
            *count += 1;
            Some(*count - 1)
        });
        let place = place.map(Option::unwrap_or_default).collect();
        let keyed = |node: usize| plan.producer(node.into()).is_some_and(|producer| producer.keys > 0);
        Self {
            highest: vec![Vec::new(); plan.groups.len()],
            place,
            senders: plan.groups.iter().map(|group| senders[group.topic.index()]).collect(),
            keyed: (0..plan.nodes.len()).map(keyed).collect(),
            position,
        }
    }

    /// A group first begins a message; whether it has begun a later one before.
    #[inline]
    pub(super) fn begun(&mut self, group: GroupId, id: MessageId, key: u32, queue: QueueId) -> bool {
        let producer = id.producer.index();
        let line = if self.keyed[producer] { key } else { self.position[queue.index()] } as usize;
        let senders = &mut self.highest[group.index()];
        if senders.is_empty() {
            senders.resize(self.senders[group.index()] as usize, Pages::default());
        }
        let highest = senders[self.place[producer] as usize].get_mut(line);
        let late = id.number < *highest;
        *highest = id.number.max(*highest);
        late
    }
}
