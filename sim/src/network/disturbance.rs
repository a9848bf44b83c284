//! Partitions and link faults: what lies over which link at which time.
//!
//! They are known from the plan, so what holds at a time can be told of any time, also of one that is still to come: a
//! host's word that nobody listens leaves later than the verdict on it. Which of them have made a difference is
//! remembered, for whoever wants to know in the end.

use std::ops::Range;
use std::sync::Arc;

use crate::kernel::{Distribution, Time};
use crate::plan::{Fault, NodeId, Plan};

/// All partitions and link faults of a plan.
#[derive(Clone, Debug)]
pub(super) struct Disturbances {
    by_sender: Arc<[OfSender]>,
    /// By fault: whether it has made a difference.
    felt: Vec<bool>,
}

/// Those over the links from one node.
#[derive(Clone, Default, Debug)]
struct OfSender {
    /// In the order in which they strike.
    list: Vec<Disturbance>,
    /// By place in the list: when the last of all up to there is over.
    over: Vec<Time>,
    /// When any of them strikes or is over, in order.
    edges: Vec<Time>,
}

impl OfSender {
    fn of(list: Vec<Disturbance>) -> Self {
        let over = list.iter().scan(Time::ZERO, |last, it| {
            *last = it.until.max(*last);
            Some(*last)
        });
        let mut edges: Vec<Time> = list.iter().flat_map(|it| [it.from, it.until]).collect();
        edges.sort_unstable();
        edges.dedup();
        Self { over: over.collect(), edges, list }
    }

    /// From when to before when nothing changes around a time.
    fn around(&self, at: Time) -> Range<Time> {
        let next = self.edges.partition_point(|edge| *edge <= at);
        let from = next.checked_sub(1).map_or(Time::ZERO, |last| self.edges[last]);
        from..self.edges.get(next).copied().unwrap_or(Time::NEVER)
    }

    /// Those that lie over the link to a node at a time, the latest first.
    fn over(&self, at: Time, to: NodeId) -> impl Iterator<Item = &Disturbance> {
        let begun = self.list.partition_point(|it| it.from <= at);
        let lasting = (0..begun).rev().take_while(move |place| at < self.over[*place]).map(|place| &self.list[place]);
        lasting.filter(move |it| at < it.until && it.receivers.binary_search(&to).is_ok())
    }
}

/// One of them, over the links from one node.
#[derive(Clone, Debug)]
struct Disturbance {
    /// Its number in the plan.
    fault: usize,
    from: Time,
    until: Time,
    /// In order.
    receivers: Arc<[NodeId]>,
    what: What,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Cut,
    Other { latency: Option<Distribution>, loss: Option<f64> },
}

/// What a link is like at a moment.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct LinkState {
    pub(super) latency: Distribution,
    pub(super) loss: f64,
    /// The fault that has made the loss what it is.
    loss_by: Option<usize>,
    /// Whether there would be less of it otherwise.
    more_loss: bool,
}

impl LinkState {
    /// As the plan has it for all links.
    pub(super) const fn undisturbed(latency: Distribution, loss: f64) -> Self {
        Self { latency, loss, loss_by: None, more_loss: false }
    }
}

impl Disturbances {
    /// Those of a plan; none where it has none.
    pub(super) fn of(plan: &Plan) -> Option<Self> {
        let mut by_sender = vec![Vec::new(); plan.nodes.len()];
        let mut order: Vec<usize> = (0..plan.faults.len()).collect();
        order.sort_by_key(|fault| plan.faults[*fault].at);
        for fault in order {
            let of = &plan.faults[fault];
            let mut lie_over = |senders: &[NodeId], receivers: &[NodeId], what| {
                let sorted = |nodes: &[NodeId]| std::collections::BTreeSet::from_iter(nodes.iter().copied());
                let receivers: Arc<[NodeId]> = sorted(receivers).into_iter().collect();
                for sender in sorted(senders) {
                    let (from, until) = (of.at, plan.end_of(of).unwrap_or(Time::NEVER));
                    by_sender[sender.index()].push(Disturbance {
                        fault,
                        from,
                        until,
                        receivers: Arc::clone(&receivers),
                        what,
                    });
                }
            };
            match &of.fault {
                Fault::Partition { sides: (first, second), one_way } => {
                    lie_over(first, second, What::Cut);
                    if !one_way {
                        lie_over(second, first, What::Cut);
                    }
                }
                Fault::Link { between: (one, other), latency, loss } => {
                    let what = What::Other { latency: *latency, loss: *loss };
                    lie_over(&[*one], &[*other], what);
                    lie_over(&[*other], &[*one], what);
                }
                Fault::Crash { .. }
                | Fault::Pause { .. }
                | Fault::Slow { .. }
                | Fault::DiskFull { .. }
                | Fault::Wipe { .. } => {}
            }
        }
        let any = by_sender.iter().any(|list| !list.is_empty());
        any.then(|| Self {
            by_sender: by_sender.into_iter().map(OfSender::of).collect(),
            felt: vec![false; plan.faults.len()],
        })
    }

    /// Whether a fault has made a difference.
    pub(super) fn is_felt(&self, fault: usize) -> bool {
        self.felt[fault]
    }

    /// From when to before when no link from a node changes around a time.
    pub(super) fn around(&self, at: Time, from: NodeId) -> Range<Time> {
        self.by_sender[from.index()].around(at)
    }

    /// What the link is like for a message that is sent at a time; none: the two are cut off from each other.
    pub(super) fn link(
        &mut self,
        at: Time,
        from: NodeId,
        to: NodeId,
        latency: Distribution,
        loss: f64,
    ) -> Option<LinkState> {
        let Self { by_sender, felt } = self;
        let lasting = || by_sender[from.index()].over(at, to);
        // Of several cuts the first has made the difference.
        if let Some(cut) = lasting().filter(|it| matches!(it.what, What::Cut)).last() {
            felt[cut.fault] = true;
            return None;
        }
        // The latest wins, for each of the two; what would hold without it tells whether that is a difference.
        let mut latencies = lasting().filter_map(|it| match it.what {
            What::Other { latency, .. } => Some((it.fault, latency?)),
            What::Cut => None,
        });
        let mut losses = lasting().filter_map(|it| match it.what {
            What::Other { loss, .. } => Some((it.fault, loss?)),
            What::Cut => None,
        });
        let mut link = LinkState::undisturbed(latency, loss);
        if let Some((fault, latest, before)) = first_of_its_kind(&mut latencies, latency) {
            link.latency = latest;
            felt[fault] |= latest != before;
        }
        if let Some((fault, latest, before)) = first_of_its_kind(&mut losses, loss) {
            link = LinkState { loss: latest, loss_by: Some(fault), more_loss: latest > before, ..link };
            felt[fault] |= latest < before;
        }
        Some(link)
    }

    /// A message was lost on a link.
    pub(super) fn lost(&mut self, link: &LinkState) {
        if let Some(fault) = link.loss_by {
            self.felt[fault] |= link.more_loss;
        }
    }
}

/// What the latest of several faults says, the one that said so first, and what held before.
fn first_of_its_kind<T: Copy + PartialEq>(
    latest_first: &mut impl Iterator<Item = (usize, T)>,
    without: T,
) -> Option<(usize, T, T)> {
    let (mut fault, latest) = latest_first.next()?;
    for (earlier, before) in latest_first {
        if before != latest {
            return Some((fault, latest, before));
        }
        fault = earlier;
    }
    Some((fault, latest, without))
}
