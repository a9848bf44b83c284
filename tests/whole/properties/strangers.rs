//! Strangers: whoever comes in and shares no queue with the others leaves what happens to them as it was, to the nanosecond,
//! whatever the network does and whatever breaks.

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use queuescope_tests::random::{ClusterKind, Scenario, clusters};
use queuescope_tests::run::{FinishedRun, run_text};

use super::{ALL, runner};

/// Two queues on the first broker set, which the others use too, with somebody who sends.
const TOPIC: &str = "[[topics]]\nname = \"stranger-topic\"\nqueues = { b1 = 2 }\n\
    [[producers]]\nname = \"stranger\"\ntopic = \"stranger-topic\"\ninterval = { exp = \"7ms\" }\n";

/// Those who read it: they fail, and come again.
const GROUP: &str = "[[groups]]\nname = \"stranger-group\"\ntopic = \"stranger-topic\"\nmax_retries = 2\n\
    retry_delay = { exp = \"30ms\" }\n[[consumers]]\nname = \"stranger-consumer\"\ngroup = \"stranger-group\"\ncount = 2\n\
    service_time = { exp = \"3ms\" }\nfailure_rate = 0.3\n";

/// A broker set for themselves.
const SET: &str = "[[brokers]]\nname = \"stranger-broker\"\nslaves = [\"stranger-slave\"]\nstore_time = { exp = \"1ms\" }\n\
    [[topics]]\nname = \"stranger-topic\"\nqueues = { stranger-broker = 3 }\n\
    [[producers]]\nname = \"stranger\"\ntopic = \"stranger-topic\"\ninterval = { exp = \"7ms\" }\n";

/// A producer that calls a service of its own.
const SERVICE: &str = "[[services]]\nname = \"stranger-service\"\nservice_time = { exp = \"3ms\" }\n\
    [[producers]]\nname = \"stranger\"\ncalls = \"stranger-service\"\ninterval = { exp = \"5ms\" }\n";

/// A producer of a topic of the others that sends nothing.
const SILENT: &str = "[[producers]]\nname = \"stranger\"\ntopic = \"t1\"\ninterval = \"9ms\"\nmessages = 0\n";

/// The records that speak of no stranger, without their numbers and those of their causes, which count strangers too.
fn of_others(run: &FinishedRun) -> Vec<(u64, String)> {
    let lines = run.trace().into_iter().zip(&run.records).filter(|(line, _)| !line.contains("stranger"));
    let plain = lines.map(|(line, record)| {
        let mut line: serde_json::Map<_, _> = serde_json::from_str(&line).expect("a line is an object");
        line.retain(|key, _| !matches!(key.as_str(), "seq" | "cause"));
        (record.at.0, serde_json::to_string(&line).expect("plain data"))
    });
    plain.collect()
}

/// What a scenario comes to is the same with strangers in it, until one of the two runs ends.
fn unmoved(scenario: &Scenario, strangers: &str) -> TestCaseResult {
    let (alone, more) = (run_text(&scenario.0), run_text(&scenario.with(strangers).0));
    let until = alone.world.now().min(more.world.now()).0;
    let [one, other] = [&alone, &more].map(|run| {
        let before = of_others(run).into_iter().take_while(|(at, _)| *at < until);
        before.map(|(_, line)| line).collect::<Vec<_>>()
    });
    let differ = one.iter().zip(&other).find(|(a, b)| a != b);
    prop_assert!(differ.is_none(), "the first that differ: {:?}", differ);
    prop_assert_eq!(one.len(), other.len());
    prop_assert!(more.trace().iter().any(|line| line.contains("stranger")), "they have done nothing");
    Ok(())
}

fn leave_the_others_alone(kind: ClusterKind, strangers: &str) {
    let outcome = runner().run(&clusters(kind), |scenario| unmoved(&scenario, strangers));
    outcome.unwrap_or_else(|error| panic!("{kind:?}\n{error}"));
}

#[test]
fn a_topic_on_the_same_broker_changes_nothing_for_the_others() {
    for kind in ALL {
        // A disk that takes time is shared by all its queues, and so is the word of who died on its way to the broker.
        let kind = ClusterKind { slow_disks: false, patient: true, ..kind };
        leave_the_others_alone(kind, &[TOPIC, GROUP].concat());
    }
}

#[test]
fn a_broker_set_of_their_own_changes_nothing_for_the_others() {
    for kind in ALL {
        leave_the_others_alone(kind, &[SET, GROUP].concat());
    }
}

#[test]
fn a_service_and_its_caller_change_nothing_for_the_others() {
    for kind in ALL {
        leave_the_others_alone(kind, SERVICE);
    }
}

#[test]
fn a_producer_that_sends_nothing_changes_nothing_for_the_others() {
    for kind in ALL {
        leave_the_others_alone(kind, SILENT);
    }
}
