//! What the lines so far have come to: logs, masters, who lives, who said what. Whether a line may be so is asked
//! elsewhere, and one that may not be so is followed as well as can be.

use std::collections::{BTreeMap, BTreeSet};

use super::log::TracedReplica;
use super::{OracleCluster, TraceLine};

/// A place in a queue in one epoch: queue, offset, epoch.
pub(super) type LogPosition = (String, u64, u32);

/// A node.
#[derive(Clone, Default, Debug)]
pub struct NodeState {
    /// It has crashed and not come back.
    pub down: bool,
    /// It does nothing.
    pub paused: bool,
    /// Its disk is full.
    pub full: bool,
    /// Its disk will be empty when it comes back.
    pub(super) wiped: bool,
    /// When it last came back with an empty disk.
    pub emptied: Option<u64>,
    /// The last crash: its number, when.
    pub crashed: Option<(u64, u64)>,
    /// The number of the record of its last coming back.
    pub restarted: Option<u64>,
    /// A broker's logs, by queue.
    pub logs: BTreeMap<String, TracedReplica>,
    /// When one of them last changed.
    pub changed: u64,
    /// The epochs for which it was elected, and what ended each term.
    pub terms: BTreeMap<u32, Option<&'static str>>,
}

impl NodeState {
    /// Whether it may act as a master.
    #[must_use]
    pub fn leads(&self) -> bool {
        self.terms.values().any(Option::is_none)
    }

    /// Whether its disk is being emptied.
    #[must_use]
    pub const fn is_wiped(&self) -> bool {
        self.wiped
    }

    pub(super) fn end_terms(&mut self, before: u32, why: &'static str) {
        for (_, ended) in self.terms.range_mut(..before) {
            ended.get_or_insert(why);
        }
    }

    /// How much it has, as the contract measures it: epoch of the last entry, then the sum of end offsets. Nothing where
    /// the lines do not tell: a log that began anew behind what it never had ends with an entry that was never here.
    #[must_use]
    pub fn much(&self) -> Option<(u32, u64)> {
        let last = |log: &TracedReplica| match log.entries.last_key_value() {
            Some((offset, held)) => (offset + 1 == log.end).then_some(held.epoch),
            None => (log.end == 0).then_some(0),
        };
        let epochs: Option<Vec<u32>> = self.logs.values().map(last).collect();
        Some((epochs?.into_iter().max().unwrap_or(0), self.logs.values().map(|log| log.end).sum()))
    }
}

/// An election.
#[derive(Clone, Debug)]
pub struct Election {
    /// Its number.
    pub epoch: u32,
    /// The new master.
    pub node: String,
    /// The number of its record.
    pub seq: u64,
    /// When.
    pub at: u64,
    /// Whether the new master has done something as a master.
    pub acted: bool,
}

/// A message that was stored.
#[derive(Clone, Debug)]
pub struct Placed {
    /// Which.
    pub message: String,
    /// The epoch of the one before it on the master's log; none where that has never had one.
    pub follows: Option<u32>,
    /// The master.
    pub by: String,
    /// When.
    pub at: u64,
    /// Every replica that has ever had it.
    pub had: BTreeSet<String>,
}

/// A group, and what its members did.
#[derive(Clone, Default, Debug)]
pub struct TracedGroupState {
    /// Done, and how often.
    pub finished: BTreeMap<String, u64>,
    /// Who is at work on what.
    pub at_work: BTreeMap<String, Vec<String>>,
    /// In the retry queue since which record, and with whom.
    pub retried: BTreeMap<String, (u64, String)>,
    /// Ever in the dead-letter queue.
    pub dead: BTreeSet<String>,
    /// Said to be lost.
    pub lost: BTreeSet<String>,
    /// Said to have expired or to have been skipped.
    pub passed: BTreeSet<String>,
    /// Handed out, by queue and offset.
    pub delivered: BTreeMap<(String, u64), BTreeSet<String>>,
    /// Where it has begun last, by queue: a new master that has not heard of it lets it begin anew.
    pub begun: BTreeMap<String, u64>,
    /// The queues where it has ever begun.
    pub reads: BTreeSet<String>,
    /// The present master of a queue has committed no more than this.
    pub bound: BTreeMap<String, u64>,
    /// What a node has noted as committed of a queue in its set's present epoch.
    pub reached: BTreeMap<(String, String), u64>,
    /// Places where something has failed.
    pub failed: BTreeSet<(String, u64)>,
}

/// Everything that the lines so far tell.
#[derive(Clone, Default, Debug)]
pub struct OracleState {
    /// What the file says.
    pub cluster: OracleCluster,
    /// By name.
    pub nodes: BTreeMap<String, NodeState>,
    /// A node that has not been heard of.
    stranger: NodeState,
    /// By set.
    pub elections: BTreeMap<String, Vec<Election>>,
    /// Everything that was ever stored.
    pub placed: BTreeMap<LogPosition, Placed>,
    /// Where a message was ever stored.
    pub copies: BTreeMap<String, Vec<LogPosition>>,
    /// The next offset of a queue in an epoch.
    pub next: BTreeMap<(String, u32), u64>,
    /// What was ever deleted of a queue by anybody.
    pub deleted: BTreeMap<String, u64>,
    /// Committed offsets as brokers noted them: by node, group, queue.
    pub committed: BTreeMap<(String, String, String), u64>,
    /// Which spot a record is about.
    pub about: BTreeMap<u64, LogPosition>,
    /// Who is alive to the nameserver that elects, since which record and when.
    pub registered: BTreeMap<String, (u64, u64)>,
    /// When the nameserver that elects last declared a node dead, as the number of the record.
    pub declared_dead: BTreeMap<String, u64>,
    /// When something last came between a node and the nameserver that elects.
    pub unquiet: BTreeMap<String, u64>,
    /// The last record that may have cost a set what its master kept of its groups.
    pub upset: BTreeMap<String, u64>,
    /// Said to be lost at the present moment. Several logs can fall silent at once, and lines tell of one after the other.
    pub sealed: Vec<TraceLine>,
    /// Accepted messages.
    pub accepted: BTreeSet<String>,
    /// By name.
    pub groups: BTreeMap<String, TracedGroupState>,
}

impl OracleState {
    /// Before the first line.
    #[must_use]
    pub fn new(cluster: OracleCluster) -> Self {
        let groups = cluster.groups.keys().map(|name| (name.clone(), TracedGroupState::default())).collect();
        let nodes = cluster.sets.values().flat_map(|set| &set.replicas);
        let nodes = nodes.map(|name| (name.clone(), NodeState::default())).collect();
        Self { cluster, groups, nodes, ..Self::default() }
    }

    /// A node; one that has not been heard of is up and has nothing.
    #[must_use]
    pub fn node(&self, name: &str) -> &NodeState {
        self.nodes.get(name).unwrap_or(&self.stranger)
    }

    /// Whether a node is there and does something.
    #[must_use]
    pub fn is_up(&self, name: &str) -> bool {
        self.nodes.get(name).is_none_or(|node| !node.down && !node.paused)
    }

    /// A replica's log.
    #[must_use]
    pub fn log(&self, node: &str, queue: &str) -> Option<&TracedReplica> {
        self.nodes.get(node)?.logs.get(queue)
    }

    /// One past the last on a replica's log.
    #[must_use]
    pub fn end(&self, node: &str, queue: &str) -> u64 {
        self.log(node, queue).map_or(0, |log| log.end)
    }

    /// The election of the present epoch of the set that holds a queue.
    #[must_use]
    pub fn present(&self, queue: &str) -> Option<&Election> {
        self.elections.get(&self.cluster.queues.get(queue)?.set)?.last()
    }

    /// Whether nothing has come between a node and the nameserver that elects for so long that every word between them
    /// has arrived.
    #[must_use]
    pub fn is_quiet(&self, node: &str, now: u64) -> bool {
        let since = |name: &str| self.unquiet.get(name).copied().unwrap_or(0) + self.cluster.word <= now;
        let here = |name: &str| self.is_up(name) && since(name);
        here(node) && here(&self.cluster.elects)
    }
}
