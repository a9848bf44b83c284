//! Packets that arrive twice: where neither a send nor a call passes, nothing is different for it, whatever breaks.

use queuescope::plan::{NodeId, Plan, Role, Target};
use queuescope::record::{Change, Kind, Record};
use queuescope_tests::random::chaos::{Means, chaos};
use queuescope_tests::run::{FinishedRun, plan, run_text};

/// Runs of the usual test.
const RUNS: u64 = 60;

/// Whether one of two nodes sends the other messages, or calls it.
fn asks(plan: &Plan, one: NodeId, other: NodeId) -> bool {
    let of = |client: NodeId, server: NodeId| match (&plan.nodes[client].role, &plan.nodes[server].role) {
        (Role::Producer(producer), Role::Service(_)) => producer.target == Target::Service(server),
        (Role::Consumer(consumer), Role::Service(_)) => consumer.calls == Some(server),
        (_, Role::Broker { .. }) => plan.topic_sent_to(client).is_some(),
        _ => false,
    };
    of(one, other) || of(other, one)
}

/// A fault for each other link, from the beginning to the end, that lets three of four packets arrive twice.
fn repeats(plan: &Plan) -> String {
    let nodes = || (0..plan.nodes.len()).map(NodeId::from);
    let pairs = nodes().flat_map(|one| nodes().filter(move |other| one < *other).map(move |other| (one, other)));
    let faults = pairs.filter(|(one, other)| !asks(plan, *one, *other)).map(|(one, other)| {
        let (one, other) = (plan.name(one), plan.name(other));
        format!("[[faults]]\nat = \"0s\"\nkind = \"repeat\"\nbetween = [\"{one}\", \"{other}\"]\nprobability = 0.75\n")
    });
    faults.collect()
}

/// The records of a run, but for those that tell of the faults.
fn others(run: &FinishedRun) -> Vec<String> {
    let repeats = |record: &Record| matches!(&record.kind, Kind::Changed { change } if matches!(&**change, Change::Wire { rule, .. } if rule.kind() == "repeat"));
    let plain = run.records.iter().filter(|record| !repeats(record));
    plain.map(|record| format!("{:?} {} {:?}", record.at, run.plan.name(record.node), record.kind)).collect()
}

#[test]
fn a_packet_that_arrives_twice_hurts_nobody_unless_it_is_a_send_or_a_call() {
    // A second copy takes its place on the link, so latency must not be drawn: what comes after it would come later.
    let means = Means { network_and_disks: false, repeats: false, ..Means::ALL };
    for number in 0..RUNS {
        let text = chaos(means, number).0;
        let text: String = text
            .lines()
            .map(
                |line| if line.starts_with("latency") { "latency = \"3ms\"\n".to_owned() } else { format!("{line}\n") },
            )
            .collect();
        let (without, with) = (run_text(&text), run_text(&format!("{text}{}", repeats(&plan(&text)))));
        let (one, other) = (others(&without), others(&with));
        let differ = one.iter().zip(&other).find(|(a, b)| a != b);
        assert!(differ.is_none() && one.len() == other.len(), "chaos {number}: the first that differ: {differ:?}");
    }
}
