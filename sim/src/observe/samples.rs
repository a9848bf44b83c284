//! Many lengths of time, and their mean, quantiles and maximum. It knows nothing of what they are of.

use std::borrow::Cow;

use hdrhistogram::Histogram;

use super::sparse_map::Merge;
use crate::kernel::Span;

/// Up to so many samples are kept one by one: a histogram of more is smaller than they are.
const FEW: usize = 256;

/// Lengths of time: percentiles within 1 %; count, mean, smallest and largest exact.
#[derive(Clone, Debug)]
pub struct Samples {
    /// All samples, while they are few.
    few: Vec<u64>,
    /// All samples, once they are many.
    many: Option<Histogram<u32>>,
    sum: u128,
    min: u64,
    max: u64,
}

impl Default for Samples {
    fn default() -> Self {
        Self { few: Vec::new(), many: None, sum: 0, min: u64::MAX, max: 0 }
    }
}

impl Merge for Samples {
    fn merge(&mut self, other: &Self) {
        match &other.many {
            Some(many) => self.histogram_mut().add(many).expect("it grows by itself"),
            None => other.few.iter().for_each(|value| self.keep(*value)),
        }
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }
}

fn histogram() -> Histogram<u32> {
    // Two significant digits: the relative error is below 1 %. It grows to the largest value by itself.
    Histogram::new(2).expect("two digits are within 0 to 5")
}

fn put(histogram: &mut Histogram<u32>, value: u64) {
    histogram.record(value).expect("it grows by itself");
}

impl Samples {
    #[inline]
    pub(super) fn add(&mut self, span: Span) {
        self.keep(span.0);
        self.sum += u128::from(span.0);
        self.min = self.min.min(span.0);
        self.max = self.max.max(span.0);
    }

    #[inline]
    fn keep(&mut self, value: u64) {
        match &mut self.many {
            Some(many) => put(many, value),
            None if self.few.len() < FEW => self.few.push(value),
            None => put(self.histogram_mut(), value),
        }
    }

    /// The histogram that has all samples from now on.
    #[cold]
    fn histogram_mut(&mut self) -> &mut Histogram<u32> {
        let few = std::mem::take(&mut self.few);
        let many = self.many.get_or_insert_with(histogram);
        few.into_iter().for_each(|value| put(many, value));
        many
    }

    /// Several collections of samples merged into one; none where there is no collection.
    pub(super) fn merged<'a>(samples: impl Iterator<Item = &'a Box<Self>>) -> Option<Self> {
        samples.fold(None, |all, other| {
            let mut all = all.unwrap_or_default();
            all.merge(other);
            Some(all)
        })
    }

    fn histogram(&self) -> Cow<'_, Histogram<u32>> {
        match &self.many {
            Some(many) => Cow::Borrowed(many),
            None => {
                let mut many = histogram();
                self.few.iter().for_each(|value| put(&mut many, *value));
                Cow::Owned(many)
            }
        }
    }

    /// The mean, to the nearest nanosecond.
    #[must_use]
    pub fn mean(&self) -> Span {
        let count = self.many.as_ref().map_or(self.few.len() as u64, Histogram::len);
        let count = u128::from(count).max(1);
        Span(u64::try_from((self.sum + count / 2) / count).unwrap_or(u64::MAX))
    }

    /// The length that so large a share of the samples does not exceed; never outside of what was measured.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Span {
        Span(self.histogram().value_at_quantile(share).clamp(self.min, self.max))
    }

    /// The largest.
    #[must_use]
    pub const fn max(&self) -> Span {
        Span(self.max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(spans: impl IntoIterator<Item = u64>) -> Samples {
        let mut samples = Samples::default();
        spans.into_iter().for_each(|span| samples.add(Span(span)));
        samples
    }

    #[test]
    fn a_mean_is_rounded_to_the_nearest_nanosecond() {
        let mean = |spans: &[u64]| samples(spans.iter().copied()).mean();
        assert_eq!([mean(&[1, 2]), mean(&[1, 1, 2]), mean(&[1, 2, 2])], [Span(2), Span(1), Span(2)]);
    }

    #[test]
    fn few_and_many_samples_have_the_same_quantiles_however_they_are_merged() {
        let value = |i: u64| i * i * 977 % 1_000_003;
        for (count, cut) in [(1, 0), (255, 100), (256, 128), (257, 1), (257, 256), (600, 10), (600, 300), (600, 590)] {
            let mut whole = histogram();
            (0..count).for_each(|i| put(&mut whole, value(i)));
            let mut merged = samples((0..cut).map(value));
            merged.merge(&samples((cut..count).map(value)));
            for samples in [samples((0..count).map(value)), merged] {
                for share in [0.0, 0.5, 0.9, 0.99, 1.0] {
                    let exact = whole.value_at_quantile(share).clamp(samples.min, samples.max);
                    assert_eq!(samples.quantile(share), Span(exact), "{share} of {count}");
                }
                assert_eq!(samples.sum, (0..count).map(value).map(u128::from).sum::<u128>());
                assert_eq!(samples.max, (0..count).map(value).max().unwrap_or_default());
            }
        }
    }
}
