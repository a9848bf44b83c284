//! The order of things in a column: it follows from who talks to whom, so that links cross as little as possible.

use petgraph::graphmap::UnGraphMap;
use queuescope::plan::{GroupId, NodeId, Plan, Role, SetId, Target};

/// Something that stands in a column.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Thing {
    Node(NodeId),
    Set(SetId),
    Group(GroupId),
}

/// Who talks to whom, as far as links are drawn.
fn talks(plan: &Plan) -> UnGraphMap<Thing, ()> {
    let mut graph = UnGraphMap::new();
    let mut reach = |who: Thing, topic: queuescope::plan::TopicId| {
        for queue in &plan.topics[topic].queues {
            graph.add_edge(who, Thing::Set(plan.queues[*queue].set), ());
        }
    };
    for (group, settings) in plan.groups.iter().enumerate() {
        reach(Thing::Group(group.into()), settings.topic);
    }
    for node in (0..plan.nodes.len()).map(NodeId::from) {
        if let Some(Target::Topic(topic)) = plan.producer(node).map(|producer| producer.target) {
            reach(Thing::Node(node), topic);
        }
    }
    for node in (0..plan.nodes.len()).map(NodeId::from) {
        match &plan.nodes[node].role {
            Role::Producer(producer) => {
                if let Target::Service(service) = producer.target {
                    graph.add_edge(Thing::Node(node), Thing::Node(service), ());
                }
            }
            Role::Consumer(consumer) => {
                if let Some(service) = consumer.calls {
                    graph.add_edge(Thing::Group(consumer.group), Thing::Node(service), ());
                }
            }
            _ => {}
        }
    }
    graph
}

/// Sorts things by the average place of the peers to which they talk; the order of the plan decides among equals. Things that
/// talk to none of them come last.
fn by_peers(graph: &UnGraphMap<Thing, ()>, mut things: Vec<Thing>, peers: &[Thing]) -> Vec<Thing> {
    let middle = |thing: &Thing| {
        let places: Vec<usize> =
            graph.neighbors(*thing).filter_map(|peer| peers.iter().position(|it| *it == peer)).collect();
        if places.is_empty() {
            usize::MAX
        } else {
            // In thousandths, since floats have no total order.
            places.iter().sum::<usize>() * 1000 / places.len()
        }
    };
    things.sort_by_key(middle);
    things
}

/// The columns of the stage, each from top to bottom.
pub(super) struct Columns {
    pub(super) producers: Vec<NodeId>,
    pub(super) sets: Vec<SetId>,
    pub(super) groups: Vec<GroupId>,
    pub(super) services: Vec<NodeId>,
}

/// The columns of a plan.
pub(super) fn columns(plan: &Plan) -> Columns {
    let graph = talks(plan);
    let sets: Vec<Thing> = (0..plan.sets.len()).map(|set| Thing::Set(set.into())).collect();
    let nodes = |pick: fn(&Role) -> bool| plan.nodes_where(pick).map(Thing::Node).collect::<Vec<_>>();
    let groups = (0..plan.groups.len()).map(|group| Thing::Group(group.into())).collect();
    let groups = by_peers(&graph, groups, &sets);
    let producers = by_peers(&graph, nodes(|role| matches!(role, Role::Producer(_))), &sets);
    let callers: Vec<Thing> = groups.iter().chain(&producers).copied().collect();
    let services = by_peers(&graph, nodes(|role| matches!(role, Role::Service(_))), &callers);
    let node = |thing: Thing| match thing {
        Thing::Node(node) => Some(node),
        _ => None,
    };
    Columns {
        producers: producers.into_iter().filter_map(node).collect(),
        sets: (0..plan.sets.len()).map(SetId::from).collect(),
        groups: groups
            .into_iter()
            .filter_map(|thing| match thing {
                Thing::Group(group) => Some(group),
                _ => None,
            })
            .collect(),
        services: services.into_iter().filter_map(node).collect(),
    }
}
