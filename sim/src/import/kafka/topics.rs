//! `kafka-topics --describe`: a line a topic, and below it a line a partition, each with keys and values:
//! `Topic: t  Partition: 0  Leader: 1  Replicas: 1,2  Isr: 1,2`. What leads a partition becomes a broker set of its own.

use std::collections::{BTreeMap, BTreeSet};

use crate::import::cluster::Queues;
use crate::import::context::{Context, problem};
use crate::import::named::PrintedName;
use crate::import::paste::PasteLine;
use crate::import::system::System;
use crate::scenario::Problem;

/// The keys of a line, those that begin another one first.
const KEYS: &[&str] = &[
    "TopicId:",
    "Topic:",
    "PartitionCount:",
    "ReplicationFactor:",
    "MarkedForDeletion:",
    "Configs:",
    "Partition:",
    "Leader:",
    "Replicas:",
    "Isr:",
    "Adding Replicas:",
    "Removing Replicas:",
    "Offline:",
    "LastKnownElr:",
    "Elr:",
];

/// A line of the description, as keys and values.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::import) struct Described<'t>(Vec<(&'static str, &'t str)>);

impl<'t> Described<'t> {
    /// The keys and values of a line that describes a topic or a partition.
    pub(in crate::import) fn of(line: &PasteLine<'t>) -> Option<Self> {
        let text = line.trimmed().text;
        if !text.starts_with("Topic:") || !(text.contains("Partition:") || text.contains("PartitionCount:")) {
            return None;
        }
        let mut pairs: Vec<(&'static str, &'t str)> = Vec::new();
        // Where the last key and its value began.
        let mut open: Option<(&'static str, usize)> = None;
        let mut is_begin = true;
        for (at, c) in text.char_indices() {
            let key = KEYS.iter().find(|key| is_begin && text[at..].starts_with(**key));
            if let Some(key) = key {
                pairs.extend(open.map(|(key, from)| (key, text[from..at].trim())));
                open = Some((key, at + key.len()));
            }
            is_begin = c.is_whitespace();
        }
        pairs.extend(open.map(|(key, from)| (key, text[from..].trim())));
        Some(Self(pairs))
    }

    fn get(&self, key: &str) -> Option<&'t str> {
        self.0.iter().find(|(name, _)| *name == key).map(|(_, value)| *value)
    }

    fn numbers(&self, key: &str) -> Vec<u64> {
        let value = self.get(key).unwrap_or_default();
        value.split(',').filter_map(|number| number.trim().parse().ok()).collect()
    }
}

/// A partition as it was described.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Partition {
    leader: u64,
    /// It had no leader: this one was its first replica.
    is_without_leader: bool,
    replicas: BTreeSet<u64>,
    /// Of its replicas, those that had all.
    in_sync: usize,
}

/// The topics of a description.
#[derive(Debug, Default)]
pub(in crate::import) struct Topics(BTreeMap<String, BTreeMap<u32, Partition>>);

impl Topics {
    /// Takes a line.
    ///
    /// # Errors
    /// The problem with it, located.
    pub(in crate::import) fn line(
        &mut self,
        line: &PasteLine<'_>,
        described: &Described<'_>,
        context: &mut Context<'_>,
    ) -> Result<(), Problem> {
        let wrong = |message: &str| {
            problem(line.trimmed().place(), message, "not as printed", "paste the line as `kafka-topics` printed it")
        };
        let name = described.get("Topic:").filter(|name| !name.is_empty() && !name.contains(char::is_whitespace));
        let name = name.ok_or_else(|| wrong("the line names no topic"))?;
        let Some(number) = described.get("Partition:") else {
            let count = described.get("PartitionCount:").and_then(|count| count.parse::<u32>().ok());
            let count = count.ok_or_else(|| wrong("`PartitionCount` is no whole number"))?;
            let topic = context.cluster.topics.entry(&PrintedName::whole(name));
            topic.system = System::Kafka;
            topic.partitions = topic.partitions.max(count);
            let configs = described.get("Configs:").unwrap_or_default();
            let least = configs.split(',').find(|config| config.trim().starts_with("min.insync.replicas="));
            topic.remarks.extend(least.map(|least| format!("{} in life", least.trim())));
            return Ok(());
        };
        let number: u32 = number.parse().map_err(|_| wrong("`Partition` is no whole number"))?;
        let replicas = described.numbers("Replicas:");
        let leader = described.get("Leader:").and_then(|leader| leader.parse::<u64>().ok());
        let Some(first) = leader.or(replicas.first().copied()) else {
            return Err(wrong("the line names neither a leader nor replicas"));
        };
        let partition = Partition {
            leader: first,
            is_without_leader: leader.is_none(),
            in_sync: described.numbers("Isr:").len(),
            replicas: replicas.into_iter().collect(),
        };
        self.0.entry(name.to_owned()).or_default().insert(number, partition);
        Ok(())
    }

    /// All of it was read: each broker that leads becomes a set.
    pub(in crate::import) fn end(self, context: &mut Context<'_>) {
        for (name, partitions) in self.0 {
            let mut route: BTreeMap<String, u32> = BTreeMap::new();
            for partition in partitions.values() {
                *route.entry(format!("kafka-{}", partition.leader)).or_default() += 1;
                describe_set(partition, context);
            }
            let topic = context.cluster.topics.entry(&PrintedName::whole(name));
            topic.system = System::Kafka;
            let without = partitions.values().filter(|partition| partition.is_without_leader).count();
            if without > 0 {
                topic
                    .remarks
                    .insert(format!("{without} of its partitions had no leader: here the first replica leads"));
            }
            let behind = partitions.values().filter(|partition| partition.in_sync < partition.replicas.len()).count();
            if behind > 0 {
                topic.remarks.insert(format!("{behind} of its partitions had replicas that were not in sync"));
            }
            topic.route = route.into_iter().map(|(set, count)| (set, Queues::of(count))).collect();
        }
    }
}

/// The set of the broker that leads a partition.
fn describe_set(partition: &Partition, context: &mut Context<'_>) {
    let set = context.cluster.sets.entry(&PrintedName::whole(format!("kafka-{}", partition.leader)));
    set.system = System::Kafka;
    set.is_listed = true;
    set.replicas = set.replicas.max(partition.replicas.len()).max(1);
    if set.replicas > 1 {
        let remark =
            "in Kafka the other brokers are its followers; here each broker that leads has followers of its own";
        set.slave_remarks.insert(remark.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_keys_and_values_with_and_without_blanks_behind_them() {
        let of = |text: &'static str| Described::of(&PasteLine { text, start: 0 });
        let pairs =
            of("\tTopic: t\tPartition: 0\tLeader: 1\tReplicas: 1,2\tIsr: 1,2\tElr: \tLastKnownElr: ").expect("a line");
        assert_eq!((pairs.get("Topic:"), pairs.numbers("Replicas:")), (Some("t"), vec![1, 2]));
        assert_eq!((pairs.get("Elr:"), pairs.get("LastKnownElr:")), (Some(""), Some("")));
        let old = of("Topic:t PartitionCount:2 ReplicationFactor:1 Configs:a=1,b=2").expect("a line");
        assert_eq!((old.get("PartitionCount:"), old.get("Configs:")), (Some("2"), Some("a=1,b=2")));
        assert_eq!(of("Topic: t"), None);
        assert_eq!(of("Topics: Partition: 0"), None);
    }
}
