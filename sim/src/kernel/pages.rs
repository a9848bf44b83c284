//! A growing table whose copies share what neither has changed.
//!
//! A snapshot of a world holds a little about every message there ever was. Almost all of it never changes again, so
//! the table lies in pages that copies share until one of them writes. The last page or two, where nearly all writing
//! happens, are each copy's own: to write there takes no atomic instruction.

use std::sync::Arc;

/// Items in a page.
const PAGE: usize = 1024;

/// A table of small items by index, as long as it has been written to; what was never written is the default.
#[derive(Clone, Debug)]
pub struct Pages<T> {
    shared: Vec<Arc<[T; PAGE]>>,
    /// What comes after those, up to two pages.
    own: Vec<T>,
}

impl<T> Default for Pages<T> {
    fn default() -> Self {
        Self { shared: Vec::new(), own: Vec::new() }
    }
}

impl<T: Copy + Default> Pages<T> {
    /// The item at `index`.
    #[must_use]
    pub fn get(&self, index: usize) -> T {
        match index.checked_sub(self.shared.len() * PAGE) {
            Some(place) => self.own.get(place).copied().unwrap_or_default(),
            None => self.shared[index / PAGE][index % PAGE],
        }
    }

    /// The item at `index`, to be changed.
    #[inline]
    pub fn get_mut(&mut self, index: usize) -> &mut T {
        if index >= self.shared.len() * PAGE + self.own.len() {
            self.grow(index);
        }
        match index.checked_sub(self.shared.len() * PAGE) {
            Some(place) => &mut self.own[place],
            None => &mut Arc::make_mut(&mut self.shared[index / PAGE])[index % PAGE],
        }
    }

    /// Makes room up to `index`: a full page is shared from now on when there are two.
    #[cold]
    fn grow(&mut self, index: usize) {
        while index >= (self.shared.len() + 2) * PAGE {
            self.own.resize(self.own.len().max(PAGE), T::default());
            let mut page = [T::default(); PAGE];
            page.copy_from_slice(&self.own[..PAGE]);
            self.own.drain(..PAGE);
            self.shared.push(Arc::new(page));
        }
        // A page at a time, so that it is not called for each item.
        let place = index - self.shared.len() * PAGE;
        self.own.resize((place / PAGE + 1) * PAGE, T::default());
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
