//! What producers and consumers have in common: they tell every nameserver that they are alive, and act on the route
//! that one of them, their *home*, has told them.
//!
//! A client believes the last route that it was told, also while no nameserver answers: cached routes carry the load when
//! the nameservers are gone. It must not know what brokers or other clients really do.

use std::sync::Arc;

use typed_index_collections::{TiSlice, TiVec};

use super::{Timer, Turn};
use crate::kernel::{Span, Time};
use crate::plan::{Epoch, GroupId, NodeId, Plan, QueueId, Role, RouteRefresh, SetId, TopicId};
use crate::protocol::{Heartbeat, HeartbeatStatus, KnownVersions, Members, Packet, Route, SetLeader, Version};

/// The beliefs of a client, and its conversation with the nameservers.
#[derive(Clone, Debug)]
pub struct Client {
    nameservers: Vec<NodeId>,
    /// The nameserver whose word counts.
    home: usize,
    /// For each nameserver, when the latest heartbeat was sent that it has answered.
    answered: Vec<Time>,
    beliefs: Vec<Belief>,
    group: Option<GroupId>,
    members: Option<Arc<Members>>,
    /// When it was told of them.
    members_since: Time,
    /// Version of the members, as its home counts; none: it has not been told by this one.
    members_version: Option<Version>,
    /// Counts the timers that ask again: only the latest does.
    refreshes: u32,
}

/// What a client believes about one topic.
#[derive(Clone, Debug)]
pub struct Belief {
    /// Which topic.
    pub topic: TopicId,
    /// Version of the route that it was told last, as its home counts.
    pub version: Option<Version>,
    /// When it was told.
    pub since: Time,
    /// By set: its epoch, and its master where the client knows one.
    masters: TiVec<SetId, KnownMaster>,
    /// The topic's queues, as far as it knows of them: those of a set that joins late, once that has had a master.
    queues: Arc<[QueueId]>,
    /// Those of them that have a master, as far as it knows and has not found it gone.
    led: Vec<QueueId>,
}

#[derive(Clone, Copy, Debug, Default)]
struct KnownMaster {
    epoch: Option<Epoch>,
    master: Option<NodeId>,
    /// The client has found the master gone, and waits for a later epoch.
    gone: bool,
}

/// What a packet from a nameserver has changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum News {
    /// Nothing that the client acts on.
    Nothing,
    /// The route of a topic.
    Route,
    /// The members of the group.
    Members,
    /// The nameserver that decides who is dead has heard what was sent then, and nothing for so long before that it may have
    /// thought the client dead.
    Revived(Time),
}

impl Client {
    /// A client that knows nothing yet.
    #[must_use]
    pub(crate) fn new(plan: &Plan, topics: &[TopicId], group: Option<GroupId>, now: Time) -> Self {
        let nameservers: Vec<NodeId> = plan.nameservers().collect();
        let belief = |topic| {
            let masters: TiVec<SetId, KnownMaster> = vec![KnownMaster::default(); plan.sets.len()].into();
            let queues = known_queues(plan, topic, &masters);
            Belief { topic, version: None, since: now, queues, led: Vec::new(), masters }
        };
        Self {
            home: 0,
            answered: vec![now; nameservers.len()],
            beliefs: topics.iter().copied().map(belief).collect(),
            group,
            members: None,
            members_since: now,
            members_version: None,
            refreshes: 0,
            nameservers,
        }
    }

    /// The nameservers, in the order of the file.
    #[must_use]
    pub fn nameservers(&self) -> &[NodeId] {
        &self.nameservers
    }

    /// The members of its group, as it was told last.
    #[must_use]
    pub fn members(&self) -> Option<&Arc<Members>> {
        self.members.as_ref()
    }

    /// When it was told of them.
    #[must_use]
    pub const fn members_since(&self) -> Time {
        self.members_since
    }

    /// The master of a set, as far as the client knows and has not found it gone.
    #[must_use]
    pub fn master(&self, topic: TopicId, set: SetId) -> Option<(NodeId, Epoch)> {
        self.belief(topic)?.masters[set].present()
    }

    fn belief(&self, topic: TopicId) -> Option<&Belief> {
        self.beliefs.iter().find(|belief| belief.topic == topic)
    }

    /// The latest epoch of a set that the client has heard of.
    #[must_use]
    pub fn epoch(&self, topic: TopicId, set: SetId) -> Option<Epoch> {
        self.belief(topic).and_then(|belief| belief.masters[set].epoch)
    }

    /// The queues of one of its topics that it knows of, in the plan's order.
    #[must_use]
    pub fn queues(&self, topic: TopicId) -> &Arc<[QueueId]> {
        &self.belief(topic).expect("a client is asked about its own topics").queues
    }

    /// Those of them whose master it knows and has not found gone.
    #[must_use]
    pub fn led_queues(&self, topic: TopicId) -> &[QueueId] {
        &self.belief(topic).expect("a client is asked about its own topics").led
    }

    /// Its beliefs about each of its topics.
    #[must_use]
    pub fn beliefs(&self) -> &[Belief] {
        &self.beliefs
    }

    /// Since when the first nameserver, which decides who is dead, may not have heard of this client.
    #[must_use]
    pub(crate) fn confirmed(&self) -> Time {
        self.answered[0]
    }

    /// Begins a life.
    pub(crate) fn start(&mut self, turn: &mut Turn<'_>) {
        self.heartbeat(turn);
        self.refresh(turn);
    }

    /// Tells all nameservers that it is alive, and turns to another one when its home is silent.
    pub(crate) fn heartbeat(&mut self, turn: &mut Turn<'_>) {
        let patience = turn.plan.timers.heartbeat + turn.plan.timers.call;
        if turn.now.since(self.answered[self.home]) > patience && self.nameservers.len() > 1 {
            self.home = (self.home + 1) % self.nameservers.len();
            for belief in &mut self.beliefs {
                belief.version = None;
            }
            self.members_version = None;
            self.refresh(turn);
        }
        for (index, nameserver) in self.nameservers.iter().enumerate() {
            let status = if index == self.home {
                let routes = [0, 1].map(|topic| self.beliefs.get(topic).and_then(|belief| belief.version));
                HeartbeatStatus::Client(KnownVersions { routes, members: self.members_version })
            } else {
                HeartbeatStatus::ListensElsewhere
            };
            turn.send(*nameserver, Packet::Heartbeat(Heartbeat { life: turn.life, sent_at: turn.now, status }));
        }
        turn.wake(turn.plan.timers.heartbeat, Timer::Heartbeat);
    }

    /// Asks for routes that it does not know; where clients poll, for all routes.
    pub(crate) fn refresh(&mut self, turn: &mut Turn<'_>) {
        self.refreshes += 1;
        let call = turn.plan.timers.call;
        let again = match turn.plan.timers.route_refresh {
            RouteRefresh::Push => {
                if self.beliefs.iter().all(|belief| belief.version.is_some()) {
                    return;
                }
                call
            }
            RouteRefresh::Poll(every) if self.beliefs.iter().all(Belief::leads_anywhere) => every,
            RouteRefresh::Poll(every) => every.min(call),
        };
        self.ask(turn);
        turn.wake(again.max(Span(1)), Timer::Refresh(self.refreshes));
    }

    /// Time to ask again, unless a later timer will.
    pub(crate) fn refresh_at(&mut self, number: u32, turn: &mut Turn<'_>) {
        if number == self.refreshes {
            self.refresh(turn);
        }
    }

    fn ask(&self, turn: &mut Turn<'_>) {
        for belief in &self.beliefs {
            turn.send(self.nameservers[self.home], Packet::AskRoute { topic: belief.topic });
        }
    }

    /// Handles a nameserver's packet.
    pub(crate) fn handle_packet(&mut self, from: NodeId, packet: &Packet, now: Time, plan: &Plan) -> News {
        let Some(index) = self.nameservers.iter().position(|nameserver| *nameserver == from) else {
            return News::Nothing;
        };
        match packet {
            Packet::HeartbeatAnswer { sent_at } => {
                let before = self.answered[index];
                self.answered[index] = before.max(*sent_at);
                let revived = index == 0 && sent_at.since(before) > plan.timers.expire;
                if revived { News::Revived(*sent_at) } else { News::Nothing }
            }
            Packet::Route(route) if index == self.home => self.learn(route, now, plan),
            Packet::Members(members) if index == self.home && self.group == Some(members.group) => {
                self.members = Some(Arc::clone(members));
                (self.members_version, self.members_since) = (members.version, now);
                News::Members
            }
            _ => News::Nothing,
        }
    }

    fn learn(&mut self, route: &Route, now: Time, plan: &Plan) -> News {
        let Some(belief) = self.beliefs.iter_mut().find(|belief| belief.topic == route.topic) else {
            return News::Nothing;
        };
        // It need not learn again what has not changed since the version that it knows.
        let changed = route.changed.filter(|_| Version::after(belief.version) == route.version);
        let told = match changed.and_then(|set| route.sets.binary_search_by_key(&set, |led| led.set).ok()) {
            Some(place) => &route.sets[place..=place],
            None => &route.sets[..],
        };
        belief.version = Some(route.version);
        belief.since = now;
        let mut news: Vec<SetId> = Vec::new();
        let mut appears = false;
        for &SetLeader { set, epoch, master } in told {
            let lead = &mut belief.masters[set];
            // A nameserver that has just started knows less than the client: a lower epoch is no news.
            if epoch > lead.epoch || (epoch == lead.epoch && master != lead.master) {
                appears |= lead.epoch.is_none() && plan.sets[set].joins > Time::ZERO;
                *lead = KnownMaster { epoch, master, gone: lead.gone && epoch == lead.epoch };
                news.push(set);
            }
        }
        if appears {
            let queues = known_queues(plan, route.topic, &belief.masters);
            if queues != belief.queues {
                belief.queues = queues;
            }
        }
        match news[..] {
            [] => return News::Nothing,
            [set] => belief.look_whether_led(set, plan),
            _ => belief.look_for_led(plan),
        }
        News::Route
    }

    /// The client has found that a broker is not the master in an epoch, or is gone in whatever epoch: it believes so until
    /// it hears of a later one.
    pub(crate) fn find_gone(&mut self, broker: NodeId, epoch: Option<Epoch>, plan: &Plan) {
        let Role::Broker { set } = plan.nodes[broker].role else { return };
        for belief in &mut self.beliefs {
            let lead = &mut belief.masters[set];
            if lead.master == Some(broker) && epoch.is_none_or(|epoch| lead.epoch <= Some(epoch)) && !lead.gone {
                lead.gone = true;
                belief.look_whether_led(set, plan);
            }
        }
    }
}

impl KnownMaster {
    /// The master and its epoch, where it is known and was not found gone.
    fn present(self) -> Option<(NodeId, Epoch)> {
        self.master.filter(|_| !self.gone).zip(self.epoch)
    }
}

/// The queues of a topic that a client knows of with these beliefs about the masters.
fn known_queues(plan: &Plan, topic: TopicId, masters: &TiSlice<SetId, KnownMaster>) -> Arc<[QueueId]> {
    let queues = plan.topics[topic].queues.iter().copied();
    let is_known = |set: SetId| plan.sets[set].joins == Time::ZERO || masters[set].epoch.is_some();
    queues.filter(|queue| is_known(plan.queues[*queue].set)).collect()
}

impl Belief {
    /// Finds the queues of a set that have a master, after something has changed there.
    fn look_whether_led(&mut self, set: SetId, plan: &Plan) {
        let set_of = |queue: &QueueId| plan.queues[*queue].set;
        let of_set = |queues: &[QueueId]| {
            queues.partition_point(|queue| set_of(queue) < set)..queues.partition_point(|queue| set_of(queue) <= set)
        };
        let is_led = self.masters[set].present().is_some();
        let led = if is_led { &self.queues[of_set(&self.queues)] } else { &[] };
        self.led.splice(of_set(&self.led), led.iter().copied());
    }

    /// Finds the queues that have a master, after much has changed.
    fn look_for_led(&mut self, plan: &Plan) {
        let Self { masters, led, queues, .. } = self;
        let is_led = |queue: &QueueId| masters[plan.queues[*queue].set].present().is_some();
        led.clear();
        led.extend(queues.iter().copied().filter(is_led));
    }

    fn leads_anywhere(&self) -> bool {
        self.masters.iter().any(|lead| lead.master.is_some())
    }
}

#[cfg(test)]
mod tests;
