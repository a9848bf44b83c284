//! The network: who can talk to whom, and for each message a verdict: delivered at a time, or dropped.
//!
//! It knows nothing of what messages say. Two messages from one node to another never overtake: each link is a
//! connection. What is cut off or otherwise disturbed is `disturbance`'s. Randomness comes from the sender's stream, so
//! that one more node does not change what the network does to the others.

mod disturbance;

use petgraph::graphmap::UnGraphMap;

use self::disturbance::Disturbances;
use crate::kernel::{Distribution, Stream, Time};
use crate::plan::{NodeId, Plan, Role, SetId, Target, TopicId};

/// Who can talk to whom. Nodes never leave it: down is a state, not an absence.
#[derive(Clone, Debug)]
pub struct Topology(UnGraphMap<NodeId, ()>);

impl Topology {
    /// The connections that a plan implies.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let mut graph = UnGraphMap::new();
        let nameservers: Vec<NodeId> = plan.nodes_where(|role| matches!(role, Role::Nameserver)).collect();
        let replicas = |set: SetId| plan.sets[set.index()].replicas.iter().copied();
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
                    let read = Some(plan.groups[consumer.group.index()].topic);
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

/// What becomes of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It arrives then.
    Deliver(Time),
    /// It never arrives: it is lost on the way.
    Lose,
    /// It never arrives: a partition lies between the two.
    Cut,
}

/// The links and what they do to messages.
#[derive(Clone, Debug)]
pub struct Network {
    latency: Distribution,
    loss: f64,
    /// By sender.
    senders: Vec<Sender>,
    /// What the plan's faults do to links; none in most runs.
    disturbances: Option<Disturbances>,
}

#[derive(Clone, Debug)]
struct Sender {
    latency: Stream,
    loss: Stream,
    /// By receiver, when the last message to it arrives; in order. Empty where latency is constant and no fault can
    /// change it: then nothing can overtake.
    arrivals: Vec<(NodeId, Time)>,
}

impl Network {
    /// A quiet network.
    #[must_use]
    pub fn new(plan: &Plan, seed: u64) -> Self {
        let sender = |name: &str| Sender {
            latency: Stream::new(seed, name, "network latency"),
            loss: Stream::new(seed, name, "network loss"),
            arrivals: Vec::new(),
        };
        Self {
            latency: plan.network.latency,
            loss: plan.network.loss,
            senders: plan.nodes.iter().map(|node| sender(&node.name)).collect(),
            disturbances: Disturbances::of(plan),
        }
    }

    /// Whether a partition or link fault of the plan, by its number, has made a difference so far.
    #[must_use]
    pub fn is_felt(&self, fault: usize) -> bool {
        self.disturbances.as_ref().is_some_and(|disturbances| disturbances.is_felt(fault))
    }

    /// What becomes of a message that is sent now.
    pub fn verdict(&mut self, now: Time, from: NodeId, to: NodeId) -> Verdict {
        if self.disturbances.is_some() {
            return self.verdict_where_disturbed(now, from, to);
        }
        let sender = &mut self.senders[from.index()];
        if sender.loss.chance(self.loss) {
            return Verdict::Lose;
        }
        if let Some(latency) = self.latency.constant() {
            return Verdict::Deliver(now + latency);
        }
        let at = now + self.latency.draw(&mut sender.latency);
        Verdict::Deliver(sender.in_order(to, at))
    }

    /// The same in a plan whose faults change links, be it now or at another time: what is sent when a link is quick again
    /// must not overtake what was sent when it was slow.
    #[cold]
    fn verdict_where_disturbed(&mut self, now: Time, from: NodeId, to: NodeId) -> Verdict {
        let Self { latency, loss, senders, disturbances: Some(disturbances) } = self else { return Verdict::Lose };
        let Some(link) = disturbances.link(now, from, to, *latency, *loss) else { return Verdict::Cut };
        let sender = &mut senders[from.index()];
        if sender.loss.chance(link.loss) {
            disturbances.lost(&link);
            return Verdict::Lose;
        }
        let at = now + link.latency.draw(&mut sender.latency);
        Verdict::Deliver(sender.in_order(to, at))
    }
}

impl Sender {
    /// When a message arrives that could by itself arrive at `at`: not before the one sent before it.
    fn in_order(&mut self, to: NodeId, at: Time) -> Time {
        match self.arrivals.binary_search_by_key(&to, |(receiver, _)| *receiver) {
            Ok(index) => {
                let last = &mut self.arrivals[index].1;
                *last = at.max(*last);
                *last
            }
            Err(index) => {
                self.arrivals.insert(index, (to, at));
                at
            }
        }
    }
}

#[cfg(test)]
mod tests;
