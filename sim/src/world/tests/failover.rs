//! What a master's end takes along and what it leaves: messages, offsets, retries and dead letters, after crashes and
//! behind partitions.

use std::collections::BTreeSet;

use super::{WorldRun, numbers, run, sorted};
use crate::node::Node;
use crate::plan::{GroupId, GroupSlot, NodeId, Offset, QueueSlot};
use crate::record::{Kind, Record};

/// A set of two. A shop that sends 49 orders, every 100 ms; of a group the reader comes when the test says so.
fn shop(timers: &str, set: &str, group: &str, consumer: &str, faults: &str) -> WorldRun {
    let timers = format!("duration = \"20s\"\nsettle = \"60s\"\n{timers}");
    shop_lasting(&timers, set, group, consumer, faults)
}

/// The same, for as long as the first lines say.
fn shop_lasting(timers: &str, set: &str, group: &str, consumer: &str, faults: &str) -> WorldRun {
    run(&shop_text(timers, set, group, consumer, faults))
}

fn shop_text(timers: &str, set: &str, group: &str, consumer: &str, faults: &str) -> String {
    format!(
        r#"
        {timers}
        [[brokers]]
        name = "b"
        slaves = ["s"]
        {set}
        [[topics]]
        name = "t"
        queues = {{ b = 1 }}
        [[producers]]
        name = "shop"
        topic = "t"
        interval = "100ms"
        stops = "4950ms"
        [[groups]]
        name = "g"
        topic = "t"
        {group}
        [[consumers]]
        name = "c"
        group = "g"
        {consumer}
        {faults}"#
    )
}

/// The master's host crashes 50 ms after 5 s, when all orders are accepted.
const CRASH: &str = "[[faults]]\nat = \"5050ms\"\nkind = \"crash\"\nnode = \"b\"\n";
/// The same, and it is back six seconds later.
const SHORTER: &str = "[[faults]]\nat = \"5050ms\"\nfor = \"6s\"\nkind = \"crash\"\nnode = \"b\"\n";
/// The reader comes long after the failover.
const LATE: &str = "joins = \"15s\"";

/// The numbers of what was done, in the order in which it was.
fn done(run: &WorldRun) -> Vec<u32> {
    numbers(&run.of(|kind| matches!(kind, Kind::Finished { .. })))
}

/// Who was elected, in which epoch.
fn elected(run: &WorldRun) -> Vec<(&str, u32)> {
    let elections = run.records.iter().filter_map(|record| match record.kind {
        Kind::Elected { epoch, .. } => Some((run.plan.name(record.node), epoch.number())),
        _ => None,
    });
    elections.collect()
}

/// No master gives an offset twice in an epoch.
fn gives_each_offset_once(run: &WorldRun) {
    let mut given = BTreeSet::new();
    for record in &run.records {
        if let Kind::Stored { queue, offset, epoch, .. } = record.kind {
            assert!(given.insert((queue, epoch, offset)), "{record:?}");
        }
    }
}

// ---- messages ------------------------------------------------------------------------------------------------------

/// With a delay of one second the copies of the first 40 have left by the crash.
const DELAYED: &str = "replication_delay = \"1s\"";

#[test]
fn what_was_not_copied_is_lost_when_the_former_master_drops_it() {
    let run = shop("", DELAYED, "", LATE, SHORTER);
    assert_eq!(run.accepted(), (1..=49).collect::<Vec<_>>());
    assert_eq!(elected(&run), [("b", 1), ("s", 2)]);
    assert_eq!(sorted(&run.lost()), (41..=49).collect::<Vec<_>>());
    for record in run.lost() {
        assert!(
            matches!(run.cause(record), Kind::Truncated { from: Offset(40), to: Offset(49), .. }),
            "{:?}",
            run.cause(record)
        );
        let at = record.at.seconds();
        assert!(run.plan.name(record.node) == "b" && (11.05..12.1).contains(&at), "when it is back: {at}");
    }
    assert_eq!(done(&run), (1..=40).collect::<Vec<_>>());
    assert_eq!(run.world.left(GroupId(0)).waiting, 0);
}

#[test]
fn what_was_not_copied_is_lost_with_a_master_that_never_comes_back() {
    let run = shop("", DELAYED, "", LATE, CRASH);
    assert_eq!(sorted(&run.lost()), (41..=49).collect::<Vec<_>>());
    for record in run.lost() {
        assert!(matches!(run.cause(record), Kind::Crashed { .. }), "{:?}", run.cause(record));
        assert_eq!(record.at, run.world.now(), "until the end it might have come back");
    }
    assert_eq!(done(&run), (1..=40).collect::<Vec<_>>());
}

#[test]
fn what_was_neither_copied_nor_flushed_is_lost_with_the_crash() {
    let settings = format!("{DELAYED}\nflush = \"async\"\nflush_interval = \"1h\"");
    let run = shop("", &settings, "", LATE, SHORTER);
    assert_eq!(sorted(&run.lost()), (41..=49).collect::<Vec<_>>(), "the slave has the others, flushed or not");
    for record in run.lost() {
        assert!(matches!(run.cause(record), Kind::Crashed { .. }), "{:?}", run.cause(record));
        assert_eq!(record.at.seconds(), 5.05);
    }
    assert_eq!(done(&run), (1..=40).collect::<Vec<_>>());
}

#[test]
fn what_is_on_its_way_to_a_slave_is_not_lost_unless_the_run_ends_there() {
    let set = "flush = \"async\"\nflush_interval = \"60s\"";
    let slow = "[[faults]]\nat = \"1s\"\nkind = \"link\"\nbetween = [\"b\", \"s\"]\nlatency = \"700ms\"\n";
    let faults = format!("{slow}{CRASH}");
    let arrives = shop("", set, "", LATE, &faults);
    let last = |run: &WorldRun, name: &str, at: f64| {
        run.by(name, |kind| matches!(kind, Kind::Replicated { .. })).iter().filter(|it| it.at.seconds() > at).count()
    };
    assert!(last(&arrives, "s", 5.05) > 0, "copies are on their way when the host crashes, and in no other log");
    assert_eq!(sorted(&arrives.lost()), [0; 0]);
    // The same, over before they arrive.
    let ended = shop_lasting("duration = \"5060ms\"", set, "", "joins = \"5055ms\"", &faults);
    assert!(!ended.lost().is_empty(), "nothing brings them any more");
    assert!(ended.lost().iter().all(|record| record.at.seconds() == 5.06), "which only the end makes sure");
}

/// The slave's process is down from 0.95 s to 4 s, and all takes 700 ms between master and slave: when the master's host
/// crashes, what the slave has missed is on its way to it, and it is soon over for good.
const MISSED: &str = r#"
    [[faults]]
    at = "950ms"
    for = "3050ms"
    kind = "crash"
    mode = "process"
    node = "s"
    [[faults]]
    at = "1s"
    kind = "link"
    between = ["b", "s"]
    latency = "700ms"
    "#;

#[test]
fn what_a_slave_has_missed_is_not_lost_while_it_is_on_its_way_to_it() {
    let set = "flush = \"async\"\nflush_interval = \"60s\"";
    let run = shop("", set, "", LATE, &format!("{MISSED}{CRASH}"));
    let copied = run.by("s", |kind| matches!(kind, Kind::Replicated { .. }));
    let (before, after): (Vec<&Record>, Vec<&Record>) = copied.into_iter().partition(|it| it.at.seconds() < 5.05);
    assert_eq!((before.len(), after.len()), (9, 40), "most of it arrives when its master has lost it");
    assert_eq!(sorted(&run.lost()), [0; 0]);
    assert_eq!(done(&run), (1..=49).collect::<Vec<_>>());
}

#[test]
fn a_retry_that_a_slave_has_missed_is_not_lost_while_it_is_on_its_way_to_it() {
    // When the slave asks, age has taken the first 37 from the master's log: they are in its retry queue only.
    let wiped = "[[faults]]\nat = \"5050ms\"\nkind = \"wipe\"\nnode = \"b\"\n";
    let group = "max_retries = 1\nretry_delay = \"10s\"";
    let text =
        shop_text("duration = \"20s\"\nsettle = \"60s\"", "", group, "poison_rate = 1", &format!("{MISSED}{wiped}"));
    let run = run(&text.replace("queues = { b = 1 }", "queues = { b = 1 }\nretention = \"1s\""));
    let deleted = run.by("s", |kind| matches!(kind, Kind::Deleted { .. }));
    assert!(matches!((deleted[0].at.seconds(), &deleted[0].kind), (5.402, Kind::Deleted { offset: Offset(37), .. })));
    assert_eq!(sorted(&run.lost()), [0; 0]);
    assert_eq!(
        run.by("s", |kind| matches!(kind, Kind::DeadLettered { .. })).len(),
        49,
        "each came again, and failed again"
    );
}

#[test]
fn what_was_done_before_the_crash_is_not_lost_with_it() {
    let run = shop("", DELAYED, "", "", SHORTER);
    assert_eq!(done(&run), (1..=49).collect::<Vec<_>>());
    assert_eq!(sorted(&run.lost()), [0; 0]);
    assert_eq!(run.by("b", |kind| matches!(kind, Kind::Truncated { from: Offset(40), to: Offset(49), .. })).len(), 1);
}

#[test]
fn with_synchronous_replication_nothing_is_lost() {
    for faults in [CRASH, SHORTER] {
        let run = shop("", &format!("{DELAYED}\nreplication = \"sync\""), "", LATE, faults);
        let accepted = run.accepted();
        assert!(accepted.len() >= 40 && accepted[..40] == (1..=40).collect::<Vec<_>>(), "{accepted:?}");
        assert_eq!(elected(&run)[1], ("s", 2));
        let all: BTreeSet<u32> = done(&run).into_iter().collect();
        assert!(accepted.iter().all(|number| all.contains(number)), "all that was accepted is done");
        assert_eq!(sorted(&run.lost()), [0; 0]);
    }
}

#[test]
fn without_a_delay_all_was_copied_and_nothing_is_lost() {
    let run = shop("", "", "", LATE, SHORTER);
    assert_eq!(done(&run), (1..=49).collect::<Vec<_>>());
    assert_eq!(run.of(|kind| matches!(kind, Kind::Lost { .. } | Kind::Truncated { .. })).len(), 0);
}

#[test]
fn a_master_that_was_down_for_a_moment_and_lost_its_tail_hands_over_to_a_slave_that_has_it() {
    let moment = "[[faults]]\nat = \"3050ms\"\nfor = \"300ms\"\nkind = \"crash\"\nnode = \"b\"\n";
    let run = shop("", "flush = \"async\"\nflush_interval = \"1h\"", "", LATE, moment);
    assert_eq!(elected(&run), [("b", 1), ("s", 2)], "nobody had noticed that it was dead");
    gives_each_offset_once(&run);
    assert_eq!(sorted(&run.lost()), [0; 0]);
    assert_eq!(run.by("b", |kind| matches!(kind, Kind::Truncated { from: Offset(0), .. })).len(), 1, "by the crash");
    let copied = run.by("b", |kind| matches!(kind, Kind::Replicated { .. }));
    assert!(copied.len() >= 49, "it follows, and has all of it again");
}

#[test]
fn a_master_that_was_down_for_a_moment_and_has_most_leads_on_in_a_new_epoch() {
    let moment = "[[faults]]\nat = \"3050ms\"\nfor = \"300ms\"\nkind = \"crash\"\nnode = \"b\"\n";
    let run = shop("", DELAYED, "", LATE, moment);
    assert_eq!(elected(&run), [("b", 1), ("b", 2)]);
    gives_each_offset_once(&run);
    assert_eq!(run.of(|kind| matches!(kind, Kind::Lost { .. } | Kind::Truncated { .. })).len(), 0);
    assert_eq!(run.by("s", |kind| matches!(kind, Kind::Replicated { .. })).len(), 49, "each once");
}

// ---- what groups are done with -------------------------------------------------------------------------------------

#[test]
fn committed_offsets_survive_a_failover() {
    let run = shop("", "", "", "", CRASH);
    assert_eq!(elected(&run), [("b", 1), ("s", 2)]);
    assert_eq!(done(&run), (1..=49).collect::<Vec<_>>(), "each once");
    let begun = run.by("s", |kind| matches!(kind, Kind::Begun { .. } | Kind::Delivered { .. }));
    assert_eq!(begun.len(), 0, "the new master goes on where the old one was");
}

#[test]
fn offsets_that_are_seldom_told_do_not_survive_it_and_messages_are_done_twice() {
    let run = shop("timers.offset_sync = \"10s\"", "", "", "", CRASH);
    let twice: Vec<u32> = (1..=49).chain(1..=49).collect();
    assert_eq!(done(&run), twice, "the slave had heard of no offset yet");
    let run = shop("timers.offset_sync = \"2s\"", "", "", "", CRASH);
    assert_eq!(done(&run), (1..=49).chain(40..=49).collect::<Vec<_>>(), "of those up to 4 s it has");
}

#[test]
fn a_new_master_that_heard_of_offsets_beyond_its_log_passes_nothing_over() {
    // What b had beyond the fortieth message is gone, and was done. Six more come to the new master, at the same offsets.
    let more = "[[producers]]\nname = \"late\"\ntopic = \"t\"\ninterval = \"100ms\"\nstarts = \"14s\"\nmessages = 6\n";
    let run = shop("", DELAYED, "", "", &format!("{more}{CRASH}"));
    assert_eq!(done(&run), (1..=49).chain(1..=6).collect::<Vec<_>>());
    let offsets = run.by("s", |kind| matches!(kind, Kind::Stored { offset: Offset(40..=45), .. }));
    assert_eq!(offsets.len(), 6);
    assert_eq!(sorted(&run.lost()), [0; 0]);
}

// ---- failures ------------------------------------------------------------------------------------------------------

#[test]
fn retries_survive_a_failover() {
    let group = "max_retries = 1\nretry_delay = \"10s\"";
    let run = shop("", "", group, "poison_rate = 1", CRASH);
    let count = |node, pick: fn(&Kind) -> bool| run.by(node, pick).len();
    assert_eq!(count("b", |kind| matches!(kind, Kind::Retried { .. })), 49);
    assert_eq!(count("s", |kind| matches!(kind, Kind::DeadLettered { .. })), 49, "each came again, and failed again");
    assert_eq!(count("c", |kind| matches!(kind, Kind::Started { .. })), 98);
    assert_eq!((sorted(&run.lost()), run.world.left(GroupId(0)).waiting), (vec![], 0));
}

#[test]
fn a_retry_that_was_not_copied_is_lost_where_its_log_is_cut() {
    let group = "max_retries = 1\nretry_delay = \"10s\"";
    let run = shop("", DELAYED, group, "poison_rate = 1", SHORTER);
    assert_eq!(sorted(&run.lost()), (41..=49).collect::<Vec<_>>());
    assert!(run.lost().iter().all(|record| matches!(run.cause(record), Kind::Truncated { .. })));
    assert_eq!(run.by("s", |kind| matches!(kind, Kind::DeadLettered { .. })).len(), 40);
}

#[test]
fn dead_letters_survive_a_failover() {
    for faults in [CRASH, SHORTER] {
        let run = shop("", "", "max_retries = 0", "poison_rate = 1", faults);
        assert_eq!(run.of(|kind| matches!(kind, Kind::DeadLettered { .. })).len(), 49, "each once");
        assert_eq!(run.by("c", |kind| matches!(kind, Kind::Started { .. })).len(), 49);
        assert_eq!((sorted(&run.lost()), run.world.left(GroupId(0)).waiting), (vec![], 0));
        let Node::Broker(slave) = &run.world.nodes()[node(&run, "s")] else { panic!("a broker") };
        assert_eq!(slave.group_state(QueueSlot(0), GroupSlot(0)).dead.len(), 49);
    }
}

#[test]
fn a_dead_letter_that_was_not_copied_is_lost_where_its_log_is_cut() {
    let run = shop("", DELAYED, "max_retries = 0", "poison_rate = 1", SHORTER);
    assert_eq!(run.by("b", |kind| matches!(kind, Kind::DeadLettered { .. })).len(), 49);
    assert_eq!(sorted(&run.lost()), (41..=49).collect::<Vec<_>>());
    assert!(run.lost().iter().all(|record| matches!(run.cause(record), Kind::Truncated { .. })));
}

fn node(run: &WorldRun, name: &str) -> NodeId {
    run.plan.nodes.position(|node| node.name == name).expect("a node of this name")
}

// ---- partitions ----------------------------------------------------------------------------------------------------

/// The master is cut off, with a shop beside it, from the nameserver, the slave, another shop and the only reader: from
/// 5.05 s on, for as long as said.
fn apart(lasts: &str, set: &str) -> WorldRun {
    apart_with(lasts, set, "")
}

fn apart_with(lasts: &str, set: &str, more: &str) -> WorldRun {
    let near = "[[producers]]\nname = \"near\"\ntopic = \"t\"\ninterval = \"100ms\"\nstops = \"7950ms\"\n";
    let far = "[[producers]]\nname = \"far\"\ntopic = \"t\"\ninterval = \"100ms\"\nstarts = \"10s\"\nstops = \"11s\"\n";
    let sides = "sides = [[\"b\", \"near\"], [\"nameserver\", \"s\", \"shop\", \"far\", \"c\"]]";
    let cut = format!("[[faults]]\nat = \"5050ms\"\n{lasts}\nkind = \"partition\"\n{sides}\n");
    shop("", set, "", "", &format!("{near}{far}{cut}{more}"))
}

#[test]
fn a_partition_makes_two_masters_and_what_the_old_one_took_is_dropped_and_lost() {
    let run = apart("for = \"10s\"", "");
    assert_eq!(elected(&run), [("b", 1), ("s", 2)]);
    let gone: Vec<u32> = (51..=79).collect();
    let near: Vec<&Record> = run.lost();
    assert_eq!(sorted(&near), gone, "what was taken after the cut");
    for record in near {
        let Kind::Lost { message, .. } = record.kind else { continue };
        assert_eq!(run.plan.name(message.producer), "near");
        assert!(matches!(run.cause(record), Kind::Truncated { .. }), "{:?}", run.cause(record));
        assert!(record.at.seconds() > 15.05, "when it is heard of again");
    }
    gives_each_offset_once(&run);
    let far = run.by("far", |kind| matches!(kind, Kind::Accepted { .. }));
    assert_eq!(far.len(), 9);
    assert!(far.iter().all(|record| record.at.seconds() < 11.5), "the new master serves meanwhile");
    assert_eq!(run.by("b", |kind| matches!(kind, Kind::Truncated { .. })).len(), 1);
    let b = node(&run, "b");
    let Node::Broker(broker) = &run.world.nodes()[b] else { panic!("a broker") };
    assert_eq!((broker.master_in(), broker.has_joined()), (None, true), "it follows");
}

#[test]
fn at_the_end_the_tail_of_a_master_that_is_cut_off_is_lost() {
    let run = apart("", "");
    assert_eq!(sorted(&run.lost()), (51..=79).collect::<Vec<_>>());
    for record in run.lost() {
        assert!(
            matches!(run.cause(record), Kind::Elected { epoch, .. } if epoch.number() == 2),
            "{:?}",
            run.cause(record)
        );
        assert_eq!((run.plan.name(record.node), record.at), ("b", run.world.now()));
    }
    assert_eq!(run.of(|kind| matches!(kind, Kind::Truncated { .. })).len(), 0, "it has it still");
}

#[test]
fn a_group_that_has_not_begun_at_the_end_skips_what_goes_before_it_does_however_it_goes() {
    let later = "[[groups]]\nname = \"later\"\ntopic = \"t\"\nfrom = \"last\"\n";
    // The former master drops its tail when it follows; or it is never heard of again.
    for lasts in ["for = \"10s\"", ""] {
        let run = apart_with(lasts, "", later);
        let later = |of: GroupId| run.plan.groups[of].name == "later";
        let skipped = run.of(|kind| matches!(kind, Kind::Skipped { group, .. } if later(*group)));
        let tail: Vec<u32> = sorted(&skipped).into_iter().filter(|number| *number > 50).collect();
        assert_eq!(tail, (51..=79).collect::<Vec<_>>(), "{lasts}");
        assert_eq!(run.of(|kind| matches!(kind, Kind::Lost { group, .. } if later(*group))).len(), 0, "{lasts}");
    }
}

#[test]
fn with_synchronous_replication_a_master_that_is_cut_off_acknowledges_nothing() {
    let run = apart("for = \"10s\"", "replication = \"sync\"");
    let late = run.by("near", |kind| matches!(kind, Kind::Accepted { .. }));
    assert!(late.iter().all(|record| record.at.seconds() < 5.06 || record.at.seconds() > 15.0));
    assert_eq!(sorted(&run.lost()), [0; 0]);
    assert!(run.by("b", |kind| matches!(kind, Kind::Stored { .. })).iter().any(|record| record.at.seconds() > 5.06));
}
