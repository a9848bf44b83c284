//! The plan of the scenario: broker sets, topics and groups under names that it allows, with the comments beside each line. It
//! does not know how they are chosen, nor how a file is written.

use std::collections::BTreeMap;

use super::cluster::{KnownFlush, KnownReplication, Rate};
use super::system::System;
use crate::kernel::Span;

/// Everything that the scenario is made of.
#[derive(Debug, Default)]
pub(super) struct ImportPlan {
    /// The names of the clusters, as they are.
    pub(super) clusters: Vec<String>,
    /// The system whose defaults the scenario takes.
    pub(super) system: System,
    pub(super) sets: Vec<PlannedSet>,
    pub(super) topics: Vec<PlannedTopic>,
    /// Parts of the cluster that were left out, and why.
    pub(super) left_out: Vec<LeftOut>,
    /// Comments on parts that have no equivalent in a scenario.
    pub(super) remarks: Remarks,
}

/// A broker set.
#[derive(Debug)]
pub(super) struct PlannedSet {
    pub(super) name: String,
    pub(super) slaves: Vec<String>,
    pub(super) replication: Option<KnownReplication>,
    pub(super) flush: Option<KnownFlush>,
    pub(super) remarks: Remarks,
    /// Of its slaves.
    pub(super) slave_remarks: Remarks,
}

/// A topic with its producer and its groups.
#[derive(Debug)]
pub(super) struct PlannedTopic {
    pub(super) name: String,
    pub(super) remarks: Remarks,
    /// The numbers of broker sets, and how many queues each holds.
    pub(super) shares: BTreeMap<usize, u32>,
    pub(super) share_remarks: Remarks,
    pub(super) producer: String,
    /// The rate of the real topic, where it is known.
    pub(super) known_rate: Option<Rate>,
    pub(super) interval: Span,
    pub(super) rate_remark: String,
    pub(super) groups: Vec<PlannedGroup>,
}

/// A group with its consumers.
#[derive(Debug)]
pub(super) struct PlannedGroup {
    pub(super) name: String,
    pub(super) remarks: Remarks,
    /// The name of its consumers; nothing where it has none.
    pub(super) consumer: String,
    pub(super) consumers: usize,
    pub(super) consumer_remarks: Remarks,
    pub(super) service_time: Span,
    /// Its lag in life, in messages.
    pub(super) behind: Option<u64>,
    /// Whether some queues were printed without it.
    pub(super) is_behind_in_part: bool,
}

/// Comments beside a line.
pub(super) type Remarks = Vec<String>;

/// Things of one kind that do not take part.
#[derive(Debug)]
pub(super) struct LeftOut {
    /// Their kind, and why they are left out.
    pub(super) what: String,
    pub(super) names: Vec<String>,
}

impl ImportPlan {
    /// Whether RocketMQ's defaults are those of the scenario.
    pub(super) fn is_of_rocketmq(&self) -> bool {
        self.system == System::RocketMq
    }
}

/// A name in a remark: the beginning of it where it is long, and nothing that would end a comment.
pub(super) fn quoted(name: &str) -> String {
    const LONGEST: usize = 60;
    let name: String = name.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
    let short: String = name.chars().take(LONGEST).collect();
    if short.len() < name.len() { format!("`{short}…`") } else { format!("`{short}`") }
}
