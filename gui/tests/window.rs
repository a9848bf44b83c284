//! The whole window: every control by its name, every key, in both languages. A control without a name makes these tests
//! fail.

mod harness;

use std::collections::BTreeSet;

use egui::accesskit::Role;
use egui::{Key, Modifiers, vec2};
use egui_kittest::kittest::Queryable as _;
use queuescope::kernel::Time;
use queuescope::words::{Language, fill};
use queuescope_gui::app::App;
use queuescope_gui::command::{AppCommand, KEYS, Tab};
use queuescope_gui::font;
use queuescope_gui::model::selection::Selected;
use queuescope_gui::text::Word;
use queuescope_gui::theme::Mode;

use self::harness::Window;

fn window(language: Language) -> Window {
    harness::window(App::with_lessons(language, Mode::Light))
}

/// The same, with the gallery closed.
fn stage(language: Language) -> Window {
    let mut harness = window(language);
    press(&mut harness, Key::G);
    assert!(!harness.state().shows_gallery());
    harness
}

fn click(harness: &mut Window, word: Word) {
    let language = harness.state().language();
    harness.get_by_label(word.text(language)).click();
    harness.run_steps(3);
}

fn press(harness: &mut Window, key: Key) {
    harness.key_press(key);
    harness.run_steps(3);
}

fn at(harness: &Window) -> Time {
    harness.state().session().scene().at()
}

const fn s(seconds: u64) -> Time {
    Time(seconds * 1_000_000_000)
}

#[test]
fn every_control_does_what_its_name_says_in_both_languages() {
    for language in Language::ALL {
        let mut harness = stage(language);
        // The note at the beginning stops the clock at once, and once only.
        click(&mut harness, Word::Play);
        assert!(!harness.state().player().is_playing() && at(&harness) == Time::ZERO);
        click(&mut harness, Word::Continue);
        assert!(harness.state().player().is_playing());
        assert!(at(&harness) > Time::ZERO, "time goes on");
        click(&mut harness, Word::Pause);
        assert!(!harness.state().player().is_playing());
        let before = at(&harness);
        click(&mut harness, Word::NextEvent);
        let after = at(&harness);
        assert!(after >= before);
        click(&mut harness, Word::NextMark);
        assert!(at(&harness) > after);
        click(&mut harness, Word::PreviousMark);
        click(&mut harness, Word::PreviousEvent);
        assert!(at(&harness) <= after);
        click(&mut harness, Word::Faster);
        assert!(!harness.state().player().is_even());
        let rate = harness.state().player().rate();
        click(&mut harness, Word::Slower);
        assert!(harness.state().player().rate() < rate);
        click(&mut harness, Word::EvenPace);
        assert!(harness.state().player().is_even());
        // The form has a tab while the file is on the desk.
        for tab in Tab::ALL.into_iter().filter(|tab| *tab != Tab::Form) {
            click_tab(&mut harness, tab);
            assert_eq!(harness.state().tab(), tab);
        }
        click(&mut harness, Word::ShowKeys);
        press(&mut harness, Key::Escape);
        click(&mut harness, Word::ShowLegend);
        click(&mut harness, Word::ShowRoutine);
        click(&mut harness, Word::Fit);
        click(&mut harness, Word::Dark);
        assert_eq!(harness.state().mode(), Mode::Dark);
        click(&mut harness, Word::LanguageName);
        assert_eq!(harness.state().language(), language.other());
    }
}

/// Clicks a tab; other things may have the same name.
fn click_tab(harness: &mut Window, tab: Tab) {
    let name = tab.word().text(harness.state().language());
    let tabs: Vec<_> = harness.get_all_by_label(name).collect();
    let last = tabs.iter().max_by(|a, b| a.rect().left().total_cmp(&b.rect().left())).expect("a tab");
    last.click();
    harness.run_steps(3);
}

#[test]
fn every_key_does_what_the_list_says() {
    for entry in KEYS {
        let mut harness = stage(Language::English);
        harness.state_mut().go_to(s(3));
        harness.run_steps(2);
        let picture = |harness: &Window| {
            let app = harness.state();
            let player = (app.player().is_playing(), app.player().rate(), app.player().is_even());
            let shown = (app.language(), app.mode(), app.shows_gallery(), app.tab());
            format!("{:?} {player:?} {shown:?}", (at(harness), app.session().scene().events()))
        };
        let before = (picture(&harness), shapes(&harness));
        harness.key_press_modifiers(entry.with, entry.key);
        harness.run_steps(3);
        let changes = picture(&harness) != before.0 || shapes(&harness) != before.1;
        // What has nothing to do at the moment: it fits already, is even already, has nothing to close.
        let idle = ["0", "E", "Esc", "F", "F1"].contains(&entry.shown);
        assert!(changes || idle, "{} ({:?}) does nothing", entry.shown, entry.word);
    }
}

/// Everything that is painted, as text.
fn shapes(harness: &Window) -> String {
    let shapes = &harness.output().shapes;
    format!("{} {:?}", shapes.len(), shapes.iter().map(|shape| shape.shape.visual_bounding_rect()).collect::<Vec<_>>())
}

#[test]
fn a_lesson_is_followed_to_its_end_by_keys_alone() {
    let mut harness = window(Language::English);
    assert!(harness.state().shows_gallery(), "where there is a choice it is shown");
    press(&mut harness, Key::ArrowDown);
    press(&mut harness, Key::Enter);
    assert!(!harness.state().shows_gallery());
    assert_eq!(harness.state().session().plan().scenario, "02-answer-at-once");
    follow(&mut harness, |harness| press(harness, Key::Space));
}

#[test]
fn a_lesson_is_followed_to_its_end_by_mouse_alone() {
    let mut harness = window(Language::English);
    harness.get_by_label("Who owns what").scroll_to_me();
    harness.run_steps(3);
    harness.get_by_label("Who owns what").click();
    harness.run_steps(3);
    assert_eq!(harness.state().session().plan().scenario, "08-who-owns-what");
    follow(&mut harness, |harness| {
        let go_on = Word::Continue.text(Language::English);
        harness.get_by_label(go_on).click();
        harness.run_steps(3);
    });
}

/// Plays to the end; `go_on` is asked whenever the clock has stopped for a note or a question.
fn follow(harness: &mut Window, go_on: impl Fn(&mut Window)) {
    let stops = harness.state().session().plan().questions.len();
    let mut stopped = 0;
    for _ in 0..200_000 {
        if harness.state().session().scene().is_over() {
            break;
        }
        if harness.state().player().is_playing() {
            harness.step();
        } else {
            stopped += 1;
            assert!(stopped < 100, "it does not go on");
            go_on(harness);
        }
    }
    assert!(harness.state().session().scene().is_over(), "at {:?}", at(harness));
    assert!(stopped >= stops, "the clock stops for each question");
}

#[test]
fn the_scrubber_goes_to_any_moment() {
    let mut harness = stage(Language::English);
    let rect = harness.get_by_label(Word::Scrubber.text(Language::English)).rect();
    let mut last = Time::ZERO;
    for share in [0.3, 0.6, 0.9, 0.2] {
        let place = egui::pos2(rect.left() + 72.0 + (rect.width() - 80.0) * share, rect.center().y);
        harness.drag_at(place);
        harness.run_steps(2);
        harness.drop_at(place);
        harness.run_steps(2);
        let end = harness.state().session().ahead().at();
        let share_of_time = at(&harness).0 as f32 / end.0 as f32;
        assert!((share_of_time - share).abs() < 0.01, "{share_of_time} instead of {share}");
        assert_ne!(at(&harness), last);
        last = at(&harness);
    }
}

#[test]
fn a_node_that_is_clicked_is_inspected() {
    let mut harness = stage(Language::English);
    harness.state_mut().go_to(s(6));
    harness.run_steps(2);
    for name in ["shop", "nameserver", "broker1", "order", "topicA/broker1/0"] {
        harness.get_by_label(name).click();
        harness.run_steps(3);
        assert_eq!(harness.state().tab(), Tab::Inspect, "{name}");
        let (plan, selected) = (harness.state().session().plan().clone(), harness.state().selected());
        let found = match selected {
            Some(Selected::Node(node)) => plan.name(node).to_owned(),
            Some(Selected::Queue(queue)) => plan.queues[queue].name.clone(),
            other => format!("{other:?}"),
        };
        assert_eq!(found, name);
    }
    press(&mut harness, Key::Escape);
    assert_eq!(harness.state().selected(), None);
}

#[test]
fn a_slave_that_is_clicked_is_inspected_in_both_languages() {
    for language in Language::ALL {
        let mut harness = stage(language);
        open(&mut harness, "12-failover");
        let title = |harness: &Window| {
            let selected = harness.state().selected();
            let plan = harness.state().session().plan().clone();
            let Some(Selected::Node(node)) = selected else { return format!("{selected:?}") };
            plan.name(node).to_owned()
        };
        let told = |harness: &Window, word: Word, with: &[&str]| {
            harness.query_by_label_contains(&fill(word.text(language), with)).is_some()
        };
        let epoch = |epoch: &str| fill(Word::Epoch.text(language), &[epoch]);
        harness.state_mut().go_to(s(6));
        harness.run_steps(2);
        harness.get_by_role_and_label(Role::Button, "slave1").click();
        harness.run_steps(3);
        assert_eq!((title(&harness).as_str(), harness.state().tab()), ("slave1", Tab::Inspect));
        assert!(told(&harness, Word::Follows, &["broker1", &epoch("1")]));
        assert!(told(&harness, Word::LevelWith, &["broker1"]));
        // The master has died: the slave leads, at the same place.
        let place = harness.get_by_role_and_label(Role::Button, "slave1").rect().center();
        harness.state_mut().go_to(s(16));
        harness.run_steps(2);
        let (master, comma) = (Word::Master.text(language), Word::Comma.text(language));
        assert!(harness.query_by_label(&[master, comma, &epoch("2")].concat()).is_some());
        let line = harness.get_by_role_and_label(Role::Button, "slave1").rect();
        assert!(line.contains(place), "{place} in {line}");
        harness.get_by_role_and_label(Role::Button, "broker1").click();
        harness.run_steps(3);
        assert_eq!(title(&harness), "broker1");
        assert!(harness.query_by_label(Word::Down.text(language)).is_some());
        assert!(told(&harness, Word::LastEpoch, &[&epoch("1")]));
        // The pointer on the line does the same as the name.
        harness.state_mut().select(None);
        harness.run_steps(2);
        harness.hover_at(line.left_center() + vec2(40.0, 0.0));
        harness.drag_at(line.left_center() + vec2(40.0, 0.0));
        harness.drop_at(line.left_center() + vec2(40.0, 0.0));
        harness.run_steps(3);
        assert_eq!(title(&harness), "slave1");
    }
}

/// Opens a lesson by its name.
fn open(harness: &mut Window, name: &str) {
    let place = queuescope::scenario::lessons().iter().position(|lesson| lesson.name == name).expect("a lesson");
    let ctx = harness.ctx.clone();
    harness.state_mut().act(AppCommand::Open(place), &ctx);
    press(harness, Key::Space);
    assert_eq!(harness.state().session().plan().scenario, name);
}

#[test]
fn a_messages_whole_life_is_found_wherever_the_clock_is() {
    let mut harness = stage(Language::English);
    harness.state_mut().go_to(s(1));
    harness.run_steps(200);
    assert!(harness.state().session().is_known());
    let plan = harness.state().session().plan().clone();
    let producer = plan.nodes.iter().position(|node| node.name == "shop").expect("the lesson has a shop").into();
    let message = queuescope::plan::MessageId { producer, number: 1 };
    harness.state_mut().select(Some(Selected::Message(message)));
    harness.run_steps(20);
    for part in ["sends shop#1", "stores shop#1", "begins shop#1", "has done shop#1"] {
        assert!(harness.query_by_label_contains(part).is_some(), "{part}");
    }
}

#[test]
fn no_frame_is_requested_while_the_run_is_paused_and_known() {
    let mut harness = window(Language::English);
    // The run ahead is known, and nothing is searched for.
    harness.run_steps(200);
    assert!(harness.state().session().is_known());
    harness.run_steps(3);
    let root = egui::ViewportId::ROOT;
    let delay = harness.output().viewport_output[&root].repaint_delay;
    assert_eq!(delay, std::time::Duration::MAX);
}

#[test]
fn both_languages_show_every_lesson_without_a_missing_character() {
    for language in Language::ALL {
        let mut harness = window(language);
        for _ in 0..queuescope::scenario::lessons().len() {
            if !harness.state().shows_gallery() {
                press(&mut harness, Key::G);
            }
            press(&mut harness, Key::ArrowDown);
            press(&mut harness, Key::Enter);
            press(&mut harness, Key::Space);
            harness.state_mut().go_to(s(9));
            for key in [Key::F2, Key::F3, Key::F4, Key::F1, Key::L] {
                harness.key_press_modifiers(Modifiers::NONE, key);
                harness.run_steps(2);
                assert_eq!(missing(&harness), [] as [String; 0]);
            }
        }
    }
    for language in Language::ALL {
        let own = Word::ALL.iter().map(|word| word.text(language));
        for text in own.chain(queuescope::words::record::texts(language)) {
            assert_eq!(font::first_missing(text), None, "{text}");
        }
    }
}

/// Texts of the frame with a character that the program's faces lack.
fn missing(harness: &Window) -> Vec<String> {
    fn texts(shape: &egui::Shape) -> Vec<&str> {
        match shape {
            egui::Shape::Text(text) => vec![text.galley.text()],
            egui::Shape::Vec(shapes) => shapes.iter().flat_map(texts).collect(),
            _ => Vec::new(),
        }
    }
    let all: BTreeSet<&str> = harness.output().shapes.iter().flat_map(|shape| texts(&shape.shape)).collect();
    let all: String = all.into_iter().collect();
    font::first_missing(&all).map(|missing| missing.to_string()).into_iter().collect()
}

#[test]
fn a_run_that_plays_unattended_stops_for_nothing_until_somebody_acts() {
    let mut harness = window(Language::English);
    harness.state_mut().play();
    harness.run_steps(60);
    assert!(harness.state().player().is_playing() && at(&harness) > Time(400_000_000), "it has passed three notes");
    press(&mut harness, Key::Space);
    assert!(!harness.state().player().is_playing());
    press(&mut harness, Key::Space);
    harness.run_steps(60);
    assert!(!harness.state().player().is_playing(), "now it stops at the next note");
}

#[test]
fn a_presenter_goes_through_a_lesson_with_the_page_keys() {
    for language in Language::ALL {
        let mut harness = window(language);
        press(&mut harness, Key::P);
        assert!(harness.state().presents() && !harness.state().shows_gallery());
        for hidden in [Word::Lessons, Word::ShowLegend, Word::Inspect, Word::Scrubber, Word::Play] {
            assert!(harness.query_by_label(hidden.text(language)).is_none(), "{hidden:?} is in the way");
        }
        let plan = harness.state().session().plan().clone();
        let mut said = Vec::new();
        for _ in 0..200 {
            let note = queuescope_gui::model::caption::note(harness.state().session());
            if let Some(number) = note.filter(|number| said.last() != Some(number)) {
                let text = language.of(&plan.notes[number as usize].text);
                assert!(harness.query_by_label_contains(text.trim()).is_some(), "note {number} is to be read");
                said.push(number);
            }
            if harness.state().session().scene().is_over() {
                break;
            }
            press(&mut harness, Key::PageDown);
        }
        assert_eq!(said, (0..plan.notes.len() as u32).collect::<Vec<_>>(), "every note, in order");
        press(&mut harness, Key::PageUp);
        assert!(!harness.state().session().scene().is_over());
        press(&mut harness, Key::Escape);
        assert!(!harness.state().presents());
        harness.get_by_label(Word::ShowLegend.text(language));
    }
}

#[test]
fn a_lesson_that_was_seen_to_its_end_is_remembered() {
    let mut harness = stage(Language::English);
    let name = harness.state().session().plan().scenario.clone();
    let title = Language::English.of(&harness.state().session().plan().title).to_owned();
    assert_eq!(harness.state().seen().count(), 0);
    let end = harness.state().session().plan().end();
    harness.state_mut().go_to(Time(end.0 / 2));
    harness.run_steps(3);
    assert_eq!(harness.state().seen().count(), 0, "not to its end yet");
    press(&mut harness, Key::End);
    harness.run_steps(20);
    assert_eq!(harness.state().seen().collect::<Vec<_>>(), [name.as_str()]);
    // In another window, on another day.
    let mut harness = stage(Language::English);
    harness.state_mut().remember([name.as_str(), "what-was-there-once"]);
    if !harness.state().shows_gallery() {
        press(&mut harness, Key::G);
    }
    harness.run_steps(3);
    harness.get_by_label(&format!("{title} (seen)"));
}
