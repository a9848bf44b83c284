//! The command line. Files, terminal and exit statuses are its business alone; what a scenario is and what a run comes to
//! is the library's.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
