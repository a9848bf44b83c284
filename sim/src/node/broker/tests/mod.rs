//! A broker alone: how it stores, hands out, keeps what groups have done, and comes to serve at all.

mod copying;
mod disk;
mod leadership;
mod master;
mod reads;
mod retries;
mod slave;
mod storing;

use crate::kernel::Time;
use crate::node::harness::{Bench, TurnOutcome};
use crate::node::{Node, broker::Broker};
use crate::plan::{Epoch, Life, MessageId, NodeId, Offset, QueueSlot, ReplicaSlot};
use crate::protocol::{Departure, EndedLives, Outcome, Packet, Pull, ReadLease, Replicas, RoleChange};
use crate::storage::{Epochs, FailureId, Log, LogEntry, PullId, ReportId};

/// A broker with two queues, read by the groups g (c1, c2) and h (d).
fn broker_with(settings: &str, topic: &str, group: &str) -> Bench {
    replica_with("b", "", settings, topic, group)
}

/// The same, or a slave of it, by name; with timers.
fn replica_with(name: &str, timers: &str, settings: &str, topic: &str, group: &str) -> Bench {
    Bench::new(
        &format!(
            r#"
            {timers}
            [[brokers]]
            name = "b"
            {settings}
            [[topics]]
            name = "t"
            queues = {{ b = 2 }}
            {topic}
            [[producers]]
            name = "shop"
            topic = "t"
            interval = "1s"
            [[groups]]
            name = "g"
            topic = "t"
            {group}
            [[groups]]
            name = "h"
            topic = "t"
            [[consumers]]
            name = "c1"
            group = "g"
            [[consumers]]
            name = "c2"
            group = "g"
            [[consumers]]
            name = "d"
            group = "h""#
        ),
        name,
    )
}

/// The same, serving in epoch 1.
fn master_with(settings: &str, topic: &str, group: &str) -> Bench {
    let mut bench = broker_with(settings, topic, group);
    bench.start();
    appoint(&mut bench, 1);
    bench
}

fn master() -> Bench {
    master_with("", "", "")
}

fn appoint(bench: &mut Bench, epoch: u32) -> TurnOutcome {
    let role =
        RoleChange { epoch: Epoch::nth(epoch), master: bench.id("b"), alive: Replicas::default().with(ReplicaSlot(0)) };
    bench.hears("nameserver", Packet::RoleChange(role))
}

/// A message for the first queue arrives.
fn send(bench: &mut Bench, message: &str) -> TurnOutcome {
    let (message, queue) = (bench.message(message), bench.queue("t/b/0"));
    bench.hears("shop", Packet::Send { message, queue, attempt: 1 })
}

/// So many messages, from shop#1 on.
fn send_many(bench: &mut Bench, count: u32) {
    for number in 1..=count {
        send(bench, &format!("shop#{number}"));
    }
}

/// A lease on the first queue in epoch 1: for g, or for h where d asks.
fn lease(bench: &Bench, who: &str) -> ReadLease {
    let group = bench.plan.consumer(bench.id(who)).expect("a consumer").group;
    ReadLease { group, ..bench.lease("t/b/0", 1) }
}

fn lock(bench: &mut Bench, who: &str) -> TurnOutcome {
    let lease = lease(bench, who);
    bench.hears(who, Packet::Lock { lease, sent_at: bench.now() })
}

/// A pull for at most three messages.
fn pull(bench: &mut Bench, who: &str, offset: u64) -> TurnOutcome {
    pull_numbered(bench, who, offset, 1, 0)
}

fn pull_numbered(bench: &mut Bench, who: &str, offset: u64, serial: u32, received: u32) -> TurnOutcome {
    let lease = lease(bench, who);
    bench.hears(
        who,
        Packet::Pull {
            lease,
            pull: Pull { offset: Offset(offset), batch: 3, id: PullId::nth(serial), received: PullId::new(received) },
        },
    )
}

fn commit(bench: &mut Bench, who: &str, offset: u64) -> TurnOutcome {
    let lease = lease(bench, who);
    bench.hears(who, Packet::Commit { lease, offset: Offset(offset) })
}

/// What became of a message, as a report of a consumer says. `of`: the number of c1's report that brought it to the retry
/// queue.
#[derive(Clone, Copy)]
enum Fate {
    Done { of: u32 },
    Retry { failures: u32, of: Option<u32> },
    Dead { of: Option<u32> },
}

/// It has failed for the first time.
const FAILED: Fate = Fate::Retry { failures: 1, of: None };

/// The failure that a report of c1 tells of.
fn failure_of(bench: &Bench, report: u32) -> FailureId {
    FailureId { consumer: bench.id("c1"), report: ReportId::nth(report) }
}

/// A report, by its number: one that is repeated bears the same.
fn outcome_packet(bench: &mut Bench, who: &str, message_ref: &str, report: u32, fate: Fate) -> TurnOutcome {
    let (lease, message_ref) = (lease(bench, who), bench.message_ref(message_ref));
    let of = |of: Option<u32>| of.map(|of| failure_of(bench, of));
    let outcome = match fate {
        Fate::Done { of } => Outcome::Done(failure_of(bench, of)),
        Fate::Retry { failures, of: before } => Outcome::Retry { failures, of: of(before) },
        Fate::Dead { of: before } => Outcome::DeadLetter { of: of(before) },
    };
    let report = ReportId::nth(report);
    bench.hears(who, Packet::Outcome { lease, message_ref, outcome, report })
}

fn depart(bench: &mut Bench, who: &str, life: u32, number: u32) -> TurnOutcome {
    let (consumer, number) = (bench.id(who), Departure { life: Life::FIRST, number });
    let lives = EndedLives { last: Some(Life::nth(life)), at: bench.now() };
    bench.hears("nameserver", Packet::Departed { consumer, lives, number })
}

fn broker(bench: &mut Bench) -> &mut Broker {
    let Node::Broker(broker) = &mut bench.node else { unreachable!("the bench is a broker's") };
    broker
}

/// What a replica has of a queue that holds entries of these epochs.
fn has(epochs: &[u32]) -> (Offset, Epochs) {
    let mut log = Log::default();
    for (number, epoch) in epochs.iter().enumerate() {
        let message = MessageId { producer: NodeId(0), number: number as u32 + 1 };
        log.append(LogEntry { message, epoch: Epoch::nth(*epoch), stored_at: Time::ZERO });
    }
    (log.end(), log.epochs().clone())
}

/// A word of the nameserver: who leads, and which replicas live, by their places.
fn role(bench: &mut Bench, epoch: u32, master: &str, alive: &[u32]) -> TurnOutcome {
    let alive = alive.iter().fold(Replicas::default(), |all, place| all.with(ReplicaSlot(*place)));
    let role = RoleChange { epoch: Epoch::nth(epoch), master: bench.id(master), alive };
    bench.hears("nameserver", Packet::RoleChange(role))
}

/// Start, end and what is on disk of the first queue.
fn log(bench: &mut Bench) -> (u64, u64, u64) {
    let log = broker(bench).log(QueueSlot(0));
    (log.start().0, log.end().0, log.flushed().0)
}
