//! The ring by which a group's queues are assigned where the rule is the consistent hash, and what of it is worked out
//! once. Each consumer computes its own assignment; that many compute the same from the same is left to
//! [`HashRings`]. It knows nothing of what a consumer does with its queues.

use std::collections::BTreeMap;
use std::sync::Arc;

use md5::{Digest, Md5};

use crate::plan::{GroupId, NodeId, Plan, QueueId};
use crate::protocol::Members;

/// Points of each consumer on the ring.
const VIRTUAL_NODES: u32 = 10;

/// The points of a group: those of all its consumers, and those of its topic's queues, both in the order of the ring.
#[derive(Clone, Debug)]
struct Points {
    consumers: Vec<(u32, NodeId)>,
    queues: Vec<(u32, QueueId)>,
    /// Each consumer's own.
    own: BTreeMap<NodeId, Vec<u32>>,
}

/// The ring of those who are in a group at a time: their points, in order. A queue belongs to the owner of the first
/// point at or after its own, around the ring.
#[derive(Clone, Debug)]
struct HashRing(Vec<(u32, NodeId)>);

/// The rings that were worked out last, by group: nothing depends on which.
#[derive(Clone, Default, Debug)]
pub(crate) struct HashRings(BTreeMap<GroupId, OfGroup>);

/// The points of a group, and the ring of those who were in it when it was asked last.
#[derive(Clone, Debug)]
struct OfGroup {
    points: Points,
    last: Option<(Arc<Members>, HashRing)>,
}

impl HashRings {
    /// The queues of a member, in the order of `queues`, which is the plan's.
    pub(super) fn assign(
        &mut self,
        plan: &Plan,
        members: &Arc<Members>,
        queues: &[QueueId],
        me: NodeId,
    ) -> Vec<QueueId> {
        let anew = || OfGroup { points: Points::of(plan, members.group), last: None };
        let OfGroup { points, last } = self.0.entry(members.group).or_insert_with(anew);
        let ring = match last {
            Some((of, ring)) if Arc::ptr_eq(of, members) => ring,
            _ => &last.insert((Arc::clone(members), points.ring(&members.consumers))).1,
        };
        points.assign(ring, queues, me)
    }
}

impl Points {
    fn of(plan: &Plan, group: GroupId) -> Self {
        let group = &plan.groups[group];
        let topic = &plan.topics[group.topic];
        let own = |member: NodeId| {
            let mut own: Vec<u32> = (0..VIRTUAL_NODES).map(|k| point(&format!("{}-{k}", plan.name(member)))).collect();
            own.sort_unstable();
            own.dedup();
            (member, own)
        };
        let own: BTreeMap<NodeId, Vec<u32>> = group.consumers.iter().copied().map(own).collect();
        let of_queue = |queue: QueueId| {
            let it = &plan.queues[queue];
            let set = &plan.sets[it.set].name;
            let text = format!("MessageQueue [topic={}, brokerName={set}, queueId={}]", topic.name, it.index);
            (point(&text), queue)
        };
        let mut consumers: Vec<(u32, NodeId)> =
            own.iter().flat_map(|(member, own)| own.iter().map(|point| (*point, *member))).collect();
        consumers.sort_unstable();
        let mut queues: Vec<(u32, QueueId)> = topic.queues.iter().copied().map(of_queue).collect();
        queues.sort_unstable();
        Self { consumers, queues, own }
    }

    /// The ring of some of the consumers.
    fn ring(&self, members: &[NodeId]) -> HashRing {
        let mut is_member = vec![false; members.iter().map(|member| member.index() + 1).max().unwrap_or(0)];
        members.iter().for_each(|member| is_member[member.index()] = true);
        let is_member = |(_, node): &&(u32, NodeId)| is_member.get(node.index()).copied().unwrap_or(false);
        HashRing(self.consumers.iter().filter(is_member).copied().collect())
    }

    /// The queues, of those given, whose points lie between a point of a member and the one before it on the ring.
    fn assign(&self, HashRing(ring): &HashRing, queues: &[QueueId], me: NodeId) -> Vec<QueueId> {
        let mut mine = Vec::new();
        let mut take = |after: Option<u32>, to: u32| {
            let from = after.map_or(0, |after| self.queues.partition_point(|(point, _)| *point <= after));
            let between = self.queues[from..].iter().take_while(|(point, _)| *point <= to);
            mine.extend(between.map(|(_, queue)| *queue).filter(|queue| queues.binary_search(queue).is_ok()));
        };
        for point in self.own.get(&me).into_iter().flatten() {
            let Ok(place) = ring.binary_search(&(*point, me)) else { continue };
            match place.checked_sub(1) {
                Some(before) => take(Some(ring[before].0), ring[place].0),
                None => {
                    take(None, ring[place].0);
                    take(ring.last().map(|(last, _)| *last), u32::MAX);
                }
            }
        }
        mine.sort_unstable();
        mine
    }
}

/// The first four bytes of the MD5 digest.
fn point(text: &str) -> u32 {
    let digest = Md5::digest(text.as_bytes());
    u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;
    use crate::protocol::Version;
    use crate::scenario;

    /// Two groups of a topic with queues on two broker sets.
    fn cluster(queues: [u32; 2], consumers: [u32; 2]) -> Plan {
        let mut text = "title = \"x\"\nduration = \"1s\"\n".to_owned();
        for set in ["b0", "b1"] {
            _ = writeln!(text, "[[brokers]]\nname = \"{set}\"");
        }
        _ = writeln!(text, "[[topics]]\nname = \"t\"\nqueues = {{ b0 = {}, b1 = {} }}", queues[0], queues[1]);
        for (group, count) in ["g", "h"].iter().zip(consumers) {
            _ = writeln!(text, "[[groups]]\nname = \"{group}\"\ntopic = \"t\"");
            _ = writeln!(text, "[[consumers]]\nname = \"{group}c\"\ngroup = \"{group}\"\ncount = {count}");
        }
        scenario::read("x.toml", &text).unwrap_or_else(|problems| panic!("{problems}"))
    }

    /// As Apache RocketMQ's `ConsistentHashRouter` does it: all points of all members, and for each queue the first at or
    /// after its own.
    fn owner(plan: &Plan, members: &[NodeId], queue: QueueId) -> Option<NodeId> {
        let ring: BTreeMap<u32, NodeId> = members
            .iter()
            .flat_map(|member| (0..10).map(move |k| (point(&format!("{}-{k}", plan.name(*member))), *member)))
            .collect();
        let it = &plan.queues[queue];
        let set = &plan.sets[it.set].name;
        let at = point(&format!("MessageQueue [topic=t, brokerName={set}, queueId={}]", it.index));
        ring.range(at..).chain(&ring).next().map(|(_, owner)| *owner)
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_queue_belongs_to_the_first_point_after_its_own_whoever_is_in_the_group(
            queues in [1..20_u32, 1..20_u32],
            consumers in [1..9_u32, 1..9_u32],
            views in prop::collection::vec((any::<u16>(), any::<u64>(), any::<bool>()), 1..6),
        ) {
            let plan = cluster(queues, consumers);
            let mut rings = HashRings::default();
            let some = |bits: u64, place: usize| bits & (1 << (place % 64)) != 0;
            for (version, (members, known, other)) in (1..).zip(views) {
                let group = GroupId(u32::from(other));
                let all = plan.groups[group].consumers.iter().copied().enumerate();
                let consumers: Vec<NodeId> = all.filter(|(i, _)| some(members.into(), *i)).map(|(_, it)| it).collect();
                let all = plan.topics[crate::plan::TopicId(0)].queues.iter().copied().enumerate();
                let known: Vec<QueueId> = all.filter(|(i, _)| some(known, *i)).map(|(_, it)| it).collect();
                let members = Arc::new(Members { group, version: Version::new(version), consumers: consumers.clone() });
                for me in plan.groups[group].consumers.iter().copied() {
                    let mine: Vec<QueueId> =
                        known.iter().copied().filter(|queue| owner(&plan, &consumers, *queue) == Some(me)).collect();
                    prop_assert_eq!(rings.assign(&plan, &members, &known, me), mine);
                }
            }
        }
    }
}
