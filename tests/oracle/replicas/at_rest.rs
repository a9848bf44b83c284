//! The end of a run: its report agrees with its lines, and what has healed has come to rest, level and with nothing left.

use serde_json::Value;

use super::loss::{is_ahead, lies_at};
use super::{BrokenCheck, CheckResult, OracleGroup, OracleState, wrong};

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Ending {
    /// It has come to rest before its settling was over.
    pub rested: bool,
    /// It has to: everything has healed, and whoever is to read is there.
    pub must_rest: bool,
    /// When it ended, in nanoseconds.
    pub at_ns: u64,
    /// Its report, as JSON.
    pub report: Value,
}

/// A check of the end.
type Last = fn(&OracleState, &Ending) -> CheckResult;

const CHECKS: [(&str, Last); 9] = [
    ("what has healed comes to rest", it_comes_to_rest),
    ("at rest every set has its master", every_set_has_its_master),
    ("at rest slaves are level", slaves_are_level),
    ("at rest nothing waits", nothing_waits),
    ("at rest everybody knows where a message is", nothing_is_unaccounted),
    ("the ledger adds up", the_ledger_adds_up),
    ("the report says what the lines say", the_report_says_what_the_lines_say),
    ("the report knows the logs", the_report_knows_the_logs),
    ("nothing lost lies with a master", nothing_lost_lies_with_a_master),
];

/// Everything that is wrong with the end of a run.
#[must_use]
pub fn at_the_end(state: &OracleState, ending: &Ending) -> Vec<BrokenCheck> {
    let broken = |(check, holds): (&'static str, Last)| Some(BrokenCheck { check, told: holds(state, ending).err()? });
    CHECKS.into_iter().filter_map(broken).collect()
}

fn it_comes_to_rest(_: &OracleState, ending: &Ending) -> CheckResult {
    if ending.must_rest && !ending.rested {
        return wrong(format!("still at it: {:#}", ending.report["groups"]));
    }
    Ok(())
}

/// A set that has come to rest is led by the master of its highest epoch.
fn every_set_has_its_master(state: &OracleState, ending: &Ending) -> CheckResult {
    for (name, set) in &state.cluster.sets {
        let last = state.elections.get(name).and_then(|all| all.last());
        let alive = set.replicas.iter().any(|replica| state.is_up(replica));
        if !ending.rested || !ending.must_rest || !alive {
            continue;
        }
        match last {
            None => return wrong(format!("{name} never had one")),
            Some(last) if !state.is_up(&last.node) => {
                return wrong(format!("{}, master of {name}, is down", last.node));
            }
            // One that was cut off until shortly before the end may not have been told yet.
            Some(last) if state.unquiet.get(&last.node).is_some_and(|at| at + state.cluster.word > ending.at_ns) => {}
            Some(last) if state.node(&last.node).terms.get(&last.epoch) != Some(&None) => {
                return wrong(format!("{} is no longer master of {name} in epoch {}", last.node, last.epoch));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Every live slave has what its live master has, to the end.
fn slaves_are_level(state: &OracleState, ending: &Ending) -> CheckResult {
    for (queue, of) in state.cluster.queues.iter().filter(|_| ending.rested) {
        let Some(master) = state.present(queue).filter(|it| state.is_up(&it.node)) else { continue };
        let theirs = state.log(&master.node, queue).cloned().unwrap_or_default();
        let replicas = state.cluster.sets.get(&of.set).into_iter().flat_map(|set| &set.replicas);
        for slave in replicas.filter(|slave| **slave != master.node && state.is_up(slave)) {
            let log = state.log(slave, queue).cloned().unwrap_or_default();
            // What a master has deleted it does not ship.
            let level = log.end == theirs.end || theirs.start == theirs.end && log.end < theirs.end;
            if !level {
                return wrong(format!("{queue} ends at {} on {slave}, at {} on {}", log.end, theirs.end, master.node));
            }
            if let Some(offset) = log.differs(&theirs) {
                return wrong(format!("{slave} and {} differ in {queue} at {offset}", master.node));
            }
        }
    }
    Ok(())
}

/// The groups of a report with what the file says of them.
fn groups<'a>(
    state: &'a OracleState,
    ending: &'a Ending,
) -> impl Iterator<Item = (&'a str, &'a OracleGroup, &'a Value)> {
    let reported = ending.report["groups"].as_array().into_iter().flatten();
    reported.filter_map(|it| {
        let (name, group) = state.cluster.groups.get_key_value(it["group"].as_str()?)?;
        Some((name.as_str(), group, it))
    })
}

/// Whether a group has begun all queues of its topic, and somebody stays to read them.
fn reads_all(state: &OracleState, name: &str, group: &OracleGroup) -> bool {
    let mut queues = state.cluster.queues.iter().filter(|(_, queue)| queue.topic == group.topic);
    let told = state.groups.get(name);
    group.stays && queues.all(|(queue, _)| told.is_some_and(|told| told.reads.contains(queue)))
}

/// (What has reached a consumer that does nothing, nobody can tell from lines.)
fn nothing_waits(state: &OracleState, ending: &Ending) -> CheckResult {
    let all_up = state.nodes.values().all(|node| !node.paused);
    for (name, _, it) in groups(state, ending).filter(|it| ending.rested && all_up && reads_all(state, it.0, it.1)) {
        if it["waiting"] != 0 || it["in_process"] != 0 {
            return wrong(format!("{name}: {} waiting, {} in process", it["waiting"], it["in_process"]));
        }
    }
    Ok(())
}

/// At rest a record says of every accepted message what became of it.
fn nothing_is_unaccounted(state: &OracleState, ending: &Ending) -> CheckResult {
    for (name, group, _) in groups(state, ending).filter(|it| ending.rested && reads_all(state, it.0, it.1)) {
        let told = &state.groups[name];
        for message in state.accepted.iter().filter(|message| topic_of(state, message) == Some(&group.topic)) {
            let known = told.finished.contains_key(message)
                || told.dead.contains(message)
                || told.lost.contains(message)
                || told.passed.contains(message);
            if !known {
                return wrong(format!("{name} has never finished {message}, and no record says why"));
            }
        }
    }
    Ok(())
}

/// The topic of a message that was stored.
fn topic_of<'a>(state: &'a OracleState, message: &str) -> Option<&'a String> {
    let (queue, ..) = state.copies.get(message)?.first()?;
    Some(&state.cluster.queues.get(queue)?.topic)
}

/// The places of each group add up to what was accepted.
fn the_ledger_adds_up(state: &OracleState, ending: &Ending) -> CheckResult {
    for (name, group, it) in groups(state, ending) {
        let sum = sum_of(it);
        let topics = ending.report["topics"].as_array().into_iter().flatten();
        let accepted: u64 =
            topics.filter(|topic| topic["topic"] == *group.topic).filter_map(|it| it["accepted"].as_u64()).sum();
        if sum != Some(accepted) {
            return wrong(format!("{name}: {sum:?} in places, {accepted} accepted: {it}"));
        }
    }
    Ok(())
}

/// What can be counted from the lines is what the report says.
fn the_report_says_what_the_lines_say(state: &OracleState, ending: &Ending) -> CheckResult {
    for (name, group, it) in groups(state, ending) {
        let told = &state.groups[name];
        let ours: Vec<_> =
            state.accepted.iter().filter(|message| topic_of(state, message) == Some(&group.topic)).collect();
        let done = ours.iter().filter(|message| told.finished.contains_key(**message)).count();
        let finished = told.finished.len();
        let repeated: u64 = told.finished.values().map(|times| times - 1).sum();
        let counts = [
            ("accepted", sum_of(it), ours.len() as u64),
            ("done", it["done"].as_u64(), done as u64),
            ("unconfirmed", it["unconfirmed"].as_u64(), (finished - done) as u64),
            ("duplicates", it["duplicates"].as_u64(), repeated),
            ("lost", it["lost"].as_u64(), told.lost.len() as u64),
        ];
        if let Some((key, reported, counted)) = counts.iter().find(|(_, reported, counted)| *reported != Some(*counted))
        {
            return wrong(format!("{name}: {key} is {reported:?} in the report, {counted} by the lines"));
        }
    }
    failovers_are_elections(state, ending)
}

/// Over the places of the ledger.
fn sum_of(group: &Value) -> Option<u64> {
    const PLACES: [&str; 7] = ["done", "in_process", "waiting", "dead_lettered", "expired", "skipped", "lost"];
    PLACES.iter().map(|place| group[place].as_u64()).sum()
}

/// A failover is an election of another master than before.
fn failovers_are_elections(state: &OracleState, ending: &Ending) -> CheckResult {
    let mut counted = Vec::new();
    for (set, elections) in &state.elections {
        for pair in elections.windows(2).filter(|pair| pair[0].node != pair[1].node) {
            counted.push([set.clone(), pair[0].node.clone(), pair[1].node.clone()]);
        }
    }
    let list = ending.report["failovers"].as_array().into_iter().flatten();
    let word = |it: &Value, key: &str| it[key].as_str().unwrap_or_default().to_owned();
    let mut reported: Vec<_> =
        list.map(|it| [word(it, "broker_set"), word(it, "old_master"), word(it, "new_master")]).collect();
    counted.sort();
    reported.sort();
    if counted == reported {
        Ok(())
    } else {
        wrong(format!("failovers: {reported:?} reported, {counted:?} by the lines"))
    }
}

/// End and depth of a queue are those of its master's log. No line need say that a slave has deleted what its master told
/// it to, so that of a master that was a slave only the bounds are known.
fn the_report_knows_the_logs(state: &OracleState, ending: &Ending) -> CheckResult {
    for it in ending.report["queues"].as_array().into_iter().flatten().filter(|_| ending.rested) {
        let queue = it["queue"].as_str().unwrap_or_default();
        let Some(master) = state.present(queue) else { continue };
        let log = state.log(&master.node, queue).cloned().unwrap_or_default();
        let copied = state.placed.range((queue.to_owned(), 0, 0)..).take_while(|(spot, _)| spot.0 == queue);
        let copied = copied.filter(|(_, placed)| placed.by != master.node).count() > 0;
        let deleted = state.deleted.get(queue).copied().filter(|_| copied).unwrap_or(0);
        let least = log.end - log.start.max(deleted.min(log.end));
        let depth = it["depth"].as_u64().is_some_and(|depth| (least..=log.end - log.start).contains(&depth));
        if it["end_offset"] != log.end || !depth {
            return wrong(format!(
                "{it}; by the lines the log of {} goes from {} to {}",
                master.node, log.start, log.end
            ));
        }
    }
    Ok(())
}

/// Nothing that was called lost lies on a present master's log, beyond what its group has committed.
fn nothing_lost_lies_with_a_master(state: &OracleState, _: &Ending) -> CheckResult {
    for (name, told) in &state.groups {
        for message in &told.lost {
            let copies = state.copies.get(message).into_iter().flatten();
            for spot in copies.filter(|spot| is_ahead(state, name, spot)) {
                // A disk that is down at the end is gone.
                let live = state.present(&spot.0).filter(|it| state.is_up(&it.node));
                let master = live.filter(|it| lies_at(state, &it.node, spot, message));
                if let Some(master) = master {
                    return wrong(format!("{message}, lost to {name}, lies at {spot:?} with {}", master.node));
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{START, pair, reading};
    use super::*;

    const DONE: &str = "9 b1 begun group=g queue=t/b1/0 offset=0\n20 b1 stored message=p#1 queue=t/b1/0 offset=0 epoch=1\n\
                        20 s1 replicated message=p#1 queue=t/b1/0 offset=0 epoch=1\n22 p accepted message=p#1\n\
                        23 b1 delivered group=g queue=t/b1/0 from=0 to=1\n24 c started group=g message=p#1 queue=t/b1/0 offset=0\n\
                        25 c finished group=g message=p#1 queue=t/b1/0 offset=0\n26 b1 committed group=g queue=t/b1/0 offset=1\n";

    fn report() -> Value {
        json!({
            "topics": [{ "topic": "t", "accepted": 1 }],
            "queues": [{ "queue": "t/b1/0", "end_offset": 1, "depth": 1 }],
            "groups": [{ "group": "g", "topic": "t", "done": 1, "in_process": 0, "waiting": 0, "dead_lettered": 0,
                "expired": 0, "skipped": 0, "lost": 0, "unconfirmed": 0, "duplicates": 0 }],
            "failovers": [],
        })
    }

    /// What is wrong with the end of a trace.
    fn ended(trace: &str, rested: bool, report: Value) -> Vec<&'static str> {
        let reading = reading(pair(), &format!("{START}{trace}"));
        let ending = Ending { rested, must_rest: true, at_ns: u64::MAX, report };
        at_the_end(&reading.state, &ending).iter().map(|broken| broken.check).collect()
    }

    /// The report with another value.
    fn with(path: &str, value: impl Into<Value>) -> Value {
        let mut report = report();
        *report.pointer_mut(path).expect("it is there") = value.into();
        report
    }

    #[test]
    fn a_run_that_ends_as_it_should() {
        assert_eq!(ended(DONE, true, report()), [""; 0]);
        assert_eq!(ended(DONE, false, report()), ["what has healed comes to rest"]);
    }

    #[test]
    fn a_slave_that_is_behind() {
        let behind = DONE.replace("20 s1 replicated message=p#1 queue=t/b1/0 offset=0 epoch=1\n", "");
        assert_eq!(ended(&behind, true, report()), ["at rest slaves are level"]);
        assert_eq!(ended(&format!("{behind}30 s1 crashed mode=host"), true, report()), [""; 0]);
        let deleted = format!("{behind}27 b1 deleted queue=t/b1/0 offset=1");
        assert_eq!(ended(&deleted, true, with("/queues/0/depth", 0)), [""; 0], "there is nothing to ship");
    }

    #[test]
    fn a_set_without_a_master() {
        let crash = format!("{DONE}30 b1 crashed mode=host");
        assert_eq!(ended(&crash, true, report()), ["at rest every set has its master"]);
        let back = format!("{crash}\n31 b1 restarted");
        assert_eq!(ended(&back, true, report()), ["at rest every set has its master"]);
        let elected = format!("{back}\n32 b1 elected broker_set=b1 epoch=2");
        assert_eq!(ended(&elected, true, report()), [""; 0]);
    }

    #[test]
    fn a_ledger_that_does_not_add_up_or_is_another_than_the_lines() {
        let says = "the report says what the lines say";
        assert_eq!(ended(DONE, true, with("/topics/0/accepted", 2)), ["the ledger adds up"]);
        assert_eq!(ended(DONE, true, with("/groups/0/lost", 1)), ["the ledger adds up", says]);
        assert_eq!(ended(DONE, true, with("/groups/0/duplicates", 1)), [says]);
        assert_eq!(ended(DONE, true, with("/groups/0/unconfirmed", 1)), [says]);
        let mut other = with("/groups/0/done", 0);
        other["groups"][0]["waiting"] = json!(1);
        assert_eq!(ended(DONE, true, other), ["at rest nothing waits", says]);
    }

    #[test]
    fn a_message_of_which_nobody_knows() {
        let skipped =
            DONE.lines().filter(|line| !line.contains(" c ")).map(|line| format!("{line}\n")).collect::<String>();
        let mut other = with("/groups/0/done", 0);
        other["groups"][0]["skipped"] = json!(1);
        assert_eq!(ended(&skipped, true, other.clone()), ["at rest everybody knows where a message is"]);
        assert_eq!(ended(&format!("{skipped}27 b1 skipped group=g message=p#1"), true, other), [""; 0]);
    }

    #[test]
    fn a_report_of_other_logs_or_failovers() {
        assert_eq!(ended(DONE, true, with("/queues/0/end_offset", 2)), ["the report knows the logs"]);
        assert_eq!(ended(DONE, true, with("/queues/0/depth", 0)), ["the report knows the logs"]);
        let failover = json!([{ "broker_set": "b1", "old_master": "b1", "new_master": "s1" }]);
        assert_eq!(ended(DONE, true, with("/failovers", failover.clone())), ["the report says what the lines say"]);
        let elected = format!("{DONE}30 ns declared_dead of=b1\n30 s1 elected broker_set=b1 epoch=2");
        assert_eq!(ended(&elected, true, with("/failovers", failover)), [""; 0]);
    }

    #[test]
    fn a_lost_message_that_comes_to_light() {
        let mut other = with("/groups/0/done", 0);
        other["groups"][0]["lost"] = json!(1);
        let lost = "9 b1 begun group=g queue=t/b1/0 offset=0\n20 b1 stored message=p#1 queue=t/b1/0 offset=0 epoch=1\n\
                    20 s1 replicated message=p#1 queue=t/b1/0 offset=0 epoch=1\n22 p accepted message=p#1\n30 b1 lost group=g message=p#1\n";
        assert_eq!(ended(lost, true, other.clone()), ["nothing lost lies with a master"]);
        let committed = format!("{lost}29 b1 committed group=g queue=t/b1/0 offset=1");
        assert_eq!(ended(&committed, true, other), [""; 0]);
    }
}
