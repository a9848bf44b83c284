//! Things by their names, some of which were printed without their ends. It does not know what the things are.

use std::collections::{BTreeMap, BTreeSet};

/// A name as it was printed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct PrintedName {
    pub(super) name: String,
    /// Whether more of it may have been cut off.
    pub(super) cut: bool,
}

impl PrintedName {
    pub(super) fn whole(name: impl Into<String>) -> Self {
        Self { name: name.into(), cut: false }
    }
}

/// Things by their names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct ByName<T> {
    known: BTreeMap<String, T>,
    /// The names among them that may be the beginnings of longer ones.
    cut: BTreeSet<String>,
}

impl<T> Default for ByName<T> {
    fn default() -> Self {
        Self { known: BTreeMap::new(), cut: BTreeSet::new() }
    }
}

impl<T: Default> ByName<T> {
    /// The thing of that name; a new one where there was none.
    pub(super) fn entry(&mut self, name: &PrintedName) -> &mut T {
        if !name.cut {
            self.cut.remove(&name.name);
        } else if !self.known.contains_key(&name.name) {
            self.cut.insert(name.name.clone());
        }
        self.known.entry(name.name.clone()).or_default()
    }

    pub(super) fn get(&self, name: &str) -> Option<&T> {
        self.known.get(name)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.known.iter().map(|(name, it)| (name.as_str(), it))
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.known.values_mut()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Whether more of the name may have been cut off.
    pub(super) fn is_cut(&self, name: &str) -> bool {
        self.cut.contains(name)
    }

    /// Puts what has a cut name with what has the whole one, where it is clear which that is. The whole names, by the cut.
    pub(super) fn complete(&mut self, join: impl Fn(&mut T, T)) -> BTreeMap<String, String> {
        let whole = |cut: &String| {
            let longer = self.known.range(cut.clone()..).take_while(|(name, _)| name.starts_with(cut.as_str()));
            let mut longer = longer.map(|(name, _)| name).filter(|name| !self.cut.contains(*name));
            let found = longer.next()?;
            longer.next().is_none().then(|| (cut.clone(), found.clone()))
        };
        let completed: BTreeMap<String, String> = self.cut.iter().filter_map(whole).collect();
        for (cut, whole) in &completed {
            self.cut.remove(cut);
            if let (Some(part), Some(it)) = (self.known.remove(cut), self.known.get_mut(whole)) {
                join(it, part);
            }
        }
        completed
    }
}

/// Everything of both maps; what both have is put together by `choose`.
pub(super) fn join<V>(map: &mut BTreeMap<String, V>, part: BTreeMap<String, V>, choose: impl Fn(&mut V, V)) {
    for (name, value) in part {
        match map.get_mut(&name) {
            Some(it) => choose(it, value),
            None => {
                map.insert(name, value);
            }
        }
    }
}

/// Under the whole names what was there under the cut ones.
pub(super) fn rename<V>(
    map: &mut BTreeMap<String, V>,
    completed: &BTreeMap<String, String>,
    choose: impl Fn(&mut V, V),
) {
    let old: Vec<String> = map.keys().filter(|name| completed.contains_key(*name)).cloned().collect();
    for cut in old {
        if let (Some(whole), Some(value)) = (completed.get(&cut), map.remove(&cut)) {
            join(map, BTreeMap::from([(whole.clone(), value)]), &choose);
        }
    }
}
