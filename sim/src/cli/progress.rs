//! Shows how far a long run is. On a terminal: a bar that grows with virtual time, once there is something to wait for. In
//! a log: a line now and then, so that whoever waits knows what takes so long. It knows nothing of how a run goes.

use std::cell::Cell;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use queuescope::kernel::Time;
use queuescope::plan::Plan;
use queuescope::printable;

use super::terminal::{TerminalText, are_terminals};

/// A run shorter than this gets no bar.
const PATIENCE: Duration = Duration::from_millis(500);

/// Time between two lines of a log.
const SILENCE: Duration = Duration::from_secs(15);

/// Events between two looks at the clock.
pub(crate) const STRIDE: u64 = 20_000;

/// The bar, over the virtual time of all scenarios together.
pub(crate) struct ProgressDisplay {
    bar: ProgressBar,
    has_bar: bool,
    /// The beginning and the end of the present scenario on the bar.
    span: (Time, Time),
    /// The present scenario.
    name: String,
    /// When the next line of a log is due, since the first scenario began.
    line_at: Cell<Duration>,
}

impl ProgressDisplay {
    /// A display for all of these plans, where standard error is a terminal or a log.
    pub(crate) fn over<'a>(plans: impl IntoIterator<Item = &'a Plan>) -> Self {
        let total: u64 = plans.into_iter().map(|plan| plan.end().0).fold(0, u64::saturating_add);
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template("{msg} {wide_bar:.cyan} {clock}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style.progress_chars("━╸ ").with_key("clock", clock));
        Self {
            bar,
            has_bar: are_terminals().1,
            span: (Time::ZERO, Time::ZERO),
            name: String::new(),
            line_at: Cell::new(SILENCE),
        }
    }

    /// A display for a run whose records go to standard output: none where both would go to one terminal.
    pub(crate) fn beside_records(plan: &Plan) -> Self {
        let mut progress = Self::over([plan]);
        progress.has_bar &= !are_terminals().0;
        progress
    }

    /// The next scenario begins.
    pub(crate) fn begin(&mut self, plan: &Plan, name: &str) {
        let from = self.span.1;
        self.span = (from, Time(from.0.saturating_add(plan.end().0)));
        name.clone_into(&mut self.name);
        self.bar.set_message(printable::line(name).into_owned());
        self.reach(Time::ZERO);
    }

    /// The present scenario has come so far.
    pub(crate) fn reach(&self, now: Time) {
        if self.has_bar && self.bar.is_hidden() && self.bar.elapsed() > PATIENCE {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.set_position(self.span.0.0.saturating_add(now.0));
        if !are_terminals().1 && self.bar.elapsed() > self.line_at.get() {
            self.line_at.set(self.bar.elapsed() + SILENCE);
            let end = Time(self.span.1.0 - self.span.0.0);
            TerminalText::new().text(format!("{}: at {now} of {end}", self.name)).eprintln();
        }
    }

    /// Lets something else be written to the terminal.
    pub(crate) fn aside<R>(&self, write: impl FnOnce() -> R) -> R {
        self.bar.suspend(write)
    }
}

/// It leaves no trace.
impl Drop for ProgressDisplay {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn clock(state: &ProgressState, out: &mut dyn std::fmt::Write) {
    let seconds = |nanoseconds| Time(nanoseconds).seconds();
    let total = seconds(state.len().unwrap_or(0));
    // Where the clock cannot be written, the bar still is.
    let _ = write!(out, "{:.1}/{total:.1} s", seconds(state.pos()));
}
