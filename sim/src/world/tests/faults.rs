//! What strikes nodes: each kind bites, and several at once are one.

use std::sync::Arc;

use super::run;
use crate::kernel::Time;
use crate::node::Node;
use crate::record::Kind;
use crate::scenario;
use crate::world::{Step, World};

/// Everything once, busy: a broker, a service, a shop, a group of two that calls the service.
const TOWN: &str = r#"
    duration = "10s"
    settle = "10s"
    [[brokers]]
    name = "b"
    flush = "async"
    flush_interval = "5s"
    store_time = "1ms"
    [[services]]
    name = "db"
    service_time = "5ms"
    [[topics]]
    name = "t"
    queues = { b = 2 }
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
    count = 2
    service_time = "50ms"
    calls = "db"
    call_timeout = "500ms"
    "#;

#[test]
fn a_change_is_its_value_however_the_file_spells_it() {
    let spellings: [(&str, &str, &[&str]); 8] = [
        ("c-1", "threads", &["10", "1_0", "+10", "0xa", "0b1010"]),
        ("db", "workers", &["10", "1_0"]),
        ("db", "queue_limit", &["10", "0o12"]),
        ("b", "store_limit", &["1000", "1_000"]),
        ("c-1", "failure_rate", &["0.25", "2.5e-1", "+0.25", "0.2_5"]),
        ("c-1", "service_time", &["\"1500us\"", "'1.5ms'", "\"0.0015s\"", "\"\"\"1.5ms\"\"\""]),
        ("b", "store_time", &["{ exp = \"2ms\" }", "{ exp = '2000us' }", "{exp=\"0.002s\"}"]),
        ("shop", "interval", &["{ uniform = [\"1ms\", \"3ms\"] }", "{ uniform = [ '1000us', '3ms', ] }"]),
    ];
    for (node, set, values) in spellings {
        let of = |to: &&str| {
            let change = format!("[[changes]]\nat = \"2s\"\nnode = \"{node}\"\nset = \"{set}\"\nto = {to}\n");
            let run = run(&format!("{TOWN}{change}"));
            let report = crate::run::run(Arc::clone(&run.plan), 1).expect("no limit is passed");
            (run.trace(), report)
        };
        let plain = of(&values[0]);
        assert!(
            values[1..].iter().all(|value| of(value) == plain),
            "{set} of {node} depends on how {values:?} is spelt"
        );
    }
}

fn fault(at: &str, lasts: &str, node: &str, what: &str) -> String {
    format!("[[faults]]\nat = \"{at}\"\nfor = \"{lasts}\"\nnode = \"{node}\"\n{what}\n")
}

const HOST: &str = "kind = \"crash\"";
const PROCESS: &str = "kind = \"crash\"\nmode = \"process\"";

#[test]
fn every_fault_changes_more_than_the_record_of_itself() {
    let quiet = run(TOWN).trace();
    for node in ["nameserver", "b", "db", "shop", "c-1"] {
        for what in [HOST, PROCESS, "kind = \"pause\"", "kind = \"slow\"\nfactor = 7"] {
            if what.contains("slow") && ["nameserver", "shop"].contains(&node) {
                continue;
            }
            let hurt = run(&format!("{TOWN}{}", fault("2050ms", "4s", node, what))).trace();
            let changed = hurt.iter().filter(|line| !quiet.contains(line)).count();
            assert!(changed > 20, "{what} of {node} changes {changed} records");
        }
    }
}

#[test]
fn a_fault_with_an_end_is_over_when_producers_stop() {
    let run = run(&format!("{TOWN}{}", fault("9s", "1h", "b", HOST)));
    assert_eq!(run.whens(|kind| matches!(kind, Kind::Restarted)), [("b", 10.0)]);
}

#[test]
fn a_node_is_down_while_any_of_its_crashes_lasts() {
    let both = [fault("2s", "3s", "b", HOST), fault("4s", "3s", "b", HOST)].concat();
    let run = run(&format!("{TOWN}{both}"));
    let lives = run.whens(|kind| matches!(kind, Kind::Crashed { .. } | Kind::Restarted));
    assert_eq!(lives, [("b", 2.0), ("b", 7.0)]);
}

#[test]
fn a_node_is_paused_while_any_of_its_pauses_lasts() {
    let both = [fault("2s", "3s", "db", "kind = \"pause\""), fault("3s", "1s", "db", "kind = \"pause\"")].concat();
    let run = run(&format!("{TOWN}{both}"));
    assert_eq!(run.whens(|kind| matches!(kind, Kind::Paused | Kind::Resumed)), [("db", 2.0), ("db", 5.0)]);
    assert!(run.by("db", |_| true).iter().all(|record| !(2.001..4.999).contains(&record.at.seconds())));
}

#[test]
fn factors_of_slowness_are_multiplied_and_taken_back_one_by_one() {
    let slow = |at, lasts, factor| fault(at, lasts, "db", &format!("kind = \"slow\"\nfactor = {factor}"));
    let run = run(&format!("{TOWN}{}{}", slow("2s", "4s", 2), slow("3s", "1s", 5)));
    let factors: Vec<String> = run
        .of(|kind| matches!(kind, Kind::Changed { .. }))
        .iter()
        .map(|record| match &record.kind {
            Kind::Changed { change } => change.value(&run.plan),
            _ => String::new(),
        })
        .collect();
    assert_eq!(factors, ["2", "10", "2", "1"]);
}

#[test]
fn slowness_that_begins_or_ends_while_its_node_is_down_is_there_or_over_in_the_next_life() {
    let slow = |at, lasts| fault(at, lasts, "db", "kind = \"slow\"\nfactor = 20");
    let of = |faults: [String; 2]| {
        let run = run(&format!("{TOWN}{}", faults.concat()));
        let begun =
            run.by("db", |kind| matches!(kind, Kind::Serving { .. })).into_iter().find(|it| it.at.seconds() > 5.0);
        let begun = begun.expect("there are calls");
        let served = run.by("db", |kind| matches!(kind, Kind::Served { .. }));
        let served = served.into_iter().find(|it| it.at > begun.at).expect("it ends");
        served.at.since(begun.at).0 / 1_000_000
    };
    assert_eq!(of([slow("2s", "2s"), fault("3s", "2s", "db", HOST)]), 5, "over");
    assert_eq!(of([slow("4s", "5s"), fault("3s", "2s", "db", HOST)]), 100, "there");
}

#[test]
fn a_crash_while_paused_ends_in_a_life_that_is_paused_too() {
    let both = [fault("2s", "4s", "c-1", "kind = \"pause\""), fault("3s", "1s", "c-1", HOST)].concat();
    let run = run(&format!("{TOWN}{both}"));
    assert!(run.by("c-1", |_| true).iter().all(|record| {
        let quiet = (2.001..5.999).contains(&record.at.seconds());
        !quiet
            || matches!(record.kind, Kind::Crashed { .. } | Kind::Restarted | Kind::Dropped { .. } | Kind::Lost { .. })
    }));
    let c1 = crate::plan::NodeId::from(run.plan.nodes.iter().position(|node| node.name == "c-1").expect("c-1"));
    let registered = run.whens(|kind| matches!(kind, Kind::Registered { of } if *of == c1));
    assert_eq!(registered, [("nameserver", 0.001), ("nameserver", 6.001)], "it says nothing until the pause is over");
    assert!(run.by("c-1", |kind| matches!(kind, Kind::Started { .. })).iter().any(|record| record.at.seconds() > 6.0));
}

#[test]
fn a_node_that_begins_while_a_crash_lasts_begins_when_it_is_over() {
    let run = run(&format!(
        "{TOWN}[[consumers]]\nname = \"late\"\ngroup = \"g\"\njoins = \"3s\"\n{}",
        fault("2s", "2s", "late", HOST)
    ));
    let late = run.by("late", |kind| matches!(kind, Kind::Joined | Kind::Restarted | Kind::Assigned { .. }));
    let seconds: Vec<f64> = late.iter().map(|record| record.at.seconds()).collect();
    assert_eq!(seconds[..2], [3.0, 4.0]);
    assert!(seconds.len() > 2 && seconds[2] < 4.1, "{seconds:?}");
}

#[test]
fn a_change_outlives_a_crash() {
    let change = "[[changes]]\nat = \"3s\"\nnode = \"shop\"\nset = \"interval\"\nto = \"1s\"\n";
    let run = run(&format!("{TOWN}{}{change}", fault("2s", "2s", "shop", HOST)));
    let begun = run.by("shop", |kind| matches!(kind, Kind::Sent { attempt: 1, .. } | Kind::Unrouted { .. }));
    let after: Vec<f64> = begun.iter().map(|record| record.at.seconds()).filter(|second| *second > 2.0).collect();
    assert_eq!(after, [5.0, 6.0, 7.0, 8.0, 9.0]);
}

#[test]
fn a_change_does_not_make_a_paused_node_work() {
    let change = "[[changes]]\nat = \"3s\"\nnode = \"db\"\nset = \"workers\"\nto = 5\n";
    let pause = fault("1991ms", "4s", "db", "kind = \"pause\"");
    let busy =
        TOWN.replace("count = 2", "count = 2\nthreads = 5").replace("interval = \"100ms\"", "interval = \"3ms\"");
    let run = run(&format!("{busy}{pause}{change}"));
    let served = run.by("db", |kind| matches!(kind, Kind::Serving { .. } | Kind::Served { .. }));
    let at: Vec<f64> =
        served.iter().map(|record| record.at.seconds()).filter(|at| (1.992..5.99).contains(at)).collect();
    assert_eq!(at, [0.0; 0]);
}

#[test]
fn a_host_that_goes_down_with_its_ended_process_loses_what_was_not_flushed() {
    let both = [fault("4s", "3s", "b", PROCESS), fault("4500ms", "3s", "b", HOST)].concat();
    let run = run(&format!("{TOWN}{both}"));
    assert!(!run.of(|kind| matches!(kind, Kind::Truncated { .. })).is_empty());
}

#[test]
fn a_queue_of_a_consumer_that_died_while_the_nameserver_was_down_goes_to_another_one() {
    let both = [
        fault("3s", "2s", "nameserver", HOST),
        "[[faults]]\nat = \"4s\"\nnode = \"c-1\"\nkind = \"crash\"\n".to_owned(),
    ];
    let run = run(&format!("{TOWN}{}", both.concat()));
    let denied = run.by("c-2", |kind| matches!(kind, Kind::Finished { .. }));
    let left = run.world.left(crate::plan::GroupId(0));
    assert_eq!(left.waiting, 0, "c-2 has finished {}", denied.len());
}

#[test]
fn a_crash_takes_the_memory_at_once() {
    let text =
        format!("title = \"x\"\n{TOWN}{}{}", fault("2050ms", "4s", "b", HOST), fault("2050ms", "4s", "c-1", PROCESS));
    let plan = Arc::new(scenario::read("x.toml", &text).unwrap_or_else(|problems| panic!("{problems}")));
    let mut world = World::new(Arc::clone(&plan), plan.seed);
    while world.step(Time(2_100_000_000), &mut ()) == Ok(Step::Event) {}
    let node = |name: &str| &world.nodes()[plan.nodes.position(|node| node.name == name).expect("a node")];
    let (Node::Broker(broker), Node::Consumer(consumer)) = (node("b"), node("c-1")) else {
        panic!("a broker, a consumer")
    };
    assert_eq!((broker.master_in(), consumer.held().count(), consumer.assigned().len()), (None, 0, 0));
}
