//! Words for people, in both languages: the languages, tables of texts side by side, and how their places are filled.
//!
//! Report, command line and window each declare words of their own as a table ([`words!`](crate::words!)) and write alike
//! what they have in common: [`figure`] is how times and numbers are written, [`record`] a record as a sentence.
//!
//! ```
//! use queuescope::words::{Language, fill};
//!
//! queuescope::words! {
//!     /// Words about a queue.
//!     enum Word {
//!         Empty: "nothing waits", "没有等待的消息";
//!         Between: "{} from {} to {}", "从 {1} 到 {2} 的 {0}";
//!     }
//! }
//!
//! assert_eq!(Word::Empty.text(Language::English), "nothing waits");
//! let parts = ["orders-0", "7", "9"];
//! assert_eq!(fill(Word::Between.text(Language::English), &parts), "orders-0 from 7 to 9");
//! assert_eq!(fill(Word::Between.text(Language::Chinese), &parts), "从 7 到 9 的 orders-0");
//! ```
//!
//! It knows what a plan names and what a record says, and nothing of where a text is shown.

pub mod figure;
pub mod record;

use crate::plan::Text;

/// A language for people.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// 简体中文.
    Chinese,
}

impl Language {
    /// Both.
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// Its code, as `--lang` takes it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }

    /// The language of a code.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }

    /// Its name, in itself.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "简体中文",
        }
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::English => Self::Chinese,
            Self::Chinese => Self::English,
        }
    }

    /// A text of a scenario, in this language.
    #[must_use]
    pub fn of(self, text: &Text) -> &str {
        match self {
            Self::English => &text.en,
            Self::Chinese => &text.zh,
        }
    }
}

/// Declares a table of words: an enum whose variants have a text in each language, English first.
///
/// A text that is missing does not compile, nor do two texts with different places. The enum has `ALL`, every one of its
/// words, and `text`, a word in a language, with places for [`fill`](crate::words::fill):
///
/// ```
/// queuescope::words! {
///     /// Words of a greeting.
///     pub enum Greeting {
///         Hello: "Hello, {}", "你好，{}";
///     }
/// }
/// assert_eq!(Greeting::ALL.len(), 1);
/// ```
///
/// ```compile_fail
/// queuescope::words! {
///     /// The Chinese text has no place for the name.
///     pub enum Greeting {
///         Hello: "Hello, {}", "你好";
///     }
/// }
/// ```
#[macro_export]
macro_rules! words {
    ($(#[$about:meta])* $access:vis enum $table:ident { $($word:ident: $english:literal, $chinese:literal;)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        #[allow(missing_docs, reason = "the texts themselves say what they are")]
        $access enum $table {
            $($word,)*
        }

        impl $table {
            /// Every one.
            #[allow(dead_code, reason = "not every table is gone through")]
            $access const ALL: &'static [Self] = &[$(Self::$word,)*];

            /// The text in a language.
            #[must_use]
            $access const fn text(self, language: $crate::words::Language) -> &'static str {
                match (self, language) {
                    $((Self::$word, $crate::words::Language::English) => $english,
                    (Self::$word, $crate::words::Language::Chinese) => $chinese,)*
                }
            }
        }

        $(const _: () = assert!(
            $crate::words::have_same_placeholders($english, $chinese),
            concat!("both languages have the same places in ", stringify!($word))
        );)*
    };
}

/// A text with parts put into its places: `{}` takes the part of its own position, `{1}` the one of that number, from 0. A
/// part is never looked into.
#[must_use]
pub fn fill(text: &str, parts: &[&str]) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    let (mut rest, mut position) = (text, 0);
    while let Some((before, place, after)) = split_at_place(rest) {
        let number = place.parse().unwrap_or(position);
        filled.push_str(before);
        filled.push_str(parts.get(number).copied().unwrap_or_default());
        (rest, position) = (after, position + 1);
    }
    filled.push_str(rest);
    filled
}

/// What stands before, in and after the first place of a text.
fn split_at_place(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (place, after) = rest.split_once('}')?;
    Some((before, place, after))
}

/// Whether two texts have the same places, in whichever order. It is for [`words!`](crate::words!), which asks when a table
/// is compiled.
#[must_use]
pub const fn have_same_placeholders(one: &str, other: &str) -> bool {
    places(one.as_bytes()) == places(other.as_bytes())
}

/// The numbers of the places of a text, each as a bit. Numbers have one digit.
const fn places(text: &[u8]) -> u64 {
    let (mut places, mut position, mut at) = (0, 0, 0);
    while at + 1 < text.len() {
        if text[at] == b'{' {
            let number = if text[at + 1].is_ascii_digit() { text[at + 1] - b'0' } else { position };
            places |= 1 << number;
            position += 1;
        }
        at += 1;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_in_order_or_by_number() {
        assert_eq!(fill("{} of {}", &["1", "2"]), "1 of 2");
        assert_eq!(fill("{1} {0}!", &["world", "hello"]), "hello world!");
        assert_eq!(fill("no place", &["1"]), "no place");
        assert_eq!(fill("{} of {}", &["1"]), "1 of ");
    }

    #[test]
    fn a_part_that_looks_like_a_place_is_left_alone() {
        assert_eq!(fill("{1} before {0}!", &["{1}", "b"]), "b before {1}!");
        assert_eq!(fill("{}, {}", &["{}", "{"]), "{}, {");
    }

    #[test]
    fn texts_have_the_same_places_in_whichever_order() {
        let same =
            [("", ""), ("{} of {}", "{1}/{0}"), ("{} of {}", "{}/{}"), ("{0} {0}", "{}"), ("{2} {0} {1}", "{}{}{}")];
        assert_eq!(same.map(|(one, other)| have_same_placeholders(one, other)), [true; 5]);
        let different = [("{}", ""), ("{} of {}", "{1}"), ("{} {}", "{0} {2}"), ("{} {}", "{} {0}")];
        assert_eq!(different.map(|(one, other)| have_same_placeholders(one, other)), [false; 4]);
    }

    #[test]
    fn a_language_has_a_code_and_texts() {
        assert_eq!(Language::ALL.map(|language| Language::of_code(language.code())), Language::ALL.map(Some));
        assert_eq!(Language::of_code("EN"), None);
        let text = Text { en: "Failover".to_owned(), zh: "主从切换".to_owned() };
        assert_eq!(Language::ALL.map(|language| language.of(&text)), ["Failover", "主从切换"]);
        assert_eq!(Language::ALL.map(Language::other), [Language::Chinese, Language::English]);
    }
}
