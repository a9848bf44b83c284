//! Letting go: of one queue, when it is another one's; of all, when it leaves.

use super::Seat;

/// c1 with two messages fetched from its queue, at the first of them for a second; then the queue is c0's.
fn deprived(group: &str) -> Seat {
    let mut seat = Seat::reading("", group, "service_time = \"1s\"");
    seat.gets("t/b/0", &["shop#1@0", "shop#2@1"]);
    let told = seat.joined(&["c0", "c1"]);
    assert_eq!(told.notes_of("assigned"), ["assigned t/b/1"]);
    assert_eq!(told.about("unlock"), [""; 0]);
    seat
}

#[test]
fn it_lets_go_after_what_it_has_in_hand_and_begins_no_more() {
    let mut seat = deprived("");
    let done = seat.until(1.0);
    assert_eq!(done.noted, ["finished shop#1@0"]);
    assert_eq!(done.about("t/b/0"), ["b: commit t/b/0 to 1"], "first it commits");
    assert_eq!(seat.commit_heard("t/b/0", 1).sent, ["b: unlock t/b/0"]);
    assert_eq!(seat.until(3.5).timed("unlock"), ["2s b: unlock t/b/0", "3s b: unlock t/b/0"], "until it is answered");
    seat.unlocked("t/b/0");
    assert_eq!(seat.until(9.0).about("t/b/0"), [""; 0]);
}

#[test]
fn with_nothing_in_hand_it_lets_go_at_once() {
    let mut seat = Seat::reading("", "", "");
    assert_eq!(seat.joined(&["c0", "c1"]).about("t/b/0"), ["b: unlock t/b/0"]);
}

#[test]
fn what_was_committed_on_receipt_is_ended_before_it_lets_go() {
    let mut seat = deprived("ack = \"before\"");
    seat.commit_heard("t/b/0", 2);
    let told = seat.until(2.0);
    assert_eq!(told.noted, ["finished shop#1@0", "started shop#2@1", "finished shop#2@1"]);
    assert_eq!(told.timed("unlock"), ["2s b: unlock t/b/0"]);
}

#[test]
fn an_interval_between_commits_does_not_hold_up_who_lets_go() {
    let mut seat = Seat::reading("timers.commit = \"60s\"", "", "service_time = \"1s\"");
    seat.gets("t/b/0", &["shop#1@0"]);
    seat.joined(&["c0", "c1"]);
    assert_eq!(seat.until(1.0).about("commit"), ["b: commit t/b/0 to 1"]);
    assert_eq!(seat.commit_heard("t/b/0", 1).sent, ["b: unlock t/b/0"]);
}

#[test]
fn a_queue_that_comes_back_is_asked_for_once_it_was_let_go() {
    let mut seat = deprived("");
    assert_eq!(seat.joined(&["c1", "c2"]).about("t/b/0"), [""; 0]);
    seat.until(1.0);
    seat.commit_heard("t/b/0", 1);
    assert_eq!(seat.unlocked("t/b/0").about("lock"), ["b: lock t/b/0 in epoch 1"]);
}

#[test]
fn a_claim_of_an_epoch_that_is_over_needs_no_letting_go() {
    let mut seat = deprived("");
    let told = seat.routed(2);
    assert_eq!(told.about("t/b/0"), [""; 0]);
    let told = seat.until(5.0);
    assert_eq!(told.notes_of("shop"), ["finished shop#1@0"]);
    assert_eq!(told.about("t/b/0"), ["b: commit t/b/0 to 1"], "it is ended, told once, and that is all");
}

#[test]
fn a_request_under_way_is_taken_back() {
    let mut seat = Seat::new("", "", "");
    seat.routed(1);
    seat.joined(&["c1", "c2"]);
    assert_eq!(seat.joined(&["c0", "c1"]).about("t/b/0"), ["b: unlock t/b/0"]);
    assert_eq!(seat.grants("t/b/0", 0).sent, [""; 0], "the answer to the request comes too late");
}

#[test]
fn who_leaves_says_goodbye_after_all_else_until_it_is_answered() {
    let mut seat = Seat::reading("", "", "service_time = \"1s\"\nleaves = \"500ms\"");
    seat.gets("t/b/0", &["shop#1@0", "shop#2@1"]);
    assert_eq!(seat.until(1.0).about("goodbye"), [""; 0], "it has something in hand");
    assert_eq!(seat.commit_heard("t/b/0", 1).sent, ["b: unlock t/b/0"]);
    assert_eq!(seat.unlocked("t/b/0").sent, ["nameserver: goodbye"]);
    let told = seat.until(3.0);
    assert_eq!(told.timed("goodbye"), ["2s nameserver: goodbye", "3s nameserver: goodbye"]);
    assert_eq!(told.about("heartbeat"), [""; 0], "who says goodbye does not say that it is alive");
    assert_eq!(told.notes_of("started"), [""; 0]);
    let gone = seat.hears("nameserver", crate::protocol::Packet::GoodbyeAnswer);
    assert_eq!((gone.noted, gone.stopped), (vec!["left".to_owned()], true));
}

#[test]
fn who_leaves_has_nothing_to_give_back_where_it_was_denied() {
    let mut seat = Seat::new("", "", "leaves = \"500ms\"");
    seat.routed(1);
    seat.joined(&["c1", "c2"]);
    seat.denies("t/b/0");
    assert_eq!(seat.until(0.5).about("goodbye"), ["nameserver: goodbye"]);
}

#[test]
fn letting_go_ends_with_the_epoch() {
    let mut seat = Seat::reading("", "", "leaves = \"500ms\"");
    assert_eq!(seat.until(0.5).sent, ["b: unlock t/b/0"]);
    assert_eq!(seat.routed(2).about("goodbye"), ["nameserver: goodbye"], "who leads now knows of no lock");
}

#[test]
fn a_farewell_to_somebody_who_stays_is_a_mistake() {
    let mut seat = Seat::reading("", "", "");
    let told = seat.hears("nameserver", crate::protocol::Packet::GoodbyeAnswer);
    assert_eq!((told.noted.len(), told.stopped), (0, false));
}

#[test]
fn who_leaves_with_nothing_goes_at_once() {
    let mut seat = Seat::new("", "", "leaves = \"500ms\"");
    assert_eq!(seat.until(0.5).about("goodbye"), ["nameserver: goodbye"]);
}
