//! Tables in general: a header, rows, and which cell belongs under which column, even where some are left blank or the
//! distances are gone. It does not know what a column means.

mod column;
mod fields;
mod fit;
mod header;
mod row;

pub(super) use self::column::{CellKind, KnownColumn, columns_of};
pub(super) use self::fields::Fields;
pub(super) use self::header::Header;
pub(super) use self::row::{Delimiter, TableRow};
