//! Errors between the user and a run, how they are printed, and the exit status that follows. It knows nothing of how a
//! scenario is read or run.

use std::io;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use queuescope::files::Refusal;
use queuescope::printable;
use queuescope::scenario::Diagnostics;

use super::diagnostic;
use super::terminal::TerminalText;

const BAD: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HELP: Style = AnsiColor::Cyan.on_default();

/// The exit status, the better before the worse.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Status {
    /// All expectations hold.
    Held,
    /// At least one expectation does not.
    Broken,
    /// Bad input or usage, with nothing run; or a limit passed.
    Unusable,
    /// A bug of ours, as a panic ends a program.
    Bug = 101,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status as u8)
    }
}

/// An error that ends the program.
#[derive(Debug)]
pub(crate) enum CliError {
    /// Something is wrong with what was asked for.
    Request(Complaint),
    /// Files cannot be used; what was good may not run either. The number is that of all files.
    Files(Vec<BadFile>, usize),
    /// Standard output takes no more.
    Output(io::Error),
}

/// One sentence about what is wrong, and one about what would remedy it.
#[derive(Debug)]
pub(crate) struct Complaint {
    message: String,
    help: Option<String>,
}

/// A file that cannot be used.
#[derive(Debug)]
pub(crate) enum BadFile {
    /// It cannot be read, or does not exist.
    Unread(Complaint),
    /// There are problems in it.
    Problems(Diagnostics),
}

impl From<Complaint> for CliError {
    fn from(complaint: Complaint) -> Self {
        Self::Request(complaint)
    }
}

impl From<Refusal> for Complaint {
    fn from(Refusal { message, help }: Refusal) -> Self {
        Self { message, help }
    }
}

impl From<io::Error> for CliError {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl CliError {
    /// Prints the error, and returns the exit status.
    pub(crate) fn print(&self) -> Status {
        match self {
            Self::Request(complaint) => complaint.print_error(),
            Self::Files(bad, files) => print_bad_files(bad, *files),
            // The reader has closed the pipe, as `head` does: no error.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => return Status::Held,
            Self::Output(error) => Complaint::new(format!("standard output cannot be written: {error}")).print_error(),
        }
        Status::Unusable
    }
}

impl Complaint {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// Prints it as an error.
    pub(crate) fn print_error(&self) {
        self.print_as(BAD, "error:");
    }

    /// Prints it as a warning, which ends nothing.
    pub(crate) fn print_warning(&self) {
        self.print_as(WARNING, "warning:");
    }

    fn print_as(&self, style: Style, severity: &str) {
        TerminalText::new().styled(style, severity).text(format!(" {}", printable::line(&self.message))).eprintln();
        if let Some(help) = &self.help {
            TerminalText::new().styled(HELP, " help:").text(format!(" {}", printable::line(help))).eprintln();
        }
    }
}

/// Prints every problem of every file, and how many there are.
fn print_bad_files(bad: &[BadFile], files: usize) {
    let mut problems = 0;
    for file in bad {
        match file {
            BadFile::Unread(complaint) => {
                complaint.print_error();
                problems += 1;
            }
            BadFile::Problems(diagnostics) => {
                diagnostic::print_errors(diagnostics);
                problems += diagnostics.problems.len();
            }
        }
    }
    let problems = if problems == 1 { "1 problem".to_owned() } else { format!("{problems} problems") };
    if files > 1 {
        let rest = format!(" in {} of {files} files; nothing was run", bad.len());
        TerminalText::new().styled(BAD, problems).text(rest).eprintln();
    } else if bad.iter().any(|file| matches!(file, BadFile::Problems(_))) {
        TerminalText::new().styled(BAD, problems).eprintln();
    }
}
