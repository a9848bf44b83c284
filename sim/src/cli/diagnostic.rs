//! A file's problems on the terminal: the place, the line with a label under it, the remedy. It knows nothing of what is
//! wrong with a file.

use std::fmt;
use std::ops::Range;

use miette::{
    Diagnostic, LabeledSpan, MietteError, MietteHandler, MietteHandlerOpts, MietteSpanContents, ReportHandler as _,
    Severity, SourceCode, SourceSpan, SpanContents,
};
use queuescope::printable;
use queuescope::scenario::{Diagnostics, Problem};

use super::terminal::{TerminalText, are_terminals, has_colour};

/// Lines with more bytes are not shown: on a terminal they say nothing.
const MAX_LINE: usize = 400;

/// Prints every problem of a file as an error.
pub(crate) fn print_errors(diagnostics: &Diagnostics) {
    print_as(diagnostics, Severity::Error);
}

/// Prints as warnings where a file is sound, and perhaps does not say what is meant.
pub(crate) fn print_warnings(diagnostics: &Diagnostics) {
    print_as(diagnostics, Severity::Warning);
}

fn print_as(diagnostics: &Diagnostics, severity: Severity) {
    let handler = handler();
    for problem in &diagnostics.problems {
        let shown = Rendered { handler: &handler, problem: TerminalProblem::new(diagnostics, problem, severity) };
        TerminalText::painted(shown).eprintln();
    }
}

/// Colours and the terminal's width only where there is a terminal: in a log each sentence stays on one line.
fn handler() -> MietteHandler {
    MietteHandlerOpts::new().color(has_colour()).wrap_lines(are_terminals().1).terminal_links(false).build()
}

struct Rendered<'a> {
    handler: &'a MietteHandler,
    problem: TerminalProblem,
}

impl fmt::Display for Rendered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.handler.debug(&self.problem, f)
    }
}

/// A problem as miette takes it.
#[derive(Debug)]
struct TerminalProblem {
    severity: Severity,
    message: String,
    help: Option<String>,
    label: String,
    excerpt: Option<Excerpt>,
}

impl TerminalProblem {
    fn new(diagnostics: &Diagnostics, problem: &Problem, severity: Severity) -> Self {
        let position = diagnostics.position(problem);
        let what = if severity == Severity::Warning { "warning: " } else { "" };
        Self {
            severity,
            message: line(&format!("{}:{}:{}: {what}{}", diagnostics.file, position.0, position.1, problem.message)),
            help: problem.help.as_deref().map(line),
            label: line(&problem.label),
            excerpt: Excerpt::new(&diagnostics.text, &problem.place, position),
        }
    }
}

impl fmt::Display for TerminalProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for TerminalProblem {}

impl Diagnostic for TerminalProblem {
    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.excerpt.as_ref().map(|excerpt| excerpt as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let place = self.excerpt.as_ref()?.place.clone();
        Some(Box::new([LabeledSpan::new_primary_with_span(Some(self.label.clone()), place)].into_iter()))
    }
}

/// The line of a problem with its neighbours. Not the whole file: there may be many problems in a large one.
#[derive(Debug)]
struct Excerpt {
    text: String,
    /// Of the problem, in this text, up to the end of its line.
    place: Range<usize>,
    /// The number of the first line here, from 0.
    first: usize,
    /// Of the place, from 0, in characters.
    column: usize,
}

impl Excerpt {
    fn new(text: &str, place: &Range<usize>, (line, column): (usize, usize)) -> Option<Self> {
        let before = text.get(..place.start)?;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let end = end_of_line(text, place.start);
        if end - start > MAX_LINE {
            return None;
        }
        let above = before[..start].strip_suffix('\n').map(|above| above.rfind('\n').map_or(0, |at| at + 1));
        let above = above.filter(|above| start - above <= MAX_LINE);
        let below = text.get(end + 1..).map(|_| end_of_line(text, end + 1)).filter(|below| below - end <= MAX_LINE);
        let from = above.unwrap_or(start);
        let shown = |part: &str| printable::lines(&part.replace("\r\n", "\n")).into_owned();
        // The end of a line is no part of what is wrong.
        let last = text[place.start..end].trim_end_matches('\r').len() + place.start;
        let upto = place.end.clamp(place.start, last.max(place.start));
        let (lead, part) = (shown(&text[from..place.start]), shown(&text[place.start..upto]));
        let place = lead.len()..lead.len() + part.len();
        let excerpt = lead + &part + &shown(&text[upto..below.unwrap_or(end)]) + "\n";
        Some(Self { text: excerpt, place, first: line - 1 - usize::from(above.is_some()), column: column - 1 })
    }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let contents = self.text.as_str().read_span(span, before, after)?;
        // miette counts bytes.
        let column = if before == 0 { self.column } else { contents.column() };
        let (span, line) = (*contents.span(), contents.line() + self.first);
        Ok(Box::new(MietteSpanContents::new(contents.data(), span, line, column, contents.line_count())))
    }
}

fn end_of_line(text: &str, from: usize) -> usize {
    text[from..].find('\n').map_or(text.len(), |at| from + at)
}

/// A sentence, on one line.
fn line(text: &str) -> String {
    printable::line(text).into_owned()
}

#[cfg(test)]
mod tests {
    use queuescope::scenario;

    use super::*;

    /// The problems of a text as a log has them, without colours.
    fn rendered(text: &str) -> Vec<String> {
        let diagnostics = scenario::read("bad.toml", text).expect_err("the text is bad");
        let handler = MietteHandlerOpts::new().color(false).unicode(true).wrap_lines(false).build();
        let problems =
            diagnostics.problems.iter().map(|problem| TerminalProblem::new(&diagnostics, problem, Severity::Error));
        problems.map(|problem| Rendered { handler: &handler, problem }.to_string()).collect()
    }

    fn cut(text: &str, place: Range<usize>, position: (usize, usize)) -> Option<(String, String, usize)> {
        let excerpt = Excerpt::new(text, &place, position)?;
        let part = excerpt.text[excerpt.place.clone()].to_owned();
        Some((excerpt.text, part, excerpt.first))
    }

    #[test]
    fn an_excerpt_is_the_line_with_its_neighbours() {
        let text = "one\ntwo\nthree\nfour\nfive";
        let cut = |place, position| cut(text, place, position).expect("short lines");
        assert_eq!(cut(8..13, (3, 1)), ("two\nthree\nfour\n".to_owned(), "three".to_owned(), 1));
        assert_eq!(cut(0..3, (1, 1)), ("one\ntwo\n".to_owned(), "one".to_owned(), 0));
        assert_eq!(cut(19..23, (5, 1)), ("four\nfive\n".to_owned(), "five".to_owned(), 3));
        assert_eq!(cut(23..23, (5, 5)), ("four\nfive\n".to_owned(), String::new(), 3));
        assert_eq!(cut(10..20, (3, 3)).1, "ree");
    }

    #[test]
    fn a_long_line_is_not_shown() {
        let long = "x".repeat(MAX_LINE + 1);
        assert_eq!(cut(&long, 3..4, (1, 4)), None);
        let beside = format!("{long}\nhere\n{long}\n");
        assert_eq!(cut(&beside, MAX_LINE + 2..MAX_LINE + 3, (2, 1)), Some(("here\n".to_owned(), "h".to_owned(), 1)));
    }

    #[test]
    fn a_problem_begins_with_its_place_counted_in_characters() {
        let shown = rendered("title = \"主从\" 切换 = 1\n");
        assert!(shown[0].contains("bad.toml:1:14: "), "{}", shown[0]);
        assert!(shown[0].contains("[1:14]"), "{}", shown[0]);
        assert!(shown[0].contains("1 │ title = \"主从\" 切换 = 1"), "{}", shown[0]);
    }

    #[test]
    fn a_problem_at_the_very_end_or_in_an_empty_file_is_shown() {
        for text in ["", "\n", "title = \"a\"\n[[", "title = ", "# nothing\r\n"] {
            for shown in rendered(text) {
                assert!(shown.contains("bad.toml:"), "{shown}");
                assert!(!shown.contains("Failed"), "{shown}");
            }
        }
    }

    #[test]
    fn sequences_that_a_terminal_would_obey_are_not_shown() {
        let shown = rendered("\u{1b}]0;owned\u{7} = 1\n").concat();
        assert!(!shown.contains(['\u{1b}', '\u{7}']) && shown.contains("\\u{1b}]0;owned\\u{7} = 1"), "{shown:?}");
    }

    #[test]
    fn a_label_stands_under_its_place_whatever_is_escaped_before_it() {
        let text = "a\u{1b}\u{202e}b\r\nc\u{9b}\u{9b}dd\u{7f}e\r\n";
        let place = text.find("dd").map(|at| at..at + 3).expect("it is there");
        let (excerpt, part, _) = cut(text, place, (2, 4)).expect("short lines");
        assert_eq!(part, "dd\\u{7f}");
        assert_eq!(excerpt, "a\\u{1b}\\u{202e}b\nc\\u{9b}\\u{9b}dd\\u{7f}e\n\n");
    }
}
