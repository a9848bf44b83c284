//! All messages of one sender, in tables by number: what is kept for each message, and for each message and group. It knows
//! nothing of other senders.

use typed_index_collections::{TiSlice, TiVec};

use super::state::{Message, MessageState};
use crate::kernel::Pages;
use crate::plan::{GroupId, GroupSlot, Plan, TopicId};

/// All messages of one sender; they go to one topic.
#[derive(Clone, Debug)]
pub(super) struct SenderMessages {
    pub(super) topic: Option<TopicId>,
    /// The groups of the topic.
    pub(super) groups: Box<TiSlice<GroupSlot, GroupId>>,
    messages: Pages<Message, 512>,
    /// For each message one state for each group of the topic.
    states: Pages<MessageState>,
}

impl SenderMessages {
    pub(super) fn new(plan: &Plan, topic: Option<TopicId>) -> Self {
        let groups = topic.map_or_else(TiVec::new, |topic| plan.topics[topic].groups.clone()).into_boxed_slice();
        Self { topic, groups, messages: Pages::default(), states: Pages::default() }
    }

    /// A message, by its number.
    pub(super) fn message(&self, number: u32) -> Message {
        self.messages.get(number as usize)
    }

    /// A message, by its number, to be changed.
    #[inline]
    pub(super) fn message_mut(&mut self, number: u32) -> &mut Message {
        self.messages.get_mut(number as usize)
    }

    /// The state of a message for a group, by its number.
    pub(super) fn state(&self, number: u32, slot: GroupSlot) -> MessageState {
        self.states.get(number as usize * self.groups.len() + slot.index())
    }

    /// A range with the numbers of all messages that were ever sent, and some beyond.
    pub(super) fn numbers(&self) -> std::ops::Range<u32> {
        0..self.messages.end() as u32
    }

    /// The state of a message for a group, to be changed.
    #[inline]
    pub(super) fn state_mut(&mut self, number: u32, slot: GroupSlot) -> &mut MessageState {
        self.states.get_mut(number as usize * self.groups.len() + slot.index())
    }
}
