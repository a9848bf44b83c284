//! For tests: a small plan, and records written by hand.

use std::num::NonZeroU64;
use std::sync::Arc;

use super::{Findings, Observer, Value};
use crate::kernel::{Distribution, Span, Time};
use crate::plan::*;
use crate::record::{Change, Kind, Record, Seq, Sink as _};

pub(crate) const MASTER: NodeId = NodeId(1);
pub(crate) const SLAVE: NodeId = NodeId(2);
pub(crate) const DB: NodeId = NodeId(3);
pub(crate) const SHOP: NodeId = NodeId(4);
pub(crate) const CALLER: NodeId = NodeId(5);
pub(crate) const FIRST: NodeId = NodeId(6);
pub(crate) const SECOND: NodeId = NodeId(7);
pub(crate) const GROUP: GroupId = GroupId(0);
pub(crate) const TOPIC: TopicId = TopicId(0);
pub(crate) const QUEUE: QueueId = QueueId(0);
pub(crate) const OTHER: QueueId = QueueId(1);
pub(crate) const SET: SetId = SetId(0);

pub(crate) fn producer(target: Target) -> ProducerPlan {
    ProducerPlan {
        target,
        interval: Some(Distribution::ZERO),
        messages: None,
        bursts: Vec::new(),
        select: Select::RoundRobin,
        keys: 0,
        attempts: Attempts { timeout: Span::from_secs(1), retries: 2 },
        starts: Time::ZERO,
        stops: Time::NEVER,
    }
}

fn consumer() -> ConsumerPlan {
    ConsumerPlan {
        group: GROUP,
        threads: 1,
        service_time: Distribution::ZERO,
        failure_rate: 0.0,
        poison_rate: 0.0,
        calls: None,
        call_timeout: Span::from_secs(5),
        publishes: None,
        joins: Time::ZERO,
        leaves: None,
    }
}

pub(crate) fn group(name: &str, from: Beginning) -> GroupPlan {
    GroupPlan {
        name: name.to_owned(),
        topic: TOPIC,
        slot: GroupSlot(0),
        assignment: Assignment::Averagely,
        queue_lock: true,
        ack: Ack::After,
        batch: 32,
        from,
        ordered: false,
        deduplicate: false,
        max_retries: 3,
        retry_delay: RetryDelay::Each(Distribution::ZERO),
        consumers: Vec::new(),
    }
}

/// One nameserver; `broker-1` with a slave; the service `db`; a producer `shop` of `orders` with two queues; a producer
/// `direct` that calls `db`; a group `order-service` with two consumers.
pub(crate) fn plan() -> Plan {
    let node = |name: &str, role| NodePlan { name: name.to_owned(), role };
    let text = |en: &str, zh: &str| Text { en: en.to_owned(), zh: zh.to_owned() };
    let second = Span::from_secs(1);
    let queue = |index| QueuePlan {
        name: format!("orders/broker-1/{index}"),
        topic: TOPIC,
        set: SET,
        index,
        slot: QueueSlot(index),
    };
    Plan {
        scenario: "sample".to_owned(),
        title: text("A sample", "示例"),
        summary: text("Watch what happens.", "观察发生了什么。"),
        seed: 7,
        duration: Span::from_secs(30),
        settle: second,
        network: NetworkPlan { latency: Distribution::ZERO, loss: 0.0 },
        timers: Timers {
            heartbeat: second,
            expire: second,
            scan: second,
            route_refresh: RouteRefresh::Push,
            rebalance: second,
            long_poll: second,
            commit: Span::ZERO,
            offset_sync: Span::ZERO,
            call: second,
        },
        nodes: vec![
            node("nameserver", Role::Nameserver),
            node("broker-1", Role::Broker { set: SET }),
            node("broker-2", Role::Broker { set: SET }),
            node("db", Role::Service(ServicePlan { workers: 2, service_time: Distribution::ZERO, queue_limit: 10 })),
            node("shop", Role::Producer(producer(Target::Topic(TOPIC)))),
            node("direct", Role::Producer(producer(Target::Service(DB)))),
            node("order-1", Role::Consumer(consumer())),
            node("order-2", Role::Consumer(consumer())),
        ]
        .into(),
        sets: vec![SetPlan {
            name: "broker-1".to_owned(),
            replicas: vec![MASTER, SLAVE].into(),
            replication: Replication::Async,
            replication_delay: Distribution::ZERO,
            store_time: Distribution::ZERO,
            store_limit: 1000,
            flush: Flush::Sync(Distribution::ZERO),
            queues: vec![QUEUE, OTHER].into(),
            joins: Time::ZERO,
        }]
        .into(),
        topics: vec![TopicPlan {
            name: "orders".to_owned(),
            queues: vec![QUEUE, OTHER],
            retention: Retention::Consumed,
            groups: vec![GROUP].into(),
        }]
        .into(),
        queues: vec![queue(0), queue(1)].into(),
        groups: vec![GroupPlan { consumers: vec![FIRST, SECOND], ..group("order-service", Beginning::First) }].into(),
        publishing: Attempts { timeout: second, retries: 2 },
        faults: Vec::new().into(),
        changes: Vec::new().into(),
        expectations: Vec::new(),
        notes: Vec::new(),
        questions: Vec::new(),
    }
}

/// A message of `shop`.
pub(crate) const fn message(number: u32) -> MessageId {
    MessageId { producer: SHOP, number }
}

/// Milliseconds since the start.
pub(crate) const fn ms(at: u64) -> Time {
    Time(at * 1_000_000)
}

pub(crate) fn record(at: Time, seq: u64, node: NodeId, kind: Kind) -> Record {
    Record { at, seq: Seq(NonZeroU64::new(seq).expect("numbers begin at 1")), cause: None, node, kind }
}

/// A run in which the master crashes and the slave takes over; one message is lost, one is a dead letter, one waits.
pub(crate) fn run_with_failover(plan: Plan) -> Findings {
    let mut run = ScriptedRun::of(plan);
    let (group, call) = (GROUP, MessageId { producer: CALLER, number: 1 });
    let on_slave =
        |number, offset| Kind::Stored { message: message(number), queue: QUEUE, offset, epoch: Epoch::nth(2) };
    run.at(0).elected(MASTER, 1).assigned(FIRST, &[QUEUE]);
    run.on(CALLER, Kind::Called { call, service: DB }).at(1).on(DB, Kind::Serving { call });
    run.at(5).on(DB, Kind::Served { call }).at(6).on(CALLER, Kind::Answered { call, service: DB });
    for number in 1..=12 {
        run.at(100 * u64::from(number)).sends(number, u64::from(number) - 1);
    }
    for number in 1..=10 {
        run.at(1200 + 50 * u64::from(number)).started(FIRST, number).finished(FIRST, number);
    }
    run.on(SLAVE, Kind::Replicated { message: message(11), queue: QUEUE, offset: Offset(10), epoch: Epoch::nth(1) })
        .committed(10);
    run.at(2000).crashed(MASTER).on(MASTER, Kind::Lost { group, message: message(12) });
    run.at(2100).sent(13).at(2900).rejected(13).sent(14).at(5000).on(SLAVE, Kind::DeclaredDead { of: MASTER });
    run.at(5001)
        .elected(SLAVE, 2)
        .at(5100)
        .on(SLAVE, on_slave(14, Offset(11)))
        .at(5102)
        .accepted(14)
        .started(FIRST, 14);
    run.at(5300).finished(FIRST, 14).started(FIRST, 11).failed(FIRST, 11);
    run.on(SLAVE, Kind::DeadLettered { group, message: message(11) });
    run.sent(15).on(SLAVE, on_slave(15, Offset(12))).accepted(15).sent(16).at(6000).on(MASTER, Kind::Restarted);
    run.end(31_200)
}

/// A run written by hand: each call adds one record, at the time that was set last.
pub(crate) struct ScriptedRun {
    pub(crate) observer: Observer,
    at: Time,
    seq: u64,
}

impl ScriptedRun {
    pub(crate) fn of(plan: Plan) -> Self {
        Self { observer: Observer::new(Arc::new(plan)), at: Time::ZERO, seq: 0 }
    }

    pub(crate) fn at(&mut self, at: u64) -> &mut Self {
        self.at = ms(at);
        self
    }

    pub(crate) fn on(&mut self, node: NodeId, kind: Kind) -> &mut Self {
        self.seq += 1;
        self.observer.record(&record(self.at, self.seq, node, kind));
        self.observer.ledger().check();
        self
    }

    pub(crate) fn end(self, at: u64) -> Findings {
        self.observer.close(ms(at))
    }

    pub(crate) fn sent(&mut self, number: u32) -> &mut Self {
        self.on(SHOP, Kind::Sent { message: message(number), queue: QUEUE, attempt: 1, key: None })
    }

    pub(crate) fn stored(&mut self, number: u32, queue: QueueId, offset: u64) -> &mut Self {
        self.on(MASTER, Kind::Stored { message: message(number), queue, offset: Offset(offset), epoch: Epoch::nth(1) })
    }

    pub(crate) fn accepted(&mut self, number: u32) -> &mut Self {
        self.on(SHOP, Kind::Accepted { message: message(number) })
    }

    pub(crate) fn rejected(&mut self, number: u32) -> &mut Self {
        self.on(SHOP, Kind::Rejected { message: message(number) })
    }

    /// Sent, stored at an offset of the first queue and accepted.
    pub(crate) fn sends(&mut self, number: u32, offset: u64) -> &mut Self {
        self.sent(number).stored(number, QUEUE, offset).accepted(number)
    }

    pub(crate) fn started(&mut self, node: NodeId, number: u32) -> &mut Self {
        self.on(node, Kind::Started { group: GROUP, message: message(number), queue: QUEUE, offset: Offset(0) })
    }

    pub(crate) fn finished(&mut self, node: NodeId, number: u32) -> &mut Self {
        self.on(node, Kind::Finished { group: GROUP, message: message(number), queue: QUEUE, offset: Offset(0) })
    }

    pub(crate) fn failed(&mut self, node: NodeId, number: u32) -> &mut Self {
        self.on(node, Kind::Failed { group: GROUP, message: message(number), queue: QUEUE, offset: Offset(0) })
    }

    pub(crate) fn committed(&mut self, offset: u64) -> &mut Self {
        self.on(MASTER, Kind::Committed { group: GROUP, queue: QUEUE, offset: Offset(offset) })
    }

    pub(crate) fn deleted(&mut self, offset: u64) -> &mut Self {
        self.on(MASTER, Kind::Deleted { queue: QUEUE, offset: Offset(offset) })
    }

    pub(crate) fn elected(&mut self, node: NodeId, epoch: u32) -> &mut Self {
        self.on(node, Kind::Elected { set: SET, epoch: Epoch::nth(epoch) })
    }

    pub(crate) fn assigned(&mut self, node: NodeId, queues: &[QueueId]) -> &mut Self {
        self.on(node, Kind::Assigned { group: GROUP, queues: queues.into() })
    }

    pub(crate) fn changed(&mut self, node: NodeId, setting: Setting) -> &mut Self {
        self.on(node, Kind::Changed { change: Arc::new(Change::Setting(setting)) })
    }

    pub(crate) fn crashed(&mut self, node: NodeId) -> &mut Self {
        self.on(node, Kind::Crashed { mode: CrashMode::Host })
    }
}

/// A figure over a span, given in milliseconds.
pub(crate) fn figure(metric: &'static str, of: Selector, from: u64, to: u64) -> Figure {
    Figure { metric, of, from: ms(from), to: Some(ms(to)) }
}

/// A plan that asks for these figures, so that their spans are kept.
pub(crate) fn asking(figures: &[Figure]) -> Plan {
    let expectation = |figure: &Figure| Expectation {
        figure: figure.clone(),
        comparison: Comparison::AtLeast,
        bound: Bound::Number(0.0),
        line: 1,
    };
    Plan { expectations: figures.iter().map(expectation).collect(), ..plan() }
}

/// Two expectations, of which the second does not come true.
pub(crate) fn expectations() -> Vec<Expectation> {
    let figure = |metric, of| Figure { metric, of, from: Time::ZERO, to: None };
    let failover = figure("failover_max", Selector::Any);
    let lost = figure("lost", Selector::Group(GROUP));
    let most = Bound::Time(Span::from_secs(5));
    vec![
        Expectation { figure: failover, comparison: Comparison::AtMost, bound: most, line: 1 },
        Expectation { figure: lost, comparison: Comparison::Equals, bound: Bound::Number(0.0), line: 2 },
    ]
}

/// The value of a metric over the whole run.
pub(crate) fn value(findings: &Findings, metric: &str, of: Selector) -> Option<f64> {
    findings.figure(metric, of).map(Value::number)
}
