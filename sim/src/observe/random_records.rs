//! For tests: random records of a small cluster, of every kind, whether they make sense together or not; and bounds that
//! every count keeps, however the records contradict each other.

use std::sync::Arc;

use proptest::prelude::*;

use super::naive_ledger::two_groups;
use super::sample::*;
use super::{Observer, Value};
use crate::kernel::Time;
use crate::plan::*;
use crate::record::{Change, Kind, Record, Sink as _};

/// A random step: a kind, a message, whether in the second queue, whether on the second node, an offset, and how many
/// milliseconds after the step before.
pub(super) type RandomStep = (u8, u32, bool, bool, u64, u64);

/// Random steps.
pub(super) fn steps() -> impl Strategy<Value = Vec<RandomStep>> {
    let step = (0_u8..32, 1_u32..12, any::<bool>(), any::<bool>(), 0_u64..12, 0_u64..4);
    prop::collection::vec(step, 1..160)
}

/// Where a replica appends: at the end of its log, or anywhere.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Offsets {
    InOrder,
    Any,
}

/// The steps as records. A message is sent before it is answered; all else comes in any order.
pub(super) fn records(steps: &[RandomStep], offsets: Offsets) -> Vec<Record> {
    let mut records = Vec::new();
    let mut ends = [[0; 2]; 2];
    let (mut at, mut epoch, mut sent) = (Time::ZERO, 0, Vec::new());
    for &(kind_number, number, other_queue, second, offset, wait) in steps {
        at = Time(at.0 + wait * 1_000_000);
        let mut add = |node, kind| {
            let seq = records.len() as u64 + 1;
            records.push(record(at, seq, node, kind));
        };
        let id = message(number);
        if matches!(kind_number, 0 | 4 | 5) && !sent.contains(&number) {
            sent.push(number);
            if other_queue {
                add(SHOP, Kind::Unrouted { message: id });
            } else {
                add(SHOP, Kind::Sent { message: id, queue: QUEUE, attempt: 1, key: None });
            }
        }
        epoch += u32::from(kind_number == 13);
        let (node, mut kind) = step((kind_number, number, other_queue, second, offset), epoch);
        if offsets == Offsets::InOrder {
            let end = &mut ends[usize::from(second)][usize::from(other_queue)];
            match &mut kind {
                Kind::Stored { offset, .. } | Kind::Replicated { offset, .. } => {
                    *offset = Offset(*end);
                    *end += 1;
                }
                Kind::Truncated { from, .. } => *end = from.0.min(*end),
                Kind::Deleted { offset, .. } => *end = offset.0.max(*end),
                _ => {}
            }
        }
        add(node, kind);
    }
    records
}

fn step((kind_number, number, other_queue, second, offset): (u8, u32, bool, bool, u64), epoch: u32) -> (NodeId, Kind) {
    let queue = if other_queue { OTHER } else { QUEUE };
    let broker = if second { SLAVE } else { MASTER };
    let (consumer, group) = if second { (SECOND, GroupId(1)) } else { (FIRST, GROUP) };
    let (message, call) = (message(number), MessageId { producer: CALLER, number });
    let anybody = [MASTER, SLAVE, FIRST, SECOND, SHOP, CALLER, DB][offset as usize % 7];
    let setting = if other_queue { Setting::Threads(1 + offset as u32) } else { Setting::Workers(1 + offset as u32) };
    match kind_number {
        0 => (SHOP, Kind::Sent { message, queue, attempt: 2, key: None }),
        1 | 2 => (broker, Kind::Stored { message, queue, offset: Offset(offset), epoch: Epoch::nth(epoch.max(1)) }),
        3 => (broker, Kind::Replicated { message, queue, offset: Offset(offset), epoch: Epoch::nth(epoch.max(1)) }),
        4 => (SHOP, Kind::Accepted { message }),
        5 => (SHOP, Kind::Rejected { message }),
        6 | 7 => (consumer, Kind::Started { group, message, queue, offset: Offset(offset) }),
        8 => (consumer, Kind::Finished { group, message, queue, offset: Offset(offset) }),
        9 => (broker, Kind::Committed { group, queue, offset: Offset(offset) }),
        10 => (broker, Kind::Begun { group, queue, offset: Offset(offset) }),
        11 => (broker, Kind::Deleted { queue, offset: Offset(offset) }),
        12 => (broker, Kind::Truncated { queue, from: Offset(offset / 2), to: Offset(offset) }),
        13 => (broker, Kind::Elected { set: SET, epoch: Epoch::nth(epoch.max(1)) }),
        14 => (anybody, Kind::Crashed { mode: CrashMode::Host }),
        15 => (anybody, Kind::Restarted),
        16 => (consumer, Kind::Assigned { group, queues: [queue].into() }),
        17 => (if other_queue { consumer } else { DB }, Kind::Changed { change: Arc::new(Change::Setting(setting)) }),
        18 | 19 => (CALLER, Kind::Called { call, service: DB }),
        20 => (DB, Kind::Serving { call }),
        21 => (DB, Kind::Served { call }),
        22 => (CALLER, Kind::Answered { call, service: DB }),
        23 => (DB, Kind::Refused { call, service: DB }),
        24 => (broker, Kind::Retried { group, message }),
        25 => (broker, Kind::DeadLettered { group, message }),
        26 => (broker, Kind::Expired { group, message }),
        27 => (broker, Kind::Skipped { group, message }),
        28 => (broker, Kind::Lost { group, message }),
        29 => (consumer, Kind::Failed { group, message, queue, offset: Offset(offset) }),
        30 => (consumer, Kind::Left),
        _ => (consumer, Kind::Joined),
    }
}

fn count(value: Option<Value>) -> u64 {
    match value {
        Some(Value::Count(count)) => count,
        other => panic!("it is no count: {other:?}"),
    }
}

proptest! {
    /// Overflow checks watch over every subtraction on the way.
    #[test]
    fn no_count_is_below_zero_and_none_above_what_it_is_a_part_of(steps in steps()) {
        let mut observer = Observer::new(Arc::new(two_groups()));
        let records = records(&steps, Offsets::Any);
        for record in &records {
            observer.record(record);
            observer.ledger().check();
        }
        let findings = observer.close(records.last().map_or(Time::ZERO, |record| record.at));
        let value = |metric, subject| count(findings.figure(metric, subject));
        let mut ends = 0;
        for queue in [QUEUE, OTHER].map(Selector::Queue) {
            prop_assert!(value("depth", queue) <= value("end_offset", queue));
            ends += value("end_offset", queue);
        }
        prop_assert!(value("depth", Selector::Topic(TOPIC)) <= ends);
        for group in [GROUP, GroupId(1)].map(Selector::Group) {
            prop_assert!(value("lag", group) <= ends.min(value("max_lag", group)));
        }
        let sends = ["sent", "accepted", "rejected", "unanswered"].map(|metric| value(metric, Selector::Topic(TOPIC)));
        prop_assert_eq!(sends[0], sends[1] + sends[2] + sends[3]);
    }
}
