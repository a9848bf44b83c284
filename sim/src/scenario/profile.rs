//! The sets of defaults that a file can ask for. Every key has its default in both.

/// A set of defaults.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Profile {
    /// Short times, so that something can be seen in a minute.
    Classroom,
    /// Those of RocketMQ.
    RocketMq,
}
