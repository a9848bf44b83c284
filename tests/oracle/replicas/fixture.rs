//! Traces written by hand, for the tests of the checks. A line is `milliseconds node kind key=value … <- cause`; its
//! number is its place.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{OracleCluster, OracleGroup, OracleQueue, OracleSet, TraceReading, follow};

/// Two replicas, of which the first is master.
pub(super) const START: &str = "1 ns registered of=b1\n1 ns registered of=s1\n1 b1 elected broker_set=b1 epoch=1\n";

/// Three replicas, of which the first is master.
pub(super) const TRIO: &str =
    "1 ns registered of=b1\n1 ns registered of=s1\n1 ns registered of=s2\n1 b1 elected broker_set=b1 epoch=1\n";

/// One queue on one set of these replicas, acknowledged by all of them, read by one group.
fn cluster(replicas: &[&str]) -> OracleCluster {
    let one = |name: &str| name.to_owned();
    let set = OracleSet { replicas: replicas.iter().map(|name| one(name)).collect(), sync: true, flushed: false };
    let group = OracleGroup { topic: one("t"), stays: true, ..OracleGroup::default() };
    OracleCluster {
        sets: BTreeMap::from([(one("b1"), set)]),
        queues: BTreeMap::from([(one("t/b1/0"), OracleQueue { set: one("b1"), topic: one("t") })]),
        groups: BTreeMap::from([(one("g"), group)]),
        consumed: vec![one("t")],
        elects: one("ns"),
        word: 100_000_000,
    }
}

/// The cluster of most of them.
pub(super) fn pair() -> OracleCluster {
    cluster(&["b1", "s1"])
}

/// Names of the checks that do not hold for a trace.
pub(super) fn broken(trace: &str) -> Vec<&'static str> {
    broken_in(pair(), trace)
}

/// The same, with three replicas.
pub(super) fn broken_trio(trace: &str) -> Vec<&'static str> {
    broken_in(cluster(&["b1", "s1", "s2"]), trace)
}

/// The same, in some cluster.
pub(super) fn broken_in(cluster: OracleCluster, trace: &str) -> Vec<&'static str> {
    reading(cluster, trace).broken.iter().map(|broken| broken.check).collect()
}

/// Reads a trace.
pub(super) fn reading(cluster: OracleCluster, trace: &str) -> TraceReading {
    let lines: Vec<String> = trace.lines().enumerate().map(|(n, line)| record(n + 1, line)).collect();
    follow(cluster, &lines)
}

/// A line that was written by hand, as the trace has it.
fn record(seq: usize, line: &str) -> String {
    let (line, cause) = line.split_once(" <- ").map_or((line, None), |(line, cause)| (line, Some(cause)));
    let mut words = line.split_whitespace();
    let mut word = || words.next().unwrap_or_else(|| panic!("too short: {line}"));
    let at: u64 = word().parse().expect("milliseconds");
    let (node, kind) = (word(), word());
    let mut object = Map::new();
    object.insert("at_ns".to_owned(), json!(at * 1_000_000));
    object.insert("seq".to_owned(), json!(seq));
    object.insert("cause".to_owned(), json!(cause.map(|cause| cause.parse::<u64>().expect("a number"))));
    object.insert("node".to_owned(), json!(node));
    object.insert("kind".to_owned(), json!(kind));
    for pair in words {
        let (key, value) = pair.split_once('=').unwrap_or_else(|| panic!("no key: {line}"));
        let value = value.parse::<u64>().map_or_else(|_| Value::from(value), Value::from);
        object.insert(key.to_owned(), value);
    }
    Value::Object(object).to_string()
}
