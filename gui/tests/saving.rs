//! The notice when something was saved, or could not be: what is in the file, what is not, and where it is.

mod editor;
mod harness;

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use queuescope::scenario::{Draft, TEMPLATE};
use queuescope::words::Language;
use queuescope_gui::app::{App, FileRequest};
use queuescope_gui::command::AppCommand;
use queuescope_gui::theme::Mode;

use self::editor::{act, editor_with_file};
use self::harness::{Window, window};

fn press(window: &mut Window, with: Modifiers, key: Key) {
    window.key_press_modifiers(with, key);
    window.run_steps(4);
}

/// Types at the beginning of the text, or where the cursor was last.
fn types(window: &mut Window, text: &str) {
    let fields = window.get_all_by_role(Role::MultilineTextInput);
    let first = fields.min_by(|a, b| a.rect().left().total_cmp(&b.rect().left()));
    first.expect("the text is there").focus();
    window.run_steps(2);
    window.event(Event::Text(text.to_owned()));
    window.run_steps(4);
}

/// The path and the text of the only file that is to be written.
fn requested(window: &mut Window) -> (String, String) {
    match &window.state_mut().take_requests()[..] {
        [FileRequest::Save { path, text, .. }] => (path.clone(), text.clone()),
        requests => panic!("one file is to be written: {requests:?}"),
    }
}

/// Answers the request.
fn answer(window: &mut Window, outcome: Result<&str, &str>) {
    window.state_mut().saved(outcome.map(str::to_owned).map_err(str::to_owned));
    window.run_steps(4);
}

fn says(window: &Window, part: &str) -> bool {
    window.query_all_by_label_contains(part).next().is_some()
}

#[test]
fn the_notice_of_an_unsound_text_does_not_say_that_it_can_be_repeated() {
    for language in Language::ALL {
        let (can, mend) = match language {
            Language::English => ("`queuescope run` repeats it", "1 to mend"),
            Language::Chinese => ("用 queuescope run 可以重放", "还有 1 处需要修改，改好后"),
        };
        let mut window = editor_with_file(language);
        types(&mut window, "settl = 7\n");
        press(&mut window, Modifiers::COMMAND, Key::S);
        let (path, text) = requested(&mut window);
        assert!(path == "mine.toml" && text.starts_with("settl = 7\n"), "as it stands: {text}");
        answer(&mut window, Ok("mine.toml"));
        assert!(!says(&window, can) && says(&window, mend) && says(&window, "mine.toml"));
        // When it is mended and saved again, it can.
        (0.."settl = 7\n".len()).for_each(|_| press(&mut window, Modifiers::NONE, Key::Backspace));
        act(&mut window, AppCommand::Save);
        requested(&mut window);
        answer(&mut window, Ok("mine.toml"));
        assert!(says(&window, can) && !says(&window, mend));
    }
}

#[test]
fn the_question_for_a_name_warns_of_an_unsound_text() {
    let mut window = window(App::with_lessons(Language::English, Mode::Light));
    act(&mut window, AppCommand::NewCluster);
    types(&mut window, "settl = 7\n");
    act(&mut window, AppCommand::Save);
    assert!(says(&window, "it is saved as it stands"));
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(requested(&mut window).0, "new-cluster.toml");
    answer(&mut window, Ok("new-cluster.toml"));
    assert!(says(&window, "Saved as new-cluster.toml, as it stands"));
}

#[test]
fn an_unsound_text_that_is_opened_keeps_its_name_while_another_run_is_on_the_stage() {
    let mut window = window(App::with_lessons(Language::English, Mode::Light));
    window.state_mut().open_text("imported.toml", "title = 7", false);
    window.run_steps(4);
    act(&mut window, AppCommand::Save);
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(requested(&mut window), ("imported.toml".to_owned(), "title = 7".to_owned()));
}

#[test]
fn the_notice_of_a_saved_branch_says_that_an_unsound_text_is_not_in_it() {
    let mut window = editor_with_file(Language::English);
    types(&mut window, "settl = 7\n");
    act(&mut window, AppCommand::Editor);
    assert_eq!(window.state().edited_text(), None);
    act(&mut window, AppCommand::Save);
    press(&mut window, Modifiers::NONE, Key::Enter);
    let (path, text) = requested(&mut window);
    assert_eq!((path.as_str(), text.as_str()), ("mine-by-hand.toml", TEMPLATE));
    answer(&mut window, Ok(&path));
    assert!(says(&window, "`queuescope run` repeats it. The text that is not sound is not in it"));
    // The unsound text is still there.
    act(&mut window, AppCommand::Editor);
    assert_eq!(window.state().edited_text(), Some(format!("settl = 7\n{TEMPLATE}").as_str()));
}

#[test]
fn a_file_that_cannot_be_written_keeps_its_text_and_asks_for_another_name() {
    let mut window = editor_with_file(Language::English);
    types(&mut window, "settl = 7\n");
    act(&mut window, AppCommand::Save);
    let (_, text) = requested(&mut window);
    answer(&mut window, Err("mine.toml has changed on disk"));
    assert!(says(&window, "mine.toml has changed on disk"));
    assert_eq!(window.state().edited_text(), Some(text.as_str()));
    press(&mut window, Modifiers::COMMAND, Key::A);
    window.event(Event::Text("other.toml".to_owned()));
    window.run_steps(2);
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(requested(&mut window), ("other.toml".to_owned(), text));
    answer(&mut window, Ok("other.toml"));
    assert!(says(&window, "Saved as other.toml") && window.state().watched_file() == Some("other.toml"));
    assert!(!says(&window, "has changed on disk"), "the question is gone");
}

/// The button beside the text saves the text, whatever else is being saved at the time.
#[test]
fn an_answer_belongs_to_the_first_request_without_one() {
    let mut window = editor_with_file(Language::English);
    types(&mut window, "# mine\n");
    act(&mut window, AppCommand::SaveCharts);
    act(&mut window, AppCommand::Save);
    let (path, text) = requested(&mut window);
    answer(&mut window, Ok(&path));
    assert!(says(&window, "`queuescope run` repeats it"), "the text was saved, no charts");
    // The next save replaces this file, and no other.
    press(&mut window, Modifiers::NONE, Key::Escape);
    types(&mut window, "# more\n");
    act(&mut window, AppCommand::Save);
    let [FileRequest::Save { instead_of, .. }] = &window.state_mut().take_requests()[..] else { panic!("one file") };
    assert_eq!(instead_of.as_deref(), Some(text.as_str()));
}

#[test]
fn the_notice_of_saved_charts_says_how_far_they_go_while_the_run_is_not_over() {
    let long = TEMPLATE.replace("duration = ", "duration = \"9h\" # ");
    for (text, is_known) in [(TEMPLATE, true), (&long, false)] {
        let draft = Draft::read("mine.toml", text).expect("it is sound");
        let mut window = window(App::with_scenario(draft, Language::English, Mode::Light));
        window.run_steps(8);
        assert_eq!(window.state().session().is_known(), is_known);
        act(&mut window, AppCommand::SaveCharts);
        press(&mut window, Modifiers::NONE, Key::Enter);
        let (path, _) = requested(&mut window);
        answer(&mut window, Ok(&path));
        assert!(says(&window, "Saved as mine-charts.csv"));
        assert_eq!(says(&window, "has not been run yet"), !is_known);
    }
}

#[test]
fn a_notice_hides_nothing_that_can_be_clicked() {
    for (width, height) in [(960.0, 600.0), (640.0, 480.0), (1280.0, 720.0)] {
        let mut window = editor_with_file(Language::English);
        window.set_size(vec2(width, height));
        types(&mut window, "settl = 7\n");
        act(&mut window, AppCommand::Save);
        requested(&mut window);
        answer(&mut window, Ok("a-folder/of-a-project/with-a-long-name/mine.toml"));
        let said = window.get_by_label_contains("as it stands").rect();
        assert!(window.ctx.content_rect().contains_rect(said), "{said} at {width}");
        let buttons = window.get_all_by_role(Role::Button).filter(|node| node.rect().top() > 44.0);
        // The cards of the stage are behind it.
        let names = ["Save", "×", "Lesson", "Inspect", "Expect", "Log", "Charts", "Settings"];
        let hidden = buttons.filter(|node| node.rect().intersects(said));
        let hidden =
            hidden.filter_map(|node| node.accesskit_node().label()).filter(|label| names.contains(&label.as_str()));
        assert_eq!(hidden.collect::<Vec<_>>(), Vec::<String>::new(), "at {width}");
        // What is written next has not been saved.
        types(&mut window, "# more\n");
        assert!(!says(&window, "as it stands"));
    }
}
