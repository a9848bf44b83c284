//! A row with its cells under their columns.

use std::ops::Range;
use std::str::FromStr;

use super::column::KnownColumn;
use super::fit::{Misfit, fit};
use super::header::Header;
use super::row::{TableCell, TableRow};
use crate::import::named::PrintedName;
use crate::scenario::Problem;

/// Characters of a cell that a message shows.
const MAX_SHOWN: usize = 60;

/// A row with its cells under their columns.
#[derive(Debug)]
pub(in crate::import) struct Fields<'r, 't> {
    header: &'r Header,
    columns: &'r [KnownColumn],
    cells: Vec<Option<&'r TableCell<'t>>>,
    row: &'r TableRow<'t>,
}

fn problem(place: Range<usize>, message: String, label: &str) -> Problem {
    Problem {
        place,
        message,
        label: label.to_owned(),
        help: Some("paste the row as it was printed, all of it".to_owned()),
    }
}

impl<'r, 't> Fields<'r, 't> {
    /// Puts each cell under its column.
    ///
    /// # Errors
    /// The row does not fit the header.
    pub(in crate::import) fn fit(
        header: &'r Header,
        columns: &'r [KnownColumn],
        row: &'r TableRow<'t>,
    ) -> Result<Self, Problem> {
        let places = fit(header, columns, row).map_err(|misfit| misfit_problem(misfit, header, columns, row))?;
        let cells = places.into_iter().map(|place| row.cells.get(place?)).collect();
        Ok(Self { header, columns, cells, row })
    }

    fn index(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    pub(in crate::import) fn get(&self, name: &str) -> Option<&'r TableCell<'t>> {
        self.cells[self.index(name)?]
    }

    /// A cell of a column that is never blank; the row is short where there is no such column.
    pub(in crate::import) fn text(&self, name: &'static str) -> Result<&'r str, Problem> {
        let text = self.get(name).map(|cell| cell.text.as_ref());
        text.ok_or_else(|| problem(self.row.place(), format!("the row has no `{name}`"), "too short"))
    }

    pub(in crate::import) fn number<N: FromStr>(&self, name: &'static str) -> Result<N, Problem> {
        let text = self.text(name)?;
        let place = self.get(name).map_or_else(|| self.row.place(), |cell| cell.place.clone());
        text.parse().map_err(|_| problem(place, format!("`{name}` is `{text}`, which is too large"), "too large"))
    }

    /// A name, and whether more of it may have been cut off: as long as its column is wide, where the distances of the
    /// table are those that were printed.
    pub(in crate::import) fn printed(&self, name: &'static str) -> Result<PrintedName, Problem> {
        let text = self.text(name)?;
        let cut = self.index(name).is_some_and(|column| self.is_cut(column, text));
        Ok(PrintedName { name: text.to_owned(), cut })
    }

    fn is_cut(&self, column: usize, text: &str) -> bool {
        let (length, cut_after) = (text.chars().count(), self.columns[column].cut_after);
        if self.row.is_exact || !cut_after.contains(&length) || !self.is_as_printed() {
            return false;
        }
        // Versions differ in their widths: a cell that fills its column has two blanks behind it, and no more.
        let at = self.cells[column].and_then(|cell| self.row.cells.iter().position(|other| other == cell));
        let next = at.and_then(|at| Some(self.row.cells.get(at + 1)?.column - self.row.cells[at].column));
        cut_after.iter().all(|width| *width <= length) || next.is_none_or(|distance| distance == length + 2)
    }

    /// Whether the distances between the columns are those that were printed.
    fn is_as_printed(&self) -> bool {
        let is_as_wide = |column: &KnownColumn| {
            self.header.width(column.name).is_some_and(|width| column.cut_after.contains(&width))
        };
        self.columns.iter().any(is_as_wide)
    }

    /// Characters of the line before a cell.
    pub(in crate::import) fn column(&self, name: &str) -> Option<usize> {
        self.get(name).map(|cell| cell.column)
    }

    /// Whether a cell stands just below its heading.
    pub(in crate::import) fn is_below(&self, name: &str) -> bool {
        let column = self.index(name);
        column.is_some_and(|at| {
            self.row.is_exact || self.cells[at].is_some_and(|cell| cell.column == self.header.headings[at].column)
        })
    }

    pub(in crate::import) fn place(&self) -> Range<usize> {
        self.row.place()
    }
}

/// The problem of a row that does not fit.
fn misfit_problem(misfit: Misfit, header: &Header, columns: &[KnownColumn], row: &TableRow<'_>) -> Problem {
    let heading = |column: usize| header.headings.get(column).map_or("", |heading| heading.shown.as_str());
    let place_of = |cell: usize| row.cells.get(cell).map_or_else(|| row.place(), |cell| cell.place.clone());
    match misfit {
        Misfit::Wrong { column, cell } => {
            let expected = columns[column].kind.expected();
            let text: String = row.cells[cell].text.chars().take(MAX_SHOWN).collect();
            let message = format!("`{}` is `{text}`, expected {expected}", heading(column));
            problem(place_of(cell), message, &format!("expected {expected}"))
        }
        Misfit::Short { column } => {
            problem(row.place(), format!("the row ends before its `{}`", heading(column)), "too short")
        }
        Misfit::Long { cell } => {
            problem(place_of(cell), "the row has more cells than there are columns".to_owned(), "one too many")
        }
    }
}
