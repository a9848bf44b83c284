//! Verdicts: when a message arrives, and whether.

use std::sync::Arc;

use super::{Network, Topology, Verdict};
use crate::kernel::{Span, Time};
use crate::plan::{NodeId, Plan};
use crate::scenario;

fn plan(network: &str) -> Arc<Plan> {
    let text = format!(
        r#"
        title = "network"
        duration = "1s"
        [network]
        {network}
        [[brokers]]
        name = "b1"
        [[brokers]]
        name = "b2"
        [[services]]
        name = "db"
        [[topics]]
        name = "t"
        queues = {{ b1 = 1 }}
        [[topics]]
        name = "u"
        queues = {{ b2 = 1 }}
        [[producers]]
        name = "shop"
        topic = "t"
        interval = "1s"
        [[producers]]
        name = "direct"
        calls = "db"
        interval = "1s"
        [[groups]]
        name = "g"
        topic = "t"
        [[consumers]]
        name = "c"
        group = "g"
        calls = "db"
        publishes = "u""#
    );
    Arc::new(scenario::read("network.toml", &text).unwrap_or_else(|problems| panic!("{problems}")))
}

fn node(plan: &Plan, name: &str) -> NodeId {
    plan.nodes_where(|_| true).find(|node| plan.name(*node) == name).expect("a node of this name")
}

#[test]
fn two_messages_from_one_node_to_another_never_overtake() {
    let plan = plan("latency = { exp = \"50ms\" }");
    let mut network = Network::new(&plan, 7);
    let mut last = [Time::ZERO; 2];
    let mut together = 0;
    for n in 0..2_000_u64 {
        let (now, to) = (Time(n * 1_000_000), (n % 2) as usize);
        let Verdict::Deliver(at) = network.verdict(now, NodeId(0), NodeId(1 + to as u32), || true) else {
            panic!("no loss")
        };
        assert!(at >= now && at >= last[to], "message {n} arrives at {at:?}, after one at {:?}", last[to]);
        together += u32::from(at == last[to]);
        last[to] = at;
    }
    assert!(together > 100, "the draw would often have let one overtake: {together}");
}

#[test]
fn one_link_does_not_hold_up_another() {
    let plan = plan("latency = { uniform = [\"0s\", \"10s\"] }");
    let mut network = Network::new(&plan, 1);
    let mut at = |to| match network.verdict(Time::ZERO, NodeId(0), NodeId(to), || true) {
        Verdict::Deliver(at) => at,
        _ => panic!("no loss"),
    };
    let slowest = (0..50).map(|_| at(1)).max().expect("fifty");
    assert!((0..8).map(|n| at(2 + n % 3)).any(|other| other < slowest));
}

#[test]
fn a_constant_latency_is_the_same_for_every_message() {
    let plan = plan("latency = \"3ms\"");
    let mut network = Network::new(&plan, 1);
    for n in 0..10 {
        assert_eq!(
            network.verdict(Time(n), NodeId(0), NodeId(1), || true),
            Verdict::Deliver(Time(n) + Span::from_millis(3))
        );
    }
}

#[test]
fn as_many_messages_are_lost_as_the_file_says() {
    let plan = plan("loss = 0.2");
    let mut network = Network::new(&plan, 1);
    let lost =
        (0..10_000).filter(|n| network.verdict(Time(*n), NodeId(0), NodeId(1), || true) == Verdict::Lose).count();
    assert!((1_850..2_150).contains(&lost), "{lost}");
}

#[test]
fn what_one_node_sends_does_not_change_what_becomes_of_anothers_messages() {
    let plan = plan("latency = { exp = \"1ms\" }\nloss = 0.3");
    let verdicts = |noise: u64| {
        let mut network = Network::new(&plan, 1);
        (0..100)
            .map(|n| {
                for _ in 0..noise {
                    network.verdict(Time(n), NodeId(1), NodeId(2), || true);
                }
                network.verdict(Time(n), NodeId(0), NodeId(2), || true)
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(verdicts(0), verdicts(3));
}

#[test]
fn connections_are_those_that_the_plan_implies() {
    let plan = plan("");
    let topology = Topology::of(&plan);
    let peers = |name| topology.peers(node(&plan, name)).iter().map(|peer| plan.name(*peer)).collect::<Vec<_>>();
    assert_eq!(peers("nameserver"), ["b1", "b2", "shop", "direct", "c"]);
    assert_eq!(peers("b1"), ["nameserver", "shop", "c"]);
    assert_eq!(peers("b2"), ["nameserver", "c"], "c publishes there");
    assert_eq!(peers("db"), ["direct", "c"]);
    assert_eq!(peers("direct"), ["nameserver", "db"]);
}
