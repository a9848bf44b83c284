//! The ledger: where each accepted message is, for one group, in the contract's order of places.
//!
//! What a broker has lost of its groups' progress in a crash does not stand in the trace, nor do messages that a consumer
//! has fetched and committed but not begun. Where that matters the reading says so instead of guessing.

use std::collections::BTreeMap;

use queuescope::plan::{Ack, Beginning, Plan, Retention};

use super::{Oracle, StoredCopy, TracedBalance, TracedGroup, TracedMessage};

/// Where a message can be.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum LedgerPlace {
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
    pub fn balance(&self, plan: &Plan, name: &str, crashes: bool) -> (TracedBalance, u64) {
        let group = &self.groups[name];
        let settings = plan.groups.iter().find(|group| group.name == name).expect("a group of the plan");
        let by_age = matches!(plan.topics[settings.topic].retention, Retention::Age(_));
        let hidden = Hidden { progress: crashes, hands: settings.ack == Ack::Before };
        let mut balance = TracedBalance {
            duplicates: self.duplicates(name),
            out_of_order: self.out_of_order(name),
            ..TracedBalance::default()
        };
        let (mut unsure, mut wrong) = (0, BTreeMap::new());
        for (message, known) in self.messages.iter().filter(|(_, message)| message.topic == group.topic) {
            if known.accepted.is_none() {
                balance.unconfirmed += u64::from(group.finished.contains_key(message));
                continue;
            }
            let said_lost = group.lost.contains(message);
            let reading = MessageForGroup { oracle: self, group, message, known, by_age, from: settings.from };
            let certain = reading.place(hidden, said_lost);
            let place = certain.unwrap_or(LedgerPlace::Waiting);
            unsure += u64::from(certain.is_none());
            let said_passed = group.passed.contains(message);
            let passed = matches!(place, LedgerPlace::Expired | LedgerPlace::Skipped);
            let amiss = match place {
                // What was said once is overtaken by what happens to a message that is in somebody's hands.
                LedgerPlace::Done | LedgerPlace::InProcess | LedgerPlace::DeadLettered => said_lost,
                _ => (place == LedgerPlace::Lost) != said_lost || certain.is_some() && passed != said_passed,
            };
            if amiss {
                wrong.insert(message.clone(), (place, said_lost, said_passed));
            }
            *match place {
                LedgerPlace::Done => &mut balance.done,
                LedgerPlace::InProcess => &mut balance.in_process,
                LedgerPlace::Waiting => &mut balance.waiting,
                LedgerPlace::DeadLettered => &mut balance.dead_lettered,
                LedgerPlace::Expired => &mut balance.expired,
                LedgerPlace::Skipped => &mut balance.skipped,
                LedgerPlace::Lost => &mut balance.lost,
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
struct MessageForGroup<'a> {
    oracle: &'a Oracle,
    group: &'a TracedGroup,
    message: &'a str,
    known: &'a TracedMessage,
    by_age: bool,
    from: Beginning,
}

impl MessageForGroup<'_> {
    /// The first place in the contract's order that fits; none where the trace does not tell.
    fn place(&self, hidden: Hidden, said_lost: bool) -> Option<LedgerPlace> {
        let TracedGroup { finished, at_work, retries, dead, committed, .. } = self.group;
        if finished.contains_key(self.message) {
            return Some(LedgerPlace::Done);
        }
        if at_work.values().flatten().any(|at| at == self.message) {
            return Some(LedgerPlace::InProcess);
        }
        // The run is over: a disk that is down stays so.
        let kept = |copy: &StoredCopy| {
            let there = self.oracle.logs[&copy.0].entries.get(&copy.1).is_some_and(|at| at == self.message);
            there && self.oracle.replicas[&copy.0].iter().any(|replica| !self.oracle.down.contains(replica))
        };
        let ahead = |copy: &StoredCopy| committed.get(&copy.0).is_none_or(|committed| copy.1 >= *committed);
        let to_come = |copy: &StoredCopy| kept(copy) && ahead(copy);
        if self.copies(to_come) || retries.contains(self.message) {
            // A retry is committed on receipt, too; a retry queue can be gone with its disk.
            let overtaken = hidden.progress || hidden.hands && !self.copies(to_come);
            match (overtaken && said_lost, overtaken && self.group.passed.contains(self.message)) {
                (true, _) => return Some(LedgerPlace::Lost),
                (false, true) => {}
                // The retry queue was perhaps emptied of it, and then it is a dead letter again.
                (false, false) if self.oracle.wiped && dead.contains(self.message) && !self.copies(to_come) => {
                    return None;
                }
                (false, false) => return Some(LedgerPlace::Waiting),
            }
        }
        if hidden.progress && said_lost {
            return Some(LedgerPlace::Lost);
        }
        if hidden.progress && self.copies(kept) {
            return None;
        }
        if dead.contains(self.message) {
            return Some(LedgerPlace::DeadLettered);
        }
        let gone_by_age = |copy: &StoredCopy| self.by_age && self.group.gone.contains(copy);
        // A consumer may have it, and not have begun.
        let fetched = |copy: &StoredCopy| gone_by_age(copy) && self.group.delivered.contains(copy);
        if self.copies(fetched) && !self.group.passed.contains(self.message) {
            return None;
        }
        if self.copies(gone_by_age) {
            return Some(LedgerPlace::Expired);
        }
        if self.copies(|copy| self.is_before_beginning(copy)) {
            return Some(LedgerPlace::Skipped);
        }
        match (hidden.hands || hidden.progress, said_lost) {
            (true, false) => None,
            (_, _) => Some(LedgerPlace::Lost),
        }
    }

    fn copies(&self, fits: impl Fn(&StoredCopy) -> bool) -> bool {
        self.known.copies.iter().any(fits)
    }

    fn deleted(&self, copy: &StoredCopy) -> bool {
        self.oracle.logs[&copy.0].deleted > copy.1
    }

    /// Whether the group has begun behind it, or would if it began now. One that begins at the first message there is
    /// skips none: what is missing then was deleted.
    fn is_before_beginning(&self, copy: &StoredCopy) -> bool {
        let begun = self.group.begun.get(&copy.0);
        self.from == Beginning::Last && begun.map_or_else(|| self.deleted(copy), |begun| copy.1 < *begun)
    }
}
