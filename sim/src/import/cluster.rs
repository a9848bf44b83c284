//! What is known of a real cluster, as the outputs say it together, under its own names. Nothing of how they looked, nor
//! of what a scenario may be.

use std::collections::{BTreeMap, BTreeSet};

/// A rate, in hundredths of a message a second: what `clusterList` shows has two decimals.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(super) struct Rate(pub(super) u64);

/// A name as it was printed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Printed {
    pub(super) name: String,
    /// Whether more of it may have been cut off.
    pub(super) cut: bool,
}

impl Printed {
    pub(super) fn whole(name: impl Into<String>) -> Self {
        Self { name: name.into(), cut: false }
    }
}

/// Things by their names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Named<T> {
    known: BTreeMap<String, T>,
    /// The names among them that may be the beginnings of longer ones.
    cut: BTreeSet<String>,
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self { known: BTreeMap::new(), cut: BTreeSet::new() }
    }
}

impl<T: Default> Named<T> {
    /// What has that name, from now on if not before.
    pub(super) fn entry(&mut self, name: &Printed) -> &mut T {
        if !name.cut {
            self.cut.remove(&name.name);
        } else if !self.known.contains_key(&name.name) {
            self.cut.insert(name.name.clone());
        }
        self.known.entry(name.name.clone()).or_default()
    }

    pub(super) fn get(&self, name: &str) -> Option<&T> {
        self.known.get(name)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.known.iter().map(|(name, it)| (name.as_str(), it))
    }

    /// Whether more of the name may have been cut off.
    pub(super) fn is_cut(&self, name: &str) -> bool {
        self.cut.contains(name)
    }

    /// Puts what has a cut name with what has the whole one, where it is clear which that is. The whole names, by the cut.
    fn complete(&mut self, join: impl Fn(&mut T, T)) -> BTreeMap<String, String> {
        let whole = |cut: &String| {
            let longer = self.known.range(cut.clone()..).take_while(|(name, _)| name.starts_with(cut.as_str()));
            let mut longer = longer.map(|(name, _)| name).filter(|name| !self.cut.contains(*name));
            let found = longer.next()?;
            longer.next().is_none().then(|| (cut.clone(), found.clone()))
        };
        let completed: BTreeMap<String, String> = self.cut.iter().filter_map(whole).collect();
        for (cut, whole) in &completed {
            self.cut.remove(cut);
            if let (Some(part), Some(it)) = (self.known.remove(cut), self.known.get_mut(whole)) {
                join(it, part);
            }
        }
        completed
    }
}

/// Everything that is known.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Cluster {
    /// The names of clusters.
    pub(super) clusters: BTreeSet<String>,
    pub(super) sets: Named<BrokerSet>,
    pub(super) topics: Named<Topic>,
    pub(super) groups: Named<Group>,
}

/// A broker and its slaves.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct BrokerSet {
    /// The cluster that it belongs to.
    pub(super) cluster: Option<String>,
    /// The numbers of its replicas; 0 is the master's.
    pub(super) ids: BTreeSet<u64>,
    /// How many replicas it has, where their numbers are not known.
    pub(super) replicas: usize,
    /// What the master takes in.
    pub(super) rate: Option<Rate>,
}

impl BrokerSet {
    /// How many replicas it has, as far as is known; numbers tell more than a count.
    pub(super) fn size(&self) -> usize {
        if self.ids.is_empty() { self.replicas } else { self.ids.len() }
    }
}

/// A topic.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Topic {
    /// The clusters that it is said to be in.
    pub(super) clusters: BTreeSet<String>,
    /// Its queues on each broker set, as its route has them.
    pub(super) route: BTreeMap<String, Queues>,
    /// How many queues of it were seen on each broker set.
    pub(super) seen: BTreeMap<String, u32>,
    /// How much is sent to it.
    pub(super) rate: Option<Rate>,
}

/// The queues of a topic on one broker set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Queues {
    pub(super) write: u32,
    pub(super) read: u32,
    /// Whether producers may write there now.
    pub(super) writable: bool,
}

/// A group.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Group {
    /// How many consumers are connected.
    pub(super) consumers: Option<u32>,
    /// The hosts of those that own a queue.
    pub(super) hosts: BTreeSet<String>,
    /// The topics that it reads, and how many messages it is behind in each.
    pub(super) topics: BTreeMap<String, Option<u64>>,
    /// Each of its consumers handles every message.
    pub(super) broadcasting: bool,
}

impl Cluster {
    /// Finds the whole names of what was printed with a part of its name.
    pub(super) fn complete_cut_names(&mut self) {
        let sets = self.sets.complete(|set, part| set.ids.extend(part.ids));
        let topics = self.topics.complete(|topic, part| {
            topic.clusters.extend(part.clusters);
            join(&mut topic.seen, part.seen, u32::max);
        });
        self.groups.complete(|group, part| {
            group.consumers = group.consumers.or(part.consumers);
            group.hosts.extend(part.hosts);
            join(&mut group.topics, part.topics, Option::or);
            group.broadcasting |= part.broadcasting;
        });
        for topic in self.topics.known.values_mut() {
            rename(&mut topic.seen, &sets, u32::max);
        }
        for group in self.groups.known.values_mut() {
            rename(&mut group.topics, &topics, Option::or);
        }
    }
}

/// Everything of both maps; what both have is decided by `choose`.
fn join<V: Copy>(map: &mut BTreeMap<String, V>, part: BTreeMap<String, V>, choose: impl Fn(V, V) -> V) {
    for (name, value) in part {
        map.entry(name).and_modify(|it| *it = choose(*it, value)).or_insert(value);
    }
}

fn rename<V: Copy>(map: &mut BTreeMap<String, V>, completed: &BTreeMap<String, String>, choose: impl Fn(V, V) -> V) {
    let old: Vec<String> = map.keys().filter(|name| completed.contains_key(*name)).cloned().collect();
    for cut in old {
        if let (Some(whole), Some(value)) = (completed.get(&cut), map.remove(&cut)) {
            join(map, BTreeMap::from([(whole.clone(), value)]), &choose);
        }
    }
}
