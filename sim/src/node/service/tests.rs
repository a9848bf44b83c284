//! A service alone: workers, waiting room, refusals.

use crate::kernel::Distribution;
use crate::node::harness::{Bench, TurnOutcome, secs};
use crate::plan::Setting;
use crate::protocol::Packet;

fn database(settings: &str) -> Bench {
    let mut bench = Bench::new(
        &format!(
            r#"
            [[services]]
            name = "db"
            service_time = "10ms"
            {settings}
            [[producers]]
            name = "shop"
            calls = "db"
            interval = "1s""#
        ),
        "db",
    );
    bench.start();
    bench
}

fn call(bench: &mut Bench, name: &str) -> TurnOutcome {
    let call = bench.message(name);
    bench.hears("shop", Packet::Call { call })
}

#[test]
fn each_worker_is_at_one_call_and_the_others_wait_in_line() {
    let mut bench = database("workers = 2");
    for (number, noted) in [(1, vec!["serving shop#1"]), (2, vec!["serving shop#2"]), (3, vec![]), (4, vec![])] {
        assert_eq!(call(&mut bench, &format!("shop#{number}")).noted, noted);
    }
    let told = bench.until(0.010);
    assert_eq!(told.noted, ["served shop#1", "serving shop#3", "served shop#2", "serving shop#4"]);
    assert_eq!(told.sent, ["shop: call shop#1 served", "shop: call shop#2 served"]);
    assert_eq!(bench.until(0.020).noted, ["served shop#3", "served shop#4"]);
    assert_eq!(bench.until(1.0).noted, [""; 0]);
}

#[test]
fn calls_beyond_the_waiting_room_are_refused() {
    let mut bench = database("queue_limit = 2");
    for number in 1..=3 {
        assert_eq!(call(&mut bench, &format!("shop#{number}")).sent, [""; 0]);
    }
    let told = call(&mut bench, "shop#4");
    assert_eq!(
        (told.noted, told.sent),
        (vec!["refused shop#4".to_owned()], vec!["shop: call shop#4 refused".to_owned()])
    );
    bench.until(0.010);
    assert_eq!(call(&mut bench, "shop#5").noted, [""; 0], "there is room again");
}

#[test]
fn without_a_waiting_room_a_free_worker_still_takes_a_call() {
    let mut bench = database("queue_limit = 0");
    assert_eq!(call(&mut bench, "shop#1").noted, ["serving shop#1"]);
    assert_eq!(call(&mut bench, "shop#2").noted, ["refused shop#2"]);
}

#[test]
fn while_it_is_slow_its_time_is_multiplied() {
    let mut bench = database("");
    call(&mut bench, "shop#1");
    bench.slow(3.0);
    call(&mut bench, "shop#2");
    assert_eq!(bench.until(0.010).noted, ["served shop#1", "serving shop#2"], "what has begun goes on as it began");
    assert_eq!(bench.until(0.039).noted, [""; 0]);
    assert_eq!(bench.until(0.040).noted, ["served shop#2"]);
    bench.slow(1.0);
    call(&mut bench, "shop#3");
    assert_eq!(bench.until(0.050).noted, ["served shop#3"]);
}

#[test]
fn more_workers_begin_at_once_and_fewer_end_what_they_are_at() {
    let mut bench = database("");
    for number in 1..=5 {
        call(&mut bench, &format!("shop#{number}"));
    }
    assert_eq!(bench.set(Setting::Workers(3)).noted, ["serving shop#2", "serving shop#3"]);
    assert_eq!(bench.set(Setting::Workers(1)).noted, [""; 0]);
    assert_eq!(bench.until(0.010).noted, ["served shop#1", "served shop#2", "served shop#3", "serving shop#4"]);
}

#[test]
fn a_changed_time_and_waiting_room_count_from_then_on() {
    let mut bench = database("");
    bench.set(Setting::ServiceTime(Distribution::Constant(secs(1.0))));
    bench.set(Setting::QueueLimit(0));
    call(&mut bench, "shop#1");
    assert_eq!(call(&mut bench, "shop#2").noted, ["refused shop#2"]);
    assert_eq!(bench.until(0.999).noted, [""; 0]);
    assert_eq!(bench.until(1.0).noted, ["served shop#1"]);
}

#[test]
fn a_crash_forgets_who_waited() {
    let mut bench = database("");
    call(&mut bench, "shop#1");
    call(&mut bench, "shop#2");
    bench.crashes();
    bench.start();
    assert_eq!(bench.until(1.0).noted, [""; 0]);
    assert_eq!(call(&mut bench, "shop#3").noted, ["serving shop#3"]);
}

#[test]
fn a_call_is_served_because_it_was_called() {
    let mut bench = database("");
    call(&mut bench, "shop#1");
    let told = bench.until(0.010);
    assert_eq!(told.packets, [(bench.id("shop"), Packet::CallAnswer { call: bench.message("shop#1"), served: true })]);
}
