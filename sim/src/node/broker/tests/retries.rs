//! Messages that failed: handed out again when they are due, and dead letters in the end.

use super::{
    Bench, FAILED, Fate, appoint, commit, depart, lease, lock, master_with, outcome_packet, pull, pull_numbered,
    send_many,
};
use crate::plan::{Epoch, GroupSlot, Offset, QueueSlot};
use crate::protocol::{Packet, Pull, ReadLease};
use crate::storage::PullId;

/// c1 reads, and the first message has failed once, at zero seconds.
fn failed_once() -> Bench {
    let mut bench = master_with("", "", "retry_delay = \"1s\"");
    send_many(&mut bench, 2);
    lock(&mut bench, "c1");
    pull(&mut bench, "c1", 0);
    let told = outcome_packet(&mut bench, "c1", "shop#1@0", 1, FAILED);
    assert_eq!(told.noted, ["retried shop#1"]);
    assert_eq!(told.sent, ["c1: settling shop#1@0 heard"]);
    bench
}

#[test]
fn a_retry_that_is_due_wakes_a_held_pull() {
    let mut bench = failed_once();
    assert_eq!(pull_numbered(&mut bench, "c1", 2, 2, 1).noted, ["held t/b/0"]);
    let told = bench.until(1.0);
    assert_eq!(told.timed("pulled"), ["1s c1: pulled t/b/0: [shop#1@0 again after 1] next 2"]);
    assert_eq!(told.noted, ["woken t/b/0", "delivered t/b/0 0..1"]);
}

#[test]
fn a_retry_comes_before_the_log_and_within_the_batch() {
    let mut bench = failed_once();
    bench.until(1.0);
    let more = ["shop#3", "shop#4", "shop#5"];
    for message in more {
        super::send(&mut bench, message);
    }
    assert_eq!(
        pull_numbered(&mut bench, "c1", 2, 2, 1).sent,
        ["c1: pulled t/b/0: [shop#1@0 again after 1, shop#3@2, shop#4@3] next 4"]
    );
}

#[test]
fn a_failure_that_is_reported_twice_counts_once() {
    let mut bench = failed_once();
    let again = outcome_packet(&mut bench, "c1", "shop#1@0", 1, FAILED);
    assert_eq!((again.noted.len(), again.sent), (0, vec!["c1: settling shop#1@0 heard".to_owned()]));
    bench.until(5.0);
    assert_eq!(pull_numbered(&mut bench, "c1", 2, 2, 1).about("again").len(), 1);
    outcome_packet(&mut bench, "c1", "shop#1@0", 2, Fate::Done { of: 1 });
    let late = outcome_packet(&mut bench, "c1", "shop#1@0", 1, FAILED);
    assert_eq!(late.noted, [""; 0], "it is done, whatever comes late");
    bench.until(10.0);
    lock(&mut bench, "c1");
    assert_eq!(pull_numbered(&mut bench, "c1", 2, 3, 2).noted, ["held t/b/0"], "to nobody, whoever reads next");
}

#[test]
fn each_processing_that_fails_brings_a_retry_of_its_own() {
    let mut bench = failed_once();
    bench.until(0.5);
    // It was delivered from the log once more, as after a crash, and has failed again.
    let told = outcome_packet(&mut bench, "c1", "shop#1@0", 2, FAILED);
    assert_eq!(told.noted, ["retried shop#1"]);
    pull_numbered(&mut bench, "c1", 2, 2, 1);
    assert_eq!(bench.until(1.0).about("again"), ["c1: pulled t/b/0: [shop#1@0 again after 1] next 2"]);
    outcome_packet(&mut bench, "c1", "shop#1@0", 3, Fate::Done { of: 1 });
    pull_numbered(&mut bench, "c1", 2, 3, 2);
    assert_eq!(bench.until(9.0).timed("again"), ["1.5s c1: pulled t/b/0: [shop#1@0 again after 1] next 2"]);
    outcome_packet(&mut bench, "c1", "shop#1@0", 4, Fate::Done { of: 2 });
    assert!(super::broker(&mut bench).group_state(QueueSlot(0), GroupSlot(0)).retries.is_empty());
}

#[test]
fn delays_may_grow_with_each_failure() {
    let mut bench = master_with("", "", "retry_delay = [\"1s\", \"5s\"]");
    send_many(&mut bench, 1);
    lock(&mut bench, "c1");
    pull(&mut bench, "c1", 0);
    for (failures, serial, wait) in [(1, 2, 1.0), (2, 3, 6.0), (3, 4, 11.0)] {
        let of = (failures > 1).then(|| failures - 1);
        outcome_packet(&mut bench, "c1", "shop#1@0", failures, Fate::Retry { failures, of });
        pull_numbered(&mut bench, "c1", 1, serial, serial - 1);
        assert_eq!(bench.until(wait - 0.001).about("again"), [""; 0]);
        assert_eq!(bench.until(wait).about("again").len(), 1, "after {failures} failures");
    }
}

#[test]
fn a_dead_letter_is_one_once() {
    let mut bench = failed_once();
    let told = outcome_packet(&mut bench, "c1", "shop#1@0", 2, Fate::Dead { of: Some(1) });
    assert_eq!(told.noted, ["dead letter shop#1"]);
    let again = outcome_packet(&mut bench, "c1", "shop#1@0", 2, Fate::Dead { of: Some(1) });
    assert_eq!((again.noted.len(), again.sent), (0, vec!["c1: settling shop#1@0 heard".to_owned()]));
    bench.until(5.0);
    assert_eq!(pull_numbered(&mut bench, "c1", 2, 2, 1).noted, ["held t/b/0"], "it comes no more");
}

#[test]
fn what_was_handed_out_comes_again_to_a_new_reader() {
    let mut bench = failed_once();
    bench.until(1.0);
    assert_eq!(pull_numbered(&mut bench, "c1", 2, 2, 1).about("again").len(), 1);
    depart(&mut bench, "c1", 1, 1);
    lock(&mut bench, "c2");
    assert_eq!(pull(&mut bench, "c2", 2).sent, ["c2: pulled t/b/0: [shop#1@0 again after 1] next 2"]);
}

#[test]
fn what_was_handed_out_in_an_answer_that_was_missed_comes_again() {
    let mut bench = failed_once();
    bench.until(1.0);
    pull_numbered(&mut bench, "c1", 2, 2, 1);
    assert_eq!(pull_numbered(&mut bench, "c1", 2, 3, 1).about("again").len(), 1, "the second answer was lost");
    assert_eq!(pull_numbered(&mut bench, "c1", 2, 4, 3).noted, ["held t/b/0"], "the third was not");
}

#[test]
fn without_its_claim_a_consumer_settles_nothing() {
    let mut bench = failed_once();
    let told = outcome_packet(&mut bench, "c2", "shop#2@1", 1, Fate::Dead { of: None });
    assert_eq!((told.noted.len(), told.sent), (0, vec!["c2: settling shop#2@1 refused".to_owned()]));
}

#[test]
fn where_messages_are_committed_on_receipt_the_word_of_their_only_owner_counts() {
    let mut bench = master_with("", "", "ack = \"before\"");
    send_many(&mut bench, 1);
    lock(&mut bench, "c1");
    pull(&mut bench, "c1", 0);
    commit(&mut bench, "c1", 1);
    depart(&mut bench, "c1", 1, 1);
    lock(&mut bench, "c2");
    let told = outcome_packet(&mut bench, "c1", "shop#1@0", 1, FAILED);
    assert_eq!(
        (told.noted, told.sent),
        (vec!["retried shop#1".to_owned()], vec!["c1: settling shop#1@0 heard".to_owned()])
    );
}

#[test]
fn retries_survive_a_crash_and_come_when_due() {
    let mut bench = failed_once();
    bench.crashes();
    bench.sleeps_until(0.5);
    bench.start();
    appoint(&mut bench, 2);
    let lease = ReadLease { epoch: Epoch::nth(2), ..lease(&bench, "c1") };
    bench.hears("c1", Packet::Lock { lease, sent_at: bench.now() });
    let pull = Pull { offset: Offset(2), batch: 3, id: PullId::FIRST, received: None };
    bench.hears("c1", Packet::Pull { lease, pull });
    assert_eq!(bench.until(3.0).timed("again"), ["1s c1: pulled t/b/0: [shop#1@0 again after 1] next 2"]);
}

#[test]
fn a_message_may_fail_again_before_its_broker_forgets_the_first_time() {
    let mut bench = failed_once();
    bench.until(1.0);
    pull_numbered(&mut bench, "c1", 2, 2, 1);
    let again = Fate::Retry { failures: 2, of: Some(1) };
    assert_eq!(outcome_packet(&mut bench, "c1", "shop#1@0", 2, again).noted, ["retried shop#1"]);
    outcome_packet(&mut bench, "c1", "shop#1@0", 3, Fate::Done { of: 1 });
    pull_numbered(&mut bench, "c1", 2, 3, 2);
    assert_eq!(
        bench.until(2.0).about("again"),
        ["c1: pulled t/b/0: [shop#1@0 again after 2] next 2"],
        "an old word ends no later turn"
    );
}

/// Without locks c1 and c2 read, and c1 has been handed the first message for the second time.
fn handed_out_without_locks() -> Bench {
    let mut bench = master_with("", "", "queue_lock = false\nretry_delay = \"1s\"");
    send_many(&mut bench, 1);
    lock(&mut bench, "c1");
    lock(&mut bench, "c2");
    outcome_packet(&mut bench, "c1", "shop#1@0", 1, FAILED);
    bench.until(1.0);
    assert_eq!(pull(&mut bench, "c1", 1).about("again").len(), 1);
    assert_eq!(pull(&mut bench, "c2", 1).noted, ["held t/b/0"]);
    bench
}

#[test]
fn a_retry_in_the_hands_of_one_who_died_goes_to_another_one() {
    let mut bench = handed_out_without_locks();
    depart(&mut bench, "c1", 1, 1);
    assert_eq!(pull_numbered(&mut bench, "c2", 1, 2, 1).about("again").len(), 1);
}

#[test]
fn in_a_new_epoch_no_retry_is_in_anybodys_hands() {
    let mut bench = handed_out_without_locks();
    appoint(&mut bench, 2);
    let lease = ReadLease { epoch: Epoch::nth(2), ..lease(&bench, "c2") };
    let pull = Pull { offset: Offset(1), batch: 3, id: PullId::FIRST, received: None };
    assert_eq!(bench.hears("c2", Packet::Pull { lease, pull }).about("again").len(), 1);
}

#[test]
fn who_takes_its_lock_anew_gets_its_retries_again() {
    let mut bench = failed_once();
    bench.until(1.0);
    pull_numbered(&mut bench, "c1", 2, 2, 1);
    lock(&mut bench, "c1");
    assert_eq!(pull_numbered(&mut bench, "c1", 2, 3, 2).about("again").len(), 1);
}

#[test]
fn no_more_retries_are_handed_out_than_a_batch_holds() {
    let mut bench = master_with("", "", "retry_delay = \"1s\"");
    send_many(&mut bench, 5);
    lock(&mut bench, "c1");
    for number in 1..=5 {
        outcome_packet(&mut bench, "c1", &format!("shop#{number}@{}", number - 1), number, FAILED);
    }
    bench.until(1.0);
    let told = pull(&mut bench, "c1", 5);
    assert_eq!(told.sent[0].matches("again").count(), 3, "{}", told.sent[0]);
    assert_eq!(pull_numbered(&mut bench, "c1", 5, 2, 1).sent[0].matches("again").count(), 2);
}
