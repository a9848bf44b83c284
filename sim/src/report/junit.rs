//! The report for CI: a test suite a scenario, a test case an expectation. No time of day, no duration: two runs of one
//! seed give the same bytes.

use quick_junit::{NonSuccessKind, Report as Junit, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::Report;

/// The reports as a JUnit file.
///
/// # Errors
/// Those of the writer of XML.
pub fn junit(reports: &[Report]) -> Result<String, SerializeError> {
    let mut file = Junit::new("queuescope");
    file.add_test_suites(reports.iter().map(suite));
    file.to_string()
}

fn suite(report: &Report) -> TestSuite {
    let mut suite = TestSuite::new(report.scenario.as_str());
    suite.add_property(("seed", report.seed.to_string().as_str()));
    suite.add_property(("fingerprint", report.fingerprint.as_str()));
    let case = |name: String, status| {
        let mut case = TestCase::new(name, status);
        case.set_classname(report.scenario.as_str());
        case
    };
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
    use crate::observe::sample::{expectations, plan, story};
    use crate::plan::Plan;

    #[test]
    fn a_broken_expectation_is_a_failure_with_value_and_bound() {
        let report = story(Plan { expectations: expectations(), ..plan() }).report(1, 7);
        insta::assert_snapshot!("junit", junit(&[report]).expect("it can be written"));
    }
}
