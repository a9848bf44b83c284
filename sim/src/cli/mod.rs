//! The command line: does what the arguments ask for with the library, and prints the results.
//!
//! This is the only place with files, a terminal and exit statuses; it knows nothing of how a run goes.

mod arguments;
mod bug;
mod diagnostic;
mod names;
mod progress;
mod source;
mod terminal;
mod trouble;
mod verb;

use std::process::ExitCode;

use self::arguments::CommandVerb;
use self::terminal::TerminalText;
use self::trouble::{CliError, Status};

/// Does what the arguments say.
pub(crate) fn main() -> ExitCode {
    bug::install();
    let cli = match arguments::parse() {
        Ok(cli) => cli,
        Err(error) => return print_clap_message(&error).into(),
    };
    let result = match &cli.verb {
        CommandVerb::Run(arguments) => verb::run(arguments),
        CommandVerb::Check(arguments) => verb::check(arguments),
        CommandVerb::Trace(arguments) => verb::trace(arguments),
        CommandVerb::List(arguments) => verb::list(arguments),
        CommandVerb::Schema(_) => verb::schema(),
        CommandVerb::New(arguments) => verb::new(arguments),
        CommandVerb::Import(arguments) => verb::import(arguments),
    };
    result.unwrap_or_else(|error| error.print()).into()
}

/// Prints the help that was asked for, or what is wrong with the arguments.
fn print_clap_message(error: &clap::Error) -> Status {
    let message = TerminalText::painted(error.render().ansi().to_string().trim_end());
    if error.use_stderr() {
        message.eprintln();
        return Status::Unusable;
    }
    match message.text("\n").print() {
        Ok(()) => Status::Held,
        Err(error) => CliError::from(error).print(),
    }
}
