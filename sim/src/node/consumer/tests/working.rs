//! Threads at work: what begins when, what a failure leads to, and what is told to the broker.

use super::Seat;
use crate::kernel::{Distribution, Time};
use crate::node::Timer;
use crate::node::harness::secs;
use crate::plan::{Offset, Setting};
use crate::protocol::{Packet, SendOutcome};

const FIVE: [&str; 5] = ["shop#1@0", "shop#2@1", "shop#3@2", "shop#4@3", "shop#5@4"];

#[test]
fn it_pulls_ahead_up_to_a_batch() {
    let mut seat = Seat::reading("", "batch = 3", "service_time = \"1s\"");
    let first = seat.gets("t/b/0", &FIVE[..3]);
    assert_eq!(first.sent, ["b: pull t/b/0 from 3"], "one begun, two left: less than a batch");
    assert_eq!(seat.gets("t/b/0", &FIVE[3..]).sent, [""; 0], "four left");
    assert_eq!(seat.until(1.0).timed("pull"), [""; 0], "three left");
    assert_eq!(seat.until(2.0).timed("pull"), ["2s b: pull t/b/0 from 5"], "two left");
}

#[test]
fn each_thread_is_at_one_message() {
    let mut seat = Seat::reading("", "", "service_time = \"1s\"\nthreads = 2");
    assert_eq!(seat.gets("t/b/0", &FIVE).noted, ["started shop#1@0", "started shop#2@1"]);
    assert_eq!(seat.until(1.0).noted.len(), 4, "two finished, two started");
    assert_eq!(seat.bench.set(Setting::Threads(4)).noted, ["started shop#5@4"]);
}

#[test]
fn a_message_is_done_after_its_service_time_and_then_committed() {
    let mut seat = Seat::reading("", "", "service_time = \"100ms\"");
    seat.gets("t/b/0", &FIVE[..2]);
    let told = seat.until(1.0);
    assert_eq!(told.timed("commit"), ["100ms b: commit t/b/0 to 1", "200ms b: commit t/b/0 to 2"]);
    assert_eq!(told.noted, ["finished shop#1@0", "started shop#2@1", "finished shop#2@1"]);
}

#[test]
fn while_it_is_slow_or_changed_its_time_is_another() {
    let mut seat = Seat::reading("", "", "service_time = \"100ms\"");
    seat.bench.slow(2.0);
    seat.gets("t/b/0", &FIVE[..3]);
    assert_eq!(seat.until(0.2).timed("commit"), ["200ms b: commit t/b/0 to 1"]);
    seat.bench.slow(1.0);
    seat.bench.set(Setting::ServiceTime(Distribution::Constant(secs(0.05))));
    assert_eq!(seat.until(0.5).timed("commit"), ["400ms b: commit t/b/0 to 2", "450ms b: commit t/b/0 to 3"]);
}

#[test]
fn what_is_committed_is_the_position_before_which_all_is_done() {
    let mut seat = Seat::reading("", "", "service_time = \"1s\"\nthreads = 2");
    seat.gets("t/b/0", &FIVE[..1]);
    seat.until(0.5);
    seat.bench.set(Setting::ServiceTime(Distribution::Constant(secs(0.1))));
    seat.gets("t/b/0", &FIVE[1..3]);
    assert_eq!(seat.until(0.9).about("commit"), [""; 0], "the first is not done");
    assert_eq!(seat.until(1.0).about("commit"), ["b: commit t/b/0 to 3"]);
}

#[test]
fn commits_wait_for_their_interval() {
    let mut seat = Seat::reading("timers.commit = \"2s\"", "", "service_time = \"300ms\"");
    seat.gets("t/b/0", &FIVE);
    assert_eq!(seat.until(1.9).about("commit"), [""; 0]);
    assert_eq!(seat.until(2.0).timed("commit"), ["2s b: commit t/b/0 to 5"]);
    seat.commit_heard("t/b/0", 5);
    assert_eq!(seat.until(9.0).about("commit"), [""; 0], "nothing new");
}

#[test]
fn who_commits_at_once_has_no_clock_for_it() {
    let clocks = |interval: &str| {
        let mut seat = Seat::new(interval, "", "");
        let told = seat.bench.start();
        told.wakes.into_iter().filter(|(_, timer)| *timer == Timer::Commit).map(|(at, _)| at).collect::<Vec<_>>()
    };
    assert_eq!(clocks("timers.commit = \"2s\""), [Time::ZERO + secs(2.0)]);
    assert_eq!(clocks("timers.commit = \"0s\""), []);
}

#[test]
fn a_commit_is_repeated_until_it_is_answered() {
    let mut seat = Seat::reading("", "", "");
    seat.gets("t/b/0", &FIVE[..1]);
    assert_eq!(
        seat.until(2.0).timed("commit"),
        ["0s b: commit t/b/0 to 1", "1s b: commit t/b/0 to 1", "2s b: commit t/b/0 to 1"]
    );
    seat.commit_heard("t/b/0", 1);
    assert_eq!(seat.until(5.0).about("commit"), [""; 0]);
}

#[test]
fn a_refused_commit_drops_the_claim() {
    let mut seat = Seat::reading("", "", "service_time = \"400ms\"");
    seat.gets("t/b/0", &FIVE);
    seat.until(0.4);
    let lease = seat.lease("t/b/0");
    seat.hears("b", Packet::CommitAnswer { lease, offset: Offset(1), held: false });
    let told = seat.until(1.0);
    assert_eq!(told.noted, ["finished shop#2@1"], "what it had in hand");
    assert_eq!(told.about("b:"), ["b: lock t/b/0 in epoch 1"], "nothing more to commit; asked for at the rebalance");
}

#[test]
fn an_ordered_group_has_one_message_of_a_queue_in_hand() {
    let mut seat = Seat::reading("", "ordered = true", "service_time = \"1s\"\nthreads = 4");
    assert_eq!(seat.gets("t/b/0", &FIVE[..3]).noted, ["started shop#1@0"]);
    assert_eq!(seat.until(1.0).noted, ["finished shop#1@0", "started shop#2@1"]);
}

#[test]
fn an_ordered_groups_failure_waits_in_place_and_holds_up_its_queue() {
    let settings = "ordered = true\nmax_retries = 2\nretry_delay = \"1s\"";
    let mut seat = Seat::reading("", settings, "service_time = \"100ms\"\nfailure_rate = 1.0");
    seat.gets("t/b/0", &FIVE[..2]);
    let told = seat.until(1.1);
    assert_eq!(told.noted, ["failed shop#1@0", "retried shop#1", "started shop#1@0"]);
    assert_eq!(told.about("settle"), [""; 0]);
    let dead = seat.until(2.3);
    assert_eq!(dead.notes_of("shop#1").last(), Some(&"failed shop#1@0"));
    assert_eq!(dead.timed("settle"), ["2.3s b: settle shop#1@0: dead letter"]);
    assert_eq!(dead.notes_of("shop#2"), ["started shop#2@1"], "then the next one begins");
}

#[test]
fn a_failed_message_goes_back_to_its_broker_and_then_counts_as_done() {
    let mut seat = Seat::reading("", "", "service_time = \"100ms\"\nfailure_rate = 1.0");
    seat.gets("t/b/0", &FIVE[..1]);
    let told = seat.until(0.1);
    assert_eq!(told.noted, ["failed shop#1@0"]);
    assert_eq!(told.about("b:"), ["b: settle shop#1@0: retry 1"], "no commit passes it before the broker has it");
    assert_eq!(seat.settling_heard("t/b/0", "shop#1@0").sent, ["b: commit t/b/0 to 1"]);
}

#[test]
fn what_became_of_a_message_is_repeated_until_it_is_answered() {
    let mut seat = Seat::reading("", "", "failure_rate = 1.0");
    seat.gets("t/b/0", &FIVE[..1]);
    assert_eq!(seat.until(2.0).timed("settle").len(), 3);
    seat.settling_heard("t/b/0", "shop#1@0");
    let told = seat.until(5.0);
    assert_eq!(told.about("settle"), [""; 0]);
    assert_eq!(seat.settling_heard("t/b/0", "shop#1@0").sent, [""; 0], "an answer that comes twice");
}

#[test]
fn after_its_retries_a_message_is_a_dead_letter() {
    let mut seat = Seat::reading("", "max_retries = 3", "failure_rate = 1.0");
    seat.gets("t/b/0", &["shop#1@0 again after 2", "shop#2@1 again after 3"]);
    let told = seat.until(0.0);
    assert_eq!(told.about("settle"), ["b: settle shop#1@0: retry 3", "b: settle shop#2@1: dead letter"]);
}

#[test]
fn a_retry_that_is_done_is_settled_and_moves_no_offset() {
    let mut seat = Seat::reading("", "", "");
    seat.gets("t/b/0", &["shop#1@0 again after 1"]);
    let told = seat.until(0.0);
    assert_eq!(told.about("b:"), ["b: settle shop#1@0: done"]);
}

#[test]
fn a_retry_that_fails_where_another_message_lies_by_now_counts_as_nothing() {
    // The log was cut at the second offset; the retry of what lay there is older than the message that lies there now.
    let mut seat = Seat::reading("", "", "service_time = \"100ms\"\nfailure_rate = 1.0");
    seat.gets("t/b/0", &["shop#9@1 again after 1", "shop#1@0"]);
    let told = seat.until(0.2);
    assert_eq!(told.about("settle"), ["b: settle shop#9@1: retry 2", "b: settle shop#1@0: retry 1"]);
    assert_eq!(seat.settling_heard("t/b/0", "shop#9@1").about("commit"), [""; 0]);
    assert_eq!(seat.settling_heard("t/b/0", "shop#1@0").about("commit"), ["b: commit t/b/0 to 1"], "and no further");
}

#[test]
fn a_poisoned_message_fails_every_time_and_others_never() {
    let mut seat = Seat::reading("", "max_retries = 1000", "poison_rate = 0.3");
    let names: Vec<String> = (1..=32).map(|n| format!("shop#{n}@{}", n - 1)).collect();
    seat.gets("t/b/0", &names.iter().map(String::as_str).collect::<Vec<_>>());
    let first = seat.until(0.0);
    let failed: Vec<String> = first.notes_of("failed").iter().map(|note| (*note).to_owned()).collect();
    assert!((3..=16).contains(&failed.len()), "{failed:?}");
    let again: Vec<String> = names.iter().map(|name| format!("{name} again after 1")).collect();
    seat.gets("t/b/0", &again.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(seat.until(0.0).notes_of("failed"), failed);
}

#[test]
fn an_idempotent_consumer_skips_what_its_group_has_done() {
    let mut seat = Seat::reading("", "deduplicate = true", "service_time = \"1s\"");
    seat.bench.is_done("shop#1");
    let told = seat.gets("t/b/0", &FIVE[..2]);
    assert_eq!(told.noted, ["deduplicated shop#1@0", "started shop#2@1"]);
    assert_eq!(told.about("commit"), ["b: commit t/b/0 to 1"]);
    let mut other = Seat::reading("", "", "service_time = \"1s\"");
    other.bench.is_done("shop#1");
    assert_eq!(other.gets("t/b/0", &FIVE[..2]).noted, ["started shop#1@0"]);
}

#[test]
fn at_most_once_commits_a_batch_on_receipt() {
    let mut seat = Seat::reading("", "ack = \"before\"", "service_time = \"1s\"");
    let told = seat.gets("t/b/0", &["shop#9@7 again after 1", "shop#1@0", "shop#2@1"]);
    assert_eq!(told.about("b: commit"), ["b: commit t/b/0 to 2"]);
    assert_eq!(told.about("settle"), ["b: settle shop#9@7: done"]);
    seat.commit_heard("t/b/0", 2);
    seat.settling_heard("t/b/0", "shop#9@7");
    assert_eq!(seat.until(3.0).about("b:"), [""; 0], "and not again when it is done");
}

#[test]
fn a_call_that_is_answered_ends_the_processing() {
    let mut seat = Seat::reading("", "", "service_time = \"10ms\"\ncalls = \"db\"");
    seat.gets("t/b/0", &FIVE[..1]);
    let told = seat.until(0.010);
    assert_eq!((told.noted, told.sent), (vec!["called c1#1 at db".to_owned()], vec!["db: call c1#1".to_owned()]));
    let call = seat.bench.message("c1#1");
    let done = seat.hears("db", Packet::CallAnswer { call, served: true });
    assert_eq!(done.noted, ["answered c1#1", "finished shop#1@0"]);
    assert_eq!(done.about("commit"), ["b: commit t/b/0 to 1"]);
    assert_eq!(seat.until(20.0).noted, [""; 0], "the patience for it has no more to say");
}

#[test]
fn a_call_that_is_refused_closed_or_not_answered_is_a_failure() {
    let settings = "calls = \"db\"\ncall_timeout = \"2s\"";
    let mut refused = Seat::reading("", "", settings);
    refused.gets("t/b/0", &FIVE[..1]);
    refused.until(0.0);
    let call = refused.bench.message("c1#1");
    assert_eq!(refused.hears("db", Packet::CallAnswer { call, served: false }).noted, ["failed shop#1@0"]);

    let mut silent = Seat::reading("", "", settings);
    silent.gets("t/b/0", &FIVE[..1]);
    assert_eq!(silent.until(1.9).notes_of("failed"), [""; 0]);
    assert_eq!(silent.until(2.0).noted, ["unanswered c1#1", "failed shop#1@0"]);
    assert_eq!(silent.hears("db", Packet::CallAnswer { call, served: true }).noted, [""; 0], "too late");

    let mut closed = Seat::reading("", "", settings);
    closed.gets("t/b/0", &FIVE[..1]);
    closed.until(0.0);
    assert_eq!(closed.hears("db", Packet::Closed).noted, ["unanswered c1#1", "failed shop#1@0"]);
}

#[test]
fn what_it_publishes_for_must_be_accepted_before_it_is_done() {
    let mut seat = Seat::reading("", "", "publishes = \"out\"");
    seat.gets("t/b/0", &FIVE[..1]);
    let told = seat.until(0.0);
    assert_eq!(told.sent, ["b: send c1#1 to out/b/0, attempt 1"]);
    assert_eq!(told.notes_of("finished"), [""; 0]);
    let message = seat.bench.message("c1#1");
    let done = seat.hears("b", Packet::SendAnswer { message, attempt: 1, outcome: SendOutcome::Accepted });
    assert_eq!(done.noted, ["accepted c1#1", "finished shop#1@0"]);
}

#[test]
fn what_cannot_be_published_has_failed() {
    let mut seat = Seat::reading("", "", "publishes = \"out\"");
    seat.gets("t/b/0", &FIVE[..1]);
    let told = seat.until(3.0);
    assert_eq!(told.about("c1#1").len(), 3, "three attempts, a second each");
    assert_eq!(&told.noted[told.noted.len() - 2..], ["rejected c1#1", "failed shop#1@0"]);
    assert_eq!(told.about("settle"), ["b: settle shop#1@0: retry 1"]);
}

#[test]
fn messages_that_were_deleted_before_they_were_handed_out_hold_up_no_commit() {
    let mut seat = Seat::reading("", "", "service_time = \"500ms\"");
    assert_eq!(seat.gets("t/b/0", &["shop#8@7"]).about("commit"), ["b: commit t/b/0 to 7"]);
    seat.commit_heard("t/b/0", 7);
    assert_eq!(seat.until(0.5).about("commit"), ["b: commit t/b/0 to 8"]);
}

#[test]
fn it_is_busy_from_the_first_message_to_the_answer_of_the_last_commit() {
    let mut seat = Seat::reading("", "", "service_time = \"100ms\"");
    assert!(!seat.is_busy(), "an open pull is no work");
    seat.gets("t/b/0", &FIVE[..1]);
    assert!(seat.is_busy());
    seat.until(0.1);
    assert!(seat.is_busy(), "nobody has heard of what it has done");
    seat.commit_heard("t/b/0", 1);
    assert!(!seat.is_busy());
}

#[test]
fn it_is_busy_while_it_waits_for_what_it_publishes() {
    let mut seat = Seat::reading("", "", "publishes = \"out\"");
    seat.gets("t/b/0", &FIVE[..1]);
    seat.until(0.0);
    assert!(seat.is_busy());
}

#[test]
fn a_changed_failure_rate_holds_from_the_next_message_on() {
    let mut seat = Seat::reading("", "", "");
    seat.bench.set(Setting::FailureRate(1.0));
    assert_eq!(seat.gets("t/b/0", &FIVE[..1]).notes_of("started").len(), 1);
    assert_eq!(seat.until(0.0).notes_of("failed"), ["failed shop#1@0"]);
}
