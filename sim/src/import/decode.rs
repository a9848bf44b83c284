//! The bytes of a file as text: what an editor or a terminal added is taken away, so that what is left is what a person
//! saw on the screen. It knows nothing of what the text says.

/// The character in place of bytes that are no text.
pub(super) const DAMAGED: char = char::REPLACEMENT_CHARACTER;

/// The number of bytes that are examined where no mark says that a text is UTF-16.
const PROBE: usize = 512;

/// The text of a file: UTF-8, or UTF-16 as Windows writes it, with or without a byte order mark.
///
/// Lines end with `\n` only. Colours and other commands to a terminal, characters that take no room and those that were
/// corrected with a backspace are gone; all blanks but the tab are blanks. What is no text is [`DAMAGED`].
pub(super) fn decode(bytes: &[u8]) -> String {
    match bytes {
        [0xff, 0xfe, rest @ ..] => clean(utf16(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => clean(utf16(rest, u16::from_be_bytes)),
        _ => match without_mark(bytes) {
            Some(of_two_bytes) => clean(utf16(bytes, of_two_bytes)),
            None => clean(String::from_utf8_lossy(bytes).chars()),
        },
    }
}

fn utf16(bytes: &[u8], of_two_bytes: fn([u8; 2]) -> u16) -> impl Iterator<Item = char> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(move |pair| of_two_bytes(*pair));
    // A byte that is left over was half of a character.
    let cut = (!rest.is_empty()).then_some(DAMAGED);
    char::decode_utf16(units).map(|unit| unit.unwrap_or(DAMAGED)).chain(cut)
}

/// The order of the bytes of UTF-16, where half of them are the zeros that ASCII has in it.
fn without_mark(bytes: &[u8]) -> Option<fn([u8; 2]) -> u16> {
    let (pairs, _) = bytes[..bytes.len().min(PROBE)].as_chunks::<2>();
    let zeros = |at: usize| pairs.iter().filter(|pair| pair[at] == 0 && pair[1 - at] != 0).count();
    let most = |zeros: usize| pairs.len() > 1 && zeros * 4 > pairs.len() * 3;
    if most(zeros(1)) {
        Some(u16::from_le_bytes)
    } else if most(zeros(0)) {
        Some(u16::from_be_bytes)
    } else {
        None
    }
}

/// The text as it was to be seen.
fn clean(text: impl Iterator<Item = char>) -> String {
    let mut seen = String::new();
    let mut text = text.peekable();
    while let Some(character) = text.next() {
        match character {
            '\r' => {
                // However many there are before the end of a line, it is one end.
                while text.next_if_eq(&'\r').is_some() {}
                text.next_if_eq(&'\n');
                seen.push('\n');
            }
            '\n' | '\u{85}' | '\u{2028}' | '\u{2029}' => seen.push('\n'),
            '\u{1b}' => skip_command(&mut text),
            '\u{9b}' => skip_parameters(&mut text),
            '\u{8}' => {
                let is_on_the_line = seen.chars().next_back().is_some_and(|last| last != '\n');
                if is_on_the_line {
                    seen.pop();
                }
            }
            '\t' => seen.push('\t'),
            '“' | '”' | '„' | '‟' => seen.push('"'),
            '‘' | '’' => seen.push('\''),
            _ if character.is_whitespace() => seen.push(' '),
            _ if character.is_control() || takes_no_room(character) => {}
            _ => seen.push(character),
        }
    }
    seen
}

/// The command to the terminal that follows an escape character, at most up to the end of the line.
fn skip_command(text: &mut std::iter::Peekable<impl Iterator<Item = char>>) {
    match text.next_if(|next| *next != '\n') {
        Some('[') => skip_parameters(text),
        // A title, or another text that is not shown: it ends with a bell or with another escape.
        Some(']' | 'P' | 'X' | '^' | '_') => {
            while let Some(character) = text.next_if(|next| !matches!(next, '\n' | '\r')) {
                match character {
                    '\u{7}' | '\u{9c}' => return,
                    '\u{1b}' => {
                        text.next_if_eq(&'\\');
                        return;
                    }
                    _ => {}
                }
            }
        }
        Some('(' | ')' | '#' | '%') => {
            text.next_if(|next| !matches!(next, '\n' | '\r'));
        }
        _ => {}
    }
}

/// Parameters of a command, and the letter that ends them.
fn skip_parameters(text: &mut std::iter::Peekable<impl Iterator<Item = char>>) {
    while text.next_if(|next| matches!(next, ' '..='?')).is_some() {}
    text.next_if(|next| matches!(next, '@'..='~'));
}

/// Marks of order and of joining, which a page or an editor puts between characters.
const fn takes_no_room(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16_of(text: &str, bytes_of: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes_of).collect()
    }

    #[test]
    fn each_encoding_gives_the_same_text() {
        let text = "TopicTest 主从\n%RETRY%g";
        let with_mark = format!("\u{feff}{text}");
        for bytes in [
            text.as_bytes().to_vec(),
            with_mark.as_bytes().to_vec(),
            utf16_of(&with_mark, u16::to_le_bytes),
            utf16_of(&with_mark, u16::to_be_bytes),
            utf16_of(text, u16::to_le_bytes),
            utf16_of(text, u16::to_be_bytes),
        ] {
            assert_eq!(decode(&bytes), text, "{bytes:?}");
        }
        assert_eq!(decode(b""), "");
        assert_eq!(decode(b"a"), "a");
        assert_eq!(decode(&[0xff, 0xfe]), "");
    }

    #[test]
    fn bytes_that_are_no_text_are_marked_and_the_rest_is_kept() {
        assert_eq!(decode(b"orders\n\xb6\xa9\n"), "orders\n\u{fffd}\u{fffd}\n");
        assert_eq!(decode(&[0xff, 0xfe, b'a', 0, b'b']), "a\u{fffd}");
    }

    #[test]
    fn every_end_of_a_line_is_one() {
        assert_eq!(decode(b"a\r\nb\rc\r\r\nd\n\ne"), "a\nb\nc\nd\n\ne");
        assert_eq!(decode("a\u{2028}b\u{85}c".as_bytes()), "a\nb\nc");
    }

    #[test]
    fn sequences_that_a_terminal_obeys_are_removed() {
        let coloured = b"\x1b]0;root@mq1\x07\x1b[01;32mroot@mq1\x1b[0m:\x1b[?2004h~# mqadmn\x08in\x1b(B\n\x1b";
        assert_eq!(decode(coloured), "root@mq1:~# mqadmin\n");
        // A command that is not ended takes no more than its line.
        assert_eq!(decode(b"\x1b]0;title\norders"), "\norders");
        assert_eq!(decode(b"a\n\x08b"), "a\nb");
        assert_eq!(decode("\u{9b}1mbold\u{9b}0m".as_bytes()), "bold");
    }

    #[test]
    fn blanks_are_blanks_and_what_takes_no_room_is_gone() {
        assert_eq!(decode("a\u{a0}b\u{3000}c\td\u{200b}e\u{0}f".as_bytes()), "a b c\tdef");
        assert_eq!(decode("{“a”: ‘b’}".as_bytes()), "{\"a\": 'b'}");
    }
}
