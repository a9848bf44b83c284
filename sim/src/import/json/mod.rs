//! JSON in the middle of other lines: finds the end of a value, and hands it to whoever reads it.

mod node;
mod rabbitmq;
mod rocketmq;
mod small;

use std::ops::Range;

use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use self::node::JsonNode;
use super::context::{Context, problem};
use crate::scenario::Problem;

/// The most levels that a value may have.
const DEPTH: usize = 100;

/// The kinds of JSON that are read.
const WHAT_IS_READ: &str = "a topic's route, a cluster, a list of topics or of groups as RocketMQ or its dashboard give them, \
                            definitions of RabbitMQ, or { \"brokers\": […], \"topics\": […], \"groups\": […] }";

/// The end of a value that begins at a place of the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Extent {
    pub(super) end: usize,
    /// Whether all of its brackets are closed there.
    pub(super) is_closed: bool,
}

/// The extent of the value that begins at `start`. It ends at the latest where a line begins another output:
/// `is_boundary` says that of a line.
pub(super) fn extent(text: &str, start: usize, is_boundary: impl Fn(&str) -> bool) -> Extent {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for (at, c) in text[start..].char_indices() {
        let at = start + at;
        match c {
            '\n' => {
                let line = text[at + 1..].split('\n').next().unwrap_or_default();
                if is_boundary(line) {
                    return Extent { end: at, is_closed: false };
                }
            }
            '"' if !escaped => in_text = !in_text,
            '{' | '[' if !in_text => depth += 1,
            '}' | ']' if !in_text => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Extent { end: at + 1, is_closed: true };
                }
            }
            _ => {}
        }
        escaped = in_text && c == '\\' && !escaped;
    }
    Extent { end: text.len(), is_closed: false }
}

/// Reads the value at these places of the text.
///
/// # Errors
/// Why nothing of it was taken, located. What could not be read of a part is noted in the context.
pub(super) fn read(text: &str, place: Range<usize>, is_closed: bool, context: &mut Context<'_>) -> Result<(), Problem> {
    let value = &text[place.clone()];
    if !is_closed {
        let help = "is it cut off? Paste all of it";
        return Err(problem(place, "this is not JSON: its brackets are not closed", "not closed", help));
    }
    if depth(value) > DEPTH {
        let message = format!("the value is deeper than {DEPTH} brackets");
        return Err(problem(place, message, "too deep", "paste what a tool printed"));
    }
    let options = ParseOptions { allow_missing_commas: false, ..ParseOptions::default() };
    let parsed = parse_to_ast(value, &CollectOptions::default(), &options).map_err(|error| {
        let range = error.range();
        let at = place.start + range.start.min(value.len());
        let help = "paste it as it was printed; `jq . FILE` says what is wrong with it, too";
        problem(at..at, format!("this is not JSON: {}", error.kind()), "not JSON", help)
    })?;
    let root = parsed.value.ok_or_else(|| unknown(place.clone()))?;
    let node = JsonNode::new(&root, place.start);
    let is_known = rocketmq::read(node, context)? || rabbitmq::read(node, context)? || small::read(node, context)?;
    if is_known { Ok(()) } else { Err(unknown(place)) }
}

fn depth(value: &str) -> usize {
    let (mut depth, mut most) = (0_usize, 0);
    for c in value.bytes() {
        match c {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        most = most.max(depth);
    }
    most
}

fn unknown(place: Range<usize>) -> Problem {
    problem(place, "this JSON is of no kind that is known", "not known", &format!("known is {WHAT_IS_READ}"))
}
