//! The verbs of the command line, a file for each that takes more than a few lines.

mod import;
mod run;
mod trace;

use std::io::{self, Write as _};
use std::path::Path;

use anstyle::{AnsiColor, Style};
use queuescope::printable;
use queuescope::report::shell;
use queuescope::scenario::{self, lessons};

pub(crate) use self::import::import;
pub(crate) use self::run::run;
pub(crate) use self::trace::trace;
use super::arguments;
use super::source::Sources;
use super::terminal::{self, TerminalText};
use super::trouble::{CliError, Complaint, Status};

const NAME: Style = AnsiColor::Cyan.on_default().bold();
const GOOD: Style = AnsiColor::Green.on_default().bold();

/// Reads scenarios without running them.
pub(crate) fn check(arguments: &arguments::CheckArguments) -> Result<Status, CliError> {
    let sources = Sources::read(&arguments.paths);
    for source in &sources.good {
        let (nodes, queues) = (source.plan.nodes.len(), source.plan.queues.len());
        let nodes = format!("{nodes} node{}", if nodes == 1 { "" } else { "s" });
        let queues = format!("{queues} queue{}", if queues == 1 { "" } else { "s" });
        let path = printable::path(&source.path);
        source.print_warnings();
        TerminalText::new().styled(GOOD, "ok").text(format!("  {path} ({nodes}, {queues})\n")).print()?;
    }
    sources.all()?;
    Ok(Status::Held)
}

/// Prints the names and titles of the scenarios that are built in.
pub(crate) fn list(arguments: &arguments::ListArguments) -> Result<Status, CliError> {
    let language = arguments.language.choice();
    let width = lessons().iter().map(|lesson| lesson.name.len()).max().unwrap_or(0);
    for lesson in lessons() {
        // Those that are built in are read without problems: a test of the library.
        let title = scenario::read(lesson.name, lesson.text).map(|plan| plan.title).unwrap_or_default();
        let name = format!("{:width$}", lesson.name);
        let title = printable::line(language.of(&title));
        TerminalText::new().styled(NAME, name).text(format!("  {title}\n")).print()?;
    }
    Ok(Status::Held)
}

/// Prints the JSON Schema of the scenario file.
pub(crate) fn schema() -> Result<Status, CliError> {
    writeln!(terminal::data(), "{:#}", scenario::schema())?;
    Ok(Status::Held)
}

/// Writes a small scenario to start from.
pub(crate) fn new(arguments: &arguments::NewArguments) -> Result<Status, CliError> {
    write_new(&arguments.file, scenario::TEMPLATE)?;
    print_next_step(&arguments.file, "Then change it, and see what happens.");
    Ok(Status::Held)
}

/// Prints how to run a scenario that was written, and what to do then.
fn print_next_step(file: &Path, then: &str) {
    if is_standard(file) {
        return;
    }
    let text = TerminalText::new().text(format!("{} is written. Run it:\n\n  ", printable::path(file)));
    text.styled(NAME, format!("queuescope run {}", shell::word(file))).text(format!("\n\n{then}")).eprintln();
}

/// Whether it is `-`, which is standard output.
fn is_standard(file: &Path) -> bool {
    file == Path::new("-")
}

/// Writes a file that is not there yet.
fn write_new(file: &Path, text: &str) -> Result<(), CliError> {
    if is_standard(file) {
        return Ok(terminal::data().write_all(text.as_bytes())?);
    }
    let path = printable::path(file);
    let written = queuescope::files::create(file, text.as_bytes()).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            Complaint::new(format!("{path} exists; it was left as it is")).help("give the name of a new file")
        }
        _ => Complaint::new(format!("{path} cannot be written: {error}")),
    });
    Ok(written?)
}
