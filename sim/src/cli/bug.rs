//! A panic is a bug of ours: it is told as such, with what to send us, and where several scenarios are run it ends only
//! its own.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};

use super::trouble::Complaint;

/// The message of a panic, and where it stands in the code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Bug(pub(crate) String);

thread_local! {
    /// Whether [`catch`] waits for a panic, and the message of the last one.
    static CAUGHT: (Cell<bool>, RefCell<Option<String>>) = const { (Cell::new(false), RefCell::new(None)) };
}

const REMEDY: &str =
    "this is a bug of queuescope: please report it with the scenario, the command and `queuescope --version`";

/// From now on a panic is told in our words.
pub(crate) fn install() {
    panic::set_hook(Box::new(|info| {
        let said = said(info);
        let kept = CAUGHT.with(|(waits, last)| waits.get().then(|| last.replace(Some(said.clone()))).is_some());
        if !kept {
            Complaint::new(said).help(REMEDY).tell();
        }
        // Where RUST_BACKTRACE asks for it.
        let trace = Backtrace::capture();
        if trace.status() == BacktraceStatus::Captured {
            super::terminal::TerminalText::new().text(trace).tell();
        }
    }));
}

fn said(info: &PanicHookInfo<'_>) -> String {
    let at = info.location().map(|at| format!(" ({}:{})", at.file(), at.line())).unwrap_or_default();
    format!("{}{at}", message(info.payload()).replace('\n', " "))
}

fn message(payload: &dyn Any) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a message")
}

/// Does the work, and lets nothing but it end by a panic.
pub(crate) fn catch<R>(work: impl FnOnce() -> R) -> Result<R, Bug> {
    let before = CAUGHT.with(|(waits, _)| waits.replace(true));
    // A panic may leave the data of the work half changed: none of it is used again.
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    CAUGHT.with(|(waits, _)| waits.set(before));
    done.map_err(|payload| {
        let said = CAUGHT.with(|(_, last)| last.take());
        Bug(said.unwrap_or_else(|| message(&*payload).to_owned()))
    })
}

impl Bug {
    /// Tells the user, with the command that shows it again.
    pub(crate) fn tell(&self, scenario: &str, command: &str) {
        Complaint::new(format!("{scenario}: {}", self.0)).help(format!("{REMEDY}. Again: {command}")).tell();
    }
}
