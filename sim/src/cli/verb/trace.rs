//! `trace`: everything that happens in a run, a record a line, written while it happens.

use std::io::{self, BufWriter, Write};
use std::sync::Arc;

use queuescope::plan::Plan;
use queuescope::printable;
use queuescope::record::{Line, Record, Sink};
use queuescope::run::Run;

use crate::cli::arguments;
use crate::cli::progress::{ProgressDisplay, STRIDE};
use crate::cli::source::{Source, Sources};
use crate::cli::terminal;
use crate::cli::trouble::{CliError, Complaint, Status};

/// Writes what happens in a run.
pub(crate) fn trace(arguments: &arguments::TraceArguments) -> Result<Status, CliError> {
    let sources = Sources::read(std::slice::from_ref(&arguments.path)).all()?;
    let [Source { path, name, plan, .. }] = &sources[..] else {
        let several = format!("{} holds {} scenarios", printable::path(&arguments.path), sources.len());
        return Err(Complaint::new(several).help("a trace is of one: give its file").into());
    };
    let mut progress = ProgressDisplay::beside_records(plan);
    progress.begin(plan, name);
    let lines = TraceWriter::new(Arc::clone(plan), terminal::data());
    let seed = arguments.settings.seed.unwrap_or(plan.seed);
    let mut run = Run::with_sink(Arc::clone(plan), seed, arguments.settings.max_events, lines);
    let over = loop {
        let over = run.advance(STRIDE);
        run.sink().check()?;
        progress.reach(run.now());
        if over != Ok(false) {
            break over;
        }
    };
    run.sink().finish()?;
    drop(progress);
    over.map_err(|passed| Complaint::new(format!("{}: {passed}", printable::path(path))))?;
    // Not for the report: this is where the run is held against its records.
    let _ = run.into_report();
    Ok(Status::Held)
}

/// Writes records as lines, until it cannot.
struct TraceWriter<W: Write> {
    plan: Arc<Plan>,
    out: BufWriter<W>,
    failed: io::Result<()>,
}

impl<W: Write> TraceWriter<W> {
    fn new(plan: Arc<Plan>, out: W) -> Self {
        Self { plan, out: BufWriter::with_capacity(1 << 16, out), failed: Ok(()) }
    }

    fn line(&mut self, record: &Record) -> io::Result<()> {
        printable::write_json(&mut self.out, &Line { record, plan: &self.plan })?;
        self.out.write_all(b"\n")
    }

    /// The error of the first line that could not be written, once.
    fn check(&mut self) -> io::Result<()> {
        std::mem::replace(&mut self.failed, Ok(()))
    }

    fn finish(&mut self) -> io::Result<()> {
        self.check()?;
        self.out.flush()
    }
}

impl<W: Write> Sink for TraceWriter<W> {
    fn record(&mut self, record: &Record) {
        if self.failed.is_ok() {
            self.failed = self.line(record);
        }
    }
}
