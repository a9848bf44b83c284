//! All tables that are known, whichever system prints them.

use super::format::TableFormat;
use super::table::Header;
use super::{kafka, mqadmin};

/// The table with such a header; nothing when none has such columns.
pub(super) fn with(header: &Header) -> Option<&'static TableFormat> {
    let has = |need: &&str| need.split('|').any(|name| header.has(name));
    [mqadmin::FORMATS, kafka::FORMATS].into_iter().flatten().find(|format| format.needs.iter().all(has))
}
