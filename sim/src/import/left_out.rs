//! The parts of a real cluster that are left out of the scenario, and why. It does not choose them.

use std::collections::BTreeSet;

use super::cluster::KnownCluster;
use super::import_plan::LeftOut;
use super::reserved::is_reserved_group;

/// Names of what did not fit.
#[derive(Debug, Default)]
pub(super) struct TooMany {
    pub(super) sets: Vec<String>,
    pub(super) topics: Vec<String>,
    pub(super) groups: Vec<String>,
}

/// Everything that is left out: `dropped` are the names of broker sets without a queue.
pub(super) fn of(
    cluster: &KnownCluster,
    takes_part: &BTreeSet<&str>,
    dropped: Vec<String>,
    too_many: TooMany,
) -> Vec<LeftOut> {
    let names = |of: &mut dyn Iterator<Item = &str>| of.map(str::to_owned).collect::<Vec<String>>();
    let reserved = cluster.topics.iter().filter(|(name, topic)| cluster.is_reserved(name, topic));
    let reserved = names(&mut reserved.map(|(name, _)| name));
    let reserved_groups =
        names(&mut cluster.groups.iter().map(|(name, _)| name).filter(|name| is_reserved_group(name)));

    let beyond: BTreeSet<&str> = too_many.groups.iter().map(String::as_str).collect();
    let is_idle = |name: &&str| !is_reserved_group(name) && !takes_part.contains(name) && !beyond.contains(name);
    let idle = cluster.groups.iter().map(|(name, _)| name).filter(is_idle);
    let (popping, idle): (Vec<&str>, Vec<&str>) = idle.partition(|name| is_retry_of_a_pop(cluster, name));

    let all = [
        ("broker sets that hold no queue of a topic known here", dropped),
        ("topics that RocketMQ or Kafka keeps for itself", reserved),
        ("groups that RocketMQ keeps for itself", reserved_groups),
        (
            "topics of retries of consumers that pop, which consumerProgress lists as if they were groups",
            names(&mut popping.into_iter()),
        ),
        (
            "groups that read nothing that is known here (`mqadmin consumerProgress -g` says what they read)",
            names(&mut idle.into_iter()),
        ),
        ("broker sets beyond what an import takes (half of limit `nodes`, or limit `imported_topics`)", too_many.sets),
        ("topics without queues, or beyond the limits `queues`, `nodes` or `imported_topics`", too_many.topics),
        ("groups beyond the limits `nodes`, `entries` or `imported_reads`", too_many.groups),
    ];
    let some = all.into_iter().filter(|(_, names)| !names.is_empty());
    some.map(|(what, names)| LeftOut { what: what.to_owned(), names }).collect()
}

/// Whether a group is none: `consumerProgress` of 5.x takes `%RETRY%group_topic` for the topic of retries of a group
/// `group_topic` (`KeyBuilder.parseGroup`).
pub(super) fn is_retry_of_a_pop(cluster: &KnownCluster, name: &str) -> bool {
    let is_one = |(at, _): (usize, &str)| {
        let (group, topic) = (&name[..at], &name[at + 1..]);
        cluster.groups.get(group).is_some_and(|group| group.topics.contains_key(topic))
    };
    let is_without_topics = cluster.groups.get(name).is_some_and(|it| it.topics.is_empty() && it.consumers == Some(0));
    is_without_topics && name.match_indices('_').any(is_one)
}
