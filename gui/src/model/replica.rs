//! The replicas of a broker set at one moment: which one leads, how far behind the others are, and which one still takes
//! itself for the master although another one was elected.

use queuescope::inspect::{Broker, Node};
use queuescope::plan::{Epoch, NodeId, Offset, QueueSlot, ReplicaSlot, SetId};
use queuescope::session::Scene;

use super::condition::Condition;

/// A broker.
#[derive(Clone, PartialEq, Debug)]
pub struct ReplicaView {
    /// The node.
    pub node: NodeId,
    /// How it is.
    pub condition: Condition,
    /// The epoch in which it takes itself for the master.
    pub master_in: Option<Epoch>,
    /// The epoch in which it believes it follows a master, and that master.
    pub follows: Option<(Epoch, NodeId)>,
    /// Whether that master has let it join.
    pub has_joined: bool,
    /// The highest epoch in which it led or followed.
    pub last_epoch: Option<Epoch>,
    /// Messages of all queues that only the leader has.
    pub behind: u64,
    /// Messages of all queues that the leader has not.
    pub diverged: u64,
    /// Whether it takes itself for the master of an epoch that is over.
    pub is_stale: bool,
    /// Whether a partition lies between it and the leader.
    pub is_cut_off: bool,
}

/// What one replica has of a queue's log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReplicaLog {
    /// The first offset that is left.
    pub start: Offset,
    /// The offset that the next message gets.
    pub end: Offset,
    /// Up to this offset it is the same as the leader's.
    pub same: Offset,
    /// All before this offset is on disk.
    pub flushed: Offset,
}

impl ReplicaLog {
    /// How many messages it lacks of a leader's log that ends at this offset.
    #[must_use]
    pub fn behind(&self, end: Offset) -> u64 {
        end.since(self.same)
    }

    /// How many messages it has that the leader has not.
    #[must_use]
    pub fn diverged(&self) -> u64 {
        self.end.since(self.same.max(self.start))
    }
}

/// The broker at a node.
///
/// # Panics
/// When the node is no broker: callers take it from the replicas of a set.
pub(super) fn broker(scene: &Scene, node: NodeId) -> &Broker {
    match &scene.world().nodes()[node] {
        Node::Broker(broker) => broker,
        _ => unreachable!("the plan says what it is"),
    }
}

/// The replica that leads: the one that is master in the highest epoch; while there is none, the one elected
/// last.
pub(super) fn leader(scene: &Scene, set: SetId) -> ReplicaSlot {
    let of = &scene.world().plan().sets[set];
    let masters =
        of.replicas.iter_enumerated().filter_map(|(slot, node)| Some((broker(scene, *node).master_in()?, slot)));
    let elected = scene.observer().elected(set).0;
    let last = || of.slot(elected).unwrap_or(ReplicaSlot(0));
    masters.max().map_or_else(last, |(_, slot)| slot)
}

/// What each replica of a set has of the log of a queue.
pub(super) fn logs(scene: &Scene, set: SetId, leader: ReplicaSlot, queue: QueueSlot) -> Vec<ReplicaLog> {
    let replicas = &scene.world().plan().sets[set].replicas;
    let leads = broker(scene, replicas[leader]).log(queue);
    let log_of = |(slot, node): (ReplicaSlot, &NodeId)| {
        let log = broker(scene, *node).log(queue);
        let (start, end) = (log.start(), log.end());
        let same = if slot == leader { end } else { leads.epochs().common(leads.end(), log.epochs(), end) };
        ReplicaLog { start, end, same, flushed: log.flushed() }
    };
    replicas.iter_enumerated().map(log_of).collect()
}

/// The view of a replica. `logs` has, for each queue, where the leader's log ends, and what the replica has of it.
pub(super) fn replica(
    scene: &Scene,
    node: NodeId,
    condition: Condition,
    (epoch, is_cut_off): (Option<Epoch>, bool),
    logs: impl Iterator<Item = (Offset, ReplicaLog)>,
) -> ReplicaView {
    let broker = broker(scene, node);
    let (behind, diverged) =
        logs.fold((0, 0), |(behind, diverged), (end, log)| (behind + log.behind(end), diverged + log.diverged()));
    ReplicaView {
        node,
        condition,
        master_in: broker.master_in(),
        follows: broker.follows(),
        has_joined: broker.has_joined(),
        last_epoch: broker.last_epoch(),
        behind,
        diverged,
        is_stale: broker.master_in().is_some_and(|mine| Some(mine) < epoch),
        is_cut_off,
    }
}
