//! Marks around a line that was copied from somewhere: of a quotation, numbers of lines, fences, rules of a table that was
//! drawn. It knows nothing of outputs.

/// A line without the marks around it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct PasteLine<'t> {
    pub(super) text: &'t str,
    /// The byte of the file at which this text begins.
    pub(super) start: usize,
}

impl<'t> PasteLine<'t> {
    /// Without so many bytes at its beginning.
    pub(super) fn after(self, bytes: usize) -> Self {
        Self { text: &self.text[bytes..], start: self.start + bytes }
    }

    /// Without blanks at its ends.
    pub(super) fn trimmed(self) -> Self {
        let trimmed = self.after(self.text.len() - self.text.trim_start().len());
        Self { text: trimmed.text.trim_end(), ..trimmed }
    }

    pub(super) const fn place(&self) -> std::ops::Range<usize> {
        self.start..self.start + self.text.len()
    }

    /// Without the marks of a quotation: `> ` before each line, ```` ``` ```` before the first.
    fn unquoted(self) -> Self {
        let mut line = self;
        loop {
            let inner = line.trimmed();
            // A sign that is a prompt is gone as well, and does no harm.
            line = match inner.text.as_bytes() {
                [b'>', b' ', ..] => inner.after(2),
                [b'>', b'>', ..] | [b'>'] => inner.after(1),
                [b'`', b'`', b'`', ..] if is_text_behind(inner.text) => {
                    inner.after(inner.text.len() - inner.text.trim_start_matches('`').len())
                }
                [b'`', .., b'`'] if inner.text.len() > 2 && inner.text.matches('`').count() == 2 => {
                    Self { text: &inner.text[1..inner.text.len() - 1], start: inner.start + 1 }
                }
                _ => return line,
            };
        }
    }
}

/// Whether a fence has more behind it than the name of a language.
fn is_text_behind(fence: &str) -> bool {
    let behind = fence.trim_matches('`').trim();
    behind.contains([' ', '\t', '#', '$', '>', '{'])
}

/// The text with blanks in place of the marks around its lines: each character that is left keeps its place.
pub(super) fn without_marks(text: &str) -> String {
    let mut bare: Vec<PasteLine<'_>> = lines(text).into_iter().map(PasteLine::unquoted).collect();
    take_numbers_away(&mut bare);
    let mut blanked = String::with_capacity(text.len());
    for line in bare {
        // What is blanked is ASCII, but for blanks.
        let ends = text[blanked.len()..line.start].chars().map(|c| if c == '\n' { '\n' } else { ' ' });
        blanked.extend(ends);
        blanked.push_str(line.text);
    }
    blanked.extend(text[blanked.len()..].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
    blanked
}

/// The lines of a text.
pub(super) fn lines(text: &str) -> Vec<PasteLine<'_>> {
    let mut start = 0;
    let line = |line: &'_ str| {
        let from = start;
        start += line.len() + 1;
        (from, line.len())
    };
    let places: Vec<(usize, usize)> = text.split('\n').map(line).collect();
    places.into_iter().map(|(start, length)| PasteLine { text: &text[start..start + length], start }).collect()
}

// ---- numbers of lines --------------------------------------------------------------------------------------------

/// Lines that are numbered one after the other, at least.
const NUMBERED: usize = 3;

/// The sign between a number and its line, and whether the number is in brackets.
type Style = (char, bool);

/// The number at the beginning of a line, how it is written, and how many bytes it takes.
fn number(line: &str) -> Option<(u64, Style, usize)> {
    let inner = line.trim_start();
    let bracket = inner.starts_with('[');
    let digits_at = line.len() - inner.len() + usize::from(bracket);
    let digits = line[digits_at..].find(|c: char| !c.is_ascii_digit()).unwrap_or(line.len() - digits_at);
    let number = line[digits_at..][..digits].parse().ok()?;
    let behind = &line[digits_at + digits..];
    let sign = behind.chars().next()?;
    let is_parted = match sign {
        ']' => bracket,
        ':' | '|' | '.' | ')' => !bracket && !behind[1..].starts_with(|c: char| c.is_ascii_digit()),
        ' ' | '\t' => !bracket,
        _ => false,
    };
    is_parted.then_some((number, (sign, bracket), digits_at + digits + 1))
}

/// `cat -n`, `grep -n`, `nl`, editors and lists put numbers before lines. A name may be a number, too, so that some lines must
/// follow each other.
fn take_numbers_away(lines: &mut [PasteLine<'_>]) {
    let mut run: Vec<(usize, usize)> = Vec::new();
    let mut last: Option<(u64, Style)> = None;
    for at in 0..=lines.len() {
        let found = lines.get(at).map(|line| (number(line.text), line.text.trim().is_empty()));
        let next = match found {
            Some((Some((number, style, bytes)), _)) => {
                let follows = last.is_some_and(|(before, of)| of == style && before.checked_add(1) == Some(number));
                Some((number, style, bytes, follows))
            }
            Some((None, true)) => continue,
            _ => None,
        };
        if !next.is_some_and(|(.., follows)| follows) {
            end_run(lines, &mut run);
        }
        last = next.map(|(number, style, bytes, _)| {
            run.push((at, bytes));
            (number, style)
        });
    }
}

fn end_run(lines: &mut [PasteLine<'_>], run: &mut Vec<(usize, usize)>) {
    let has_text = |(at, bytes): &&(usize, usize)| !lines[*at].text[*bytes..].trim().is_empty();
    // One line of `cat -n` is enough: nothing else has blanks, a 1 and a tab before it.
    let is_of_cat = run.first().is_some_and(|(at, bytes)| {
        lines[*at].text.strip_prefix(' ').is_some_and(|_| lines[*at].text[..*bytes].trim_start() == "1\t")
    });
    if (run.len() >= NUMBERED || is_of_cat) && run.iter().filter(has_text).count() * 2 > run.len() {
        for (at, bytes) in run.iter() {
            lines[*at] = lines[*at].after(*bytes);
        }
    }
    run.clear();
}

// ---- lines without a word ----------------------------------------------------------------------------------------

/// A line that opens or closes a piece of text on a page.
pub(super) fn is_fence(line: &str) -> bool {
    const TAGS: [&str; 12] = [
        "{code",
        "{noformat",
        "[code",
        "[/code",
        "<pre",
        "</pre",
        "<code",
        "</code",
        "<details",
        "</details",
        "<summary",
        "</summary",
    ];
    let line = line.trim();
    let ticks = line.trim_start_matches(['`', '~']);
    let is_fence = line.len() - ticks.len() >= 3 && !ticks.contains(['`', ' ']);
    let lower = line.get(..line.len().min(12)).unwrap_or_default().to_ascii_lowercase();
    is_fence || ((line.ends_with(['}', ']', '>'])) && TAGS.iter().any(|tag| lower.starts_with(tag)))
}

/// A line that was drawn: below a header, around a table, between two outputs.
pub(super) fn is_rule(line: &str) -> bool {
    let is_drawn = |c: char| matches!(c, '-' | '=' | '+' | '|' | ':' | '_' | '*' | '~' | '—' | '–' | ' ' | '\t');
    let mut drawn = line.chars().filter(|c| !c.is_whitespace()).peekable();
    drawn.peek().is_some() && line.trim().len() > 1 && line.chars().all(|c| is_drawn(c) || is_of_a_box(c))
}

/// The characters with which boxes are drawn.
pub(super) const fn is_of_a_box(c: char) -> bool {
    matches!(c, '\u{2500}'..='\u{257f}')
}

/// A sign that something was left out on purpose.
pub(super) fn is_ellipsis(line: &str) -> bool {
    const WORDS: [&str; 8] = ["snip", "snipped", "omitted", "truncated", "more", "略", "省略", "etc"];
    let line = line.trim();
    let inner = line.trim_matches(['.', '…', '(', ')', '[', ']', '<', '>', '-', '*', ' ']);
    let dots = line.matches('.').count() >= 2 || line.contains('…');
    (inner.is_empty() && dots) || (line.len() > inner.len() && WORDS.contains(&inner.to_lowercase().as_str()))
}

/// A line of remarks: `#` or `//` and a blank, or a heading of a page.
pub(super) fn is_remark(line: &str) -> bool {
    let line = line.trim();
    let behind = line.trim_start_matches('#');
    let signs = line.len() - behind.len();
    let is_of_one_word = !behind.trim().is_empty() && !behind.contains('#');
    (signs > 0 && (behind.is_empty() || behind.starts_with([' ', '\t', '!']) || signs > 1 || is_of_one_word))
        || ["// ", "//", "<!--", "-- ", ";;", "REM ", "rem ", "::"].iter().any(|sign| line.starts_with(sign))
}

/// A name of a list that was written with a sign before it, or with quotation marks and a comma.
pub(super) fn without_bullet(line: PasteLine<'_>) -> PasteLine<'_> {
    let mut line = line.trimmed();
    for bullet in ["- ", "* ", "• ", "· ", "+ "] {
        if line.text.starts_with(bullet) {
            line = line.after(bullet.len()).trimmed();
            break;
        }
    }
    let bare = line.text.trim_end_matches([',', ';']).trim_matches(['"', '\'', '`']);
    let at = line.text.find(bare).unwrap_or(0);
    PasteLine { text: bare, start: line.start + at }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare(text: &str) -> Vec<String> {
        let blanked = without_marks(text);
        assert_eq!(blanked.len(), text.len(), "{text}");
        blanked.split('\n').map(|line| line.trim_end().to_owned()).collect()
    }

    #[test]
    fn a_quotation_loses_its_marks_and_keeps_its_places() {
        assert_eq!(bare("> a  b\n>> c\n>\nd > e"), ["  a  b", "   c", "", "d > e"]);
        assert_eq!(bare("```[root@a b]# c d\n```sh\n`x y`"), ["   [root@a b]# c d", "```sh", " x y"]);
        assert_eq!(bare("> > 主从 orders\n\n"), ["    主从 orders", "", ""]);
    }

    #[test]
    fn numbers_of_lines_are_taken_away_where_they_follow_each_other() {
        assert_eq!(bare("     1\t#a  #b\n     2\tx  y\n     3\tz  w"), ["       #a  #b", "       x  y", "       z  w"]);
        assert_eq!(bare("9: a\n10: b\n\n11: c\n")[..4], ["   a", "    b", "", "    c"]);
        assert_eq!(bare("[1] a\n[2] b\n[3] c"), ["    a", "    b", "    c"]);
        // Names that are numbers, and rows that are no list.
        for text in ["1\n2\n3\n4", "1 a\n2 b", "3 a\n2 b\n1 c", "1.1 a\n2.1 b\n3.1 c", "1: a\n2| b\n3) c"] {
            assert_eq!(bare(text), text.split('\n').collect::<Vec<_>>(), "{text}");
        }
    }

    #[test]
    fn lines_without_a_word_are_told_from_those_with_one() {
        for fence in ["```", "```shell", "~~~~", "{code:bash}", "[/code]", "<pre>", "</details>"] {
            assert!(is_fence(fence), "{fence}");
        }
        for rule in ["---", "| --- | :-: |", "+----+---+", "├──┼──┤", "======", "**"] {
            assert!(is_rule(rule) && !is_fence(rule), "{rule}");
        }
        for ellipsis in ["...", " … ", "[...]", "<snip>", "--More--", "......", "(omitted)", "...略..."] {
            assert!(is_ellipsis(ellipsis), "{ellipsis}");
        }
        for remark in ["# list", "## Topics", "#!/bin/sh", "#", "// x", "#brokerRole=SLAVE", "<!-- x -->"] {
            assert!(is_remark(remark), "{remark}");
        }
        for other in ["#Topic #QID", "orders", "a-b", "=====10.0.0.1:10911=====", "-", "more", "a...b", "%RETRY%g"] {
            assert!(!is_fence(other) && !is_rule(other) && !is_ellipsis(other) && !is_remark(other), "{other}");
        }
        assert_eq!(without_bullet(PasteLine { text: " - \"orders\",", start: 0 }).place(), 4..10);
    }
}
