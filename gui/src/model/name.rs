//! Names that are too long for their place, cut in the middle: `order-ful…mer-1`. What is left of a name matches no other
//! name of the set, so two names never look the same, at whatever widths they are cut.
//!
//! It is given the widths of characters, and knows nothing of fonts.

use std::collections::BTreeSet;
use std::ops::{Bound, Range};

use queuescope::plan::{Plan, QueueId};
use unicode_segmentation::UnicodeSegmentation as _;

/// Stands for what is cut out.
pub const ELLIPSIS: char = '…';
/// As many names that look alike are compared, to find where a name differs from them.
const RIVALS: usize = 16;

/// All names that can stand in one picture.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NameSet {
    /// The names.
    forwards: BTreeSet<String>,
    /// The names, spelled backwards.
    backwards: BTreeSet<String>,
}

/// A text with the widths of its characters.
pub struct Widths<'a> {
    /// The text.
    pub text: &'a str,
    /// The width of the text before each of its bytes, and its whole width: one more than there are bytes.
    pub edges: &'a [f32],
    /// The width of an ellipsis.
    pub ellipsis: f32,
    /// The width of a digit.
    pub digit: f32,
}

/// A queue's name without its broker set, for where it stands on the card of the set.
#[must_use]
pub fn short_name(plan: &Plan, queue: QueueId) -> String {
    let queue = &plan.queues[queue];
    format!("{}/{}", plan.topics[queue.topic].name, queue.index)
}

/// The parts of a text that are left when something is cut out between them, as ranges of bytes.
type Parts = Vec<Range<usize>>;

impl NameSet {
    /// All names of a plan, as sentences have them.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        Self::with(plan, plan.queues.iter().map(|queue| queue.name.clone()))
    }

    /// All names of a plan, as the stage has them: queues without their broker set.
    #[must_use]
    pub fn on_stage(plan: &Plan) -> Self {
        Self::with(plan, (0..plan.queues.len()).map(|queue| short_name(plan, queue.into())))
    }

    fn with(plan: &Plan, queues: impl Iterator<Item = String>) -> Self {
        let nodes = plan.nodes.iter().map(|node| node.name.clone());
        let groups = plan.groups.iter().map(|group| group.name.clone());
        let topics = plan.topics.iter().map(|topic| topic.name.clone());
        nodes.chain(groups).chain(topics).chain(queues).collect()
    }

    /// The other names that also have these parts; at most [`RIVALS`].
    fn others<'a>(&'a self, name: &'a str, parts: &[Range<usize>]) -> Vec<&'a str> {
        let parts: Vec<&str> = parts.iter().map(|part| &name[part.clone()]).collect();
        let (head, tail) = (parts[0], parts[parts.len() - 1]);
        let backwards: String = tail.chars().rev().collect();
        let begins = self.forwards.range(head.to_owned()..).take_while(|other| other.starts_with(head));
        let ends = self.backwards.range(backwards.clone()..).take_while(|other| other.starts_with(&backwards));
        // The shorter of the two ranges is searched.
        let few = begins.clone().zip(ends.clone()).count();
        let fits = |other: &&String| other.as_str() != name && fits(other, &parts);
        if begins.clone().nth(few).is_none() {
            return begins.filter(fits).map(String::as_str).take(RIVALS).collect();
        }
        let forwards = ends.map(|other| other.chars().rev().collect::<String>());
        let found = forwards.filter(|other| fits(&other));
        let found: Vec<String> = found.take(RIVALS).collect();
        found.iter().filter_map(|other| self.forwards.get(other)).map(String::as_str).collect()
    }

    /// A name cut to a width: in the middle, or at another place where what is left matches no other name; failing that,
    /// its beginning and its number. Where there is hardly any room it may be wider.
    #[must_use]
    pub fn cut(&self, widths: &Widths<'_>, room: f32) -> String {
        if widths.width(0..widths.text.len()) <= room {
            return widths.text.to_owned();
        }
        let steps = widths.steps();
        let middle = widths.around_middle(&steps, room - widths.ellipsis);
        let rivals = self.others(widths.text, &middle);
        if rivals.is_empty() {
            return joined(widths.text, &middle);
        }
        let is_unique = |parts: &Parts| self.others(widths.text, parts).is_empty();
        // At another place, the nearest to the middle first.
        let last = steps.len() - 1;
        let begun = steps.iter().position(|step| *step == middle[0].end).unwrap_or(0);
        let mut heads: Vec<usize> = (0..last).collect();
        heads.sort_by_key(|head| head.abs_diff(begun));
        let elsewhere = heads.iter().filter_map(|head| widths.after_head(&steps, *head, room - widths.ellipsis));
        // Its two ends, and between them a part in which it differs.
        let differs = rivals.iter().map(|other| widths.first_difference(&steps, other));
        let between = differs.filter_map(|place| widths.around(&steps, place, room - 2.0 * widths.ellipsis));
        elsewhere
            .chain(between)
            .find(is_unique)
            .map_or_else(|| self.numbered(widths, room), |parts| joined(widths.text, &parts))
    }

    /// The beginning of a name, and its number among all names. No name has a `#` in it.
    fn numbered(&self, widths: &Widths<'_>, room: f32) -> String {
        let number = format!("{ELLIPSIS}#{}", self.forwards.range(..widths.text.to_owned()).count() + 1);
        let taken = widths.ellipsis + widths.digit * (number.chars().count() - 1) as f32;
        let steps = widths.steps();
        let head = steps.iter().rev().find(|step| widths.width(0..**step) <= room - taken);
        format!("{}{number}", &widths.text[..head.copied().unwrap_or(0)])
    }

    /// The names in a sentence, as ranges of bytes, from left to right.
    fn within(&self, text: &str) -> Vec<Range<usize>> {
        let is_part = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        let mut found: Vec<Range<usize>> = Vec::new();
        let mut before = None;
        for (at, c) in text.char_indices() {
            let begins = !before.is_some_and(is_part) && found.last().is_none_or(|last| last.end <= at);
            before = Some(c);
            if let Some(name) = begins.then(|| self.longest(&text[at..])).flatten()
                && !text[at + name.len()..].starts_with(is_part)
            {
                found.push(at..at + name.len());
            }
        }
        found
    }

    /// The longest name with which a text begins.
    fn longest(&self, text: &str) -> Option<&str> {
        let mut text = text;
        loop {
            let before = self.forwards.range::<str, _>((Bound::Unbounded, Bound::Included(text))).next_back()?;
            if text.starts_with(before.as_str()) {
                return Some(before);
            }
            let same = before.char_indices().zip(text.chars()).find(|((_, a), b)| a != b);
            let shared = same.map_or(before.len().min(text.len()), |((at, _), _)| at);
            if shared == 0 {
                return None;
            }
            text = &text[..shared];
        }
    }

    /// A sentence cut to a width by cutting the names in it, all to the same width. Where that is not enough it is wider.
    #[must_use]
    pub fn shorten(&self, widths: &Widths<'_>, room: f32) -> String {
        let whole = widths.width(0..widths.text.len());
        if whole <= room {
            return widths.text.to_owned();
        }
        let names = self.within(widths.text);
        let name_widths: Vec<f32> = names.iter().map(|name| widths.width(name.clone())).collect();
        let rest = whole - name_widths.iter().sum::<f32>();
        let min = widths.ellipsis + 3.0 * widths.digit;
        let each = share(&name_widths, room - rest).max(min);
        let mut text = String::new();
        let mut end = 0;
        for name in names {
            text += &widths.text[end..name.start];
            text += &self.cut(&widths.part(name.clone()), each);
            end = name.end;
        }
        text + &widths.text[end..]
    }
}

impl FromIterator<String> for NameSet {
    fn from_iter<I: IntoIterator<Item = String>>(names: I) -> Self {
        let forwards: BTreeSet<String> = names.into_iter().collect();
        let backwards = forwards.iter().map(|name| name.chars().rev().collect()).collect();
        Self { forwards, backwards }
    }
}

impl<'a> Widths<'a> {
    /// The width of a part.
    fn width(&self, part: Range<usize>) -> f32 {
        self.edges[part.end] - self.edges[part.start]
    }

    fn part(&self, part: Range<usize>) -> Self {
        Self { text: &self.text[part.clone()], edges: &self.edges[part.start..=part.end], ..*self }
    }

    /// Where the text may be cut: between graphemes.
    fn steps(&self) -> Vec<usize> {
        self.text.grapheme_indices(true).map(|(at, _)| at).chain([self.text.len()]).collect()
    }

    /// The longest head and tail of about the same width.
    fn around_middle(&self, steps: &[usize], room: f32) -> Parts {
        let (mut head, mut tail) = (0, steps.len() - 1);
        let mut left = room;
        while head < tail {
            // The end says more than the beginning, if only one of them has room.
            let from_end = self.width(steps[tail]..self.text.len()) <= self.width(0..steps[head]);
            let next = if from_end { steps[tail - 1]..steps[tail] } else { steps[head]..steps[head + 1] };
            left -= self.width(next);
            if left < 0.0 {
                break;
            }
            if from_end { tail -= 1 } else { head += 1 }
        }
        vec![0..steps[head], steps[tail]..self.text.len()]
    }

    /// This head, and the longest tail for which there is room.
    fn after_head(&self, steps: &[usize], head: usize, room: f32) -> Option<Parts> {
        let left = room - self.width(0..steps[head]);
        let tail = steps[head..].iter().find(|step| self.width(**step..self.text.len()) <= left)?;
        (left >= 0.0).then(|| vec![0..steps[head], *tail..self.text.len()])
    }

    /// The step before which the text and another name differ first.
    fn first_difference(&self, steps: &[usize], other: &str) -> usize {
        let differs = |step: &usize| !other.is_char_boundary(*step) || other[..*step] != self.text[..*step];
        steps.iter().position(differs).unwrap_or(steps.len() - 1).saturating_sub(1)
    }

    /// A part around a place, and the longest head and tail for which there is room.
    fn around(&self, steps: &[usize], place: usize, room: f32) -> Option<Parts> {
        let (mut from, mut to) = (place, (place + 1).min(steps.len() - 1));
        let width = |from: usize, to: usize| self.width(steps[from]..steps[to]);
        while width(from, to) < room / 2.0 && (from > 1 || to + 1 < steps.len() - 1) {
            from = from.saturating_sub(1).max(1);
            to = (to + 1).min(steps.len() - 2).max(to);
        }
        let left = (room - width(from, to)) / 2.0;
        let head = steps[..from].iter().rev().find(|step| self.width(0..**step) <= left)?;
        let tail = steps[to..].iter().find(|step| self.width(**step..self.text.len()) <= left)?;
        let (from, to) = (steps[from], steps[to]);
        (left >= 0.0 && *head < from && to < *tail).then(|| vec![0..*head, from..to, *tail..self.text.len()])
    }
}

/// The width to which all wider ones are cut, so that there is room for all.
fn share(widths: &[f32], room: f32) -> f32 {
    let mut sorted = widths.to_vec();
    sorted.sort_by(f32::total_cmp);
    let mut left = room;
    for (place, width) in sorted.iter().enumerate() {
        let each = left / (sorted.len() - place) as f32;
        if *width >= each {
            return each;
        }
        left -= width;
    }
    f32::INFINITY
}

fn joined(text: &str, parts: &[Range<usize>]) -> String {
    let parts: Vec<&str> = parts.iter().map(|part| &text[part.clone()]).collect();
    parts.join(&ELLIPSIS.to_string())
}

/// Whether a name has these parts, in this order: the first at its beginning, the last at its end.
fn fits(name: &str, parts: &[&str]) -> bool {
    let [head, middle @ .., tail] = parts else { return false };
    let Some(mut rest) = name.strip_prefix(head).and_then(|rest| rest.strip_suffix(tail)) else { return false };
    middle.iter().all(|part| {
        let found = rest.find(part);
        rest = found.map_or(rest, |at| &rest[at + part.len()..]);
        found.is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every character is one wide.
    fn with<R>(text: &str, does: impl FnOnce(&Widths<'_>) -> R) -> R {
        let edges: Vec<f32> = (0..=text.len())
            .map(|byte| text.char_indices().filter(|(at, c)| at + c.len_utf8() <= byte).count() as f32)
            .collect();
        does(&Widths { text, edges: &edges, ellipsis: 1.0, digit: 1.0 })
    }

    fn names<S: AsRef<str>>(names: &[S]) -> NameSet {
        names.iter().map(|name| name.as_ref().to_owned()).collect()
    }

    fn cut(names: &NameSet, name: &str, room: f32) -> String {
        with(name, |widths| names.cut(widths, room))
    }

    fn shorten(names: &NameSet, text: &str, room: f32) -> String {
        with(text, |widths| names.shorten(widths, room))
    }

    #[test]
    fn a_name_is_cut_in_its_middle_or_where_it_differs_from_the_others() {
        let of = names(&["order-fulfilment-consumer-1", "order-fulfilment-consumer-2", "pay"]);
        assert_eq!(cut(&of, "order-fulfilment-consumer-2", 15.0), "order-f…sumer-2");
        assert_eq!(cut(&of, "order-fulfilment-consumer-2", 2.0), "…2");
        assert_eq!(cut(&of, "order-fulfilment-consumer-2", 40.0), "order-fulfilment-consumer-2");
        // The head alone would do for none of them, the tail for none.
        let of = names(&["orders-eu-production-consumer", "orders-us-production-consumer"]);
        assert_eq!(cut(&of, "orders-us-production-consumer", 15.0), "orders-u…nsumer");
        let (eu, us) = (format!("{0}eu{0}", "x".repeat(40)), format!("{0}us{0}", "x".repeat(40)));
        assert_eq!(cut(&names(&[&eu, &us]), &us, 15.0), "xxx…xxxusxx…xxx");
        let many: Vec<String> = (10..40).map(|length| "x".repeat(length)).collect();
        assert_eq!(cut(&names(&many), &many[20], 9.0), "xxxxx…#21", "nothing tells it but its number");
    }

    #[test]
    fn no_two_names_look_the_same_at_any_width_and_all_fit() {
        let long = "a-name-that-is-as-long-as-any-name-may-be-in-a-file-of-somebody-who-means-to-find-what-goes-wrong";
        let mut all: Vec<String> = (0..long.len()).map(|at| format!("{}X{}", &long[..at], &long[at + 1..])).collect();
        all.extend((1..30).map(|number| format!("{long}-{number}")));
        all.extend((1..30).map(|number| format!("{number}-{long}")));
        all.extend((20..40).map(|length| long[..length].to_owned()));
        let of = names(&all);
        let mut shown: Vec<(String, &str)> = Vec::new();
        for room in [8, 9, 12, 15, 20, 40, 80] {
            for name in &all {
                let cut = cut(&of, name, room as f32);
                assert!(cut.chars().count() <= room, "{cut} in {room}");
                shown.push((cut, name));
            }
        }
        shown.sort();
        for pair in shown.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
            assert_eq!(pair[0].1, pair[1].1, "{}", pair[0].0);
        }
    }

    #[test]
    fn a_grapheme_is_not_cut_apart() {
        let name = format!("{}-1", "n\u{303}\u{301}".repeat(20));
        for room in 1..60 {
            let cut = cut(&NameSet::default(), &name, room as f32);
            assert!(cut.split(ELLIPSIS).all(|part| !part.starts_with(['\u{303}', '\u{301}'])), "{cut:?}");
        }
    }

    #[test]
    fn a_sentence_is_shortened_by_cutting_the_names_in_it() {
        let of = names(&["rocketmq-broker-a", "order-status-changed-producer", "rocketmq-broker", "shop"]);
        let line = "rocketmq-broker-a stores order-status-changed-producer#12 for shop";
        assert_eq!(shorten(&of, line, 70.0), line);
        assert_eq!(shorten(&of, line, 60.0), "rocketmq-broker-a stores order-statu…ed-producer#12 for shop");
        assert_eq!(shorten(&of, line, 45.0), "rocke…oker-a stores order…oducer#12 for shop");
        assert_eq!(shorten(&of, "shopping for order-status-changed-producers", 20.0).len(), 43, "no names");
    }

    #[test]
    fn names_that_fit_leave_their_room_to_wider_ones() {
        assert_eq!(share(&[2.0, 10.0, 12.0], 12.0), 5.0);
        assert_eq!(share(&[2.0, 3.0], 12.0), f32::INFINITY);
    }
}
