//! Passages of a file of which nothing, or something that is not printed, was taken: which lines, and why. It does not
//! know how that is found out.

use std::fmt;
use std::ops::{Range, RangeInclusive};

use crate::limit;
use crate::scenario::{Diagnostics, LineStarts, Problem};

/// The most ranges of lines that are listed with one reason; the others are counted.
const MAX_RANGES: usize = 6;

/// The most characters of the first line that are shown.
const MAX_SHOWN: usize = 48;

/// Lines of a pasted text that were passed over, or taken for something that they do not say themselves.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Passage {
    /// The file's path, as it was given.
    pub file: String,
    /// The lines, from 1: one range or several with the same reason, in their order.
    pub lines: Vec<RangeInclusive<usize>>,
    /// The beginning of the first line.
    pub beginning: String,
    /// Their kind, or the reason why they were passed over.
    pub why: String,
}

/// `all.txt:3-7, 12: \`java.lang.…\`: what Java prints when something fails`
impl fmt::Display for Passage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if !self.lines.is_empty() {
            f.write_str(":")?;
        }
        for (number, lines) in self.lines.iter().take(MAX_RANGES).enumerate() {
            let comma = if number == 0 { "" } else { ", " };
            match (lines.start(), lines.end()) {
                (first, last) if first == last => write!(f, "{comma}{first}")?,
                (first, last) => write!(f, "{comma}{first}-{last}")?,
            }
        }
        if self.lines.len() > MAX_RANGES {
            write!(f, " and {} more", self.lines.len() - MAX_RANGES)?;
        }
        if !self.beginning.is_empty() {
            write!(f, ": `{}`", self.beginning)?;
        }
        write!(f, ": {}", self.why)
    }
}

/// Kinds of lines that belong to no output.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Beside {
    Remark,
    Prompt,
    Fence,
    Ellipsis,
    Java,
    Log,
    Shell,
}

impl Beside {
    const fn text(self) -> &'static str {
        match self {
            Self::Remark => "a remark",
            Self::Prompt => "a prompt without a command",
            Self::Fence => "a fence",
            Self::Ellipsis => "something was left out there",
            Self::Java => "what Java says besides",
            Self::Log => "a line of a log",
            Self::Shell => "what the shell or the connection says",
        }
    }
}

/// Why nothing was taken of a passage, or what it was taken for.
#[derive(Clone, PartialEq, Eq, Debug)]
enum PassageReason {
    Beside(Beside),
    /// The guess by which it was understood.
    Taken(String),
    /// Something may be missing without it.
    Missing {
        message: String,
        label: String,
        help: String,
    },
}

impl PassageReason {
    fn text(&self) -> &str {
        match self {
            Self::Beside(beside) => beside.text(),
            Self::Taken(guess) => guess,
            Self::Missing { message, .. } => message,
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct PassageNote {
    place: Range<usize>,
    /// The first and the last line.
    lines: RangeInclusive<usize>,
    /// The number of its last line among those that are not empty.
    last: usize,
    why: PassageReason,
}

/// The notes on one file.
#[derive(Debug)]
pub(super) struct Notes {
    lines: LineStarts,
    notes: Vec<PassageNote>,
    /// Passages of which nothing more is kept.
    more: usize,
    /// The number of the line that is being read, among those that are not empty.
    current: usize,
}

impl Notes {
    pub(super) fn of(text: &str) -> Self {
        Self { lines: LineStarts::of(text), notes: Vec::new(), more: 0, current: 0 }
    }

    /// The number of the line in which a byte is, from 1.
    pub(super) fn line(&self, byte: usize) -> usize {
        self.lines.line(byte)
    }

    /// Begins another line that is not empty. Passages with the same reason are one where no other line is between them.
    pub(super) const fn next_line(&mut self) {
        self.current += 1;
    }

    /// Keeps the next note apart from the last one, even where both have the same reason.
    pub(super) const fn separate(&mut self) {
        self.current += 2;
    }

    pub(super) fn beside(&mut self, place: Range<usize>, beside: Beside) {
        self.add(place, PassageReason::Beside(beside));
    }

    /// Notes a passage that was taken for something that it does not say itself.
    pub(super) fn taken(&mut self, place: Range<usize>, guess: String) {
        self.add(place, PassageReason::Taken(guess));
    }

    /// Notes that something may be missing. It is a problem where nothing else is in the file.
    pub(super) fn missing(&mut self, problem: Problem) {
        let Problem { place, message, label, help } = problem;
        self.add(place, PassageReason::Missing { message, label, help: help.unwrap_or_default() });
    }

    /// Takes back the last note, if it is of this place.
    pub(super) fn withdraw(&mut self, place: Range<usize>) {
        self.notes.pop_if(|note| note.place.start >= place.start && note.place.start <= place.end);
    }

    fn add(&mut self, place: Range<usize>, why: PassageReason) {
        let lines = self.lines.line(place.start)..=self.lines.line(place.end.max(place.start + 1) - 1);
        if let Some(note) = self.notes.last_mut()
            && note.why == why
            && note.last + 1 >= self.current
        {
            note.lines = *note.lines.start()..=*lines.end().max(note.lines.end());
            note.last = self.current;
            return;
        }
        if self.notes.len() == limit::PROBLEMS {
            self.more += 1;
            return;
        }
        self.notes.push(PassageNote { place, lines, last: self.current, why });
    }

    /// Whether there is a passage without which something may be missing.
    pub(super) fn is_something_missing(&self) -> bool {
        self.notes.iter().any(|note| matches!(note.why, PassageReason::Missing { .. }))
    }

    /// Passages that were passed over, and passages that were taken for something, each in the order of their places; those
    /// with the same reason are one.
    pub(super) fn passages(&self, file: &str, text: &str) -> [Vec<Passage>; 2] {
        let mut passages: [Vec<(&PassageReason, Passage)>; 2] = [const { Vec::new() }; 2];
        let mut notes: Vec<&PassageNote> = self.notes.iter().collect();
        notes.sort_by_key(|note| note.place.start);
        for note in notes {
            let list = &mut passages[usize::from(matches!(note.why, PassageReason::Taken(_)))];
            // There are few reasons; one that differs from row to row is not looked for among all of them.
            match list.iter_mut().take(limit::PASSAGES).find(|(why, _)| **why == note.why) {
                Some((_, passage)) => passage.lines.push(note.lines.clone()),
                None => list.push((&note.why, self.passage(note, file, text))),
            }
        }
        let mut passages = passages.map(|list| list.into_iter().map(|(_, passage)| passage).collect::<Vec<_>>());
        if self.more > 0 {
            let why = format!("{} more passages were passed over", self.more);
            passages[0].push(Passage { file: file.to_owned(), lines: Vec::new(), beginning: String::new(), why });
        }
        passages
    }

    fn passage(&self, note: &PassageNote, file: &str, text: &str) -> Passage {
        let line = self.lines.text(text, *note.lines.start()).trim();
        let beginning = if note.why == PassageReason::Beside(Beside::Fence) { String::new() } else { shown(line) };
        let why = of_one_line(note.why.text());
        Passage { file: file.to_owned(), lines: vec![note.lines.clone()], beginning, why }
    }

    /// The notes on what may be missing, as problems.
    pub(super) fn into_problems(self, file: &str, text: &str) -> Diagnostics {
        let problem = |note: PassageNote| match note.why {
            PassageReason::Missing { message, label, help } => {
                Some(Problem { place: note.place, message, label, help: Some(help) })
            }
            _ => None,
        };
        Diagnostics::new(file, text, self.lines, self.notes.into_iter().filter_map(problem).collect())
    }
}

/// The text in one line, fit for a comment.
pub(super) fn of_one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The beginning of a line, in one line and without what would end a comment or a quotation.
pub(super) fn shown(line: &str) -> String {
    let line = line.lines().next().unwrap_or_default();
    let mut shown = of_one_line(&line.chars().take(MAX_SHOWN).collect::<String>());
    if shown.len() < line.len() {
        shown.truncate(shown.trim_end().len());
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_with_the_same_reason_are_one_passage() {
        let text = "# a\n# b\nx\n```\n\n# c\ny y\n";
        let mut notes = Notes::of(text);
        for (place, beside) in [(0..3, Some(Beside::Remark)), (4..7, Some(Beside::Remark)), (8..9, None)] {
            notes.next_line();
            beside.into_iter().for_each(|beside| notes.beside(place.clone(), beside));
        }
        notes.next_line();
        notes.beside(10..13, Beside::Fence);
        notes.next_line();
        notes.beside(15..18, Beside::Remark);
        notes.next_line();
        let problem = Problem { place: 19..22, message: "text".into(), label: String::new(), help: None };
        notes.missing(problem);
        let [passed_over, taken] = notes.passages("a.txt", text);
        let shown: Vec<String> = passed_over.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["a.txt:1-2, 6: `# a`: a remark", "a.txt:4: a fence", "a.txt:7: `y y`: text"]);
        assert!(taken.is_empty() && notes.is_something_missing());
        assert_eq!(notes.into_problems("a.txt", text).problems.len(), 1);
    }

    #[test]
    fn the_beginning_of_a_line_is_short_and_cannot_end_a_comment() {
        assert_eq!(shown("a\u{7}b\nc"), "a b");
        assert_eq!(shown(&"主".repeat(60)).chars().count(), MAX_SHOWN + 1);
    }
}
