//! The life of records and messages: what comes before what, and who can do anything at all.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use queuescope::kernel::Time;
use queuescope::plan::{GroupId, MessageId, NodeId, Offset, QueueId};
use queuescope::record::{Kind as What, Record};
use queuescope_tests::run::FinishedRun;

use super::{ALL, runs};

#[test]
fn time_never_falls_and_a_cause_precedes_its_effect() {
    for kind in ALL {
        runs(kind, |run| {
            let mut now = Time::ZERO;
            for (index, record) in run.records.iter().enumerate() {
                prop_assert!(record.at >= now, "back in time: {:?}", record);
                prop_assert_eq!(record.seq.number(), index as u64 + 1, "{:?}", record);
                prop_assert!(record.cause.is_none_or(|cause| cause < record.seq), "before its cause: {:?}", record);
                now = record.at;
            }
            Ok(())
        });
    }
}

#[test]
fn a_message_is_processed_after_it_was_sent_stored_and_delivered() {
    for kind in ALL {
        runs(kind, |run| {
            let mut sent = BTreeSet::new();
            let mut stored: BTreeMap<(QueueId, Offset), BTreeSet<MessageId>> = BTreeMap::new();
            let mut delivered: BTreeMap<(GroupId, QueueId), Vec<(Offset, Offset)>> = BTreeMap::new();
            for record in &run.records {
                match record.kind {
                    What::Sent { message, .. } | What::Unrouted { message } => _ = sent.insert(message),
                    What::Stored { message, queue, offset, .. } => {
                        prop_assert!(sent.contains(&message), "nobody sent it: {:?}", record);
                        stored.entry((queue, offset)).or_default().insert(message);
                    }
                    What::Delivered { group, queue, from, to } => {
                        delivered.entry((group, queue)).or_default().push((from, to));
                    }
                    What::Started { group, message, queue, offset } => {
                        let there = stored.get(&(queue, offset)).is_some_and(|there| there.contains(&message));
                        prop_assert!(there, "not what is stored there: {:?}", record);
                        let handed = delivered.get(&(group, queue));
                        let handed = handed.is_some_and(|all| all.iter().any(|(a, b)| (a..b).contains(&&offset)));
                        prop_assert!(handed, "not handed out: {:?}", record);
                    }
                    _ => {}
                }
            }
            Ok(())
        });
    }
}

#[test]
fn an_answer_comes_once_and_attempts_count_up_to_what_is_allowed() {
    for kind in ALL {
        runs(kind, |run| {
            let mut attempts: BTreeMap<MessageId, u32> = BTreeMap::new();
            let (mut stored, mut answered) = (BTreeSet::new(), BTreeSet::new());
            for record in &run.records {
                match record.kind {
                    What::Sent { message, attempt, .. } => {
                        let last = attempts.insert(message, attempt).unwrap_or(0);
                        let settings = run.plan.producer(record.node).map(|producer| producer.attempts);
                        let most = settings.unwrap_or(run.plan.publishing).retries + 1;
                        prop_assert!(attempt > last && attempt <= most, "after attempt {}: {:?}", last, record);
                        prop_assert!(!answered.contains(&message), "answered before: {:?}", record);
                        prop_assert_eq!(message.producer, record.node);
                    }
                    What::Stored { message, .. } => _ = stored.insert(message),
                    What::Accepted { message } => {
                        prop_assert!(stored.contains(&message), "stored nowhere: {:?}", record);
                        prop_assert!(answered.insert(message), "answered before: {:?}", record);
                    }
                    What::Rejected { message } => {
                        prop_assert!(answered.insert(message), "answered before: {:?}", record);
                    }
                    _ => {}
                }
            }
            Ok(())
        });
    }
}

/// Work under way: by consumer, what it is at.
type Hands = BTreeMap<NodeId, Vec<(GroupId, MessageId, QueueId, Offset)>>;

#[test]
fn work_that_has_begun_ends_where_it_began() {
    for kind in ALL {
        runs(kind, |run| {
            let mut hands = Hands::new();
            for record in &run.records {
                follow_work(record, &mut hands)?;
            }
            // At rest no consumer has a message in process.
            let rested = run.world.now() < run.plan.end();
            let open = hands.values().find(|hands| !hands.is_empty());
            prop_assert!(!rested || open.is_none(), "at rest, and at work: {:?}", open);
            Ok(())
        });
    }
}

fn follow_work(record: &Record, hands: &mut Hands) -> TestCaseResult {
    match record.kind {
        What::Started { group, message, queue, offset } => {
            hands.entry(record.node).or_default().push((group, message, queue, offset));
        }
        What::Finished { group, message, queue, offset } | What::Failed { group, message, queue, offset } => {
            let mine = hands.entry(record.node).or_default();
            let place = mine.iter().position(|at| *at == (group, message, queue, offset));
            prop_assert!(place.is_some(), "never begun: {:?}", record);
            mine.swap_remove(place.unwrap_or_default());
        }
        What::Left => {
            let mine = hands.remove(&record.node).unwrap_or_default();
            prop_assert!(mine.is_empty(), "left with something in hand: {:?}", mine);
        }
        What::Crashed { .. } => _ = hands.remove(&record.node),
        _ => {}
    }
    Ok(())
}

/// Whether a record says that its node has done something of its own accord.
const fn is_a_deed(kind: &What) -> bool {
    matches!(
        kind,
        What::Sent { .. }
            | What::Unrouted { .. }
            | What::Stored { .. }
            | What::Accepted { .. }
            | What::Rejected { .. }
            | What::Assigned { .. }
            | What::Begun { .. }
            | What::Held { .. }
            | What::Woken { .. }
            | What::Delivered { .. }
            | What::Started { .. }
            | What::Finished { .. }
            | What::Failed { .. }
            | What::Deduplicated { .. }
            | What::Committed { .. }
            | What::Deleted { .. }
            | What::Retried { .. }
            | What::DeadLettered { .. }
            | What::Registered { .. }
            | What::DeclaredDead { .. }
            | What::Called { .. }
            | What::Answered { .. }
            | What::Refused { .. }
            | What::Unanswered { .. }
            | What::Serving { .. }
            | What::Served { .. }
    )
}

#[test]
fn a_node_that_is_not_there_does_nothing() {
    for kind in ALL {
        runs(kind, |run| {
            let mut away: BTreeMap<NodeId, &str> = late_comers(run);
            for record in &run.records {
                match record.kind {
                    What::Joined | What::Restarted | What::Resumed => _ = away.remove(&record.node),
                    What::Crashed { .. } => _ = away.insert(record.node, "crashed"),
                    What::Left => _ = away.insert(record.node, "left"),
                    What::Paused => _ = away.insert(record.node, "paused"),
                    _ if is_a_deed(&record.kind) => {
                        prop_assert!(!away.contains_key(&record.node), "{:?}: {:?}", away.get(&record.node), record);
                    }
                    _ => {}
                }
            }
            Ok(())
        });
    }
}

/// Nodes that start later than the run.
fn late_comers(run: &FinishedRun) -> BTreeMap<NodeId, &'static str> {
    let late = |node: NodeId| {
        run.plan.producer(node).is_some_and(|producer| producer.starts > Time::ZERO)
            || run.plan.consumer(node).is_some_and(|consumer| consumer.joins > Time::ZERO)
    };
    (0..run.plan.nodes.len()).map(NodeId::from).filter(|node| late(*node)).map(|node| (node, "to come")).collect()
}
