//! Durations and distributions as the file writes them.
//!
//! `exact` reads a text, `meant` says what another text may mean. It does not know the keys.

mod exact;
pub(super) mod meant;

use std::fmt;

use serde_json::{Value as Json, json};

use self::exact::read_exactly;
use super::definitions::Defs;
use super::reader::ScenarioReader;
use super::section::section;
use super::value::{KeyValue, Pair};
use super::written::{TomlItem, TomlPlace, TomlShape};
use crate::kernel::{Distribution, Span, Time};
use crate::plan::{Retention, RetryDelay, RouteRefresh};

const PATTERN: &str = r"^[0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h)$";

/// Why a text is no duration: what was expected instead, and what would remedy it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct NoDuration {
    expected: &'static str,
    help: Option<String>,
}

impl fmt::Display for NoDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}", self.expected)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, "; {help}"))
    }
}

/// The duration that a text writes, to the nearest nanosecond.
pub(super) fn parse(text: &str) -> Result<Span, NoDuration> {
    read_exactly(text).map_err(|expected| NoDuration { expected, help: meant::remedy(text) })
}

fn read(item: &TomlItem, key: &str, reader: &mut ScenarioReader<'_>) -> Option<Span> {
    match &item.shape {
        TomlShape::Text(text) => match parse(text) {
            Ok(span) => Some(span),
            Err(NoDuration { expected, help }) => {
                reader.wrong(key, item, expected, help);
                None
            }
        },
        TomlShape::Integer(_) | TomlShape::Float(_) => {
            let help = format!("a text with a unit: {key} = \"{}s\"", reader.written(item));
            reader.wrong(key, item, "a duration like \"10s\"", Some(help));
            None
        }
        _ => {
            reader.wrong(key, item, "a duration like \"10s\"", None);
            None
        }
    }
}

fn schema(defs: &mut Defs) -> Json {
    defs.refer("duration", |_| {
        json!({ "type": "string", "pattern": PATTERN, "examples": ["250us", "5ms", "1.5s", "2m", "1h"],
                "description": "A duration with its unit: ns, us, ms, s, m or h; decimals are allowed." })
    })
}

impl KeyValue for Span {
    fn read(item: &TomlItem, key: &str, reader: &mut ScenarioReader<'_>) -> Option<Self> {
        read(item, key, reader)
    }

    fn schema(defs: &mut Defs) -> Json {
        schema(defs)
    }

    fn written(&self) -> Json {
        self.to_string().into()
    }
}

/// A time since the start of the run, written as a duration.
impl KeyValue for Time {
    fn read(item: &TomlItem, key: &str, reader: &mut ScenarioReader<'_>) -> Option<Self> {
        read(item, key, reader).map(|since| Self::ZERO + since)
    }

    fn schema(defs: &mut Defs) -> Json {
        schema(defs)
    }

    fn written(&self) -> Json {
        self.since(Self::ZERO).to_string().into()
    }
}

/// A duration above zero.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Period(pub(crate) Span);

impl KeyValue for Period {
    fn read(item: &TomlItem, key: &str, reader: &mut ScenarioReader<'_>) -> Option<Self> {
        let span = read(item, key, reader)?;
        if span.is_zero() {
            reader.wrong(key, item, "a duration above zero", None);
            return None;
        }
        Some(Self(span))
    }

    fn schema(defs: &mut Defs) -> Json {
        schema(defs)
    }

    fn written(&self) -> Json {
        self.0.written()
    }
}

section! {
    /// A distribution.
    Curve, "a distribution" {
        /// Exponential with this mean: the gaps of a Poisson stream.
        optional exp: Span;
        /// Every value from the first to the second alike.
        optional uniform: Pair<Span>;
        /// Normal with this mean and standard deviation, cut at zero.
        optional normal: Pair<Span>;
        /// Lognormal with this median and 99th percentile.
        optional lognormal: Pair<Span>;
    }
    exactly one of exp, uniform, normal, lognormal;
}

impl Curve {
    fn distribution(&self, reader: &mut ScenarioReader<'_>) -> Option<Distribution> {
        let pair =
            |key: &super::section::SectionKey<Pair<Span>>| key.placed().map(|(Pair(a, b), place)| (*a, *b, place));
        if let Some(mean) = self.exp.value {
            return Some(Distribution::Exponential(mean));
        }
        if let Some((low, high, place)) = pair(&self.uniform) {
            let fits = low <= high;
            return ordered(fits, place, "`uniform` has its larger value first, expected the lower one first", reader)
                .then_some(Distribution::Uniform(low, high));
        }
        if let Some((mean, deviation, _)) = pair(&self.normal) {
            return Some(Distribution::Normal(mean, deviation));
        }
        let (median, p99, place) = pair(&self.lognormal)?;
        let message = if median.is_zero() {
            "`lognormal` has a median of zero, expected one above zero"
        } else {
            "`lognormal` has a 99th percentile below its median, expected [median, 99th percentile]"
        };
        ordered(!median.is_zero() && p99 >= median, place, message, reader)
            .then_some(Distribution::Lognormal(median, p99))
    }
}

fn ordered(fits: bool, place: TomlPlace, message: &str, reader: &mut ScenarioReader<'_>) -> bool {
    if !fits {
        reader.report(place, message, "impossible values", None);
    }
    fits
}

impl KeyValue for Distribution {
    fn read(item: &TomlItem, key: &str, reader: &mut ScenarioReader<'_>) -> Option<Self> {
        match &item.shape {
            TomlShape::Text(_) => read(item, key, reader).map(Self::Constant),
            TomlShape::Table(_) => Curve::read(item, key, reader)?.distribution(reader),
            _ => {
                let help = match item.shape {
                    TomlShape::Integer(_) | TomlShape::Float(_) => {
                        Some(format!("a text with a unit: {key} = \"{}s\"", reader.written(item)))
                    }
                    _ => None,
                };
                reader.wrong(key, item, "a duration like \"10ms\" or a distribution like { exp = \"10ms\" }", help);
                None
            }
        }
    }

    fn schema(defs: &mut Defs) -> Json {
        defs.refer("distribution", |defs| {
            let (constant, curve) = (Span::schema(defs), Curve::schema(defs));
            json!({ "oneOf": [constant, curve], "description": "A duration, or a distribution of durations." })
        })
    }

    fn written(&self) -> Json {
        self.constant().map_or(Json::Null, |span| span.written())
    }
}

/// A distribution that is not always zero: what is repeated after it would never let time pass.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Gap(pub(crate) Distribution);

impl KeyValue for Gap {
    fn read(item: &TomlItem, key: &str, reader: &mut ScenarioReader<'_>) -> Option<Self> {
        let distribution = Distribution::read(item, key, reader)?;
        let always_zero = match distribution {
            Distribution::Constant(a) | Distribution::Exponential(a) => a.is_zero(),
            Distribution::Uniform(a, b) | Distribution::Normal(a, b) => a.is_zero() && b.is_zero(),
            Distribution::Lognormal(..) => false,
        };
        if always_zero {
            let help = "for many messages at once use `bursts`";
            reader.wrong(key, item, "a distribution that is not always zero", Some(help.to_owned()));
            return None;
        }
        Some(Self(distribution))
    }

    fn schema(defs: &mut Defs) -> Json {
        Distribution::schema(defs)
    }
}

/// A word, or a duration above zero.
fn word_or_period(item: &TomlItem, key: &str, word: &str, reader: &mut ScenarioReader<'_>) -> Option<Option<Span>> {
    match &item.shape {
        TomlShape::Text(text) if text == word => Some(None),
        TomlShape::Text(text) if parse(text).is_ok() || meant::remedy(text).is_some() => {
            Period::read(item, key, reader).map(|Period(span)| Some(span))
        }
        _ => {
            let near = match &item.shape {
                TomlShape::Text(text) => reader.near(text, [word]),
                _ => None,
            };
            let help = near.map(|near| format!("did you mean \"{near}\"?"));
            reader.wrong(key, item, format!("\"{word}\" or a duration like \"10s\""), help);
            None
        }
    }
}

impl KeyValue for RouteRefresh {
    fn read(item: &TomlItem, key: &str, reader: &mut ScenarioReader<'_>) -> Option<Self> {
        word_or_period(item, key, "push", reader).map(|period| period.map_or(Self::Push, Self::Poll))
    }

    fn schema(defs: &mut Defs) -> Json {
        json!({ "oneOf": [{ "const": "push" }, schema(defs)] })
    }

    fn written(&self) -> Json {
        match self {
            Self::Push => "push".into(),
            Self::Poll(span) => span.written(),
        }
    }
}

impl KeyValue for Retention {
    fn read(item: &TomlItem, key: &str, reader: &mut ScenarioReader<'_>) -> Option<Self> {
        word_or_period(item, key, "consumed", reader).map(|age| age.map_or(Self::Consumed, Self::Age))
    }

    fn schema(defs: &mut Defs) -> Json {
        json!({ "oneOf": [{ "const": "consumed" }, schema(defs)] })
    }

    fn written(&self) -> Json {
        match self {
            Self::Consumed => "consumed".into(),
            Self::Age(span) => span.written(),
        }
    }
}

impl KeyValue for RetryDelay {
    fn read(item: &TomlItem, key: &str, reader: &mut ScenarioReader<'_>) -> Option<Self> {
        let TomlShape::List(items) = &item.shape else {
            return Distribution::read(item, key, reader).map(Self::Each);
        };
        if items.is_empty() {
            reader.wrong(key, item, "at least one duration", None);
            return None;
        }
        let delays = Vec::<Span>::read(item, key, reader)?;
        Some(Self::List(delays.into_iter().map(Distribution::Constant).collect()))
    }

    fn schema(defs: &mut Defs) -> Json {
        let (each, mut list) = (Distribution::schema(defs), Vec::<Span>::schema(defs));
        list["minItems"] = 1.into();
        json!({ "oneOf": [each, list] })
    }

    fn written(&self) -> Json {
        match self {
            Self::Each(delay) => delay.written(),
            Self::List(delays) => delays.written(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::exact::UNITS;
    use super::*;

    fn nanos(text: &str) -> u64 {
        parse(text).map(|span| span.0).unwrap_or_else(|why| panic!("{text}: {why:?}"))
    }

    #[test]
    fn a_duration_has_a_number_and_a_unit() {
        let written = [
            ("7ns", 7),
            ("250us", 250_000),
            ("5ms", 5_000_000),
            ("1.5s", 1_500_000_000),
            ("2m", 120_000_000_000),
            ("1h", 3_600_000_000_000),
            ("0.1s", 100_000_000),
            ("00.50ms", 500_000),
            ("0s", 0),
            ("2562047h", 9_223_369_200_000_000_000),
        ];
        for (text, expected) in written {
            assert_eq!(nanos(text), expected, "{text}");
        }
    }

    #[test]
    fn a_duration_is_rounded_to_the_nearest_nanosecond_a_half_upwards() {
        assert_eq!([nanos("0.4ns"), nanos("0.5ns"), nanos("1.4999us"), nanos("1.4994us")], [0, 1, 1_500, 1_499]);
        assert_eq!(nanos("0.0000000014s"), 1);
        assert_eq!(nanos(&format!("0.{}s", "3".repeat(1_000))), 333_333_333);
        assert_eq!(nanos("9223372036.854775807s"), i64::MAX as u64);
    }

    #[test]
    fn a_text_that_is_no_duration_is_refused_with_a_remedy() {
        let refused = [
            ("", "like \"10s\"", None),
            ("s", "like \"10s\"", None),
            (".5s", "like \"10s\"", Some("\"0.5s\"")),
            ("1.2.3s", "like \"10s\"", None),
            ("10", "with a unit", Some("\"10s\"")),
            ("-3s", "not negative", Some("\"3s\"")),
            ("-x", "not negative", None),
            ("3 s", "ns, us", Some("\"3s\"")),
            ("3 minutes", "ns, us", Some("\"3m\"")),
            ("1,5s", "ns, us", Some("\"1.5s\"")),
            ("00:00:05", "ns, us", Some("\"5s\"")),
            ("9223372036.854775808s", "292 years", None),
            ("99999999999999999999999999999999999999999999h", "292 years", None),
        ];
        for (text, expected, remedy) in refused {
            let why = parse(text).expect_err(text);
            assert!(why.expected.contains(expected), "{text}: {why:?}");
            let help = why.help.as_deref();
            assert_eq!(help.is_some(), remedy.is_some(), "{text}: {why:?}");
            assert!(remedy.is_none_or(|remedy| help.is_some_and(|help| help.contains(remedy))), "{text}: {why:?}");
        }
    }

    proptest! {
        #[test]
        fn a_span_is_read_back_as_it_was_written(nanoseconds in 0..=i64::MAX as u64) {
            prop_assert_eq!(nanos(&Span(nanoseconds).to_string()), nanoseconds);
        }

        #[test]
        fn decimals_are_exact(whole in 0..1_000_000_u64, decimals in "[0-9]{1,12}", unit in 0..UNITS.len()) {
            let (name, size) = UNITS[unit];
            let scale = 10_u128.pow(decimals.len() as u32);
            let digits = u128::from(whole) * scale + decimals.parse::<u128>().unwrap();
            // Twice the distance to the exact value is at most one nanosecond.
            let read = u128::from(nanos(&format!("{whole}.{decimals}{name}"))) * scale;
            prop_assert!(2 * read.abs_diff(digits * u128::from(size)) <= scale);
        }

        #[test]
        fn no_text_brings_the_parser_down(text in "\\PC{0,20}|[0-9.]{0,60}(ns|us|ms|s|m|h|x)?|-?[0-9]{1,3}\\PC{0,3}") {
            let _ = parse(&text);
        }
    }
}
