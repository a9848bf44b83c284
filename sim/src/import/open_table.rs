//! A table that is being read, row by row: rows that a terminal broke are put together, and what does not fit is given back. It
//! does not know what a row means.

use super::context::Context;
use super::format::{Rows, TableFormat};
use super::paste::PasteLine;
use super::table::{Fields, Header, KnownColumn, Parting, TableRow, columns_of};
use crate::scenario::Problem;

/// Lines that a row can be broken into.
const BROKEN: usize = 4;

/// How a line was taken.
#[derive(Debug)]
pub(super) enum Taken<'t> {
    /// It was a row, or the end of one.
    Row,
    /// It may be the beginning of a row.
    Kept,
    /// It is no row; nor are those that were kept. What is wrong with each, if it might be a row.
    Not(Vec<(PasteLine<'t>, Option<Problem>)>),
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
    /// How wide the terminal was that broke the header, and with it the rows, in characters; 0 where it did not.
    width: usize,
}

impl<'t> OpenTable<'t> {
    pub(super) fn new(format: &'static TableFormat, header: Header) -> Self {
        let rows = (format.begin)(&header);
        let columns = columns_of(&header, format.columns);
        Self { header, columns, rows, kept: Vec::new(), last: Vec::new(), width: 0 }
    }

    pub(super) fn has_bars(&self) -> bool {
        self.header.parting == Parting::Bars
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

    /// Takes a line, if it is a row.
    pub(super) fn line(&mut self, line: PasteLine<'t>, is_after_blank: bool, context: &mut Context<'_>) -> Taken<'t> {
        let row = TableRow::of(&line, self.header.parting);
        if row.cells.is_empty() {
            // Without a bar it is no row of a table that was drawn.
            let mut not = self.not();
            not.push((line, None));
            return Taken::Not(not);
        }
        let problem = match self.fit(&row, context) {
            Ok(is_short) => {
                self.last = if is_short { vec![line] } else { Vec::new() };
                let kept = self.flush();
                return if matches!(kept, Taken::Not(_)) { kept } else { Taken::Row };
            }
            Err(problem) => problem,
        };
        if self.is_rest(&line, is_after_blank) || self.is_whole_with(&line, context) {
            return Taken::Row;
        }
        self.last.clear();
        let may_be_part = self.is_broken() && row.cells.len() < self.columns.len();
        if may_be_part && self.kept.len() + 1 < BROKEN {
            self.kept.push((line, problem));
            return Taken::Kept;
        }
        let mut not = self.not();
        not.push((line, (!is_after_blank).then_some(problem)));
        Taken::Not(not)
    }

    /// Lines that were kept are no rows.
    pub(super) fn flush(&mut self) -> Taken<'t> {
        if self.kept.is_empty() { Taken::Kept } else { Taken::Not(self.not()) }
    }

    fn not(&mut self) -> Vec<(PasteLine<'t>, Option<Problem>)> {
        self.kept.drain(..).map(|(line, problem)| (line, Some(problem))).collect()
    }

    /// Gives a row to whoever takes it. Whether cells at its end may be missing.
    fn fit(&mut self, row: &TableRow<'_>, context: &mut Context<'_>) -> Result<bool, Problem> {
        let fields = Fields::fit(&self.header, &self.columns, row)?;
        self.rows.row(&fields, context)?;
        let is_open = self.columns.last().is_some_and(|last| last.kind.takes_all());
        Ok(!is_open && row.cells.len() < self.columns.len())
    }

    /// Whether a line is the rest of the last row, of which nothing more is to be taken.
    fn is_rest(&mut self, line: &PasteLine<'t>, is_after_blank: bool) -> bool {
        if !self.is_broken() || self.last.is_empty() || is_after_blank || !self.kept.is_empty() {
            return false;
        }
        let lines: Vec<PasteLine<'t>> = self.last.iter().copied().chain([*line]).collect();
        let fits = |row: &TableRow<'_>| Fields::fit(&self.header, &self.columns, row).is_ok();
        let is_rest = lines.len() <= BROKEN && self.rows_of(&lines).iter().any(fits);
        if is_rest {
            self.last = lines;
        }
        is_rest
    }

    /// Whether the lines that were kept and this one are a row that a terminal broke: then it was taken.
    fn is_whole_with(&mut self, line: &PasteLine<'t>, context: &mut Context<'_>) -> bool {
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

    /// What lines may be as one row, the most probable first.
    fn rows_of(&self, lines: &[PasteLine<'t>]) -> Vec<TableRow<'t>> {
        // A line as wide as the terminal may end inside of a word, a shorter one does not.
        let is_full = |line: &PasteLine<'_>| line.text.chars().count() >= self.width;
        let ways: [&dyn Fn(&PasteLine<'_>) -> bool; 3] = [&is_full, &|_| false, &|_| true];
        ways.iter().map(|way| TableRow::of_lines(lines, way)).collect()
    }

    /// The table is over.
    ///
    /// # Errors
    /// Why nothing of it could be taken.
    pub(super) fn end(self, context: &mut Context<'_>) -> Result<(), Problem> {
        self.rows.end(context)
    }
}
