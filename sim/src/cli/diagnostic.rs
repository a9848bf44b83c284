//! A file's problems on the terminal: the place, the line with a label under it, the remedy. It knows nothing of what is
//! wrong with a file.

use std::fmt;
use std::io::{self, IsTerminal as _};
use std::ops::Range;

use anstream::{AutoStream, ColorChoice};
use miette::{
    Diagnostic, LabeledSpan, MietteError, MietteHandler, MietteHandlerOpts, MietteSpanContents, ReportHandler as _,
    SourceCode, SourceSpan, SpanContents,
};
use queuescope::scenario::{Diagnostics, Problem};

/// Longer lines, in bytes, say nothing on a terminal.
const LINE: usize = 400;

/// Tells the user every problem of a file.
pub(crate) fn tell(diagnostics: &Diagnostics) {
    let handler = handler();
    for problem in &diagnostics.problems {
        let shown = Shown { handler: &handler, told: Told::new(diagnostics, problem) };
        anstream::eprintln!("{shown}");
    }
}

/// Colours and the terminal's width only where there is a terminal: who reads a log wants a sentence on one line.
fn handler() -> MietteHandler {
    let stderr = io::stderr();
    let colour = AutoStream::choice(&stderr) != ColorChoice::Never;
    MietteHandlerOpts::new().color(colour).wrap_lines(stderr.is_terminal()).terminal_links(false).build()
}

struct Shown<'a> {
    handler: &'a MietteHandler,
    told: Told,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.handler.debug(&self.told, f)
    }
}

/// A problem as miette takes it.
#[derive(Debug)]
struct Told {
    message: String,
    help: Option<String>,
    label: String,
    excerpt: Option<Excerpt>,
}

impl Told {
    fn new(diagnostics: &Diagnostics, problem: &Problem) -> Self {
        let position = diagnostics.position(problem);
        Self {
            message: format!("{}:{}:{}: {}", diagnostics.file, position.0, position.1, printable(&problem.message)),
            help: problem.help.as_deref().map(printable),
            label: printable(&problem.label),
            excerpt: Excerpt::new(&diagnostics.text, &problem.place, position),
        }
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Told {}

impl Diagnostic for Told {
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
        if end - start > LINE {
            return None;
        }
        let above = before[..start].strip_suffix('\n').map(|above| above.rfind('\n').map_or(0, |at| at + 1));
        let above = above.filter(|above| start - above <= LINE);
        let below = text.get(end + 1..).map(|_| end_of_line(text, end + 1)).filter(|below| below - end <= LINE);
        let from = above.unwrap_or(start);
        let mut excerpt = printable(&text[from..below.unwrap_or(end)]);
        excerpt.push('\n');
        let place = place.start - from..place.end.clamp(place.start, end.max(place.start)) - from;
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

/// The text, byte for byte as long, without characters that a terminal would obey.
fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() && !matches!(character, '\n' | '\t') {
            printable.extend(std::iter::repeat_n('?', character.len_utf8()));
        } else {
            printable.push(character);
        }
    }
    printable
}

#[cfg(test)]
mod tests {
    use queuescope::scenario;

    use super::*;

    /// As in a log, without colours.
    fn told(text: &str) -> Vec<String> {
        let diagnostics = scenario::read("bad.toml", text).expect_err("the text is bad");
        let handler = MietteHandlerOpts::new().color(false).unicode(true).wrap_lines(false).build();
        let told = diagnostics.problems.iter().map(|problem| Told::new(&diagnostics, problem));
        told.map(|told| Shown { handler: &handler, told }.to_string()).collect()
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
        let long = "x".repeat(LINE + 1);
        assert_eq!(cut(&long, 3..4, (1, 4)), None);
        let beside = format!("{long}\nhere\n{long}\n");
        assert_eq!(cut(&beside, LINE + 2..LINE + 3, (2, 1)), Some(("here\n".to_owned(), "h".to_owned(), 1)));
    }

    #[test]
    fn what_is_shown_begins_with_the_place_and_names_it_by_characters() {
        let shown = told("title = \"主从\" 切换 = 1\n");
        assert!(shown[0].contains("bad.toml:1:14: "), "{}", shown[0]);
        assert!(shown[0].contains("[1:14]"), "{}", shown[0]);
        assert!(shown[0].contains("1 │ title = \"主从\" 切换 = 1"), "{}", shown[0]);
    }

    #[test]
    fn a_problem_at_the_very_end_or_in_an_empty_file_is_shown() {
        for text in ["", "\n", "title = \"a\"\n[[", "title = ", "# nothing\r\n"] {
            for shown in told(text) {
                assert!(shown.contains("bad.toml:"), "{shown}");
                assert!(!shown.contains("Failed"), "{shown}");
            }
        }
    }

    #[test]
    fn what_a_terminal_would_obey_is_not_shown() {
        assert_eq!(printable("a\u{1b}[31m\tb\n\u{9b}主"), "a?[31m\tb\n??主");
        let shown = told("\u{1b}]0;owned\u{7} = 1\n").concat();
        assert!(!shown.contains(['\u{1b}', '\u{7}']), "{shown:?}");
    }
}
