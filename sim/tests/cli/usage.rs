//! Help, usage errors, and the verbs that run nothing.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use super::{TestFolder, scenario};

const VERBS: [&str; 7] = ["run", "check", "trace", "list", "schema", "new", "import"];

fn lessons(desk: &TestFolder) -> Vec<String> {
    let list = desk.call(&["list"]);
    assert_eq!((list.status, list.err.as_str()), (0, ""));
    list.out.lines().map(|line| line.split_whitespace().next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn the_help_of_each_verb_has_an_example_of_it() {
    let desk = TestFolder::new();
    for verb in VERBS {
        let help = desk.call(&[verb, "--help"]);
        assert_eq!((help.status, help.err.as_str()), (0, ""), "{verb}");
        let (_, examples) = help.out.split_once("Example").expect(verb);
        assert!(examples.contains(&format!("  queuescope {verb}")), "{verb}: {examples}");
    }
    assert_eq!(desk.call(&["--help"]).status, 0);
    assert!(desk.call(&["--version"]).out.starts_with("queuescope 0."));
}

#[test]
fn the_lessons_that_examples_name_are_built_in() {
    let desk = TestFolder::new();
    let lessons = lessons(&desk);
    let mut named = 0;
    for verb in VERBS {
        let help = desk.call(&[verb, "--help"]).out;
        for word in help.split_whitespace().filter(|word| word.as_bytes().get(2) == Some(&b'-')) {
            if word.starts_with(|first: char| first.is_ascii_digit()) {
                assert!(lessons.iter().any(|lesson| lesson == word), "{verb}: {word}");
                named += 1;
            }
        }
    }
    assert!(named > 0, "the search found nothing to look at");
}

#[test]
fn wrong_usage_is_2_and_writes_to_standard_error_only() {
    let desk = TestFolder::new().file("a.toml", scenario(""));
    let wrong: [&[&str]; 14] = [
        &[],
        &["frobnicate"],
        &["run"],
        &["check"],
        &["trace"],
        &["new"],
        &["import"],
        &["import", "a.toml", "-o"],
        &["run", "a.toml", "--seed", "x"],
        &["run", "a.toml", "--seed", "-1"],
        &["run", "a.toml", "--format", "yaml"],
        &["run", "a.toml", "--lang", "fr"],
        &["run", "a.toml", "--max-events", "0"],
        &["trace", "a.toml", "a.toml"],
    ];
    for arguments in wrong {
        let done = desk.call(arguments);
        assert_eq!((done.status, done.out.as_str()), (2, ""), "{arguments:?}");
        assert!(!done.err.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_call_without_a_path_mentions_the_list() {
    let desk = TestFolder::new();
    for verb in ["run", "check", "trace"] {
        assert!(desk.call(&[verb]).err.contains("queuescope list"), "{verb}");
    }
    for verb in ["new", "import"] {
        assert!(!desk.call(&[verb]).err.contains("queuescope list"), "{verb}");
    }
}

#[test]
fn the_list_is_in_name_order_and_in_either_language() {
    let desk = TestFolder::new();
    let names = lessons(&desk);
    assert!(names.len() > 5 && names.is_sorted(), "{names:?}");
    let (en, zh) = (desk.call(&["list", "--lang", "en"]), desk.call(&["list", "--lang", "zh"]));
    assert!(en.out.contains("The first message") && zh.out.contains("第一条消息"));
    let environment = desk.command(&["list"]).env("LANG", "zh_CN.UTF-8").output().expect("the program runs");
    assert_eq!(environment.stdout, zh.out.as_bytes());
}

#[test]
fn the_schema_is_json() {
    let schema = TestFolder::new().call(&["schema"]);
    let json: serde_json::Value = serde_json::from_str(&schema.out).expect("it is JSON");
    assert!(json.get("$schema").is_some());
    assert_eq!(schema.status, 0);
}

#[test]
fn a_new_scenario_is_sound_and_never_written_over() {
    let desk = TestFolder::new();
    let new = desk.call(&["new", "mine.toml"]);
    assert_eq!((new.status, new.out.as_str()), (0, ""));
    assert!(new.err.contains("queuescope run mine.toml"), "{}", new.err);
    let text = desk.read("mine.toml");
    assert!(text.starts_with('#'), "it has comments");

    let check = desk.call(&["check", "mine.toml"]);
    assert_eq!((check.status, check.err.as_str()), (0, ""));
    assert!(check.out.starts_with("ok  mine.toml (") && check.out.lines().count() == 1, "{}", check.out);
    assert_eq!(desk.call(&["run", "mine.toml"]).status, 0);

    let desk = desk.file("mine.toml", "mine");
    let again = desk.call(&["new", "mine.toml"]);
    assert_eq!((again.status, again.out.as_str()), (2, ""));
    assert!(again.err.contains("mine.toml exists"), "{}", again.err);
    assert_eq!(desk.read("mine.toml"), "mine");
    assert_eq!(desk.call(&["new", "no/such/folder.toml"]).status, 2);
    let standard = desk.call(&["new", "-"]);
    assert_eq!((standard.status, standard.out == text, standard.err.as_str()), (0, true, ""));
    assert!(!desk.path("-").exists());
}

#[test]
fn a_reader_that_stops_gets_nothing_more_and_no_complaint() {
    let desk = TestFolder::new()
        .file("long.toml", scenario("").replace("messages = 50", "messages = 5000").replace("2s", "200s"));
    for arguments in [&["trace", "long.toml"][..], &["schema"], &["run", "long.toml", "long.toml"]] {
        let mut child = desk.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
        let mut line = String::new();
        let mut out = BufReader::with_capacity(16, child.stdout.take().expect("a pipe"));
        out.read_line(&mut line).expect("a line");
        drop(out);
        let done = child.wait_with_output().expect("it ends");
        let err = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(!err.contains("error") && !err.contains("panicked"), "{arguments:?}: {err}");
        assert_eq!(done.status.code(), Some(0), "{arguments:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_2_and_said() {
    let desk = TestFolder::new().file("a.toml", scenario(""));
    for arguments in [&["run", "a.toml"][..], &["trace", "a.toml"], &["check", "a.toml"], &["list"], &["schema"]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
        let done = super::done(&desk.command(arguments).stdout(full).output().expect("it runs"));
        assert_eq!(done.status, 2, "{arguments:?}");
        assert!(done.err.contains("standard output"), "{arguments:?}: {}", done.err);
    }
}
