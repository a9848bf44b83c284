//! What both programs do with the system they run on: files are written whole, or not at all.
//!
//! It knows nothing of simulators, options and windows.

mod output;
mod whole;

pub use self::output::{Output, Refusal};
pub use self::whole::{create, replace};
