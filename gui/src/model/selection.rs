//! What can be selected on the stage, and what a menu can be about. It knows nothing of where these things stand.

use queuescope::plan::{GroupId, MessageId, NodeId, Plan, QueueId};

/// Something on the stage that can be looked at closer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Selected {
    /// A node.
    Node(NodeId),
    /// A queue.
    Queue(QueueId),
    /// A group.
    Group(GroupId),
    /// A message.
    Message(MessageId),
}

impl Selected {
    /// The same thing, by its name, in another plan; none: it is not there.
    #[must_use]
    pub fn in_other(self, old: &Plan, new: &Plan) -> Option<Self> {
        fn same<I: From<usize>, T>(old: &T, new: &[T], name: impl Fn(&T) -> &str) -> Option<I> {
            new.iter().position(|it| name(it) == name(old)).map(I::from)
        }
        let node = |node: NodeId| same(&old.nodes[node], &new.nodes.raw, |it| &it.name);
        Some(match self {
            Self::Node(it) => Self::Node(node(it)?),
            Self::Queue(it) => Self::Queue(same(&old.queues[it], &new.queues.raw, |queue| &queue.name)?),
            Self::Group(it) => Self::Group(same(&old.groups[it], &new.groups.raw, |group| &group.name)?),
            Self::Message(it) => Self::Message(MessageId { producer: node(it.producer)?, ..it }),
        })
    }
}

/// What a menu is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MenuSubject {
    /// Something that can be selected.
    Thing(Selected),
    /// The link between two nodes.
    Link(NodeId, NodeId),
    /// The scenario itself.
    Scenario,
}
