//! Messages that no disk has any more, and that are not gone yet: somebody carries them.

use super::{WorldRun, run};
use crate::record::Kind;

/// One message, at 1 s; a group that never comes; the topic keeps a message for a second.
fn aged(broker: &str, faults: &str) -> WorldRun {
    run(&format!(
        "duration = \"20s\"\n[[brokers]]\nname = \"b\"\nslaves = [\"s\"]\n{broker}\n[[topics]]\nname = \"t\"\n\
         queues = {{ b = 1 }}\nretention = \"1s\"\n[[producers]]\nname = \"shop\"\ntopic = \"t\"\ninterval = \"1s\"\nmessages = 1\n\
         [[groups]]\nname = \"g\"\ntopic = \"t\"\n{faults}"
    ))
}

/// When and where it has expired, and what is said to have led to it.
fn expired(run: &WorldRun) -> (&str, f64, &'static str) {
    let records = run.of(|kind| matches!(kind, Kind::Expired { .. }));
    assert_eq!(records.len(), 1, "{:?}", run.trace());
    (run.plan.name(records[0].node), records[0].at.seconds(), run.cause(records[0]).name())
}

const CRASH: &str = "[[faults]]\nat = \"2500ms\"\nkind = \"crash\"\nnode = \"b\"\n";

#[test]
fn what_waits_to_be_copied_has_not_expired_until_the_slave_has_deleted_it_or_the_master_dies() {
    let delayed = "replication_delay = \"3s\"";
    assert_eq!(expired(&aged("", "")), ("s", 2.002, "deleted"), "one hop after its master");
    assert_eq!(expired(&aged(delayed, "")), ("s", 4.003, "deleted"), "when its master has heard that the slave had it");
    assert_eq!(expired(&aged(delayed, CRASH)), ("b", 2.5, "deleted"), "what waits dies with the master");
}

#[test]
fn what_a_slave_has_not_confirmed_is_sent_again_though_its_master_has_deleted_it() {
    let cut =
        "[[faults]]\nat = \"500ms\"\nfor = \"2s\"\nkind = \"partition\"\nsides = [[\"b\"], [\"s\"]]\none_way = true\n";
    let run = aged("", cut);
    let replicated = run.whens(|kind| matches!(kind, Kind::Replicated { .. }));
    assert_eq!(replicated, [("s", 3.002)], "the step of 1.001 s, two seconds later");
    assert_eq!(expired(&run), ("s", 3.003, "deleted"), "and so is the deletion");
}

#[test]
fn a_slave_that_is_elected_hands_out_what_its_master_had_deleted() {
    // The slave has the message, but the word of its deletion is cut off; its master dies.
    let cut = "[[faults]]\nat = \"1500ms\"\nkind = \"partition\"\nsides = [[\"b\"], [\"s\"]]\n";
    let reader = "[[consumers]]\nname = \"c\"\ngroup = \"g\"\njoins = \"2600ms\"\n";
    let run = aged("", &format!("{reader}{cut}{CRASH}"));
    assert_eq!(run.of(|kind| matches!(kind, Kind::Expired { .. })).len(), 1, "it is too old for the new master, too");
    let slow = run.of(|kind| matches!(kind, Kind::Deleted { .. }));
    assert_eq!(slow.iter().map(|record| run.plan.name(record.node)).collect::<Vec<_>>(), ["b", "s"]);
    assert_eq!(expired(&run).0, "s", "not while the slave had it");
}
