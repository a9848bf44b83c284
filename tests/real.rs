//! Random clusters as they are in life, how tools print them, and what becomes of a print on its way into a file. It knows
//! nothing of how they are read.

pub mod kafka;
pub mod mqadmin;
pub mod paste;

use std::collections::BTreeMap;

use proptest::prelude::*;

/// A cluster as it is in life.
#[derive(Clone, Debug)]
pub struct RealCluster {
    /// Its broker sets.
    pub sets: Vec<RealSet>,
    /// Its topics.
    pub topics: Vec<RealTopic>,
    /// Its groups.
    pub groups: Vec<RealGroup>,
}

/// A broker and its slaves.
#[derive(Clone, Debug)]
pub struct RealSet {
    /// Its name.
    pub name: String,
    /// How many slaves it has.
    pub slaves: usize,
    /// Hundredths of a message a second.
    pub rate: u32,
}

/// A topic.
#[derive(Clone, Debug)]
pub struct RealTopic {
    /// Its name.
    pub name: String,
    /// Queues on each set; at least one in all.
    pub queues: Vec<u32>,
}

/// A group.
#[derive(Clone, Debug)]
pub struct RealGroup {
    /// Its name.
    pub name: String,
    /// How many consumers are connected.
    pub consumers: usize,
    /// How many messages it is behind in each topic that it reads, by the topic's place; at least one.
    pub behind: BTreeMap<usize, u32>,
    /// Whether its consumers pop, so that it has a topic of retries for each topic, too.
    pub pops: bool,
}

/// How a cluster is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PrintManner {
    /// By `mqadmin` 4.x, an output a file.
    Four,
    /// By `mqadmin` 5.x, an output a file, named after what it is about.
    Five,
    /// By `mqadmin` 5.x, all in one file with the command lines above the outputs.
    FiveInOneFile,
    /// By other commands of `mqadmin` 5.x, in one file with the command lines above the outputs.
    OthersInOneFile,
    /// By Kafka's tools: each set is a broker that leads.
    Kafka,
    /// As JSON, written by hand.
    Json,
}

impl PrintManner {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Four, Self::Five, Self::FiveInOneFile, Self::OthersInOneFile, Self::Kafka, Self::Json];

    /// What a set is called there.
    #[must_use]
    pub fn name_of_set(self, number: usize, set: &RealSet) -> String {
        if self == Self::Kafka { format!("kafka-{number}") } else { set.name.clone() }
    }
}

/// Random clusters.
pub fn clusters() -> impl Strategy<Value = RealCluster> {
    let sets = prop::collection::btree_map("b[a-z0-9_]{0,12}", (0..3_usize, 0..2_000_u32), 1..4);
    let topics = prop::collection::btree_map("t[a-zA-Z0-9_-]{0,18}", prop::collection::vec(0..5_u32, 3), 1..4);
    let behind = prop::collection::btree_map(0..8_usize, 0..100_000_u32, 1..3);
    let groups = prop::collection::btree_map("g[a-zA-Z0-9_-]{0,18}", (0..5_usize, behind, any::<bool>()), 0..4);
    (sets, topics, groups).prop_map(|(sets, topics, groups)| {
        let sets: Vec<RealSet> =
            sets.into_iter().map(|(name, (slaves, rate))| RealSet { name, slaves, rate }).collect();
        let queues = |mut queues: Vec<u32>| {
            queues.truncate(sets.len());
            queues[0] += u32::from(queues.iter().all(|count| *count == 0));
            queues
        };
        let topics: Vec<RealTopic> =
            topics.into_iter().map(|(name, counts)| RealTopic { name, queues: queues(counts) }).collect();
        let group = |(name, (consumers, behind, pops)): (String, (usize, BTreeMap<usize, u32>, bool))| RealGroup {
            name,
            consumers,
            behind: behind.into_iter().map(|(topic, behind)| (topic % topics.len(), behind)).collect(),
            pops,
        };
        let groups = groups.into_iter().map(group).collect();
        RealCluster { sets, topics, groups }
    })
}

/// Files, each with its name, that tell all of a cluster.
#[must_use]
pub fn print(cluster: &RealCluster, manner: PrintManner) -> Vec<(String, String)> {
    match manner {
        PrintManner::Json => vec![("cluster.json".to_owned(), json(cluster))],
        PrintManner::Kafka => vec![("kafka.txt".to_owned(), kafka::print(cluster))],
        PrintManner::Four => mqadmin::files(cluster, false),
        PrintManner::Five => mqadmin::files(cluster, true),
        PrintManner::FiveInOneFile => vec![("all.txt".to_owned(), mqadmin::session(cluster))],
        PrintManner::OthersInOneFile => vec![("others.txt".to_owned(), mqadmin::other_session(cluster))],
    }
}

fn json(cluster: &RealCluster) -> String {
    let set = |set: &RealSet| serde_json::json!({ "name": set.name, "slaves": set.slaves });
    let topic = |topic: &RealTopic| {
        let queues: BTreeMap<&str, u32> =
            cluster.sets.iter().map(|set| set.name.as_str()).zip(topic.queues.iter().copied()).collect();
        serde_json::json!({ "name": topic.name, "queues": queues })
    };
    let group = |group: &RealGroup| {
        let entry = |(topic, behind): (&usize, &u32)| {
            let topic = &cluster.topics[*topic].name;
            serde_json::json!({ "name": group.name, "topic": topic, "consumers": group.consumers, "lag": behind })
        };
        group.behind.iter().map(entry).collect::<Vec<_>>()
    };
    let groups: Vec<_> = cluster.groups.iter().flat_map(group).collect();
    let brokers: Vec<_> = cluster.sets.iter().map(set).collect();
    let topics: Vec<_> = cluster.topics.iter().map(topic).collect();
    format!("{:#}\n", serde_json::json!({ "brokers": brokers, "topics": topics, "groups": groups }))
}
