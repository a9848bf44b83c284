//! Chance: small draws from one stream of random numbers.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A stream of random numbers.
pub(super) struct ChaosDice(ChaCha8Rng);

impl ChaosDice {
    pub(super) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Less than `n`; zero where there is nothing less.
    pub(super) fn below(&mut self, n: u64) -> u64 {
        self.0.next_u64().checked_rem(n).unwrap_or(0)
    }

    /// Both ends included.
    pub(super) fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.below(to.saturating_sub(from) + 1)
    }

    /// True with a probability in percent.
    pub(super) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of some, by weight.
    pub(super) fn likely(&mut self, of: &[(u64, u64)]) -> u64 {
        let mut left = self.below(of.iter().map(|(weight, _)| weight).sum());
        for (weight, value) in of {
            match left.checked_sub(*weight) {
                Some(rest) => left = rest,
                None => return *value,
            }
        }
        0
    }

    /// One of some; none of nothing.
    pub(super) fn pick<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        let n = self.below(of.len() as u64);
        of.get(n as usize).cloned()
    }

    /// A delay with a mean of up to so many milliseconds.
    pub(super) fn delay_ms(&mut self, most: u64) -> String {
        let us = self.between(0, most * 1_000);
        match self.below(4) {
            0 => "\"0s\"".to_owned(),
            1 => format!("{{ exp = \"{}us\" }}", us + 1),
            2 => format!("{{ uniform = [\"0us\", \"{}us\"] }}", 2 * us),
            _ => format!("\"{us}us\""),
        }
    }
}
