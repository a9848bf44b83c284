//! What a node believes, and since when: clients act on what they were told, not on what is.

use queuescope::kernel::{Span, Time};
use queuescope::node::Node;
use queuescope::node::client::Client;
use queuescope::plan::{NodeId, Plan, QueueId, Role, SetId};
use queuescope::session::Scene;

/// What somebody believes about who leads a set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BelievedMaster {
    /// Which set.
    pub set: SetId,
    /// Who leads it; none: nobody that it knows of.
    pub master: Option<NodeId>,
    /// In which epoch; 0: it has heard of none.
    pub epoch: u32,
    /// When it was told, if that is known; none: it knows by itself.
    pub since: Option<Time>,
}

/// What a node believes.
#[derive(Clone, PartialEq, Debug)]
pub struct NodeBelief {
    /// Who.
    pub node: NodeId,
    /// Who leads.
    pub masters: Vec<BelievedMaster>,
    /// Consumer: the queues that it takes for its own.
    pub owns: Vec<QueueId>,
    /// Consumer: who is in its group. Nameserver: who is alive.
    pub knows: Vec<NodeId>,
    /// Client: how long ago it was told who leads; none: nobody has told it yet.
    pub age: Option<Span>,
}

/// What a client believes about the sets of its topics; of what it was told nothing yet, nothing.
pub(super) fn masters<'a>(plan: &'a Plan, client: &'a Client) -> impl Iterator<Item = BelievedMaster> + 'a {
    client.beliefs().iter().filter(|belief| belief.version > 0).flat_map(move |belief| {
        plan.sets_of(belief.topic).into_iter().map(move |set| {
            let (master, epoch) = match client.master(belief.topic, set) {
                Some((master, epoch)) => (Some(master), epoch),
                None => (None, client.epoch(belief.topic, set)),
            };
            BelievedMaster { set, master, epoch, since: Some(belief.since) }
        })
    })
}

/// What a node believes; none of one that does not run, and of services, which believe nothing.
#[must_use]
pub fn of(scene: &Scene, node: NodeId) -> Option<NodeBelief> {
    let world = scene.world();
    let plan = world.plan();
    if world.presence(node) != queuescope::world::Presence::Up {
        return None;
    }
    let belief = |masters: Vec<BelievedMaster>, owns, knows| {
        let since = masters.iter().filter_map(|lead| lead.since).min();
        let age = since.map(|since| scene.at().since(since));
        Some(NodeBelief { node, masters, owns, knows, age })
    };
    match &world.nodes()[node.index()] {
        Node::Producer(it) => belief(masters(plan, it.client()).collect(), Vec::new(), Vec::new()),
        Node::Consumer(it) => {
            let client = it.client();
            let members = client.members().map(|members| members.consumers.clone());
            let owns = it.claims().map(|claim| claim.queue).collect();
            belief(masters(plan, client).collect(), owns, members.unwrap_or_default())
        }
        Node::Broker(it) => {
            let set = plan.broker_set(node)?;
            let lead = |master, epoch| vec![BelievedMaster { set, master: Some(master), epoch, since: None }];
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
