//! JSON in general: where a value ends in the midst of other lines, and what is in it, with places. It does not know what a
//! value means.

mod rocketmq;
mod small;

use std::ops::Range;

use jsonc_parser::ast::{ObjectProp, Value};
use jsonc_parser::common::Ranged as _;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::decode::DAMAGED;
use super::format::{Context, problem};
use super::rabbitmq;
use crate::scenario::Problem;

/// How deep a value may be.
const DEPTH: usize = 100;

/// Bytes of a name, at most: no system allows as many.
const LONGEST: usize = 1_000;

/// What is read; the others are passed over.
const WHAT_IS_READ: &str = "a topic's route, a cluster, a list of topics or of groups as RocketMQ or its dashboard give them, \
                            definitions of RabbitMQ, or { \"brokers\": […], \"topics\": […], \"groups\": […] }";

/// Where a value ends that begins at a place of the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Extent {
    pub(super) end: usize,
    /// Whether all of its brackets are closed there.
    pub(super) is_closed: bool,
}

/// The extent of the value that begins at `start`. It ends at the latest where a line begins another output:
/// `is_boundary` says that of a line.
pub(super) fn extent(text: &str, start: usize, is_boundary: impl Fn(&str) -> bool) -> Extent {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for (at, c) in text[start..].char_indices() {
        let at = start + at;
        match c {
            '\n' => {
                let line = text[at + 1..].split('\n').next().unwrap_or_default();
                if is_boundary(line) {
                    return Extent { end: at, is_closed: false };
                }
            }
            '"' if !escaped => in_text = !in_text,
            '{' | '[' if !in_text => depth += 1,
            '}' | ']' if !in_text => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Extent { end: at + 1, is_closed: true };
                }
            }
            _ => {}
        }
        escaped = in_text && c == '\\' && !escaped;
    }
    Extent { end: text.len(), is_closed: false }
}

/// Reads the value at these places of the text.
///
/// # Errors
/// Why nothing of it was taken, located. What could not be read of a part is noted in the context.
pub(super) fn read(text: &str, place: Range<usize>, is_closed: bool, context: &mut Context<'_>) -> Result<(), Problem> {
    let value = &text[place.clone()];
    if !is_closed {
        let help = "is it cut off? Paste all of it";
        return Err(problem(place, "this is not JSON: its brackets are not closed", "not closed", help));
    }
    if depth(value) > DEPTH {
        let message = format!("the value is deeper than {DEPTH} brackets");
        return Err(problem(place, message, "too deep", "paste what a tool printed"));
    }
    let options = ParseOptions { allow_missing_commas: false, ..ParseOptions::default() };
    let parsed = parse_to_ast(value, &CollectOptions::default(), &options).map_err(|error| {
        let range = error.range();
        let at = place.start + range.start.min(value.len());
        let help = "paste it as it was printed; `jq . FILE` says what is wrong with it, too";
        problem(at..at, format!("this is not JSON: {}", error.kind()), "not JSON", help)
    })?;
    let root = parsed.value.ok_or_else(|| unknown(place.clone()))?;
    let node = Node { value: &root, start: place.start };
    let is_known = rocketmq::read(node, context)? || rabbitmq::read(node, context)? || small::read(node, context)?;
    if is_known { Ok(()) } else { Err(unknown(place)) }
}

fn depth(value: &str) -> usize {
    let (mut depth, mut most) = (0_usize, 0);
    for c in value.bytes() {
        match c {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        most = most.max(depth);
    }
    most
}

fn unknown(place: Range<usize>) -> Problem {
    problem(place, "this JSON is of no kind that is known", "not known", &format!("known is {WHAT_IS_READ}"))
}

/// A value, and where the JSON that it is part of begins in the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node<'j> {
    value: &'j Value<'j>,
    start: usize,
}

impl<'j> Node<'j> {
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

    /// Whether it is that word.
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

    /// What stands under a key that has to be there.
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
