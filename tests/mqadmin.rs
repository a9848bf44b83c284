//! Random RocketMQ clusters, and how `mqadmin` prints them: columns and widths as in the classes of the module `tools` of
//! `apache/rocketmq`. It knows nothing of how they are read.

use std::collections::BTreeMap;
use std::fmt::Write as _;

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
}

/// How a cluster is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Manner {
    /// By 4.x, an output a file.
    Four,
    /// By 5.x, an output a file, named after what it is about.
    Five,
    /// By 5.x, all in one file with the command lines above the outputs.
    FiveInOneFile,
    /// As JSON, written by hand.
    Json,
}

/// Random clusters.
pub fn clusters() -> impl Strategy<Value = RealCluster> {
    let sets = prop::collection::btree_map("b[a-z0-9_]{0,12}", (0..3_usize, 0..2_000_u32), 1..4);
    let topics = prop::collection::btree_map("t[a-zA-Z0-9_-]{0,18}", prop::collection::vec(0..5_u32, 3), 1..4);
    let behind = prop::collection::btree_map(0..8_usize, 0..100_000_u32, 1..3);
    let groups = prop::collection::btree_map("g[a-zA-Z0-9_-]{0,18}", (0..5_usize, behind), 0..4);
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
        let group = |(name, (consumers, behind)): (String, (usize, BTreeMap<usize, u32>))| RealGroup {
            name,
            consumers,
            behind: behind.into_iter().map(|(topic, behind)| (topic % topics.len(), behind)).collect(),
        };
        let groups = groups.into_iter().map(group).collect();
        RealCluster { sets, topics, groups }
    })
}

/// Files, each with its name, that tell all of a cluster.
#[must_use]
pub fn print(cluster: &RealCluster, manner: Manner) -> Vec<(String, String)> {
    if manner == Manner::Json {
        return vec![("cluster.json".to_owned(), json(cluster))];
    }
    let five = manner != Manner::Four;
    let mut outputs = vec![
        ("clusterList".to_owned(), "cluster.txt".to_owned(), cluster_list(cluster, five)),
        ("topicList".to_owned(), "topics.txt".to_owned(), topic_list(cluster)),
        ("consumerProgress".to_owned(), "groups.txt".to_owned(), groups(cluster, five)),
    ];
    for topic in &cluster.topics {
        outputs.push((
            format!("topicRoute -t {}", topic.name),
            format!("r/{}.json", topic.name),
            route(cluster, topic),
        ));
    }
    for group in &cluster.groups {
        let command = format!("consumerProgress -n 10.0.0.9:9876 -g {}", group.name);
        outputs.push((command, format!("p/{}.txt", group.name), progress(cluster, group, five)));
    }
    if manner != Manner::FiveInOneFile {
        return outputs.into_iter().map(|(_, file, text)| (file, text)).collect();
    }
    let all = outputs.iter().fold(String::new(), |mut all, (command, _, text)| {
        let _ = write!(all, "[root@broker bin]# ./mqadmin {command}\n{text}");
        all
    });
    vec![("all.txt".to_owned(), all)]
}

fn cluster_list(cluster: &RealCluster, five: bool) -> String {
    let mut out = if five {
        format!(
            "{:<22}  {:<22}  {:<4}  {:<22} {:<16}  {:>16}  {:>16}  {:<22}  {:<11}  {:<12}  {:<8}  {:<10}\n",
            "#Cluster Name",
            "#Broker Name",
            "#BID",
            "#Addr",
            "#Version",
            "#InTPS(LOAD)",
            "#OutTPS(LOAD)",
            "#Timer(Progress)",
            "#PCWait(ms)",
            "#Hour",
            "#SPACE",
            "#ACTIVATED"
        )
    } else {
        format!(
            "{:<16}  {:<22}  {:<4}  {:<22} {:<16} {:>19} {:>19} {:>10} {:>5} {:>6}\n",
            "#Cluster Name",
            "#Broker Name",
            "#BID",
            "#Addr",
            "#Version",
            "#InTPS(LOAD)",
            "#OutTPS(LOAD)",
            "#PCWait(ms)",
            "#Hour",
            "#SPACE"
        )
    };
    for (number, set) in cluster.sets.iter().enumerate() {
        for id in 0..=set.slaves {
            let (address, tps) = (format!("10.0.{number}.{id}:10911"), f64::from(set.rate) / 100.0);
            let taken_in = format!("{tps:9.2}(0,0ms)");
            let _ = if five {
                writeln!(
                    out,
                    "{:<22}  {:<22}  {:<4}  {:<22} {:<16}  {:>16}  {:>24}  {:<22}  {:>11}  {:<12}  {:<8}  {:>10}",
                    "c-1",
                    set.name,
                    id,
                    address,
                    "V5_3_0",
                    taken_in,
                    format!("{:9.2}(0,0ms | 0,0ms)", 1.5),
                    "0-0(0.0w, 0.0, 0.0)",
                    0,
                    "71.22",
                    "0.3315",
                    id == 0
                )
            } else {
                writeln!(
                    out,
                    "{:<16}  {:<22}  {:<4}  {:<22} {:<16} {:>19} {:>19} {:>10} {:>5} {:>6}",
                    "c-1",
                    set.name,
                    id,
                    address,
                    "V4_9_4",
                    taken_in,
                    format!("{:9.2}(0,0ms)", 1.5),
                    0,
                    "71.22",
                    "0.3315"
                )
            };
        }
    }
    out
}

fn topic_list(cluster: &RealCluster) -> String {
    let mut out = "TBW102\nSCHEDULE_TOPIC_XXXX\nc-1\nRMQ_SYS_TRANS_HALF_TOPIC\n".to_owned();
    for name in cluster.sets.iter().map(|set| &set.name).chain(cluster.topics.iter().map(|topic| &topic.name)) {
        let _ = writeln!(out, "{name}");
    }
    for group in &cluster.groups {
        let _ = writeln!(out, "%RETRY%{0}\n%DLQ%{0}", group.name);
    }
    out
}

/// As fastjson prints it, with tabs, and numbers for keys without quotation marks.
fn route(cluster: &RealCluster, topic: &RealTopic) -> String {
    let sets: Vec<(&RealSet, u32)> =
        cluster.sets.iter().zip(topic.queues.iter().copied()).filter(|(_, queues)| *queues > 0).collect();
    let broker = |(set, _): &(&RealSet, u32)| {
        let addresses: Vec<String> = (0..=set.slaves).map(|id| format!("{id}:\"10.0.0.{id}:10911\"")).collect();
        let name = &set.name;
        format!(
            "\t\t{{\n\t\t\t\"brokerAddrs\":{{{}\n\t\t\t}},\n\t\t\t\"brokerName\":\"{name}\",\n\t\t\t\"cluster\":\"c-1\"\n\t\t}}",
            addresses.join(",")
        )
    };
    let queue = |(set, count): &(&RealSet, u32)| {
        format!(
            "\t\t{{\n\t\t\t\"brokerName\":\"{}\",\n\t\t\t\"perm\":6,\n\t\t\t\"readQueueNums\":{count},\n\t\t\t\"topicSysFlag\":0,\n\
             \t\t\t\"writeQueueNums\":{count}\n\t\t}}",
            set.name
        )
    };
    let brokers: Vec<String> = sets.iter().map(broker).collect();
    let queues: Vec<String> = sets.iter().map(queue).collect();
    format!(
        "{{\n\t\"brokerDatas\":[\n{}\n\t],\n\t\"filterServerTable\":{{}},\n\t\"queueDatas\":[\n{}\n\t]\n}}\n",
        brokers.join(",\n"),
        queues.join(",\n")
    )
}

fn groups(cluster: &RealCluster, five: bool) -> String {
    let width = if five { 64 } else { 32 };
    let mut out = format!(
        "{:<width$}  {:<6}  {:<24} {:<5}  {:<14}  {:<7}  {}\n",
        "#Group", "#Count", "#Version", "#Type", "#Model", "#TPS", "#Diff Total"
    );
    for group in &cluster.groups {
        let online = group.consumers > 0;
        let [version, kind, model] = if online { ["V5_3_0", "PUSH", "CLUSTERING"] } else { ["OFFLINE", "", ""] };
        let behind: u64 = group.behind.values().map(|behind| u64::from(*behind)).sum();
        let (name, count) = (&group.name, group.consumers);
        let _ = writeln!(out, "{name:<width$}  {count:<6}  {version:<24} {kind:<5}  {model:<14}  {:<7}  {behind}", 12);
    }
    out
}

fn progress(cluster: &RealCluster, group: &RealGroup, five: bool) -> String {
    let width = if five { 64 } else { 32 };
    let host = if five { String::new() } else { format!("{:<20}  ", "#Client IP") };
    let (inflight, time) =
        if five { (format!("{:<20}", "#Inflight"), "2024-05-01 10:00:00") } else { (" ".to_owned(), "") };
    let mut out = format!(
        "{:<width$}  {:<32}  {:<4}  {:<20}  {:<20}  {host}{:<20} {inflight}{}\n",
        "#Topic", "#Broker Name", "#QID", "#Broker Offset", "#Consumer Offset", "#Diff", "#LastTime"
    );
    for (topic, behind) in &group.behind {
        let topic = &cluster.topics[*topic];
        let mut left = i64::from(*behind);
        for (set, count) in cluster.sets.iter().zip(&topic.queues) {
            for queue in 0..*count {
                let host = if five { String::new() } else { format!("{:<20}  ", format!("10.1.0.{queue}")) };
                let inflight = if five { format!("{:<20} ", 0) } else { " ".to_owned() };
                let _ = writeln!(
                    out,
                    "{:<width$}  {:<32}  {queue:<4}  {:<20}  {:<20}  {host}{left:<20} {inflight}{time}",
                    topic.name,
                    set.name,
                    200_000,
                    200_000 - left
                );
                left = 0;
            }
        }
    }
    out + "\nConsume TPS: 12.00\nConsume Diff Total: 0\nConsume Inflight Total: 0\n"
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
