//! A slave alone with what its master says: how it joins, what it drops, what it does step by step, and what it never
//! does of its own accord.

use std::sync::Arc;

use super::{
    Bench, FAILED, broker, commit, failure_of, has, lease, lock, log, outcome_packet, pull, replica_with, role, send,
};
use crate::node::harness::TurnOutcome;
use crate::plan::{Epoch, GroupSlot, Offset, QueueSlot};
use crate::protocol::{
    Copied, CopySerial, GroupProgress, Heartbeat, HeartbeatStatus, JoinId, Packet, ReplicaProgress, Welcome,
    WelcomeQueue,
};
use crate::storage::{Epochs, FailureChange, GroupState, LogEntry, Retry};

/// The slave s1 of b, beside s2, told to follow b in epoch 1.
fn following(settings: &str) -> Bench {
    let mut bench =
        replica_with("s1", "", &format!("slaves = [\"s1\", \"s2\"]\n{settings}"), "", "retry_delay = \"1s\"");
    bench.start();
    role(&mut bench, 1, "b", &[0, 1, 2]);
    bench
}

/// The same, let in with nothing: the next step is the first one.
fn joined(settings: &str) -> Bench {
    let mut bench = following(settings);
    welcome(&mut bench, "b", 1, 0);
    bench
}

/// The same, with so many messages in the first queue; the next step is the one after as many.
fn with_messages(settings: &str, count: u32) -> Bench {
    let mut bench = joined(settings);
    for number in 1..=count {
        copy(&mut bench, number, entry(number));
    }
    bench
}

/// The master lets it in: up to here the first queue is in common, and nothing has happened to groups.
fn welcome(bench: &mut Bench, from: &str, epoch: u32, common: u64) -> TurnOutcome {
    welcome_as(bench, from, epoch, WelcomeQueue { common: Offset(common), ..nothing() })
}

fn welcome_as(bench: &mut Bench, from: &str, epoch: u32, first: WelcomeQueue) -> TurnOutcome {
    let join = broker(bench).joins.expect("it has asked");
    bench.hears(
        from,
        Packet::Welcome(Box::new(Welcome { epoch: Epoch::nth(epoch), join, queues: vec![first, nothing()].into() })),
    )
}

/// A queue in which nothing ever was.
fn nothing() -> WelcomeQueue {
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
fn copy(bench: &mut Bench, serial: u32, step: impl FnOnce(&Bench) -> Copied) -> TurnOutcome {
    let copy = step(bench);
    bench.hears("b", Packet::Copy { epoch: Epoch::nth(1), join: JoinId::FIRST, serial: CopySerial::nth(serial), copy })
}

/// The nth message, where it belongs in the first queue.
fn entry(number: u32) -> impl FnOnce(&Bench) -> Copied {
    move |bench| {
        let message = bench.message(&format!("shop#{number}"));
        let entry = LogEntry { message, epoch: Epoch::nth(1), stored_at: bench.now() };
        Copied::Entry { queue: bench.queue("t/b/0"), offset: Offset(u64::from(number) - 1), entry }
    }
}

/// The group g is so far, and what lies before the start is deleted.
fn offset(committed: u64, start: u64) -> impl FnOnce(&Bench) -> Copied {
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
fn deletion(start: u64) -> impl FnOnce(&Bench) -> Copied {
    move |bench| Copied::Deletion { queue: bench.queue("t/b/0"), start: Offset(start) }
}

/// A message failed once in g, or is a dead letter there.
fn failure(message_ref: &'static str, dead: bool) -> impl FnOnce(&Bench) -> Copied {
    move |bench| {
        let id = failure_of(bench, 1);
        let begun = (!dead).then(|| Retry::new(id, 1, bench.now()));
        let change = FailureChange { heard: Some(id), ended: None, begun, died: dead };
        let (queue, group) = (bench.queue("t/b/0"), lease(bench, "c1").group);
        Copied::Failure { queue, group, message_ref: bench.message_ref(message_ref), change: Box::new(change) }
    }
}

fn group_state(bench: &mut Bench) -> GroupState {
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

// ---- step by step --------------------------------------------------------------------------------------------------

#[test]
fn it_does_what_its_master_sends_and_says_how_far_it_is() {
    let mut bench = joined("");
    let told = copy(&mut bench, 1, entry(1));
    assert_eq!(told.noted, ["replicated shop#1 in t/b/0@0 in epoch 1"]);
    assert_eq!(told.sent, ["b: copied up to 1 in epoch 1"]);
    assert_eq!(log(&mut bench), (0, 1, 1));
    copy(&mut bench, 2, offset(1, 0));
    copy(&mut bench, 3, failure("shop#1@0", false));
    let told = copy(&mut bench, 4, |_| Copied::CaughtUp);
    assert_eq!((told.noted.len(), told.sent), (0, vec!["b: copied up to 4 in epoch 1".to_owned()]));
    let group_state = group_state(&mut bench);
    assert_eq!(
        (group_state.began, group_state.committed, group_state.retries.iter().count()),
        (Some(Offset(0)), Offset(1), 1)
    );
}

#[test]
fn a_step_that_is_missing_in_between_is_waited_for() {
    let mut bench = joined("");
    copy(&mut bench, 1, entry(1));
    let told = copy(&mut bench, 3, offset(1, 0));
    assert_eq!(told.sent, ["b: copied up to 1 in epoch 1"]);
    assert_eq!(group_state(&mut bench).committed, Offset(0));
    copy(&mut bench, 2, entry(2));
    assert_eq!(copy(&mut bench, 3, offset(1, 0)).sent, ["b: copied up to 3 in epoch 1"]);
    assert_eq!(group_state(&mut bench).committed, Offset(1));
}

#[test]
fn a_step_that_comes_twice_changes_nothing_and_is_answered() {
    let mut bench = joined("");
    copy(&mut bench, 1, offset(0, 0));
    copy(&mut bench, 2, entry(1));
    copy(&mut bench, 3, offset(1, 0));
    for told in [copy(&mut bench, 1, offset(0, 0)), copy(&mut bench, 2, entry(1))] {
        assert_eq!((told.noted.len(), told.sent), (0, vec!["b: copied up to 3 in epoch 1".to_owned()]));
    }
    assert_eq!((group_state(&mut bench).committed, log(&mut bench)), (Offset(1), (0, 1, 1)));
}

#[test]
fn before_it_is_let_in_it_does_nothing_and_says_nothing() {
    let mut bench = following("");
    let told = copy(&mut bench, 1, entry(1));
    assert_eq!((told.noted.len(), told.sent.len(), log(&mut bench)), (0, 0, (0, 0, 0)));
}

#[test]
fn what_its_master_deleted_before_it_was_copied_is_deleted_as_soon_as_it_is() {
    let deleting = |by_age: bool, start| {
        move |bench: &Bench| if by_age { deletion(start)(bench) } else { offset(start, start)(bench) }
    };
    for by_age in [true, false] {
        let mut bench = with_messages("", 1);
        let told = copy(&mut bench, 2, deleting(by_age, 3));
        assert_eq!((told.noted, log(&mut bench)), (vec!["deleted t/b/0 before 1".to_owned()], (1, 1, 1)));
        copy(&mut bench, 3, entry(2));
        assert_eq!(log(&mut bench), (2, 2, 2));
        copy(&mut bench, 4, deleting(by_age, 2));
        copy(&mut bench, 5, entry(3));
        copy(&mut bench, 6, entry(4));
        assert_eq!(log(&mut bench), (3, 4, 4), "what it was told once holds");
    }
}

#[test]
fn it_deletes_nothing_of_its_own_accord() {
    let mut bench = replica_with("s1", "", "slaves = [\"s1\"]", "retention = \"2s\"", "");
    bench.start();
    role(&mut bench, 1, "s1", &[0, 1]);
    send(&mut bench, "shop#1");
    role(&mut bench, 2, "b", &[0, 1]);
    welcome(&mut bench, "b", 2, 1);
    bench.until(60.0);
    assert_eq!(log(&mut bench), (0, 1, 1), "though it was to delete this when it led");
    role(&mut bench, 3, "s1", &[1]);
    assert_eq!(bench.until(61.0).noted, ["deleted t/b/0 before 1"], "a master does");
}

#[test]
fn it_serves_nobody() {
    let mut bench = with_messages("", 2);
    copy(&mut bench, 3, offset(1, 0));
    assert_eq!(send(&mut bench, "shop#3").sent, ["shop: shop#3 attempt 1 not master"]);
    assert_eq!(lock(&mut bench, "c1").sent, ["c1: denied t/b/0"]);
    assert_eq!(pull(&mut bench, "c1", 0).sent, ["c1: pull of t/b/0 refused"]);
    assert_eq!(commit(&mut bench, "c1", 2).sent, ["c1: commit of t/b/0 to 2 refused"]);
    let told = outcome_packet(&mut bench, "c1", "shop#1@0", 1, FAILED);
    assert_eq!((told.noted.len(), told.sent), (0, vec!["c1: settling shop#1@0 refused".to_owned()]));
    assert_eq!((log(&mut bench).1, group_state(&mut bench).committed), (2, Offset(1)));
}

#[test]
fn it_serves_nobody_where_messages_are_committed_on_receipt_either() {
    let mut bench = replica_with("s1", "", "slaves = [\"s1\"]", "", "ack = \"before\"");
    bench.start();
    role(&mut bench, 1, "b", &[0, 1]);
    welcome(&mut bench, "b", 1, 0);
    copy(&mut bench, 1, entry(1));
    let told = outcome_packet(&mut bench, "c1", "shop#1@0", 1, FAILED);
    assert_eq!(told.sent, ["c1: settling shop#1@0 refused"]);
    copy(&mut bench, 2, failure("shop#1@0", false));
    let told = bench.until(9.0);
    assert_eq!((told.noted.len(), told.about("c1").len()), (0, 0), "nor does a retry wake anybody");
}

// ---- one joining after the other -----------------------------------------------------------------------------------

/// The master answers the nth request, with nothing in common.
fn answer(bench: &mut Bench, asked: u32) -> TurnOutcome {
    let queues = vec![nothing(), nothing()];
    bench.hears(
        "b",
        Packet::Welcome(Box::new(Welcome { epoch: Epoch::nth(1), join: JoinId::nth(asked), queues: queues.into() })),
    )
}

/// A step that follows from the nth request.
fn step(bench: &mut Bench, joining: u32, serial: u32, step: impl FnOnce(&Bench) -> Copied) -> TurnOutcome {
    let copy = step(bench);
    bench.hears(
        "b",
        Packet::Copy { epoch: Epoch::nth(1), join: JoinId::nth(joining), serial: CopySerial::nth(serial), copy },
    )
}

#[test]
fn let_in_again_it_keeps_what_it_has_copied_since_it_asked() {
    let mut bench = with_messages("", 1);
    bench.hears("b", Packet::JoinAnew { epoch: Epoch::nth(1) });
    assert_eq!(step(&mut bench, 1, 2, entry(2)).about("copied").len(), 1, "until then it goes on");
    let told = answer(&mut bench, 2);
    assert_eq!((told.noted.len(), told.dropped.len(), log(&mut bench)), (0, 0, (0, 2, 2)), "it has one master");
    let told = step(&mut bench, 2, 1, entry(2));
    assert_eq!((told.noted.len(), told.about("copied").len(), log(&mut bench).1), (0, 1, 2), "it is sent that again");
    step(&mut bench, 2, 2, entry(3));
    assert_eq!(log(&mut bench).1, 3);
}

#[test]
fn a_step_that_follows_from_an_earlier_request_is_neither_done_nor_confirmed() {
    let mut bench = with_messages("", 1);
    bench.hears("b", Packet::JoinAnew { epoch: Epoch::nth(1) });
    answer(&mut bench, 2);
    for serial in 1..=2 {
        let told = step(&mut bench, 1, serial, entry(2));
        assert_eq!((told.noted.len(), told.sent.len()), (0, 0));
    }
    let told = step(&mut bench, 2, 1, entry(2));
    let confirmed = Packet::CopyAnswer { epoch: Epoch::nth(1), join: JoinId::new(2), serial: CopySerial::new(1) };
    assert_eq!(told.packets, [(bench.id("b"), confirmed)]);
}

#[test]
fn a_step_that_follows_from_a_request_whose_answer_was_lost_makes_it_ask_again() {
    let mut bench = following("");
    bench.until(1.0);
    answer(&mut bench, 1);
    let told = step(&mut bench, 2, 1, offset(0, 0));
    assert_eq!((told.about("join").len(), told.about("copied").len()), (1, 0));
    assert_eq!(step(&mut bench, 2, 2, offset(0, 0)).sent, [""; 0], "it has asked");
}

#[test]
fn a_late_answer_to_an_earlier_request_changes_nothing() {
    let mut bench = following("");
    bench.until(1.0);
    answer(&mut bench, 2);
    step(&mut bench, 2, 1, offset(0, 0));
    let group_states = group_state(&mut bench);
    answer(&mut bench, 1);
    assert_eq!(group_state(&mut bench), group_states);
    assert_eq!(step(&mut bench, 2, 2, offset(0, 0)).about("copied up to 2").len(), 1, "it goes on counting");
}

#[test]
fn an_answer_to_a_request_of_an_earlier_life_is_none() {
    let mut bench = with_messages("", 1);
    bench.crashes();
    bench.start();
    role(&mut bench, 1, "b", &[0, 1]);
    // A master that was paused answers what came from both lives.
    answer(&mut bench, 1);
    assert_eq!(step(&mut bench, 1, 1, offset(0, 0)).sent, [""; 0], "it is in another life");
    answer(&mut bench, 2);
    assert_eq!(step(&mut bench, 2, 1, offset(0, 0)).about("copied up to 1").len(), 1);
    answer(&mut bench, 1);
    assert_eq!(step(&mut bench, 2, 2, offset(0, 0)).about("copied up to 2").len(), 1);
}

// ---- the disk ------------------------------------------------------------------------------------------------------

#[test]
fn with_a_flush_that_takes_time_it_confirms_when_that_has_ended() {
    let mut bench = joined("flush_time = \"10ms\"");
    assert_eq!(copy(&mut bench, 1, entry(1)).sent, [""; 0]);
    assert_eq!(copy(&mut bench, 2, offset(1, 0)).sent, [""; 0], "it would confirm the first one with it");
    assert_eq!(copy(&mut bench, 1, entry(1)).sent, [""; 0], "so would an answer to a step that comes twice");
    assert_eq!(bench.until(0.5).timed("copied"), ["10ms b: copied up to 2 in epoch 1"]);
    assert_eq!(log(&mut bench), (0, 1, 1));
}

#[test]
fn what_comes_during_a_flush_waits_for_the_next_one() {
    let mut bench = joined("flush_time = \"10ms\"");
    copy(&mut bench, 1, entry(1));
    bench.until(0.004);
    copy(&mut bench, 2, entry(2));
    assert_eq!(
        bench.until(0.5).timed("copied"),
        ["10ms b: copied up to 1 in epoch 1", "20ms b: copied up to 2 in epoch 1"]
    );
}

#[test]
fn a_host_that_crashes_during_a_flush_loses_what_was_not_confirmed_and_no_more() {
    let mut bench = joined("flush_time = \"10ms\"");
    copy(&mut bench, 1, entry(1));
    bench.until(0.010);
    copy(&mut bench, 2, entry(2));
    bench.until(0.015);
    let cuts = broker(&mut bench).lose_unflushed();
    assert_eq!((cuts.len(), cuts[0].from.0, cuts[0].to.0), (1, 1, 2));
    assert_eq!(log(&mut bench), (0, 1, 1));
}

#[test]
fn with_an_asynchronous_flush_it_confirms_at_once_and_flushes_at_whole_intervals() {
    let mut bench = joined("flush = \"async\"\nflush_interval = \"500ms\"");
    bench.until(0.3);
    assert_eq!(copy(&mut bench, 1, entry(1)).sent, ["b: copied up to 1 in epoch 1"]);
    bench.until(0.499);
    assert_eq!(log(&mut bench), (0, 1, 0));
    bench.until(0.5);
    assert_eq!(log(&mut bench), (0, 1, 1));
}

#[test]
fn with_a_full_disk_it_copies_nothing_until_there_is_room() {
    let mut bench = with_messages("", 1);
    bench.disk_is_full(true);
    let full = copy(&mut bench, 2, entry(2));
    assert_eq!((full.noted.len(), full.sent), (0, vec!["b: copied up to 1 in epoch 1".to_owned()]), "no further");
    assert_eq!(copy(&mut bench, 3, offset(1, 0)).sent, ["b: copied up to 1 in epoch 1"], "nor what comes after");
    assert_eq!((log(&mut bench).1, group_state(&mut bench).committed), (1, Offset(0)));
    bench.disk_is_full(false);
    assert_eq!(copy(&mut bench, 2, entry(2)).sent, ["b: copied up to 2 in epoch 1"]);
    assert_eq!(copy(&mut bench, 3, offset(1, 0)).sent, ["b: copied up to 3 in epoch 1"]);
}

#[test]
fn with_a_full_disk_it_keeps_the_books_of_groups() {
    let mut bench = with_messages("", 1);
    bench.disk_is_full(true);
    assert_eq!(copy(&mut bench, 2, offset(1, 0)).sent, ["b: copied up to 2 in epoch 1"]);
    assert_eq!(group_state(&mut bench).committed, Offset(1));
}

#[test]
fn a_slave_whose_full_disk_kept_it_from_copying_has_felt_it() {
    let mut bench = joined("");
    bench.disk_is_full(true);
    copy(&mut bench, 1, offset(0, 0));
    assert!(!bench.node.has_felt_full_disk(), "that found its place");
    copy(&mut bench, 2, entry(1));
    assert!(bench.node.has_felt_full_disk());
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
