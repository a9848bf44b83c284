//! Names that a scenario may have, one for each thing of a space of names. It does not know what the things are.

use std::collections::{BTreeMap, BTreeSet};

use crate::limit;

/// Room for a number behind a name that is taken.
const ROOM: usize = 12;

/// A space of names.
#[derive(Debug, Default)]
pub(super) struct GivenNames {
    taken: BTreeSet<String>,
    /// The number that is to be tried next behind a name, so that a thousand of one name take no million tries.
    next: BTreeMap<String, u32>,
}

impl GivenNames {
    /// Gives something a name as near as can be to `wanted`; where `count` is above 1 the numbered names that stand for
    /// several, too.
    pub(super) fn give(&mut self, wanted: &str, count: usize) -> String {
        let allowed = allowed(wanted);
        let mut name = allowed.clone();
        while !self.is_free(&name, count) {
            let number = self.next.entry(allowed.clone()).or_insert(1);
            *number += 1;
            name = format!("{allowed}-{number}");
        }
        if count > 1 {
            self.taken.extend((1..=count).map(|number| format!("{name}-{number}")));
        }
        self.taken.insert(name.clone());
        name
    }

    fn is_free(&self, name: &str, count: usize) -> bool {
        !self.taken.contains(name)
            && (count == 1 || (1..=count).all(|number| !self.taken.contains(&format!("{name}-{number}"))))
    }
}

/// The name without what a scenario does not allow in one, and short enough.
fn allowed(name: &str) -> String {
    let replaced: String =
        name.chars().map(|c| if matches!(c, '#' | '/') || c.is_control() { '-' } else { c }).collect();
    let mut end = replaced.len().min(limit::NAME_CHARACTERS - ROOM);
    while !replaced.is_char_boundary(end) {
        end -= 1;
    }
    match &replaced[..end] {
        "" => "unnamed".to_owned(),
        short => short.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_left_as_it_is_where_that_is_allowed() {
        let mut names = GivenNames::default();
        assert_eq!(names.give("MQ_INST_1%orders|eu", 1), "MQ_INST_1%orders|eu");
        assert_eq!(names.give("a/b#c\n", 1), "a-b-c-");
        assert_eq!(names.give("", 1), "unnamed");
        let long = names.give(&"主".repeat(100), 1);
        assert!(long.len() <= limit::NAME_CHARACTERS && long.chars().all(|c| c == '主'), "{long}");
    }

    #[test]
    fn no_two_have_one_name_nor_one_that_stands_for_several() {
        let mut names = GivenNames::default();
        assert_eq!([names.give("a", 1), names.give("a", 1), names.give("a", 1)], ["a", "a-2", "a-3"]);
        // `b-1` to `b-3` are its names.
        assert_eq!([names.give("b", 3), names.give("b-2", 1)], ["b", "b-2-2"]);
        assert_eq!([names.give("c-2", 1), names.give("c", 2)], ["c-2", "c-3"]);
    }
}
