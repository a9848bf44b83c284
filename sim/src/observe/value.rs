//! The value of a metric, and its unit. It knows nothing of how a value is found.

use std::fmt;

use serde::Serialize;

use crate::kernel::Span;

/// The unit of a metric.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// Messages, calls, consumers, offsets, elections.
    Count,
    /// A share, from 0.
    Ratio,
    /// A span of time; its bound is a duration, its value in a report seconds.
    Time,
}

/// The value of a metric, as reports show it.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// A whole number.
    Count(u64),
    /// A share.
    Ratio(f64),
    /// Seconds.
    Time(f64),
}

impl Value {
    /// The value as a number that can be compared.
    #[must_use]
    pub const fn number(self) -> f64 {
        match self {
            Self::Count(count) => count as f64,
            Self::Ratio(number) | Self::Time(number) => number,
        }
    }

    /// The unit of the metric.
    #[must_use]
    pub const fn unit(self) -> Unit {
        match self {
            Self::Count(_) => Unit::Count,
            Self::Ratio(_) => Unit::Ratio,
            Self::Time(_) => Unit::Time,
        }
    }

    pub(super) const fn time(span: Span) -> Self {
        Self::Time(span.seconds())
    }
}

impl fmt::Display for Value {
    /// Writes the value as a bound is written: `3.1s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => count.fmt(f),
            Self::Ratio(number) => number.fmt(f),
            Self::Time(seconds) => Span::from_nanos_f64(seconds * 1e9).fmt(f),
        }
    }
}
