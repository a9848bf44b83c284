//! Names: who has which, in which order ids are given, and what a reference in the file means.
//!
//! It does not know settings.

use std::collections::BTreeMap;

use super::super::file::{Broker, File, Topic};
use super::super::reader::{ScenarioReader, and};
use super::super::section::SectionKey;
use super::super::value::{Name, NodeCount, Reference};
use super::super::written::TomlPlace;
use crate::limit;
use crate::plan::{GroupId, NodeId, QueueId, QueuePlan, QueueSlot, SetId, TopicId};

/// The kinds of node that a reference can ask for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NodeKind {
    Nameserver,
    Broker,
    Service,
    Producer,
    Consumer,
}

impl NodeKind {
    pub(super) const ALL: &'static [Self] =
        &[Self::Nameserver, Self::Broker, Self::Service, Self::Producer, Self::Consumer];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Nameserver => "nameserver",
            Self::Broker => "broker",
            Self::Service => "service",
            Self::Producer => "producer",
            Self::Consumer => "consumer",
        }
    }
}

/// The names of one space, each with the place at which it was given.
struct Space<Id> {
    noun: &'static str,
    ids: BTreeMap<String, (Id, TomlPlace)>,
    /// Whether every name could be read. Else the one that is missed may be among the others, and nothing is said.
    complete: bool,
    /// The second of two of one name that was reported last: a `count` of them is one problem.
    reported: Option<TomlPlace>,
}

impl<Id: Copy> Space<Id> {
    const fn new(noun: &'static str, complete: bool) -> Self {
        Self { noun, ids: BTreeMap::new(), complete, reported: None }
    }

    /// Gives a name an id; of two of one name the later one in the file is reported.
    fn add(&mut self, name: String, id: Id, place: TomlPlace, reader: &mut ScenarioReader<'_>) {
        let Some((_, other)) = self.ids.get(&name) else {
            self.ids.insert(name, (id, place));
            return;
        };
        let (first, second) = if *other <= place { (*other, place) } else { (place, *other) };
        if self.reported.replace(second) == Some(second) {
            return;
        }
        let noun = self.noun;
        let message = if first == TomlPlace::default() {
            format!("two {noun}s are named `{name}`: it is the name of the nameserver where the file gives none")
        } else {
            format!("two {noun}s are named `{name}`: the first one is in line {}", reader.line(first))
        };
        reader.report(second, message, "the second one", Some("give it a name of its own".to_owned()));
    }

    /// Gives a name an id, if it could be read.
    fn add_key(&mut self, name: &SectionKey<Name>, id: Id, reader: &mut ScenarioReader<'_>) {
        match &name.value {
            Some(name) => self.add(name.name.clone(), id, name.place, reader),
            None => self.complete = false,
        }
    }

    /// What a key names; where there is nothing of that name, that is reported.
    fn find(&self, key: &str, reference: &Reference, reader: &mut ScenarioReader<'_>) -> Option<Id> {
        let found = self.ids.get(&reference.name).map(|(id, _)| *id);
        if found.is_none() && self.complete {
            let help = reader.suggest(&reference.name, self.ids.keys().map(String::as_str));
            unknown(key, reference, self.noun, help, reader);
        }
        found
    }
}

fn unknown(key: &str, reference: &Reference, noun: &str, help: Option<String>, reader: &mut ScenarioReader<'_>) {
    let message = format!("`{key}` names `{}`, but there is no {noun} of that name", reference.name);
    reader.report(reference.place, message, format!("no such {noun}"), help);
}

/// All names of a file.
pub(super) struct DeclaredNames {
    nodes: Space<(NodeId, NodeKind)>,
    sets: Space<SetId>,
    topics: Space<TopicId>,
    groups: Space<GroupId>,
    queues: Space<QueueId>,
    /// A producer's or consumer's name that stands for several, and how many.
    several: BTreeMap<String, u32>,
    /// The set of each slave.
    slaves: BTreeMap<String, String>,
    /// Each node's name, in the order of ids.
    pub(super) order: Vec<String>,
    /// Every queue, in the order of ids.
    pub(super) queue_plans: Vec<QueuePlan>,
}

impl DeclaredNames {
    pub(super) fn gather(file: &File, reader: &mut ScenarioReader<'_>) -> Self {
        let whole = reader.is_whole();
        let sets = whole && !file.brokers.is_broken();
        let nodes = sets
            && !(file.nameservers.is_broken()
                || file.services.is_broken()
                || file.producers.is_broken()
                || file.consumers.is_broken());
        let mut names = Self {
            nodes: Space::new("node", nodes),
            sets: Space::new("broker set", sets),
            topics: Space::new("topic", whole && !file.topics.is_broken()),
            groups: Space::new("group", whole && !file.groups.is_broken()),
            queues: Space::new("queue", sets && !file.topics.is_broken()),
            several: BTreeMap::new(),
            slaves: BTreeMap::new(),
            order: Vec::new(),
            queue_plans: Vec::new(),
        };
        names.gather_nodes(file, reader);
        for (index, topic) in file.topics.list().iter().enumerate() {
            names.topics.add_key(&topic.name, TopicId::from(index), reader);
        }
        for (index, group) in file.groups.list().iter().enumerate() {
            names.groups.add_key(&group.name, GroupId::from(index), reader);
        }
        let mut slots = vec![0; file.brokers.list().len()];
        for (index, topic) in file.topics.list().iter().enumerate() {
            names.gather_queues(TopicId::from(index), topic, file.brokers.list(), &mut slots, reader);
        }
        names
    }

    fn gather_nodes(&mut self, file: &File, reader: &mut ScenarioReader<'_>) {
        if file.nameservers.is_written() {
            if let (Some(nameserver), Some(place)) =
                (file.nameservers.list().get(limit::NAMESERVERS), file.nameservers.place)
            {
                let message = format!(
                    "there are more than {} nameservers, expected at most that (limit `nameservers`)",
                    limit::NAMESERVERS
                );
                reader.report(nameserver.name.place.unwrap_or(place), message, "one too many", None);
            }
            for nameserver in file.nameservers.list() {
                self.node(&nameserver.name, NodeKind::Nameserver, reader);
            }
        } else {
            self.one("nameserver".to_owned(), TomlPlace::default(), NodeKind::Nameserver, reader);
        }
        for (index, set) in file.brokers.list().iter().enumerate() {
            self.set(SetId::from(index), set, reader);
        }
        for service in file.services.list() {
            self.node(&service.name, NodeKind::Service, reader);
        }
        for producer in file.producers.list() {
            self.several(&producer.name, &producer.count, NodeKind::Producer, reader);
        }
        for consumer in file.consumers.list() {
            self.several(&consumer.name, &consumer.count, NodeKind::Consumer, reader);
        }
    }

    fn set(&mut self, id: SetId, set: &Broker, reader: &mut ScenarioReader<'_>) {
        self.node(&set.name, NodeKind::Broker, reader);
        match &set.name.value {
            // Two of one name are reported as nodes.
            Some(name) => drop(self.sets.ids.entry(name.name.clone()).or_insert((id, name.place))),
            None => self.sets.complete = false,
        }
        self.nodes.complete &= !set.slaves.is_broken();
        if let (Some(place), true) = (set.slaves.place, set.slaves.list().len() >= limit::REPLICAS) {
            let (found, most) = (set.slaves.list().len(), limit::REPLICAS - 1);
            let message = format!("`slaves` has {found} names, expected at most {most} (limit `replicas`)");
            reader.report(place, message, "too many", None);
        }
        for slave in set.slaves.list() {
            self.one(slave.name.clone(), slave.place, NodeKind::Broker, reader);
            if let Some(name) = &set.name.value {
                self.slaves.insert(slave.name.clone(), name.name.clone());
            }
        }
    }

    fn node(&mut self, name: &SectionKey<Name>, kind: NodeKind, reader: &mut ScenarioReader<'_>) {
        match &name.value {
            Some(name) => self.one(name.name.clone(), name.place, kind, reader),
            None => self.nodes.complete = false,
        }
    }

    /// One of a count bears the name, several a number behind it.
    fn several(
        &mut self,
        name: &SectionKey<Name>,
        count: &SectionKey<NodeCount>,
        kind: NodeKind,
        reader: &mut ScenarioReader<'_>,
    ) {
        let (Some(Name { name, place }), Some(NodeCount(count))) = (&name.value, count.get()) else {
            self.nodes.complete = false;
            return;
        };
        if count == 1 {
            self.one(name.clone(), *place, kind, reader);
            return;
        }
        self.several.insert(name.clone(), count);
        for number in 1..=count {
            if self.order.len() > limit::NODES {
                return;
            }
            self.one(format!("{name}-{number}"), *place, kind, reader);
        }
    }

    fn one(&mut self, name: String, place: TomlPlace, kind: NodeKind, reader: &mut ScenarioReader<'_>) {
        if self.order.len() == limit::NODES {
            let message = format!("there are more than {} nodes, expected at most that (limit `nodes`)", limit::NODES);
            reader.report(place, message, "one too many", None);
            self.nodes.complete = false;
        }
        if self.order.len() <= limit::NODES {
            let id = NodeId::from(self.order.len());
            self.order.push(name.clone());
            self.nodes.add(name, (id, kind), place, reader);
        }
    }

    /// Queues in the order of topics, then broker sets, then index; `slots` counts those of each set.
    fn gather_queues(
        &mut self,
        topic: TopicId,
        section: &Topic,
        sets: &[Broker],
        slots: &mut [u32],
        reader: &mut ScenarioReader<'_>,
    ) {
        let (Some(name), Some(shares)) = (&section.name.value, &section.queues.value) else {
            self.queues.complete = false;
            return;
        };
        let mut found: Vec<(SetId, u32, TomlPlace)> = Vec::new();
        for share in &shares.0 {
            match (self.set_of("queues", &share.set, reader), share.count) {
                (Some(set), Some(count)) => found.push((set, count, share.place)),
                _ => self.queues.complete = false,
            }
        }
        found.sort_by_key(|(set, ..)| *set);
        for (set, count, place) in found {
            if self.queue_plans.len() + count as usize > limit::QUEUES {
                let message =
                    format!("there are more than {} queues, expected at most that (limit `queues`)", limit::QUEUES);
                reader.report(place, message, "more than there may be", None);
                self.queues.complete = false;
                return;
            }
            let set_name = sets[set.index()].name.value.as_ref().map_or("", |name| name.name.as_str());
            for index in 0..count {
                let (id, name) = (QueueId::from(self.queue_plans.len()), format!("{}/{set_name}/{index}", name.name));
                self.queues.ids.insert(name.clone(), (id, place));
                self.queue_plans.push(QueuePlan { name, topic, set, index, slot: QueueSlot(slots[set.index()]) });
                slots[set.index()] += 1;
            }
        }
    }

    /// Whether every queue of the file is known.
    pub(super) const fn has_all_queues(&self) -> bool {
        self.queues.complete
    }

    /// The node that a key names, which is to be one of these kinds.
    pub(super) fn node_of(
        &self,
        key: &str,
        reference: &Reference,
        kinds: &[NodeKind],
        reader: &mut ScenarioReader<'_>,
    ) -> Option<(NodeId, NodeKind)> {
        let name = &reference.name;
        let found = self.nodes.ids.get(name).map(|(found, _)| *found);
        match found {
            Some((_, kind)) if !kinds.contains(&kind) => {
                let expected = or(kinds);
                let message = format!("`{key}` names the {} `{name}`, expected {expected}", kind.word());
                reader.report(reference.place, message, format!("expected {expected}"), None);
                None
            }
            None if self.nodes.complete => {
                let help = match self.several.get(name) {
                    Some(count) => Some(format!("it stands for `{name}-1` to `{name}-{count}`: name one of them")),
                    None => reader.suggest(name, self.names_of(kinds)),
                };
                let noun = if let [kind] = kinds { kind.word() } else { self.nodes.noun };
                unknown(key, reference, noun, help, reader);
                None
            }
            found => found,
        }
    }

    fn names_of<'a>(&'a self, kinds: &'a [NodeKind]) -> impl Iterator<Item = &'a str> + Clone {
        self.nodes.ids.iter().filter(|(_, ((_, kind), _))| kinds.contains(kind)).map(|(name, _)| name.as_str())
    }

    /// The broker set that a key names.
    pub(super) fn set_of(&self, key: &str, reference: &Reference, reader: &mut ScenarioReader<'_>) -> Option<SetId> {
        if let Some(set) = self.slaves.get(&reference.name).filter(|_| !self.sets.ids.contains_key(&reference.name)) {
            let message = format!("`{key}` names the slave `{}`, expected a broker set", reference.name);
            let help = format!("it belongs to the broker set `{set}`");
            reader.report(reference.place, message, "expected a broker set", Some(help));
            return None;
        }
        self.sets.find(key, reference, reader)
    }

    /// The topic that a key names.
    pub(super) fn topic_of(
        &self,
        key: &str,
        reference: &Reference,
        reader: &mut ScenarioReader<'_>,
    ) -> Option<TopicId> {
        self.topics.find(key, reference, reader)
    }

    /// The group that a key names.
    pub(super) fn group_of(
        &self,
        key: &str,
        reference: &Reference,
        reader: &mut ScenarioReader<'_>,
    ) -> Option<GroupId> {
        self.groups.find(key, reference, reader)
    }

    /// The queue that a key names.
    pub(super) fn queue_of(
        &self,
        key: &str,
        reference: &Reference,
        reader: &mut ScenarioReader<'_>,
    ) -> Option<QueueId> {
        self.queues.find(key, reference, reader)
    }
}

/// The kinds as alternatives in a sentence.
pub(super) fn or(kinds: &[NodeKind]) -> String {
    let words: Vec<String> = kinds.iter().map(|kind| format!("a {}", kind.word())).collect();
    and(&words).replace(" and ", " or ")
}
