//! How figures are written for people: times, counts, shares. The same in both languages.
//!
//! It knows nothing of what is measured. Files and errors write times in a syntax of their own: `Display` of
//! [`Span`] and [`Time`].

use crate::kernel::{Span, Time};
use crate::plan::Offset;

/// A moment as a clock shows it, always to the millisecond: `12.340 s`.
#[must_use]
pub fn clock(at: Time) -> String {
    format!("{}.{:03} s", at.0 / 1_000_000_000, at.0 / 1_000_000 % 1_000)
}

/// A moment, to the millisecond and no longer than it has to be: `12.34 s`.
#[must_use]
pub fn moment(at: Time) -> String {
    seconds(at.seconds())
}

/// A moment in seconds, as reports have it, written like [`moment`].
#[must_use]
pub fn seconds(at: f64) -> String {
    format!("{} s", trimmed(&format!("{at:.3}")))
}

/// A length of time to three digits, in the unit in which they say most: `1.25 s`, `340 ms`, `17 µs`.
#[must_use]
pub fn span(span: Span) -> String {
    length(span.seconds())
}

/// A length of time in seconds, as reports have it, written like [`span`].
#[must_use]
pub fn length(seconds: f64) -> String {
    const UNITS: [(f64, &str); 3] = [(1.0, "s"), (1e-3, "ms"), (1e-6, "µs")];
    let (unit, name) = UNITS.into_iter().find(|(unit, _)| seconds >= unit * 0.999_5).unwrap_or((1e-9, "ns"));
    format!("{} {name}", digits(seconds / unit))
}

/// A number to three digits, and to all that it has before the point: `1.23`, `12.3`, `1234`.
#[must_use]
pub fn digits(number: f64) -> String {
    let places = if number < 9.995 { 2 } else { usize::from(number < 99.95) };
    trimmed(&format!("{number:.places$}")).to_owned()
}

/// Without the zeros that end a fraction.
fn trimmed(number: &str) -> &str {
    if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number }
}

/// A share from 0 to 1: `12.5 %`.
#[must_use]
pub fn share(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A count in groups of three, from ten thousand on: `9999`, `10 000`.
#[must_use]
pub fn count(count: u64) -> String {
    let plain = count.to_string();
    if plain.len() < 5 {
        return plain;
    }
    let first = plain.len() % 3;
    let mut parts = Vec::new();
    if first > 0 {
        parts.push(&plain[..first]);
    }
    parts.extend((first..plain.len()).step_by(3).map(|from| &plain[from..from + 3]));
    parts.join("\u{a0}")
}

/// The offsets from `from` up to `to`, without `to`: `7`, `7–9`.
#[must_use]
pub fn offsets(from: Offset, to: Offset) -> String {
    if to <= from.next() { from.to_string() } else { format!("{from}–{}", to.0 - 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_has_three_digits_and_the_unit_that_fits() {
        let spans = [0, 17, 1_500, 250_000, 999_960, 1_234_567, 150_000_000, 999_960_000, 1_050_000_000, 9_996_000_000];
        let texts = ["0 ns", "17 ns", "1.5 µs", "250 µs", "1 ms", "1.23 ms", "150 ms", "1 s", "1.05 s", "10 s"];
        assert_eq!(spans.map(|ns| span(Span(ns))), texts);
        assert_eq!([8.5e-7, 0.0123, 59.94, 125.4].map(length), ["850 ns", "12.3 ms", "59.9 s", "125 s"]);
        assert_eq!([0.0, 1.234, 12.34, 123.4, 1000.0].map(digits), ["0", "1.23", "12.3", "123", "1000"]);
    }

    #[test]
    fn a_moment_is_in_seconds_and_a_clock_keeps_its_width() {
        let moments = [0, 499_999, 300_000_000, 12_340_567_000, 120_000_000_000].map(Time);
        assert_eq!(moments.map(moment), ["0 s", "0 s", "0.3 s", "12.341 s", "120 s"]);
        assert_eq!(moments.map(clock), ["0.000 s", "0.000 s", "0.300 s", "12.340 s", "120.000 s"]);
    }

    #[test]
    fn counts_shares_and_offsets_are_short() {
        assert_eq!([9_999, 10_000, 1_234_567].map(count), ["9999", "10\u{a0}000", "1\u{a0}234\u{a0}567"]);
        assert_eq!([0.0, 0.005_6, 1.0].map(share), ["0.0 %", "0.6 %", "100.0 %"]);
        assert_eq!([(7, 8), (7, 10)].map(|(from, to)| offsets(Offset(from), Offset(to))), ["7", "7–9"]);
    }
}
