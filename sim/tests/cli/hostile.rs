//! Text that is not ours on a terminal, commands that are pasted, standard streams that take no more, and what is no file.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;
use std::process::Command;

use queuescope::printable;
use toml::{Table, Value};

use super::{Finished, TestFolder, expect_done, scenario};

/// What terminals obey, what turns letters round, what is not seen.
const HOSTILE: &str = "\u{1b}[2J\u{1b}]0;x\u{7}\u{1b}[95mPassed\u{9b}31m\u{7f}\r\u{8}\u{202e}\u{2066}\u{200f}\u{2028}\u{feff}\u{e0041}\u{200b}";

/// What a name may have of it.
const UNSEEN: &str = "\u{202e}\u{2066}\u{200f}\u{2028}\u{feff}\u{e0041}\u{200b}";

/// That nothing but text, lines, tabs and, where there may be, our own colours were written.
fn check_output(text: &str, colours: bool, what: &str) {
    let mut rest = text.to_owned();
    if colours {
        // ESC [ numbers m, as ours are.
        let parts: Vec<&str> = text.split("\u{1b}[").collect();
        let after = parts[1..].iter().map(|part| part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';'));
        rest = parts[0].to_owned() + &after.map(|part| part.strip_prefix('m').unwrap_or("\u{1b}")).collect::<String>();
    }
    let wrong = rest.find(|c: char| printable::is_hostile(c) && c != '\n' && c != '\t');
    assert!(
        wrong.is_none(),
        "{what}: {:?}",
        &rest[wrong.unwrap_or(0).saturating_sub(40)..].chars().take(120).collect::<String>()
    );
    assert!(!text.contains("\u{1b}[95mPassed"), "{what}: a colour that is not ours");
}

fn check_all(desk: &TestFolder, arguments: &[&str]) -> Vec<Finished> {
    let mut all = Vec::new();
    for (variable, colours) in [("CLICOLOR_FORCE", true), ("NO_COLOR", false)] {
        let done = super::done(&desk.command(arguments).env(variable, "1").output().expect("the program runs"));
        check_output(&done.out, colours, &format!("{arguments:?}"));
        check_output(&done.err, colours, &format!("{arguments:?}"));
        all.push(done);
    }
    all
}

/// Every text of a scenario changed.
fn changed(value: &mut Value, change: &impl Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = change(text),
        Value::Array(items) => items.iter_mut().for_each(|item| changed(item, change)),
        Value::Table(table) => {
            let entries: Vec<(String, Value)> = std::mem::take(table).into_iter().collect();
            for (key, mut value) in entries {
                changed(&mut value, change);
                // A key that is a name changes with it.
                table.insert(if key.starts_with("x-") { change(&key) } else { key }, value);
            }
        }
        _ => {}
    }
}

/// A scenario in which each name, title and note is hostile, and which is sound all the same.
fn sound() -> String {
    let text = r#"
title = "x-title"
summary = "x-summary\nof lines"
duration = "5s"
settle = "5s"
[[nameservers]]
name = "x-n"
[[brokers]]
name = "x-b"
slaves = ["x-s"]
[[topics]]
name = "x-t"
queues = { x-b = 1 }
[[services]]
name = "x-d"
[[producers]]
name = "x-p"
topic = "x-t"
interval = "1s"
[[producers]]
name = "x-q"
calls = "x-d"
interval = "1s"
[[groups]]
name = "x-g"
topic = "x-t"
[[consumers]]
name = "x-c"
group = "x-g"
calls = "x-d"
[[changes]]
at = "2s"
node = "x-c"
set = "service_time"
to = "1ms"
[[faults]]
at = "1s"
for = "1s"
kind = "partition"
sides = [["x-p"], ["x-b"]]
[[faults]]
at = "3s"
kind = "crash"
node = "x-b"
[[expect]]
metric = "lost"
group = "x-g"
equals = 99
[[notes]]
at = "1s"
text = "x-note"
focus = ["x-b"]
"#;
    let mut table = Value::Table(text.parse::<Table>().expect("it is TOML"));
    changed(&mut table, &|text| match text {
        "x-title" | "x-note" | "x-summary\nof lines" => format!("{text}{HOSTILE}"),
        name if name.starts_with("x-") => format!("{name}{UNSEEN}"),
        other => other.to_owned(),
    });
    table.to_string()
}

fn named(name: &str, text: &str) -> TestFolder {
    // As a key of a table, it is written as a file by the library that knows how.
    TestFolder::new().file(name, toml_text(text))
}

fn toml_text(text: &str) -> String {
    let table: Table = format!("v = {text}").parse().expect("it is TOML");
    toml::to_string(&table["v"]).expect("it can be written")
}

#[cfg(unix)]
#[test]
fn nothing_of_a_scenario_or_its_path_is_obeyed_by_a_terminal() {
    let name = format!("a{HOSTILE}.toml");
    let desk = named(&name, &sound()).file("b.toml", scenario("")).file(&format!("bad{HOSTILE}.toml"), "title = 1\n");
    for lang in ["en", "zh"] {
        for done in check_all(&desk, &["run", &name, "b.toml", "--lang", lang, "--junit", "r.xml"]) {
            assert_eq!(done.status, 1, "{}", done.err);
            assert!(done.out.contains("\\u{1b}[2J"), "{}", done.out);
        }
    }
    check_output(&desk.read("r.xml"), false, "JUnit");
    for arguments in [
        &["run", &name, "--format", "json"][..],
        &["run", &name, "--max-events", "3"],
        &["check", &name],
        &["check", "."],
        &["trace", &name],
        &["trace", "."],
        &["run", &name, "--junit", &name],
        &["new", &name],
        &["new", &format!("new{HOSTILE}")],
        &["import", &name, "-o", "new.toml"],
        &["check", &format!("none{HOSTILE}")],
    ] {
        check_all(&desk, arguments);
    }
    // A reader of the JSON gets the title as it is.
    let json: serde_json::Value =
        serde_json::from_str(&desk.call(&["run", &name, "--format", "json"]).out).expect("JSON");
    assert_eq!(json["title"], format!("x-title{HOSTILE}"));
}

#[test]
fn nothing_that_is_wrong_with_a_scenario_is_obeyed_by_a_terminal() {
    let lessons = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios")).expect("the lessons");
    let mut desk = TestFolder::new();
    let mut names = BTreeSet::new();
    for lesson in lessons.filter_map(Result::ok).filter(|file| file.path().extension().is_some_and(|it| it == "toml")) {
        let text = fs::read_to_string(lesson.path()).expect("a lesson");
        let mut table = Value::Table(text.parse::<Table>().expect("it is TOML"));
        changed(&mut table, &|text| format!("{text}{HOSTILE}"));
        let name = lesson.file_name().to_string_lossy().into_owned();
        // Once as the library writes it, once with the raw characters where TOML lets them be.
        desk = desk.file(&name, toml_text(&table.to_string()));
        let raw = text.replace("name = \"", "name = \"\u{202e}\u{9b}2J").replace("kind = \"", "\"k\u{1b}[2J\" = \"");
        desk = desk.file(&format!("raw-{name}"), raw);
        names.insert(name);
    }
    assert!(names.len() > 10);
    for done in check_all(&desk, &["check", "."]) {
        assert_eq!(done.status, 2);
    }
}

#[test]
fn nothing_of_the_arguments_is_obeyed_by_a_terminal() {
    let desk = TestFolder::new().file("a.toml", scenario(""));
    for arguments in [
        &["run", "a.toml", HOSTILE][..],
        &["run", "a.toml", "--format", HOSTILE],
        &["run", "a.toml", "--seed", HOSTILE],
        &["run", "a.toml", "--lang", "e\n\u{1b}[Aerror: all is well"],
        &[HOSTILE],
        &["new", "x", HOSTILE],
    ] {
        for done in check_all(&desk, arguments) {
            assert_eq!(done.status, 2, "{arguments:?}");
        }
    }
    let option = format!("--{HOSTILE}");
    check_all(&desk, &["run", "a.toml", &option]);
}

#[cfg(unix)]
#[test]
fn the_command_that_repeats_a_run_survives_copy_and_paste() {
    use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
    use std::os::unix::fs::PermissionsExt as _;
    let stub = "#!/bin/sh\nfor word; do printf '%s\\0' \"$word\"; done\n";
    let desk = TestFolder::new().file("bin/queuescope", stub);
    fs::set_permissions(desk.path("bin/queuescope"), fs::Permissions::from_mode(0o755)).expect("its owner may");
    let paths: [&[u8]; 17] = [
        b"a.toml",
        b"my lessons/a.toml",
        b"$(touch pwned).toml",
        b"`touch pwned`.toml",
        b"a'b\"c.toml",
        b"-x.toml",
        b"--seed",
        b"~.toml",
        b"!a!.toml",
        b"#a;b&c|d.toml",
        b"*?[a]{b,c}.toml",
        b"a\\b%d.toml",
        b"a\nb.toml",
        b"a.toml\n",
        b"\x1b[31m.toml",
        b"\xff\xfe%s.toml",
        "订单\u{202e}.toml".as_bytes(),
    ];
    for bytes in paths {
        let path = Path::new(OsStr::from_bytes(bytes));
        fs::create_dir_all(desk.path("").join(path).parent().expect("the desk")).expect("a folder");
        fs::write(desk.path("").join(path), scenario("")).expect("a file");
        let mut run: Vec<OsString> = ["run", "--seed", "7", "--"].map(OsString::from).into();
        run.push(path.into());
        let done = desk.call(&run);
        assert_eq!(done.status, 0, "{path:?}: {}", done.err);
        let (_, again) = done.out.split_once("Again: ").expect("it says so");
        let search = format!("{}:/usr/bin:/bin", desk.path("bin").display());
        let shell = Command::new("sh").args(["-c", again]).env("PATH", search).current_dir(desk.path("")).output();
        let words = shell.expect("there is a shell").stdout;
        let words: Vec<&[u8]> = words.split(|byte| *byte == 0).collect();
        let expected = if bytes.starts_with(b"-") { [b"./", bytes].concat() } else { bytes.to_vec() };
        assert_eq!(words, [&b"run"[..], &expected, b"--seed", b"7", b""], "{again:?}");
        // What was meant is what is read.
        let words: Vec<OsString> = words[..4].iter().map(|word| OsString::from_vec(word.to_vec())).collect();
        assert_eq!(desk.call(&words).out, done.out, "{path:?}");
    }
    assert!(!desk.path("pwned").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_or_closed_standard_error_ends_nothing() {
    let desk = TestFolder::new()
        .file("a.toml", scenario(&expect_done(51)))
        .file("b.toml", scenario(""))
        .file("bad.toml", "title = 1\n");
    for arguments in
        ["run a.toml b.toml", "run b.toml b.toml", "check bad.toml b.toml", "run a.toml --max-events 2", "run"]
    {
        let words: Vec<&str> = arguments.split(' ').collect();
        let usual = desk.call(&words);
        for to in ["2>/dev/full", "2>&-", "2>/dev/null"] {
            let mut command = Command::new("sh");
            command.args(["-c", &format!("exec \"$0\" {arguments} {to}"), env!("CARGO_BIN_EXE_queuescope")]);
            let done = super::done(&command.current_dir(desk.path("")).env("LANG", "en").output().expect("a shell"));
            assert_eq!((done.status, done.out), (usual.status, usual.out.clone()), "{arguments} {to}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_is_passed_over_in_a_folder_and_read_where_it_is_named() {
    let desk = TestFolder::new().file("folder/a.toml", scenario("")).file("text", scenario(""));
    let pipe = |name: &str| {
        let made = Command::new("mkfifo").arg(desk.path(name)).status().expect("there is mkfifo");
        assert!(made.success());
    };
    pipe("folder/p.toml");
    fs::create_dir(desk.path("none")).expect("a folder");
    pipe("none/p.toml");
    let _socket = std::os::unix::net::UnixListener::bind(desk.path("folder/s.toml")).expect("a socket");
    std::os::unix::fs::symlink("/dev/zero", desk.path("folder/z.toml")).expect("a link");
    for verb in ["check", "run"] {
        let done = desk.call(&[verb, "folder"]);
        assert_eq!(done.status, 0, "{}", done.err);
        for name in ["p.toml", "s.toml", "z.toml"] {
            assert!(done.err.contains(&format!("{name} is no file; it was passed over")), "{}", done.err);
        }
    }
    assert!(desk.call(&["check", "none"]).err.contains("there is no scenario in the folder"));
    // As `<(…)` makes one.
    let mut command = Command::new("sh");
    command.args(["-c", "mkfifo q; cat text > q & exec \"$0\" check q", env!("CARGO_BIN_EXE_queuescope")]);
    let done = super::done(&command.current_dir(desk.path("")).output().expect("a shell"));
    assert_eq!((done.status, done.out.starts_with("ok")), (0, true), "{}", done.err);
}
