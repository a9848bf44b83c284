//! Partitions and link faults: what lies over which link at which time.
//!
//! They are known from the plan, so what holds at a time can be told of any time, also of one that is still to come: a
//! host's word that nobody listens leaves later than the verdict on it. Which of them have made a difference is
//! remembered, for whoever wants to know in the end.

use std::sync::Arc;

use crate::kernel::{Distribution, Time};
use crate::plan::{Fault, NodeId, Plan};

/// All partitions and link faults of a plan.
#[derive(Clone, Debug)]
pub(super) struct Disturbances {
    /// By sender, in the order in which they strike.
    by_sender: Arc<[Vec<Disturbance>]>,
    /// By fault: whether it has made a difference.
    felt: Vec<bool>,
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
        any.then(|| Self { by_sender: by_sender.into(), felt: vec![false; plan.faults.len()] })
    }

    /// Whether a fault has made a difference.
    pub(super) fn is_felt(&self, fault: usize) -> bool {
        self.felt[fault]
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
        let begun = &by_sender[from.index()];
        let begun = &begun[..begun.partition_point(|it| it.from <= at)];
        let over = |it: &&Disturbance| at < it.until && it.receivers.binary_search(&to).is_ok();
        if let Some(cut) = begun.iter().filter(over).find(|it| matches!(it.what, What::Cut)) {
            felt[cut.fault] = true;
            return None;
        }
        // The latest wins, for each of the two; what would hold without it tells whether that is a difference.
        let lasting = || begun.iter().rev().filter(over);
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
