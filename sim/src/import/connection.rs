//! The consumers that are connected to a group, as far as they were read. Data only: `mqadmin` prints it in two tables, one after the other.

use std::collections::BTreeSet;
use std::ops::Range;

use super::retry::RetryTopics;

/// The consumers of a group, and what they read.
#[derive(Debug, Default)]
pub(super) struct Connection {
    pub(super) place: Range<usize>,
    /// Nothing where who is connected was not printed.
    pub(super) clients: Option<usize>,
    pub(super) topics: BTreeSet<String>,
    pub(super) retries: RetryTopics,
    pub(super) broadcasting: bool,
    /// The place at which a group without committed offset begins, in the words of RocketMQ.
    pub(super) begins: Option<String>,
}
