//! A set of small numbers in order: which threads are free, which queues have something to begin.
//!
//! Words of 64 bits, and above them a set of the words that are not empty; so the next number is found in a step for each
//! factor of 64, however many there are.

/// Bits of a word.
const BITS: u32 = u64::BITS;

/// Small numbers, in order. Its memory grows with the largest that was ever in it.
#[derive(Clone, Default, Debug)]
pub(crate) struct Numbers {
    words: Vec<u64>,
    /// Which words have a number in them, where there is more than one word.
    above: Option<Box<Self>>,
}

impl Numbers {
    /// Puts a number in. Harmless when it is there.
    pub(crate) fn insert(&mut self, number: u32) {
        let word = (number / BITS) as usize;
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        let was_empty = self.words[word] == 0;
        self.words[word] |= 1 << (number % BITS);
        if self.words.len() > 1 && (was_empty || self.above.is_none()) {
            let words = &self.words;
            let above = self.above.get_or_insert_with(|| {
                let mut above = Self::default();
                (0..).zip(words).filter(|(_, word)| **word != 0).for_each(|(word, _)| above.insert(word));
                Box::new(above)
            });
            above.insert(number / BITS);
        }
    }

    /// Takes a number out. Harmless when it is not there.
    pub(crate) fn remove(&mut self, number: u32) {
        let Some(word) = self.words.get_mut((number / BITS) as usize).filter(|word| **word != 0) else { return };
        *word &= !(1 << (number % BITS));
        if *word == 0
            && let Some(above) = &mut self.above
        {
            above.remove(number / BITS);
        }
    }

    /// Whether a number is in it.
    #[must_use]
    pub(crate) fn contains(&self, number: u32) -> bool {
        self.words.get((number / BITS) as usize).is_some_and(|word| word & (1 << (number % BITS)) != 0)
    }

    /// The first number that is not less than `from`.
    #[must_use]
    pub(crate) fn first_from(&self, from: u32) -> Option<u32> {
        let word = from / BITS;
        let here = self.words.get(word as usize)? & (u64::MAX << (from % BITS));
        if here != 0 {
            return Some(word * BITS + here.trailing_zeros());
        }
        let word = self.above.as_ref()?.first_from(word + 1)?;
        Some(word * BITS + self.words[word as usize].trailing_zeros())
    }

    /// Takes the first number out that is not less than `from`.
    pub(crate) fn take_from(&mut self, from: u32) -> Option<u32> {
        let number = self.first_from(from)?;
        self.remove(number);
        Some(number)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// It does what a sorted set does, with numbers of one, two and three words above each other.
        #[test]
        fn it_is_a_sorted_set(
            steps in prop::collection::vec((any::<bool>(), prop_oneof![0_u32..70, 0_u32..5_000, 0_u32..300_000]), 1..300),
        ) {
            let (mut numbers, mut model) = (Numbers::default(), BTreeSet::new());
            for (put, number) in steps {
                if put {
                    numbers.insert(number);
                    model.insert(number);
                } else {
                    numbers.remove(number);
                    model.remove(&number);
                }
                for from in [0, number.saturating_sub(1), number, number + 1, number / 2, 299_999] {
                    prop_assert_eq!(numbers.first_from(from), model.range(from..).next().copied());
                    prop_assert_eq!(numbers.contains(from), model.contains(&from));
                }
            }
            let mut left = Vec::new();
            while let Some(number) = numbers.take_from(0) {
                left.push(number);
            }
            prop_assert_eq!(left, Vec::from_iter(model));
        }
    }
}
