//! A line of a table as cells.

use std::borrow::Cow;
use std::ops::Range;

use crate::import::paste::{PasteLine, is_of_a_box};

/// Part of a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::import) struct TableCell<'t> {
    pub(in crate::import) text: Cow<'t, str>,
    pub(in crate::import) place: Range<usize>,
    /// Characters of the line before it.
    pub(super) column: usize,
}

/// What stands between the cells of a table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::import) enum Delimiter {
    Blanks,
    /// These keep empty cells, so that a cell's position is its column.
    Bars,
    Tabs,
    Commas,
}

/// A line and its cells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::import) struct TableRow<'t> {
    pub(in crate::import) cells: Vec<TableCell<'t>>,
    /// Whether the n-th cell is the n-th column: not so between blanks.
    pub(super) is_exact: bool,
}

impl<'t> TableRow<'t> {
    pub(in crate::import) fn of(line: &PasteLine<'t>, delimiter: Delimiter) -> Self {
        let cells = match delimiter {
            Delimiter::Blanks => return Self { cells: words(line), is_exact: false },
            Delimiter::Bars if !line.text.contains(is_bar) => Vec::new(),
            Delimiter::Bars => split(line, is_bar),
            Delimiter::Tabs => split(line, |c| c == '\t'),
            Delimiter::Commas => split(line, |c| c == ','),
        };
        let mut row = Self { cells, is_exact: true };
        if delimiter == Delimiter::Bars {
            // The text before the first bar of a line, and behind its last one, is no cell.
            if line.text.trim_start().starts_with(is_bar) {
                row.cells.remove(0);
            }
            if row.cells.last().is_some_and(|last| last.text.is_empty()) {
                row.cells.pop();
            }
        }
        row
    }

    /// The row of several lines, as it was before a terminal broke it; `is_in_a_word` says whether it did so behind a line.
    pub(in crate::import) fn of_lines(lines: &[PasteLine<'t>], is_in_a_word: impl Fn(&PasteLine<'_>) -> bool) -> Self {
        let mut whole = String::new();
        for line in lines {
            whole.push_str(line.text);
            if !is_in_a_word(line) {
                whole.push(' ');
            }
        }
        let first = lines.first().map_or(0, |line| line.start);
        let place = first..lines.last().map_or(first, |line| line.start + line.text.len());
        let cells = words(&PasteLine { text: &whole, start: first }).into_iter();
        let cells =
            cells.map(|cell| TableCell { text: Cow::Owned(cell.text.into_owned()), place: place.clone(), ..cell });
        Self { cells: cells.collect(), is_exact: false }
    }

    pub(in crate::import) fn place(&self) -> Range<usize> {
        let first = self.cells.first().map_or(0, |cell| cell.place.start);
        first..self.cells.last().map_or(first, |cell| cell.place.end)
    }
}

/// Whether a character stands between the cells of a table that was drawn.
pub(super) const fn is_bar(c: char) -> bool {
    c == '|' || is_of_a_box(c)
}

/// The words of a line; what stands in brackets is one.
pub(super) fn words<'t>(line: &PasteLine<'t>) -> Vec<TableCell<'t>> {
    let mut words = Vec::new();
    let (mut from, mut column, mut is_in) = (0, 0, false);
    let mut depth = 0_usize;
    let has_pairs = [('(', ')'), ('{', '}')].iter().all(|(open, close)| is_paired(line.text, *open, *close));
    for (number, (at, c)) in line.text.char_indices().enumerate() {
        match c {
            '(' | '{' if has_pairs => depth += 1,
            ')' | '}' if has_pairs => depth = depth.saturating_sub(1),
            _ => {}
        }
        let is_blank = c.is_whitespace() && depth == 0;
        if is_in && is_blank {
            words.push(cell(line, from..at, column));
        } else if !is_in && !is_blank {
            (from, column) = (at, number);
        }
        is_in = !is_blank;
    }
    if is_in {
        words.push(cell(line, from..line.text.len(), column));
    }
    words
}

/// Whether each bracket that is opened is closed.
fn is_paired(text: &str, open: char, close: char) -> bool {
    let depth = text.chars().try_fold(0_usize, |depth, c| {
        if c == open {
            Some(depth + 1)
        } else if c == close {
            depth.checked_sub(1)
        } else {
            Some(depth)
        }
    });
    depth == Some(0)
}

/// The cells between signs, without blanks and without the marks of Markdown for bold text and code.
fn split<'t>(line: &PasteLine<'t>, is_sign: impl Fn(char) -> bool) -> Vec<TableCell<'t>> {
    let mut cells = Vec::new();
    let mut from = 0;
    for (at, c) in line.text.char_indices().chain([(line.text.len(), '\n')]) {
        if is_sign(c) || c == '\n' {
            let inner = PasteLine { text: &line.text[from..at], start: line.start + from }.trimmed();
            let bare = inner.text.trim_matches(['`', '*', '"', '\'']);
            let begin = inner.start - line.start + inner.text.find(bare).unwrap_or(0);
            cells.push(cell(line, begin..begin + bare.len(), 0));
            from = at + c.len_utf8();
        }
    }
    cells
}

fn cell<'t>(line: &PasteLine<'t>, part: Range<usize>, column: usize) -> TableCell<'t> {
    let place = line.start + part.start..line.start + part.end;
    TableCell { text: Cow::Borrowed(&line.text[part]), place, column }
}
