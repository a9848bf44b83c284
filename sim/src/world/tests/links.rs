//! Partitions, link faults and repeat faults: which links they strike, for how long, and in which direction.

use super::{WorldRun, run};
use crate::plan::FaultId;
use crate::record::{Kind, What, Why};

/// A service that `shop` calls every 100 ms and that answers at once, a broker, and a second caller that starts late.
const CALLS: &str = r#"
    duration = "10s"
    settle = "10s"
    network.latency = "10ms"
    [[brokers]]
    name = "b"
    [[topics]]
    name = "t"
    queues = { b = 1 }
    [[services]]
    name = "db"
    [[producers]]
    name = "shop"
    calls = "db"
    interval = "100ms"
    send_timeout = "3s"
    [[producers]]
    name = "late"
    calls = "db"
    interval = "100ms"
    starts = "3s"
    "#;

fn partition(at: &str, lasts: &str, sides: &str, more: &str) -> String {
    format!("[[faults]]\nat = \"{at}\"\nfor = \"{lasts}\"\nkind = \"partition\"\nsides = {sides}\n{more}\n")
}

fn link(at: &str, lasts: &str, more: &str) -> String {
    format!("[[faults]]\nat = \"{at}\"\nfor = \"{lasts}\"\nkind = \"link\"\nbetween = [\"shop\", \"db\"]\n{more}\n")
}

fn run_calls(faults: &[String]) -> WorldRun {
    run(&format!("{CALLS}{}", faults.concat()))
}

impl WorldRun {
    /// The calls and answers that a partition dropped: their sender, and the second in which they were sent.
    fn cut(&self) -> Vec<(&str, f64)> {
        let is_cut = |kind: &Kind| {
            matches!(kind, Kind::Dropped { why: Why::Partition, what: What::Call | What::CallAnswer, .. })
        };
        self.whens(is_cut)
    }

    /// The records of changes that faults made to links and disks: node, second, key and value.
    pub(super) fn changes(&self) -> Vec<(&str, f64, &str, String)> {
        let changes = self.records.iter().filter_map(|record| match &record.kind {
            Kind::Changed { change } if change.is_of_fault() => {
                let value = change.value(&self.plan);
                Some((self.plan.name(record.node), record.at.seconds(), change.key(), value))
            }
            _ => None,
        });
        changes.collect()
    }

    /// The answers that the shop got: the number of each call, and the milliseconds from the call to its answer.
    fn answered(&self) -> Vec<(u32, u64)> {
        let called_at = |number: u32| {
            let called = |kind: &Kind| matches!(kind, Kind::Called { call, .. } if call.number == number);
            self.by("shop", called)[0].at
        };
        let answers = self.by("shop", |kind| matches!(kind, Kind::Answered { .. }));
        let answers = answers.into_iter().filter_map(|record| match record.kind {
            Kind::Answered { call, .. } => Some((call.number, record.at.since(called_at(call.number)).0 / 1_000_000)),
            _ => None,
        });
        answers.collect()
    }
}

#[test]
fn a_partition_drops_what_is_sent_while_it_lasts_but_nothing_in_flight() {
    // The call of 2.9 s is answered at 2.91 s; that answer is in flight when the partition begins.
    let run = run_calls(&[partition("2915ms", "300ms", "[[\"shop\"], [\"db\"]]", "")]);
    assert_eq!(run.cut(), [("shop", 3.0), ("shop", 3.1), ("shop", 3.2)]);
    let answered: Vec<u32> = run.answered().iter().map(|(number, _)| *number).collect();
    assert_eq!(answered[27..31], [28, 29, 33, 34], "the 29th is answered");
    let changes = [("shop", 2.915, "partition", "shop | db"), ("shop", 3.215, "partition", "shop | db: as before")];
    assert_eq!(run.changes(), changes.map(|(node, at, set, to)| (node, at, set, to.to_owned())));
}

#[test]
fn a_one_way_partition_stops_only_what_the_first_side_sends_to_the_second() {
    let there = run_calls(&[partition("3050ms", "100ms", "[[\"shop\"], [\"b\", \"db\"]]", "one_way = true")]);
    assert_eq!(there.cut(), [("shop", 3.1)]);
    assert_eq!(there.changes()[0].3, "shop -> b, db");
    let back = run_calls(&[partition("3050ms", "100ms", "[[\"b\", \"db\"], [\"shop\"]]", "one_way = true")]);
    assert_eq!(back.cut(), [("db", 3.11)], "the call arrived, its answer did not");
    let both = run_calls(&[partition("3050ms", "100ms", "[[\"b\", \"db\"], [\"shop\"]]", "")]);
    assert_eq!(both.cut(), [("shop", 3.1)]);
}

#[test]
fn two_nodes_are_cut_off_while_any_partition_lies_between_them() {
    let faults = [
        partition("2050ms", "400ms", "[[\"shop\"], [\"db\"]]", ""),
        partition("2250ms", "500ms", "[[\"db\"], [\"shop\"]]", ""),
    ];
    let run = run_calls(&faults);
    let cut: Vec<f64> = run.cut().iter().map(|(_, at)| *at).collect();
    assert_eq!(cut, [2.1, 2.2, 2.3, 2.4, 2.5, 2.6, 2.7]);
    let changes: Vec<String> = run.changes().into_iter().map(|(.., to)| to).collect();
    assert_eq!(
        changes,
        ["shop | db", "db | shop", "shop | db", "db | shop: as before"],
        "the second partition still holds at 2.45 s, when the first ends"
    );
}

#[test]
fn a_node_that_starts_during_a_partition_is_cut_off_too() {
    let run = run_calls(&[partition("1s", "3s", "[[\"late\"], [\"db\", \"nameserver\"]]", "")]);
    let cut = run.cut();
    assert_eq!((cut.len(), cut[0], cut[8]), (9, ("late", 3.1), ("late", 3.9)));
    assert!(!run.of(|kind| matches!(kind, Kind::Answered { .. })).is_empty(), "other nodes are not cut off");
}

#[test]
fn a_partition_drops_a_connection_refusal_that_is_sent_while_it_lasts() {
    let crash =
        "[[faults]]\nat = \"2050ms\"\nfor = \"3s\"\nkind = \"crash\"\nnode = \"db\"\nmode = \"process\"\n".to_owned();
    let unanswered = |run: &WorldRun| run.whens(|kind| matches!(kind, Kind::Unanswered { .. }))[0].1;
    let open = run_calls(std::slice::from_ref(&crash));
    assert!(unanswered(&open) < 2.2, "the host refuses the connection at once");
    // The partition begins while the call of 2.1 s is in flight, and is over when the next call is sent.
    let cut = run_calls(&[crash.clone(), partition("2105ms", "90ms", "[[\"shop\"], [\"db\"]]", "")]);
    assert!(cut.cut().is_empty(), "only the refusal is sent while the partition lasts");
    let unanswered_21 = |run: &WorldRun| {
        let called = run.by("shop", |kind| matches!(kind, Kind::Called { call, .. } if call.number == 21))[0].seq;
        run.by("shop", |kind| matches!(kind, Kind::Unanswered { call, .. } if call.number == 21))
            .iter()
            .map(|record| (record.at.seconds(), record.seq > called))
            .collect::<Vec<_>>()
    };
    assert_ne!(unanswered_21(&open), unanswered_21(&cut));
    // A process that ends behind a partition cannot close its connections either.
    let closed = |run: &WorldRun| {
        run.of(|kind| matches!(kind, Kind::Dropped { what: What::Closed, why: Why::Partition, .. })).len()
    };
    let apart = run_calls(&[crash, partition("2s", "1s", "[[\"shop\"], [\"db\"]]", "")]);
    assert_eq!((closed(&open), closed(&apart)), (0, 1));
}

#[test]
fn a_link_fault_changes_one_link_in_both_directions_while_it_lasts() {
    let run = run_calls(&[link("2050ms", "1s", "latency = \"200ms\"")]);
    let slow: Vec<u32> = run.answered().iter().filter(|(_, ms)| *ms == 400).map(|(number, _)| *number).collect();
    // The answer to the call of 2.9 s is sent at 3.1 s over the restored link, but does not overtake the answer before it.
    assert_eq!(slow, (21..=28).collect::<Vec<_>>());
    let late = run.by("late", |kind| matches!(kind, Kind::Answered { .. }));
    assert_eq!(late[0].at.seconds(), 3.12, "the link of another node is not changed");
    let changes = [("shop", 2.05, "link", "db: latency 200ms"), ("shop", 3.05, "link", "db: as before")];
    assert_eq!(run.changes(), changes.map(|(node, at, set, to)| (node, at, set, to.to_owned())));
}

#[test]
fn messages_stay_in_order_on_a_link_that_gets_fast_again() {
    let run = run_calls(&[link("2050ms", "1s", "latency = \"700ms\"")]);
    let numbers: Vec<u32> = run.answered().iter().map(|(number, _)| *number).collect();
    assert!(numbers.is_sorted(), "{numbers:?}");
    let served = run.by("db", |kind| matches!(kind, Kind::Serving { call } if run.plan.name(call.producer) == "shop"));
    let numbers = super::numbers(&served);
    assert!(numbers.is_sorted() && numbers.len() == 99, "{numbers:?}");
    let together = served.iter().filter(|record| record.at.seconds() == 3.7).count();
    assert_eq!(together, 7, "the calls of 3.1 s to 3.6 s wait for that of 3.0 s");
}

#[test]
fn the_latest_link_fault_sets_the_loss_of_a_link() {
    let run = run_calls(&[link("2050ms", "2s", "loss = 1"), link("3050ms", "500ms", "loss = 0")]);
    let lost = run.whens(|kind| matches!(kind, Kind::Dropped { why: Why::Loss, .. }));
    let lost: Vec<f64> = lost.iter().map(|(_, at)| *at).collect();
    let tenths = |from: u32, to: u32| (from..=to).map(|n| f64::from(n) / 10.0);
    assert_eq!(lost, tenths(21, 30).chain(tenths(36, 40)).collect::<Vec<_>>());
}

#[test]
fn the_latest_of_two_faults_on_a_link_wins_and_when_it_ends_the_earlier_one_holds_again() {
    let faults = [
        link("2050ms", "2s", "latency = \"50ms\"\nloss = 0"),
        link("2550ms", "1s", "latency = \"20ms\"").replace("\"shop\", \"db\"", "\"db\", \"shop\""),
    ];
    let run = run_calls(&faults);
    let times: Vec<u64> = run.answered().iter().map(|(_, ms)| *ms).collect();
    // Around a change, the call and its answer each take the latency that the link has when they are sent.
    let expected = [vec![20; 2], vec![100; 4], vec![70], vec![40; 10], vec![100; 4], vec![60], vec![20; 2]].concat();
    assert_eq!(times[18..42], expected);
    let changes = run.changes();
    let changes: Vec<(&str, &str)> = changes.iter().map(|(node, .., to)| (*node, to.as_str())).collect();
    let expected = [
        ("shop", "db: latency 50ms, loss 0"),
        ("db", "shop: latency 20ms, loss 0"),
        ("db", "shop: latency 50ms, loss 0"),
        ("shop", "db: as before"),
    ];
    assert_eq!(changes, expected);
}

#[test]
fn a_link_fault_that_sets_the_values_the_link_has_changes_no_other_record() {
    let plain = run_calls(&[]);
    let same = run_calls(&[link("2050ms", "2s", "latency = \"10ms\"\nloss = 0")]);
    let without = |run: &WorldRun| {
        let other = run.of(|kind| !matches!(kind, Kind::Changed { .. }));
        other.iter().map(|record| (record.at, record.node, record.kind.clone())).collect::<Vec<_>>()
    };
    assert_eq!(without(&plain), without(&same), "keeping messages in order is not a change");
}

/// A fault that delivers every message between two nodes twice, from 2 s to 5 s.
fn repeat(one: &str, other: &str) -> String {
    format!("[[faults]]\nat = \"2s\"\nfor = \"3s\"\nkind = \"repeat\"\nbetween = [\"{one}\", \"{other}\"]\n")
}

#[test]
fn a_call_that_arrives_twice_is_served_twice_and_answered_once() {
    let run = run_calls(&[repeat("shop", "db")]);
    let numbers = |pick: fn(&Kind) -> Option<u32>| {
        let mut numbers: Vec<u32> = run.records.iter().filter_map(|record| pick(&record.kind)).collect();
        numbers.sort_unstable();
        numbers
    };
    let shop = run.by("shop", |kind| matches!(kind, Kind::Called { .. })).len();
    let late = run.by("late", |kind| matches!(kind, Kind::Called { .. })).len();
    let served = numbers(|kind| if let Kind::Served { call } = kind { Some(call.number) } else { None });
    // The 30 calls from 2 s to 4.9 s arrive twice.
    assert_eq!(served.len(), shop + late + 30);
    let answered = numbers(|kind| if let Kind::Answered { call, .. } = kind { Some(call.number) } else { None });
    assert_eq!(answered.len(), shop + late);
    let changes: Vec<_> =
        run.changes().into_iter().map(|(node, at, key, value)| (node, at, key.to_owned(), value)).collect();
    let is = |at, value: &str| ("shop", at, "repeat".to_owned(), value.to_owned());
    assert_eq!(changes, [is(2.0, "db: probability 1"), is(5.0, "db: as before")]);
}

/// A producer, a broker with a slave, and a group with one consumer.
const SENDS: &str = r#"
    duration = "10s"
    settle = "10s"
    network.latency = "10ms"
    [[brokers]]
    name = "b"
    slaves = ["s"]
    replication = "sync"
    [[topics]]
    name = "t"
    queues = { b = 1 }
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
    failure_rate = 0.1
    "#;

#[test]
fn a_message_that_arrives_twice_is_stored_twice_and_accepted_once() {
    let count_of = |kind: fn(&Kind) -> bool, faults: &str| run(&format!("{SENDS}{faults}")).of(kind).len();
    let repeat = repeat("b", "shop");
    let stored = |kind: &Kind| matches!(kind, Kind::Stored { .. });
    assert_eq!(count_of(stored, &repeat), count_of(stored, "") + 30);
    let accepted = |kind: &Kind| matches!(kind, Kind::Accepted { .. });
    assert_eq!(count_of(accepted, &repeat), count_of(accepted, ""));
    let finished = |kind: &Kind| matches!(kind, Kind::Finished { .. });
    assert_eq!(count_of(finished, &repeat), count_of(finished, "") + 30, "the consumer works on each copy");
}

#[test]
fn a_repeated_message_has_no_effect_between_any_other_nodes() {
    let without = run(SENDS);
    let pairs = [("nameserver", "b"), ("nameserver", "shop"), ("nameserver", "c"), ("b", "s"), ("b", "c"), ("c", "s")];
    let faults: String = pairs.iter().map(|(one, other)| repeat(one, other)).collect();
    let with = run(&format!("{SENDS}{faults}"));
    assert_eq!(with.world.idle_faults(), [0, 1, 2, 3, 4, 5].map(FaultId), "no fault made a difference");
    let kinds = |run: &WorldRun| {
        let plain = run.records.iter().filter(|record| !matches!(record.kind, Kind::Changed { .. }));
        plain.map(|record| (record.at, record.node, record.kind.clone())).collect::<Vec<_>>()
    };
    assert_eq!(kinds(&with), kinds(&without));
    let between_broker_and_shop = run(&format!("{SENDS}{}", repeat("b", "shop")));
    assert!(between_broker_and_shop.world.idle_faults().is_empty());
}

#[test]
fn the_later_of_two_repeat_faults_holds_and_is_idle_if_it_changes_nothing() {
    let always = "at = \"1s\"\nkind = \"repeat\"\nbetween = [\"b\", \"shop\"]\n";
    let never = "at = \"2s\"\nfor = \"3s\"\nkind = \"repeat\"\nbetween = [\"shop\", \"b\"]\nprobability = 0\n";
    let run_of = |second: &str| run(&format!("{SENDS}[[faults]]\n{always}[[faults]]\n{second}"));
    let stored = |run: &WorldRun| run.by("b", |kind| matches!(kind, Kind::Stored { .. })).len();
    let (twice, twice_but_for_3s) = (run_of(&never.replace("= 0\n", "= 1\n")), run_of(never));
    assert_eq!(stored(&twice), stored(&twice_but_for_3s) + 30);
    assert_eq!((twice.world.idle_faults(), twice_but_for_3s.world.idle_faults()), (vec![FaultId(1)], vec![]));
}
