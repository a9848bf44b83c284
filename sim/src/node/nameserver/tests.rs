//! A nameserver alone: elections, routes, members, departures, and who is dead.

use crate::kernel::Time;
use crate::node::harness::Bench;
use crate::plan::{Epoch, Life};
use crate::protocol::{BrokerStatus, Departure, Heartbeat, HeartbeatStatus, Packet, Replicas};

const CLUSTER: &str = r#"
[[nameservers]]
name = "ns"
[[nameservers]]
name = "second"
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
interval = "1s"
[[groups]]
name = "g"
topic = "t"
[[consumers]]
name = "a9"
group = "g"
[[consumers]]
name = "a10"
group = "g"
[[consumers]]
name = "B"
group = "g"
"#;

/// A nameserver in its first life.
fn nameserver(name: &str) -> Bench {
    let mut bench = Bench::new(CLUSTER, name);
    bench.start();
    bench
}

/// A broker's word: its life, the epoch in which it is master, the highest epoch on its disk.
fn broker(life: u32, epoch: u32, last_epoch: u32) -> Packet {
    let alive = Replicas(u64::from(epoch > 0));
    let (leads, last_epoch) = (Epoch::new(epoch), Epoch::new(last_epoch));
    Bench::broker_heartbeat(life, BrokerStatus { leads, last_epoch, alive, ..BrokerStatus::default() })
}

/// A master's word in its first life: the last departure that it heard of.
fn master_after(departure: Departure) -> Packet {
    let (epoch, last_departure) = (Some(Epoch::FIRST), Some(departure));
    Bench::broker_heartbeat(
        1,
        BrokerStatus { leads: epoch, last_epoch: epoch, last_departure, ..BrokerStatus::default() },
    )
}

/// A client's word: its life, the version of its route and of its group's members.
fn client(life: u32, route: u32, members: u32) -> Packet {
    Bench::client_heartbeat(life, route, members)
}

/// A nameserver to which b1 is master in epoch 1, and confirmed.
fn with_master() -> Bench {
    let mut bench = nameserver("ns");
    bench.hears("b1", broker(1, 0, 0));
    bench.hears("b1", broker(1, 1, 1));
    bench
}

fn ask(bench: &mut Bench, who: &str) -> Vec<String> {
    let topic = bench.topic("t");
    bench.hears(who, Packet::AskRoute { topic }).sent
}

#[test]
fn a_heartbeat_is_answered_and_a_life_registered_once() {
    let mut bench = nameserver("ns");
    let status = HeartbeatStatus::ListensElsewhere;
    let word = Packet::Heartbeat(Heartbeat { life: Life::FIRST, sent_at: Time(7), status });
    let told = bench.hears("shop", word.clone());
    assert_eq!(told.noted, ["registered shop"]);
    assert_eq!(told.packets, [(bench.id("shop"), Packet::HeartbeatAnswer { sent_at: Time(7) })]);
    let again = bench.hears("shop", word);
    assert_eq!((again.noted.len(), again.about("heartbeat answer").len()), (0, 1));
    assert_eq!(bench.hears("shop", client(2, 0, 0)).noted, ["registered shop"]);
    assert!(bench.hears("shop", client(1, 0, 0)).sent.is_empty(), "a word from a life that is over");
}

#[test]
fn a_broker_is_elected_when_it_registers_first() {
    let told = nameserver("ns").hears("b1", broker(1, 0, 0));
    assert_eq!(told.noted, ["registered b1", "elected b1 in epoch 1"]);
    assert_eq!(told.sent, ["b1: heartbeat answer", "b1: role: b1 leads in epoch 1"]);
    assert_eq!(told.records[1].cause, Some(told.records[0].seq), "it was elected because it registered");
}

#[test]
fn a_master_that_restarts_within_expire_gets_a_higher_epoch() {
    let mut bench = with_master();
    bench.until(0.5);
    let told = bench.hears("b1", broker(2, 0, 1));
    assert_eq!(told.noted, ["registered b1", "elected b1 in epoch 2"]);
    assert_eq!(told.about("role"), ["b1: role: b1 leads in epoch 2"]);
}

#[test]
fn an_epoch_is_above_every_epoch_on_the_disk_of_whoever_is_elected() {
    assert_eq!(nameserver("ns").hears("b1", broker(4, 0, 7)).notes_of("elected"), ["elected b1 in epoch 8"]);
}

#[test]
fn a_restarted_nameserver_learns_epoch_and_master_from_who_serves() {
    let mut bench = with_master();
    bench.crashes();
    bench.start();
    assert_eq!(
        ask(&mut bench, "shop"),
        ["shop: route 1048577 of t: b1 led by nobody in epoch 0, b2 led by nobody in epoch 0"]
    );
    let told = bench.hears("b1", broker(1, 5, 5));
    assert_eq!(told.notes_of("elected"), [""; 0]);
    assert_eq!(told.about("b1 led by b1 in epoch 5").len(), 0, "the shop has not said a word in this life");
    assert!(ask(&mut bench, "shop")[0].contains("b1 led by b1 in epoch 5"));
    let again = bench.hears("b1", broker(2, 0, 5));
    assert_eq!(again.notes_of("elected"), ["elected b1 in epoch 6"]);
}

#[test]
fn the_route_names_a_master_only_once_it_has_confirmed() {
    let mut bench = nameserver("ns");
    bench.hears("shop", client(1, 0, 0));
    ask(&mut bench, "shop");
    let elected = bench.hears("b1", broker(1, 0, 0));
    assert_eq!(elected.about("shop"), [""; 0]);
    let confirmed = bench.hears("b1", broker(1, 1, 1));
    assert_eq!(confirmed.about("shop"), ["shop: route 2 of t: b1 led by b1 in epoch 1, b2 led by nobody in epoch 0"]);
    assert_eq!(bench.hears("b1", broker(1, 1, 1)).about("shop"), [""; 0], "told once");
}

#[test]
fn clients_hear_at_once_that_a_reborn_master_does_not_serve_yet() {
    let mut bench = with_master();
    bench.hears("shop", client(1, 0, 0));
    ask(&mut bench, "shop");
    let told = bench.hears("b1", broker(2, 0, 1));
    assert_eq!(told.about("shop"), ["shop: route 3 of t: b1 led by nobody in epoch 1, b2 led by nobody in epoch 0"]);
    assert!(bench.hears("b1", broker(2, 2, 2)).about("shop")[0].contains("b1 led by b1 in epoch 2"));
}

#[test]
fn an_appointment_is_repeated_until_it_is_confirmed() {
    let mut bench = nameserver("ns");
    bench.hears("b1", broker(1, 0, 0));
    for _ in 0..3 {
        let told = bench.hears("b1", broker(1, 0, 0));
        assert_eq!(told.about("role"), ["b1: role: b1 leads in epoch 1"]);
        assert_eq!(told.noted, [""; 0], "the same election");
    }
    bench.hears("b1", broker(1, 1, 1));
    assert_eq!(bench.hears("b1", broker(1, 1, 1)).about("role"), [""; 0]);
}

#[test]
fn silence_for_longer_than_expire_is_death_at_the_next_scan() {
    let mut bench = nameserver("ns");
    bench.until(0.5);
    bench.hears("shop", client(1, 0, 0));
    assert_eq!(bench.until(3.9).noted, [""; 0]);
    let told = bench.until(4.0);
    assert_eq!(told.noted, ["declared dead shop"]);
    assert_eq!(told.records[0].at, Time(4_000_000_000));
    assert_eq!(told.records[0].cause, None);
    assert_eq!(bench.until(10.0).noted, [""; 0], "once");
}

#[test]
fn a_node_silent_for_exactly_expire_is_alive() {
    let mut bench = nameserver("ns");
    bench.hears("shop", client(1, 0, 0));
    assert_eq!(bench.until(3.0).noted, [""; 0]);
    assert_eq!(bench.until(4.0).noted, ["declared dead shop"]);
}

#[test]
fn a_closed_connection_is_death_at_once() {
    let mut bench = with_master();
    bench.hears("shop", client(1, 2, 0));
    let told = bench.hears("b1", Packet::Closed);
    assert_eq!(told.noted, ["declared dead b1"]);
    assert_eq!(told.sent, ["shop: route 3 of t: b1 led by nobody in epoch 1, b2 led by nobody in epoch 0"]);
    assert!(bench.hears("b1", Packet::Closed).noted.is_empty(), "once");
}

#[test]
fn a_master_that_was_only_silent_serves_on_in_its_epoch() {
    let mut bench = with_master();
    assert_eq!(bench.until(4.0).noted, ["declared dead b1"]);
    let told = bench.hears("b1", broker(1, 1, 1));
    assert_eq!(told.noted, ["registered b1"]);
    assert!(ask(&mut bench, "shop")[0].contains("b1 led by b1 in epoch 1"));
}

#[test]
fn members_are_in_the_order_of_the_bytes_of_their_names() {
    let mut bench = nameserver("ns");
    let first = bench.hears("a9", client(1, 0, 0));
    assert_eq!(first.about("members"), ["a9: members 1: a9"]);
    bench.hears("B", client(1, 0, 0));
    let third = bench.hears("a10", client(1, 0, 0));
    let all = "members 3: B a10 a9";
    assert_eq!(third.about("members"), [format!("B: {all}"), format!("a10: {all}"), format!("a9: {all}")]);
}

#[test]
fn members_are_told_when_one_leaves_and_when_one_dies() {
    let mut bench = nameserver("ns");
    for name in ["a9", "a10", "B"] {
        bench.hears(name, client(1, 0, 0));
    }
    let left = bench.hears("a10", Packet::Goodbye);
    assert_eq!(left.sent, ["a10: goodbye answer", "B: members 4: B a9", "a9: members 4: B a9"]);
    assert_eq!(bench.hears("a10", Packet::Goodbye).sent, ["a10: goodbye answer"], "twice is harmless");
    bench.until(2.5);
    bench.hears("a9", client(1, 0, 4));
    assert_eq!(bench.until(5.0).sent, ["a9: members 5: a9"]);
}

#[test]
fn a_reborn_consumer_leaves_and_joins_in_one() {
    let mut bench = with_master();
    bench.hears("a9", client(1, 0, 0));
    let told = bench.hears("a9", client(2, 0, 0));
    assert_eq!(told.about("departed"), ["b1: departed a9 in life 1, number 1.1"]);
    assert_eq!(told.about("members").last(), Some(&"a9: members 3: a9"));
}

#[test]
fn departures_are_numbered_and_told_again_to_a_broker_that_missed_one() {
    let mut bench = with_master();
    for name in ["a9", "a10", "B"] {
        bench.hears(name, client(1, 0, 0));
        assert_eq!(bench.hears(name, Packet::Goodbye).about("departed").len(), 1);
        assert_eq!(bench.hears(name, Packet::Goodbye).about("departed").len(), 0, "one departure");
    }
    let after = |number| master_after(Departure { life: Life::FIRST, number });
    let missed = bench.hears("b1", after(1));
    assert_eq!(
        missed.about("departed"),
        ["b1: departed a10 in life 1, number 1.2", "b1: departed B in life 1, number 1.3"]
    );
    assert_eq!(bench.hears("b1", after(3)).about("departed"), [""; 0]);
    let none = bench.hears("b2", broker(1, 0, 0));
    assert_eq!(none.about("departed").len(), 3, "one that registers later is told all");
}

#[test]
fn departures_of_an_earlier_life_of_the_nameserver_do_not_count() {
    let mut bench = with_master();
    bench.crashes();
    bench.start();
    bench.hears("a9", client(1, 0, 0));
    bench.hears("a9", Packet::Goodbye);
    let told = bench.hears("b1", master_after(Departure { life: Life::FIRST, number: 9 }));
    assert_eq!(told.about("departed"), ["b1: departed a9 in life 1, number 2.1"]);
}

#[test]
fn a_lost_push_is_made_good_with_the_next_heartbeat() {
    let mut bench = with_master();
    bench.hears("a9", client(1, 0, 0));
    bench.hears("B", client(1, 0, 0));
    let told = bench.hears("a9", client(1, 1, 1));
    assert_eq!(
        told.sent,
        [
            "a9: heartbeat answer",
            "a9: members 2: B a9",
            "a9: route 2 of t: b1 led by b1 in epoch 1, b2 led by nobody in epoch 0"
        ]
    );
    assert_eq!(bench.hears("a9", client(1, 2, 2)).sent, ["a9: heartbeat answer"]);
    assert_eq!(bench.hears("a9", client(1, 0, 2)).about("route"), [""; 0], "who has none yet asks itself");
}

#[test]
fn where_clients_poll_nothing_is_pushed() {
    let mut bench = Bench::new(&format!("timers.route_refresh = \"5s\"\n{CLUSTER}"), "ns");
    bench.start();
    bench.hears("shop", client(1, 0, 0));
    ask(&mut bench, "shop");
    bench.hears("b1", broker(1, 0, 0));
    assert_eq!(bench.hears("b1", broker(1, 1, 1)).about("shop"), [""; 0]);
    assert_eq!(bench.hears("shop", client(1, 1, 0)).about("route"), [""; 0]);
    assert!(ask(&mut bench, "shop")[0].contains("route 2 of t: b1 led by b1 in epoch 1"));
}

#[test]
fn a_second_nameserver_elects_nobody_and_tells_of_no_departure() {
    let mut bench = nameserver("second");
    bench.hears("a9", client(1, 0, 0));
    let first = bench.hears("b1", broker(1, 0, 0));
    assert_eq!(
        (first.noted.as_slice(), first.sent.as_slice()),
        (&["registered b1".to_owned()][..], &["b1: heartbeat answer".to_owned()][..])
    );
    bench.hears("b1", broker(1, 3, 3));
    assert!(ask(&mut bench, "shop")[0].contains("b1 led by b1 in epoch 3"), "it learns from the master");
    let left = bench.hears("a9", Packet::Goodbye);
    assert_eq!(left.sent, ["a9: goodbye answer"]);
    assert!(!bench.hears("b1", broker(2, 0, 3)).noted.iter().any(|line| line.contains("elected")));
}

#[test]
fn a_second_nameserver_appoints_nobody_in_an_epoch_that_is_over() {
    let mut bench = nameserver("second");
    bench.hears("b1", broker(1, 1, 1));
    for _ in 0..2 {
        // The first nameserver is down; the master has come back with less than it had.
        assert_eq!(bench.hears("b1", broker(2, 0, 1)).about("role"), [""; 0]);
    }
}

#[test]
fn a_restarted_nameserver_tells_a_client_whose_version_is_the_same_by_chance() {
    let mut bench = with_master();
    assert!(ask(&mut bench, "shop")[0].starts_with("shop: route 2 of t: b1 led by b1 in epoch 1"));
    bench.crashes();
    bench.start();
    bench.hears("b1", broker(2, 0, 1));
    bench.hears("b1", broker(2, 2, 2));
    let told = bench.hears("shop", client(1, 2, 0));
    assert_eq!(told.about("b1 led by b1 in epoch 2").len(), 1, "{told:?}");
}

#[test]
fn who_is_not_heard_of_within_one_expire_of_a_restart_is_dead_whatever_it_locked() {
    let mut bench = with_master();
    assert_eq!(bench.until(2.5).about("departed"), [""; 0]);
    bench.crashes();
    bench.start();
    bench.hears("b1", broker(1, 1, 1));
    bench.until(4.5);
    bench.hears("b1", broker(1, 1, 1));
    bench.hears("B", client(1, 0, 0));
    let told = bench.until(6.5);
    let all = "b1: departed a9 in all lives, number 2.1 b1: departed a10 in all lives, number 2.2";
    assert_eq!(told.about("departed").join(" "), all, "the scan after three seconds");
    assert_eq!(bench.until(20.0).about("departed a"), [""; 0], "once");
}

#[test]
fn in_its_first_life_it_waits_for_nobody() {
    let mut bench = with_master();
    bench.until(2.0);
    bench.hears("b1", broker(1, 1, 1));
    assert_eq!(bench.until(5.0).about("departed"), [""; 0]);
}

#[test]
fn a_consumer_that_restarted_while_the_nameserver_was_down_has_lost_what_it_had_locked() {
    let mut bench = with_master();
    bench.crashes();
    bench.start();
    bench.hears("b1", broker(1, 1, 1));
    assert_eq!(bench.hears("a9", client(3, 0, 0)).about("departed"), ["b1: departed a9 in life 2, number 2.1"]);
    assert_eq!(bench.hears("B", client(1, 0, 0)).about("departed"), [""; 0], "there was no life before");
}
