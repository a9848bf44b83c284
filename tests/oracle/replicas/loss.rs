//! Loss: a message that is said to be lost was accepted, is nowhere from where it could come, and never comes.

use super::{CheckResult, OracleState, TraceLine, wrong};

/// A message that is said to be lost was accepted, and is in none of the other places of the ledger.
pub(super) fn lost_is_accepted_and_nowhere_else(state: &OracleState, entry: &TraceLine) -> CheckResult {
    let Some(told) = state.groups.get(&entry.group).filter(|_| entry.kind == "lost") else { return Ok(()) };
    let message = &entry.message;
    if !state.accepted.contains(message) {
        return wrong("it was never accepted");
    }
    if told.lost.contains(message) {
        return wrong("it was lost before");
    }
    if told.finished.contains_key(message) {
        return wrong("it is done");
    }
    if let Some((node, _)) = told.at_work.iter().find(|(_, hands)| hands.contains(message)) {
        return wrong(format!("{node} has it in hand"));
    }
    let ours = |queue: &String| state.cluster.queues.get(queue).map(|queue| &queue.set);
    let sets = state.copies.get(message).into_iter().flatten().filter_map(|(queue, ..)| ours(queue));
    let upset = sets.filter_map(|set| state.upset.get(set)).max().copied().unwrap_or(0);
    let queued = state.cluster.groups.get(&entry.group).is_some_and(|group| !group.on_receipt && !group.ordered);
    // A retry is committed on receipt, too, and one in place is in no queue; and a retry queue can go with its disk, or stay
    // behind with a former master, which may go on with it until it hears that it was replaced.
    let leads = |node: &String| {
        let queues = state.copies.get(message).into_iter().flatten().map(|(queue, ..)| queue);
        queues.filter_map(|queue| state.present(queue)).any(|master| master.node == *node)
    };
    match told.retried.get(message) {
        Some((since, node)) if *since > upset && queued && leads(node) => {
            wrong(format!("it is in the retry queue of {node} (record {since})"))
        }
        _ => Ok(()),
    }
}

/// A message that is said to be lost lies, when the moment is over, on no log that its set keeps, at or after what its group
/// has committed: not on the present master's, even while that is down; and while it is, on none of those that may take
/// its place.
pub(super) fn lost_lies_on_no_log_that_is_kept(state: &OracleState, entry: &TraceLine) -> CheckResult {
    state.sealed.iter().filter(|lost| lost.at_ns < entry.at_ns).try_for_each(|lost| {
        let lies = lies_on_a_log_that_is_kept(state, lost);
        lies.map_or(Ok(()), |lies| {
            wrong(format!("{} was lost to {} (record {}), but {lies}", lost.message, lost.group, lost.seq))
        })
    })
}

/// Where it lies.
fn lies_on_a_log_that_is_kept(state: &OracleState, lost: &TraceLine) -> Option<String> {
    let here = |name: &str, spot: &super::state::LogPosition| lies_at(state, name, spot, &lost.message);
    for spot in state.copies.get(&lost.message).into_iter().flatten().filter(|spot| is_ahead(state, &lost.group, spot))
    {
        let Some(master) = state.present(&spot.0) else { continue };
        if here(&master.node, spot) {
            return Some(format!("lies at {spot:?} with {}, the master", master.node));
        }
        let set = state.cluster.set_of(&spot.0).filter(|_| state.node(&master.node).down);
        if let Some(heir) = set.and_then(|set| set.replicas.iter().find(|name| here(name, spot))) {
            return Some(format!("lies at {spot:?} with {heir}, while the master, {}, is down", master.node));
        }
    }
    None
}

/// Whether a replica has a message in a place.
pub(super) fn lies_at(state: &OracleState, name: &str, spot: &super::state::LogPosition, message: &str) -> bool {
    let held = state.log(name, &spot.0).and_then(|log| log.get(spot.1));
    let wiped = state.node(name).is_wiped();
    !wiped && held.is_some_and(|held| held.message == *message && held.epoch == spot.2)
}

/// Whether a place lies beyond all that the present master can have committed.
pub(super) fn is_ahead(state: &OracleState, group: &str, spot: &super::state::LogPosition) -> bool {
    let told = state.groups.get(group);
    told.is_none_or(|told| told.bound.get(&spot.0).is_none_or(|bound| spot.1 >= *bound))
}

/// What was said to be lost is never seen again.
pub(super) fn lost_is_never_seen_again(state: &OracleState, entry: &TraceLine) -> CheckResult {
    let seen = matches!(
        entry.kind.as_str(),
        "started" | "finished" | "failed" | "retried" | "dead_lettered" | "deduplicated" | "expired" | "skipped"
    );
    let lost = state.groups.get(&entry.group).is_some_and(|told| told.lost.contains(&entry.message));
    if seen && lost { wrong("it was lost") } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{START, broken};

    const ONE: &str = "20 b1 stored message=p#1 queue=t/b1/0 offset=0 epoch=1\n21 p accepted message=p#1\n";
    const LOST: &str = "50 s1 lost group=g message=p#1\n";
    const CRASH: &str = "30 b1 crashed mode=host\n";
    const GONE: &str = "30 b1 truncated queue=t/b1/0 from=0 to=1\n";
    const HEIR: &str = "40 ns declared_dead of=b1\n40 s1 elected broker_set=b1 epoch=2\n";

    /// What is wrong, but for what it is not about: nothing waits for the slave here.
    fn told(lines: &[&str]) -> Vec<&'static str> {
        let mut wrong = broken(&format!("{START}{}90 ns registered of=x", lines.concat()));
        wrong.retain(|check| *check != "sync waits for every slave");
        wrong
    }

    #[test]
    fn an_accepted_message_can_be_lost_with_its_only_log() {
        assert_eq!(told(&[ONE, CRASH, GONE, LOST]), [""; 0]);
        assert_eq!(told(&[ONE, CRASH, HEIR, LOST]), [""; 0], "the new epoch does not have it");
    }

    #[test]
    fn a_message_on_the_masters_log_is_not_lost() {
        let check = "lost lies on no log that is kept";
        assert_eq!(told(&[ONE, LOST]), [check]);
        assert_eq!(told(&[ONE, CRASH, LOST]), [check], "a disk that is down is there");
        let copied = "22 s1 replicated message=p#1 queue=t/b1/0 offset=0 epoch=1\n";
        assert_eq!(told(&[ONE, copied, CRASH, GONE, LOST]), [check], "the slave can be elected");
        assert_eq!(told(&[ONE, copied, CRASH, HEIR, LOST]), [check], "it was");
        let committed = "23 b1 committed group=g queue=t/b1/0 offset=1\n";
        assert_eq!(told(&[ONE, committed, LOST]), [""; 0]);
    }

    #[test]
    fn lines_of_one_moment_are_taken_together() {
        let at_once = LOST.replace("50", "30");
        assert_eq!(told(&[ONE, CRASH, &at_once, GONE]), [""; 0]);
        assert_eq!(told(&[ONE, CRASH, &at_once, &GONE.replace("30", "31")]), ["lost lies on no log that is kept"]);
    }

    #[test]
    fn a_lost_message_was_accepted_and_is_neither_done_nor_in_process() {
        let check = "lost is accepted and nowhere else";
        let only = ONE.split_inclusive('\n').next().unwrap_or_default();
        assert_eq!(told(&[only, CRASH, GONE, LOST]), [check]);
        assert_eq!(told(&[ONE, CRASH, GONE, LOST, LOST]), [check]);
        let started = "23 b1 delivered group=g queue=t/b1/0 from=0 to=1\n24 c started group=g message=p#1 queue=t/b1/0 offset=0\n";
        assert_eq!(told(&[ONE, started, CRASH, GONE, LOST]), [check]);
        let finished = "25 c finished group=g message=p#1 queue=t/b1/0 offset=0\n";
        assert_eq!(told(&[ONE, started, finished, CRASH, GONE, LOST]), [check]);
        let crashed = "45 c crashed mode=host\n";
        assert_eq!(told(&[ONE, started, CRASH, GONE, crashed, LOST]), [""; 0]);
    }

    #[test]
    fn a_message_that_waits_for_its_retry_is_not_lost() {
        let failed = "23 b1 delivered group=g queue=t/b1/0 from=0 to=1\n24 c started group=g message=p#1 queue=t/b1/0 offset=0\n\
                      25 c failed group=g message=p#1 queue=t/b1/0 offset=0\n26 b1 retried group=g message=p#1\n\
                      27 b1 committed group=g queue=t/b1/0 offset=1\n";
        assert_eq!(told(&[ONE, failed, LOST]), ["lost is accepted and nowhere else"]);
        assert_eq!(told(&[ONE, failed, CRASH, HEIR, LOST]), [""; 0], "it may not have been copied");
        let cut_off = [HEIR, failed, "41 b1 truncated queue=t/b1/0 from=0 to=1\n"].concat();
        assert_eq!(told(&[ONE, &cut_off, LOST]), [""; 0], "it was with a master that was cut off");
        assert_eq!(told(&[ONE, HEIR, failed, LOST]), [""; 0], "a former master has put it there");
    }

    #[test]
    fn a_lost_message_never_comes_again() {
        let again = "60 c started group=g message=p#1 queue=t/b1/0 offset=0\n";
        let early = "23 b1 delivered group=g queue=t/b1/0 from=0 to=1\n";
        assert_eq!(told(&[ONE, early, CRASH, GONE, LOST, again]), ["lost is never seen again"]);
        assert_eq!(told(&[ONE, early, CRASH, GONE, again]), [""; 0]);
    }
}
