//! Why there is an election, and who is elected.

use super::{CheckResult, OracleState, TraceLine, wrong};

/// The nameserver elects when a master is dead to it, or registers again after a crash. One that has restarted knows
/// nobody, and may elect whomever it finds.
pub(super) fn an_election_has_a_reason(state: &OracleState, entry: &TraceLine) -> CheckResult {
    let last = state.elections.get(&entry.broker_set).and_then(|all| all.last());
    let Some(last) = last.filter(|_| entry.kind == "elected") else { return Ok(()) };
    // One that was elected while it was down registers again after a crash, too.
    let crashed = |name: &str| {
        let node = state.node(name);
        node.crashed.map(|(seq, _)| seq).max(node.restarted).is_some_and(|seq| seq > last.seq)
    };
    let dead = state.declared_dead.get(&last.node).is_some_and(|seq| *seq > last.seq);
    // A nameserver that was paused hears late of a crash that was before the election.
    let anew = state.registered.get(&last.node).is_some_and(|(seq, _)| *seq > last.seq);
    if dead || anew || crashed(&last.node) || crashed(&state.cluster.elects) {
        return Ok(());
    }
    wrong(format!("{} is master of epoch {}, has not crashed and was not declared dead", last.node, last.epoch))
}

/// The live replica with the most is elected: epoch of its last entry, then sum of end offsets; of several the former
/// master, then the first in the file. Replicas count of which the nameserver must have heard just what the lines tell:
/// nothing has come between them, and their logs have been what they are, for longer than a word takes.
pub(super) fn the_one_with_the_most_is_elected(state: &OracleState, entry: &TraceLine) -> CheckResult {
    let Some(set) = state.cluster.sets.get(&entry.broker_set).filter(|_| entry.kind == "elected") else {
        return Ok(());
    };
    let former = state.elections.get(&entry.broker_set).and_then(|all| all.last());
    let elected = state.node(&entry.node);
    let long_ago = |at: u64| at + state.cluster.word <= entry.at_ns;
    let rank = |name: &str| {
        let place = set.replicas.iter().position(|replica| replica == name);
        (former.is_none_or(|former| former.node != name), place)
    };
    for name in set.replicas.iter().filter(|name| **name != entry.node) {
        let other = state.node(name);
        let known = state.registered.get(name).is_some_and(|(_, at)| long_ago(*at));
        if !known || !state.is_quiet(name, entry.at_ns) || !long_ago(other.changed) {
            continue;
        }
        let (Some(has), Some(most)) = (other.much(), elected.much()) else { continue };
        // What it had before it crashed, it may have said before.
        let said_before = elected.crashed.map(|(seq, _)| seq) > state.registered.get(&entry.node).map(|(seq, _)| *seq);
        if has > most && !said_before {
            return wrong(format!("{name} has {has:?}, {} has {most:?}", entry.node));
        }
        let even = has == most && long_ago(elected.changed);
        // One that was elected and never heard of it is no former master; once the nameserver has forgotten whom it
        // elected, the lines do not tell.
        let forgotten = former.is_some_and(|former| {
            state.node(&state.cluster.elects).crashed.is_some_and(|(crash, _)| crash > former.seq)
        });
        // The first master of all is the file's first, whoever registers first.
        if even && !forgotten && former.is_some() && rank(name) < rank(&entry.node) {
            return wrong(format!("{name} has as much, {has:?}, and comes first"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{START, TRIO, broken, broken_trio};

    #[test]
    fn a_master_that_lives_stays() {
        let elected = "30 s1 elected broker_set=b1 epoch=2";
        assert_eq!(broken(&format!("{START}{elected}")), ["an election has a reason"]);
        for reason in
            ["20 ns declared_dead of=b1", "20 b1 crashed mode=process", "20 ns crashed mode=host\n21 ns restarted"]
        {
            assert_eq!(broken(&format!("{START}{reason}\n{elected}")), [""; 0], "{reason}");
        }
    }

    #[test]
    fn one_that_was_elected_while_it_was_down_is_elected_anew() {
        let down = "20 s1 crashed mode=host\n21 ns declared_dead of=b1\n22 s1 elected broker_set=b1 epoch=2\n";
        let again = "30 s1 elected broker_set=b1 epoch=3";
        assert_eq!(broken(&format!("{START}{down}25 s1 restarted\n{again}")), [""; 0]);
        assert_eq!(broken(&format!("{START}{down}{again}")), ["an election has a reason"]);
    }

    /// Three replicas with these ends; the master dies, and one of the others is elected.
    fn ends(s1: u64, s2: u64, elected: &str) -> String {
        let mut trace = TRIO.to_owned();
        for offset in 0..3 {
            trace += &format!("20 b1 stored message=p#{0} queue=t/b1/0 offset={offset} epoch=1\n", offset + 1);
            for (slave, end) in [("s1", s1), ("s2", s2)] {
                if offset < end {
                    trace += &format!(
                        "21 {slave} replicated message=p#{0} queue=t/b1/0 offset={offset} epoch=1\n",
                        offset + 1
                    );
                }
            }
        }
        trace
            + "300 b1 crashed mode=host\n900 ns declared_dead of=b1\n"
            + &format!("900 {elected} elected broker_set=b1 epoch=2")
    }

    #[test]
    fn the_longest_log_wins_then_the_first_in_the_file() {
        let check = "the one with the most is elected";
        assert_eq!(broken_trio(&ends(1, 2, "s2")), [""; 0]);
        assert_eq!(broken_trio(&ends(1, 2, "s1")), [check]);
        assert_eq!(broken_trio(&ends(2, 2, "s1")), [""; 0]);
        assert_eq!(broken_trio(&ends(2, 2, "s2")), [check]);
    }

    #[test]
    fn the_last_report_of_a_replica_before_its_crash_counts() {
        let check = "the one with the most is elected";
        let wiped = "500 s1 crashed mode=wipe\n500 s1 truncated queue=t/b1/0 from=0 to=2\n";
        let trace = ends(2, 1, "s1").replace("900 ns", &format!("{wiped}900 ns"));
        assert_eq!(broken_trio(&trace), [""; 0]);
        let back = trace.replace("900 ns", "510 s1 restarted\n511 ns registered of=s1\n900 ns");
        assert_eq!(broken_trio(&back), [check]);
    }

    #[test]
    fn of_two_that_are_even_the_former_master_wins() {
        let back = |elected: &str| {
            format!(
                "{START}300 b1 crashed mode=host\n310 b1 restarted\n311 ns registered of=b1\n900 {elected} elected broker_set=b1 epoch=2"
            )
        };
        assert_eq!(broken(&back("b1")), [""; 0]);
        assert_eq!(broken(&back("s1")), ["the one with the most is elected"]);
    }

    #[test]
    fn a_replica_whose_report_may_not_have_arrived_does_not_count() {
        let trace = ends(1, 2, "s1").replace("900 ns", "890 s2 dropped from=s2 to=ns what=heartbeat why=loss\n900 ns");
        assert_eq!(broken_trio(&trace), [""; 0]);
    }
}
