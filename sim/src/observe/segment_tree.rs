//! A segment tree over time: the aggregates of every span that is asked for, merged from those of few segments.
//!
//! The beginnings and ends of all spans part the time into segments. Over these stands a binary tree: each node is a
//! power of two of segments that follow each other, and every span is the union of few nodes, at most two at each height.
//! So each record is counted in one place, the present segment, however many spans overlap there. (de Berg et al.,
//! Computational Geometry, section 10.3.)
//!
//! The aggregates of a node are kept only as long as a span that has yet to end needs them, or a parent that is not
//! complete. It knows nothing of records.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::segment_aggregates::SegmentAggregates;

/// The nodes of the tree that some span needs: known before the run.
#[derive(Clone, Debug)]
pub(super) struct SegmentTree {
    /// Leaves of the tree; its nodes are numbered from the root, 1, the children of `n` being `2n` and `2n + 1`.
    leaves: usize,
    /// By node: whether a span is merged from it, or from one of its ancestors.
    needed: Vec<bool>,
    /// Each node that is needed, after the last segment at whose end it is used; in the order of these.
    last_use: Vec<(usize, usize)>,
}

impl SegmentTree {
    /// For so many segments, and spans from one to another of them, both included.
    pub(super) fn new(segments: usize, spans: impl Iterator<Item = (usize, usize)>) -> Self {
        let leaves = segments.next_power_of_two();
        let mut tree = Self { leaves, needed: vec![false; 2 * leaves], last_use: Vec::new() };
        let mut last_use = vec![0; 2 * leaves];
        for span in spans {
            for node in tree.nodes(span) {
                tree.needed[node] = true;
                last_use[node] = span.1.max(last_use[node]);
            }
        }
        // Parents come before their children.
        for (node, last_use) in last_use.iter_mut().enumerate().skip(2) {
            if tree.needed[node / 2] {
                tree.needed[node] = true;
                *last_use = tree.last_leaf(node / 2).max(*last_use);
            }
        }
        let needed = last_use.into_iter().enumerate().filter(|(node, _)| tree.needed[*node]);
        tree.last_use = needed.map(|(node, last_use)| (last_use, node)).collect();
        tree.last_use.sort_unstable();
        tree
    }

    fn last_leaf(&self, mut node: usize) -> usize {
        while node < self.leaves {
            node = 2 * node + 1;
        }
        node - self.leaves
    }

    /// The nodes whose union a span is, in the order of time.
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

/// The aggregates of the segments that are over, by node of the tree.
#[derive(Clone, Default, Debug)]
pub(super) struct ClosedSegments {
    /// How many segments are over.
    over: usize,
    /// By node of the tree; none where nothing happened.
    by_node: BTreeMap<usize, Arc<SegmentAggregates>>,
    /// How many nodes of `last_use` are of no more use.
    dropped: usize,
}

impl ClosedSegments {
    /// The number of the present segment.
    pub(super) const fn present(&self) -> usize {
        self.over
    }

    /// Ends the present segment, with these aggregates.
    pub(super) fn end(&mut self, aggregates: SegmentAggregates, tree: &SegmentTree) {
        while let Some((last, node)) = tree.last_use.get(self.dropped)
            && *last < self.over
        {
            self.by_node.remove(node);
            self.dropped += 1;
        }
        let mut node = tree.leaves + self.over;
        self.over += 1;
        if tree.needed[node] && !aggregates.is_empty() {
            self.by_node.insert(node, Arc::new(aggregates));
        }
        // A right child completes its parent.
        while node % 2 == 1 && node > 1 {
            node /= 2;
            if !tree.needed[node] {
                break;
            }
            let merged = match (self.by_node.get(&(2 * node)), self.by_node.get(&(2 * node + 1))) {
                (Some(left), Some(right)) => Arc::new(left.merged(right)),
                (Some(one), None) | (None, Some(one)) => Arc::clone(one),
                (None, None) => continue,
            };
            self.by_node.insert(node, merged);
        }
    }

    /// The aggregates of which those of a span are merged, in the order of time; none where nothing happened.
    pub(super) fn of_span(&self, span: (usize, usize), tree: &SegmentTree) -> impl Iterator<Item = &SegmentAggregates> {
        tree.nodes(span).into_iter().filter_map(|node| self.by_node.get(&node)).map(Arc::as_ref)
    }
}

#[cfg(test)]
mod tests {
    use super::super::aggregates::Aggregates;
    use super::super::segment_aggregates::{AggregateKind, WantedAggregates};
    use super::*;
    use crate::kernel::Time;
    use crate::plan::TopicId;

    #[test]
    fn a_span_is_few_nodes_that_follow_each_other() {
        let tree = SegmentTree::new(13, std::iter::empty());
        let first_leaf = |node: usize| (0..).map(|depth| node << depth).find(|node| *node >= 16).unwrap_or(node) - 16;
        for first in 0..13 {
            for last in first..13 {
                let nodes = tree.nodes((first, last));
                assert!(nodes.len() <= 6, "{first} to {last}: {nodes:?}");
                let mut next = first;
                for node in nodes {
                    assert_eq!(first_leaf(node), next, "{first} to {last}");
                    next = tree.last_leaf(node) + 1;
                }
                assert_eq!(next, last + 1);
            }
        }
    }

    #[test]
    fn a_node_that_is_needed_is_kept_until_its_last_use() {
        let tree = SegmentTree::new(8, [(1, 6), (5, 7)].into_iter());
        // The first is 1, 2 and 3, 4 and 5, 6; the second 5, 6 and 7.
        let needed: Vec<usize> = (1..16).filter(|node| tree.needed[*node]).collect();
        assert_eq!(needed, [5, 6, 7, 9, 10, 11, 12, 13, 14, 15]);
        let expected = [(3, 10), (3, 11), (5, 12), (6, 5), (6, 6), (6, 9), (7, 7), (7, 13), (7, 14), (7, 15)];
        assert_eq!(tree.last_use, expected);
    }

    #[test]
    fn as_many_nodes_are_kept_as_spans_are_open() {
        // Each of a thousand spans lasts fifty segments, and in each segment something happens.
        let wanted = WantedAggregates { for_one: [(AggregateKind::Outages, 0)].into(), ..WantedAggregates::default() };
        let tree = SegmentTree::new(1051, (0..1000).map(|first| (first, first + 49)));
        let mut segments = ClosedSegments::default();
        for second in 0..1050 {
            let mut aggregates = Aggregates::default();
            aggregates.add_outage(TopicId(0), Time(second), Time(second + 1));
            segments.end(SegmentAggregates::take(&mut aggregates, &wanted), &tree);
            assert!(segments.by_node.len() <= 2 * 50 + 2 * 11, "{} nodes after {second}", segments.by_node.len());
        }
        assert!(segments.by_node.len() <= 50, "{} nodes at the end", segments.by_node.len());
    }
}
