"""A JUnit report, read by a reader that is not ours and held against the JSON of the same run.

    python3 .ci/junit.py REPORT.xml RUN.json

RUN.json has a report a line, as `queuescope run --format json` writes it. Needs PyPI's junitparser.
"""

import json
import sys

from junitparser import Error, Failure, JUnitXml


def told(line):
    """What a report in JSON says: the scenario, and each case with whether it passed."""
    report = json.loads(line)
    cases = [("runs", True)]
    for expected in report["expectations"]:
        of = f" of {expected['of']}" if expected["of"] else ""
        cases.append((f"{expected['metric']}{of} {expected['bound']}", expected["passed"]))
    return report["scenario"], cases


def read(suite):
    """The same, as junitparser finds it."""
    cases = []
    for case in suite:
        results = case.result
        if any(isinstance(result, Error) for result in results):
            raise SystemExit(f"{suite.name}: {case.name} is an error: {results[0].message}")
        if case.classname != suite.name:
            raise SystemExit(f"{suite.name}: {case.name} belongs to {case.classname}")
        cases.append((case.name, not any(isinstance(result, Failure) for result in results)))
    counts = (suite.tests, suite.failures, suite.errors, suite.skipped)
    counted = (len(cases), sum(not passed for _, passed in cases), 0, 0)
    if counts != counted:
        raise SystemExit(f"{suite.name}: says {counts}, has {counted} tests, failures, errors and skipped")
    return suite.name, cases


def main(xml, run):
    report = JUnitXml.fromfile(xml)
    found = [read(suite) for suite in report]
    with open(run, encoding="utf-8") as lines:
        expected = [told(line) for line in lines]
    if len(found) != len(expected):
        raise SystemExit(f"{len(found)} suites, expected {len(expected)}")
    for (suite, cases), (scenario, wanted) in zip(found, expected):
        # The second of two that read alike has a number behind its name.
        same = len(cases) == len(wanted) and all(
            state == passed and name.startswith(case) for (name, state), (case, passed) in zip(cases, wanted)
        )
        if suite != scenario or not same:
            raise SystemExit(f"{suite}: {cases}\nexpected {scenario}: {wanted}")
    tests = sum(len(cases) for _, cases in found)
    failures = sum(not passed for _, cases in found for _, passed in cases)
    if (report.tests, report.failures, report.errors) != (tests, failures, 0):
        raise SystemExit(f"all: says {report.tests} tests and {report.failures} failures, has {tests} and {failures}")
    print(f"{len(found)} scenarios, {tests} cases, {failures} failures: as the run says")


if __name__ == "__main__":
    main(*sys.argv[1:])
