//! What becomes of a print on its way from a terminal into a file: what a person copies, what a page, a mail or an editor
//! puts around it, and how it is saved.

use proptest::prelude::*;

/// What is done to the text of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paste {
    /// What stands above and below it.
    around: (&'static str, &'static str),
    /// What stands before each line.
    before: Before,
    /// What is put between lines.
    between: Between,
    /// Whether blanks between columns are as few as can be.
    is_squeezed: bool,
    /// How it is saved.
    saved: Saved,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Before {
    Nothing,
    Indent(&'static str),
    Number,
    Colour,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Between {
    Nothing,
    EmptyLines,
    Noise(&'static str),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Saved {
    Utf8,
    Utf8WithMark,
    Windows,
    Utf16,
    Utf16Big,
    NoBreakSpaces,
}

const AROUND: &[(&str, &str)] = &[
    ("", ""),
    ("```shell\n", "```\n"),
    ("# our cluster, as of today\n", ""),
    ("Hello,\n\nhere is what we have:\n\n", "\n\nThanks, Bob\n"),
    ("Last login: Fri Oct 13 10:00:00 2026 from 10.0.0.7\n[root@mq1 bin]# date\nFri Oct 13 10:00:00 CST 2026\n", ""),
    ("Java HotSpot(TM) 64-Bit Server VM warning: ignoring option PermSize=128m\n", ""),
    ("", "[root@mq1 bin]# \n"),
    ("", "[root@mq1 bin]# ls\nbin\nconf\n"),
    ("", "$ mqadmin producerConnection -g p -t x\n0001  10.0.0.1@1 10.0.0.1:4444 JAVA V5_3_3\n"),
    ("PS C:\\rmq> whoami\nshop\\bob\n", "PS C:\\rmq>\n"),
    ("org.apache.rocketmq.X: CODE: 17  DESC: No topic route info\n\tat a.B.c(B.java:1)\n\t... 1 more\n", ""),
    ("", "-bash: 10.0.0.8:9876: command not found\n"),
];

/// Random ways. `is_told` says that command lines stand above the outputs, so that lines may be put before them; `has_names` that
/// there are lists of names without one, which a mail around them would make doubtful.
pub fn pastes() -> impl Strategy<Value = Paste> {
    let before = prop::sample::select(vec![
        Before::Nothing,
        Before::Nothing,
        Before::Indent("    "),
        Before::Indent("\t"),
        Before::Indent("> "),
        Before::Number,
        Before::Colour,
    ]);
    let between = prop::sample::select(vec![
        Between::Nothing,
        Between::Nothing,
        Between::EmptyLines,
        Between::Noise("..."),
        Between::Noise("RocketMQLog:WARN Please initialize the logger system properly."),
    ]);
    let saved = prop::sample::select(vec![
        Saved::Utf8,
        Saved::Utf8WithMark,
        Saved::Windows,
        Saved::Utf16,
        Saved::Utf16Big,
        Saved::NoBreakSpaces,
    ]);
    (prop::sample::select(AROUND), before, between, prop::bool::weighted(0.3), saved)
        .prop_map(|(around, before, between, is_squeezed, saved)| Paste { around, before, between, is_squeezed, saved })
}

impl Paste {
    /// The bytes of a file with this text.
    #[must_use]
    pub fn of(&self, text: &str) -> Vec<u8> {
        // A JSON has no lines that could be numbered or have others between them.
        let is_json = text.lines().any(|line| line.starts_with('{'));
        let mut lines = String::new();
        for (number, line) in text.lines().enumerate() {
            let line = if self.is_squeezed && !is_json {
                // Kafka's lines of keys and values begin with a blank.
                line.split_whitespace().collect::<Vec<_>>().join(" ")
            } else {
                line.to_owned()
            };
            lines += &match self.before {
                Before::Nothing => line,
                Before::Indent(indent) => format!("{indent}{line}"),
                Before::Number => format!("{:>6}\t{line}", number + 1),
                Before::Colour => format!("\u{1b}[0;32m{line}\u{1b}[0m"),
            };
            lines.push('\n');
            match self.between {
                Between::EmptyLines => lines.push('\n'),
                Between::Noise(noise) if !is_json && number % 3 == 1 && self.before != Before::Number => {
                    lines += noise;
                    lines.push('\n');
                }
                _ => {}
            }
        }
        let (above, below) = self.around;
        self.saved(&format!("{above}{lines}{below}"))
    }

    fn saved(&self, text: &str) -> Vec<u8> {
        let with_mark = format!("\u{feff}{text}");
        match self.saved {
            Saved::Utf8 => text.as_bytes().to_vec(),
            Saved::Utf8WithMark => with_mark.into_bytes(),
            Saved::Windows => text.replace('\n', "\r\n").into_bytes(),
            Saved::Utf16 => with_mark.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Saved::Utf16Big => with_mark.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Saved::NoBreakSpaces => text.replace(' ', "\u{a0}").into_bytes(),
        }
    }
}
