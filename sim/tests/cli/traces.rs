//! `trace`: every line is a record, as the contract has it.

use serde_json::Value;

use super::{TestFolder, expect_done, scenario};

fn records(out: &str) -> Vec<Value> {
    out.lines().map(|line| serde_json::from_str(line).expect("a record a line")).collect()
}

#[test]
fn time_never_falls_numbers_grow_and_a_cause_comes_before_its_effect() {
    let desk = TestFolder::new()
        .file("a.toml", scenario("[[faults]]\nat = \"1s\"\nfor = \"1s\"\nkind = \"pause\"\nnode = \"c\"\n"));
    let done = desk.call(&["trace", "a.toml"]);
    assert_eq!((done.status, done.err.as_str()), (0, ""));
    let (mut at, mut seq, mut caused) = (0, 0, 0);
    for record in records(&done.out) {
        let number = |key: &str| record[key].as_u64();
        let now = number("at_ns").expect("a time");
        let own = number("seq").expect("a number");
        assert!(now >= at && own > seq, "{record}");
        (at, seq) = (now, own);
        assert!(record["cause"].is_null() || number("cause").is_some_and(|cause| cause < own), "{record}");
        caused += u32::from(!record["cause"].is_null());
        assert!(record["node"].is_string() && record["kind"].is_string(), "{record}");
    }
    assert!(caused > 100, "most of what happens has a cause");
    let count = |kind: &str| records(&done.out).iter().filter(|record| record["kind"] == kind).count();
    assert_eq!(["sent", "accepted", "finished", "paused", "resumed"].map(count), [50, 50, 50, 1, 1]);
}

#[test]
fn a_trace_is_of_the_seed_that_was_asked_for_and_breaks_no_expectation() {
    let desk = TestFolder::new().file("a.toml", scenario(&expect_done(51)));
    let trace = |arguments: &[&str]| {
        let done = desk.call(&[&["trace", "a.toml"], arguments].concat());
        assert_eq!(done.status, 0, "{}", done.err);
        done.out
    };
    assert_eq!(trace(&[]), trace(&["--seed", "1"]));
    assert_ne!(trace(&[]), trace(&["--seed", "2"]));
}

#[test]
fn a_limit_passed_is_2_after_what_has_happened_by_then() {
    let desk = TestFolder::new().file("a.toml", scenario(""));
    let done = desk.call(&["trace", "a.toml", "--max-events", "100"]);
    assert_eq!(done.status, 2);
    assert!(done.err.contains("a.toml: limit events passed"), "{}", done.err);
    let whole = desk.call(&["trace", "a.toml"]).out;
    assert!(!done.out.is_empty() && done.out.len() < whole.len() && whole.starts_with(&done.out));
}
