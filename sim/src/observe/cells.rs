//! A value for each of something, by its id, where most may have none: at hand for the stretch that lasts, in a row for
//! one that is over. What they are of it does not know.

/// What can be put together with what comes later in time.
pub(super) trait JoinCells: Clone {
    /// With what comes after it.
    fn join(&mut self, later: &Self);
}

impl<T: JoinCells> JoinCells for Box<T> {
    fn join(&mut self, later: &Self) {
        (**self).join(later);
    }
}

/// The largest of something.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Most<T>(pub(super) T);

impl<T: Ord + Copy> JoinCells for Most<T> {
    fn join(&mut self, later: &Self) {
        *self = (*later).max(*self);
    }
}

/// A cell for each, filled when there is first something to be put there.
#[derive(Clone, Debug)]
pub(super) struct Cells<T> {
    by_id: Vec<Option<T>>,
    /// Those that are not empty, in the order in which they were filled.
    filled: Vec<u32>,
}

impl<T> Default for Cells<T> {
    fn default() -> Self {
        Self { by_id: Vec::new(), filled: Vec::new() }
    }
}

impl<T: JoinCells> Cells<T> {
    pub(super) fn get(&self, id: usize) -> Option<&T> {
        self.by_id.get(id).and_then(Option::as_ref)
    }

    /// Puts something to what is in a cell.
    #[inline]
    pub(super) fn put(&mut self, id: usize, new: T) {
        match self.by_id.get_mut(id) {
            Some(Some(cell)) => cell.join(&new),
            _ => self.fill(id, new),
        }
    }

    /// A cell, to be added to.
    #[inline]
    pub(super) fn open(&mut self, id: usize) -> &mut T
    where
        T: Default,
    {
        if self.get(id).is_none() {
            self.fill(id, T::default());
        }
        self.by_id[id].get_or_insert_default()
    }

    #[cold]
    fn fill(&mut self, id: usize, new: T) {
        if self.by_id.len() <= id {
            self.by_id.resize_with(id + 1, || None);
        }
        self.by_id[id] = Some(new);
        self.filled.push(id as u32);
    }

    /// What is in the cells that are not empty.
    pub(super) fn filled(&self) -> impl Iterator<Item = &T> {
        self.filled.iter().filter_map(|id| self.get(*id as usize))
    }

    /// The same with their ids, in order of these.
    pub(super) fn by_id(&self) -> impl Iterator<Item = (usize, &T)> {
        self.by_id.iter().enumerate().filter_map(|(id, cell)| cell.as_ref().map(|cell| (id, cell)))
    }

    /// Empties all cells, and keeps the room.
    pub(super) fn clear(&mut self) {
        for id in self.filled.drain(..) {
            self.by_id[id as usize] = None;
        }
    }

    /// Empties all cells; what was in those that are wanted.
    pub(super) fn take(&mut self, wanted: impl Fn(u32) -> bool) -> Row<T> {
        self.filled.sort_unstable();
        let by_id = &mut self.by_id;
        let taken = self.filled.drain(..).filter_map(|id| by_id[id as usize].take().map(|cell| (id, cell)));
        Row(taken.filter(|(id, _)| wanted(*id)).collect())
    }

    /// Puts what a later row has to what is in the cells: of one, or of all.
    pub(super) fn add(&mut self, row: &Row<T>, of: Option<u32>) {
        let cells = match of {
            None => &row.0[..],
            Some(id) => row.0.binary_search_by_key(&id, |(id, _)| *id).map_or(&[][..], |place| &row.0[place..=place]),
        };
        for (id, new) in cells {
            match self.by_id.get_mut(*id as usize) {
                Some(Some(cell)) => cell.join(new),
                _ => self.fill(*id as usize, new.clone()),
            }
        }
    }
}

/// Those that have a value, with their ids, in order of these.
#[derive(Clone, Debug)]
pub(super) struct Row<T>(Vec<(u32, T)>);

impl<T: JoinCells> Row<T> {
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// This, and the row that comes after it in time.
    pub(super) fn joined(&self, later: &Self) -> Self {
        let mut all = Vec::with_capacity(self.0.len() + later.0.len());
        let mut later = later.0.iter().peekable();
        for (id, cell) in &self.0 {
            while let Some(other) = later.next_if(|(other, _)| other < id) {
                all.push(other.clone());
            }
            let mut cell = cell.clone();
            if let Some((_, other)) = later.next_if(|(other, _)| other == id) {
                cell.join(other);
            }
            all.push((*id, cell));
        }
        all.extend(later.cloned());
        Self(all)
    }
}
