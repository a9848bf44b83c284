//! What is written to the disk: never over what a user gave or wrote, and whole or not at all.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{TestFolder, scenario};

/// Names of what is in the folder.
fn names(desk: &TestFolder) -> Vec<String> {
    let entries = fs::read_dir(desk.path("")).expect("the folder is there");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Three scenarios, one without the usual ending, beside each other.
fn desk() -> TestFolder {
    TestFolder::new().file("a.toml", scenario("")).file("b.toml", scenario("")).file("mine", scenario(""))
}

#[test]
fn a_report_never_replaces_a_scenario() {
    let desk = desk();
    let slips: [&[&str]; 9] = [
        &["run", "--junit", "a.toml", "a.toml"],
        // An argument was forgotten, and the shell has made names of `*.toml`.
        &["run", "--junit", "a.toml", "b.toml"],
        &["run", "a.toml", "--junit", "./a.toml"],
        &["run", ".", "--junit", "b.toml"],
        &["run", ".", "--junit", "mine"],
        &["run", "mine", "--junit", "mine"],
        &["run", "mine", "--junit=../NAME/mine"],
        &["run", "a.toml", "--junit", "new.toml"],
        &["run", "--junit", "01-first-message", "a.toml"],
    ];
    let folder = desk.path("").file_name().expect("it has a name").to_string_lossy().into_owned();
    for arguments in slips {
        let arguments: Vec<String> = arguments.iter().map(|word| word.replace("NAME", &folder)).collect();
        let done = desk.call(&arguments);
        assert_eq!((done.status, done.out.as_str()), (2, ""), "{arguments:?}: {}", done.err);
        assert!(done.err.contains("scenario") || done.err.contains("one of the files"), "{arguments:?}: {}", done.err);
        assert!(done.err.contains("--junit takes the name"), "{arguments:?}: {}", done.err);
        assert_eq!(names(&desk), ["a.toml", "b.toml", "mine"], "{arguments:?}");
        for name in ["a.toml", "b.toml", "mine"] {
            assert_eq!(desk.read(name), scenario(""), "{arguments:?}: {name}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_report_never_replaces_a_scenario_through_a_link() {
    let desk = desk();
    fs::hard_link(desk.path("mine"), desk.path("hard")).expect("a link");
    std::os::unix::fs::symlink("a.toml", desk.path("report.xml")).expect("a link");
    for output in ["hard", "report.xml"] {
        let done = desk.call(&["run", "mine", "a.toml", "--junit", output]);
        assert_eq!((done.status, done.out.as_str()), (2, ""), "{output}: {}", done.err);
    }
    assert_eq!((desk.read("mine"), desk.read("a.toml")), (scenario(""), scenario("")));
}

#[test]
fn a_report_replaces_the_one_of_before_and_may_be_beside_the_scenarios() {
    let desk = desk().file("old.xml", "<testsuites/>");
    for name in ["old.xml", "new.xml"] {
        assert_eq!(desk.call(&["run", "a.toml", ".", "--junit", name]).status, 0, "{name}");
        assert!(desk.read(name).contains("<testsuite "), "{name}");
    }
    assert_eq!(names(&desk), ["a.toml", "b.toml", "mine", "new.xml", "old.xml"]);
}

#[test]
fn a_run_that_is_refused_leaves_the_report_of_before() {
    let desk = desk().file("old.xml", "<testsuites/>").file("bad.toml", "title = 1");
    assert_eq!(desk.call(&["run", "bad.toml", "--junit", "old.xml"]).status, 2);
    assert_eq!(desk.read("old.xml"), "<testsuites/>");
}

#[cfg(unix)]
#[test]
fn a_report_goes_to_standard_output_and_devices_as_they_are() {
    let desk = desk();
    for name in ["/dev/stdout", "-"] {
        let done = desk.call(&["run", "a.toml", "--format", "json", "--junit", name]);
        assert_eq!(done.status, 0, "{}", done.err);
        assert!(done.out.starts_with('{') && done.out.contains("<testsuite "), "{}", done.out);
    }
    assert_eq!(desk.call(&["run", "a.toml", "--junit", "/dev/null"]).status, 0);
    // Standard output is a file: what is in it stays.
    let out = fs::File::open(desk.path("a.toml")).map(|_| desk.path("out")).expect("the desk is there");
    let mut command = Command::new("sh");
    command.args(["-c", r#""$0" run a.toml --format json --junit /dev/stdout > out"#]);
    command.arg(env!("CARGO_BIN_EXE_queuescope")).current_dir(desk.path(""));
    assert!(command.status().expect("there is a shell").success());
    let text = fs::read_to_string(out).expect("it is there");
    assert!(text.starts_with('{') && text.contains("<testsuite "), "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device_is_2_and_said() {
    let done = desk().call(&["run", "a.toml", "--junit", "/dev/full"]);
    assert_eq!(done.status, 2);
    assert!(done.err.contains("/dev/full cannot be written"), "{}", done.err);
}

/// As a full disk: the system takes no more than a block of a file.
#[cfg(unix)]
#[test]
fn a_report_for_which_there_is_no_room_leaves_the_one_of_before_and_nothing_else() {
    for before in [None, Some("<testsuites/>")] {
        let desk = TestFolder::new();
        let many: String = (0..200).map(super::expect_done).collect();
        let mut desk = desk.file("a.toml", scenario(&many));
        if let Some(text) = before {
            desk = desk.file("r.xml", text);
        }
        let mut command = Command::new("sh");
        command.args(["-c", r#"trap '' XFSZ; ulimit -f 1; exec "$0" run a.toml --junit r.xml"#]);
        command.arg(env!("CARGO_BIN_EXE_queuescope")).current_dir(desk.path("")).stdin(Stdio::null());
        let done = super::done(&command.output().expect("there is a shell"));
        assert_eq!(done.status, 2, "{}", done.err);
        assert!(done.err.contains("r.xml cannot be written"), "{}", done.err);
        assert_eq!(fs::read_to_string(desk.path("r.xml")).ok().as_deref(), before);
        assert_eq!(names(&desk).len(), 1 + usize::from(before.is_some()), "{:?}", names(&desk));
    }
}

#[cfg(unix)]
#[test]
fn a_run_that_is_broken_off_leaves_the_report_of_before_and_nothing_else() {
    let long = scenario("").replace("messages = 50", "messages = 5000000").replace("2s", "2000000s");
    for before in [None, Some("<testsuites/>")] {
        let mut desk = TestFolder::new().file("long.toml", &long).file("a.toml", scenario(""));
        if let Some(text) = before {
            desk = desk.file("r.xml", text);
        }
        let mut command = desk.command(&["run", "a.toml", "long.toml", "--junit", "r.xml"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program runs");
        std::thread::sleep(Duration::from_millis(300));
        let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("there is `kill`");
        assert!(kill.success() && !child.wait().expect("it ends").success());
        assert_eq!(fs::read_to_string(desk.path("r.xml")).ok().as_deref(), before);
        assert_eq!(names(&desk).len(), 2 + usize::from(before.is_some()), "{:?}", names(&desk));
    }
}

#[test]
fn of_two_runs_at_once_one_leaves_its_report_whole() {
    let desk = desk();
    let runs = ["a.toml", "b.toml"].map(|name| {
        let mut command = desk.command(&["run", name, "--junit", "r.xml"]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program runs")
    });
    for mut run in runs {
        assert!(run.wait().expect("it ends").success());
    }
    let text = desk.read("r.xml");
    assert!(text.trim_end().ends_with("</testsuites>") && text.matches("<testsuite ").count() == 1, "{text}");
    assert_eq!(names(&desk), ["a.toml", "b.toml", "mine", "r.xml"]);
}
