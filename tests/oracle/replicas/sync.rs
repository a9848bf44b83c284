//! What an acknowledgement promises.

use super::state::{LogPosition, Placed};
use super::{CheckResult, OracleState, TraceLine, wrong};

/// What is accepted has been stored.
pub(super) fn an_accepted_message_was_stored(state: &OracleState, entry: &TraceLine) -> CheckResult {
    if entry.kind == "accepted" && !state.copies.contains_key(&entry.message) {
        return wrong("it was never stored");
    }
    Ok(())
}

/// Where acknowledgements wait for the slaves, one of the message's copies has been on every slave that its master knew to
/// be alive.
pub(super) fn sync_waits_for_every_slave(state: &OracleState, entry: &TraceLine) -> CheckResult {
    if entry.kind != "accepted" {
        return Ok(());
    }
    // The cause tells which copy was acknowledged; if it does not, any will do.
    let about = entry.cause.and_then(|seq| state.about.get(&seq));
    let copies: Vec<&LogPosition> = match about {
        Some(spot) => vec![spot],
        None => state.copies.get(&entry.message).into_iter().flatten().collect(),
    };
    let mut lacking = Vec::new();
    for spot in copies {
        let Some(placed) = state.placed.get(spot) else { continue };
        let Some(set) = state.cluster.set_of(&spot.0).filter(|set| set.sync) else { return Ok(()) };
        // What was deleted by age while it waited can be had by nobody.
        if state.deleted.get(&spot.0).is_some_and(|deleted| spot.1 < *deleted) {
            return Ok(());
        }
        let without = |name: &&String| !placed.had.contains(*name) && is_known(state, name, spot, placed, entry.at_ns);
        match set.replicas.iter().find(without) {
            Some(slave) => lacking.push(format!("{slave} has never had it from {spot:?}")),
            None => return Ok(()),
        }
    }
    if lacking.is_empty() { Ok(()) } else { wrong(lacking.join(", ")) }
}

/// Whether the master that stored a message knew all the time that a replica lives: the nameserver knew before it elected
/// that master, so that every word of it says so; or has known for so long that its word must have come.
fn is_known(state: &OracleState, name: &str, spot: &LogPosition, placed: &Placed, now: u64) -> bool {
    let Some((seq, at)) = state.registered.get(name).copied() else { return false };
    let node = state.node(name);
    if !state.is_up(name) || node.crashed.is_some_and(|(crash, _)| crash > seq) {
        return false;
    }
    let elections = state.cluster.queues.get(&spot.0).and_then(|queue| state.elections.get(&queue.set));
    let election = elections.and_then(|all| all.iter().find(|it| it.epoch == spot.2));
    let from_the_first = election.is_some_and(|it| seq < it.seq);
    let word_came = at + state.cluster.word <= placed.at && state.is_quiet(&placed.by, placed.at.min(now));
    from_the_first || word_came
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{START, broken};

    const STORED: &str = "500 b1 stored message=p#1 queue=t/b1/0 offset=0 epoch=1\n";
    const COPIED: &str = "501 s1 replicated message=p#1 queue=t/b1/0 offset=0 epoch=1\n";
    const ACCEPTED: &str = "502 p accepted message=p#1";

    #[test]
    fn an_acknowledgement_waits_for_the_slave_that_lives() {
        assert_eq!(broken(&format!("{START}{STORED}{COPIED}{ACCEPTED}")), [""; 0]);
        assert_eq!(broken(&format!("{START}{STORED}{ACCEPTED}")), ["sync waits for every slave"]);
        assert_eq!(broken(&format!("{START}{ACCEPTED}")), ["an accepted message was stored"]);
    }

    #[test]
    fn it_does_not_wait_for_the_dead_nor_for_whom_the_master_may_not_know() {
        for without in [
            "400 s1 crashed mode=host\n",
            "400 ns declared_dead of=s1\n",
            "400 ns declared_dead of=s1\n490 ns registered of=s1\n",
            "300 ns declared_dead of=s1\n310 ns registered of=s1\n490 ns dropped from=ns to=b1 what=members why=loss\n",
        ] {
            assert_eq!(broken(&format!("{START}{without}{STORED}{ACCEPTED}")), [""; 0], "{without}");
        }
        let long_back = "300 ns declared_dead of=s1\n310 ns registered of=s1\n";
        assert_eq!(broken(&format!("{START}{long_back}{STORED}{ACCEPTED}")), ["sync waits for every slave"]);
    }

    #[test]
    fn an_acknowledgement_waits_no_longer_for_a_message_that_was_deleted() {
        let deleted = "501 b1 deleted queue=t/b1/0 offset=1\n";
        let told = broken(&format!("{START}{STORED}{deleted}{ACCEPTED}"));
        assert!(!told.contains(&"sync waits for every slave"), "{told:?}");
    }

    #[test]
    fn the_cause_tells_which_copy_was_acknowledged() {
        let other = "500 b1 stored message=p#1 queue=t/b1/0 offset=1 epoch=1\n";
        let trace = format!("{START}{STORED}{other}{COPIED}{ACCEPTED}");
        let first = START.lines().count() + 1;
        assert_eq!(broken(&trace), [""; 0]);
        assert_eq!(broken(&format!("{trace} <- {first}")), [""; 0]);
        assert_eq!(broken(&format!("{trace} <- {}", first + 1)), ["sync waits for every slave"]);
    }
}
