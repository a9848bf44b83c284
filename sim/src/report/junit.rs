//! The report for CI: a test suite a scenario, a test case an expectation. A run that passed a limit is an error. No time of day, no duration: two runs of one
//! seed give the same bytes.

use quick_junit::{NonSuccessKind, Report as Junit, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::Report;
use crate::limit::Passed;

/// What runs came to, each with its scenario's name, as a JUnit file.
///
/// # Errors
/// Those of the writer of XML.
pub fn junit(runs: &[(String, Result<Report, Passed>)]) -> Result<String, SerializeError> {
    let mut file = Junit::new("queuescope");
    file.add_test_suites(runs.iter().map(|(scenario, run)| suite(scenario, run.as_ref())));
    file.to_string()
}

fn suite(scenario: &str, run: Result<&Report, &Passed>) -> TestSuite {
    let mut suite = TestSuite::new(scenario);
    let case = |name: String, status| {
        let mut case = TestCase::new(name, status);
        case.set_classname(scenario);
        case
    };
    let report = match run {
        Ok(report) => report,
        Err(passed) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(passed.to_string());
            suite.add_test_case(case("runs".to_owned(), status));
            return suite;
        }
    };
    suite.add_property(("seed", report.seed.to_string().as_str()));
    suite.add_property(("fingerprint", report.fingerprint.as_str()));
    suite.add_test_case(case("runs".to_owned(), TestCaseStatus::success()));
    for expected in &report.expectations {
        let of = expected.of.as_ref().map(|of| format!(" of {of}")).unwrap_or_default();
        let name = format!("{}{of} {}", expected.metric, expected.bound);
        let status = if expected.passed {
            TestCaseStatus::success()
        } else {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let value = expected.value.map_or_else(|| "no value".to_owned(), |value| value.to_string());
            status.set_message(format!("{}{of} is {value}, expected {}", expected.metric, expected.bound));
            status
        };
        suite.add_test_case(case(name, status));
    }
    suite
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Time;
    use crate::limit::Limit;
    use crate::observe::sample::{expectations, plan, story};
    use crate::plan::Plan;

    #[test]
    fn a_broken_expectation_is_a_failure_with_value_and_bound() {
        let report = story(Plan { expectations: expectations(), ..plan() }).report(1, 7);
        let run = ("sample".to_owned(), Ok(report));
        insta::assert_snapshot!("junit", junit(&[run]).expect("it can be written"));
    }

    #[test]
    fn a_run_that_passed_a_limit_is_an_error() {
        let passed = Passed { limit: Limit::Events, most: 5, at: Time::ZERO };
        let text = junit(&[("long".to_owned(), Err(passed))]).expect("it can be written");
        assert!(text.contains(r#"errors="1""#), "{text}");
        assert!(text.contains("limit events passed"), "{text}");
    }
}
