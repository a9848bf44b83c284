//! What can be done by hand to a node, now, and why the rest cannot: it would make no difference.

use queuescope::kernel::Distribution;
use queuescope::kernel::{Span, Time};
use queuescope::network::Topology;
use queuescope::plan::{ConsumerPlan, CrashMode, Fault, NodeId, Plan, ProducerPlan, Role, Setting};
use queuescope::scenario::Act;
use queuescope::session::Session;
use queuescope::world::Presence;

use crate::text::{Language, Word, fill};

/// A slow node takes so many times as long.
const SLOW: f64 = 4.0;
/// A bad link drops this share of all messages.
const LOSS: f64 = 0.3;
/// As many messages as a burst by hand has.
const BURST: u32 = 100;

/// Something to do, under the name by which a menu has it.
#[derive(Clone, PartialEq, Debug)]
pub struct Offer {
    /// Its name.
    pub word: Word,
    /// The node at the other end, where a link is meant.
    pub peer: Option<NodeId>,
    /// What is done; or why it would make no difference.
    pub act: Result<Act, Word>,
}

/// Everything that can be done at a time of a run.
pub struct Offers<'a> {
    session: &'a Session,
    at: Time,
    topology: Topology,
}

impl<'a> Offers<'a> {
    /// What can be done then.
    #[must_use]
    pub fn at(session: &'a Session, at: Time) -> Self {
        Self { session, at, topology: Topology::of(session.plan()) }
    }

    fn desk(&self, node: NodeId) -> NodeOffers<'_> {
        NodeOffers { session: self.session, plan: self.session.plan(), at: self.at, node }
    }

    /// What can be done to a node; what belongs together stands together.
    #[must_use]
    pub fn of(&self, node: NodeId) -> Vec<Vec<Offer>> {
        let desk = self.desk(node);
        let own = match &desk.plan.nodes[node.index()].role {
            Role::Producer(producer) => desk.sending(producer),
            Role::Consumer(consumer) => desk.consuming(consumer),
            Role::Broker { .. } => desk.storing(),
            Role::Nameserver | Role::Service(_) => Vec::new(),
        };
        let mut all = vec![desk.life(), own, desk.apart(self.topology.peers(node))];
        all.retain(|offers| !offers.is_empty());
        all
    }

    /// What can be done to a node's link to each node that it talks to.
    #[must_use]
    pub fn of_links(&self, node: NodeId) -> Vec<(NodeId, Vec<Offer>)> {
        let desk = self.desk(node);
        self.topology.peers(node).into_iter().map(|peer| (peer, desk.link(peer))).collect()
    }
}

/// A setting of a node that can be turned while the run goes on, as it is at a time.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SettingSlider {
    /// The setting, with its value then.
    pub setting: Setting,
    /// Its name.
    pub word: Word,
}

impl SettingSlider {
    /// The setting with another value: a length in nanoseconds about which it varies as before, a number, or a share.
    #[must_use]
    pub fn turned(self, value: f64) -> Setting {
        let longer = |time: Distribution| match time.middle() {
            Span(0) => Distribution::Constant(Span::from_nanos_f64(value)),
            middle => time.times(value / middle.0 as f64),
        };
        let number = value.round() as u32;
        match self.setting {
            Setting::Interval(time) => Setting::Interval(longer(time)),
            Setting::ServiceTime(time) => Setting::ServiceTime(longer(time)),
            Setting::StoreTime(time) => Setting::StoreTime(longer(time)),
            Setting::Threads(_) => Setting::Threads(number.max(1)),
            Setting::Workers(_) => Setting::Workers(number.max(1)),
            Setting::StoreLimit(_) => Setting::StoreLimit(number),
            Setting::QueueLimit(_) => Setting::QueueLimit(number),
            Setting::FailureRate(_) => Setting::FailureRate(value.clamp(0.0, 1.0)),
        }
    }

    /// Its value, as [`Self::turned`] takes it.
    #[must_use]
    pub const fn value(self) -> f64 {
        match self.setting {
            Setting::Interval(time) | Setting::ServiceTime(time) | Setting::StoreTime(time) => time.middle().0 as f64,
            Setting::Threads(n) | Setting::Workers(n) | Setting::StoreLimit(n) | Setting::QueueLimit(n) => n as f64,
            Setting::FailureRate(rate) => rate,
        }
    }
}

/// What can be turned at a node, as it is at a time; nothing once the run is over.
#[must_use]
pub fn knobs(session: &Session, at: Time, node: NodeId) -> Vec<SettingSlider> {
    let plan = session.plan();
    let knobs = match &plan.nodes[node.index()].role {
        Role::Producer(producer) => {
            producer.interval.map(|time| (Setting::Interval(time), Word::KnobInterval)).into_iter().collect()
        }
        Role::Consumer(consumer) => vec![
            (Setting::ServiceTime(consumer.service_time), Word::KnobServiceTime),
            (Setting::Threads(consumer.threads), Word::KnobThreads),
            (Setting::FailureRate(consumer.failure_rate), Word::KnobFailures),
        ],
        Role::Service(service) => vec![
            (Setting::ServiceTime(service.service_time), Word::KnobServiceTime),
            (Setting::Workers(service.workers), Word::KnobWorkers),
        ],
        Role::Broker { set } => vec![(Setting::StoreTime(plan.sets[set.index()].store_time), Word::KnobStoreTime)],
        Role::Nameserver => Vec::new(),
    };
    let over = session.scene().is_over();
    let turned = |(first, word)| SettingSlider { setting: turned(plan, at, node, first), word };
    knobs.into_iter().filter(|_| !over).map(turned).collect()
}

/// What a setting of a node that is this to begin with has become by a time.
fn turned(plan: &Plan, at: Time, node: NodeId, first: Setting) -> Setting {
    let changes = plan.changes.iter().filter(|change| change.node == node && change.at < at);
    let same = changes.filter(|change| change.setting.key() == first.key());
    same.max_by_key(|change| change.at).map_or(first, |change| change.setting)
}

/// What was done, in a few words: for a branch, or for who reads it out.
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
                Fault::Partition { sides, .. } if sides.1.len() > 1 => Word::DoCutOff,
                Fault::Partition { one_way: true, .. } => Word::DoCutOneWay,
                Fault::Partition { .. } => Word::DoCut,
                Fault::Link { loss: Some(_), .. } => Word::DoBadLink,
                Fault::Link { .. } => Word::DoSlowLink,
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

struct NodeOffers<'a> {
    session: &'a Session,
    plan: &'a Plan,
    at: Time,
    node: NodeId,
}

impl NodeOffers<'_> {
    /// Why nothing can break any more, if that is so.
    fn too_late(&self) -> Result<(), Word> {
        if self.session.scene().is_over() {
            Err(Word::WhyOver)
        } else if self.at >= Time::ZERO + self.plan.duration {
            Err(Word::WhyStopped)
        } else {
            Ok(())
        }
    }

    /// Why a node that is not up cannot be met with what only a living one feels.
    fn is_up(&self) -> Result<(), Word> {
        match self.session.scene().world().presence(self.node) {
            Presence::Up => Ok(()),
            Presence::Absent => Err(Word::WhyNotYet),
            Presence::Down(_) => Err(Word::WhyDown),
            Presence::Left => Err(Word::WhyLeft),
        }
    }

    /// The fault that lasts now and is of a kind, of several the last.
    fn lasting(&self, is: impl Fn(&Fault) -> bool) -> Option<usize> {
        let faults = self.plan.faults.iter().enumerate();
        let lasts = faults.filter(|(_, it)| it.at < self.at && self.plan.lasts_at(it, self.at) && is(&it.fault));
        lasts.map(|(number, _)| number).last()
    }

    fn breaks(&self, word: Word, fault: Fault, may: Result<(), Word>) -> Offer {
        let act = self.too_late().and(may).map(|()| Act::Break { fault, lasts: None });
        Offer { word, peer: None, act }
    }

    /// The end of a fault that lasts, or nothing to offer.
    fn ends(&self, word: Word, is: impl Fn(&Fault) -> bool) -> Option<Offer> {
        let act = self.lasting(is).map(|number| self.too_late().map(|()| Act::Mend(number)))?;
        Some(Offer { word, peer: None, act })
    }

    /// Up, down, paused, slow.
    fn life(&self) -> Vec<Offer> {
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
        if !matches!(self.plan.nodes[node.index()].role, Role::Nameserver | Role::Producer(_)) {
            offers.push(self.breaks(Word::DoSlow, Fault::Slow { node, factor: SLOW }, up));
            offers.extend(self.ends(Word::DoQuick, slows));
        }
        offers
    }

    /// One message, many, and twice and half as often as now.
    fn sending(&self, producer: &ProducerPlan) -> Vec<Offer> {
        let sends = (producer.starts..producer.stops).contains(&self.at);
        let may = self.too_late().and(self.is_up()).and(if sends { Ok(()) } else { Err(Word::WhySendsNot) });
        let send = |word, count| Offer { word, peer: None, act: may.map(|()| Act::Send(self.node, count)) };
        let mut offers = vec![send(Word::DoSendOne, 1), send(Word::DoSendMany, BURST)];
        if let Some(first) = producer.interval {
            let Setting::Interval(now) = turned(self.plan, self.at, self.node, Setting::Interval(first)) else {
                return offers;
            };
            let pace = |word, factor| {
                let setting = Setting::Interval(now.times(factor));
                Offer { word, peer: None, act: self.too_late().map(|()| Act::Set(self.node, setting)) }
            };
            offers.extend([pace(Word::DoTwice, 0.5), pace(Word::DoHalf, 2.0)]);
        }
        offers
    }

    fn consuming(&self, consumer: &ConsumerPlan) -> Vec<Offer> {
        let late = self.too_late();
        let may = late.and(self.is_up()).and(if consumer.leaves.is_some_and(|leaves| leaves < self.at) {
            Err(Word::WhyLeft)
        } else {
            Ok(())
        });
        vec![
            Offer { word: Word::DoJoin, peer: None, act: late.map(|()| Act::Join(self.node)) },
            Offer { word: Word::DoLeave, peer: None, act: may.map(|()| Act::Leave(self.node)) },
        ]
    }

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
        let joins = self.too_late().map(|()| Act::Join(node));
        offers.push(Offer { word: Word::DoJoinSet, peer: None, act: joins });
        offers
    }

    /// Cut off from everybody.
    fn apart(&self, peers: Vec<NodeId>) -> Vec<Offer> {
        if peers.is_empty() {
            return Vec::new();
        }
        let fault = Fault::Partition { sides: (vec![self.node], peers), one_way: false };
        let same = fault.clone();
        let mut offers = vec![self.breaks(Word::DoCutOff, fault, self.is_up())];
        offers.extend(self.ends(Word::DoHeal, |fault| *fault == same));
        offers
    }

    fn link(&self, peer: NodeId) -> Vec<Offer> {
        let (node, slower) = (self.node, self.plan.network.latency.times(10.0));
        let between = (node, peer);
        let cut = Fault::Partition { sides: (vec![node], vec![peer]), one_way: false };
        let one_way = Fault::Partition { sides: (vec![node], vec![peer]), one_way: true };
        let slow = Fault::Link { between, latency: Some(slower), loss: None };
        let bad = Fault::Link { between, latency: None, loss: Some(LOSS) };
        let lies_here = |fault: &Fault| match fault {
            Fault::Partition { sides: (one, other), .. } => {
                (*one == [node] && *other == [peer]) || (*one == [peer] && *other == [node])
            }
            Fault::Link { between, .. } => *between == (node, peer) || *between == (peer, node),
            _ => false,
        };
        let mut offers = vec![
            self.breaks(Word::DoCut, cut, Ok(())),
            self.breaks(Word::DoCutOneWay, one_way, Ok(())),
            self.breaks(Word::DoSlowLink, slow, Ok(())),
            self.breaks(Word::DoBadLink, bad, Ok(())),
        ];
        offers.extend(self.ends(Word::DoHeal, lies_here));
        offers.iter_mut().for_each(|offer| offer.peer = Some(peer));
        offers
    }
}
