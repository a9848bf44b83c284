//! How `mqadmin` prints a cluster: columns and widths as in the classes of the module `tools` of `apache/rocketmq`.

use std::fmt::Write as _;

use super::{RealCluster, RealGroup, RealSet, RealTopic};

/// A command, the name of a file for what it prints, and that.
type PrintedOutput = (String, String, String);

/// What says all of a cluster.
fn outputs(cluster: &RealCluster, five: bool) -> Vec<PrintedOutput> {
    let mut outputs = vec![
        ("clusterList".to_owned(), "cluster.txt".to_owned(), cluster_list(cluster, five)),
        ("topicList".to_owned(), "topics.txt".to_owned(), topic_list(cluster)),
        ("consumerProgress".to_owned(), "groups.txt".to_owned(), groups(cluster, five)),
    ];
    for topic in &cluster.topics {
        let command = format!("topicRoute -t {}", topic.name);
        outputs.push((command, format!("r/{}.json", topic.name), route(cluster, topic)));
    }
    for group in &cluster.groups {
        let command = format!("consumerProgress -n 10.0.0.9:9876 -g {}", group.name);
        outputs.push((command, format!("p/{}.txt", group.name), progress(cluster, group, five)));
    }
    outputs
}

/// An output a file, those that do not say what they are about named after it.
pub(super) fn files(cluster: &RealCluster, five: bool) -> Vec<(String, String)> {
    outputs(cluster, five).into_iter().map(|(_, file, text)| (file, text)).collect()
}

/// All outputs, with the command lines above them.
pub(super) fn session(cluster: &RealCluster) -> String {
    in_one_file(&outputs(cluster, true))
}

fn in_one_file(outputs: &[PrintedOutput]) -> String {
    outputs.iter().fold(String::new(), |mut all, (command, _, text)| {
        let _ = write!(all, "[root@broker bin]# ./mqadmin {command}\n{text}");
        all
    })
}

/// The same, by other commands: who reads what by brokers, rates by topics, queues by their status.
pub(super) fn other_session(cluster: &RealCluster) -> String {
    let none = String::new;
    let mut outputs = vec![
        ("clusterList".to_owned(), none(), cluster_list(cluster, true)),
        ("topicList -c".to_owned(), none(), topics_with_groups(cluster)),
        ("statsAll -n 10.0.0.9:9876".to_owned(), none(), stats(cluster)),
        ("consumerProgress".to_owned(), none(), groups(cluster, true)),
    ];
    for topic in &cluster.topics {
        outputs.push((format!("topicStatus --topic={}", topic.name), none(), status(cluster, topic)));
    }
    for number in 0..cluster.sets.len() {
        let command = format!("brokerConsumeStats -b 10.0.{number}.0:10911 -t 5000");
        outputs.push((command, none(), consume_stats(cluster, number)));
    }
    for group in cluster.groups.iter().filter(|group| group.consumers > 0) {
        let command = format!("consumerConnection -g {}", group.name);
        outputs.push((command, none(), connection(cluster, group)));
    }
    in_one_file(&outputs)
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
    let mut row = |topic: &str, set: &str, queue: u32, left: i64| {
        let host = if five { String::new() } else { format!("{:<20}  ", format!("10.1.0.{queue}")) };
        let inflight = if five { format!("{:<20} ", 0) } else { " ".to_owned() };
        let _ = writeln!(
            out,
            "{topic:<width$}  {set:<32}  {queue:<4}  {:<20}  {:<20}  {host}{left:<20} {inflight}{time}",
            200_000,
            200_000 - left
        );
    };
    for topic in retries(cluster, group) {
        row(&topic, &cluster.sets[0].name, 0, 0);
    }
    for (topic, behind) in &group.behind {
        let topic = &cluster.topics[*topic];
        let mut left = i64::from(*behind);
        for (set, count) in cluster.sets.iter().zip(&topic.queues) {
            for queue in 0..*count {
                row(&topic.name, &set.name, queue, left);
                left = 0;
            }
        }
    }
    out + "\nConsume TPS: 12.00\nConsume Diff Total: 0\nConsume Inflight Total: 0\n"
}

/// The topics of retries of a group: its own, and one for each topic that it pops.
fn retries(cluster: &RealCluster, group: &RealGroup) -> Vec<String> {
    let own = format!("%RETRY%{}", group.name);
    let popped =
        group.behind.keys().filter(|_| group.pops).map(|topic| format!("{own}_{}", cluster.topics[*topic].name));
    std::iter::once(own.clone()).chain(popped).collect()
}

fn topics_with_groups(cluster: &RealCluster) -> String {
    let mut out = format!("{:<20}  {:<48}  {:<48}\n", "#Cluster Name", "#Topic", "#Consumer Group");
    let mut row = |cluster: &str, topic: &str, group: &str| {
        let _ = writeln!(out, "{cluster:<20}  {topic:<64}  {group:<64}");
    };
    row("", "TBW102", "");
    row("c-1", "c-1", "");
    for (number, topic) in cluster.topics.iter().enumerate() {
        let mut readers = cluster.groups.iter().filter(|group| group.behind.contains_key(&number)).peekable();
        if readers.peek().is_none() {
            row("c-1", &topic.name, "");
        }
        readers.for_each(|group| row("c-1", &topic.name, &group.name));
    }
    out
}

fn stats(cluster: &RealCluster) -> String {
    let mut out = format!(
        "{:<64}  {:<64} {:>12} {:>11} {:>11} {:>14} {:>14}\n",
        "#Topic", "#Consumer Group", "#Accumulation", "#InTPS", "#OutTPS", "#InMsg24Hour", "#OutMsg24Hour"
    );
    for (number, topic) in cluster.topics.iter().enumerate() {
        let readers: Vec<_> =
            cluster.groups.iter().filter_map(|group| Some((&group.name, group.behind.get(&number)?))).collect();
        for (group, behind) in &readers {
            let _ = writeln!(
                out,
                "{:<64}  {group:<64} {behind:>12} {:>11.2} {:>11.2} {:>14} {:>14}",
                topic.name, 1.5, 1.5, 90, 90
            );
        }
        if readers.is_empty() {
            let none = "NO_CONSUMER";
            let _ = writeln!(
                out,
                "{:<64}  {:<64} {:>12} {:>11.2} {:>11} {:>14} {none:>14}",
                topic.name, "", 0, 1.5, "", 90
            );
        }
    }
    out
}

fn status(cluster: &RealCluster, topic: &RealTopic) -> String {
    let mut out = format!(
        "{:<32}  {:<4}  {:<20}  {:<20}    {}\n",
        "#Broker Name", "#QID", "#Min Offset", "#Max Offset", "#Last Updated"
    );
    for (set, count) in cluster.sets.iter().zip(&topic.queues) {
        for queue in 0..*count {
            let time = if queue == 0 { "2024-05-01 10:00:00,123" } else { "" };
            let _ = writeln!(out, "{:<32}  {queue:<4}  {:<20}  {:<20}    {time}", set.name, 0, 200_000);
        }
    }
    out + "\nTopic Put TPS: 0.0\n"
}

fn consume_stats(cluster: &RealCluster, number: usize) -> String {
    let set = &cluster.sets[number];
    let mut out = format!(
        "{:<64}  {:<64}  {:<32}  {:<4}  {:<20}  {:<20}  {:<20}  {}\n",
        "#Topic", "#Group", "#Broker Name", "#QID", "#Broker Offset", "#Consumer Offset", "#Diff", "#LastTime"
    );
    for group in &cluster.groups {
        for (topic, behind) in &group.behind {
            let topic = &cluster.topics[*topic];
            // All that it is behind is in the first queue that there is.
            let is_first_set = topic.queues[..number].iter().all(|count| *count == 0);
            for queue in 0..topic.queues[number] {
                let left = if is_first_set && queue == 0 { *behind } else { 0 };
                let _ = writeln!(
                    out,
                    "{:<64}  {:<64}  {:<32}  {queue:<4}  {:<20}  {:<20}  {left:<20}  2024-05-01 10:00:00",
                    topic.name,
                    group.name,
                    set.name,
                    200_000,
                    200_000 - left
                );
            }
        }
    }
    out + "\nDiff Total: 0\n"
}

fn connection(cluster: &RealCluster, group: &RealGroup) -> String {
    let mut out = format!("{:<36} {:<22} {:<10} {}\n", "#ClientId", "#ClientAddr", "#Language", "#Version");
    for number in 0..group.consumers {
        let (id, address) = (format!("10.1.0.{number}@7#123456"), format!("10.1.0.{number}:51234"));
        let _ = writeln!(out, "{id:<36} {address:<22} {:<10} V5_3_3", "JAVA");
    }
    let _ = write!(out, "\nBelow is subscription:\n{:<20} #SubExpression\n%RETRY%{:<20} *\n", "#Topic", group.name);
    for topic in group.behind.keys() {
        let _ = writeln!(out, "{:<20} TagA || TagB", cluster.topics[*topic].name);
    }
    out + "\nConsumeType: CONSUME_PASSIVELY\nMessageModel: CLUSTERING\nConsumeFromWhere: CONSUME_FROM_LAST_OFFSET\n"
}
