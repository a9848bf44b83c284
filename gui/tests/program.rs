//! The built program: which scenario a word on the command line names.

#![expect(clippy::disallowed_methods, reason = "the files of the tests themselves")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder for this process alone.
fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("program");
    std::fs::create_dir_all(&folder).expect("there is room beside the target");
    folder
}

fn picture(of: &str, into: &str) -> Output {
    let program = Command::new(env!("CARGO_BIN_EXE_queuescope-gui"))
        .args(["picture", of, "--at", "2s", "--size", "320x240", "-o", into])
        .current_dir(folder())
        .output();
    program.expect("it can be started")
}

/// The bytes of a picture.
fn bytes(of: &str) -> Vec<u8> {
    let into = format!("{of}.png");
    let output = picture(of, &into);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read(folder().join(into)).expect("it was written")
}

/// The message about a word that names nothing.
fn complaint(of: &str) -> String {
    let output = picture(of, "none.png");
    assert_eq!(output.status.code(), Some(2));
    String::from_utf8(output.stderr).expect("UTF-8")
}

#[test]
fn a_number_names_a_lesson_if_only_one_has_it() {
    let whole = bytes("12-failover");
    assert!(bytes("12") == whole && bytes("03") == bytes("3"));
    let several = complaint("10");
    assert!(several.contains("10-slow-consumer, 10-slow-consumer-more-queues"), "{several}");
    assert!(several.contains("whole name"), "{several}");
}

#[test]
fn the_message_about_a_word_that_names_nothing_proposes_what_may_have_been_meant() {
    std::fs::write(folder().join("my-orders.toml"), "").expect("it can be written");
    for (word, meant) in [("12-failovr", "12-failover"), ("failover", "12-failover"), ("my-order", "my-orders.toml")] {
        let complaint = complaint(word);
        assert!(complaint.contains(word) && complaint.contains(&format!("did you mean {meant}")), "{complaint}");
    }
    let nothing = complaint("99");
    assert!(nothing.contains("no lesson of that name or number") && !nothing.contains("mean"), "{nothing}");
}
