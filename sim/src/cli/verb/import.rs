//! `import`: makes a scenario of files with what is known of a real cluster.

use std::io;
use std::path::Path;

use anstyle::{AnsiColor, Style};
use queuescope::import::{self, File, Imported, Passage};
use queuescope::{limit, printable};

use super::{print_next_step, write_new};
use crate::cli::arguments;
use crate::cli::source::{bytes, bytes_of};
use crate::cli::terminal::TerminalText;
use crate::cli::trouble::{BadFile, CliError, Status};

const NOTE: Style = AnsiColor::Yellow.on_default().bold();

/// The path that stands for standard input, and for standard output.
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
            Err(complaint) => bad.push(BadFile::Unread(complaint)),
        }
    }
    if !bad.is_empty() {
        return Err(CliError::Files(bad, files));
    }
    let sources: Vec<File<'_>> = contents.iter().map(|(name, bytes)| File { name, bytes }).collect();
    let Imported { text, passed_over, taken, .. } = import::scenario(&sources)
        .map_err(|problems| CliError::Files(problems.into_iter().map(BadFile::Problems).collect(), files))?;
    print_passages("passed over", &passed_over);
    print_passages("taken", &taken);
    let out = arguments.out.as_deref().unwrap_or(Path::new(STANDARD));
    // Names are as they were pasted; what a terminal would obey in them is escaped, and says the same.
    write_new(out, &printable::toml(&text))?;
    print_next_step(out, "Its comments say what is a guess.");
    Ok(Status::Held)
}

/// Prints which passages of the files were not taken as they stand, and why.
fn print_passages(label: &str, passages: &[Passage]) {
    for passage in passages.iter().take(limit::PASSAGES) {
        TerminalText::new().styled(NOTE, format!("{label}:")).text(format!(" {passage}")).eprintln();
    }
    if passages.len() > limit::PASSAGES {
        let more = format!(" and {} more passages", passages.len() - limit::PASSAGES);
        TerminalText::new().styled(NOTE, format!("{label}:")).text(more).eprintln();
    }
}
