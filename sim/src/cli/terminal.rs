//! The only way to standard output and standard error. Text that is not ours gets there as something that is seen, never
//! as something that the terminal obeys: it is made [`printable`] where it meets our styles, and whatever was forgotten is
//! stopped here, since nothing but lines, tabs and our colours passes.
//!
//! Standard error never ends anything: where it is full or closed, there is nowhere else to say so.

use std::fmt::{self, Display, Write as _};
use std::io::{self, StdoutLock, Write as _};

use anstyle::Style;
use queuescope::printable;

/// A text for the terminal: our words and styles, and in them text that is not ours.
#[derive(Clone, Default, Debug)]
pub(crate) struct TerminalText(String);

impl TerminalText {
    pub(crate) const fn new() -> Self {
        Self(String::new())
    }

    /// Appends a text, which may have several lines.
    pub(crate) fn text(self, text: impl Display) -> Self {
        self.styled(Style::new(), text)
    }

    /// Appends a text in a style of ours.
    pub(crate) fn styled(mut self, style: Style, text: impl Display) -> Self {
        let text = text.to_string();
        // Writing into a string never fails.
        let _ = write!(self.0, "{style}{}{style:#}", printable::lines(&text));
        self
    }

    /// A whole text that the library or a crate has painted, and has taken care of what is not ours in it.
    pub(crate) fn painted(text: impl Display) -> Self {
        Self(guarded(&text.to_string()))
    }

    /// Writes it to standard error, as a line.
    pub(crate) fn eprintln(&self) {
        let mut text = guarded(&self.0);
        text.push('\n');
        // Where standard error cannot be written, there is nowhere else to say so.
        let _ = stderr().write_all(text.as_bytes());
    }

    /// Writes it to standard output.
    ///
    /// # Errors
    /// Those of standard output.
    pub(crate) fn print(&self) -> io::Result<()> {
        let mut out = stdout();
        out.write_all(guarded(&self.0).as_bytes())?;
        out.flush()
    }
}

impl Display for TerminalText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text with everything escaped but lines, tabs and colours (`ESC [ … m`).
fn guarded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\u{1b}[") {
        let (before, after) = (&rest[..at], &rest[at + 2..]);
        out.push_str(&printable::lines(before));
        let end = after.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(after.len());
        if after[end..].starts_with('m') {
            out.push_str("\u{1b}[");
            out.push_str(&after[..=end]);
            rest = &after[end + 1..];
        } else {
            out.push_str("\\u{1b}[");
            rest = after;
        }
    }
    out.push_str(&printable::lines(rest));
    out
}

/// Standard output, with colours on a terminal only.
#[expect(clippy::disallowed_methods, reason = "what goes there is guarded")]
fn stdout() -> anstream::AutoStream<StdoutLock<'static>> {
    anstream::stdout().lock()
}

#[expect(clippy::disallowed_methods, reason = "what goes there is guarded")]
fn stderr() -> anstream::AutoStream<io::StderrLock<'static>> {
    anstream::stderr().lock()
}

/// Standard output for what other programs read: JSON by [`printable::write_json`], TOML. It stands as it is written.
#[expect(clippy::disallowed_methods, reason = "for data, which is guarded where it is written")]
pub(crate) fn data() -> StdoutLock<'static> {
    io::stdout().lock()
}

/// Whether standard output is a terminal, and whether standard error is.
#[expect(clippy::disallowed_methods, reason = "nothing is written")]
pub(crate) fn are_terminals() -> (bool, bool) {
    use std::io::IsTerminal as _;
    (io::stdout().is_terminal(), io::stderr().is_terminal())
}

/// Whether what goes to standard error has colours.
#[expect(clippy::disallowed_methods, reason = "nothing is written")]
pub(crate) fn has_colour() -> bool {
    anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never
}

#[cfg(test)]
mod tests {
    use anstyle::AnsiColor;

    use super::*;

    #[test]
    fn our_styles_stay_and_theirs_are_shown() {
        let said = TerminalText::new().styled(AnsiColor::Red.on_default(), "a\u{1b}[32mb\u{9b}").text("\u{202e}c\n");
        assert_eq!(said.to_string(), "\u{1b}[31ma\\u{1b}[32mb\\u{9b}\u{1b}[0m\\u{202e}c\n");
    }

    #[test]
    fn unescaped_sequences_are_stopped_but_for_colours() {
        let forgotten = "\u{1b}[1;31mred\u{1b}[0m \u{1b}[2J\u{1b}]0;x\u{7}\r\n\u{1b}[31\u{1b}[\u{1b}\tm";
        assert_eq!(
            guarded(forgotten),
            "\u{1b}[1;31mred\u{1b}[0m \\u{1b}[2J\\u{1b}]0;x\\u{7}\\u{d}\n\\u{1b}[31\\u{1b}[\\u{1b}\tm"
        );
    }
}
