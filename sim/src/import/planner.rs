//! Chooses who of a real cluster takes part in the scenario: within its limits, under names that it allows, and with a remark
//! for whatever is not known or not as in life. Nothing of how a file is written.

use std::collections::{BTreeMap, BTreeSet};

use super::cluster::{KnownCluster, KnownGroup, KnownLag, KnownSet, KnownTopic, Rate};
use super::import_plan::{ImportPlan, PlannedGroup, PlannedSet, PlannedTopic, Remarks, quoted};
use super::left_out::{self, TooMany, is_retry_of_a_pop};
use super::load;
use super::names::GivenNames;
use super::reserved::is_reserved_group;
use super::shares::Sets;
use super::system::System;
use crate::kernel::Span;
use crate::limit;

/// Consumers of a group of which nothing is known.
const CONSUMERS: usize = 1;

/// Chooses from what is known.
pub(super) fn plan(cluster: &KnownCluster) -> ImportPlan {
    let made_up = KnownSet::default();
    let mut planner = Planner::new(cluster);
    planner.choose_sets(&made_up);
    planner.choose_topics();
    let dropped = planner.drop_sets_without_queues();
    let Planner { mut plan, takes_part, too_many, .. } = planner;
    plan.left_out = left_out::of(cluster, &takes_part, dropped, too_many);
    let total = cluster.sets.iter().filter_map(|(_, set)| set.rate).map(|rate| rate.0);
    load::share_out(&mut plan, Rate(total.fold(0, u64::saturating_add)));
    plan
}

struct Planner<'c> {
    cluster: &'c KnownCluster,
    plan: ImportPlan,
    nodes: GivenNames,
    topic_names: GivenNames,
    group_names: GivenNames,
    /// The broker sets that take part.
    sets: Sets<'c>,
    /// The nodes, queues, pairs of a queue and a group that reads it, and groups for which there still is room.
    nodes_left: usize,
    queues_left: usize,
    reads_left: usize,
    groups_left: usize,
    /// The groups that take part, by their own names.
    takes_part: BTreeSet<&'c str>,
    is_topic_made_up: bool,
    too_many: TooMany,
}

impl<'c> Planner<'c> {
    fn new(cluster: &'c KnownCluster) -> Self {
        let mut nodes = GivenNames::default();
        // The one that a scenario has where it names none.
        nodes.give("nameserver", 1);
        let plan = ImportPlan {
            clusters: cluster.clusters.iter().cloned().collect(),
            system: cluster.system(),
            remarks: cluster.remarks.clone(),
            ..ImportPlan::default()
        };
        Self {
            cluster,
            plan,
            nodes,
            topic_names: GivenNames::default(),
            group_names: GivenNames::default(),
            sets: Sets::default(),
            nodes_left: limit::NODES - 1,
            queues_left: limit::QUEUES,
            reads_left: limit::IMPORTED_READS,
            groups_left: limit::ENTRIES,
            takes_part: BTreeSet::new(),
            is_topic_made_up: false,
            too_many: TooMany::default(),
        }
    }

    // ---- broker sets ---------------------------------------------------------------------------------------------

    /// Broker sets in the order of their names, or one that is made up; they may take half of all nodes.
    fn choose_sets(&mut self, made_up: &'c KnownSet) {
        let known: Vec<(&str, &KnownSet)> = self.cluster.sets.iter().collect();
        let is_made_up = known.is_empty();
        let sets = if is_made_up { vec![("broker-1", made_up)] } else { known };
        let most = limit::NODES / 2;
        for (real, set) in sets {
            let replicas = set.size().clamp(1, limit::REPLICAS);
            // A topic of which nothing is known has queues on all of them.
            if limit::NODES - self.nodes_left + replicas > most || self.sets.len() == limit::IMPORTED_TOPICS {
                self.too_many.sets.push(real.to_owned());
                continue;
            }
            self.nodes_left -= replicas;
            self.sets.add(real, set.cluster.as_deref());
            let mut planned = self.set(real, set, replicas);
            if is_made_up {
                let remark = "made up: no broker is known; `mqadmin clusterList` says which there are";
                planned.remarks = vec![remark.to_owned()];
            }
            self.plan.sets.push(planned);
        }
    }

    fn set(&mut self, real: &str, set: &KnownSet, replicas: usize) -> PlannedSet {
        let name = self.nodes.give(real, 1);
        let mut remarks = renamed(real, &name);
        remarks.extend(self.cluster.sets.is_cut(real).then(cut));
        if self.cluster.clusters.len() > 1 {
            remarks.extend(set.cluster.as_ref().map(|of| format!("of the cluster {}", quoted(of))));
        }
        if !set.ids.is_empty() && !set.ids.contains(&0) {
            remarks.push("it had no master then: here one of its slaves is the master from the start".to_owned());
        }
        if !set.is_listed && set.size() <= 1 && set.system == System::RocketMq {
            remarks.push("whether it has slaves is not known: `mqadmin clusterList` says so".to_owned());
        }
        remarks.extend(set.remarks.iter().cloned());
        let mut slave_remarks: Remarks = set.slave_remarks.iter().cloned().collect();
        if set.size() > replicas {
            slave_remarks.push(format!("more in life: there may be {} replicas (limit `replicas`)", limit::REPLICAS));
        }
        let ids: Vec<u64> =
            if set.ids.len() < replicas { (0..replicas as u64).collect() } else { set.ids.iter().copied().collect() };
        let slaves: Vec<String> =
            ids.iter().skip(1).take(replicas - 1).map(|id| self.nodes.give(&format!("{name}-s{id}"), 1)).collect();
        PlannedSet { name, slaves, replication: set.replication, flush: set.flush, remarks, slave_remarks }
    }

    // ---- topics --------------------------------------------------------------------------------------------------

    /// Topics that somebody reads come first where not all can take part; then they are in the order of their names.
    fn choose_topics(&mut self) {
        let (cluster, readers) = (self.cluster, self.readers());
        let mut topics: Vec<(&str, &KnownTopic)> =
            cluster.topics.iter().filter(|(name, topic)| !cluster.is_reserved(name, topic)).collect();
        topics.sort_by_key(|(name, _)| !readers.contains_key(name));
        // Groups come when every topic has its place, so that one with many consumers takes no topic's.
        let mut read = Vec::new();
        for (real, topic) in topics {
            match self.topic(real, topic, readers.contains_key(real)) {
                Some(queues) => read.push((readers.get(real), queues)),
                None => self.too_many.topics.push(real.to_owned()),
            }
        }
        for (number, (groups, queues)) in read.into_iter().enumerate() {
            for (group, behind) in groups.into_iter().flatten() {
                self.group(number, group, behind, queues);
            }
        }
        if self.plan.topics.is_empty() {
            self.make_up_a_topic();
        }
        if let [_] = self.plan.topics[..] {
            self.let_others_read();
        }
        if self.is_topic_made_up && self.plan.topics.iter().all(|topic| topic.groups.is_empty()) {
            self.make_up_a_group();
        }
        self.plan.topics.sort_by(|a, b| a.name.cmp(&b.name));
    }

    /// The groups that read each topic, and how many messages they are behind.
    fn readers(&self) -> BTreeMap<&'c str, Vec<(&'c str, &'c KnownLag)>> {
        let mut readers: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for (name, group) in self.cluster.groups.iter().filter(|(name, _)| !is_reserved_group(name)) {
            for (topic, behind) in &group.topics {
                readers.entry(topic).or_default().push((name, behind));
            }
        }
        readers
    }

    /// A topic, if there is room for it, and how many queues it has.
    fn topic(&mut self, real: &str, topic: &KnownTopic, is_read: bool) -> Option<usize> {
        if self.nodes_left == 0 || self.plan.topics.len() == limit::IMPORTED_TOPICS {
            return None;
        }
        let (shares, share_remarks) = self.sets.share(topic, &self.plan.sets, self.queues_left)?;
        let queues: usize = shares.values().map(|count| *count as usize).sum();
        self.queues_left -= queues;
        self.nodes_left -= 1;
        let name = self.topic_names.give(real, 1);
        let mut remarks = renamed(real, &name);
        remarks.extend(self.cluster.topics.is_cut(real).then(cut));
        // Where anything else names it, it is no guess.
        let is_named_elsewhere = is_read || !topic.clusters.is_empty() || topic.rate.is_some();
        remarks.extend((topic.is_named_by_file && !is_named_elsewhere).then(named_by_file));
        remarks.extend(topic.remarks.iter().cloned());
        let producer = self.nodes.give(&format!("{name}-producer"), 1);
        self.plan.topics.push(PlannedTopic {
            name,
            remarks,
            shares,
            share_remarks,
            producer,
            known_rate: topic.rate,
            interval: Span::ZERO,
            rate_remark: String::new(),
            groups: Vec::new(),
        });
        Some(queues)
    }

    /// Something to look at where no topic is known, or none fits.
    fn make_up_a_topic(&mut self) {
        self.topic("topic", &KnownTopic::default(), true);
        let Some(topic) = self.plan.topics.last_mut() else { return };
        let remark = "made up: `mqadmin topicList` and `mqadmin topicRoute` say which there are";
        topic.remarks.push(remark.to_owned());
        self.is_topic_made_up = true;
    }

    /// Makes up a group that reads the made-up topic, where no group is known either.
    fn make_up_a_group(&mut self) {
        let Some(topic) = self.plan.topics.last_mut() else { return };
        topic.groups.push(PlannedGroup {
            name: self.group_names.give("group", 1),
            remarks: vec!["made up, as is its topic".to_owned()],
            consumer: self.nodes.give("consumer", 1),
            consumers: CONSUMERS,
            consumer_remarks: Remarks::new(),
            service_time: Span::ZERO,
            behind: None,
            is_behind_in_part: false,
        });
    }

    /// Makes groups whose topics are not known read the only topic, where there is just one.
    fn let_others_read(&mut self) {
        let cluster = self.cluster;
        let queues = self.plan.topics[0].shares.values().map(|count| *count as usize).sum();
        for (name, group) in cluster.groups.iter() {
            if group.topics.is_empty() && !is_reserved_group(name) && !is_retry_of_a_pop(cluster, name) {
                let before = self.plan.topics[0].groups.len();
                self.group(0, name, &KnownLag::default(), queues);
                let remark = "what it reads is not known (`mqadmin consumerProgress -g` says so): a guess";
                let added = self.plan.topics[0].groups.get_mut(before);
                added.into_iter().for_each(|group| group.remarks.push(remark.to_owned()));
            }
        }
    }

    // ---- groups --------------------------------------------------------------------------------------------------

    /// A group that reads a topic of so many queues, if there is room for it.
    fn group(&mut self, topic: usize, real: &'c str, behind: &KnownLag, queues: usize) {
        let Some(group) = self.cluster.groups.get(real) else { return };
        let (wanted, mut consumer_remarks) = consumers(group);
        if queues > self.reads_left || self.groups_left == 0 || (wanted > 0 && self.nodes_left == 0) {
            self.too_many.groups.push(real.to_owned());
            return;
        }
        let consumers = wanted.min(self.nodes_left).min(limit::IMPORTED_CONSUMERS);
        if consumers < wanted {
            consumer_remarks
                .push(format!("{wanted} in life: that is beyond the limits `imported_consumers` or `nodes`"));
        }
        self.reads_left -= queues;
        self.groups_left -= 1;
        self.nodes_left -= consumers;
        self.takes_part.insert(real);
        let is_other =
            |name: &&String| self.cluster.topics.get(name).is_some_and(|topic| !self.cluster.is_reserved(name, topic));
        let several = group.topics.keys().filter(is_other).nth(1).is_some();
        let wanted_name = if several { format!("{real}@{}", self.plan.topics[topic].name) } else { real.to_owned() };
        let name = self.group_names.give(&wanted_name, 1);
        let mut remarks = if several { several_topics(real) } else { renamed(real, &name) };
        remarks.extend(self.cluster.groups.is_cut(real).then(cut));
        remarks.extend((group.is_named_by_file && group.consumers.is_none()).then(named_by_file));
        if group.broadcasting {
            let remark =
                "BROADCASTING in life: there each of its consumers handles every message, here one of them does";
            remarks.push(remark.to_owned());
        }
        remarks.extend(group.remarks.iter().cloned());
        let consumer = if consumers == 0 { String::new() } else { self.nodes.give(&name, consumers) };
        self.plan.topics[topic].groups.push(PlannedGroup {
            name,
            remarks,
            consumer,
            consumers,
            consumer_remarks,
            service_time: Span::ZERO,
            behind: behind.messages(),
            is_behind_in_part: behind.is_part,
        });
    }

    // ---- what is left out ----------------------------------------------------------------------------------------

    /// A set of a scenario holds at least one queue. The names of those that hold none.
    fn drop_sets_without_queues(&mut self) -> Vec<String> {
        let held: BTreeSet<usize> = self.plan.topics.iter().flat_map(|topic| topic.shares.keys().copied()).collect();
        let mut new_numbers = BTreeMap::new();
        let mut kept = Vec::new();
        let mut dropped = Vec::new();
        for (number, set) in std::mem::take(&mut self.plan.sets).into_iter().enumerate() {
            if held.contains(&number) {
                new_numbers.insert(number, kept.len());
                kept.push(set);
            } else {
                dropped.push(set.name);
            }
        }
        self.plan.sets = kept;
        for topic in &mut self.plan.topics {
            let shares = std::mem::take(&mut topic.shares);
            topic.shares =
                shares.into_iter().filter_map(|(set, count)| Some((*new_numbers.get(&set)?, count))).collect();
        }
        dropped
    }
}

/// The number of a group's consumers, with a comment on how it is known.
fn consumers(group: &KnownGroup) -> (usize, Remarks) {
    let contradiction = "it was said, too, that it has no active members";
    match (group.consumers, group.hosts.len()) {
        (Some(0), _) => (0, vec!["none was connected: nobody reads for this group".to_owned()]),
        (Some(count), _) if group.is_reported_empty => (count as usize, vec![contradiction.to_owned()]),
        (Some(count), _) => (count as usize, Remarks::new()),
        (None, 0) => (CONSUMERS, vec![format!("a guess: {}", group.system.hint_on_consumers())]),
        (None, hosts) => (hosts, vec!["so many hosts own a queue; there may be more consumers".to_owned()]),
    }
}

fn renamed(real: &str, name: &str) -> Remarks {
    if real == name { Remarks::new() } else { vec![format!("in life {}", quoted(real))] }
}

fn several_topics(real: &str) -> Remarks {
    vec![format!("in life {}, whose consumers read several topics at a time", quoted(real))]
}

fn cut() -> String {
    "the name may be longer: mqadmin cuts it".to_owned()
}

fn named_by_file() -> String {
    "named after its file: the output does not say it".to_owned()
}

impl KnownCluster {
    /// The system that most topics, or else brokers, are of.
    fn system(&self) -> System {
        let of_topics = self.topics.iter().map(|(_, topic)| topic.system);
        let of_sets = self.sets.iter().map(|(_, set)| set.system);
        // One thing of RocketMQ's is enough: its defaults are the ones that are known here.
        of_topics.chain(of_sets).min().unwrap_or_default()
    }
}
