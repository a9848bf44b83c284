//! The nodes of a random cluster, group by group: what stands in their sections besides names.

use proptest::prelude::*;

use super::{ClusterKind, always, distribution, gap, line, lines, upto, word};

/// A broker set: its settings.
pub(super) fn set(kind: ClusterKind) -> BoxedStrategy<String> {
    let mut settings = vec![
        line("flush", word(&["\"sync\"", "\"async\""])),
        line("flush_interval", (20..800_u32).prop_map(|ms| format!("\"{ms}ms\""))),
        line("store_limit", 5..500_u32),
    ];
    if kind.slow_disks {
        settings.push(line("store_time", distribution(3)));
        settings.push(line("flush_time", distribution(5)));
    }
    lines(settings).boxed()
}

/// A topic: queues by broker set, retention, groups.
#[derive(Clone, Debug)]
pub(super) struct RandomTopic {
    pub(super) shares: [u32; 3],
    pub(super) retention: String,
    pub(super) groups: Vec<RandomGroup>,
}

pub(super) fn topic(kind: ClusterKind) -> impl Strategy<Value = RandomTopic> {
    let retention = prop_oneof![
        3 => Just(String::new()),
        1 => (100..4_000_u32).prop_map(|ms| format!("retention = \"{ms}ms\"\n")),
    ];
    let groups = prop::collection::vec(group(kind), 0..=3);
    (prop::array::uniform3(0..=4_u32), retention, groups).prop_map(|(shares, retention, groups)| RandomTopic {
        shares,
        retention,
        groups,
    })
}

/// A producer: what it sends to, and how.
#[derive(Clone, Debug)]
pub(super) struct RandomProducer {
    pub(super) topic: usize,
    /// Calls a service instead, where there is one.
    pub(super) calls: bool,
    pub(super) select: (usize, u32),
    /// Hundredths of the duration.
    pub(super) starts: u64,
    pub(super) stops: u64,
    pub(super) bursts: Vec<(u64, u32)>,
    pub(super) settings: String,
}

pub(super) fn producer(kind: ClusterKind) -> impl Strategy<Value = RandomProducer> {
    let patience = if kind.patient { 4_000..8_000_u32 } else { 60..1_500 };
    let settings = lines(vec![
        always("interval", gap(5, 90)),
        line("messages", 0..80_u32),
        line("count", 1..=2_u32),
        always("send_timeout", patience.prop_map(|ms| format!("\"{ms}ms\""))),
        line("retries", 0..=3_u32),
    ]);
    let bursts = prop::collection::vec((0..100_u64, 1..60_u32), 0..=2);
    (
        any::<usize>(),
        prop::bool::weighted(0.15),
        (0..3_usize, 0..6_u32),
        prop_oneof![3 => Just(0), 1 => 0..60_u64],
        prop_oneof![3 => Just(100), 1 => 61..100_u64],
        bursts,
        settings,
    )
        .prop_map(|(topic, calls, select, starts, stops, bursts, settings)| RandomProducer {
            topic,
            calls,
            select,
            starts,
            stops,
            bursts,
            settings,
        })
}

/// A group: its settings and consumers.
#[derive(Clone, Debug)]
pub(super) struct RandomGroup {
    pub(super) settings: String,
    pub(super) consumers: Vec<RandomConsumer>,
}

fn group(kind: ClusterKind) -> impl Strategy<Value = RandomGroup> {
    let delays = prop::collection::vec(upto(400), 1..=3).prop_map(|delays| format!("[{}]", delays.join(", ")));
    let settings = lines(vec![
        line("assignment", word(&["\"averagely\"", "\"circle\"", "\"consistent_hash\""])),
        line("queue_lock", any::<bool>()),
        line("ack", word(&["\"after\"", "\"before\""])),
        line("batch", 1..=32_u32),
        line("from", word(&["\"first\"", "\"last\""])),
        line("ordered", any::<bool>()),
        line("deduplicate", any::<bool>()),
        always("max_retries", 0..=3_u32),
        always("retry_delay", prop_oneof![distribution(300), delays.boxed()]),
    ]);
    (settings, prop::collection::vec(consumer(kind), 0..=3))
        .prop_map(|(settings, consumers)| RandomGroup { settings, consumers })
}

/// A consumer.
#[derive(Clone, Debug)]
pub(super) struct RandomConsumer {
    pub(super) count: u32,
    /// Calls a service, where there is one.
    pub(super) calls: Option<usize>,
    /// Publishes to a later topic, where there is one.
    pub(super) publishes: Option<usize>,
    /// Hundredths of the duration.
    pub(super) joins: u64,
    pub(super) leaves: Option<u64>,
    pub(super) settings: String,
}

fn consumer(_: ClusterKind) -> impl Strategy<Value = RandomConsumer> {
    let settings = lines(vec![
        always("threads", 1..=3_u32),
        always("service_time", distribution(20)),
        line("failure_rate", (0..70_u32).prop_map(|percent| f64::from(percent) / 100.0)),
        line("poison_rate", (0..30_u32).prop_map(|percent| f64::from(percent) / 100.0)),
        always("call_timeout", (20..900_u32).prop_map(|ms| format!("\"{ms}ms\""))),
    ]);
    (
        prop_oneof![3 => Just(1_u32), 1 => 1..=2_u32],
        prop::option::weighted(0.2, any::<usize>()),
        prop::option::weighted(0.2, any::<usize>()),
        prop_oneof![2 => Just(0), 1 => 0..90_u64],
        prop::option::weighted(0.25, 1..110_u64),
        settings,
    )
        .prop_map(|(count, calls, publishes, joins, leaves, settings)| RandomConsumer {
            count,
            calls,
            publishes,
            joins,
            leaves,
            settings,
        })
}

/// A service.
pub(super) fn service() -> BoxedStrategy<String> {
    lines(vec![line("workers", 1..=4_u32), line("service_time", distribution(15)), line("queue_limit", 0..60_u32)])
        .boxed()
}
