//! A palette: a few colours that stand for many. It knows nothing of pictures.
//!
//! A window has a dozen flat colours that cover nearly everything, and thousands of mixtures of them at the edges of letters
//! and circles. So a flat colour is kept as it is, and the mixtures share the other colours of the palette.

use std::collections::BTreeMap;

/// Red, green, blue.
pub(super) type Rgb = [u8; 3];

/// At most `max` colours, so that every colour is near to one of them.
pub(super) fn choose(counts: &BTreeMap<Rgb, u64>, max: usize) -> Vec<Rgb> {
    let mut clusters = vec![ColourCluster::new(
        counts.iter().map(|(&colour, &count)| WeightedColour { colour, weight: weight(count) }).collect(),
    )];
    while clusters.len() < max {
        // The first of equal ones, so that the result depends on the colours alone.
        let Some(worst) = (0..clusters.len()).rev().max_by(|&a, &b| clusters[a].error.total_cmp(&clusters[b].error))
        else {
            break;
        };
        let Some((low, high)) = clusters[worst].split() else { break };
        clusters[worst] = low;
        clusters.push(high);
    }
    let mut palette: Vec<Rgb> = clusters.iter().filter_map(ColourCluster::colour).collect();
    palette.sort_unstable();
    palette
}

/// The index of the colour of a palette that is nearest.
pub(super) fn nearest(palette: &[Rgb], colour: Rgb) -> usize {
    (0..palette.len()).min_by_key(|&index| distance(palette[index], colour)).unwrap_or(0)
}

/// How different two colours look, squared: the eye sees green better than blue.
fn distance(a: Rgb, b: Rgb) -> i32 {
    let [r, g, b] = [0, 1, 2].map(|channel| i32::from(a[channel]) - i32::from(b[channel]));
    3 * r * r + 4 * g * g + 2 * b * b
}

/// The weight of a colour: less than in proportion to its pixels, since a background needs no more than one colour.
fn weight(count: u64) -> f64 {
    (count as f64).sqrt()
}

/// A colour with its weight.
#[derive(Clone, Copy)]
struct WeightedColour {
    colour: Rgb,
    weight: f64,
}

/// Colours for which one colour would stand.
struct ColourCluster {
    shades: Vec<WeightedColour>,
    mean: [f64; 3],
    // The axis along which they differ most, and by how much, weighted.
    axis: usize,
    error: f64,
}

impl ColourCluster {
    fn new(shades: Vec<WeightedColour>) -> Self {
        let total: f64 = shades.iter().map(|shade| shade.weight).sum();
        let sum =
            |channel: usize| shades.iter().map(|shade| shade.weight * f64::from(shade.colour[channel])).sum::<f64>();
        let mean = [0, 1, 2].map(|channel| sum(channel) / total);
        let error = |channel: usize| -> f64 {
            let off = |shade: &WeightedColour| f64::from(shade.colour[channel]) - mean[channel];
            shades.iter().map(|shade| shade.weight * off(shade) * off(shade)).sum()
        };
        let errors = [0, 1, 2].map(error);
        let axis = (0..3).rev().max_by(|&a, &b| errors[a].total_cmp(&errors[b])).unwrap_or(0);
        let error = errors.iter().sum();
        Self { shades, mean, axis, error }
    }

    /// Splits it at the mean of the axis along which its colours differ most.
    fn split(&self) -> Option<(Self, Self)> {
        let (axis, mean) = (self.axis, self.mean[self.axis]);
        let (low, high): (Vec<WeightedColour>, Vec<WeightedColour>) =
            self.shades.iter().partition(|shade| f64::from(shade.colour[axis]) < mean);
        (!low.is_empty() && !high.is_empty()).then(|| (Self::new(low), Self::new(high)))
    }

    /// The colour that stands for all: the most frequent one, so that a flat colour stays as it is.
    fn colour(&self) -> Option<Rgb> {
        self.shades.iter().rev().max_by(|a, b| a.weight.total_cmp(&b.weight)).map(|shade| shade.colour)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(colours: impl IntoIterator<Item = (Rgb, u64)>) -> BTreeMap<Rgb, u64> {
        colours.into_iter().collect()
    }

    #[test]
    fn few_colours_stay_as_they_are() {
        let few = [[0, 0, 0], [1, 0, 0], [250, 3, 7], [255, 255, 255]];
        assert_eq!(choose(&counts(few.map(|colour| (colour, 5))), 255), few);
        assert_eq!(nearest(&few, [251, 0, 9]), 2);
        assert!(choose(&counts([]), 255).is_empty());
        let three = counts([([0, 0, 0], 5), ([9, 9, 9], 100), ([20, 20, 20], 4)]);
        assert_eq!(choose(&three, 1), [[9, 9, 9]], "the most frequent one stands for all");
    }

    #[test]
    fn flat_colours_stay_as_they_are_among_many_mixtures_and_no_mixture_is_far_from_its_shade() {
        // Each pair of four colours in 100 mixtures, as letters have them.
        let flat: [Rgb; 4] = [[27, 27, 27], [240, 240, 240], [220, 60, 50], [60, 120, 230]];
        let mut all = counts(flat.map(|colour| (colour, 100_000)));
        for (a, b) in (0..4).flat_map(|a| (0..a).map(move |b| (flat[a], flat[b]))) {
            let mix = |share: u32, channel: usize| {
                (u32::from(a[channel]) * share + u32::from(b[channel]) * (100 - share)) / 100
            };
            for share in 1..100 {
                all.entry([0, 1, 2].map(|channel| mix(share, channel) as u8)).or_insert(3);
            }
        }
        assert!(all.len() > 550, "{}", all.len());
        let palette = choose(&all, 255);
        assert!((200..=255).contains(&palette.len()), "{}", palette.len());
        assert!(flat.iter().all(|colour| palette.contains(colour)));
        let off = |&colour: &Rgb| {
            (0..3).map(|channel| colour[channel].abs_diff(palette[nearest(&palette, colour)][channel])).max()
        };
        assert!(all.keys().filter_map(off).max() < Some(6), "{:?}", all.keys().filter_map(off).max());
        assert_eq!(choose(&all, 20).len(), 20);
    }
}
