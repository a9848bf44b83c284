//! Roles, the waiting room, and when a message is acknowledged.

use super::{appoint, broker, broker_with, commit, depart, lock, log, master, master_with, pull, send, send_many};
use crate::kernel::Distribution;
use crate::node::harness::secs;
use crate::plan::{Epoch, Setting};
use crate::protocol::Packet;

#[test]
fn it_refuses_everything_before_it_has_a_role() {
    let mut bench = broker_with("", "", "");
    let told = bench.start();
    assert_eq!(told.sent, ["nameserver: heartbeat of life 1: epoch 0, last 0, departure none"]);
    assert_eq!(send(&mut bench, "shop#1").sent, ["shop: shop#1 attempt 1 not master"]);
    assert_eq!(lock(&mut bench, "c1").sent, ["c1: denied t/b/0"]);
    assert_eq!(pull(&mut bench, "c1", 0).sent, ["c1: pull of t/b/0 refused"]);
    assert_eq!(commit(&mut bench, "c1", 1).sent, ["c1: commit of t/b/0 to 1 refused"]);
    let lease = super::lease(&bench, "c1");
    assert_eq!(bench.hears("c1", Packet::Unlock(lease)).sent, ["c1: unlocked t/b/0"], "there is nothing to let go");
    assert_eq!(depart(&mut bench, "c1", 1, 1).sent, [""; 0]);
}

#[test]
fn it_says_at_once_that_it_serves_and_repeats_it_with_each_heartbeat() {
    let mut bench = broker_with("", "", "");
    bench.start();
    let serves = "nameserver: heartbeat of life 1: epoch 4, last 4, departure none";
    assert_eq!(appoint(&mut bench, 4).sent, [serves]);
    assert_eq!(appoint(&mut bench, 4).sent, [""; 0], "the same word twice");
    assert_eq!(bench.until(2.0).sent, [serves, serves]);
    depart(&mut bench, "c1", 1, 1);
    let told = bench.until(3.0).sent;
    assert_eq!(
        told,
        [serves.replace("departure none", "departure 1.1")],
        "what it has heard it need not be told again"
    );
}

#[test]
fn a_lower_epoch_is_no_appointment() {
    let mut bench = master();
    appoint(&mut bench, 3);
    appoint(&mut bench, 2);
    assert_eq!(broker(&mut bench).master_in(), Epoch::new(3));
}

#[test]
fn after_a_crash_it_waits_for_its_role_and_remembers_its_epoch() {
    let mut bench = master();
    bench.crashes();
    let told = bench.start();
    assert_eq!(told.sent, ["nameserver: heartbeat of life 2: epoch 0, last 1, departure none"]);
    assert_eq!(send(&mut bench, "shop#1").sent, ["shop: shop#1 attempt 1 not master"]);
}

#[test]
fn it_does_not_serve_again_in_an_epoch_that_a_crash_has_ended() {
    let mut bench = master();
    bench.crashes();
    bench.start();
    appoint(&mut bench, 1);
    assert_eq!(send(&mut bench, "shop#1").sent, ["shop: shop#1 attempt 1 not master"]);
}

#[test]
fn a_message_is_stored_and_acknowledged_at_once_where_nothing_takes_time() {
    let mut bench = master();
    let told = send(&mut bench, "shop#1");
    assert_eq!(told.noted, ["stored shop#1 in t/b/0@0 in epoch 1"]);
    assert_eq!(told.sent, ["shop: shop#1 attempt 1 accepted"]);
    assert_eq!(send(&mut bench, "shop#1").noted, ["stored shop#1 in t/b/0@1 in epoch 1"], "a second copy is real");
}

#[test]
fn it_stores_one_message_at_a_time() {
    let mut bench = master_with("store_time = \"10ms\"", "", "");
    send_many(&mut bench, 3);
    assert_eq!(
        bench.until(0.1).timed("accepted"),
        [
            "10ms shop: shop#1 attempt 1 accepted",
            "20ms shop: shop#2 attempt 1 accepted",
            "30ms shop: shop#3 attempt 1 accepted"
        ]
    );
    assert_eq!(broker(&mut bench).pending_sends(), 0);
}

#[test]
fn beyond_the_waiting_room_it_refuses() {
    let mut bench = master_with("store_time = \"10ms\"\nstore_limit = 2", "", "");
    send_many(&mut bench, 3);
    assert_eq!(broker(&mut bench).pending_sends(), 3, "one under way and two that wait");
    assert_eq!(send(&mut bench, "shop#4").sent, ["shop: shop#4 attempt 1 full"]);
    bench.until(0.010);
    assert_eq!(send(&mut bench, "shop#5").sent, [""; 0], "there is room again");
    assert_eq!(send(&mut bench, "shop#6").sent, ["shop: shop#6 attempt 1 full"]);
    bench.set(Setting::StoreLimit(3));
    assert_eq!(send(&mut bench, "shop#6").sent, [""; 0], "there is more room");
}

#[test]
fn a_slow_broker_and_a_changed_store_time_count_from_the_next_message_on() {
    let mut bench = master_with("store_time = \"10ms\"", "", "");
    send_many(&mut bench, 3);
    bench.slow(2.0);
    assert_eq!(bench.until(0.030).timed("accepted").len(), 2, "ten as it began, twenty for the next");
    bench.set(Setting::StoreTime(Distribution::Constant(secs(0.001))));
    bench.until(0.050);
    send(&mut bench, "shop#4");
    assert_eq!(bench.until(0.1).timed("accepted"), ["52ms shop: shop#4 attempt 1 accepted"]);
}

#[test]
fn with_a_flush_that_takes_time_it_acknowledges_when_that_has_ended() {
    let mut bench = master_with("flush_time = \"5ms\"", "", "");
    assert_eq!(send(&mut bench, "shop#1").sent, [""; 0]);
    assert_eq!(bench.until(0.004).sent, [""; 0]);
    assert_eq!(bench.until(0.005).sent, ["shop: shop#1 attempt 1 accepted"]);
    assert_eq!(log(&mut bench), (0, 1, 1));
}

#[test]
fn one_flush_covers_all_that_is_stored_when_it_begins() {
    let mut bench = master_with("flush_time = \"10ms\"", "", "");
    send(&mut bench, "shop#1");
    bench.until(0.003);
    send(&mut bench, "shop#2");
    bench.until(0.007);
    send(&mut bench, "shop#3");
    let first = bench.until(0.010);
    assert_eq!(first.timed("accepted"), ["10ms shop: shop#1 attempt 1 accepted"]);
    assert_eq!(log(&mut bench), (0, 3, 1), "the other two came after it had begun");
    assert_eq!(
        bench.until(0.1).timed("accepted"),
        ["20ms shop: shop#2 attempt 1 accepted", "20ms shop: shop#3 attempt 1 accepted"]
    );
}

#[test]
fn an_asynchronous_flush_comes_at_whole_intervals_and_holds_up_nobody() {
    let mut bench = master_with("flush = \"async\"\nflush_interval = \"500ms\"", "", "");
    bench.until(0.7);
    assert_eq!(send(&mut bench, "shop#1").sent, ["shop: shop#1 attempt 1 accepted"]);
    bench.until(0.999);
    assert_eq!(log(&mut bench), (0, 1, 0));
    bench.until(1.0);
    assert_eq!(log(&mut bench), (0, 1, 1));
    send(&mut bench, "shop#2");
    bench.until(1.499);
    assert_eq!(log(&mut bench), (0, 2, 1));
    bench.until(1.5);
    assert_eq!(log(&mut bench), (0, 2, 2));
    assert_eq!(bench.until(5.0).about("accepted"), [""; 0]);
}

#[test]
fn what_waited_to_be_stored_is_forgotten_with_a_crash() {
    let mut bench = master_with("store_time = \"10ms\"", "", "");
    send_many(&mut bench, 3);
    bench.until(0.015);
    bench.crashes();
    bench.start();
    appoint(&mut bench, 2);
    assert_eq!(bench.until(1.0).about("accepted"), [""; 0]);
    assert_eq!(log(&mut bench), (0, 1, 1));
}
