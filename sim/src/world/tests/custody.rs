//! What is kept about each message, record by record, and which records are looked at at all.

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use super::super::custody::{AGED, BEFORE, Custody, Orphan};
use crate::kernel::{Span, Time};
use crate::node::SharedMemory;
use crate::plan::{GroupId, MessageId, NodeId, Plan, QueueId};
use crate::record::{Kind, Record, Seq};
use crate::scenario;

const GROUP: GroupId = GroupId(0);
const QUEUE: QueueId = QueueId(0);

fn plan() -> Plan {
    let text = "title = \"custody\"\nduration = \"1s\"\n[[brokers]]\nname = \"b\"\n[[topics]]\nname = \"t\"\n\
                queues = { b = 1 }\n[[producers]]\nname = \"shop\"\ntopic = \"t\"\ninterval = \"10ms\"\n\
                [[groups]]\nname = \"g\"\ntopic = \"t\"\n";
    scenario::read("custody.toml", text).unwrap_or_else(|problems| panic!("{problems}"))
}

/// Custody of a run, and a message of its producer.
fn custody() -> (Custody, MessageId) {
    let plan = plan();
    let shop = plan.nodes.iter().position(|node| node.name == "shop").expect("a producer");
    (Custody::new(&plan), MessageId { producer: shop.into(), number: 1 })
}

const SEQ: Seq = Seq(NonZeroU64::MIN);
/// What seals a fate, in these tests.
const CAUSE: (Seq, NodeId) = (SEQ, NodeId(1));

fn record(kind: Kind) -> Record {
    Record { at: Time::ZERO + Span::from_secs(2), seq: SEQ, cause: None, node: NodeId(1), kind }
}

fn sent(message: MessageId, attempt: u32) -> Kind {
    Kind::Sent { message, queue: QUEUE, attempt, key: None }
}

fn finished(message: MessageId) -> Kind {
    Kind::Finished { group: GROUP, message, queue: QUEUE, offset: 0 }
}

fn dead(message: MessageId) -> Kind {
    Kind::DeadLettered { group: GROUP, message }
}

#[test]
fn what_was_sent_twice_may_have_two_copies() {
    let (mut custody, message) = custody();
    custody.observe(&record(Kind::Accepted { message }));
    custody.observe(&record(sent(message, 1)));
    assert_eq!((custody.is_accepted(message), custody.is_resent(message)), (true, false));
    custody.observe(&record(sent(message, 2)));
    assert_eq!((custody.is_accepted(message), custody.is_resent(message)), (true, true));
}

#[test]
fn a_group_is_through_with_what_it_has_done_and_with_its_dead_letters_while_they_are_kept() {
    let (mut custody, message) = custody();
    let known = |custody: &Custody| {
        let settled = custody.is_settled(GROUP, message);
        assert_eq!(custody.is_open(GROUP, message), !settled);
        (custody.is_done(GROUP, message), custody.was_dead(GROUP, message), settled)
    };
    assert_eq!(known(&custody), (false, false, false));
    custody.observe(&record(dead(message)));
    assert_eq!(known(&custody), (false, true, true));
    custody.revive(GROUP, message);
    assert_eq!(known(&custody), (false, true, false), "no dead-letter queue has it any more");
    custody.observe(&record(dead(message)));
    assert_eq!(known(&custody), (false, true, true), "and then one has");
    custody.revive(GROUP, message);
    custody.observe(&record(finished(message)));
    assert_eq!(known(&custody), (true, true, true));
}

#[test]
fn what_is_gone_is_found_again_and_by_then_age_may_have_overtaken_its_place() {
    let (mut custody, message) = custody();
    custody.mark(GROUP, message, BEFORE);
    assert_eq!((custody.is_open(GROUP, message), custody.is_skipped(GROUP, message)), (true, false), "not gone");
    assert!(matches!(custody.lose(GROUP, message), Kind::Skipped { .. }));
    assert_eq!((custody.is_open(GROUP, message), custody.is_skipped(GROUP, message)), (false, true));
    custody.sealed.insert((message, GROUP), (CAUSE, (QUEUE, 0)));
    custody.find(GROUP, message);
    assert_eq!((custody.is_open(GROUP, message), custody.is_skipped(GROUP, message)), (true, false));
    assert!(custody.sealed.is_empty());
    custody.find(GROUP, message);
    assert!(custody.is_open(GROUP, message), "it was not gone, and is not now");
    custody.mark(GROUP, message, AGED);
    assert!(matches!(custody.lose(GROUP, message), Kind::Expired { .. }));
    assert!(!custody.is_skipped(GROUP, message), "age has overtaken it");
}

#[test]
fn what_is_gone_without_ground_is_lost_and_was_not_skipped() {
    let (mut custody, message) = custody();
    assert!(matches!(custody.lose(GROUP, message), Kind::Lost { .. }));
    assert_eq!((custody.is_open(GROUP, message), custody.is_skipped(GROUP, message)), (false, false));
    let (mut custody, message) = self::custody();
    custody.mark(GROUP, message, BEFORE);
    custody.lose(GROUP, message);
    custody.observe(&record(finished(message)));
    assert!(!custody.is_skipped(GROUP, message), "it came all the same");
}

/// The kinds of record that may concern it, of all that ever do.
fn concerns(custody: &Custody, message: MessageId) -> Vec<&'static str> {
    let (group, queue) = (GROUP, QUEUE);
    let kinds = [
        ("accepted", Kind::Accepted { message }),
        ("committed", Kind::Committed { group, queue, offset: 1 }),
        ("stored", Kind::Stored { message, queue, offset: 0, epoch: 1 }),
        ("retried", Kind::Retried { group, message }),
        ("begun", Kind::Begun { group, queue, offset: 0 }),
        ("deleted", Kind::Deleted { queue, offset: 1 }),
        ("failed", Kind::Failed { group, message, queue, offset: 0 }),
        ("left", Kind::Left),
        ("held", Kind::Held { group, queue }),
        ("delivered", Kind::Delivered { group, queue, from: 0, to: 1 }),
        ("sent", sent(message, 2)),
        ("finished", finished(message)),
    ];
    kinds.into_iter().filter(|(_, kind)| custody.concerns(&record(kind.clone()))).map(|(name, _)| name).collect()
}

#[test]
fn records_concern_it_only_where_something_waits_for_them() {
    let (custody, message) = custody();
    assert!(!custody.is_alert(), "nothing has ever happened");
    assert_eq!(concerns(&custody, message), ["begun", "deleted"]);

    let (mut sealed, _) = self::custody();
    sealed.sealed.insert((message, GROUP), (CAUSE, (QUEUE, 0)));
    assert_eq!(concerns(&sealed, message), ["accepted", "stored", "retried", "begun", "deleted"]);

    let (mut gone, _) = self::custody();
    gone.lose(GROUP, message);
    assert_eq!(concerns(&gone, message), ["stored", "retried", "begun", "deleted"]);

    let (mut orphaned, _) = self::custody();
    orphaned.orphans = BTreeMap::from([((GROUP, QUEUE), vec![Orphan { offset: 0, message }])]);
    assert_eq!(concerns(&orphaned, message), ["committed", "begun", "deleted"]);

    let (mut watched, _) = self::custody();
    watched.watched.insert((GROUP, message), (CAUSE, (QUEUE, 0)));
    let all = ["begun", "deleted", "failed", "left", "held", "delivered"];
    watched.looked = Time::ZERO + Span::from_secs(1);
    assert_eq!(concerns(&watched, message), all, "a second after the last look");
    watched.looked = Time::ZERO + Span::from_millis(1001);
    assert_eq!(concerns(&watched, message), all[..4], "not so soon");
}
