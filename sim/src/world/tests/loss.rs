//! Where loss is decided: accepted, not done, and nothing left that can bring it.

use super::{WorldRun, number, numbers, run, sorted};
use crate::plan::GroupId;
use crate::record::{Kind, Record};

/// One broker that flushes every second; a shop that sends every 100 ms; a group whose consumer joins late.
const LATE: &str = r#"
    duration = "5s"
    settle = "60s"
    [[brokers]]
    name = "b"
    flush = "async"
    flush_interval = "1s"
    [[topics]]
    name = "t"
    queues = { b = 1 }
    [[producers]]
    name = "shop"
    topic = "t"
    interval = "100ms"
    stops = "2450ms"
    [[groups]]
    name = "g"
    topic = "t"
    [[consumers]]
    name = "c"
    group = "g"
    joins = "4s"
    [[faults]]
    at = "2500ms"
    for = "1s"
    kind = "crash"
    node = "b"
    "#;

#[test]
fn what_was_not_flushed_is_lost_by_the_crash() {
    let run = run(LATE);
    assert_eq!(numbers(&run.lost()), [20, 21, 22, 23, 24], "the flush of 2 s came before the message of 2.001 s");
    for record in run.lost() {
        assert!(matches!(run.cause(record), Kind::Crashed { .. }));
        assert_eq!((run.plan.name(record.node), record.at.seconds()), ("b", 2.5));
    }
    let done = numbers(&run.of(|kind| matches!(kind, Kind::Finished { .. })));
    assert_eq!(done, (1..=19).collect::<Vec<_>>());
}

#[test]
fn what_was_written_stays_when_only_the_process_ends() {
    let run = run(&format!("{LATE}mode = \"process\""));
    assert!(run.lost().is_empty());
    assert_eq!(numbers(&run.of(|kind| matches!(kind, Kind::Finished { .. }))), (1..=24).collect::<Vec<_>>());
}

#[test]
fn what_is_done_is_not_lost_with_its_log() {
    let run = run(&LATE.replace("joins = \"4s\"", ""));
    assert_eq!(run.accepted().len(), 24);
    assert!(run.lost().is_empty(), "what was consumed is done");
}

#[test]
fn a_message_accepted_after_its_only_copy_was_lost_counts_as_lost_then() {
    // Stored at 1.2 s, the broker crashes while its answer is under way.
    let run = run(r#"
        duration = "4s"
        network.latency = "200ms"
        [[brokers]]
        name = "b"
        flush = "async"
        flush_interval = "10s"
        [[topics]]
        name = "t"
        queues = { b = 1 }
        [[producers]]
        name = "shop"
        topic = "t"
        bursts = [{ at = "1100ms", count = 1 }]
        [[groups]]
        name = "g"
        topic = "t"
        [[faults]]
        at = "1400ms"
        for = "1s"
        kind = "crash"
        node = "b""#);
    assert_eq!(run.whens(|kind| matches!(kind, Kind::Accepted { .. })), [("shop", 1.5)]);
    let lost = run.lost();
    assert_eq!((lost.len(), lost[0].at.seconds()), (1, 1.5));
    assert!(matches!(run.cause(lost[0]), Kind::Crashed { .. }));
}

/// The answer of the first attempt takes longer than patience lasts: a second copy comes to the other set. Then the disk
/// of the first one loses its copy.
fn two_copies(store_time: &str) -> WorldRun {
    let text = r#"
        duration = "4s"
        settle = "60s"
        network.latency = "100ms"
        [[brokers]]
        name = "b1"
        flush = "async"
        flush_interval = "10s"
        [[brokers]]
        name = "b2"
        STORE
        [[topics]]
        name = "t"
        queues = { b1 = 1, b2 = 1 }
        [[producers]]
        name = "shop"
        topic = "t"
        bursts = [{ at = "1s", count = 1 }]
        send_timeout = "150ms"
        [[groups]]
        name = "g"
        topic = "t"
        [[consumers]]
        name = "c"
        group = "g"
        joins = "3s"
        [[faults]]
        at = "1500ms"
        for = "1s"
        kind = "crash"
        node = "b1""#;
    run(&text.replace("STORE", &format!("store_time = \"{store_time}\"")))
}

#[test]
fn a_message_is_not_lost_while_another_copy_is_left() {
    for store_time in ["0s", "1s"] {
        let run = two_copies(store_time);
        assert_eq!(run.of(|kind| matches!(kind, Kind::Stored { .. })).len(), 2);
        assert_eq!(run.of(|kind| matches!(kind, Kind::Truncated { .. })).len(), 1);
        assert!(run.lost().is_empty(), "it lies in the other log, or waits to be stored there");
        assert_eq!(run.by("c", |kind| matches!(kind, Kind::Finished { .. })).len(), 1);
    }
}

/// As [`two_copies`], but the first disk loses its copy while the second copy is on its way; the run lasts so long.
fn second_copy_under_way(lasts: &str, settle: &str) -> WorldRun {
    let text = format!(
        r#"
        duration = "{lasts}"
        settle = "{settle}"
        network.latency = "100ms"
        [[brokers]]
        name = "b1"
        flush = "async"
        flush_interval = "10s"
        [[brokers]]
        name = "b2"
        [[topics]]
        name = "t"
        queues = {{ b1 = 1, b2 = 1 }}
        [[producers]]
        name = "shop"
        topic = "t"
        bursts = [{{ at = "1s", count = 1 }}]
        send_timeout = "150ms"
        [[groups]]
        name = "g"
        topic = "t"
        [[faults]]
        at = "1220ms"
        kind = "crash"
        node = "b1""#
    );
    run(&text)
}

#[test]
fn what_is_on_its_way_to_a_log_is_not_lost_unless_the_run_ends_there() {
    let arrives = second_copy_under_way("4s", "1s");
    assert_eq!(arrives.whens(|kind| matches!(kind, Kind::Stored { .. })), [("b1", 1.1), ("b2", 1.25)]);
    assert!(arrives.lost().is_empty(), "accepted at 1.2 s, and in no log at 1.22 s");
    let ends = second_copy_under_way("1230ms", "0s");
    assert_eq!(ends.lost().iter().map(|record| record.at.seconds()).collect::<Vec<_>>(), [1.23]);
}

#[test]
fn what_is_on_its_way_to_a_consumer_of_another_group_is_lost_at_once() {
    // The shop's messages are stored at 1.6 s; an open pull takes the first one, and is answered at 1.9 s.
    let run = run(r#"
        duration = "4s"
        settle = "60s"
        network.latency = "100ms"
        [[brokers]]
        name = "b"
        [[topics]]
        name = "t"
        queues = { b = 1 }
        [[producers]]
        name = "shop"
        topic = "t"
        bursts = [{ at = "1500ms", count = 5 }]
        [[groups]]
        name = "early"
        topic = "t"
        [[consumers]]
        name = "c"
        group = "early"
        [[groups]]
        name = "late"
        topic = "t"
        [[faults]]
        at = "0s"
        kind = "link"
        between = ["b", "c"]
        latency = "300ms"
        [[faults]]
        at = "1750ms"
        for = "1s"
        kind = "wipe"
        node = "b""#);
    let said = |group: u32| -> Vec<f64> {
        let lost = run.of(|kind| matches!(kind, Kind::Lost { group: of, .. } if *of == GroupId(group)));
        lost.iter().map(|record| record.at.seconds()).collect()
    };
    assert_eq!((said(0), said(1)), (vec![1.75; 4], vec![1.75; 5]));
}

/// A consumer that commits on receipt and has ten messages in its hands when it crashes.
const AT_MOST_ONCE: &str = r#"
    duration = "6s"
    settle = "60s"
    network.latency = "100ms"
    [[brokers]]
    name = "b"
    [[topics]]
    name = "t"
    queues = { b = 1 }
    [[producers]]
    name = "shop"
    topic = "t"
    bursts = [{ at = "1s", count = 10 }]
    [[groups]]
    name = "g"
    topic = "t"
    ack = "ACK"
    [[consumers]]
    name = "c"
    group = "g"
    service_time = "200ms"
    joins = "2s"
    [[faults]]
    at = "CRASH"
    for = "1s"
    kind = "crash"
    node = "c"
    "#;

fn first_started() -> f64 {
    let run = run(&AT_MOST_ONCE.replace("ACK", "before").replace("CRASH", "5900ms"));
    run.whens(|kind| matches!(kind, Kind::Started { .. }))[0].1
}

fn crashed_at(ack: &str, seconds: f64) -> WorldRun {
    run(&AT_MOST_ONCE.replace("ACK", ack).replace("CRASH", &format!("{}ms", (seconds * 1000.0).round())))
}

#[test]
fn at_most_once_what_a_crashed_consumer_had_is_lost() {
    let run = crashed_at("before", first_started() + 0.5);
    assert_eq!(numbers(&run.of(|kind| matches!(kind, Kind::Finished { .. }))), [1, 2]);
    assert_eq!(numbers(&run.lost()), (3..=10).collect::<Vec<_>>());
    for record in run.lost() {
        assert!(matches!(run.cause(record), Kind::Crashed { .. }));
        assert_eq!(run.plan.name(record.node), "c");
    }
}

#[test]
fn what_a_consumer_has_said_to_have_failed_is_not_lost_with_it() {
    let text = AT_MOST_ONCE.replace("ACK", "before").replace("[[consumers]]", "max_retries = 9\n[[consumers]]");
    let text = text.replace("service_time", "failure_rate = 1\nservice_time");
    let crashed = |seconds: f64| run(&text.replace("CRASH", &format!("{}ms", (seconds * 1000.0).round())));
    // The first one fails after 200 ms; 50 ms later its broker has not heard of it.
    let run = crashed(first_started() + 0.25);
    assert!(run.whens(|kind| matches!(kind, Kind::Retried { .. }))[0].1 > run.lost()[0].at.seconds());
    assert_eq!(sorted(&run.lost()), (2..=10).collect::<Vec<_>>());
    // The run is over before it has.
    let (crash, end) = (first_started() + 0.25, first_started() + 0.26);
    let text = text.replace("\"6s\"", &format!("\"{end}s\"")).replace("\"60s\"", "\"0s\"");
    let run = self::run(&text.replace("CRASH", &format!("{}ms", (crash * 1000.0).round())));
    assert_eq!(sorted(&run.lost()), (1..=10).collect::<Vec<_>>());
}

#[test]
fn at_least_once_it_comes_again() {
    let run = crashed_at("after", first_started() + 0.5);
    assert!(run.lost().is_empty());
    let mut done = numbers(&run.of(|kind| matches!(kind, Kind::Finished { .. })));
    done.sort_unstable();
    done.dedup();
    assert_eq!(done, (1..=10).collect::<Vec<_>>());
}

#[test]
fn a_commit_that_arrives_after_its_consumer_has_died_seals_the_loss() {
    let start = first_started();
    let run = crashed_at("before", start + 0.05);
    assert_eq!(numbers(&run.lost()), (1..=10).collect::<Vec<_>>());
    for record in run.lost() {
        assert!(matches!(run.cause(record), Kind::Committed { .. }), "{:?}", run.cause(record));
        assert!((record.at.seconds() - start - 0.1).abs() < 1e-6, "when the commit arrived, not before");
    }
}

/// A broker on disk with five messages for a group without consumers, crashing at three seconds.
fn crashing(lasts: &str) -> WorldRun {
    run(&format!(
        r#"
        duration = "6s"
        settle = "3s"
        [[brokers]]
        name = "b"
        [[topics]]
        name = "t"
        queues = {{ b = 1 }}
        [[producers]]
        name = "shop"
        topic = "t"
        bursts = [{{ at = "1s", count = 5 }}]
        [[groups]]
        name = "g"
        topic = "t"
        [[faults]]
        at = "3s"
        {lasts}
        kind = "crash"
        node = "b""#
    ))
}

#[test]
fn a_disk_without_a_restart_ahead_is_gone_at_the_end() {
    let run = crashing("");
    let lost = run.lost();
    assert_eq!((lost.len(), lost[0].at), (5, run.world.now()));
    assert!(lost.iter().all(|record| matches!(run.cause(record), Kind::Crashed { .. })));
    assert_eq!(run.world.left(GroupId(0)).waiting, 0);
}

#[test]
fn a_disk_that_comes_back_keeps_its_messages_waiting() {
    let run = crashing("for = \"1s\"");
    assert!(run.lost().is_empty());
    assert_eq!(run.world.left(GroupId(0)).waiting, 5);
}

#[test]
fn a_message_is_lost_at_most_once_for_a_group() {
    let run = run(LATE);
    let mut all = numbers(&run.lost());
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), count);
    assert!(run.lost().iter().all(|record| run.accepted().contains(&number(record))));
}

/// A topic that keeps messages for a second, and five of them; who comes to read them, a test adds.
const AGING: &str = r#"
    duration = "6s"
    settle = "60s"
    [[brokers]]
    name = "b"
    [[topics]]
    name = "t"
    queues = { b = 1 }
    retention = "1s"
    [[producers]]
    name = "shop"
    topic = "t"
    bursts = [{ at = "1s", count = 5 }]
    [[groups]]
    name = "g"
    topic = "t"
    "#;

fn expired(run: &WorldRun) -> Vec<&Record> {
    run.of(|kind| matches!(kind, Kind::Expired { .. }))
}

fn skipped(run: &WorldRun) -> Vec<&Record> {
    run.of(|kind| matches!(kind, Kind::Skipped { .. }))
}

#[test]
fn what_age_deletes_before_anybody_has_read_it_has_expired() {
    let run = run(AGING);
    assert_eq!(numbers(&expired(&run)), [1, 2, 3, 4, 5]);
    assert!(expired(&run).iter().all(|record| matches!(run.cause(record), Kind::Deleted { .. })));
    assert!(run.lost().is_empty());
}

#[test]
fn what_a_consumer_has_got_has_not_expired_until_it_dies() {
    let consumer = "[[consumers]]\nname = \"c\"\ngroup = \"g\"\nservice_time = \"500ms\"\n";
    let calm = run(&format!("{AGING}{consumer}"));
    assert!(expired(&calm).is_empty(), "all five were fetched at once, and are worked off after the log is empty");
    assert_eq!(calm.of(|kind| matches!(kind, Kind::Finished { .. })).len(), 5);
    let crash = "[[faults]]\nat = \"2200ms\"\nfor = \"1s\"\nkind = \"crash\"\nnode = \"c\"\n";
    let crashed = run(&format!("{AGING}{consumer}{crash}"));
    let (done, gone) = (crashed.of(|kind| matches!(kind, Kind::Finished { .. })), expired(&crashed));
    assert_eq!((numbers(&done), numbers(&gone)), (vec![1, 2], vec![3, 4, 5]));
    assert!(gone.iter().all(|record| matches!(crashed.cause(record), Kind::Crashed { .. })));
    assert!(crashed.lost().is_empty());
}

#[test]
fn what_a_group_begins_behind_it_has_skipped_and_may_expire_later() {
    let text = AGING.replace("name = \"g\"", "name = \"g\"\nfrom = \"last\"");
    let run = run(&format!("{text}[[consumers]]\nname = \"c\"\ngroup = \"g\"\njoins = \"1500ms\"\n"));
    assert_eq!((numbers(&skipped(&run)), numbers(&expired(&run))), (vec![1, 2, 3, 4, 5], vec![1, 2, 3, 4, 5]));
    assert!(skipped(&run).iter().all(|record| matches!(run.cause(record), Kind::Begun { .. })));
}

#[test]
fn what_is_cut_off_before_a_late_group_begins_is_skipped_and_not_lost() {
    let late = LATE.replace("    [[consumers]]", "    from = \"last\"\n    [[consumers]]");
    let run = run(&late);
    assert!(run.lost().is_empty());
    let of = |cause: fn(&Kind) -> bool| {
        numbers(&skipped(&run).into_iter().filter(|it| cause(run.cause(it))).collect::<Vec<_>>())
    };
    assert_eq!(of(|kind| matches!(kind, Kind::Crashed { .. })), [20, 21, 22, 23, 24]);
    assert_eq!(of(|kind| matches!(kind, Kind::Begun { .. })), (1..=19).collect::<Vec<_>>());
}
