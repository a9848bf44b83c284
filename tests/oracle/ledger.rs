//! The ledger: where each accepted message is, for one group, in the contract's order of places.
//!
//! What a broker has lost of its groups' progress in a crash does not stand in the trace, nor do messages that a consumer
//! has fetched and committed but not begun. Where that matters the reading says so instead of guessing.

use std::collections::BTreeMap;

use queuescope::plan::{Ack, Beginning, Plan, Retention};

use super::{Balance, Copy, Group, Message, Oracle};

/// Where a message can be.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Place {
    Done,
    InProcess,
    Waiting,
    DeadLettered,
    Expired,
    Skipped,
    Lost,
}

/// What the trace alone does not tell of a group.
#[derive(Clone, Copy, Debug)]
struct Hidden {
    /// A broker has crashed: committed offsets may have fallen, retries may be gone.
    progress: bool,
    /// Messages are committed on receipt: some may be in a consumer's hands and nowhere else.
    hands: bool,
}

impl Oracle {
    /// The ledger and figures of a group, and how many of its messages may be in another place than that, but not done, in
    /// process or lost; `crashes`: whether a broker crashed.
    ///
    /// # Panics
    /// When a message is said to be lost that can still come, or is lost and not said to be.
    #[must_use]
    pub fn balance(&self, plan: &Plan, name: &str, crashes: bool) -> (Balance, u64) {
        let group = &self.groups[name];
        let settings = plan.groups.iter().find(|group| group.name == name).expect("a group of the plan");
        let by_age = matches!(plan.topics[settings.topic].retention, Retention::Age(_));
        let hidden = Hidden { progress: crashes, hands: settings.ack == Ack::Before };
        let mut balance =
            Balance { duplicates: self.duplicates(name), out_of_order: self.out_of_order(name), ..Balance::default() };
        let (mut unsure, mut wrong) = (0, BTreeMap::new());
        for (message, known) in self.messages.iter().filter(|(_, message)| message.topic == group.topic) {
            if known.accepted.is_none() {
                balance.unconfirmed += u64::from(group.finished.contains_key(message));
                continue;
            }
            let said_lost = group.lost.contains(message);
            let reading = Reading { oracle: self, group, message, known, by_age, from: settings.from };
            let certain = reading.place(hidden, said_lost);
            let place = certain.unwrap_or(Place::Waiting);
            unsure += u64::from(certain.is_none());
            let said_passed = group.passed.contains(message);
            let passed = matches!(place, Place::Expired | Place::Skipped);
            let amiss = match place {
                // What was said once is overtaken by what happens to a message that is in somebody's hands.
                Place::Done | Place::InProcess | Place::DeadLettered => said_lost,
                _ => (place == Place::Lost) != said_lost || certain.is_some() && passed != said_passed,
            };
            if amiss {
                wrong.insert(message.clone(), (place, said_lost, said_passed));
            }
            *match place {
                Place::Done => &mut balance.done,
                Place::InProcess => &mut balance.in_process,
                Place::Waiting => &mut balance.waiting,
                Place::DeadLettered => &mut balance.dead_lettered,
                Place::Expired => &mut balance.expired,
                Place::Skipped => &mut balance.skipped,
                Place::Lost => &mut balance.lost,
            } += 1;
        }
        assert!(
            wrong.is_empty(),
            "group {name}: the place by the rules, said to be lost, said to be expired or skipped: {wrong:?}"
        );
        (balance, unsure)
    }
}

/// A message for a group.
struct Reading<'a> {
    oracle: &'a Oracle,
    group: &'a Group,
    message: &'a str,
    known: &'a Message,
    by_age: bool,
    from: Beginning,
}

impl Reading<'_> {
    /// The first place in the contract's order that fits; none where the trace does not tell.
    fn place(&self, hidden: Hidden, said_lost: bool) -> Option<Place> {
        let Group { finished, at_work, retries, dead, committed, .. } = self.group;
        if finished.contains_key(self.message) {
            return Some(Place::Done);
        }
        if at_work.values().flatten().any(|at| at == self.message) {
            return Some(Place::InProcess);
        }
        // The run is over: a disk that is down stays so.
        let kept = |copy: &Copy| {
            let there = self.oracle.logs[&copy.0].entries.get(&copy.1).is_some_and(|at| at == self.message);
            there && self.oracle.replicas[&copy.0].iter().any(|replica| !self.oracle.down.contains(replica))
        };
        let ahead = |copy: &Copy| committed.get(&copy.0).is_none_or(|committed| copy.1 >= *committed);
        let to_come = |copy: &Copy| kept(copy) && ahead(copy);
        if self.copies(to_come) || retries.contains(self.message) {
            // A retry is committed on receipt, too; a retry queue can be gone with its disk.
            let overtaken = hidden.progress || hidden.hands && !self.copies(to_come);
            match (overtaken && said_lost, overtaken && self.group.passed.contains(self.message)) {
                (true, _) => return Some(Place::Lost),
                (false, true) => {}
                // The retry queue was perhaps emptied of it, and then it is a dead letter again.
                (false, false) if self.oracle.wiped && dead.contains(self.message) && !self.copies(to_come) => {
                    return None;
                }
                (false, false) => return Some(Place::Waiting),
            }
        }
        if hidden.progress && said_lost {
            return Some(Place::Lost);
        }
        if hidden.progress && self.copies(kept) {
            return None;
        }
        if dead.contains(self.message) {
            return Some(Place::DeadLettered);
        }
        let gone_by_age = |copy: &Copy| self.by_age && self.group.gone.contains(copy);
        // A consumer may have it, and not have begun.
        let fetched = |copy: &Copy| gone_by_age(copy) && self.group.delivered.contains(copy);
        if self.copies(fetched) && !self.group.passed.contains(self.message) {
            return None;
        }
        if self.copies(gone_by_age) {
            return Some(Place::Expired);
        }
        if self.copies(|copy| self.is_before_beginning(copy)) {
            return Some(Place::Skipped);
        }
        match (hidden.hands || hidden.progress, said_lost) {
            (true, false) => None,
            (_, _) => Some(Place::Lost),
        }
    }

    fn copies(&self, fits: impl Fn(&Copy) -> bool) -> bool {
        self.known.copies.iter().any(fits)
    }

    fn deleted(&self, copy: &Copy) -> bool {
        self.oracle.logs[&copy.0].deleted > copy.1
    }

    /// Whether the group has begun behind it, or would if it began now. One that begins at the first message there is
    /// skips none: what is missing then was deleted.
    fn is_before_beginning(&self, copy: &Copy) -> bool {
        let begun = self.group.begun.get(&copy.0);
        self.from == Beginning::Last && begun.map_or_else(|| self.deleted(copy), |begun| copy.1 < *begun)
    }
}
