//! What is done by hand makes another run, and leaves the one that there was as it was.

use super::*;
use crate::limit;
use crate::plan::{CrashMode, Fault, NodeId};
use crate::record::{Kind, Line};
use crate::scenario;
use crate::session::Scene;

fn branches(lesson: &str) -> Branches {
    let text = scenario::lessons().iter().find(|it| it.name == lesson).expect("a lesson").text;
    Branches::new(Draft::read(lesson, text).expect("lessons are sound"), limit::EVENTS)
}

fn go(branches: &mut Branches, at: u64) {
    branches.session_mut().aim(Aim::Time(s(at)));
    arrive(branches);
}

fn arrive(branches: &mut Branches) {
    while branches.is_coming() || !branches.session().is_there() {
        branches.work(100);
    }
}

fn act(branches: &mut Branches, act: &Act) {
    branches.act(act).unwrap_or_else(|why| panic!("{act:?}: {why:?}"));
    arrive(branches);
}

const fn s(seconds: u64) -> Time {
    Time(seconds * 1_000_000_000)
}

fn node(branches: &Branches, name: &str) -> NodeId {
    let nodes = &branches.session().plan().nodes;
    nodes.iter().position(|node| node.name == name).unwrap_or_else(|| panic!("there is no {name}")).into()
}

fn crash(branches: &Branches, name: &str) -> Act {
    Act::Break { fault: Fault::Crash { node: node(branches, name), mode: CrashMode::Host }, lasts: None }
}

/// All that happens in a run, as its trace tells it.
fn trace(draft: &Draft) -> Vec<(Time, String)> {
    let mut records = Vec::new();
    let mut world = crate::world::World::new(std::sync::Arc::clone(draft.plan()), draft.plan().seed);
    assert_eq!(world.run(u64::MAX, &mut records), Ok(true));
    let line = |record| serde_json::to_string(&Line { record, plan: draft.plan() }).expect("a record is JSON");
    records.iter().map(|record| (record.at, line(record))).collect()
}

fn fingerprint(branches: &mut Branches) -> String {
    while !branches.work(10_000) {}
    branches.session().report().expect("the run is over").fingerprint
}

#[test]
fn an_act_shows_at_once_and_at_a_time_at_which_nothing_had_happened() {
    let mut branches = branches("12-failover");
    go(&mut branches, 3);
    let crash = crash(&branches, "broker1");
    act(&mut branches, &crash);
    assert_eq!(branches.session().scene().at(), s(3) + Span(1));
    let last = branches.session().scene().recent().next_back().expect("something has happened");
    assert!(matches!(last.record.kind, Kind::Crashed { .. }), "{last:?}");
    assert_eq!((branches.here(), branches.branch().fork()), (1, Some(Fork { from: 0, at: s(3) + Span(1) })));
}

#[test]
fn an_act_in_the_past_begins_a_branch_and_both_can_be_replayed() {
    let mut branches = branches("12-failover");
    let file = branches.branch().draft().clone();
    go(&mut branches, 6);
    let pause =
        |branches: &Branches, name| Act::Break { fault: Fault::Pause { node: node(branches, name) }, lasts: None };
    let first = crash(&branches, "broker1");
    act(&mut branches, &first);
    let one = branches.branch().draft().clone();
    branches.go_to(0);
    arrive(&mut branches);
    assert_eq!(branches.session().scene().at(), s(6), "where one was");
    let second = pause(&branches, "shop");
    act(&mut branches, &second);
    let other = branches.branch().draft().clone();
    assert_eq!((branches.here(), branches.all().len()), (2, 3));
    let (file, one, other) = (trace(&file), trace(&one), trace(&other));
    let has = |trace: &[(Time, String)], words: &str| trace.iter().any(|(_, line)| line.contains(words));
    let hand = s(6) + Span(1);
    let at_hand = |trace: &[(Time, String)]| trace.iter().filter(|(at, _)| *at == hand).cloned().collect::<Vec<_>>();
    assert!(has(&at_hand(&one), "crashed") && !has(&one, "paused"));
    assert!(has(&at_hand(&other), "paused") && !has(&at_hand(&other), "crashed"));
    let before = |trace: &[(Time, String)]| trace.iter().take_while(|(at, _)| *at < hand).cloned().collect::<Vec<_>>();
    assert_eq!(before(&one), before(&file), "until then nothing differs");
    assert_eq!(before(&other), before(&file));
}

#[test]
fn an_act_where_nobody_has_been_goes_on_in_the_branch() {
    let mut branches = branches("12-failover");
    go(&mut branches, 3);
    let first = crash(&branches, "broker1");
    act(&mut branches, &first);
    go(&mut branches, 5);
    let second = crash(&branches, "shop");
    act(&mut branches, &second);
    assert_eq!((branches.here(), branches.all().len(), branches.branch().done().len()), (1, 2, 2));
    go(&mut branches, 9);
    go(&mut branches, 7);
    let third = crash(&branches, "order");
    act(&mut branches, &third);
    assert_eq!((branches.here(), branches.branch().fork().map(|fork| fork.from)), (2, Some(1)), "7 s is in the past");
    assert_eq!(branches.all()[1].done().len(), 2);
    branches.go_to(1);
    arrive(&mut branches);
    let fourth = crash(&branches, "order");
    go(&mut branches, 10);
    act(&mut branches, &fourth);
    assert_eq!(branches.here(), 3, "another branch comes from this one");
}

#[test]
fn an_act_that_cannot_be_done_changes_nothing() {
    let mut branches = branches("12-failover");
    go(&mut branches, 3);
    let before = format!("{branches:?}");
    assert_eq!(branches.act(&Act::Mend(crate::plan::FaultId(99))), Err(Refused::NotThere));
    assert!(format!("{branches:?}") == before);
}

#[test]
fn a_branch_that_has_slept_is_as_it_was() {
    let mut branches = branches("12-failover");
    go(&mut branches, 4);
    let told = |branches: &Branches| format!("{:?}", branches.session().scene());
    let first = told(&branches);
    for name in ["broker1", "shop", "order", "nameserver", "slave1"] {
        branches.go_to(0);
        arrive(&mut branches);
        let crash = crash(&branches, name);
        act(&mut branches, &crash);
    }
    assert!(branches.all[0].session.is_some() && branches.all[1].session.is_none(), "the one not visited for longest");
    branches.go_to(1);
    arrive(&mut branches);
    let again = told(&branches);
    let mut alone = Branches::new(branches.branch().draft().clone(), limit::EVENTS);
    alone.session_mut().aim(Aim::Time(s(4) + Span(1)));
    arrive(&mut alone);
    assert_eq!(again, told(&alone));
    branches.go_to(0);
    arrive(&mut branches);
    assert_eq!(told(&branches), first);
}

#[test]
fn a_saved_branch_has_the_fingerprint_of_the_run() {
    let mut branches = branches("09-two-groups");
    go(&mut branches, 5);
    let first = Act::Join(node(&branches, "product"));
    act(&mut branches, &first);
    go(&mut branches, 8);
    let second = Act::Send(node(&branches, "shop"), 20);
    act(&mut branches, &second);
    let shown = fingerprint(&mut branches);
    let saved = scenario::read("saved.toml", branches.branch().draft().text()).expect("it is sound");
    let mut scene = Scene::new(&std::sync::Arc::new(saved), 1, limit::EVENTS);
    scene.advance(Time::NEVER, u64::MAX, &mut ()).expect("no limit is passed");
    assert_eq!(format!("{:016x}", scene.observer().fingerprint()), shown);
}

#[test]
fn an_act_right_after_another_one_comes_after_it() {
    let mut branches = branches("12-failover");
    go(&mut branches, 3);
    let (first, second) = (crash(&branches, "broker1"), crash(&branches, "shop"));
    branches.act(&first).expect("it can be done");
    branches.act(&second).expect("it can be done");
    arrive(&mut branches);
    let done: Vec<&Act> = branches.branch().done().iter().map(|done| &done.act).collect();
    assert_eq!(done, [&first, &second]);
    branches.act(&crash(&branches, "order")).expect("it can be done");
    branches.go_to(0);
    assert_eq!((branches.here(), branches.all()[1].done().len()), (0, 3), "it was done before one left");
}
