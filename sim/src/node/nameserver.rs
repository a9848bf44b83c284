//! A nameserver: the registry. It knows who is alive and where, which broker set is led by whom, and who is in which
//! group; it tells brokers their roles and clients what has changed. It holds no messages.
//!
//! - where a master is elected: `election`
//!
//! What it knows is in memory: one that has just started learns masters and epochs from registrations. Only the highest
//! epoch that it has given each set is on its disk, so that none is ever given twice. Nameservers do not know each
//! other; the first in the file elects.
//!
//! Simplification against Apache RocketMQ: there, a nameserver elects nobody and pushes nothing to clients, and groups
//! are kept by the brokers; this is its controller mode with the controller inside the nameserver.

mod election;

use std::sync::Arc;

use typed_index_collections::TiVec;

use self::election::BrokerSet;
use super::{Input, Timer, Turn};
use crate::kernel::Time;
use crate::plan::{Epoch, GroupId, Life, NodeId, Plan, Role, RouteRefresh, SetId, Target, TopicId};
use crate::protocol::{
    BrokerStatus, Departure, EndedLives, Heartbeat, HeartbeatStatus, KnownVersions, Members, Packet, Route, SetLeader,
    Version,
};
use crate::record::Kind;

/// A nameserver.
#[derive(Clone, Debug)]
pub struct Nameserver {
    /// Whether it is the one that elects.
    elects: bool,
    /// On its disk: by set, the highest epoch that it has given.
    given: TiVec<SetId, Option<Epoch>>,
    memory: NameserverMemory,
}

#[derive(Clone, Debug, Default)]
struct NameserverMemory {
    /// By node: what it has heard of it.
    nodes: TiVec<NodeId, Registration>,
    sets: TiVec<SetId, BrokerSet>,
    routes: TiVec<TopicId, Arc<Route>>,
    groups: TiVec<GroupId, Arc<Members>>,
    /// By set: consumers that read from it and died or left, in order.
    departures: TiVec<SetId, Vec<Departed>>,
    /// Of the one that elects: since when it has listened, until it has called the roll.
    listening_since: Option<Time>,
}

/// A consumer that died or left.
#[derive(Clone, Copy, Debug)]
struct Departed {
    consumer: NodeId,
    lives: EndedLives,
}

#[derive(Clone, Copy, Debug, Default)]
struct Registration {
    alive: bool,
    /// The latest life that it has heard of; none: it has never heard of the node.
    life: Option<Life>,
    heard: Time,
    /// Client: has asked for a route, and is told of changes.
    asked: bool,
    /// Broker: the highest epoch on its disk, as it said last.
    last_epoch: Option<Epoch>,
}

impl Nameserver {
    /// A nameserver before its first life.
    #[must_use]
    pub(crate) fn new(plan: &Plan, me: NodeId) -> Self {
        let elects = plan.nameservers().next() == Some(me);
        Self { elects, given: vec![None; plan.sets.len()].into(), memory: NameserverMemory::default() }
    }

    /// Whether it takes a node for alive.
    #[must_use]
    pub fn believes_alive(&self, node: NodeId) -> bool {
        self.memory.nodes.get(node).is_some_and(|registration| registration.alive)
    }

    /// When it last heard of a node that it takes for alive.
    #[must_use]
    pub fn heard(&self, node: NodeId) -> Option<Time> {
        self.memory.nodes.get(node).filter(|registration| registration.alive).map(|it| it.heard)
    }

    /// Who leads a set, as far as it knows, and in which epoch; none: nobody was elected yet.
    #[must_use]
    pub fn led(&self, set: SetId) -> (Option<NodeId>, Option<Epoch>) {
        self.memory.sets.get(set).map_or((None, None), |set| (set.master, set.epoch))
    }

    /// A crash: what it knew is gone.
    pub(super) fn forget(&mut self, plan: &Plan) {
        self.memory = NameserverMemory::new(plan, Life::FIRST);
    }

    /// Takes its turn.
    #[cold]
    pub(crate) fn handle(&mut self, input: Input, turn: &mut Turn<'_>) {
        match input {
            Input::Start => {
                self.memory = NameserverMemory::new(turn.plan, turn.life);
                self.memory.listening_since = self.elects.then_some(turn.now);
                turn.wake(turn.plan.timers.scan, Timer::Scan);
            }
            Input::Timer(Timer::Scan) => {
                self.scan(turn);
                turn.wake(turn.plan.timers.scan, Timer::Scan);
            }
            Input::Packet { from, packet } => self.handle_packet(from, &packet, turn),
            Input::Timer(Timer::Ballot(set)) => self.ask_again(set, turn),
            Input::Timer(_) | Input::Set(_) | Input::Slow(_) | Input::DiskFull(_) | Input::Resume(_) => {}
        }
    }

    fn handle_packet(&mut self, from: NodeId, packet: &Packet, turn: &mut Turn<'_>) {
        match packet {
            Packet::Heartbeat(heartbeat) => self.heartbeat(from, heartbeat, turn),
            Packet::AskRoute { topic } => {
                self.memory.nodes[from].asked = true;
                let route = Arc::clone(&self.memory.routes[*topic]);
                turn.send(from, Packet::Route(route));
            }
            Packet::Goodbye => {
                turn.send(from, Packet::GoodbyeAnswer);
                if self.memory.nodes[from].alive {
                    self.gone(from, turn);
                }
            }
            Packet::ReplicaProgress(progress) => self.handle_progress(from, *progress, turn),
            Packet::Closed if self.memory.nodes[from].alive => self.declare_dead(from, turn),
            _ => {}
        }
    }

    fn heartbeat(&mut self, from: NodeId, heartbeat: &Heartbeat, turn: &mut Turn<'_>) {
        let registration = &mut self.memory.nodes[from];
        let known = *registration;
        if Some(heartbeat.life) < known.life {
            // Sent in a life that is over.
            return;
        }
        *registration = Registration { alive: true, life: Some(heartbeat.life), heard: turn.now, ..known };
        let reborn = Some(heartbeat.life) > known.life;
        if !known.alive || reborn {
            turn.note(Kind::Registered { of: from });
        }
        turn.send(from, Packet::HeartbeatAnswer { sent_at: heartbeat.sent_at });
        let versions = match heartbeat.status {
            HeartbeatStatus::Broker(status) => {
                return self.handle_broker_status(from, reborn || !known.alive, &status, turn);
            }
            HeartbeatStatus::Client(versions) => Some(versions),
            HeartbeatStatus::ListensElsewhere => None,
        };
        if let Some(consumer) = turn.plan.consumer(from) {
            if let Some(before) = heartbeat.life.before()
                && reborn
                && (known.alive || known.life.is_none())
            {
                // A short crash, or one that this nameserver has forgotten: what an earlier life locked is free.
                self.depart(from, Some(before), turn);
            }
            let joined = self.join(from, consumer.group, turn);
            if let Some(KnownVersions { members, .. }) = versions.filter(|_| !joined) {
                self.notify_members(from, consumer.group, members, turn);
            }
        }
        if let Some(KnownVersions { routes, .. }) = versions {
            self.notify_routes(from, routes, turn);
        }
    }

    // ---- brokers -------------------------------------------------------------------------------------------------

    fn handle_broker_status(&mut self, from: NodeId, fresh: bool, status: &BrokerStatus, turn: &mut Turn<'_>) {
        let Some(set) = turn.plan.broker_set(from) else { return };
        self.memory.nodes[from].last_epoch = status.last_epoch;
        let heard = status.last_departure.filter(|last| last.life == turn.life).map_or(0, |last| last.number as usize);
        for (index, departed) in self.memory.departures[set].iter().enumerate().skip(heard) {
            let Departed { consumer, lives } = *departed;
            let number = Departure { life: turn.life, number: index as u32 + 1 };
            turn.send(from, Packet::Departed { consumer, lives, number });
        }
        self.handle_replica_status(from, set, fresh, status, turn);
    }

    /// Tells the clients of every topic of a set who leads it.
    fn publish(&mut self, set: SetId, turn: &mut Turn<'_>) {
        let led = self.memory.sets[set].told(set);
        for topic in self.memory.routes.keys() {
            let route = &self.memory.routes[topic];
            let Ok(position) = route.sets.binary_search_by_key(&set, |known| known.set) else { continue };
            let mut route = Route::clone(route);
            route.version = route.version.next();
            route.changed = Some(set);
            route.sets[position] = led;
            let route = Arc::new(route);
            self.memory.routes[topic] = Arc::clone(&route);
            if turn.plan.timers.route_refresh == RouteRefresh::Push {
                for client in clients(turn.plan, route.topic) {
                    let registration = self.memory.nodes[client];
                    if registration.alive && registration.asked {
                        turn.send(client, Packet::Route(Arc::clone(&route)));
                    }
                }
            }
        }
    }

    // ---- clients -------------------------------------------------------------------------------------------------

    /// Takes a consumer into its group; false if it is there.
    fn join(&mut self, consumer: NodeId, group: GroupId, turn: &mut Turn<'_>) -> bool {
        let members = &self.memory.groups[group];
        let name = turn.plan.name(consumer).as_bytes();
        let place = members.consumers.binary_search_by(|known| turn.plan.name(*known).as_bytes().cmp(name));
        let Err(place) = place else { return false };
        let mut consumers = members.consumers.clone();
        consumers.insert(place, consumer);
        self.set_members(group, consumers, turn);
        true
    }

    fn set_members(&mut self, group: GroupId, consumers: Vec<NodeId>, turn: &mut Turn<'_>) {
        let version = Some(Version::after(self.memory.groups[group].version));
        let members = Arc::new(Members { group, version, consumers });
        self.memory.groups[group] = Arc::clone(&members);
        for consumer in &members.consumers {
            turn.send(*consumer, Packet::Members(Arc::clone(&members)));
        }
    }

    /// Makes good a lost push.
    fn notify_members(&self, to: NodeId, group: GroupId, known: Option<Version>, turn: &mut Turn<'_>) {
        let members = &self.memory.groups[group];
        if known != members.version {
            turn.send(to, Packet::Members(Arc::clone(members)));
        }
    }

    /// Makes good a lost push; where clients poll, they ask.
    fn notify_routes(&mut self, to: NodeId, known: [Option<Version>; 2], turn: &mut Turn<'_>) {
        if known.iter().any(Option::is_some) {
            self.memory.nodes[to].asked = true;
        }
        if turn.plan.timers.route_refresh != RouteRefresh::Push {
            return;
        }
        for (topic, known) in topics(turn.plan, to).into_iter().flatten().zip(known) {
            let route = &self.memory.routes[topic];
            // A client that knows no version has yet to ask, and asks until it is answered.
            if known.is_some_and(|known| known != route.version) {
                turn.send(to, Packet::Route(Arc::clone(route)));
            }
        }
    }

    // ---- the dead ------------------------------------------------------------------------------------------------

    fn scan(&mut self, turn: &mut Turn<'_>) {
        for node in self.memory.nodes.keys() {
            let Registration { alive, heard, .. } = self.memory.nodes[node];
            if alive && turn.now.since(heard) > turn.plan.timers.expire {
                turn.without_cause(|turn| self.declare_dead(node, turn));
            }
        }
        if self.memory.listening_since.is_some_and(|from| turn.now.since(from) > turn.plan.timers.expire) {
            self.memory.listening_since = None;
            turn.without_cause(|turn| self.expire_unheard(turn));
        }
    }

    fn declare_dead(&mut self, node: NodeId, turn: &mut Turn<'_>) {
        turn.note(Kind::DeclaredDead { of: node });
        self.gone(node, turn);
    }

    /// What follows when a node is no longer there.
    fn gone(&mut self, node: NodeId, turn: &mut Turn<'_>) {
        let registration = &mut self.memory.nodes[node];
        registration.alive = false;
        registration.asked = false;
        let life = registration.life;
        match turn.plan.nodes[node].role {
            Role::Broker { set } => self.replica_gone(node, set, turn),
            Role::Consumer(_) => self.depart(node, life, turn),
            Role::Nameserver | Role::Service(_) | Role::Producer(_) => {}
        }
    }

    /// It has listened for one expire: sets of which it has heard no master get one. A nameserver that has started anew
    /// has forgotten who was there: which consumer has not been heard of is dead to it, whatever it may have locked.
    fn expire_unheard(&mut self, turn: &mut Turn<'_>) {
        for set in (0..turn.plan.sets.len()).map(SetId::from) {
            if self.memory.sets[set].has_no_master() {
                self.begin_ballot(set, turn);
            }
        }
        if turn.life == Life::FIRST {
            return;
        }
        for consumer in turn.plan.nodes_where(|role| matches!(role, Role::Consumer(_))) {
            if self.memory.nodes[consumer].life.is_none() {
                self.notify_departure(consumer, None, turn);
            }
        }
    }

    /// Tells the brokers of the queues that a consumer may have locked that it is gone. One nameserver decides who is dead,
    /// and its word alone counts.
    fn notify_departure(&mut self, consumer: NodeId, last: Option<Life>, turn: &mut Turn<'_>) {
        let Some(group) = turn.plan.consumer(consumer).map(|consumer| consumer.group) else { return };
        if !self.elects {
            return;
        }
        let lives = EndedLives { last, at: turn.now };
        for set in turn.plan.sets_of(turn.plan.groups[group].topic) {
            let departures = &mut self.memory.departures[set];
            departures.push(Departed { consumer, lives });
            let number = Departure { life: turn.life, number: departures.len() as u32 };
            for broker in &turn.plan.sets[set].replicas {
                if self.memory.nodes[*broker].alive {
                    turn.send(*broker, Packet::Departed { consumer, lives, number });
                }
            }
        }
    }

    /// A life of a consumer has ended: it is out of its group, and brokers free what it had locked.
    fn depart(&mut self, consumer: NodeId, last: Option<Life>, turn: &mut Turn<'_>) {
        let Some(group) = turn.plan.consumer(consumer).map(|consumer| consumer.group) else { return };
        self.notify_departure(consumer, last, turn);
        let mut consumers = self.memory.groups[group].consumers.clone();
        if let Some(place) = consumers.iter().position(|member| *member == consumer) {
            consumers.remove(place);
            self.set_members(group, consumers, turn);
        }
    }
}

impl NameserverMemory {
    /// Versions are counted on from another number in each life: a client that knows one of an earlier life is told.
    fn new(plan: &Plan, life: Life) -> Self {
        let before = Version::new((life.number() - 1) << 20);
        let route = |index: usize| {
            let topic = TopicId::from(index);
            let sets =
                plan.sets_of(topic).into_iter().map(|set| SetLeader { set, epoch: None, master: None }).collect();
            Arc::new(Route { topic, version: Version::after(before), sets, changed: None })
        };
        let members =
            |index: usize| Arc::new(Members { group: GroupId::from(index), version: before, consumers: Vec::new() });
        Self {
            nodes: vec![Registration::default(); plan.nodes.len()].into(),
            sets: vec![BrokerSet::default(); plan.sets.len()].into(),
            routes: (0..plan.topics.len()).map(route).collect(),
            groups: (0..plan.groups.len()).map(members).collect(),
            departures: vec![Vec::new(); plan.sets.len()].into(),
            listening_since: None,
        }
    }
}

/// The topics that a client registers for: what it sends to, or reads, then what it publishes to.
fn topics(plan: &Plan, client: NodeId) -> [Option<TopicId>; 2] {
    match &plan.nodes[client].role {
        Role::Producer(producer) => match producer.target {
            Target::Topic(topic) => [Some(topic), None],
            Target::Service(_) => [None, None],
        },
        Role::Consumer(consumer) => [Some(plan.groups[consumer.group].topic), consumer.publishes],
        Role::Nameserver | Role::Broker { .. } | Role::Service(_) => [None, None],
    }
}

/// The clients that a topic has.
fn clients(plan: &Plan, topic: TopicId) -> impl Iterator<Item = NodeId> + '_ {
    (0..plan.nodes.len()).map(NodeId::from).filter(move |client| topics(plan, *client).contains(&Some(topic)))
}

#[cfg(test)]
mod tests;
