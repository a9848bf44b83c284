//! Groups: who may be at work on what, how often, and in which order.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use proptest::prelude::*;
use queuescope::kernel::Time;
use queuescope::plan::{Ack, Fault, FaultPlan, GroupId, GroupPlan, MessageId, NodeId, Offset, QueueId, Role, Setting};
use queuescope::record::Kind as What;
use queuescope_tests::random::ClusterKind;
use queuescope_tests::run::FinishedRun;

use super::{ALL, runs};

/// How often each message of a topic lies in its queues.
fn copies(run: &FinishedRun) -> BTreeMap<MessageId, u32> {
    let mut copies = BTreeMap::new();
    for record in &run.records {
        if let What::Stored { message, .. } = record.kind {
            *copies.entry(message).or_insert(0) += 1;
        }
    }
    copies
}

#[test]
fn a_locked_queue_is_worked_on_by_one_consumer_at_a_time() {
    runs(ClusterKind::QUIET, |run| {
        let mut at_work: BTreeMap<(GroupId, QueueId), Vec<NodeId>> = BTreeMap::new();
        for record in &run.records {
            match record.kind {
                What::Started { group, queue, .. } if run.plan.groups[group].queue_lock => {
                    let nodes = at_work.entry((group, queue)).or_default();
                    prop_assert!(nodes.iter().all(|node| *node == record.node), "{:?} are at it: {:?}", nodes, record);
                    nodes.push(record.node);
                }
                What::Finished { group, queue, .. } | What::Failed { group, queue, .. } => {
                    let nodes = at_work.entry((group, queue)).or_default();
                    if let Some(place) = nodes.iter().position(|node| *node == record.node) {
                        nodes.remove(place);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    });
}

#[test]
fn a_message_stored_once_in_a_locked_queue_is_done_once() {
    runs(ClusterKind::QUIET, |run| {
        let copies = copies(run);
        let mut done = BTreeSet::new();
        for record in &run.records {
            if let What::Finished { group, message, .. } = record.kind {
                let settings = &run.plan.groups[group];
                let once = settings.queue_lock && settings.ack == Ack::After && copies[&message] == 1;
                prop_assert!(done.insert((group, message)) || !once, "a second time: {:?}", record);
            }
        }
        Ok(())
    });
}

#[test]
fn a_consumer_begins_only_what_is_assigned_to_it() {
    for kind in ALL {
        runs(kind, |run| {
            let mut assigned: BTreeMap<NodeId, Arc<[QueueId]>> = BTreeMap::new();
            for record in &run.records {
                match &record.kind {
                    What::Assigned { queues, .. } => _ = assigned.insert(record.node, Arc::clone(queues)),
                    What::Crashed { .. } | What::Left => _ = assigned.remove(&record.node),
                    // What was committed on receipt is lost unless whoever has it goes on with it.
                    What::Started { group, queue, .. } if run.plan.groups[*group].ack == Ack::After => {
                        let mine = assigned.get(&record.node);
                        prop_assert!(mine.is_some_and(|mine| mine.contains(queue)), "of {:?}: {:?}", mine, record);
                    }
                    _ => {}
                }
            }
            Ok(())
        });
    }
}

#[test]
fn a_consumer_processes_no_more_messages_at_once_than_it_has_threads() {
    for kind in ALL {
        runs(kind, |run| {
            let mut threads: BTreeMap<NodeId, u32> = BTreeMap::new();
            for node in 0..run.plan.nodes.len() {
                if let Some(consumer) = run.plan.consumer(node.into()) {
                    threads.insert(node.into(), consumer.threads);
                }
            }
            for change in &run.plan.changes {
                if let Setting::Threads(n) = change.setting {
                    threads.entry(change.node).and_modify(|most| *most = n.max(*most));
                }
            }
            let mut busy: BTreeMap<NodeId, u32> = BTreeMap::new();
            for record in &run.records {
                let mine = busy.entry(record.node).or_default();
                match record.kind {
                    What::Started { .. } => {
                        *mine += 1;
                        prop_assert!(*mine <= threads[&record.node], "{} at once: {:?}", mine, record);
                    }
                    What::Finished { .. } | What::Failed { .. } => *mine -= 1,
                    What::Crashed { .. } => *mine = 0,
                    _ => {}
                }
            }
            Ok(())
        });
    }
}

#[test]
fn an_ordered_group_takes_one_message_of_a_queue_at_a_time_in_the_order_of_the_queue() {
    runs(ClusterKind::QUIET, |run| {
        let mut at: BTreeMap<(GroupId, QueueId), (Offset, bool)> = BTreeMap::new();
        for record in &run.records {
            match record.kind {
                What::Started { group, queue, offset, .. } => {
                    let settings = &run.plan.groups[group];
                    if settings.ordered && settings.queue_lock {
                        let (last, busy) = at.insert((group, queue), (offset, true)).unwrap_or((Offset::ZERO, false));
                        prop_assert!(!busy && offset >= last, "{} {}: {:?}", last, busy, record);
                    }
                }
                What::Finished { group, queue, offset, .. } | What::Failed { group, queue, offset, .. } => {
                    at.insert((group, queue), (offset, false));
                }
                _ => {}
            }
        }
        Ok(())
    });
}

#[test]
fn a_group_that_deduplicates_begins_nothing_that_it_has_done() {
    for kind in ALL {
        runs(kind, |run| {
            let mut done = BTreeSet::new();
            for record in &run.records {
                match record.kind {
                    What::Finished { group, message, .. } => _ = done.insert((group, message)),
                    What::Started { group, message, .. } if run.plan.groups[group].deduplicate => {
                        prop_assert!(!done.contains(&(group, message)), "again: {:?}", record);
                    }
                    What::Deduplicated { group, message, .. } => {
                        prop_assert!(run.plan.groups[group].deduplicate, "{:?}", record);
                        prop_assert!(done.contains(&(group, message)), "not done: {:?}", record);
                    }
                    _ => {}
                }
            }
            Ok(())
        });
    }
}

/// Whether a group's failures are counted in one place: by a broker, or by the only consumer that there is.
fn is_counted(group: &GroupPlan) -> bool {
    group.queue_lock && group.ack == Ack::After && (!group.ordered || group.consumers.len() == 1)
}

#[test]
fn a_dead_letter_has_failed_once_more_than_it_may_be_retried() {
    runs(ClusterKind::QUIET, |run| {
        let copies = copies(run);
        let mut failures: BTreeMap<(GroupId, MessageId), u32> = BTreeMap::new();
        let mut retries = failures.clone();
        for record in &run.records {
            match record.kind {
                What::Failed { group, message, .. } => *failures.entry((group, message)).or_default() += 1,
                What::Retried { group, message } if copies[&message] == 1 => {
                    let settings = &run.plan.groups[group];
                    let n = retries.entry((group, message)).or_default();
                    *n += 1;
                    prop_assert!(!is_counted(settings) || *n <= settings.max_retries, "retry {}: {:?}", n, record);
                }
                What::DeadLettered { group, message } if copies[&message] == 1 => {
                    let settings = &run.plan.groups[group];
                    if is_counted(settings) {
                        let failed = failures.get(&(group, message)).copied().unwrap_or(0);
                        prop_assert_eq!(failed, settings.max_retries + 1, "{:?}", record);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    });
}

/// How long a node was paused in a span of its present life, by the records so far.
fn paused(pauses: &[(Time, Option<Time>)], from: Time, to: Time) -> u64 {
    let overlap = |(begun, ended): &(Time, Option<Time>)| ended.unwrap_or(to).min(to).since((*begun).max(from)).0;
    pauses.iter().map(overlap).sum()
}

/// Whether the time of a node's work never changes: it is constant, nothing changes it, and nothing slows the node.
fn always_takes(run: &FinishedRun, node: NodeId) -> Option<u64> {
    let time = match &run.plan.nodes[node].role {
        Role::Consumer(consumer) if consumer.calls.is_none() && consumer.publishes.is_none() => consumer.service_time,
        Role::Service(service) => service.service_time,
        _ => return None,
    };
    let slow = |fault: &FaultPlan| matches!(fault.fault, Fault::Slow { node: it, .. } if it == node);
    let changed = run.plan.changes.iter().any(|change| change.node == node) || run.plan.faults.iter().any(slow);
    time.constant().filter(|_| !changed).map(|span| span.0)
}

#[test]
fn work_goes_on_only_while_its_node_does() {
    for kind in [ClusterKind::QUIET, ClusterKind::LATE, ClusterKind::HEALING, ClusterKind::WILD] {
        runs(kind, |run| {
            let mut pauses: BTreeMap<NodeId, Vec<(Time, Option<Time>)>> = BTreeMap::new();
            // One that is delivered twice may be begun twice; what was begun first ends first.
            let mut begun: BTreeMap<(NodeId, MessageId), VecDeque<Time>> = BTreeMap::new();
            for record in &run.records {
                let (at, node) = (record.at, record.node);
                let pauses = pauses.entry(node).or_default();
                match record.kind {
                    What::Paused => pauses.push((at, None)),
                    // (In its present life it may have done nothing yet.)
                    What::Resumed => pauses.iter_mut().for_each(|(_, ended)| *ended = ended.or(Some(at))),
                    What::Crashed { .. } => {
                        pauses.clear();
                        begun.retain(|(whose, _), _| *whose != node);
                    }
                    What::Started { message, .. } | What::Serving { call: message } => {
                        begun.entry((node, message)).or_default().push_back(at);
                    }
                    What::Finished { message, .. } | What::Failed { message, .. } | What::Served { call: message } => {
                        let from = begun.get_mut(&(node, message)).and_then(VecDeque::pop_front).expect("it was begun");
                        let worked = at.since(from).0 - paused(pauses, from, at);
                        if let Some(span) = always_takes(run, node) {
                            prop_assert_eq!(worked, span, "{:?}", record);
                        }
                    }
                    _ => {}
                }
            }
            Ok(())
        });
    }
}
