//! Faults of disks: one that is full refuses messages, one that is wiped has lost what only it had.

use super::{WorldRun, numbers, run, sorted};
use crate::plan::{CrashMode, Epoch, GroupId, Offset};
use crate::record::{Kind, What};

/// Two brokers, a shop that sends every 100 ms, a group that reads at once.
const TWO: &str = r#"
    duration = "10s"
    settle = "30s"
    [[brokers]]
    name = "b1"
    [[brokers]]
    name = "b2"
    [[topics]]
    name = "t"
    queues = { b1 = 1, b2 = 1 }
    [[producers]]
    name = "shop"
    topic = "t"
    interval = "100ms"
    [[groups]]
    name = "g"
    topic = "t"
    [[consumers]]
    name = "c"
    group = "g"
    "#;

fn fault(kind: &str, at: &str, lasts: &str, node: &str) -> String {
    format!("[[faults]]\nat = \"{at}\"\nfor = \"{lasts}\"\nkind = \"{kind}\"\nnode = \"{node}\"\n")
}

fn stored(run: &WorldRun, broker: &str) -> Vec<f64> {
    let stored = run.by(broker, |kind| matches!(kind, Kind::Stored { .. }));
    stored.iter().map(|record| record.at.seconds()).collect()
}

#[test]
fn a_full_disk_refuses_and_the_producer_goes_elsewhere_at_once() {
    let run = run(&format!("{TWO}{}", fault("disk_full", "2s", "3s", "b1")));
    assert!(!stored(&run, "b1").iter().any(|at| (2.0..5.0).contains(at)));
    assert!(stored(&run, "b1").iter().any(|at| *at > 5.0), "and then again");
    let again = run.of(|kind| matches!(kind, Kind::Sent { attempt: 2, .. }));
    assert!(again.len() > 10, "{}", again.len());
    for record in again {
        let Kind::Sent { message, queue, .. } = record.kind else { continue };
        assert_eq!(run.plan.queues[queue].name, "t/b2/0");
        let first = run.of(|kind| matches!(kind, Kind::Sent { message: it, attempt: 1, .. } if *it == message))[0];
        assert_eq!(record.at.since(first.at).0, 2_000_000, "there and back");
    }
    assert!(run.of(|kind| matches!(kind, Kind::Rejected { .. })).is_empty());
    let changes = [("b1", 2.0, "disk_full", "full"), ("b1", 5.0, "disk_full", "as before")];
    assert_eq!(run.changes(), changes.map(|(node, at, set, to)| (node, at, set, to.to_owned())));
}

#[test]
fn a_request_that_waits_when_the_disk_gets_full_is_refused_when_its_turn_comes() {
    let slow = TWO.replace("name = \"b1\"\n", "name = \"b1\"\nstore_time = \"150ms\"\n").replace("retries", "");
    let run = run(&format!("{slow}{}", fault("disk_full", "2s", "30s", "b1")));
    assert!(stored(&run, "b1").iter().all(|at| *at < 2.0));
    let late = run.of(|kind| matches!(kind, Kind::Sent { attempt: 2, .. }));
    let first = |record: &&&crate::record::Record| {
        let Kind::Sent { message, .. } = record.kind else { return None };
        Some(run.of(|kind| matches!(kind, Kind::Sent { message: it, attempt: 1, .. } if *it == message))[0].at)
    };
    assert!(late.iter().filter_map(|it| Some(it.at.since(first(&it)?))).any(|after| after.0 > 100_000_000));
}

#[test]
fn a_disk_is_full_while_any_fault_lasts_whatever_becomes_of_its_host() {
    let faults = [
        fault("disk_full", "2s", "3s", "b1"),
        fault("disk_full", "3s", "1s", "b1"),
        fault("crash", "2500ms", "500ms", "b1"),
        // Struck while it is down, and still there afterwards.
        fault("crash", "6s", "1s", "b1"),
        fault("disk_full", "6500ms", "1500ms", "b1"),
        // Over before it is back.
        fault("crash", "8500ms", "500ms", "b1"),
        fault("disk_full", "8100ms", "600ms", "b1"),
    ];
    let run = run(&format!("{TWO}{}", faults.concat()));
    let full = |at: &f64| [2.0..5.0, 6.5..8.0, 8.1..8.7].iter().any(|span| span.contains(at));
    assert!(!stored(&run, "b1").iter().any(full), "{:?}", stored(&run, "b1"));
    assert!([5.0..6.0, 8.0..8.1, 9.0..10.0].iter().all(|span| stored(&run, "b1").iter().any(|at| span.contains(at))));
    let changes: Vec<String> = run.changes().into_iter().map(|(.., to)| to).collect();
    let over = ["full", "as before"];
    assert_eq!(changes, [&["full", "full", "full", "as before"][..], &over, &over].concat());
}

#[test]
fn a_full_disk_stops_no_bookkeeping_of_groups() {
    let failing = TWO.replace("name = \"c\"", "name = \"c\"\npoison_rate = 1");
    let failing =
        failing.replace("topic = \"t\"\n    [[consumers]]", "topic = \"t\"\n    max_retries = 1\n    [[consumers]]");
    let run = run(&format!("{failing}{}", fault("disk_full", "1s", "9s", "b1")));
    let by =
        |pick: fn(&Kind) -> bool| run.by("b1", pick).iter().filter(|it| (1.5..9.9).contains(&it.at.seconds())).count();
    assert!(by(|kind| matches!(kind, Kind::Retried { .. })) + by(|kind| matches!(kind, Kind::DeadLettered { .. })) > 0);
    assert_eq!(run.world.left(GroupId(0)).waiting, 0);
}

/// One broker; a shop that sends every 100 ms from the beginning to 2.45 s; a group whose consumer joins at 4 s.
const LATE: &str = r#"
    duration = "5s"
    settle = "60s"
    [[brokers]]
    name = "b"
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
    "#;

/// Each loss has the wipe as its cause, happens with it, and no message is stored twice at a place that is known.
fn follows_from_the_wipe(run: &WorldRun, at: f64) {
    for record in run.of(|kind| matches!(kind, Kind::Lost { .. })) {
        assert!(matches!(run.cause(record), Kind::Crashed { mode: CrashMode::Wipe }));
        assert_eq!((run.plan.name(record.node), record.at.seconds()), ("b", at));
    }
}

#[test]
fn a_wipe_takes_what_only_the_disk_had_though_all_of_it_was_flushed() {
    let run = run(&format!("{LATE}{}", fault("wipe", "2s", "100ms", "b")));
    assert_eq!(sorted(&run.lost()), (1..=19).collect::<Vec<_>>());
    follows_from_the_wipe(&run, 2.0);
    let cut = run.of(|kind| matches!(kind, Kind::Truncated { .. }));
    let [record] = cut[..] else { panic!("one queue: {cut:?}") };
    assert!(matches!(record.kind, Kind::Truncated { from: Offset(0), to: Offset(19), .. }), "{record:?}");
    let crashed = run.trace().into_iter().find(|line| line.contains("crashed")).expect("a record of the wipe");
    assert!(crashed.ends_with("\"kind\":\"crashed\",\"mode\":\"wipe\"}"), "{crashed}");
    let done = numbers(&run.of(|kind| matches!(kind, Kind::Finished { .. })));
    assert_eq!(done, numbers(&run.of(|kind| matches!(kind, Kind::Accepted { .. })))[19..]);
    let offsets: Vec<u64> = run
        .of(|kind| matches!(kind, Kind::Stored { .. }))
        .iter()
        .filter_map(|record| match record.kind {
            Kind::Stored { offset, epoch, .. } if epoch > Epoch::nth(1) => Some(offset.0),
            _ => None,
        })
        .collect();
    assert_eq!(offsets, (0..offsets.len() as u64).collect::<Vec<_>>(), "from 0 again, in a new epoch");
}

#[test]
fn a_wipe_takes_nothing_that_was_done() {
    let run = run(&format!("{}{}", LATE.replace("joins = \"4s\"", ""), fault("wipe", "2050ms", "100ms", "b")));
    assert_eq!(sorted(&run.lost()), [0; 0]);
    let cut = run.of(|kind| matches!(kind, Kind::Truncated { from: Offset(0), to: Offset(20), .. }));
    assert_eq!(cut.len(), 1, "offsets begin anew, though nothing was there any more");
}

#[test]
fn retries_and_dead_letters_are_lost_with_the_disk() {
    let failing = LATE.replace("joins = \"4s\"", "poison_rate = 1").replace(
        "topic = \"t\"\n    [[consumers]]",
        "topic = \"t\"\n    max_retries = 1\n    retry_delay = \"1s\"\n    [[consumers]]",
    );
    let run = run(&format!("{failing}{}", fault("wipe", "2050ms", "100ms", "b")));
    let dead: Vec<u32> = run
        .of(|kind| matches!(kind, Kind::DeadLettered { .. }))
        .iter()
        .filter(|record| record.at.seconds() < 2.05)
        .filter_map(|record| match record.kind {
            Kind::DeadLettered { message, .. } => Some(message.number),
            _ => None,
        })
        .collect();
    assert_eq!(dead, (1..=10).collect::<Vec<_>>());
    assert_eq!(sorted(&run.lost()), (1..=20).collect::<Vec<_>>(), "dead letters, and what was to be tried again");
    follows_from_the_wipe(&run, 2.05);
    assert!(run.of(|kind| matches!(kind, Kind::Committed { offset: Offset(20), .. })).len() == 1);
}

#[test]
fn a_copy_elsewhere_is_not_lost_with_the_disk() {
    // The answers of b1 take longer than patience: a second copy comes to b2.
    let two = TWO
        .replace("name = \"c\"", "name = \"c\"\njoins = \"6s\"")
        .replace("interval = \"100ms\"", "bursts = [{ at = \"1s\", count = 1 }]\nsend_timeout = \"150ms\"");
    let slow = "network.latency = \"100ms\"\n";
    let run = run(&format!("{slow}{two}{}", fault("wipe", "3s", "1s", "b1")));
    assert!(run.of(|kind| matches!(kind, Kind::Stored { .. })).len() > 1);
    assert!(!run.of(|kind| matches!(kind, Kind::Truncated { .. })).is_empty());
    assert_eq!(sorted(&run.lost()), [0; 0]);
}

#[test]
fn a_wipe_strikes_a_broker_that_is_down_and_is_silent() {
    let down = fault("crash", "2s", "1s", "b") + &fault("wipe", "2500ms", "100ms", "b");
    let run = run(&format!("{LATE}{down}"));
    let lives = run.whens(|kind| matches!(kind, Kind::Crashed { .. } | Kind::Restarted));
    assert_eq!(lives, [("b", 2.0), ("b", 2.5), ("b", 3.0)]);
    assert_eq!(sorted(&run.lost()), (1..=19).collect::<Vec<_>>());
    follows_from_the_wipe(&run, 2.5);
    let closed = |kind: &Kind| matches!(kind, Kind::Dropped { what: What::Closed, .. });
    assert!(run.of(closed).is_empty());
    // Twice is once.
    let twice = fault("wipe", "2s", "1s", "b") + &fault("wipe", "2500ms", "1s", "b");
    let run = super::run(&format!("{LATE}{twice}"));
    let lives = run.whens(|kind| matches!(kind, Kind::Crashed { .. } | Kind::Restarted));
    assert_eq!(lives, [("b", 2.0), ("b", 3.5)]);
}

#[test]
fn a_broker_that_was_wiped_for_good_has_nothing_left_to_lose() {
    let wipe = "[[faults]]\nat = \"2s\"\nkind = \"wipe\"\nnode = \"b\"\n";
    let run = run(&format!("{LATE}{wipe}"));
    assert_eq!(sorted(&run.lost()), (1..=19).collect::<Vec<_>>());
    follows_from_the_wipe(&run, 2.0);
    assert_eq!(run.world.left(GroupId(0)), crate::world::audit::Left::default());
}

#[test]
fn a_wipe_before_the_first_life_says_so() {
    let run = run(&format!("{LATE}{}", fault("wipe", "0s", "1s", "b")));
    assert_eq!(run.of(|kind| matches!(kind, Kind::Crashed { mode: CrashMode::Wipe })).len(), 1);
    assert_eq!(run.whens(|kind| matches!(kind, Kind::Restarted)), [("b", 1.0)]);
}

#[test]
fn a_dead_letter_is_lost_with_the_disk_and_with_it_a_second_copy_in_the_retry_queue() {
    // An answer is lost, so that a second copy comes; the first is a dead letter when the second has failed once.
    let text = LATE
        .replace(
            "interval = \"100ms\"\n    stops = \"2450ms\"",
            "bursts = [{ at = \"100ms\", count = 1 }]\n    send_timeout = \"500ms\"",
        )
        .replace("joins = \"4s\"", "poison_rate = 1")
        .replace(
            "topic = \"t\"\n    [[consumers]]",
            "topic = \"t\"\n    max_retries = 1\n    retry_delay = \"400ms\"\n    [[consumers]]",
        );
    let lost_answer = "[[faults]]\nat = \"0s\"\nfor = \"110ms\"\nkind = \"partition\"\nsides = [[\"b\"], [\"shop\"]]\none_way = true\n";
    let text = format!("title = \"x\"\n{text}{lost_answer}{}", fault("wipe", "800ms", "100ms", "b"));
    let plan =
        std::sync::Arc::new(crate::scenario::read("x.toml", &text).unwrap_or_else(|problems| panic!("{problems}")));
    let report = crate::run::run(plan, 1).expect("no limit is passed");
    let group = &report.groups[0];
    assert_eq!((report.messages.accepted, group.dead_lettered, group.waiting, group.lost), (1, 0, 0, 1));
}
