//! Something about each of many messages of a queue, by where they lie.
//!
//! What is kept of messages that failed grows with the run. So it lies in parts by offset, which copies share until one
//! of them writes there: a snapshot costs as much as there are parts.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::MessageRef;

/// Offsets of a part.
const PART: u64 = 256;

/// Something about each of many stored messages, by offset.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MessageMap<T>(BTreeMap<u64, Arc<BTreeMap<MessageRef, T>>>);

impl<T> Default for MessageMap<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T> MessageMap<T> {
    /// What is kept of a stored message.
    #[must_use]
    pub fn get(&self, message_ref: MessageRef) -> Option<&T> {
        self.0.get(&(message_ref.offset.0 / PART))?.get(&message_ref)
    }

    /// All that is kept, in order.
    pub fn iter(&self) -> impl Iterator<Item = (MessageRef, &T)> {
        self.0.values().flat_map(|part| part.iter()).map(|(message_ref, thing)| (*message_ref, thing))
    }

    /// Of how many messages something is kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.values().map(|part| part.len()).sum()
    }

    /// Whether nothing is kept of any message.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Clone> MessageMap<T> {
    /// Removes what is kept of a stored message.
    pub(crate) fn remove(&mut self, message_ref: MessageRef) {
        let part = message_ref.offset.0 / PART;
        let Some(there) = self.0.get_mut(&part).filter(|there| there.contains_key(&message_ref)) else { return };
        Arc::make_mut(there).remove(&message_ref);
        if there.is_empty() {
            self.0.remove(&part);
        }
    }
}

impl<T: Clone + Default> MessageMap<T> {
    /// What is kept of a stored message, to be changed; the default if nothing was.
    pub(crate) fn at(&mut self, message_ref: MessageRef) -> &mut T {
        Arc::make_mut(self.0.entry(message_ref.offset.0 / PART).or_default()).entry(message_ref).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Offset;
    use crate::plan::{MessageId, NodeId};

    fn message_ref(offset: u64, number: u32) -> MessageRef {
        MessageRef { offset: Offset(offset), message: MessageId { producer: NodeId(0), number } }
    }

    #[test]
    fn a_copy_keeps_what_it_had_and_shares_what_did_not_change() {
        let mut message_refs = MessageMap::default();
        for n in [700, 3, 300] {
            *message_refs.at(message_ref(u64::from(n), n)) = n;
        }
        *message_refs.at(message_ref(3, 4)) = 4;
        let copy = message_refs.clone();
        *message_refs.at(message_ref(3, 3)) += 100;
        *message_refs.at(message_ref(9, 9)) += 9;
        let all = |message_refs: &MessageMap<u32>| {
            message_refs.iter().map(|(message_ref, n)| (message_ref.offset.0, *n)).collect::<Vec<_>>()
        };
        assert_eq!(all(&copy), [(3, 3), (3, 4), (300, 300), (700, 700)], "in order, two at one offset");
        assert_eq!(all(&message_refs), [(3, 103), (3, 4), (9, 9), (300, 300), (700, 700)]);
        assert_eq!(
            (copy.len(), message_refs.len(), copy.get(message_ref(9, 9)), message_refs.get(message_ref(3, 9))),
            (4, 5, None, None)
        );
        let shared = |part| Arc::ptr_eq(&message_refs.0[&part], &copy.0[&part]);
        assert_eq!([0, 1, 2].map(shared), [false, true, true]);
    }

    #[test]
    fn what_is_removed_is_gone_from_here_alone() {
        let mut message_refs = MessageMap::default();
        for n in [3, 4, 300] {
            *message_refs.at(message_ref(u64::from(n), n)) = n;
        }
        let copy = message_refs.clone();
        for gone in [message_ref(3, 3), message_ref(300, 300), message_ref(4, 9)] {
            message_refs.remove(gone);
        }
        assert_eq!((message_refs.iter().map(|(_, n)| *n).collect::<Vec<_>>(), copy.len()), (vec![4], 3));
        message_refs.remove(message_ref(4, 4));
        assert!(message_refs.is_empty());
    }
}
