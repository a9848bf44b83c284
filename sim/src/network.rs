//! The network: who can talk to whom, and for each message a verdict: delivered at a time, or dropped.
//!
//! It knows nothing of what messages say. Two messages from one node to another never overtake: each link is a
//! connection. `disturbance` knows what faults do to links. Each link draws from streams of its own, in each
//! direction, so that one more node does not change what the network does to the others.

mod disturbance;

use std::ops::Range;
use std::sync::Arc;

use petgraph::graphmap::UnGraphMap;
use rand::Rng;
use typed_index_collections::TiVec;

use self::disturbance::{Disturbances, LinkState, Repeats};
use crate::kernel::{Stream, Time, unit};
use crate::plan::{FaultId, NetworkPlan, NodeId, Plan, Role, SetId, Target, TopicId};

/// Who can talk to whom. Nodes never leave it: down is a state, not an absence.
#[derive(Clone, Debug)]
pub struct Topology(UnGraphMap<NodeId, ()>);

impl Topology {
    /// The connections that a plan implies.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let mut graph = UnGraphMap::new();
        let nameservers: Vec<NodeId> = plan.nameservers().collect();
        let replicas = |set: SetId| plan.sets[set].replicas.iter().copied();
        let brokers = |topic: TopicId| plan.sets_of(topic).into_iter().flat_map(replicas);
        for (index, node) in plan.nodes.iter().enumerate() {
            let me = NodeId::from(index);
            graph.add_node(me);
            let mut connect = |other| {
                graph.add_edge(me, other, ());
            };
            if node.role.registers() {
                nameservers.iter().copied().for_each(&mut connect);
            }
            match &node.role {
                Role::Nameserver | Role::Service(_) => {}
                Role::Broker { set } => {
                    replicas(*set).filter(|other| *other != me).for_each(connect);
                }
                Role::Producer(producer) => match producer.target {
                    Target::Topic(topic) => brokers(topic).for_each(connect),
                    Target::Service(service) => connect(service),
                },
                Role::Consumer(consumer) => {
                    let read = Some(plan.groups[consumer.group].topic);
                    read.into_iter().chain(consumer.publishes).flat_map(brokers).for_each(&mut connect);
                    consumer.calls.into_iter().for_each(connect);
                }
            }
        }
        Self(graph)
    }

    /// The nodes that a node has connections to, in the plan's order.
    #[must_use]
    pub fn peers(&self, node: NodeId) -> Vec<NodeId> {
        let mut peers: Vec<NodeId> = self.0.neighbors(node).collect();
        peers.sort_unstable();
        peers
    }
}

/// What the network does with a packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// It arrives at this time.
    Deliver(Time),
    /// It arrives twice.
    Repeat {
        /// For the first time.
        first: Time,
        /// For the second time.
        again: Time,
    },
    /// It never arrives: it is lost on the way.
    Lose,
    /// It never arrives: a partition lies between the two.
    Cut,
}

/// The links and what they do to messages.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    plan: Arc<Plan>,
    seed: u64,
    /// By sender.
    senders: TiVec<NodeId, SenderLinks>,
    /// What the plan's faults do to links; none in most runs.
    disturbances: Option<Disturbances>,
}

/// The links from one node. There is none where latency is constant, nothing is lost and no fault can change that: then
/// nothing is drawn, and nothing can overtake.
#[derive(Clone, Default, Debug)]
struct SenderLinks {
    /// By receiver, in order, where its link is.
    places: Vec<(NodeId, u32)>,
    links: Vec<Link>,
}

/// The link from one node to another.
#[derive(Clone, Default, Debug)]
struct Link {
    /// Random streams, from the first draw on.
    latency: Option<Box<Stream>>,
    loss: Option<Box<Stream>>,
    repeat: Option<Box<Stream>>,
    /// When the last message arrives.
    last: Time,
    /// What it is like, as far as a packet has needed to know.
    seen: Option<Seen>,
}

/// What a link is like from one time to before another.
#[derive(Clone, Debug)]
struct Seen {
    span: Range<Time>,
    /// None: the two are cut off from each other.
    state: Option<LinkState>,
}

impl Network {
    /// A quiet network.
    #[must_use]
    pub(crate) fn new(plan: &Arc<Plan>, seed: u64) -> Self {
        Self {
            seed,
            senders: vec![SenderLinks::default(); plan.nodes.len()].into(),
            disturbances: Disturbances::of(plan),
            plan: Arc::clone(plan),
        }
    }

    /// Whether a fault of the plan on the wire, by its number, has made a difference so far.
    #[must_use]
    pub(crate) fn is_felt(&self, fault: FaultId) -> bool {
        self.disturbances.as_ref().is_some_and(|disturbances| disturbances.is_felt(fault))
    }

    /// Decides what becomes of a packet that is sent now. `counts_twice` says whether its receiver would act on a repetition:
    /// only then has a fault that repeats it made a difference.
    pub(crate) fn verdict(
        &mut self,
        now: Time,
        from: NodeId,
        to: NodeId,
        counts_twice: impl FnOnce() -> bool,
    ) -> Verdict {
        let NetworkPlan { latency, loss } = self.plan.network;
        match latency.constant() {
            Some(latency) if loss <= 0.0 && self.disturbances.is_none() => Verdict::Deliver(now + latency),
            _ => self.draw(now, from, to, counts_twice),
        }
    }

    /// The same on links whose latency or loss is drawn, now or at any other time of the run: a packet that is sent when the
    /// link is quick again must not overtake one that was sent while it was slow.
    fn draw(&mut self, now: Time, from: NodeId, to: NodeId, counts_twice: impl FnOnce() -> bool) -> Verdict {
        let Self { plan, seed, senders, disturbances } = self;
        let NetworkPlan { latency, loss } = plan.network;
        let link = senders[from].link(to);
        let undisturbed;
        let state = match disturbances {
            None => {
                undisturbed = LinkState::undisturbed(latency, loss);
                Some(&undisturbed)
            }
            Some(disturbances) => {
                if !link.seen.as_ref().is_some_and(|seen| seen.span.contains(&now)) {
                    let state = disturbances.link(now, from, to, latency, loss);
                    link.seen = Some(Seen { span: disturbances.around(now, from), state });
                }
                link.seen.as_ref().and_then(|seen| seen.state.as_ref())
            }
        };
        let Some(state) = state else { return Verdict::Cut };
        let stream = |concern| Box::new(Stream::about(*seed, plan.name(from), plan.name(to), concern));
        if state.loss > 0.0 && link.loss.get_or_insert_with(|| stream("loss")).chance(state.loss) {
            if let Some(disturbances) = disturbances {
                disturbances.lost(state);
            }
            return Verdict::Lose;
        }
        let delay = match state.latency.constant() {
            Some(delay) => delay,
            None => state.latency.draw(link.latency.get_or_insert_with(|| stream("latency"))),
        };
        link.last = link.last.max(now + delay);
        let Some(Repeats { probability, otherwise, by }) = state.repeats else { return Verdict::Deliver(link.last) };
        // Repetition has a stream of its own, so that the first arrival is the same as without the fault.
        let draws = link.repeat.get_or_insert_with(|| stream("repeat"));
        let draw = unit(draws.next_u64());
        if (draw < probability) != (draw < otherwise) && counts_twice() {
            disturbances.iter_mut().for_each(|disturbances| disturbances.feel(by));
        }
        if draw >= probability {
            return Verdict::Deliver(link.last);
        }
        let first = link.last;
        link.last = first.max(now + state.latency.draw(draws));
        Verdict::Repeat { first, again: link.last }
    }
}

impl SenderLinks {
    #[inline]
    fn link(&mut self, to: NodeId) -> &mut Link {
        let place = match self.places.binary_search_by_key(&to, |(receiver, _)| *receiver) {
            Ok(index) => self.places[index].1,
            Err(index) => {
                let place = self.links.len() as u32;
                self.places.insert(index, (to, place));
                self.links.push(Link::default());
                place
            }
        };
        &mut self.links[place as usize]
    }
}

#[cfg(test)]
mod tests;
