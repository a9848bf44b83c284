//! A growing table whose copies share what neither has changed.
//!
//! A snapshot of a world holds a little about every message there ever was. Almost all of it never changes again, so
//! the table lies in pages that copies share until one of them writes.

use std::sync::Arc;

/// Items in a page.
const PAGE: usize = 1024;

/// A table of small items by index, as long as it has been written to; what was never written is the default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pages<T> {
    pages: Vec<Arc<[T; PAGE]>>,
}

impl<T> Default for Pages<T> {
    fn default() -> Self {
        Self { pages: Vec::new() }
    }
}

impl<T: Copy + Default> Pages<T> {
    /// The item at `index`.
    #[must_use]
    pub fn get(&self, index: usize) -> T {
        self.pages.get(index / PAGE).map_or_else(T::default, |page| page[index % PAGE])
    }

    /// The item at `index`, to be changed.
    pub fn get_mut(&mut self, index: usize) -> &mut T {
        while self.pages.len() <= index / PAGE {
            self.pages.push(Arc::new([T::default(); PAGE]));
        }
        &mut Arc::make_mut(&mut self.pages[index / PAGE])[index % PAGE]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_keeps_what_it_had() {
        let mut table = Pages::<u8>::default();
        *table.get_mut(5_000) = 7;
        let copy = table.clone();
        *table.get_mut(5_000) = 8;
        *table.get_mut(1) = 1;
        assert_eq!((copy.get(5_000), copy.get(1), copy.get(9_999)), (7, 0, 0));
        assert_eq!((table.get(5_000), table.get(1)), (8, 1));
        assert!(Arc::ptr_eq(&table.pages[2], &copy.pages[2]));
    }
}
