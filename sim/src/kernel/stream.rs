//! Random streams: one for each node and concern, and for each link in each direction, so that what one node or link draws
//! never changes what another draws.

use std::convert::Infallible;

use rand::rand_core::TryRng;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use siphasher::sip::SipHasher13;
use std::hash::Hasher;

/// One stream of random numbers, told apart by the run's seed, the name of a node or of two, and a concern ("interval",
/// "latency" …): by names, never by an index, so that one more node leaves the others' draws as they were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stream(ChaCha8Rng);

impl Stream {
    /// The stream of `node` for `concern` in the run with this `seed`.
    #[must_use]
    pub(crate) fn new(seed: u64, node: &str, concern: &str) -> Self {
        Self::named(seed, &[node, concern])
    }

    /// The stream of `node` for `concern`, as far as it is about somebody else: the link to another node, say, or a group.
    #[must_use]
    pub(crate) fn about(seed: u64, node: &str, other: &str, concern: &str) -> Self {
        Self::named(seed, &[node, other, concern])
    }

    fn named(seed: u64, name: &[&str]) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(hash(name));
        Self(generator)
    }

    /// True with this probability. 0 and 1 draw nothing.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        if probability <= 0.0 {
            false
        } else if probability >= 1.0 {
            true
        } else {
            unit(self.next_u64()) < probability
        }
    }

    /// One of `0..n`, each alike.
    ///
    /// # Panics
    /// When `n` is 0: there is nothing to choose from.
    pub(crate) fn below(&mut self, n: u32) -> u32 {
        assert!(n > 0, "a choice among nothing");
        ((u64::from(n) * u64::from(self.next_u32())) >> 32) as u32
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.0.try_next_u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0.try_next_u64()
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.try_fill_bytes(bytes)
    }
}

/// 64 random bits as a number from 0 up to 1, at 53 bits.
#[must_use]
pub(crate) fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

/// A digest of some words, the same on every platform; no two lists of words run together.
#[must_use]
pub(crate) fn hash(words: &[&str]) -> u64 {
    let mut hasher = SipHasher13::new_with_keys(0, 0);
    for word in words {
        hasher.write(&(word.len() as u64).to_le_bytes());
        hasher.write(word.as_bytes());
    }
    hasher.finish()
}

/// A digest of a number, the same on every platform: neighbours end far apart.
#[must_use]
pub(crate) fn hash_number(number: u64) -> u64 {
    let mut hasher = SipHasher13::new_with_keys(0, 0);
    hasher.write(&number.to_le_bytes());
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_depends_on_seed_node_and_concern() {
        let first = |seed, node, concern| Stream::new(seed, node, concern).next_u64();
        let one = first(1, "shop", "interval");
        assert_eq!(one, first(1, "shop", "interval"));
        assert_ne!(one, first(2, "shop", "interval"));
        assert_ne!(one, first(1, "shop2", "interval"));
        assert_ne!(one, first(1, "shop", "keys"));
        let about = |node, other| Stream::about(1, node, other, "interval").next_u64();
        assert_ne!(about("shop", "b"), about("b", "shop"));
        assert_ne!(about("shop", "b"), about("shop", "c"));
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
    }

    #[test]
    fn the_numbers_are_those_of_every_platform() {
        let mut stream = Stream::new(1, "shop", "interval");
        let drawn = [stream.next_u64(), stream.next_u64()];
        assert_eq!(drawn, [9_342_420_174_333_300_155, 10_830_710_258_647_798_720]);
    }

    #[test]
    fn chance_and_below_are_even() {
        let mut stream = Stream::new(1, "node", "test");
        let hits = (0..100_000).filter(|_| stream.chance(0.3)).count();
        assert!((29_400..30_600).contains(&hits), "{hits}");
        let mut counts = [0; 5];
        for _ in 0..100_000 {
            counts[stream.below(5) as usize] += 1;
        }
        assert!(counts.iter().all(|n| (19_400..20_600).contains(n)), "{counts:?}");
        assert!(!stream.chance(0.0) && stream.chance(1.0));
    }
}
