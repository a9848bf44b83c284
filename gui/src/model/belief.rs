//! What a node believes of the cluster, and since when: clients act on what they were told, which may be out of date.

use queuescope::inspect::{Client, Node};
use queuescope::kernel::{Span, Time};
use queuescope::plan::{Epoch, NodeId, Plan, QueueId, Role, SetId};
use queuescope::session::Scene;

/// The master of a set that a node believes in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BelievedMaster {
    /// The set.
    pub set: SetId,
    /// The master; none: the node knows of none.
    pub master: Option<NodeId>,
    /// Its epoch; none: the node has heard of none.
    pub epoch: Option<Epoch>,
    /// When the node was told; none: it knows by itself.
    pub since: Option<Time>,
}

/// What a node believes of the cluster.
#[derive(Clone, PartialEq, Debug)]
pub struct NodeBelief {
    /// The node that believes it.
    pub node: NodeId,
    /// The master of each set that it knows of.
    pub masters: Vec<BelievedMaster>,
    /// Of a consumer: the queues that it believes it owns.
    pub owns: Vec<QueueId>,
    /// Of a consumer: the members of its group. Of a nameserver: the nodes that it takes for alive.
    pub members: Vec<NodeId>,
    /// Of a client: how long ago it was told of the masters; none: it was told nothing yet.
    pub age: Option<Span>,
}

/// The masters that a client believes in: of the sets of every topic whose route it has been told.
pub(super) fn masters<'a>(plan: &'a Plan, client: &'a Client) -> impl Iterator<Item = BelievedMaster> + 'a {
    client.beliefs().iter().filter(|belief| belief.version.is_some()).flat_map(move |belief| {
        plan.sets_of(belief.topic).into_iter().map(move |set| {
            let (master, epoch) = match client.master(belief.topic, set) {
                Some((master, epoch)) => (Some(master), Some(epoch)),
                None => (None, client.epoch(belief.topic, set)),
            };
            BelievedMaster { set, master, epoch, since: Some(belief.since) }
        })
    })
}

/// What a node believes; none: it is not up, or it is a service, which believes nothing.
#[must_use]
pub fn of(scene: &Scene, node: NodeId) -> Option<NodeBelief> {
    let world = scene.world();
    let plan = world.plan();
    if world.presence(node) != queuescope::inspect::Presence::Up {
        return None;
    }
    let belief = |masters: Vec<BelievedMaster>, owns, members| {
        let since = masters.iter().filter_map(|master| master.since).min();
        let age = since.map(|since| scene.at().since(since));
        Some(NodeBelief { node, masters, owns, members, age })
    };
    match &world.nodes()[node] {
        Node::Producer(it) => belief(masters(plan, it.client()).collect(), Vec::new(), Vec::new()),
        Node::Consumer(it) => {
            let client = it.client();
            let members = client.members().map(|members| members.consumers.clone());
            let owns = it.leases().map(|lease| lease.queue).collect();
            belief(masters(plan, client).collect(), owns, members.unwrap_or_default())
        }
        Node::Broker(it) => {
            let set = plan.broker_set(node)?;
            let lead =
                |master, epoch| vec![BelievedMaster { set, master: Some(master), epoch: Some(epoch), since: None }];
            let leads = it.master_in().map(|epoch| lead(node, epoch));
            let follows = it.follows().map(|(epoch, master)| lead(master, epoch));
            belief(leads.or(follows).unwrap_or_default(), Vec::new(), Vec::new())
        }
        Node::Nameserver(it) => {
            let leads = (0..plan.sets.len()).map(SetId::from).map(|set| {
                let (master, epoch) = it.led(set);
                BelievedMaster { set, master, epoch, since: None }
            });
            let alive = plan.nodes_where(Role::registers).filter(|node| it.believes_alive(*node)).collect();
            belief(leads.collect(), Vec::new(), alive)
        }
        Node::Service(_) => None,
    }
}
