//! `run`: scenarios one after the other, and what each came to.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anstyle::{AnsiColor, Style};
use queuescope::limit::Passed;
use queuescope::report::human::{self, Colour, Manner};
use queuescope::report::{Lang, Report, junit};
use queuescope::run::Run;
use queuescope_system::Output;

use crate::cli::arguments::{self, Format, Settings};
use crate::cli::progress::{Progress, STRIDE};
use crate::cli::source::{Source, Sources, lesson};
use crate::cli::trouble::{Complaint, Status, Trouble};

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();

/// Runs scenarios and reports what they come to.
pub(crate) fn run(arguments: &arguments::Run) -> Result<Status, Trouble> {
    let sources = Sources::read(&arguments.paths).all()?;
    let mut junit = arguments.junit.as_deref().map(|path| Junit::new(path, &sources)).transpose()?;
    let mut teller = Teller::new(arguments.format, arguments.language.choice());
    let mut progress = Progress::over(sources.iter().map(|source| &*source.plan));
    let mut short = Vec::new();
    let mut status = Status::Held;
    for source in &sources {
        let result = simulate(source, &arguments.settings, &mut progress);
        let came_to = match &result {
            Ok(report) if report.passed() => Status::Held,
            Ok(_) => Status::Broken,
            Err(_) => Status::Unusable,
        };
        if came_to != Status::Held {
            short.push(source.plan.scenario.as_str());
        }
        status = status.max(came_to);
        progress.aside(|| teller.tell(source, &result))?;
        if let Some(junit) = &mut junit {
            junit.results.push((source.plan.scenario.clone(), result));
        }
    }
    drop(progress);
    if sources.len() > 1 {
        teller.sum_up(sources.len(), &short);
    }
    junit.map_or(Ok(()), Junit::write)?;
    Ok(status)
}

fn simulate(source: &Source, settings: &Settings, progress: &mut Progress) -> Result<Report, Passed> {
    let plan = &source.plan;
    progress.begin(plan);
    let mut run = Run::new(Arc::clone(plan), settings.seed.unwrap_or(plan.seed), settings.max_events);
    while !run.advance(STRIDE)? {
        progress.reach(run.now());
    }
    Ok(run.into_report())
}

/// Who tells the user.
struct Teller {
    format: Format,
    lang: Lang,
    /// Whether something was told already.
    begun: bool,
    /// Whether anybody listens.
    heard: bool,
}

impl Teller {
    const fn new(format: Format, lang: Lang) -> Self {
        Self { format, lang, begun: false, heard: true }
    }

    /// One more scenario has been run. Who has stopped reading is told no more, and still gets the exit status.
    fn tell(&mut self, source: &Source, result: &Result<Report, Passed>) -> Result<(), Trouble> {
        let report = match result {
            Ok(report) => report,
            Err(passed) => {
                Complaint::new(format!("{}: {passed}", source.path.display())).tell();
                return Ok(());
            }
        };
        if !self.heard {
            return Ok(());
        }
        let text = self.text(source, report)?;
        self.begun = true;
        let mut out = anstream::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => self.heard = false,
            done => done?,
        }
        Ok(())
    }

    fn text(&self, source: &Source, report: &Report) -> io::Result<String> {
        Ok(match self.format {
            Format::Json => serde_json::to_string(report)? + "\n",
            Format::Human => {
                let manner = Manner { lang: self.lang, colour: Colour::Ansi, path: &source.path.to_string_lossy() };
                let page = human::human(report, &source.plan, &manner);
                if self.begun { format!("\n{page}") } else { page }
            }
        })
    }

    /// How many of several passed, and which did not.
    fn sum_up(&self, all: usize, short: &[&str]) {
        if self.format == Format::Json {
            return;
        }
        let passed = all - short.len();
        let style = if short.is_empty() { GOOD } else { BAD };
        let (said, which) = match self.lang {
            Lang::En => (format!("{passed} of {all} scenarios passed"), "; not these: "),
            Lang::Zh => (format!("{all} 个场景中 {passed} 个通过"), "；未通过："),
        };
        let which = if short.is_empty() { String::new() } else { format!("{which}{}", short.join(", ")) };
        anstream::eprintln!("\n{style}{said}{style:#}{which}");
    }
}

/// The report for CI. Whether its file can be written is known before anything is run; it is written in the end.
struct Junit {
    output: Output,
    results: Vec<(String, Result<Report, Passed>)>,
}

impl Junit {
    fn new(path: &Path, sources: &[Source]) -> Result<Self, Complaint> {
        let inputs: Vec<PathBuf> = sources.iter().map(|source| source.path.clone()).collect();
        let output = Output::new(path, "the JUnit report", "--junit", &inputs)?;
        if !path.exists() && lesson(path).is_ok() {
            let complaint = Complaint::new(format!("{} is the name of a built-in scenario", path.display()));
            return Err(complaint.help("--junit takes the name of the JUnit report: give one before the scenarios"));
        }
        Ok(Self { output, results: Vec::new() })
    }

    fn write(self) -> Result<(), Complaint> {
        let text = junit::junit(&self.results).map_err(|error| Complaint::new(format!("the JUnit report: {error}")))?;
        Ok(self.output.write(text.as_bytes())?)
    }
}
