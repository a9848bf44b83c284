//! Which queues it asks for, on what ground it holds them, and when it takes them anew.

use super::Seat;
use crate::plan::{Life, Offset};
use crate::protocol::Packet;

#[test]
fn it_asks_for_the_queues_that_are_its_own() {
    let mut seat = Seat::new("", "", "");
    seat.routed(1);
    let told = seat.joined(&["c1", "c2"]);
    assert_eq!(told.noted, ["assigned t/b/0"]);
    assert_eq!(told.sent, ["b: lock t/b/0 in epoch 1"]);
    let alone = seat.joined(&["c1"]);
    assert_eq!(
        (alone.noted, alone.sent),
        (vec!["assigned t/b/0 t/b/1".to_owned()], vec!["b: lock t/b/1 in epoch 1".to_owned()])
    );
    assert_eq!(seat.joined(&["c1"]).noted, [""; 0], "no change");
}

#[test]
fn it_asks_nobody_before_it_knows_a_master() {
    let mut seat = Seat::new("", "", "");
    let told = seat.joined(&["c1", "c2"]);
    assert_eq!((told.noted.len(), told.sent.len()), (1, 0));
    assert_eq!(seat.routed(1).sent, ["b: lock t/b/0 in epoch 1"]);
}

#[test]
fn it_owns_nothing_while_it_does_not_know_the_members() {
    let mut seat = Seat::new("", "", "");
    seat.routed(1);
    assert_eq!(seat.until(5.0).notes_of("assigned"), [""; 0]);
    assert_eq!(seat.joined(&["c0", "c2"]).noted, ["assigned "], "and nothing when it is not among them");
}

#[test]
fn it_repeats_its_request_until_it_is_answered() {
    let mut seat = Seat::new("", "", "");
    seat.routed(1);
    seat.joined(&["c1", "c2"]);
    let first = seat.lease("t/b/0");
    assert_eq!(seat.until(2.5).timed("lock"), ["1s b: lock t/b/0 in epoch 1", "2s b: lock t/b/0 in epoch 1"]);
    let late = seat.hears("b", Packet::LockAnswer { lease: first, granted: Some(Offset(0)) });
    assert_eq!(late.sent, [""; 0], "an answer to an earlier request is none to the present one");
    assert_eq!(seat.grants("t/b/0", 4).sent, ["b: pull t/b/0 from 4"]);
    assert_eq!(seat.until(5.0).about("lock"), [""; 0]);
}

#[test]
fn denied_it_asks_again_at_the_next_rebalance() {
    let mut seat = Seat::new("timers.rebalance = \"3s\"", "", "");
    seat.routed(1);
    seat.joined(&["c1", "c2"]);
    seat.denies("t/b/0");
    assert_eq!(
        seat.until(5.0).timed("lock"),
        ["3s b: lock t/b/0 in epoch 1", "4s b: lock t/b/0 in epoch 1", "5s b: lock t/b/0 in epoch 1"]
    );
    seat.denies("t/b/0");
    assert_eq!(seat.until(8.5).timed("lock").first(), Some(&"6s b: lock t/b/0 in epoch 1"));
}

#[test]
fn an_answer_to_an_earlier_request_is_none_to_a_later_one() {
    let mut seat = Seat::new("", "", "");
    seat.routed(1);
    seat.joined(&["c1", "c2"]);
    let first = seat.lease("t/b/0");
    seat.denies("t/b/0");
    seat.until(1.0);
    assert_eq!(seat.hears("b", Packet::LockAnswer { lease: first, granted: Some(Offset(0)) }).sent, [""; 0]);
    let second = seat.lease("t/b/0");
    assert_eq!(seat.grants("t/b/0", 0).about("pull").len(), 1);
    seat.joined(&["c0", "c1"]);
    seat.unlocked("t/b/0");
    seat.joined(&["c1", "c2"]);
    for lease in [first, second] {
        let granted = Packet::LockAnswer { lease, granted: Some(Offset(0)) };
        assert_eq!(seat.hears("b", granted).sent, [""; 0], "it let go of the queue and has asked anew");
    }
}

#[test]
fn a_stale_consumer_asks_once_it_knows_a_master_again() {
    let mut seat = Seat::reading("", "", "service_time = \"2s\"");
    seat.heard = false;
    seat.gets("t/b/0", &["shop#1@0", "shop#2@1", "shop#3@2"]);
    seat.until(4.0);
    let nobody = seat.bench.route("t", 2, &[("b", 1, "")]);
    seat.hears("nameserver", nobody);
    assert_eq!(seat.commit_heard("t/b/0", 2).about("lock"), [""; 0], "it has said all, but there is nobody to ask");
    let again = seat.bench.route("t", 3, &[("b", 1, "b")]);
    assert_eq!(seat.hears("nameserver", again).about("lock"), ["b: lock t/b/0 in epoch 1"]);
}

#[test]
fn a_consumer_that_polls_asks_for_its_route_again_and_again() {
    let mut seat = Seat::new("timers.route_refresh = \"2s\"", "", "");
    seat.routed(1);
    let asked = seat.until(6.5).about("where is t?").len();
    assert!(asked >= 2, "{asked} times in six seconds");
}

#[test]
fn a_pull_without_an_answer_is_made_again_after_long_poll_and_a_call() {
    let mut seat = Seat::reading("", "", "");
    let told = seat.until(20.0);
    assert_eq!(told.timed("pull"), ["16s b: pull t/b/0 from 0"]);
    let held_too_long = seat.bench.until(20.0);
    assert!(held_too_long.sent.is_empty());
    assert_eq!(seat.gets("t/b/0", &["shop#1@0"]).notes_of("started"), ["started shop#1@0"]);
}

#[test]
fn a_refused_pull_drops_the_claim_until_the_next_rebalance() {
    let mut seat = Seat::reading("", "", "service_time = \"100s\"");
    seat.gets("t/b/0", &["shop#1@0", "shop#2@1"]);
    let lease = seat.lease("t/b/0");
    let pull = seat.pulls[&lease.queue];
    seat.hears("b", Packet::PullAnswer { lease, pull: pull.id, next: None, batch: Vec::new() });
    assert_eq!(seat.until(1.0).timed("lock"), ["1s b: lock t/b/0 in epoch 1"]);
    assert_eq!(
        seat.grants("t/b/0", 0).sent,
        ["b: pull t/b/0 from 0"],
        "what was fetched and not begun is fetched again"
    );
}

#[test]
fn in_a_new_epoch_it_reads_its_position_anew() {
    let mut seat = Seat::reading("", "", "service_time = \"1s\"");
    seat.gets("t/b/0", &["shop#1@0", "shop#2@1", "shop#3@2"]);
    let told = seat.routed(2);
    assert_eq!(told.sent, ["b: lock t/b/0 in epoch 2"]);
    let done = seat.until(1.0);
    assert_eq!(done.noted, ["finished shop#1@0"], "what is in hand is ended, what was only fetched does not begin");
    assert_eq!(done.about("commit"), [""; 0], "it belongs to an epoch that is over");
    assert_eq!(seat.grants("t/b/0", 2).sent, ["b: pull t/b/0 from 2"]);
    assert_eq!(seat.gets("t/b/0", &["shop#9@2"]).noted, ["started shop#9@2"]);
    assert_eq!(seat.until(2.0).about("commit"), ["b: commit t/b/0 to 3"]);
}

#[test]
fn unconfirmed_for_expire_it_begins_nothing_until_it_has_its_lock_anew() {
    let mut seat = Seat::reading("", "", "service_time = \"2s\"");
    seat.heard = false;
    seat.gets("t/b/0", &["shop#1@0", "shop#2@1", "shop#3@2"]);
    let told = seat.until(3.9);
    assert_eq!(told.notes_of("started"), ["started shop#2@1"], "two seconds are not too long");
    seat.commit_heard("t/b/0", 1);
    let stale = seat.until(4.0);
    assert_eq!(stale.noted, ["finished shop#2@1"], "four are");
    assert_eq!(stale.about("lock"), [""; 0], "first it tells what it has done");
    let level = seat.commit_heard("t/b/0", 2);
    assert_eq!(level.sent, ["b: lock t/b/0 in epoch 1"]);
    assert_eq!(seat.grants("t/b/0", 2).sent, ["b: pull t/b/0 from 2"]);
    assert_eq!(
        seat.gets("t/b/0", &["shop#3@2"]).noted,
        ["started shop#3@2"],
        "the lock counts as of when it was asked for"
    );
}

#[test]
fn a_stale_consumer_whose_queue_another_one_has_goes_on_with_nothing() {
    let mut seat = Seat::reading("", "", "service_time = \"4s\"");
    seat.heard = false;
    seat.gets("t/b/0", &["shop#1@0", "shop#2@1"]);
    seat.until(4.0);
    let lease = seat.lease("t/b/0");
    seat.hears("b", Packet::CommitAnswer { lease, offset: Offset(1), held: false });
    seat.until(5.0);
    seat.denies("t/b/0");
    assert_eq!(seat.until(9.9).notes_of("started"), [""; 0]);
}

#[test]
fn whoever_is_confirmed_goes_on() {
    let mut seat = Seat::reading("", "", "service_time = \"2s\"");
    seat.gets("t/b/0", &["shop#1@0", "shop#2@1", "shop#3@2", "shop#4@3"]);
    let told = seat.until(8.0);
    assert_eq!(told.notes_of("finished").len(), 4);
    assert_eq!(told.about("lock"), [""; 0]);
}

#[test]
fn without_locks_nothing_goes_stale() {
    let mut seat = Seat::reading("", "queue_lock = false", "service_time = \"4s\"");
    seat.heard = false;
    seat.gets("t/b/0", &["shop#1@0", "shop#2@1"]);
    assert_eq!(seat.until(8.0).notes_of("finished").len(), 2);
}

#[test]
fn after_a_crash_it_knows_nothing_and_claims_in_another_life() {
    let mut seat = Seat::reading("", "", "service_time = \"1s\"");
    seat.gets("t/b/0", &["shop#1@0"]);
    seat.bench.crashes();
    seat.bench.start();
    assert_eq!(seat.until(1.0).noted, [""; 0]);
    seat.routed(1);
    seat.joined(&["c1", "c2"]);
    assert_eq!(seat.lease("t/b/0").life, Life::nth(2));
}

#[test]
fn news_about_another_topic_changes_nothing() {
    let mut seat = Seat::reading("", "", "publishes = \"out\"");
    let out = seat.bench.route("out", 2, &[("b", 2, "b")]);
    assert_eq!(seat.hears("nameserver", out).sent, [""; 0], "the topic that it reads is still led in epoch 1");
}
