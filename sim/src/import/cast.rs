//! Who of a real cluster takes part in the scenario: within its limits, under names that it allows, and with a remark for
//! whatever is not known or not as in life. Nothing of how a file is written.

use std::collections::{BTreeMap, BTreeSet};

use super::cluster::{BrokerSet, Cluster, Group, Rate, Topic};
use super::load;
use super::names::Names;
use super::reserved::{is_reserved_group, is_reserved_topic};
use crate::kernel::Span;
use crate::limit;

/// Queues of a topic on each broker set where nothing is known of them: what RocketMQ gives a topic that a producer makes
/// by sending to it (`defaultTopicQueueNums` of `DefaultMQProducer`).
const QUEUES: u32 = 4;

/// Consumers of a group of which nothing is known.
const CONSUMERS: usize = 1;

/// Everything that the scenario is made of.
#[derive(Debug, Default)]
pub(super) struct Cast {
    /// The names of the clusters, as they are.
    pub(super) clusters: Vec<String>,
    pub(super) sets: Vec<CastSet>,
    pub(super) topics: Vec<CastTopic>,
    /// What was left out, and why.
    pub(super) left_out: Vec<LeftOut>,
}

/// A broker set.
#[derive(Debug)]
pub(super) struct CastSet {
    pub(super) name: String,
    pub(super) slaves: Vec<String>,
    pub(super) remarks: Remarks,
    /// Of its slaves.
    pub(super) slave_remarks: Remarks,
}

/// A topic with its producer and its groups.
#[derive(Debug)]
pub(super) struct CastTopic {
    pub(super) name: String,
    pub(super) remarks: Remarks,
    /// The numbers of broker sets, and how many queues each holds.
    pub(super) shares: BTreeMap<usize, u32>,
    pub(super) share_remarks: Remarks,
    pub(super) producer: String,
    /// What is sent in life, where that is known.
    pub(super) known_rate: Option<Rate>,
    pub(super) interval: Span,
    pub(super) rate_remark: String,
    pub(super) groups: Vec<CastGroup>,
}

/// A group with its consumers.
#[derive(Debug)]
pub(super) struct CastGroup {
    pub(super) name: String,
    pub(super) remarks: Remarks,
    /// The name of its consumers; nothing where it has none.
    pub(super) consumer: String,
    pub(super) consumers: usize,
    pub(super) consumer_remarks: Remarks,
    pub(super) service_time: Span,
    /// How many messages it is behind in life.
    pub(super) behind: Option<u64>,
}

/// What is to be said beside a line.
pub(super) type Remarks = Vec<String>;

/// Things of one kind that do not take part.
#[derive(Debug)]
pub(super) struct LeftOut {
    /// What they are, and why they are left out.
    pub(super) what: String,
    pub(super) names: Vec<String>,
}

impl Cast {
    /// Chooses from what is known.
    pub(super) fn of(cluster: &Cluster) -> Self {
        let mut casting = Casting::new(cluster);
        casting.sets();
        casting.topics();
        casting.say_what_is_left_out();
        let mut cast = casting.cast;
        let total = cluster.sets.iter().filter_map(|(_, set)| set.rate).map(|rate| rate.0);
        load::share_out(&mut cast, Rate(total.fold(0, u64::saturating_add)));
        cast
    }
}

struct Casting<'c> {
    cluster: &'c Cluster,
    cast: Cast,
    nodes: Names,
    topic_names: Names,
    group_names: Names,
    /// The number of each broker set that takes part.
    numbers: BTreeMap<&'c str, usize>,
    /// How many nodes, queues, pairs of a queue and a group that reads it, and groups there still may be.
    nodes_left: usize,
    queues_left: usize,
    reads_left: usize,
    groups_left: usize,
    /// The groups that take part, by their own names.
    takes_part: BTreeSet<&'c str>,
    /// Names of what did not fit.
    too_many: [Vec<String>; 3],
}

impl<'c> Casting<'c> {
    fn new(cluster: &'c Cluster) -> Self {
        let mut nodes = Names::default();
        // The one that a scenario has where it names none.
        nodes.give("nameserver", 1);
        Self {
            cluster,
            cast: Cast { clusters: cluster.clusters.iter().cloned().collect(), ..Cast::default() },
            nodes,
            topic_names: Names::default(),
            group_names: Names::default(),
            numbers: BTreeMap::new(),
            nodes_left: limit::NODES - 1,
            queues_left: limit::QUEUES,
            reads_left: limit::IMPORTED_READS,
            groups_left: limit::ENTRIES,
            takes_part: BTreeSet::new(),
            too_many: [const { Vec::new() }; 3],
        }
    }

    // ---- broker sets ---------------------------------------------------------------------------------------------

    /// Broker sets in the order of their names; they may take half of all nodes.
    fn sets(&mut self) {
        let made_up = BrokerSet::default();
        let known: Vec<(&str, &BrokerSet)> = self.cluster.sets.iter().collect();
        let is_made_up = known.is_empty();
        let sets = if is_made_up { vec![("broker-1", &made_up)] } else { known };
        let most = limit::NODES / 2;
        for (real, set) in sets {
            let replicas = set.size().clamp(1, limit::REPLICAS);
            // A topic of which nothing is known has queues on all of them.
            if limit::NODES - self.nodes_left + replicas > most || self.numbers.len() == limit::IMPORTED_TOPICS {
                self.too_many[0].push(real.to_owned());
                continue;
            }
            self.nodes_left -= replicas;
            self.numbers.insert(real, self.numbers.len());
            let mut cast = self.set(real, set, replicas);
            if is_made_up {
                cast.remarks.push("made up: no broker is known; `mqadmin clusterList` says which there are".to_owned());
            }
            self.cast.sets.push(cast);
        }
    }

    fn set(&mut self, real: &str, set: &BrokerSet, replicas: usize) -> CastSet {
        let name = self.nodes.give(real, 1);
        let mut remarks = renamed(real, &name);
        if self.cluster.clusters.len() > 1 {
            remarks.extend(set.cluster.as_ref().map(|of| format!("of the cluster {}", quoted(of))));
        }
        if !set.ids.is_empty() && !set.ids.contains(&0) {
            remarks.push("it had no master then: here one of its slaves is the master from the start".to_owned());
        }
        let mut slave_remarks = Remarks::new();
        if set.size() == 0 {
            remarks.push("whether it has slaves is not known: `mqadmin clusterList` says so".to_owned());
        }
        if set.size() > replicas {
            slave_remarks.push(format!("more in life: there may be {} replicas (limit `replicas`)", limit::REPLICAS));
        }
        let ids: Vec<u64> =
            if set.ids.is_empty() { (0..replicas as u64).collect() } else { set.ids.iter().copied().collect() };
        let slaves: Vec<String> =
            ids.iter().skip(1).take(replicas - 1).map(|id| self.nodes.give(&format!("{name}-s{id}"), 1)).collect();
        CastSet { name, slaves, remarks, slave_remarks }
    }

    // ---- topics --------------------------------------------------------------------------------------------------

    /// Topics that somebody reads come first where not all can take part; then they are in the order of their names.
    fn topics(&mut self) {
        let readers = self.readers();
        let mut topics: Vec<(&str, &Topic)> =
            self.cluster.topics.iter().filter(|(name, _)| !self.is_reserved(name)).collect();
        topics.sort_by_key(|(name, _)| !readers.contains_key(name));
        // Groups come when every topic has its place, so that one with many consumers takes no topic's.
        let mut read = Vec::new();
        for (real, topic) in topics {
            match self.topic(real, topic) {
                Some(queues) => read.push((readers.get(real), queues)),
                None => self.too_many[1].push(real.to_owned()),
            }
        }
        for (number, (groups, queues)) in read.into_iter().enumerate() {
            for (group, behind) in groups.into_iter().flatten() {
                self.group(number, group, *behind, queues);
            }
        }
        if self.cast.topics.is_empty() {
            self.make_up_a_topic();
        }
        self.cast.topics.sort_by(|a, b| a.name.cmp(&b.name));
        self.drop_sets_without_queues();
    }

    fn is_reserved(&self, topic: &str) -> bool {
        is_reserved_topic(topic, &self.cluster.clusters, |name| self.cluster.sets.get(name).is_some())
    }

    /// The groups that read each topic, and how many messages they are behind.
    fn readers(&self) -> BTreeMap<&'c str, Vec<(&'c str, Option<u64>)>> {
        let mut readers: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for (name, group) in self.cluster.groups.iter().filter(|(name, _)| !is_reserved_group(name)) {
            for (topic, behind) in &group.topics {
                readers.entry(topic).or_default().push((name, *behind));
            }
        }
        readers
    }

    /// How many queues the broker sets that take part hold, and what is to be said of it.
    fn shares(&self, topic: &Topic) -> (BTreeMap<usize, u32>, Remarks) {
        let mut remarks = Remarks::new();
        let mut shares = BTreeMap::new();
        for (set, queues) in
            topic.route.iter().filter_map(|(set, queues)| Some((*self.numbers.get(set.as_str())?, queues)))
        {
            let (count, name) = (if queues.write > 0 { queues.write } else { queues.read }, &self.cast.sets[set].name);
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
        if shares.is_empty() {
            let seen = topic.seen.iter().filter_map(|(set, count)| Some((*self.numbers.get(set.as_str())?, *count)));
            shares.extend(seen);
            remarks.extend((!shares.is_empty()).then(|| "so many were seen in consumerProgress".to_owned()));
        }
        if shares.is_empty() {
            shares = self.sets_of(topic).map(|set| (set, QUEUES)).collect();
            remarks.push("a guess: `mqadmin topicRoute` says how many".to_owned());
        }
        // The sum of all numbers of queues is then one that can be counted.
        if shares.values().any(|count| *count as usize > limit::QUEUES) {
            shares.clear();
        }
        (shares, remarks)
    }

    /// The broker sets of the topic's clusters; all of them where these are not known.
    fn sets_of(&self, topic: &Topic) -> impl Iterator<Item = usize> {
        let is_in = |set: &str| {
            let of = self.cluster.sets.get(set).and_then(|set| set.cluster.as_ref());
            of.is_some_and(|of| topic.clusters.contains(of))
        };
        let some = self.numbers.keys().any(|set| is_in(set));
        self.numbers.iter().filter(move |(set, _)| !some || is_in(set)).map(|(_, number)| *number)
    }

    /// A topic, if there is room for it, and how many queues it has.
    fn topic(&mut self, real: &str, topic: &Topic) -> Option<usize> {
        let (shares, share_remarks) = self.shares(topic);
        let queues: usize = shares.values().map(|count| *count as usize).sum();
        let is_full = self.nodes_left == 0 || self.cast.topics.len() == limit::IMPORTED_TOPICS;
        if is_full || queues == 0 || queues > self.queues_left {
            return None;
        }
        self.queues_left -= queues;
        self.nodes_left -= 1;
        let name = self.topic_names.give(real, 1);
        let mut remarks = renamed(real, &name);
        remarks.extend(self.cluster.topics.is_cut(real).then(cut));
        let producer = self.nodes.give(&format!("{name}-producer"), 1);
        self.cast.topics.push(CastTopic {
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
        self.topic("topic", &Topic::default());
        let Some(topic) = self.cast.topics.last_mut() else { return };
        let remark = "made up, with its group: `mqadmin topicList` and `mqadmin topicRoute` say which there are";
        topic.remarks.push(remark.to_owned());
        topic.groups.push(CastGroup {
            name: self.group_names.give("group", 1),
            remarks: Remarks::new(),
            consumer: self.nodes.give("consumer", 1),
            consumers: CONSUMERS,
            consumer_remarks: Remarks::new(),
            service_time: Span::ZERO,
            behind: None,
        });
    }

    // ---- groups --------------------------------------------------------------------------------------------------

    /// A group that reads a topic of so many queues, if there is room for it.
    fn group(&mut self, topic: usize, real: &'c str, behind: Option<u64>, queues: usize) {
        let Some(group) = self.cluster.groups.get(real) else { return };
        let (wanted, mut consumer_remarks) = consumers(group);
        if queues > self.reads_left || self.groups_left == 0 || (wanted > 0 && self.nodes_left == 0) {
            self.too_many[2].push(real.to_owned());
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
        let several = group.topics.keys().filter(|topic| !self.is_reserved(topic)).nth(1).is_some();
        let wanted_name = if several { format!("{real}@{}", self.cast.topics[topic].name) } else { real.to_owned() };
        let name = self.group_names.give(&wanted_name, 1);
        let mut remarks = if several { several_topics(real) } else { renamed(real, &name) };
        remarks.extend(self.cluster.groups.is_cut(real).then(cut));
        if group.broadcasting {
            let remark =
                "BROADCASTING in life: there each of its consumers handles every message, here one of them does";
            remarks.push(remark.to_owned());
        }
        let consumer = if consumers == 0 { String::new() } else { self.nodes.give(&name, consumers) };
        let service_time = Span::ZERO;
        let cast = CastGroup { name, remarks, consumer, consumers, consumer_remarks, service_time, behind };
        self.cast.topics[topic].groups.push(cast);
    }

    // ---- what is left out ----------------------------------------------------------------------------------------

    /// A set of a scenario holds at least one queue.
    fn drop_sets_without_queues(&mut self) {
        let mut new_numbers = BTreeMap::new();
        let mut kept = Vec::new();
        let mut dropped = Vec::new();
        for (number, set) in std::mem::take(&mut self.cast.sets).into_iter().enumerate() {
            if self.cast.topics.iter().any(|topic| topic.shares.contains_key(&number)) {
                new_numbers.insert(number, kept.len());
                kept.push(set);
            } else {
                dropped.push(set.name);
            }
        }
        self.cast.sets = kept;
        for topic in &mut self.cast.topics {
            let shares = std::mem::take(&mut topic.shares);
            topic.shares =
                shares.into_iter().filter_map(|(set, count)| Some((*new_numbers.get(&set)?, count))).collect();
        }
        self.leave_out("broker sets that hold no queue of a topic known here", dropped);
    }

    fn say_what_is_left_out(&mut self) {
        let names = |of: &mut dyn Iterator<Item = &str>| of.map(str::to_owned).collect::<Vec<String>>();
        let cluster = self.cluster;
        let reserved = names(&mut cluster.topics.iter().map(|(name, _)| name).filter(|name| self.is_reserved(name)));
        let groups = names(&mut cluster.groups.iter().map(|(name, _)| name).filter(|name| is_reserved_group(name)));
        let [sets, topics, too_many_groups] = std::mem::take(&mut self.too_many);
        let too_many: BTreeSet<&str> = too_many_groups.iter().map(String::as_str).collect();
        let takes_part = |name: &&str| self.takes_part.contains(name) || too_many.contains(name);
        let idle = cluster.groups.iter().map(|(name, _)| name);
        let idle = names(&mut idle.filter(|name| !is_reserved_group(name) && !takes_part(name)));
        self.leave_out("topics that RocketMQ keeps for itself", reserved);
        self.leave_out("groups that RocketMQ keeps for itself", groups);
        let what = "groups that read nothing that is known here (`mqadmin consumerProgress -g` says what they read)";
        self.leave_out(what, idle);
        self.leave_out(
            "broker sets beyond what an import takes (half of limit `nodes`, or limit `imported_topics`)",
            sets,
        );
        let what = "topics without queues, or beyond the limits `queues`, `nodes` or `imported_topics`";
        self.leave_out(what, topics);
        self.leave_out("groups beyond the limits `nodes`, `entries` or `imported_reads`", too_many_groups);
    }

    fn leave_out(&mut self, what: &str, names: Vec<String>) {
        if !names.is_empty() {
            self.cast.left_out.push(LeftOut { what: what.to_owned(), names });
        }
    }
}

/// How many consumers a group has, and how that is known.
fn consumers(group: &Group) -> (usize, Remarks) {
    match (group.consumers, group.hosts.len()) {
        (Some(0), _) => (0, vec!["none was connected: nobody reads for this group".to_owned()]),
        (Some(count), _) => (count as usize, Remarks::new()),
        (None, 0) => (CONSUMERS, vec!["a guess: `mqadmin consumerProgress` says how many".to_owned()]),
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

/// A name in a remark: the beginning of it where it is long, and nothing that would end a comment.
pub(super) fn quoted(name: &str) -> String {
    const LONGEST: usize = 60;
    let name: String = name.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
    let short: String = name.chars().take(LONGEST).collect();
    if short.len() < name.len() { format!("`{short}…`") } else { format!("`{short}`") }
}
