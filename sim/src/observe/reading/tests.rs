use super::super::sample::*;
use super::super::{Findings, Value};
use crate::plan::{
    Beginning, Epoch, GroupId, GroupPlan, GroupSlot, MessageId, Offset, Role, Selector, SetId, Setting, TopicId,
};
use crate::record::Kind;

const OF_GROUP: Selector = Selector::Group(GROUP);
const OF_TOPIC: Selector = Selector::Topic(TOPIC);
const OF_SET: Selector = Selector::Set(SET);

fn count(findings: &Findings, metric: &str, of: Selector) -> Option<u64> {
    match findings.figure(metric, of) {
        Some(Value::Count(count)) => Some(count),
        None => None,
        other => panic!("{metric} is no count: {other:?}"),
    }
}

fn time(findings: &Findings, metric: &str, of: Selector) -> Option<f64> {
    findings.figure(metric, of).map(Value::number)
}

#[test]
fn sends_add_up_and_a_message_without_route_counts_once() {
    let mut run = ScriptedRun::of(plan());
    run.sent(1).sent(1).accepted(1).on(SHOP, Kind::Unrouted { message: message(2) }).sent(2).rejected(2).sent(3);
    let findings = run.end(10);
    for of in [Selector::Any, OF_TOPIC, Selector::Producer(SHOP)] {
        let counts = ["sent", "accepted", "rejected", "unanswered"].map(|metric| count(&findings, metric, of));
        assert_eq!(counts, [Some(3), Some(1), Some(1), Some(1)], "{of:?}");
    }
}

#[test]
fn response_is_from_the_first_attempt_and_percentiles_stay_within_what_was_measured() {
    let mut run = ScriptedRun::of(plan());
    run.at(0).sent(1).at(1000).sent(1).at(1003).accepted(1);
    let findings = run.end(2000);
    for metric in ["response_mean", "response_p50", "response_p99", "response_max"] {
        assert_eq!(time(&findings, metric, Selector::Producer(SHOP)), Some(1.003), "{metric}");
        assert_eq!(time(&findings, metric, Selector::Any), Some(1.003), "{metric}");
    }
    assert_eq!(time(&findings, "response_p50", Selector::Producer(CALLER)), None);
}

#[test]
fn percentiles_are_within_one_percent() {
    let mut run = ScriptedRun::of(plan());
    for number in 1..=1000 {
        run.at(10_000 * u64::from(number)).sent(number);
        run.at(10_000 * u64::from(number) + u64::from(number)).accepted(number);
    }
    let findings = run.end(20_000_000);
    for (metric, exact) in
        [("response_p50", 0.5), ("response_p90", 0.9), ("response_p99", 0.99), ("response_mean", 0.5005)]
    {
        let value = time(&findings, metric, Selector::Any).unwrap_or_default();
        assert!((value - exact).abs() <= exact * 0.01, "{metric} is {value}");
    }
    assert_eq!(time(&findings, "response_max", Selector::Any), Some(1.0));
}

#[test]
fn calls_count_for_caller_and_service_and_workers_are_busy() {
    let mut run = ScriptedRun::of(plan());
    let call = |number| MessageId { producer: CALLER, number };
    run.at(0).on(CALLER, Kind::Called { call: call(1), service: DB });
    run.at(1).on(DB, Kind::Serving { call: call(1) });
    run.on(CALLER, Kind::Called { call: call(2), service: DB }).on(DB, Kind::Refused { call: call(2), service: DB });
    run.at(5).on(DB, Kind::Served { call: call(1) });
    run.at(6).on(CALLER, Kind::Answered { call: call(1), service: DB });
    let findings = run.end(10);
    for of in [Selector::Producer(CALLER), Selector::Service(DB)] {
        let counts = ["calls", "answered", "refused"].map(|metric| count(&findings, metric, of));
        assert_eq!(counts, [Some(2), Some(1), Some(1)], "{of:?}");
    }
    assert_eq!(time(&findings, "response_max", Selector::Producer(CALLER)), Some(0.006));
    assert_eq!(time(&findings, "utilization", Selector::Service(DB)), Some(0.2), "4 of 2 × 10 ms");
    assert_eq!(count(&findings, "sent", Selector::Any), Some(0), "calls are not messages");
}

#[test]
fn utilization_is_of_the_time_alive_and_of_the_threads_there_are() {
    let mut run = ScriptedRun::of(plan());
    run.at(0).sends(1, 0).started(FIRST, 1).at(10).crashed(FIRST);
    run.at(20).on(FIRST, Kind::Restarted).at(30);
    run.changed(FIRST, Setting::Threads(3));
    let findings = run.end(40);
    // Busy 10 ms; alive 10 + 10 ms with one thread, 10 ms with three.
    assert_eq!(time(&findings, "utilization", Selector::Consumer(FIRST)), Some(0.2));
    assert_eq!(time(&findings, "utilization", Selector::Consumer(SECOND)), Some(0.0));
    let mut late = plan();
    if let Role::Consumer(consumer) = &mut late.nodes[SECOND].role {
        consumer.joins = ms(100);
    }
    assert_eq!(time(&ScriptedRun::of(late).end(40), "utilization", Selector::Consumer(SECOND)), None);
}

#[test]
fn a_thread_that_is_at_work_counts_though_it_is_not_wanted_any_more() {
    let mut run = ScriptedRun::of(plan());
    run.at(0).changed(FIRST, Setting::Threads(3));
    for number in 1..=3 {
        run.sends(number, u64::from(number) - 1).started(FIRST, number);
    }
    run.at(10).changed(FIRST, Setting::Threads(1)).at(30).finished(FIRST, 1).finished(FIRST, 2);
    run.at(40).finished(FIRST, 3);
    let findings = run.end(50);
    // Busy 3 × 30 ms and 10 ms; there were three threads until 30 ms, and one after that.
    assert_eq!(time(&findings, "utilization", Selector::Consumer(FIRST)), Some(0.909_091));
}

#[test]
fn lag_is_from_the_committed_offset_to_the_end() {
    let mut run = ScriptedRun::of(plan());
    run.sends(1, 0).sends(2, 1).sent(3).stored(3, OTHER, 0).committed(1);
    run.on(SLAVE, Kind::Committed { group: GROUP, queue: QUEUE, offset: Offset(0) }).deleted(1);
    let findings = run.end(1);
    assert_eq!((count(&findings, "lag", OF_GROUP), count(&findings, "max_lag", OF_GROUP)), (Some(2), Some(3)));
    let of = [Selector::Queue(QUEUE), Selector::Queue(OTHER), OF_TOPIC];
    assert_eq!(of.map(|of| count(&findings, "end_offset", of)), [Some(2), Some(1), Some(3)]);
    assert_eq!(of.map(|of| count(&findings, "depth", of)), [Some(1), Some(1), Some(2)]);
}

#[test]
fn a_group_from_the_last_has_no_lag_before_it_begins() {
    let mut plan = plan();
    plan.groups.push(GroupPlan { slot: GroupSlot(1), ..group("late", Beginning::Last) });
    plan.topics[TopicId(0)].groups.push(GroupId(1));
    let mut run = ScriptedRun::of(plan);
    run.sends(1, 0).sends(2, 1);
    run.on(MASTER, Kind::Begun { group: GroupId(1), queue: QUEUE, offset: Offset(2) }).sends(3, 2);
    let findings = run.end(1);
    assert_eq!(count(&findings, "max_lag", Selector::Group(GroupId(1))), Some(1));
}

#[test]
fn the_present_log_is_the_present_masters() {
    let mut run = ScriptedRun::of(plan());
    run.elected(MASTER, 1);
    for number in 1..=3 {
        run.sends(number, u64::from(number) - 1);
    }
    run.on(SLAVE, Kind::Replicated { message: message(1), queue: QUEUE, offset: Offset(0), epoch: Epoch::nth(1) });
    run.committed(3).elected(SLAVE, 2).sent(4).stored(4, QUEUE, 3);
    let findings = run.end(1);
    assert_eq!(count(&findings, "end_offset", Selector::Queue(QUEUE)), Some(1), "a former master's store counts not");
    assert_eq!(count(&findings, "lag", OF_GROUP), Some(0), "committed is cut, too");
    assert_eq!(count(&findings, "epoch", OF_SET), Some(2));
    assert_eq!(count(&findings, "replica_lag_max", OF_SET), Some(3));
}

#[test]
fn who_is_elected_again_counts_before_it_has_heard_of_that() {
    // It was paused, and still thinks that it leads in the first epoch.
    let mut run = ScriptedRun::of(plan());
    run.elected(MASTER, 1).sends(1, 0).committed(1).deleted(1).elected(SLAVE, 2).elected(MASTER, 3);
    run.sends(2, 1).committed(2).deleted(2);
    let findings = run.end(1);
    let of = Selector::Queue(QUEUE);
    assert_eq!((count(&findings, "end_offset", of), count(&findings, "depth", of)), (Some(2), Some(0)));
}

#[test]
fn committed_is_cut_with_the_log_and_counts_on_from_there() {
    let mut run = ScriptedRun::of(plan());
    run.elected(MASTER, 1);
    for number in 1..=3 {
        run.sends(number, u64::from(number) - 1);
    }
    run.on(SLAVE, Kind::Replicated { message: message(1), queue: QUEUE, offset: Offset(0), epoch: Epoch::nth(1) });
    run.committed(3).elected(SLAVE, 2);
    run.on(SLAVE, Kind::Stored { message: message(4), queue: QUEUE, offset: Offset(1), epoch: Epoch::nth(2) });
    assert_eq!(count(&run.end(1), "lag", OF_GROUP), Some(1), "what was committed is gone, this is new");
    let mut run = ScriptedRun::of(plan());
    run.elected(MASTER, 1).sends(1, 0).sends(2, 1).sends(3, 2);
    run.on(MASTER, Kind::Truncated { queue: QUEUE, from: Offset(1), to: Offset(3) });
    let findings = run.end(1);
    let of = Selector::Queue(QUEUE);
    assert_eq!((count(&findings, "end_offset", of), count(&findings, "lag", OF_GROUP)), (Some(1), Some(1)));
}

#[test]
fn who_joins_lives_and_who_found_no_route_has_tried() {
    let mut late = plan();
    if let Role::Consumer(consumer) = &mut late.nodes[SECOND].role {
        consumer.joins = ms(100);
    }
    let mut run = ScriptedRun::of(late);
    run.at(100).on(SECOND, Kind::Joined).on(SHOP, Kind::Unrouted { message: message(1) }).at(110).rejected(1);
    let findings = run.end(200);
    assert_eq!(count(&findings, "idle_consumers", OF_GROUP), Some(2));
    assert_eq!((count(&findings, "sent", OF_TOPIC), count(&findings, "rejected", OF_TOPIC)), (Some(1), Some(1)));
}

#[test]
fn a_dead_slave_is_not_behind() {
    let mut run = ScriptedRun::of(plan());
    run.elected(MASTER, 1).crashed(SLAVE).sends(1, 0).sends(2, 1);
    let mut up = ScriptedRun::of(plan());
    up.elected(MASTER, 1).crashed(SLAVE).sends(1, 0).sends(2, 1).on(SLAVE, Kind::Restarted);
    assert_eq!(count(&run.end(1), "replica_lag_max", OF_SET), Some(0));
    assert_eq!(count(&up.end(1), "replica_lag_max", OF_SET), Some(2));
    let mut alone = plan();
    alone.sets[SetId(0)].replicas.truncate(1);
    assert_eq!(count(&ScriptedRun::of(alone).end(1), "replica_lag_max", OF_SET), None);
}

#[test]
fn idle_is_who_lives_and_owns_nothing() {
    let at = |to| figure("idle_consumers", OF_GROUP, 0, to);
    let mut run = ScriptedRun::of(asking(&[at(0), at(1), at(2), at(3)]));
    run.at(1).assigned(FIRST, &[QUEUE, OTHER]).at(2).assigned(FIRST, &[QUEUE]).assigned(SECOND, &[OTHER]);
    run.at(3).crashed(FIRST).assigned(SECOND, &[]).at(4).on(SECOND, Kind::Left);
    let findings = run.end(5);
    let values = [0, 1, 2, 3].map(|to| findings.value(&at(to)).map(Value::number));
    assert_eq!(values, [Some(2.0), Some(1.0), Some(0.0), Some(1.0)]);
    assert_eq!(count(&findings, "idle_consumers", OF_GROUP), Some(0));
}

#[test]
fn a_master_that_begins_anew_behind_what_it_never_had_stores_nothing() {
    // It was elected with an empty log, and joins its former master before it hears of that.
    let mut run = ScriptedRun::of(plan());
    run.elected(SLAVE, 1).elected(MASTER, 2).deleted(7);
    let findings = run.end(1);
    let of = Selector::Queue(QUEUE);
    assert_eq!((count(&findings, "end_offset", of), count(&findings, "depth", of)), (Some(7), Some(0)));
    assert_eq!(count(&findings, "lag", OF_GROUP), Some(0), "nobody can read what was before");
    let mut run = ScriptedRun::of(plan());
    run.elected(SLAVE, 1).deleted(7).elected(MASTER, 2).sent(1).stored(1, QUEUE, 7);
    let findings = run.end(1);
    assert_eq!((count(&findings, "end_offset", of), count(&findings, "depth", of)), (Some(8), Some(1)));
    assert_eq!((count(&findings, "lag", OF_GROUP), count(&findings, "max_lag", OF_GROUP)), (Some(1), Some(1)));
}

#[test]
fn the_lag_that_an_election_brings_is_among_the_largest() {
    let mut run = ScriptedRun::of(plan());
    run.elected(SLAVE, 1).sent(1).stored(1, QUEUE, 0).sent(2).stored(2, QUEUE, 1).elected(MASTER, 2);
    let findings = run.end(1);
    assert_eq!((count(&findings, "lag", OF_GROUP), count(&findings, "max_lag", OF_GROUP)), (Some(2), Some(2)));
}
