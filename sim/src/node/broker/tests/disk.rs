//! What a crash leaves, and how a master begins again from it.

use super::{Bench, appoint, broker, commit, lease, lock, log, master, master_with, pull, send, send_many};
use crate::plan::{Epoch, Offset};
use crate::protocol::{Packet, Pull, ReadLease};
use crate::storage::PullId;

/// Ten messages acknowledged and three flushed, of which so many are committed by both groups.
fn half_flushed(done: u64) -> Bench {
    let mut bench = master_with("flush = \"async\"\nflush_interval = \"1s\"", "", "");
    send_many(&mut bench, 3);
    bench.until(1.0);
    for number in 4..=10 {
        send(&mut bench, &format!("shop#{number}"));
    }
    for who in ["c1", "d"] {
        lock(&mut bench, who);
        commit(&mut bench, who, done);
    }
    bench
}

#[test]
fn what_was_not_flushed_is_lost_with_the_host() {
    let mut bench = half_flushed(0);
    assert_eq!(log(&mut bench), (0, 10, 3));
    let cuts = broker(&mut bench).lose_unflushed();
    let numbers: Vec<u32> = cuts[0].entries.iter().map(|entry| entry.message.number).collect();
    assert_eq!((cuts.len(), cuts[0].from, numbers), (1, Offset(3), vec![4, 5, 6, 7, 8, 9, 10]));
    assert_eq!(log(&mut bench), (0, 3, 3));
    assert!(broker(&mut bench).lose_unflushed().is_empty(), "there is no more to lose");
}

#[test]
fn with_synchronous_flush_only_what_was_not_acknowledged_is_lost() {
    let mut bench = master_with("flush_time = \"10ms\"", "", "");
    send_many(&mut bench, 1);
    bench.until(0.012);
    send(&mut bench, "shop#2");
    assert_eq!(broker(&mut bench).lose_unflushed().len(), 1);
    assert_eq!(log(&mut bench), (0, 1, 1));
}

#[test]
fn what_was_being_flushed_when_only_the_process_ended_can_be_read_afterwards() {
    let mut bench = master_with("flush_time = \"10ms\"", "", "");
    send_many(&mut bench, 1);
    bench.until(0.005);
    assert_eq!(log(&mut bench), (0, 1, 0));
    bench.crashes();
    bench.start();
    appoint(&mut bench, 2);
    let lease = ReadLease { epoch: Epoch::nth(2), ..lease(&bench, "c1") };
    bench.hears("c1", Packet::Lock { lease, sent_at: bench.now() });
    let pull = Pull { offset: Offset(0), batch: 3, id: PullId::FIRST, received: None };
    assert_eq!(bench.hears("c1", Packet::Pull { lease, pull }).about("shop#1@0").len(), 1);
}

#[test]
fn a_new_master_cuts_committed_offsets_at_the_end_of_its_log() {
    let mut bench = half_flushed(2);
    commit(&mut bench, "c1", 8);
    broker(&mut bench).lose_unflushed();
    bench.crashes();
    bench.start();
    let told = appoint(&mut bench, 2);
    assert_eq!(told.noted, ["committed t/b/0@3 for g"], "h is at 2 and stays there");
    let lease = ReadLease { epoch: Epoch::nth(2), ..lease(&bench, "c1") };
    assert_eq!(bench.hears("c1", Packet::Lock { lease, sent_at: bench.now() }).sent, ["c1: granted t/b/0 from 3"]);
    assert_eq!(send(&mut bench, "shop#11").noted, ["stored shop#11 in t/b/0@3 in epoch 2"]);
}

#[test]
fn a_new_master_begins_with_no_locks() {
    let mut bench = master();
    lock(&mut bench, "c1");
    pull(&mut bench, "c1", 0);
    appoint(&mut bench, 2);
    let lease = ReadLease { epoch: Epoch::nth(2), ..lease(&bench, "c2") };
    assert_eq!(bench.hears("c2", Packet::Lock { lease, sent_at: bench.now() }).sent, ["c2: granted t/b/0 from 0"]);
    assert_eq!(send(&mut bench, "shop#1").about("c1"), [""; 0], "nor with any pull");
}

#[test]
fn messages_kept_by_age_expire_after_a_crash_too() {
    let mut bench = master_with("", "retention = \"10s\"", "");
    send_many(&mut bench, 2);
    bench.crashes();
    bench.sleeps_until(12.0);
    bench.start();
    appoint(&mut bench, 2);
    assert_eq!(bench.until(12.0).noted, ["deleted t/b/0 before 2"]);
}

#[test]
fn a_cut_that_reaches_below_what_was_deleted_is_told_as_it_is() {
    let mut bench = half_flushed(7);
    assert_eq!(log(&mut bench), (7, 10, 3));
    let cuts = broker(&mut bench).lose_unflushed();
    let super::super::LostTail { from, to, entries, .. } = &cuts[0];
    assert_eq!((from.0, to.0, entries.len()), (3, 10, 3));
    assert_eq!(log(&mut bench).1, from.0, "what the record says is what was done");
}

#[test]
fn the_same_where_whole_segments_were_deleted() {
    let mut bench = master_with("flush = \"async\"\nflush_interval = \"1h\"", "", "");
    send_many(&mut bench, 300);
    for who in ["c1", "d"] {
        lock(&mut bench, who);
        commit(&mut bench, who, 290);
    }
    let cuts = broker(&mut bench).lose_unflushed();
    assert_eq!(log(&mut bench).1, cuts[0].from.0, "the log ends where the record says that it was cut");
    assert!(broker(&mut bench).lose_unflushed().is_empty(), "there is no more to lose");
}
