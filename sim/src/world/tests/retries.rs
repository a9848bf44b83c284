//! Messages that fail: each processing that fails brings a retry of its own, whatever the network does to its report.

use super::{WorldRun, run};
use crate::record::Kind;

/// One message whose processing fails until 5 s; nothing of the log is ever committed.
const FAILING: &str = r#"
    duration = "60s"
    [timers]
    commit = "1h"
    [[brokers]]
    name = "mq"
    [[topics]]
    name = "t"
    queues = { mq = 1 }
    [[producers]]
    name = "shop"
    topic = "t"
    interval = "1s"
    messages = 1
    [[groups]]
    name = "g"
    topic = "t"
    retry_delay = "10s"
    [[consumers]]
    name = "c"
    group = "g"
    service_time = "10ms"
    failure_rate = 1.0
    [[changes]]
    at = "5s"
    node = "c"
    set = "failure_rate"
    to = 0
    "#;

/// How often the message has failed, came to the retry queue, and was done.
fn counts(run: &WorldRun) -> [usize; 3] {
    let count = |pick: fn(&Kind) -> bool| run.of(pick).len();
    [
        count(|kind| matches!(kind, Kind::Failed { .. })),
        count(|kind| matches!(kind, Kind::Retried { .. })),
        count(|kind| matches!(kind, Kind::Finished { .. })),
    ]
}

#[test]
fn a_message_that_is_delivered_twice_and_fails_twice_comes_twice() {
    let crash = "[[faults]]\nat = \"2s\"\nfor = \"1s\"\nkind = \"crash\"\nnode = \"c\"\n";
    assert_eq!(counts(&run(FAILING)), [1, 1, 1]);
    assert_eq!(counts(&run(&format!("{FAILING}{crash}"))), [2, 2, 2], "its consumer has forgotten the first time");
}

#[test]
fn a_report_that_is_repeated_counts_once() {
    // The answers of the broker are cut off for three seconds: the report is repeated each second.
    let cut = "[[faults]]\nat = \"1010ms\"\nfor = \"3s\"\nkind = \"partition\"\nsides = [[\"mq\"], [\"c\"]]\none_way = true\n";
    let run = run(&format!("{FAILING}{cut}"));
    assert_eq!(counts(&run), [1, 1, 1]);
    let unanswered = |kind: &Kind| matches!(kind, Kind::Dropped { from, what: crate::record::What::Settle, .. } if run.plan.name(*from) == "mq");
    assert!(run.of(unanswered).len() >= 2, "the broker has answered in vain");
}
