//! A slave that has joined: what it does step by step, what it does when it has joined anew, when it brings what it has copied to
//! disk, and what it never does of its own accord.

use super::slave::{
    copy, deletion, entry, failure, following, group_state, joined, nothing, offset, welcome, with_messages,
};
use super::{Bench, FAILED, broker, commit, lock, log, outcome_packet, pull, replica_with, role, send};
use crate::node::harness::TurnOutcome;
use crate::plan::{Epoch, Offset};
use crate::protocol::{Copied, CopySerial, JoinId, Packet, Welcome};

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
