//! What somebody at the window can do to a node at a moment, and for everything else why it would make no difference.

use queuescope::inspect::{Presence, Topology};
use queuescope::kernel::Time;
use queuescope::plan::{
    ConsumerPlan, CrashMode, Fault, FaultId, Links, NodeId, Plan, ProducerPlan, Role, Rule, Setting, WireFault,
};
use queuescope::scenario::Act;
use queuescope::session::Session;
use queuescope::words::{Language, fill};

use super::slider;
use crate::text::Word;

/// How many times as long everything takes on a node that is made slow.
const SLOW: f64 = 4.0;
/// The share of packets that a bad link drops.
const LOSS: f64 = 0.3;
/// How many messages a burst has.
const BURST: u32 = 100;

/// Something that a menu offers.
#[derive(Clone, PartialEq, Debug)]
pub struct Offer {
    /// Its name.
    pub word: Word,
    /// The node at the other end, where a link is meant.
    pub peer: Option<NodeId>,
    /// What it does; or why it would make no difference.
    pub act: Result<Act, Word>,
}

/// Everything that can be done at a moment of a run.
pub struct Offers<'a> {
    session: &'a Session,
    at: Time,
    topology: Topology,
}

impl<'a> Offers<'a> {
    /// What can be done at a time.
    #[must_use]
    pub fn at(session: &'a Session, at: Time) -> Self {
        Self { session, at, topology: Topology::of(session.plan()) }
    }

    fn at_node(&self, node: NodeId) -> NodeOffers<'_> {
        NodeOffers { session: self.session, plan: self.session.plan(), at: self.at, node }
    }

    /// What can be done to a node, in sections.
    #[must_use]
    pub fn of(&self, node: NodeId) -> Vec<Vec<Offer>> {
        let offers = self.at_node(node);
        let own = match &offers.plan.nodes[node].role {
            Role::Producer(producer) => offers.sending(producer),
            Role::Consumer(consumer) => offers.consuming(consumer),
            Role::Broker { .. } => offers.storing(),
            Role::Nameserver | Role::Service(_) => Vec::new(),
        };
        let mut all = vec![offers.condition(), own, offers.isolation(self.topology.peers(node))];
        all.retain(|section| !section.is_empty());
        all
    }

    /// What can be done to a node's link to each node that it talks to.
    #[must_use]
    pub fn of_links(&self, node: NodeId) -> Vec<(NodeId, Vec<Offer>)> {
        let offers = self.at_node(node);
        self.topology.peers(node).into_iter().map(|peer| (peer, offers.link(peer))).collect()
    }
}

/// An act in a few words: the name of the branch that it made.
#[must_use]
pub fn words(plan: &Plan, act: &Act, language: Language) -> String {
    let text = |word: Word| word.text(language);
    let of = |word: Word, node: NodeId| format!("{}: {}", plan.name(node), text(word));
    match act {
        Act::Break { fault, .. } => {
            let word = match fault {
                Fault::Crash { mode: CrashMode::Process, .. } => Word::DoKill,
                Fault::Crash { .. } => Word::DoCrash,
                Fault::Pause { .. } => Word::DoPause,
                Fault::Slow { .. } => Word::DoSlow,
                Fault::DiskFull { .. } => Word::DoFill,
                Fault::Wipe { .. } => Word::DoWipe,
                Fault::Wire(WireFault { links, rule }) => match (rule, links) {
                    (Rule::Cut, Links::Sides { sides: (_, others), .. }) if others.len() > 1 => Word::DoCutOff,
                    (Rule::Cut, Links::Sides { one_way: true, .. }) => Word::DoCutOneWay,
                    (Rule::Cut, _) => Word::DoCut,
                    (Rule::Change { loss: Some(_), .. }, _) => Word::DoBadLink,
                    (Rule::Change { .. }, _) => Word::DoSlowLink,
                    (Rule::Repeat { .. }, _) => Word::DoRepeatLink,
                },
            };
            of(word, fault.node())
        }
        Act::Mend(number) => {
            let node = plan.faults.get(*number).map_or("", |fault| plan.name(fault.fault.node()));
            fill(text(Word::DoMend), &[node])
        }
        Act::Set(node, setting) => format!("{}: {}", plan.name(*node), setting.key()),
        Act::Join(like) if plan.broker_set(*like).is_some() => of(Word::DoJoinSet, *like),
        Act::Join(like) => of(Word::DoJoin, *like),
        Act::Leave(consumer) => of(Word::DoLeave, *consumer),
        Act::Send(producer, count) => of(if *count == 1 { Word::DoSendOne } else { Word::DoSendMany }, *producer),
    }
}

/// Finds out what can be done to one node.
struct NodeOffers<'a> {
    session: &'a Session,
    plan: &'a Plan,
    at: Time,
    node: NodeId,
}

impl NodeOffers<'_> {
    /// Whether faults can still strike; else why not.
    fn in_time(&self) -> Result<(), Word> {
        if self.session.scene().is_over() {
            Err(Word::WhyOver)
        } else if self.at >= Time::ZERO + self.plan.duration {
            Err(Word::WhyStopped)
        } else {
            Ok(())
        }
    }

    /// Whether the node is up; else why not.
    fn is_up(&self) -> Result<(), Word> {
        match self.session.scene().world().presence(self.node) {
            Presence::Up => Ok(()),
            Presence::Absent => Err(Word::WhyNotYet),
            Presence::Down(_) => Err(Word::WhyDown),
            Presence::Left => Err(Word::WhyLeft),
        }
    }

    /// The fault that lasts at the moment and fits; of several, the last.
    fn lasting(&self, is: impl Fn(&Fault) -> bool) -> Option<FaultId> {
        let faults = self.plan.faults.iter_enumerated();
        let lasts = faults.filter(|(_, it)| it.at < self.at && self.plan.lasts_at(it, self.at) && is(&it.fault));
        lasts.map(|(fault, _)| fault).last()
    }

    /// The offer of a fault.
    fn breaks(&self, word: Word, fault: Fault, may: Result<(), Word>) -> Offer {
        let act = self.in_time().and(may).map(|()| Act::Break { fault, lasts: None });
        Offer { word, peer: None, act }
    }

    /// The offer to end a fault that lasts, if there is one.
    fn ends(&self, word: Word, is: impl Fn(&Fault) -> bool) -> Option<Offer> {
        let act = self.lasting(is).map(|fault| self.in_time().map(|()| Act::Mend(fault)))?;
        Some(Offer { word, peer: None, act })
    }

    /// Crash, pause, slow, and the ends of these.
    fn condition(&self) -> Vec<Offer> {
        let (node, up) = (self.node, self.is_up());
        let crash = |mode| Fault::Crash { node, mode };
        let down = |fault: &Fault| matches!(fault, Fault::Crash { .. } | Fault::Wipe { .. }) && fault.node() == node;
        let pauses = |fault: &Fault| matches!(fault, Fault::Pause { .. }) && fault.node() == node;
        let slows = |fault: &Fault| matches!(fault, Fault::Slow { .. }) && fault.node() == node;
        let mut offers = vec![
            self.breaks(Word::DoCrash, crash(CrashMode::Host), up),
            self.breaks(Word::DoKill, crash(CrashMode::Process), up),
        ];
        offers.extend(self.ends(Word::DoRestart, down));
        let paused = self.ends(Word::DoResume, pauses);
        let may_pause = up.and(if paused.is_some() { Err(Word::WhyPaused) } else { Ok(()) });
        offers.push(self.breaks(Word::DoPause, Fault::Pause { node }, may_pause));
        offers.extend(paused);
        if !matches!(self.plan.nodes[node].role, Role::Nameserver | Role::Producer(_)) {
            offers.push(self.breaks(Word::DoSlow, Fault::Slow { node, factor: SLOW }, up));
            offers.extend(self.ends(Word::DoQuick, slows));
        }
        offers
    }

    /// Of a producer: one message, a burst, and to send twice or half as often.
    fn sending(&self, producer: &ProducerPlan) -> Vec<Offer> {
        let sends = (producer.starts..producer.stops).contains(&self.at);
        let may = self.in_time().and(self.is_up()).and(if sends { Ok(()) } else { Err(Word::WhySendsNot) });
        let send = |word, count| Offer { word, peer: None, act: may.map(|()| Act::Send(self.node, count)) };
        let mut offers = vec![send(Word::DoSendOne, 1), send(Word::DoSendMany, BURST)];
        if let Some(first) = producer.interval {
            let Setting::Interval(now) = slider::setting_at(self.plan, self.at, self.node, Setting::Interval(first))
            else {
                return offers;
            };
            let pace = |word, factor| {
                let setting = Setting::Interval(now.times(factor));
                Offer { word, peer: None, act: self.in_time().map(|()| Act::Set(self.node, setting)) }
            };
            offers.extend([pace(Word::DoTwice, 0.5), pace(Word::DoHalf, 2.0)]);
        }
        offers
    }

    /// Of a consumer: another one like it, or that it leaves.
    fn consuming(&self, consumer: &ConsumerPlan) -> Vec<Offer> {
        let in_time = self.in_time();
        let may = in_time.and(self.is_up()).and(if consumer.leaves.is_some_and(|leaves| leaves < self.at) {
            Err(Word::WhyLeft)
        } else {
            Ok(())
        });
        vec![
            Offer { word: Word::DoJoin, peer: None, act: in_time.map(|()| Act::Join(self.node)) },
            Offer { word: Word::DoLeave, peer: None, act: may.map(|()| Act::Leave(self.node)) },
        ]
    }

    /// Of a broker: a full disk, a wiped one, or another broker set like it.
    fn storing(&self) -> Vec<Offer> {
        let node = self.node;
        let full = |fault: &Fault| matches!(fault, Fault::DiskFull { .. }) && fault.node() == node;
        let room = self.ends(Word::DoMakeRoom, full);
        let may = self.is_up().and(if room.is_some() { Err(Word::WhyFull) } else { Ok(()) });
        let mut offers = vec![self.breaks(Word::DoFill, Fault::DiskFull { node }, may)];
        offers.extend(room);
        let gone = self.session.scene().world().presence(node) == Presence::Absent;
        let may = if gone { Err(Word::WhyNotYet) } else { Ok(()) };
        offers.push(self.breaks(Word::DoWipe, Fault::Wipe { node }, may));
        let joins = self.in_time().map(|()| Act::Join(node));
        offers.push(Offer { word: Word::DoJoinSet, peer: None, act: joins });
        offers
    }

    /// A partition from all nodes that it talks to.
    fn isolation(&self, peers: Vec<NodeId>) -> Vec<Offer> {
        if peers.is_empty() {
            return Vec::new();
        }
        let fault = partition(vec![self.node], peers, false);
        let same = fault.clone();
        let mut offers = vec![self.breaks(Word::DoCutOff, fault, self.is_up())];
        offers.extend(self.ends(Word::DoHeal, |fault| *fault == same));
        offers
    }

    /// Of a link: to cut it, to make it slow or bad, to let messages arrive twice.
    fn link(&self, peer: NodeId) -> Vec<Offer> {
        let (node, slower) = (self.node, self.plan.network.latency.times(10.0));
        let on_link = |rule| Fault::Wire(WireFault { links: Links::Between(node, peer), rule });
        let lies_here = |fault: &Fault| matches!(fault, Fault::Wire(wire) if wire.links.is_between(node, peer));
        let mut offers = vec![
            self.breaks(Word::DoCut, partition(vec![node], vec![peer], false), Ok(())),
            self.breaks(Word::DoCutOneWay, partition(vec![node], vec![peer], true), Ok(())),
            self.breaks(Word::DoSlowLink, on_link(Rule::Change { latency: Some(slower), loss: None }), Ok(())),
            self.breaks(Word::DoBadLink, on_link(Rule::Change { latency: None, loss: Some(LOSS) }), Ok(())),
            self.breaks(Word::DoRepeatLink, on_link(Rule::Repeat { probability: 1.0 }), Ok(())),
        ];
        offers.extend(self.ends(Word::DoHeal, lies_here));
        offers.iter_mut().for_each(|offer| offer.peer = Some(peer));
        offers
    }
}

/// A partition between two sides, or only from the first to the second.
fn partition(from: Vec<NodeId>, to: Vec<NodeId>, one_way: bool) -> Fault {
    Fault::Wire(WireFault { links: Links::Sides { sides: (from, to), one_way }, rule: Rule::Cut })
}
