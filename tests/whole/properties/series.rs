//! The time series of a run: each interval has the values that follow from the trace, and all intervals together those of
//! the report.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use queuescope::kernel::Time;
use queuescope::limit;
use queuescope::observe::series::MAX_INTERVALS;
use queuescope::observe::{Series, Value};
use queuescope::plan::{NodeId, Selector, Setting};
use queuescope::record::{Change, Kind as What};
use queuescope::session::Session;
use queuescope_tests::oracle::Oracle;
use queuescope_tests::random::ClusterKind;
use queuescope_tests::run::{FinishedRun, plan, run};

use super::{ALL, scenarios};

/// Holds a property against the series of random runs; they are short enough to have several intervals.
fn series(kind: ClusterKind, holds: impl Fn(&FinishedRun, &Series) -> TestCaseResult) {
    scenarios(kind, |scenario| {
        let plan = plan(&scenario.0.replace("settle = \"5m\"", "settle = \"20s\""));
        let run = run(&plan, plan.seed);
        let mut session = Session::new(Arc::clone(&plan), plan.seed, limit::EVENTS);
        while !session.work(777) {}
        let intervals = session.series().intervals();
        prop_assert!(intervals.len() <= MAX_INTERVALS);
        prop_assert_eq!(intervals.last().map(|(_, end)| end), Some(session.ahead().at()));
        holds(&run, session.series())
    });
}

fn numbers(series: &Series, metric: &str, of: Selector) -> Vec<Option<f64>> {
    series.values(metric, of).iter().map(|value| value.map(Value::number)).collect()
}

fn sum(series: &Series, metric: &str, of: Selector) -> u64 {
    numbers(series, metric, of).into_iter().flatten().sum::<f64>() as u64
}

/// The things of each interval, where each thing happens at a time.
fn sorted<T>(series: &Series, things: impl Iterator<Item = (u64, T)>) -> Vec<Vec<T>> {
    let ends: Vec<Time> = series.intervals().map(|(_, end)| end).collect();
    let mut sorted: Vec<Vec<T>> = ends.iter().map(|_| Vec::new()).collect();
    for (at, thing) in things {
        sorted[ends.partition_point(|end| end.0 < at)].push(thing);
    }
    sorted
}

/// The smallest that so large a share stays at or below; within 1 % of it.
fn is_quantile(share: f64, mut all: Vec<u64>, told: Option<f64>) -> TestCaseResult {
    all.sort_unstable();
    let rank = libm::ceil(share * all.len() as f64) as usize;
    let exact = all.get(rank.max(1) - 1).map(|ns| *ns as f64 / 1e9);
    match (exact, told) {
        (None, None) => {}
        (Some(exact), Some(told)) => prop_assert!((told - exact).abs() <= 0.01 * exact + 1e-9, "{} {}", told, exact),
        other => prop_assert!(false, "{:?}", other),
    }
    Ok(())
}

#[test]
fn an_interval_has_the_values_that_follow_from_the_trace() {
    for kind in ALL {
        series(kind, |run, series| {
            let oracle = Oracle::of(&run.plan, &run.trace());
            for (topic, it) in run.plan.topics.iter().enumerate() {
                let tried = oracle.messages.values().filter(|message| message.topic == it.name);
                let tried = sorted(series, tried.map(|message| (message.first_attempt, ())));
                let tried: Vec<_> = tried.iter().map(|all| Some(all.len() as f64)).collect();
                prop_assert_eq!(numbers(series, "sent", Selector::Topic(topic.into())), tried);
            }
            for (group, it) in run.plan.groups.iter().enumerate() {
                let of = Selector::Group(group.into());
                let finished = oracle.groups[&it.name].finished.iter();
                let finished = finished.map(|(name, (at, _))| (&oracle.messages[name], *at));
                // It is done when it has been processed and its producer knows that it is accepted.
                let done = finished.clone().filter_map(|(message, at)| Some((at.max(message.accepted?), ())));
                let done: Vec<_> = sorted(series, done).iter().map(|all| Some(all.len() as f64)).collect();
                prop_assert_eq!(numbers(series, "done", of), done);
                let latencies = sorted(series, finished.map(|(message, at)| (at, at - message.first_attempt)));
                are_quantiles(series, ["latency_p50", "latency_p99"], of, &latencies)?;
            }
            for node in (0..run.plan.nodes.len()).map(NodeId::from) {
                if run.plan.producer(node).is_some() && run.plan.topic_sent_to(node).is_some() {
                    let mine = oracle.messages.values().filter(|message| message.producer == run.plan.name(node));
                    let answered = mine.filter_map(|message| Some((message.accepted?, message.first_attempt)));
                    let responses = sorted(series, answered.map(|(at, first)| (at, at - first)));
                    are_quantiles(series, ["response_p50", "response_p99"], Selector::Producer(node), &responses)?;
                }
            }
            Ok(())
        });
    }
}

fn are_quantiles(series: &Series, metrics: [&str; 2], of: Selector, all: &[Vec<u64>]) -> TestCaseResult {
    for (metric, share) in metrics.into_iter().zip([0.5, 0.99]) {
        let told = numbers(series, metric, of);
        prop_assert_eq!(told.len(), all.len());
        for (told, all) in told.into_iter().zip(all) {
            is_quantile(share, all.clone(), told)?;
        }
    }
    Ok(())
}

#[test]
fn all_intervals_together_have_the_values_of_the_report() {
    for kind in ALL {
        series(kind, |run, series| {
            for (topic, it) in run.report.topics.iter().enumerate() {
                prop_assert_eq!(sum(series, "sent", Selector::Topic(topic.into())), it.sent.sent);
            }
            for (queue, it) in run.report.queues.iter().enumerate() {
                let depths = numbers(series, "depth", Selector::Queue(queue.into()));
                prop_assert_eq!(depths.last(), Some(&Some(it.depth as f64)), "{}", it.queue);
            }
            for (group, it) in run.plan.groups.keys().zip(&run.report.groups) {
                let of = Selector::Group(group);
                prop_assert_eq!(sum(series, "done", of), it.done);
                let lags = numbers(series, "max_lag", of).into_iter().flatten();
                prop_assert_eq!(lags.fold(0.0, f64::max) as u64, it.max_lag, "{}", it.group);
                for (consumer, told) in run.plan.groups[group].consumers.iter().zip(&it.consumers) {
                    was_as_busy(run, series, *consumer, told.utilization.map(Value::number))?;
                }
            }
            Ok(())
        });
    }
}

/// The utilization of all intervals, each with the time that there was to be busy in, is that of the whole run.
fn was_as_busy(run: &FinishedRun, series: &Series, consumer: NodeId, whole: Option<f64>) -> TestCaseResult {
    let capacities = capacities(run, series, consumer);
    let told = numbers(series, "utilization", Selector::Consumer(consumer));
    for (told, capacity) in told.iter().zip(&capacities) {
        prop_assert_eq!(told.is_some(), *capacity > 0, "{}", run.plan.name(consumer));
        prop_assert!(told.is_none_or(|share| (0.0..=1.0).contains(&share)), "{}: {:?}", run.plan.name(consumer), told);
    }
    let busy: f64 = told.iter().zip(&capacities).map(|(told, capacity)| told.unwrap_or(0.0) * *capacity as f64).sum();
    let all = capacities.iter().sum::<u64>() as f64;
    // Each is told to the millionth.
    let expected = whole.unwrap_or(0.0) * all;
    prop_assert!((busy - expected).abs() <= 2e-6 * all, "{}: {} {}", run.plan.name(consumer), busy, expected);
    Ok(())
}

/// Nanoseconds of threads of a living consumer, in each interval. One that is at work counts, wanted or not.
fn capacities(run: &FinishedRun, series: &Series, consumer: NodeId) -> Vec<u64> {
    let plan = run.plan.consumer(consumer).expect("a consumer");
    let (mut alive, mut threads, mut busy) = (plan.joins == Time::ZERO, u64::from(plan.threads), 0);
    // From when on there are so many threads.
    let mut since = BTreeMap::from([(0, if alive { threads } else { 0 })]);
    for record in run.records.iter().filter(|record| record.node == consumer) {
        match &record.kind {
            What::Joined | What::Restarted => alive = true,
            What::Left | What::Crashed { .. } => (alive, busy) = (false, 0),
            What::Started { .. } => busy += 1,
            What::Finished { .. } | What::Failed { .. } => busy -= 1,
            What::Changed { change } => match **change {
                Change::Setting(Setting::Threads(number)) => threads = u64::from(number),
                _ => continue,
            },
            _ => continue,
        }
        since.insert(record.at.0, if alive { threads.max(busy) } else { 0 });
    }
    let within = |(from, to): (Time, Time)| {
        let edges = [from.0].into_iter().chain(since.range(from.0 + 1..to.0).map(|(at, _)| *at)).chain([to.0]);
        let edges: Vec<u64> = edges.collect();
        edges
            .windows(2)
            .map(|edge| (edge[1] - edge[0]) * since.range(..=edge[0]).next_back().map_or(0, |it| *it.1))
            .sum()
    };
    series.intervals().map(within).collect()
}
