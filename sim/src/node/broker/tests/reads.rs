//! Locks, pulls, commits, and what is deleted.

use super::{Bench, commit, depart, lease, lock, log, master, master_with, pull, pull_numbered, send, send_many};
use crate::kernel::Time;
use crate::plan::{Life, Offset};
use crate::protocol::{Departure, EndedLives, Packet, Pull, ReadLease};
use crate::storage::PullId;

#[test]
fn a_queue_is_granted_to_one_consumer_of_a_group() {
    let mut bench = master();
    assert_eq!(lock(&mut bench, "c1").sent, ["c1: granted t/b/0 from 0"]);
    assert_eq!(lock(&mut bench, "c2").sent, ["c2: denied t/b/0"]);
    assert_eq!(lock(&mut bench, "c1").sent, ["c1: granted t/b/0 from 0"], "its owner may ask again");
    assert_eq!(lock(&mut bench, "d").sent, ["d: granted t/b/0 from 0"], "another group has locks of its own");
    let other = ReadLease { queue: bench.queue("t/b/1"), ..lease(&bench, "c2") };
    assert_eq!(
        bench.hears("c2", Packet::Lock { lease: other, sent_at: bench.now() }).sent,
        ["c2: granted t/b/1 from 0"]
    );
}

#[test]
fn a_queue_is_free_once_its_owner_lets_go() {
    let mut bench = master();
    lock(&mut bench, "c1");
    let (mine, others) = (lease(&bench, "c1"), lease(&bench, "c2"));
    bench.hears("c2", Packet::Unlock(others));
    assert_eq!(lock(&mut bench, "c2").sent, ["c2: denied t/b/0"], "it is not for others to let go");
    assert_eq!(bench.hears("c1", Packet::Unlock(mine)).sent, ["c1: unlocked t/b/0"]);
    assert_eq!(lock(&mut bench, "c2").sent, ["c2: granted t/b/0 from 0"]);
    bench.hears("c1", Packet::Unlock(mine));
    assert_eq!(pull(&mut bench, "c2", 0).noted, ["held t/b/0"], "an unlock that comes twice takes it from nobody");
}

#[test]
fn a_queue_is_free_once_the_life_that_locked_it_has_ended() {
    let mut bench = master();
    lock(&mut bench, "c1");
    depart(&mut bench, "c1", 1, 1);
    assert_eq!(lock(&mut bench, "c2").sent, ["c2: granted t/b/0 from 0"]);
}

#[test]
fn the_end_of_an_earlier_life_takes_no_lock_of_a_later_one() {
    let mut bench = master();
    let reborn = ReadLease { life: Life::nth(2), ..lease(&bench, "c1") };
    bench.hears("c1", Packet::Lock { lease: reborn, sent_at: bench.now() });
    depart(&mut bench, "c1", 1, 1);
    assert_eq!(lock(&mut bench, "c2").sent, ["c2: denied t/b/0"]);
    depart(&mut bench, "c1", 2, 2);
    assert_eq!(lock(&mut bench, "c2").sent, ["c2: granted t/b/0 from 0"]);
}

#[test]
fn what_was_locked_after_it_was_decided_who_is_dead_is_not_meant() {
    let mut bench = master();
    bench.until(5.0);
    lock(&mut bench, "c1");
    let (consumer, number) = (bench.id("c1"), Departure { life: Life::FIRST, number: 1 });
    let lives = EndedLives { last: None, at: Time(4_000_000_000) };
    bench.hears("nameserver", Packet::Departed { consumer, lives, number });
    assert_eq!(lock(&mut bench, "c2").sent, ["c2: denied t/b/0"]);
    let (lives, number) = (EndedLives { last: None, at: bench.now() }, Departure { life: Life::FIRST, number: 2 });
    bench.hears("nameserver", Packet::Departed { consumer, lives, number });
    assert_eq!(lock(&mut bench, "c2").sent, ["c2: granted t/b/0 from 0"]);
}

#[test]
fn departures_count_in_order_and_once() {
    let mut bench = master();
    lock(&mut bench, "c1");
    depart(&mut bench, "c1", 1, 2);
    assert_eq!(lock(&mut bench, "c2").sent, ["c2: denied t/b/0"], "the first one is missing: it waits for both");
    depart(&mut bench, "d", 1, 1);
    depart(&mut bench, "c1", 1, 2);
    assert_eq!(lock(&mut bench, "c2").sent, ["c2: granted t/b/0 from 0"]);
    lock(&mut bench, "c2");
    depart(&mut bench, "c2", 1, 2);
    assert_eq!(lock(&mut bench, "c1").sent, ["c1: denied t/b/0"], "number two again is old news");
    let number = Departure { life: Life::nth(2), number: 1 };
    let consumer = bench.id("c2");
    let lives = EndedLives { last: Some(Life::FIRST), at: bench.now() };
    bench.hears("nameserver", Packet::Departed { consumer, lives, number });
    assert_eq!(lock(&mut bench, "c1").sent, ["c1: denied t/b/0"], "asked for before it was dead");
    bench.until(1.0);
    assert_eq!(lock(&mut bench, "c1").sent, ["c1: granted t/b/0 from 0"], "a new life of the nameserver counts anew");
}

#[test]
fn a_claim_of_another_epoch_is_refused() {
    let mut bench = master();
    lock(&mut bench, "c1");
    super::appoint(&mut bench, 2);
    assert_eq!(lock(&mut bench, "c1").sent, ["c1: denied t/b/0"]);
    assert_eq!(pull(&mut bench, "c1", 0).sent, ["c1: pull of t/b/0 refused"]);
    assert_eq!(commit(&mut bench, "c1", 0).sent, ["c1: commit of t/b/0 to 0 refused"]);
}

#[test]
fn a_pull_gets_what_there_is_up_to_its_batch() {
    let mut bench = master();
    lock(&mut bench, "c1");
    send_many(&mut bench, 5);
    let told = pull(&mut bench, "c1", 0);
    assert_eq!(told.noted, ["delivered t/b/0 0..3"]);
    assert_eq!(told.sent, ["c1: pulled t/b/0: [shop#1@0, shop#2@1, shop#3@2] next 3"]);
    assert_eq!(pull(&mut bench, "c1", 3).sent, ["c1: pulled t/b/0: [shop#4@3, shop#5@4] next 5"]);
}

#[test]
fn a_pull_that_finds_nothing_is_held_and_woken_by_a_message() {
    let mut bench = master();
    lock(&mut bench, "c1");
    let held = pull(&mut bench, "c1", 0);
    assert_eq!((held.noted, held.sent), (vec!["held t/b/0".to_owned()], vec![]));
    let told = send(&mut bench, "shop#1");
    assert_eq!(told.noted, ["stored shop#1 in t/b/0@0 in epoch 1", "woken t/b/0", "delivered t/b/0 0..1"]);
    assert_eq!(told.sent, ["shop: shop#1 attempt 1 accepted", "c1: pulled t/b/0: [shop#1@0] next 1"]);
    assert_eq!(told.records[1].cause, Some(told.records[0].seq), "woken because it was stored");
    assert_eq!(send(&mut bench, "shop#2").about("pulled"), [""; 0], "a pull is answered once");
}

#[test]
fn of_a_consumers_held_pulls_the_last_one_alone_is_answered() {
    let mut bench = master();
    lock(&mut bench, "c1");
    for serial in 1..=3 {
        super::pull_numbered(&mut bench, "c1", 0, serial, 0);
    }
    let answers: Vec<Packet> = send(&mut bench, "shop#1").packets.into_iter().map(|(_, packet)| packet).collect();
    let pulls = answers.iter().filter_map(|packet| match packet {
        Packet::PullAnswer { pull, .. } => Some(pull.number()),
        _ => None,
    });
    assert_eq!(pulls.collect::<Vec<_>>(), [3], "it would take no other, and what is in it would be lost on the way");
}

#[test]
fn a_held_pull_is_ended_after_long_poll() {
    let mut bench = master();
    lock(&mut bench, "c1");
    pull(&mut bench, "c1", 0);
    bench.until(1.0);
    lock(&mut bench, "d");
    pull(&mut bench, "d", 0);
    assert_eq!(
        bench.until(20.0).timed("pulled"),
        ["15s c1: pulled t/b/0: [] next 0", "16s d: pulled t/b/0: [] next 0"]
    );
}

#[test]
fn all_groups_that_wait_are_woken() {
    let mut bench = master();
    for who in ["c1", "d"] {
        lock(&mut bench, who);
        pull(&mut bench, who, 0);
    }
    let told = send(&mut bench, "shop#1");
    assert_eq!(told.about("pulled"), ["c1: pulled t/b/0: [shop#1@0] next 1", "d: pulled t/b/0: [shop#1@0] next 1"]);
}

#[test]
fn a_message_is_there_for_consumers_only_once_it_is_flushed() {
    let mut bench = master_with("flush_time = \"5ms\"", "", "");
    lock(&mut bench, "c1");
    send(&mut bench, "shop#1");
    assert_eq!(pull(&mut bench, "c1", 0).noted, ["held t/b/0"]);
    assert_eq!(
        bench.until(0.010).timed("shop#1"),
        ["5ms shop: shop#1 attempt 1 accepted", "5ms c1: pulled t/b/0: [shop#1@0] next 1"]
    );
    let mut late = master_with("flush = \"async\"", "", "");
    lock(&mut late, "c1");
    send(&mut late, "shop#1");
    assert_eq!(pull(&mut late, "c1", 0).about("pulled").len(), 1, "where it is flushed later, it is there at once");
}

#[test]
fn without_the_lock_a_pull_or_commit_is_refused() {
    let mut bench = master();
    send_many(&mut bench, 2);
    lock(&mut bench, "c1");
    assert_eq!(pull(&mut bench, "c2", 0).sent, ["c2: pull of t/b/0 refused"]);
    let refused = commit(&mut bench, "c2", 2);
    assert_eq!((refused.sent, refused.noted.len()), (vec!["c2: commit of t/b/0 to 2 refused".to_owned()], 0));
    assert_eq!(lock(&mut bench, "c1").sent, ["c1: granted t/b/0 from 0"]);
}

#[test]
fn a_group_without_locks_serves_whoever_asks() {
    let mut bench = master_with("", "", "queue_lock = false");
    send_many(&mut bench, 1);
    for who in ["c1", "c2"] {
        assert_eq!(lock(&mut bench, who).sent, [format!("{who}: granted t/b/0 from 0")]);
        assert_eq!(pull(&mut bench, who, 0).about("shop#1@0").len(), 1);
    }
    for who in ["c1", "c2"] {
        pull(&mut bench, who, 1);
    }
    assert_eq!(send(&mut bench, "shop#2").about("pulled").len(), 2);
    assert_eq!(commit(&mut bench, "c2", 2).notes_of("committed"), ["committed t/b/0@2 for g"]);
}

#[test]
fn without_locks_a_held_pull_ends_with_its_own_consumers_word_and_no_other() {
    let held = |end: fn(&mut Bench)| {
        let mut bench = master_with("", "", "queue_lock = false");
        for who in ["c1", "c2"] {
            lock(&mut bench, who);
            pull(&mut bench, who, 0);
        }
        bench.until(1.0);
        end(&mut bench);
        let told = send(&mut bench, "shop#1");
        told.about("pulled").iter().map(|line| line[..2].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(held(|_| {}), ["c1", "c2"]);
    assert_eq!(held(|bench| _ = lock(bench, "c1")), ["c2"], "who asks anew pulls anew");
    let unlock = |bench: &mut Bench| {
        let lease = lease(bench, "c1");
        bench.hears("c1", Packet::Unlock(lease));
    };
    assert_eq!(held(unlock), ["c2"]);
    assert_eq!(held(|bench| _ = depart(bench, "c1", 1, 1)), ["c2"]);
    let earlier = |bench: &mut Bench| {
        let lease = ReadLease { life: Life::nth(2), ..lease(bench, "c1") };
        bench.hears("c1", Packet::Lock { lease, sent_at: bench.now() });
        let pull = Pull { offset: Offset(0), batch: 3, id: PullId::FIRST, received: None };
        bench.hears("c1", Packet::Pull { lease, pull });
        depart(bench, "c1", 1, 1);
    };
    assert_eq!(held(earlier), ["c2", "c1"], "an earlier life's end");
}

#[test]
fn what_was_committed_on_receipt_is_handed_to_nobody_else_without_locks_either() {
    for (ack, again) in [("before", 0), ("after", 1)] {
        let mut bench = master_with("", "", &format!("queue_lock = false\nack = \"{ack}\""));
        send_many(&mut bench, 2);
        lock(&mut bench, "c1");
        lock(&mut bench, "c2");
        pull(&mut bench, "c1", 0);
        commit(&mut bench, "c1", 1);
        let told = pull(&mut bench, "c2", 0);
        assert_eq!((told.about("shop#1@0").len(), told.about("shop#2@1").len()), (again, 1), "{ack}");
    }
}

#[test]
fn a_commit_goes_forward_only_and_twice_is_harmless() {
    let mut bench = master();
    send_many(&mut bench, 5);
    lock(&mut bench, "c1");
    assert_eq!(commit(&mut bench, "c1", 3).noted, ["committed t/b/0@3 for g"]);
    for old in [3, 2, 0] {
        let told = commit(&mut bench, "c1", old);
        assert_eq!(told.sent, [format!("c1: commit of t/b/0 to {old} heard")]);
        assert_eq!(told.noted, [""; 0]);
    }
    assert_eq!(commit(&mut bench, "c1", 9).noted, ["committed t/b/0@5 for g"], "no further than the log");
    assert_eq!(lock(&mut bench, "c1").sent, ["c1: granted t/b/0 from 5"]);
}

#[test]
fn messages_are_deleted_once_the_slowest_group_is_done() {
    let mut bench = master();
    send_many(&mut bench, 5);
    lock(&mut bench, "c1");
    lock(&mut bench, "d");
    assert_eq!(commit(&mut bench, "c1", 4).notes_of("deleted"), [""; 0]);
    assert_eq!(commit(&mut bench, "d", 2).notes_of("deleted"), ["deleted t/b/0 before 2"]);
    assert_eq!(commit(&mut bench, "d", 5).notes_of("deleted"), ["deleted t/b/0 before 4"]);
    assert_eq!(log(&mut bench), (4, 5, 5));
}

#[test]
fn a_group_that_has_not_begun_keeps_messages_unless_it_begins_at_the_end() {
    let mut first = master();
    send_many(&mut first, 3);
    lock(&mut first, "c1");
    assert_eq!(commit(&mut first, "c1", 3).notes_of("deleted"), [""; 0], "h counts from the start of the run");

    let mut last = master_with("", "", "from = \"last\"");
    send_many(&mut last, 3);
    lock(&mut last, "d");
    assert_eq!(commit(&mut last, "d", 2).notes_of("deleted"), ["deleted t/b/0 before 2"], "g has not begun");
    assert_eq!(lock(&mut last, "c1").noted, ["begun t/b/0@3"]);
    send(&mut last, "shop#4");
    assert_eq!(commit(&mut last, "d", 4).notes_of("deleted"), ["deleted t/b/0 before 3"], "from then on it counts");
}

#[test]
fn a_group_begins_a_queue_once() {
    let mut bench = master_with("", "", "from = \"last\"");
    send_many(&mut bench, 2);
    assert_eq!(lock(&mut bench, "c1").noted, ["begun t/b/0@2"]);
    send_many(&mut bench, 2);
    depart(&mut bench, "c1", 1, 1);
    let told = lock(&mut bench, "c2");
    assert_eq!((told.noted.len(), told.sent), (0, vec!["c2: granted t/b/0 from 2".to_owned()]));
}

#[test]
fn old_messages_are_deleted_by_age_and_passed_over() {
    let mut bench = master_with("", "retention = \"10s\"", "");
    send(&mut bench, "shop#1");
    for who in ["c1", "d"] {
        lock(&mut bench, who);
        commit(&mut bench, who, 1);
    }
    assert_eq!(log(&mut bench).0, 0, "done, but not old");
    bench.until(4.0);
    send(&mut bench, "shop#2");
    assert_eq!(bench.until(9.999).noted, [""; 0]);
    assert_eq!(bench.until(10.0).noted, ["deleted t/b/0 before 1"]);
    assert_eq!(bench.until(20.0).noted, ["deleted t/b/0 before 2"]);
    send(&mut bench, "shop#3");
    let told = pull_numbered(&mut bench, "c1", 1, 2, 1);
    assert_eq!(told.sent, ["c1: pulled t/b/0: [shop#3@2] next 3"]);
    assert_eq!(told.noted, ["delivered t/b/0 2..3"]);
}

#[test]
fn a_topic_without_groups_keeps_its_messages() {
    let mut bench = super::Bench::new(
        "[[brokers]]\nname = \"b\"\n[[topics]]\nname = \"t\"\nqueues = { b = 1 }\n\
         [[producers]]\nname = \"shop\"\ntopic = \"t\"\ninterval = \"1s\"",
        "b",
    );
    bench.start();
    super::appoint(&mut bench, 1);
    send_many(&mut bench, 100);
    bench.until(500.0);
    assert_eq!(log(&mut bench), (0, 100, 100));
}

#[test]
fn a_claim_of_another_epoch_is_refused_without_locks_too() {
    let mut bench = master_with("", "", "queue_lock = false");
    send_many(&mut bench, 2);
    lock(&mut bench, "c1");
    super::appoint(&mut bench, 2);
    assert_eq!(pull(&mut bench, "c1", 0).sent, ["c1: pull of t/b/0 refused"]);
    assert_eq!(commit(&mut bench, "c1", 2).noted, [""; 0]);
}
