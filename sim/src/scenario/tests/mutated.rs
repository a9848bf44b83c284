//! Texts that nobody would write: none brings the reader down, and every refusal has its place in the file.

use proptest::prelude::*;

use super::BASE;
use crate::scenario::{TEMPLATE, read};

/// One change of a text, by characters or by lines.
#[derive(Clone, Debug)]
enum Mutation {
    DeleteCharacters(usize, usize),
    Replace(usize, char),
    Insert(usize, &'static str),
    DeleteLine(usize),
    DuplicateLine(usize),
    SwapLines(usize, usize),
    Cut(usize),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let pieces = prop::sample::select(vec![
        "[",
        "]",
        "[[",
        "]]",
        "{",
        "}",
        "\"",
        "'",
        "\"\"\"",
        "=",
        ",",
        ".",
        "#",
        "\n",
        "-",
        "1e999",
        "9".repeat(50).leak(),
        "[[nodes]]",
        "name = ",
        "brokers",
        "主从",
        "\u{0}",
        "\r",
        "0x",
        "inf",
        "nan",
        "1979-05-27",
        "[network.latency]",
        "a.b = 1\n",
    ]);
    let at = any::<prop::sample::Index>().prop_map(|index| index.index(1 << 16));
    prop_oneof![
        (at.clone(), 1..6_usize).prop_map(|(at, n)| Mutation::DeleteCharacters(at, n)),
        (at.clone(), any::<char>()).prop_map(|(at, c)| Mutation::Replace(at, c)),
        (at.clone(), pieces).prop_map(|(at, piece)| Mutation::Insert(at, piece)),
        at.clone().prop_map(Mutation::DeleteLine),
        at.clone().prop_map(Mutation::DuplicateLine),
        (at.clone(), at.clone()).prop_map(|(a, b)| Mutation::SwapLines(a, b)),
        at.prop_map(Mutation::Cut),
    ]
}

fn mutate(text: &str, mutation: &Mutation) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let mut lines: Vec<&str> = text.lines().collect();
    let (characters_there, lines_there) = (characters.len().max(1), lines.len().max(1));
    if characters.is_empty() {
        return String::new();
    }
    match *mutation {
        Mutation::DeleteCharacters(at, n) => {
            let at = at % characters_there;
            characters.drain(at..(at + n).min(characters_there));
        }
        Mutation::Replace(at, c) => characters[at % characters_there] = c,
        Mutation::Insert(at, piece) => {
            let at = at % characters_there;
            characters.splice(at..at, piece.chars());
        }
        Mutation::Cut(at) => characters.truncate(at % characters_there),
        Mutation::DeleteLine(at) => drop(lines.remove(at % lines_there)),
        Mutation::DuplicateLine(at) => lines.insert(at % lines_there, lines[at % lines_there]),
        Mutation::SwapLines(a, b) => lines.swap(a % lines_there, b % lines_there),
    }
    match mutation {
        Mutation::DeleteLine(_) | Mutation::DuplicateLine(_) | Mutation::SwapLines(..) => lines.join("\n"),
        _ => characters.into_iter().collect(),
    }
}

fn holds(text: &str) {
    if let Err(diagnostics) = read("mutated.toml", text) {
        assert!(!diagnostics.problems.is_empty());
        assert!(diagnostics.problems.is_sorted_by_key(|problem| problem.place.start));
        for problem in &diagnostics.problems {
            assert!(text.get(problem.place.clone()).is_some(), "{problem:?} is not in the text");
            let (line, column) = diagnostics.position(problem);
            assert!(line <= text.split('\n').count() && column >= 1, "{problem:?}");
        }
        assert_eq!(&*diagnostics.text, text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_mutated_file_is_read_or_refused_with_places(
        template in any::<bool>(),
        mutations in prop::collection::vec(mutation(), 1..6),
    ) {
        let start = if template { TEMPLATE } else { BASE }.to_owned();
        holds(&mutations.iter().fold(start, |text, mutation| mutate(&text, mutation)));
    }

    #[test]
    fn any_text_is_refused_with_places(text in "\\PC*|[a-z\\[\\]{}=\",. \n#']*") {
        holds(&text);
    }
}
