//! A master alone with what its slaves say: what waits for them, which of them are asked to join, and how its leadership ends and
//! begins.

use super::master::{confirm, followed, join, leading, welcome};
use super::{Bench, broker, commit, has, lease, lock, log, pull, pull_numbered, replica_with, role, send, send_many};
use super::{FAILED, outcome_packet};
use crate::plan::{Epoch, GroupSlot, Offset, QueueSlot};
use crate::protocol::{
    Copied, CopySerial, GroupProgress, Join, JoinId, Packet, Pull, ReadLease, Welcome, WelcomeQueue,
};
use crate::storage::{GroupState, LogEntry, PullId};

/// A master that copies synchronously; both slaves live, have joined and are level.
fn in_step(settings: &str, group: &str) -> Bench {
    let mut bench = leading(&[0, 1, 2], "", &format!("replication = \"sync\"\n{settings}"), "", group);
    for slave in ["s1", "s2"] {
        join(&mut bench, slave, 1, &[]);
        confirm(&mut bench, slave, 1);
    }
    bench
}

// ---- what waits for slaves -----------------------------------------------------------------------------------------

#[test]
fn nothing_is_acknowledged_or_seen_before_every_live_slave_has_it() {
    let mut bench = in_step("", "");
    lock(&mut bench, "c1");
    for slave in ["s1", "s2"] {
        confirm(&mut bench, slave, 2);
    }
    assert_eq!(
        send(&mut bench, "shop#1").sent,
        ["s1: copy 3: shop#1 to t/b/0@0", "s2: copy 3: shop#1 to t/b/0@0"],
        "and no answer"
    );
    assert_eq!(broker(&mut bench).pending_sends(), 1);
    assert_eq!(pull(&mut bench, "c1", 0).noted, ["held t/b/0"]);
    assert_eq!(confirm(&mut bench, "s2", 3).sent, [""; 0]);
    assert_eq!(
        confirm(&mut bench, "s1", 3).sent,
        ["shop: shop#1 attempt 1 accepted", "c1: pulled t/b/0: [shop#1@0] next 1"]
    );
}

#[test]
fn each_message_waits_for_its_own_confirmation() {
    let mut bench = in_step("", "");
    send_many(&mut bench, 3);
    confirm(&mut bench, "s1", 4);
    assert_eq!(confirm(&mut bench, "s2", 2).sent, ["shop: shop#1 attempt 1 accepted"]);
    assert_eq!(
        confirm(&mut bench, "s2", 4).sent,
        ["shop: shop#2 attempt 1 accepted", "shop: shop#3 attempt 1 accepted"]
    );
}

#[test]
fn who_is_dead_to_the_nameserver_is_not_waited_for() {
    let mut bench = in_step("", "");
    send(&mut bench, "shop#1");
    confirm(&mut bench, "s1", 2);
    let told = role(&mut bench, 1, "b", &[0, 1]);
    assert_eq!(told.sent, ["shop: shop#1 attempt 1 accepted"], "with the word that it is dead");
    assert_eq!(send(&mut bench, "shop#2").sent, ["s1: copy 3: shop#2 to t/b/0@1"], "nor is it sent anything");
    assert_eq!(confirm(&mut bench, "s1", 3).sent, ["shop: shop#2 attempt 1 accepted"]);
}

#[test]
fn without_a_live_slave_a_message_is_acknowledged_at_once() {
    let mut bench = leading(&[0], "", "replication = \"sync\"", "", "");
    assert_eq!(send(&mut bench, "shop#1").sent, ["shop: shop#1 attempt 1 accepted"]);
    lock(&mut bench, "c1");
    assert_eq!(pull(&mut bench, "c1", 0).about("shop#1@0").len(), 1);
}

#[test]
fn a_live_slave_that_has_not_joined_is_waited_for() {
    let mut bench = leading(&[0, 1, 2], "", "replication = \"sync\"", "", "");
    join(&mut bench, "s1", 1, &[]);
    confirm(&mut bench, "s1", 1);
    send(&mut bench, "shop#1");
    assert_eq!(confirm(&mut bench, "s1", 2).sent, [""; 0]);
    assert_eq!(join(&mut bench, "s2", 1, &[]).about("copy").len(), 2);
    assert_eq!(confirm(&mut bench, "s2", 1).sent, [""; 0], "it may lack another queue's messages yet");
    assert_eq!(confirm(&mut bench, "s2", 2).sent, ["shop: shop#1 attempt 1 accepted"], "it is level");
}

#[test]
fn what_a_slave_has_confirmed_before_it_joined_anew_counts_no_more() {
    let mut bench = in_step("", "");
    role(&mut bench, 1, "b", &[0, 1]);
    let again = Join { epoch: Epoch::nth(1), id: JoinId::nth(2), logs: vec![has(&[]), has(&[])].into() };
    let told = bench.hears("s1", Packet::Join(Box::new(again)));
    let joins = told.packets.iter().filter_map(|(_, packet)| match packet {
        Packet::Welcome(welcome) => Some(welcome.join),
        Packet::Copy { join, .. } => Some(*join),
        _ => None,
    });
    assert_eq!(joins.collect::<Vec<_>>(), [JoinId::nth(2); 2], "what follows from it says so");
    send(&mut bench, "shop#1");
    assert_eq!(confirm(&mut bench, "s1", 2).sent, [""; 0], "a word of its first joining");
    let word = Packet::CopyAnswer { epoch: Epoch::nth(1), join: JoinId::new(2), serial: CopySerial::new(2) };
    assert_eq!(bench.hears("s1", word).sent, ["shop: shop#1 attempt 1 accepted"]);
}

#[test]
fn what_was_stored_before_an_election_can_be_read_without_asking_anybody() {
    let mut bench = in_step("", "");
    send(&mut bench, "shop#1");
    role(&mut bench, 2, "b", &[0, 1, 2]);
    let lease = ReadLease { epoch: Epoch::nth(2), ..lease(&bench, "c1") };
    bench.hears("c1", Packet::Lock { lease, sent_at: bench.now() });
    let pull = Pull { offset: Offset(0), batch: 3, id: PullId::FIRST, received: None };
    assert_eq!(bench.hears("c1", Packet::Pull { lease, pull }).about("shop#1@0").len(), 1, "the set keeps it");
}

#[test]
fn a_message_has_to_be_on_its_own_disk_as_well_as_on_the_slaves() {
    let mut bench = in_step("flush_time = \"10ms\"", "");
    send(&mut bench, "shop#1");
    confirm(&mut bench, "s1", 2);
    assert_eq!(confirm(&mut bench, "s2", 2).sent, [""; 0], "slaves may be sooner");
    assert_eq!(bench.until(0.5).timed("shop#1"), ["10ms shop: shop#1 attempt 1 accepted"]);
    send(&mut bench, "shop#2");
    assert_eq!(bench.until(0.6).about("accepted"), [""; 0], "or later");
    lock(&mut bench, "c1");
    assert_eq!(pull(&mut bench, "c1", 1).noted, ["held t/b/0"]);
    confirm(&mut bench, "s1", 3);
    assert_eq!(confirm(&mut bench, "s2", 3).about("accepted"), ["shop: shop#2 attempt 1 accepted"]);
}

#[test]
fn the_answer_to_a_failure_waits_for_slaves_too() {
    let mut bench = in_step("", "retry_delay = \"1s\"");
    send(&mut bench, "shop#1");
    lock(&mut bench, "c1");
    let told = outcome_packet(&mut bench, "c1", "shop#1@0", 1, FAILED);
    assert_eq!((told.noted.len(), told.about("c1:").len()), (1, 0));
    confirm(&mut bench, "s1", 4);
    assert_eq!(confirm(&mut bench, "s2", 3).about("c1:"), [""; 0]);
    assert_eq!(confirm(&mut bench, "s2", 4).sent, ["c1: settling shop#1@0 heard"]);
    let again = outcome_packet(&mut bench, "c1", "shop#1@0", 1, FAILED);
    assert_eq!(again.sent, ["c1: settling shop#1@0 heard"], "the slaves have it");
    let refused = outcome_packet(&mut bench, "c2", "shop#1@0", 1, FAILED);
    assert_eq!(refused.sent, ["c2: settling shop#1@0 refused"]);
}

// ---- strays --------------------------------------------------------------------------------------------------------

#[test]
fn who_lives_and_has_not_joined_is_called() {
    let mut bench = followed("", "", "", "");
    assert_eq!(role(&mut bench, 1, "b", &[0, 1, 2]).sent, ["s2: join anew in epoch 1"], "at once");
    assert_eq!(
        bench.until(2.5).timed("anew"),
        ["1s s2: join anew in epoch 1", "2s s2: join anew in epoch 1"],
        "and with each heartbeat; s1 has joined"
    );
    join(&mut bench, "s2", 1, &[]);
    assert_eq!(bench.until(9.0).about("anew"), [""; 0]);
}

#[test]
fn who_was_thought_dead_has_to_join_anew() {
    let mut bench = followed("", "", "", "");
    role(&mut bench, 1, "b", &[0]);
    assert_eq!(bench.until(1.5).about("s1:"), [""; 0]);
    assert_eq!(send(&mut bench, "shop#1").about("s1:"), [""; 0]);
    assert_eq!(role(&mut bench, 1, "b", &[0, 1]).sent, ["s1: join anew in epoch 1"]);
}

#[test]
fn a_slave_that_confirms_nothing_is_given_up_after_4096_steps_and_called_to_join_anew() {
    let mut bench = followed("timers.call = \"1h\"", "", "", "");
    send_many(&mut bench, 4096);
    let s1 = bench.id("s1");
    assert!(!broker(&mut bench).is_in_sync(s1), "it is behind");
    assert_eq!(send(&mut bench, "shop#4097").about("s1:").len(), 1, "there is room for as many as these");
    assert_eq!(send(&mut bench, "shop#4098").about("s1:"), [""; 0]);
    assert_eq!(bench.until(1.5).sent.iter().filter(|line| line.starts_with("s1")).count(), 1);
    let told = join(&mut bench, "s1", 1, &[1; 4000]);
    assert_eq!(
        told.about("copy"),
        ["s1: copy 1: 64 messages to t/b/0@4000", "s1: copy 2: 34 messages to t/b/0@4064", "s1: copy 3: level"]
    );
}

// ---- the end of its leadership, and the beginning ------------------------------------------------------------------------

/// A master with a held pull, one message stored and three that wait to be stored.
fn busy() -> Bench {
    let mut bench = followed("", "store_time = \"10ms\"", "", "");
    lock(&mut bench, "c1");
    pull(&mut bench, "c1", 0);
    send_many(&mut bench, 3);
    bench
}

#[test]
fn who_hears_of_a_higher_epoch_from_another_replica_leads_no_more() {
    let join = || {
        Packet::Join(Box::new(Join { epoch: Epoch::nth(2), id: JoinId::nth(1), logs: vec![has(&[]), has(&[])].into() }))
    };
    let copy = || Packet::Copy {
        epoch: Epoch::nth(2),
        join: JoinId::nth(1),
        serial: CopySerial::nth(1),
        copy: Copied::CaughtUp,
    };
    let answer = || Packet::CopyAnswer { epoch: Epoch::nth(2), join: JoinId::new(1), serial: CopySerial::new(0) };
    for packet in [join(), copy(), answer()] {
        let mut bench = busy();
        assert_eq!(
            bench.hears("s1", packet).sent,
            [
                "c1: pull of t/b/0 refused",
                "shop: shop#1 attempt 1 not master",
                "shop: shop#2 attempt 1 not master",
                "shop: shop#3 attempt 1 not master"
            ]
        );
        let told = bench.until(0.9);
        assert_eq!((told.noted.len(), told.sent.len()), (0, 0), "nothing is stored any more");
        assert_eq!(log(&mut bench), (0, 0, 0));
        assert_eq!(broker(&mut bench).master_in(), None);
        assert_eq!(lock(&mut bench, "c2").sent, ["c2: denied t/b/0"]);
        assert!(bench.until(1.0).sent[0].contains("epoch 0, last 1"), "and it says so");
    }
}

#[test]
fn a_lower_or_the_same_epoch_ends_no_leadership() {
    let mut bench = busy();
    role(&mut bench, 3, "b", &[0, 1]);
    for epoch in [1, 2, 3] {
        bench.hears(
            "s1",
            Packet::CopyAnswer { epoch: Epoch::nth(epoch), join: JoinId::new(1), serial: CopySerial::new(1) },
        );
        bench.hears(
            "s1",
            Packet::Copy {
                epoch: Epoch::nth(epoch),
                join: JoinId::nth(1),
                serial: CopySerial::nth(1),
                copy: Copied::CaughtUp,
            },
        );
    }
    assert_eq!(broker(&mut bench).master_in(), Epoch::new(3));
}

#[test]
fn what_waited_for_slaves_is_not_acknowledged_by_one_who_leads_no_more() {
    let mut bench = in_step("", "");
    send(&mut bench, "shop#1");
    role(&mut bench, 2, "s1", &[0, 1, 2]);
    assert_eq!(broker(&mut bench).pending_sends(), 0);
    for slave in ["s1", "s2"] {
        assert_eq!(confirm(&mut bench, slave, 2).about("shop"), [""; 0]);
    }
}

/// A slave in epoch 1 with one message of three of which it has been told that both groups are beyond.
fn ahead_of_its_log() -> Bench {
    let mut bench = replica_with("b", "", "slaves = [\"s1\", \"s2\"]", "", "");
    bench.start();
    role(&mut bench, 1, "s1", &[0, 1, 2]);
    let queue = bench.queue("t/b/0");
    let welcome = |_| WelcomeQueue {
        queue,
        common: Offset(0),
        start: Offset(0),
        base: Offset(0),
        epochs: has(&[]).1,
        group_states: vec![GroupState::default(); 2].into(),
    };
    let queues = (0..2).map(welcome).collect();
    bench.hears("s1", Packet::Welcome(Box::new(Welcome { epoch: Epoch::nth(1), join: JoinId::FIRST, queues })));
    let entry = LogEntry { message: bench.message("shop#1"), epoch: Epoch::nth(1), stored_at: bench.now() };
    let group = |name| bench.plan.consumer(bench.id(name)).expect("a consumer").group;
    let offset = |progress| Copied::Offset(Box::new(progress));
    let steps = [
        Copied::Entry { queue, offset: Offset(0), entry },
        offset(GroupProgress {
            queue,
            group: group("c1"),
            began: Some(Offset(0)),
            committed: Offset(3),
            start: Offset(0),
        }),
        offset(GroupProgress {
            queue,
            group: group("d"),
            began: Some(Offset(2)),
            committed: Offset(2),
            start: Offset(0),
        }),
    ];
    for (serial, copy) in (1..).zip(steps) {
        bench.hears(
            "s1",
            Packet::Copy { epoch: Epoch::nth(1), join: JoinId::FIRST, serial: CopySerial::nth(serial), copy },
        );
    }
    bench
}

#[test]
fn a_slave_that_becomes_master_cuts_offsets_at_the_end_of_its_own_log_and_says_so() {
    let mut bench = ahead_of_its_log();
    let told = role(&mut bench, 2, "b", &[0, 1, 2]);
    assert_eq!(told.noted, ["committed t/b/0@1 for g", "committed t/b/0@1 for h"]);
    assert!(told.about("heartbeat")[0].contains("epoch 2, last 2"), "{told:?}");
    let lease = ReadLease { epoch: Epoch::nth(2), ..lease(&bench, "c1") };
    assert_eq!(bench.hears("c1", Packet::Lock { lease, sent_at: bench.now() }).sent, ["c1: granted t/b/0 from 1"]);
    let told = welcome(join(&mut bench, "s1", 2, &[1]));
    let began: Vec<_> = told.queues[QueueSlot(0)].group_states.iter().map(|group_state| group_state.began).collect();
    assert_eq!(began, [Some(Offset(0)), Some(Offset(1))], "nobody begins beyond it");
    assert_eq!(send(&mut bench, "shop#2").noted, ["stored shop#2 in t/b/0@1 in epoch 2"]);
}

#[test]
fn a_new_master_says_of_every_group_that_has_begun_where_it_is_as_far_as_it_knows() {
    let mut bench = followed("", "", "", "");
    send_many(&mut bench, 3);
    lock(&mut bench, "c1");
    commit(&mut bench, "c1", 2);
    assert_eq!(role(&mut bench, 2, "b", &[0, 1]).noted, ["committed t/b/0@2 for g"], "the others have not begun");
}

#[test]
fn a_new_master_has_no_locks_no_pulls_and_no_slaves_and_nothing_in_anybodys_hands() {
    let mut bench = followed("", "", "", "retry_delay = \"1s\"");
    send(&mut bench, "shop#1");
    lock(&mut bench, "c1");
    outcome_packet(&mut bench, "c1", "shop#1@0", 1, FAILED);
    bench.until(1.0);
    assert_eq!(pull(&mut bench, "c1", 1).about("again").len(), 1);
    let now = bench.now();
    assert!(!broker(&mut bench).group_state(QueueSlot(0), GroupSlot(0)).retries.is_due(now), "it is in c1's hands");
    pull_numbered(&mut bench, "c1", 1, 2, 1);
    let told = role(&mut bench, 2, "b", &[0, 1]);
    assert_eq!(told.about("c1:"), ["c1: pull of t/b/0 refused"]);
    assert!(broker(&mut bench).group_state(QueueSlot(0), GroupSlot(0)).retries.is_due(now));
    assert_eq!(
        (
            broker(&mut bench).owner(QueueSlot(0), GroupSlot(0)),
            broker(&mut bench).open_pulls(QueueSlot(0), GroupSlot(0)).count()
        ),
        (None, 0)
    );
    assert_eq!(send(&mut bench, "shop#2").about("s1:"), [""; 0], "slaves have to join anew");
}
