//! When a producer begins its messages, and how it calls.

use crate::kernel::Distribution;
use crate::node::harness::{Bench, secs};
use crate::plan::Setting;
use crate::protocol::{Packet, SendOutcome};

fn shop(settings: &str) -> Bench {
    let mut bench = Bench::new(
        &format!(
            r#"
            [[brokers]]
            name = "b"
            [[services]]
            name = "db"
            [[topics]]
            name = "t"
            queues = {{ b = 1 }}
            [[producers]]
            name = "shop"
            {settings}"#
        ),
        "shop",
    );
    bench.start();
    if settings.contains("topic") {
        let route = bench.route("t", 1, &[("b", 1, "b")]);
        bench.hears("nameserver", route);
    }
    bench
}

#[test]
fn the_first_message_comes_one_interval_after_the_start() {
    let mut bench = shop("topic = \"t\"\ninterval = \"400ms\"");
    assert_eq!(
        bench.until(1.3).timed("attempt 1"),
        [
            "400ms b: send shop#1 to t/b/0, attempt 1",
            "800ms b: send shop#2 to t/b/0, attempt 1",
            "1.2s b: send shop#3 to t/b/0, attempt 1"
        ]
    );
}

#[test]
fn sends_do_not_wait_for_each_other_and_intervals_are_drawn_anew() {
    let mut bench =
        shop("topic = \"t\"\ninterval = { uniform = [\"10ms\", \"30ms\"] }\nretries = 0\nsend_timeout = \"100s\"");
    let told = bench.until(20.0);
    let times: Vec<u64> = told.records.iter().map(|record| record.at.0).collect();
    let gaps: Vec<u64> = times.windows(2).map(|pair| (pair[1] - pair[0]) / 1_000_000).collect();
    assert!((900..1100).contains(&times.len()), "{}", times.len());
    assert!(gaps.iter().all(|gap| (10..=30).contains(gap)) && gaps.iter().any(|gap| *gap != gaps[0]), "{gaps:?}");
}

#[test]
fn a_burst_comes_at_its_time_all_at_once_however_large() {
    let mut bench = shop("topic = \"t\"\nbursts = [{ at = \"2s\", count = 1000 }]");
    assert_eq!(bench.until(1.9).about("send").len(), 0);
    let told = bench.until(2.0);
    assert_eq!((told.timed("2s b: send").len(), told.about("shop#1000 ").len()), (1000, 1));
}

#[test]
fn no_more_messages_begin_than_allowed() {
    let mut bench = shop("topic = \"t\"\ninterval = \"100ms\"\nmessages = 7\nbursts = [{ at = \"250ms\", count = 3 }]");
    let told = bench.until(5.0);
    assert_eq!(told.about("attempt 1").len(), 7);
}

#[test]
fn nothing_begins_once_it_stops() {
    let mut bench = shop("topic = \"t\"\ninterval = \"100ms\"\nstops = \"450ms\"");
    assert_eq!(bench.until(5.0).about("attempt 1").len(), 4);
    let mut exactly = shop("topic = \"t\"\ninterval = \"100ms\"\nstops = \"400ms\"");
    assert_eq!(exactly.until(5.0).about("attempt 1").len(), 3, "at the moment of stopping it has stopped");
}

#[test]
fn numbers_go_on_over_a_crash_and_what_was_under_way_is_forgotten() {
    let mut bench = shop("topic = \"t\"\ninterval = \"1s\"");
    bench.until(2.5);
    bench.crashes();
    bench.sleeps_until(5.0);
    let started = bench.start();
    assert!(started.about("heartbeat of life 2").len() == 1, "{started:?}");
    let route = bench.route("t", 1, &[("b", 2, "b")]);
    bench.hears("nameserver", route);
    assert_eq!(bench.until(6.5).timed("send"), ["6s b: send shop#3 to t/b/0, attempt 1"]);
    let message = bench.message("shop#2");
    let told = bench.hears("b", Packet::SendAnswer { message, attempt: 1, outcome: SendOutcome::Accepted });
    assert_eq!(told.noted, [""; 0], "that was in another life");
}

#[test]
fn a_burst_that_passed_while_it_was_down_does_not_come() {
    let mut bench = shop("topic = \"t\"\nbursts = [{ at = \"2s\", count = 5 }, { at = \"4s\", count = 1 }]");
    bench.crashes();
    bench.sleeps_until(3.0);
    bench.start();
    assert_eq!(bench.until(5.0).notes_of("unrouted"), ["unrouted shop#1"]);
}

#[test]
fn a_changed_interval_counts_from_the_last_message() {
    let mut bench = shop("topic = \"t\"\ninterval = \"10s\"");
    bench.until(11.0);
    bench.set(Setting::Interval(Distribution::Constant(secs(3.0))));
    assert_eq!(
        bench.until(17.0).timed("attempt 1"),
        ["13s b: send shop#2 to t/b/0, attempt 1", "16s b: send shop#3 to t/b/0, attempt 1"]
    );
    bench.set(Setting::Interval(Distribution::Constant(secs(0.5))));
    let soon = bench.until(19.9);
    assert_eq!(soon.timed("attempt 1").first(), Some(&"17s b: send shop#4 to t/b/0, attempt 1"), "it is past: now");
    assert_eq!(soon.about("attempt 1").len(), 6, "the timer of the old interval, at 19 s, is void");
}

#[test]
fn a_call_is_answered_or_not_in_one_attempt() {
    let mut bench = shop("calls = \"db\"\ninterval = \"1s\"\nsend_timeout = \"1500ms\"");
    let told = bench.until(2.0);
    assert_eq!(told.noted, ["called shop#1 at db", "called shop#2 at db"]);
    let (first, second) = (bench.message("shop#1"), bench.message("shop#2"));
    assert_eq!(bench.hears("db", Packet::CallAnswer { call: second, served: true }).noted, ["answered shop#2"]);
    let told = bench.until(2.6);
    assert_eq!(told.noted, ["unanswered shop#1"]);
    assert_eq!(bench.hears("db", Packet::CallAnswer { call: first, served: true }).noted, [""; 0], "too late");
    assert_eq!(told.about("call"), [""; 0], "one attempt");
}

#[test]
fn a_refused_call_has_ended() {
    let mut bench = shop("calls = \"db\"\ninterval = \"1s\"\nmessages = 1");
    bench.until(1.0);
    let call = bench.message("shop#1");
    assert_eq!(bench.hears("db", Packet::CallAnswer { call, served: false }).noted, [""; 0]);
    assert_eq!(bench.until(9.0).noted, [""; 0]);
}

#[test]
fn calls_to_a_process_that_has_ended_are_unanswered_at_once() {
    let mut bench = shop("calls = \"db\"\nbursts = [{ at = \"1s\", count = 2 }]");
    bench.until(1.0);
    assert_eq!(bench.hears("b", Packet::Closed).noted, [""; 0]);
    assert_eq!(bench.hears("db", Packet::Closed).noted, ["unanswered shop#1", "unanswered shop#2"]);
}
