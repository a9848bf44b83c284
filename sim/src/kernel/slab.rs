//! Things kept under small numbers that are used again: a place for what is under way, so that it need not be moved
//! from hand to hand. In the steady state nothing is allocated.

/// Things under small numbers.
#[derive(Clone, Debug)]
pub(crate) struct Slab<T> {
    places: Vec<Option<T>>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { places: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slab<T> {
    /// How many things there have been at once, at most.
    #[cfg(test)]
    pub(crate) fn places(&self) -> usize {
        self.places.len()
    }

    /// Keeps a thing; returns its number. Small, so that a thing is made where it will lie.
    #[inline]
    pub(crate) fn put(&mut self, thing: T) -> u32 {
        match self.free.pop() {
            Some(place) => {
                self.places[place as usize] = Some(thing);
                place
            }
            None => {
                self.places.push(Some(thing));
                u32::try_from(self.places.len() - 1).expect("the limits keep every list below 2^32")
            }
        }
    }

    /// The thing under this number, if there is one.
    #[must_use]
    pub(crate) fn get(&self, place: u32) -> Option<&T> {
        self.places.get(place as usize)?.as_ref()
    }

    /// Gives a thing back.
    ///
    /// # Panics
    /// When there is none under this number.
    #[inline]
    pub(crate) fn take(&mut self, place: u32) -> T {
        self.free.push(place);
        self.places[place as usize].take().expect("a thing is taken once")
    }

    /// All things and their numbers, in the order of these.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        (0..).zip(&self.places).filter_map(|(number, thing)| Some((number, thing.as_ref()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_used_again() {
        let mut slab = Slab::default();
        let (one, two) = (slab.put("one"), slab.put("two"));
        assert_eq!(slab.take(one), "one");
        let three = slab.put("three");
        assert_eq!((slab.take(three), slab.take(two)), ("three", "two"));
        assert_eq!((slab.places(), slab.iter().count()), (2, 0));
    }
}
