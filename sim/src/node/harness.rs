//! One node alone: a bench that gives it its turns, keeps the timers that it asks for, and tells in words what it wanted.
//!
//! There is no network and no other node: what it hears, the test says.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{CopyRole, Effect, Input, Node, Outbox, SharedMemory, Timer, Turn};
use crate::kernel::{Span, Time};
use crate::plan::{Epoch, GroupId, GroupSlot, Life, MessageId, NodeId, Offset, Plan, QueueId, SetId, Setting, TopicId};
use crate::protocol::{
    BrokerStatus, Copied, CopySerial, Delivery, GroupProgress, Heartbeat, HeartbeatStatus, KnownVersions, Members,
    Outcome, Packet, ReadLease, Route, SendOutcome, SetLeader, Term, Version,
};
use crate::record::{Kind, Record};
use crate::scenario;
use crate::storage::MessageRef;

/// One node, and nothing else.
pub(crate) struct Bench {
    pub(crate) plan: Plan,
    pub(crate) node: Node,
    me: NodeId,
    now: Time,
    life: Option<Life>,
    out: Outbox,
    done: Done,
    /// In the order in which they were asked for.
    timers: Vec<(Time, Timer)>,
}

/// What a node did in one turn or in several.
#[derive(Debug, Default)]
pub(crate) struct TurnOutcome {
    /// `receiver: what it says`
    pub(crate) sent: Vec<String>,
    /// What it says has happened.
    pub(crate) noted: Vec<String>,
    /// When it wants to be woken, and what for.
    pub(crate) wakes: Vec<(Time, Timer)>,
    /// As `sent`, with when before it.
    timed: Vec<String>,
    pub(crate) packets: Vec<(NodeId, Packet)>,
    pub(crate) records: Vec<Record>,
    /// What it says that it has dropped: `message@offset ahead of group`, `before` it, or `failed for` it.
    pub(crate) dropped: Vec<String>,
    pub(crate) stopped: bool,
}

impl TurnOutcome {
    /// What it sent that has this word in it.
    pub(crate) fn about(&self, word: &str) -> Vec<&str> {
        self.sent.iter().filter(|line| line.contains(word)).map(String::as_str).collect()
    }

    /// What it sent that has this word in it, with when it did.
    pub(crate) fn timed(&self, word: &str) -> Vec<&str> {
        self.timed.iter().filter(|line| line.contains(word)).map(String::as_str).collect()
    }

    /// What it noted that has this word in it.
    pub(crate) fn notes_of(&self, word: &str) -> Vec<&str> {
        self.noted.iter().filter(|line| line.contains(word)).map(String::as_str).collect()
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.sent.extend(other.sent);
        self.noted.extend(other.noted);
        self.wakes.extend(other.wakes);
        self.timed.extend(other.timed);
        self.packets.extend(other.packets);
        self.records.extend(other.records);
        self.dropped.extend(other.dropped);
        self.stopped |= other.stopped;
    }
}

#[derive(Default)]
struct Done(BTreeSet<(GroupId, MessageId)>);

impl SharedMemory for Done {
    fn is_done(&self, group: GroupId, message: MessageId) -> bool {
        self.0.contains(&(group, message))
    }
}

/// So many seconds.
pub(crate) fn secs(seconds: f64) -> Span {
    Span::from_nanos_f64(seconds * 1e9)
}

impl Bench {
    /// A node of a scenario, before its first life. Title and duration are given.
    pub(crate) fn new(scenario: &str, name: &str) -> Self {
        let text = format!("title = \"bench\"\nduration = \"1000s\"\n{scenario}");
        let plan = scenario::read("bench.toml", &text).unwrap_or_else(|problems| panic!("{problems}"));
        let me = find(plan.nodes.iter().map(|node| &node.name), name).into();
        let node = Node::new(&plan, 1, me);
        let (out, done) = (Outbox::default(), Done::default());
        Self { plan, node, me, now: Time::ZERO, life: None, out, done, timers: Vec::new() }
    }

    /// A life begins; of an earlier one only what survives a crash is left.
    pub(crate) fn start(&mut self) -> TurnOutcome {
        self.life = Some(Life::after(self.life));
        self.turn(Input::Start)
    }

    /// A crash: memory and timers are gone.
    pub(crate) fn crashes(&mut self) {
        self.node.forget(&self.plan, self.now);
        self.timers.clear();
    }

    pub(crate) fn hears(&mut self, from: &str, packet: Packet) -> TurnOutcome {
        let from = self.id(from);
        self.turn(Input::Packet { from, packet })
    }

    pub(crate) fn set(&mut self, setting: Setting) -> TurnOutcome {
        self.turn(Input::Set(setting))
    }

    pub(crate) fn slow(&mut self, factor: f64) -> TurnOutcome {
        self.turn(Input::Slow(factor))
    }

    pub(crate) fn disk_is_full(&mut self, full: bool) -> TurnOutcome {
        self.turn(Input::DiskFull(full))
    }

    /// What time it is.
    pub(crate) fn second(&self) -> f64 {
        self.now.seconds()
    }

    /// Time passes up to this second: every timer that falls due rings, in the order of time, then of asking.
    pub(crate) fn until(&mut self, second: f64) -> TurnOutcome {
        let until = Time::ZERO + secs(second);
        assert!(until >= self.now, "time goes on");
        let mut told = TurnOutcome::default();
        while let Some(index) = (0..self.timers.len()).min_by_key(|index| (self.timers[*index].0, *index))
            && self.timers[index].0 <= until
        {
            let (at, timer) = self.timers.remove(index);
            self.now = self.now.max(at);
            told.add(self.turn(Input::Timer(timer)));
        }
        self.now = until;
        told
    }

    /// Time passes and nothing rings, as while a node is paused; what was due rings with the next `until`.
    pub(crate) fn sleeps_until(&mut self, second: f64) {
        self.now = Time::ZERO + secs(second);
    }

    /// The group has done a message, wherever that was.
    pub(crate) fn is_done(&mut self, message: &str) {
        let message = self.message(message);
        self.done.0.extend((0..self.plan.groups.len()).map(|group| (GroupId::from(group), message)));
    }

    /// The time.
    pub(crate) const fn now(&self) -> Time {
        self.now
    }

    fn turn(&mut self, input: Input) -> TurnOutcome {
        let Self { plan, node, me, now, life, out, done, .. } = self;
        let mut turn = Turn {
            now: *now,
            me: *me,
            life: life.unwrap_or(Life::FIRST),
            plan,
            shared: done,
            out,
            cause: None,
            deadline: Time::NEVER,
        };
        node.handle(input, &mut turn);
        let mut told = TurnOutcome { records: std::mem::take(&mut self.out.records), ..TurnOutcome::default() };
        told.noted.extend(told.records.iter().map(|record| self.note(record)));
        told.dropped.extend(std::mem::take(&mut self.out.dropped).iter().map(|dropped| {
            let message_ref = format!("{}@{}", self.plan.message(dropped.message), dropped.offset);
            let role = match dropped.role {
                CopyRole::Ahead => "ahead of",
                CopyRole::Before => "before",
                CopyRole::Failed => "failed for",
            };
            format!("{message_ref} {role} {}", self.plan.groups[dropped.group].name)
        }));
        for effect in std::mem::take(&mut self.out.effects) {
            match effect {
                Effect::Send { to, packet, .. } => {
                    let packet = self.out.packets.take(packet);
                    let line = format!("{}: {}", self.plan.name(to), self.say(&packet));
                    told.timed.push(format!("{} {line}", self.now.since(Time::ZERO)));
                    told.sent.push(line);
                    told.packets.push((to, packet));
                }
                Effect::Wake { at, timer, .. } => {
                    assert!(at >= self.now, "{timer:?} was asked for in the past");
                    told.wakes.push((at, timer));
                    self.timers.push((at, timer));
                }
                Effect::Stop => told.stopped = true,
            }
        }
        told
    }
}

// ---- names ---------------------------------------------------------------------------------------------------------

fn find<'a>(mut names: impl Iterator<Item = &'a String>, name: &str) -> usize {
    names.position(|known| known == name).unwrap_or_else(|| panic!("nothing is named {name}"))
}

impl Bench {
    pub(crate) fn id(&self, name: &str) -> NodeId {
        find(self.plan.nodes.iter().map(|node| &node.name), name).into()
    }

    pub(crate) fn queue(&self, name: &str) -> QueueId {
        find(self.plan.queues.iter().map(|queue| &queue.name), name).into()
    }

    pub(crate) fn topic(&self, name: &str) -> TopicId {
        find(self.plan.topics.iter().map(|topic| &topic.name), name).into()
    }

    pub(crate) fn message(&self, name: &str) -> MessageId {
        let (producer, number) = name.split_once('#').expect("producer#n");
        MessageId { producer: self.id(producer), number: number.parse().expect("producer#n") }
    }

    /// `shop#1@0`
    pub(crate) fn message_ref(&self, name: &str) -> MessageRef {
        let (message, offset) = name.split_once('@').expect("message@offset");
        MessageRef { message: self.message(message), offset: Offset(offset.parse().expect("message@offset")) }
    }

    /// A lease on a queue for the first group of its topic, in the first life of a consumer.
    pub(crate) fn lease(&self, queue: &str, epoch: u32) -> ReadLease {
        let queue = self.queue(queue);
        let group = self.plan.topics[self.plan.queues[queue].topic].groups[GroupSlot(0)];
        ReadLease { group, queue, epoch: Epoch::nth(epoch), life: Life::FIRST, term: Term::FIRST }
    }

    /// Who leads each set of a topic, in which epoch; `""`: nobody.
    pub(crate) fn route(&self, topic: &str, version: u32, sets: &[(&str, u32, &str)]) -> Packet {
        let led = |(set, epoch, master): &(&str, u32, &str)| SetLeader {
            set: SetId::from(find(self.plan.sets.iter().map(|set| &set.name), set)),
            epoch: Epoch::new(*epoch),
            master: (!master.is_empty()).then(|| self.id(master)),
        };
        Packet::Route(Arc::new(Route {
            topic: self.topic(topic),
            version: Version::nth(version),
            sets: sets.iter().map(led).collect(),
            changed: None,
        }))
    }

    /// A broker says what it is.
    pub(crate) fn broker_heartbeat(life: u32, status: BrokerStatus) -> Packet {
        let status = HeartbeatStatus::Broker(status);
        Packet::Heartbeat(Heartbeat { life: Life::nth(life), sent_at: Time::ZERO, status })
    }

    /// A client says which versions of its first route and of its group's members it knows; 0: none.
    pub(crate) fn client_heartbeat(life: u32, route: u32, members: u32) -> Packet {
        let versions = KnownVersions { routes: [Version::new(route), None], members: Version::new(members) };
        let status = HeartbeatStatus::Client(versions);
        Packet::Heartbeat(Heartbeat { life: Life::nth(life), sent_at: Time::ZERO, status })
    }

    /// The members of the first group.
    pub(crate) fn members(&self, version: u32, names: &[&str]) -> Packet {
        let consumers = names.iter().map(|name| self.id(name)).collect();
        Packet::Members(Arc::new(Members { group: GroupId(0), version: Version::new(version), consumers }))
    }
}

// ---- words ---------------------------------------------------------------------------------------------------------

impl Bench {
    fn names(&self, nodes: &[NodeId]) -> String {
        nodes.iter().map(|node| self.plan.name(*node)).collect::<Vec<_>>().join(" ")
    }

    fn q(&self, queue: QueueId) -> &str {
        &self.plan.queues[queue].name
    }

    fn delivery(&self, delivery: &Delivery) -> String {
        let again = delivery.retry.map_or_else(String::new, |_| format!(" again after {}", delivery.failures));
        format!("{}@{}{again}", self.plan.message(delivery.message), delivery.offset)
    }

    fn say(&self, packet: &Packet) -> String {
        let message = |message| self.plan.message(message);
        let message_ref = |message_ref: &MessageRef| format!("{}@{}", message(message_ref.message), message_ref.offset);
        match packet {
            Packet::Heartbeat(heartbeat) => {
                let status = match heartbeat.status {
                    HeartbeatStatus::Broker(status) => {
                        let [leads, last] = [status.leads, status.last_epoch].map(Epoch::number_or_zero);
                        let departure = status.last_departure;
                        let departure = departure.map(|last| format!("{}.{}", last.life, last.number));
                        let departure = departure.as_deref().unwrap_or("none");
                        format!("epoch {leads}, last {last}, departure {departure}")
                    }
                    HeartbeatStatus::Client(KnownVersions { routes, members }) => {
                        let [first, second] = routes.map(Version::number_or_zero);
                        format!("routes {first} {second}, members {}", Version::number_or_zero(members))
                    }
                    HeartbeatStatus::ListensElsewhere => "listens to another".to_owned(),
                };
                format!("heartbeat of life {}: {status}", heartbeat.life)
            }
            Packet::HeartbeatAnswer { .. } => "heartbeat answer".to_owned(),
            Packet::AskRoute { topic } => format!("where is {}?", self.plan.topics[*topic].name),
            Packet::Route(route) => {
                let led = |led: &SetLeader| {
                    let master = led.master.map_or("nobody", |master| self.plan.name(master));
                    format!(
                        " {} led by {master} in epoch {}",
                        self.plan.sets[led.set].name,
                        Epoch::number_or_zero(led.epoch)
                    )
                };
                let sets: Vec<String> = route.sets.iter().map(led).collect();
                let topic = &self.plan.topics[route.topic].name;
                format!("route {} of {topic}:{}", route.version, sets.join(","))
            }
            Packet::Members(members) => {
                let version = Version::number_or_zero(members.version);
                format!("members {version}: {}", self.names(&members.consumers))
            }
            Packet::RoleChange(role) => format!("role: {} leads in epoch {}", self.plan.name(role.master), role.epoch),
            Packet::AskProgress => "how much?".to_owned(),
            Packet::ReplicaProgress(progress) => {
                format!("so much: {} in epoch {}", progress.ends, Epoch::number_or_zero(progress.last_entry_epoch))
            }
            Packet::Join(join) => {
                let ends: Vec<String> = join.logs.iter().map(|(end, _)| end.to_string()).collect();
                format!("join in epoch {} with {}", join.epoch, ends.join(" "))
            }
            Packet::Welcome(welcome) => {
                let common: Vec<String> = welcome.queues.iter().map(|queue| queue.common.to_string()).collect();
                format!("welcome in epoch {} up to {}", welcome.epoch, common.join(" "))
            }
            Packet::JoinAnew { epoch } => format!("join anew in epoch {epoch}"),
            Packet::Copy { serial, copy, .. } => format!("copy {serial}: {}", self.copied(copy)),
            Packet::CopyAnswer { epoch, serial, .. } => {
                format!("copied up to {} in epoch {epoch}", CopySerial::number_or_zero(*serial))
            }
            Packet::Goodbye => "goodbye".to_owned(),
            Packet::GoodbyeAnswer => "goodbye answer".to_owned(),
            Packet::Departed { consumer, lives, number } => {
                let lives = lives.last.map_or_else(|| "all lives".to_owned(), |life| format!("life {life}"));
                format!("departed {} in {lives}, number {}.{}", self.plan.name(*consumer), number.life, number.number)
            }
            Packet::Send { message: id, queue, attempt } => {
                format!("send {} to {}, attempt {attempt}", message(*id), self.q(*queue))
            }
            Packet::SendAnswer { message: id, attempt, outcome } => {
                let outcome = match outcome {
                    SendOutcome::Accepted => "accepted",
                    SendOutcome::Full => "full",
                    SendOutcome::DiskFull => "disk full",
                    SendOutcome::NotMaster => "not master",
                };
                format!("{} attempt {attempt} {outcome}", message(*id))
            }
            Packet::Lock { lease, .. } => format!("lock {} in epoch {}", self.q(lease.queue), lease.epoch),
            Packet::LockAnswer { lease, granted: Some(from) } => format!("granted {} from {from}", self.q(lease.queue)),
            Packet::LockAnswer { lease, granted: None } => format!("denied {}", self.q(lease.queue)),
            Packet::Unlock(lease) => format!("unlock {}", self.q(lease.queue)),
            Packet::UnlockAnswer(lease) => format!("unlocked {}", self.q(lease.queue)),
            Packet::Pull { lease, pull } => format!("pull {} from {}", self.q(lease.queue), pull.offset),
            Packet::PullAnswer { lease, next: None, .. } => format!("pull of {} refused", self.q(lease.queue)),
            Packet::PullAnswer { lease, next: Some(next), batch, .. } => {
                let batch: Vec<String> = batch.iter().map(|delivery| self.delivery(delivery)).collect();
                format!("pulled {}: [{}] next {next}", self.q(lease.queue), batch.join(", "))
            }
            Packet::Commit { lease, offset } => format!("commit {} to {offset}", self.q(lease.queue)),
            Packet::CommitAnswer { lease, offset, held } => {
                format!("commit of {} to {offset} {}", self.q(lease.queue), if *held { "heard" } else { "refused" })
            }
            Packet::Outcome { message_ref: at, outcome, .. } => {
                let outcome = match outcome {
                    Outcome::Done(_) => "done".to_owned(),
                    Outcome::Retry { failures, .. } => format!("retry {failures}"),
                    Outcome::DeadLetter { .. } => "dead letter".to_owned(),
                };
                format!("settle {}: {outcome}", message_ref(at))
            }
            Packet::OutcomeAnswer { message_ref: at, held, .. } => {
                format!("settling {} {}", message_ref(at), if *held { "heard" } else { "refused" })
            }
            Packet::Call { call } => format!("call {}", message(*call)),
            Packet::CallAnswer { call, served } => {
                format!("call {} {}", message(*call), if *served { "served" } else { "refused" })
            }
            Packet::Closed => "closed".to_owned(),
        }
    }

    fn copied(&self, copy: &Copied) -> String {
        match copy {
            Copied::Entry { queue, offset, entry } => {
                format!("{} to {}@{offset}", self.plan.message(entry.message), self.q(*queue))
            }
            Copied::Entries { queue, offset, entries } => {
                format!("{} messages to {}@{offset}", entries.len(), self.q(*queue))
            }
            Copied::Failure { message_ref, change, .. } => {
                let place = match (change.begun, change.died) {
                    (Some(retry), _) => format!("retry {}", retry.failures),
                    (None, true) => "dead".to_owned(),
                    (None, false) => "settled".to_owned(),
                };
                format!("{}@{} {place}", self.plan.message(message_ref.message), message_ref.offset)
            }
            Copied::Offset(progress) => {
                let GroupProgress { queue, group, committed, start, .. } = progress.as_ref();
                let group = &self.plan.groups[*group].name;
                format!("{group} at {}@{committed}, from {start} on", self.q(*queue))
            }
            Copied::Deletion { queue, start } => format!("{} from {start} on", self.q(*queue)),
            Copied::CaughtUp => "level".to_owned(),
        }
    }

    fn note(&self, record: &Record) -> String {
        let message = |message: &MessageId| self.plan.message(*message);
        match &record.kind {
            Kind::Sent { message: id, queue, attempt, .. } => {
                format!("sent {} to {}, attempt {attempt}", message(id), self.q(*queue))
            }
            Kind::Unrouted { message: id } => format!("unrouted {}", message(id)),
            Kind::Stored { message: id, queue, offset, epoch } => {
                format!("stored {} in {}@{offset} in epoch {epoch}", message(id), self.q(*queue))
            }
            Kind::Accepted { message: id } => format!("accepted {}", message(id)),
            Kind::Rejected { message: id } => format!("rejected {}", message(id)),
            Kind::Assigned { queues, .. } => {
                let queues: Vec<&str> = queues.iter().map(|queue| self.q(*queue)).collect();
                format!("assigned {}", queues.join(" "))
            }
            Kind::Begun { queue, offset, .. } => format!("begun {}@{offset}", self.q(*queue)),
            Kind::Held { queue, .. } => format!("held {}", self.q(*queue)),
            Kind::Woken { queue, .. } => format!("woken {}", self.q(*queue)),
            Kind::Delivered { queue, from, to, .. } => format!("delivered {} {from}..{to}", self.q(*queue)),
            Kind::Started { message: id, offset, .. } => format!("started {}@{offset}", message(id)),
            Kind::Finished { message: id, offset, .. } => format!("finished {}@{offset}", message(id)),
            Kind::Failed { message: id, offset, .. } => format!("failed {}@{offset}", message(id)),
            Kind::Deduplicated { message: id, offset, .. } => format!("deduplicated {}@{offset}", message(id)),
            Kind::Committed { group, queue, offset } => {
                format!("committed {}@{offset} for {}", self.q(*queue), self.plan.groups[*group].name)
            }
            Kind::Replicated { message: id, queue, offset, epoch } => {
                format!("replicated {} in {}@{offset} in epoch {epoch}", message(id), self.q(*queue))
            }
            Kind::Truncated { queue, from, to } => format!("truncated {} {from}..{to}", self.q(*queue)),
            Kind::Deleted { queue, offset } => format!("deleted {} before {offset}", self.q(*queue)),
            Kind::Retried { message: id, .. } => format!("retried {}", message(id)),
            Kind::DeadLettered { message: id, .. } => format!("dead letter {}", message(id)),
            Kind::Registered { of } => format!("registered {}", self.plan.name(*of)),
            Kind::DeclaredDead { of } => format!("declared dead {}", self.plan.name(*of)),
            Kind::Elected { epoch, .. } => format!("elected {} in epoch {epoch}", self.plan.name(record.node)),
            Kind::Left => "left".to_owned(),
            Kind::Called { call, service } => format!("called {} at {}", message(call), self.plan.name(*service)),
            Kind::Answered { call, .. } => format!("answered {}", message(call)),
            Kind::Refused { call, .. } => format!("refused {}", message(call)),
            Kind::Unanswered { call, .. } => format!("unanswered {}", message(call)),
            Kind::Serving { call } => format!("serving {}", message(call)),
            Kind::Served { call } => format!("served {}", message(call)),
            other => format!("{other:?}"),
        }
    }
}
