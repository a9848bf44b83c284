//! Everything that is known of a real cluster from all outputs together, under its own names. It knows nothing of how the
//! outputs looked, nor of what a scenario may be.

use std::collections::{BTreeMap, BTreeSet};

use super::named::{ByName, PrintedName, join, rename};
use super::reserved::{broker_of, cluster_of, is_reserved_topic};
use super::system::System;

/// A rate, in hundredths of a message a second: what `clusterList` shows has two decimals.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(super) struct Rate(pub(super) u64);

/// Comments beside a line of the scenario, each once.
pub(super) type RemarkSet = BTreeSet<String>;

/// Everything that is known of a real cluster.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct KnownCluster {
    /// The names of clusters.
    pub(super) clusters: BTreeSet<String>,
    /// Those among them that may be the beginnings of longer ones.
    pub(super) cut_clusters: BTreeSet<String>,
    pub(super) sets: ByName<KnownSet>,
    pub(super) topics: ByName<KnownTopic>,
    pub(super) groups: ByName<KnownGroup>,
    /// Comments on parts that have no equivalent in a scenario.
    pub(super) remarks: Vec<String>,
}

/// A broker and its slaves.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct KnownSet {
    pub(super) system: System,
    /// The cluster that it belongs to.
    pub(super) cluster: Option<String>,
    /// The ids of its replicas; 0 is the master's.
    pub(super) ids: BTreeSet<u64>,
    /// The number of its replicas, where their ids are not known.
    pub(super) replicas: usize,
    /// Whether all of its replicas were printed.
    pub(super) is_listed: bool,
    /// The messages that the master takes in.
    pub(super) rate: Option<Rate>,
    pub(super) replication: Option<KnownReplication>,
    pub(super) flush: Option<KnownFlush>,
    pub(super) remarks: RemarkSet,
    /// Comments beside its slaves.
    pub(super) slave_remarks: RemarkSet,
}

/// Whether a master waits for its slaves before it acknowledges a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum KnownReplication {
    Sync,
    Async,
}

/// Whether a master waits for its disk before it acknowledges a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum KnownFlush {
    Sync,
    Async,
}

impl KnownSet {
    /// How many replicas it has, as far as is known.
    pub(super) fn size(&self) -> usize {
        self.ids.len().max(self.replicas)
    }
}

/// A topic.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct KnownTopic {
    pub(super) system: System,
    /// The clusters in which an output lists it.
    pub(super) clusters: BTreeSet<String>,
    /// Its queues on each broker set, as its route has them.
    pub(super) route: BTreeMap<String, Queues>,
    /// How many queues of it were seen on each broker set.
    pub(super) seen: BTreeMap<String, u32>,
    /// How many partitions it has, where it is not known who leads them.
    pub(super) partitions: u32,
    /// The messages that are sent to it.
    pub(super) rate: Option<Rate>,
    /// Whether only the name of a file says what it is called.
    pub(super) is_named_by_file: bool,
    pub(super) remarks: RemarkSet,
}

/// The queues of a topic on one broker set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Queues {
    pub(super) write: u32,
    pub(super) read: u32,
    /// Whether producers may write there now.
    pub(super) writable: bool,
}

impl Queues {
    /// As many queues to write as to read.
    pub(super) const fn of(count: u32) -> Self {
        Self { write: count, read: count, writable: true }
    }
}

/// A group.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct KnownGroup {
    pub(super) system: System,
    /// How many consumers are connected.
    pub(super) consumers: Option<u32>,
    /// Whether an output says that no consumer is connected.
    pub(super) is_reported_empty: bool,
    /// The hosts of those that own a queue.
    pub(super) hosts: BTreeSet<String>,
    /// The topics that it reads.
    pub(super) topics: BTreeMap<String, KnownLag>,
    /// Each of its consumers handles every message.
    pub(super) broadcasting: bool,
    /// Whether only the name of a file says what it is called.
    pub(super) is_named_by_file: bool,
    pub(super) remarks: RemarkSet,
}

impl KnownGroup {
    /// At least so many consumers are connected.
    pub(super) fn at_least(&mut self, consumers: usize) {
        self.consumers = self.consumers.max(Some(u32::try_from(consumers).unwrap_or(u32::MAX)));
    }
}

/// The lag of a group in a topic, in messages.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct KnownLag {
    /// In all queues together, where that was printed.
    pub(super) total: Option<u64>,
    /// In each queue that was printed: of a broker set, with that number.
    pub(super) queues: BTreeMap<(String, u32), u64>,
    /// Whether some queues were printed without their lag.
    pub(super) is_part: bool,
}

impl KnownLag {
    /// The messages behind in all queues, as far as they are known.
    pub(super) fn messages(&self) -> Option<u64> {
        let sum = self.queues.values().fold(0, |sum: u64, behind| sum.saturating_add(*behind));
        self.total.max((!self.queues.is_empty()).then_some(sum))
    }

    /// Adds the lag in one queue. Below zero, where the broker lost what the group had read, it is zero.
    pub(super) fn add_queue(&mut self, set: String, queue: u32, lag: i64) {
        self.queues.insert((set, queue), u64::try_from(lag).unwrap_or(0));
    }

    fn merge(&mut self, other: Self) {
        self.total = self.total.max(other.total);
        self.queues.extend(other.queues);
        self.is_part |= other.is_part;
    }
}

impl KnownCluster {
    /// Whether there is anything of which a scenario could be made.
    pub(super) fn is_empty(&self) -> bool {
        self.sets.is_empty() && self.topics.is_empty() && self.groups.is_empty()
    }

    /// Whether a topic is one that its system keeps for itself.
    pub(super) fn is_reserved(&self, name: &str, topic: &KnownTopic) -> bool {
        is_reserved_topic(topic.system, name, &self.clusters, |name| self.sets.get(name).is_some())
    }

    /// The broker set with that name, which belongs to a cluster where that is known.
    pub(super) fn set(&mut self, name: &PrintedName, cluster: Option<&str>) -> &mut KnownSet {
        let set = self.sets.entry(name);
        if let Some(cluster) = cluster.filter(|cluster| !cluster.is_empty()) {
            self.clusters.insert(cluster.to_owned());
            self.cut_clusters.remove(cluster);
            set.cluster = Some(cluster.to_owned());
        }
        set
    }

    /// A queue with that number was seen on a broker set.
    pub(super) fn see_queue(&mut self, topic: &PrintedName, set: &PrintedName, queue: u32) {
        self.sets.entry(set);
        let seen = self.topics.entry(topic).seen.entry(set.name.clone()).or_default();
        *seen = (*seen).max(queue.saturating_add(1));
    }

    /// Draws the conclusions from all outputs together: completes names that were cut, names clusters and brokers after their
    /// own topics, and places partitions whose leaders no output shows.
    pub(super) fn settle(&mut self) {
        self.complete_cut_names();
        self.name_from_topics();
        self.place_partitions();
    }

    fn complete_cut_names(&mut self) {
        let clusters = self.complete_clusters();
        let sets = self.sets.complete(|set, part| {
            set.ids.extend(part.ids);
            set.cluster = set.cluster.take().or(part.cluster);
            set.remarks.extend(part.remarks);
        });
        let topics = self.topics.complete(|topic, part| {
            topic.clusters.extend(part.clusters);
            topic.rate = topic.rate.or(part.rate);
            topic.remarks.extend(part.remarks);
            join(&mut topic.seen, part.seen, |seen, more| *seen = (*seen).max(more));
            join(&mut topic.route, part.route, |_, _| {});
        });
        self.groups.complete(|group, part| {
            group.consumers = group.consumers.or(part.consumers);
            group.hosts.extend(part.hosts);
            group.broadcasting |= part.broadcasting;
            group.remarks.extend(part.remarks);
            join(&mut group.topics, part.topics, KnownLag::merge);
        });
        for topic in self.topics.values_mut() {
            topic.clusters = std::mem::take(&mut topic.clusters)
                .into_iter()
                .map(|cluster| clusters.get(&cluster).cloned().unwrap_or(cluster))
                .collect();
            rename(&mut topic.seen, &sets, |seen, more| *seen = (*seen).max(more));
        }
        for group in self.groups.values_mut() {
            rename(&mut group.topics, &topics, KnownLag::merge);
            for behind in group.topics.values_mut() {
                let whole = |set: String| sets.get(&set).cloned().unwrap_or(set);
                behind.queues = std::mem::take(&mut behind.queues)
                    .into_iter()
                    .map(|((set, queue), behind)| ((whole(set), queue), behind))
                    .collect();
            }
        }
    }

    /// The whole names of clusters, by what was printed of them.
    fn complete_clusters(&mut self) -> BTreeMap<String, String> {
        let whole = |cut: &String| {
            let longer = self.clusters.range(cut.clone()..).take_while(|name| name.starts_with(cut.as_str()));
            let mut longer = longer.filter(|name| !self.cut_clusters.contains(*name));
            let found = longer.next()?;
            longer.next().is_none().then(|| (cut.clone(), found.clone()))
        };
        let completed: BTreeMap<String, String> = self.cut_clusters.iter().filter_map(whole).collect();
        for cut in completed.keys() {
            self.clusters.remove(cut);
        }
        completed
    }

    /// A list of topics names clusters and brokers, too: each has topics of its own.
    fn name_from_topics(&mut self) {
        let is_of_rocketmq = |(_, topic): &(&str, &KnownTopic)| topic.system == System::RocketMq;
        let names: Vec<&str> = self.topics.iter().filter(is_of_rocketmq).map(|(name, _)| name).collect();
        let clusters = names.iter().filter_map(|name| cluster_of(name)).filter(|name| self.topics.get(name).is_some());
        let clusters: Vec<String> = clusters.map(str::to_owned).collect();
        let brokers: Vec<String> = names.iter().filter_map(|name| broker_of(name)).map(str::to_owned).collect();
        self.clusters.extend(clusters);
        for broker in brokers {
            self.sets.entry(&PrintedName::whole(broker));
        }
    }

    /// Partitions of which nobody said who leads them are with the brokers that lead others, or else with one.
    fn place_partitions(&mut self) {
        let leads = |(name, set): (&str, &KnownSet)| (set.system == System::Kafka).then(|| name.to_owned());
        let mut leaders: Vec<String> = self.sets.iter().filter_map(leads).collect();
        let is_made_up = leaders.is_empty();
        let mut is_used = false;
        for topic in self.topics.values_mut().filter(|topic| topic.partitions > 0) {
            if !topic.route.is_empty() {
                let placed = topic.route.values().fold(0, |sum: u32, queues| sum.saturating_add(queues.write));
                if placed < topic.partitions {
                    let (left, all) = (topic.partitions - placed, topic.partitions);
                    topic.remarks.insert(format!("{all} partitions in life: who leads {left} of them was not printed"));
                }
                continue;
            }
            if leaders.is_empty() {
                leaders.push("kafka".to_owned());
            }
            is_used = true;
            let each = u32::try_from(leaders.len()).unwrap_or(u32::MAX);
            for (number, leader) in (0..).zip(&leaders) {
                let count = topic.partitions / each + u32::from(number < topic.partitions % each);
                if count > 0 {
                    topic.route.insert(leader.clone(), Queues::of(count));
                }
            }
            if !is_made_up {
                let remark = "who leads its partitions was not printed (`kafka-topics --describe` says so): they are spread evenly";
                topic.remarks.insert(remark.to_owned());
            }
        }
        if is_made_up && is_used {
            let set = self.sets.entry(&PrintedName::whole("kafka"));
            set.system = System::Kafka;
            set.replicas = 1;
            set.is_listed = true;
            set.remarks.insert(
                "made up: it stands for all brokers; `kafka-topics --describe` says which lead what".to_owned(),
            );
        }
    }
}
