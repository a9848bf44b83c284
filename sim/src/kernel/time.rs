//! Virtual time: whole nanoseconds since the start of the run. There is no other clock.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, Sub};

use serde::Serialize;

/// A moment of virtual time, in nanoseconds since the start of the run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize)]
pub struct Time(pub u64);

/// A length of virtual time, in nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize)]
pub struct Span(pub u64);

impl Time {
    /// The start of the run.
    pub const ZERO: Self = Self(0);
    /// Later than anything that happens.
    pub const NEVER: Self = Self(u64::MAX);

    /// The time that has passed since `earlier`; nothing when `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// The next whole multiple of `every` after this moment, for what happens at whole intervals. `every` is more than
    /// no time at all.
    #[must_use]
    pub const fn next_whole(self, every: Span) -> Self {
        Self((self.0 / every.0 + 1).saturating_mul(every.0))
    }

    /// Seconds since the start of the run, for reports.
    #[must_use]
    pub const fn seconds(self) -> f64 {
        Span(self.0).seconds()
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// Longer than any run.
    pub const FOREVER: Self = Self(u64::MAX);

    /// `n` milliseconds.
    #[must_use]
    pub const fn from_millis(n: u64) -> Self {
        Self(n * 1_000_000)
    }

    /// `n` seconds.
    #[must_use]
    pub const fn from_secs(n: u64) -> Self {
        Self(n * 1_000_000_000)
    }

    /// The nearest whole number of nanoseconds to `ns`; nothing below zero.
    #[must_use]
    pub fn from_nanos_f64(ns: f64) -> Self {
        // `as` saturates: below zero is zero, beyond u64 is its largest value.
        Self(libm::round(ns) as u64)
    }

    /// Length in seconds, for reports.
    #[must_use]
    pub const fn seconds(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// Whether it is zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl Add<Span> for Time {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl AddAssign<Span> for Time {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl Add for Span {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Span {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Span {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Mul<u64> for Span {
    type Output = Self;
    fn mul(self, n: u64) -> Self {
        Self(self.0.saturating_mul(n))
    }
}

impl Sum for Span {
    fn sum<I: Iterator<Item = Self>>(spans: I) -> Self {
        spans.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Span {
    /// Writes the span as a scenario file would, in the largest unit of which it is at least one: `1.5s`, `250us`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(u64, &str); 5] =
            [(3_600_000_000_000, "h"), (60_000_000_000, "m"), (1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "us")];
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let (unit, name) = UNITS
            .into_iter()
            .find(|(unit, name)| self.0 >= *unit && (!matches!(*name, "h" | "m") || self.0.is_multiple_of(*unit)))
            .unwrap_or((1, "ns"));
        let (whole, rest) = (self.0 / unit, self.0 % unit);
        if rest == 0 {
            return write!(f, "{whole}{name}");
        }
        let digits = unit.ilog10() as usize;
        let fraction = format!("{rest:0digits$}");
        write!(f, "{whole}.{}{name}", fraction.trim_end_matches('0'))
    }
}

impl fmt::Display for Time {
    /// Seconds with three decimals, for errors: `12.340s`. What people read otherwise is written by `words`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}s", self.0 / 1_000_000_000, self.0 / 1_000_000 % 1_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_written_as_a_file_would_write_it() {
        let written = [
            (0, "0s"),
            (5, "5ns"),
            (250_000, "250us"),
            (1_500_000, "1.5ms"),
            (1_500_000_000, "1.5s"),
            (90_000_000_000, "90s"),
            (120_000_000_000, "2m"),
            (7_200_000_000_000, "2h"),
        ];
        for (ns, text) in written {
            assert_eq!(Span(ns).to_string(), text);
        }
    }

    #[test]
    fn rounding_is_to_the_nearest_nanosecond_and_never_below_zero() {
        assert_eq!(Span::from_nanos_f64(1.5), Span(2));
        assert_eq!(Span::from_nanos_f64(-3.0), Span::ZERO);
        assert_eq!(Span::from_nanos_f64(f64::NAN), Span::ZERO);
    }

    #[test]
    fn time_saturates_instead_of_wrapping() {
        assert_eq!(Time::NEVER + Span(1), Time::NEVER);
        assert_eq!(Time(3).since(Time(5)), Span::ZERO);
    }
}
