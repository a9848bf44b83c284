//! All that one node sends, in tables by number: what is kept for each message, and for each message and group.

use super::state::{Message, State};
use crate::plan::{GroupId, Plan, TopicId};

/// By how many messages the tables grow.
const ROOM: usize = 256;

/// All that one node sends; its topic is fixed.
#[derive(Clone, Debug)]
pub(super) struct Lane {
    pub(super) topic: Option<TopicId>,
    /// The groups of the topic.
    pub(super) groups: Box<[GroupId]>,
    pub(super) messages: Vec<Message>,
    /// For each message, one for each group.
    pub(super) states: Vec<State>,
}

impl Lane {
    pub(super) fn new(plan: &Plan, topic: Option<TopicId>) -> Self {
        let groups = topic.map_or_else(Box::default, |topic| plan.topics[topic.index()].groups.clone().into());
        Self { topic, groups, messages: Vec::new(), states: Vec::new() }
    }

    /// Where the message stands; the tables grow when it is new.
    #[inline]
    pub(super) fn index(&mut self, number: u32) -> usize {
        let index = number.saturating_sub(1) as usize;
        if index >= self.messages.len() {
            self.grow(index);
        }
        index
    }

    /// Makes room for many at once, so that it is seldom called.
    #[cold]
    fn grow(&mut self, index: usize) {
        let room = (index + 1).next_multiple_of(ROOM);
        self.messages.resize(room, Message::default());
        self.states.resize(room * self.groups.len(), State::default());
    }
}
