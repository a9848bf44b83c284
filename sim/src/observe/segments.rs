//! Segments of time, and what several of them together have come to.
//!
//! The beginnings and ends of all spans part the time into segments. Over these stands a binary tree: each node is a
//! row of segments, as long as a power of two, and every span is the union of few nodes: of two at each height. So what
//! happens is put into one place, the present segment, however many spans overlap there; and what a span has come to is
//! put together from few parts. (A segment tree, as in de Berg et al., Computational Geometry, section 10.3.)
//!
//! A part is kept only as long as a span that is to end needs it, or a longer part that is not complete.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::part::Part;

/// Which rows of segments some span is put together from: known beforehand.
#[derive(Clone, Debug)]
pub(super) struct Cover {
    /// Leaves of the tree; its nodes are numbered from the root, 1, the children of `n` being `2n` and `2n + 1`.
    leaves: usize,
    /// By node: whether it is part of some span, or of a longer part that is.
    needed: Vec<bool>,
    /// Each node that is needed, after the last segment whose end finds a use for it; in the order of these.
    last_use: Vec<(usize, usize)>,
}

impl Cover {
    /// For so many segments, and spans from one to another of them, both included.
    pub(super) fn new(segments: usize, spans: impl Iterator<Item = (usize, usize)>) -> Self {
        let leaves = segments.next_power_of_two();
        let mut cover = Self { leaves, needed: vec![false; 2 * leaves], last_use: Vec::new() };
        let mut last_use = vec![0; 2 * leaves];
        for span in spans {
            for node in cover.nodes(span) {
                cover.needed[node] = true;
                last_use[node] = span.1.max(last_use[node]);
            }
        }
        // Parents come before their children.
        for (node, last_use) in last_use.iter_mut().enumerate().skip(2) {
            if cover.needed[node / 2] {
                cover.needed[node] = true;
                *last_use = cover.last_leaf(node / 2).max(*last_use);
            }
        }
        let needed = last_use.into_iter().enumerate().filter(|(node, _)| cover.needed[*node]);
        cover.last_use = needed.map(|(node, last_use)| (last_use, node)).collect();
        cover.last_use.sort_unstable();
        cover
    }

    fn last_leaf(&self, mut node: usize) -> usize {
        while node < self.leaves {
            node = 2 * node + 1;
        }
        node - self.leaves
    }

    /// The nodes of which a span consists, in order.
    fn nodes(&self, (first, last): (usize, usize)) -> Vec<usize> {
        let (mut nodes, mut after) = (Vec::new(), Vec::new());
        let (mut begin, mut end) = (self.leaves + first, self.leaves + last + 1);
        while begin < end {
            if begin % 2 == 1 {
                nodes.push(begin);
                begin += 1;
            }
            if end % 2 == 1 {
                end -= 1;
                after.push(end);
            }
            (begin, end) = (begin / 2, end / 2);
        }
        nodes.extend(after.into_iter().rev());
        nodes
    }
}

/// What the segments that are over have come to, and rows of them.
#[derive(Clone, Default, Debug)]
pub(super) struct Segments {
    /// How many are over.
    over: usize,
    /// By node of the tree; none where nothing came to pass.
    parts: BTreeMap<usize, Arc<Part>>,
    /// How many parts are of no more use.
    dropped: usize,
}

impl Segments {
    /// How many are over: the number of the present one.
    pub(super) const fn present(&self) -> usize {
        self.over
    }

    /// The present segment is over.
    pub(super) fn end(&mut self, part: Part, cover: &Cover) {
        while let Some((last, node)) = cover.last_use.get(self.dropped)
            && *last < self.over
        {
            self.parts.remove(node);
            self.dropped += 1;
        }
        let mut node = cover.leaves + self.over;
        self.over += 1;
        if cover.needed[node] && !part.is_empty() {
            self.parts.insert(node, Arc::new(part));
        }
        // A right child completes its parent.
        while node % 2 == 1 && node > 1 {
            node /= 2;
            if !cover.needed[node] {
                break;
            }
            let row = match (self.parts.get(&(2 * node)), self.parts.get(&(2 * node + 1))) {
                (Some(left), Some(right)) => Arc::new(left.joined(right)),
                (Some(one), None) | (None, Some(one)) => Arc::clone(one),
                (None, None) => continue,
            };
            self.parts.insert(node, row);
        }
    }

    /// The parts of a span, in order; those in which nothing came to pass are left out.
    pub(super) fn parts(&self, span: (usize, usize), cover: &Cover) -> impl Iterator<Item = &Part> {
        cover.nodes(span).into_iter().filter_map(|node| self.parts.get(&node)).map(Arc::as_ref)
    }
}

#[cfg(test)]
mod tests {
    use super::super::part::{PartKind, Wanted};
    use super::super::tally::Tally;
    use super::*;
    use crate::kernel::Time;
    use crate::plan::TopicId;

    #[test]
    fn a_span_is_few_nodes_that_follow_each_other() {
        let cover = Cover::new(13, std::iter::empty());
        let first_leaf = |node: usize| (0..).map(|depth| node << depth).find(|node| *node >= 16).unwrap_or(node) - 16;
        for first in 0..13 {
            for last in first..13 {
                let nodes = cover.nodes((first, last));
                assert!(nodes.len() <= 6, "{first} to {last}: {nodes:?}");
                let mut next = first;
                for node in nodes {
                    assert_eq!(first_leaf(node), next, "{first} to {last}");
                    next = cover.last_leaf(node) + 1;
                }
                assert_eq!(next, last + 1);
            }
        }
    }

    #[test]
    fn what_is_needed_is_kept_until_its_last_use() {
        let cover = Cover::new(8, [(1, 6), (5, 7)].into_iter());
        // The first is 1, 2 and 3, 4 and 5, 6; the second 5, 6 and 7.
        let needed: Vec<usize> = (1..16).filter(|node| cover.needed[*node]).collect();
        assert_eq!(needed, [5, 6, 7, 9, 10, 11, 12, 13, 14, 15]);
        let expected = [(3, 10), (3, 11), (5, 12), (6, 5), (6, 6), (6, 9), (7, 7), (7, 13), (7, 14), (7, 15)];
        assert_eq!(cover.last_use, expected);
    }

    #[test]
    fn as_many_parts_are_kept_as_spans_last() {
        // Each of a thousand spans lasts fifty segments, and in each segment something comes to pass.
        let wanted = Wanted { of_one: [(PartKind::Outages, 0)].into(), ..Wanted::default() };
        let cover = Cover::new(1051, (0..1000).map(|first| (first, first + 49)));
        let mut segments = Segments::default();
        for at in 0..1050 {
            let mut tally = Tally::default();
            tally.outage(TopicId(0), Time(at), Time(at + 1));
            segments.end(Part::take(&mut tally, &wanted), &cover);
            assert!(segments.parts.len() <= 2 * 50 + 2 * 11, "{} parts after {at}", segments.parts.len());
        }
        assert!(segments.parts.len() <= 50, "{} parts at the end", segments.parts.len());
    }
}
