//! What both programs do with the system they run on: files are written whole, or not at all.
//!
//! It knows nothing of simulators, options and windows.

mod input;
mod output;
mod whole;

pub use self::input::{read, read_file};
pub use self::output::{Output, Refusal};
pub use self::whole::{create, replace};
