//! A replica's log of one queue, as its lines tell it.

use std::collections::BTreeMap;

/// A message on a log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TracedEntry {
    /// Which.
    pub message: String,
    /// The epoch in which it was stored.
    pub epoch: u32,
}

/// A replica's log of one queue.
#[derive(Clone, Default, Debug)]
pub struct TracedReplica {
    /// By offset; those before the start as they were, since the next ones follow them.
    pub entries: BTreeMap<u64, TracedEntry>,
    /// The first that is not deleted.
    pub start: u64,
    /// One past the last.
    pub end: u64,
}

impl TracedReplica {
    pub(super) fn push(&mut self, offset: u64, held: TracedEntry) {
        if offset != self.end {
            self.entries.split_off(&offset);
            self.start = offset;
        }
        self.entries.insert(offset, held);
        self.end = offset + 1;
    }

    /// Drops the tail.
    pub fn cut(&mut self, from: u64) {
        self.entries.split_off(&from);
        self.end = self.end.min(from);
        self.start = self.start.min(self.end);
    }

    pub(super) fn delete(&mut self, before: u64) {
        self.start = self.start.max(before);
        self.end = self.end.max(self.start);
    }

    /// What is there at an offset.
    #[must_use]
    pub fn get(&self, offset: u64) -> Option<&TracedEntry> {
        self.entries.get(&offset).filter(|_| offset >= self.start)
    }

    /// The first offset at which both have something, and not the same.
    #[must_use]
    pub fn differs(&self, other: &Self) -> Option<u64> {
        let range = self.start.max(other.start)..;
        self.entries
            .range(range)
            .find(|(offset, held)| other.get(**offset).is_some_and(|it| it != *held))
            .map(|at| *at.0)
    }
}
