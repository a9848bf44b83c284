//! A consumer alone: what it asks for, works on, tells and lets go.

mod leases;
mod leaving;
mod working;

use std::collections::BTreeMap;

use crate::node::Node;
use crate::node::harness::{Bench, TurnOutcome};
use crate::plan::{Offset, QueueId};
use crate::protocol::{Delivery, Outcome, Packet, Pull, ReadLease};
use crate::storage::{FailureId, MessageRef, ReportId};

/// A consumer on the bench, with what it has asked the broker for.
struct Seat {
    bench: Bench,
    leases: BTreeMap<QueueId, ReadLease>,
    pulls: BTreeMap<QueueId, Pull>,
    /// Of each message the last report, and what it says.
    reports: BTreeMap<MessageRef, (ReportId, Outcome)>,
    /// Whether the nameserver hears it and answers.
    heard: bool,
}

impl Seat {
    /// The consumer c1, started; it knows nothing yet.
    fn new(top: &str, group: &str, consumer: &str) -> Self {
        let bench = Bench::new(
            &format!(
                r#"
                {top}
                [[brokers]]
                name = "b"
                [[services]]
                name = "db"
                [[topics]]
                name = "t"
                queues = {{ b = 2 }}
                [[topics]]
                name = "out"
                queues = {{ b = 1 }}
                [[producers]]
                name = "shop"
                topic = "t"
                interval = "1s"
                [[groups]]
                name = "g"
                topic = "t"
                {group}
                [[consumers]]
                name = "c1"
                group = "g"
                {consumer}
                [[consumers]]
                name = "c0"
                group = "g"
                [[consumers]]
                name = "c2"
                group = "g""#
            ),
            "c1",
        );
        let mut seat =
            Self { bench, leases: BTreeMap::new(), pulls: BTreeMap::new(), reports: BTreeMap::new(), heard: true };
        let told = seat.bench.start();
        seat.watch(told);
        seat
    }

    /// The same, with the first queue granted from offset 0; the other one is c2's.
    fn reading(top: &str, group: &str, consumer: &str) -> Self {
        let mut seat = Self::new(top, group, consumer);
        seat.routed(1);
        seat.joined(&["c1", "c2"]);
        seat.grants("t/b/0", 0);
        seat
    }

    fn watch(&mut self, told: TurnOutcome) -> TurnOutcome {
        for (_, packet) in &told.packets {
            match packet {
                Packet::Lock { lease, .. } => {
                    self.leases.insert(lease.queue, *lease);
                }
                Packet::Pull { lease, pull } => {
                    self.pulls.insert(lease.queue, *pull);
                }
                Packet::Outcome { message_ref, outcome, report, .. } => {
                    self.reports.insert(*message_ref, (*report, *outcome));
                }
                _ => {}
            }
        }
        told
    }

    fn hears(&mut self, from: &str, packet: Packet) -> TurnOutcome {
        let told = self.bench.hears(from, packet);
        self.watch(told)
    }

    /// Time passes, in steps of half a second; the nameserver answers heartbeats if it hears them.
    fn until(&mut self, second: f64) -> TurnOutcome {
        let mut all = TurnOutcome::default();
        loop {
            let next = ((self.bench.second() * 2.0 + 1e-9).floor() / 2.0 + 0.5).min(second);
            let told = self.bench.until(next);
            let beats = told.packets.iter().filter_map(|(_, packet)| match packet {
                Packet::Heartbeat(heartbeat) => Some(heartbeat.sent_at),
                _ => None,
            });
            for sent_at in beats.collect::<Vec<_>>() {
                if self.heard {
                    self.bench.hears("nameserver", Packet::HeartbeatAnswer { sent_at });
                }
            }
            all.add(self.watch(told));
            if next >= second {
                return all;
            }
        }
    }

    /// It hears that b leads in this epoch.
    fn routed(&mut self, epoch: u32) -> TurnOutcome {
        let out = self.bench.route("out", epoch, &[("b", epoch, "b")]);
        self.hears("nameserver", out);
        let route = self.bench.route("t", epoch, &[("b", epoch, "b")]);
        self.hears("nameserver", route)
    }

    /// It hears who is in its group.
    fn joined(&mut self, names: &[&str]) -> TurnOutcome {
        let members = self.bench.members(1, names);
        self.hears("nameserver", members)
    }

    fn lease(&self, queue: &str) -> ReadLease {
        self.leases[&self.bench.queue(queue)]
    }

    fn grants(&mut self, queue: &str, from: u64) -> TurnOutcome {
        let lease = self.lease(queue);
        self.hears("b", Packet::LockAnswer { lease, granted: Some(Offset(from)) })
    }

    fn denies(&mut self, queue: &str) -> TurnOutcome {
        let lease = self.lease(queue);
        self.hears("b", Packet::LockAnswer { lease, granted: None })
    }

    /// The broker answers its last pull: `shop#1@0` from the log, `shop#1@0 again after 2` from the retry queue.
    fn gets(&mut self, queue: &str, messages: &[&str]) -> TurnOutcome {
        let (lease, pull) = (self.lease(queue), self.pulls[&self.bench.queue(queue)]);
        let delivery = |text: &&str| {
            let (message_ref, failures) = text.split_once(" again after ").map_or((*text, None), |(a, b)| (a, Some(b)));
            let MessageRef { message, offset } = self.bench.message_ref(message_ref);
            let failures = failures.map_or(0, |n| n.parse().expect("a number"));
            // Somebody else's report had brought it to the retry queue.
            let retry = ReportId::new(failures).map(|report| FailureId { consumer: self.bench.id("c2"), report });
            Delivery { message, offset, failures, retry }
        };
        let batch: Vec<Delivery> = messages.iter().map(delivery).collect();
        let next = batch.iter().filter(|delivery| delivery.retry.is_none()).map(|delivery| delivery.offset + 1).max();
        let next = Some(next.unwrap_or(pull.offset));
        self.hears("b", Packet::PullAnswer { lease, pull: pull.id, next, batch })
    }

    fn commit_heard(&mut self, queue: &str, offset: u64) -> TurnOutcome {
        let lease = self.lease(queue);
        self.hears("b", Packet::CommitAnswer { lease, offset: Offset(offset), held: true })
    }

    fn settling_heard(&mut self, queue: &str, message_ref: &str) -> TurnOutcome {
        let (lease, message_ref) = (self.lease(queue), self.bench.message_ref(message_ref));
        let (report, _) = self.reports[&message_ref];
        self.hears("b", Packet::OutcomeAnswer { lease, message_ref, report, held: true })
    }

    fn is_busy(&self) -> bool {
        let Node::Consumer(consumer) = &self.bench.node else { unreachable!("the bench is a consumer's") };
        consumer.busy_with(QueueId(0)).is_some()
    }

    fn unlocked(&mut self, queue: &str) -> TurnOutcome {
        let lease = self.lease(queue);
        self.hears("b", Packet::UnlockAnswer(lease))
    }
}
