//! A table that is being read, row by row: rows that a terminal broke are put together, and what does not fit is given back. It
//! does not know what a row means.

use super::context::Context;
use super::format::{Rows, TableFormat};
use super::paste::PasteLine;
use super::table::{Delimiter, Fields, Header, KnownColumn, TableRow, columns_of};
use crate::scenario::Problem;

/// The most lines into which a terminal breaks a row.
const MAX_LINES: usize = 4;

/// What a line of a table was.
#[derive(Debug)]
pub(super) enum LineOutcome<'t> {
    /// A row, or the end of one.
    Row,
    /// Perhaps the beginning of a row.
    Kept,
    /// No row, and neither are the lines that were kept. With each its problem, if it might be a row.
    NoRow(Vec<(PasteLine<'t>, Option<Problem>)>),
}

/// A table, and what was read of it.
#[derive(Debug)]
pub(super) struct OpenTable<'t> {
    header: Header,
    columns: Vec<KnownColumn>,
    rows: Box<dyn Rows>,
    /// Lines that do not make a row yet, and what is wrong with each.
    kept: Vec<(PasteLine<'t>, Problem)>,
    /// The lines of the last row, if cells at its end may be missing.
    last: Vec<PasteLine<'t>>,
    /// The width of the terminal that broke the header, and with it the rows, in characters; 0 where none did.
    width: usize,
}

impl<'t> OpenTable<'t> {
    pub(super) fn new(format: &'static TableFormat, header: Header) -> Self {
        let rows = (format.begin)(&header);
        let columns = columns_of(&header, format.columns);
        Self { header, columns, rows, kept: Vec::new(), last: Vec::new(), width: 0 }
    }

    pub(super) fn has_bars(&self) -> bool {
        self.header.delimiter == Delimiter::Bars
    }

    pub(super) fn headings(&self) -> usize {
        self.header.headings.len()
    }

    /// Whether a terminal broke the lines.
    const fn is_broken(&self) -> bool {
        self.width > 0
    }

    pub(super) const fn set_width(&mut self, width: usize) {
        self.width = width;
    }

    /// Reads a line, if it is a row.
    pub(super) fn line(
        &mut self,
        line: PasteLine<'t>,
        is_after_blank: bool,
        context: &mut Context<'_>,
    ) -> LineOutcome<'t> {
        let row = TableRow::of(&line, self.header.delimiter);
        if row.cells.is_empty() {
            // Without a bar it is no row of a table that was drawn.
            let mut lines = self.take_kept();
            lines.push((line, None));
            return LineOutcome::NoRow(lines);
        }
        let problem = match self.fit(&row, context) {
            Ok(is_short) => {
                self.last = if is_short { vec![line] } else { Vec::new() };
                let kept = self.flush();
                return if matches!(kept, LineOutcome::NoRow(_)) { kept } else { LineOutcome::Row };
            }
            Err(problem) => problem,
        };
        if self.continues_last_row(&line, is_after_blank) || self.completes_row(&line, context) {
            return LineOutcome::Row;
        }
        self.last.clear();
        let may_be_part = self.is_broken() && row.cells.len() < self.columns.len();
        if may_be_part && self.kept.len() + 1 < MAX_LINES {
            self.kept.push((line, problem));
            return LineOutcome::Kept;
        }
        let mut lines = self.take_kept();
        lines.push((line, (!is_after_blank).then_some(problem)));
        LineOutcome::NoRow(lines)
    }

    /// Gives back the lines that were kept: they are no rows.
    pub(super) fn flush(&mut self) -> LineOutcome<'t> {
        if self.kept.is_empty() { LineOutcome::Kept } else { LineOutcome::NoRow(self.take_kept()) }
    }

    fn take_kept(&mut self) -> Vec<(PasteLine<'t>, Option<Problem>)> {
        self.kept.drain(..).map(|(line, problem)| (line, Some(problem))).collect()
    }

    /// Reads a row. True if cells at its end may be missing.
    fn fit(&mut self, row: &TableRow<'_>, context: &mut Context<'_>) -> Result<bool, Problem> {
        let fields = Fields::fit(&self.header, &self.columns, row)?;
        self.rows.row(&fields, context)?;
        let is_open = self.columns.last().is_some_and(|last| last.kind.takes_all());
        Ok(!is_open && row.cells.len() < self.columns.len())
    }

    /// Whether a line is the rest of the last row, which has been read without it.
    fn continues_last_row(&mut self, line: &PasteLine<'t>, is_after_blank: bool) -> bool {
        if !self.is_broken() || self.last.is_empty() || is_after_blank || !self.kept.is_empty() {
            return false;
        }
        let lines: Vec<PasteLine<'t>> = self.last.iter().copied().chain([*line]).collect();
        let fits = |row: &TableRow<'_>| Fields::fit(&self.header, &self.columns, row).is_ok();
        let is_rest = lines.len() <= MAX_LINES && self.rows_of(&lines).iter().any(fits);
        if is_rest {
            self.last = lines;
        }
        is_rest
    }

    /// Reads the lines that were kept and this one as a row that a terminal broke. False if they are none.
    fn completes_row(&mut self, line: &PasteLine<'t>, context: &mut Context<'_>) -> bool {
        if !self.is_broken() || self.kept.is_empty() {
            return false;
        }
        let lines: Vec<PasteLine<'t>> = self.kept.iter().map(|(line, _)| *line).chain([*line]).collect();
        let is_short = self.rows_of(&lines).iter().find_map(|row| self.fit(row, context).ok());
        if let Some(is_short) = is_short {
            self.kept.clear();
            self.last = if is_short { lines } else { Vec::new() };
        }
        is_short.is_some()
    }

    /// The rows that lines may be together, the most probable first.
    fn rows_of(&self, lines: &[PasteLine<'t>]) -> Vec<TableRow<'t>> {
        // A line as wide as the terminal may end inside of a word, a shorter one does not.
        let is_full = |line: &PasteLine<'_>| line.text.chars().count() >= self.width;
        let ways: [&dyn Fn(&PasteLine<'_>) -> bool; 3] = [&is_full, &|_| false, &|_| true];
        ways.iter().map(|way| TableRow::of_lines(lines, way)).collect()
    }

    /// The table is over.
    ///
    /// # Errors
    /// The problem for which nothing of it could be used.
    pub(super) fn end(self, context: &mut Context<'_>) -> Result<(), Problem> {
        self.rows.end(context)
    }
}
