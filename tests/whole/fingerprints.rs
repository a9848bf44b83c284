//! What all lessons and five hundred random clusters come to, for a change of the code that must not change what it does:
//!
//! ```sh
//! FINGERPRINTS=/tmp/before.txt cargo test -p queuescope-tests --test whole fingerprints -- --ignored
//! ```
//!
//! writes the list where there is none, and afterwards compares with it.

use std::fmt::Write as _;

use queuescope::scenario::lessons;
use queuescope_tests::random::chaos::{Means, chaos};
use queuescope_tests::run::run_text;

/// Clusters of each kind.
const CLUSTERS: u64 = 125;

/// A line for each.
fn list() -> String {
    let mut list = String::new();
    for lesson in lessons() {
        _ = writeln!(list, "{} {}", run_text(lesson.text).report.fingerprint, lesson.name);
    }
    for (word, means) in Means::EACH {
        // Repetition is drawn after all else: without it a cluster is the same as in a list from before there was any.
        let means = Means { repeats: false, ..means };
        for number in 0..CLUSTERS {
            let fingerprint = run_text(&chaos(means, number).0).report.fingerprint;
            _ = writeln!(list, "{fingerprint} {word} {number}");
        }
    }
    list
}

#[expect(clippy::disallowed_methods, reason = "the list of whoever asks for it, which is made again if it is half")]
#[test]
#[ignore = "before and after a change: FINGERPRINTS=FILE"]
fn fingerprints() {
    let path = std::env::var_os("FINGERPRINTS").expect("FINGERPRINTS is the path of the list");
    let now = list();
    match std::fs::read_to_string(&path) {
        Ok(before) => {
            let others: Vec<&str> = now.lines().filter(|line| !before.lines().any(|it| it == *line)).collect();
            assert!(others.is_empty(), "{} are others: {others:#?}", others.len());
        }
        Err(_) => std::fs::write(&path, now).expect("the list can be written"),
    }
}
