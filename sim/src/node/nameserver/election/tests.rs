//! A nameserver alone with a set of three replicas: whom it elects and when, and what it tells whom until it was heard.

use crate::node::harness::{Bench, TurnOutcome};
use crate::plan::{Epoch, ReplicaSlot};
use crate::protocol::{BrokerStatus, Packet, ReplicaProgress, Replicas};

const CLUSTER: &str = r#"
[[nameservers]]
name = "ns"
[[nameservers]]
name = "second"
[[brokers]]
name = "b"
slaves = ["s1", "s2"]
[[topics]]
name = "t"
queues = { b = 1 }
[[producers]]
name = "shop"
topic = "t"
interval = "1s"
"#;

const ALL: [u32; 3] = [0, 1, 2];

/// A nameserver in its first life, that has heard of nobody.
fn nameserver(name: &str) -> Bench {
    let mut bench = Bench::new(CLUSTER, name);
    bench.start();
    bench
}

fn replicas(slots: &[u32]) -> Replicas {
    slots.iter().fold(Replicas::default(), |all, slot| all.with(ReplicaSlot(*slot)))
}

/// A replica that has no role, in one of its lives; the highest epoch on its disk.
fn nobody(bench: &mut Bench, who: &str, life: u32, last_epoch: u32) -> TurnOutcome {
    let status = BrokerStatus { last_epoch: Epoch::new(last_epoch), ..BrokerStatus::default() };
    bench.hears(who, Bench::broker_heartbeat(life, status))
}

/// A master in its first life; these replicas live, as it was told.
fn master(bench: &mut Bench, who: &str, epoch: u32, alive: &[u32]) -> TurnOutcome {
    let (epoch, alive) = (Epoch::new(epoch), replicas(alive));
    let status = BrokerStatus { leads: epoch, last_epoch: epoch, alive, ..BrokerStatus::default() };
    bench.hears(who, Bench::broker_heartbeat(1, status))
}

/// A slave in its first life.
fn slave(bench: &mut Bench, who: &str, epoch: u32) -> TurnOutcome {
    let epoch = Epoch::new(epoch);
    bench.hears(
        who,
        Bench::broker_heartbeat(1, BrokerStatus { follows: epoch, last_epoch: epoch, ..BrokerStatus::default() }),
    )
}

/// A replica says how much it has: the epoch of its last entry, and the sum of its ends.
fn says(bench: &mut Bench, who: &str, last_entry: u32, ends: u64) -> TurnOutcome {
    says_as(bench, who, last_entry, ends, 0)
}

/// The same, of one that led in an epoch.
fn says_as(bench: &mut Bench, who: &str, last_entry: u32, ends: u64, led: u32) -> TurnOutcome {
    bench.hears(
        who,
        Packet::ReplicaProgress(ReplicaProgress {
            last_entry_epoch: Epoch::new(last_entry),
            ends,
            last_led_epoch: Epoch::new(led),
        }),
    )
}

/// All live, b leads in epoch 1, the others follow.
fn led_by_b() -> Bench {
    let mut bench = nameserver("ns");
    master(&mut bench, "b", 1, &ALL);
    for who in ["s1", "s2"] {
        slave(&mut bench, who, 1);
    }
    master(&mut bench, "b", 1, &ALL);
    bench
}

/// The same, and b has died: the others are asked.
fn dead_master() -> Bench {
    let mut bench = led_by_b();
    bench.hears("b", Packet::Closed);
    bench
}

/// As said of whoever was told, who leads, in which epoch, and which replicas live.
fn roles(bench: &Bench, told: &TurnOutcome) -> Vec<String> {
    let roles = told.packets.iter().filter_map(|(to, packet)| match packet {
        Packet::RoleChange(role) => {
            let live: Vec<u32> = (0..3).filter(|slot| role.alive.has(ReplicaSlot(*slot))).collect();
            Some(format!("{}: {} in {}, {live:?} live", bench.plan.name(*to), bench.plan.name(role.master), role.epoch))
        }
        _ => None,
    });
    roles.collect()
}

fn route(bench: &mut Bench) -> String {
    let topic = bench.topic("t");
    bench.hears("shop", Packet::AskRoute { topic }).sent.remove(0)
}

// ---- the beginning -------------------------------------------------------------------------------------------------

#[test]
fn at_the_beginning_the_first_of_the_file_is_elected_at_once() {
    let mut bench = nameserver("ns");
    assert_eq!(nobody(&mut bench, "b", 1, 0).notes_of("elected"), ["elected b in epoch 1"]);
    let mut bench = nameserver("ns");
    assert_eq!(nobody(&mut bench, "s1", 1, 0).sent, ["s1: heartbeat answer"]);
    let told = nobody(&mut bench, "b", 1, 0);
    assert_eq!(told.about("how much?"), ["b: how much?", "s1: how much?"], "even if another one is there before it");
    says(&mut bench, "s1", 0, 0);
    assert_eq!(says(&mut bench, "b", 0, 0).noted, ["elected b in epoch 1"]);
}

#[test]
fn at_the_beginning_another_one_is_elected_only_after_one_expire() {
    let mut bench = nameserver("ns");
    for second in [0.0, 1.0, 2.0, 3.0] {
        bench.until(second);
        let told = nobody(&mut bench, "s1", 1, 0);
        assert_eq!((told.notes_of("elected").len(), told.about("role").len()), (0, 0));
    }
    assert_eq!(bench.until(3.9).noted, [""; 0]);
    assert_eq!(bench.until(4.0).noted, ["elected s1 in epoch 1"], "at the scan after more than three seconds");
}

#[test]
fn after_one_expire_whoever_comes_first_is_elected() {
    let mut bench = nameserver("ns");
    bench.until(4.0);
    assert_eq!(nobody(&mut bench, "s2", 1, 0).notes_of("elected"), ["elected s2 in epoch 1"]);
}

// ---- who is elected ------------------------------------------------------------------------------------------------

#[test]
fn when_a_master_is_dead_all_live_replicas_are_asked_how_much_they_have() {
    let mut bench = led_by_b();
    bench.until(3.0);
    for who in ["s1", "s2"] {
        slave(&mut bench, who, 1);
    }
    let told = bench.until(4.0);
    assert_eq!(told.noted, ["declared dead b"]);
    assert_eq!(told.timed("how much?"), ["4s s1: how much?", "4s s2: how much?"]);
}

#[test]
fn the_latest_last_entry_counts_before_the_number_of_entries() {
    let mut bench = dead_master();
    says(&mut bench, "s1", 1, 100);
    assert_eq!(says(&mut bench, "s2", 2, 5).noted, ["elected s2 in epoch 2"]);
}

#[test]
fn the_number_of_entries_counts_before_who_led_and_who_is_first() {
    let mut bench = led_by_b();
    // It is back within expire, so that it is asked, too.
    assert_eq!(nobody(&mut bench, "b", 2, 1).about("how much?").len(), 3);
    says(&mut bench, "b", 1, 5);
    says(&mut bench, "s1", 1, 5);
    assert_eq!(says(&mut bench, "s2", 1, 6).noted, ["elected s2 in epoch 2"]);
}

#[test]
fn of_equals_the_former_master_counts_before_who_is_first() {
    let mut bench = nameserver("ns");
    master(&mut bench, "s1", 4, &ALL);
    for who in ["b", "s2"] {
        slave(&mut bench, who, 4);
    }
    nobody(&mut bench, "s1", 2, 4);
    says_as(&mut bench, "b", 4, 9, 3);
    says_as(&mut bench, "s2", 4, 9, 0);
    assert_eq!(says_as(&mut bench, "s1", 4, 9, 4).noted, ["elected s1 in epoch 5"]);
}

#[test]
fn of_equals_only_the_last_master_counts_as_the_former_one() {
    let mut bench = nameserver("ns");
    master(&mut bench, "s2", 4, &ALL);
    for who in ["b", "s1"] {
        slave(&mut bench, who, 4);
    }
    bench.hears("s2", Packet::Closed);
    says_as(&mut bench, "s1", 4, 9, 3);
    assert_eq!(says_as(&mut bench, "b", 4, 9, 1).noted, ["elected b in epoch 5"], "the first of the file");
}

#[test]
fn of_equals_that_never_led_the_first_of_the_file_is_elected() {
    let mut bench = dead_master();
    says(&mut bench, "s2", 1, 9);
    assert_eq!(says(&mut bench, "s1", 1, 9).noted, ["elected s1 in epoch 2"]);
}

#[test]
fn the_only_one_alive_is_elected_unasked() {
    let mut bench = dead_master();
    let told = bench.hears("s1", Packet::Closed);
    assert_eq!(told.noted, ["declared dead s1", "elected s2 in epoch 2"], "and who dies meanwhile is not waited for");
    let mut bench = dead_master();
    says(&mut bench, "s2", 1, 3);
    let told = bench.hears("s1", Packet::Closed);
    assert_eq!(told.notes_of("elected"), ["elected s2 in epoch 2"], "nor if the others have answered");
}

#[test]
fn if_all_are_dead_whoever_comes_back_first_is_elected() {
    let mut bench = dead_master();
    bench.hears("s1", Packet::Closed);
    bench.hears("s2", Packet::Closed);
    assert_eq!(nobody(&mut bench, "s1", 2, 2).notes_of("elected"), ["elected s1 in epoch 3"]);
}

#[test]
fn it_waits_until_all_have_answered_and_asks_the_silent_again_after_each_call() {
    let mut bench = dead_master();
    assert_eq!(says(&mut bench, "s2", 1, 9).noted, [""; 0]);
    bench.until(0.5);
    slave(&mut bench, "s1", 1);
    slave(&mut bench, "s2", 1);
    assert_eq!(bench.until(2.5).timed("how much?"), ["1s s1: how much?", "2s s1: how much?"]);
    assert_eq!(says(&mut bench, "s1", 1, 10).noted, ["elected s1 in epoch 2"]);
    assert_eq!(bench.until(3.4).about("how much?"), [""; 0]);
}

#[test]
fn what_a_replica_had_in_an_earlier_life_does_not_count() {
    let mut bench = dead_master();
    says(&mut bench, "s1", 1, 9);
    assert_eq!(nobody(&mut bench, "s1", 2, 1).about("how much?"), ["s1: how much?", "s2: how much?"]);
    assert_eq!(says(&mut bench, "s2", 1, 5).noted, [""; 0]);
    assert_eq!(says(&mut bench, "s1", 1, 4).noted, ["elected s2 in epoch 2"]);
}

#[test]
fn who_comes_back_during_an_election_is_asked_too() {
    let mut bench = dead_master();
    says(&mut bench, "s1", 1, 9);
    assert_eq!(nobody(&mut bench, "b", 2, 1).about("how much?"), ["b: how much?", "s2: how much?"]);
    says(&mut bench, "s2", 1, 9);
    assert_eq!(says(&mut bench, "b", 1, 9).noted, ["elected b in epoch 2"]);
}

#[test]
fn a_late_answer_changes_nothing() {
    let mut bench = dead_master();
    says(&mut bench, "s1", 1, 9);
    says(&mut bench, "s2", 1, 9);
    let late = says(&mut bench, "s2", 1, 99);
    assert_eq!((late.noted.len(), late.sent.len()), (0, 0));
    let stranger = says(&mut bench, "shop", 9, 9);
    assert_eq!((stranger.noted.len(), stranger.sent.len()), (0, 0));
}

// ---- who is told what ----------------------------------------------------------------------------------------------

/// After b has died s1 is appointed in epoch 2, and has not confirmed.
fn appointed() -> Bench {
    let mut bench = dead_master();
    bench.hears("shop", Bench::client_heartbeat(1, 0, 0));
    route(&mut bench);
    says(&mut bench, "s2", 1, 9);
    let told = says(&mut bench, "s1", 1, 9);
    assert_eq!(roles(&bench, &told), ["s1: s1 in 2, [1, 2] live"]);
    assert_eq!(told.about("s2").len() + told.about("shop").len(), 0, "nobody else hears of it yet");
    bench
}

#[test]
fn clients_and_the_other_replicas_are_told_once_the_new_master_has_confirmed() {
    let mut bench = appointed();
    assert_eq!(route(&mut bench).split(':').nth(1), Some(" route 3 of t"));
    assert!(route(&mut bench).contains("b led by nobody in epoch 1"), "{}", route(&mut bench));
    let told = slave(&mut bench, "s2", 1);
    assert_eq!(roles(&bench, &told), [""; 0], "nor if it asks");
    let told = master(&mut bench, "s1", 2, &[1, 2]);
    assert_eq!(told.about("shop"), ["shop: route 4 of t: b led by s1 in epoch 2"]);
    assert_eq!(roles(&bench, &told), ["s1: s1 in 2, [1, 2] live", "s2: s1 in 2, [1, 2] live"]);
}

#[test]
fn an_appointment_is_repeated_until_the_new_master_serves() {
    let mut bench = appointed();
    for _ in 0..3 {
        let told = slave(&mut bench, "s1", 1);
        assert_eq!(roles(&bench, &told), ["s1: s1 in 2, [1, 2] live"]);
        assert_eq!(told.noted, [""; 0], "the same election");
    }
    master(&mut bench, "s1", 2, &[1, 2]);
    assert_eq!(master(&mut bench, "s1", 2, &[1, 2]).about("role"), [""; 0]);
}

#[test]
fn whom_to_follow_is_repeated_until_a_replica_does() {
    let mut bench = appointed();
    master(&mut bench, "s1", 2, &[1, 2]);
    for _ in 0..3 {
        assert_eq!(slave(&mut bench, "s2", 1).about("role"), ["s2: role: s1 leads in epoch 2"]);
    }
    assert_eq!(slave(&mut bench, "s2", 2).about("role"), [""; 0]);
}

#[test]
fn who_lives_is_repeated_until_the_master_has_heard_it() {
    let mut bench = led_by_b();
    let told = bench.hears("s2", Packet::Closed);
    assert_eq!(roles(&bench, &told), ["b: b in 1, [0, 1] live"]);
    for _ in 0..3 {
        let told = master(&mut bench, "b", 1, &ALL);
        assert_eq!(roles(&bench, &told), ["b: b in 1, [0, 1] live"]);
    }
    let told = master(&mut bench, "b", 1, &[0, 1]);
    assert_eq!(roles(&bench, &told), [""; 0]);
}

#[test]
fn a_slave_that_comes_back_is_told_whom_to_follow_and_its_master_that_it_lives() {
    let mut bench = led_by_b();
    bench.hears("s2", Packet::Closed);
    let told = nobody(&mut bench, "s2", 2, 1);
    assert_eq!(roles(&bench, &told), ["s2: b in 1, [0, 1, 2] live", "b: b in 1, [0, 1, 2] live"]);
    // A short crash, of which nobody has heard.
    let told = nobody(&mut bench, "s1", 2, 1);
    assert_eq!(roles(&bench, &told), ["s1: b in 1, [0, 1, 2] live", "b: b in 1, [0, 1, 2] live"]);
}

#[test]
fn a_slave_that_is_silent_for_longer_than_expire_is_dead_and_its_master_is_told() {
    let mut bench = led_by_b();
    bench.until(3.0);
    slave(&mut bench, "s1", 1);
    master(&mut bench, "b", 1, &ALL);
    let told = bench.until(4.0);
    assert_eq!(told.noted, ["declared dead s2"]);
    assert_eq!(roles(&bench, &told), ["b: b in 1, [0, 1] live"]);
}

#[test]
fn a_former_master_that_comes_back_is_told_to_follow() {
    let mut bench = appointed();
    master(&mut bench, "s1", 2, &[1, 2]);
    let told = nobody(&mut bench, "b", 2, 1);
    assert_eq!(roles(&bench, &told), ["b: s1 in 2, [0, 1, 2] live", "s1: s1 in 2, [0, 1, 2] live"]);
    assert_eq!(told.noted, ["registered b"], "it is no election");
}

#[test]
fn a_former_master_that_was_only_cut_off_is_told_so_too() {
    let mut bench = appointed();
    master(&mut bench, "s1", 2, &[1, 2]);
    for _ in 0..2 {
        let told = master(&mut bench, "b", 1, &ALL);
        assert_eq!(told.about("b: role"), ["b: role: s1 leads in epoch 2"]);
    }
    assert!(route(&mut bench).contains("b led by s1 in epoch 2"));
}

#[test]
fn a_former_master_that_is_heard_of_before_the_new_one_has_confirmed_has_to_wait_for_its_role() {
    let mut bench = appointed();
    let told = master(&mut bench, "b", 1, &ALL);
    assert_eq!((roles(&bench, &told).len(), told.about("shop").len()), (0, 0), "it does not lead any more");
    assert!(route(&mut bench).contains("nobody"));
    let told = master(&mut bench, "s1", 2, &ALL);
    assert_eq!(roles(&bench, &told).len(), 3);
}

#[test]
fn a_master_that_has_restarted_gets_a_new_epoch_though_nobody_noticed() {
    let mut bench = led_by_b();
    nobody(&mut bench, "b", 2, 1);
    for who in ["b", "s1", "s2"] {
        says(&mut bench, who, 1, 7);
    }
    let told = nobody(&mut bench, "b", 2, 1);
    assert_eq!(roles(&bench, &told), ["b: b in 2, [0, 1, 2] live"], "it leads again, in another epoch");
}

#[test]
fn an_epoch_is_above_all_that_any_replica_has_on_its_disk() {
    let mut bench = nameserver("ns");
    nobody(&mut bench, "s2", 1, 7);
    nobody(&mut bench, "b", 1, 2);
    says(&mut bench, "b", 2, 9);
    assert_eq!(says(&mut bench, "s2", 1, 1).noted, ["elected b in epoch 8"], "whoever is elected");
}

// ---- nameservers that come back, and others ------------------------------------------------------------------------

/// A nameserver that has given epoch 2 to s1, and has crashed at 1 s.
fn restarted() -> Bench {
    let mut bench = appointed();
    master(&mut bench, "s1", 2, &[1, 2]);
    bench.until(1.0);
    bench.crashes();
    bench.start();
    bench
}

#[test]
fn a_restarted_nameserver_accepts_the_master_that_it_hears() {
    let mut bench = restarted();
    assert_eq!(slave(&mut bench, "s2", 2).sent, ["s2: heartbeat answer"], "and waits for it");
    let told = master(&mut bench, "s1", 2, &[1, 2]);
    assert_eq!(told.notes_of("elected"), [""; 0]);
    assert_eq!(roles(&bench, &told), ["s1: s1 in 2, [1, 2] live", "s2: s1 in 2, [1, 2] live"]);
    assert!(route(&mut bench).contains("b led by s1 in epoch 2"));
    let told = nobody(&mut bench, "b", 2, 1);
    assert_eq!(told.about("b: role"), ["b: role: s1 leads in epoch 2"]);
}

#[test]
fn a_restarted_nameserver_waits_one_expire_before_it_elects() {
    let mut bench = restarted();
    for second in [1.5, 3.5] {
        bench.until(second);
        for who in ["b", "s2"] {
            assert_eq!(slave(&mut bench, who, 1).about("how much?"), [""; 0], "even if the first of the file is there");
        }
    }
    assert_eq!(bench.until(4.9).about("how much?"), [""; 0]);
    assert_eq!(bench.until(5.0).timed("how much?"), ["5s b: how much?", "5s s2: how much?"]);
}

#[test]
fn a_restarted_nameserver_gives_no_epoch_twice() {
    let mut bench = restarted();
    bench.until(3.5);
    slave(&mut bench, "s2", 1);
    // Nobody whom it can hear has ever heard of epoch 2.
    assert_eq!(bench.until(5.0).notes_of("elected"), ["elected s2 in epoch 3"]);
}

#[test]
fn a_restarted_nameserver_accepts_no_master_of_an_epoch_below_one_that_it_has_given() {
    let mut bench = restarted();
    let told = master(&mut bench, "b", 1, &ALL);
    assert_eq!((roles(&bench, &told).len(), told.about("shop").len()), (0, 0));
    assert!(route(&mut bench).contains("nobody"));
    bench.until(3.5);
    master(&mut bench, "b", 1, &ALL);
    assert_eq!(bench.until(5.0).notes_of("elected"), ["elected b in epoch 3"], "anew, if nobody else is there");
}

#[test]
fn what_it_has_learnt_from_a_master_it_does_not_give_again_either() {
    let mut bench = nameserver("ns");
    master(&mut bench, "s1", 6, &[1]);
    bench.crashes();
    bench.start();
    bench.until(3.5);
    nobody(&mut bench, "b", 2, 1);
    assert_eq!(bench.until(4.0).notes_of("elected"), ["elected b in epoch 7"]);
}

#[test]
fn of_two_masters_the_one_of_the_higher_epoch_counts() {
    let mut bench = led_by_b();
    let told = master(&mut bench, "s2", 5, &[2]);
    assert_eq!(roles(&bench, &told).len(), 3, "whoever elected it");
    let told = master(&mut bench, "b", 1, &ALL);
    assert_eq!(told.about("b: role"), ["b: role: s2 leads in epoch 5"]);
    assert!(route(&mut bench).contains("b led by s2 in epoch 5"));
}

#[test]
fn a_second_nameserver_elects_nobody_and_appoints_nobody() {
    let mut bench = nameserver("second");
    for who in ["b", "s1", "s2"] {
        assert_eq!(nobody(&mut bench, who, 1, 0).sent, [format!("{who}: heartbeat answer")]);
    }
    bench.until(2.0);
    master(&mut bench, "b", 1, &ALL);
    assert!(route(&mut bench).contains("b led by b in epoch 1"), "it learns who leads");
    assert_eq!(slave(&mut bench, "s1", 0).about("role"), [""; 0]);
    assert_eq!(master(&mut bench, "b", 1, &[0]).about("role"), [""; 0]);
    let told = bench.hears("b", Packet::Closed);
    assert_eq!(told.about("how much?").len() + told.about("role").len(), 0);
    assert!(route(&mut bench).contains("nobody"), "and that nobody does");
    for life in 2..4 {
        let told = nobody(&mut bench, "b", life, 1);
        assert_eq!(
            (told.notes_of("elected").len(), told.about("role").len(), told.about("how much?").len()),
            (0, 0, 0)
        );
    }
    let told = bench.until(30.0);
    assert_eq!((told.notes_of("elected").len(), told.sent.len()), (0, 0));
    master(&mut bench, "s1", 2, &[1, 2]);
    assert!(route(&mut bench).contains("b led by s1 in epoch 2"));
}

#[test]
fn a_master_without_slaves_is_told_its_role_once() {
    let alone = CLUSTER.replace("slaves = [\"s1\", \"s2\"]", "");
    let mut bench = Bench::new(&alone, "ns");
    bench.start();
    let told = nobody(&mut bench, "b", 1, 0);
    assert_eq!(roles(&bench, &told), ["b: b in 1, [0] live"]);
    let told = master(&mut bench, "b", 1, &[0]);
    assert_eq!(roles(&bench, &told), [""; 0], "it has confirmed, and nobody else need know");
}
