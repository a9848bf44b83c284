//! Charts: opened by key and by mouse, clicked to go to a time, made large, and saved as the table that the library makes of
//! the same run.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Rect, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use queuescope::kernel::Time;
use queuescope::limit::EVENTS;
use queuescope::report::csv;
use queuescope::scenario::{Draft, lessons};
use queuescope::session::Session;
use queuescope::words::{Language, fill};
use queuescope_gui::app::{App, FileRequest};
use queuescope_gui::command::Tab;
use queuescope_gui::font::{self, Faces};
use queuescope_gui::model::chart::Chart;
use queuescope_gui::model::selection::Selected;
use queuescope_gui::text::Word;
use queuescope_gui::theme::Mode;

/// A lesson that has run ahead to its end.
fn window(name: &str, language: Language) -> Harness<'static, App> {
    let lesson = lessons().iter().find(|it| it.name == name).expect("there is such a lesson");
    let draft = Draft::read(lesson.name, lesson.text).expect("lessons are sound");
    let mut harness = Harness::builder()
        .with_size(vec2(1280.0, 1400.0))
        .with_context_setup(|ctx| font::install(ctx, Faces::Own))
        .build_ui_state(|ui, app: &mut App| app.show(ui), App::with_scenario(draft, language, Mode::Light));
    while !harness.state().session().is_known() {
        harness.run_steps(1);
    }
    harness.run_steps(3);
    harness
}

fn press(harness: &mut Harness<'_, App>, key: Key) {
    harness.key_press(key);
    harness.run_steps(3);
}

fn name(harness: &Harness<'_, App>, chart: Chart) -> String {
    let language = harness.state().language();
    fill(Word::ChartOf.text(language), &[chart.word().text(language)])
}

fn rect(harness: &Harness<'_, App>, chart: Chart) -> Rect {
    harness.get_by_role_and_label(Role::Slider, &name(harness, chart)).rect()
}

fn share(harness: &Harness<'_, App>) -> f32 {
    let session = harness.state().session();
    session.scene().at().0 as f32 / session.ahead().at().0 as f32
}

#[test]
fn the_tab_is_opened_by_key_and_by_mouse_in_both_languages() {
    for language in Language::ALL {
        let mut harness = window("10-slow-consumer", language);
        harness.get_by_label(Word::Charts.text(language)).click();
        harness.run_steps(3);
        assert_eq!(harness.state().tab(), Tab::Charts);
        press(&mut harness, Key::F1);
        press(&mut harness, Key::F5);
        assert_eq!(harness.state().tab(), Tab::Charts);
        let left: Vec<f32> = Chart::ALL.map(|chart| rect(&harness, chart).left()).to_vec();
        assert!(left.iter().all(|x| (x - left[0]).abs() < 0.5), "one moment is below the other: {left:?}");
    }
}

#[test]
fn a_click_or_a_drag_in_a_chart_goes_to_its_time() {
    let mut harness = window("12-failover", Language::English);
    press(&mut harness, Key::F5);
    for (chart, wanted) in [(Chart::Lag, 0.3), (Chart::Latency, 0.7), (Chart::Throughput, 0.1)] {
        let rect = rect(&harness, chart);
        let place = pos2(rect.left() + rect.width() * wanted, rect.center().y);
        harness.drag_at(place);
        harness.run_steps(2);
        harness.drop_at(place);
        harness.run_steps(2);
        assert!((share(&harness) - wanted).abs() < 0.01, "{} instead of {wanted}", share(&harness));
        assert!(!harness.state().player().is_playing());
    }
}

#[test]
fn a_chart_takes_the_place_of_the_stage_and_gives_it_back() {
    let mut harness = window("12-failover", Language::English);
    press(&mut harness, Key::F5);
    let small = rect(&harness, Chart::Latency);
    for back in [true, false] {
        harness.get_by_label(Chart::Latency.word().text(Language::English)).click();
        harness.run_steps(3);
        let latency = name(&harness, Chart::Latency);
        let both: Vec<Rect> = harness.get_all_by_label(&latency).map(|node| node.rect()).collect();
        let large = both.iter().find(|rect| rect.width() > 2.0 * small.width()).expect("a large one");
        let place = pos2(large.left() + large.width() * 0.5, large.center().y);
        harness.drag_at(place);
        harness.drop_at(place);
        harness.run_steps(2);
        assert!((share(&harness) - 0.5).abs() < 0.01, "{}", share(&harness));
        if back {
            press(&mut harness, Key::Escape);
        } else {
            press(&mut harness, Key::F1);
            press(&mut harness, Key::F5);
            let titles: Vec<Rect> =
                harness.get_all_by_label(Chart::Latency.word().text(Language::English)).map(|it| it.rect()).collect();
            assert_eq!(titles.len(), 2, "it comes back with the charts");
            harness.get_all_by_label(Chart::Latency.word().text(Language::English)).next().expect("one").click();
            harness.run_steps(3);
        }
        assert!((rect(&harness, Chart::Latency).width() - small.width()).abs() < 1.0, "only the small one");
    }
}

#[test]
fn a_selected_queue_has_a_line_however_few_messages_it_stores() {
    let mut harness = window("10-slow-consumer-more-queues", Language::English);
    let hidden = |harness: &Harness<'_, App>| {
        let queues = &harness.state().session().plan().queues;
        let all: Vec<String> = queues.iter().map(|queue| queue.name.clone()).collect();
        all.into_iter().filter(|name| harness.query_by_role_and_label(Role::Label, name).is_none()).collect::<Vec<_>>()
    };
    press(&mut harness, Key::F5);
    let before = hidden(&harness);
    assert_eq!(before.len(), 2, "six queues, and room for four");
    let queues = &harness.state().session().plan().queues;
    let place = queues.iter().position(|queue| queue.name == before[0]).expect("a queue");
    harness.state_mut().select(Some(Selected::Queue(place.into())));
    press(&mut harness, Key::F5);
    assert!(!hidden(&harness).contains(&before[0]));
}

#[test]
fn saving_asks_for_the_table_that_the_library_makes() {
    for language in Language::ALL {
        let mut harness = window("12-failover", language);
        press(&mut harness, Key::F5);
        harness.get_by_label(Word::SaveCharts.text(language)).click();
        harness.run_steps(3);
        press(&mut harness, Key::Escape);
        assert_eq!(harness.state_mut().take_requests(), []);
        harness.key_press_modifiers(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::S);
        harness.run_steps(3);
        press(&mut harness, Key::Enter);
        let plan = harness.state().session().plan().clone();
        let mut session = Session::new(plan.clone(), plan.seed, EVENTS);
        while !session.work(1_000) {}
        let text = csv::series(session.series());
        assert!(text.lines().count() > 100 && session.scene().at() == Time::ZERO);
        let path = "12-failover-charts.csv".to_owned();
        assert_eq!(
            harness.state_mut().take_requests(),
            [FileRequest::Save { path: path.clone(), text, instead_of: None }]
        );
        harness.state_mut().saved(Ok(path.clone()));
        harness.run_steps(3);
        harness.get_by_label(&fill(Word::SavedCharts.text(language), &[&path]));
    }
}
