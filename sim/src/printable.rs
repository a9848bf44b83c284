//! Text that is not ours, made safe to show: what a terminal would obey, what turns the order of letters round, and what
//! is not seen at all is shown as an escape, `\u{1b}`. It knows nothing of where a text comes from or goes to.
//!
//! In JSON and TOML the same characters are written as these formats escape them, so that a reader gets the text as it
//! was and a terminal that it is printed on is not fooled.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;
use std::path::Path;

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};

/// Characters that are not shown as they are, beside the controls of ASCII: those of category Cc, Zl and Zp, those of
/// category Cf (Unicode 17.0, `DerivedGeneralCategory.txt`) but for joiners and marks that have a shape of their own, and
/// a few that are empty or no characters.
const HOSTILE: [(char, char); 23] = [
    ('\u{7f}', '\u{9f}'),       // DEL and C1: a second set of controls, CSI among them
    ('\u{ad}', '\u{ad}'),       // soft hyphen
    ('\u{34f}', '\u{34f}'),     // combining grapheme joiner
    ('\u{61c}', '\u{61c}'),     // Arabic letter mark
    ('\u{115f}', '\u{1160}'),   // fillers of Hangul
    ('\u{17b4}', '\u{17b5}'),   // Khmer vowels without a shape
    ('\u{180b}', '\u{180f}'),   // Mongolian variation selectors and vowel separator
    ('\u{200b}', '\u{200b}'),   // zero width space
    ('\u{200e}', '\u{200f}'),   // marks of direction
    ('\u{2028}', '\u{202e}'),   // separators of lines and paragraphs; embeddings and overrides of direction
    ('\u{2060}', '\u{206f}'),   // word joiner, invisible operators, isolates of direction
    ('\u{2800}', '\u{2800}'),   // empty Braille pattern
    ('\u{3164}', '\u{3164}'),   // filler of Hangul
    ('\u{fdd0}', '\u{fdef}'),   // no characters
    ('\u{feff}', '\u{feff}'),   // byte order mark
    ('\u{ffa0}', '\u{ffa0}'),   // filler of Hangul
    ('\u{fff0}', '\u{fffb}'),   // annotations
    ('\u{fffe}', '\u{ffff}'),   // no characters
    ('\u{13430}', '\u{1343f}'), // joiners of hieroglyphs
    ('\u{1bca0}', '\u{1bca3}'), // controls of shorthand
    ('\u{1d173}', '\u{1d17a}'), // controls of musical notes
    ('\u{e0000}', '\u{e00ff}'), // tags
    ('\u{e01f0}', '\u{e0fff}'), // reserved for more of them
];

/// Whether a character is shown as an escape wherever it stands.
#[must_use]
pub fn is_hostile(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_control();
    }
    let at = HOSTILE.partition_point(|(_, last)| *last < character);
    HOSTILE.get(at).is_some_and(|(first, _)| *first <= character)
}

/// Whether a character only changes the one before it: zero width joiners and variation selectors. They belong to emoji
/// and to many scripts; after a letter of ASCII they are there to fool.
const fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// The characters of a text, each with whether it is to be shown as an escape.
fn judged(text: &str) -> impl Iterator<Item = (char, bool)> {
    let mut before = None;
    text.chars().map(move |character| {
        let joins = before.replace(character).is_some_and(|before: char| match character {
            // Emoji of digits: 1, selector, box.
            '\u{fe0e}' | '\u{fe0f}' => !before.is_ascii() || before.is_ascii_digit() || matches!(before, '#' | '*'),
            _ => !before.is_ascii(),
        });
        (character, is_hostile(character) || (is_joiner(character) && !joins))
    })
}

fn is_clean(text: &str) -> bool {
    // Nearly all text is.
    text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) || judged(text).all(|(_, escaped)| !escaped)
}

fn escaped(text: &str, kept: impl Fn(char) -> bool, escape: impl Fn(&mut String, char)) -> Cow<'_, str> {
    if is_clean(text) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for (character, hostile) in judged(text) {
        if hostile && !kept(character) {
            escape(&mut out, character);
        } else {
            out.push(character);
        }
    }
    out.into()
}

fn shown(out: &mut String, character: char) {
    out.extend(character.escape_unicode());
}

/// A name, a title, a path: a text of one line, in which a new line is an escape, too.
#[must_use]
pub fn line(text: &str) -> Cow<'_, str> {
    escaped(text, |_| false, shown)
}

/// A text that may have several lines, and tabs.
#[must_use]
pub fn lines(text: &str) -> Cow<'_, str> {
    escaped(text, |character| matches!(character, '\n' | '\t'), shown)
}

/// A path: as [`line()`], with bytes that are no text as `\xff`.
#[must_use]
pub fn path(path: &Path) -> String {
    line(&name(path)).into_owned()
}

/// A path as a text that no other path has: what is text in it as it is, other bytes as `\xff`.
#[must_use]
pub fn name(path: &Path) -> String {
    let mut out = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

/// TOML that says the same: `\u202e` in its strings. In a comment it is only shown so.
#[must_use]
pub fn toml(text: &str) -> Cow<'_, str> {
    escaped(
        text,
        |character| matches!(character, '\n' | '\t'),
        |out, character| {
            let code = u32::from(character);
            let _ = if code > 0xffff { write!(out, "\\U{code:08X}") } else { write!(out, "\\u{code:04X}") };
        },
    )
}

/// Writes JSON on one line; what it says is what `serde_json` says.
///
/// # Errors
/// Those of the writer.
pub fn write_json(out: impl io::Write, value: &impl Serialize) -> io::Result<()> {
    let mut serializer = Serializer::with_formatter(out, Guarded(CompactFormatter));
    Ok(value.serialize(&mut serializer)?)
}

struct Guarded(CompactFormatter);

impl Formatter for Guarded {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let utf16 = |out: &mut String, character: char| {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        };
        let safe = escaped(fragment, |_| false, utf16);
        self.0.write_string_fragment(out, &safe)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn characters_that_a_terminal_obeys_or_hides_are_shown_as_escapes() {
        for (text, expected) in [
            ("plain 订单 é 😀 \\ \"", "plain 订单 é 😀 \\ \""),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("a\rb\u{8}\u{7f}\u{9b}2J", "a\\u{d}b\\u{8}\\u{7f}\\u{9b}2J"),
            ("a\u{202e}b\u{2066}\u{200f}\u{61c}", "a\\u{202e}b\\u{2066}\\u{200f}\\u{61c}"),
            ("a\u{2028}b\u{feff}\u{e0041}\u{200b}", "a\\u{2028}b\\u{feff}\\u{e0041}\\u{200b}"),
            ("two\nlines\t", "two\\u{a}lines\\u{9}"),
            // Joined where something can be joined.
            (
                "👩\u{200d}👩\u{200d}👧 ✌\u{fe0f} 1\u{fe0f}\u{20e3} می\u{200c}خواهم",
                "👩\u{200d}👩\u{200d}👧 ✌\u{fe0f} 1\u{fe0f}\u{20e3} می\u{200c}خواهم",
            ),
            ("group\u{200d} g\u{200c}\u{fe0f}", "group\\u{200d} g\\u{200c}\u{fe0f}"),
        ] {
            assert_eq!(line(text), expected, "{text:?}");
        }
        assert_eq!(lines("two\nlines\tand\r\n"), "two\nlines\tand\\u{d}\n");
    }

    #[test]
    fn ranges_are_in_order_and_apart() {
        assert!(HOSTILE.iter().all(|(first, last)| first <= last));
        assert!(HOSTILE.windows(2).all(|pair| pair[0].1 < pair[1].0));
    }

    #[cfg(unix)]
    #[test]
    fn paths_that_are_no_text_are_told_apart() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt as _;
        let shown =
            [&b"a\xff.toml"[..], b"a\xfe.toml", b"a\x1b.toml"].map(|bytes| path(Path::new(OsStr::from_bytes(bytes))));
        assert_eq!(shown, ["a\\xff.toml", "a\\xfe.toml", "a\\u{1b}.toml"]);
    }

    proptest! {
        #[test]
        fn nothing_hostile_is_left_and_nothing_else_is_changed(text in any::<String>()) {
            prop_assert!(!line(&text).chars().any(is_hostile));
            prop_assert!(!lines(&text).chars().any(|c| is_hostile(c) && c != '\n' && c != '\t'));
            let friendly: String = text.chars().filter(|c| !is_hostile(*c) && !is_joiner(*c)).collect();
            prop_assert_eq!(&*line(&friendly), &*friendly);
        }

        #[test]
        fn json_and_toml_say_the_same_without_what_is_hostile(
            text in any::<String>(), hostile in proptest::sample::select(&HOSTILE[..]),
        ) {
            let text = format!("{text}{}{}x", hostile.0, hostile.1);
            let mut json = Vec::new();
            write_json(&mut json, &text).unwrap();
            let json = String::from_utf8(json).unwrap();
            prop_assert!(!json.chars().any(is_hostile), "{:?}", json);
            prop_assert_eq!(&serde_json::from_str::<String>(&json).unwrap(), &text);
            let written = toml_edit::Value::from(text.as_str()).to_string();
            let guarded = format!("a = {}", toml(&written));
            prop_assert!(!guarded.chars().any(|c| is_hostile(c) && c != '\n' && c != '\t'), "{:?}", guarded);
            if !written.starts_with('\'') {
                let table: toml::Table = guarded.parse().unwrap();
                prop_assert_eq!(table["a"].as_str().unwrap().replace("\r\n", "\n"), text.replace("\r\n", "\n"));
            }
        }
    }
}
