//! The header of a table as headings.

use std::ops::Range;

use super::row::{Delimiter, TableRow, is_bar, words};
use crate::import::paste::PasteLine;

/// Headings of a table, at most: each row takes time in proportion to their square.
const MOST: usize = 64;

/// A column as it stands in a header.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::import) struct Heading {
    /// In small letters, without blanks and signs: `brokername` of `#Broker Name`.
    pub(in crate::import) name: String,
    /// As it was printed.
    pub(super) shown: String,
    /// Characters of the line before it.
    pub(super) column: usize,
}

/// The columns of a table, as its header has them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::import) struct Header {
    pub(in crate::import) headings: Vec<Heading>,
    pub(in crate::import) place: Range<usize>,
    pub(in crate::import) delimiter: Delimiter,
    /// Whether words of one heading are apart: `column -t` took each for a column.
    pub(super) is_stretched: bool,
}

impl Header {
    /// The headings of a line, if it may be a header: `#Cluster Name #Broker Name`, `GROUP TOPIC PARTITION`, cells between bars.
    pub(in crate::import) fn of(line: &PasteLine<'_>) -> Option<Self> {
        let line = PasteLine { text: line.text.trim_end(), ..*line };
        let inner = line.trimmed();
        let has_bars_inside = || inner.text.matches(" | ").count() >= 2 || inner.text.contains(" │ ");
        let delimiter = if inner.text.starts_with(is_bar) || has_bars_inside() {
            Delimiter::Bars
        } else if inner.text.matches(',').count() >= 3 {
            Delimiter::Commas
        } else if inner.text.matches('\t').count() >= 1 {
            Delimiter::Tabs
        } else {
            Delimiter::Blanks
        };
        let exact = (delimiter != Delimiter::Blanks).then(|| Self::exact(&line, delimiter));
        let header = exact.filter(Self::is_whole).or_else(|| Self::loose(&line))?;
        (header.headings.len() <= MOST).then_some(header)
    }

    /// Whether each heading is one: a tab may be a blank like others, before the next heading or inside of one.
    fn is_whole(&self) -> bool {
        let signs = || self.headings.iter().filter(|heading| !heading.shown.is_empty()).map(|heading| &heading.shown);
        let begins = signs().filter(|shown| shown.starts_with('#')).count();
        signs().all(|shown| shown.rfind('#').is_none_or(|at| at == 0)) && (begins == 0 || begins == signs().count())
    }

    fn exact(line: &PasteLine<'_>, delimiter: Delimiter) -> Self {
        let row = TableRow::of(line, delimiter);
        let headings = row.cells.iter().map(|cell| heading(&cell.text, 0)).collect();
        Self { headings, place: row.place(), delimiter, is_stretched: true }
    }

    fn loose(line: &PasteLine<'_>) -> Option<Self> {
        let inner = line.trimmed();
        let indent = line.text.chars().count() - line.text.trim_start().chars().count();
        let mut headings = Vec::new();
        let mut is_stretched = false;
        if inner.text.starts_with('#') {
            let mut column = indent;
            for part in inner.text.split('#').skip(1) {
                is_stretched |= part.trim().contains("  ") || part.trim().contains('\t');
                headings.push(heading(&format!("#{part}"), column));
                column += part.chars().count() + 1;
            }
        } else {
            // Headings in capitals have no blanks in them.
            let parts = words(line);
            headings = parts.iter().map(|part| heading(&part.text, part.column)).collect();
        }
        (!headings.is_empty()).then(|| Self {
            headings,
            place: inner.place(),
            delimiter: Delimiter::Blanks,
            is_stretched,
        })
    }

    /// The same header of several lines, whose distances are not those that were printed.
    pub(in crate::import) fn of_lines(self, place: Range<usize>) -> Self {
        Self { is_stretched: true, place, ..self }
    }

    pub(in crate::import) fn has(&self, name: &str) -> bool {
        self.headings.iter().any(|heading| heading.name == name)
    }

    /// Characters from the beginning of a column to that of the next one, but for the two blanks between them; nothing
    /// where the distances are not those that were printed.
    pub(super) fn width(&self, name: &str) -> Option<usize> {
        if self.is_stretched {
            return None;
        }
        let at = self.headings.iter().position(|heading| heading.name == name)?;
        self.headings.get(at + 1)?.column.checked_sub(self.headings[at].column + 2)
    }
}

fn heading(part: &str, column: usize) -> Heading {
    let shown = part.trim();
    let name =
        shown.chars().filter(|c| c.is_alphanumeric() || matches!(c, '(' | ')')).flat_map(char::to_lowercase).collect();
    Heading { name, shown: shown.to_owned(), column }
}
