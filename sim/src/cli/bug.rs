//! A panic is a bug of ours: it is reported as such, with what to send us, and where several scenarios are run it ends
//! only its own. It knows nothing of scenarios.

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

/// Makes panics print a message of ours from now on.
pub(crate) fn install() {
    panic::set_hook(Box::new(|info| {
        let message = message_with_place(info);
        let kept = CAUGHT.with(|(waits, last)| waits.get().then(|| last.replace(Some(message.clone()))).is_some());
        if !kept {
            Complaint::new(message).help(REMEDY).print_error();
        }
        // Where RUST_BACKTRACE asks for it.
        let trace = Backtrace::capture();
        if trace.status() == BacktraceStatus::Captured {
            super::terminal::TerminalText::new().text(trace).eprintln();
        }
    }));
}

fn message_with_place(info: &PanicHookInfo<'_>) -> String {
    let place = info.location().map(|place| format!(" ({}:{})", place.file(), place.line())).unwrap_or_default();
    format!("{}{place}", message(info.payload()).replace('\n', " "))
}

fn message(payload: &dyn Any) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a message")
}

/// Does the work. A panic ends the work alone.
pub(crate) fn catch<R>(work: impl FnOnce() -> R) -> Result<R, Bug> {
    let before = CAUGHT.with(|(waits, _)| waits.replace(true));
    // A panic may leave the data of the work half changed: none of it is used again.
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    CAUGHT.with(|(waits, _)| waits.set(before));
    done.map_err(|payload| {
        let caught = CAUGHT.with(|(_, last)| last.take());
        Bug(caught.unwrap_or_else(|| message(&*payload).to_owned()))
    })
}

impl Bug {
    /// Prints it, with the command that reproduces it.
    pub(crate) fn print(&self, scenario: &str, command: &str) {
        Complaint::new(format!("{scenario}: {}", self.0)).help(format!("{REMEDY}. Again: {command}")).print_error();
    }
}
