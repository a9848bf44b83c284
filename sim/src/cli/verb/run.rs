//! `run`: runs scenarios one after the other, and prints the report of each.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anstyle::{AnsiColor, Style};
use queuescope::files::OutputFile;
use queuescope::printable;
use queuescope::report::human::{self, Colour, Manner};
use queuescope::report::junit::{self, ScenarioResult, Stopped};
use queuescope::report::{Report, shell};
use queuescope::run::Run;
use queuescope::words::{Language, fill};

use crate::cli::arguments::{self, ReportFormat, RunSettings};
use crate::cli::bug::{self, Bug};
use crate::cli::progress::{ProgressDisplay, STRIDE};
use crate::cli::source::{Source, Sources, lesson};
use crate::cli::terminal::{self, TerminalText};
use crate::cli::trouble::{CliError, Complaint, Status};

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();

queuescope::words! {
    /// What several scenarios came to.
    enum SummaryWord {
        Passed: "{} of {} scenarios passed", "{1} 个场景中 {0} 个通过";
        NotThese: "; not these: {}", "；未通过：{}";
    }
}

/// Runs scenarios and prints their reports.
pub(crate) fn run(arguments: &arguments::RunArguments) -> Result<Status, CliError> {
    let sources = Sources::read(&arguments.paths).all()?;
    sources.iter().for_each(Source::print_warnings);
    let junit = arguments.junit.as_deref().map(|path| junit_output(path, &sources)).transpose()?;
    let mut printer = ResultPrinter::new(arguments.format, arguments.language.choice());
    let cases = run_all(&sources, &arguments.settings, &mut printer, simulate)?;
    if sources.len() > 1 {
        printer.print_summary(&cases);
    }
    if let Some(junit) = junit {
        let text = junit::junit(&cases).map_err(|error| Complaint::new(format!("the JUnit report: {error}")))?;
        junit.write(text.as_bytes()).map_err(Complaint::from)?;
    }
    Ok(cases.iter().map(status_of).max().unwrap_or(Status::Held))
}

/// The file of the report for CI. Whether it can be written is found out before anything is run.
fn junit_output(path: &Path, sources: &[Source]) -> Result<OutputFile, Complaint> {
    let inputs: Vec<PathBuf> = sources.iter().map(|source| source.path.clone()).collect();
    let output = OutputFile::new(path, "the JUnit report", "--junit", &inputs)?;
    if !path.exists() && lesson(path).is_ok() {
        let complaint = Complaint::new(format!("{} is the name of a built-in scenario", printable::path(path)));
        return Err(complaint.help("--junit takes the name of the JUnit report: give one before the scenarios"));
    }
    Ok(output)
}

/// Runs each scenario, whatever becomes of the others, and prints its result.
fn run_all(
    sources: &[Source],
    settings: &RunSettings,
    printer: &mut ResultPrinter,
    mut simulate: impl FnMut(&Source, &RunSettings, &mut ProgressDisplay) -> Result<Report, Stopped>,
) -> Result<Vec<ScenarioResult>, CliError> {
    let mut progress = ProgressDisplay::over(sources.iter().map(|source| &*source.plan));
    let mut cases = Vec::new();
    for source in sources {
        let result = bug::catch(|| simulate(source, settings, &mut progress));
        let mut result = result.unwrap_or_else(|Bug(message)| Err(Stopped::Bug(message)));
        if let Ok(report) = &mut result {
            report.scenario.clone_from(&source.name);
        }
        progress.aside(|| printer.print_result(source, settings, &result))?;
        cases.push(ScenarioResult { scenario: source.name.clone(), result });
    }
    Ok(cases)
}

fn simulate(source: &Source, settings: &RunSettings, progress: &mut ProgressDisplay) -> Result<Report, Stopped> {
    let plan = &source.plan;
    progress.begin(plan, &source.name);
    let mut run = Run::new(Arc::clone(plan), settings.seed.unwrap_or(plan.seed), settings.max_events);
    while !run.advance(STRIDE).map_err(Stopped::Limit)? {
        progress.reach(run.now());
    }
    Ok(run.into_report())
}

fn status_of(case: &ScenarioResult) -> Status {
    match &case.result {
        Ok(report) if report.passed() => Status::Held,
        Ok(_) => Status::Broken,
        Err(Stopped::Limit(_)) => Status::Unusable,
        Err(Stopped::Bug(_)) => Status::Bug,
    }
}

/// Prints the results, one after the other.
struct ResultPrinter {
    format: ReportFormat,
    language: Language,
    /// Whether a report was printed before.
    has_printed: bool,
    /// Whether standard output is still read.
    is_read: bool,
}

impl ResultPrinter {
    const fn new(format: ReportFormat, language: Language) -> Self {
        Self { format, language, has_printed: false, is_read: true }
    }

    /// Prints the result of one more scenario. A reader that has closed the pipe gets no further results; the exit status
    /// still counts all of them.
    fn print_result(
        &mut self,
        source: &Source,
        settings: &RunSettings,
        result: &Result<Report, Stopped>,
    ) -> Result<(), CliError> {
        let path = printable::path(&source.path);
        let report = match result {
            Ok(report) => report,
            Err(Stopped::Limit(passed)) => {
                Complaint::new(format!("{path}: {passed}")).print_error();
                return Ok(());
            }
            Err(Stopped::Bug(message)) => {
                let seed = settings.seed.unwrap_or(source.plan.seed);
                let command = format!("queuescope run {} --seed {seed}", shell::word(&source.path));
                Bug(message.clone()).print(&path, &command);
                return Ok(());
            }
        };
        if !self.is_read {
            return Ok(());
        }
        let printed = self.print_report(source, report);
        self.has_printed = true;
        match printed {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => self.is_read = false,
            printed => printed?,
        }
        Ok(())
    }

    fn print_report(&self, source: &Source, report: &Report) -> io::Result<()> {
        match self.format {
            ReportFormat::Json => {
                let mut line = Vec::new();
                printable::write_json(&mut line, report)?;
                line.push(b'\n');
                let mut out = terminal::data();
                io::Write::write_all(&mut out, &line)?;
                io::Write::flush(&mut out)
            }
            ReportFormat::Human => {
                let path = shell::word(&source.path);
                let manner = Manner { language: self.language, colour: Colour::Ansi, path: &path };
                let page = human::human(report, &source.plan, &manner);
                TerminalText::painted(if self.has_printed { format!("\n{page}") } else { page }).print()
            }
        }
    }

    /// Prints how many of several scenarios passed, and which did not.
    fn print_summary(&self, cases: &[ScenarioResult]) {
        if self.format == ReportFormat::Json {
            return;
        }
        let not_passed = cases.iter().filter(|case| status_of(case) != Status::Held);
        let not_passed: Vec<_> = not_passed.map(|case| printable::line(&case.scenario)).collect();
        let (all, passed) = (cases.len(), cases.len() - not_passed.len());
        let style = if not_passed.is_empty() { GOOD } else { BAD };
        let summary = fill(SummaryWord::Passed.text(self.language), &[&passed.to_string(), &all.to_string()]);
        let not_these = || fill(SummaryWord::NotThese.text(self.language), &[&not_passed.join(", ")]);
        let which = if not_passed.is_empty() { String::new() } else { not_these() };
        TerminalText::new().text("\n").styled(style, summary).text(which).eprintln();
    }
}

#[cfg(test)]
mod tests {
    use queuescope::scenario::TEMPLATE;

    use super::*;

    fn sources() -> Vec<Source> {
        ["a.toml", "b.toml", "c.toml"]
            .map(|name| {
                let plan = queuescope::scenario::read(name, TEMPLATE).expect("the template is sound");
                Source { path: name.into(), name: name[..1].to_owned(), plan: Arc::new(plan), warnings: None }
            })
            .into()
    }

    #[test]
    fn a_bug_ends_its_own_scenario_and_is_an_error_of_the_report() {
        let settings = RunSettings { seed: Some(7), max_events: 2_000_000 };
        let mut printer = ResultPrinter { is_read: false, ..ResultPrinter::new(ReportFormat::Json, Language::English) };
        let cases = run_all(&sources(), &settings, &mut printer, |source, settings, progress| {
            assert!(source.name != "b", "the ledger of {} does not add up", source.name);
            simulate(source, settings, progress)
        });
        let cases = cases.expect("nothing is printed");
        assert_eq!(cases.iter().map(status_of).collect::<Vec<_>>(), [Status::Held, Status::Bug, Status::Held]);
        let junit = junit::junit(&cases).expect("it can be written");
        assert!(junit.contains("errors=\"1\"") && junit.contains("the ledger of b does not add up"), "{junit}");
        assert_eq!(cases.iter().map(status_of).max().map(|status| status as u8), Some(101));
    }
}
