//! A growing table whose copies share what neither has changed.
//!
//! A snapshot of a run holds a little about every message there ever was. Almost all of it never changes again, so
//! the table lies in pages that copies share until one of them writes. The last page or so, where nearly all writing
//! happens, is each copy's own: to write there takes no atomic instruction.

use std::sync::Arc;

/// Items before the last one that are still written to: as many messages as are under way from one sender.
const LATE: usize = 128;
/// By how many items a copy's own part grows, so that it does not for each one.
const ROOM: usize = 64;

/// A table of small items by index, as long as it has been written to; what was never written is the default.
///
/// The larger a page is, the more of the table is each copy's own; the smaller, the more often memory is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Pages<T, const PAGE: usize = 1024> {
    shared: Vec<Arc<[T; PAGE]>>,
    /// Items of those.
    before: usize,
    /// What comes after them.
    own: Vec<T>,
}

impl<T, const PAGE: usize> Default for Pages<T, PAGE> {
    fn default() -> Self {
        Self { shared: Vec::new(), before: 0, own: Vec::new() }
    }
}

impl<T: Copy + Default, const PAGE: usize> Pages<T, PAGE> {
    /// The item at `index`.
    #[must_use]
    pub(crate) fn get(&self, index: usize) -> T {
        match index.checked_sub(self.before) {
            Some(place) => self.own.get(place).copied().unwrap_or_default(),
            None => self.shared[index / PAGE][index % PAGE],
        }
    }

    /// From this index on nothing was ever written.
    #[must_use]
    pub(crate) const fn end(&self) -> usize {
        self.before + self.own.len()
    }

    /// The item at `index`, to be changed.
    #[inline]
    pub(crate) fn get_mut(&mut self, index: usize) -> &mut T {
        // What is shared is far beyond the end, this way.
        let place = index.wrapping_sub(self.before);
        if place < self.own.len() {
            return &mut self.own[place];
        }
        self.far(index)
    }

    /// The item at `index`, which is shared, or new.
    #[cold]
    fn far(&mut self, index: usize) -> &mut T {
        if index < self.before {
            return &mut Arc::make_mut(&mut self.shared[index / PAGE])[index % PAGE];
        }
        while index - self.before >= PAGE + LATE {
            self.share();
        }
        let place = index - self.before;
        self.own.resize((place + 1).next_multiple_of(ROOM), T::default());
        &mut self.own[place]
    }

    /// The first page of what is its own is shared from now on.
    fn share(&mut self) {
        self.own.resize(self.own.len().max(PAGE), T::default());
        let page: [T; PAGE] = self.own[..PAGE].try_into().expect("there is a page at least");
        self.own.drain(..PAGE);
        self.shared.push(Arc::new(page));
        self.before += PAGE;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_keeps_what_it_had_and_shares_what_did_not_change() {
        let mut table = Pages::<u16>::default();
        for index in 0..5_000 {
            *table.get_mut(index) = index as u16;
        }
        let copy = table.clone();
        *table.get_mut(4_999) = 1;
        *table.get_mut(1) = 2;
        assert_eq!((copy.get(4_999), copy.get(1), copy.get(9_999)), (4_999, 1, 0));
        assert_eq!((table.get(4_999), table.get(1)), (1, 2));
        assert!((2..5_000 - 1).all(|index| table.get(index) == index as u16));
        assert!(Arc::ptr_eq(&table.shared[1], &copy.shared[1]));
    }

    #[test]
    fn what_was_leapt_over_is_the_default() {
        let mut table = Pages::<u8>::default();
        *table.get_mut(1) = 3;
        *table.get_mut(7_000) = 7;
        *table.get_mut(5_000) = 5;
        let written: Vec<usize> = (0..20_000).filter(|index| table.get(*index) > 0).collect();
        assert_eq!(written, [1, 5_000, 7_000]);
    }
}
