//! A master alone with what its slaves say: whom it welcomes, what it sends them and when. What waits for them: `leadership`.

use super::{
    Bench, FAILED, Fate, broker, commit, has, lock, outcome_packet, pull, replica_with, role, send, send_many,
};
use crate::node::harness::TurnOutcome;
use crate::plan::{Epoch, GroupSlot, Offset, QueueSlot};
use crate::protocol::{CopySerial, Join, JoinId, Packet, Welcome};
use crate::storage::PullId;

/// The master b of the slaves s1 and s2, in epoch 1. These live, by their places: 0 is b itself.
pub(super) fn leading(alive: &[u32], timers: &str, settings: &str, topic: &str, group: &str) -> Bench {
    let settings = format!("slaves = [\"s1\", \"s2\"]\n{settings}");
    let mut bench = replica_with("b", timers, &settings, topic, group);
    bench.start();
    role(&mut bench, 1, "b", alive);
    bench
}

/// The same, where s1 alone lives, has joined and is level: the next step is its second one.
pub(super) fn followed(timers: &str, settings: &str, topic: &str, group: &str) -> Bench {
    let mut bench = leading(&[0, 1], timers, settings, topic, group);
    join(&mut bench, "s1", 1, &[]);
    confirm(&mut bench, "s1", 1);
    bench
}

/// A slave joins; in the first queue it has entries of these epochs.
pub(super) fn join(bench: &mut Bench, who: &str, epoch: u32, epochs: &[u32]) -> TurnOutcome {
    bench.hears(
        who,
        Packet::Join(Box::new(Join {
            epoch: Epoch::nth(epoch),
            id: JoinId::FIRST,
            logs: vec![has(epochs), has(&[])].into(),
        })),
    )
}

pub(super) fn confirm(bench: &mut Bench, who: &str, serial: u32) -> TurnOutcome {
    bench.hears(
        who,
        Packet::CopyAnswer { epoch: Epoch::nth(1), join: Some(JoinId::FIRST), serial: CopySerial::new(serial) },
    )
}

/// With which words a slave was let in.
pub(super) fn welcome(told: TurnOutcome) -> Welcome {
    let welcomes = told.packets.into_iter().filter_map(|(_, packet)| match packet {
        Packet::Welcome(welcome) => Some(*welcome),
        _ => None,
    });
    let [welcome] = <[Welcome; 1]>::try_from(welcomes.collect::<Vec<_>>()).expect("one welcome");
    welcome
}

// ---- joining -------------------------------------------------------------------------------------------------------

#[test]
fn a_slave_is_welcome_up_to_what_both_have_and_is_sent_what_it_lacks() {
    let mut bench = leading(&[0, 1], "", "", "", "");
    send_many(&mut bench, 3);
    assert_eq!(
        join(&mut bench, "s1", 1, &[1]).sent,
        ["s1: welcome in epoch 1 up to 1 0", "s1: copy 1: 2 messages to t/b/0@1", "s1: copy 2: level"]
    );
    assert_eq!(
        join(&mut bench, "s1", 1, &[1, 1, 1]).sent,
        ["s1: welcome in epoch 1 up to 3 0", "s1: copy 1: level"],
        "each joining counts anew"
    );
}

#[test]
fn what_was_stored_under_another_master_is_not_in_common() {
    let mut bench = leading(&[0, 1], "", "", "", "");
    send_many(&mut bench, 2);
    role(&mut bench, 3, "b", &[0, 1]);
    send(&mut bench, "shop#3");
    let common = |bench: &mut Bench, epochs: &[u32]| welcome(join(bench, "s1", 3, epochs)).queues[QueueSlot(0)].common;
    assert_eq!(
        common(&mut bench, &[1, 1, 2]),
        Offset(2),
        "its third entry is one of a master that nobody follows any more"
    );
    assert_eq!(common(&mut bench, &[1, 1, 1, 1]), Offset(2), "so are its third and fourth");
    assert_eq!(common(&mut bench, &[1, 1, 3]), Offset(3));
    assert_eq!(common(&mut bench, &[2, 2]), Offset(0));
    assert_eq!(join(&mut bench, "s1", 3, &[1, 1, 2]).sent[1], "s1: copy 1: 1 messages to t/b/0@2");
}

#[test]
fn what_a_slave_lacks_comes_in_batches_of_64() {
    let mut bench = leading(&[0, 1], "", "", "", "");
    send_many(&mut bench, 130);
    assert_eq!(
        join(&mut bench, "s1", 1, &[]).about("copy"),
        [
            "s1: copy 1: 64 messages to t/b/0@0",
            "s1: copy 2: 64 messages to t/b/0@64",
            "s1: copy 3: 2 messages to t/b/0@128",
            "s1: copy 4: level"
        ]
    );
}

#[test]
fn of_what_was_deleted_a_slave_is_told_the_epochs_alone() {
    let mut bench = leading(&[0, 1], "", "", "", "");
    send_many(&mut bench, 5);
    for who in ["c1", "d"] {
        lock(&mut bench, who);
        commit(&mut bench, who, 3);
    }
    let told = join(&mut bench, "s1", 1, &[1]);
    assert_eq!(told.about("copy"), ["s1: copy 1: 2 messages to t/b/0@3", "s1: copy 2: level"]);
    let queue = welcome(told).queues.remove(QueueSlot(0));
    assert_eq!(
        (queue.common, queue.start, queue.base, queue.epochs.last()),
        (Offset(1), Offset(3), Offset(3), Some(Epoch::FIRST))
    );
    assert_eq!(queue.group_states.iter().map(|group_state| group_state.committed).collect::<Vec<_>>(), [Offset(3); 2]);
}

#[test]
fn who_asks_in_another_epoch_or_is_no_replica_is_not_let_in() {
    let mut bench = leading(&[0, 1], "", "", "", "");
    role(&mut bench, 3, "b", &[0, 1]);
    assert_eq!(join(&mut bench, "s1", 2, &[]).sent, [""; 0]);
    assert_eq!(join(&mut bench, "shop", 3, &[]).sent, [""; 0]);
}

// ---- copying -------------------------------------------------------------------------------------------------------

#[test]
fn a_message_is_copied_at_once_to_those_who_have_joined() {
    let mut bench = followed("", "", "", "");
    assert_eq!(
        send(&mut bench, "shop#1").sent,
        ["s1: copy 2: shop#1 to t/b/0@0", "shop: shop#1 attempt 1 accepted"],
        "and acknowledged without waiting for it; s2 has not joined"
    );
    join(&mut bench, "s2", 1, &[]);
    assert_eq!(
        send(&mut bench, "shop#2").about("copy"),
        ["s1: copy 3: shop#2 to t/b/0@1", "s2: copy 3: shop#2 to t/b/0@1"]
    );
}

#[test]
fn a_step_is_repeated_after_each_call_until_it_is_confirmed() {
    let mut bench = followed("timers.call = \"400ms\"", "", "", "");
    bench.until(0.25);
    send(&mut bench, "shop#1");
    assert_eq!(
        bench.until(1.1).timed("copy"),
        ["650ms s1: copy 2: shop#1 to t/b/0@0", "1.05s s1: copy 2: shop#1 to t/b/0@0"]
    );
    confirm(&mut bench, "s1", 2);
    assert_eq!(bench.until(5.0).timed("copy"), [""; 0]);
}

#[test]
fn what_is_confirmed_is_not_repeated_with_the_rest() {
    let mut bench = followed("", "", "", "");
    send_many(&mut bench, 3);
    bench.until(0.5);
    confirm(&mut bench, "s1", 3);
    assert_eq!(bench.until(2.0).timed("copy"), ["1.5s s1: copy 4: shop#3 to t/b/0@2"], "which gets a whole call");
    confirm(&mut bench, "s1", 2);
    assert_eq!(bench.until(2.9).timed("copy"), ["2.5s s1: copy 4: shop#3 to t/b/0@2"], "a late word says nothing new");
}

#[test]
fn of_many_steps_the_first_64_are_repeated() {
    let mut bench = followed("", "", "", "");
    send_many(&mut bench, 100);
    let told = bench.until(1.0);
    let copies = told.about("copy");
    assert_eq!(
        (copies.len(), copies[0], copies[63]),
        (64, "s1: copy 2: shop#1 to t/b/0@0", "s1: copy 65: shop#64 to t/b/0@63")
    );
}

#[test]
fn nothing_leaves_before_the_replication_delay_is_over() {
    let mut bench = followed("", "replication_delay = \"500ms\"", "", "");
    assert_eq!(send(&mut bench, "shop#1").sent, ["shop: shop#1 attempt 1 accepted"]);
    bench.until(0.2);
    send(&mut bench, "shop#2");
    assert!(!broker(&mut bench).has_told_slaves());
    assert_eq!(
        bench.until(0.9).timed("copy"),
        ["500ms s1: copy 2: shop#1 to t/b/0@0", "700ms s1: copy 3: shop#2 to t/b/0@1"]
    );
}

#[test]
fn a_short_delay_does_not_overtake_a_long_one() {
    let mut bench = followed("timers.call = \"1h\"", "replication_delay = { uniform = [\"1ms\", \"1s\"] }", "", "");
    for number in 1..=20 {
        bench.until(0.02 * f64::from(number));
        send(&mut bench, &format!("shop#{number}"));
    }
    let told = bench.until(3.0);
    let copies = told.timed("copy");
    let ends: Vec<&str> = copies.iter().filter_map(|line| line.rsplit('@').next()).collect();
    let all: Vec<String> = (0..20).map(|offset| offset.to_string()).collect();
    let when = |line: &&str| line.split(' ').next().map(str::to_owned);
    let mut times: Vec<_> = copies.iter().map(when).collect();
    times.dedup();
    assert!(times.len() < 20, "some had to wait for one before them: {times:?}");
    assert_eq!(ends.len() + bench.until(9.0).about("copy").len(), 20, "the others leave soon");
    assert_eq!(ends, all[..ends.len()]);
}

#[test]
fn one_who_joins_is_not_sent_what_has_not_left_yet() {
    let mut bench = leading(&[0, 1], "timers.call = \"1h\"", "replication_delay = \"500ms\"", "", "");
    send(&mut bench, "shop#1");
    bench.until(0.3);
    send(&mut bench, "shop#2");
    bench.until(0.6);
    let told = join(&mut bench, "s1", 1, &[]);
    assert_eq!(told.about("copy"), ["s1: copy 1: 1 messages to t/b/0@0", "s1: copy 2: level"]);
    assert_eq!(bench.until(2.0).timed("copy"), ["800ms s1: copy 3: shop#2 to t/b/0@1"]);
}

#[test]
fn one_who_joins_does_not_hear_of_a_failure_that_has_not_left_yet() {
    let mut bench =
        leading(&[0, 1], "timers.call = \"1h\"", "replication_delay = \"500ms\"", "", "retry_delay = \"9s\"");
    send(&mut bench, "shop#1");
    lock(&mut bench, "c1");
    let message_ref = bench.message_ref("shop#1@0");
    let known = |bench: &mut Bench| {
        let told =
            welcome(join(bench, "s1", 1, &[])).queues.remove(QueueSlot(0)).group_states.remove(GroupSlot(0)).retries;
        (told.contains(message_ref), told.iter().map(|(_, due)| due.seconds()).collect::<Vec<_>>())
    };
    outcome_packet(&mut bench, "c1", "shop#1@0", 1, FAILED);
    bench.until(0.3);
    outcome_packet(&mut bench, "c1", "shop#1@0", 2, Fate::Retry { failures: 2, of: Some(1) });
    assert_eq!(known(&mut bench), (false, vec![]));
    assert_eq!(bench.until(0.6).timed("retry"), ["500ms s1: copy 3: shop#1@0 retry 1"]);
    assert_eq!(known(&mut bench), (true, vec![9.0]), "the second one is under way still");
    bench.until(0.9);
    assert_eq!(known(&mut bench), (true, vec![9.3]), "and has taken the place of the first");
}

#[test]
fn what_was_handed_out_is_in_the_queue_as_a_slave_is_told() {
    let mut bench = followed("", "", "", "retry_delay = \"1s\"");
    send(&mut bench, "shop#1");
    lock(&mut bench, "c1");
    assert_eq!(
        outcome_packet(&mut bench, "c1", "shop#1@0", 1, FAILED).about("s1:"),
        ["s1: copy 4: shop#1@0 retry 1"],
        "after the message and the beginning"
    );
    bench.until(1.0);
    assert_eq!(pull(&mut bench, "c1", 1).about("again").len(), 1);
    let mut told =
        welcome(join(&mut bench, "s1", 1, &[1])).queues.remove(QueueSlot(0)).group_states.remove(GroupSlot(0));
    assert!(
        told.retries.hand_out(bench.now(), bench.id("c2"), PullId::FIRST).is_some(),
        "whoever is handed it knows no consumer"
    );
    assert_eq!(
        outcome_packet(&mut bench, "c1", "shop#1@0", 2, Fate::Done { of: 1 }).about("s1:"),
        ["s1: copy 2: shop#1@0 settled"]
    );
    outcome_packet(&mut bench, "c1", "shop#1@0", 3, Fate::Dead { of: None });
    let told = outcome_packet(&mut bench, "c1", "shop#1@0", 3, Fate::Dead { of: None });
    assert_eq!(told.about("s1:"), [""; 0], "no news");
}

#[test]
fn what_waits_in_another_queue_keeps_nothing_back() {
    let mut bench = leading(&[0, 1], "timers.call = \"1h\"", "replication_delay = \"500ms\"", "", "");
    send(&mut bench, "shop#1");
    bench.until(0.6);
    let (message, queue) = (bench.message("shop#2"), bench.queue("t/b/1"));
    bench.hears("shop", Packet::Send { message, queue, attempt: 1 });
    let told = join(&mut bench, "s1", 1, &[]);
    assert_eq!(told.about("copy"), ["s1: copy 1: 1 messages to t/b/0@0", "s1: copy 2: level"]);
}

#[test]
fn a_step_that_was_to_leave_in_an_earlier_epoch_hastens_no_later_one() {
    let mut bench = followed("timers.call = \"1h\"", "replication_delay = \"500ms\"", "", "");
    send(&mut bench, "shop#1");
    bench.until(0.3);
    role(&mut bench, 2, "b", &[0, 1]);
    join(&mut bench, "s1", 2, &[]);
    send(&mut bench, "shop#2");
    assert_eq!(bench.until(2.0).timed("shop#2"), ["800ms s1: copy 3: shop#2 to t/b/0@1"]);
}

#[test]
fn all_is_told_once_nothing_waits_and_every_live_slave_has_confirmed() {
    let mut bench = leading(&[0, 1], "timers.call = \"1h\"", "replication_delay = \"500ms\"", "", "");
    let (s1, s2) = (bench.id("s1"), bench.id("s2"));
    let state = |bench: &mut Bench| {
        let broker = broker(bench);
        (broker.has_told_slaves(), broker.is_in_sync(s1), broker.is_in_sync(s2))
    };
    assert_eq!(state(&mut bench), (true, false, false), "nobody has joined");
    join(&mut bench, "s1", 1, &[]);
    assert_eq!(state(&mut bench), (false, false, false), "it has not confirmed");
    confirm(&mut bench, "s1", 1);
    assert_eq!(state(&mut bench), (true, true, false));
    send(&mut bench, "shop#1");
    assert_eq!(state(&mut bench), (false, true, false), "a message waits to be shipped");
    bench.until(0.6);
    assert_eq!(state(&mut bench), (false, false, false), "and to be confirmed");
    role(&mut bench, 1, "b", &[0]);
    assert_eq!(state(&mut bench), (true, false, false), "the dead are waited for no more");
}

// ---- offsets and deletions -----------------------------------------------------------------------------------------

#[test]
fn offsets_are_told_with_each_commit_and_do_not_wait_in_the_pipe() {
    let mut bench = followed("", "replication_delay = \"5s\"", "", "");
    send_many(&mut bench, 3);
    assert_eq!(lock(&mut bench, "c1").about("s1:"), ["s1: copy 2: g at t/b/0@0, from 0 on"], "a group has begun");
    assert_eq!(commit(&mut bench, "c1", 2).about("s1:"), ["s1: copy 3: g at t/b/0@2, from 0 on"]);
    assert_eq!(commit(&mut bench, "c1", 2).about("s1:"), [""; 0], "no news");
    lock(&mut bench, "d");
    assert_eq!(
        commit(&mut bench, "d", 1).about("s1:"),
        ["s1: copy 5: h at t/b/0@1, from 1 on"],
        "with what is deleted by it"
    );
}

#[test]
fn offsets_are_told_at_whole_intervals_and_once_for_several_commits() {
    let mut bench = followed("timers = { offset_sync = \"10s\", call = \"1h\" }", "", "", "");
    send_many(&mut bench, 3);
    bench.until(3.0);
    lock(&mut bench, "c1");
    for offset in 1..=3 {
        assert_eq!(commit(&mut bench, "c1", offset).about("s1:"), [""; 0]);
    }
    assert!(!broker(&mut bench).has_told_slaves());
    assert_eq!(bench.until(19.0).timed("g at"), ["10s s1: copy 5: g at t/b/0@3, from 0 on"]);
    send(&mut bench, "shop#4");
    assert_eq!(bench.until(29.0).timed("g at"), [""; 0], "nothing was committed");
    commit(&mut bench, "c1", 4);
    assert_eq!(bench.until(99.0).timed("g at"), ["30s s1: copy 7: g at t/b/0@4, from 0 on"]);
}

#[test]
fn a_deletion_by_age_is_told_at_once_whatever_waits() {
    let settings = "replication_delay = \"60s\"";
    let timers = "timers = { offset_sync = \"40s\", call = \"1h\" }";
    let mut bench = followed(timers, settings, "retention = \"10s\"", "");
    send(&mut bench, "shop#1");
    let told = bench.until(30.0);
    assert_eq!(told.noted, ["deleted t/b/0 before 1"]);
    assert_eq!(told.timed("copy"), ["10s s1: copy 2: t/b/0 from 1 on"]);
}
