//! Columns that line up, also with Chinese in them, and colours where they are wanted. It knows nothing of reports.

use std::fmt::Write as _;

use anstyle::Style;
use unicode_width::UnicodeWidthStr as _;

use crate::printable;

/// How styles of text are written.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Colour {
    /// Without colours.
    #[default]
    Plain,
    /// With the escape codes of terminals.
    Ansi,
}

impl Colour {
    /// The text in a style, and without one of its own. All text of a report goes through here.
    pub(super) fn paint(self, style: Style, text: &str) -> String {
        let text = printable::lines(text);
        match self {
            Self::Plain => text.into_owned(),
            Self::Ansi => format!("{style}{text}{style:#}"),
        }
    }
}

/// A cell of a table: text that is padded to the width of its column.
#[derive(Clone, Debug, Default)]
pub(super) struct TextCell {
    text: String,
    style: Style,
    align_right: bool,
}

impl TextCell {
    /// Text, on the left of its column.
    pub(super) fn text(text: impl Into<String>) -> Self {
        let text: String = text.into();
        Self { text: printable::line(&text).into_owned(), style: Style::new(), align_right: false }
    }

    /// A figure, on the right of its column.
    pub(super) fn figure(text: impl Into<String>) -> Self {
        Self { align_right: true, ..Self::text(text) }
    }

    pub(super) const fn styled(mut self, style: Style) -> Self {
        self.style = style;
        self
    }
}

/// Rows of cells.
#[derive(Clone, Debug, Default)]
pub(super) struct TextTable(Vec<Vec<TextCell>>);

impl TextTable {
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = TextCell>) {
        self.0.push(cells.into_iter().collect());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Writes it with two spaces before and between columns, and none at the end of a line.
    pub(super) fn write(&self, colour: Colour, out: &mut String) {
        let columns = self.0.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            self.0.iter().filter_map(|row| row.get(column)).map(|cell| cell.text.width()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in &self.0 {
            let mut gap = 0;
            for (cell, width) in row.iter().zip(&widths) {
                let padding = width - cell.text.width();
                let (before, after) = if cell.align_right { (padding, 0) } else { (0, padding) };
                if !cell.text.is_empty() {
                    let _ = write!(out, "{:1$}", "", gap + 2 + before);
                    out.push_str(&colour.paint(cell.style, &cell.text));
                    gap = after;
                } else {
                    gap += 2 + width;
                }
            }
            out.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wide_character_takes_two_columns() {
        let mut table = TextTable::default();
        table.row([TextCell::text("组"), TextCell::figure("1"), TextCell::text("x")]);
        table.row([TextCell::text("abc"), TextCell::figure("10")]);
        table.row([TextCell::text(""), TextCell::figure("7")]);
        let mut out = String::new();
        table.write(Colour::Plain, &mut out);
        assert_eq!(out, "  组    1  x\n  abc  10\n        7\n");
    }
}
