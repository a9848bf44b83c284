//! Runs come to rest: what can drain drains, whatever broke before it healed.

use std::collections::BTreeSet;

use proptest::prelude::*;
use queuescope::plan::{Beginning, CrashMode, GroupId, NodeId, Plan, QueueId};
use queuescope::record::Kind as What;
use queuescope_tests::random::ClusterKind;
use queuescope_tests::run::{FinishedRun, plan, run};

use super::{runs, scenarios};

/// Whether each group that ever had a consumer still has one at the end.
fn everybody_is_read(plan: &Plan) -> bool {
    plan.groups.iter().all(|group| {
        let stays = |node: &NodeId| plan.consumer(*node).is_some_and(|it| it.leaves.is_none());
        group.consumers.is_empty() || group.consumers.iter().any(stays)
    })
}

/// Groups that have begun all queues of their topic.
fn begun(run: &FinishedRun) -> BTreeSet<&str> {
    let mut begun = BTreeSet::new();
    for record in &run.records {
        match record.kind {
            What::Begun { group, queue, .. } => _ = begun.insert((group, queue)),
            // The disk was the place where it stood that they had begun.
            What::Crashed { mode: CrashMode::Wipe } => {
                let kept = |queue: QueueId| {
                    let set = run.plan.queues[queue].set;
                    !run.plan.sets[set].replicas.contains(&record.node)
                };
                begun.retain(|(_, queue)| kept(*queue));
            }
            _ => {}
        }
    }
    let all = |group: &GroupId| {
        let queues = &run.plan.topics[run.plan.groups[*group].topic].queues;
        queues.iter().all(|queue| begun.contains(&(*group, *queue)))
    };
    let groups = (0..run.plan.groups.len()).map(GroupId::from);
    groups.filter(all).map(|group| run.plan.groups[group].name.as_str()).collect()
}

#[test]
fn a_cluster_that_works_or_has_healed_comes_to_rest() {
    for kind in [
        ClusterKind::QUIET,
        ClusterKind::LATE,
        ClusterKind::LOSSY,
        ClusterKind::HEALING,
        ClusterKind { loss: true, ..ClusterKind::HEALING },
    ] {
        scenarios(kind, |scenario| {
            // With one answer in three lost, hundreds of messages that are published one by one take their time.
            let plan = plan(&scenario.0.replace("settle = \"5m\"", "settle = \"3h\""));
            if everybody_is_read(&plan) {
                let run = run(&plan, plan.seed);
                prop_assert!(run.world.now() < plan.end(), "still at it: {:#?}", run.report.groups);
            }
            Ok(())
        });
    }
}

#[test]
fn at_rest_nothing_is_left_to_a_group_that_has_begun() {
    for kind in [ClusterKind::QUIET, ClusterKind::LATE, ClusterKind::LOSSY, ClusterKind::HEALING] {
        runs(kind, |run| {
            let rested = run.world.now() < run.plan.end();
            let begun = begun(run);
            for (group, report) in run.plan.groups.iter().zip(&run.report.groups) {
                prop_assert_eq!(&group.name, &report.group);
                if rested && begun.contains(group.name.as_str()) {
                    prop_assert_eq!((report.waiting, report.in_process), (0, 0), "{}", group.name);
                }
            }
            Ok(())
        });
    }
}

#[test]
fn a_cluster_without_faults_leaves_nothing_undone() {
    runs(ClusterKind::QUIET, |run| {
        let begun = begun(run);
        let retries = run.has(|kind| matches!(kind, What::Failed { .. }));
        for (group, report) in run.plan.groups.iter().zip(&run.report.groups) {
            let stays =
                group.consumers.iter().any(|node| run.plan.consumer(*node).is_some_and(|it| it.leaves.is_none()));
            let accepted = run.report.topics[group.topic.index()].sent.accepted;
            if stays
                && begun.contains(group.name.as_str())
                && group.from == Beginning::First
                && !retries
                && report.expired == 0
            {
                prop_assert_eq!(report.done, accepted, "{:?}", report);
            }
            prop_assert_eq!(report.lost, 0, "{:?}", report);
        }
        prop_assert_eq!(run.report.messages.unanswered, 0);
        Ok(())
    });
}
