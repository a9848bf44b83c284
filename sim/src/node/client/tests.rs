//! What producers and consumers believe, and how they come to know it.

use std::sync::Arc;

use proptest::prelude::*;

use super::{Client, News};
use crate::kernel::Time;
use crate::node::Node;
use crate::node::harness::Bench;
use crate::plan::{Epoch, GroupId, NodeId, SetId, TopicId};
use crate::protocol::{Members, Packet, Route, SetLeader, Version};
use crate::scenario;

const TWO: &str = r#"
[[nameservers]]
name = "ns1"
[[nameservers]]
name = "ns2"
[[brokers]]
name = "b"
[[topics]]
name = "t"
queues = { b = 1 }
[[producers]]
name = "shop"
topic = "t"
bursts = [{ at = "900s", count = 1 }]
[[groups]]
name = "g"
topic = "t"
[[consumers]]
name = "c"
group = "g"
"#;

fn started(name: &str) -> Bench {
    let mut bench = Bench::new(TWO, name);
    bench.start();
    bench
}

fn master(bench: &Bench) -> Option<u32> {
    let client = match &bench.node {
        Node::Producer(producer) => producer.client(),
        Node::Consumer(consumer) => consumer.client(),
        _ => unreachable!("a client"),
    };
    client.master(TopicId(0), SetId(0)).map(|(_, epoch)| epoch.number())
}

/// A nameserver's answer to the heartbeat that is sent now.
fn heard(second: u64) -> Packet {
    Packet::HeartbeatAnswer { sent_at: Time(second * 1_000_000_000) }
}

#[test]
fn every_nameserver_hears_it_at_once_and_then_at_each_heartbeat() {
    let mut bench = Bench::new(TWO, "shop");
    let told = bench.start();
    assert_eq!(told.about("heartbeat").len(), 2);
    assert_eq!(told.about("where"), ["ns1: where is t?"]);
    bench.hears("ns1", heard(0));
    let later = bench.until(1.0);
    assert_eq!(
        later.timed("heartbeat"),
        ["1s ns1: heartbeat of life 1: routes 0 0, members 0", "1s ns2: heartbeat of life 1: listens to another"]
    );
}

#[test]
fn it_asks_until_it_is_answered() {
    let mut bench = started("shop");
    for second in 1..=3 {
        bench.hears("ns1", heard(second - 1));
        assert_eq!(bench.until(second as f64).about("where").len(), 1, "at {second}");
    }
    let route = bench.route("t", 1, &[("b", 0, "")]);
    bench.hears("ns1", route);
    for second in 4..=6 {
        bench.hears("ns1", heard(second - 1));
        assert_eq!(bench.until(second as f64).about("where"), [""; 0], "at {second}");
    }
}

#[test]
fn who_polls_asks_at_each_interval_and_more_often_while_it_knows_no_master() {
    let mut bench = Bench::new(&format!("timers.route_refresh = \"5s\"\n{TWO}"), "shop");
    bench.start();
    let route = bench.route("t", 1, &[("b", 0, "")]);
    bench.hears("ns1", route);
    bench.hears("ns1", heard(900));
    assert_eq!(bench.until(2.0).timed("where"), ["1s ns1: where is t?", "2s ns1: where is t?"]);
    let route = bench.route("t", 2, &[("b", 1, "b")]);
    bench.hears("ns1", route);
    assert_eq!(
        bench.until(13.5).timed("where"),
        ["3s ns1: where is t?", "8s ns1: where is t?", "13s ns1: where is t?"]
    );
}

#[test]
fn a_route_of_a_lower_epoch_is_no_news() {
    let mut bench = started("shop");
    for (epoch, led, believed) in
        [(1, "b", Some(1)), (3, "b", Some(3)), (2, "", Some(3)), (0, "", Some(3)), (3, "", None)]
    {
        let route = bench.route("t", 1, &[("b", epoch, led)]);
        bench.hears("ns1", route);
        assert_eq!(master(&bench), believed, "epoch {epoch} led by {led:?}");
    }
}

#[test]
fn only_the_home_is_believed() {
    let mut bench = started("shop");
    let route = bench.route("t", 1, &[("b", 1, "b")]);
    bench.hears("ns2", route.clone());
    bench.hears("b", route.clone());
    assert_eq!(master(&bench), None);
    bench.hears("ns1", route);
    assert_eq!(master(&bench), Some(1));
}

#[test]
fn members_are_those_of_its_own_group_as_its_home_knows_them() {
    let mut bench = started("c");
    let ours = bench.members(1, &["c"]);
    let Packet::Members(list) = &ours else { unreachable!("members") };
    let theirs = Packet::Members(Arc::new(Members { group: GroupId(1), ..(**list).clone() }));
    let known = |bench: &Bench| match &bench.node {
        Node::Consumer(consumer) => consumer.client().members().is_some(),
        _ => unreachable!("a consumer"),
    };
    bench.hears("ns2", ours.clone());
    assert!(!known(&bench), "ns1 is its home");
    bench.hears("ns1", theirs);
    assert!(!known(&bench), "another group");
    bench.hears("ns1", ours);
    assert!(known(&bench));
}

#[test]
fn a_silent_home_is_left_for_the_next_nameserver() {
    let mut bench = started("shop");
    let route = bench.route("t", 4, &[("b", 1, "b")]);
    bench.hears("ns1", route);
    bench.hears("ns1", heard(0));
    for second in 0..=2 {
        bench.hears("ns2", heard(second));
        assert_eq!(bench.until(second as f64 + 0.5).about("where"), [""; 0], "silent for heartbeat and call at most");
    }
    bench.hears("ns2", heard(2));
    let told = bench.until(3.0);
    assert_eq!(told.about("where"), ["ns2: where is t?"]);
    assert!(told.about("ns2: heartbeat")[0].contains("routes 0 0"), "{told:?}");
    assert!(told.about("ns1: heartbeat")[0].contains("listens to another"));
    assert_eq!(master(&bench), Some(1), "what it was told stays");
    let route = bench.route("t", 1, &[("b", 2, "b")]);
    bench.hears("ns2", route);
    assert_eq!(master(&bench), Some(2));
}

#[test]
fn a_new_home_counts_members_for_itself() {
    let mut bench = started("c");
    let members = bench.members(7, &["c"]);
    bench.hears("ns1", members);
    for second in 0..=2 {
        bench.hears("ns2", heard(second));
        bench.until(second as f64 + 0.5);
    }
    bench.hears("ns2", heard(2));
    let told = bench.until(3.0);
    assert!(told.about("ns2: heartbeat")[0].contains("members 0"), "{told:?}");
}

#[test]
fn however_often_it_changes_its_home_it_asks_no_more_often() {
    let mut bench = started("shop");
    bench.until(30.0);
    let asked = bench.until(40.0).about("where").len();
    assert!(asked <= 20, "asked {asked} times in ten seconds, with both nameservers silent");
}

#[test]
fn a_master_found_gone_is_gone_until_a_later_epoch() {
    let bench = Bench::new(TWO, "shop");
    let mut client = Client::new(&bench.plan, &[TopicId(0)], None, Time::ZERO);
    let (ns, broker) = (bench.id("ns1"), bench.id("b"));
    let learn = |client: &mut Client, epoch, led| {
        let route = bench.route("t", 1, &[("b", epoch, led)]);
        client.handle_packet(ns, &route, Time::ZERO, &bench.plan)
    };
    assert_eq!(learn(&mut client, 1, "b"), News::Route);
    assert_eq!(learn(&mut client, 1, "b"), News::Nothing);
    client.find_gone(broker, Epoch::new(1), &bench.plan);
    assert_eq!(client.master(TopicId(0), SetId(0)), None);
    for led in ["b", "", "b"] {
        learn(&mut client, 1, led);
        assert_eq!(client.master(TopicId(0), SetId(0)), None, "told again of epoch 1");
    }
    assert_eq!(learn(&mut client, 2, "b"), News::Route);
    assert_eq!(client.master(TopicId(0), SetId(0)), Some((broker, Epoch::nth(2))));
    client.find_gone(broker, Epoch::new(1), &bench.plan);
    assert_eq!(
        client.master(TopicId(0), SetId(0)),
        Some((broker, Epoch::nth(2))),
        "that was about an epoch that is over"
    );
}

#[test]
fn it_counts_as_confirmed_since_the_heartbeat_that_was_answered_was_sent() {
    let bench = Bench::new(TWO, "c");
    let mut client = Client::new(&bench.plan, &[TopicId(0)], None, Time(5));
    let (first, second) = (bench.id("ns1"), bench.id("ns2"));
    let mut answer = |from, at| {
        client.handle_packet(from, &Packet::HeartbeatAnswer { sent_at: Time(at) }, Time(100), &bench.plan);
        client.confirmed()
    };
    assert_eq!(answer(first, 20), Time(20));
    assert_eq!(answer(first, 10), Time(20), "an older answer comes late");
    assert_eq!(answer(second, 90), Time(20), "the first one decides who is dead");
}

/// Four broker sets, of which two join later, with queues of two topics.
const SETS: &str = r#"
title = "x"
duration = "1s"
topics = [
  { name = "t", queues = { a = 2, b = 1, c = 3, d = 1 } },
  { name = "u", queues = { a = 1, b = 2, c = 1, d = 1 } },
]
producers = [{ name = "shop", topic = "u", interval = "1s" }]
[[brokers]]
name = "a"
[[brokers]]
name = "b"
joins = "100ms"
[[brokers]]
name = "c"
[[brokers]]
name = "d"
joins = "200ms"
"#;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn who_is_told_what_has_changed_believes_what_the_whole_route_says(
        steps in prop::collection::vec((0..4_u32, any::<bool>(), any::<bool>(), 0..4_u8), 1..40),
    ) {
        let plan = scenario::read("x.toml", SETS).unwrap_or_else(|problems| panic!("{problems}"));
        let topic = TopicId(1);
        let nameserver = plan.nameservers().next().expect("there is one");
        let mut told = Client::new(&plan, &[topic], None, Time::ZERO);
        let mut asks = told.clone();
        let sets = (0..4).map(|set| SetLeader { set: SetId(set), epoch: Epoch::new(0), master: None }).collect();
        let mut route = Route { topic, version: Version::FIRST, sets, changed: None };
        for (set, elected, led, what) in steps {
            let of = &mut route.sets[set as usize];
            let master: NodeId = plan.sets[SetId::from(set as usize)].first_master();
            if what == 0 {
                told.find_gone(master, of.epoch, &plan);
                asks.find_gone(master, of.epoch, &plan);
            } else {
                of.epoch = if elected { Some(Epoch::after(of.epoch)) } else { of.epoch };
                of.master = led.then_some(master);
                route.version = route.version.next();
                route.changed = Some(SetId(set));
            }
            // One in four is lost.
            if what != 1 {
                let whole = Route { changed: None, ..route.clone() };
                let of_told = told.handle_packet(nameserver, &Packet::Route(Arc::new(route.clone())), Time::ZERO, &plan);
                let of_asks = asks.handle_packet(nameserver, &Packet::Route(Arc::new(whole)), Time::ZERO, &plan);
                prop_assert_eq!(of_told, of_asks);
            }
            prop_assert_eq!(told.queues(topic), asks.queues(topic));
            prop_assert_eq!(told.led_queues(topic), asks.led_queues(topic));
            let led = |queue: &crate::plan::QueueId| told.master(topic, plan.queues[*queue].set).is_some();
            let all: Vec<_> = told.queues(topic).iter().copied().filter(led).collect();
            prop_assert_eq!(told.led_queues(topic), all);
        }
    }
}
