//! Files, for both programs: a file is read up to a limit, and written whole or not at all.
//!
//! Behind the feature `files`, and used by programs only: the rest of the library does no I/O. It knows no other module
//! of the crate.

mod input;
mod output;
mod whole;

pub use self::input::{read, read_file};
pub use self::output::{OutputFile, Refusal};
pub use self::whole::{create, replace};
