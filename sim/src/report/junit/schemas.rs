//! What two schemas ask of a JUnit file, as data, and reports held against them.
//!
//! - Jenkins' xUnit plugin, `types/model/xsd/junit-10.xsd` (plugin 3.1): the whole file;
//! - Maven Surefire 3.5, `surefire-test-report.xsd`: each `testsuite`, which is a file of its own there.

use std::collections::BTreeMap;

use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;

use super::tests::{events, report};
use super::{ScenarioResult, Stopped, junit};
use crate::printable;

/// What an element may have and hold.
struct SchemaRule {
    element: &'static str,
    required: &'static [&'static str],
    optional: &'static [&'static str],
    /// In this order where `ordered`, each as often as it may come (0: any number).
    children: &'static [(&'static str, usize)],
    ordered: bool,
}

const fn rule(
    element: &'static str,
    required: &'static [&'static str],
    optional: &'static [&'static str],
    children: &'static [(&'static str, usize)],
    ordered: bool,
) -> SchemaRule {
    SchemaRule { element, required, optional, children, ordered }
}

const XUNIT: &[SchemaRule] = &[
    rule("testsuites", &[], &["name", "time", "tests", "failures", "errors"], &[("testsuite", 0)], true),
    rule(
        "testsuite",
        &["name", "tests", "failures", "errors"],
        &["group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"],
        &[("testsuite", 0), ("properties", 0), ("testcase", 0), ("system-out", 0), ("system-err", 0)],
        false,
    ),
    rule("properties", &[], &[], &[("property", 0)], true),
    rule("property", &["name", "value"], &[], &[], true),
    rule(
        "testcase",
        &["name"],
        &["time", "classname", "group"],
        &[("skipped", 0), ("error", 0), ("failure", 0), ("system-out", 0), ("system-err", 0)],
        false,
    ),
    rule("failure", &[], &["type", "message"], &[], true),
    rule("error", &[], &["type", "message"], &[], true),
];

const SUREFIRE: &[SchemaRule] = &[
    rule(
        "testsuite",
        &["name", "tests", "errors", "skipped", "failures"],
        &["time", "group"],
        &[("properties", 0), ("testcase", 0)],
        true,
    ),
    rule("properties", &[], &[], &[("property", 0)], true),
    rule("property", &["name", "value"], &[], &[], true),
    rule(
        "testcase",
        &["name", "time"],
        &["classname", "group"],
        &[("failure", 0), ("skipped", 1), ("error", 1), ("system-out", 1), ("system-err", 1)],
        true,
    ),
    rule("failure", &["type"], &["message"], &[], true),
    rule("error", &["type"], &["message"], &[], true),
];

/// An element of the file.
#[derive(Default, Debug)]
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    children: Vec<Element>,
}

fn read(text: &str) -> Element {
    let mut reader = Reader::from_str(text);
    let mut open = vec![Element::default()];
    loop {
        let event = reader.read_event().unwrap_or_else(|error| panic!("no XML: {error}\n{text}"));
        match event {
            Event::Start(ref start) | Event::Empty(ref start) => {
                let mut element = Element {
                    name: String::from_utf8(start.name().as_ref().to_vec()).expect("UTF-8"),
                    ..Element::default()
                };
                for attribute in start.attributes() {
                    let attribute = attribute.unwrap_or_else(|error| panic!("{error}\n{text}"));
                    let key = String::from_utf8(attribute.key.as_ref().to_vec()).expect("UTF-8");
                    let value = attribute
                        .normalized_value(quick_xml::XmlVersion::Explicit1_0)
                        .expect("it is escaped as it should be")
                        .into_owned();
                    assert!(element.attributes.insert(key, value).is_none(), "an attribute comes twice\n{text}");
                }
                if matches!(event, Event::Start(_)) {
                    open.push(element);
                } else {
                    open.last_mut().expect("the file").children.push(element);
                }
            }
            Event::End(_) => {
                let element = open.pop().expect("it was opened");
                open.last_mut().expect("the file").children.push(element);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    let mut file = open.pop().expect("the file");
    assert_eq!((open.len(), file.children.len()), (0, 1), "one root\n{text}");
    file.children.pop().expect("the root")
}

/// Both schemas write `SUREFIRE_TIME` as a pattern; ours is the plainest that it takes.
fn is_time(text: &str) -> bool {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(part)
}

fn check(element: &Element, rules: &[SchemaRule]) -> Result<(), String> {
    let name = element.name.as_str();
    let rule = rules.iter().find(|rule| rule.element == name).ok_or_else(|| format!("no element {name}"))?;
    for required in rule.required {
        if !element.attributes.contains_key(*required) {
            return Err(format!("{name} has no {required}"));
        }
    }
    for (key, value) in &element.attributes {
        if !rule.required.contains(&key.as_str()) && !rule.optional.contains(&key.as_str()) {
            return Err(format!("{name} may not have {key}"));
        }
        let counts = matches!(key.as_str(), "tests" | "failures" | "errors" | "skipped");
        if (key == "time" && !is_time(value)) || (counts && value.parse::<u32>().is_err()) {
            return Err(format!("{key} of {name} is {value}"));
        }
    }
    let mut last = 0;
    for child in &element.children {
        let place = rule.children.iter().position(|(name, _)| *name == child.name);
        let place = place.ok_or_else(|| format!("{name} may not hold {}", child.name))?;
        let often = element.children.iter().filter(|other| other.name == child.name).count();
        if (rule.ordered && place < last) || (rule.children[place].1 > 0 && often > rule.children[place].1) {
            return Err(format!("{} comes too late or too often in {name}", child.name));
        }
        last = place;
        check(child, rules)?;
    }
    Ok(())
}

/// Holds against both schemas, and the counts against what is there.
fn check_file(text: &str) -> Element {
    let root = read(text);
    check(&root, XUNIT).unwrap_or_else(|no| panic!("xUnit: {no}\n{text}"));
    let count = |element: &Element, key: &str| element.attributes[key].parse::<usize>().expect("a number");
    for key in ["tests", "failures", "errors"] {
        assert_eq!(
            count(&root, key),
            root.children.iter().map(|suite| count(suite, key)).sum::<usize>(),
            "{key}\n{text}"
        );
    }
    for suite in &root.children {
        check(suite, SUREFIRE).unwrap_or_else(|no| panic!("Surefire: {no}\n{text}"));
        let cases: Vec<&Element> = suite.children.iter().filter(|child| child.name == "testcase").collect();
        let with =
            |name: &str| cases.iter().filter(|case| case.children.iter().any(|child| child.name == name)).count();
        let counted = ["tests", "failures", "errors"].map(|key| count(suite, key));
        assert_eq!(counted, [cases.len(), with("failure"), with("error")], "{text}");
    }
    root
}

#[test]
fn the_rules_refuse_what_the_schemas_refuse() {
    let suite = |more: &str, inside: &str| {
        format!(r#"<testsuite name="s" tests="0" failures="0" errors="0" skipped="0"{more}>{inside}</testsuite>"#)
    };
    let case = |more: &str, inside: &str| suite("", &format!(r#"<testcase name="c"{more}>{inside}</testcase>"#));
    let all = |more: &str, inside: &str| format!("<testsuites{more}>{inside}</testsuites>");
    for bad in
        [all(r#" skipped="0""#, ""), all("", &suite(r#" disabled="0""#, "")), all("", &suite(r#" time="x""#, ""))]
    {
        assert!(check(&read(&bad), XUNIT).is_err(), "{bad}");
    }
    for bad in [case("", ""), case(r#" time="0""#, "<failure/>"), case(r#" time="0.1234""#, ""), all("", "")] {
        assert!(check(&read(&bad), SUREFIRE).is_err(), "{bad}");
    }
    let good = case(r#" time="0" classname="x""#, r#"<failure type="t" message="m"/>"#);
    assert_eq!((check(&read(&good), SUREFIRE), check(&read(&good), XUNIT)), (Ok(()), Ok(())));
}

/// What XML cannot say, what it escapes, and what readers stumble over.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "\0",
        "\u{1b}[31m",
        "\u{b}",
        "\r\n",
        "\t",
        "\u{85}",
        "\u{9b}",
        "\u{202e}",
        "\u{fffe}",
        "\u{ffff}",
        "]]>",
        "<!--",
        "-->",
        "<a>",
        "&amp;",
        "&#0;",
        "\"",
        "'",
        "😀",
        "订单",
        "\\xff",
        " ",
        "a",
    ]);
    prop_oneof![prop::collection::vec(pieces, 0..8).prop_map(|pieces| pieces.concat()), any::<String>()]
}

proptest! {
    #[test]
    fn every_report_is_what_both_schemas_ask_for(
        runs in prop::collection::vec((hostile(), hostile(), hostile(), 0..4), 0..5),
    ) {
        let runs: Vec<ScenarioResult> = runs.into_iter().map(|(scenario, of, bound, kind)| {
            let result = match kind {
                0 => Err(Stopped::Limit(events())),
                1 => Err(Stopped::Bug(of)),
                _ => {
                    let mut report = report();
                    for expected in &mut report.expectations {
                        expected.of = Some(of.clone());
                        expected.bound.clone_from(&bound);
                    }
                    Ok(report)
                }
            };
            ScenarioResult { scenario, result }
        }).collect();
        let root = check_file(&junit(&runs).unwrap());
        let names: Vec<&str> = root.children.iter().map(|suite| suite.attributes["name"].as_str()).collect();
        let expected: Vec<String> = runs.iter().map(|run| printable::line(&run.scenario).into_owned()).collect();
        prop_assert_eq!(names.len(), expected.len());
        prop_assert!(names.iter().zip(&expected).all(|(name, expected)| name.starts_with(expected)), "{:?}", names);
    }
}
