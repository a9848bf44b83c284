//! A broker set that joins late: nobody knows of it before, and everybody uses it after.

use super::{WorldRun, run, sorted};
use crate::record::Kind;

/// Two sets, the second of which joins at 3 s; a shop that sends every 100 ms, as `select` says.
fn shop(select: &str) -> WorldRun {
    run(&format!(
        r#"
        duration = "6s"
        settle = "10s"
        [[brokers]]
        name = "late"
        slaves = ["follower"]
        joins = "3s"
        [[brokers]]
        name = "early"
        [[topics]]
        name = "t"
        queues = {{ late = 2, early = 2 }}
        [[producers]]
        name = "shop"
        topic = "t"
        interval = "100ms"
        {select}
        [[groups]]
        name = "g"
        topic = "t"
        [[consumers]]
        name = "c-1"
        group = "g"
        [[consumers]]
        name = "c-2"
        group = "g""#
    ))
}

/// The sets to which messages were sent: before a time, and after it.
fn sent_to(run: &WorldRun, second: f64) -> [Vec<&str>; 2] {
    let sent = run.of(|kind| matches!(kind, Kind::Sent { .. }));
    let (before, after): (Vec<_>, Vec<_>) = sent.into_iter().partition(|record| record.at.seconds() < second);
    [before, after].map(|records| {
        let set = |kind: &Kind| match kind {
            Kind::Sent { queue, .. } => run.plan.sets[run.plan.queues[*queue].set].name.as_str(),
            other => panic!("{other:?}"),
        };
        let mut sets: Vec<&str> = records.iter().map(|record| set(&record.kind)).collect();
        sets.sort_unstable();
        sets.dedup();
        sets
    })
}

#[test]
fn messages_go_to_it_once_it_is_there_by_every_rule() {
    for select in ["", "select = \"random\"", "select = \"key_hash\"\nkeys = 50"] {
        let run = shop(select);
        assert_eq!(sent_to(&run, 3.0), [vec!["early"], vec!["early", "late"]], "{select}");
        assert_eq!(run.whens(|kind| matches!(kind, Kind::Joined)), [("late", 3.0), ("follower", 3.0)]);
        let done = run.of(|kind| matches!(kind, Kind::Finished { .. }));
        assert_eq!(sorted(&done), run.accepted(), "each is done, wherever it lay");
        assert_eq!(run.of(|kind| matches!(kind, Kind::Rejected { .. } | Kind::Dropped { .. })).len(), 0);
    }
}

#[test]
fn its_queues_are_shared_out_when_it_is_there_and_not_before() {
    let run = shop("");
    let assigned = run.of(|kind| matches!(kind, Kind::Assigned { .. }));
    let (before, after): (Vec<_>, Vec<_>) = assigned.into_iter().partition(|record| record.at.seconds() < 3.0);
    let last = |records: &[&crate::record::Record], name: &str| {
        let own = records.iter().rev().find(|record| run.plan.name(record.node) == name);
        match own.map(|record| &record.kind) {
            Some(Kind::Assigned { queues, .. }) => {
                queues.iter().map(|queue| run.plan.queues[*queue].name.clone()).collect::<Vec<_>>()
            }
            _ => Vec::new(),
        }
    };
    assert_eq!((last(&before, "c-1"), last(&before, "c-2")), (vec!["t/early/0".into()], vec!["t/early/1".into()]));
    let (one, other) = (["t/late/0", "t/late/1"], ["t/early/0", "t/early/1"]);
    assert_eq!(last(&after, "c-1"), one);
    assert_eq!(last(&after, "c-2"), other);
}
