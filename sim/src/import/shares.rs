//! The shares of a topic's queues that the broker sets hold, of those that take part, and how they are known. It does not know why a
//! set takes part.

use std::collections::BTreeMap;

use super::cluster::KnownTopic;
use super::import_plan::{PlannedSet, Remarks};
use crate::limit;

/// Queues of a topic on each broker set where nothing is known of them: what RocketMQ gives a topic that a producer makes
/// by sending to it (`defaultTopicQueueNums` of `DefaultMQProducer`).
const QUEUES: u32 = 4;

/// The number of queues on each broker set, by the set's number.
pub(super) type QueueShares = BTreeMap<usize, u32>;

/// The broker sets that take part.
#[derive(Debug, Default)]
pub(super) struct Sets<'c> {
    numbers: BTreeMap<&'c str, usize>,
    by_cluster: BTreeMap<&'c str, Vec<usize>>,
}

impl<'c> Sets<'c> {
    /// Adds a set, which may belong to a cluster, and gives it the next number.
    pub(super) fn add(&mut self, name: &'c str, cluster: Option<&'c str>) {
        let number = self.numbers.len();
        self.numbers.insert(name, number);
        if let Some(cluster) = cluster {
            self.by_cluster.entry(cluster).or_default().push(number);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// The queues of a topic on each set, with comments on how they are known; nothing where it has none, or more than `most`.
    pub(super) fn share(&self, topic: &KnownTopic, sets: &[PlannedSet], most: usize) -> Option<(QueueShares, Remarks)> {
        let (mut shares, mut remarks) = self.routed(topic, sets);
        if shares.is_empty() {
            let seen = topic.seen.iter().filter_map(|(set, count)| Some((*self.numbers.get(set.as_str())?, *count)));
            shares.extend(seen);
            let remark = "so many were seen: in consumerProgress, brokerConsumeStats or topicStatus";
            remarks.extend((!shares.is_empty()).then(|| remark.to_owned()));
        }
        if topic.route.is_empty() && topic.seen.is_empty() {
            let all = self.of_clusters(topic, most / QUEUES as usize)?;
            shares = all.into_iter().map(|set| (set, QUEUES)).collect();
            remarks.push(format!("a guess: {}", topic.system.hint_on_queues()));
        }
        // A sum of numbers of which none is larger is one that can be counted.
        let is_countable = shares.values().all(|count| *count as usize <= limit::QUEUES);
        let sum: usize = if is_countable { shares.values().map(|count| *count as usize).sum() } else { usize::MAX };
        (1..=most).contains(&sum).then_some((shares, remarks))
    }

    /// As the route of the topic has them.
    fn routed(&self, topic: &KnownTopic, sets: &[PlannedSet]) -> (QueueShares, Remarks) {
        let (mut shares, mut remarks) = (QueueShares::new(), Remarks::new());
        for (set, queues) in &topic.route {
            let Some(set) = self.numbers.get(set.as_str()).copied() else { continue };
            let (count, name) = (if queues.write > 0 { queues.write } else { queues.read }, &sets[set].name);
            if count > 0 {
                shares.insert(set, count);
            }
            if queues.write != queues.read {
                remarks.push(format!("{name}: {} to write, {} to read", queues.write, queues.read));
            }
            if !queues.writable {
                remarks.push(format!("{name} takes no messages for it in life"));
            }
        }
        (shares, remarks)
    }

    /// The broker sets of the topic's clusters, all of them where these are not known; nothing where they are more than `most`.
    fn of_clusters(&self, topic: &KnownTopic, most: usize) -> Option<Vec<usize>> {
        let of_clusters = || topic.clusters.iter().filter_map(|cluster| self.by_cluster.get(cluster.as_str()));
        let count: usize = of_clusters().map(Vec::len).sum();
        let (count, is_all) = if count == 0 { (self.numbers.len(), true) } else { (count, false) };
        (count <= most).then(|| if is_all { (0..count).collect() } else { of_clusters().flatten().copied().collect() })
    }
}
