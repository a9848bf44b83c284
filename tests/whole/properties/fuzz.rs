//! What fuzzes have in common: numbered texts, some thousands each time, and others for as long as one is asked to.
//!
//! `FUZZ_SECONDS=3600 cargo test -p queuescope-tests --test whole fuzz_ -- --ignored` tries others for an hour, from
//! `FUZZ_FROM` on; a failure says the number of its text, which `FUZZ_ONLY` tries alone.

#![expect(clippy::disallowed_types, reason = "a fuzz ends when its time is over, and a hang is told by a clock")]
#![expect(clippy::disallowed_macros, reason = "it says how many texts it has tried")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// Nothing that is tried takes longer, in a debug build on a busy machine.
const LONGEST: Duration = Duration::from_secs(20);

/// A number from the environment.
fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// Tries texts for as long as is asked, those from `first` on, or the one that is asked for.
pub(super) fn as_long_as_asked(first: u64, try_one: impl Fn(u64)) {
    if let Some(only) = asked("FUZZ_ONLY") {
        return try_one(only);
    }
    let end = Instant::now() + Duration::from_secs(asked("FUZZ_SECONDS").unwrap_or(60));
    let from = asked("FUZZ_FROM").unwrap_or(first);
    let mut number = from;
    while Instant::now() < end {
        try_one(number);
        number += 1;
    }
    eprintln!("{} texts, the last was {}", number - from, number - 1);
}

/// Does the work; what is wrong if it panics, or takes too long.
pub(super) fn guarded<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    let begin = Instant::now();
    let came = catch_unwind(AssertUnwindSafe(work)).map_err(|_| "it panicked".to_owned())?;
    let took = begin.elapsed();
    if took > LONGEST { Err(format!("it took {took:?}")) } else { Ok(came) }
}
