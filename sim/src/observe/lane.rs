//! All that one node sends, in tables by number: what is kept for each message, and for each message and group.

use super::state::{Message, MessageState};
use crate::kernel::Pages;
use crate::plan::{GroupId, Plan, TopicId};

/// All that one node sends; its topic is fixed.
#[derive(Clone, Debug)]
pub(super) struct Lane {
    pub(super) topic: Option<TopicId>,
    /// The groups of the topic.
    pub(super) groups: Box<[GroupId]>,
    messages: Pages<Message, 512>,
    /// For each message, one for each group.
    states: Pages<MessageState>,
}

impl Lane {
    pub(super) fn new(plan: &Plan, topic: Option<TopicId>) -> Self {
        let groups = topic.map_or_else(Box::default, |topic| plan.topics[topic].groups.raw.as_slice().into());
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

    /// A message as a group sees it, by its number and the group's place among those of the topic.
    pub(super) fn state(&self, number: u32, local: usize) -> MessageState {
        self.states.get(number as usize * self.groups.len() + local)
    }

    /// The numbers of all messages that were ever sent, and some beyond.
    pub(super) fn numbers(&self) -> std::ops::Range<u32> {
        0..self.messages.end() as u32
    }

    /// The same, to be changed.
    #[inline]
    pub(super) fn state_mut(&mut self, number: u32, local: usize) -> &mut MessageState {
        self.states.get_mut(number as usize * self.groups.len() + local)
    }
}
