//! A path as a word of a command that is to be copied and pasted: the shell passes on the same path, and the terminal that
//! shows the word obeys no part of it. It knows nothing of reports.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;

use crate::printable;

/// The path as POSIX shells take it, on one line and without anything hostile but for the one case below. One that
/// begins like an option becomes `./-x`. Characters that cannot be shown are written by `printf`, since not every `sh` knows `$'…'`;
/// only new lines at the very end, which `$(…)` would drop, stay as they are, between quotes.
#[must_use]
pub fn word(path: &Path) -> String {
    let bytes = path.as_os_str().as_encoded_bytes();
    let bytes: Cow<'_, [u8]> = if bytes.starts_with(b"-") { [b"./", bytes].concat().into() } else { bytes.into() };
    if let Ok(text) = std::str::from_utf8(&bytes)
        && printable::line(text) == text
        && let Ok(word) = shlex::try_quote(text)
    {
        return word.into_owned();
    }
    let end = bytes.iter().rposition(|byte| *byte != b'\n').map_or(0, |last| last + 1);
    let (shown, new_lines) = bytes.split_at(end);
    let mut word = "\"$(printf '".to_owned();
    for chunk in shown.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '%' => word.push_str("%%"),
                // `!` is history to an interactive shell, also between double quotes.
                '\\' | '\'' | '!' => octal(&mut word, &[character as u8]),
                character => {
                    let mut utf8 = [0; 4];
                    let text = &*character.encode_utf8(&mut utf8);
                    if printable::line(text) == text {
                        word.push(character);
                    } else {
                        octal(&mut word, text.as_bytes());
                    }
                }
            }
        }
        octal(&mut word, chunk.invalid());
    }
    word.push_str("')\"");
    if !new_lines.is_empty() {
        let _ = write!(word, "'{}'", "\n".repeat(new_lines.len()));
    }
    word
}

fn octal(word: &mut String, bytes: &[u8]) {
    for byte in bytes {
        let _ = write!(word, "\\{byte:03o}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_path_stays_and_others_are_quoted() {
        for (path, expected) in [
            ("lessons/01-first.toml", "lessons/01-first.toml"),
            ("my lessons/a.toml", "'my lessons/a.toml'"),
            ("-x.toml", "./-x.toml"),
            ("$(id).toml", "'$(id).toml'"),
            ("订单.toml", "'订单.toml'"),
            ("a\u{1b}%.toml", "\"$(printf 'a\\033%%.toml')\""),
            ("a\n", "\"$(printf 'a')\"'\n'"),
        ] {
            assert_eq!(word(Path::new(path)), expected, "{path:?}");
        }
    }
}

/// A shell itself expands the words.
#[cfg(all(test, unix))]
mod through_a_shell {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    fn expanded(path: &[u8]) -> Vec<u8> {
        let command = format!("printf %s {}", word(Path::new(OsStr::from_bytes(path))));
        Command::new("sh").args(["-c", &command]).output().expect("there is a shell").stdout
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_shell_passes_on_every_path(
            plain in "[-~#!$`'\"\\\\ *?\\[\\]{}();&|<>=^%@\na-c/]{1,12}", wild in prop::collection::vec(1_u8.., 1..12), text in "[^\0]{1,8}",
        ) {
            for path in [plain.into_bytes(), wild, text.into_bytes()] {
                let expected = if path.starts_with(b"-") { [b"./", &path[..]].concat() } else { path.clone() };
                prop_assert_eq!(expanded(&path), expected);
            }
        }
    }
}
