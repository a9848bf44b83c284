//! Who leads a broker set: masters are learnt from their heartbeats, or elected.
//!
//! An election asks every live replica how much it has, appoints the one with most, and publishes the route once that one
//! has confirmed; then the others are told whom to follow. Every word is repeated until a heartbeat shows that it was
//! heard. It sees no log, only what replicas say they have.
//!
//! Source of the rule who has most: Apache RocketMQ's controller, `DefaultElectPolicy` (epoch, then offset).

use typed_index_collections::TiVec;

use super::Nameserver;
use crate::kernel::Time;
use crate::node::{Timer, Turn};
use crate::plan::{Epoch, Life, NodeId, ReplicaSlot, SetId};
use crate::protocol::{BrokerStatus, Packet, ReplicaProgress, Replicas, RoleChange, SetLeader};
use crate::record::Kind;

/// What a nameserver knows of a broker set.
#[derive(Clone, Debug, Default)]
pub(super) struct BrokerSet {
    pub(super) epoch: Option<Epoch>,
    /// Appointed, or found serving.
    pub(super) master: Option<NodeId>,
    /// The master has said that it serves in this epoch.
    confirmed: bool,
    ballot: Option<Ballot>,
}

/// An election under way.
#[derive(Clone, Debug)]
struct Ballot {
    /// How much each replica has, once it has said so.
    progress: TiVec<ReplicaSlot, Option<ReplicaProgress>>,
    /// When those who have not are asked again.
    again: Time,
}

impl BrokerSet {
    /// What clients are told.
    pub(super) fn told(&self, set: SetId) -> SetLeader {
        SetLeader { set, epoch: self.epoch, master: self.master.filter(|_| self.confirmed) }
    }

    /// Whether nobody leads it, nor is about to.
    pub(super) const fn has_no_master(&self) -> bool {
        self.master.is_none() && self.ballot.is_none()
    }
}

impl Nameserver {
    /// A replica says what it is. `fresh`: a life of it is heard of for the first time, or after it was dead.
    pub(super) fn handle_replica_status(
        &mut self,
        from: NodeId,
        set: SetId,
        fresh: bool,
        status: &BrokerStatus,
        turn: &mut Turn<'_>,
    ) {
        let known = &self.memory.sets[set];
        // One that leads in an epoch below the highest that was given was replaced, whoever remembers that.
        let leads = status.leads.is_some() && status.leads >= self.given[set];
        if leads && (status.leads > known.epoch || (status.leads == known.epoch && known.master.is_none())) {
            // A master that this nameserver did not appoint, or has forgotten, or had thought dead.
            if self.elects {
                self.given[set] = status.leads;
            }
            let known = &mut self.memory.sets[set];
            *known = BrokerSet { epoch: status.leads, master: Some(from), confirmed: true, ..BrokerSet::default() };
            self.publish(set, turn);
            self.notify_replicas(set, turn);
            return;
        }
        let (epoch, master, confirmed) = (known.epoch, known.master, known.confirmed);
        match master {
            Some(master) if master == from && leads && status.leads == epoch => {
                if !confirmed {
                    self.memory.sets[set].confirmed = true;
                    self.publish(set, turn);
                    self.notify_replicas(set, turn);
                } else if status.alive != self.alive(set, turn) {
                    self.notify_role(from, set, turn);
                }
            }
            Some(master) if master == from => {
                if fresh {
                    // It has lost its role, and perhaps some of what it had.
                    self.lose_master(set, turn);
                    self.begin_ballot(set, turn);
                } else {
                    self.notify_role(from, set, turn);
                }
            }
            Some(master) => {
                if confirmed && (fresh || status.follows != epoch) {
                    self.notify_role(from, set, turn);
                }
                if confirmed && fresh {
                    self.notify_role(master, set, turn);
                }
            }
            None => self.join_ballot(from, set, fresh, turn),
        }
    }

    /// A replica is dead.
    pub(super) fn replica_gone(&mut self, node: NodeId, set: SetId, turn: &mut Turn<'_>) {
        match self.memory.sets[set].master {
            Some(master) if master == node => {
                self.lose_master(set, turn);
                self.begin_ballot(set, turn);
            }
            Some(master) => self.notify_role(master, set, turn),
            None => self.count(set, turn),
        }
    }

    fn lose_master(&mut self, set: SetId, turn: &mut Turn<'_>) {
        let known = &mut self.memory.sets[set];
        known.master = None;
        if std::mem::replace(&mut known.confirmed, false) {
            turn.keeping_cause(|turn| self.publish(set, turn));
        }
    }

    // ---- words to replicas -----------------------------------------------------------------------------------------

    /// The live replicas of a set, as this nameserver knows.
    fn alive(&self, set: SetId, turn: &Turn<'_>) -> Replicas {
        let replicas = turn.plan.sets[set].replicas.iter_enumerated();
        let live = replicas.filter(|(_, node)| self.memory.nodes[**node].alive);
        live.fold(Replicas::default(), |all, (replica, _)| all.with(replica))
    }

    /// Tells a replica who leads its set. One nameserver decides that, and its word alone counts.
    fn notify_role(&self, to: NodeId, set: SetId, turn: &mut Turn<'_>) {
        let known = &self.memory.sets[set];
        if let Some((master, epoch)) = known.master.zip(known.epoch).filter(|_| self.elects) {
            let role = RoleChange { epoch, master, alive: self.alive(set, turn) };
            turn.send(to, Packet::RoleChange(role));
        }
    }

    /// A master has confirmed: the live replicas are told, and it is told of them.
    fn notify_replicas(&self, set: SetId, turn: &mut Turn<'_>) {
        let replicas = &turn.plan.sets[set].replicas;
        if replicas.len() > 1 {
            for replica in replicas.iter().filter(|node| self.memory.nodes[**node].alive) {
                self.notify_role(*replica, set, turn);
            }
        }
    }

    // ---- elections -------------------------------------------------------------------------------------------------

    /// A replica of a set without master is there.
    fn join_ballot(&mut self, from: NodeId, set: SetId, fresh: bool, turn: &mut Turn<'_>) {
        let known = &mut self.memory.sets[set];
        let of = &turn.plan.sets[set];
        if let Some(ballot) = &mut known.ballot {
            if let Some(replica) = of.slot(from).filter(|_| fresh) {
                ballot.progress[replica] = None;
                self.ask(set, turn);
            }
            return;
        }
        // It has just started, or an election would be under way, and waits for whoever may lead. But the first of all
        // masters is the first of the file: nobody has anything yet.
        let first_of_all = turn.life == Life::FIRST && of.first_master() == from;
        if first_of_all || of.replicas.len() == 1 {
            self.begin_ballot(set, turn);
        }
    }

    /// Asks all live replicas how much they have.
    pub(super) fn begin_ballot(&mut self, set: SetId, turn: &mut Turn<'_>) {
        if self.elects {
            let progress = vec![None; turn.plan.sets[set].replicas.len()].into();
            self.memory.sets[set].ballot = Some(Ballot { progress, again: Time::NEVER });
            self.ask(set, turn);
        }
    }

    /// Asks who has not answered; where there is nobody to choose from, nobody is asked.
    fn ask(&mut self, set: SetId, turn: &mut Turn<'_>) {
        let alive = self.alive(set, turn);
        let replicas = &turn.plan.sets[set].replicas;
        let Some(ballot) = &mut self.memory.sets[set].ballot else { return };
        if alive.0.count_ones() > 1 {
            for (replica, node) in replicas.iter_enumerated() {
                if alive.has(replica) && ballot.progress[replica].is_none() {
                    turn.send(*node, Packet::AskProgress);
                }
            }
            ballot.again = turn.now + turn.plan.timers.call;
            turn.wake_at(ballot.again, Timer::Ballot(set));
        }
        self.count(set, turn);
    }

    /// Time to ask again, unless that was done meanwhile.
    pub(super) fn ask_again(&mut self, set: SetId, turn: &mut Turn<'_>) {
        if self.memory.sets[set].ballot.as_ref().is_some_and(|ballot| ballot.again <= turn.now) {
            turn.without_cause(|turn| self.ask(set, turn));
        }
    }

    /// A replica says how much it has.
    pub(super) fn handle_progress(&mut self, from: NodeId, progress: ReplicaProgress, turn: &mut Turn<'_>) {
        let Some(set) = turn.plan.broker_set(from) else { return };
        let replica = turn.plan.sets[set].slot(from);
        if let (Some(ballot), Some(replica)) = (&mut self.memory.sets[set].ballot, replica) {
            ballot.progress[replica] = Some(progress);
            self.count(set, turn);
        }
    }

    /// Elects who has most, once all live replicas have said how much; if only one lives, that one. Of equals the former
    /// master, then the first of the file.
    fn count(&mut self, set: SetId, turn: &mut Turn<'_>) {
        let alive = self.alive(set, turn);
        let known = &self.memory.sets[set];
        let Some(ballot) = &known.ballot else { return };
        let replicas = &turn.plan.sets[set].replicas;
        let live: Vec<ReplicaSlot> = replicas.keys().filter(|replica| alive.has(*replica)).collect();
        let all_have_said = live.iter().all(|replica| ballot.progress[*replica].is_some());
        // Whoever was elected last and has heard of it.
        let last = known.epoch.max(self.given[set]);
        let rank = |replica: ReplicaSlot| {
            let progress = ballot.progress[replica]?;
            Some((progress.last_entry_epoch, progress.ends, last.is_some() && progress.last_led_epoch == last))
        };
        if (live.len() == 1 || all_have_said)
            && let Some(first) = live.into_iter().rev().max_by_key(|replica| rank(*replica))
        {
            self.elect(set, replicas[first], turn);
        }
    }

    /// Makes a replica the master of its set in a new epoch: above every epoch that anybody has heard of, so that a
    /// master which comes back with less than it had never gives an offset twice in one epoch.
    fn elect(&mut self, set: SetId, master: NodeId, turn: &mut Turn<'_>) {
        let heard = turn.plan.sets[set].replicas.iter().map(|node| self.memory.nodes[*node].last_epoch);
        let known = &self.memory.sets[set];
        let epoch = Epoch::after(heard.chain([known.epoch, self.given[set]]).max().flatten());
        self.given[set] = Some(epoch);
        self.memory.sets[set] = BrokerSet { epoch: Some(epoch), master: Some(master), ..BrokerSet::default() };
        let elected = turn.out.note(turn.now, turn.cause, master, Kind::Elected { set, epoch });
        turn.cause = Some(elected);
        self.notify_role(master, set, turn);
    }
}

#[cfg(test)]
mod tests;
