//! The lessons that are built in, the workspace's `scenarios/*.toml`, and how a user names one: by its name, or by its
//! number.

/// A scenario that is built in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
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

/// Why a word names no lesson.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NotNamed {
    /// No lesson has this name or number.
    Unknown,
    /// It is the number of these lessons, by their names.
    Several(Vec<&'static str>),
}

impl Lesson {
    /// Its number, and the rest of its name.
    fn numbered(&self) -> (Option<u32>, &'static str) {
        match self.name.split_once('-') {
            Some((number, rest)) => (number.parse().ok(), rest),
            None => (None, self.name),
        }
    }
}

/// The lesson of that name, or of that number where only one has it: `12-failover`, `12`.
///
/// # Errors
/// Why there is none.
pub fn lesson(word: &str) -> Result<&'static Lesson, NotNamed> {
    if let Some(lesson) = lessons().iter().find(|lesson| lesson.name == word) {
        return Ok(lesson);
    }
    let numbered: Vec<&Lesson> = match word.parse::<u32>() {
        Ok(number) => lessons().iter().filter(|lesson| lesson.numbered().0 == Some(number)).collect(),
        Err(_) => Vec::new(),
    };
    match numbered[..] {
        [lesson] => Ok(lesson),
        [] => Err(NotNamed::Unknown),
        _ => Err(NotNamed::Several(numbered.iter().map(|lesson| lesson.name).collect())),
    }
}

/// The names that a word may have stood for, the nearest first, at most three: of lessons, and of `others`, such as the files
/// beside one that is not there.
pub fn near(word: &str, others: impl Iterator<Item = String>) -> Vec<String> {
    let others = others.filter_map(|name| Some((distance(word, &name)?, name)));
    let built_in = lessons().iter().filter_map(|lesson| {
        let distances = [distance(word, lesson.name), distance(word, lesson.numbered().1)];
        Some((distances.into_iter().flatten().min()?, lesson.name.to_owned()))
    });
    let mut near: Vec<(usize, String)> = others.chain(built_in).collect();
    near.sort();
    near.into_iter().take(3).map(|(_, name)| name).collect()
}

/// How far a word is from a name, where it is near enough to have been meant: a few letters, or a part of it.
fn distance(word: &str, name: &str) -> Option<usize> {
    let bare = |text: &str| text.strip_suffix(".toml").unwrap_or(text).to_lowercase();
    let (word, name) = (bare(word), bare(name));
    let letters = word.chars().count();
    if letters >= 3 && name.contains(&word) {
        return Some(0);
    }
    let distance = strsim::osa_distance(&word, &name);
    (letters < 100 && distance <= (letters / 3).max(1)).then_some(distance)
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

    #[test]
    fn a_number_names_a_lesson_where_only_one_has_it() {
        for wanted in lessons() {
            assert_eq!(lesson(wanted.name), Ok(wanted));
            let (Some(number), _) = wanted.numbered() else { continue };
            let same = lessons().iter().filter(|other| other.numbered().0 == Some(number));
            let same: Vec<&str> = same.map(|lesson| lesson.name).collect();
            for word in [number.to_string(), format!("{number:02}")] {
                let expected = if same.len() == 1 { Ok(wanted) } else { Err(NotNamed::Several(same.clone())) };
                assert_eq!(lesson(&word), expected, "{word}");
            }
        }
        assert_eq!(["99", "-1", "", "failover"].map(lesson), [const { Err(NotNamed::Unknown) }; 4]);
    }

    #[test]
    fn a_name_is_near_with_a_slip_or_as_a_part() {
        assert_eq!(distance("01-frist-message", "01-first-message"), Some(1));
        assert_eq!(distance("mine", "mine.toml"), Some(0));
        assert_eq!(distance("failover", "12-failover"), Some(0));
        assert_eq!(distance("orders", "flash-sale"), None);
        assert_eq!(distance("a", "flash-sale"), None);
        assert_eq!(near("failovr", ["failover.toml".to_owned()].into_iter())[..2], ["12-failover", "failover.toml"]);
    }
}
