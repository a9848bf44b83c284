//! A slave alone with what its master says: how it joins, what it drops, and whom it believes. What it does step by step:
//! `copying`.

use std::sync::Arc;

use super::{Bench, broker, failure_of, has, lease, log, replica_with, role, send};
use crate::node::harness::TurnOutcome;
use crate::plan::{Epoch, GroupSlot, Offset, QueueSlot};
use crate::protocol::{
    Copied, CopySerial, GroupProgress, Heartbeat, HeartbeatStatus, JoinId, Packet, ReplicaProgress, Welcome,
    WelcomeQueue,
};
use crate::storage::{Epochs, FailureChange, GroupState, LogEntry, Retry};

/// The slave s1 of b, beside s2, told to follow b in epoch 1.
pub(super) fn following(settings: &str) -> Bench {
    let mut bench =
        replica_with("s1", "", &format!("slaves = [\"s1\", \"s2\"]\n{settings}"), "", "retry_delay = \"1s\"");
    bench.start();
    role(&mut bench, 1, "b", &[0, 1, 2]);
    bench
}

/// The same, let in with nothing: the next step is the first one.
pub(super) fn joined(settings: &str) -> Bench {
    let mut bench = following(settings);
    welcome(&mut bench, "b", 1, 0);
    bench
}

/// The same, with so many messages in the first queue; the next step is the one after as many.
pub(super) fn with_messages(settings: &str, count: u32) -> Bench {
    let mut bench = joined(settings);
    for number in 1..=count {
        copy(&mut bench, number, entry(number));
    }
    bench
}

/// The master lets it in: up to here the first queue is in common, and nothing has happened to groups.
pub(super) fn welcome(bench: &mut Bench, from: &str, epoch: u32, common: u64) -> TurnOutcome {
    welcome_as(bench, from, epoch, WelcomeQueue { common: Offset(common), ..nothing() })
}

pub(super) fn welcome_as(bench: &mut Bench, from: &str, epoch: u32, first: WelcomeQueue) -> TurnOutcome {
    let join = broker(bench).joins.expect("it has asked");
    bench.hears(
        from,
        Packet::Welcome(Box::new(Welcome { epoch: Epoch::nth(epoch), join, queues: vec![first, nothing()].into() })),
    )
}

/// A queue in which nothing ever was.
pub(super) fn nothing() -> WelcomeQueue {
    WelcomeQueue {
        queue: crate::plan::QueueId(0),
        common: Offset(0),
        start: Offset(0),
        base: Offset(0),
        epochs: Epochs::default(),
        group_states: vec![GroupState::default(); 2].into(),
    }
}

/// A step of the master, in epoch 1.
pub(super) fn copy(bench: &mut Bench, serial: u32, step: impl FnOnce(&Bench) -> Copied) -> TurnOutcome {
    let copy = step(bench);
    bench.hears("b", Packet::Copy { epoch: Epoch::nth(1), join: JoinId::FIRST, serial: CopySerial::nth(serial), copy })
}

/// The nth message, where it belongs in the first queue.
pub(super) fn entry(number: u32) -> impl FnOnce(&Bench) -> Copied {
    move |bench| {
        let message = bench.message(&format!("shop#{number}"));
        let entry = LogEntry { message, epoch: Epoch::nth(1), stored_at: bench.now() };
        Copied::Entry { queue: bench.queue("t/b/0"), offset: Offset(u64::from(number) - 1), entry }
    }
}

/// The group g is so far, and what lies before the start is deleted.
pub(super) fn offset(committed: u64, start: u64) -> impl FnOnce(&Bench) -> Copied {
    move |bench| {
        let (queue, group) = (bench.queue("t/b/0"), lease(bench, "c1").group);
        Copied::Offset(Box::new(GroupProgress {
            queue,
            group,
            began: Some(Offset(0)),
            committed: Offset(committed),
            start: Offset(start),
        }))
    }
}

/// What lies before the start is deleted.
pub(super) fn deletion(start: u64) -> impl FnOnce(&Bench) -> Copied {
    move |bench| Copied::Deletion { queue: bench.queue("t/b/0"), start: Offset(start) }
}

/// A message failed once in g, or is a dead letter there.
pub(super) fn failure(message_ref: &'static str, dead: bool) -> impl FnOnce(&Bench) -> Copied {
    move |bench| {
        let id = failure_of(bench, 1);
        let begun = (!dead).then(|| Retry::new(id, 1, bench.now()));
        let change = FailureChange { heard: Some(id), ended: None, begun, died: dead };
        let (queue, group) = (bench.queue("t/b/0"), lease(bench, "c1").group);
        Copied::Failure { queue, group, message_ref: bench.message_ref(message_ref), change: Box::new(change) }
    }
}

pub(super) fn group_state(bench: &mut Bench) -> GroupState {
    broker(bench).group_state(QueueSlot(0), GroupSlot(0)).clone()
}

// ---- joining -------------------------------------------------------------------------------------------------------

#[test]
fn it_joins_whom_it_is_told_to_follow_and_says_so_to_the_nameserver() {
    let mut bench = replica_with("s1", "", "slaves = [\"s1\", \"s2\"]", "", "");
    bench.start();
    let told = role(&mut bench, 4, "b", &[0, 1]);
    assert_eq!(told.about("b:"), ["b: join in epoch 4 with 0 0"]);
    assert_eq!(told.about("nameserver:").len(), 1);
    let follows = told.packets.iter().find_map(|(_, packet)| match packet {
        Packet::Heartbeat(Heartbeat { status: HeartbeatStatus::Broker(status), .. }) => {
            Some((status.follows, status.leads, status.last_epoch))
        }
        _ => None,
    });
    assert_eq!(follows, Some((Epoch::new(4), None, Epoch::new(4))));
    assert_eq!(role(&mut bench, 4, "b", &[0, 1]).sent, [""; 0], "the same word twice");
}

#[test]
fn it_asks_until_it_is_let_in_and_not_after() {
    let mut bench = following("");
    let asks = |told: TurnOutcome| told.timed("join").iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    assert_eq!(asks(bench.until(2.5)), ["1s b: join in epoch 1 with 0 0", "2s b: join in epoch 1 with 0 0"]);
    welcome(&mut bench, "b", 1, 0);
    assert!(broker(&mut bench).has_joined());
    assert_eq!(asks(bench.until(9.0)), [""; 0]);
}

#[test]
fn a_later_request_makes_the_timer_of_an_earlier_one_void() {
    let mut bench = joined("");
    bench.until(0.5);
    assert_eq!(bench.hears("b", Packet::JoinAnew { epoch: Epoch::nth(1) }).sent, ["b: join in epoch 1 with 0 0"]);
    assert!(!broker(&mut bench).has_joined());
    assert_eq!(bench.until(1.9).timed("join"), ["1.5s b: join in epoch 1 with 0 0"], "nothing at 1 s");
    assert_eq!(bench.hears("b", Packet::JoinAnew { epoch: Epoch::nth(1) }).sent, [""; 0], "it is about to");
}

#[test]
fn it_says_what_it_has_epoch_by_epoch() {
    let mut bench = with_messages("", 3);
    let told = role(&mut bench, 5, "s2", &[1, 2]);
    assert_eq!(told.about("join"), ["s2: join in epoch 5 with 3 0"]);
    let logs = told.packets.into_iter().find_map(|(_, packet)| match packet {
        Packet::Join(join) => Some(join.logs),
        _ => None,
    });
    assert_eq!(logs, Some(vec![has(&[1, 1, 1]), has(&[])].into()));
}

#[test]
fn asked_how_much_it_has_it_says_so() {
    let mut bench = with_messages("", 3);
    role(&mut bench, 5, "s2", &[1, 2]);
    let told = bench.hears("nameserver", Packet::AskProgress);
    let progress = Packet::ReplicaProgress(ReplicaProgress {
        last_entry_epoch: Epoch::new(1),
        ends: 3,
        last_led_epoch: Epoch::new(0),
    });
    assert_eq!(told.packets, [(bench.id("nameserver"), progress)], "what counts is what lies there");
}

// ---- what is dropped -----------------------------------------------------------------------------------------------

#[test]
fn it_drops_what_it_has_not_in_common_with_its_new_master() {
    let mut bench = with_messages("", 4);
    role(&mut bench, 2, "s2", &[1, 2]);
    let told = welcome(&mut bench, "s2", 2, 2);
    assert_eq!(told.noted, ["truncated t/b/0 2..4"]);
    let dropped = ["shop#3@2 ahead of g", "shop#4@3 ahead of g", "shop#3@2 ahead of h", "shop#4@3 ahead of h"];
    assert_eq!(told.dropped, dropped, "each for each group");
    assert_eq!(log(&mut bench), (0, 2, 2));
    let told = welcome(&mut bench, "s2", 2, 0);
    assert_eq!((told.noted.len(), log(&mut bench).1), (0, 2), "once");
}

#[test]
fn what_it_drops_is_ahead_of_a_group_that_had_begun_on_either_log_and_before_one_that_had_on_none() {
    let late = "retry_delay = \"1s\"\nfrom = \"last\"";
    let dropped = |mine: Option<u64>, theirs: Option<u64>| {
        let mut bench = replica_with("s1", "", "slaves = [\"s1\", \"s2\"]", "", late);
        bench.start();
        role(&mut bench, 1, "b", &[0, 1, 2]);
        let began = |began: Option<u64>| {
            vec![GroupState { began: began.map(Offset), ..GroupState::default() }, GroupState::default()]
        };
        welcome_as(&mut bench, "b", 1, WelcomeQueue { group_states: began(mine).into(), ..nothing() });
        copy(&mut bench, 1, entry(1));
        role(&mut bench, 2, "s2", &[1, 2]);
        let told = welcome_as(&mut bench, "s2", 2, WelcomeQueue { group_states: began(theirs).into(), ..nothing() });
        told.dropped[0].clone()
    };
    assert_eq!(dropped(None, None), "shop#1@0 before g");
    assert_eq!(dropped(Some(0), None), "shop#1@0 ahead of g");
    assert_eq!(dropped(None, Some(0)), "shop#1@0 ahead of g");
    assert_eq!(dropped(Some(1), Some(0)), "shop#1@0 before g", "on the log where it lay");
}

#[test]
fn where_all_is_in_common_nothing_is_cut() {
    let mut bench = with_messages("", 4);
    role(&mut bench, 2, "s2", &[1, 2]);
    let told = welcome(&mut bench, "s2", 2, 4);
    assert_eq!((told.noted.len(), told.dropped.len(), log(&mut bench)), (0, 0, (0, 4, 4)));
}

#[test]
fn the_masters_word_on_groups_replaces_its_own_and_each_failed_message_that_it_had_is_looked_at() {
    let mut bench = with_messages("", 3);
    copy(&mut bench, 4, failure("shop#1@0", false));
    copy(&mut bench, 5, failure("shop#2@1", true));
    copy(&mut bench, 6, offset(3, 0));
    assert_eq!((group_state(&mut bench).committed, group_state(&mut bench).failed().count()), (Offset(3), 2));
    role(&mut bench, 2, "s2", &[1, 2]);
    let mut theirs = GroupState { began: Some(Offset(0)), committed: Offset(1), ..GroupState::default() };
    let change = FailureChange { heard: Some(failure_of(&bench, 2)), died: true, ..FailureChange::default() };
    theirs.apply(bench.message_ref("shop#1@0"), &change);
    let group_states = vec![theirs.clone(), GroupState::default()];
    let told = welcome_as(
        &mut bench,
        "s2",
        2,
        WelcomeQueue { common: Offset(2), group_states: group_states.into(), ..nothing() },
    );
    assert_eq!(group_state(&mut bench), theirs);
    let dropped = ["shop#3@2 ahead of g", "shop#1@0 failed for g", "shop#2@1 failed for g", "shop#3@2 ahead of h"];
    assert_eq!(told.dropped, dropped, "each once");
}

#[test]
fn it_begins_anew_behind_what_it_never_had() {
    let mut bench = with_messages("", 2);
    role(&mut bench, 2, "s2", &[1, 2]);
    let queue = WelcomeQueue {
        common: Offset(1),
        start: Offset(5),
        base: Offset(5),
        epochs: has(&[1, 1, 1, 2, 2]).1,
        ..nothing()
    };
    let told = welcome_as(&mut bench, "s2", 2, queue);
    assert_eq!(told.noted, ["truncated t/b/0 1..2", "deleted t/b/0 before 5"]);
    assert_eq!(log(&mut bench), (5, 5, 5));
    assert_eq!(
        broker(&mut bench).progress(),
        ReplicaProgress { last_entry_epoch: Epoch::new(2), ends: 5, last_led_epoch: Epoch::new(0) },
        "it knows whose entries lay there"
    );
    let message = bench.message("shop#9");
    let entry = LogEntry { message, epoch: Epoch::nth(2), stored_at: bench.now() };
    let step = Copied::Entries { queue: bench.queue("t/b/0"), offset: Offset(5), entries: Arc::from([entry, entry]) };
    let told = bench.hears(
        "s2",
        Packet::Copy { epoch: Epoch::nth(2), join: JoinId::nth(2), serial: CopySerial::nth(1), copy: step },
    );
    assert_eq!(told.noted, ["replicated shop#9 in t/b/0@5 in epoch 2", "replicated shop#9 in t/b/0@6 in epoch 2"]);
}

#[test]
fn what_its_master_has_deleted_is_deleted_when_it_joins() {
    let mut bench = with_messages("", 4);
    role(&mut bench, 2, "s2", &[1, 2]);
    welcome_as(&mut bench, "s2", 2, WelcomeQueue { common: Offset(4), start: Offset(3), base: Offset(3), ..nothing() });
    assert_eq!(log(&mut bench), (3, 4, 4));
}

// ---- whom it believes ----------------------------------------------------------------------------------------------

#[test]
fn words_of_an_older_epoch_or_of_another_master_change_nothing() {
    let mut bench = replica_with("s1", "", "slaves = [\"s1\", \"s2\"]", "", "");
    bench.start();
    role(&mut bench, 3, "b", &[0, 1, 2]);
    welcome(&mut bench, "b", 2, 0);
    welcome(&mut bench, "s2", 3, 0);
    assert!(!broker(&mut bench).has_joined());
    welcome(&mut bench, "b", 3, 0);
    let copy = entry(1)(&bench);
    let step = |epoch| Packet::Copy { epoch, join: JoinId::nth(1), serial: CopySerial::nth(1), copy: copy.clone() };
    let old = bench.hears("b", step(Epoch::nth(2)));
    assert_eq!(old.sent, ["b: copied up to 0 in epoch 3"], "one that leads no more finds out so");
    let other = bench.hears("s2", step(Epoch::nth(3)));
    assert_eq!(other.sent, [""; 0]);
    assert_eq!(old.noted.len() + other.noted.len(), 0);
    assert_eq!(bench.hears("s2", Packet::JoinAnew { epoch: Epoch::nth(3) }).sent, [""; 0]);
    assert_eq!(bench.hears("b", Packet::JoinAnew { epoch: Epoch::nth(2) }).sent, [""; 0]);
    assert_eq!(role(&mut bench, 2, "s2", &[1, 2]).sent, [""; 0]);
    assert_eq!(role(&mut bench, 2, "s1", &[1, 2]).sent, [""; 0]);
    let b = bench.id("b");
    assert_eq!((broker(&mut bench).follows(), log(&mut bench)), (Some((Epoch::nth(3), b)), (0, 0, 0)));
    assert!(broker(&mut bench).has_joined());
}

#[test]
fn a_master_of_a_higher_epoch_is_followed_once_the_nameserver_says_so() {
    let mut bench = with_messages("", 1);
    let step =
        Packet::Copy { epoch: Epoch::nth(2), join: JoinId::nth(1), serial: CopySerial::nth(1), copy: entry(2)(&bench) };
    let told = bench.hears("s2", step);
    assert_eq!((told.noted.len(), told.sent.len()), (0, 0));
    assert_eq!(role(&mut bench, 2, "s2", &[1, 2]).about("s2"), ["s2: join in epoch 2 with 1 0"]);
    assert_eq!(copy(&mut bench, 2, entry(2)).sent, ["b: copied up to 0 in epoch 2"]);
    assert_eq!(log(&mut bench).1, 1);
}

#[test]
fn after_a_restart_it_waits_for_its_role() {
    let mut bench = with_messages("", 1);
    bench.crashes();
    let told = bench.start();
    assert_eq!(told.sent, ["nameserver: heartbeat of life 2: epoch 0, last 1, departure none"]);
    let told = copy(&mut bench, 2, entry(2));
    assert_eq!((told.noted.len(), told.sent.len()), (0, 0));
    assert_eq!(bench.until(3.0).about("join"), [""; 0], "timers of its earlier life are gone");
    assert_eq!(role(&mut bench, 1, "b", &[0, 1]).about("b:"), ["b: join in epoch 1 with 1 0"], "in the epoch it knows");
}

#[test]
fn told_to_lead_in_an_epoch_that_it_has_known_it_does_nothing() {
    let mut bench = with_messages("", 1);
    assert_eq!(role(&mut bench, 1, "s1", &[1]).sent, [""; 0]);
    bench.crashes();
    bench.start();
    assert_eq!(role(&mut bench, 1, "s1", &[1]).sent, [""; 0], "nor after a crash");
    assert_eq!(broker(&mut bench).master_in(), None);
    role(&mut bench, 2, "s1", &[1]);
    assert_eq!(broker(&mut bench).master_in(), Epoch::new(2));
}

#[test]
fn a_master_that_is_told_of_another_one_follows_it() {
    let mut bench = with_messages("", 1);
    role(&mut bench, 2, "s1", &[1, 2]);
    send(&mut bench, "shop#2");
    let told = role(&mut bench, 3, "s2", &[1, 2]);
    assert_eq!(told.about("s2:"), ["s2: join in epoch 3 with 2 0"]);
    assert_eq!(broker(&mut bench).master_in(), None);
    let told = welcome(&mut bench, "s2", 3, 1);
    assert_eq!(told.noted, ["truncated t/b/0 1..2"]);
    assert_eq!(told.dropped, ["shop#2@1 ahead of g", "shop#2@1 ahead of h"]);
}
