//! `import`: what is known of a real cluster, from files, becomes a scenario.

use std::io::{self, Write as _};
use std::path::Path;

use anstyle::{AnsiColor, Style};
use queuescope::import::{self, File, Imported, Passage};
use queuescope::limit;

use super::{NAME, write_new};
use crate::cli::arguments;
use crate::cli::source::{bytes, bytes_of};
use crate::cli::trouble::{Bad, Status, Trouble};

const NOTE: Style = AnsiColor::Yellow.on_default().bold();

/// What stands for standard input, and for standard output.
const STANDARD: &str = "-";

/// Makes a scenario of a real cluster.
pub(crate) fn import(arguments: &arguments::Import) -> Result<Status, Trouble> {
    let files = arguments.files.len();
    let mut bad = Vec::new();
    let mut contents = Vec::new();
    for file in &arguments.files {
        let read = if file == Path::new(STANDARD) { bytes_of(io::stdin(), file) } else { bytes(file) };
        match read {
            Ok(bytes) => contents.push((file.display().to_string(), bytes)),
            Err(complaint) => bad.push(Bad::Unread(complaint)),
        }
    }
    if !bad.is_empty() {
        return Err(Trouble::Files(bad, files));
    }
    let sources: Vec<File<'_>> = contents.iter().map(|(name, bytes)| File { name, bytes }).collect();
    let Imported { text, passed_over, taken } = import::scenario(&sources)
        .map_err(|problems| Trouble::Files(problems.into_iter().map(Bad::Problems).collect(), files))?;
    tell("passed over", &passed_over);
    tell("taken", &taken);
    let out = arguments.out.as_deref().filter(|out| *out != Path::new(STANDARD));
    let Some(out) = out else {
        io::stdout().lock().write_all(text.as_bytes())?;
        return Ok(Status::Held);
    };
    write_new(out, &text)?;
    let path = out.display();
    anstream::eprintln!(
        "{path} is written. Run it:\n\n  {NAME}queuescope run {path}{NAME:#}\n\nIts comments say what is a guess."
    );
    Ok(Status::Held)
}

/// Tells which passages of the files were not taken as they stand, and why.
fn tell(what: &str, passages: &[Passage]) {
    for passage in passages.iter().take(limit::PASSAGES) {
        anstream::eprintln!("{NOTE}{what}:{NOTE:#} {passage}");
    }
    if passages.len() > limit::PASSAGES {
        anstream::eprintln!("{NOTE}{what}:{NOTE:#} and {} more passages", passages.len() - limit::PASSAGES);
    }
}
