//! Problems of a file: where each one is, what was found and expected, and what would remedy it.
//!
//! Plain data with a plain rendering. It does not know what the file is about, nor how a terminal shows it.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::limit;

/// One problem, with its place in the file.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Problem {
    /// Bytes of the text, always inside it and between whole characters.
    pub place: Range<usize>,
    /// The value that was found, and what was expected.
    pub message: String,
    /// A few words for the place itself.
    pub label: String,
    /// The remedy, where there is one.
    pub help: Option<String>,
}

/// All problems of one file, in the order of their places.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Diagnostics {
    /// The file's path, as it was given.
    pub file: String,
    /// The file's text.
    pub text: Arc<str>,
    /// At least one.
    pub problems: Vec<Problem>,
    lines: LineStarts,
}

impl Diagnostics {
    /// The problems sorted by place, each reported once; beyond [`limit::PROBLEMS`] they are only counted.
    pub(crate) fn new(file: &str, text: &str, lines: LineStarts, mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(|problem| (problem.place.start, problem.place.end));
        problems.dedup();
        let more = problems.len().saturating_sub(limit::PROBLEMS);
        if more > 0 {
            problems.truncate(limit::PROBLEMS + 1);
            if let Some(last) = problems.last_mut() {
                last.message = format!("{more} more problems from here on");
                last.label = "and from here on".to_owned();
                last.help = Some(format!("no more than {} are shown (limit `problems`)", limit::PROBLEMS));
            }
        }
        Self { file: file.to_owned(), text: text.into(), problems, lines }
    }

    /// The one problem of a file that is longer than [`limit::FILE_BYTES`].
    pub(crate) fn too_large(file: &str, text: &str) -> Self {
        let message =
            format!("the file has {} bytes, expected at most {} (limit `file_bytes`)", text.len(), limit::FILE_BYTES);
        let problem = Problem { place: 0..0, message, label: "too large".to_owned(), help: None };
        Self::new(file, text, LineStarts::of(text), vec![problem])
    }

    /// Line and column at which a problem begins, both from 1; the column counts characters.
    #[must_use]
    pub fn position(&self, problem: &Problem) -> (usize, usize) {
        self.lines.position(&self.text, problem.place.start)
    }
}

/// One line for each problem, `file:line:column: message`, and an indented one for its help.
impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.problems {
            let (line, column) = self.position(problem);
            writeln!(f, "{}:{line}:{column}: {}", self.file, problem.message)?;
            if let Some(help) = &problem.help {
                writeln!(f, "  help: {help}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}

/// Where each line of a text begins.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LineStarts(Vec<usize>);

impl LineStarts {
    pub(crate) fn of(text: &str) -> Self {
        Self(std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }

    /// The line in which an offset lies, from 1.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.0.partition_point(|start| *start <= offset)
    }

    /// Of how many messages something is kept.
    pub(crate) const fn count(&self) -> usize {
        self.0.len()
    }

    /// The text of a line, numbered from 1.
    pub(crate) fn text<'t>(&self, text: &'t str, line: usize) -> &'t str {
        let end = self.0.get(line).copied().unwrap_or(text.len());
        self.0.get(line - 1).and_then(|start| text.get(*start..end)).unwrap_or("")
    }

    /// Line and column of an offset, both from 1.
    fn position(&self, text: &str, offset: usize) -> (usize, usize) {
        let line = self.line(offset);
        let start = self.0.get(line - 1).copied().unwrap_or(0);
        (line, text.get(start..offset).map_or(0, |before| before.chars().count()) + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(place: Range<usize>, message: &str) -> Problem {
        Problem { place, message: message.to_owned(), label: String::new(), help: None }
    }

    fn diagnostics(text: &str, problems: Vec<Problem>) -> Diagnostics {
        Diagnostics::new("a.toml", text, LineStarts::of(text), problems)
    }

    #[test]
    fn a_column_counts_characters_and_a_line_ends_with_its_newline() {
        let text = "a\n主从 = b\n\nc";
        let at = |offset| LineStarts::of(text).position(text, offset);
        assert_eq!([at(0), at(1), at(2), at(8), at(12)], [(1, 1), (1, 2), (2, 1), (2, 3), (2, 7)]);
        assert_eq!([at(13), at(14), at(15)], [(3, 1), (4, 1), (4, 2)]);
    }

    #[test]
    fn problems_are_written_in_the_order_of_their_places_with_their_help() {
        let mut late = problem(2..3, "late");
        late.help = Some("mend it".to_owned());
        let written = diagnostics("a\nb", vec![late, problem(0..1, "early")]).to_string();
        assert_eq!(written, "a.toml:1:1: early\na.toml:2:1: late\n  help: mend it\n");
    }

    #[test]
    fn beyond_the_limit_problems_are_counted() {
        let many = (0..limit::PROBLEMS + 7).map(|n| problem(n..n, "again")).collect();
        let diagnostics = diagnostics(&"x".repeat(limit::PROBLEMS + 7), many);
        assert_eq!(diagnostics.problems.len(), limit::PROBLEMS + 1);
        assert_eq!(diagnostics.problems.last().map(|last| last.message.as_str()), Some("7 more problems from here on"));
    }
}
