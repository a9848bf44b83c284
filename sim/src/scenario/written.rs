//! What the file says, each part with its place, before anything is known of its meaning. Data only.

use std::ops::Range;

/// Bytes of the text, from and to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) struct TomlPlace {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl From<Range<usize>> for TomlPlace {
    fn from(range: Range<usize>) -> Self {
        Self { start: range.start, end: range.end }
    }
}

/// A value with its place; of a `[table]` the place of its header.
#[derive(Clone, Debug)]
pub(crate) struct TomlItem {
    pub(crate) place: TomlPlace,
    pub(crate) shape: TomlShape,
}

/// What a value is, to TOML.
#[derive(Clone, Debug)]
pub(crate) enum TomlShape {
    Text(String),
    /// Beyond 128 bits: the nearest there is.
    Integer(i128),
    Float(f64),
    Truth(bool),
    Date,
    List(Vec<TomlItem>),
    Table(TomlTable),
    /// Nothing: the text is no TOML here, and that has been reported.
    Hole,
}

/// The entries of a table in the order of the file.
#[derive(Clone, Debug, Default)]
pub(crate) struct TomlTable {
    pub(crate) entries: Vec<TomlEntry>,
}

/// A key and its value.
#[derive(Clone, Debug)]
pub(crate) struct TomlEntry {
    pub(crate) key: String,
    pub(crate) key_place: TomlPlace,
    pub(crate) item: TomlItem,
}

impl TomlTable {
    pub(crate) fn get(&self, key: &str) -> Option<&TomlEntry> {
        self.entries.iter().find(|entry| entry.key == key)
    }
}

impl TomlShape {
    /// What it is, in words.
    pub(crate) const fn what(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Integer(_) => "a whole number",
            Self::Float(_) => "a number",
            Self::Truth(_) => "true or false",
            Self::Date => "a date",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Hole => "nothing",
        }
    }
}
