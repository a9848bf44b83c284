//! Which replica may do what: masters, slaves, and nodes that are away.

use super::{CheckResult, OracleState, TraceLine, wrong};

/// Epochs of a set rise from election to election. A nameserver that restarts knows only what somebody has heard of, so
/// that an election of which nobody had heard can come again.
pub(super) fn epochs_only_rise(state: &OracleState, entry: &TraceLine) -> CheckResult {
    if entry.kind != "elected" {
        return Ok(());
    }
    let replicas = state.cluster.sets.get(&entry.broker_set).map(|set| &set.replicas);
    if !replicas.is_some_and(|replicas| replicas.contains(&entry.node)) {
        return wrong(format!("{} is no replica of {}", entry.node, entry.broker_set));
    }
    let last = state.elections.get(&entry.broker_set).and_then(|all| all.iter().map(|it| it.epoch).max()).unwrap_or(0);
    let again = entry.epoch == last && !was_used(state, &entry.broker_set, last);
    if entry.epoch > last || again && last > 0 { Ok(()) } else { wrong(format!("epoch {last} was before")) }
}

/// Whether anything was stored in an epoch of a set.
fn was_used(state: &OracleState, set: &str, epoch: u32) -> bool {
    let mut queues = state.cluster.queues.iter().filter(|(_, queue)| queue.set == set);
    queues.any(|(name, _)| state.next.contains_key(&(name.clone(), epoch)))
}

/// No other replica is elected in an epoch that has its master.
pub(super) fn one_master_an_epoch(state: &OracleState, entry: &TraceLine) -> CheckResult {
    let elections = state.elections.get(&entry.broker_set).into_iter().flatten();
    let mut same = elections.filter(|it| entry.kind == "elected" && it.epoch == entry.epoch);
    match same.find(|it| it.node != entry.node) {
        Some(other) => wrong(format!("{} was elected in epoch {} (record {})", other.node, other.epoch, other.seq)),
        None => Ok(()),
    }
}

/// A broker does not store in an epoch for which it was not elected, or that is over for it: since it has crashed, has made way for
/// a later master, or has gone on to a later epoch. One that is cut off may go on, in its own epoch.
pub(super) fn only_the_elected_store(state: &OracleState, entry: &TraceLine) -> CheckResult {
    if entry.kind != "stored" {
        return Ok(());
    }
    match state.node(&entry.node).terms.get(&entry.epoch) {
        Some(None) => Ok(()),
        Some(Some(why)) => wrong(format!("epoch {} is over for {}: {why}", entry.epoch, entry.node)),
        None => wrong(format!("{} was not elected in epoch {}", entry.node, entry.epoch)),
    }
}

/// A slave serves nobody.
pub(super) fn only_masters_serve(state: &OracleState, entry: &TraceLine) -> CheckResult {
    let serves = matches!(entry.kind.as_str(), "stored" | "begun" | "held" | "woken" | "delivered");
    if serves && !state.node(&entry.node).leads() {
        return wrong(format!("{} is no master", entry.node));
    }
    Ok(())
}

/// A node that has crashed or is paused does nothing.
pub(super) fn a_node_that_is_away_does_nothing(state: &OracleState, entry: &TraceLine) -> CheckResult {
    let deed = matches!(
        entry.kind.as_str(),
        "stored"
            | "replicated"
            | "begun"
            | "held"
            | "woken"
            | "delivered"
            | "committed"
            | "deleted"
            | "started"
            | "finished"
            | "failed"
            | "accepted"
            | "registered"
            | "declared_dead"
    );
    if deed && !state.is_up(&entry.node) { wrong(format!("{} is away", entry.node)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{START, broken};

    #[test]
    fn an_epoch_does_not_come_again() {
        let trace = |epoch| {
            format!(
                "{START}20 b1 crashed mode=host\n30 ns declared_dead of=b1\n30 s1 elected broker_set=b1 epoch={epoch}"
            )
        };
        assert_eq!(broken(&trace(2)), [""; 0]);
        assert_eq!(broken(&trace(3)), [""; 0]);
        assert_eq!(broken(&trace(1)), ["one master an epoch"]);
        assert_eq!(broken(&trace(0)), ["epochs only rise"]);
        let used = format!("{START}11 b1 stored message=p#1 queue=t/b1/0 offset=0 epoch=1\n");
        let again = "20 ns crashed mode=host\n21 ns restarted\n30 b1 elected broker_set=b1 epoch=1";
        assert_eq!(broken(&format!("{START}{again}")), [""; 0], "nobody has heard of it");
        assert_eq!(broken(&format!("{used}{again}")), ["epochs only rise"]);
    }

    #[test]
    fn a_node_that_is_elected_is_a_replica_of_the_set() {
        assert_eq!(broken("10 b1 elected broker_set=b1 epoch=1"), [""; 0]);
        assert_eq!(broken("10 p elected broker_set=b1 epoch=1"), ["epochs only rise"]);
    }

    #[test]
    fn a_master_that_is_cut_off_goes_on_until_it_makes_way() {
        let cut_off = format!(
            "{START}11 b1 stored message=p#1 queue=t/b1/0 offset=0 epoch=1\n12 s1 replicated message=p#1 queue=t/b1/0 offset=0 epoch=1\n\
             20 ns declared_dead of=b1\n20 s1 elected broker_set=b1 epoch=2\n\
             21 b1 stored message=p#2 queue=t/b1/0 offset=1 epoch=1\n21 s1 stored message=p#3 queue=t/b1/0 offset=1 epoch=2\n"
        );
        assert_eq!(broken(&cut_off), [""; 0]);
        let late = "40 b1 stored message=p#4 queue=t/b1/0 offset=1 epoch=1";
        assert_eq!(
            broken(&format!("{cut_off}30 b1 truncated queue=t/b1/0 from=1 to=2\n{late}")),
            ["only the elected store", "only masters serve", "offsets are consecutive", "one message in one place"]
        );
        let copied =
            "30 b1 truncated queue=t/b1/0 from=1 to=2\n31 b1 replicated message=p#3 queue=t/b1/0 offset=1 epoch=2\n";
        assert_eq!(broken(&format!("{cut_off}{copied}")), [""; 0]);
        let held = "40 b1 held group=g queue=t/b1/0";
        assert_eq!(broken(&format!("{cut_off}{copied}{held}")), ["only masters serve"]);
    }

    #[test]
    fn a_broker_stores_nothing_unelected_or_after_a_crash() {
        let stored = |epoch| format!("30 b1 stored message=p#1 queue=t/b1/0 offset=0 epoch={epoch}");
        assert_eq!(broken(&format!("{START}{}", stored(1))), [""; 0]);
        assert_eq!(broken(&format!("{START}{}", stored(2))), ["only the elected store"]);
        let crash = "20 b1 crashed mode=process\n21 b1 restarted\n";
        assert_eq!(broken(&format!("{START}{crash}{}", stored(1))), ["only the elected store", "only masters serve"]);
        assert_eq!(broken(&format!("{START}{crash}22 b1 elected broker_set=b1 epoch=2\n{}", stored(2))), [""; 0]);
    }

    #[test]
    fn a_node_that_is_away_does_nothing() {
        let stored = "30 b1 stored message=p#1 queue=t/b1/0 offset=0 epoch=1";
        assert_eq!(broken(&format!("{START}20 b1 paused\n{stored}")), ["a node that is away does nothing"]);
        assert_eq!(broken(&format!("{START}20 b1 paused\n29 b1 resumed\n{stored}")), [""; 0]);
    }
}
