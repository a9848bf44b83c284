//! Which message is at which offset of a queue, as its present master has it, and where groups began to read.
//!
//! Only topics in which a message can vanish before a group has seen it need this: those that delete by age, and those
//! with a group that begins at the end. It knows nothing of what becomes of a message.

use std::collections::VecDeque;

use crate::plan::{Beginning, MessageId, Plan, QueueId, Retention};

/// One queue.
#[derive(Clone, Debug)]
pub(super) struct Mirror {
    /// Whether the topic needs it.
    watched: bool,
    /// The offset of the first message that is left.
    base: u64,
    messages: VecDeque<MessageId>,
    /// Where each group of the topic began, once it has.
    pub(super) begun: Box<[Option<u64>]>,
}

impl Mirror {
    pub(super) fn new(plan: &Plan, queue: QueueId) -> Self {
        let topic = &plan.topics[plan.queues[queue.index()].topic.index()];
        let late = topic.groups.iter().any(|group| plan.groups[group.index()].from == Beginning::Last);
        let watched = matches!(topic.retention, Retention::Age(_)) || late;
        Self { watched, base: 0, messages: VecDeque::new(), begun: vec![None; topic.groups.len()].into() }
    }

    pub(super) const fn watched(&self) -> bool {
        self.watched
    }

    pub(super) fn end(&self) -> u64 {
        self.base + self.messages.len() as u64
    }

    /// Adds a message at the end, which is where it must be once the tail is cut.
    pub(super) fn push(&mut self, offset: u64, message: MessageId) {
        if offset != self.end() {
            // A log that we have not seen grow: what is before is not known.
            self.messages.clear();
            self.base = offset;
        }
        self.messages.push_back(message);
    }

    /// Takes the last message off, while there is one at or beyond `to`.
    pub(super) fn pop_from(&mut self, to: u64) -> Option<MessageId> {
        if self.end() > to {
            let message = self.messages.pop_back();
            if message.is_none() {
                self.base = to;
            }
            return message;
        }
        None
    }

    /// Takes the first message off, while there is one before `offset`; and says where it was.
    pub(super) fn pop_before(&mut self, offset: u64) -> Option<(u64, MessageId)> {
        if self.base >= offset {
            return None;
        }
        let message = self.messages.pop_front();
        let at = self.base;
        self.base = if message.is_some() { at + 1 } else { offset };
        message.map(|message| (at, message))
    }

    /// What is before an offset, oldest first.
    pub(super) fn before(&self, offset: u64) -> impl Iterator<Item = MessageId> + '_ {
        let count = offset.saturating_sub(self.base).min(self.messages.len() as u64) as usize;
        self.messages.range(..count).copied()
    }

    /// What is at or after an offset, oldest first.
    pub(super) fn after(&self, offset: u64) -> impl Iterator<Item = MessageId> + '_ {
        let first = offset.saturating_sub(self.base).min(self.messages.len() as u64) as usize;
        self.messages.range(first..).copied()
    }
}
