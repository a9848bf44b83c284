//! Line by line: what a record changes.

use serde::Deserialize;

use super::{Oracle, TracedLog, TracedMessage};

/// A line of the trace with the keys that matter here.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[allow(missing_docs, reason = "they are the contract's keys")]
pub struct TraceLine {
    pub at_ns: u64,
    pub seq: u64,
    pub cause: Option<u64>,
    pub node: String,
    pub kind: String,
    #[serde(default)]
    pub message: String,
    #[serde(default)]
    pub queue: String,
    #[serde(default)]
    pub group: String,
    #[serde(default)]
    pub offset: u64,
    #[serde(default)]
    pub epoch: u32,
    #[serde(default)]
    pub attempt: u32,
    pub key: Option<u32>,
    #[serde(default)]
    pub mode: String,
    /// Offsets for some kinds, nodes for another.
    #[serde(default)]
    pub from: serde_json::Value,
    #[serde(default)]
    pub to: serde_json::Value,
    #[serde(default)]
    pub of: String,
    #[serde(default)]
    pub broker_set: String,
    #[serde(default)]
    pub set: String,
}

impl TraceLine {
    /// The range of a delivery or truncation.
    #[must_use]
    pub fn range(&self) -> (u64, u64) {
        (self.from.as_u64().unwrap_or_default(), self.to.as_u64().unwrap_or_default())
    }
}

/// Reads a line of the trace.
///
/// # Panics
/// When it is none.
#[must_use]
pub fn read(line: &str) -> TraceLine {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"))
}

impl Oracle {
    /// One more line.
    pub(super) fn follow(&mut self, entry: &TraceLine) {
        match entry.kind.as_str() {
            "sent" | "unrouted" => self.sent_one(entry),
            "accepted" => self.message(entry).accepted = Some(entry.at_ns),
            "rejected" => self.message(entry).rejected = true,
            "stored" => self.stored(entry),
            "truncated" => {
                let (from, to) = entry.range();
                let log = self.log(entry);
                log.entries.retain(|offset, _| !(from..to).contains(offset));
                log.end = log.end.min(from);
            }
            "deleted" => self.deleted(entry),
            "restarted" => _ = self.down.remove(&entry.node),
            "crashed" => {
                self.down.insert(entry.node.clone());
                self.wiped |= entry.mode == "wipe";
                for group in self.groups.values_mut() {
                    group.at_work.remove(&entry.node);
                }
            }
            _ if !entry.group.is_empty() => self.follow_group(entry),
            _ => {}
        }
        if matches!(entry.kind.as_str(), "stored" | "committed" | "begun" | "truncated") {
            self.look_at_lag();
        }
    }

    fn follow_group(&mut self, entry: &TraceLine) {
        let group = self.groups.get_mut(&entry.group).expect("a group of the plan");
        let message = entry.message.clone();
        match entry.kind.as_str() {
            "begun" => {
                group.begun.entry(entry.queue.clone()).or_insert(entry.offset);
                let committed = group.committed.entry(entry.queue.clone()).or_default();
                *committed = entry.offset.max(*committed);
            }
            "committed" => _ = group.committed.insert(entry.queue.clone(), entry.offset),
            "started" => {
                group.started.entry(message.clone()).or_insert((entry.seq, entry.queue.clone()));
                group.at_work.entry(entry.node.clone()).or_default().push(message);
            }
            "finished" => {
                group.end_work(entry);
                group.finished.entry(message.clone()).or_insert((entry.at_ns, 0)).1 += 1;
                group.retries.remove(&message);
            }
            "failed" => group.end_work(entry),
            // A retry in place leaves its message where it was.
            "retried" if !group.ordered => {
                group.passed.remove(&message);
                group.retries.insert(message);
            }
            "dead_lettered" => {
                group.retries.remove(&message);
                group.dead.insert(message);
            }
            "lost" => _ = group.lost.insert(message),
            "expired" | "skipped" => _ = group.passed.insert(message),
            "delivered" => {
                let (from, to) = entry.range();
                group.delivered.extend((from..to).map(|offset| (entry.queue.clone(), offset)));
            }
            _ => {}
        }
    }

    fn sent_one(&mut self, entry: &TraceLine) {
        let (producer, number) = entry.message.rsplit_once('#').expect("a message is named producer#n");
        let topic = &self.targets[producer];
        let message = self.messages.entry(entry.message.clone()).or_insert_with(|| TracedMessage {
            topic: topic.clone(),
            producer: producer.to_owned(),
            number: number.parse().expect("a number"),
            first_attempt: entry.at_ns,
            ..TracedMessage::default()
        });
        message.key = message.key.or(entry.key);
    }

    fn stored(&mut self, entry: &TraceLine) {
        self.message(entry).copies.insert((entry.queue.clone(), entry.offset));
        self.groups.values_mut().for_each(|group| _ = group.passed.remove(&entry.message));
        let log = self.log(entry);
        log.entries.insert(entry.offset, entry.message.clone());
        log.end = entry.offset + 1;
    }

    fn deleted(&mut self, entry: &TraceLine) {
        let log = self.log(entry);
        log.deleted = log.deleted.max(entry.offset);
        let kept = log.entries.split_off(&entry.offset);
        let gone = std::mem::replace(&mut log.entries, kept);
        for group in self.groups.values_mut() {
            let done = group.committed.get(&entry.queue).copied().unwrap_or(0);
            group.gone.extend(gone.range(done..).map(|(offset, _)| (entry.queue.clone(), *offset)));
        }
    }

    fn message(&mut self, entry: &TraceLine) -> &mut TracedMessage {
        self.messages.get_mut(&entry.message).unwrap_or_else(|| panic!("a message that was never sent: {entry:?}"))
    }

    fn log(&mut self, entry: &TraceLine) -> &mut TracedLog {
        self.logs.get_mut(&entry.queue).expect("a queue of the plan")
    }

    fn look_at_lag(&mut self) {
        for group in self.groups.values_mut() {
            let lag = group.committed.iter().map(|(queue, committed)| self.logs[queue].end.saturating_sub(*committed));
            group.max_lag = group.max_lag.max(lag.sum());
        }
    }
}

impl super::TracedGroup {
    fn end_work(&mut self, entry: &TraceLine) {
        let hands = self.at_work.get_mut(&entry.node);
        let place = hands.as_ref().and_then(|hands| hands.iter().position(|message| *message == entry.message));
        let (Some(hands), Some(place)) = (hands, place) else { panic!("it ends and has not begun: {entry:?}") };
        hands.swap_remove(place);
    }
}
