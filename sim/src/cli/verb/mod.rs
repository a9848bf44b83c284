//! What the command line can do, a file for each that takes more than a few lines.

mod import;
mod run;
mod trace;

use std::io::{self, Write as _};
use std::path::Path;

use anstyle::{AnsiColor, Style};
use queuescope::plan::Text;
use queuescope::report::Lang;
use queuescope::scenario::{self, lessons};

pub(crate) use self::import::import;
pub(crate) use self::run::run;
pub(crate) use self::trace::trace;
use super::arguments;
use super::source::Sources;
use super::trouble::{Complaint, Status, Trouble};

const NAME: Style = AnsiColor::Cyan.on_default().bold();
const GOOD: Style = AnsiColor::Green.on_default().bold();

/// Reads scenarios without running them.
pub(crate) fn check(arguments: &arguments::Check) -> Result<Status, Trouble> {
    let sources = Sources::read(&arguments.paths);
    let mut out = anstream::stdout().lock();
    for source in &sources.good {
        let (nodes, queues) = (source.plan.nodes.len(), source.plan.queues.len());
        let nodes = format!("{nodes} node{}", if nodes == 1 { "" } else { "s" });
        let queues = format!("{queues} queue{}", if queues == 1 { "" } else { "s" });
        writeln!(out, "{GOOD}ok{GOOD:#}  {} ({nodes}, {queues})", source.path.display())?;
    }
    sources.all()?;
    Ok(Status::Held)
}

/// Names the scenarios that are built in.
pub(crate) fn list(arguments: &arguments::List) -> Result<Status, Trouble> {
    let lang = arguments.language.choice();
    let width = lessons().iter().map(|lesson| lesson.name.len()).max().unwrap_or(0);
    let mut out = anstream::stdout().lock();
    for lesson in lessons() {
        // Those that are built in are read without problems: a test of the library.
        let title =
            scenario::read(lesson.name, lesson.text).map(|plan| in_language(plan.title, lang)).unwrap_or_default();
        writeln!(out, "{NAME}{:width$}{NAME:#}  {title}", lesson.name)?;
    }
    Ok(Status::Held)
}

fn in_language(text: Text, lang: Lang) -> String {
    match lang {
        Lang::En => text.en,
        Lang::Zh => text.zh,
    }
}

/// Prints the JSON Schema of the scenario file.
pub(crate) fn schema() -> Result<Status, Trouble> {
    writeln!(io::stdout().lock(), "{:#}", scenario::schema())?;
    Ok(Status::Held)
}

/// Writes a small scenario to start from.
pub(crate) fn new(arguments: &arguments::New) -> Result<Status, Trouble> {
    write_new(&arguments.file, scenario::TEMPLATE)?;
    let path = arguments.file.display();
    anstream::eprintln!(
        "{path} is written. Run it:\n\n  {NAME}queuescope run {path}{NAME:#}\n\nThen change it, and see what happens."
    );
    Ok(Status::Held)
}

/// Writes a file that is not there yet.
fn write_new(file: &Path, text: &str) -> Result<(), Complaint> {
    let path = file.display();
    queuescope_system::create(file, text.as_bytes()).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            Complaint::new(format!("{path} exists; it was left as it is")).help("give the name of a new file")
        }
        _ => Complaint::new(format!("{path} cannot be written: {error}")),
    })
}
