//! The kinds of value that a key can have: how each is read from the file, and its JSON Schema.
//!
//! It does not know which keys there are.

use serde_json::{Value as Json, json};

use super::definitions::Defs;
use super::duration::meant::{amount, share};
use super::profile::Profile;
use super::reader::ScenarioReader;
use super::written::{TomlItem, TomlPlace, TomlShape};
use crate::limit;
use crate::plan::{Ack, Assignment, Beginning, CrashMode, Replication, Select};

/// A kind of value.
pub(crate) trait KeyValue: Sized {
    /// Whether it is a section of the file: a table with keys of its own.
    const SECTION: bool = false;

    /// Reads the value of `key`, or reports why it cannot be one.
    fn read(item: &TomlItem, key: &str, reader: &mut ScenarioReader<'_>) -> Option<Self>;

    /// What an editor should know of it.
    fn schema(defs: &mut Defs) -> Json;

    /// As JSON would write it; nothing for kinds that are never a default.
    fn written(&self) -> Json {
        Json::Null
    }
}

/// Whole numbers, each kind with the least and the largest that it can be, and the limit's name.
macro_rules! whole {
    ($($(#[$doc:meta])* $name:ident = $least:literal to $most:expr, $limit:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub(crate) struct $name(pub(crate) u32);

        impl KeyValue for $name {
            fn read(item: &TomlItem, key: &str, reader: &mut ScenarioReader<'_>) -> Option<Self> {
                $crate::scenario::value::whole_number(item, key, [$least, $most as u32], $limit, reader).map(Self)
            }

            fn schema(_: &mut Defs) -> Json {
                json!({ "type": "integer", "minimum": $least, "maximum": $most })
            }

            fn written(&self) -> Json {
                self.0.into()
            }
        }
    )*};
}
pub(crate) use whole;

/// A whole number in a range, whose upper end is a limit with a name.
pub(crate) fn whole_number(
    item: &TomlItem,
    key: &str,
    [least, most]: [u32; 2],
    limit: &str,
    reader: &mut ScenarioReader<'_>,
) -> Option<u32> {
    let expected = format!("a whole number of at least {least}");
    match &item.shape {
        TomlShape::Integer(number) if *number > i128::from(most) => {
            let expected = format!("a whole number from {least} to {most} (limit `{limit}`)");
            reader.wrong(key, item, expected, None);
            None
        }
        TomlShape::Integer(number) if *number >= i128::from(least) => u32::try_from(*number).ok(),
        TomlShape::Text(text) if text.parse::<u32>().is_ok() => {
            reader.wrong(key, item, expected, Some(format!("without quotation marks: {key} = {text}")));
            None
        }
        _ => {
            reader.wrong(key, item, expected, None);
            None
        }
    }
}

whole! {
    /// How many nodes of a kind there are.
    NodeCount = 1 to limit::NODES, "nodes";
    /// How many queues a broker set holds of a topic.
    QueueCount = 1 to limit::QUEUES, "queues";
    /// A limit on messages.
    MessageCount = 0 to limit::MESSAGES, "messages";
    /// How many messages at once.
    SomeMessages = 1 to limit::MESSAGES, "messages";
    /// How many different keys.
    KeyCount = 0 to limit::KEYS, "keys";
    /// How many at a time.
    Threads = 1 to limit::THREADS, "threads";
    /// How many further attempts.
    RetryCount = 0 to limit::RETRIES, "retries";
}

impl KeyValue for u64 {
    fn read(item: &TomlItem, key: &str, reader: &mut ScenarioReader<'_>) -> Option<Self> {
        let number = match item.shape {
            TomlShape::Integer(number) => Self::try_from(number).ok(),
            _ => None,
        };
        if number.is_none() {
            reader.wrong(key, item, format!("a whole number from 0 to {}", Self::MAX), None);
        }
        number
    }

    fn schema(_: &mut Defs) -> Json {
        json!({ "type": "integer", "minimum": 0, "maximum": Self::MAX })
    }

    fn written(&self) -> Json {
        (*self).into()
    }
}

impl KeyValue for bool {
    fn read(item: &TomlItem, key: &str, reader: &mut ScenarioReader<'_>) -> Option<Self> {
        if let TomlShape::Truth(truth) = item.shape {
            return Some(truth);
        }
        reader.wrong(key, item, "true or false", None);
        None
    }

    fn schema(_: &mut Defs) -> Json {
        json!({ "type": "boolean" })
    }

    fn written(&self) -> Json {
        (*self).into()
    }
}

/// A number, whole or not.
fn number(item: &TomlItem) -> Option<f64> {
    match item.shape {
        TomlShape::Integer(number) => Some(number as f64),
        TomlShape::Float(number) => Some(number),
        _ => None,
    }
}

/// The help for a number that was written as a text.
fn as_number(item: &TomlItem, key: &str) -> Option<String> {
    let TomlShape::Text(text) = &item.shape else { return None };
    amount(text).map(|amount| format!("without quotation marks: {key} = {amount}"))
}

/// A probability.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Probability(pub(crate) f64);

impl KeyValue for Probability {
    fn read(item: &TomlItem, key: &str, reader: &mut ScenarioReader<'_>) -> Option<Self> {
        let probability = number(item).filter(|number| (0.0..=1.0).contains(number));
        if probability.is_none() {
            let help = share(&reader.written(item).replace('"', "")).map(|meant| format!("is {key} = {meant} meant?"));
            reader.wrong(key, item, "a probability from 0 to 1", help);
        }
        probability.map(Self)
    }

    fn schema(_: &mut Defs) -> Json {
        json!({ "type": "number", "minimum": 0, "maximum": 1 })
    }

    fn written(&self) -> Json {
        self.0.into()
    }
}

/// What something is multiplied by.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Factor(pub(crate) f64);

impl KeyValue for Factor {
    fn read(item: &TomlItem, key: &str, reader: &mut ScenarioReader<'_>) -> Option<Self> {
        let factor = number(item).filter(|number| *number > 0.0 && number.is_finite());
        if factor.is_none() {
            let help = as_number(item, key);
            reader.wrong(key, item, "a number above 0", help);
        }
        factor.map(Self)
    }

    fn schema(_: &mut Defs) -> Json {
        json!({ "type": "number", "exclusiveMinimum": 0 })
    }

    fn written(&self) -> Json {
        self.0.into()
    }
}

impl KeyValue for f64 {
    fn read(item: &TomlItem, key: &str, reader: &mut ScenarioReader<'_>) -> Option<Self> {
        let finite = number(item).filter(|number| number.is_finite());
        if finite.is_none() {
            let help = as_number(item, key);
            reader.wrong(key, item, "a number", help);
        }
        finite
    }

    fn schema(_: &mut Defs) -> Json {
        json!({ "type": "number" })
    }
}

fn text<'i>(item: &'i TomlItem, key: &str, expected: &str, reader: &mut ScenarioReader<'_>) -> Option<&'i str> {
    if let TomlShape::Text(text) = &item.shape {
        return Some(text);
    }
    reader.wrong(key, item, expected, None);
    None
}

impl KeyValue for String {
    fn read(item: &TomlItem, key: &str, reader: &mut ScenarioReader<'_>) -> Option<Self> {
        text(item, key, "a text", reader).map(str::to_owned)
    }

    fn schema(_: &mut Defs) -> Json {
        json!({ "type": "string" })
    }
}

/// The name that something is given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Name {
    pub(crate) name: String,
    pub(crate) place: TomlPlace,
}

impl KeyValue for Name {
    fn read(item: &TomlItem, key: &str, reader: &mut ScenarioReader<'_>) -> Option<Self> {
        let name = text(item, key, "a name", reader)?;
        let expected = if name.is_empty() {
            Some("a name of at least one character".to_owned())
        } else if name.chars().count() > limit::NAME_CHARACTERS {
            Some(format!("a name of at most {} characters (limit `name_characters`)", limit::NAME_CHARACTERS))
        } else if name.contains(['#', '/']) || name.contains(char::is_control) {
            Some("a name without `#`, `/` and control characters".to_owned())
        } else {
            None
        };
        if let Some(expected) = expected {
            let help = "names of messages and queues are made of it: `shop#1`, `orders/broker-1/0`";
            reader.wrong(key, item, expected, Some(help.to_owned()));
            return None;
        }
        Some(Self { name: name.to_owned(), place: item.place })
    }

    fn schema(_: &mut Defs) -> Json {
        json!({ "type": "string", "minLength": 1, "maxLength": limit::NAME_CHARACTERS,
                "pattern": "^[^#/\\u0000-\\u001f\\u007f-\\u009f]+$" })
    }
}

/// The name of something that stands elsewhere in the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Reference {
    pub(crate) name: String,
    pub(crate) place: TomlPlace,
}

impl KeyValue for Reference {
    fn read(item: &TomlItem, key: &str, reader: &mut ScenarioReader<'_>) -> Option<Self> {
        let name = text(item, key, "a name", reader)?.to_owned();
        Some(Self { name, place: item.place })
    }

    fn schema(_: &mut Defs) -> Json {
        json!({ "type": "string" })
    }
}

/// One of a few words.
pub(crate) trait WordChoice: Copy + PartialEq + 'static {
    const WORDS: &'static [(&'static str, Self)];
}

impl<C: WordChoice> KeyValue for C {
    fn read(item: &TomlItem, key: &str, reader: &mut ScenarioReader<'_>) -> Option<Self> {
        let words = Self::WORDS.iter().map(|(word, _)| *word);
        let found = match &item.shape {
            TomlShape::Text(text) => Self::WORDS.iter().find(|(word, _)| word == text),
            _ => None,
        };
        if found.is_none() {
            let near = match &item.shape {
                TomlShape::Text(text) => reader.near(text, words.clone()),
                _ => None,
            };
            let quoted: Vec<String> = words.map(|word| format!("\"{word}\"")).collect();
            let help = near.map(|near| format!("did you mean \"{near}\"?"));
            reader.wrong(key, item, quoted.join(" or "), help);
        }
        found.map(|(_, choice)| *choice)
    }

    fn schema(_: &mut Defs) -> Json {
        json!({ "enum": Self::WORDS.iter().map(|(word, _)| *word).collect::<Vec<_>>() })
    }

    fn written(&self) -> Json {
        Self::WORDS.iter().find(|(_, choice)| choice == self).map_or(Json::Null, |(word, _)| (*word).into())
    }
}

/// How a broker set writes to disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum FlushMode {
    Sync,
    Async,
}

macro_rules! choices {
    ($($type:ty: $($word:literal $choice:ident),+;)*) => {$(
        impl WordChoice for $type {
            const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$choice)),+];
        }
    )*};
}

choices! {
    Profile: "classroom" Classroom, "rocketmq" RocketMq;
    Replication: "async" Async, "sync" Sync;
    FlushMode: "sync" Sync, "async" Async;
    Select: "round_robin" RoundRobin, "random" Random, "key_hash" KeyHash;
    Assignment: "averagely" Averagely, "circle" Circle, "consistent_hash" ConsistentHash;
    Ack: "after" After, "before" Before;
    Beginning: "first" First, "last" Last;
    CrashMode: "host" Host, "process" Process;
}

impl<T: KeyValue> KeyValue for Vec<T> {
    /// Every entry is read; the list is one if all of them are.
    fn read(item: &TomlItem, key: &str, reader: &mut ScenarioReader<'_>) -> Option<Self> {
        let TomlShape::List(items) = &item.shape else {
            let help = T::SECTION.then(|| format!("each is headed [[{key}]], with two brackets"));
            reader.wrong(key, item, "a list", help);
            if T::SECTION && matches!(item.shape, TomlShape::Table(_)) {
                T::read(item, key, reader);
            }
            return None;
        };
        if let Some(beyond) = items.get(limit::ENTRIES) {
            let (found, most) = (items.len(), limit::ENTRIES);
            let message = format!("`{key}` has {found} entries, expected at most {most} (limit `entries`)");
            reader.report(beyond.place, message, "one too many", None);
            return None;
        }
        let read: Vec<Option<T>> = items.iter().map(|item| T::read(item, key, reader)).collect();
        read.into_iter().collect()
    }

    fn schema(defs: &mut Defs) -> Json {
        json!({ "type": "array", "items": T::schema(defs), "maxItems": limit::ENTRIES })
    }

    fn written(&self) -> Json {
        self.iter().map(KeyValue::written).collect()
    }
}

/// A list of exactly two.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Pair<T>(pub(crate) T, pub(crate) T);

impl<T: KeyValue> KeyValue for Pair<T> {
    fn read(item: &TomlItem, key: &str, reader: &mut ScenarioReader<'_>) -> Option<Self> {
        match &item.shape {
            TomlShape::List(items) if items.len() == 2 => {
                let (first, second) = (T::read(&items[0], key, reader), T::read(&items[1], key, reader));
                Some(Self(first?, second?))
            }
            _ => {
                reader.wrong(key, item, "a list of two", None);
                None
            }
        }
    }

    fn schema(defs: &mut Defs) -> Json {
        json!({ "type": "array", "items": T::schema(defs), "minItems": 2, "maxItems": 2 })
    }
}
