//! An act by hand makes another run in a branch of its own, and does not change the run from which it branches off.

use super::*;
use crate::limit;
use crate::plan::{CrashMode, Fault, NodeId};
use crate::record::{Kind, Line};
use crate::scenario;
use crate::session::Scene;

fn branches(lesson: &str) -> Branches {
    let text = scenario::lessons().iter().find(|known| known.name == lesson).expect("a lesson").text;
    Branches::new(Draft::read(lesson, text).expect("lessons are sound"), limit::EVENTS)
}

/// Shows the run at a second, and waits until it is there.
fn go_to_second(branches: &mut Branches, at: u64) {
    branches.session_mut().aim(Aim::Time(s(at)));
    work_until_there(branches);
}

/// Works until the wanted branch is shown at the wanted moment.
fn work_until_there(branches: &mut Branches) {
    while branches.is_switching() || !branches.session().is_there() {
        branches.work(100);
    }
}

fn act(branches: &mut Branches, act: &Act) {
    branches.act(act).unwrap_or_else(|why| panic!("{act:?}: {why:?}"));
    work_until_there(branches);
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

/// The trace of a run of its own: the time of each record, and its line of JSON.
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
fn an_act_takes_effect_one_nanosecond_after_the_moment_that_is_shown() {
    let mut branches = branches("12-failover");
    go_to_second(&mut branches, 3);
    let crash = crash(&branches, "broker1");
    act(&mut branches, &crash);
    assert_eq!(branches.session().scene().at(), s(3) + Span(1));
    let last = branches.session().scene().recent().next_back().expect("something has happened");
    assert!(matches!(last.record.kind, Kind::Crashed { .. }), "{last:?}");
    assert_eq!((branches.shown(), branches.branch().fork()), (1, Some(Fork { from: 0, at: s(3) + Span(1) })));
}

#[test]
fn an_act_before_the_act_that_made_the_branch_begins_another_branch() {
    let mut branches = branches("12-failover");
    go_to_second(&mut branches, 3);
    let crash = crash(&branches, "broker1");
    branches.act(&crash).expect("it can crash");
    // The branch is left for an earlier moment as soon as it is shown.
    while branches.is_switching() {
        branches.work(u64::MAX);
    }
    go_to_second(&mut branches, 1);
    act(&mut branches, &crash);
    assert_eq!(branches.branch().fork(), Some(Fork { from: 1, at: s(1) + Span(1) }));
}

#[test]
fn acts_at_one_moment_of_the_file_make_branches_that_can_be_replayed() {
    let mut branches = branches("12-failover");
    let file = branches.branch().draft().clone();
    go_to_second(&mut branches, 6);
    let pause =
        |branches: &Branches, name| Act::Break { fault: Fault::Pause { node: node(branches, name) }, lasts: None };
    let first = crash(&branches, "broker1");
    act(&mut branches, &first);
    let one = branches.branch().draft().clone();
    branches.go_to(0);
    work_until_there(&mut branches);
    assert_eq!(branches.session().scene().at(), s(6), "where the user left the branch");
    let second = pause(&branches, "shop");
    act(&mut branches, &second);
    let other = branches.branch().draft().clone();
    assert_eq!((branches.shown(), branches.all().len()), (2, 3));
    let (file, one, other) = (trace(&file), trace(&one), trace(&other));
    let says = |trace: &[(Time, String)], words: &str| trace.iter().any(|(_, line)| line.contains(words));
    let act_time = s(6) + Span(1);
    let at_act = |trace: &[(Time, String)]| trace.iter().filter(|(at, _)| *at == act_time).cloned().collect::<Vec<_>>();
    assert!(says(&at_act(&one), "crashed") && !says(&one, "paused"));
    assert!(says(&at_act(&other), "paused") && !says(&at_act(&other), "crashed"));
    let before =
        |trace: &[(Time, String)]| trace.iter().take_while(|(at, _)| *at < act_time).cloned().collect::<Vec<_>>();
    assert_eq!(before(&one), before(&file), "until then nothing differs");
    assert_eq!(before(&other), before(&file));
}

#[test]
fn an_act_extends_a_branch_that_was_shown_no_further_and_has_no_branches() {
    let mut branches = branches("12-failover");
    go_to_second(&mut branches, 3);
    let first = crash(&branches, "broker1");
    act(&mut branches, &first);
    go_to_second(&mut branches, 5);
    let second = crash(&branches, "shop");
    act(&mut branches, &second);
    assert_eq!((branches.shown(), branches.all().len(), branches.branch().done().len()), (1, 2, 2));
    go_to_second(&mut branches, 9);
    go_to_second(&mut branches, 7);
    let third = crash(&branches, "order");
    act(&mut branches, &third);
    assert_eq!(
        (branches.shown(), branches.branch().fork().map(|fork| fork.from)),
        (2, Some(1)),
        "the branch was shown up to 9 s"
    );
    assert_eq!(branches.all()[1].done().len(), 2);
    branches.go_to(1);
    work_until_there(&mut branches);
    let fourth = crash(&branches, "order");
    go_to_second(&mut branches, 10);
    act(&mut branches, &fourth);
    assert_eq!(branches.shown(), 3, "another branch starts from this one");
}

#[test]
fn an_act_that_cannot_be_done_changes_nothing() {
    let mut branches = branches("12-failover");
    go_to_second(&mut branches, 3);
    let before = format!("{branches:?}");
    assert_eq!(branches.act(&Act::Mend(crate::plan::FaultId(99))), Err(Refused::NotThere));
    assert!(format!("{branches:?}") == before);
}

#[test]
fn a_branch_whose_session_was_dropped_is_rebuilt_as_it_was() {
    let mut branches = branches("12-failover");
    go_to_second(&mut branches, 4);
    let scene_text = |branches: &Branches| format!("{:?}", branches.session().scene());
    let first = scene_text(&branches);
    for name in ["broker1", "shop", "order", "nameserver", "slave1"] {
        branches.go_to(0);
        work_until_there(&mut branches);
        let crash = crash(&branches, name);
        act(&mut branches, &crash);
    }
    assert!(
        branches.all[0].session.is_some() && branches.all[1].session.is_none(),
        "the branch that was not shown for longest has no session"
    );
    branches.go_to(1);
    work_until_there(&mut branches);
    let again = scene_text(&branches);
    let mut alone = Branches::new(branches.branch().draft().clone(), limit::EVENTS);
    alone.session_mut().aim(Aim::Time(s(4) + Span(1)));
    work_until_there(&mut alone);
    assert_eq!(again, scene_text(&alone));
    branches.go_to(0);
    work_until_there(&mut branches);
    assert_eq!(scene_text(&branches), first);
}

#[test]
fn a_saved_branch_runs_with_the_fingerprint_that_was_shown() {
    let mut branches = branches("09-two-groups");
    go_to_second(&mut branches, 5);
    let first = Act::Join(node(&branches, "product"));
    act(&mut branches, &first);
    go_to_second(&mut branches, 8);
    let second = Act::Send(node(&branches, "shop"), 20);
    act(&mut branches, &second);
    let shown = fingerprint(&mut branches);
    let saved = scenario::read("saved.toml", branches.branch().draft().text()).expect("it is sound");
    let mut scene = Scene::new(&std::sync::Arc::new(saved), 1, limit::EVENTS);
    scene.advance(Time::NEVER, u64::MAX, &mut ()).expect("no limit is passed");
    assert_eq!(format!("{:016x}", scene.observer().fingerprint()), shown);
}

#[test]
fn two_acts_at_one_moment_are_done_in_their_order() {
    let mut branches = branches("12-failover");
    go_to_second(&mut branches, 3);
    let (first, second) = (crash(&branches, "broker1"), crash(&branches, "shop"));
    branches.act(&first).expect("it can be done");
    branches.act(&second).expect("it can be done");
    work_until_there(&mut branches);
    let done: Vec<&Act> = branches.branch().done().iter().map(|done| &done.act).collect();
    assert_eq!(done, [&first, &second]);
    branches.act(&crash(&branches, "order")).expect("it can be done");
    branches.go_to(0);
    assert_eq!(
        (branches.shown(), branches.all()[1].done().len()),
        (0, 3),
        "the act was done before the branch was left"
    );
}
