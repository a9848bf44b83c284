//! Queues: offsets, epochs, what is handed out, committed, deleted.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use queuescope::plan::{Beginning, GroupId, Offset, QueueId, Retention};
use queuescope::record::Kind as What;

use super::{ALL, runs};

#[test]
fn offsets_of_an_epoch_are_consecutive_and_none_is_given_twice() {
    for kind in ALL {
        runs(kind, |run| {
            let mut ends: BTreeMap<QueueId, (Offset, u32)> = BTreeMap::new();
            for record in &run.records {
                match record.kind {
                    What::Stored { queue, offset, epoch, .. } => {
                        let epoch = epoch.number();
                        let (end, before) = ends.entry(queue).or_default();
                        prop_assert_eq!(offset, *end, "{:?}", record);
                        prop_assert!(epoch >= *before, "an epoch that is over: {:?}", record);
                        (*end, *before) = (offset + 1, epoch);
                    }
                    What::Truncated { queue, from, to } => {
                        let (end, _) = ends.entry(queue).or_default();
                        prop_assert!(from < to && to == *end, "not the tail: {:?}", record);
                        *end = from;
                    }
                    _ => {}
                }
            }
            Ok(())
        });
    }
}

#[test]
fn every_election_raises_the_epoch() {
    for kind in ALL {
        runs(kind, |run| {
            let mut epochs = BTreeMap::new();
            let mut used = BTreeMap::new();
            for record in &run.records {
                match record.kind {
                    What::Elected { set, epoch } => {
                        let epoch = epoch.number();
                        let (last, master) = epochs.insert(set, (epoch, record.node)).unwrap_or((0, record.node));
                        // A nameserver that restarts knows only of elections that somebody has heard of.
                        let unheard = epoch == last && master == record.node && used.get(&set) < Some(&epoch);
                        prop_assert!(epoch == last + 1 || unheard, "after epoch {}: {:?}", last, record);
                        prop_assert!(run.plan.sets[set].replicas.contains(&record.node), "{:?}", record);
                    }
                    What::Stored { queue, epoch, .. } => {
                        let epoch = epoch.number();
                        let set = run.plan.queues[queue].set;
                        let (present, master) = epochs.get(&set).copied().unwrap_or((0, record.node));
                        prop_assert!(epoch == present && master == record.node, "now {}: {:?}", present, record);
                        used.insert(set, epoch);
                    }
                    _ => {}
                }
            }
            Ok(())
        });
    }
}

#[test]
fn no_read_or_commit_goes_beyond_the_end_and_no_commit_falls_within_an_epoch() {
    for kind in ALL {
        runs(kind, |run| {
            let mut ends: BTreeMap<QueueId, Offset> = BTreeMap::new();
            let mut committed: BTreeMap<(GroupId, QueueId), Offset> = BTreeMap::new();
            let mut failed = BTreeSet::new();
            for record in &run.records {
                match record.kind {
                    What::Failed { group, queue, offset, .. } => _ = failed.insert((group, queue, offset)),
                    What::Stored { queue, offset, .. } => _ = ends.insert(queue, offset + 1),
                    What::Truncated { queue, from, .. } => _ = ends.insert(queue, from),
                    What::Elected { set, .. } => {
                        committed.retain(|(_, queue), _| run.plan.queues[*queue].set != set);
                    }
                    What::Delivered { group, queue, from, to } => {
                        let end = ends.get(&queue).copied().unwrap_or_default();
                        // A retry brings what it is with it: its place in the log may be gone.
                        if failed.contains(&(group, queue, from)) && to == from + 1 {
                            continue;
                        }
                        let batch = u64::from(run.plan.groups[group].batch);
                        prop_assert!(from < to && to <= end && to - from <= batch, "end {}: {:?}", end, record);
                    }
                    What::Begun { queue, offset, .. } | What::Deleted { queue, offset } => {
                        prop_assert!(offset <= ends.get(&queue).copied().unwrap_or_default(), "{:?}", record);
                    }
                    What::Committed { group, queue, offset } => {
                        prop_assert!(
                            offset <= ends.get(&queue).copied().unwrap_or_default(),
                            "beyond the end: {:?}",
                            record
                        );
                        let last = committed.insert((group, queue), offset).unwrap_or_default();
                        prop_assert!(offset >= last, "committed {} before: {:?}", last, record);
                    }
                    _ => {}
                }
            }
            Ok(())
        });
    }
}

#[test]
fn a_message_is_deleted_only_once_every_group_is_done_with_it() {
    for kind in ALL {
        runs(kind, |run| {
            let mut committed: BTreeMap<(GroupId, QueueId), Offset> = BTreeMap::new();
            for record in &run.records {
                match record.kind {
                    What::Begun { group, queue, offset } | What::Committed { group, queue, offset } => {
                        committed.insert((group, queue), offset);
                    }
                    What::Deleted { queue, offset } => {
                        let topic = &run.plan.topics[run.plan.queues[queue].topic];
                        if topic.retention != Retention::Consumed {
                            continue;
                        }
                        prop_assert!(!topic.groups.is_empty(), "nobody reads it: {:?}", record);
                        for group in &topic.groups {
                            let counts = run.plan.groups[*group].from == Beginning::First;
                            let done = committed.get(&(*group, queue)).copied();
                            let done = done.or(counts.then_some(Offset::ZERO)).unwrap_or(Offset::MAX);
                            prop_assert!(offset <= done, "{:?} is at {}: {:?}", group, done, record);
                        }
                    }
                    _ => {}
                }
            }
            Ok(())
        });
    }
}
