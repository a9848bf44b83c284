//! Texts that are too long for their line: names differ wherever they are cut, the whole text is shown under the pointer,
//! and no text overlaps another one.

use egui::accesskit::Role;
use egui::{Event, Key, Rect, Shape, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use queuescope::kernel::Time;
use queuescope::scenario::{Draft, lessons};
use queuescope::words::Language;
use queuescope_gui::app::App;
use queuescope_gui::command::{AppCommand, Tab};
use queuescope_gui::font::{self, Faces};
use queuescope_gui::text::Word;
use queuescope_gui::theme::Mode;

type Window = Harness<'static, App>;

/// Names as in production: long, and alike.
const LIKE_EACH_OTHER: &str = r#"
title = "Order status: three consumers of four queues in the production cluster, which has a title that is far too long"
duration = "20s"
[[brokers]]
name = "rocketmq-broker-a"
slaves = ["rocketmq-broker-a-s1", "rocketmq-broker-a-s2"]
[[topics]]
name = "order-status-changed"
queues = { rocketmq-broker-a = 4 }
[[producers]]
name = "order-status-changed-producer-eu-central"
topic = "order-status-changed"
interval = "200ms"
[[producers]]
name = "order-status-changed-producer-us-central"
topic = "order-status-changed"
interval = "300ms"
[[groups]]
name = "order-fulfilment-consumer-group"
topic = "order-status-changed"
[[consumers]]
name = "order-fulfilment-consumer"
group = "order-fulfilment-consumer-group"
count = 3
service_time = "500ms"
[[groups]]
name = "order-fulfilment-consumer-group-2"
topic = "order-status-changed"
[[consumers]]
name = "order-fulfilment-consumer-2"
group = "order-fulfilment-consumer-group-2"
count = 3
service_time = "500ms"
"#;

fn window(name: &str, text: &str, size: (f32, f32), language: Language) -> Window {
    let draft = Draft::read(name, text).unwrap_or_else(|problems| panic!("{problems}"));
    let mut app = App::with_scenario(draft, language, Mode::Light);
    app.go_to(Time(6_000_000_000));
    let mut window = Harness::builder()
        .with_size(vec2(size.0, size.1))
        .with_context_setup(|ctx| font::install(ctx, Faces::Own))
        .build_ui_state(|ui, app: &mut App| app.show(ui), app);
    window.run_steps(4);
    window
}

fn act(window: &mut Window, command: AppCommand) {
    let ctx = window.ctx.clone();
    window.state_mut().act(command, &ctx);
    window.run_steps(4);
}

/// Every text of the frame, as far as it is seen, with where it stands.
fn texts(window: &Window) -> Vec<(String, Rect)> {
    fn texts(shape: &Shape, clip: Rect, all: &mut Vec<(String, Rect)>) {
        match shape {
            Shape::Text(text) => {
                let seen: String = text.galley.rows.iter().flat_map(|row| &row.glyphs).map(|it| it.chr).collect();
                let rect = Rect::from_min_size(text.pos, text.galley.size()).intersect(clip);
                if !seen.trim().is_empty() && rect.is_positive() {
                    all.push((seen, rect));
                }
            }
            Shape::Vec(shapes) => shapes.iter().for_each(|shape| texts(shape, clip, all)),
            _ => {}
        }
    }
    let mut all = Vec::new();
    window.output().shapes.iter().for_each(|shape| texts(&shape.shape, shape.clip_rect, &mut all));
    all
}

/// The first text in a place, and where it stands.
fn text_in(texts: &[(String, Rect)], place: Rect) -> Option<(String, Rect)> {
    let within = texts.iter().filter(|(_, rect)| place.contains(rect.center()));
    within.min_by(|a, b| (a.1.top(), a.1.left()).partial_cmp(&(b.1.top(), b.1.left())).expect("numbers")).cloned()
}

/// The names of producers and consumers.
fn names(window: &Window) -> Vec<String> {
    let plan = window.state().session().plan();
    plan.nodes.iter().map(|node| node.name.clone()).filter(|name| name.starts_with("order-")).collect()
}

#[test]
fn no_two_nodes_have_the_same_name_on_the_stage_and_the_whole_name_is_shown_under_the_pointer() {
    for size in [(1280.0, 720.0), (960.0, 600.0), (2560.0, 1440.0), (800.0, 600.0)] {
        for language in Language::ALL {
            let mut window = window("names", LIKE_EACH_OTHER, size, language);
            let painted = texts(&window);
            let mut shown = Vec::new();
            for name in names(&window) {
                let card = window.get_by_role_and_label(Role::Button, &name).rect();
                let found = text_in(&painted, card).unwrap_or_else(|| panic!("{name} has no name at {size:?}"));
                let (text, place) = found;
                assert!(text == name || text.contains('…'), "{text} for {name}");
                shown.push((text, place, name));
            }
            for (number, (text, place, name)) in shown.iter().enumerate() {
                let same = shown[number + 1..].iter().find(|(other, ..)| other == text);
                assert_eq!(same, None, "{name} at {size:?}");
                if text != name {
                    window.hover_at(place.center());
                    window.run_steps(4);
                    let told = window.get_all_by_label(name).count();
                    assert!(told > 1, "{name} is not told at {size:?}");
                }
            }
        }
    }
}

#[test]
fn records_that_differ_look_different_and_are_read_out_as_a_whole() {
    for (size, tab) in [((1280.0, 720.0), Tab::Log), ((960.0, 600.0), Tab::Log), ((1280.0, 720.0), Tab::Inspect)] {
        let mut window = window("names", LIKE_EACH_OTHER, size, Language::English);
        if tab == Tab::Inspect {
            let group = queuescope_gui::model::selection::Selected::Queue(0_usize.into());
            window.state_mut().select(Some(group));
        }
        act(&mut window, AppCommand::Tab(tab));
        let painted = texts(&window);
        let rows = window.get_all_by_role(Role::Button).filter(|node| node.rect().left() > size.0 - 330.0);
        let mut shown: Vec<(String, String)> = rows
            .filter_map(|node| {
                let all = node.accesskit_node().label()?;
                Some((text_in(&painted, node.rect())?.0, all))
            })
            .filter(|(_, all)| all.contains(" s  "))
            .collect();
        assert!(shown.len() > 5 && shown.iter().any(|(text, _)| text.contains('…')), "{shown:?}");
        shown.sort();
        for pair in shown.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
            assert_eq!(pair[0].1, pair[1].1, "{}", pair[0].0);
        }
        let whole = shown.iter().filter(|(text, _)| !text.ends_with('…')).count();
        assert!(whole * 2 > shown.len(), "names are cut before ends are: {shown:?}");
    }
}

#[test]
fn entries_of_the_palette_look_different() {
    let mut window = window("names", LIKE_EACH_OTHER, (1280.0, 720.0), Language::English);
    act(&mut window, AppCommand::Palette);
    for wanted in ["crash host consumer", "make slow producer"] {
        window.event(Event::Text(wanted.to_owned()));
        window.run_steps(4);
        let painted = texts(&window);
        // Those that are in sight.
        let seen = window.get_all_by_role(Role::Button).filter(|node| node.rect().bottom() < 500.0);
        let items = seen.filter_map(|node| {
            let all = node.accesskit_node().label().filter(|label| label.contains(": "))?;
            Some((text_in(&painted, node.rect())?.0, all))
        });
        let mut shown: Vec<(String, String)> = items.collect();
        shown.sort();
        assert!(shown.len() > 3, "{shown:?}");
        for pair in shown.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
            assert_eq!(pair[0].1, pair[1].1, "{}", pair[0].0);
        }
        window.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
        window.run_steps(2);
    }
}

/// Texts that overlap within a part of the window.
fn collisions(window: &Window, part: Rect) -> Vec<(String, String)> {
    let painted: Vec<(String, Rect)> =
        texts(window).into_iter().filter(|(_, rect)| part.contains_rect(*rect)).collect();
    let mut found = Vec::new();
    for (place, (text, rect)) in painted.iter().enumerate() {
        for (other, beside) in &painted[place + 1..] {
            if rect.intersects(beside.shrink(1.0)) {
                found.push((text.clone(), other.clone()));
            }
        }
    }
    found
}

#[test]
fn the_title_ends_before_the_menu_and_no_texts_below_overlap() {
    let long = "A title as long as a story. ".repeat(72);
    let word = "W".repeat(300);
    let titles = [long.trim(), &word, "", "Short"];
    for size in [(1280.0, 720.0), (960.0, 600.0), (2560.0, 1440.0), (640.0, 480.0), (400.0, 300.0), (320.0, 240.0)] {
        for language in Language::ALL {
            for title in titles {
                let text = LIKE_EACH_OTHER.replace(lines_title(), title);
                for editor in [false, true] {
                    let mut window = window("a-scenario-with-a-long-name-of-its-own", &text, size, language);
                    if editor {
                        act(&mut window, AppCommand::Editor);
                    }
                    let said = format!("{title:.20} at {size:?}, editor {editor}, {language:?}");
                    let top = Rect::from_min_max(pos2(0.0, 0.0), pos2(size.0, 44.0));
                    assert_eq!(collisions(&window, top), [], "{said}");
                    let below = Rect::from_min_max(pos2(0.0, size.1 - 46.0), pos2(size.0, size.1));
                    assert_eq!(collisions(&window, below), [], "{said}");
                }
            }
        }
    }
}

fn lines_title() -> &'static str {
    let line = LIKE_EACH_OTHER.lines().find(|line| line.starts_with("title")).expect("it has a title");
    line.trim_start_matches("title = \"").trim_end_matches('"')
}

#[test]
fn a_long_title_is_shown_as_a_whole_under_the_pointer() {
    let mut window = window("names", LIKE_EACH_OTHER, (960.0, 600.0), Language::English);
    let title = lines_title();
    let before = window.get_all_by_label(title).count();
    window.hover_at(pos2(200.0, 22.0));
    window.run_steps(40);
    assert_eq!(window.get_all_by_label(title).count(), before + 1);
}

#[test]
fn every_title_of_a_lesson_stays_clear_of_the_menu() {
    for lesson in lessons() {
        for language in Language::ALL {
            for size in [(1280.0, 720.0), (960.0, 600.0)] {
                let window = window(lesson.name, lesson.text, size, language);
                let top = Rect::from_min_max(pos2(0.0, 0.0), pos2(size.0, 44.0));
                assert_eq!(collisions(&window, top), [], "{}", lesson.name);
            }
        }
    }
}

/// Every note and question has its mark, and every button can be clicked.
#[test]
fn in_a_narrow_window_the_whole_timeline_is_inside() {
    let lesson = lessons().iter().find(|it| it.name == "12-failover").expect("there is such a lesson");
    for size in [(640.0, 480.0), (400.0, 300.0), (320.0, 240.0)] {
        for command in [AppCommand::Fit, AppCommand::Editor, AppCommand::Gallery] {
            let mut window = window(lesson.name, lesson.text, size, Language::English);
            window.run_steps(60);
            act(&mut window, command);
            let plan = window.state().session().plan();
            let said = plan.notes.len() + plan.questions.len();
            // Right of the editor, which has numbers of its own.
            let play = Word::Play.text(Language::English);
            let left = window.query_by_role_and_label(Role::Button, play).map_or(0.0, |node| node.rect().left());
            let below = Rect::from_min_max(pos2(left, size.1 - 110.0), pos2(size.0, size.1));
            let is_mark = |text: &str| text == "?" || (text.len() == 1 && text.parse::<u8>().is_ok());
            let marks = texts(&window).into_iter().filter(|(text, rect)| is_mark(text) && below.contains_rect(*rect));
            let is_alone = command == AppCommand::Gallery && size.0 < 500.0;
            assert_eq!(marks.count(), if is_alone { 0 } else { said }, "{size:?}, {command:?}");
            let buttons = window.get_all_by_role(Role::Button).map(|node| node.rect());
            let outside =
                buttons.filter(|rect| below.contains(rect.left_center()) && !below.contains(rect.right_center()));
            assert_eq!(outside.count(), 0, "{size:?}, {command:?}");
        }
    }
}

#[test]
fn words_of_the_legend_overlap_nothing() {
    let (one_group, _) = LIKE_EACH_OTHER.rsplit_once("[[groups]]").expect("it has two");
    let text = one_group.replace(", \"rocketmq-broker-a-s2\"", "");
    for size in [(1280.0, 720.0), (960.0, 600.0), (2560.0, 1440.0)] {
        for language in Language::ALL {
            let mut window = window("names", &text, size, language);
            act(&mut window, AppCommand::Legend);
            let painted = texts(&window);
            let said = Word::LegendTape.text(language);
            let (_, place) = painted.iter().find(|(text, _)| text == said).expect("it is said");
            let others = painted.iter().filter(|(text, rect)| text != said && rect.intersects(place.shrink(1.0)));
            assert_eq!(others.map(|(text, _)| text.as_str()).collect::<Vec<_>>(), [""; 0], "{size:?}, {language:?}");
        }
    }
}
