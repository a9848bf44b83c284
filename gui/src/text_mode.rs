//! Text output of the program: the report of a scenario where no window can be opened, as `queuescope run` prints it, and
//! every message on standard error.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use queuescope::plan::Plan;
use queuescope::printable;
use queuescope::report::human::{self, Colour, Manner};
use queuescope::report::shell;
use queuescope::run;
use queuescope::scenario::{self, lessons};
use queuescope::words::Language;

/// Runs the scenario, or the first lesson if there is none, and prints its report.
pub(crate) fn play(plan: Option<Arc<Plan>>, path: Option<&Path>, language: Language) -> Result<(), String> {
    let plan = match plan {
        Some(plan) => plan,
        None => {
            let lesson = lessons().first().ok_or("no lesson is built in")?;
            Arc::new(scenario::read(lesson.name, lesson.text).map_err(|problems| problems.to_string())?)
        }
    };
    let report = run::run(Arc::clone(&plan), plan.seed).map_err(|limit| limit.to_string())?;
    let path = shell::word(path.unwrap_or(Path::new(&plan.scenario)));
    let text = human::human(&report, &plan, &Manner { language, colour: Colour::Plain, path: &path });
    // A reader such as `head` closes the pipe early: that is no error.
    match stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(format!("standard output: {error}")),
        _ => Ok(()),
    }
}

#[expect(clippy::disallowed_methods, reason = "the report is printable")]
fn stdout() -> io::Stdout {
    io::stdout()
}

/// Prints the help that the user asked for, or the error in the arguments. Returns the exit status.
pub(crate) fn clap_exit(error: &clap::Error) -> ExitCode {
    let text = error.render().to_string();
    if error.use_stderr() {
        tell(text.trim_end());
        return ExitCode::from(2);
    }
    let _ = stdout().write_all(text.as_bytes());
    ExitCode::SUCCESS
}

/// Prints a message on standard error, without characters that would control the terminal. If that fails, there is no other
/// place to report it.
#[expect(clippy::disallowed_methods, reason = "the message is made printable")]
pub(crate) fn tell(text: &str) {
    let _ = writeln!(io::stderr(), "queuescope-gui: {}", printable::lines(text));
}
