//! How `kafka-topics` and `kafka-consumer-groups` print a cluster: columns and widths as in `TopicCommand` and
//! `ConsumerGroupCommand` of `apache/kafka` 3.x. Each broker set is a broker that leads, its slaves are other brokers.

use std::fmt::Write as _;

use super::{RealCluster, RealGroup, RealTopic};

/// Everything, in one file with the command lines above the outputs.
pub(super) fn print(cluster: &RealCluster) -> String {
    let topics = "$ kafka-topics.sh --bootstrap-server localhost:9092 --describe\n".to_owned();
    let topics = cluster.topics.iter().fold(topics, |all, topic| all + &describe(cluster, topic));
    cluster.groups.iter().fold(topics, |all, group| all + &progress(cluster, group) + &members(group))
}

/// The sets that lead the partitions of a topic, in the order of the partitions.
fn leaders(topic: &RealTopic) -> impl Iterator<Item = usize> {
    topic.queues.iter().enumerate().flat_map(|(set, count)| std::iter::repeat_n(set, *count as usize))
}

fn describe(cluster: &RealCluster, topic: &RealTopic) -> String {
    let (name, count) = (&topic.name, leaders(topic).count());
    let mut out = format!(
        "Topic: {name}\tTopicId: CY1oLoOCSM65aiiD40PZyw\tPartitionCount: {count}\tReplicationFactor: 1\tConfigs: \n"
    );
    for (number, leader) in leaders(topic).enumerate() {
        let others = (1..=cluster.sets[leader].slaves).map(|slave| format!(",{}", 100 + slave)).collect::<String>();
        let _ = writeln!(
            out,
            "\tTopic: {name}\tPartition: {number}\tLeader: {leader}\tReplicas: {leader}{others}\tIsr: {leader}{others}"
        );
    }
    out
}

fn progress(cluster: &RealCluster, group: &RealGroup) -> String {
    let name = &group.name;
    let mut out = format!("$ kafka-consumer-groups.sh --bootstrap-server localhost:9092 --describe --group {name}\n");
    if group.consumers == 0 {
        let _ = writeln!(out, "\nConsumer group '{name}' has no active members.");
    }
    let _ = writeln!(
        out,
        "\n{:<24} {:<24} {:<10} {:<15} {:<15} {:<15} {:<44} {:<15} CLIENT-ID",
        "GROUP", "TOPIC", "PARTITION", "CURRENT-OFFSET", "LOG-END-OFFSET", "LAG", "CONSUMER-ID", "HOST"
    );
    for (topic, behind) in &group.behind {
        let topic = &cluster.topics[*topic];
        let mut left = *behind;
        for (number, _) in leaders(topic).enumerate() {
            let [member, host, client] = if group.consumers == 0 {
                ["-".to_owned(), "-".to_owned(), "-".to_owned()]
            } else {
                let owner = number % group.consumers;
                [format!("c{owner}-69efabfe-24a0-474f-bedd-e724d2a7d484"), "/127.0.0.1".to_owned(), format!("c{owner}")]
            };
            let _ = writeln!(
                out,
                "{name:<24} {:<24} {number:<10} {:<15} {:<15} {left:<15} {member:<44} {host:<15} {client}",
                topic.name,
                200_000 - left,
                200_000
            );
            left = 0;
        }
    }
    out + "\n"
}

/// Those who own no partition are members, too.
fn members(group: &RealGroup) -> String {
    if group.consumers == 0 {
        return String::new();
    }
    let name = &group.name;
    let mut out = format!("$ kafka-consumer-groups.sh --describe --members --group={name}\n\n");
    let _ =
        writeln!(out, "{:<24} {:<44} {:<15} {:<15} {:<15}", "GROUP", "CONSUMER-ID", "HOST", "CLIENT-ID", "#PARTITIONS");
    for number in 0..group.consumers {
        let id = format!("c{number}-69efabfe-24a0-474f-bedd-e724d2a7d484");
        let _ = writeln!(out, "{name:<24} {id:<44} {:<15} {:<15} {:<15}", "/127.0.0.1", format!("c{number}"), 1);
    }
    out
}
