//! How far a long run is. On a terminal: a bar that grows with virtual time, once there is something to wait for. In a log:
//! a line now and then, so that whoever waits for it knows what takes so long.

use std::cell::Cell;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use queuescope::kernel::Time;
use queuescope::plan::Plan;
use queuescope::printable;

use super::terminal::{TerminalText, is_seen};

/// A run shorter than this gets no bar.
const PATIENCE: Duration = Duration::from_millis(500);

/// Time between two lines of a log.
const SILENCE: Duration = Duration::from_secs(15);

/// Events between two looks at the clock.
pub(crate) const STRIDE: u64 = 20_000;

/// The bar, over the virtual time of all scenarios together.
pub(crate) struct ProgressDisplay {
    bar: ProgressBar,
    wanted: bool,
    /// Where the present scenario begins and ends on the bar.
    span: (Time, Time),
    /// The present scenario.
    name: String,
    /// When a line is due, from the beginning of all.
    line_at: Cell<Duration>,
}

impl ProgressDisplay {
    /// Over all of these, where somebody looks at standard error.
    pub(crate) fn over<'a>(plans: impl IntoIterator<Item = &'a Plan>) -> Self {
        let total: u64 = plans.into_iter().map(|plan| plan.end().0).fold(0, u64::saturating_add);
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template("{msg} {wide_bar:.cyan} {clock}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style.progress_chars("━╸ ").with_key("clock", clock));
        Self {
            bar,
            wanted: is_seen().1,
            span: (Time::ZERO, Time::ZERO),
            name: String::new(),
            line_at: Cell::new(SILENCE),
        }
    }

    /// Over a run whose records go to standard output: not beside them.
    pub(crate) fn beside_records(plan: &Plan) -> Self {
        let mut progress = Self::over([plan]);
        progress.wanted &= !is_seen().0;
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
        if self.wanted && self.bar.is_hidden() && self.bar.elapsed() > PATIENCE {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.set_position(self.span.0.0.saturating_add(now.0));
        if !is_seen().1 && self.bar.elapsed() > self.line_at.get() {
            self.line_at.set(self.bar.elapsed() + SILENCE);
            let end = Time(self.span.1.0 - self.span.0.0);
            TerminalText::new().text(format!("{}: at {now} of {end}", self.name)).tell();
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
