//! `import`: what is known of a real cluster, from files, becomes a scenario.

use std::io::{self, Write as _};
use std::path::Path;

use queuescope::import::{self, File};

use super::{NAME, write_new};
use crate::cli::arguments;
use crate::cli::source::{text, text_of};
use crate::cli::trouble::{Bad, Status, Trouble};

const EXPECTED: &str = "what mqadmin prints, or JSON";

/// Makes a scenario of a real cluster.
pub(crate) fn import(arguments: &arguments::Import) -> Result<Status, Trouble> {
    let files = arguments.files.len();
    let mut bad = Vec::new();
    let mut texts = Vec::new();
    for file in &arguments.files {
        let read = if file == Path::new("-") { text_of(io::stdin(), file, EXPECTED) } else { text(file, EXPECTED) };
        match read {
            Ok(text) => texts.push((file.display().to_string(), text)),
            Err(complaint) => bad.push(Bad::Unread(complaint)),
        }
    }
    let sources: Vec<File<'_>> = texts.iter().map(|(name, text)| File { name, text }).collect();
    let scenario = import::scenario(&sources).unwrap_or_else(|problems| {
        bad.extend(problems.into_iter().map(Bad::Problems));
        String::new()
    });
    if !bad.is_empty() {
        return Err(Trouble::Files(bad, files));
    }
    let Some(out) = &arguments.out else {
        io::stdout().lock().write_all(scenario.as_bytes())?;
        return Ok(Status::Held);
    };
    write_new(out, &scenario)?;
    let path = out.display();
    anstream::eprintln!(
        "{path} is written. Run it:\n\n  {NAME}queuescope run {path}{NAME:#}\n\nIts comments say what is a guess."
    );
    Ok(Status::Held)
}
