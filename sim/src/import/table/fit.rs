//! Fits the cells of a row to the columns of a table: by what they are, and then by where they stand. It knows no table.

use super::column::{CellKind, KnownColumn};
use super::header::Header;
use super::row::TableRow;

/// Cells of a row more than there are columns, and still looked at.
const ROOM: usize = 16;

/// The cost of a blank cell: higher than that of a cell which does not stand below its heading.
const BLANK: u32 = 2;

/// The cost of a cell that fits its column only just.
const DOUBT: u32 = 100;

/// Why a row fits no header: the number of a column, or of a cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Misfit {
    /// This cell is none of this column.
    Wrong { column: usize, cell: usize },
    /// There is no cell for this column.
    Short { column: usize },
    /// There is no column for this cell.
    Long { cell: usize },
}

/// The number of the cell under each column; nothing under one that is left blank.
pub(super) type CellPlaces = Vec<Option<usize>>;

/// Puts each cell of a row under its column.
pub(super) fn fit(header: &Header, columns: &[KnownColumn], row: &TableRow<'_>) -> Result<CellPlaces, Misfit> {
    if row.is_exact { exact(columns, row) } else { Fit { header, columns, row }.best() }
}

/// Where each cell stands for one column.
fn exact(columns: &[KnownColumn], row: &TableRow<'_>) -> Result<CellPlaces, Misfit> {
    let place =
        |(column, known): (usize, &KnownColumn)| match row.cells.get(column).filter(|cell| !cell.text.is_empty()) {
            Some(cell) if known.kind.fits(&cell.text).is_none() => Err(Misfit::Wrong { column, cell: column }),
            Some(_) => Ok(Some(column)),
            None if known.is_optional() => Ok(None),
            None => Err(Misfit::Short { column }),
        };
    columns.iter().enumerate().map(place).collect()
}

struct Fit<'r, 't> {
    header: &'r Header,
    columns: &'r [KnownColumn],
    row: &'r TableRow<'t>,
}

impl Fit<'_, '_> {
    /// The cells that are looked at: beyond them the last column takes all, or the row has too many.
    fn count(&self) -> usize {
        self.row.cells.len().min(self.columns.len() + ROOM)
    }

    fn best(&self) -> Result<CellPlaces, Misfit> {
        let (columns, count) = (self.columns.len(), self.count());
        let takes_all = self.columns.last().is_some_and(|column| column.kind.takes_all());
        if !takes_all && self.row.cells.len() > count {
            return Err(Misfit::Long { cell: columns });
        }
        // The least cost of the columns from the first index on with the cells from the second one on.
        let mut costs = vec![vec![None::<u32>; count + 1]; columns + 1];
        costs[columns][count] = Some(0);
        for at in (0..columns).rev() {
            for from in (0..=count).rev() {
                let filled = self.fill(at, from).and_then(|(cost, next)| Some(cost + costs[at + 1][next]?));
                let blank = self.blank(at).and_then(|cost| Some(cost + costs[at + 1][from]?));
                costs[at][from] = match (filled, blank) {
                    (Some(filled), Some(blank)) => Some(filled.min(blank)),
                    (one, other) => one.or(other),
                };
            }
        }
        if costs[0][0].is_none() {
            return Err(self.misfit());
        }
        let mut from = 0;
        let place = |at: usize| {
            // Where both are as good, the column that comes first is filled.
            let filled = self.fill(at, from).and_then(|(cost, next)| Some((cost + costs[at + 1][next]?, next)));
            let (_, next) = filled.filter(|(cost, _)| Some(*cost) == costs[at][from])?;
            Some(std::mem::replace(&mut from, next))
        };
        Ok((0..columns).map(place).collect())
    }

    /// What it costs to put a cell under a column, and which cell is the next one.
    fn fill(&self, column: usize, from: usize) -> Option<(u32, usize)> {
        let cells = &self.row.cells[..self.count()];
        let cell = cells.get(from)?;
        let kind = self.columns[column].kind;
        if kind.takes_all() && column + 1 == self.columns.len() {
            let is_one =
                kind != CellKind::Expression || is_expression(cells[from..].iter().map(|cell| cell.text.as_ref()));
            return is_one.then_some((0, cells.len()));
        }
        let doubt = kind.fits(&cell.text)?;
        let is_below = self.header.is_stretched || self.header.headings[column].column == cell.column;
        Some((doubt * DOUBT + u32::from(!is_below), from + 1))
    }

    /// What it costs to leave a column blank.
    fn blank(&self, column: usize) -> Option<u32> {
        let column = &self.columns[column];
        column.is_optional().then_some(if column.kind == CellKind::Rest { 0 } else { BLANK })
    }

    /// The first column, from the left, that has no cell.
    fn misfit(&self) -> Misfit {
        let mut cell = 0;
        for (column, known) in self.columns.iter().enumerate() {
            match self.row.cells.get(cell) {
                Some(it) if known.kind.fits(&it.text).is_some() => cell += 1,
                _ if known.is_optional() => {}
                Some(_) => return Misfit::Wrong { column, cell },
                None => return Misfit::Short { column },
            }
        }
        Misfit::Long { cell }
    }
}

/// `*`, a tag, tags with `||` between them, or a condition.
fn is_expression<'c>(cells: impl Iterator<Item = &'c str>) -> bool {
    let cells: Vec<&str> = cells.collect();
    let has = |signs: &[&str]| cells.iter().any(|cell| signs.iter().any(|sign| cell.contains(sign)));
    cells.len() == 1 || has(&["||", "=", "<", ">", "(", "IS", "BETWEEN", "IN"])
}
