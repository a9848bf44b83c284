//! The replicas of a broker set at one moment: who leads, who follows, how far behind each is, and who leads without
//! knowing that it is over.
//!
//! What somebody takes itself for is told apart from what is: a master that was cut off still believes that it leads.

use queuescope::node::Node;
use queuescope::node::broker::Broker;
use queuescope::plan::{NodeId, SetId};
use queuescope::session::Scene;

use super::condition::Condition;

/// A broker.
#[derive(Clone, PartialEq, Debug)]
pub struct ReplicaView {
    /// Which.
    pub node: NodeId,
    /// How it is.
    pub condition: Condition,
    /// The epoch in which it takes itself for the master.
    pub master_in: Option<u32>,
    /// The epoch in which it follows a master, as it believes, and that one.
    pub follows: Option<(u32, NodeId)>,
    /// Whether that master has let it join.
    pub has_joined: bool,
    /// The highest epoch in which it led or followed.
    pub last_epoch: u32,
    /// Messages that the leader has and it has not, over all queues.
    pub behind: u64,
    /// Messages that it has and the leader has not, over all queues.
    pub astray: u64,
    /// Whether it leads in an epoch that is over, and does not know.
    pub is_stale: bool,
    /// Whether a partition lies between it and the leader.
    pub is_cut: bool,
}

/// What one replica has of a queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReplicaLog {
    /// The first offset that is left.
    pub start: u64,
    /// The offset that the next message gets.
    pub end: u64,
    /// Up to here it is the same as the leader's.
    pub same: u64,
    /// What lies before is on disk.
    pub flushed: u64,
}

impl ReplicaLog {
    /// Messages of a leader whose log ends there that are not here.
    #[must_use]
    pub fn behind(&self, end: u64) -> u64 {
        end.saturating_sub(self.same)
    }

    /// Messages here that the leader has not.
    #[must_use]
    pub fn astray(&self) -> u64 {
        self.end.saturating_sub(self.same.max(self.start))
    }
}

/// The broker of a node that is one.
pub(super) fn broker(scene: &Scene, node: NodeId) -> &Broker {
    match &scene.world().nodes()[node.index()] {
        Node::Broker(broker) => broker,
        _ => unreachable!("the plan says what it is"),
    }
}

/// The place of the replica that leads: who is master in the highest epoch; while nobody is, who was elected last.
pub(super) fn leader(scene: &Scene, set: SetId) -> usize {
    let of = &scene.world().plan().sets[set.index()];
    let masters =
        of.replicas.iter().enumerate().filter_map(|(place, node)| Some((broker(scene, *node).master_in()?, place)));
    let elected = scene.observer().elected(set).0;
    let last = || of.place(elected).unwrap_or(0);
    masters.max().map_or_else(last, |(_, place)| place)
}

/// What each replica of a set has of a queue, by its slot in the set.
pub(super) fn copies(scene: &Scene, set: SetId, leader: usize, slot: u32) -> Vec<ReplicaLog> {
    let replicas = &scene.world().plan().sets[set.index()].replicas;
    let leads = broker(scene, replicas[leader]).log(slot);
    let copy = |(place, node): (usize, &NodeId)| {
        let log = broker(scene, *node).log(slot);
        let (start, end) = (log.start(), log.end());
        let same = if place == leader { end } else { leads.epochs().common(leads.end(), log.epochs(), end) };
        ReplicaLog { start, end, same, flushed: log.flushed() }
    };
    replicas.iter().enumerate().map(copy).collect()
}

/// A replica, with what it has of each queue: the leader's end, and its own copy.
pub(super) fn replica(
    scene: &Scene,
    node: NodeId,
    condition: Condition,
    (epoch, is_cut): (u32, bool),
    copies: impl Iterator<Item = (u64, ReplicaLog)>,
) -> ReplicaView {
    let broker = broker(scene, node);
    let (behind, astray) =
        copies.fold((0, 0), |(behind, astray), (end, copy)| (behind + copy.behind(end), astray + copy.astray()));
    ReplicaView {
        node,
        condition,
        master_in: broker.master_in(),
        follows: broker.follows(),
        has_joined: broker.has_joined(),
        last_epoch: broker.last_epoch(),
        behind,
        astray,
        is_stale: broker.master_in().is_some_and(|mine| mine < epoch),
        is_cut,
    }
}
