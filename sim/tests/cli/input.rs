//! What a PATH may be, and what is said about one that cannot be used.

use std::fs;

use super::{TestFolder, scenario};

fn names(out: &str) -> Vec<String> {
    let report = |line| serde_json::from_str::<serde_json::Value>(line).expect("a report a line");
    out.lines().map(|line| report(line)["scenario"].as_str().expect("a name").to_owned()).collect()
}

#[test]
fn a_folder_is_all_toml_files_directly_in_it_in_the_order_of_their_names() {
    let desk = TestFolder::new()
        .file("all/10-slow-more.toml", scenario(""))
        .file("all/10-slow.toml", scenario(""))
        .file("all/09-first.toml", scenario(""))
        .file("all/.hidden.toml", "not TOML")
        .file("all/notes.md", "not TOML")
        .file("all/below/deeper.toml", "not TOML");
    let done = desk.call(&["run", "all", "--format", "json"]);
    assert_eq!(done.status, 0, "{}", done.err);
    assert_eq!(names(&done.out), ["09-first", "10-slow", "10-slow-more"]);
    let check = desk.call(&["check", "all/", "all/10-slow.toml"]);
    assert_eq!(check.out.lines().count(), 4);
}

#[test]
fn a_lesson_is_run_by_its_name_or_its_number() {
    let desk = TestFolder::new();
    let done = desk.call(&["run", "01-first-message", "01", "1", "--format", "json"]);
    assert_eq!(done.status, 0, "{}", done.err);
    assert_eq!(names(&done.out), ["01-first-message"; 3]);
    let trace = desk.call(&["trace", "01"]);
    assert!(trace.status == 0 && trace.out.lines().count() > 10);
    // Two lessons have this number.
    let both = desk.call(&["run", "10"]);
    assert_eq!((both.status, both.out.as_str()), (2, ""));
    assert!(both.err.contains("10-slow-consumer, 10-slow-consumer-more-queues"), "{}", both.err);
}

#[test]
fn a_file_comes_before_a_lesson_of_the_same_name() {
    let desk = TestFolder::new().file("01-first-message", scenario(""));
    let done = desk.call(&["run", "01-first-message"]);
    assert!(done.out.contains("A queue"), "{}", done.out);
}

#[test]
fn a_path_that_names_nothing_is_2_with_what_may_have_been_meant() {
    let desk = TestFolder::new().file("mine.toml", scenario("")).file("below/other.toml", scenario(""));
    let near = [
        ("01-frist-message", "01-first-message"),
        ("flash", "03-flash-sale"),
        ("mine", "mine.toml"),
        ("mime.toml", "mine.toml"),
        ("below/othr.toml", "below/other.toml"),
        ("nothing-like-it", "queuescope list"),
    ];
    for (word, meant) in near {
        for verb in ["run", "check", "trace"] {
            let done = desk.call(&[verb, word]);
            assert_eq!((done.status, done.out.as_str()), (2, ""), "{verb} {word}");
            assert!(done.err.contains(word) && done.err.contains(meant), "{verb} {word}: {}", done.err);
        }
    }
}

#[test]
fn a_folder_without_a_scenario_and_one_with_several_to_trace_are_2() {
    let desk = TestFolder::new().file("all/a.toml", scenario("")).file("all/b.toml", scenario(""));
    fs::create_dir(desk.path("empty")).expect("an empty folder");
    let empty = desk.call(&["run", "empty"]);
    assert_eq!(empty.status, 2);
    assert!(empty.err.contains("no scenario in the folder empty"), "{}", empty.err);
    let several = desk.call(&["trace", "all"]);
    assert_eq!((several.status, several.out.as_str()), (2, ""));
    assert!(several.err.contains("all holds 2 scenarios"), "{}", several.err);
}

#[test]
fn every_problem_of_every_file_is_shown_and_nothing_runs() {
    let desk = TestFolder::new()
        .file("good.toml", scenario(""))
        .file("two.toml", scenario("").replace("interval", "intervall").replace("service_time", "servicetime"))
        .file("torn.toml", scenario("[["))
        .file("bytes.toml", b"title = \"a\"\n# \xe4\xb8\xbb\xff\n");
    let done =
        desk.call(&["run", "good.toml", "two.toml", "nobody.toml", "torn.toml", "bytes.toml", "--junit", "j.xml"]);
    assert_eq!((done.status, done.out.as_str()), (2, ""));
    let said = [
        "two.toml:13:1: ",
        "`intervall`",
        "did you mean `interval`?",
        "two.toml:21:1: ",
        "`servicetime`",
        "torn.toml:22:",
        "bytes.toml:2:4: not UTF-8",
        "nobody.toml",
        "nothing was run",
    ];
    for words in said {
        assert!(done.err.contains(words), "{words:?} is not in {}", done.err);
    }
    assert!(!done.err.contains('\u{1b}'), "no colours where there is no terminal");
    assert!(!desk.path("j.xml").exists(), "nothing has run, so nothing is reported");

    let check = desk.call(&["check", "good.toml", "two.toml"]);
    assert_eq!(check.status, 2);
    assert_eq!(check.out, "ok  good.toml (4 nodes, 2 queues)\n");
    assert!(check.err.contains("2 problems in 1 of 2 files"), "{}", check.err);
}

#[test]
fn the_line_in_question_is_shown_with_what_is_wrong_under_it() {
    let desk = TestFolder::new().file("a.toml", scenario("").replace("\"2s\"", "\"2\""));
    let err = desk.call(&["check", "a.toml"]).err;
    let lines: Vec<&str> = err.lines().collect();
    assert!(lines[0].contains("a.toml:3:12: `duration`"), "{err}");
    assert!(lines.iter().any(|line| line.contains("duration = \"2\"")), "{err}");
    assert!(lines.iter().any(|line| line.contains("help:")), "{err}");
}

#[test]
fn a_file_beyond_the_limit_is_2_with_the_name_of_the_limit() {
    let mut long = scenario("");
    long.extend(std::iter::repeat_n("#", 10 * 1024 * 1024));
    let done = TestFolder::new().file("long.toml", long).call(&["run", "long.toml"]);
    assert_eq!(done.status, 2);
    assert!(done.err.contains("long.toml:1:1: ") && done.err.contains("limit `file_bytes`"), "{}", done.err);
}
