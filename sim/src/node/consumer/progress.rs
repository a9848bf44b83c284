//! How far a consumer is with one queue: all before a position is done, beyond it some may be.
//!
//! Threads finish in any order; what may be committed is the position of the first message that is not done. It knows
//! nothing of brokers.

use std::collections::VecDeque;

use crate::plan::Offset;

/// How far a consumer is with one queue.
#[derive(Clone, Debug, Default)]
pub(super) struct CommitProgress {
    /// All before is done.
    base: Offset,
    /// Whether each message from the base on is done.
    done: VecDeque<bool>,
}

impl CommitProgress {
    /// All before `base` is done, nothing beyond is known.
    pub(super) fn reset(&mut self, base: Offset) {
        self.base = base;
        self.done.clear();
    }

    /// All before is done.
    pub(super) const fn base(&self) -> Offset {
        self.base
    }

    /// One message is done; true if that moves the base.
    pub(super) fn finish(&mut self, offset: Offset) -> bool {
        if offset < self.base {
            return false;
        }
        let index = (offset - self.base) as usize;
        if index == 0 && self.done.is_empty() {
            // The common case of one thread.
            self.base += 1;
            return true;
        }
        if self.done.len() <= index {
            self.done.resize(index + 1, false);
        }
        self.done[index] = true;
        let before = self.base;
        while self.done.front() == Some(&true) {
            self.done.pop_front();
            self.base += 1;
        }
        self.base > before
    }

    /// There is nothing between two positions: the messages there were deleted before they were handed out.
    pub(super) fn skip(&mut self, from: Offset, to: Offset) -> bool {
        let before = self.base;
        for offset in from.max(self.base).up_to(to) {
            self.finish(offset);
        }
        self.base > before
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The base is the first number that is not done, whatever the order.
        #[test]
        fn the_base_is_the_first_that_is_not_done(order in prop::collection::vec(0_u64..40, 0..60)) {
            let mut progress = CommitProgress::default();
            let mut done = std::collections::BTreeSet::new();
            for offset in order.into_iter().map(Offset) {
                let before = progress.base();
                done.insert(offset);
                let moved = progress.finish(offset);
                let first = Offset::ZERO.onward().find(|n| !done.contains(n)).unwrap_or_default();
                prop_assert_eq!(progress.base(), first);
                prop_assert_eq!(moved, first > before);
            }
        }
    }
}
