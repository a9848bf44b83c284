//! The cluster at one moment: every node in its place, every queue with its lanes.
//!
//! Ids stand for names: a view looks them up in the plan. The order is always the plan's, so that nodes that come and go
//! leave the others where they are.

use queuescope::inspect::{Doing, HoldState, Node, Presence, WorkTime};
use queuescope::kernel::Time;
use queuescope::observe::Balance;
use queuescope::plan::{Epoch, GroupId, MessageId, NodeId, Offset, Plan, QueueId, ReplicaSlot, Role, SetId, Target};
use queuescope::session::Scene;

use super::belief;
use super::condition::Condition;
use super::partition::{self, PartitionView};
use super::replica::{self, ReplicaLog, ReplicaView};

/// As many messages of a queue are told apart at most; of longer queues the picture shows how many there are.
pub const CELLS: u64 = 128;

/// A nameserver.
#[derive(Clone, PartialEq, Debug)]
pub struct NameserverView {
    /// The node.
    pub node: NodeId,
    /// How it is.
    pub condition: Condition,
    /// How many nodes it takes for alive.
    pub alive: usize,
    /// How many nodes register at all.
    pub of: usize,
}

/// A producer.
#[derive(Clone, PartialEq, Debug)]
pub struct ProducerView {
    /// The node.
    pub node: NodeId,
    /// How it is.
    pub condition: Condition,
    /// Messages or calls without an answer, by number.
    pub unanswered: Vec<u32>,
    /// How many messages or calls it has begun so far.
    pub sent: u64,
    /// How many messages it has given up, or how many of its calls were refused.
    pub refused: u64,
    /// The service that it calls, if it does not send.
    pub calls: Option<NodeId>,
    /// The master that it believes in, of each set that it sends to.
    pub believed_masters: Vec<(SetId, Option<NodeId>)>,
}

/// A broker set.
#[derive(Clone, PartialEq, Debug)]
pub struct BrokerSetView {
    /// The set.
    pub set: SetId,
    /// Its replicas, in the plan's order.
    pub replicas: Vec<ReplicaView>,
    /// The place of the replica that leads, whose log the rows show; while none leads, of the one elected last.
    pub leader: usize,
    /// The epoch of its last election.
    pub epoch: Option<Epoch>,
    /// Its queues.
    pub rows: Vec<QueueView>,
    /// Requests that wait to be stored, or are being stored.
    pub storing: usize,
}

impl BrokerSetView {
    /// The replica that leads, or was elected last.
    #[must_use]
    pub fn leading_replica(&self) -> &ReplicaView {
        &self.replicas[self.leader]
    }
}

/// A queue, as a row on the card of its broker set.
#[derive(Clone, PartialEq, Debug)]
pub struct QueueView {
    /// The queue.
    pub queue: QueueId,
    /// The first offset that is left.
    pub start: Offset,
    /// The offset that the next message gets.
    pub end: Offset,
    /// The oldest messages, at most [`CELLS`].
    pub cells: Vec<MessageId>,
    /// Their keys, where order matters; else empty.
    pub keys: Vec<u32>,
    /// All before this offset is on disk.
    pub flushed: Offset,
    /// What each replica of the set has of it, in the plan's order.
    pub logs: Vec<ReplicaLog>,
    /// The place of the replica that leads.
    pub leader: usize,
    /// One for each group of the topic.
    pub lanes: Vec<LaneView>,
}

/// How far a group is with a queue.
#[derive(Clone, PartialEq, Debug)]
pub struct LaneView {
    /// The group.
    pub group: GroupId,
    /// The group is done with all before this offset.
    pub committed: Offset,
    /// Whether it has begun to read.
    pub begun: bool,
    /// Messages from there to the end of the log.
    pub lag: u64,
    /// The consumer that reads.
    pub owner: Option<NodeId>,
    /// The pull that the broker holds: of which consumer, since when, until when.
    pub held: Option<(NodeId, Time, Time)>,
    /// Messages in the retry queue.
    pub retries: usize,
    /// Messages in the dead-letter queue.
    pub dead: usize,
}

/// A group with its consumers.
#[derive(Clone, PartialEq, Debug)]
pub struct GroupView {
    /// The group.
    pub group: GroupId,
    /// Its consumers, in the order of their names.
    pub consumers: Vec<ConsumerView>,
    /// Its lag over all queues.
    pub lag: u64,
    /// Messages that wait in its retry queues.
    pub retries: usize,
    /// Where its messages are, by the ledger.
    pub balance: Balance,
    /// All messages that were accepted for it.
    pub accepted: u64,
}

/// A consumer.
#[derive(Clone, PartialEq, Debug)]
pub struct ConsumerView {
    /// The node.
    pub node: NodeId,
    /// How it is.
    pub condition: Condition,
    /// The queues that it believes it owns.
    pub owns: Vec<QueueId>,
    /// Those of them that another consumer owns by now.
    pub stale: Vec<QueueId>,
    /// How many threads it has.
    pub threads: u32,
    /// The threads at work.
    pub at_work: Vec<WorkInProgress>,
    /// Messages fetched and not begun.
    pub fetched: usize,
}

impl ConsumerView {
    /// Whether it is up and owns no queue.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.owns.is_empty() && matches!(self.condition, Condition::Well | Condition::Slow(_))
    }
}

/// What a thread or a worker does at the moment.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct WorkInProgress {
    /// The number of the thread, from 0.
    pub slot: u32,
    /// The message, or the call.
    pub message: MessageId,
    /// How much of it is done, from 0 to 1; none while the thread waits for another node.
    pub share: Option<f32>,
    /// The queue that the message comes from.
    pub queue: Option<QueueId>,
    /// The message's key, where order matters.
    pub key: Option<u32>,
}

/// A service.
#[derive(Clone, PartialEq, Debug)]
pub struct ServiceView {
    /// The node.
    pub node: NodeId,
    /// How it is.
    pub condition: Condition,
    /// How many workers it has.
    pub workers: u32,
    /// The workers at work.
    pub at_work: Vec<WorkInProgress>,
    /// Calls that wait.
    pub waiting: usize,
    /// How many calls may wait.
    pub limit: u32,
    /// Calls refused so far.
    pub refused: u64,
}

/// The whole cluster.
#[derive(Clone, PartialEq, Debug)]
pub struct ClusterView {
    /// The nameservers, in the plan's order, as in all lists below.
    pub nameservers: Vec<NameserverView>,
    /// The producers.
    pub producers: Vec<ProducerView>,
    /// The broker sets.
    pub sets: Vec<BrokerSetView>,
    /// The consumer groups.
    pub groups: Vec<GroupView>,
    /// The services.
    pub services: Vec<ServiceView>,
    /// Nodes that have missed a heartbeat, and which part of the time until they are declared dead has passed, from 0 to 1.
    pub silent: Vec<(NodeId, f32)>,
    /// The partitions of the network.
    pub partitions: Vec<PartitionView>,
    /// The links on which messages arrive twice, by their ends.
    pub repeating_links: Vec<(NodeId, NodeId)>,
}

impl ClusterView {
    /// The cluster of a scene.
    #[must_use]
    pub fn of(scene: &Scene) -> Self {
        let keyed = order_matters(scene.world().plan());
        let builder = ClusterViewBuilder { scene, partitions: partition::partitions(scene), keyed };
        let plan = scene.world().plan();
        Self {
            nameservers: plan
                .nodes_where(|role| matches!(role, Role::Nameserver))
                .map(|node| builder.nameserver(node))
                .collect(),
            producers: plan
                .nodes_where(|role| matches!(role, Role::Producer(_)))
                .map(|it| builder.producer(it))
                .collect(),
            sets: (0..plan.sets.len()).map(|set| builder.set(set.into())).collect(),
            groups: (0..plan.groups.len()).map(|group| builder.group(group.into())).collect(),
            services: plan.nodes_where(|role| matches!(role, Role::Service(_))).map(|it| builder.service(it)).collect(),
            silent: silent(scene),
            partitions: builder.partitions,
            repeating_links: partition::repeating_links(scene),
        }
    }
}

/// The nodes that have missed a heartbeat at the electing nameserver and that it takes for alive still.
fn silent(scene: &Scene) -> Vec<(NodeId, f32)> {
    let world = scene.world();
    let timers = &world.plan().timers;
    let elects = electing_nameserver(scene);
    let nodes = (0..world.nodes().len()).map(NodeId::from);
    let silences = nodes.filter_map(|node| Some((node, scene.at().since(elects?.heard(node)?))));
    // One heartbeat, and the time that the next one takes to arrive.
    let missed = silences.filter(|(_, silence)| silence.0 > timers.heartbeat.0.saturating_mul(3) / 2);
    missed.map(|(node, silence)| (node, (silence.0 as f32 / timers.expire.0.max(1) as f32).min(1.0))).collect()
}

/// The nameserver that elects masters and declares nodes dead, while it is up: the first of the plan.
fn electing_nameserver(scene: &Scene) -> Option<&queuescope::inspect::Nameserver> {
    let world = scene.world();
    let node = world.plan().nodes_where(|role| matches!(role, Role::Nameserver)).next()?;
    match &world.nodes()[node] {
        Node::Nameserver(nameserver) if world.presence(node) == Presence::Up => Some(nameserver),
        _ => None,
    }
}

/// Whether the scenario is about order: its messages have keys, and it expects something of their order. Only then does
/// the picture tell keys apart.
#[must_use]
pub fn order_matters(plan: &Plan) -> bool {
    let keyed = plan.nodes.iter().any(|node| matches!(&node.role, Role::Producer(producer) if producer.keys > 0));
    keyed && plan.expectations.iter().any(|expectation| expectation.figure.metric == "out_of_order")
}

/// Builds the view of a scene, node by node.
struct ClusterViewBuilder<'a> {
    scene: &'a Scene,
    partitions: Vec<PartitionView>,
    keyed: bool,
}

impl ClusterViewBuilder<'_> {
    /// How much of a piece of work is done, from 0 to 1. A node that is paused makes no progress.
    fn share(&self, node: NodeId, time: WorkTime) -> f32 {
        time.share(self.scene.world().paused_since(node).unwrap_or(self.scene.at()))
    }

    /// The key of a message, where order matters.
    fn key(&self, message: MessageId) -> Option<u32> {
        self.keyed.then(|| self.scene.observer().ledger().key(message))
    }

    fn node(&self, node: NodeId) -> &Node {
        &self.scene.world().nodes()[node]
    }

    fn nameserver(&self, node: NodeId) -> NameserverView {
        let plan = self.scene.world().plan();
        let all: Vec<NodeId> = plan.nodes_where(Role::registers).collect();
        let Node::Nameserver(nameserver) = self.node(node) else { unreachable!("the plan says what it is") };
        let alive = all.iter().filter(|it| nameserver.believes_alive(**it)).count();
        NameserverView { node, condition: Condition::of(self.scene, node), alive, of: all.len() }
    }

    fn producer(&self, node: NodeId) -> ProducerView {
        let Node::Producer(producer) = self.node(node) else { unreachable!("the plan says what it is") };
        let calls = match self.scene.world().plan().producer(node).map(|settings| settings.target) {
            Some(Target::Service(service)) => Some(service),
            _ => None,
        };
        let (sends, made) = (self.scene.observer().sends(node), self.scene.observer().calls(node));
        let (sent, refused) = match calls {
            None => (sends.sent, sends.rejected),
            Some(_) => (made.calls, made.refused),
        };
        let condition = Condition::of(self.scene, node);
        let believed_masters =
            belief::masters(self.scene.world().plan(), producer.client()).map(|it| (it.set, it.master)).collect();
        ProducerView { node, condition, unanswered: producer.open_numbers(), sent, refused, calls, believed_masters }
    }

    fn set(&self, set: SetId) -> BrokerSetView {
        let plan = self.scene.world().plan();
        let settings = &plan.sets[set];
        let leader = replica::leader(self.scene, set);
        let rows: Vec<QueueView> = settings.queues.iter().map(|queue| self.row(*queue, set, leader)).collect();
        let epoch = self.scene.observer().elected(set).1;
        let replica = |(place, node): (usize, &NodeId)| {
            let logs = rows.iter().map(|row| (row.end, row.logs[place]));
            let is_cut_off = self.partitions.iter().any(|it| it.separates(settings.replicas[leader], *node));
            replica::replica(self.scene, *node, Condition::of(self.scene, *node), (epoch, is_cut_off), logs)
        };
        let storing = replica::broker(self.scene, settings.replicas[leader]).pending_sends();
        let replicas = settings.replicas.iter().enumerate().map(replica).collect();
        BrokerSetView { set, rows, storing, replicas, leader: leader.index(), epoch }
    }

    fn row(&self, queue: QueueId, set: SetId, leader: ReplicaSlot) -> QueueView {
        let plan = self.scene.world().plan();
        let broker = replica::broker(self.scene, plan.sets[set].replicas[leader]);
        let (topic, slot) = (plan.queues[queue].topic, plan.queues[queue].slot);
        let log = broker.log(slot);
        let cells = log.range(log.start(), log.end().min(log.start() + CELLS));
        let cells: Vec<MessageId> = cells.map(|(_, entry)| entry.message).collect();
        let lane = |group: &GroupId| {
            let of = plan.groups[*group].slot;
            let reading = broker.group_state(slot, of);
            let held = broker.open_pulls(slot, of).next().map(|pull| (pull.consumer, pull.since, pull.until));
            let begun = reading.began.is_some();
            let locked = plan.groups[*group].queue_lock;
            LaneView {
                group: *group,
                committed: reading.committed,
                begun,
                lag: log.end().since(reading.committed.max(log.start())),
                // Where several consumers read without a lock: the one that waits for the next message.
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
            logs: replica::logs(self.scene, set, leader, slot),
            leader: leader.index(),
            lanes: plan.topics[topic].groups.iter().map(lane).collect(),
        }
    }

    /// The consumer that reads a queue of a group without locks: one that believes it owns it; of several, the first that
    /// is not declared dead.
    fn reader(&self, group: GroupId, queue: QueueId) -> Option<NodeId> {
        let plan = self.scene.world().plan();
        let reads = |node: &&NodeId| {
            let Node::Consumer(consumer) = self.node(**node) else { return false };
            consumer.leases().any(|lease| lease.queue == queue)
        };
        let readers = || plan.groups[group].consumers.iter().filter(reads);
        readers().find(|node| self.is_registered(**node)).or_else(|| readers().next()).copied()
    }

    /// Whether the electing nameserver takes a node for alive; while there is none, no node is dead.
    fn is_registered(&self, node: NodeId) -> bool {
        electing_nameserver(self.scene).is_none_or(|nameserver| nameserver.believes_alive(node))
    }

    /// The consumer that reads a queue for a group.
    fn owner(&self, group: GroupId, queue: QueueId) -> Option<NodeId> {
        let plan = self.scene.world().plan();
        let of = &plan.queues[queue];
        if !plan.groups[group].queue_lock {
            return self.reader(group, queue);
        }
        let leader = plan.sets[of.set].replicas[replica::leader(self.scene, of.set)];
        replica::broker(self.scene, leader).owner(of.slot, plan.groups[group].slot)
    }

    fn group(&self, group: GroupId) -> GroupView {
        let plan = self.scene.world().plan();
        let mut members = plan.groups[group].consumers.clone();
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
            let queues = plan.sets[set].queues.iter().map(|queue| &plan.queues[*queue]);
            let of = &plan.groups[group];
            queues
                .filter(|queue| queue.topic == of.topic)
                .map(|queue| broker.group_state(queue.slot, of.slot).retries.iter().count())
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
        let leases = consumer.leases().filter(|_| lives);
        let owns: Vec<(QueueId, GroupId)> = leases.map(|lease| (lease.queue, lease.group)).collect();
        let registered = self.is_registered(node);
        let others = |(queue, group): &&(QueueId, GroupId)| {
            let locked = self.scene.world().plan().groups[*group].queue_lock;
            // Without locks, a consumer keeps its queues until the nameserver declares it dead.
            (locked || !registered) && self.owner(*group, *queue).is_some_and(|owner| owner != node)
        };
        ConsumerView {
            node,
            condition,
            stale: owns.iter().filter(others).map(|(queue, _)| *queue).collect(),
            owns: owns.into_iter().map(|(queue, _)| queue).collect(),
            threads: consumer.threads(),
            at_work: work.collect(),
            fetched: consumer.held().filter(|held| held.hold == HoldState::Fetched).count(),
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
