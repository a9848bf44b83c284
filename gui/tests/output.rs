//! The built program and the files it writes: never over a scenario.

#![expect(clippy::disallowed_methods, reason = "the files of the tests themselves")]

use std::fs;
use std::process::Command;

const SCENARIO: &str = "title = \"mine\"\nduration = \"1s\"\n[[brokers]]\nname = \"b\"\n[[topics]]\nname = \"t\"\n\
    queues = { b = 1 }\n";

#[test]
fn a_picture_and_a_film_never_replace_a_scenario() {
    let desk = tempfile::tempdir().expect("a folder for the test");
    for name in ["mine.toml", "mine", "other.toml"] {
        fs::write(desk.path().join(name), SCENARIO).expect("a file");
    }
    for verb in [&["picture"][..], &["movie", "--to", "1s"]] {
        for (scenario, output) in [("mine.toml", "mine.toml"), ("mine", "./mine"), ("mine", "other.toml")] {
            let mut command = Command::new(env!("CARGO_BIN_EXE_queuescope-gui"));
            let done = command.args(verb).args([scenario, "-o", output]).current_dir(desk.path()).output();
            let done = done.expect("the program runs");
            let err = String::from_utf8_lossy(&done.stderr).into_owned();
            assert_eq!(done.status.code(), Some(2), "{verb:?} {output}: {err}");
            assert!(err.contains("--output takes the name"), "{err}");
            for name in ["mine.toml", "mine", "other.toml"] {
                assert_eq!(fs::read_to_string(desk.path().join(name)).ok().as_deref(), Some(SCENARIO), "{name}");
            }
        }
    }
    assert_eq!(fs::read_dir(desk.path()).expect("a folder").count(), 3, "nothing half is left");
}
