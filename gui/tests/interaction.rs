//! Acts on a run: something is broken in a lesson, by mouse alone and by keys alone; the branch is saved, gives the same
//! records when it is run alone, and is opened again.

mod harness;

use egui::{Key, Modifiers, vec2};
use egui_kittest::kittest::Queryable as _;
use queuescope::inspect::{Node::Broker, World};
use queuescope::kernel::Time;
use queuescope::limit::EVENTS;
use queuescope::plan::{NodeId, Offset};
use queuescope::record::{Kind, Record};
use queuescope::run;
use queuescope::scenario::{Draft, lessons};
use queuescope::session::{Aim, Branches};
use queuescope::words::Language;
use queuescope_gui::app::{App, FileRequest};
use queuescope_gui::model::offer::{self, Offers};
use queuescope_gui::model::selection::Selected;
use queuescope_gui::text::Word;
use queuescope_gui::theme::Mode;

use self::harness::Window;

fn window(draft: Draft, language: Language) -> Window {
    harness::window(App::with_scenario(draft, language, Mode::Light))
}

fn lesson(name: &str) -> Draft {
    let lesson = lessons().iter().find(|it| it.name == name).expect("there is such a lesson");
    Draft::read(lesson.name, lesson.text).expect("lessons are sound")
}

fn press(harness: &mut Window, key: Key) {
    harness.key_press(key);
    harness.run_steps(3);
}

fn press_with(harness: &mut Window, with: Modifiers, key: Key) {
    harness.key_press_modifiers(with, key);
    harness.run_steps(3);
}

fn types(harness: &mut Window, text: &str) {
    harness.event(egui::Event::Text(text.to_owned()));
    harness.run_steps(3);
}

fn right_click(harness: &mut Window, at: egui::Pos2) {
    harness.hover_at(at);
    for pressed in [true, false] {
        let button = egui::PointerButton::Secondary;
        harness.event(egui::Event::PointerButton { pos: at, button, pressed, modifiers: Modifiers::NONE });
        harness.run_steps(3);
    }
}

/// Runs frames until the new branch is shown, and its run is known to the end.
fn settle(harness: &mut Window) {
    for _ in 0..2_000 {
        harness.run_steps(1);
        if !harness.state().branches().is_switching() && harness.state().session().is_known() {
            return harness.run_steps(2);
        }
    }
    panic!("the run does not come to its end");
}

fn node(harness: &Window, name: &str) -> NodeId {
    let nodes = &harness.state().session().plan().nodes;
    nodes.iter().position(|node| node.name == name).unwrap_or_else(|| panic!("there is no {name}")).into()
}

/// Lesson 12 at 3 s, with the menu of a node.
fn with_menu_of(name: &str) -> Window {
    let mut harness = window(lesson("12-failover"), Language::English);
    harness.state_mut().go_to(s(3));
    let node = node(&harness, name);
    harness.state_mut().select(Some(Selected::Node(node)));
    press(&mut harness, Key::X);
    harness
}

/// The kinds of record of the last events.
fn last_kinds(harness: &Window) -> Vec<&'static str> {
    harness.state().session().scene().recent().map(|told| told.record.kind.name()).collect()
}

const fn s(seconds: u64) -> Time {
    Time(seconds * 1_000_000_000)
}

/// The path and the text that the application requests to save.
fn saved(harness: &mut Window) -> (String, String) {
    let [FileRequest::Save { path, text, .. }] =
        <[FileRequest; 1]>::try_from(harness.state_mut().take_requests()).expect("one wish");
    harness.state_mut().saved(Ok(path.clone()));
    harness.run_steps(2);
    (path, text)
}

/// The text gives what the window shows when it is run alone, and can be opened again.
fn is_repeated(harness: &Window, name: &str, text: &str) {
    let draft = Draft::read(name, text).unwrap_or_else(|problems| panic!("{problems}"));
    let report = run::run(draft.plan().clone(), draft.plan().seed).expect("no limit is passed");
    let shown = harness.state().session().report().expect("it has run to its end");
    assert_eq!(report.fingerprint, shown.fingerprint);
    let mut again = window(draft, Language::English);
    settle(&mut again);
    assert_eq!(again.state().session().report().expect("it has run to its end").fingerprint, shown.fingerprint);
}

#[test]
fn a_failover_is_made_by_keys_alone_saved_and_opened_again() {
    for language in Language::ALL {
        let mut harness = window(lesson("12-failover"), language);
        harness.state_mut().go_to(s(3));
        press_with(&mut harness, Modifiers::COMMAND, Key::K);
        types(&mut harness, &format!("broker1: {}", Word::DoCrash.text(language)));
        press(&mut harness, Key::Enter);
        settle(&mut harness);
        assert!(last_kinds(&harness).ends_with(&["crashed"]), "{:?}", last_kinds(&harness));
        assert_eq!(harness.state().session().scene().at(), Time(s(3).0 + 1));
        press_with(&mut harness, Modifiers::COMMAND, Key::S);
        press(&mut harness, Key::Enter);
        let (path, text) = saved(&mut harness);
        assert_eq!(path, "12-failover-by-hand.toml");
        is_repeated(&harness, &path, &text);
        press(&mut harness, Key::OpenBracket);
        assert_eq!((harness.state().branches().shown(), harness.state().session().scene().at()), (0, s(3)));
        press(&mut harness, Key::CloseBracket);
        assert_eq!(harness.state().branches().shown(), 1);
    }
}

#[test]
fn a_failover_is_made_by_mouse_alone() {
    let mut harness = window(lesson("12-failover"), Language::English);
    harness.state_mut().go_to(s(3));
    harness.run_steps(3);
    harness.get_by_label("broker1").click_secondary();
    harness.run_steps(4);
    assert_eq!(harness.state().selected(), Some(Selected::Node(node(&harness, "broker1"))));
    harness.get_by_label(Word::DoCrash.text(Language::English)).click();
    harness.run_steps(2);
    settle(&mut harness);
    assert!(last_kinds(&harness).ends_with(&["crashed"]), "{:?}", last_kinds(&harness));
    assert_eq!(harness.state().branches().all().len(), 2);
    // The timeline has a line for each branch.
    harness.get_by_label(Word::TheFile.text(Language::English)).click();
    harness.run_steps(3);
    assert_eq!(harness.state().branches().shown(), 0);
    harness.get_by_label("broker1: Crash the host").click();
    harness.run_steps(3);
    assert_eq!(harness.state().branches().shown(), 1);
    assert!(last_kinds(&harness).ends_with(&["crashed"]), "where one was");
}

#[test]
fn the_menu_is_used_by_keys_and_says_why_something_cannot_be_done() {
    let mut harness = with_menu_of("shop");
    // The first entry has the focus.
    press(&mut harness, Key::Enter);
    settle(&mut harness);
    assert!(last_kinds(&harness).ends_with(&["crashed"]), "{:?}", last_kinds(&harness));
    press(&mut harness, Key::X);
    assert!(harness.query_by_label("Crash the host").is_none(), "it cannot be done now");
    harness.get_by_label("Crash the host  (it is down)");
    harness.get_by_label("Send one message  (it is down)");
    harness.get_by_label("Bring it back").click();
    harness.run_steps(2);
    settle(&mut harness);
    let kinds = last_kinds(&harness);
    assert!(kinds.contains(&"restarted"), "{kinds:?}");
    assert_eq!(harness.state().branches().all().len(), 2, "nobody had been further");
    press(&mut harness, Key::X);
    press(&mut harness, Key::Escape);
    assert!(harness.query_by_label("Bring it back").is_none(), "closed");
    assert!(harness.state().selected().is_some(), "and nothing else");
}

/// Cuts the link between shop and broker1 from its menu: the file says so.
fn cut_the_link_of_shop(harness: &mut Window) {
    harness.get_by_label("Cut the link").click();
    harness.run_steps(2);
    settle(harness);
    let text = harness.state().branches().branch().draft().text().to_owned();
    assert!(text.contains("sides = [[\"shop\"], [\"broker1\"]]"), "{text}");
}

#[test]
fn a_link_is_cut_from_the_menu_of_a_node() {
    let mut harness = with_menu_of("shop");
    harness.get_by_label("Its link to broker1 ›").click();
    harness.run_steps(3);
    cut_the_link_of_shop(&mut harness);
}

#[test]
fn a_right_click_beside_all_cards_opens_the_menu_of_the_nearest_link() {
    let mut harness = window(lesson("12-failover"), Language::English);
    harness.state_mut().go_to(s(3));
    harness.run_steps(3);
    let shop = harness.get_by_label("shop").rect();
    // Just beside the card, where its only link leaves horizontally.
    right_click(&mut harness, shop.right_center() + vec2(6.0, 0.0));
    cut_the_link_of_shop(&mut harness);
}

#[test]
fn a_fault_lasts_as_long_as_was_chosen_in_the_menu() {
    let mut harness = with_menu_of("shop");
    harness.get_by_label("10 s").click();
    harness.run_steps(3);
    harness.get_by_label("Crash the host").click();
    harness.run_steps(2);
    settle(&mut harness);
    let faults = &harness.state().session().plan().faults;
    assert_eq!(faults.last().map(|fault| fault.lasts), Some(Some(queuescope::kernel::Span::from_secs(10))));
}

#[test]
fn a_broker_set_that_joins_takes_its_share_and_is_not_in_the_branch_before() {
    let mut harness = window(lesson("12-failover"), Language::English);
    harness.state_mut().go_to(s(3));
    let reader = node(&harness, "order");
    harness.state_mut().select(Some(Selected::Node(reader)));
    let broker = node(&harness, "broker1");
    let act = Offers::at(harness.state().session(), harness.state().branches().act_time());
    let act = act.of(broker).into_iter().flatten().find(|offer| offer.word == Word::DoJoinSet).expect("it is offered");
    harness.state_mut().act_on_run(&act.act.expect("it can be done")).expect("it is sound");
    settle(&mut harness);
    let set = harness.state().session().plan().sets.last().expect("one more").clone();
    assert_eq!((set.name.as_str(), set.joins), ("broker2", Time(s(3).0 + 1)));
    assert_eq!(harness.state().selected(), Some(Selected::Node(node(&harness, "order"))), "under its new number");
    assert_ne!(harness.state().selected(), Some(Selected::Node(reader)));
    harness.state_mut().go_to(s(8));
    harness.run_steps(3);
    let Broker(broker) = &harness.state().session().scene().world().nodes()[set.first_master()] else {
        panic!("a broker")
    };
    assert!(set.queues.keys().all(|slot| broker.log(slot).end() > Offset::ZERO), "messages come to it");
    press(&mut harness, Key::OpenBracket);
    assert_eq!(harness.state().selected(), Some(Selected::Node(reader)));
    assert!(harness.state().session().plan().sets.iter().all(|set| set.name != "broker2"));
}

#[test]
fn a_save_that_fails_is_reported_and_nothing_is_lost() {
    let mut harness = window(lesson("12-failover"), Language::English);
    press_with(&mut harness, Modifiers::COMMAND, Key::S);
    harness.get_by_label(Word::SaveIt.text(Language::English)).click();
    harness.run_steps(2);
    assert_eq!(harness.state_mut().take_requests().len(), 1);
    harness.state_mut().saved(Err("it exists already".to_owned()));
    harness.run_steps(2);
    harness.get_by_label("it exists already");
    types(&mut harness, "2");
    press(&mut harness, Key::Enter);
    let (path, _) = saved(&mut harness);
    assert!(path.contains('2'), "{path}");
    assert!(harness.query_by_label(Word::SaveIt.text(Language::English)).is_none(), "the question is gone");
}

/// The last change of a setting in the text of the branch.
fn last_change(harness: &Window) -> (&'static str, String) {
    let plan = harness.state().session().plan();
    let change = plan.changes.last().expect("something was turned");
    (change.setting.key(), change.setting.value())
}

#[test]
fn a_slider_changes_a_setting_from_now_on_when_it_is_released() {
    let mut harness = window(lesson("12-failover"), Language::English);
    harness.state_mut().go_to(s(3));
    let shop = node(&harness, "shop");
    harness.state_mut().select(Some(Selected::Node(shop)));
    harness.run_steps(3);
    assert_eq!(harness.state().branches().all().len(), 1, "to look changes nothing");
    let slider = harness.get_all_by_role(egui::accesskit::Role::Slider).last().expect("a slider").rect();
    harness.drag_at(slider.left_center() + vec2(10.0, 0.0));
    harness.run_steps(2);
    harness.hover_at(slider.left_center() + vec2(60.0, 0.0));
    harness.run_steps(2);
    assert_eq!(harness.state().branches().all().len(), 1, "while it is held nothing is done");
    harness.drop_at(slider.left_center() + vec2(60.0, 0.0));
    harness.run_steps(3);
    settle(&mut harness);
    let (key, to) = last_change(&harness);
    assert_eq!(key, "interval");
    let before = harness.state().session().plan().changes.len();
    harness.run_steps(10);
    assert_eq!(harness.state().session().plan().changes.len(), before, "once");
    assert!(to.ends_with('s') && to.len() <= 6, "a round figure: {to}");
    let plan = harness.state().session().plan().clone();
    assert_eq!((plan.changes.last().map(|change| change.at), plan.changes.len()), (Some(Time(s(3).0 + 1)), 1));
}

/// Everything that is offered at a moment of a lesson, for every node and link: a grey entry has a reason, and no other one
/// is refused.
#[test]
fn every_act_that_is_offered_can_be_done_and_has_an_effect() {
    for lesson in lessons() {
        let mut branches = Branches::new(Draft::read(lesson.name, lesson.text).expect("lessons are sound"), EVENTS);
        let plan = branches.session().plan().clone();
        for share in 1..=3 {
            branches.session_mut().aim(Aim::Time(Time(plan.duration.0 / 4 * share)));
            while !branches.session().is_there() {
                branches.work(EVENTS);
            }
            let next = branches.act_time();
            let offers = Offers::at(branches.session(), next);
            for node in (0..plan.nodes.len()).map(NodeId::from) {
                let links = offers.of_links(node).into_iter().flat_map(|(_, offers)| offers);
                let all = offers.of(node).into_iter().flatten().chain(links);
                for act in all.filter_map(|offer| offer.act.ok()) {
                    let said = format!("{} at {next:?}: {}", lesson.name, offer::words(&plan, &act, Language::English));
                    let draft = branches.try_out(&act).unwrap_or_else(|why| panic!("{said}: {why:?}"));
                    assert!(has_effect(&draft, next), "{said}");
                }
            }
        }
    }
}

/// Whether anything happens at a time.
fn has_effect(draft: &Draft, at: Time) -> bool {
    let mut records: Vec<Record> = Vec::new();
    let mut world = World::new(draft.plan().clone(), draft.plan().seed);
    // A consumer that leaves finishes its messages first; a message is sent at once.
    let until = Time(at.0 + 60_000_000_000);
    world.run_until(at, u64::MAX, &mut records).expect("no limit is passed");
    if records.last().is_some_and(|record| record.at == at) {
        return true;
    }
    world.run_until(until, u64::MAX, &mut records).expect("no limit is passed");
    records.iter().any(|record| matches!(record.kind, Kind::Left))
}
