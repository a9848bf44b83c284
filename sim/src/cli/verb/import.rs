//! `import`: what is known of a real cluster, from files, becomes a scenario.

use std::io;
use std::path::Path;

use anstyle::{AnsiColor, Style};
use queuescope::import::{self, File, Imported, Passage};
use queuescope::{limit, printable};

use super::{tell_written, write_new};
use crate::cli::arguments;
use crate::cli::source::{bytes, bytes_of};
use crate::cli::terminal::TerminalText;
use crate::cli::trouble::{Bad, CliError, Status};

const NOTE: Style = AnsiColor::Yellow.on_default().bold();

/// What stands for standard input, and for standard output.
const STANDARD: &str = "-";

/// Makes a scenario of a real cluster.
pub(crate) fn import(arguments: &arguments::ImportArguments) -> Result<Status, CliError> {
    let files = arguments.files.len();
    let mut bad = Vec::new();
    let mut contents = Vec::new();
    for file in &arguments.files {
        let read = if file == Path::new(STANDARD) { bytes_of(io::stdin(), file) } else { bytes(file) };
        match read {
            Ok(bytes) => contents.push((printable::path(file), bytes)),
            Err(complaint) => bad.push(Bad::Unread(complaint)),
        }
    }
    if !bad.is_empty() {
        return Err(CliError::Files(bad, files));
    }
    let sources: Vec<File<'_>> = contents.iter().map(|(name, bytes)| File { name, bytes }).collect();
    let Imported { text, passed_over, taken, .. } = import::scenario(&sources)
        .map_err(|problems| CliError::Files(problems.into_iter().map(Bad::Problems).collect(), files))?;
    tell("passed over", &passed_over);
    tell("taken", &taken);
    let out = arguments.out.as_deref().unwrap_or(Path::new(STANDARD));
    // Names are as they were pasted; what a terminal would obey in them is escaped, and says the same.
    write_new(out, &printable::toml(&text))?;
    tell_written(out, "Its comments say what is a guess.");
    Ok(Status::Held)
}

/// Tells which passages of the files were not taken as they stand, and why.
fn tell(what: &str, passages: &[Passage]) {
    for passage in passages.iter().take(limit::PASSAGES) {
        TerminalText::new().styled(NOTE, format!("{what}:")).text(format!(" {passage}")).tell();
    }
    if passages.len() > limit::PASSAGES {
        let more = format!(" and {} more passages", passages.len() - limit::PASSAGES);
        TerminalText::new().styled(NOTE, format!("{what}:")).text(more).tell();
    }
}
