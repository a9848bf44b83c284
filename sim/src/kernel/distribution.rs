//! The distributions that a scenario can name, and how a value is drawn from one.
//!
//! Logarithm, cosine and exponential come from `libm`: the standard library's differ between platforms in the last
//! bit, and one different nanosecond makes another run.

use std::fmt;

use rand::Rng;
use serde::Serialize;

use super::stream::Stream;
use super::time::Span;

/// A distribution of lengths of time.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub enum Distribution {
    /// The same value always.
    Constant(Span),
    /// Exponential with this mean: the gaps of a Poisson stream.
    Exponential(Span),
    /// Every value from the first to the second with the same probability, both included.
    Uniform(Span, Span),
    /// Normal with this mean and standard deviation, cut at zero.
    Normal(Span, Span),
    /// Lognormal with this median and 99th percentile.
    Lognormal(Span, Span),
}

/// The standard normal distribution's 99th percentile.
const Z99: f64 = 2.326_347_874_040_841;

impl Distribution {
    /// Zero, always.
    pub const ZERO: Self = Self::Constant(Span::ZERO);

    /// Whether every draw is `Span::ZERO`.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }

    /// The value, where it is always the same.
    #[must_use]
    pub const fn constant(&self) -> Option<Span> {
        match self {
            Self::Constant(span) => Some(*span),
            _ => None,
        }
    }

    /// A value about the middle: the mean, or the median.
    #[must_use]
    pub const fn middle(&self) -> Span {
        match self {
            Self::Constant(span) | Self::Exponential(span) | Self::Normal(span, _) | Self::Lognormal(span, _) => *span,
            Self::Uniform(low, high) => Span(low.0 + (high.0 - low.0) / 2),
        }
    }

    /// The distribution of so many times the values.
    #[must_use]
    pub fn times(&self, factor: f64) -> Self {
        let times = |span: Span| Span::from_nanos_f64(span.0 as f64 * factor);
        match *self {
            Self::Constant(span) => Self::Constant(times(span)),
            Self::Exponential(mean) => Self::Exponential(times(mean)),
            Self::Uniform(low, high) => Self::Uniform(times(low), times(high)),
            Self::Normal(mean, deviation) => Self::Normal(times(mean), times(deviation)),
            Self::Lognormal(median, p99) => Self::Lognormal(times(median), times(p99)),
        }
    }

    /// Draws a value. A constant draws nothing from the stream.
    pub(crate) fn draw(&self, stream: &mut Stream) -> Span {
        match *self {
            Self::Constant(span) => span,
            Self::Exponential(mean) => Span::from_nanos_f64(-(mean.0 as f64) * libm::log(open_unit(stream))),
            Self::Uniform(low, high) => {
                // A fixed-point product of 64 random bits: no rejection, so each draw costs one number.
                let width = u128::from(high.0 - low.0) + 1;
                Span(low.0 + ((u128::from(stream.next_u64()) * width) >> 64) as u64)
            }
            Self::Normal(mean, deviation) => {
                Span::from_nanos_f64(mean.0 as f64 + deviation.0 as f64 * standard_normal(stream))
            }
            Self::Lognormal(median, p99) => {
                let sigma = libm::log(p99.0 as f64 / median.0 as f64) / Z99;
                Span::from_nanos_f64(median.0 as f64 * libm::exp(sigma * standard_normal(stream)))
            }
        }
    }
}

impl fmt::Display for Distribution {
    /// As a scenario file would write it; a constant without its quotes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(span) => write!(f, "{span}"),
            Self::Exponential(mean) => write!(f, "{{ exp = \"{mean}\" }}"),
            Self::Uniform(low, high) => write!(f, "{{ uniform = [\"{low}\", \"{high}\"] }}"),
            Self::Normal(mean, deviation) => write!(f, "{{ normal = [\"{mean}\", \"{deviation}\"] }}"),
            Self::Lognormal(median, p99) => write!(f, "{{ lognormal = [\"{median}\", \"{p99}\"] }}"),
        }
    }
}

/// A number above 0 and up to 1, both at 53 bits: its logarithm exists.
fn open_unit(stream: &mut Stream) -> f64 {
    ((stream.next_u64() >> 11) + 1) as f64 / (1_u64 << 53) as f64
}

/// Box and Muller's transform; the second value is thrown away, so that a draw always costs two numbers.
fn standard_normal(stream: &mut Stream) -> f64 {
    let radius = libm::sqrt(-2.0 * libm::log(open_unit(stream)));
    radius * libm::cos(std::f64::consts::TAU * open_unit(stream))
}

#[cfg(test)]
mod tests {
    use super::*;

    const N: usize = 200_000;

    fn draws(distribution: Distribution) -> Vec<u64> {
        let mut stream = Stream::new(1, "node", "test");
        let mut all: Vec<u64> = (0..N).map(|_| distribution.draw(&mut stream).0).collect();
        all.sort_unstable();
        all
    }

    fn mean(values: &[u64]) -> f64 {
        values.iter().map(|v| *v as f64).sum::<f64>() / values.len() as f64
    }

    /// The share of values at most `x`.
    fn share_below(values: &[u64], x: u64) -> f64 {
        values.partition_point(|v| *v <= x) as f64 / values.len() as f64
    }

    fn close(what: &str, value: f64, wanted: f64, within: f64) {
        assert!((value - wanted).abs() <= within * wanted, "{what}: {value}, wanted {wanted}");
    }

    #[test]
    fn what_lasts_so_many_times_as_long_has_the_same_shape() {
        let ms = Span::from_millis;
        for (short, long) in [
            (Distribution::Constant(ms(2)), Distribution::Constant(ms(5))),
            (Distribution::Exponential(ms(2)), Distribution::Exponential(ms(5))),
            (Distribution::Uniform(ms(2), ms(4)), Distribution::Uniform(ms(5), ms(10))),
            (Distribution::Normal(ms(2), ms(4)), Distribution::Normal(ms(5), ms(10))),
            (Distribution::Lognormal(ms(2), ms(4)), Distribution::Lognormal(ms(5), ms(10))),
        ] {
            assert_eq!(short.times(2.5), long);
        }
    }

    #[test]
    fn a_constant_draws_nothing() {
        let (mut used, mut fresh) = (Stream::new(1, "a", "b"), Stream::new(1, "a", "b"));
        assert_eq!(Distribution::Constant(Span(7)).draw(&mut used), Span(7));
        assert_eq!(used.next_u64(), fresh.next_u64());
    }

    #[test]
    fn exponential_has_its_mean_and_its_quantiles() {
        let values = draws(Distribution::Exponential(Span::from_millis(10)));
        close("mean", mean(&values), 10e6, 0.01);
        close("63rd percentile at the mean", share_below(&values, 10_000_000), 0.632_12, 0.01);
        close("95th percentile", share_below(&values, 29_957_322), 0.95, 0.01);
    }

    #[test]
    fn uniform_reaches_both_ends_and_nothing_beyond() {
        let values = draws(Distribution::Uniform(Span(10), Span(13)));
        assert_eq!((values[0], values[N - 1]), (10, 13));
        close("first quarter", share_below(&values, 10), 0.25, 0.02);
        close("three quarters", share_below(&values, 12), 0.75, 0.02);
        assert!(draws(Distribution::Uniform(Span(5), Span(5))).iter().all(|v| *v == 5));
    }

    #[test]
    fn normal_is_cut_at_zero() {
        let values = draws(Distribution::Normal(Span::from_millis(5), Span::from_millis(1)));
        close("mean", mean(&values), 5e6, 0.01);
        close("one deviation above", share_below(&values, 6_000_000), 0.841_3, 0.01);
        let low = draws(Distribution::Normal(Span(1_000), Span(1_000)));
        close("share at zero", share_below(&low, 0), 0.158_7, 0.03);
    }

    #[test]
    fn lognormal_has_its_median_and_99th_percentile() {
        let values = draws(Distribution::Lognormal(Span::from_millis(2), Span::from_millis(20)));
        close("median", share_below(&values, 2_000_000), 0.5, 0.01);
        close("99th percentile", share_below(&values, 20_000_000), 0.99, 0.002);
    }
}
