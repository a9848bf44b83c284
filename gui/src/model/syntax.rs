//! The tokens of a scenario's text, for an editor to colour: comments, headers, keys, strings. It reads line by line and
//! knows nothing of scenarios: a token that it gets wrong has the wrong colour, no more.

use std::ops::Range;

/// The kind of a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenKind {
    /// `# a comment`.
    Comment,
    /// `[section]`.
    Header,
    /// Before `=`.
    Key,
    /// In quotes.
    String,
    /// Everything else: numbers, brackets, words.
    Plain,
}

/// The tokens of a text, in order and without gaps, as ranges of bytes.
#[must_use]
pub fn tokens(text: &str) -> Vec<(Range<usize>, TokenKind)> {
    let mut tokens = Vec::new();
    let mut start = 0;
    // The three quotes of a string that goes over lines.
    let mut long = None;
    for line in text.split_inclusive('\n') {
        line_tokens(line, start, &mut long, &mut tokens);
        start += line.len();
    }
    tokens
}

fn line_tokens(line: &str, start: usize, long: &mut Option<&'static str>, tokens: &mut Vec<(Range<usize>, TokenKind)>) {
    let mut from = 0;
    let mut put = |to: usize, kind: TokenKind, from: &mut usize| {
        if *from < to {
            tokens.push((start + *from..start + to, kind));
            *from = to;
        }
    };
    if let Some(quotes) = *long {
        let Some(end) = line.find(quotes) else { return put(line.len(), TokenKind::String, &mut from) };
        put(end + 3, TokenKind::String, &mut from);
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
            Some(end) => put(at + skip + end + quotes.len(), TokenKind::String, &mut from),
            None => {
                *long = three;
                put(line.len(), TokenKind::String, &mut from);
            }
        }
    }
    put(line.len(), TokenKind::Plain, &mut from);
}

#[cfg(test)]
mod tests {
    use queuescope::scenario::{TEMPLATE, lessons};

    use super::*;

    fn kinds(line: &str) -> Vec<(&str, TokenKind)> {
        tokens(line).into_iter().map(|(range, kind)| (&line[range], kind)).collect()
    }

    #[test]
    fn a_line_has_a_key_a_value_and_a_comment() {
        assert_eq!(
            kinds("name = \"a#b\" # who\n"),
            [
                ("name ", TokenKind::Key),
                ("= ", TokenKind::Plain),
                ("\"a#b\"", TokenKind::String),
                (" ", TokenKind::Plain),
                ("# who\n", TokenKind::Comment)
            ]
        );
        assert_eq!(kinds("[[brokers]] # two"), [("[[brokers]] ", TokenKind::Header), ("# two", TokenKind::Comment)]);
        assert_eq!(kinds("count = 2"), [("count ", TokenKind::Key), ("= 2", TokenKind::Plain)]);
    }

    #[test]
    fn a_string_in_three_quotes_goes_over_lines() {
        let text = "a = \"\"\"one\n# two\nthree\"\"\"\nb = 1\n";
        let long: String =
            kinds(text).iter().filter(|(_, kind)| *kind == TokenKind::String).map(|(text, _)| *text).collect();
        assert_eq!(long, "\"\"\"one\n# two\nthree\"\"\"");
        assert!(kinds(text).contains(&("b ", TokenKind::Key)));
    }

    #[test]
    fn the_tokens_cover_the_text_without_gaps() {
        let texts = lessons().iter().map(|lesson| lesson.text).chain([TEMPLATE, "a = '主\n", "\"", "=\n#", "'''"]);
        for text in texts {
            let mut end = 0;
            for (token, _) in tokens(text) {
                assert_eq!(token.start, end);
                end = token.end;
            }
            assert_eq!(end, text.len());
        }
    }
}
