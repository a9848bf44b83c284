//! For tests: a naive reference of [`super::ledger`], as slow and plain as can be, and random records on which both must
//! agree.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::sample::*;
use super::{Observer, Place};
use crate::plan::*;
use crate::record::{Kind, Sink as _};

/// A ledger of sets: every question is answered by looking at all of them.
#[derive(Default)]
struct NaiveLedger {
    accepted: BTreeSet<u32>,
    rejected: BTreeSet<u32>,
    stored: BTreeSet<u32>,
    marks: BTreeSet<(GroupId, u32, &'static str)>,
    in_hand: Vec<(NodeId, GroupId, u32)>,
    finished: BTreeMap<(GroupId, u32), u64>,
    started: Vec<(GroupId, QueueId, u32)>,
    out_of_order: BTreeMap<GroupId, u64>,
}

const GROUPS: [GroupId; 2] = [GroupId(0), GroupId(1)];

impl NaiveLedger {
    fn mark(&mut self, group: GroupId, number: u32, mark: &'static str) {
        self.marks.insert((group, number, mark));
    }

    fn unmark(&mut self, group: GroupId, number: u32, marks: &[&'static str]) {
        for mark in marks {
            self.marks.remove(&(group, number, *mark));
        }
    }

    fn marked(&self, group: GroupId, number: u32, mark: &'static str) -> bool {
        self.marks.contains(&(group, number, mark))
    }

    fn record(&mut self, node: NodeId, kind: &Kind) {
        match *kind {
            Kind::Accepted { message } if !self.rejected.contains(&message.number) => {
                self.accepted.insert(message.number);
            }
            Kind::Rejected { message } if !self.accepted.contains(&message.number) => {
                self.rejected.insert(message.number);
            }
            Kind::Stored { message, .. } => {
                let cleared: &[_] =
                    if self.stored.insert(message.number) { &[] } else { &["expired", "skipped", "lost"] };
                GROUPS.iter().for_each(|group| self.unmark(*group, message.number, cleared));
            }
            Kind::Started { group, message, queue, .. } => {
                self.in_hand.push((node, group, message.number));
                let is_first = !self.started.iter().any(|(by, _, number)| *by == group && *number == message.number);
                let is_later =
                    |start: &&(GroupId, QueueId, u32)| start.0 == group && start.1 == queue && start.2 > message.number;
                if is_first && self.started.iter().any(|start| is_later(&start) && self.was_first(start)) {
                    *self.out_of_order.entry(group).or_default() += 1;
                }
                self.started.push((group, queue, message.number));
            }
            Kind::Finished { group, message, .. } => {
                self.put_down(node, message.number);
                *self.finished.entry((group, message.number)).or_default() += 1;
                self.unmark(group, message.number, &["retry"]);
            }
            Kind::Failed { message, .. } => self.put_down(node, message.number),
            Kind::Retried { group, message } => {
                self.unmark(group, message.number, &["expired", "skipped", "lost"]);
                self.mark(group, message.number, "retry");
            }
            Kind::DeadLettered { group, message } => {
                self.unmark(group, message.number, &["retry"]);
                self.mark(group, message.number, "dead");
            }
            Kind::Lost { group, message } => self.gone(group, message, "lost"),
            Kind::Skipped { group, message } => self.gone(group, message, "skipped"),
            Kind::Expired { group, message } => self.gone(group, message, "expired"),
            Kind::Crashed { .. } => self.in_hand.retain(|(holder, _, _)| *holder != node),
            _ => {}
        }
    }

    /// Whether a group had not started the message before.
    fn was_first(&self, start: &(GroupId, QueueId, u32)) -> bool {
        self.started.iter().find(|other| other.0 == start.0 && other.2 == start.2) == Some(start)
    }

    fn put_down(&mut self, node: NodeId, number: u32) {
        if let Some(place) = self.in_hand.iter().position(|(holder, _, held)| *holder == node && *held == number) {
            self.in_hand.remove(place);
        }
    }

    fn gone(&mut self, group: GroupId, message: MessageId, mark: &'static str) {
        self.unmark(group, message.number, &["retry", "dead"]);
        self.mark(group, message.number, mark);
    }

    /// The place of a message, by the contract's order.
    fn place(&self, group: GroupId, number: u32) -> Place {
        let marked = |mark| self.marked(group, number, mark);
        if self.finished.contains_key(&(group, number)) {
            Place::Done
        } else if self.in_hand.iter().any(|(_, holder, held)| *holder == group && *held == number) {
            Place::InProcess
        } else if marked("retry") {
            Place::Waiting
        } else if marked("dead") {
            Place::DeadLettered
        } else if marked("expired") {
            Place::Expired
        } else if marked("skipped") {
            Place::Skipped
        } else if marked("lost") {
            Place::Lost
        } else {
            Place::Waiting
        }
    }

    /// The counts of the places, and of messages unconfirmed, duplicate and out of order.
    fn balance(&self, group: GroupId) -> ([u64; 7], u64, u64, u64) {
        let mut places = [0; 7];
        self.accepted.iter().for_each(|number| places[self.place(group, *number) as usize] += 1);
        let done = self.finished.iter().filter(|((by, _), _)| *by == group);
        let unconfirmed = done.clone().filter(|((_, number), _)| !self.accepted.contains(number)).count();
        let duplicates = done.map(|(_, times)| times - 1).sum();
        (places, unconfirmed as u64, duplicates, self.out_of_order.get(&group).copied().unwrap_or(0))
    }
}

/// A random step: a kind, a message, whether in the second queue, whether by the second consumer, and an offset.
type LedgerStep = (u8, u32, bool, bool, u64);

/// A step as a record that can follow those before: offsets are within the logs that they have left.
fn step(
    (kind, number, other_queue, second, offset): LedgerStep,
    ends: &mut [u64; 2],
    starts: &mut [u64; 2],
) -> (NodeId, Kind) {
    let queue = if other_queue { OTHER } else { QUEUE };
    let (node, group) = if second { (SECOND, GROUPS[1]) } else { (FIRST, GROUPS[0]) };
    let message = message(number);
    let q = queue.index();
    let within = starts[q] + offset % (ends[q] - starts[q] + 1);
    let kind = match kind {
        0 => return (SHOP, Kind::Sent { message, queue, attempt: 1, key: None }),
        1 | 2 => {
            ends[q] += 1;
            return (MASTER, Kind::Stored { message, queue, offset: Offset(ends[q] - 1), epoch: Epoch::nth(1) });
        }
        3 | 4 => return (SHOP, Kind::Accepted { message }),
        5 => return (SHOP, Kind::Rejected { message }),
        6 | 7 => Kind::Started { group, message, queue, offset: Offset(0) },
        8 => Kind::Finished { group, message, queue, offset: Offset(0) },
        9 => Kind::Failed { group, message, queue, offset: Offset(0) },
        10 => return (MASTER, Kind::Retried { group, message }),
        11 => Kind::DeadLettered { group, message },
        12 => Kind::Lost { group, message },
        13 => {
            starts[q] = within;
            return (MASTER, Kind::Deleted { queue, offset: Offset(within) });
        }
        14 => return (MASTER, Kind::Begun { group, queue, offset: Offset(within) }),
        16 => Kind::Expired { group, message },
        17 => Kind::Skipped { group, message },
        15 => {
            let to = std::mem::replace(&mut ends[q], within);
            return (MASTER, Kind::Truncated { queue, from: Offset(within), to: Offset(to) });
        }
        _ => Kind::Crashed { mode: CrashMode::Host },
    };
    (node, kind)
}

pub(super) fn two_groups() -> Plan {
    let mut plan = plan();
    plan.groups.push(GroupPlan { slot: GroupSlot(1), consumers: vec![SECOND], ..group("late", Beginning::Last) });
    plan.groups[GroupId(0)].consumers = vec![FIRST];
    plan.topics[TopicId(0)].groups.push(GROUPS[1]);
    if let Role::Consumer(consumer) = &mut plan.nodes[SECOND].role {
        consumer.group = GROUPS[1];
    }
    plan
}

proptest! {
    #[test]
    fn the_ledger_has_the_balances_of_a_naive_one(
        steps in prop::collection::vec((0_u8..19, 1_u32..6, any::<bool>(), any::<bool>(), 0_u64..20), 1..120),
    ) {
        let mut observer = Observer::new(std::sync::Arc::new(two_groups()));
        let mut naive = NaiveLedger::default();
        let (mut ends, mut starts) = ([0; 2], [0; 2]);
        for (seq, random) in (1..).zip(steps) {
            let (node, kind) = step(random, &mut ends, &mut starts);
            naive.record(node, &kind);
            observer.record(&record(ms(seq), seq, node, kind.clone()));
            observer.ledger().check();
            for group in GROUPS {
                let balance = observer.ledger().balance(group);
                let places = Place::ALL.map(|place| balance.count(place));
                let ours = (places, balance.unconfirmed, balance.duplicates, balance.out_of_order);
                prop_assert_eq!(ours, naive.balance(group), "after {:?}", kind);
            }
        }
    }
}
