//! A value of a JSON, and what is in it, with places. It does not know what a value means.

use std::ops::Range;

use jsonc_parser::ast::{ObjectProp, Value};
use jsonc_parser::common::Ranged as _;

use crate::import::context::problem;
use crate::import::decode::DAMAGED;
use crate::scenario::Problem;

/// Bytes of a name, at most: no system allows as many.
const LONGEST: usize = 1_000;

/// A value, and where the JSON that it is part of begins in the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct JsonNode<'j> {
    value: &'j Value<'j>,
    start: usize,
}

impl<'j> JsonNode<'j> {
    /// A value of the JSON that begins at this byte of the text.
    pub(super) const fn new(value: &'j Value<'j>, start: usize) -> Self {
        Self { value, start }
    }

    pub(super) fn place(self) -> Range<usize> {
        self.start + self.value.start()..self.start + self.value.end()
    }

    fn with(self, value: &'j Value<'j>) -> Self {
        Self { value, ..self }
    }

    /// The value of a key; nothing where there is none, or it is null.
    pub(super) fn get(self, key: &str) -> Option<Self> {
        let properties = &self.value.as_object()?.properties;
        let value = &properties.iter().find(|property| property.name.as_str() == key)?.value;
        (!matches!(value, Value::NullKeyword(_))).then_some(self.with(value))
    }

    pub(super) fn has(self, key: &str) -> bool {
        self.value.as_object().is_some_and(|object| object.properties.iter().any(|it| it.name.as_str() == key))
    }

    /// Keys and values of an object, with the places of the keys.
    pub(super) fn entries(self) -> impl Iterator<Item = (String, Range<usize>, Self)> {
        let properties: &'j [ObjectProp<'j>] = self.value.as_object().map_or(&[], |object| &object.properties);
        properties.iter().map(move |property| {
            let place = self.start + property.name.start()..self.start + property.name.end();
            (unbroken(property.name.as_str()), place, self.with(&property.value))
        })
    }

    pub(super) fn is_object(self) -> bool {
        self.value.as_object().is_some()
    }

    pub(super) fn is_list(self) -> bool {
        self.value.as_array().is_some()
    }

    /// The values of a list; none where it is no list.
    pub(super) fn items(self) -> impl Iterator<Item = Self> {
        let elements: &'j [Value<'j>] = self.value.as_array().map_or(&[], |array| &array.elements);
        elements.iter().map(move |value| self.with(value))
    }

    /// A text, without the ends of lines that a terminal put into it.
    pub(super) fn text(self) -> Option<String> {
        self.value.as_string_lit().map(|text| unbroken(&text.value))
    }

    /// A number, or a text that is one.
    pub(super) fn number<N: std::str::FromStr>(self) -> Option<N> {
        match self.value {
            Value::NumberLit(number) => number.value.parse().ok(),
            Value::StringLit(text) => text.value.trim().parse().ok(),
            _ => None,
        }
    }

    /// Whether it is this word.
    pub(super) fn is(self, word: &str) -> bool {
        self.shown() == word
    }

    /// A value that is no list and no object, as it is written; of the others their sign.
    pub(super) fn shown(self) -> String {
        match self.value {
            Value::StringLit(text) => unbroken(&text.value),
            Value::NumberLit(number) => number.value.to_owned(),
            Value::BooleanLit(boolean) => boolean.value.to_string(),
            Value::NullKeyword(_) => "null".to_owned(),
            Value::Object(_) => "{…}".to_owned(),
            Value::Array(_) => "[…]".to_owned(),
        }
    }

    /// A name of at least one character that is text.
    pub(super) fn name(self) -> Result<String, Problem> {
        match self.text() {
            Some(name) if name.len() > LONGEST => Err(self.wrong(&format!("a name of at most {LONGEST} bytes"))),
            Some(name) if !name.trim().is_empty() && !name.contains(DAMAGED) => Ok(name),
            _ => Err(self.wrong("a name of at least one character")),
        }
    }

    pub(super) fn wrong(self, expected: &str) -> Problem {
        problem(
            self.place(),
            format!("expected {expected}"),
            &format!("expected {expected}"),
            "paste it as it was printed",
        )
    }

    /// The value under a key that has to be there.
    pub(super) fn must(self, key: &str) -> Result<Self, Problem> {
        self.get(key).ok_or_else(|| {
            let message = format!("there is no `{key}`");
            problem(self.place(), message, &format!("no `{key}`"), "paste it as it was printed")
        })
    }
}

fn unbroken(text: &str) -> String {
    text.chars().filter(|c| *c != '\n').collect()
}
