//! What becomes of messages on their way: order, loss, receivers that are down, paused, or another life.

use super::{numbers, run};
use crate::record::{Kind, What, Why};

/// One broker, a shop that sends every ten milliseconds.
fn shop(top: &str, rest: &str) -> String {
    format!(
        r#"
        {top}
        [[brokers]]
        name = "b"
        [[topics]]
        name = "t"
        queues = {{ b = 1 }}
        [[producers]]
        name = "shop"
        topic = "t"
        interval = "10ms"
        {rest}"#
    )
}

fn dropped(why: Why) -> impl Fn(&Kind) -> bool {
    move |kind| matches!(kind, Kind::Dropped { why: known, .. } if *known == why)
}

#[test]
fn messages_are_stored_in_the_order_in_which_they_were_sent() {
    let run = run(&shop("duration = \"5s\"\nnetwork.latency = { exp = \"100ms\" }", "retries = 0\nstarts = \"1s\""));
    let stored = numbers(&run.of(|kind| matches!(kind, Kind::Stored { .. })));
    assert!(stored.len() > 300 && stored.is_sorted(), "{stored:?}");
}

#[test]
fn what_is_sent_to_a_node_whose_host_is_down_is_dropped_without_a_word() {
    let run = run(&shop("duration = \"3s\"", "retries = 0\n[[faults]]\nat = \"1s\"\nkind = \"crash\"\nnode = \"b\""));
    let dropped = run.by("shop", dropped(Why::Down));
    assert!(dropped.len() > 50);
    let rejected = run.of(|kind| matches!(kind, Kind::Rejected { .. }));
    assert_eq!(rejected[0].at.seconds(), 2.0, "the one sent at one second, a send_timeout later");
}

#[test]
fn what_is_sent_to_a_process_that_has_ended_is_answered_by_its_host() {
    let text = "retries = 0\n[[faults]]\nat = \"1005ms\"\nkind = \"crash\"\nnode = \"b\"\nmode = \"process\"";
    let run = run(&shop("duration = \"3s\"", text));
    let rejected = run.of(|kind| matches!(kind, Kind::Rejected { .. }));
    assert!(rejected[0].at.seconds() > 1.5, "until then nothing was sent: the connection was seen to close");
    assert_eq!(run.whens(|kind| matches!(kind, Kind::DeclaredDead { .. })), [("nameserver", 1.006)], "nor to wait for");
    let unrouted = run.of(|kind| matches!(kind, Kind::Unrouted { .. }));
    assert_eq!(unrouted[0].at.seconds(), 1.01);
}

#[test]
fn an_answer_to_a_process_that_has_ended_bounces_within_two_hops() {
    // A call that reaches the service after its process has ended, and a caller that had no connection to be closed.
    let run = run(r#"
        duration = "3s"
        network.latency = "100ms"
        [[services]]
        name = "db"
        [[producers]]
        name = "shop"
        calls = "db"
        bursts = [{ at = "1s", count = 1 }]
        starts = "950ms"
        [[faults]]
        at = "900ms"
        kind = "crash"
        mode = "process"
        node = "db""#);
    assert_eq!(run.whens(|kind| matches!(kind, Kind::Unanswered { .. })), [("shop", 1.2)]);
}

#[test]
fn a_packet_under_way_when_its_receiver_restarts_is_not_for_the_new_life() {
    let run = run(&shop(
        "duration = \"3s\"\nnetwork.latency = \"200ms\"",
        "retries = 0\n[[faults]]\nat = \"2s\"\nfor = \"50ms\"\nkind = \"crash\"\nnode = \"b\"",
    ));
    let sent = |record: &&&crate::record::Record| matches!(record.kind, Kind::Dropped { what: What::Send, .. });
    let dropped = run.by("shop", dropped(Why::Restarted));
    assert_eq!(dropped.iter().filter(sent).count(), 15, "sent from 1.85 s on, arriving up to the crash at 2 s");
    assert!(dropped.iter().all(|record| record.at.seconds() < 2.21));
}

#[test]
fn the_network_loses_what_it_is_told_to_lose() {
    let run = run(&shop("duration = \"10s\"\nnetwork.loss = 0.1", "retries = 0"));
    let lost = run.of(dropped(Why::Loss)).len() as f64;
    let sent = run.of(|kind| matches!(kind, Kind::Sent { .. })).len() as f64;
    assert!((0.15..0.25).contains(&(lost / sent)), "{lost} of {sent} and as many answers");
}

/// A shop that calls a service every 100 ms; a pause ends just when a call arrives.
const PAUSED: &str = r#"
    duration = "2s"
    network.latency = "100ms"
    [[services]]
    name = "db"
    service_time = "1ms"
    [[producers]]
    name = "shop"
    calls = "db"
    interval = "100ms"
    [[faults]]
    at = "550ms"
    for = "LASTS"
    kind = "pause"
    node = "db""#;

/// When something happens that two seconds of work lead to, which begin at 1.001 s; the node does nothing while it is paused.
fn after_work(work: &str, node: &str, pauses: &[(&str, &str)], pick: impl Fn(&Kind) -> bool) -> f64 {
    let pauses = pauses.iter().map(|(at, lasts)| {
        format!("[[faults]]\nat = \"{at}\"\nfor = \"{lasts}\"\nkind = \"pause\"\nnode = \"{node}\"\n")
    });
    let text = format!(
        "duration = \"40s\"\n{work}\n[[topics]]\nname = \"t\"\nqueues = {{ b = 1 }}\n[[producers]]\nname = \"shop\"\n\
         topic = \"t\"\ninterval = \"1s\"\nmessages = 1\nsend_timeout = \"60s\"\n{}",
        pauses.collect::<String>()
    );
    run(&text).whens(pick)[0].1
}

#[test]
fn a_paused_node_goes_on_with_nothing_that_it_is_at() {
    let stores = "[[brokers]]\nname = \"b\"\nstore_time = \"2s\"";
    let flushes = "[[brokers]]\nname = \"b\"\nflush_time = \"2s\"";
    let serves = "[[services]]\nname = \"db\"\nservice_time = \"2s\"\n[[producers]]\nname = \"app\"\ncalls = \"db\"\n\
        interval = \"1s\"\nmessages = 1\n[[brokers]]\nname = \"b\"";
    let accepted = |kind: &Kind| matches!(kind, Kind::Accepted { .. });
    let stored = |kind: &Kind| matches!(kind, Kind::Stored { .. });
    let served = |kind: &Kind| matches!(kind, Kind::Served { .. });
    for (pauses, end) in [
        (&[][..], 3.001),
        (&[("2s", "3s")], 6.001),
        (&[("2s", "3s"), ("5500ms", "1s")], 7.001),
        (&[("2s", "3s"), ("4s", "2s")], 7.001),
        (&[("3s", "1ms"), ("10s", "1s")], 3.002),
        (&[("4s", "1s")], 3.001),
    ] {
        assert_eq!(after_work(stores, "b", pauses, stored), end, "stored, with {pauses:?}");
        assert_eq!(after_work(serves, "db", pauses, served), end, "served, with {pauses:?}");
        let heard = after_work(flushes, "b", pauses, accepted);
        assert!((heard - end - 0.001).abs() < 1e-9, "flushed, with {pauses:?}: {heard}");
    }
}

#[test]
fn a_pause_is_felt_by_work_that_it_postpones() {
    let idle = |at: &str| {
        let text = format!(
            "duration = \"9s\"\n[[brokers]]\nname = \"b\"\n[[services]]\nname = \"db\"\nservice_time = \"2s\"\n[[topics]]\nname = \"t\"\n\
             queues = {{ b = 1 }}\n[[producers]]\nname = \"app\"\ncalls = \"db\"\ninterval = \"1s\"\nmessages = 1\n\
             [[faults]]\nat = \"{at}\"\nfor = \"500ms\"\nkind = \"pause\"\nnode = \"db\"\n"
        );
        run(&text).world.idle_faults().len()
    };
    assert_eq!(["1500ms", "4s"].map(idle), [0, 1], "while it serves, and when it has nothing to do");
}

#[test]
fn a_slave_that_loses_its_disk_while_it_is_paused_is_not_level() {
    let slave = |fault: &str| {
        let text = "duration = \"4s\"\nsettle = \"9s\"\n[[brokers]]\nname = \"b\"\nslaves = [\"s\"]\n[[topics]]\nname = \"t\"\n\
            queues = { b = 1 }\n[[producers]]\nname = \"shop\"\ntopic = \"t\"\ninterval = \"100ms\"\nmessages = 5\n\
            [[faults]]\nat = \"2s\"\nkind = \"pause\"\nnode = \"s\"\n";
        run(&format!("{text}{fault}")).world.now().seconds()
    };
    assert_eq!(slave(""), 4.0, "it has everything, and nothing comes any more");
    let wipe = "[[faults]]\nat = \"3s\"\nfor = \"100ms\"\nkind = \"wipe\"\nnode = \"s\"\n";
    assert_eq!(slave(wipe), 13.0, "its master does not know, and yet nothing is at rest");
}

#[test]
fn a_paused_node_is_late_and_gets_all_in_order() {
    let run = run(&PAUSED.replace("LASTS", "400ms"));
    let served = run.of(|kind| matches!(kind, Kind::Serving { .. }));
    assert!(numbers(&served).is_sorted() && numbers(&served).len() > 15);
    assert!(served.iter().all(|record| !(0.551..0.95).contains(&record.at.seconds())), "it does nothing");
    assert!(run.of(|kind| matches!(kind, Kind::Dropped { .. } | Kind::Refused { .. })).is_empty());
    let pauses = run.whens(|kind| matches!(kind, Kind::Paused | Kind::Resumed));
    assert_eq!(pauses, [("db", 0.55), ("db", 0.95)]);
}

#[test]
fn what_arrives_as_a_pause_ends_does_not_overtake_what_has_waited() {
    let run = run(&PAUSED.replace("LASTS", "450ms"));
    let served = numbers(&run.of(|kind| matches!(kind, Kind::Serving { .. })));
    assert!(served.is_sorted(), "{served:?}");
}

#[test]
fn a_broker_paused_for_less_than_expire_is_not_dead_and_loses_nothing() {
    let text = "[[faults]]\nat = \"1s\"\nfor = \"2500ms\"\nkind = \"pause\"\nnode = \"b\"\n[[groups]]\nname = \"g\"\ntopic = \"t\"";
    let run = run(&shop("duration = \"5s\"", text));
    assert!(run.of(|kind| matches!(kind, Kind::DeclaredDead { .. })).is_empty());
    assert_eq!(run.of(|kind| matches!(kind, Kind::Rejected { .. })).len(), 0, "three seconds of patience");
    assert_eq!(run.of(|kind| matches!(kind, Kind::Elected { .. })).len(), 1);
}

#[test]
fn timers_of_an_earlier_life_do_not_ring() {
    let run = run(r#"
        duration = "5s"
        [[brokers]]
        name = "b"
        [[topics]]
        name = "t"
        queues = { b = 1 }
        [[producers]]
        name = "shop"
        topic = "t"
        interval = "1s"
        [[faults]]
        at = "1500ms"
        for = "100ms"
        kind = "crash"
        node = "shop""#);
    let sent = run.whens(|kind| matches!(kind, Kind::Sent { .. } | Kind::Unrouted { .. }));
    assert_eq!(sent, [("shop", 1.0), ("shop", 2.6), ("shop", 3.6), ("shop", 4.6)]);
}

#[test]
fn work_of_an_earlier_life_ends_nothing() {
    let run = run(r#"
        duration = "5s"
        network.latency = "1ms"
        [[services]]
        name = "db"
        service_time = "1s"
        [[producers]]
        name = "shop"
        calls = "db"
        bursts = [{ at = "1s", count = 1 }, { at = "1500ms", count = 1 }]
        [[faults]]
        at = "1200ms"
        for = "100ms"
        kind = "crash"
        node = "db""#);
    assert_eq!(run.whens(|kind| matches!(kind, Kind::Served { .. })), [("db", 2.501)], "not at 2.001 s");
}

#[test]
fn a_paused_producer_sends_nothing_and_is_late() {
    let text = "[[faults]]\nat = \"1005ms\"\nfor = \"500ms\"\nkind = \"pause\"\nnode = \"shop\"";
    let run = run(&shop("duration = \"3s\"", text));
    let sent: Vec<f64> =
        run.of(|kind| matches!(kind, Kind::Sent { .. })).iter().map(|record| record.at.seconds()).collect();
    assert!(sent.iter().all(|at| !(1.005..1.505).contains(at)));
    assert!(sent.contains(&1.505), "the message that was due at 1.01 s");
}

#[test]
fn a_run_waits_for_what_a_broker_that_is_down_by_now_has_sent_to_a_consumer() {
    let one = r#"
        starts = "940ms"
        messages = 1
        [[groups]]
        name = "g"
        topic = "t"
        [[consumers]]
        name = "c"
        group = "g"
        [[faults]]
        at = "500ms"
        kind = "link"
        between = ["b", "c"]
        latency = "200ms"
        [[faults]]
        at = "980ms"
        kind = "crash"
        node = "b"
        "#;
    let run = run(&shop("duration = \"1s\"\nsettle = \"1s\"", one));
    assert_eq!(run.accepted(), [1]);
    assert_eq!(run.whens(|kind| matches!(kind, Kind::Finished { .. })).len(), 1, "the answer was under way for 200 ms");
}
