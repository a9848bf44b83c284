//! Parses the text of a scenario as TOML. No other module uses the `toml` crate.
//!
//! Syntax errors are reported here. The rest of the file is returned in spite of them, so that its other problems are
//! found, too.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::reader::ScenarioReader;
use super::written::{TomlEntry, TomlItem, TomlPlace, TomlShape, TomlTable};

/// The root table of the file. Places that are not TOML are reported.
pub(crate) fn parse(text: &str, reader: &mut ScenarioReader<'_>) -> TomlTable {
    let (root, errors) = DeTable::parse_recoverable(text);
    let mut in_open_brace = false;
    for error in errors {
        // An error without a place is one at the end of the file.
        let place = error.span().map_or(TomlPlace { start: text.len(), end: text.len() }, TomlPlace::from);
        // The library reads the lines after an unclosed brace as entries of the table in it, and finds an error in each:
        // only the first one is reported.
        let was_in_open_brace = in_open_brace;
        in_open_brace = OPEN_BRACE_MESSAGES.iter().any(|message| error.message().starts_with(message));
        match error.message() {
            "duplicate key" => {
                let key = reader.slice(place);
                reader.report(place, format!("`{key}` is given twice, expected once"), "the second one", None);
                // The library drops what is given twice. A dropped table may declare names, so its lines count as unreadable:
                // otherwise every reference to those names would be reported, too.
                if text[..place.start.min(text.len())].trim_end_matches([' ', '\t']).ends_with('[') {
                    reader.mark_unreadable(place);
                }
            }
            _ if was_in_open_brace && in_open_brace => reader.mark_unreadable(place),
            _ if in_open_brace => reader.syntax_error(place, NOT_CLOSED, "not TOML", Some("is it closed by `}`?")),
            message if message.starts_with("string values must be quoted") && reader.slice(place).trim().is_empty() => {
                reader.syntax_error(place, "this is not TOML: a value is missing", "expected a value", None);
            }
            message => reader.syntax_error(place, format!("this is not TOML: {message}"), "not TOML", None),
        }
    }
    table(root.into_inner())
}

/// How the library's messages begin for a table in braces that is not closed.
const OPEN_BRACE_MESSAGES: [&str; 2] =
    ["missing comma between key-value pairs", "missing key for inline table element"];
const NOT_CLOSED: &str = "this is not TOML: a table in braces goes on here without a comma";

fn table(table: DeTable<'_>) -> TomlTable {
    let mut entries: Vec<TomlEntry> = table
        .into_iter()
        .map(|(key, value)| {
            let key_place = TomlPlace::from(key.span());
            TomlEntry { key: key.into_inner().into_owned(), key_place, item: item(value) }
        })
        .collect();
    entries.sort_by_key(|entry| entry.key_place);
    TomlTable { entries }
}

fn item(value: Spanned<DeValue<'_>>) -> TomlItem {
    let place = TomlPlace::from(value.span());
    // The library gives a value that it could not read an empty place at the start of the file, where no value can stand.
    if place.end == 0 {
        return TomlItem { place, shape: TomlShape::Hole };
    }
    let shape = match value.into_inner() {
        DeValue::String(text) => TomlShape::Text(text.into_owned()),
        DeValue::Integer(number) => TomlShape::Integer(integer(number.as_str(), number.radix())),
        DeValue::Float(number) => number.as_str().parse().map_or(TomlShape::Hole, TomlShape::Float),
        DeValue::Boolean(truth) => TomlShape::Truth(truth),
        DeValue::Datetime(_) => TomlShape::Date,
        DeValue::Array(items) => TomlShape::List(items.into_iter().map(item).collect()),
        DeValue::Table(entries) => TomlShape::Table(table(entries)),
    };
    TomlItem { place, shape }
}

/// An integer. One that does not fit is clamped: it is outside the range of every key.
fn integer(digits: &str, radix: u32) -> i128 {
    let nearest = if digits.starts_with('-') { i128::MIN } else { i128::MAX };
    i128::from_str_radix(digits, radix).unwrap_or(nearest)
}
