//! A scenario as text, where there is no window: what `queuescope run` prints.

use std::io::{self, Write as _};
use std::sync::Arc;

use queuescope::plan::Plan;
use queuescope::report::Lang;
use queuescope::report::human::{self, Colour, Manner};
use queuescope::run;
use queuescope::scenario::{self, lessons};
use queuescope_gui::text::Language;

/// Runs the scenario, or the first lesson, and tells what it came to.
pub(crate) fn play(plan: Option<Arc<Plan>>, language: Language) -> Result<(), String> {
    let plan = match plan {
        Some(plan) => plan,
        None => {
            let lesson = lessons().first().ok_or("no lesson is built in")?;
            Arc::new(scenario::read(lesson.name, lesson.text).map_err(|problems| problems.to_string())?)
        }
    };
    let report = run::run(Arc::clone(&plan), plan.seed).map_err(|passed| passed.to_string())?;
    let lang = match language {
        Language::English => Lang::En,
        Language::Chinese => Lang::Zh,
    };
    let text = human::human(&report, &plan, &Manner { lang, colour: Colour::Plain, path: &plan.scenario });
    // Whoever has read enough closes the pipe.
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(format!("standard output: {error}")),
        _ => Ok(()),
    }
}
