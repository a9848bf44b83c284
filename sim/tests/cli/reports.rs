//! `run`: reports for people, programs and CI, and the exit status.

use quick_junit::{NonSuccessKind, Report as Junit, TestCaseStatus};
use serde_json::Value;

use super::{TestFolder, expect_done, scenario};

fn reports(out: &str) -> Vec<Value> {
    out.lines().map(|line| serde_json::from_str(line).expect("a report a line")).collect()
}

#[test]
fn the_status_says_whether_all_expectations_hold() {
    let desk = TestFolder::new()
        .file("holds.toml", scenario(&expect_done(50)))
        .file("breaks.toml", scenario(&expect_done(51)))
        .file("bad.toml", scenario("what = 1"));
    let status = |arguments: &[&str]| desk.call(arguments).status;
    assert_eq!(status(&["run", "holds.toml"]), 0);
    assert_eq!(status(&["run", "breaks.toml"]), 1);
    assert_eq!(status(&["run", "breaks.toml", "holds.toml"]), 1);
    assert_eq!(status(&["run", "breaks.toml", "bad.toml"]), 2);
    assert_eq!(status(&["check", "breaks.toml"]), 0);
}

#[test]
fn json_is_one_report_a_line_and_nothing_else() {
    let desk = TestFolder::new().file("a.toml", scenario(&expect_done(50))).file("b.toml", scenario(&expect_done(51)));
    let done = desk.call(&["run", "a.toml", "b.toml", "--format", "json", "--lang", "zh"]);
    assert_eq!((done.status, done.err.as_str()), (1, ""));
    let reports = reports(&done.out);
    let told: Vec<_> =
        reports.iter().map(|report| (&report["scenario"], &report["title"], &report["outcome"])).collect();
    let text = |text: &str| Value::from(text);
    // In English, whatever the language.
    let (a, b) = ((text("a"), text("A queue"), text("passed")), (text("b"), text("A queue"), text("failed")));
    assert_eq!(told, [(&a.0, &a.1, &a.2), (&b.0, &b.1, &b.2)]);
    assert!(done.out.starts_with(r#"{"scenario":"a","title":"A queue","seed":1,"fingerprint":""#), "{}", done.out);
    assert_eq!(reports[0]["messages"]["accepted"], 50);
}

#[test]
fn two_runs_of_one_seed_write_the_same_bytes() {
    let desk = TestFolder::new().file("a.toml", scenario(&expect_done(50)));
    let run = |seed: &str, format: &str| {
        let done = desk.call(&["run", "a.toml", "--seed", seed, "--format", format, "--junit", "j.xml"]);
        (done, desk.read("j.xml"))
    };
    for format in ["human", "json"] {
        assert_eq!(run("7", format), run("7", format));
        assert_ne!(run("7", format).0.out, run("8", format).0.out);
    }
    let report = &reports(&run("18446744073709551615", "json").0.out)[0];
    assert_eq!(report["seed"], u64::MAX);
}

#[test]
fn the_report_for_people_is_plain_in_a_pipe_and_says_how_to_repeat_it() {
    let desk = TestFolder::new().file("below/a.toml", scenario(&expect_done(51)));
    let done = desk.call(&["run", "./below/a.toml", "--seed", "3"]);
    assert!(done.out.contains("queuescope run ./below/a.toml --seed 3"), "{}", done.out);
    assert!(done.out.contains("A queue") && done.out.contains("Ledger") && done.out.contains("Failed"), "{}", done.out);
    assert!(!done.out.contains('\u{1b}'));
    assert_eq!(done.err, "", "of one run there is nothing to sum up, and in a pipe no progress");
    let colours = desk.command(&["run", "below/a.toml"]).env("CLICOLOR_FORCE", "1").output().expect("it runs");
    assert!(colours.stdout.contains(&0x1b));
}

#[test]
fn the_language_is_asked_for_or_the_environments() {
    let desk = TestFolder::new().file("a.toml", scenario(""));
    let asked = desk.call(&["run", "a.toml", "--lang", "zh"]);
    assert!(asked.out.contains("一个队列") && asked.out.contains("账本"), "{}", asked.out);
    assert!(!asked.out.contains("Ledger"));
    let from = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = desk.command(arguments);
        command.envs(variables.iter().copied());
        super::done(&command.output().expect("it runs")).out
    };
    assert_eq!(from(&[("LC_ALL", "zh_CN.UTF-8"), ("LANG", "en_US.UTF-8")], &["run", "a.toml"]), asked.out);
    assert!(from(&[("LANG", "zh_CN.UTF-8")], &["run", "a.toml", "--lang", "en"]).contains("Ledger"));
    assert!(from(&[("LANG", "de_DE.UTF-8")], &["run", "a.toml"]).contains("Ledger"));
}

#[test]
fn several_runs_are_summed_up_on_standard_error() {
    let desk = TestFolder::new().file("a.toml", scenario(&expect_done(50))).file("b.toml", scenario(&expect_done(51)));
    let done = desk.call(&["run", "a.toml", "b.toml"]);
    assert!(done.err.contains("1 of 2 scenarios passed; not these: b"), "{}", done.err);
    assert!(!done.out.contains("scenarios passed"));
}

#[test]
fn a_limit_passed_is_2_with_its_name_and_the_others_still_run() {
    let desk = TestFolder::new()
        .file("long.toml", scenario(""))
        .file("short.toml", scenario("").replace("messages = 50", "messages = 1"));
    let events = |name: &str| reports(&desk.call(&["run", name, "--format", "json"]).out)[0]["events"].as_u64();
    let (long, short) = (events("long.toml").expect("a number"), events("short.toml").expect("a number"));
    assert!(short < long);
    let most = short.to_string();
    let run = ["run", "long.toml", "short.toml", "--max-events", &most, "--format", "json", "--junit", "j.xml"];
    let done = desk.call(&run);
    assert_eq!(done.status, 2);
    assert!(done.err.contains("long.toml: limit events passed") && done.err.contains("--max-events"), "{}", done.err);
    assert_eq!(reports(&done.out).len(), 1);
    assert_eq!(reports(&done.out)[0]["scenario"], "short");
    let junit = Junit::deserialize_from_str(&desk.read("j.xml")).expect("it is JUnit");
    assert_eq!((junit.test_suites.len(), junit.errors), (2, 1));
}

#[test]
fn the_report_for_ci_has_a_suite_a_scenario_and_a_case_an_expectation() {
    let expect = expect_done(50) + &expect_done(51) + "[[expect]]\nmetric = \"lost\"\nequals = 0\n";
    let desk = TestFolder::new().file("a.toml", scenario(&expect)).file("b.toml", scenario(""));
    assert_eq!(desk.call(&["run", "a.toml", "b.toml", "--junit", "below.xml"]).status, 1);
    let junit = Junit::deserialize_from_str(&desk.read("below.xml")).expect("it is JUnit");
    let suites: Vec<_> = junit.test_suites.iter().map(|suite| (suite.name.as_str(), suite.test_cases.len())).collect();
    assert_eq!(suites, [("a", 4), ("b", 1)]);
    let failed =
        |status: &TestCaseStatus| matches!(status, TestCaseStatus::NonSuccess { kind: NonSuccessKind::Failure, .. });
    let failures: Vec<_> = junit.test_suites[0]
        .test_cases
        .iter()
        .filter(|case| failed(&case.status))
        .map(|case| case.name.as_str())
        .collect();
    assert_eq!(failures, ["done of g == 51"]);
}

#[test]
fn two_files_of_one_name_are_told_apart_everywhere() {
    let text = scenario(&expect_done(51));
    let desk = TestFolder::new().file("north/a.toml", &text).file("south/a.toml", &text).file("b.toml", &text);
    let run = ["run", "north", "south/a.toml", "b.toml"];
    let human = desk.call(&[&run[..], &["--junit", "r.xml"]].concat());
    assert!(human.err.contains("not these: north/a, south/a, b"), "{}", human.err);
    let json = reports(&desk.call(&[&run[..], &["--format", "json"]].concat()).out);
    assert_eq!(json.iter().map(|report| &report["scenario"]).collect::<Vec<_>>(), ["north/a", "south/a", "b"]);
    let junit = Junit::deserialize_from_str(&desk.read("r.xml")).expect("it is JUnit");
    assert_eq!(
        junit.test_suites.iter().map(|suite| suite.name.as_str()).collect::<Vec<_>>(),
        ["north/a", "south/a", "b"]
    );
}

#[test]
fn a_report_for_ci_that_cannot_be_written_is_2_before_anything_runs() {
    let desk = TestFolder::new().file("a.toml", scenario(""));
    let done = desk.call(&["run", "a.toml", "--junit", "no/such/folder.xml"]);
    assert_eq!((done.status, done.out.as_str()), (2, ""));
    assert!(done.err.contains("no/such/folder.xml cannot be written"), "{}", done.err);
}

#[test]
fn a_fault_that_is_cut_short_is_warned_of_and_ends_nothing() {
    let fault = "[[faults]]\nat = \"200ms\"\nfor = \"1h\"\nkind = \"pause\"\nnode = \"c\"\n";
    let desk = TestFolder::new().file("a.toml", scenario(fault)).file("b.toml", scenario(""));
    for verb in ["check", "run"] {
        let done = desk.call(&[verb, "a.toml"]);
        assert_eq!(done.status, 0, "{}", done.err);
        assert!(
            done.err.contains("a.toml:") && done.err.contains("warning: the fault would last until"),
            "{}",
            done.err
        );
        assert_eq!(desk.call(&[verb, "b.toml"]).err, "", "nothing to warn of");
    }
}
