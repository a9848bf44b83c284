//! The text of a duration, `1.5s`. It is read with whole numbers only, so that no platform rounds it otherwise.

use crate::kernel::Span;

/// Units by their names, and their nanoseconds.
pub(super) const UNITS: [(&str, u64); 6] = [
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// The longest duration, about 292 years: its nanoseconds fit 63 bits, so that two of them can be added.
const LONGEST: u128 = i64::MAX as u128;

/// Decimals beyond these are worth less than a billionth of a nanosecond, even of an hour.
const DECIMALS: usize = 24;

/// The duration, or what was expected.
pub(super) fn read_exactly(text: &str) -> Result<Span, &'static str> {
    if text.starts_with('-') {
        return Err("a duration that is not negative");
    }
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    if whole.is_empty() || decimals.is_empty() || decimals.contains('.') {
        return Err("a duration like \"10s\"");
    }
    if unit.is_empty() {
        return Err("a duration with a unit, like \"10s\"");
    }
    let Some((_, size)) = UNITS.into_iter().find(|(name, _)| *name == unit) else {
        return Err("a duration of one number and one unit, in ns, us, ms, s, m or h");
    };
    nanoseconds(whole, decimals, u128::from(size)).ok_or("a duration of at most 292 years")
}

/// `whole.decimals` times `unit`, rounded; nothing where that is beyond the longest duration.
pub(super) fn nanoseconds(whole: &str, decimals: &str, unit: u128) -> Option<Span> {
    let whole = whole.trim_start_matches('0').bytes().try_fold(0_u128, |n, digit| {
        let n = n * 10 + u128::from(digit - b'0');
        (n <= LONGEST).then_some(n)
    })?;
    let decimals = &decimals.as_bytes()[..decimals.len().min(DECIMALS)];
    let (part, scale) =
        decimals.iter().fold((0, 1), |(part, scale), digit| (part * 10 + u128::from(digit - b'0'), scale * 10));
    // Twice the fraction plus one half, in whole numbers: the nearest nanosecond, a half upwards.
    let total = whole * unit + (2 * part * unit + scale) / (2 * scale);
    u64::try_from(total).ok().filter(|_| total <= LONGEST).map(Span)
}
