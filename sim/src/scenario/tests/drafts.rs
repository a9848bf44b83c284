//! Acts become lines of a file that its author would have written so, and all else stays as it is.

use proptest::prelude::*;

use super::super::{Act, Draft, Refused, lessons};
use crate::kernel::{Distribution, Span, Time};
use crate::plan::{
    ChangeId, CrashMode, Fault, FaultId, FaultPlan, Links, NodeId, Role, Rule, SetId, Setting, WireFault,
};

const SHOP: &str = "\
# A shop.
title = \"Shop\"
duration = \"30s\"

[[brokers]]
name = \"b\" # the only one

[[topics]]
name = \"orders\"
queues = { b = 2 }

[[producers]]
name = \"shop\"
topic = \"orders\"
interval = \"100ms\"

[[groups]]
name = \"g\"
topic = \"orders\"

# Two who work.
[[consumers]]
name = \"c\" # c-1 and c-2
count = 2
group = \"g\"
service_time = \"50ms\"
joins = \"1s\"

[[expect]]
metric = \"lost\"
equals = 0
";

/// The same with lists in brackets.
const INLINE: &str = "\
title = \"Shop\"
duration = \"30s\"
brokers = [{ name = \"b\" }]
topics = [{ name = \"orders\", queues = { b = 2 } }]
producers = [{ name = \"shop\", topic = \"orders\", interval = \"100ms\", bursts = [{ at = \"2s\", count = 3 }] }]
groups = [{ name = \"g\", topic = \"orders\" }]
consumers = [{ name = \"c\", count = 2, group = \"g\" }]
faults = [{ at = \"3s\", kind = \"pause\", node = \"c-1\" }]
";

fn draft(text: &str) -> Draft {
    Draft::read("shop.toml", text).unwrap_or_else(|problems| panic!("{problems}"))
}

fn node(draft: &Draft, name: &str) -> NodeId {
    let place = draft.plan().nodes.iter().position(|node| node.name == name);
    place.unwrap_or_else(|| panic!("there is no {name}")).into()
}

fn at(seconds: u64) -> Time {
    Time::ZERO + Span::from_secs(seconds)
}

fn acted(draft: &Draft, act: &Act, when: Time) -> Draft {
    draft.with(act, when).unwrap_or_else(|why| panic!("{why:?}"))
}

/// The lines that a draft has more than another one, and those that it has less.
fn difference(before: &Draft, after: &Draft) -> (Vec<String>, Vec<String>) {
    let missing = |from: &str, of: &str| {
        let mut left: Vec<&str> = from.lines().collect();
        let mut missing = Vec::new();
        for line in of.lines().filter(|line| !line.is_empty()) {
            match left.iter().position(|other| *other == line) {
                Some(place) => _ = left.remove(place),
                None => missing.push(line.to_owned()),
            }
        }
        missing
    };
    (missing(before.text(), after.text()), missing(after.text(), before.text()))
}

const NOTHING: [String; 0] = [];

#[test]
fn a_break_adds_one_fault_and_changes_nothing_else() {
    let before = draft(SHOP);
    let fault = Fault::Crash { node: node(&before, "b"), mode: CrashMode::Host };
    let after = acted(&before, &Act::Break { fault, lasts: Some(Span::from_secs(3)) }, Time(5_000_000_001));
    let lines = ["[[faults]]", "at = \"5.000000001s\"", "for = \"3s\"", "kind = \"crash\"", "node = \"b\""];
    assert_eq!(difference(&before, &after), (lines.map(str::to_owned).to_vec(), NOTHING.to_vec()));
    assert_eq!(after.text().split("\n\n").last(), Some(lines.join("\n") + "\n").as_deref(), "a paragraph at the end");
}

#[test]
fn a_fault_that_is_over_gets_its_length() {
    let before = draft(INLINE);
    let after = acted(&before, &Act::Mend(FaultId(0)), at(8));
    assert_eq!(after.plan().faults[FaultId(0)].lasts, Some(Span::from_secs(5)));
    let once_more = acted(&after, &Act::Mend(FaultId(0)), at(4));
    assert_eq!(once_more.plan().faults[FaultId(0)].lasts, Some(Span::from_secs(1)), "sooner than it was to be");
    assert_eq!(once_more.with(&Act::Mend(FaultId(0)), at(4)).err(), Some(Refused::NotThere), "it is over by then");
    assert_eq!(before.with(&Act::Mend(FaultId(1)), at(8)).err(), Some(Refused::NotThere));
}

#[test]
fn one_of_several_leaves_and_the_others_keep_their_names_and_words() {
    let before = draft(SHOP);
    let after = acted(&before, &Act::Leave(node(&before, "c-2")), at(9));
    let nodes = |draft: &Draft| draft.plan().nodes.iter().map(|node| node.name.clone()).collect::<Vec<_>>();
    assert_eq!(nodes(&after), nodes(&before));
    let leaves = |name: &str| after.plan().consumer(node(&after, name)).and_then(|consumer| consumer.leaves);
    assert_eq!((leaves("c-1"), leaves("c-2")), (None, Some(at(9))));
    let (more, less) = difference(&before, &after);
    let own = ["group = \"g\"", "service_time = \"50ms\"", "joins = \"1s\"", "leaves = \"9s\""].map(str::to_owned);
    let names = ["name = \"c-1\" # c-1 and c-2", "[[consumers]]", "name = \"c-2\" # c-1 and c-2"].map(str::to_owned);
    assert_eq!(more, [&names[..], &own[..]].concat());
    assert_eq!(less, ["name = \"c\" # c-1 and c-2", "count = 2"].map(str::to_owned));
    assert!(after.text().contains("# Two who work.\n[[consumers]]\nname = \"c-1\""), "{}", after.text());
    let both = acted(&after, &Act::Leave(node(&after, "c-1")), at(10));
    assert_eq!(difference(&after, &both).0, ["leaves = \"10s\""].map(str::to_owned));
}

#[test]
fn one_more_consumer_is_like_the_others_but_for_its_name_and_times() {
    let before = draft(SHOP);
    let leaving = acted(&before, &Act::Leave(node(&before, "c-1")), at(4));
    let after = acted(&leaving, &Act::Join(node(&before, "c-1")), at(5));
    let lines = ["[[consumers]]", "name = \"c-3\"", "joins = \"5s\"", "group = \"g\"", "service_time = \"50ms\""];
    let (mut more, mut lines) = (difference(&leaving, &after).0, lines.map(str::to_owned).to_vec());
    more.sort();
    lines.sort();
    assert_eq!(more, lines);
    let alone = draft(&SHOP.replace("count = 2\n", ""));
    let after = acted(&alone, &Act::Join(node(&alone, "c")), at(5));
    assert_eq!(after.plan().nodes.last().map(|node| node.name.as_str()), Some("c-2"), "the second c");
}

#[test]
fn one_more_broker_set_has_as_many_slaves_and_queues() {
    let inline = INLINE.replace("brokers = [{ name = \"b\"", "brokers = [{ name = \"b\", slaves = [\"s1\"]");
    for (text, slaves) in [(SHOP, 0), (&inline, 1)] {
        let before = draft(text);
        let after = acted(&before, &Act::Join(node(&before, "b")), at(5));
        let plan = after.plan();
        assert_eq!(plan.sets.len(), 2);
        let new = &plan.sets[SetId(1)];
        assert_eq!((new.name.as_str(), new.replicas.len(), new.queues.len(), new.joins), ("b-2", 1 + slaves, 2, at(5)));
        let names: Vec<&str> = new.replicas.iter().map(|node| plan.name(*node)).collect();
        assert_eq!(names, ["b-2", "s2"][..=slaves]);
        let addresses = |draft: &Draft| draft.plan().nodes.iter().map(|it| it.name.clone()).collect::<Vec<_>>();
        for name in addresses(&before) {
            let address = |draft: &Draft| draft.plan().address(node(draft, &name));
            assert_eq!(address(&after), address(&before), "{name} is where it was");
        }
        let third = acted(&after, &Act::Join(node(&after, "b-2")), at(6));
        assert_eq!(third.plan().sets[SetId(2)].name, "b-3");
    }
    let (more, less) = difference(&draft(SHOP), &acted(&draft(SHOP), &Act::Join(node(&draft(SHOP), "b")), at(5)));
    assert_eq!(more, ["[[brokers]]", "name = \"b-2\"", "joins = \"5s\"", "queues = { b = 2 , b-2 = 2 }"]);
    assert_eq!(less, ["queues = { b = 2 }"]);
}

#[test]
fn a_burst_joins_those_that_there_are() {
    for (text, bursts) in [(SHOP, vec![(7, 100)]), (INLINE, vec![(2, 3), (7, 100)])] {
        let before = draft(text);
        let after = acted(&before, &Act::Send(node(&before, "shop"), 100), at(7));
        let Role::Producer(shop) = &after.plan().nodes[node(&after, "shop")].role else { panic!("a producer") };
        let found: Vec<_> = shop.bursts.iter().map(|burst| (burst.at.0 / 1_000_000_000, burst.count)).collect();
        assert_eq!(found, bursts);
    }
}

#[test]
fn a_setting_is_a_change_in_the_words_of_the_file() {
    let before = draft(SHOP);
    let shop = node(&before, "shop");
    let mean = Setting::Interval(Distribution::Exponential(Span::from_millis(20)));
    let after = acted(&before, &Act::Set(shop, mean), at(5));
    let lines = ["[[changes]]", "at = \"5s\"", "node = \"shop\"", "set = \"interval\"", "to = { exp = \"20ms\" }"];
    assert_eq!(difference(&before, &after).0, lines.map(str::to_owned));
    let after = acted(&after, &Act::Set(node(&after, "c-1"), Setting::Threads(4)), at(6));
    assert_eq!(after.plan().changes[ChangeId(1)].setting, Setting::Threads(4));
    assert_eq!(after.plan().changes[ChangeId(1)].setting.value(), "4");
}

#[test]
fn lists_in_brackets_stay_in_brackets() {
    let before = draft(INLINE);
    let mut after = acted(&before, &Act::Leave(node(&before, "c-2")), at(9));
    after = acted(&after, &Act::Join(node(&after, "c-1")), at(10));
    after = acted(&after, &Act::Break { fault: Fault::Pause { node: node(&after, "b") }, lasts: None }, at(11));
    assert_eq!(after.text().lines().count(), before.text().lines().count(), "{}", after.text());
    assert_eq!((after.plan().faults.len(), after.plan().nodes.len()), (2, before.plan().nodes.len() + 1));
}

#[test]
fn an_act_that_makes_the_scenario_unsound_is_refused_with_the_reason() {
    let before = draft(SHOP);
    let pause = Act::Break { fault: Fault::Pause { node: node(&before, "b") }, lasts: None };
    let Err(Refused::Unsound(problems)) = before.with(&pause, at(30)) else { panic!("producers have stopped") };
    assert!(problems.to_string().contains("expected a time before 30s"), "{problems}");
    for act in [Act::Leave(node(&before, "shop")), Act::Join(node(&before, "shop")), Act::Send(node(&before, "c-1"), 3)]
    {
        assert_eq!(before.with(&act, at(3)).err(), Some(Refused::NotThere), "{act:?}");
    }
}

/// Any act on nodes and faults of a draft, with those that do not fit among them.
fn any_act(draft: &Draft) -> impl Strategy<Value = Act> + use<> {
    let nodes = draft.plan().nodes.len();
    let node = (0..nodes).prop_map(NodeId::from);
    let span = (1..10_000_000_000_u64).prop_map(Span);
    let two =
        (0..nodes, 1..nodes.max(2)).prop_map(move |(one, by)| (NodeId::from(one), NodeId::from((one + by) % nodes)));
    let fault =
        (node.clone(), two, 0..9_u8, 0.1..9.0, span.clone()).prop_map(|(node, (one, other), kind, number, span)| {
            match kind {
                0 => Fault::Crash { node, mode: CrashMode::Host },
                1 => Fault::Crash { node, mode: CrashMode::Process },
                2 => Fault::Pause { node },
                3 => Fault::Slow { node, factor: number },
                4 => {
                    let links = Links::Sides { sides: (vec![one], vec![other]), one_way: number > 4.0 };
                    Fault::Wire(WireFault { links, rule: Rule::Cut })
                }
                5 | 6 => {
                    let change =
                        Rule::Change { latency: Some(Distribution::Exponential(span)), loss: Some(number / 10.0) };
                    let rule = if kind == 5 { change } else { Rule::Repeat { probability: number / 10.0 } };
                    Fault::Wire(WireFault { links: Links::Between(one, other), rule })
                }
                7 => Fault::DiskFull { node },
                _ => Fault::Wipe { node },
            }
        });
    prop_oneof![
        4 => (fault, proptest::option::of(span)).prop_map(|(fault, lasts)| Act::Break { fault, lasts }),
        1 => (0..4_usize).prop_map(|fault| Act::Mend(fault.into())),
        1 => (node.clone(), 1..9_u32).prop_map(|(node, threads)| Act::Set(node, Setting::Threads(threads))),
        1 => node.clone().prop_map(Act::Join),
        1 => node.clone().prop_map(Act::Leave),
        1 => (node, 1..50_u32).prop_map(|(node, count)| Act::Send(node, count)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever is done to a lesson: either it is refused, or the plan differs in what was done.
    #[test]
    fn an_act_is_what_the_plan_has_more(
        (lesson, act) in (0..lessons().len()).prop_flat_map(|lesson| {
            let lesson = lessons()[lesson];
            let draft = Draft::read(lesson.name, lesson.text).expect("lessons are sound");
            let act = any_act(&draft);
            (Just(draft), act)
        }),
        when in 1..20_000_000_000_u64,
    ) {
        let when = Time(when);
        let Ok(after) = lesson.with(&act, when) else { return Ok(()) };
        let (before, plan) = (lesson.plan(), after.plan());
        match act {
            Act::Break { fault, lasts } => {
                let (last, others) = plan.faults.split_last().expect("one more");
                prop_assert_eq!(others, &before.faults);
                prop_assert_eq!(last, &FaultPlan { at: when, lasts, fault });
            }
            Act::Mend(number) => {
                prop_assert_eq!(plan.faults[number].lasts, Some(when.since(before.faults[number].at)));
            }
            Act::Set(node, setting) => {
                let last = plan.changes.last().expect("one more");
                prop_assert_eq!((last.at, last.node, last.setting), (when, node, setting));
            }
            Act::Join(like) if before.broker_set(like).is_some() => {
                let (last, others) = plan.sets.split_last().expect("one more");
                let old = &before.sets[before.broker_set(like).expect("a broker")];
                prop_assert_eq!(others.len(), before.sets.len());
                prop_assert_eq!((last.replicas.len(), last.queues.len()), (old.replicas.len(), old.queues.len()));
                prop_assert_eq!((last.replication, last.store_time, last.joins), (old.replication, old.store_time, when));
                for node in &before.nodes {
                    prop_assert!(plan.nodes.iter().any(|other| other.name == node.name));
                }
                return Ok(());
            }
            Act::Join(like) => {
                prop_assert_eq!(plan.nodes.len(), before.nodes.len() + 1);
                let (old, new) = (before.consumer(like).expect("a consumer"), plan.nodes.last().expect("one"));
                let Role::Consumer(new) = &new.role else { panic!("a consumer") };
                prop_assert_eq!((new.group, new.threads, new.service_time), (old.group, old.threads, old.service_time));
                prop_assert_eq!((new.joins, new.leaves), (when, None));
            }
            Act::Leave(consumer) => {
                prop_assert_eq!(plan.consumer(consumer).expect("a consumer").leaves, Some(when));
            }
            Act::Send(producer, count) => {
                let Role::Producer(sends) = &plan.nodes[producer].role else { panic!("a producer") };
                let last = sends.bursts.last().expect("one more");
                prop_assert_eq!((last.at, last.count), (when, count));
            }
        }
        // What is done is the only change of what was there.
        for (old, new) in before.nodes.iter().zip(&plan.nodes) {
            prop_assert_eq!(&old.name, &new.name);
        }
        prop_assert_eq!(&before.queues.len(), &plan.queues.len());
        prop_assert_eq!(before.expectations.len(), plan.expectations.len());
        for (old, new) in before.expectations.iter().zip(&plan.expectations) {
            prop_assert_eq!((&old.figure, &old.bound), (&new.figure, &new.bound));
        }
    }
}
