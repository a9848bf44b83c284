//! What is kept about each message, record by record; who has it; and which records are looked at at all.

use std::num::NonZeroU64;

use super::super::tracker::{AGED, BEFORE, MessageTracker};
use crate::kernel::{Span, Time};
use crate::node::SharedMemory;
use crate::plan::{Beginning, Epoch, GroupId, MessageId, NodeId, Offset, Plan, QueueId};
use crate::protocol::VolatileCopy;
use crate::record::{Kind, Record, Seq};
use crate::scenario;

const GROUP: GroupId = GroupId(0);
const QUEUE: QueueId = QueueId(0);

fn plan() -> Plan {
    let text = "title = \"tracker\"\nduration = \"1s\"\n[[brokers]]\nname = \"b\"\n[[topics]]\nname = \"t\"\n\
                queues = { b = 1 }\n[[producers]]\nname = \"shop\"\ntopic = \"t\"\ninterval = \"10ms\"\n\
                [[groups]]\nname = \"g\"\ntopic = \"t\"\nfrom = \"last\"\n";
    scenario::read("tracker.toml", text).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The tracker of a run in which messages can be gone, and a message of its producer.
fn tracker() -> (MessageTracker, MessageId) {
    let plan = plan();
    let shop = plan.nodes.iter().position(|node| node.name == "shop").expect("a producer");
    (MessageTracker::new(&plan), MessageId { producer: shop.into(), number: 1 })
}

const SEQ: Seq = Seq(NonZeroU64::MIN);
/// What takes a place from a message, in these tests.
const CAUSE: (Seq, NodeId) = (SEQ, NodeId(1));

fn record(kind: Kind) -> Record {
    Record { at: Time::ZERO + Span::from_secs(2), seq: SEQ, cause: None, node: NodeId(1), kind }
}

fn stored(message: MessageId, offset: u64) -> Kind {
    Kind::Stored { message, queue: QUEUE, offset: Offset(offset), epoch: Epoch::nth(1) }
}

fn finished(message: MessageId) -> Kind {
    Kind::Finished { group: GROUP, message, queue: QUEUE, offset: Offset(0) }
}

fn dead(message: MessageId) -> Kind {
    Kind::DeadLettered { group: GROUP, message }
}

#[test]
fn a_group_is_through_with_what_it_has_done_and_with_its_dead_letters_while_they_are_kept() {
    let (mut tracker, message) = tracker();
    let known = |tracker: &MessageTracker| {
        let settled = tracker.is_settled(GROUP, message);
        assert_eq!(tracker.is_open(GROUP, message), !settled);
        (tracker.is_done(GROUP, message), tracker.was_dead(GROUP, message), settled)
    };
    assert_eq!(known(&tracker), (false, false, false));
    tracker.observe(&record(dead(message)));
    assert_eq!(known(&tracker), (false, true, true));
    tracker.revive(GROUP, message);
    assert_eq!(known(&tracker), (false, true, false), "no dead-letter queue has it any more");
    tracker.observe(&record(dead(message)));
    assert_eq!(known(&tracker), (false, true, true), "and then one has");
    tracker.revive(GROUP, message);
    tracker.observe(&record(finished(message)));
    assert_eq!(known(&tracker), (true, true, true));
}

#[test]
fn what_is_gone_is_found_again_and_by_then_age_may_have_overtaken_its_place() {
    let (mut tracker, message) = tracker();
    tracker.mark(GROUP, message, BEFORE);
    assert_eq!((tracker.is_open(GROUP, message), tracker.is_skipped(GROUP, message)), (true, false), "not gone");
    assert!(matches!(tracker.lose(GROUP, message), Kind::Skipped { .. }));
    assert_eq!((tracker.is_open(GROUP, message), tracker.is_skipped(GROUP, message)), (false, true));
    tracker.gone_unaccepted.insert((message, GROUP), Some(CAUSE));
    tracker.mark_found(GROUP, message);
    assert_eq!((tracker.is_open(GROUP, message), tracker.is_skipped(GROUP, message)), (true, false));
    assert!(tracker.gone_unaccepted.is_empty());
    tracker.mark_found(GROUP, message);
    assert!(tracker.is_open(GROUP, message), "it was not gone, and is not now");
    tracker.mark(GROUP, message, AGED);
    assert!(matches!(tracker.lose(GROUP, message), Kind::Expired { .. }));
    assert!(!tracker.is_skipped(GROUP, message), "age has overtaken it");
}

#[test]
fn what_is_gone_without_ground_is_lost_and_was_not_skipped() {
    let (mut tracker, message) = tracker();
    assert!(matches!(tracker.lose(GROUP, message), Kind::Lost { .. }));
    assert_eq!((tracker.is_open(GROUP, message), tracker.is_skipped(GROUP, message)), (false, false));
    let (mut tracker, message) = self::tracker();
    tracker.mark(GROUP, message, BEFORE);
    tracker.lose(GROUP, message);
    tracker.observe(&record(finished(message)));
    assert!(!tracker.is_skipped(GROUP, message), "it came all the same");
}

/// The kinds of record that concern it, of all that ever do.
fn concerns(tracker: &MessageTracker, message: MessageId) -> Vec<&'static str> {
    let (group, queue) = (GROUP, QUEUE);
    let kinds = [
        ("accepted", Kind::Accepted { message }),
        ("committed", Kind::Committed { group, queue, offset: Offset(1) }),
        ("stored", stored(message, 0)),
        ("retried", Kind::Retried { group, message }),
        ("begun", Kind::Begun { group, queue, offset: Offset(0) }),
        ("deleted", Kind::Deleted { queue, offset: Offset(1) }),
        ("delivered", Kind::Delivered { group, queue, from: Offset(0), to: Offset(1) }),
        ("finished", finished(message)),
    ];
    kinds.into_iter().filter(|(_, kind)| tracker.concerns(&record(kind.clone()))).map(|(name, _)| name).collect()
}

#[test]
fn records_concern_it_only_where_something_waits_for_them() {
    let (mut tracker, message) = tracker();
    assert_eq!(concerns(&tracker, message), ["begun", "deleted"]);
    tracker.gone_unaccepted.insert((message, GROUP), Some(CAUSE));
    assert_eq!(concerns(&tracker, message), ["accepted", "stored", "retried", "begun", "deleted"]);
    let (mut gone, _) = self::tracker();
    gone.lose(GROUP, message);
    assert_eq!(concerns(&gone, message), ["stored", "retried", "begun", "deleted"]);
}

#[test]
fn where_no_message_can_be_gone_nothing_is_kept_of_where_it_is() {
    let mut safe = plan();
    safe.groups[GroupId(0)].from = Beginning::First;
    let mut tracker = MessageTracker::new(&safe);
    let (_, message) = self::tracker();
    tracker.observe(&record(stored(message, 0)));
    tracker.hold(VolatileCopy::Log(message));
    assert!(
        !tracker.is_on() && !tracker.has_volatile_copy(GROUP, message) && !tracker.release(VolatileCopy::Log(message))
    );
    assert_eq!((concerns(&tracker, message), tracker.stored(message).count()), (vec![], 0));
}

#[test]
fn a_message_is_carried_until_the_last_one_lets_it_go() {
    let (mut tracker, message) = tracker();
    let (for_group, to_log) = (VolatileCopy::Group(GROUP, message), VolatileCopy::Log(message));
    assert!(!tracker.has_volatile_copy(GROUP, message));
    for copy in [for_group, VolatileCopy::Retries(GROUP, message), to_log, to_log] {
        tracker.hold(copy);
    }
    let all: Vec<_> = tracker.all_volatile_copies().into_iter().collect();
    assert_eq!(all, [(to_log, 2), (for_group, 2)]);
    let last = [for_group, to_log, for_group].map(|copy| tracker.release(copy));
    assert_eq!(last, [false, false, true]);
    assert!(tracker.has_volatile_copy(GROUP, message), "on its way to a log");
    assert!(tracker.release(to_log) && !tracker.has_volatile_copy(GROUP, message));
}

#[test]
#[should_panic(expected = "a bug of queuescope")]
fn nobody_lets_go_what_he_has_not_taken() {
    let (mut tracker, message) = tracker();
    tracker.release(VolatileCopy::Log(message));
}

#[test]
fn it_is_known_where_a_message_was_stored_the_latest_first() {
    let (mut tracker, message) = tracker();
    for offset in [7, 9, 8] {
        tracker.observe(&record(stored(message, offset)));
    }
    assert_eq!(tracker.stored(message).collect::<Vec<_>>(), [8, 9, 7].map(|offset| (QUEUE, Offset(offset))));
}

#[test]
fn a_message_in_danger_is_found_wherever_it_was_stored() {
    let (mut tracker, message) = tracker();
    tracker.observe(&record(stored(message, 7)));
    assert_eq!(tracker.endangered_for(message), []);
    tracker.endanger(GROUP, message, Some(CAUSE));
    tracker.endanger(GROUP, message, None);
    tracker.observe(&record(stored(message, 9)));
    let at = |tracker: &MessageTracker, from, to| tracker.endangered_at(GROUP, QUEUE, (from, to)).len();
    let found = [(0, 7), (7, 8), (8, 9), (9, 10), (0, 99)].map(|(from, to)| at(&tracker, Offset(from), Offset(to)));
    assert_eq!(found, [0, 1, 0, 1, 2]);
    assert_eq!((tracker.endangered_for(message), tracker.endangered_by(GROUP, message)), (vec![GROUP], Some(CAUSE)));
    assert_eq!(tracker.resolve(GROUP, message), Some(CAUSE));
    assert_eq!((at(&tracker, Offset(0), Offset(99)), tracker.all_endangered()), (0, vec![]));
}
