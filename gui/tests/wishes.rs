//! Every wish is granted, whatever else is open or wished in the same frame; and nothing scrolls or changes that nobody
//! wished to.

mod editor;
mod harness;

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, PointerButton, Pos2, Rect, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use queuescope::kernel::Time;
use queuescope::plan::Role as NodeRole;
use queuescope::scenario::{Draft, TEMPLATE, lessons};
use queuescope::words::Language;
use queuescope_gui::app::{App, FileRequest};
use queuescope_gui::command::{AppCommand, MainView, Tab};
use queuescope_gui::model::chart::Chart;
use queuescope_gui::text::Word;
use queuescope_gui::theme::Mode;

use self::editor::{act, editor_with_file};
use self::harness::{Window, window};

fn lesson(name: &str, language: Language) -> Window {
    let lesson = lessons().iter().find(|it| it.name == name).expect("there is such a lesson");
    let draft = Draft::read(lesson.name, lesson.text).expect("lessons are sound");
    window(App::with_scenario(draft, language, Mode::Light))
}

/// All of these events come in one frame.
fn at_once(window: &mut Window, events: impl IntoIterator<Item = Event>) {
    window.input_mut().events.extend(events);
    window.run_steps(1);
}

fn key(key: Key) -> [Event; 2] {
    [true, false].map(|pressed| Event::Key {
        key,
        physical_key: None,
        pressed,
        repeat: false,
        modifiers: Modifiers::NONE,
    })
}

fn ctrl(key: Key) -> [Event; 2] {
    self::key(key).map(|event| match event {
        Event::Key { key, pressed, .. } => {
            Event::Key { key, physical_key: None, pressed, repeat: false, modifiers: Modifiers::COMMAND }
        }
        event => event,
    })
}

fn click(at: Pos2) -> Vec<Event> {
    click_with(PointerButton::Primary, at)
}

fn right_click(at: Pos2) -> Vec<Event> {
    click_with(PointerButton::Secondary, at)
}

fn click_with(button: PointerButton, at: Pos2) -> Vec<Event> {
    let button = |pressed| Event::PointerButton { pos: at, button, pressed, modifiers: Modifiers::NONE };
    vec![Event::PointerMoved(at), button(true), button(false)]
}

fn text(text: &str) -> Event {
    Event::Text(text.to_owned())
}

fn tab(window: &Window, tab: Tab) -> Rect {
    let name = tab.word().text(window.state().language());
    let tabs = window.get_all_by_role_and_label(Role::Button, name).map(|node| node.rect());
    tabs.max_by(|a, b| a.left().total_cmp(&b.left())).expect("there is such a tab")
}

/// The field of a key in the form.
fn field(window: &Window, key: &str) -> Rect {
    window.get_by_role_and_label(Role::TextInput, key).rect()
}

/// Types into a field of the form, and stays there.
fn type_into(window: &mut Window, key: &str, typed: &str) {
    window.get_by_role_and_label(Role::TextInput, key).focus();
    window.run_steps(2);
    at_once(window, ctrl(Key::A));
    at_once(window, [text(typed)]);
    window.run_steps(2);
}

fn written(window: &Window) -> &str {
    window.state().edited_text().expect("a text is in the editor")
}

#[test]
fn beside_a_large_chart_every_tab_can_be_clicked_and_every_record_gone_to() {
    for language in Language::ALL {
        for wanted in [Tab::Lesson, Tab::Inspect, Tab::Expect, Tab::Log] {
            let mut window = large_chart(language);
            let title = Chart::Lag.word().text(language);
            assert_eq!(window.get_all_by_label(title).count(), 2, "it is large");
            let at = tab(&window, wanted).center();
            at_once(&mut window, click(at));
            window.run_steps(2);
            assert_eq!(window.state().tab(), wanted);
        }
    }
}

/// A lesson with its chart of lags in the middle of the window.
fn large_chart(language: Language) -> Window {
    let mut window = lesson("12-failover", language);
    act(&mut window, AppCommand::Tab(Tab::Charts));
    window.get_all_by_label(Chart::Lag.word().text(language)).next().expect("it is there").click();
    window.run_steps(3);
    window
}

/// Whether the stage is seen.
fn shows_stage(window: &Window) -> bool {
    window.query_by_label(Word::Stage.text(window.state().language())).is_some()
}

#[test]
fn a_large_chart_stays_in_the_middle_whatever_tab_is_clicked_until_it_is_closed() {
    let mut window = large_chart(Language::English);
    for wanted in [Tab::Lesson, Tab::Log, Tab::Charts, Tab::Inspect] {
        let at = tab(&window, wanted).center();
        at_once(&mut window, click(at));
        window.run_steps(2);
        assert_eq!(window.state().tab(), wanted);
        assert_eq!(window.state().main_view(), MainView::Chart(Chart::Lag));
        assert!(
            !shows_stage(&window) && window.query_all_by_label(Chart::Lag.word().text(Language::English)).count() > 0
        );
    }
    act(&mut window, AppCommand::Escape);
    assert!(shows_stage(&window));
    assert_eq!(window.state().tab(), Tab::Inspect);
}

#[test]
fn a_record_is_gone_to_beside_a_large_chart() {
    let mut window = large_chart(Language::English);
    window.state_mut().go_to(Time(3_000_000_000));
    act(&mut window, AppCommand::Tab(Tab::Log));
    let record = {
        let told = window.state().session().scene().recent().next_back().expect("something has happened");
        (told.event, told.record.at)
    };
    window.state_mut().go_to(Time(3_001_000_000));
    window.run_steps(2);
    let time = queuescope::words::figure::moment(record.1);
    let row = window
        .get_all_by_role(Role::Button)
        .find(|node| node.accesskit_node().label().is_some_and(|label| label.starts_with(&format!("{time}  "))));
    let at = row.expect("the record is listed").rect().center();
    at_once(&mut window, click(at));
    window.run_steps(4);
    assert_eq!(window.state().session().scene().at(), record.1);
    assert_eq!(window.state().main_view(), MainView::Chart(Chart::Lag));
}

#[test]
fn a_presentation_and_another_lesson_show_the_stage_and_not_the_chart_that_was_large() {
    let mut window = large_chart(Language::English);
    act(&mut window, AppCommand::Presenter);
    assert!(window.state().presents() && shows_stage(&window));
    act(&mut window, AppCommand::Escape);
    assert_eq!(window.state().main_view(), MainView::Stage);
    let mut window = self::window(App::with_lessons(Language::English, Mode::Light));
    act(&mut window, AppCommand::Open(0));
    act(&mut window, AppCommand::Tab(Tab::Charts));
    window.get_all_by_label(Chart::Lag.word().text(Language::English)).next().expect("it is there").click();
    window.run_steps(3);
    assert!(!shows_stage(&window));
    act(&mut window, AppCommand::Open(1));
    assert!(shows_stage(&window));
}

#[test]
fn a_menu_that_is_asked_for_while_another_one_closes_is_open() {
    let mut window = lesson("12-failover", Language::English);
    window.state_mut().go_to(Time(3_000_000_000));
    window.run_steps(2);
    let crash = Word::DoCrash.text(Language::English);
    let leave = Word::DoLeave.text(Language::English);
    let node = |role: fn(&NodeRole) -> bool, window: &Window| {
        let plan = window.state().session().plan().clone();
        let node = plan.nodes_where(role).next().expect("there is one");
        window.get_by_role_and_label(Role::Button, plan.name(node)).rect().center()
    };
    let (producer, consumer) = (
        node(|it| matches!(it, NodeRole::Producer(_)), &window),
        node(|it| matches!(it, NodeRole::Consumer(_)), &window),
    );
    at_once(&mut window, right_click(producer));
    window.run_steps(3);
    assert!(window.query_by_label(crash).is_some() && window.query_by_label(leave).is_none());
    at_once(&mut window, right_click(consumer));
    window.run_steps(3);
    assert!(window.query_by_label(leave).is_some(), "the menu of the consumer");
}

#[test]
fn a_value_that_is_being_typed_is_in_the_text_that_is_saved() {
    let mut window = editor_with_file(Language::English);
    type_into(&mut window, "seed", "77");
    at_once(&mut window, ctrl(Key::S));
    window.run_steps(2);
    let [FileRequest::Save { text, .. }] = &window.state_mut().take_requests()[..] else { panic!("one wish") };
    assert!(text.contains("seed = 77"), "{text}");
}

#[test]
fn a_value_that_is_being_typed_is_kept_whatever_is_clicked_in_the_same_frame() {
    let clicked: [fn(&Window) -> Rect; 4] = [
        |window| tab(window, Tab::Log),
        |window| window.get_by_label("+ Consumer").rect(),
        |window| window.get_by_label("nameserver").rect(),
        |window| window.get_by_label("×").rect(),
    ];
    for (number, place) in clicked.into_iter().enumerate() {
        let mut window = editor_with_file(Language::English);
        type_into(&mut window, "seed", "78");
        let at = place(&window).center();
        at_once(&mut window, click(at));
        window.run_steps(4);
        if number == 3 {
            assert_eq!(window.state().edited_text(), None, "the editor is closed");
            act(&mut window, AppCommand::Editor);
        }
        assert!(written(&window).contains("seed = 78"), "{number}: {}", written(&window));
        let consumers = written(&window).matches("[[consumers]]").count();
        assert_eq!((number, consumers), (number, 1 + usize::from(number == 1)));
    }
}

#[test]
fn a_value_that_is_being_typed_does_not_get_into_another_file() {
    let mut window = editor_with_file(Language::English);
    type_into(&mut window, "seed", "77");
    act(&mut window, AppCommand::NewCluster);
    assert_eq!(written(&window), TEMPLATE);
    act(&mut window, AppCommand::Tab(Tab::Form));
    let seed = field(&window, "seed").center();
    at_once(&mut window, click(seed));
    at_once(&mut window, key(Key::Enter));
    window.run_steps(2);
    assert_eq!(written(&window), TEMPLATE);
}

#[test]
fn undo_brings_back_nothing_of_another_file() {
    let mut window = editor_with_file(Language::English);
    let focus = |window: &mut Window| {
        // The text stands left of all fields of the form.
        let fields = window.get_all_by_role(Role::MultilineTextInput);
        fields.min_by(|a, b| a.rect().left().total_cmp(&b.rect().left())).expect("the text is there").focus();
        window.run_steps(2);
    };
    focus(&mut window);
    for letter in ["#", " ", "o", "l", "d"] {
        at_once(&mut window, [text(letter)]);
        window.run_steps(90);
    }
    assert_ne!(written(&window), TEMPLATE);
    act(&mut window, AppCommand::NewCluster);
    focus(&mut window);
    for _ in 0..8 {
        at_once(&mut window, ctrl(Key::Z));
        assert_eq!(written(&window), TEMPLATE);
    }
}

#[test]
fn keys_that_come_in_one_frame_are_all_obeyed_in_their_order() {
    let mut window = window(App::with_lessons(Language::English, Mode::Light));
    let keys = [key(Key::ArrowDown), key(Key::ArrowDown), key(Key::Enter)];
    at_once(&mut window, keys.into_iter().flatten());
    assert_eq!(window.state().session().plan().scenario, lessons()[2].name);
    let mut window = lesson("12-failover", Language::English);
    window.state_mut().go_to(Time(3_000_000_000));
    let mut events = Vec::new();
    for _ in 0..3 {
        act(&mut window, AppCommand::NextEvent);
        events.push(window.state().session().scene().events());
    }
    act(&mut window, AppCommand::PreviousEvent);
    act(&mut window, AppCommand::PreviousEvent);
    act(&mut window, AppCommand::PreviousEvent);
    at_once(&mut window, (0..3).flat_map(|_| key(Key::ArrowRight)));
    window.run_steps(2);
    assert_eq!(window.state().session().scene().events(), events[2]);
}

#[test]
fn enter_in_the_palette_runs_the_entry_that_fits_the_letters_before_it() {
    let mut window = lesson("12-failover", Language::English);
    window.state_mut().go_to(Time(3_000_000_000));
    act(&mut window, AppCommand::Palette);
    at_once(&mut window, std::iter::once(text("F4")).chain(key(Key::Escape)));
    window.run_steps(2);
    act(&mut window, AppCommand::Palette);
    at_once(&mut window, std::iter::once(text("expect")).chain(key(Key::Enter)));
    window.run_steps(2);
    assert_eq!(window.state().tab(), Tab::Expect);
}

/// Where the last lesson's card is.
fn last_card(window: &Window) -> Rect {
    let last = lessons().last().expect("there are lessons");
    let title = Draft::read(last.name, last.text).expect("lessons are sound").plan().title.en.clone();
    window.get_by_label(&title).rect()
}

#[test]
fn the_gallery_is_scrolled_by_wheel_and_bar_to_every_lesson_and_stays_there() {
    let mut window = window(App::with_lessons(Language::English, Mode::Light));
    let first = last_card(&window);
    let over = egui::pos2(100.0, 400.0);
    window.hover_at(over);
    window.run_steps(2);
    for _ in 0..80 {
        window.event(Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta: vec2(0.0, -120.0),
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
            modifiers: Modifiers::NONE,
        });
        window.run_steps(4);
    }
    let scrolled = last_card(&window);
    assert!(scrolled.bottom() <= 720.0 && scrolled.top() < first.top(), "{first} {scrolled}");
    // It stays there when the pointer goes away.
    window.hover_at(egui::pos2(900.0, 300.0));
    window.run_steps(10);
    assert_eq!(last_card(&window), scrolled);
    window.remove_cursor();
    window.run_steps(10);
    assert_eq!(last_card(&window), scrolled);
    let at = scrolled.center();
    at_once(&mut window, click(at));
    window.run_steps(2);
    assert_eq!(window.state().session().plan().scenario, lessons().last().expect("a lesson").name);
}

#[test]
fn the_gallery_scrolls_to_the_card_that_keys_choose_and_to_the_chosen_one_when_it_opens() {
    let mut window = window(App::with_lessons(Language::English, Mode::Light));
    window.hover_at(egui::pos2(100.0, 400.0));
    at_once(&mut window, key(Key::ArrowUp));
    window.run_steps(30);
    let last = last_card(&window);
    assert!(last.bottom() <= 720.0, "{last}");
    // The first one is chosen again while the gallery is closed.
    act(&mut window, AppCommand::Gallery);
    act(&mut window, AppCommand::NextLesson);
    act(&mut window, AppCommand::Gallery);
    window.run_steps(30);
    let first = lessons().first().expect("there are lessons");
    let title = Draft::read(first.name, first.text).expect("lessons are sound").plan().title.en.clone();
    let cards = window.get_all_by_role_and_label(Role::Button, &title).map(|node| node.rect());
    assert!(cards.into_iter().any(|card| card.top() >= 44.0 && card.bottom() <= 720.0));
}
