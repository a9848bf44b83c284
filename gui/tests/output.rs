//! The output of the built program: files that never replace a scenario, and text without control characters.

#![expect(clippy::disallowed_methods, reason = "the files of the tests themselves")]

use std::fs;
use std::process::Command;

use queuescope::printable;

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

#[cfg(unix)]
#[test]
fn no_control_character_of_a_scenario_or_of_the_arguments_reaches_a_terminal() {
    const HOSTILE: &str = "\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}31m\u{202e}\u{2028}";
    let desk = tempfile::tempdir().expect("a folder for the test");
    let escaped = "\\u001b[2J\\u009b31m\u{202e}";
    let good = SCENARIO.replace("\"mine\"", &format!("\"mine{escaped}\""));
    let bad = format!("\"{escaped}\" = 1\n");
    let [good_name, bad_name] = ["good", "bad"].map(|name| format!("{name}{HOSTILE}.toml"));
    fs::write(desk.path().join(&good_name), good).expect("a file");
    fs::write(desk.path().join(&bad_name), bad).expect("a file");
    for (arguments, status) in [
        (&[&*good_name][..], 0),
        (&[&*bad_name], 2),
        (&[HOSTILE], 2),
        (&["--at", HOSTILE], 2),
        (&["picture", &good_name, "--select", HOSTILE, "-o", "x.png"], 2),
        (&["picture", &good_name, "-o", &good_name], 2),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_queuescope-gui"));
        for name in ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"] {
            command.env_remove(name);
        }
        let done = command.args(arguments).current_dir(desk.path()).output().expect("the program runs");
        assert_eq!(done.status.code(), Some(status), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
        for text in [done.stdout, done.stderr] {
            let text = String::from_utf8(text).expect("UTF-8");
            let wrong = text.find(|c: char| printable::is_hostile(c) && c != '\n' && c != '\t');
            assert_eq!(wrong, None, "{arguments:?}: {text:?}");
        }
    }
}
