//! The command line: what was asked for, done with the library, told on the terminal.
//!
//! This is the only place with files, a terminal and exit statuses; it knows nothing of how a run goes.

mod arguments;
mod diagnostic;
mod progress;
mod source;
mod trouble;
mod verb;

use std::process::ExitCode;

use self::arguments::Verb;
use self::trouble::Status;

/// Does what the arguments say.
pub(crate) fn main() -> ExitCode {
    let cli = match arguments::parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Nobody is left to be told where this cannot be written.
            let _ = error.print();
            return if error.use_stderr() { Status::Unusable.into() } else { Status::Held.into() };
        }
    };
    let done = match &cli.verb {
        Verb::Run(arguments) => verb::run(arguments),
        Verb::Check(arguments) => verb::check(arguments),
        Verb::Trace(arguments) => verb::trace(arguments),
        Verb::List(arguments) => verb::list(arguments),
        Verb::Schema(_) => verb::schema(),
        Verb::New(arguments) => verb::new(arguments),
        Verb::Import(arguments) => verb::import(arguments),
    };
    done.unwrap_or_else(|trouble| trouble.tell()).into()
}
