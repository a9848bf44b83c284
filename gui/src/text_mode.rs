//! The report of a scenario, where there is no display for a window; it is what `queuescope run` prints. And the only way
//! to standard error.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use queuescope::plan::Plan;
use queuescope::printable;
use queuescope::report::human::{self, Colour, Manner};
use queuescope::report::{Lang, shell};
use queuescope::run;
use queuescope::scenario::{self, lessons};
use queuescope_gui::text::Language;

/// Runs the scenario, or the first lesson, and writes its report.
pub(crate) fn play(plan: Option<Arc<Plan>>, path: Option<&Path>, language: Language) -> Result<(), String> {
    let plan = match plan {
        Some(plan) => plan,
        None => {
            let lesson = lessons().first().ok_or("no lesson is built in")?;
            Arc::new(scenario::read(lesson.name, lesson.text).map_err(|problems| problems.to_string())?)
        }
    };
    let report = run::run(Arc::clone(&plan), plan.seed).map_err(|passed| passed.to_string())?;
    let lang = match language {
        Language::English => Lang::En,
        Language::Chinese => Lang::Zh,
    };
    let path = shell::word(path.unwrap_or(Path::new(&plan.scenario)));
    let text = human::human(&report, &plan, &Manner { lang, colour: Colour::Plain, path: &path });
    // A reader that has read enough closes the pipe: that is no error.
    match stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(format!("standard output: {error}")),
        _ => Ok(()),
    }
}

#[expect(clippy::disallowed_methods, reason = "the report is printable")]
fn stdout() -> io::Stdout {
    io::stdout()
}

/// Writes the help that was asked for, or what is wrong with the arguments; the exit status.
pub(crate) fn clap_exit(error: &clap::Error) -> ExitCode {
    let text = error.render().to_string();
    if error.use_stderr() {
        tell(text.trim_end());
        return ExitCode::from(2);
    }
    let _ = stdout().write_all(text.as_bytes());
    ExitCode::SUCCESS
}

/// Writes a message to standard error, in characters that no terminal obeys. When that fails there is nothing left to do.
#[expect(clippy::disallowed_methods, reason = "the message is made printable")]
pub(crate) fn tell(text: &str) {
    let _ = writeln!(io::stderr(), "queuescope-gui: {}", printable::lines(text));
}
