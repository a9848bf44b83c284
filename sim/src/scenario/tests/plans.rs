//! What a file becomes: defaults, profiles, ids, and every form that a value can have.

use super::{BASE, with_line};
use crate::kernel::{Distribution, Span, Time};
use crate::plan::*;
use crate::scenario::{TEMPLATE, read};

fn plan(text: &str) -> Plan {
    read("lessons/case.toml", text).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

fn secs(seconds: u64) -> Span {
    Span::from_secs(seconds)
}

fn constant(span: Span) -> Distribution {
    Distribution::Constant(span)
}

fn producer(plan: &Plan, name: &str) -> ProducerPlan {
    plan.nodes_where(|_| true).filter(|id| plan.name(*id) == name).find_map(|id| plan.producer(id)).unwrap().clone()
}

fn consumer(plan: &Plan, name: &str) -> ConsumerPlan {
    plan.nodes_where(|_| true).filter(|id| plan.name(*id) == name).find_map(|id| plan.consumer(id)).unwrap().clone()
}

/// Nothing but what is required.
const LEAST: &str = r#"
title = "least"
duration = "30s"
[[brokers]]
name = "b"
[[topics]]
name = "t"
queues = { b = 1 }
[[producers]]
name = "p"
topic = "t"
interval = "1s"
[[groups]]
name = "g"
topic = "t"
[[consumers]]
name = "c"
group = "g"
[[services]]
name = "s"
"#;

#[test]
fn a_key_that_is_left_out_has_the_contracts_default() {
    let plan = plan(LEAST);
    assert_eq!((plan.scenario.as_str(), plan.title.en.as_str(), plan.title.zh.as_str()), ("case", "least", "least"));
    assert_eq!((plan.summary.en.as_str(), plan.seed, plan.duration, plan.settle), ("", 1, secs(30), Span::ZERO));
    assert_eq!(plan.network, NetworkPlan { latency: constant(Span::from_millis(1)), loss: 0.0 });
    let timers = Timers {
        heartbeat: secs(1),
        expire: secs(3),
        scan: secs(1),
        route_refresh: RouteRefresh::Push,
        rebalance: secs(1),
        long_poll: secs(15),
        commit: Span::ZERO,
        offset_sync: Span::ZERO,
        call: secs(1),
    };
    assert_eq!(plan.timers, timers);
    assert_eq!(plan.nodes[NodeId(0)], NodePlan { name: "nameserver".to_owned(), role: Role::Nameserver });
    let set = &plan.sets[SetId(0)];
    assert_eq!(
        (set.replication, set.replication_delay, set.store_time),
        (Replication::Async, Distribution::ZERO, Distribution::ZERO)
    );
    assert_eq!((set.store_limit, set.flush), (100_000, Flush::Sync(Distribution::ZERO)));
    assert_eq!(plan.topics[TopicId(0)].retention, Retention::Consumed);
    let service = ServicePlan { workers: 1, service_time: Distribution::ZERO, queue_limit: 1_000 };
    assert_eq!(plan.nodes[NodeId(2)], NodePlan { name: "s".to_owned(), role: Role::Service(service) });
    assert_eq!(plan.publishing, Attempts { timeout: secs(1), retries: 2 });
}

#[test]
fn producers_groups_and_consumers_have_the_contracts_defaults() {
    let plan = plan(LEAST);
    let expected = ProducerPlan {
        target: Target::Topic(TopicId(0)),
        interval: Some(constant(secs(1))),
        messages: None,
        bursts: Vec::new(),
        select: Select::RoundRobin,
        keys: 0,
        attempts: Attempts { timeout: secs(1), retries: 2 },
        starts: Time::ZERO,
        stops: Time::ZERO + secs(30),
    };
    assert_eq!(producer(&plan, "p"), expected);
    let expected = ConsumerPlan {
        group: GroupId(0),
        threads: 1,
        service_time: Distribution::ZERO,
        failure_rate: 0.0,
        poison_rate: 0.0,
        calls: None,
        call_timeout: secs(5),
        publishes: None,
        joins: Time::ZERO,
        leaves: None,
    };
    assert_eq!(consumer(&plan, "c"), expected);
    let expected = GroupPlan {
        name: "g".to_owned(),
        topic: TopicId(0),
        slot: GroupSlot(0),
        assignment: Assignment::Averagely,
        queue_lock: true,
        ack: Ack::After,
        batch: 32,
        from: Beginning::First,
        ordered: false,
        deduplicate: false,
        max_retries: 3,
        retry_delay: RetryDelay::Each(constant(secs(1))),
        consumers: vec![NodeId(4)],
    };
    assert_eq!(plan.groups.raw, [expected]);
}

#[test]
fn the_rocketmq_profile_has_its_defaults_and_what_is_written_overrides_them() {
    let plan = plan(&LEAST.replace("duration", "profile = \"rocketmq\"\nduration"));
    let timers = Timers {
        heartbeat: secs(30),
        expire: secs(120),
        scan: secs(5),
        route_refresh: RouteRefresh::Poll(secs(30)),
        rebalance: secs(20),
        long_poll: secs(15),
        commit: secs(5),
        offset_sync: secs(10),
        call: secs(1),
    };
    assert_eq!(plan.timers, timers);
    let attempts = Attempts { timeout: secs(3), retries: 2 };
    assert_eq!((producer(&plan, "p").attempts, plan.publishing), (attempts, attempts));
    assert_eq!(plan.sets[SetId(0)].flush, Flush::Async(Span::from_millis(500)));
    assert_eq!(plan.topics[TopicId(0)].retention, Retention::Age(secs(72 * 3_600)));
    assert_eq!(consumer(&plan, "c").threads, 20);
    let group = &plan.groups[GroupId(0)];
    assert_eq!((group.queue_lock, group.batch, group.max_retries), (false, 32, 16));
    let delays = ["10s", "30s", "60s", "2m", "3m", "4m", "5m", "6m", "7m", "8m", "9m", "10m", "20m", "30m", "1h", "2h"];
    let text = LEAST.replace("[[consumers]]", &format!("retry_delay = {delays:?}\n[[consumers]]"));
    assert_eq!(group.retry_delay, self::plan(&text).groups[GroupId(0)].retry_delay);
    let text = LEAST
        .replace("duration", "profile = \"rocketmq\"\nduration")
        .replace("[[brokers]]", "[timers]\nheartbeat = \"2s\"\n[[brokers]]")
        .replace("[[groups]]", "send_timeout = \"4s\"\n[[groups]]");
    let plan = self::plan(&text);
    assert_eq!((plan.timers.heartbeat, plan.timers.scan), (secs(2), secs(5)));
    assert_eq!(producer(&plan, "p").attempts.timeout, secs(4));
}

/// The example of the contract.
const EXAMPLE: &str = r#"
title = { en = "Failover", zh = "主从切换" }
duration = "30s"
[[brokers]]
name = "broker-1"
slaves = ["broker-2"]
[[topics]]
name = "orders"
queues = { broker-1 = 2 }
[[producers]]
name = "shop"
topic = "orders"
interval = "100ms"
[[groups]]
name = "order-service"
topic = "orders"
[[consumers]]
name = "order"
group = "order-service"
count = 2
service_time = "50ms"
[[faults]]
at = "10s"
kind = "crash"
node = "broker-1"
[[expect]]
metric = "failover_max"
at_most = "5s"
"#;

#[test]
fn the_contracts_example_is_understood() {
    let plan = plan(EXAMPLE);
    assert_eq!((plan.title.en.as_str(), plan.title.zh.as_str()), ("Failover", "主从切换"));
    let names: Vec<&str> = plan.nodes.iter().map(|node| node.name.as_str()).collect();
    assert_eq!(names, ["nameserver", "broker-1", "broker-2", "shop", "order-1", "order-2"]);
    assert_eq!(plan.sets[SetId(0)].replicas.raw, [NodeId(1), NodeId(2)]);
    let queues: Vec<&str> = plan.queues.iter().map(|queue| queue.name.as_str()).collect();
    assert_eq!(queues, ["orders/broker-1/0", "orders/broker-1/1"]);
    assert_eq!(plan.groups[GroupId(0)].consumers, [NodeId(4), NodeId(5)]);
    let crash = Fault::Crash { node: NodeId(1), mode: CrashMode::Host };
    assert_eq!(plan.faults.raw, [FaultPlan { at: Time::ZERO + secs(10), lasts: None, fault: crash }]);
    let figure = Figure { metric: "failover_max", of: Selector::Any, from: Time::ZERO, to: None };
    let expectation = Expectation { figure, comparison: Comparison::AtMost, bound: Bound::Time(secs(5)), line: 26 };
    assert_eq!(plan.expectations, [expectation]);
}

#[test]
fn ids_are_given_in_the_order_of_the_plan() {
    let text = r#"
title = "order"
duration = "1s"
consumers = [{ name = "c", group = "h", count = 2 }, { name = "d", group = "g" }]
producers = [{ name = "p", topic = "u", interval = "1s", count = 2 }]
services = [{ name = "s" }]
brokers = [{ name = "b2" }, { name = "b1" }]
nameservers = [{ name = "n2" }, { name = "n1" }]
topics = [{ name = "u", queues = { b1 = 2, b2 = 1 } }, { name = "t", queues = { b1 = 1 } }]
groups = [{ name = "g", topic = "u" }, { name = "h", topic = "t" }, { name = "i", topic = "u" }]
"#;
    let plan = plan(text);
    let names: Vec<&str> = plan.nodes.iter().map(|node| node.name.as_str()).collect();
    assert_eq!(names, ["n2", "n1", "b2", "b1", "s", "p-1", "p-2", "c-1", "c-2", "d"]);
    let queues: Vec<(&str, u32)> = plan.queues.iter().map(|queue| (queue.name.as_str(), queue.slot.0)).collect();
    assert_eq!(queues, [("u/b2/0", 0), ("u/b1/0", 0), ("u/b1/1", 1), ("t/b1/0", 2)]);
    assert_eq!(plan.sets[SetId(1)].queues.raw, [QueueId(1), QueueId(2), QueueId(3)]);
    assert_eq!(
        (&plan.sets[SetId(0)].replicas.raw, &plan.sets[SetId(1)].replicas.raw),
        (&vec![NodeId(2)], &vec![NodeId(3)])
    );
    assert_eq!(plan.topics[TopicId(0)].groups.raw, [GroupId(0), GroupId(2)]);
    assert_eq!(plan.topics[TopicId(1)].queues, [QueueId(3)]);
    assert_eq!(plan.groups.iter().map(|group| group.slot.0).collect::<Vec<_>>(), [0, 0, 1]);
    assert_eq!(plan.groups[GroupId(1)].consumers, [NodeId(7), NodeId(8)]);
    for set in &plan.sets {
        assert!(set.queues.iter_enumerated().all(|(slot, queue)| plan.queues[*queue].slot == slot));
    }
}

#[test]
fn every_form_of_a_value_is_read() {
    let latency = |text: &str| plan(&with_line(5, &format!("latency = {text}"))).network.latency;
    let ms = Span::from_millis;
    assert_eq!(latency("\"2.5ms\""), constant(Span(2_500_000)));
    assert_eq!(latency("{ exp = \"10ms\" }"), Distribution::Exponential(ms(10)));
    assert_eq!(latency("{ uniform = [\"1ms\", \"3ms\"] }"), Distribution::Uniform(ms(1), ms(3)));
    assert_eq!(latency("{ normal = [\"5ms\", \"1ms\"] }"), Distribution::Normal(ms(5), ms(1)));
    assert_eq!(latency("{ lognormal = [\"2ms\", \"20ms\"] }"), Distribution::Lognormal(ms(2), ms(20)));
    let refresh = |text: &str| plan(&with_line(8, &format!("route_refresh = {text}"))).timers.route_refresh;
    assert_eq!((refresh("\"push\""), refresh("\"7s\"")), (RouteRefresh::Push, RouteRefresh::Poll(secs(7))));
    let title = |text: &str| plan(&with_line(1, &format!("title = {text}"))).title;
    assert_eq!(title("{ zh = \"主\" }"), Text { en: "主".to_owned(), zh: "主".to_owned() });
    let flush = |text: &str| plan(&with_line(10, &format!("name = \"b1\"\n{text}"))).sets[SetId(0)].flush;
    assert_eq!(flush("flush_time = \"1ms\""), Flush::Sync(constant(ms(1))));
    assert_eq!(flush("flush = \"async\"\nflush_interval = \"1s\""), Flush::Async(secs(1)));
    let delay = |text: &str| {
        plan(&with_line(23, &format!("topic = \"t\"\nretry_delay = {text}"))).groups[GroupId(0)].retry_delay.clone()
    };
    assert_eq!(delay("{ exp = \"1s\" }"), RetryDelay::Each(Distribution::Exponential(secs(1))));
    assert_eq!(delay("[\"1s\", \"2s\"]"), RetryDelay::List(vec![constant(secs(1)), constant(secs(2))]));
    assert_eq!(plan(&with_line(3, "seed = 0xffff_ffff_ffff_ffff")).seed, u64::MAX);
}

#[test]
fn a_producer_stops_at_the_end_of_duration_at_the_latest_and_a_call_has_one_attempt() {
    let text = with_line(19, "calls = \"db\"")
        .replace("interval = \"10ms\"", "bursts = [{ at = \"3s\", count = 5 }]\nstops = \"1h\"");
    let producer = producer(&plan(&text), "p");
    assert_eq!((producer.starts, producer.stops), (Time::ZERO, Time::ZERO + secs(10)));
    assert_eq!((producer.interval, producer.bursts), (None, vec![Burst { at: Time::ZERO + secs(3), count: 5 }]));
    assert_eq!((producer.target, producer.attempts.retries), (Target::Service(NodeId(2)), 0));
}

#[test]
fn faults_changes_and_what_is_said_become_ids() {
    let plan = plan(BASE);
    let change = &plan.changes[ChangeId(0)];
    assert_eq!((change.at, change.node, change.setting), (Time::ZERO + secs(2), NodeId(2), Setting::Workers(8)));
    let note = Note {
        moment: Moment::At(Time::ZERO + secs(1)),
        text: Text { en: "look".to_owned(), zh: "look".to_owned() },
        focus: Vec::new(),
        pause: false,
    };
    assert_eq!(plan.notes, [note]);
    assert_eq!(plan.questions[0].moment, Moment::When { kind: "crashed", nth: 1, after: Span::ZERO });
    let answer = Answer::Owner { queue: QueueId(0), group: GroupId(0), to: Time::ZERO + secs(5) };
    assert_eq!(plan.questions[0].answer, answer);
    let slow = with_line(31, "for = \"2s\"\nfactor = 10\nkind = \"slow\"").replace("node = \"b1\"", "node = \"c-2\"");
    let fault = FaultPlan {
        at: Time::ZERO + secs(1),
        lasts: Some(secs(2)),
        fault: Fault::Slow { node: NodeId(5), factor: 10.0 },
    };
    assert_eq!(self::plan(&slow).faults.raw, [fault]);
}

#[test]
fn every_kind_of_fault_is_read() {
    let latency = Some(Distribution::Exponential(secs(1)));
    let wire = |links, rule| Fault::Wire(WireFault { links, rule });
    let [broker, shop, consumer] = [1, 3, 5].map(NodeId);
    let sides = |first: &[NodeId], second: &[NodeId], one_way| Links::Sides {
        sides: (first.to_vec(), second.to_vec()),
        one_way,
    };
    let cases = [
        ("crash", "node = \"p\"\nmode = \"process\"", Fault::Crash { node: NodeId(3), mode: CrashMode::Process }),
        ("pause", "node = \"db\"", Fault::Pause { node: NodeId(2) }),
        (
            "partition",
            "sides = [[\"p\", \"b1\"], [\"c-2\"]]",
            wire(sides(&[shop, broker], &[consumer], false), Rule::Cut),
        ),
        ("partition", "sides = [[\"b1\"], [\"p\"]]\none_way = true", wire(sides(&[broker], &[shop], true), Rule::Cut)),
        (
            "link",
            "between = [\"p\", \"b1\"]\nlatency = { exp = \"1s\" }",
            wire(Links::Between(shop, broker), Rule::Change { latency, loss: None }),
        ),
        (
            "link",
            "between = [\"b1\", \"p\"]\nloss = 0.5",
            wire(Links::Between(broker, shop), Rule::Change { latency: None, loss: Some(0.5) }),
        ),
        ("repeat", "between = [\"p\", \"b1\"]", wire(Links::Between(shop, broker), Rule::Repeat { probability: 1.0 })),
        (
            "repeat",
            "between = [\"b1\", \"p\"]\nprobability = 0.25",
            wire(Links::Between(broker, shop), Rule::Repeat { probability: 0.25 }),
        ),
        ("disk_full", "node = \"b1\"", Fault::DiskFull { node: NodeId(1) }),
        ("wipe", "node = \"b1\"", Fault::Wipe { node: NodeId(1) }),
    ];
    for (kind, keys, fault) in cases {
        let found = plan(&format!("{BASE}[[faults]]\nat = \"1s\"\nkind = \"{kind}\"\n{keys}\n")).faults.pop().unwrap();
        assert_eq!((found.fault.kind(), found.lasts, &found.fault), (kind, None, &fault));
    }
}

#[test]
fn every_setting_that_can_change_is_read_as_its_section_would() {
    let cases = [
        ("p", "interval", "{ exp = \"1s\" }", Setting::Interval(Distribution::Exponential(secs(1)))),
        ("c-1", "service_time", "\"5ms\"", Setting::ServiceTime(constant(Span::from_millis(5)))),
        ("db", "service_time", "\"5ms\"", Setting::ServiceTime(constant(Span::from_millis(5)))),
        ("c-1", "threads", "3", Setting::Threads(3)),
        ("c-1", "failure_rate", "0.5", Setting::FailureRate(0.5)),
        ("b1", "store_time", "\"1s\"", Setting::StoreTime(constant(secs(1)))),
        ("b1", "store_limit", "0", Setting::StoreLimit(0)),
        ("db", "queue_limit", "7", Setting::QueueLimit(7)),
    ];
    for (node, set, to, setting) in cases {
        let text = format!("{BASE}[[changes]]\nat = \"1s\"\nnode = \"{node}\"\nset = \"{set}\"\nto = {to}\n");
        let change = plan(&text).changes.pop().unwrap();
        assert_eq!((change.setting, change.setting.key()), (setting, set));
        assert_eq!(setting.value(), to.trim_matches('"'));
    }
}

#[test]
fn an_expectation_has_its_selector_span_and_bound() {
    let expectation = |text: &str| plan(&format!("{BASE}[[expect]]\n{text}\n")).expectations.pop().unwrap();
    let selectors = [
        ("metric = \"sent\"\nproducer = \"p\"", Selector::Producer(NodeId(3))),
        ("metric = \"sent\"\ntopic = \"t\"", Selector::Topic(TopicId(0))),
        ("metric = \"depth\"\nqueue = \"t/b1/1\"", Selector::Queue(QueueId(1))),
        ("metric = \"utilization\"\nservice = \"db\"", Selector::Service(NodeId(2))),
        ("metric = \"utilization\"\nconsumer = \"c-2\"", Selector::Consumer(NodeId(5))),
        ("metric = \"epoch\"\nbroker_set = \"b1\"", Selector::Set(SetId(0))),
        ("metric = \"done\"\ngroup = \"g\"", Selector::Group(GroupId(0))),
        ("metric = \"done\"", Selector::Any),
    ];
    for (text, of) in selectors {
        assert_eq!(expectation(&format!("{text}\nat_least = 1.5")).figure.of, of, "{text}");
    }
    let other = "{ metric = \"response_p50\", producer = \"p\", to = \"9s\", times = 0.1 }";
    let found = expectation(&format!("metric = \"latency_p99\"\nfrom = \"1s\"\nto = \"30s\"\nat_most = {other}"));
    let span = (found.figure.from, found.figure.to);
    assert_eq!((span, found.line), ((Time::ZERO + secs(1), Some(Time::ZERO + secs(30))), 49));
    let figure = Figure {
        metric: "response_p50",
        of: Selector::Producer(NodeId(3)),
        from: Time::ZERO,
        to: Some(Time::ZERO + secs(9)),
    };
    assert_eq!((found.comparison, found.bound), (Comparison::AtMost, Bound::Figure(figure, 0.1)));
}

#[test]
fn the_template_and_a_file_of_calls_only_are_read() {
    assert_eq!(plan(TEMPLATE).expectations.len(), 2);
    let calls = "title = \"calls\"\nduration = \"1s\"\n[[services]]\nname = \"db\"\n[[producers]]\nname = \"p\"\ncalls = \"db\"\ninterval = \"1ms\"";
    assert_eq!(plan(calls).sets.len(), 0);
}

#[test]
fn a_plan_bears_the_stem_of_its_file() {
    for (path, stem) in
        [("a.toml", "a"), ("x/y.z/01-first.toml", "01-first"), ("c:\\x\\b.toml", "b"), ("plain", "plain")]
    {
        assert_eq!(read(path, LEAST).unwrap().scenario, stem);
    }
}
