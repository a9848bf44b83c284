//! The rules of assignment against tables worked out by hand from Apache RocketMQ's, and what each rule must keep to.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use proptest::prelude::*;
use queuescope::inspect::assign;
use queuescope::plan::{Assignment, GroupId, NodeId, Plan, QueueId, TopicId};
use queuescope_tests::run::plan;

/// Consumers `c0`, `c1` … of a topic with so many queues on each of some broker sets.
fn cluster(topic: &str, queues: &[u32], consumers: usize) -> Arc<Plan> {
    let mut text = "title = \"x\"\nduration = \"1s\"\n".to_owned();
    let shares: Vec<String> = queues.iter().enumerate().map(|(set, n)| format!("broker-{set} = {n}")).collect();
    for set in 0..queues.len() {
        let _ = writeln!(text, "[[brokers]]\nname = \"broker-{set}\"");
    }
    let _ = writeln!(text, "[[topics]]\nname = \"{topic}\"\nqueues = {{ {} }}", shares.join(", "));
    let _ = writeln!(text, "[[groups]]\nname = \"g\"\ntopic = \"{topic}\"");
    for n in 0..consumers {
        let _ = writeln!(text, "[[consumers]]\nname = \"c{n}\"\ngroup = \"g\"");
    }
    plan(&text)
}

/// What each of the members would take.
fn shares(rule: Assignment, plan: &Plan) -> Vec<Vec<QueueId>> {
    let members = &plan.groups[GroupId(0)].consumers;
    members.iter().map(|me| assign(rule, plan, &plan.topics[TopicId(0)].queues, members, *me)).collect()
}

fn indices(rule: Assignment, queues: u32, consumers: usize) -> Vec<Vec<u32>> {
    let plan = cluster("orders", &[queues], consumers);
    shares(rule, &plan).iter().map(|share| share.iter().map(|queue| queue.0).collect()).collect()
}

#[test]
fn averagely_gives_contiguous_blocks_and_the_first_get_what_is_over() {
    let table: [(u32, usize, &[&[u32]]); 6] = [
        (8, 1, &[&[0, 1, 2, 3, 4, 5, 6, 7]]),
        (8, 3, &[&[0, 1, 2], &[3, 4, 5], &[6, 7]]),
        (7, 4, &[&[0, 1], &[2, 3], &[4, 5], &[6]]),
        (4, 4, &[&[0], &[1], &[2], &[3]]),
        (5, 2, &[&[0, 1, 2], &[3, 4]]),
        (2, 4, &[&[0], &[1], &[], &[]]),
    ];
    for (queues, consumers, expected) in table {
        assert_eq!(
            indices(Assignment::Averagely, queues, consumers),
            expected,
            "{queues} queues, {consumers} consumers"
        );
    }
}

#[test]
fn circle_gives_every_nth() {
    let table: [(u32, usize, &[&[u32]]); 4] = [
        (8, 3, &[&[0, 3, 6], &[1, 4, 7], &[2, 5]]),
        (7, 4, &[&[0, 4], &[1, 5], &[2, 6], &[3]]),
        (3, 3, &[&[0], &[1], &[2]]),
        (2, 4, &[&[0], &[1], &[], &[]]),
    ];
    for (queues, consumers, expected) in table {
        assert_eq!(indices(Assignment::Circle, queues, consumers), expected, "{queues} queues, {consumers} consumers");
    }
}

#[test]
fn consistent_hash_is_as_uneven_as_rocketmqs() {
    // Computed apart from this program: MD5 of `c0-0` … `c7-9` and of `MessageQueue [topic=T, brokerName=b, queueId=0]` …, the
    // first four bytes as a number; each queue belongs to the first point of the ring at or after its own.
    let mut text =
        "title = \"x\"\nduration = \"1s\"\n[[brokers]]\nname = \"b\"\n[[topics]]\nname = \"T\"\nqueues = { b = 8 }\n\
                    [[groups]]\nname = \"g\"\ntopic = \"T\"\n"
            .to_owned();
    for n in 0..8 {
        let _ = writeln!(text, "[[consumers]]\nname = \"c{n}\"\ngroup = \"g\"");
    }
    let plan = plan(&text);
    let shares = shares(Assignment::ConsistentHash, &plan);
    let counts: Vec<usize> = shares.iter().map(Vec::len).collect();
    assert_eq!(counts, [2, 1, 0, 2, 2, 0, 1, 0]);
    let owners: BTreeMap<u32, usize> =
        shares.iter().enumerate().flat_map(|(owner, share)| share.iter().map(move |queue| (queue.0, owner))).collect();
    assert_eq!(owners.into_values().collect::<Vec<_>>(), [4, 3, 1, 6, 0, 3, 0, 4]);
}

const RULES: [Assignment; 3] = [Assignment::Averagely, Assignment::Circle, Assignment::ConsistentHash];

#[test]
fn a_consumer_outside_of_the_group_gets_nothing_and_a_single_one_gets_all() {
    let plan = cluster("orders", &[3, 2], 3);
    let (queues, members) = (&plan.topics[TopicId(0)].queues, &plan.groups[GroupId(0)].consumers);
    for rule in RULES {
        assert_eq!(assign(rule, &plan, queues, &members[..2], members[2]), Vec::new(), "{rule:?}");
        assert_eq!(assign(rule, &plan, queues, &members[2..], members[2]), *queues, "{rule:?}");
        assert_eq!(assign(rule, &plan, &[], members, members[0]), Vec::new(), "{rule:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_queue_has_one_owner_and_stands_in_the_plans_order(
        queues in prop::collection::vec(1..9_u32, 1..4),
        consumers in 1..12_usize,
        rule in prop::sample::select(RULES.as_slice()),
    ) {
        let plan = cluster("orders", &queues, consumers);
        let shares = shares(rule, &plan);
        let mut all: Vec<QueueId> = shares.concat();
        all.sort_unstable();
        prop_assert_eq!(&all, &plan.topics[TopicId(0)].queues);
        for share in &shares {
            prop_assert!(share.is_sorted(), "{:?}", share);
        }
        if rule != Assignment::ConsistentHash {
            let sizes = shares.iter().map(Vec::len);
            prop_assert!(sizes.clone().max() <= sizes.min().map(|least| least + 1), "uneven: {:?}", shares);
        }
        if rule == Assignment::Averagely {
            prop_assert_eq!(shares.concat(), plan.topics[TopicId(0)].queues.clone(), "not contiguous");
        }
    }

    #[test]
    fn consistent_hash_leaves_alone_what_a_newcomer_does_not_take(consumers in 1..12_usize, queues in 1..40_u32) {
        let plan = cluster("orders", &[queues], consumers + 1);
        let (queues, members) = (&plan.topics[TopicId(0)].queues, &plan.groups[GroupId(0)].consumers);
        let owner = |members: &[NodeId], queue: QueueId| {
            members.iter().position(|me| assign(Assignment::ConsistentHash, &plan, queues, members, *me).contains(&queue))
        };
        for queue in queues {
            let (before, after) = (owner(&members[..consumers], *queue), owner(members, *queue));
            prop_assert!(after == before || after == Some(consumers), "{:?} moved from {:?} to {:?}", queue, before, after);
        }
    }
}
