//! Faults on the wire: what lies over which link at which time.
//!
//! The plan knows all of them, so the state of a link can be computed for any time, also for one to come: a host's answer
//! that nobody listens leaves later than the verdict on it. Each fault remembers whether it has made a difference, for
//! the report.

use std::ops::Range;
use std::sync::Arc;

use typed_index_collections::TiVec;

use crate::kernel::{Distribution, Time};
use crate::plan::{Fault, FaultId, NodeId, Plan, Rule, WireFault};

/// All faults on the wire of a plan.
#[derive(Clone, Debug)]
pub(super) struct Disturbances {
    by_sender: Arc<TiVec<NodeId, OfSender>>,
    /// By fault: whether it has made a difference.
    felt: TiVec<FaultId, bool>,
}

/// Those over the links from one node.
#[derive(Clone, Default, Debug)]
struct OfSender {
    cuts: Layer<()>,
    latencies: Layer<Distribution>,
    losses: Layer<f64>,
    repeats: Layer<f64>,
    /// When any of them strikes or is over, in order.
    edges: Vec<Time>,
}

impl OfSender {
    /// The span around a time in which nothing changes.
    fn around(&self, at: Time) -> Range<Time> {
        let next = self.edges.partition_point(|edge| *edge <= at);
        let from = next.checked_sub(1).map_or(Time::ZERO, |last| self.edges[last]);
        from..self.edges.get(next).copied().unwrap_or(Time::NEVER)
    }
}

/// All faults of one kind over links from one node.
#[derive(Clone, Debug)]
struct Layer<T> {
    /// In the order in which they strike.
    list: Vec<Disturbance<T>>,
    /// By place in the list: when the last of all up to there is over.
    over: Vec<Time>,
}

/// What a fault says of the links from one node.
#[derive(Clone, Debug)]
struct Disturbance<T> {
    place: FaultSpan,
    what: T,
}

/// Where a fault is, and when.
#[derive(Clone, Debug)]
struct FaultSpan {
    /// Its number in the plan.
    fault: FaultId,
    span: Range<Time>,
    /// In order.
    receivers: Arc<[NodeId]>,
}

impl<T> Default for Layer<T> {
    fn default() -> Self {
        Self { list: Vec::new(), over: Vec::new() }
    }
}

impl<T: Copy> Layer<T> {
    /// Adds one that strikes after all that are there.
    fn push(&mut self, place: FaultSpan, what: T) {
        let last = self.over.last().map_or(place.span.end, |last| place.span.end.max(*last));
        self.over.push(last);
        self.list.push(Disturbance { place, what });
    }

    /// Those that lie over the link to a node at a time, by their numbers in the plan, the latest first.
    fn over(&self, at: Time, to: NodeId) -> impl Iterator<Item = (FaultId, T)> {
        let begun = self.list.partition_point(|it| it.place.span.start <= at);
        let lasting = (0..begun).rev().take_while(move |place| at < self.over[*place]).map(|place| &self.list[place]);
        let here = lasting.filter(move |it| at < it.place.span.end && it.place.receivers.binary_search(&to).is_ok());
        here.map(|it| (it.place.fault, it.what))
    }
}

/// What a link is like at a moment.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct LinkState {
    pub(super) latency: Distribution,
    pub(super) loss: f64,
    /// The fault that has made the loss what it is.
    loss_by: Option<FaultId>,
    /// Whether there would be less of it otherwise.
    more_loss: bool,
    /// None: messages arrive once.
    pub(super) repeats: Option<Repeats>,
}

/// Whether messages on a link arrive a second time.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Repeats {
    /// With which probability.
    pub(super) probability: f64,
    /// The fault that sets the probability.
    pub(super) by: FaultId,
    /// What it would be without that fault.
    pub(super) otherwise: f64,
}

impl LinkState {
    /// As the plan has it for all links.
    pub(super) const fn undisturbed(latency: Distribution, loss: f64) -> Self {
        Self { latency, loss, loss_by: None, more_loss: false, repeats: None }
    }
}

impl Disturbances {
    /// Those of a plan; none where it has none.
    pub(super) fn of(plan: &Plan) -> Option<Self> {
        let mut by_sender: TiVec<NodeId, OfSender> = vec![OfSender::default(); plan.nodes.len()].into();
        for fault in plan.faults_in_time() {
            let of = &plan.faults[fault];
            let span = of.at..plan.end_of(of).unwrap_or(Time::NEVER);
            let mut lie_over = |senders: &[NodeId], receivers: &[NodeId], say: &dyn Fn(&mut OfSender, FaultSpan)| {
                let sorted = |nodes: &[NodeId]| std::collections::BTreeSet::from_iter(nodes.iter().copied());
                let receivers: Arc<[NodeId]> = sorted(receivers).into_iter().collect();
                for sender in sorted(senders) {
                    let sender = &mut by_sender[sender];
                    sender.edges.extend([span.start, span.end]);
                    say(sender, FaultSpan { fault, span: span.clone(), receivers: Arc::clone(&receivers) });
                }
            };
            let Fault::Wire(WireFault { links, rule }) = &of.fault else { continue };
            for (senders, receivers) in links.directions() {
                lie_over(senders, receivers, &|sender, place| match *rule {
                    Rule::Cut => sender.cuts.push(place, ()),
                    Rule::Change { latency, loss } => {
                        if let Some(latency) = latency {
                            sender.latencies.push(place.clone(), latency);
                        }
                        if let Some(loss) = loss {
                            sender.losses.push(place, loss);
                        }
                    }
                    Rule::Repeat { probability } => sender.repeats.push(place, probability),
                });
            }
        }
        for sender in &mut by_sender {
            sender.edges.sort_unstable();
            sender.edges.dedup();
        }
        let any = by_sender.iter().any(|sender| !sender.edges.is_empty());
        any.then(|| Self { by_sender: Arc::new(by_sender), felt: vec![false; plan.faults.len()].into() })
    }

    /// Whether a fault has made a difference.
    pub(super) fn is_felt(&self, fault: FaultId) -> bool {
        self.felt[fault]
    }

    /// The span around a time in which no link from a node changes.
    pub(super) fn around(&self, at: Time, from: NodeId) -> Range<Time> {
        self.by_sender[from].around(at)
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
        let of = &by_sender[from];
        // Of several cuts the first has made the difference.
        if let Some((fault, ())) = of.cuts.over(at, to).last() {
            felt[fault] = true;
            return None;
        }
        // The latest wins, for each of the two; what would hold without it tells whether that is a difference.
        let (mut latencies, mut losses) = (of.latencies.over(at, to), of.losses.over(at, to));
        let mut repeats = of.repeats.over(at, to);
        let mut link = LinkState::undisturbed(latency, loss);
        if let Some((fault, latest, before)) = first_of_its_kind(&mut latencies, latency) {
            link.latency = latest;
            felt[fault] |= latest != before;
        }
        if let Some((fault, latest, before)) = first_of_its_kind(&mut losses, loss) {
            link = LinkState { loss: latest, loss_by: Some(fault), more_loss: latest > before, ..link };
            felt[fault] |= latest < before;
        }
        link.repeats = first_of_its_kind(&mut repeats, 0.0)
            .map(|(by, probability, otherwise)| Repeats { probability, by, otherwise })
            .filter(|it| it.probability > 0.0 || it.otherwise > 0.0);
        Some(link)
    }

    /// A fault has made a difference.
    pub(super) fn feel(&mut self, fault: FaultId) {
        self.felt[fault] = true;
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
    latest_first: &mut impl Iterator<Item = (FaultId, T)>,
    without: T,
) -> Option<(FaultId, T, T)> {
    let (mut fault, latest) = latest_first.next()?;
    for (earlier, before) in latest_first {
        if before != latest {
            return Some((fault, latest, before));
        }
        fault = earlier;
    }
    Some((fault, latest, without))
}
