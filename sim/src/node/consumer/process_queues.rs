//! The process queues of a consumer, in the order of their queues. It knows nothing of how they are used.

use std::ops::{Deref, DerefMut};

use super::process_queue::ProcessQueue;
use crate::plan::QueueId;

/// Process queues by queue. To find one, only the ids are searched, which lie together in memory: a process queue is large.
#[derive(Clone, Default, Debug)]
pub(super) struct ProcessQueues {
    /// Each one's queue.
    queues: Vec<QueueId>,
    list: Vec<ProcessQueue>,
}

impl ProcessQueues {
    /// Where the process queue of a queue is, or would be.
    pub(super) fn place(&self, queue: QueueId) -> Result<usize, usize> {
        self.queues.binary_search(&queue)
    }

    /// One more, where [`Self::place`] says that it would be.
    pub(super) fn insert(&mut self, place: usize, process_queue: ProcessQueue) {
        self.queues.insert(place, process_queue.lease.queue);
        self.list.insert(place, process_queue);
    }

    /// One less.
    pub(super) fn remove(&mut self, place: usize) -> ProcessQueue {
        self.queues.remove(place);
        self.list.remove(place)
    }
}

impl Deref for ProcessQueues {
    type Target = [ProcessQueue];

    fn deref(&self) -> &[ProcessQueue] {
        &self.list
    }
}

/// (The queue of a process queue never changes.)
impl DerefMut for ProcessQueues {
    fn deref_mut(&mut self) -> &mut [ProcessQueue] {
        &mut self.list
    }
}
