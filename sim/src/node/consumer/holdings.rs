//! The queues in a consumer's hands, in order. It knows nothing of what becomes of them.

use std::ops::{Deref, DerefMut};

use super::holding::Holding;
use crate::plan::QueueId;

/// Holdings by queue. To find one, only the queues are looked at, which lie together: a holding is large.
#[derive(Clone, Default, Debug)]
pub(super) struct Holdings {
    /// Each one's queue.
    queues: Vec<QueueId>,
    list: Vec<Holding>,
}

impl Holdings {
    /// Where the holding of a queue is, or would be.
    pub(super) fn place(&self, queue: QueueId) -> Result<usize, usize> {
        self.queues.binary_search(&queue)
    }

    /// One more, where [`Self::place`] says that it would be.
    pub(super) fn insert(&mut self, place: usize, holding: Holding) {
        self.queues.insert(place, holding.claim.queue);
        self.list.insert(place, holding);
    }

    /// One less.
    pub(super) fn remove(&mut self, place: usize) -> Holding {
        self.queues.remove(place);
        self.list.remove(place)
    }
}

impl Deref for Holdings {
    type Target = [Holding];

    fn deref(&self) -> &[Holding] {
        &self.list
    }
}

/// What a holding is of, nobody changes.
impl DerefMut for Holdings {
    fn deref_mut(&mut self) -> &mut [Holding] {
        &mut self.list
    }
}
