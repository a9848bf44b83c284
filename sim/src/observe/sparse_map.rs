//! Maps from ids to values where most ids may have none: [`SparseMap`] for a window that is open, with every value at hand,
//! and the compact [`SparseRow`] for one that is over. They do not know what the ids are of.

/// A value of a window that can be merged with the value of the next one.
pub(super) trait Merge: Clone {
    /// Takes up the value of a later window.
    fn merge(&mut self, later: &Self);
}

impl<T: Merge> Merge for Box<T> {
    fn merge(&mut self, later: &Self) {
        (**self).merge(later);
    }
}

/// The largest value of something.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Maximum<T>(pub(super) T);

impl<T: Ord + Copy> Merge for Maximum<T> {
    fn merge(&mut self, later: &Self) {
        *self = (*later).max(*self);
    }
}

/// A value for some ids, found at once by its id.
#[derive(Clone, Debug)]
pub(super) struct SparseMap<T> {
    by_id: Vec<Option<T>>,
    /// The ids that have a value, in the order in which they got one.
    ids: Vec<u32>,
}

impl<T> Default for SparseMap<T> {
    fn default() -> Self {
        Self { by_id: Vec::new(), ids: Vec::new() }
    }
}

impl<T: Merge> SparseMap<T> {
    pub(super) fn get(&self, id: usize) -> Option<&T> {
        self.by_id.get(id).and_then(Option::as_ref)
    }

    /// Merges a later value into that of an id.
    #[inline]
    pub(super) fn merge(&mut self, id: usize, later: T) {
        match self.by_id.get_mut(id) {
            Some(Some(value)) => value.merge(&later),
            _ => self.insert(id, later),
        }
    }

    /// The value of an id, to be added to.
    #[inline]
    pub(super) fn get_or_default(&mut self, id: usize) -> &mut T
    where
        T: Default,
    {
        if self.get(id).is_none() {
            self.insert(id, T::default());
        }
        self.by_id[id].get_or_insert_default()
    }

    #[cold]
    fn insert(&mut self, id: usize, value: T) {
        if self.by_id.len() <= id {
            self.by_id.resize_with(id + 1, || None);
        }
        self.by_id[id] = Some(value);
        self.ids.push(id as u32);
    }

    /// All values.
    pub(super) fn values(&self) -> impl Iterator<Item = &T> {
        self.ids.iter().filter_map(|id| self.get(*id as usize))
    }

    /// All values with their ids, in the order of these.
    pub(super) fn entries(&self) -> impl Iterator<Item = (usize, &T)> {
        self.by_id.iter().enumerate().filter_map(|(id, value)| value.as_ref().map(|value| (id, value)))
    }

    /// Removes all values, and keeps the memory.
    pub(super) fn clear(&mut self) {
        for id in self.ids.drain(..) {
            self.by_id[id as usize] = None;
        }
    }

    /// Removes all values, and gives those of the wanted ids.
    pub(super) fn take(&mut self, wanted: impl Fn(u32) -> bool) -> SparseRow<T> {
        self.ids.sort_unstable();
        let by_id = &mut self.by_id;
        let taken = self.ids.drain(..).filter_map(|id| by_id[id as usize].take().map(|value| (id, value)));
        SparseRow(taken.filter(|(id, _)| wanted(*id)).collect())
    }

    /// Merges the values of a later row: that of one id, or all.
    pub(super) fn merge_row(&mut self, row: &SparseRow<T>, only: Option<u32>) {
        let entries = match only {
            None => &row.0[..],
            Some(id) => row.0.binary_search_by_key(&id, |(id, _)| *id).map_or(&[][..], |place| &row.0[place..=place]),
        };
        for (id, later) in entries {
            match self.by_id.get_mut(*id as usize) {
                Some(Some(value)) => value.merge(later),
                _ => self.insert(*id as usize, later.clone()),
            }
        }
    }
}

/// Values with their ids, in the order of these.
#[derive(Clone, Debug)]
pub(super) struct SparseRow<T>(Vec<(u32, T)>);

impl<T: Merge> SparseRow<T> {
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// This row merged with that of the next window.
    pub(super) fn merged(&self, later: &Self) -> Self {
        let mut all = Vec::with_capacity(self.0.len() + later.0.len());
        let mut later = later.0.iter().peekable();
        for (id, value) in &self.0 {
            while let Some(other) = later.next_if(|(other, _)| other < id) {
                all.push(other.clone());
            }
            let mut value = value.clone();
            if let Some((_, other)) = later.next_if(|(other, _)| other == id) {
                value.merge(other);
            }
            all.push((*id, value));
        }
        all.extend(later.cloned());
        Self(all)
    }
}
