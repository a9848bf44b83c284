//! How a message finds its queue, and what is done when no answer comes, or a bad one.

use crate::node::harness::Bench;
use crate::protocol::{Packet, SendOutcome};

/// Two queues on b1, one on b2; ten messages at once, at one second.
fn shop(settings: &str) -> Bench {
    let mut bench = Bench::new(
        &format!(
            r#"
            [[brokers]]
            name = "b1"
            [[brokers]]
            name = "b2"
            [[topics]]
            name = "t"
            queues = {{ b1 = 2, b2 = 1 }}
            [[producers]]
            name = "shop"
            topic = "t"
            {settings}"#
        ),
        "shop",
    );
    bench.start();
    bench
}

const TEN: &str = r#"bursts = [{ at = "1s", count = 10 }]"#;
const ONE: &str = r#"bursts = [{ at = "1s", count = 1 }]"#;

fn told_route(bench: &mut Bench, b1: &str, b2: &str) -> Vec<String> {
    let route = bench.route("t", 2, &[("b1", 1, b1), ("b2", 1, b2)]);
    bench.hears("nameserver", route).sent
}

/// A shop that knows both masters, at one second: what it sent.
fn sent_by(settings: &str) -> (Bench, Vec<String>) {
    let mut bench = shop(settings);
    told_route(&mut bench, "b1", "b2");
    let told = bench.until(1.0);
    let sent = told.about("send").iter().map(|line| (*line).to_owned()).collect();
    (bench, sent)
}

fn answer(bench: &Bench, message: &str, attempt: u32, outcome: SendOutcome) -> Packet {
    Packet::SendAnswer { message: bench.message(message), attempt, outcome }
}

/// The queue in each line.
fn queues(sent: &[String]) -> Vec<&str> {
    sent.iter().filter_map(|line| line.split(" to ").nth(1)?.split(',').next()).collect()
}

#[test]
fn round_robin_goes_from_the_first_queue_on() {
    let (_, sent) = sent_by(TEN);
    assert_eq!(sent[0], "b1: send shop#1 to t/b1/0, attempt 1");
    assert_eq!(queues(&sent)[..7], ["t/b1/0", "t/b1/1", "t/b2/0", "t/b1/0", "t/b1/1", "t/b2/0", "t/b1/0"]);
}

#[test]
fn round_robin_passes_over_queues_without_a_master() {
    let mut bench = shop(TEN);
    told_route(&mut bench, "", "b2");
    let told = bench.until(1.0);
    assert_eq!(queues(&told.sent), ["t/b2/0"; 10]);
    assert_eq!(told.notes_of("unrouted"), [""; 0]);
}

#[test]
fn random_picks_among_led_queues_only_and_all_of_them() {
    let (_, sent) = sent_by("select = \"random\"\nbursts = [{ at = \"1s\", count = 200 }]");
    let count = |queue| queues(&sent).iter().filter(|sent| **sent == queue).count();
    for queue in ["t/b1/0", "t/b1/1", "t/b2/0"] {
        assert!((40..95).contains(&count(queue)), "{queue}: {} of 200", count(queue));
    }
    let mut bench = shop("select = \"random\"\nbursts = [{ at = \"1s\", count = 50 }]");
    told_route(&mut bench, "b1", "");
    assert!(queues(&bench.until(1.0).sent).iter().all(|queue| *queue != "t/b2/0"));
}

#[test]
fn a_key_goes_to_the_same_queue_always_and_waits_for_its_master() {
    let settings = "select = \"key_hash\"\nkeys = 12\nbursts = [{ at = \"1s\", count = 100 }]";
    let mut bench = shop(settings);
    told_route(&mut bench, "b1", "b2");
    let told = bench.until(1.0);
    let mut homes = std::collections::BTreeMap::new();
    for record in &told.records {
        if let crate::record::Kind::Sent { queue, key, .. } = record.kind {
            assert_eq!(*homes.entry(key).or_insert(queue), queue, "key {key:?}");
        }
    }
    assert_eq!(homes.len(), 12);
    let sends = told.packets.iter().find_map(|(to, packet)| match packet {
        Packet::Send { message, queue, .. } => Some((bench.plan.name(*to).to_owned(), *message, *queue)),
        _ => None,
    });
    let (refused, message, queue) = sends.expect("a hundred messages");
    let again = bench.hears(&refused, Packet::SendAnswer { message, attempt: 1, outcome: SendOutcome::Full });
    assert!(matches!(again.packets[..], [(_, Packet::Send { queue: other, attempt: 2, .. })] if other == queue));

    let mut led = shop(settings);
    told_route(&mut led, "", "b2");
    let half = led.until(1.0);
    let (waiting, gone) = (half.notes_of("unrouted").len(), half.about("b2: send").len());
    assert!(waiting > 5 && gone > 5 && waiting + gone == 100, "{waiting} wait, {gone} are gone");
    assert!(half.about("b1").is_empty());
}

#[test]
fn a_retry_goes_to_the_next_queue_of_another_broker_set() {
    let (mut bench, _) = sent_by(ONE);
    let told = bench.until(2.0);
    assert_eq!(told.about("send"), ["b2: send shop#1 to t/b2/0, attempt 2"]);
    assert_eq!(bench.until(3.0).about("send"), ["b1: send shop#1 to t/b1/0, attempt 3"]);
}

#[test]
fn where_there_is_no_other_set_a_retry_goes_to_the_next_queue() {
    let mut bench = shop(ONE);
    told_route(&mut bench, "b1", "");
    assert_eq!(queues(&bench.until(3.0).sent), ["t/b1/0", "t/b1/1", "t/b1/0"]);
}

#[test]
fn after_its_retries_a_message_is_given_up() {
    let (mut bench, _) = sent_by(ONE);
    assert_eq!(bench.until(3.9).noted.iter().filter(|line| line.contains("rejected")).count(), 0);
    let told = bench.until(4.0);
    assert_eq!(told.noted, ["rejected shop#1"]);
    let late = answer(&bench, "shop#1", 3, SendOutcome::Accepted);
    assert_eq!(bench.hears("b1", late).noted, [""; 0], "too late");
}

#[test]
fn an_answer_to_an_earlier_attempt_counts() {
    let (mut bench, _) = sent_by(ONE);
    bench.until(2.5);
    let first = answer(&bench, "shop#1", 1, SendOutcome::Accepted);
    assert_eq!(bench.hears("b1", first).noted, ["accepted shop#1"]);
    let second = answer(&bench, "shop#1", 2, SendOutcome::Accepted);
    assert_eq!(bench.hears("b2", second).noted, [""; 0], "accepted once");
    assert_eq!(bench.until(10.0).about("send"), [""; 0]);
}

#[test]
fn a_refusal_of_an_earlier_attempt_is_ignored() {
    let (mut bench, _) = sent_by(ONE);
    bench.until(2.5);
    let old = answer(&bench, "shop#1", 1, SendOutcome::Full);
    assert_eq!(bench.hears("b1", old).sent, [""; 0]);
    let present = answer(&bench, "shop#1", 2, SendOutcome::Full);
    assert_eq!(bench.hears("b2", present).sent, ["b1: send shop#1 to t/b1/0, attempt 3"]);
}

#[test]
fn a_refusal_leads_to_another_attempt_at_once() {
    let (mut bench, _) = sent_by(ONE);
    let refusal = answer(&bench, "shop#1", 1, SendOutcome::NotMaster);
    let told = bench.hears("b1", refusal);
    assert_eq!(told.sent, ["b2: send shop#1 to t/b2/0, attempt 2"]);
    let refusal = answer(&bench, "shop#1", 2, SendOutcome::NotMaster);
    assert_eq!(bench.hears("b2", refusal).sent, [""; 0], "nobody is left: it waits for a route");
    assert_eq!(bench.until(2.0).noted, ["rejected shop#1"], "the third attempt ends one second after it began");
}

#[test]
fn a_closed_connection_leads_to_another_attempt_at_once() {
    let (mut bench, _) = sent_by(TEN);
    let done = answer(&bench, "shop#1", 1, SendOutcome::Accepted);
    bench.hears("b1", done);
    let told = bench.hears("b1", Packet::Closed);
    assert_eq!(told.about("b2: send").len(), 6, "of seven sent to b1 one was answered: {told:?}");
    assert_eq!(told.about("b1"), [""; 0]);
}

#[test]
fn without_a_route_a_message_waits_and_says_so_once() {
    let mut bench = shop(ONE);
    let told = bench.until(2.5);
    assert_eq!(told.noted, ["unrouted shop#1"]);
    assert_eq!(told_route(&mut bench, "", ""), [""; 0]);
    assert_eq!(told_route(&mut bench, "", "b2"), ["b2: send shop#1 to t/b2/0, attempt 2"]);
    assert_eq!(told_route(&mut bench, "b1", "b2"), [""; 0], "it waits no longer");
}

#[test]
fn it_waits_for_a_route_no_longer_than_its_attempts() {
    let mut bench = shop(ONE);
    assert_eq!(bench.until(4.0).noted, ["unrouted shop#1", "rejected shop#1"]);
    assert_eq!(told_route(&mut bench, "b1", "b2"), [""; 0]);
}

#[test]
fn a_message_sent_because_of_a_route_is_caused_by_its_waiting() {
    let mut bench = shop(ONE);
    let waited = bench.until(1.0);
    let route = bench.route("t", 2, &[("b1", 1, "b1"), ("b2", 1, "b2")]);
    let told = bench.hears("nameserver", route);
    assert_eq!(told.records[0].cause, Some(waited.records[0].seq));
}

#[test]
fn a_late_refusal_from_an_earlier_epoch_says_nothing_about_a_later_one() {
    let (mut bench, _) = sent_by(ONE);
    // b1 has restarted: the route of its new epoch is here before its refusal of what was sent in the old one.
    let route = bench.route("t", 3, &[("b1", 2, "b1"), ("b2", 1, "")]);
    bench.hears("nameserver", route);
    let refusal = answer(&bench, "shop#1", 1, SendOutcome::NotMaster);
    assert_eq!(bench.hears("b1", refusal).about("b1: send").len(), 1, "b1 is master in epoch 2");
}
