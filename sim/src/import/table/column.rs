//! Columns that are known, and what their cells are.

use super::header::{Header, Heading};
use crate::import::decode::DAMAGED;

/// Bytes of a name, at most: RocketMQ and Kafka allow no more than 255.
const LONGEST: usize = 255;

/// The kind of a column's cells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::import) enum CellKind {
    Name,
    /// A name, or one of these signs in its place.
    NameOr(&'static [&'static str]),
    /// A whole number.
    Number,
    /// With or without decimals, and with a decimal comma where the machine's language has one.
    Decimal,
    /// `12.34(0,0ms)`
    Load,
    /// `{0=10.0.0.1:10911, 1=10.0.0.2:10911}`
    Addresses,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A number, or one of these words in its place.
    NumberOr(&'static [&'static str]),
    /// The messages that a consumer asks for: `*`, `TagA || TagB`, a condition.
    Expression,
    Any,
    /// All that is left of the row.
    Rest,
}

/// A column that is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::import) struct KnownColumn {
    /// As [`Heading::name`].
    pub(in crate::import) name: &'static str,
    pub(in crate::import) kind: CellKind,
    /// Whether its cells may be left blank.
    pub(in crate::import) may_be_blank: bool,
    /// After how many characters its cells are cut, by one version or another.
    pub(in crate::import) cut_after: &'static [usize],
}

impl KnownColumn {
    pub(in crate::import) const fn new(name: &'static str, kind: CellKind) -> Self {
        Self { name, kind, may_be_blank: false, cut_after: &[] }
    }

    pub(in crate::import) const fn or_blank(self) -> Self {
        Self { may_be_blank: true, ..self }
    }

    /// Whether a row may have no cell for it.
    pub(super) const fn is_optional(&self) -> bool {
        self.may_be_blank || matches!(self.kind, CellKind::Rest)
    }

    pub(in crate::import) const fn cut_after(self, cut_after: &'static [usize]) -> Self {
        Self { cut_after, ..self }
    }
}

/// The columns of a header, as far as they are known.
pub(in crate::import) fn columns_of(header: &Header, known: &[KnownColumn]) -> Vec<KnownColumn> {
    let column = |heading: &Heading| known.iter().find(|column| column.name == heading.name).copied();
    header.headings.iter().map(|heading| column(heading).unwrap_or(UNKNOWN)).collect()
}

/// A column that is in a header, and is not known: it is passed over.
const UNKNOWN: KnownColumn = KnownColumn::new("", CellKind::Any).or_blank();

impl CellKind {
    /// Whether a cell is of this kind; the less the number, the more so.
    pub(super) fn fits(self, cell: &str) -> Option<u32> {
        let is_number = cell.parse::<i64>().is_ok();
        let is = match self {
            Self::Name if is_decimal(cell) => return Some(2),
            Self::Name => is_name(cell),
            Self::NameOr(signs) => is_name(cell) || signs.contains(&cell),
            Self::Number => is_number,
            Self::Decimal => is_decimal(cell),
            Self::Load => cell.ends_with(')') && cell.split_once('(').is_some_and(|(load, _)| is_decimal(load)),
            Self::Addresses => cell.starts_with('{') && cell.ends_with('}'),
            Self::Word(words) => words.contains(&cell),
            Self::NumberOr(words) => is_number || words.contains(&cell),
            Self::Expression => !cell.contains(DAMAGED),
            Self::Any | Self::Rest => true,
        };
        is.then_some(0)
    }

    /// Whether it takes all cells that are left, where it is the last one.
    pub(in crate::import) const fn takes_all(self) -> bool {
        matches!(self, Self::Rest | Self::Expression)
    }

    pub(super) const fn expected(self) -> &'static str {
        match self {
            Self::Name | Self::NameOr(_) => "a name",
            Self::Number => "a whole number",
            Self::Decimal => "a number",
            Self::Load => "messages a second, like `12.34(0,0ms)`",
            Self::Addresses => "addresses, like `{0=10.0.0.1:10911}`",
            Self::Word(_) => "another word",
            Self::NumberOr(_) => "a whole number, or a word in its place",
            Self::Expression => "what is asked for, like `*`",
            Self::Any | Self::Rest => "anything",
        }
    }
}

fn is_decimal(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
        && digits.matches(['.', ',']).count() <= 1
}

/// Whether a word may be the name of something, or an address.
fn is_name(cell: &str) -> bool {
    let is_of_a_name =
        |c: char| !matches!(c, '"' | '\'' | '`' | '{' | '}' | '(' | ')' | '<' | '>' | ',' | ';' | '=' | DAMAGED);
    cell.len() <= LONGEST
        && cell.chars().all(is_of_a_name)
        && cell.chars().any(char::is_alphanumeric)
        && !cell.ends_with([':', '!', '?'])
}
