//! A scenario's text as an editor colours it: what is a comment, a header, a key, a text. It looks at one line at a time
//! and knows nothing of scenarios; what it takes for something is only a colour.

use std::ops::Range;

/// What a piece of text is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenKind {
    /// Said to people.
    Comment,
    /// `[section]`.
    Header,
    /// What stands before `=`.
    Key,
    /// In quotes.
    Text,
    /// Numbers, brackets, words.
    Plain,
}

/// The pieces of a text, in order and without gaps.
#[must_use]
pub fn pieces(text: &str) -> Vec<(Range<usize>, TokenKind)> {
    let mut pieces = Vec::new();
    let mut start = 0;
    // Within three quotes, over lines.
    let mut long = None;
    for line in text.split_inclusive('\n') {
        line_pieces(line, start, &mut long, &mut pieces);
        start += line.len();
    }
    pieces
}

fn line_pieces(line: &str, start: usize, long: &mut Option<&'static str>, pieces: &mut Vec<(Range<usize>, TokenKind)>) {
    let mut from = 0;
    let mut put = |to: usize, ink: TokenKind, from: &mut usize| {
        if *from < to {
            pieces.push((start + *from..start + to, ink));
            *from = to;
        }
    };
    if let Some(quotes) = *long {
        let Some(end) = line.find(quotes) else { return put(line.len(), TokenKind::Text, &mut from) };
        put(end + 3, TokenKind::Text, &mut from);
        *long = None;
    } else if line.trim_start().starts_with('[') {
        put(line.find('#').unwrap_or(line.len()), TokenKind::Header, &mut from);
    } else if let Some(equals) = line.find('=').filter(|at| !line[..*at].contains(['"', '\'', '#'])) {
        put(equals, TokenKind::Key, &mut from);
    }
    while from < line.len() {
        let rest = &line[from..];
        let Some(at) = rest.find(['"', '\'', '#']).map(|at| from + at) else { break };
        put(at, TokenKind::Plain, &mut from);
        let rest = &line[at..];
        if rest.starts_with('#') {
            put(line.len(), TokenKind::Comment, &mut from);
            continue;
        }
        let three = ["\"\"\"", "'''"].into_iter().find(|quotes| rest.starts_with(quotes));
        let (quotes, skip) = three.map_or((&rest[..1], 1), |quotes| (quotes, 3));
        match rest[skip..].find(quotes) {
            Some(end) => put(at + skip + end + quotes.len(), TokenKind::Text, &mut from),
            None => {
                *long = three;
                put(line.len(), TokenKind::Text, &mut from);
            }
        }
    }
    put(line.len(), TokenKind::Plain, &mut from);
}

#[cfg(test)]
mod tests {
    use queuescope::scenario::{TEMPLATE, lessons};

    use super::*;

    fn inks(line: &str) -> Vec<(&str, TokenKind)> {
        pieces(line).into_iter().map(|(range, ink)| (&line[range], ink)).collect()
    }

    #[test]
    fn a_line_has_a_key_a_value_and_a_comment() {
        assert_eq!(
            inks("name = \"a#b\" # who\n"),
            [
                ("name ", TokenKind::Key),
                ("= ", TokenKind::Plain),
                ("\"a#b\"", TokenKind::Text),
                (" ", TokenKind::Plain),
                ("# who\n", TokenKind::Comment)
            ]
        );
        assert_eq!(inks("[[brokers]] # two"), [("[[brokers]] ", TokenKind::Header), ("# two", TokenKind::Comment)]);
        assert_eq!(inks("count = 2"), [("count ", TokenKind::Key), ("= 2", TokenKind::Plain)]);
    }

    #[test]
    fn a_long_text_goes_over_lines() {
        let text = "a = \"\"\"one\n# two\nthree\"\"\"\nb = 1\n";
        let long: String =
            inks(text).iter().filter(|(_, ink)| *ink == TokenKind::Text).map(|(text, _)| *text).collect();
        assert_eq!(long, "\"\"\"one\n# two\nthree\"\"\"");
        assert!(inks(text).contains(&("b ", TokenKind::Key)));
    }

    #[test]
    fn the_pieces_are_the_text_without_gaps() {
        let texts = lessons().iter().map(|lesson| lesson.text).chain([TEMPLATE, "a = '主\n", "\"", "=\n#", "'''"]);
        for text in texts {
            let mut end = 0;
            for (piece, _) in pieces(text) {
                assert_eq!(piece.start, end);
                end = piece.end;
            }
            assert_eq!(end, text.len());
        }
    }
}
