//! How figures are written: times, spans, counts, rates. The same in both languages.

use queuescope::kernel::{Span, Time};

/// A time of the run, to the millisecond: `12.340 s`.
#[must_use]
pub fn clock(at: Time) -> String {
    format!("{}.{:03} s", at.0 / 1_000_000_000, at.0 / 1_000_000 % 1_000)
}

/// A time for a list, as short as it can be: `12.34 s`.
#[must_use]
pub fn time(at: Time) -> String {
    span(at.since(Time::ZERO))
}

/// A length of time in the unit that fits, to three digits: `1.25 s`, `340 ms`, `17 µs`.
#[must_use]
pub fn span(span: Span) -> String {
    let ns = span.0;
    match ns {
        0 => "0 s".to_owned(),
        1..=999 => format!("{ns} ns"),
        1_000..=999_999 => digits(ns as f64 / 1e3, "µs"),
        1_000_000..=999_499_999 => digits(ns as f64 / 1e6, "ms"),
        _ => digits(ns as f64 / 1e9, "s"),
    }
}

fn digits(value: f64, unit: &str) -> String {
    let places = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    let text = format!("{value:.places$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text} {unit}")
}

/// A count, in groups of three from ten thousand on: `9999`, `10 000`.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_has_the_unit_that_fits() {
        let spans = [0, 17, 1_500, 250_000, 1_234_567, 150_000_000, 999_600_000, 1_000_000_000, 12_340_000_000];
        let texts = ["0 s", "17 ns", "1.5 µs", "250 µs", "1.23 ms", "150 ms", "1 s", "1 s", "12.3 s"];
        assert_eq!(spans.map(|ns| span(Span(ns))), texts);
        assert_eq!(clock(Time(12_340_567_000)), "12.340 s");
        assert_eq!([9_999, 10_000, 1_234_567].map(count), ["9999", "10\u{a0}000", "1\u{a0}234\u{a0}567"]);
    }
}
