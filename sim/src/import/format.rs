//! The tables that are known, and what reading one of them takes: how its header is known, its columns, and who takes its
//! rows. It knows no table itself.

use super::context::Context;
use super::table::{Fields, Header, KnownColumn};
use crate::scenario::Problem;

/// Takes the rows of a table, one after the other.
pub(super) trait Rows: std::fmt::Debug {
    /// Takes a row.
    ///
    /// # Errors
    /// The problem with it, located: then nothing of it was used.
    fn row(&mut self, fields: &Fields<'_, '_>, context: &mut Context<'_>) -> Result<(), Problem>;

    /// The table is over: takes what needs all of it.
    ///
    /// # Errors
    /// Why nothing of the table could be taken.
    fn end(self: Box<Self>, _: &mut Context<'_>) -> Result<(), Problem> {
        Ok(())
    }
}

/// Rows that say everything by themselves.
#[derive(Debug)]
pub(super) struct RowByRow(pub(super) fn(&Fields<'_, '_>, &mut Context<'_>) -> Result<(), Problem>);

impl Rows for RowByRow {
    fn row(&mut self, fields: &Fields<'_, '_>, context: &mut Context<'_>) -> Result<(), Problem> {
        self.0(fields, context)
    }
}

/// A table that is known.
#[derive(Debug)]
pub(super) struct TableFormat {
    /// The columns by which it is known; one of them has others in its place where they are parted by `|`.
    pub(super) needs: &'static [&'static str],
    pub(super) columns: &'static [KnownColumn],
    /// Whether another command prints the same columns of something else.
    pub(super) is_ambiguous: bool,
    pub(super) begin: fn(&Header) -> Box<dyn Rows>,
}

impl TableFormat {
    /// Whether a column whose name begins so belongs to it.
    pub(super) fn knows_beginning(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.name.starts_with(name))
    }

    /// Whether a column with that name belongs to it.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.name == name)
    }
}
