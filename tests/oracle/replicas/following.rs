//! Line by line: what a record changes.

use std::collections::BTreeSet;

use super::TraceLine;
use super::log::{TracedEntry, TracedReplica};
use super::state::{Election, LogPosition, NodeState, OracleState, Placed, TracedGroupState};

/// So many nanoseconds after a link has changed nothing that was sent before it did is under way any more.
const LATE: u64 = 10_000_000_000;

impl OracleState {
    /// One more line.
    pub fn follow(&mut self, entry: &TraceLine) {
        self.sealed.retain(|lost| lost.at_ns == entry.at_ns);
        if entry.kind == "lost" {
            self.sealed.push(entry.clone());
        }
        match entry.kind.as_str() {
            "stored" => self.stored(entry),
            "replicated" => self.replicated(entry),
            "truncated" => self.truncated(entry),
            "deleted" => {
                self.log_mut(entry).delete(entry.offset);
                let most = self.deleted.entry(entry.queue.clone()).or_default();
                *most = entry.offset.max(*most);
            }
            "elected" => self.elected(entry),
            "registered" if entry.node == self.cluster.elects => {
                self.registered.insert(entry.of.clone(), (entry.seq, entry.at_ns));
            }
            "declared_dead" if entry.node == self.cluster.elects => {
                self.registered.remove(&entry.of);
                self.declared_dead.insert(entry.of.clone(), entry.seq);
            }
            "crashed" | "wiped" => self.crashed(entry),
            "restarted" => self.restarted(entry),
            "paused" | "resumed" => {
                self.node_mut(&entry.node).paused = entry.kind == "paused";
                self.unquiet.insert(entry.node.clone(), entry.at_ns);
            }
            "changed" => self.changed(entry),
            "dropped" => {
                for node in [&entry.from, &entry.to] {
                    self.unquiet.insert(node.as_str().unwrap_or_default().to_owned(), entry.at_ns);
                }
            }
            "accepted" => _ = self.accepted.insert(entry.message.clone()),
            _ if !entry.group.is_empty() => self.follow_group(entry),
            _ => {}
        }
        self.note_act(entry);
    }

    /// A fault that is neither a crash nor a pause.
    fn changed(&mut self, entry: &TraceLine) {
        let to = entry.to.as_str().unwrap_or_default();
        match entry.set.as_str() {
            "disk_full" => self.node_mut(&entry.node).full = to == "full",
            "link" => {
                // What is sent while it lasts may be late long after.
                let other = to.split(':').next().unwrap_or_default();
                for node in [entry.node.as_str(), other] {
                    self.unquiet.insert(node.to_owned(), entry.at_ns + LATE);
                }
            }
            _ => {}
        }
    }

    fn follow_group(&mut self, entry: &TraceLine) {
        let handed = self.handed(entry);
        let heard = self.present(&entry.queue).is_none_or(|it| it.node == entry.node || !it.acted);
        if entry.kind == "committed" {
            let place = (entry.node.clone(), entry.group.clone(), entry.queue.clone());
            self.committed.insert(place, entry.offset);
        }
        let told = self.groups.entry(entry.group.clone()).or_default();
        let message = entry.message.clone();
        match entry.kind.as_str() {
            "begun" | "committed" => {
                if entry.kind == "begun" {
                    told.begun.insert(entry.queue.clone(), entry.offset);
                    told.reads.insert(entry.queue.clone());
                } else {
                    told.reached.insert((entry.node.clone(), entry.queue.clone()), entry.offset);
                }
                if heard {
                    let bound = told.bound.entry(entry.queue.clone()).or_default();
                    *bound = entry.offset.max(*bound);
                }
            }
            "delivered" => {
                for (offset, message) in handed {
                    told.delivered.entry((entry.queue.clone(), offset)).or_default().insert(message);
                }
            }
            "started" => told.at_work.entry(entry.node.clone()).or_default().push(message),
            "finished" => {
                told.end_work(entry);
                told.retried.remove(&message);
                *told.finished.entry(message).or_default() += 1;
            }
            "failed" => {
                told.end_work(entry);
                told.failed.insert((entry.queue.clone(), entry.offset));
            }
            "retried" => {
                told.passed.remove(&message);
                told.retried.insert(message, (entry.seq, entry.node.clone()));
            }
            "dead_lettered" => {
                told.retried.remove(&message);
                told.dead.insert(message);
            }
            "lost" => _ = told.lost.insert(message),
            "expired" | "skipped" => _ = told.passed.insert(message),
            _ => {}
        }
    }

    /// What a delivery hands out: what lies there, or a retry, which may lie there no longer.
    fn handed(&self, entry: &TraceLine) -> Vec<(u64, String)> {
        if entry.kind != "delivered" {
            return Vec::new();
        }
        let (from, to) = entry.range();
        let log = self.log(&entry.node, &entry.queue);
        let there = |offset| Some((offset, log?.get(offset)?.message.clone()));
        let mut handed: Vec<_> = (from..to).filter_map(there).collect();
        if to == from + 1 {
            handed.extend(self.retries_at(&entry.group, &entry.queue, from).map(|message| (from, message.clone())));
        }
        handed
    }

    /// The messages of a group's retry queues that come from a place.
    pub fn retries_at<'a>(&'a self, group: &str, queue: &'a str, offset: u64) -> impl Iterator<Item = &'a String> {
        let waiting = self.groups.get(group).into_iter().flat_map(|told| told.retried.keys());
        waiting.filter(move |message| {
            self.copies.get(*message).is_some_and(|copies| copies.iter().any(|it| it.0 == queue && it.1 == offset))
        })
    }

    fn stored(&mut self, entry: &TraceLine) {
        let before = self.log(&entry.node, &entry.queue);
        let follows = before.and_then(|log| log.entries.get(&entry.offset.checked_sub(1)?)).map(|held| held.epoch);
        let spot: LogPosition = (entry.queue.clone(), entry.offset, entry.epoch);
        let had = BTreeSet::from([entry.node.clone()]);
        let placed = Placed { message: entry.message.clone(), follows, by: entry.node.clone(), at: entry.at_ns, had };
        self.placed.entry(spot.clone()).or_insert(placed);
        self.copies.entry(entry.message.clone()).or_default().push(spot.clone());
        let first = self.next.insert((entry.queue.clone(), entry.epoch), entry.offset + 1).is_none();
        let present = self.present(&entry.queue).is_some_and(|it| it.epoch == entry.epoch);
        for told in self.groups.values_mut() {
            told.passed.remove(&entry.message);
            // A new master has cut what was committed at its own end, which lies here.
            if let Some(bound) = told.bound.get_mut(&entry.queue).filter(|_| first && present) {
                *bound = entry.offset.min(*bound);
            }
        }
        self.about.insert(entry.seq, spot);
        self.node_mut(&entry.node).end_terms(entry.epoch, "it has gone on to a later epoch");
        self.push(entry);
    }

    fn replicated(&mut self, entry: &TraceLine) {
        let spot: LogPosition = (entry.queue.clone(), entry.offset, entry.epoch);
        if let Some(placed) = self.placed.get_mut(&spot) {
            placed.had.insert(entry.node.clone());
        }
        self.about.insert(entry.seq, spot);
        self.node_mut(&entry.node).end_terms(entry.epoch, "it has copied from a later epoch");
        self.push(entry);
    }

    fn push(&mut self, entry: &TraceLine) {
        let held = TracedEntry { message: entry.message.clone(), epoch: entry.epoch };
        self.log_mut(entry).push(entry.offset, held);
    }

    fn truncated(&mut self, entry: &TraceLine) {
        let (from, _) = entry.range();
        self.log_mut(entry).cut(from);
        let latest = self.present(&entry.queue).map_or(0, |it| it.epoch);
        // With the tail goes what this replica has kept of groups since it was cut off.
        if let Some(set) = self.cluster.set_with(&entry.node).map(str::to_owned) {
            self.upset.insert(set, entry.seq);
        }
        let node = self.node_mut(&entry.node);
        if !node.down {
            node.end_terms(latest, "it has made way for a later master");
        }
    }

    fn elected(&mut self, entry: &TraceLine) {
        let TraceLine { seq, at_ns, epoch, .. } = *entry;
        let election = Election { epoch, node: entry.node.clone(), seq, at: at_ns, acted: false };
        self.elections.entry(entry.broker_set.clone()).or_default().push(election);
        self.node_mut(&entry.node).terms.insert(epoch, None);
        self.upset.insert(entry.broker_set.clone(), seq);
        let Self { cluster, groups, .. } = self;
        let of_it = |queue: &String| cluster.queues.get(queue).is_some_and(|queue| queue.set == entry.broker_set);
        groups.values_mut().for_each(|told| told.reached.retain(|(_, queue), _| !of_it(queue)));
    }

    fn crashed(&mut self, entry: &TraceLine) {
        if let Some(set) = self.cluster.set_with(&entry.node).map(str::to_owned) {
            self.upset.insert(set, entry.seq);
        }
        self.unquiet.insert(entry.node.clone(), entry.at_ns);
        if entry.node == self.cluster.elects {
            self.registered.clear();
        }
        let node = self.node_mut(&entry.node);
        (node.down, node.paused, node.crashed) = (true, false, Some((entry.seq, entry.at_ns)));
        node.wiped |= entry.kind == "wiped" || entry.mode == "wipe";
        node.end_terms(u32::MAX, "it has crashed");
        for told in self.groups.values_mut() {
            told.at_work.remove(&entry.node);
        }
    }

    fn restarted(&mut self, entry: &TraceLine) {
        self.unquiet.insert(entry.node.clone(), entry.at_ns);
        let node = self.node_mut(&entry.node);
        node.down = false;
        node.restarted = Some(entry.seq);
        if std::mem::take(&mut node.wiped) {
            node.emptied = Some(entry.at_ns);
            node.logs.clear();
            // It has forgotten who has begun: such a group has no committed offset there, and begins anew.
            let Self { cluster, groups, .. } = self;
            let set = cluster.set_with(&entry.node);
            let here = |queue: &String| cluster.queues.get(queue).map(|queue| queue.set.as_str()) == set;
            groups.values_mut().for_each(|told| told.begun.retain(|queue, _| !here(queue)));
        }
    }

    /// A new master that does what only masters do has heard of its election.
    fn note_act(&mut self, entry: &TraceLine) {
        if matches!(entry.kind.as_str(), "stored" | "delivered" | "held" | "begun") {
            let set = self.cluster.queues.get(&entry.queue).map(|queue| &queue.set);
            let election = set.and_then(|set| self.elections.get_mut(set)?.last_mut());
            if let Some(election) = election.filter(|it| it.node == entry.node) {
                election.acted = true;
            }
        }
    }

    fn node_mut(&mut self, name: &str) -> &mut NodeState {
        self.nodes.entry(name.to_owned()).or_default()
    }

    fn log_mut(&mut self, entry: &TraceLine) -> &mut TracedReplica {
        let node = self.node_mut(&entry.node);
        node.changed = entry.at_ns;
        node.logs.entry(entry.queue.clone()).or_default()
    }
}

impl TracedGroupState {
    fn end_work(&mut self, entry: &TraceLine) {
        let hands = self.at_work.entry(entry.node.clone()).or_default();
        if let Some(place) = hands.iter().position(|message| *message == entry.message) {
            hands.swap_remove(place);
        }
    }
}
