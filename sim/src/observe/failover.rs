//! Failovers: elections of another master than before, and when things went on after them.

use typed_index_collections::TiVec;

use crate::kernel::{Span, Time};
use crate::plan::{MessageId, NodeId, Plan, SetId};

/// An election of another master than before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Failover {
    /// The set that has another master.
    pub set: SetId,
    /// The former master.
    pub old: NodeId,
    /// The new master.
    pub new: NodeId,
    /// When the old master crashed, if it has since it was elected.
    pub down: Option<Time>,
    /// When the new master was elected.
    pub elected: Time,
    /// When a message that the new master has stored was first accepted.
    pub accepted_again: Option<Time>,
    /// When such a message was first processed.
    pub consumed_again: Option<Time>,
}

/// A failover that is watched, since not everything has gone on after it yet.
#[derive(Clone, Debug)]
struct FailoverWatch {
    /// Its place in the list.
    failover: usize,
    /// Messages that the new master has stored and that are not accepted yet.
    stored: Vec<MessageId>,
}

/// All failovers of a run, and those that are being watched.
#[derive(Clone, Debug)]
pub(super) struct Failovers {
    pub(super) list: Vec<Failover>,
    /// By set.
    watches: TiVec<SetId, Option<FailoverWatch>>,
    /// How many sets are watched.
    watched: usize,
    /// By node: the last crash.
    crashed: TiVec<NodeId, Option<Time>>,
}

impl Failovers {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            list: Vec::new(),
            watches: vec![None; plan.sets.len()].into(),
            watched: 0,
            crashed: vec![None; plan.nodes.len()].into(),
        }
    }

    /// Whether any set is watched: if not, messages need not be reported.
    pub(super) const fn any_watched(&self) -> bool {
        self.watched > 0
    }

    pub(super) fn crashed(&mut self, node: NodeId, at: Time) {
        self.crashed[node] = Some(at);
    }

    /// A set has another master than the one that had been so since `since`.
    pub(super) fn elected(&mut self, set: SetId, old: NodeId, since: Time, new: NodeId, at: Time) {
        let down = self.crashed[old].filter(|down| *down >= since);
        let failover = self.list.len();
        self.list.push(Failover { set, old, new, down, elected: at, accepted_again: None, consumed_again: None });
        let watch = &mut self.watches[set];
        self.watched += usize::from(watch.is_none());
        *watch = Some(FailoverWatch { failover, stored: Vec::new() });
    }

    /// The present master of a set has stored a message. True if a failover that is still watched made it master.
    pub(super) fn stored(&mut self, id: MessageId, set: SetId) -> bool {
        let Some(watch) = &mut self.watches[set] else { return false };
        if self.list[watch.failover].accepted_again.is_none() {
            watch.stored.push(id);
        }
        true
    }

    /// A message is accepted. Calls `again` for each set that works again by that, with the time since the crash, if there
    /// was one.
    pub(super) fn accepted(&mut self, id: MessageId, at: Time, mut again: impl FnMut(SetId, Span)) {
        for watch in self.watches.iter_mut().flatten() {
            let failover = &mut self.list[watch.failover];
            if failover.accepted_again.is_none() && watch.stored.contains(&id) {
                failover.accepted_again = Some(at);
                watch.stored = Vec::new();
                if let Some(down) = failover.down {
                    again(failover.set, at.since(down));
                }
            }
        }
        self.end_watches();
    }

    /// A message that a new master has stored is processed.
    pub(super) fn consumed(&mut self, set: SetId, at: Time) {
        if let Some(watch) = &self.watches[set] {
            self.list[watch.failover].consumed_again.get_or_insert(at);
        }
        self.end_watches();
    }

    /// Ends the watch of each set in which everything has gone on.
    fn end_watches(&mut self) {
        for watch in &mut self.watches {
            let is_over = |watch: &FailoverWatch| {
                let failover = &self.list[watch.failover];
                failover.accepted_again.is_some() && failover.consumed_again.is_some()
            };
            if watch.as_ref().is_some_and(is_over) {
                *watch = None;
                self.watched -= 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::*;
    use crate::plan::Selector;
    use crate::plan::{Epoch, Offset};
    use crate::record::Kind;

    #[test]
    fn a_failover_is_timed_from_the_crash_to_the_first_acceptance_and_processing() {
        let mut run = ScriptedRun::of(plan());
        run.at(0)
            .elected(MASTER, 1)
            .at(5)
            .sends(1, 0)
            .on(SLAVE, Kind::Replicated { message: message(1), queue: QUEUE, offset: Offset(0), epoch: Epoch::nth(1) });
        run.at(10).crashed(MASTER).sent(2).at(13).elected(SLAVE, 2);
        run.at(14)
            .started(FIRST, 1)
            .finished(FIRST, 1)
            .on(SLAVE, Kind::Stored { message: message(2), queue: QUEUE, offset: Offset(1), epoch: Epoch::nth(2) });
        run.at(15).accepted(2).at(17).started(FIRST, 2).finished(FIRST, 2);
        let findings = run.end(20);
        let failover = findings.failovers()[0];
        assert_eq!((failover.old, failover.new, findings.failovers().len()), (MASTER, SLAVE, 1));
        assert_eq!((failover.down, failover.elected), (Some(ms(10)), ms(13)));
        assert_eq!((failover.accepted_again, failover.consumed_again), (Some(ms(15)), Some(ms(17))));
        assert_eq!(value(&findings, "failover_max", Selector::Any), Some(0.005));
        assert_eq!(value(&findings, "failover_max", Selector::Set(SET)), Some(0.005));
    }

    #[test]
    fn only_what_the_new_master_has_stored_shows_that_it_works() {
        let mut run = ScriptedRun::of(plan());
        run.at(0).elected(MASTER, 1).sent(1).stored(1, QUEUE, 0).at(5).crashed(MASTER).at(8).elected(SLAVE, 2);
        run.at(9)
            .accepted(1)
            .sent(2)
            .at(10)
            .on(SLAVE, Kind::Stored { message: message(2), queue: QUEUE, offset: Offset(0), epoch: Epoch::nth(2) });
        run.at(11).accepted(2);
        let failover = run.end(20).failovers()[0];
        assert_eq!(failover.accepted_again, Some(ms(11)), "the answer at 9 ms was the old one's");
    }

    #[test]
    fn a_master_that_did_not_crash_since_it_was_elected_was_not_down() {
        let mut run = ScriptedRun::of(plan());
        run.elected(MASTER, 1).at(1).crashed(MASTER).at(2).on(MASTER, Kind::Restarted).at(3).elected(MASTER, 2);
        run.at(9).elected(SLAVE, 3);
        let findings = run.end(20);
        assert_eq!(findings.failovers().iter().map(|failover| failover.down).collect::<Vec<_>>(), [None]);
        assert_eq!(value(&findings, "failover_max", Selector::Any), None);
    }
}
