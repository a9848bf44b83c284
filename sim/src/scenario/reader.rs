//! The reader: collects the problems of a file. Each part is read to its end, whatever is wrong before it.
//!
//! It knows the file's text and places, not what the keys mean.

use std::collections::BTreeSet;
use std::fmt::Display;

use super::diagnostic::{Diagnostics, LineStarts, Problem};
use super::profile::Profile;
use super::written::{TomlItem, TomlPlace, TomlShape};

/// Words longer than this are not compared with others.
const LONGEST_WORD: usize = 100;

/// Comparisons that one file may cost: a file of nothing but wrong names gets its suggestions for the first ones.
const PATIENCE: usize = 200_000;

/// Collects the problems of one file.
pub(crate) struct ScenarioReader<'t> {
    text: &'t str,
    lines: LineStarts,
    /// The set of defaults that the file asks for.
    pub(crate) profile: Profile,
    problems: Vec<Problem>,
    /// Warnings: the file is sound there, but perhaps means something else.
    warnings: Vec<Problem>,
    /// The lines that are no TOML.
    unreadable: BTreeSet<usize>,
    patience: usize,
}

impl<'t> ScenarioReader<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self {
            text,
            lines: LineStarts::of(text),
            profile: Profile::Classroom,
            problems: Vec::new(),
            warnings: Vec::new(),
            unreadable: BTreeSet::new(),
            patience: PATIENCE,
        }
    }

    /// A problem at a place. On lines that are no TOML only that is reported: the rest would be nonsense.
    pub(crate) fn report(
        &mut self,
        place: TomlPlace,
        message: impl Into<String>,
        label: impl Into<String>,
        help: Option<String>,
    ) {
        let place = self.within(place);
        let TomlPlace { start, end } = place;
        if self.unreadable.range(self.lines.line(start)..=self.lines.line(end)).next().is_none() {
            self.problems.push(Problem { place: start..end, message: message.into(), label: label.into(), help });
        }
    }

    /// Something is sound, and does not do what it seems to say.
    pub(crate) fn warn(&mut self, place: TomlPlace, message: String, label: String, help: String) {
        let TomlPlace { start, end } = self.within(place);
        self.warnings.push(Problem { place: start..end, message, label, help: Some(help) });
    }

    /// Reports something that is not there. In a file with lines that are no TOML it may only be unreadable: nothing is
    /// reported.
    pub(crate) fn absent(
        &mut self,
        place: TomlPlace,
        message: impl Into<String>,
        label: impl Into<String>,
        help: Option<String>,
    ) {
        if self.is_whole() {
            self.report(place, message, label, help);
        }
    }

    /// Reports a place that is no TOML, if it is the first of its line.
    pub(crate) fn syntax_error(
        &mut self,
        place: TomlPlace,
        message: impl Into<String>,
        label: &str,
        help: Option<&str>,
    ) {
        self.report(place, message, label, help.map(str::to_owned));
        self.mark_unreadable(place);
    }

    /// Marks a place that is no TOML because of another one. With a header all below it is unreadable: the keys there would
    /// be taken for those of the table before.
    pub(crate) fn mark_unreadable(&mut self, place: TomlPlace) {
        let place = self.within(place);
        let mut line = self.line(place);
        self.unreadable.insert(line);
        let is_header = |text: &str| {
            let name = text.trim_start_matches('[');
            name.len() < text.len() && name.trim_start().starts_with(|c: char| c.is_alphanumeric() || c == '_')
        };
        let rest = self.text[place.start..].lines().next().unwrap_or("");
        if is_header(rest) || self.lines.text(self.text, line).trim_start().starts_with('[') {
            line += 1;
            while line <= self.lines.count()
                && !self.lines.text(self.text, line).trim_start().starts_with('[')
                && self.unreadable.insert(line)
            {
                line += 1;
            }
        }
    }

    /// The value of `key` is not what was expected. A hole has been reported as such.
    pub(crate) fn wrong(&mut self, key: &str, item: &TomlItem, expected: impl Display, help: Option<String>) {
        if !matches!(item.shape, TomlShape::Hole) {
            let found = self.written(item);
            self.report(
                item.place,
                format!("`{key}` is {found}, expected {expected}"),
                format!("expected {expected}"),
                help,
            );
        }
    }

    /// An item as the file writes it, or what it is where that is long.
    pub(crate) fn written(&self, item: &TomlItem) -> String {
        let text = self.slice(item.place);
        if text.len() <= 60 && !text.is_empty() && !text.contains(['\n', '\r']) {
            text.to_owned()
        } else {
            item.shape.what().to_owned()
        }
    }

    /// The text of a place.
    pub(crate) fn slice(&self, place: TomlPlace) -> &'t str {
        self.text.get(place.start..place.end).unwrap_or("")
    }

    /// The line of a place, from 1.
    pub(crate) fn line(&self, place: TomlPlace) -> usize {
        self.lines.line(place.start)
    }

    /// Whether all of the file is TOML.
    pub(crate) fn is_whole(&self) -> bool {
        self.unreadable.is_empty()
    }

    /// The candidate nearest to `word`, where one is near.
    pub(crate) fn near<'c>(&mut self, word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
        let length = word.chars().count();
        if length > LONGEST_WORD {
            return None;
        }
        let within = (length / 3).max(1);
        let folded = word.to_lowercase();
        let mut nearest = None;
        for candidate in candidates {
            let Some(left) = self.patience.checked_sub(1) else { break };
            self.patience = left;
            if candidate.len() > 4 * LONGEST_WORD {
                continue;
            }
            let other = candidate.to_lowercase();
            let begins =
                folded.len().min(other.len()) >= 3 && (other.starts_with(&folded) || folded.starts_with(&other));
            let distance = strsim::osa_distance(&folded, &other).min(if begins { within } else { usize::MAX });
            if distance <= within && nearest.is_none_or(|(least, _)| distance < least) {
                nearest = Some((distance, candidate));
            }
        }
        nearest.map(|(_, candidate)| candidate)
    }

    /// Help for a word that is none of the candidates: the nearest one, or all where they are few.
    pub(crate) fn suggest<'c, I>(&mut self, word: &str, candidates: I) -> Option<String>
    where
        I: IntoIterator<Item = &'c str> + Clone,
    {
        if let Some(near) = self.near(word, candidates.clone()) {
            return Some(format!("did you mean `{near}`?"));
        }
        let few: Vec<String> = candidates.into_iter().take(41).map(|word| format!("`{word}`")).collect();
        match few.len() {
            0 => Some("there is none at all".to_owned()),
            1..=40 => Some(format!("there is {}", and(&few))),
            _ => None,
        }
    }

    /// Whether anything was wrong, and then all of it.
    pub(crate) fn finish(self, file: &str) -> Result<Option<Diagnostics>, Diagnostics> {
        let Self { text, lines, problems, warnings, .. } = self;
        if problems.is_empty() {
            return Ok((!warnings.is_empty()).then(|| Diagnostics::new(file, text, lines, warnings)));
        }
        Err(Diagnostics::new(file, text, lines, problems))
    }

    /// The place inside the text and between whole characters.
    fn within(&self, place: TomlPlace) -> TomlPlace {
        let mut start = place.start.min(self.text.len());
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        let mut end = place.end.clamp(start, self.text.len());
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        TomlPlace { start, end }
    }
}

/// The words as a list in a sentence.
pub(crate) fn and(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_suggested_if_it_is_near() {
        let mut reader = ScenarioReader::new("");
        let words = ["service_time", "service", "retries", "retention", "g"];
        for (word, near) in [
            ("servicetime", Some("service_time")),
            ("serivce", Some("service")),
            ("Retries", Some("retries")),
            ("retent", Some("retention")),
            ("gg", Some("g")),
            ("colour", None),
            ("", Some("g")),
        ] {
            assert_eq!(reader.near(word, words), near, "{word}");
        }
        assert_eq!(reader.near(&"g".repeat(LONGEST_WORD + 1), words), None);
    }

    #[test]
    fn suggestions_end_before_they_take_long() {
        let mut reader = ScenarioReader::new("");
        let many: Vec<String> = (0..=PATIENCE).map(|n| format!("a name of some length {n}")).collect();
        assert_eq!(reader.near("far", many.iter().map(String::as_str)), None);
        assert_eq!(reader.near("a name of some length 1", many.iter().map(String::as_str)), None);
    }

    #[test]
    fn a_place_is_kept_within_the_text_and_between_its_characters() {
        let reader = ScenarioReader::new("主从");
        assert_eq!(reader.within(TomlPlace { start: 1, end: 4 }), TomlPlace { start: 0, end: 6 });
        assert_eq!(reader.within(TomlPlace { start: 6, end: 99 }), TomlPlace { start: 6, end: 6 });
        assert_eq!(reader.within(TomlPlace { start: 7, end: 2 }), TomlPlace { start: 6, end: 6 });
    }
}
