//! `run`: scenarios one after the other, and what each came to.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

use anstyle::{AnsiColor, Style};
use queuescope::limit::Passed;
use queuescope::report::human::{self, Colour, Manner};
use queuescope::report::{Lang, Report, junit};
use queuescope::run::Run;

use crate::cli::arguments::{self, Format, Settings};
use crate::cli::progress::{Progress, STRIDE};
use crate::cli::source::{Source, Sources};
use crate::cli::trouble::{Complaint, Status, Trouble};

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();

/// Runs scenarios and reports what they come to.
pub(crate) fn run(arguments: &arguments::Run) -> Result<Status, Trouble> {
    let sources = Sources::read(&arguments.paths).all()?;
    let mut junit = arguments.junit.as_deref().map(Junit::create).transpose()?;
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
                Complaint::new(format!("{}: {passed}", source.path)).tell();
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
                let manner = Manner { lang: self.lang, colour: Colour::Ansi, path: &source.path };
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

/// The report for CI: its file is made before anything is run, so that there is no late surprise.
struct Junit {
    path: String,
    file: File,
    results: Vec<(String, Result<Report, Passed>)>,
}

impl Junit {
    fn create(path: &Path) -> Result<Self, Complaint> {
        let shown = path.display().to_string();
        match File::create(path) {
            Ok(file) => Ok(Self { path: shown, file, results: Vec::new() }),
            Err(error) => Err(Complaint::new(format!("{shown} cannot be written: {error}"))),
        }
    }

    fn write(mut self) -> Result<(), Trouble> {
        let written = junit::junit(&self.results)
            .map_err(|error| error.to_string())
            .and_then(|text| self.file.write_all(text.as_bytes()).map_err(|error| error.to_string()));
        Ok(written.map_err(|error| Complaint::new(format!("{} cannot be written: {error}", self.path)))?)
    }
}
