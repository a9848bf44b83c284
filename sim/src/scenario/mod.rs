//! Scenarios: from a TOML file to a [`Plan`], with every problem of the file reported in one go.
//!
//! ```
//! use queuescope::scenario;
//!
//! let problems = scenario::read("mine.toml", "title = \"Mine\"\nduratoin = \"60s\"\n").unwrap_err();
//! for problem in &problems.problems {
//!     let (line, column) = problems.position(problem);
//!     println!("line {line}, column {column}: {}", problem.message);
//! }
//! let all = problems.to_string();
//! assert!(all.starts_with("mine.toml:") && all.contains("did you mean `duration`?"), "{all}");
//!
//! let plan = scenario::read("mine.toml", scenario::TEMPLATE)?;
//! assert_eq!(plan.scenario, "mine");
//! # Ok::<(), scenario::Diagnostics>(())
//! ```
//!
//! [`lessons`] are the scenarios that are built in. [`Draft`] writes into a scenario what somebody does at a moment of its
//! run, and [`EditableScenario`] changes single keys of one; both leave its comments as they are.
//!
//! Inside, `parsing` reads the text as TOML with places (`written`), `file` declares every section, `compile` resolves names and checks
//! what the keys mean together. It does no I/O and knows nothing of how a plan is run.

mod bilingual;
mod compile;
mod definitions;
mod diagnostic;
mod draft;
mod duration;
mod editable;
mod file;
mod lessons;
mod parsing;
mod profile;
mod reader;
mod schema;
mod section;
#[cfg(test)]
mod tests;
mod value;
mod written;

use self::file::File;
use self::profile::Profile;
use self::reader::ScenarioReader;
use self::written::{TomlPlace, TomlShape, TomlTable};
use crate::kernel::Span;
use crate::limit;
use crate::plan::Plan;

pub(crate) use self::diagnostic::LineStarts;
pub use self::diagnostic::{Diagnostics, Problem};
pub use self::draft::{Act, Draft, Refused};
pub use self::editable::{EditableScenario, Field, LISTS, SectionId, TABLES, fields};
pub use self::lessons::{Lesson, NotNamed, lesson, lessons, near};
pub use self::schema::schema;

/// A small commented scenario to start from.
pub const TEMPLATE: &str = include_str!("template.toml");

/// Reads a scenario. `name` is the file's path as messages show it; its stem becomes the plan's name.
///
/// # Errors
/// Every problem of the file, located.
pub fn read(name: &str, text: &str) -> Result<Plan, Diagnostics> {
    read_with_warnings(name, text).map(|(plan, _)| plan)
}

/// Reads a scenario as [`read`] does, with warnings: places where a sound file does not do what it seems to say.
///
/// # Errors
/// Every problem of the file, located.
pub fn read_with_warnings(name: &str, text: &str) -> Result<(Plan, Option<Diagnostics>), Diagnostics> {
    if text.len() > limit::FILE_BYTES {
        return Err(Diagnostics::too_large(name, text));
    }
    let mut reader = ScenarioReader::new(text);
    let table = parsing::parse(text, &mut reader);
    reader.profile = profile(&table);
    let file: File = section::read_table(&table, TomlPlace::default(), &mut reader);
    let plan = compile::compile(&file, stem(name), &mut reader);
    let warnings = reader.finish(name)?;
    Ok((plan.expect("a part of the plan is missing only where a problem was reported"), warnings))
}

/// Reads a length of time as scenario files write it: `250ms`, `1m30s`.
///
/// # Errors
/// What is wrong with the text, in a sentence.
pub fn duration(text: &str) -> Result<Span, String> {
    duration::parse(text).map_err(|no| no.to_string())
}

/// The profile is needed before any default is; what is wrong with it is reported with the other keys.
fn profile(table: &TomlTable) -> Profile {
    match table.get("profile").map(|entry| &entry.item.shape) {
        Some(TomlShape::Text(word)) if word == "rocketmq" => Profile::RocketMq,
        _ => Profile::Classroom,
    }
}

/// The file's name without folder and ending.
fn stem(name: &str) -> &str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.strip_suffix(".toml").unwrap_or(file)
}
