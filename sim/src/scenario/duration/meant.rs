//! Guesses at a duration or a number that was written in another way: `1,5s`, `00:00:05`, `PT5S`, `10 %`. It
//! only ever proposes: nothing of it is read as if it had been written right.

use super::exact::{UNITS, nanoseconds, read_exactly};
use crate::kernel::Span;

/// Longer texts are no slips.
const LONGEST_SLIP: usize = 60;

/// Units by the words for them, in lower case; their nanoseconds.
const WORDS: &[(&[&str], u64)] = &[
    (&["ns", "nsec", "nsecs", "nano", "nanos", "nanosecond", "nanoseconds", "纳秒"], 1),
    (&["us", "µs", "μs", "usec", "usecs", "micro", "micros", "microsecond", "microseconds", "微秒"], 1_000),
    (&["ms", "msec", "msecs", "milli", "millis", "millisecond", "milliseconds", "毫秒"], 1_000_000),
    (&["s", "sec", "secs", "second", "seconds", "\"", "″", "秒", "秒钟"], SECOND),
    (&["m", "min", "mins", "minute", "minutes", "'", "′", "分", "分钟"], MINUTE),
    (&["h", "hr", "hrs", "hour", "hours", "时", "小时"], HOUR),
    (&["d", "day", "days", "天", "日"], DAY),
    (&["w", "week", "weeks", "周"], 7 * DAY),
];

const SECOND: u64 = 1_000_000_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The remedy for a text that is no duration, as a sentence; none where nobody can tell what was meant.
pub(super) fn remedy(text: &str) -> Option<String> {
    if text.len() > LONGEST_SLIP {
        return None;
    }
    let plain = plain(text);
    if let Some(positive) = plain.strip_prefix(['-', '−']) {
        let positive = written(positive.trim()).or_else(|| in_one_unit(positive))?;
        return Some(format!("time runs forwards: \"{positive}\""));
    }
    if !plain.is_empty() && plain.parse::<f64>().is_ok() && plain.starts_with(|c: char| c.is_ascii_digit()) {
        let number = number(&plain)?;
        return Some(format!("is \"{number}s\" meant? a duration has a unit: ns, us, ms, s, m or h"));
    }
    if let Some(meant) = clock(&plain) {
        return meant;
    }
    if let Some(both) = thousand(&plain) {
        return Some(both);
    }
    let meant = written(&plain).or_else(|| in_one_unit(&plain))?;
    Some(format!("did you mean \"{meant}\"?"))
}

/// In ASCII where it only looks otherwise, without spaces around it and in lower case.
fn plain(text: &str) -> String {
    let half = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' | '\u{a0}' | '\u{2009}' | '\u{202f}' => ' ',
        '٫' => '.',
        _ => c,
    };
    text.chars().map(half).collect::<String>().trim().to_lowercase()
}

/// A text that is a duration after all, once it is in ASCII.
fn written(plain: &str) -> Option<String> {
    read_exactly(plain).is_ok().then(|| plain.to_owned())
}

/// `1:30`, `00:00:05.5`. Two parts may be minutes and seconds, or hours and minutes.
fn clock(plain: &str) -> Option<Option<String>> {
    let parts: Vec<&str> = plain.split(':').collect();
    let last = parts.len() - 1;
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let sound = parts.iter().enumerate().all(|(i, part)| {
        let whole = if i == last {
            part.replace(',', ".").split('.').next().unwrap_or("").to_owned()
        } else {
            (*part).to_owned()
        };
        are_digits(&whole)
    });
    if !(2..=4).contains(&parts.len()) || !sound {
        return None;
    }
    let total = |units: &[u64]| {
        let spans = parts.iter().rev().zip(units).map(|(part, unit)| span(part, *unit));
        spans.sum::<Option<u64>>().map(|total| Span(total).to_string())
    };
    let seconds = total(&[SECOND, MINUTE, HOUR, DAY]);
    Some(match (parts.len(), seconds) {
        (2, Some(seconds)) => match total(&[MINUTE, HOUR]) {
            Some(minutes) if minutes != seconds => {
                Some(format!("write \"{seconds}\" for minutes and seconds, \"{minutes}\" for hours and minutes"))
            }
            _ => Some(format!("did you mean \"{seconds}\"?")),
        },
        (_, seconds) => seconds.map(|seconds| format!("did you mean \"{seconds}\"?")),
    })
}

/// `1,000ms`: one, or a thousand.
fn thousand(plain: &str) -> Option<String> {
    let (number, unit) = plain.split_at(plain.find(|c: char| !c.is_ascii_digit() && c != ',')?);
    let (whole, part) = number.split_once(',')?;
    let decimal = in_one_unit(&format!("{whole}.{part}{unit}"))?;
    let grouped = in_one_unit(&format!("{}{unit}", number.replace(',', "")))?;
    let groups =
        (1..=3).contains(&whole.len()) && !whole.starts_with('0') && part.split(',').all(|group| group.len() == 3);
    match (groups, part.contains(',')) {
        (true, false) => Some(format!("write \"{grouped}\", or \"{decimal}\" where the comma begins the decimals")),
        (true, true) => Some(format!("did you mean \"{grouped}\"?")),
        _ => None,
    }
}

/// `1h 5m`, `1m30`, `pt1m30s`, `5 sec`, `1,5s`, `1e3s`: all of it together, as one number and one unit.
fn in_one_unit(plain: &str) -> Option<String> {
    let iso =
        plain.strip_prefix('p').filter(|rest| rest.starts_with('t') || rest.starts_with(|c: char| c.is_ascii_digit()));
    let text = iso.map_or_else(|| plain.to_owned(), |rest| rest.replace('t', ""));
    let mut rest = text.trim_start_matches('+').trim();
    let (mut total, mut parts, mut last) = (0_u64, 0, None);
    let mut single = None;
    while !rest.is_empty() {
        let (digits, after) = split_number(rest)?;
        let unit_end =
            after.find(|c: char| c.is_ascii_digit() || matches!(c, ' ' | ',' | '.' | '+')).unwrap_or(after.len());
        let (word, after) = after.split_at(unit_end);
        let unit = match (WORDS.iter().find(|(words, _)| words.contains(&word.trim_end_matches('.'))), last) {
            (Some((_, unit)), _) => *unit,
            // A number without a unit counts minutes after hours, and seconds after minutes.
            (None, Some(HOUR)) if word.is_empty() => MINUTE,
            (None, Some(MINUTE)) if word.is_empty() => SECOND,
            _ => return None,
        };
        total = total.checked_add(span(&digits, unit)?)?;
        single = Some((digits, unit));
        (parts, last) = (parts + 1, Some(unit));
        rest = after.trim_start_matches([' ', ',', '.', '+']);
        rest = rest.strip_prefix("and ").unwrap_or(rest);
    }
    // One number stays as it was written.
    if let (1, Some((digits, unit))) = (parts, single)
        && let Some((name, _)) = UNITS.into_iter().find(|(_, size)| *size == unit)
        && !digits.contains('e')
    {
        return Some(format!("{}{name}", number(&digits)?));
    }
    (parts > 0).then(|| Span(total).to_string()).filter(|text| read_exactly(text).is_ok())
}

/// A number at the beginning, with a point for its decimals, and what follows it without spaces.
fn split_number(text: &str) -> Option<(String, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ',' | '_')).unwrap_or(text.len());
    let (mut digits, mut rest) = (text[..end].replace('_', ""), &text[end..]);
    // 1e3s
    if let Some(after) =
        rest.strip_prefix('e').filter(|after| after.starts_with(|c: char| c.is_ascii_digit() || c == '-'))
    {
        let end = after.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(after.len());
        digits = format!("{digits}e{}", &after[..end]);
        rest = &after[end..];
    }
    // A comma, or a point, at the end parts it from the next.
    let digits = digits.trim_end_matches(',').replace(',', ".");
    digits.bytes().any(|byte| byte.is_ascii_digit()).then(|| (digits, rest.trim_start()))
}

/// A number as a duration has it: digits before the point and after it.
fn number(digits: &str) -> Option<String> {
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(whole) || !are_digits(decimals) || whole.len() + decimals.len() == 0 {
        return None;
    }
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(if decimals.is_empty() { whole.to_owned() } else { format!("{whole}.{decimals}") })
}

/// A number of units, in nanoseconds.
fn span(digits: &str, unit: u64) -> Option<u64> {
    let digits = digits.replace(',', ".");
    if let Some((mantissa, exponent)) = digits.split_once('e') {
        let exponent: i32 = exponent.parse().ok().filter(|exponent| (-9..=15).contains(exponent))?;
        let number = number(mantissa)?;
        let (whole, decimals) = number.split_once('.').unwrap_or((&number, ""));
        // The point, moved.
        let shifted = if exponent >= 0 {
            let places = exponent as usize;
            let decimals = format!("{decimals:0<places$}");
            format!("{whole}{}.{}0", &decimals[..places], &decimals[places..])
        } else {
            let places = exponent.unsigned_abs() as usize;
            let whole = format!("{whole:0>width$}", width = places + 1);
            format!("{}.{}{decimals}", &whole[..whole.len() - places], &whole[whole.len() - places..])
        };
        return span(&shifted, unit);
    }
    let number = number(&digits)?;
    let (whole, decimals) = number.split_once('.').unwrap_or((&number, "0"));
    nanoseconds(whole, decimals, u128::from(unit)).map(|span| span.0)
}

/// What `10%`, `"0.1"`, `0,1` or 10 may mean where a share from 0 to 1 is expected.
pub(in crate::scenario) fn share(text: &str) -> Option<String> {
    if text.len() > LONGEST_SLIP {
        return None;
    }
    let plain = plain(text).replace(',', ".");
    let (digits, in_hundred) = match plain.strip_suffix(['%', '٪']).or_else(|| plain.strip_suffix("percent")) {
        Some(digits) => (digits.trim(), true),
        None => (plain.as_str(), false),
    };
    let value: f64 = number(digits)?.parse().ok()?;
    match value {
        value if in_hundred && value <= 100.0 => Some(format!("{}", value / 100.0)),
        value if !in_hundred && value <= 1.0 => Some(format!("{value}")),
        value if !in_hundred && value <= 100.0 => Some(format!("{}, that is {value} %", value / 100.0)),
        _ => None,
    }
}

/// A number that was written as a text or with a comma: `"1,5"`, `"10/s"`.
pub(in crate::scenario) fn amount(text: &str) -> Option<String> {
    if text.len() > LONGEST_SLIP {
        return None;
    }
    let plain = plain(text);
    let digits = ["/s", "/sec", "/second", "per second", "per_second", "hz", "qps", "tps"]
        .into_iter()
        .find_map(|unit| plain.strip_suffix(unit))
        .unwrap_or(&plain);
    number(&digits.trim().replace(',', ".").replace('_', ""))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn near_misses_get_the_duration_that_was_meant() {
        for (text, meant) in [
            ("1,5s", "1.5s"),
            ("1,5 s", "1.5s"),
            ("00:00:05", "5s"),
            ("00:01:30", "90s"),
            ("1:00:00", "1h"),
            ("01:02:03.5", "3723.5s"),
            ("00:00:00,25", "250ms"),
            ("1.5 s", "1.5s"),
            (" 5s", "5s"),
            ("5s ", "5s"),
            ("5 sec", "5s"),
            ("5sec.", "5s"),
            ("5 Seconds", "5s"),
            ("5", "5s"),
            ("1.5", "1.5s"),
            ("５s", "5s"),
            ("５ｓ", "5s"),
            ("1．5s", "1.5s"),
            ("1m30", "90s"),
            ("1m30s", "90s"),
            ("1h 5m", "65m"),
            ("1h5", "65m"),
            ("1 hour and 5 minutes", "65m"),
            ("1h, 5m", "65m"),
            ("PT5S", "5s"),
            ("PT1M30S", "90s"),
            ("P1DT12H", "36h"),
            ("pt0.5s", "0.5s"),
            ("5S", "5s"),
            ("5MS", "5ms"),
            ("3µs", "3us"),
            ("3d", "72h"),
            ("1.5 days", "36h"),
            ("1w", "168h"),
            ("1_000ms", "1000ms"),
            ("1e3s", "1000s"),
            ("1e-3s", "1ms"),
            ("1.5e3ms", "1.5s"),
            (".5s", "0.5s"),
            ("5.s", "5s"),
            ("+5s", "5s"),
            ("-3s", "3s"),
            ("-3 sec", "3s"),
            ("5秒", "5s"),
            ("1小时30分钟", "90m"),
            ("500毫秒", "500ms"),
            ("1'30\"", "90s"),
        ] {
            let help = remedy(text).unwrap_or_else(|| panic!("{text}: no help"));
            assert!(help.contains(&format!("\"{meant}\"")), "{text}: {help}");
            assert!(read_exactly(meant).is_ok(), "{meant}");
        }
    }

    #[test]
    fn a_text_that_can_be_two_durations_gets_both() {
        for (text, both) in [("1:30", ["\"90s\"", "\"90m\""]), ("1,000ms", ["\"1000ms\"", "\"1.000ms\""])] {
            let help = remedy(text).unwrap_or_else(|| panic!("{text}: no help"));
            assert!(both.iter().all(|meant| help.contains(meant)), "{text}: {help}");
        }
    }

    #[test]
    fn a_text_without_a_likely_meaning_gets_no_help() {
        for text in ["", "s", "soon", "5 apples", "-x", "1.2.3s", "::", "1:2:3:4:5", "p", "%", "99999999999999999h"] {
            assert_eq!(remedy(text), None, "{text}");
        }
    }

    #[test]
    fn a_share_and_an_amount_that_were_written_otherwise() {
        for (text, meant) in [
            ("10%", "0.1"),
            ("10 %", "0.1"),
            ("0,1", "0.1"),
            ("1%", "0.01"),
            ("10", "0.1, that is 10 %"),
            ("１０％", "0.1"),
        ] {
            assert_eq!(share(text).as_deref(), Some(meant), "{text}");
        }
        assert_eq!(["200%", "x", "-1", ""].map(share), [const { None }; 4]);
        let amounts = ["1,5", "20/s", "1_000", "20 per second", "x"].map(amount);
        assert_eq!(amounts.each_ref().map(Option::as_deref), [Some("1.5"), Some("20"), Some("1000"), Some("20"), None]);
    }

    proptest! {
        #[test]
        fn every_remedy_is_itself_a_duration(text in "[-+ 0-9.,:_]{0,8}(e-?[0-9]{1,3})?[a-zµ秒分%':. ]{0,6}[0-9]{0,3}[smhd]?|\\PC{0,12}") {
            if let Some(help) = remedy(&text) {
                for meant in help.split('"').skip(1).step_by(2) {
                    prop_assert!(read_exactly(meant).is_ok(), "{text:?}: {help}");
                }
            }
            let (_, _) = (share(&text), amount(&text));
        }
    }
}
