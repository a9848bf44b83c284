//! The cluster at one moment: every node in its place, every queue with its lanes.
//!
//! Ids stand for names; whoever draws looks them up in the plan. The order is the plan's, always: nodes that come and go
//! leave the others where they are.

use queuescope::kernel::Time;
use queuescope::node::consumer::Doing;
use queuescope::node::{Hold, Node, WorkTime};
use queuescope::observe::Balance;
use queuescope::plan::{GroupId, MessageId, NodeId, Plan, QueueId, Role, SetId, Target};
use queuescope::session::Scene;
use queuescope::world::Presence;

use super::belief;
use super::condition::Condition;
use super::cut::{self, PartitionView};
use super::replica::{self, ReplicaLog, ReplicaView};

/// Messages of a queue that are told apart at most; of more, the picture shows how many there are.
pub const CELLS: u64 = 128;

/// A nameserver.
#[derive(Clone, PartialEq, Debug)]
pub struct NameserverView {
    /// Which.
    pub node: NodeId,
    /// How it is.
    pub condition: Condition,
    /// How many nodes it takes for alive.
    pub knows: usize,
    /// Of so many that register.
    pub of: usize,
}

/// A producer.
#[derive(Clone, PartialEq, Debug)]
pub struct ProducerView {
    /// Which.
    pub node: NodeId,
    /// How it is.
    pub condition: Condition,
    /// Messages or calls without an answer, by number.
    pub open: Vec<u32>,
    /// Begun so far.
    pub sent: u64,
    /// Given up, or calls refused.
    pub refused: u64,
    /// The service that it calls, if it does not send.
    pub calls: Option<NodeId>,
    /// Whom it believes to be the master of each set that it sends to.
    pub aims: Vec<(SetId, Option<NodeId>)>,
}

/// A broker set: one card.
#[derive(Clone, PartialEq, Debug)]
pub struct BrokerSetView {
    /// Which.
    pub set: SetId,
    /// Its replicas, in the plan's order.
    pub replicas: Vec<ReplicaView>,
    /// The place of the one that leads: the rows are what it has. Where nobody does at the moment, the one that was
    /// elected last.
    pub leader: usize,
    /// The number of its last election; 0: none yet.
    pub epoch: u32,
    /// Its queues.
    pub rows: Vec<QueueView>,
    /// Requests that wait to be stored, or are being stored.
    pub storing: usize,
}

impl BrokerSetView {
    /// The one that leads, or did last.
    #[must_use]
    pub fn leads(&self) -> &ReplicaView {
        &self.replicas[self.leader]
    }
}

/// A queue: one row.
#[derive(Clone, PartialEq, Debug)]
pub struct QueueView {
    /// Which.
    pub queue: QueueId,
    /// The first offset that is left.
    pub start: u64,
    /// The offset that the next message gets.
    pub end: u64,
    /// The oldest messages, up to [`CELLS`].
    pub cells: Vec<MessageId>,
    /// Their keys, where order is the lesson; empty otherwise.
    pub keys: Vec<u32>,
    /// What lies before is on disk.
    pub flushed: u64,
    /// What each replica of the set has of it, in the plan's order.
    pub copies: Vec<ReplicaLog>,
    /// The place of the one that leads.
    pub leader: usize,
    /// One for each group of the topic.
    pub lanes: Vec<LaneView>,
}

/// How far a group is with a queue.
#[derive(Clone, PartialEq, Debug)]
pub struct LaneView {
    /// Which group.
    pub group: GroupId,
    /// The group is done with all before this offset.
    pub committed: u64,
    /// Whether it has begun to read.
    pub begun: bool,
    /// Messages from there to the end.
    pub lag: u64,
    /// Who reads.
    pub owner: Option<NodeId>,
    /// The pull that is held open: by whom, since when, until when.
    pub held: Option<(NodeId, Time, Time)>,
    /// Messages in the retry queue.
    pub retries: usize,
    /// Messages in the dead-letter queue.
    pub dead: usize,
}

/// A group with its consumers.
#[derive(Clone, PartialEq, Debug)]
pub struct GroupView {
    /// Which.
    pub group: GroupId,
    /// In the order of their names.
    pub consumers: Vec<ConsumerView>,
    /// Over all its queues.
    pub lag: u64,
    /// Messages that wait in its retry queues.
    pub retries: usize,
    /// Its side of the ledger.
    pub balance: Balance,
    /// What the ledger divides.
    pub accepted: u64,
}

/// A consumer.
#[derive(Clone, PartialEq, Debug)]
pub struct ConsumerView {
    /// Which.
    pub node: NodeId,
    /// How it is.
    pub condition: Condition,
    /// The queues that it works for, as it believes.
    pub owns: Vec<QueueId>,
    /// Those of them that are another one's by now.
    pub stale: Vec<QueueId>,
    /// How many threads it has.
    pub threads: u32,
    /// Those at work.
    pub at_work: Vec<WorkInProgress>,
    /// Messages fetched and not begun.
    pub fetched: usize,
}

impl ConsumerView {
    /// Whether it lives and has nothing to do, ever: no queue is its own.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.owns.is_empty() && matches!(self.condition, Condition::Well | Condition::Slow(_))
    }
}

/// A thread or worker at work.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct WorkInProgress {
    /// Which thread, from 0.
    pub slot: u32,
    /// The message, or the call.
    pub message: MessageId,
    /// How much of it is done, of 1; none where that lies with somebody else.
    pub share: Option<f32>,
    /// The queue that the message comes from.
    pub queue: Option<QueueId>,
    /// The message's key, where order is the lesson.
    pub key: Option<u32>,
}

/// A service.
#[derive(Clone, PartialEq, Debug)]
pub struct ServiceView {
    /// Which.
    pub node: NodeId,
    /// How it is.
    pub condition: Condition,
    /// How many workers it has.
    pub workers: u32,
    /// Those at work.
    pub at_work: Vec<WorkInProgress>,
    /// Calls that wait.
    pub waiting: usize,
    /// As many may wait.
    pub limit: u32,
    /// Calls refused so far.
    pub refused: u64,
}

/// The whole cluster.
#[derive(Clone, PartialEq, Debug)]
pub struct ClusterView {
    /// In the plan's order, as all that follow.
    pub nameservers: Vec<NameserverView>,
    /// Who sends.
    pub producers: Vec<ProducerView>,
    /// Who stores.
    pub sets: Vec<BrokerSetView>,
    /// Who processes.
    pub groups: Vec<GroupView>,
    /// Who is called.
    pub services: Vec<ServiceView>,
    /// Who has missed a heartbeat, and how much of the patience with it is over, of 1.
    pub silent: Vec<(NodeId, f32)>,
    /// Who is cut off from whom.
    pub cuts: Vec<PartitionView>,
}

impl ClusterView {
    /// The cluster of a scene.
    #[must_use]
    pub fn of(scene: &Scene) -> Self {
        let eye = ClusterViewBuilder { scene, cuts: cut::cuts(scene), keyed: order_matters(scene.world().plan()) };
        let plan = scene.world().plan();
        Self {
            nameservers: plan
                .nodes_where(|role| matches!(role, Role::Nameserver))
                .map(|node| eye.nameserver(node))
                .collect(),
            producers: plan.nodes_where(|role| matches!(role, Role::Producer(_))).map(|it| eye.producer(it)).collect(),
            sets: (0..plan.sets.len()).map(|set| eye.set(set.into())).collect(),
            groups: (0..plan.groups.len()).map(|group| eye.group(group.into())).collect(),
            services: plan.nodes_where(|role| matches!(role, Role::Service(_))).map(|it| eye.service(it)).collect(),
            silent: silent(scene),
            cuts: eye.cuts,
        }
    }
}

/// Who has missed a heartbeat at the nameserver that decides, and is not dead to it yet.
fn silent(scene: &Scene) -> Vec<(NodeId, f32)> {
    let world = scene.world();
    let timers = &world.plan().timers;
    let decides = decides(scene);
    let nodes = (0..world.nodes().len()).map(NodeId::from);
    let silences = nodes.filter_map(|node| Some((node, scene.at().since(decides?.heard(node)?))));
    // One heartbeat, and the way of the next one.
    let missed = silences.filter(|(_, silence)| silence.0 > timers.heartbeat.0.saturating_mul(3) / 2);
    missed.map(|(node, silence)| (node, (silence.0 as f32 / timers.expire.0.max(1) as f32).min(1.0))).collect()
}

/// The nameserver that decides who is dead, while it runs: the first.
fn decides(scene: &Scene) -> Option<&queuescope::node::nameserver::Nameserver> {
    let world = scene.world();
    let node = world.plan().nodes_where(|role| matches!(role, Role::Nameserver)).next()?;
    match &world.nodes()[node.index()] {
        Node::Nameserver(nameserver) if world.presence(node) == Presence::Up => Some(nameserver),
        _ => None,
    }
}

/// Whether order is what the scenario is about: messages bear keys, and it expects something of their order. Only then
/// are keys told apart.
#[must_use]
pub fn order_matters(plan: &Plan) -> bool {
    let keyed = plan.nodes.iter().any(|node| matches!(&node.role, Role::Producer(producer) if producer.keys > 0));
    keyed && plan.expectations.iter().any(|expectation| expectation.figure.metric == "out_of_order")
}

/// Looks at a scene.
struct ClusterViewBuilder<'a> {
    scene: &'a Scene,
    cuts: Vec<PartitionView>,
    keyed: bool,
}

impl ClusterViewBuilder<'_> {
    /// How much of a piece of work is done, of 1: while its node is paused nothing is added.
    fn share(&self, node: NodeId, time: WorkTime) -> f32 {
        time.share(self.scene.world().paused_since(node).unwrap_or(self.scene.at()))
    }

    fn key(&self, message: MessageId) -> Option<u32> {
        self.keyed.then(|| self.scene.observer().ledger().key(message))
    }

    fn node(&self, node: NodeId) -> &Node {
        &self.scene.world().nodes()[node.index()]
    }

    fn nameserver(&self, node: NodeId) -> NameserverView {
        let plan = self.scene.world().plan();
        let all: Vec<NodeId> = plan.nodes_where(Role::registers).collect();
        let Node::Nameserver(nameserver) = self.node(node) else { unreachable!("the plan says what it is") };
        let knows = all.iter().filter(|it| nameserver.believes_alive(**it)).count();
        NameserverView { node, condition: Condition::of(self.scene, node), knows, of: all.len() }
    }

    fn producer(&self, node: NodeId) -> ProducerView {
        let Node::Producer(producer) = self.node(node) else { unreachable!("the plan says what it is") };
        let calls = match self.scene.world().plan().producer(node).map(|settings| settings.target) {
            Some(Target::Service(service)) => Some(service),
            _ => None,
        };
        let (sends, asked) = (self.scene.observer().sends(node), self.scene.observer().calls(node));
        let (sent, refused) = match calls {
            None => (sends.sent, sends.rejected),
            Some(_) => (asked.calls, asked.refused),
        };
        let condition = Condition::of(self.scene, node);
        let aims =
            belief::masters(self.scene.world().plan(), producer.client()).map(|it| (it.set, it.master)).collect();
        ProducerView { node, condition, open: producer.open_numbers(), sent, refused, calls, aims }
    }

    fn set(&self, set: SetId) -> BrokerSetView {
        let plan = self.scene.world().plan();
        let settings = &plan.sets[set.index()];
        let leader = replica::leader(self.scene, set);
        let rows: Vec<QueueView> = settings.queues.iter().map(|queue| self.row(*queue, set, leader)).collect();
        let epoch = self.scene.observer().elected(set).1;
        let replica = |(place, node): (usize, &NodeId)| {
            let copies = rows.iter().map(|row| (row.end, row.copies[place]));
            let is_cut = self.cuts.iter().any(|cut| cut.parts(settings.replicas[leader], *node));
            replica::replica(self.scene, *node, Condition::of(self.scene, *node), (epoch, is_cut), copies)
        };
        let storing = replica::broker(self.scene, settings.replicas[leader]).storing();
        let replicas = settings.replicas.iter().enumerate().map(replica).collect();
        BrokerSetView { set, rows, storing, replicas, leader, epoch }
    }

    fn row(&self, queue: QueueId, set: SetId, leader: usize) -> QueueView {
        let plan = self.scene.world().plan();
        let broker = replica::broker(self.scene, plan.sets[set.index()].replicas[leader]);
        let (topic, slot) = (plan.queues[queue.index()].topic, plan.queues[queue.index()].slot);
        let log = broker.log(slot);
        let cells = log.range(log.start(), log.end().min(log.start() + CELLS));
        let cells: Vec<MessageId> = cells.map(|(_, entry)| entry.message).collect();
        let lane = |group: &GroupId| {
            let of = plan.groups[group.index()].slot;
            let reading = broker.reading(slot, of);
            let held = broker.open_pulls(slot, of).next().map(|pull| (pull.consumer, pull.since, pull.until));
            let begun = reading.began.is_some();
            let locked = plan.groups[group.index()].queue_lock;
            LaneView {
                group: *group,
                committed: reading.committed,
                begun,
                lag: log.end().saturating_sub(reading.committed.max(log.start())),
                // Where several read without a lock, who waits for the next message.
                owner: held.filter(|_| !locked).map(|(reader, ..)| reader).or_else(|| self.owner(*group, queue)),
                held,
                retries: reading.retries.iter().count(),
                dead: reading.dead.len(),
            }
        };
        QueueView {
            queue,
            start: log.start(),
            end: log.end(),
            keys: cells.iter().filter_map(|message| self.key(*message)).collect(),
            cells,
            flushed: log.flushed(),
            copies: replica::copies(self.scene, set, leader, slot),
            leader,
            lanes: plan.topics[topic.index()].groups.iter().map(lane).collect(),
        }
    }

    /// Who reads a queue of a group without locks: whoever says so; of several, the first that is not taken for dead.
    fn reader(&self, group: GroupId, queue: QueueId) -> Option<NodeId> {
        let plan = self.scene.world().plan();
        let reads = |node: &&NodeId| {
            let Node::Consumer(consumer) = self.node(**node) else { return false };
            consumer.claims().any(|claim| claim.queue == queue)
        };
        let readers = || plan.groups[group.index()].consumers.iter().filter(reads);
        readers().find(|node| self.is_registered(**node)).or_else(|| readers().next()).copied()
    }

    /// Whether the nameserver that decides takes a node for alive; if there is none, or it is down, nobody is dead.
    fn is_registered(&self, node: NodeId) -> bool {
        decides(self.scene).is_none_or(|nameserver| nameserver.believes_alive(node))
    }

    /// Who reads a queue for a group.
    fn owner(&self, group: GroupId, queue: QueueId) -> Option<NodeId> {
        let plan = self.scene.world().plan();
        let of = &plan.queues[queue.index()];
        if !plan.groups[group.index()].queue_lock {
            return self.reader(group, queue);
        }
        let leader = plan.sets[of.set.index()].replicas[replica::leader(self.scene, of.set)];
        replica::broker(self.scene, leader).owner(of.slot, plan.groups[group.index()].slot)
    }

    fn group(&self, group: GroupId) -> GroupView {
        let plan = self.scene.world().plan();
        let mut members = plan.groups[group.index()].consumers.clone();
        members.sort_by_key(|node| plan.name(*node).as_bytes());
        let observer = self.scene.observer();
        let balance = *observer.ledger().balance(group);
        let consumers: Vec<ConsumerView> = members.into_iter().map(|node| self.consumer(node)).collect();
        let sets = plan.sets.iter().flat_map(|set| &set.replicas);
        let retries = sets.filter_map(|node| match self.node(*node) {
            Node::Broker(broker) if broker.master_in().is_some() => Some((broker, plan.broker_set(*node)?)),
            _ => None,
        });
        let retries = retries.flat_map(|(broker, set)| {
            let queues = plan.sets[set.index()].queues.iter().map(|queue| &plan.queues[queue.index()]);
            let of = &plan.groups[group.index()];
            queues
                .filter(|queue| queue.topic == of.topic)
                .map(|queue| broker.reading(queue.slot, of.slot).retries.iter().count())
        });
        GroupView {
            group,
            lag: observer.lag(group),
            retries: retries.sum(),
            accepted: balance.total(),
            balance,
            consumers,
        }
    }

    fn consumer(&self, node: NodeId) -> ConsumerView {
        let Node::Consumer(consumer) = self.node(node) else { unreachable!("the plan says what it is") };
        let condition = Condition::of(self.scene, node);
        let work = consumer.at_work().map(|(slot, held, doing)| WorkInProgress {
            slot,
            message: held.message,
            share: match doing {
                Doing::Working(time) => Some(self.share(node, time)),
                Doing::Calling | Doing::Publishing => None,
            },
            queue: Some(held.queue),
            key: self.key(held.message),
        });
        let lives = !matches!(condition, Condition::Absent(_) | Condition::Down | Condition::Left);
        let claims = consumer.claims().filter(|_| lives);
        let owns: Vec<(QueueId, GroupId)> = claims.map(|claim| (claim.queue, claim.group)).collect();
        let registered = self.is_registered(node);
        let others = |(queue, group): &&(QueueId, GroupId)| {
            let locked = self.scene.world().plan().groups[group.index()].queue_lock;
            // Where nobody has a lock, it is the nameserver that takes a queue away.
            (locked || !registered) && self.owner(*group, *queue).is_some_and(|owner| owner != node)
        };
        ConsumerView {
            node,
            condition,
            stale: owns.iter().filter(others).map(|(queue, _)| *queue).collect(),
            owns: owns.into_iter().map(|(queue, _)| queue).collect(),
            threads: consumer.threads(),
            at_work: work.collect(),
            fetched: consumer.held().filter(|held| held.hold == Hold::Fetched).count(),
        }
    }

    fn service(&self, node: NodeId) -> ServiceView {
        let Node::Service(service) = self.node(node) else { unreachable!("the plan says what it is") };
        let work = service.at_work().map(|(slot, message, time)| WorkInProgress {
            slot,
            message,
            share: Some(self.share(node, time)),
            queue: None,
            key: None,
        });
        ServiceView {
            node,
            condition: Condition::of(self.scene, node),
            workers: service.workers(),
            at_work: work.collect(),
            waiting: service.waiting(),
            limit: service.limit(),
            refused: self.scene.observer().calls(node).refused,
        }
    }
}
