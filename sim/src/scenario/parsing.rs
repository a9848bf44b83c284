//! The text as TOML. The only file that knows the TOML library.
//!
//! Syntax errors are reported here; what could be read in spite of them goes on to be checked.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::reader::ScenarioReader;
use super::written::{TomlEntry, TomlItem, TomlPlace, TomlShape, TomlTable};

/// The file's tables; places that are no TOML are reported.
pub(crate) fn parse(text: &str, reader: &mut ScenarioReader<'_>) -> TomlTable {
    let (root, errors) = DeTable::parse_recoverable(text);
    let mut unclosed = false;
    for error in errors {
        // An error without a place is one at the end of the file.
        let place = error.span().map_or(TomlPlace { start: text.len(), end: text.len() }, TomlPlace::from);
        // The library takes the lines after an unclosed brace for its entries: together they are one problem.
        let follows = unclosed;
        unclosed = IN_BRACES.iter().any(|message| error.message().starts_with(message));
        match error.message() {
            "duplicate key" => {
                let key = reader.slice(place);
                reader.report(place, format!("`{key}` is given twice, expected once"), "the second one", None);
                // A second value is left out; a second table may be one with names in it.
                if text[..place.start.min(text.len())].trim_end_matches([' ', '\t']).ends_with('[') {
                    reader.tear(place);
                }
            }
            _ if follows && unclosed => reader.tear(place),
            _ if unclosed => reader.torn(place, NOT_CLOSED, "not TOML", Some("is it closed by `}`?")),
            message if message.starts_with("string values must be quoted") && reader.slice(place).trim().is_empty() => {
                reader.torn(place, "this is not TOML: a value is missing", "expected a value", None);
            }
            message => reader.torn(place, format!("this is not TOML: {message}"), "not TOML", None),
        }
    }
    table(root.into_inner())
}

/// What the library says of a table in braces that goes on where it should have ended.
const IN_BRACES: [&str; 2] = ["missing comma between key-value pairs", "missing key for inline table element"];
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
    // No value can stand at the beginning of a file: that is where the library puts what it could not read.
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

fn integer(digits: &str, radix: u32) -> i128 {
    let nearest = if digits.starts_with('-') { i128::MIN } else { i128::MAX };
    i128::from_str_radix(digits, radix).unwrap_or(nearest)
}
