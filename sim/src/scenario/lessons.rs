//! The lessons that are built in: the workspace's `scenarios/*.toml`.

/// A scenario that is built in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lesson {
    /// Its file's name without ending.
    pub name: &'static str,
    /// The file.
    pub text: &'static str,
}

/// All lessons, in the order of their names.
#[must_use]
pub fn lessons() -> &'static [Lesson] {
    include!(concat!(env!("OUT_DIR"), "/lessons.rs"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lessons_stand_in_the_order_of_their_names_and_are_read_without_problems() {
        assert!(lessons().is_sorted_by(|a, b| a.name < b.name));
        let read = |lesson: &Lesson| crate::scenario::read(&format!("{}.toml", lesson.name), lesson.text).err();
        let problems: String = lessons().iter().filter_map(read).map(|problems| problems.to_string()).collect();
        assert!(problems.is_empty(), "{problems}");
    }
}
