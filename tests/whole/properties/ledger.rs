//! Each accepted message is in one place of each group's ledger; records, nodes and report agree on which.

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use queuescope::plan::{Ack, Beginning, GroupPlan};
use queuescope::record::Kind as What;
use queuescope::report::{GroupReport, ProducerCounts, SendCounts};
use queuescope_tests::oracle::{Oracle, TracedBalance};
use queuescope_tests::random::ClusterKind;
use queuescope_tests::run::FinishedRun;

use super::{ALL, runs};

/// A broker, not just anybody, has crashed.
fn broker_crashed(run: &FinishedRun) -> bool {
    let broker = |node| run.plan.broker_set(node).is_some();
    run.records.iter().any(|record| matches!(record.kind, What::Crashed { .. }) && broker(record.node))
}

#[test]
fn the_places_of_the_ledger_add_up_to_what_was_accepted() {
    for kind in ALL {
        runs(kind, |run| {
            for group in &run.report.groups {
                let topic = run.report.topics.iter().find(|topic| topic.topic == group.topic);
                let accepted = topic.expect("a group reads a topic").sent.accepted;
                let places = [
                    group.done,
                    group.in_process,
                    group.waiting,
                    group.dead_lettered,
                    group.expired,
                    group.skipped,
                    group.lost,
                ];
                prop_assert_eq!(places.iter().sum::<u64>(), accepted, "{:?}", group);
            }
            Ok(())
        });
    }
}

#[test]
fn the_messages_left_for_a_group_are_those_that_the_nodes_hold() {
    for kind in ALL {
        runs(kind, |run| {
            for (index, group) in run.plan.groups.iter().enumerate() {
                let report = group_of(run, &group.name);
                let left = run.world.left(index.into());
                prop_assert_eq!((report.in_process, report.waiting), (left.in_process, left.waiting), "{}", group.name);
            }
            Ok(())
        });
    }
}

#[test]
fn the_report_says_what_the_trace_says() {
    for kind in ALL {
        runs(kind, |run| {
            let oracle = Oracle::of(&run.plan, &run.trace());
            sends_agree(run, &oracle)?;
            groups_agree(run, &oracle)?;
            if !broker_crashed(run) {
                queues_agree(run, &oracle)?;
            }
            Ok(())
        });
    }
}

fn group_of<'a>(run: &'a FinishedRun, name: &str) -> &'a GroupReport {
    run.report.groups.iter().find(|group| group.group == name).expect("every group is in the report")
}

fn plan_of<'a>(run: &'a FinishedRun, name: &str) -> &'a GroupPlan {
    run.plan.groups.iter().find(|group| group.name == name).expect("a group of the plan")
}

fn sends_agree(run: &FinishedRun, oracle: &Oracle) -> TestCaseResult {
    let counts = |sent: &SendCounts| [sent.sent, sent.accepted, sent.rejected, sent.unanswered];
    prop_assert_eq!(counts(&run.report.messages), oracle.sent(|_| true));
    for topic in &run.report.topics {
        prop_assert_eq!(counts(&topic.sent), oracle.sent(|message| message.topic == topic.topic), "{}", topic.topic);
    }
    for producer in &run.report.producers {
        if let ProducerCounts::Sends(sent) = &producer.work {
            let told = oracle.sent(|message| message.producer == producer.producer);
            prop_assert_eq!(counts(sent), told, "{}", producer.producer);
        }
    }
    Ok(())
}

fn queues_agree(run: &FinishedRun, oracle: &Oracle) -> TestCaseResult {
    for queue in &run.report.queues {
        let log = &oracle.logs[&queue.queue];
        prop_assert_eq!((queue.end_offset, queue.depth), (log.end, log.entries.len() as u64), "{}", queue.queue);
    }
    Ok(())
}

fn groups_agree(run: &FinishedRun, oracle: &Oracle) -> TestCaseResult {
    let crashed = broker_crashed(run);
    for group in &run.report.groups {
        let (mut told, unsure) = oracle.balance(&run.plan, &group.group, crashed);
        let mut reported = TracedBalance {
            done: group.done,
            in_process: group.in_process,
            waiting: group.waiting,
            dead_lettered: group.dead_lettered,
            expired: group.expired,
            skipped: group.skipped,
            lost: group.lost,
            unconfirmed: group.unconfirmed,
            duplicates: group.duplicates,
            out_of_order: group.out_of_order,
        };
        // What was there before its beginning and has grown too old is both; the contract does not say which comes first.
        if plan_of(run, &group.group).from == Beginning::Last {
            for balance in [&mut reported, &mut told] {
                balance.skipped += std::mem::take(&mut balance.expired);
            }
        }
        let far = told.waiting.abs_diff(reported.waiting);
        prop_assert!(far <= unsure, "{}: {:?} reported, {:?} by the trace", group.group, reported, told);
        if unsure == 0 {
            prop_assert_eq!(reported, told, "{}: the report, the trace", group.group);
        } else {
            let certain =
                |it: &TracedBalance| [it.done, it.in_process, it.lost, it.unconfirmed, it.duplicates, it.out_of_order];
            prop_assert_eq!(certain(&reported), certain(&told), "{}: the report, the trace", group.group);
        }
        if !crashed {
            prop_assert_eq!(group.max_lag, oracle.groups[&group.group].max_lag, "largest lag of {}", group.group);
        }
        latencies_agree(group, &oracle.latencies(&group.group))?;
    }
    Ok(())
}

fn latencies_agree(group: &GroupReport, latencies: &[u64]) -> TestCaseResult {
    let Some(longest) = latencies.iter().max() else {
        prop_assert_eq!(group.latency_s.max, None);
        return Ok(());
    };
    let mean = latencies.iter().map(|ns| *ns as f64).sum::<f64>() / latencies.len() as f64 / 1e9;
    let near = |reported: Option<f64>, told: f64| reported.is_some_and(|it| (it - told).abs() <= 0.01 * told + 1e-9);
    prop_assert!(near(group.latency_s.max, *longest as f64 / 1e9), "longest of {}: {}", group.group, longest);
    prop_assert!(near(group.latency_s.mean, mean), "mean of {}: {}, {:?}", group.group, mean, group.latency_s.mean);
    let mut sorted = latencies.to_vec();
    sorted.sort_unstable();
    let median = sorted[(sorted.len() - 1) / 2] as f64 / 1e9;
    prop_assert!(near(group.latency_s.p50, median), "median of {}: {}, {:?}", group.group, median, group.latency_s.p50);
    Ok(())
}

#[test]
fn without_a_crash_nothing_is_lost_to_a_group_that_acknowledges_after_processing() {
    for kind in [ClusterKind::QUIET, ClusterKind::LATE, ClusterKind::LOSSY] {
        runs(kind, |run| {
            for group in run.plan.groups.iter().filter(|group| group.ack == Ack::After) {
                prop_assert_eq!(group_of(run, &group.name).lost, 0, "{}", group.name);
            }
            Ok(())
        });
    }
}

#[test]
fn a_lost_message_is_never_seen_again() {
    for kind in ALL {
        runs(kind, |run| {
            let mut lost = std::collections::BTreeSet::new();
            for record in &run.records {
                match record.kind {
                    What::Lost { group, message } => {
                        prop_assert!(lost.insert((group, message)), "lost twice: {:?}", record);
                        prop_assert!(record.cause.is_some(), "lost without a cause: {:?}", record);
                    }
                    What::Started { group, message, .. } | What::Finished { group, message, .. } => {
                        prop_assert!(!lost.contains(&(group, message)), "lost and yet there: {:?}", record);
                    }
                    _ => {}
                }
            }
            Ok(())
        });
    }
}
