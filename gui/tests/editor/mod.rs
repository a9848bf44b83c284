//! The scenario editor with a file, for tests that begin there. It knows nothing of what is edited.

use queuescope::scenario::{Draft, TEMPLATE};
use queuescope::words::Language;
use queuescope_gui::app::App;
use queuescope_gui::command::AppCommand;
use queuescope_gui::theme::Mode;

use crate::harness::{Window, window};

/// Shows the editor with the template as the file `mine.toml`.
pub(crate) fn editor_with_file(language: Language) -> Window {
    let draft = Draft::read("mine.toml", TEMPLATE).expect("it is sound");
    let mut window = window(App::with_file(draft, language, Mode::Light));
    act(&mut window, AppCommand::Editor);
    window
}

/// Gives the application a command, as a key or a button does.
pub(crate) fn act(window: &mut Window, command: AppCommand) {
    let ctx = window.ctx.clone();
    window.state_mut().act(command, &ctx);
    window.run_steps(4);
}
