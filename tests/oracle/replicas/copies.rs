//! Logs and their copies: who has what, at which offset, of which epoch.

use super::{CheckResult, OracleState, TraceLine, wrong};

/// A master stores at the end of its log, and gives each offset of an epoch once, one after the other.
pub(super) fn offsets_are_consecutive(state: &OracleState, entry: &TraceLine) -> CheckResult {
    if entry.kind != "stored" {
        return Ok(());
    }
    let end = state.end(&entry.node, &entry.queue);
    if entry.offset != end {
        return wrong(format!("the log of {} ends at {end}", entry.node));
    }
    match state.next.get(&(entry.queue.clone(), entry.epoch)) {
        Some(next) if *next != entry.offset => wrong(format!("the next of epoch {} is {next}", entry.epoch)),
        _ => Ok(()),
    }
}

/// A place in a queue in one epoch has one message, whoever has a copy of it.
pub(super) fn one_message_in_one_place(state: &OracleState, entry: &TraceLine) -> CheckResult {
    let placed = || state.placed.get(&(entry.queue.clone(), entry.offset, entry.epoch));
    match entry.kind.as_str() {
        "stored" => placed().map_or(Ok(()), |placed| wrong(format!("{} was stored there", placed.message))),
        "replicated" => match placed() {
            Some(placed) if placed.message == entry.message => Ok(()),
            Some(placed) => wrong(format!("{} was stored there", placed.message)),
            None => wrong("nothing was stored there in that epoch"),
        },
        _ => Ok(()),
    }
}

/// A slave's copy continues at its end; or later, over what was deleted; or anywhere, where it has nothing.
pub(super) fn a_copy_continues_its_log(state: &OracleState, entry: &TraceLine) -> CheckResult {
    if entry.kind != "replicated" {
        return Ok(());
    }
    let known = state.cluster.set_of(&entry.queue).is_some_and(|set| set.replicas.contains(&entry.node));
    if !known {
        return wrong(format!("{} is no replica of that queue", entry.node));
    }
    let deleted = state.deleted.get(&entry.queue).copied().unwrap_or(0);
    let (start, end) = state.log(&entry.node, &entry.queue).map_or((0, 0), |log| (log.start, log.end));
    let jumps = entry.offset <= deleted && (entry.offset > end || start == end);
    if entry.offset == end || entry.offset == 0 && start == end || jumps {
        return Ok(());
    }
    wrong(format!("the log of {} ends at {end}, and what lies before {deleted} was deleted", entry.node))
}

/// What lies before a copy is of the same epoch as what lay before the original; so two logs that agree in one place agree
/// in all before it.
pub(super) fn a_copy_follows_what_its_original_follows(state: &OracleState, entry: &TraceLine) -> CheckResult {
    if entry.kind != "replicated" {
        return Ok(());
    }
    let placed = state.placed.get(&(entry.queue.clone(), entry.offset, entry.epoch));
    let mine = state.log(&entry.node, &entry.queue).filter(|log| log.end == entry.offset && log.start < log.end);
    let mine = mine.and_then(|log| log.get(entry.offset - 1));
    match (placed.and_then(|placed| placed.follows), mine) {
        (Some(epoch), Some(mine)) if epoch != mine.epoch => wrong(format!(
            "on {} it follows {} of epoch {}, its original followed one of epoch {epoch}",
            entry.node, mine.message, mine.epoch
        )),
        _ => Ok(()),
    }
}

/// A replica drops nothing but its tail.
pub(super) fn only_the_tail_is_dropped(state: &OracleState, entry: &TraceLine) -> CheckResult {
    if entry.kind != "truncated" {
        return Ok(());
    }
    let (from, to) = entry.range();
    let end = state.end(&entry.node, &entry.queue);
    if to != end {
        return wrong(format!("the log of {} ends at {end}", entry.node));
    }
    if from > to { wrong("backwards") } else { Ok(()) }
}

/// A replica that was not down drops what a later master does not have: what is left is the beginning of that master's log,
/// as far as both have it.
pub(super) fn a_cut_leaves_a_common_prefix(state: &OracleState, entry: &TraceLine) -> CheckResult {
    let node = state.node(&entry.node);
    // What it does at the moment in which it goes on, it does on words that have waited for it: its master may have cut its
    // own log since.
    let goes_on = state.unquiet.get(&entry.node) == Some(&entry.at_ns);
    if entry.kind != "truncated" || node.down || goes_on {
        return Ok(());
    }
    let Some(log) = node.logs.get(&entry.queue) else { return Ok(()) };
    let mine = log.entries.last_key_value().map_or(0, |(_, held)| held.epoch);
    let mut left = log.clone();
    left.cut(entry.range().0);
    let set = state.cluster.queues.get(&entry.queue).map(|queue| queue.set.as_str()).unwrap_or_default();
    let later = state.elections.get(set).into_iter().flatten();
    let later: Vec<_> = later.filter(|it| it.epoch > mine && it.node != entry.node).collect();
    if later.is_empty() {
        return wrong(format!("no master is later than epoch {mine}"));
    }
    let fits = |it: &&super::state::Election| {
        let master = state.node(&it.node);
        let theirs = master.logs.get(&entry.queue).cloned().unwrap_or_default();
        // A master that has crashed since may have had more.
        let shorter = left.end <= theirs.end || master.terms.get(&it.epoch).is_none_or(Option::is_some);
        left.differs(&theirs).is_none() && shorter
    };
    if later.iter().any(fits) {
        return Ok(());
    }
    let names: Vec<_> = later.iter().map(|it| format!("{} of epoch {}", it.node, it.epoch)).collect();
    wrong(format!("what is left on {} is no beginning of the log of {}", entry.node, names.join(" or ")))
}

/// Where an acknowledgement waits for the disk, what was acknowledged survives a crash of the master that stored it. One
/// that has copies elsewhere may owe its acknowledgement to those.
pub(super) fn flushed_messages_survive(state: &OracleState, entry: &TraceLine) -> CheckResult {
    let node = state.node(&entry.node);
    let flushed = state.cluster.set_of(&entry.queue).is_some_and(|set| set.flushed);
    if entry.kind != "truncated" || !node.down || !flushed || node.is_wiped() {
        return Ok(());
    }
    let (from, to) = entry.range();
    let log = node.logs.get(&entry.queue);
    for (offset, held) in log.into_iter().flat_map(|log| log.entries.range(from..to.max(from))) {
        let placed = state.placed.get(&(entry.queue.clone(), *offset, held.epoch));
        let only = state.copies.get(&held.message).is_some_and(|copies| copies.len() == 1);
        // What a slave gave back to a disk that was emptied was not acknowledged by that disk.
        let by_it = placed.is_some_and(|it| it.by == entry.node && node.emptied.is_none_or(|at| it.at > at));
        if only && by_it && state.accepted.contains(&held.message) {
            return wrong(format!("{} was on disk before it was acknowledged", held.message));
        }
    }
    Ok(())
}

/// A master deletes what it has; a slave what some master has deleted, even beyond its own end.
pub(super) fn a_slave_deletes_what_its_master_deleted(state: &OracleState, entry: &TraceLine) -> CheckResult {
    if entry.kind != "deleted" {
        return Ok(());
    }
    let end = state.end(&entry.node, &entry.queue);
    let deleted = state.deleted.get(&entry.queue).copied().unwrap_or(0);
    let own = state.node(&entry.node).leads() && entry.offset <= end;
    if own || entry.offset <= deleted {
        return Ok(());
    }
    wrong(format!("the log of {} ends at {end}, and before {deleted} is what a master has deleted", entry.node))
}

/// Where messages go once they are done, each group that has begun, or begins at the first, is done with what goes.
pub(super) fn only_what_is_done_is_deleted(state: &OracleState, entry: &TraceLine) -> CheckResult {
    let Some(queue) = state.cluster.queues.get(&entry.queue).filter(|_| entry.kind == "deleted") else { return Ok(()) };
    if !state.cluster.consumed.contains(&queue.topic) {
        return Ok(());
    }
    // A slave may hear late of what its master had deleted, before a disk forgot how far its groups were.
    if state.deleted.get(&entry.queue).is_some_and(|deleted| entry.offset <= *deleted) {
        return Ok(());
    }
    let mut readers = state.cluster.readers(&queue.topic).peekable();
    if readers.peek().is_none() {
        return wrong("nobody reads it");
    }
    for (name, group) in readers {
        let noted = |place: &&(String, String, String)| place.1 == *name && place.2 == entry.queue;
        let committed = state.committed.iter().filter(|(place, _)| noted(place)).map(|(_, offset)| *offset).max();
        let begun = state.groups.get(name).and_then(|told| told.begun.get(&entry.queue)).copied();
        // A new master may not have been told that a group had begun with the one before.
        let elections = state.elections.get(&queue.set).into_iter().flatten();
        let told = elections.into_iter().all(|election| election.node == entry.node);
        let counts = !group.from_last || (begun.is_some() && told);
        let done = committed.max(begun).unwrap_or(0);
        if counts && done < entry.offset {
            return wrong(format!("{name} has never been further than {done}"));
        }
    }
    Ok(())
}

/// A broker whose disk is full stores nothing.
pub(super) fn a_full_disk_stores_nothing(state: &OracleState, entry: &TraceLine) -> CheckResult {
    let stores = matches!(entry.kind.as_str(), "stored" | "replicated");
    if stores && state.node(&entry.node).full {
        return wrong(format!("the disk of {} is full", entry.node));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{START, broken, broken_in, pair};

    fn stored(node: &str, n: u64, offset: u64, epoch: u32) -> String {
        format!("20 {node} stored message=p#{n} queue=t/b1/0 offset={offset} epoch={epoch}\n")
    }

    fn copied(node: &str, n: u64, offset: u64, epoch: u32) -> String {
        format!("21 {node} replicated message=p#{n} queue=t/b1/0 offset={offset} epoch={epoch}\n")
    }

    fn told(lines: &[String]) -> Vec<&'static str> {
        broken(&format!("{START}{}", lines.concat()))
    }

    #[test]
    fn a_master_gives_one_offset_after_the_other() {
        assert_eq!(told(&[stored("b1", 1, 0, 1), stored("b1", 2, 1, 1)]), [""; 0]);
        assert_eq!(told(&[stored("b1", 1, 0, 1), stored("b1", 2, 2, 1)]), ["offsets are consecutive"]);
        let twice = told(&[stored("b1", 1, 0, 1), stored("b1", 2, 0, 1)]);
        assert_eq!(twice, ["offsets are consecutive", "one message in one place"]);
    }

    #[test]
    fn a_copy_is_of_what_was_stored_there() {
        assert_eq!(told(&[stored("b1", 1, 0, 1), copied("s1", 1, 0, 1)]), [""; 0]);
        assert_eq!(told(&[stored("b1", 1, 0, 1), copied("s1", 2, 0, 1)]), ["one message in one place"]);
        assert_eq!(told(&[stored("b1", 1, 0, 1), copied("s1", 1, 0, 2)]), ["one message in one place"]);
    }

    #[test]
    fn a_copy_leaves_nothing_out_but_what_was_deleted() {
        let two = [stored("b1", 1, 0, 1), stored("b1", 2, 1, 1)].concat();
        assert_eq!(told(&[two.clone(), copied("s1", 2, 1, 1)]), ["a copy continues its log"]);
        let deleted = "20 b1 committed group=g queue=t/b1/0 offset=1\n20 b1 deleted queue=t/b1/0 offset=1\n".to_owned();
        assert_eq!(told(&[two.clone(), deleted, copied("s1", 2, 1, 1)]), [""; 0]);
        let again = [copied("s1", 1, 0, 1), copied("s1", 1, 0, 1)].concat();
        assert_eq!(told(&[two.clone(), again]), ["a copy continues its log"]);
        assert_eq!(told(&[two, copied("s9", 1, 0, 1)]), ["a copy continues its log"]);
    }

    /// The master stores two, of which the slave has one; then the slave is master, and stores two of its own.
    fn forked() -> String {
        let dead = "30 ns declared_dead of=b1\n30 s1 elected broker_set=b1 epoch=2\n".to_owned();
        let first = [stored("b1", 1, 0, 1), copied("s1", 1, 0, 1), stored("b1", 2, 1, 1), dead];
        first.concat() + &[stored("s1", 3, 1, 2), stored("s1", 4, 2, 2)].concat()
    }

    #[test]
    fn a_tail_is_cut_back_to_what_the_new_master_has() {
        let cut = |from: u64, to: u64| format!("40 b1 truncated queue=t/b1/0 from={from} to={to}\n");
        let copies = [copied("b1", 3, 1, 2), copied("b1", 4, 2, 2)].concat();
        assert_eq!(told(&[forked(), cut(1, 2), copies]), [""; 0]);
        assert_eq!(told(&[forked(), cut(1, 3)]), ["only the tail is dropped"]);
        assert_eq!(told(&[forked(), cut(2, 2)]), ["a cut leaves a common prefix"], "too little");
        assert_eq!(told(&[stored("b1", 1, 0, 1), cut(0, 1)]), ["a cut leaves a common prefix"], "for nobody");
    }

    #[test]
    fn a_tail_that_is_kept_is_found_by_what_is_copied_after_it() {
        let kept = told(&[forked(), copied("b1", 4, 2, 2)]);
        assert_eq!(kept, ["a copy follows what its original follows"]);
    }

    #[test]
    fn a_flushed_message_survives_a_crash() {
        let crash = "30 b1 crashed mode=host\n30 b1 truncated queue=t/b1/0 from=0 to=1".to_owned();
        let accepted = "22 p accepted message=p#1\n".to_owned();
        let trace = format!("{START}{}{}{accepted}{crash}", stored("b1", 1, 0, 1), copied("s1", 1, 0, 1));
        let mut cluster = pair();
        assert_eq!(broken_in(cluster.clone(), &trace), [""; 0], "flushed now and then");
        if let Some(set) = cluster.sets.get_mut("b1") {
            set.flushed = true;
        }
        assert_eq!(broken_in(cluster.clone(), &trace), ["flushed messages survive"]);
        assert_eq!(broken_in(cluster, &trace.replace("crashed mode=host", "crashed mode=wipe")), [""; 0]);
    }

    #[test]
    fn a_broker_deletes_no_message_that_a_group_has_not_done() {
        let deleted = |node: &str| format!("30 {node} deleted queue=t/b1/0 offset=1\n");
        let committed = "22 b1 committed group=g queue=t/b1/0 offset=1\n".to_owned();
        let one = [stored("b1", 1, 0, 1), copied("s1", 1, 0, 1)].concat();
        assert_eq!(told(&[one.clone(), committed.clone(), deleted("b1"), deleted("s1")]), [""; 0]);
        assert_eq!(told(&[one.clone(), deleted("b1")]), ["only what is done is deleted"]);
        assert_eq!(told(&[one, committed, deleted("s1")]), ["a slave deletes what its master deleted"]);
    }

    #[test]
    fn a_group_that_begins_at_the_end_counts_once_it_has_begun() {
        let mut cluster = pair();
        if let Some(group) = cluster.groups.get_mut("g") {
            group.from_last = true;
        }
        let begun = "12 b1 begun group=g queue=t/b1/0 offset=0\n";
        let deleted = "30 b1 deleted queue=t/b1/0 offset=1\n";
        let trace = |lines: &[&str]| broken_in(cluster.clone(), &format!("{START}{}", lines.concat()));
        let one = stored("b1", 1, 0, 1);
        assert_eq!(trace(&[&one, deleted]), [""; 0]);
        assert_eq!(trace(&[begun, &one, deleted]), ["only what is done is deleted"]);
        let wiped = "13 b1 crashed mode=wipe\n14 b1 restarted\n15 b1 elected broker_set=b1 epoch=2\n";
        assert_eq!(trace(&[begun, wiped, &stored("b1", 1, 0, 2), deleted]), [""; 0]);
    }

    #[test]
    fn a_full_disk_stores_nothing() {
        let full = "12 b1 changed set=disk_full to=full\n".to_owned();
        let empty = "13 b1 changed set=disk_full to=as-before\n".to_owned();
        assert_eq!(told(&[full.clone(), stored("b1", 1, 0, 1)]), ["a full disk stores nothing"]);
        assert_eq!(told(&[full, empty, stored("b1", 1, 0, 1)]), [""; 0]);
    }

    #[test]
    fn a_wiped_disk_begins_anew() {
        let wiped = "30 b1 crashed mode=wipe\n31 b1 restarted\n32 b1 elected broker_set=b1 epoch=2\n".to_owned();
        assert_eq!(told(&[stored("b1", 1, 0, 1), wiped, stored("b1", 2, 0, 2)]), [""; 0]);
    }
}
