//! Positions: what is committed, what is handed out, what is begun.

use super::{CheckResult, OracleState, TraceLine, wrong};

/// A broker commits no more than it has.
pub(super) fn nothing_is_committed_beyond_the_end(state: &OracleState, entry: &TraceLine) -> CheckResult {
    let end = state.end(&entry.node, &entry.queue);
    if matches!(entry.kind.as_str(), "committed" | "begun") && entry.offset > end {
        return wrong(format!("the log of {} ends at {end}", entry.node));
    }
    Ok(())
}

/// While one master leads, what a group has committed with it does not fall. A new master has cut it at its own end, and
/// its group reads its position anew.
pub(super) fn no_commit_falls_within_an_epoch(state: &OracleState, entry: &TraceLine) -> CheckResult {
    if entry.kind != "committed" || !state.node(&entry.node).leads() {
        return Ok(());
    }
    let told = state.groups.get(&entry.group);
    let last = told.and_then(|told| told.reached.get(&(entry.node.clone(), entry.queue.clone())));
    match last {
        Some(last) if *last > entry.offset => wrong(format!("{last} was committed before")),
        _ => Ok(()),
    }
}

/// What a master hands out lies on its log, or is a retry.
pub(super) fn a_delivered_message_lies_on_the_log(state: &OracleState, entry: &TraceLine) -> CheckResult {
    if entry.kind != "delivered" {
        return Ok(());
    }
    let (from, to) = entry.range();
    let (start, end) = state.log(&entry.node, &entry.queue).map_or((0, 0), |log| (log.start, log.end));
    // A retry brings what it is with it: its place in the log may be gone.
    let failed =
        || state.groups.get(&entry.group).is_some_and(|told| told.failed.contains(&(entry.queue.clone(), from)));
    if start <= from && from < to && to <= end || to == from + 1 && failed() {
        return Ok(());
    }
    wrong(format!("the log of {} goes from {start} to {end}", entry.node))
}

/// A consumer begins what some broker handed to its group, from the place where it lay.
pub(super) fn a_started_message_was_delivered(state: &OracleState, entry: &TraceLine) -> CheckResult {
    if entry.kind != "started" {
        return Ok(());
    }
    let stored = state.copies.get(&entry.message).into_iter().flatten();
    if !stored.clone().any(|(queue, offset, _)| *queue == entry.queue && *offset == entry.offset) {
        let places: Vec<_> = stored.collect();
        return wrong(format!("it was never stored there, but at {places:?}"));
    }
    let place = (entry.queue.clone(), entry.offset);
    let told = state.groups.get(&entry.group);
    let handed = told.and_then(|told| told.delivered.get(&place)).is_some_and(|it| it.contains(&entry.message));
    let retried = told.is_some_and(|told| told.failed.contains(&place));
    if handed || retried { Ok(()) } else { wrong("it was never handed out from there") }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{START, broken};

    const TWO: &str = "20 b1 stored message=p#1 queue=t/b1/0 offset=0 epoch=1\n20 b1 stored message=p#2 queue=t/b1/0 offset=1 epoch=1\n";

    fn told(lines: &str) -> Vec<&'static str> {
        broken(&format!("{START}{TWO}{lines}"))
    }

    #[test]
    fn nothing_beyond_the_end_is_committed_or_delivered() {
        assert_eq!(told("30 b1 committed group=g queue=t/b1/0 offset=2"), [""; 0]);
        assert_eq!(told("30 b1 committed group=g queue=t/b1/0 offset=3"), ["nothing is committed beyond the end"]);
        assert_eq!(told("30 b1 delivered group=g queue=t/b1/0 from=0 to=2"), [""; 0]);
        assert_eq!(told("30 b1 delivered group=g queue=t/b1/0 from=1 to=3"), ["a delivered message lies on the log"]);
        assert_eq!(told("30 b1 delivered group=g queue=t/b1/0 from=1 to=1"), ["a delivered message lies on the log"]);
    }

    #[test]
    fn a_deleted_message_is_not_delivered() {
        let gone = "30 b1 committed group=g queue=t/b1/0 offset=1\n30 b1 deleted queue=t/b1/0 offset=1\n";
        let delivered = "31 b1 delivered group=g queue=t/b1/0 from=0 to=2";
        assert_eq!(told(&format!("{gone}{delivered}")), ["a delivered message lies on the log"]);
    }

    #[test]
    fn a_commit_falls_only_with_a_new_epoch() {
        let fall = "30 b1 committed group=g queue=t/b1/0 offset=2\n31 b1 committed group=g queue=t/b1/0 offset=1";
        assert_eq!(told(fall), ["no commit falls within an epoch"]);
        let anew =
            fall.replace("31", "31 b1 crashed mode=host\n31 b1 restarted\n31 b1 elected broker_set=b1 epoch=2\n32");
        assert_eq!(told(&anew), [""; 0]);
    }

    #[test]
    fn a_message_is_started_only_where_it_was_delivered_from() {
        let delivered = "30 b1 delivered group=g queue=t/b1/0 from=0 to=1\n";
        let started = |n: u64, offset: u64| format!("31 c started group=g message=p#{n} queue=t/b1/0 offset={offset}");
        assert_eq!(told(&format!("{delivered}{}", started(1, 0))), [""; 0]);
        assert_eq!(told(&format!("{delivered}{}", started(2, 0))), ["a started message was delivered"]);
        assert_eq!(told(&format!("{delivered}{}", started(2, 1))), ["a started message was delivered"]);
    }
}
