//! The scenario editor: a scenario is edited as text and by form, run as soon as it is sound, saved, and read again when
//! its file has changed on disk.

mod editor;
mod harness;

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use queuescope::kernel::Time;
use queuescope::plan::Plan;
use queuescope::scenario::{Draft, TEMPLATE, lessons};
use queuescope::words::Language;
use queuescope_gui::app::{App, FileRequest};
use queuescope_gui::command::Tab;
use queuescope_gui::model::selection::Selected;
use queuescope_gui::text::Word;
use queuescope_gui::theme::Mode;

use self::editor::editor_with_file;
use self::harness::{Window, window};

/// The editor with a new cluster.
fn new_cluster(language: Language) -> Window {
    let mut harness = window(App::with_lessons(language, Mode::Light));
    press(&mut harness, Modifiers::COMMAND, Key::N);
    harness
}

fn press(harness: &mut Window, with: Modifiers, key: Key) {
    harness.key_press_modifiers(with, key);
    harness.run_steps(4);
}

fn click(harness: &mut Window, label: &str) {
    harness.get_by_label(label).click();
    harness.run_steps(4);
}

/// Types at the beginning of the text, or where the cursor was last.
fn types(harness: &mut Window, text: &str) {
    // The text stands left of all fields of the form.
    let fields = harness.get_all_by_role(Role::MultilineTextInput);
    let first = fields.min_by(|a, b| a.rect().left().total_cmp(&b.rect().left()));
    first.expect("the text is there").focus();
    harness.run_steps(2);
    harness.event(Event::Text(text.to_owned()));
    harness.run_steps(4);
}

fn written(harness: &Window) -> String {
    harness.state().edited_text().expect("a text is in the editor").to_owned()
}

fn plan(harness: &Window) -> Plan {
    (**harness.state().session().plan()).clone()
}

fn names(harness: &Window) -> Vec<String> {
    plan(harness).nodes.into_iter().map(|node| node.name).collect()
}

fn right_click(harness: &mut Window, at: egui::Pos2) {
    harness.hover_at(at);
    for pressed in [true, false] {
        let button = egui::PointerButton::Secondary;
        harness.event(Event::PointerButton { pos: at, button, pressed, modifiers: Modifiers::NONE });
        harness.run_steps(3);
    }
}

#[test]
fn an_edited_text_runs_as_soon_as_it_is_sound_and_its_problems_are_located_while_it_is_not() {
    for language in Language::ALL {
        let mut harness = new_cluster(language);
        assert_eq!(written(&harness), TEMPLATE);
        harness.get_by_label(Word::NothingWrong.text(language));
        let before = plan(&harness);
        types(&mut harness, "settl = \"1s\"\n");
        let wrong = harness.state().problems();
        assert!(matches!(&wrong[..], [(1, 1, message), ..] if message.contains("settl")), "{wrong:?}");
        assert_eq!(plan(&harness), before, "what was sound stays on the stage");
        for _ in 0.."settl = \"1s\"\n".len() {
            press(&mut harness, Modifiers::NONE, Key::Backspace);
        }
        assert_eq!((written(&harness), harness.state().problems()), (TEMPLATE.to_owned(), Vec::new()));
        types(&mut harness, "seed = 7\n");
        assert_eq!((plan(&harness).seed, harness.state().problems()), (7, Vec::new()));
    }
}

#[test]
fn a_click_on_a_problem_goes_to_its_place() {
    let mut harness = editor_with_file(Language::English);
    let mut text = TEMPLATE.replace("equals = 0", "equals = \"many\"");
    harness.state_mut().file_changed(&text);
    harness.run_steps(4);
    let (line, column, message) = harness.state().problems().remove(0);
    let label = format!("{line}:{column}  {message}");
    let row = harness
        .get_all_by_role(Role::Button)
        .find(|node| node.accesskit_node().label().is_some_and(|of| of.starts_with(&label)));
    row.expect("it is listed").click();
    harness.run_steps(4);
    harness.event(Event::Text("0 #".to_owned()));
    harness.run_steps(4);
    text = text.replace("equals = \"many\"", "equals = 0 #\"many\"");
    assert_eq!((written(&harness), harness.state().problems()), (text, Vec::new()));
}

#[test]
fn nodes_are_added_and_removed_by_form_and_on_the_stage() {
    let mut harness = new_cluster(Language::English);
    assert_eq!(harness.state().tab(), Tab::Form);
    let before = names(&harness);
    click(&mut harness, "+ Broker set");
    assert!(names(&harness).contains(&"broker".to_owned()) && written(&harness).contains("name = \"broker\""));
    // By the menu on the stage.
    harness.get_by_label("broker").click_secondary();
    harness.run_steps(4);
    click(&mut harness, Word::TakeOutOfFile.text(Language::English));
    assert_eq!((names(&harness), written(&harness)), (before, TEMPLATE.to_owned()));
    let stage = harness.get_by_role(Role::Canvas).rect();
    right_click(&mut harness, stage.center_bottom() - vec2(0.0, 4.0));
    // The menu on the stage comes after the buttons of the form.
    let consumer = harness.get_all_by_label("+ Consumer").last().expect("it is offered");
    consumer.click();
    harness.run_steps(4);
    assert!(names(&harness).contains(&"consumer".to_owned()));
}

#[test]
fn a_key_is_set_by_form_and_removed_when_its_field_is_emptied() {
    let mut harness = editor_with_file(Language::English);
    let shop = plan(&harness).nodes.iter().position(|node| node.name == "shop").expect("there is a shop");
    harness.state_mut().select(Some(Selected::Node(shop.into())));
    harness.run_steps(4);
    for (text, line) in [("5", Some("keys = 5")), ("", None)] {
        harness.get_by_role_and_label(Role::TextInput, "keys").focus();
        harness.run_steps(2);
        press(&mut harness, Modifiers::COMMAND, Key::A);
        press(&mut harness, Modifiers::NONE, Key::Delete);
        harness.event(Event::Text(text.to_owned()));
        harness.run_steps(2);
        press(&mut harness, Modifiers::NONE, Key::Enter);
        let found = written(&harness).lines().find(|line| line.starts_with("keys")).map(str::to_owned);
        assert_eq!(found.as_deref(), line);
    }
    assert_eq!(written(&harness), TEMPLATE);
}

#[test]
fn an_edit_keeps_the_present_moment_and_an_act_becomes_a_line_of_the_text() {
    let mut harness = editor_with_file(Language::English);
    harness.state_mut().go_to(Time(3_000_000_000));
    types(&mut harness, "seed = 7\n");
    harness.run_steps(20);
    assert_eq!(harness.state().session().scene().at(), Time(3_000_000_000));
    let broker = plan(&harness).nodes.iter().position(|node| node.name == "broker-1").expect("there is a broker");
    let fault = queuescope::plan::Fault::Pause { node: broker.into() };
    harness.state_mut().act_on_run(&queuescope::scenario::Act::Break { fault, lasts: None }).expect("it can be");
    harness.run_steps(40);
    assert!(written(&harness).contains("kind = \"pause\""), "{}", written(&harness));
    // Nothing can be done to the run of a text that is not sound.
    types(&mut harness, "x");
    let act = queuescope::scenario::Act::Mend(queuescope::plan::FaultId(0));
    assert!(harness.state_mut().act_on_run(&act).is_err());
    harness.run_steps(2);
    harness.get_by_label(Word::MendFirst.text(Language::English));
}

#[test]
fn a_file_is_saved_where_it_came_from_and_a_new_cluster_asks_for_a_name() {
    let mut harness = editor_with_file(Language::English);
    types(&mut harness, "seed = 7\n");
    press(&mut harness, Modifiers::COMMAND, Key::S);
    let (path, text) = ("mine.toml".to_owned(), written(&harness));
    let request = FileRequest::Save { path, text: text.clone(), instead_of: Some(TEMPLATE.to_owned()) };
    assert_eq!(harness.state_mut().take_requests(), [request]);
    harness.state_mut().saved(Ok("mine.toml".to_owned()));
    types(&mut harness, "# mine\n");
    press(&mut harness, Modifiers::COMMAND, Key::S);
    let [FileRequest::Save { instead_of, .. }] = &harness.state_mut().take_requests()[..] else { panic!("one wish") };
    assert_eq!(instead_of.as_ref(), Some(&text), "what was saved last");
    // A new cluster has no file yet.
    let mut harness = new_cluster(Language::English);
    types(&mut harness, "seed = 7\n");
    press(&mut harness, Modifiers::COMMAND, Key::S);
    assert_eq!(harness.state_mut().take_requests(), []);
    press(&mut harness, Modifiers::NONE, Key::Enter);
    let [FileRequest::Save { path, instead_of: None, .. }] = &harness.state_mut().take_requests()[..] else {
        panic!("one wish")
    };
    assert_eq!(path, "new-cluster.toml");
}

#[test]
fn a_file_that_changes_on_disk_is_read_again_unless_something_is_unsaved() {
    let mut harness = editor_with_file(Language::English);
    let with_seed = |seed: u32| format!("seed = {seed}\n{TEMPLATE}");
    harness.state_mut().file_changed(&with_seed(3));
    harness.run_steps(4);
    assert_eq!((written(&harness), plan(&harness).seed), (with_seed(3), 3));
    types(&mut harness, "# mine\n");
    harness.state_mut().file_changed(&with_seed(4));
    harness.run_steps(4);
    assert_eq!((plan(&harness).seed, written(&harness).contains("# mine")), (3, true), "nothing is lost");
    click(&mut harness, Word::ReadAgain.text(Language::English));
    assert_eq!((written(&harness), plan(&harness).seed), (with_seed(4), 4));
    // Branches are not lost, either.
    press(&mut harness, Modifiers::COMMAND, Key::E);
    let fault = queuescope::plan::Fault::Pause { node: 1_usize.into() };
    harness.state_mut().act_on_run(&queuescope::scenario::Act::Break { fault, lasts: None }).expect("it can be");
    harness.run_steps(40);
    harness.state_mut().file_changed(&with_seed(9));
    harness.run_steps(4);
    harness.get_by_label(Word::NewerOnDisk.text(Language::English));
    assert_eq!(harness.state().branches().all().len(), 2);
    press(&mut harness, Modifiers::COMMAND, Key::E);
    click(&mut harness, Word::ReadAgain.text(Language::English));
    assert_eq!(plan(&harness).seed, 9);
    harness.state_mut().file_changed(&with_seed(4));
    harness.run_steps(4);
    // The editor opens by itself when the file has problems, and closes when it has none.
    press(&mut harness, Modifiers::COMMAND, Key::E);
    assert_eq!(harness.state().edited_text(), None);
    harness.state_mut().file_changed("title = 7");
    harness.run_steps(4);
    assert!(!harness.state().problems().is_empty());
    assert_eq!(plan(&harness).seed, 4);
    harness.state_mut().file_changed(&with_seed(5));
    harness.run_steps(4);
    assert_eq!((harness.state().edited_text(), plan(&harness).seed), (None, 5));
}

/// The menu of a node is open while the file loses that node, or others before it.
#[test]
fn a_menu_is_closed_when_its_node_is_of_another_cluster() {
    let mut harness = editor_with_file(Language::English);
    press(&mut harness, Modifiers::COMMAND, Key::E);
    harness.state_mut().go_to(Time(1_000_000_000));
    let last = plan(&harness).nodes.len() - 1;
    harness.state_mut().select(Some(Selected::Node(last.into())));
    press(&mut harness, Modifiers::NONE, Key::X);
    let crash = Word::DoCrash.text(Language::English);
    harness.get_by_label(crash);
    harness.state_mut().file_changed(&TEMPLATE.replace("count = 2", "count = 1").replace("\"order-1\"", "\"order\""));
    harness.run_steps(4);
    assert_eq!(plan(&harness).nodes.len(), last);
    assert!(harness.query_by_label(crash).is_none(), "it was about a node that is not there");
}

#[test]
fn an_edited_text_that_was_not_saved_is_a_card_of_the_gallery() {
    let mut harness = new_cluster(Language::English);
    types(&mut harness, "settl = 7\n");
    let text = written(&harness);
    press(&mut harness, Modifiers::NONE, Key::Escape);
    for _ in 0..2 {
        press(&mut harness, Modifiers::COMMAND, Key::E);
    }
    assert_eq!(written(&harness), text, "taken away and put there again");
    press(&mut harness, Modifiers::COMMAND, Key::N);
    assert_eq!(written(&harness), TEMPLATE);
    press(&mut harness, Modifiers::NONE, Key::Escape);
    press(&mut harness, Modifiers::COMMAND, Key::E);
    press(&mut harness, Modifiers::NONE, Key::G);
    // Its card comes after the lessons.
    press(&mut harness, Modifiers::NONE, Key::ArrowUp);
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert_eq!((written(&harness), harness.state().problems().len()), (text, 1));
    // Further edits belong to the same card.
    types(&mut harness, "# more\n");
    for _ in 0..2 {
        press(&mut harness, Modifiers::COMMAND, Key::E);
    }
    press(&mut harness, Modifiers::NONE, Key::Escape);
    press(&mut harness, Modifiers::NONE, Key::G);
    assert_eq!(
        harness
            .get_all_by_label("My first scenario")
            .filter(|node| node.rect().top() > 44.0 && node.rect().left() < 272.0)
            .count(),
        1
    );
}

/// Lesson 9 has no slave: it gets one, and its master dies.
#[test]
fn a_failover_is_made_by_keys_alone_on_a_lesson_without_slaves() {
    let mut harness = lesson_nine(Language::English);
    press(&mut harness, Modifiers::COMMAND, Key::E);
    let line = written(&harness).lines().position(|line| line == "name = \"broker1\"").expect("there is a broker");
    types(&mut harness, "");
    for _ in 0..line {
        press(&mut harness, Modifiers::NONE, Key::ArrowDown);
    }
    press(&mut harness, Modifiers::NONE, Key::End);
    types(&mut harness, "\nslaves = [\"slave1\"]");
    assert_eq!(harness.state().problems(), []);
    press(&mut harness, Modifiers::NONE, Key::Escape);
    harness.state_mut().go_to(Time(3_000_000_000));
    press(&mut harness, Modifiers::COMMAND, Key::K);
    harness.event(Event::Text("broker1: crash".to_owned()));
    harness.run_steps(3);
    press(&mut harness, Modifiers::NONE, Key::Enter);
    settle(&mut harness);
    press(&mut harness, Modifiers::COMMAND, Key::S);
    press(&mut harness, Modifiers::NONE, Key::Enter);
    is_a_failover_that_is_repeated(&mut harness, "slave1");
}

#[test]
fn a_failover_is_made_by_mouse_alone_on_a_lesson_without_slaves() {
    for language in Language::ALL {
        let words = |word: Word| word.text(language);
        let mut harness = lesson_nine(language);
        click(&mut harness, words(Word::Edit));
        harness.get_by_label("broker1").click_secondary();
        harness.run_steps(4);
        // In the form, and in the list on the stage.
        let slave = format!("+ {}", words(Word::OneSlave));
        harness.get_all_by_label(&slave).last().expect("it is offered").click();
        harness.run_steps(4);
        assert!(names(&harness).contains(&"slave".to_owned()));
        harness.state_mut().go_to(Time(3_000_000_000));
        harness.run_steps(3);
        harness.get_by_label("broker1").click_secondary();
        harness.run_steps(4);
        click(&mut harness, words(Word::DoCrash));
        settle(&mut harness);
        // Beside the branch, and above the text.
        harness.get_all_by_label(words(Word::SaveIt)).last().expect("it can be saved").click();
        harness.run_steps(4);
        let dialog = harness.get_all_by_label(words(Word::SaveIt));
        let dialog = dialog.max_by(|a, b| a.rect().left().total_cmp(&b.rect().left()));
        dialog.expect("it is asked for").click();
        harness.run_steps(4);
        is_a_failover_that_is_repeated(&mut harness, "slave");
    }
}

fn lesson_nine(language: Language) -> Window {
    let lesson = lessons().iter().find(|lesson| lesson.name == "09-two-groups").expect("there is such a lesson");
    let draft = Draft::read(lesson.name, lesson.text).expect("lessons are sound");
    window(App::with_scenario(draft, language, Mode::Light))
}

/// Runs frames until the new branch is shown, and its run is known to the end.
fn settle(harness: &mut Window) {
    for _ in 0..2_000 {
        harness.run_steps(1);
        if !harness.state().branches().is_switching() && harness.state().session().is_known() {
            return;
        }
    }
    panic!("the run does not come to its end");
}

/// The slave has become master; the saved text gives the same records when it is run alone, and when it is opened again.
fn is_a_failover_that_is_repeated(harness: &mut Window, slave: &str) {
    let report = harness.state().session().report().expect("it has run to its end");
    let failovers = report.failovers.iter().map(|it| (it.old_master.as_str(), it.new_master.as_str()));
    assert_eq!(failovers.collect::<Vec<_>>(), [("broker1", slave)]);
    let [FileRequest::Save { path, text, .. }] = &harness.state_mut().take_requests()[..] else { panic!("one wish") };
    let saved = Draft::read(path, text).unwrap_or_else(|problems| panic!("{problems}"));
    let alone = queuescope::run::run(saved.plan().clone(), saved.plan().seed).expect("no limit is passed");
    assert_eq!(alone.fingerprint, report.fingerprint);
    let mut again = window(App::with_scenario(saved, Language::English, Mode::Light));
    settle(&mut again);
    assert_eq!(again.state().session().report().expect("it has run to its end").fingerprint, report.fingerprint);
}

#[test]
fn a_text_that_is_opened_is_played_or_shown_in_the_editor_with_its_problems() {
    let mut harness = window(App::with_lessons(Language::English, Mode::Light));
    let mine = TEMPLATE.replace("My first", "My second");
    harness.state_mut().open_text("there/mine.toml", &mine, true);
    harness.run_steps(4);
    assert_eq!((plan(&harness).title.en.as_str(), harness.state().edited_text()), ("My second scenario", None));
    assert_eq!(harness.state().watched_file(), Some("there/mine.toml"));
    harness.state_mut().open_text("other.toml", &mine.replace("[[topics]]", "[[topcs]]"), false);
    harness.run_steps(4);
    assert!(!harness.state().problems().is_empty() && harness.state().watched_file().is_none());
    assert_eq!(plan(&harness).scenario, "mine", "until it is mended");
    let scenario = written(&harness).replace("[[topcs]]", "[[topics]]");
    harness.state_mut().open_text("other.toml", &scenario, false);
    harness.run_steps(4);
    assert_eq!(plan(&harness).scenario, "other");
}
