//! Writes a random cluster as a scenario file. The strategies give only numbers: here they become names of nodes, topics and
//! groups that exist.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::nodes::{self, RandomProducer, RandomTopic};
use super::trouble::{self, Breakage, ChangedNode, RandomChange, RandomFault};
use super::{ClusterKind, Scenario, distribution, line, lines, upto, word};

/// The parts of a random cluster, before they have names.
#[derive(Clone, Debug)]
struct ClusterParts {
    /// Keys and tables at the top of the file, which name no part of the cluster.
    head: String,
    duration_ms: u64,
    nameservers: usize,
    sets: Vec<String>,
    services: Vec<String>,
    topics: Vec<RandomTopic>,
    producers: Vec<RandomProducer>,
    changes: Vec<RandomChange>,
    faults: Vec<RandomFault>,
}

/// Random clusters of a kind. Their settle time is so long that every queue that can drain is empty at the end.
pub fn clusters(kind: ClusterKind) -> impl Strategy<Value = Scenario> {
    let nodes = (
        1..=2_usize,
        prop::collection::vec(nodes::set(kind), 1..=3),
        prop::collection::vec(nodes::service(), 0..=2),
        prop::collection::vec(nodes::topic(kind), 1..=3),
        prop::collection::vec(nodes::producer(kind), 1..=4),
    );
    let trouble = (trouble::changes(kind.slow_disks), trouble::faults(kind.trouble));
    (200..2_500_u64, head(kind), nodes, trouble).prop_map(
        |(duration_ms, head, (nameservers, sets, services, topics, producers), (changes, faults))| {
            ClusterParts { head, duration_ms, nameservers, sets, services, topics, producers, changes, faults }.write()
        },
    )
}

/// The head of the file: seed, settle time, profile, network and timers.
fn head(kind: ClusterKind) -> impl Strategy<Value = String> {
    let latency =
        if kind.jitter { prop_oneof![1 => upto(20).boxed(), 1 => distribution(20)].boxed() } else { upto(20).boxed() };
    let loss = if kind.loss {
        (10..200_u32).prop_map(|per_mille| f64::from(per_mille) / 1_000.0).boxed()
    } else {
        Just(0.0).boxed()
    };
    let profile = prop_oneof![4 => Just(""), 1 => Just("profile = \"rocketmq\"\n")];
    let ms = |from: u32, to: u32| (from..=to).prop_map(|ms| format!("\"{ms}ms\""));
    let expire = if kind.patient { ms(5_000, 9_000) } else { ms(1_000, 4_000) };
    let timers = lines(vec![
        super::always("heartbeat", ms(100, 500)),
        super::always("expire", expire),
        super::always("scan", ms(100, 1_000)),
        super::always("route_refresh", prop_oneof![Just("\"push\"".to_owned()).boxed(), ms(100, 1_500).boxed()]),
        super::always("rebalance", ms(100, 2_000)),
        super::always("long_poll", if kind.loss { ms(100, 600) } else { ms(100, 6_000) }),
        super::always("commit", prop_oneof![Just("\"0s\"".to_owned()).boxed(), ms(20, 800).boxed()]),
        line("offset_sync", ms(20, 800)),
        super::always("call", if kind.patient { ms(2_000, 4_000) } else { ms(200, 1_500) }),
    ]);
    let network =
        (latency, loss).prop_map(|(latency, loss)| format!("[network]\nlatency = {latency}\nloss = {loss}\n"));
    (any::<u32>(), profile, network, timers, word(&["5m"])).prop_map(|(seed, profile, network, timers, settle)| {
        format!("seed = {seed}\nsettle = \"{settle}\"\n{profile}{network}[timers]\n{timers}")
    })
}

impl ClusterParts {
    fn write(self) -> Scenario {
        let mut text = format!("title = \"random\"\nduration = \"{}ms\"\n{}", self.duration_ms, self.head);
        for n in 1..=self.nameservers {
            let _ = writeln!(text, "[[nameservers]]\nname = \"ns{n}\"");
        }
        for (n, settings) in self.sets.iter().enumerate() {
            let _ = write!(text, "[[brokers]]\nname = \"b{}\"\n{settings}", n + 1);
        }
        for (n, settings) in self.services.iter().enumerate() {
            let _ = write!(text, "[[services]]\nname = \"s{}\"\n{settings}", n + 1);
        }
        let mut names = ClusterNames {
            brokers: (1..=self.sets.len()).map(|n| format!("b{n}")).collect(),
            services: (1..=self.services.len()).map(|n| format!("s{n}")).collect(),
            nameservers: (1..=self.nameservers).map(|n| format!("ns{n}")).collect(),
            producers: Vec::new(),
            consumers: Vec::new(),
        };
        self.write_topics(&mut text);
        for (n, producer) in self.producers.iter().enumerate() {
            self.write_producer(n + 1, producer, &mut text, &mut names);
        }
        self.write_groups(&mut text, &mut names);
        for change in &self.changes {
            write_change(change, self.duration_ms, &mut text, &names);
        }
        for fault in &self.faults {
            write_fault(fault, self.duration_ms, &mut text, &names);
        }
        Scenario(text)
    }

    /// Writes the topics. Every topic gets at least one queue, and every broker set holds at least one.
    fn write_topics(&self, text: &mut String) {
        let mut shares: Vec<Vec<u32>> =
            self.topics.iter().map(|topic| topic.shares[..self.sets.len()].to_vec()).collect();
        for set in 0..self.sets.len() {
            if shares.iter().all(|share| share[set] == 0) {
                let topic = set % shares.len();
                shares[topic][set] = 1;
            }
        }
        for (n, (topic, share)) in self.topics.iter().zip(&mut shares).enumerate() {
            if share.iter().all(|queues| *queues == 0) {
                share[0] = 1;
            }
            let queues: Vec<String> = share
                .iter()
                .enumerate()
                .filter(|(_, queues)| **queues > 0)
                .map(|(set, queues)| format!("b{} = {queues}", set + 1))
                .collect();
            let _ = write!(
                text,
                "[[topics]]\nname = \"t{}\"\nqueues = {{ {} }}\n{}",
                n + 1,
                queues.join(", "),
                topic.retention
            );
        }
    }

    /// Writes a producer. Faults and changes name the first node where `count` makes two of it.
    fn write_producer(&self, n: usize, producer: &RandomProducer, text: &mut String, names: &mut ClusterNames) {
        let name = format!("p{n}");
        let has_two = producer.settings.contains("count = 2");
        names.producers.push(if has_two { format!("{name}-1") } else { name.clone() });
        let _ = writeln!(text, "[[producers]]\nname = \"{name}\"");
        match producer.calls && !self.services.is_empty() {
            true => _ = writeln!(text, "calls = \"s{}\"", producer.topic % self.services.len() + 1),
            false => _ = writeln!(text, "topic = \"t{}\"", producer.topic % self.topics.len() + 1),
        }
        let (starts, stops) = (producer.starts * self.duration_ms / 100, producer.stops * self.duration_ms / 100);
        if starts > 0 {
            let _ = writeln!(text, "starts = \"{starts}ms\"");
        }
        if producer.stops < 100 {
            let _ = writeln!(text, "stops = \"{stops}ms\"");
        }
        let _ = match producer.select {
            (2, keys) => writeln!(text, "select = \"key_hash\"\nkeys = {}", keys + 1),
            (1, keys) => writeln!(text, "select = \"random\"\nkeys = {keys}"),
            (_, keys) => writeln!(text, "keys = {keys}"),
        };
        let within_life = |percent: u64| starts + percent * (stops - starts) / 100;
        let bursts: Vec<String> = producer
            .bursts
            .iter()
            .map(|(when, count)| format!("{{ at = \"{}ms\", count = {count} }}", within_life(*when)))
            .collect();
        if !bursts.is_empty() {
            let _ = writeln!(text, "bursts = [{}]", bursts.join(", "));
        }
        text.push_str(&producer.settings);
    }

    /// Writes the groups of each topic with their consumers, which are numbered throughout the cluster.
    fn write_groups(&self, text: &mut String, names: &mut ClusterNames) {
        let (mut groups, mut consumers) = (0, 0);
        for (t, topic) in self.topics.iter().enumerate() {
            for group in &topic.groups {
                groups += 1;
                let _ = write!(text, "[[groups]]\nname = \"g{groups}\"\ntopic = \"t{}\"\n{}", t + 1, group.settings);
                for consumer in &group.consumers {
                    consumers += 1;
                    self.write_consumer(t, groups, consumers, consumer, text, names);
                }
            }
        }
    }

    fn write_consumer(
        &self,
        topic: usize,
        group: usize,
        n: usize,
        consumer: &nodes::RandomConsumer,
        text: &mut String,
        names: &mut ClusterNames,
    ) {
        let name = format!("c{n}");
        names.consumers.push(if consumer.count > 1 { format!("{name}-1") } else { name.clone() });
        let _ = write!(text, "[[consumers]]\nname = \"{name}\"\ngroup = \"g{group}\"\n{}", consumer.settings);
        if consumer.count > 1 {
            let _ = writeln!(text, "count = {}", consumer.count);
        }
        if let Some(service) = consumer.calls.and_then(|n| n.checked_rem(self.services.len())) {
            let _ = writeln!(text, "calls = \"s{}\"", service + 1);
        }
        // A consumer publishes only to a later topic, so that no message goes round in a circle for ever.
        let later_topics = self.topics.len() - topic - 1;
        if let Some(offset) = consumer.publishes.and_then(|n| n.checked_rem(later_topics)) {
            let _ = writeln!(text, "publishes = \"t{}\"", topic + 2 + offset);
        }
        let joins = consumer.joins * self.duration_ms / 100;
        if joins > 0 {
            let _ = writeln!(text, "joins = \"{joins}ms\"");
        }
        if let Some(leaves) = consumer.leaves {
            let _ = writeln!(text, "leaves = \"{}ms\"", (leaves * self.duration_ms / 100).max(joins + 1));
        }
    }
}

/// The names of the nodes that faults and changes can strike.
struct ClusterNames {
    brokers: Vec<String>,
    services: Vec<String>,
    producers: Vec<String>,
    consumers: Vec<String>,
    nameservers: Vec<String>,
}

impl ClusterNames {
    /// The name for a random number; none if there is no name in the lists.
    fn pick(lists: &[&[String]], n: usize) -> Option<String> {
        let all: Vec<&String> = lists.iter().flat_map(|list| list.iter()).collect();
        all.get(n.checked_rem(all.len())?).map(|name| (*name).clone())
    }
}

fn write_change(change: &RandomChange, duration_ms: u64, text: &mut String, names: &ClusterNames) {
    let candidates = match change.of {
        ChangedNode::Broker => &names.brokers,
        ChangedNode::Producer => &names.producers,
        ChangedNode::Consumer => &names.consumers,
        ChangedNode::Service => &names.services,
    };
    if let Some(node) = ClusterNames::pick(&[candidates], change.victim) {
        let RandomChange { at, set, to, .. } = change;
        let at_ms = at * duration_ms / 1_000;
        let _ = writeln!(text, "[[changes]]\nat = \"{at_ms}ms\"\nnode = \"{node}\"\nset = \"{set}\"\nto = {to}");
    }
}

/// The two sides of a partition, as TOML; none if one side is empty. `sides` gives the side of each node: 1 or 2, or neither.
fn toml_sides(sides: &[u8], all: &[&[String]]) -> Option<String> {
    let names = all.iter().flat_map(|list| list.iter()).zip(sides.iter().cycle());
    let side = |n: u8| {
        let quoted: Vec<String> =
            names.clone().filter(|(_, side)| **side == n).map(|(name, _)| format!("\"{name}\"")).collect();
        (!quoted.is_empty()).then(|| format!("[{}]", quoted.join(", ")))
    };
    Some(format!("[{}, {}]", side(1)?, side(2)?))
}

/// Writes a fault, unless the cluster has no node that it can strike.
fn write_fault(fault: &RandomFault, duration_ms: u64, text: &mut String, names: &ClusterNames) {
    let with_work = [&names.brokers[..], &names.consumers, &names.services];
    let all = [&names.brokers[..], &names.consumers, &names.producers, &names.services, &names.nameservers];
    let brokers = [&names.brokers[..]];
    let (candidates, keys): (&[&[String]], String) = match fault.what {
        Breakage::Slow(factor) => (&with_work[..], format!("kind = \"slow\"\nfactor = {factor}")),
        Breakage::Pause => (&all[..], "kind = \"pause\"".to_owned()),
        Breakage::Crash(mode) => (&all[..], format!("kind = \"crash\"\nmode = \"{mode}\"")),
        Breakage::DiskFull => (&brokers[..], "kind = \"disk_full\"".to_owned()),
        Breakage::Wipe => (&brokers[..], "kind = \"wipe\"".to_owned()),
        Breakage::Partition(ref sides, one_way) => {
            let Some(sides) = toml_sides(sides, &all) else { return };
            (&[][..], format!("kind = \"partition\"\nsides = {sides}\none_way = {one_way}"))
        }
        Breakage::Link(other, ref changes) => {
            let ends = (ClusterNames::pick(&all, fault.victim), ClusterNames::pick(&all, other));
            let (Some(one), Some(other)) = ends else { return };
            if one == other {
                return;
            }
            (&[][..], format!("kind = \"link\"\nbetween = [\"{one}\", \"{other}\"]\n{changes}"))
        }
    };
    let node = match ClusterNames::pick(candidates, fault.victim) {
        Some(node) => format!("node = \"{node}\"\n"),
        // A partition and a link fault strike no single node.
        None if candidates.is_empty() => String::new(),
        None => return,
    };
    let at_ms = fault.at * duration_ms / 1_000;
    let _ = writeln!(text, "[[faults]]\nat = \"{at_ms}ms\"\n{node}{keys}");
    if let Some(lasts) = fault.lasts {
        let _ = writeln!(text, "for = \"{}ms\"", lasts * duration_ms / 1_000 + 1);
    }
}
