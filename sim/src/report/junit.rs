//! The report for CI as JUnit XML: each scenario is a test suite and each expectation a test case. A run that did not come
//! to its end is an error.
//!
//! It is written so that Jenkins' xUnit (`junit-10.xsd`), Surefire's `surefire-test-report.xsd` (for each suite) and what
//! is more lenient than they take it; a test holds their rules. No time of day, no duration: two runs of one seed give
//! the same bytes, and every `time` is 0.

use std::collections::BTreeMap;
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, Event};

use super::Report;
use crate::limit::LimitPassed;
use crate::printable;

/// A scenario that was run, with its result.
#[derive(Clone, Debug)]
pub struct ScenarioResult {
    /// The name of the scenario, different from those of all others that were run.
    pub scenario: String,
    /// The report, or why there is none.
    pub result: Result<Report, Stopped>,
}

/// The reason why a run did not come to its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stopped {
    /// It passed a limit.
    Limit(LimitPassed),
    /// A bug of ours, with the message of the assertion.
    Bug(String),
}

/// Writes the results of several scenarios as a JUnit file.
///
/// # Errors
/// Those of the writer of XML.
pub fn junit(runs: &[ScenarioResult]) -> io::Result<String> {
    let mut names = UniqueNames::default();
    let suites: Vec<Suite> = runs.iter().map(|run| Suite::of(run, names.next(&run.scenario))).collect();
    let count = |number: fn(&Suite) -> usize| suites.iter().map(number).sum::<usize>().to_string();
    let mut out = Xml(Writer::new_with_indent(Vec::new(), b' ', 4));
    out.0.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let (tests, failures, errors) = (count(Suite::tests), count(Suite::failures), count(Suite::errors));
    let totals =
        [("name", "queuescope"), ("time", "0"), ("tests", &tests), ("failures", &failures), ("errors", &errors)];
    out.within("testsuites", &totals, |out| suites.iter().try_for_each(|suite| suite.write(out)))?;
    let mut text = String::from_utf8(out.0.into_inner()).map_err(io::Error::other)?;
    text.push('\n');
    Ok(text)
}

/// Makes names unique: readers take two cases of one name for one that was run twice.
#[derive(Default)]
struct UniqueNames(BTreeMap<String, u32>);

impl UniqueNames {
    fn next(&mut self, name: &str) -> String {
        let number = self.0.entry(name.to_owned()).or_default();
        *number += 1;
        if *number == 1 { name.to_owned() } else { format!("{name} ({number})") }
    }
}

/// The test suite of a scenario.
struct Suite {
    name: String,
    properties: Vec<(&'static str, String)>,
    cases: Vec<(String, Option<NotPassed>)>,
}

/// The failure or error of a test case.
struct NotPassed {
    element: &'static str,
    /// The type by which readers group failures.
    kind: &'static str,
    message: String,
}

impl Suite {
    fn of(run: &ScenarioResult, name: String) -> Self {
        let mut suite = Self { name, properties: Vec::new(), cases: Vec::new() };
        let error = |kind, message| Some(NotPassed { element: "error", kind, message });
        let runs = match &run.result {
            Ok(_) => None,
            Err(Stopped::Limit(passed)) => error("limit", passed.to_string()),
            Err(Stopped::Bug(message)) => error("bug of queuescope", message.clone()),
        };
        suite.cases.push(("runs".to_owned(), runs));
        let Ok(report) = &run.result else { return suite };
        suite.properties = vec![("seed", report.seed.to_string()), ("fingerprint", report.fingerprint.clone())];
        let mut names = UniqueNames::default();
        for expectation in &report.expectations {
            let of = expectation.of.as_ref().map(|of| format!(" of {of}")).unwrap_or_default();
            let name = names.next(&format!("{}{of} {}", expectation.metric, expectation.bound));
            let broken = || {
                let value = expectation.value.map_or_else(|| "no value".to_owned(), |value| value.to_string());
                let message = format!("{}{of} is {value}, expected {}", expectation.metric, expectation.bound);
                NotPassed { element: "failure", kind: "expectation", message }
            };
            suite.cases.push((name, (!expectation.passed).then(broken)));
        }
        suite
    }

    fn tests(&self) -> usize {
        self.cases.len()
    }

    fn failures(&self) -> usize {
        self.cases_with("failure")
    }

    fn errors(&self) -> usize {
        self.cases_with("error")
    }

    fn cases_with(&self, element: &str) -> usize {
        self.cases
            .iter()
            .filter(|(_, problem)| problem.as_ref().is_some_and(|problem| problem.element == element))
            .count()
    }

    fn write(&self, out: &mut Xml) -> io::Result<()> {
        let [tests, failures, errors] = [self.tests(), self.failures(), self.errors()].map(|count| count.to_string());
        let attributes = [
            ("name", &*self.name),
            ("time", "0"),
            ("tests", &tests),
            ("errors", &errors),
            ("skipped", "0"),
            ("failures", &failures),
        ];
        out.within("testsuite", &attributes, |out| {
            if !self.properties.is_empty() {
                out.within("properties", &[], |out| {
                    self.properties
                        .iter()
                        .try_for_each(|(name, value)| out.empty("property", &[("name", *name), ("value", value)]))
                })?;
            }
            self.cases.iter().try_for_each(|(name, problem)| {
                let attributes = [("name", &**name), ("classname", &self.name), ("time", "0")];
                match problem {
                    None => out.empty("testcase", &attributes),
                    Some(NotPassed { element, kind, message }) => out.within("testcase", &attributes, |out| {
                        out.empty(element, &[("message", message), ("type", kind)])
                    }),
                }
            })
        })
    }
}

/// A writer of XML in which no text has a character that XML does not allow or that a terminal would obey.
struct Xml(Writer<Vec<u8>>);

impl Xml {
    fn start<'n>(name: &'n str, attributes: &[(&str, &str)]) -> BytesStart<'n> {
        let mut start = BytesStart::new(name);
        for (key, value) in attributes {
            start.push_attribute((*key, &*printable::line(value)));
        }
        start
    }

    fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        self.0.write_event(Event::Empty(Self::start(name, attributes)))
    }

    fn within(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        write: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        self.0.write_event(Event::Start(Self::start(name, attributes)))?;
        write(self)?;
        self.0.write_event(Event::End(BytesEnd::new(name)))
    }
}

#[cfg(test)]
mod schemas;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Time;
    use crate::limit::Limit;
    use crate::observe::sample::{expectations, plan, run_with_failover};
    use crate::plan::Plan;

    pub(super) fn events() -> LimitPassed {
        LimitPassed { limit: Limit::Events, most: 5, at: Time::ZERO }
    }

    pub(super) fn report() -> Report {
        run_with_failover(Plan { expectations: expectations(), ..plan() }).report(1, 7)
    }

    #[test]
    fn a_broken_expectation_is_a_failure_with_value_and_bound() {
        let run = ScenarioResult { scenario: "sample".to_owned(), result: Ok(report()) };
        insta::assert_snapshot!("junit", junit(&[run]).expect("it can be written"));
    }

    #[test]
    fn a_run_that_did_not_come_to_its_end_is_an_error() {
        for (stopped, message) in
            [(Stopped::Limit(events()), "limit events passed"), (Stopped::Bug("2 < 1".to_owned()), "2 &lt; 1")]
        {
            let text = junit(&[ScenarioResult { scenario: "long".to_owned(), result: Err(stopped) }])
                .expect("it can be written");
            assert!(text.contains(r#"errors="1""#) && text.contains(message), "{text}");
        }
    }

    #[test]
    fn expectations_that_read_alike_are_cases_of_different_names() {
        let mut report = report();
        report.expectations.extend(report.expectations.clone());
        let text =
            junit(&[ScenarioResult { scenario: "s".to_owned(), result: Ok(report) }]).expect("it can be written");
        assert_eq!(text.matches("(2)\" classname").count(), 2, "{text}");
    }
}
