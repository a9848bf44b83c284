//! Where everything stands on the stage: producers left, brokers in the middle, groups of consumers right, services far
//! right, nameservers above. It comes from the plan alone, so that nothing moves when nodes come and go.
//!
//! Who stands where in a column follows from who talks to whom, so that links cross as little as can be. It knows
//! nothing of the present moment, and paints nothing.

use egui::{Pos2, Rangef, Rect, Vec2, pos2, vec2};
use petgraph::graphmap::UnGraphMap;
use queuescope::plan::{GroupId, NodeId, Plan, QueueId, Role, SetId, Target};

/// How much of a queue there is room for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    /// A line a broker set, and who owns what as a matrix.
    Sets,
    /// A bar a queue.
    Bars,
    /// Every message a cell.
    Cells,
}

/// As many queues as have room for cells.
const CELL_ROWS: usize = 8;
/// As many queues as have room for bars.
const BAR_ROWS: usize = 40;
/// As many replicas are named beside each other.
const NAMED: usize = 4;
/// Queues are at most so much higher than they need be.
const STRETCH: f32 = 1.5;
/// With more groups than these a queue shows the lane of the one that is furthest behind.
const LANES: usize = 3;

/// How many lanes are drawn for so many groups.
const fn lanes(groups: usize) -> usize {
    if groups > LANES { 1 } else { groups }
}

/// A broker set's card.
#[derive(Clone, Debug)]
pub struct SetBox {
    /// Which.
    pub set: SetId,
    /// The card.
    pub rect: Rect,
    /// Its queues, top to bottom.
    pub rows: Vec<RowBox>,
    /// Where there are no lines with their names: where its replicas are named, as far as there is room.
    pub replicas: Vec<Rect>,
}

/// A queue's row.
#[derive(Clone, Debug)]
pub struct RowBox {
    /// Which.
    pub queue: QueueId,
    /// All of it.
    pub rect: Rect,
    /// Where the queue's name stands, if there is a line for it; otherwise it stands beside the tape.
    pub name: Option<f32>,
    /// Where the lines of the replicas begin.
    top: f32,
    /// How many replicas there are.
    replicas: usize,
    /// The line of the one that leads, and those of the others.
    tall: Line,
    thin: Line,
    /// Where the tape is, from left to right.
    pub tape: Rangef,
    /// The heights of its lanes.
    pub lanes: Vec<f32>,
}

/// How high a replica's line is, and the strip of messages in its middle.
#[derive(Clone, Copy, Debug)]
struct Line {
    height: f32,
    strip: f32,
}

impl RowBox {
    /// The line of a replica, by its place in the set, while the one at `leader` leads: no place changes when another one
    /// does, one line grows, and one becomes thin.
    #[must_use]
    pub fn line(&self, place: usize, leader: usize) -> Rect {
        let thins = if place > leader { place - 1 } else { place };
        let talls = usize::from(place > leader);
        let top = self.top + thins as f32 * self.thin.height + talls as f32 * self.tall.height;
        let height = if place == leader { self.tall.height } else { self.thin.height };
        Rect::from_x_y_ranges(self.rect.x_range(), top..=top + height)
    }

    /// Where a replica's messages lie.
    #[must_use]
    pub fn strip(&self, place: usize, leader: usize) -> Rect {
        let height = if place == leader { self.tall.strip } else { self.thin.strip };
        let top = (self.line(place, leader).center().y - height / 2.0).round();
        Rect::from_x_y_ranges(self.tape, top..=top + height)
    }

    /// Whether there are several replicas.
    #[must_use]
    pub const fn is_replicated(&self) -> bool {
        self.replicas > 1
    }
}

/// A group's box.
#[derive(Clone, Debug)]
pub struct GroupBox {
    /// Which.
    pub group: GroupId,
    /// All of it.
    pub rect: Rect,
    /// Its consumers in the order of their names.
    pub consumers: Vec<(NodeId, Rect)>,
    /// Where its trays and its side of the ledger stand.
    pub foot: Rect,
}

/// Where everything stands.
#[derive(Clone, Debug)]
pub struct Layout {
    /// By how much everything is larger than its natural size.
    pub scale: f32,
    /// How much of a queue is drawn.
    pub level: Level,
    /// Cards of single nodes, by node; a broker's is its set's.
    pub cards: Vec<Option<Rect>>,
    /// Broker sets.
    pub sets: Vec<SetBox>,
    /// Groups.
    pub groups: Vec<GroupBox>,
    /// The height at which calls pass below everything, and below that what consumers publish.
    pub passages: [f32; 2],
    /// Everything.
    pub bounds: Rect,
}

/// Natural sizes, in points.
mod natural {
    pub(super) const MARGIN: f32 = 16.0;
    pub(super) const PRODUCER: (f32, f32) = (120.0, 54.0);
    pub(super) const SERVICE: (f32, f32) = (136.0, 72.0);
    pub(super) const NAMESERVER: (f32, f32) = (150.0, 46.0);
    pub(super) const BROKER_WIDTH: (f32, f32) = (284.0, 520.0);
    pub(super) const REPLICATED_WIDTH: (f32, f32) = (372.0, 520.0);
    pub(super) const GROUP_WIDTH: f32 = 216.0;
    pub(super) const GAP: f32 = 84.0;
    pub(super) const BETWEEN: f32 = 14.0;
    pub(super) const SET_HEAD: f32 = 28.0;
    pub(super) const GROUP_HEAD: f32 = 28.0;
    pub(super) const GROUP_FOOT: f32 = 74.0;
    pub(super) const CONSUMER: f32 = 38.0;
    pub(super) const CONSUMER_LINE: f32 = 20.0;
    pub(super) const MATRIX: f32 = 170.0;
    pub(super) const TAPE: f32 = 24.0;
    pub(super) const STRIP: f32 = 15.0;
    pub(super) const NAME: f32 = 18.0;
    pub(super) const SLAVE: f32 = 17.0;
    pub(super) const SLAVE_STRIP: f32 = 7.0;
    pub(super) const LANE: f32 = 17.0;
    pub(super) const BAR: f32 = 20.0;
    pub(super) const BAR_STRIP: f32 = 10.0;
    pub(super) const SLAVE_BAR: f32 = 4.0;
    pub(super) const PASSAGE: f32 = 26.0;
    pub(super) const ABOVE: f32 = 64.0;
    pub(super) const PAD: f32 = 10.0;
}

use natural as n;

/// One of the things that stand in a column.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Thing {
    Node(NodeId),
    Set(SetId),
    Group(GroupId),
}

/// Who talks to whom, as far as the picture shows links.
fn talks(plan: &Plan) -> UnGraphMap<Thing, ()> {
    let mut graph = UnGraphMap::new();
    let mut reach = |who: Thing, topic: queuescope::plan::TopicId| {
        for queue in &plan.topics[topic.index()].queues {
            graph.add_edge(who, Thing::Set(plan.queues[queue.index()].set), ());
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
        match &plan.nodes[node.index()].role {
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

/// Puts things where those stand with whom they talk, on the average; the order of the plan decides among equals. Who
/// talks to none of those stands last.
fn by_peers(graph: &UnGraphMap<Thing, ()>, mut things: Vec<Thing>, peers: &[Thing]) -> Vec<Thing> {
    let middle = |thing: &Thing| {
        let places: Vec<usize> =
            graph.neighbors(*thing).filter_map(|peer| peers.iter().position(|it| *it == peer)).collect();
        if places.is_empty() {
            usize::MAX
        } else {
            // In thousandths, so that it has an order.
            places.iter().sum::<usize>() * 1000 / places.len()
        }
    };
    things.sort_by_key(middle);
    things
}

/// The columns, each from top to bottom.
struct Columns {
    producers: Vec<NodeId>,
    sets: Vec<SetId>,
    groups: Vec<GroupId>,
    services: Vec<NodeId>,
}

fn columns(plan: &Plan) -> Columns {
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

/// How high things are at their natural size, at a level.
struct Heights<'a> {
    plan: &'a Plan,
    level: Level,
    /// By how much queues are higher than they need be, where there is room.
    stretch: f32,
}

/// How many slaves a queue has.
fn slaves(plan: &Plan, queue: QueueId) -> usize {
    plan.sets[plan.queues[queue.index()].set.index()].replicas.len() - 1
}

/// How much of the queues there is room for.
fn level(plan: &Plan) -> Level {
    let queues = || (0..plan.queues.len()).map(QueueId::from);
    let replicated = plan.sets.iter().any(|set| set.replicas.len() > 1);
    // A slave takes a part of the room that a queue of its own would take.
    let cells: f32 = queues().map(|queue| 1.0 + lines(plan, queue) / (n::TAPE + n::LANE + 4.0)).sum();
    let bars: f32 = queues().map(|queue| 1.0 + slaves(plan, queue) as f32 * n::SLAVE_BAR / n::BAR).sum();
    match plan.queues.len() {
        rows if rows <= CELL_ROWS && (!replicated || cells <= CELL_ROWS as f32) => Level::Cells,
        _ if bars <= BAR_ROWS as f32 => Level::Bars,
        _ => Level::Sets,
    }
}

/// How much higher a queue is for its slaves: a line each, and one for its own name.
fn lines(plan: &Plan, queue: QueueId) -> f32 {
    match slaves(plan, queue) {
        0 => 0.0,
        slaves => n::NAME + n::SLAVE * slaves as f32,
    }
}

impl Heights<'_> {
    fn row(&self, queue: QueueId) -> f32 {
        let groups = self.plan.topics[self.plan.queues[queue.index()].topic.index()].groups.len();
        match self.level {
            Level::Cells => (n::TAPE + lines(self.plan, queue) + n::LANE * lanes(groups) as f32 + 4.0) * self.stretch,
            Level::Bars => n::BAR + n::SLAVE_BAR * slaves(self.plan, queue) as f32,
            Level::Sets => 0.0,
        }
    }

    fn set(&self, set: SetId) -> f32 {
        let rows: f32 = self.plan.sets[set.index()].queues.iter().map(|queue| self.row(*queue)).sum();
        let line = if self.level == Level::Sets { n::BAR } else { 0.0 };
        n::SET_HEAD + rows + line + n::PAD * 0.6
    }

    fn consumer(&self, group: GroupId) -> f32 {
        let count = self.plan.groups[group.index()].consumers.len();
        match self.level {
            Level::Sets => (n::MATRIX / count.max(1) as f32).clamp(2.0, n::CONSUMER_LINE),
            Level::Cells if count <= 6 => n::CONSUMER,
            _ => n::CONSUMER_LINE,
        }
    }

    /// Between two consumers.
    fn between(&self) -> f32 {
        if self.level == Level::Sets { 0.0 } else { 6.0 }
    }

    /// How many consumers stand side by side.
    fn abreast(&self, count: usize) -> usize {
        match count {
            _ if self.level == Level::Sets => 1,
            0..=12 => 1,
            13..=32 => 2,
            _ => 4,
        }
    }

    fn group(&self, group: GroupId) -> f32 {
        let count = self.plan.groups[group.index()].consumers.len();
        n::GROUP_HEAD + self.consumers(group, count) + n::GROUP_FOOT
    }

    /// So many consumers, one under the other, or in two and more columns.
    fn consumers(&self, group: GroupId, count: usize) -> f32 {
        count.div_ceil(self.abreast(count)) as f32 * (self.consumer(group) + self.between()) + 6.0
    }
}

/// The least and the greatest width of a broker set's card.
fn broker_width(plan: &Plan) -> (f32, f32) {
    if plan.sets.iter().any(|set| set.replicas.len() > 1) { n::REPLICATED_WIDTH } else { n::BROKER_WIDTH }
}

fn column_height(heights: impl Iterator<Item = f32>) -> f32 {
    let (count, sum) = heights.fold((0, 0.0), |(count, sum), height| (count + 1, sum + height));
    sum + n::BETWEEN * (count as f32 - 1.0).max(0.0)
}

impl Layout {
    /// The layout of a plan on a stage of this size, at the origin.
    #[must_use]
    pub fn of(plan: &Plan, size: Vec2) -> Self {
        let level = level(plan);
        let columns = columns(plan);
        let natural = Heights { plan, level, stretch: 1.0 };
        let tallest = [
            column_height(columns.producers.iter().map(|_| n::PRODUCER.1)),
            column_height(columns.sets.iter().map(|set| natural.set(*set))),
            column_height(columns.groups.iter().map(|group| natural.group(*group))),
            column_height(columns.services.iter().map(|_| n::SERVICE.1)),
        ];
        let calls =
            plan.nodes_where(|role| matches!(role, Role::Producer(it) if matches!(it.target, Target::Service(_))));
        let publishes = plan.nodes_where(|role| matches!(role, Role::Consumer(it) if it.publishes.is_some()));
        let passages = [calls.count() > 0, publishes.count() > 0].map(|any| if any { n::PASSAGE } else { 0.0 });
        let tall = n::ABOVE + tallest.iter().copied().fold(0.0, f32::max) + passages[0] + passages[1] + n::MARGIN;
        let services = if columns.services.is_empty() { 0.0 } else { n::SERVICE.0 + n::GAP * 0.7 };
        let wide = n::MARGIN * 2.0 + n::PRODUCER.0 + n::GAP * 2.0 + broker_width(plan).0 + n::GROUP_WIDTH + services;
        let scale = (size.y / tall).min(size.x / wide).clamp(0.5, 2.0);
        let room = size.y / scale - (tall - tallest.iter().copied().fold(0.0, f32::max));
        let stretch = (room * 0.9 / tallest[1].max(1.0)).clamp(1.0, STRETCH);
        let heights = Heights { plan, level, stretch };
        Placing { plan, level, heights, scale, size: size / scale }.place(&columns, wide, tall, passages)
    }

    /// The card of a node: a broker's is its set's.
    #[must_use]
    pub fn card(&self, node: NodeId) -> Option<Rect> {
        self.cards.get(node.index()).copied().flatten()
    }

    /// The row of a queue.
    #[must_use]
    pub fn row(&self, queue: QueueId) -> Option<&RowBox> {
        self.sets.iter().flat_map(|set| &set.rows).find(|row| row.queue == queue)
    }
}

/// Puts things into their places, at their natural size; the result is scaled.
struct Placing<'a> {
    plan: &'a Plan,
    level: Level,
    heights: Heights<'a>,
    scale: f32,
    /// The stage, at the natural size.
    size: Vec2,
}

impl Placing<'_> {
    fn place(&self, columns: &Columns, wide: f32, tall: f32, passages: [f32; 2]) -> Layout {
        let spare = (self.size.x - wide).max(0.0);
        let (narrowest, widest) = broker_width(self.plan);
        let broker_width = (narrowest + spare * 0.6).min(widest);
        let gap = n::GAP + (spare - (broker_width - narrowest)).max(0.0) * 0.38;
        let x_sets = n::MARGIN + n::PRODUCER.0 + gap;
        let x_groups = x_sets + broker_width + gap;
        let x_services = x_groups + n::GROUP_WIDTH + gap * 0.7;
        let right = if columns.services.is_empty() { x_groups + n::GROUP_WIDTH } else { x_services + n::SERVICE.0 };
        // What is left over on the right is shared by both sides.
        let shift = ((self.size.x - right - n::MARGIN) / 2.0).max(0.0);
        let (x_producers, x_sets, x_groups, x_services) =
            (n::MARGIN + shift, x_sets + shift, x_groups + shift, x_services + shift);
        let body = (n::ABOVE, (self.size.y.max(tall) - passages[0] - passages[1] - n::MARGIN));
        let mut layout = Layout {
            scale: self.scale,
            level: self.level,
            cards: vec![None; self.plan.nodes.len()],
            sets: Vec::new(),
            groups: Vec::new(),
            passages: [body.1 + passages[0] * 0.6, body.1 + passages[0] + passages[1] * 0.6].map(|y| y * self.scale),
            bounds: Rect::NOTHING,
        };
        let cards = stack(body, columns.producers.iter().map(|node| (*node, n::PRODUCER.1)));
        for (node, top) in cards {
            layout.cards[node.index()] = Some(self.rect(x_producers, top, n::PRODUCER.0, n::PRODUCER.1));
        }
        for (set, top) in stack(body, columns.sets.iter().map(|set| (*set, self.heights.set(*set)))) {
            let set = self.set(set, x_sets, top, broker_width);
            for node in &self.plan.sets[set.set.index()].replicas {
                layout.cards[node.index()] = Some(set.rect);
            }
            layout.sets.push(set);
        }
        for (group, top) in stack(body, columns.groups.iter().map(|group| (*group, self.heights.group(*group)))) {
            let group = self.group(group, x_groups, top);
            for (node, rect) in &group.consumers {
                layout.cards[node.index()] = Some(*rect);
            }
            layout.groups.push(group);
        }
        for (node, top) in stack(body, columns.services.iter().map(|node| (*node, n::SERVICE.1))) {
            layout.cards[node.index()] = Some(self.rect(x_services, top, n::SERVICE.0, n::SERVICE.1));
        }
        let nameservers: Vec<NodeId> = self.plan.nodes_where(|role| matches!(role, Role::Nameserver)).collect();
        let width = nameservers.len() as f32 * (n::NAMESERVER.0 + n::BETWEEN) - n::BETWEEN;
        for (place, node) in nameservers.iter().enumerate() {
            let x = x_sets + broker_width / 2.0 - width / 2.0 + place as f32 * (n::NAMESERVER.0 + n::BETWEEN);
            layout.cards[node.index()] = Some(self.rect(x, 8.0, n::NAMESERVER.0, n::NAMESERVER.1));
        }
        let size = vec2(self.size.x.max(wide), self.size.y.max(tall)) * self.scale;
        layout.bounds = Rect::from_min_size(Pos2::ZERO, size);
        layout
    }

    fn rect(&self, x: f32, y: f32, width: f32, height: f32) -> Rect {
        // On whole points, so that edges are sharp.
        let at = |x: f32| (x * self.scale).round();
        Rect::from_min_max(pos2(at(x), at(y)), pos2(at(x + width), at(y + height)))
    }

    fn set(&self, set: SetId, x: f32, top: f32, width: f32) -> SetBox {
        let rect = self.rect(x, top, width, self.heights.set(set));
        let mut y = top + n::SET_HEAD;
        let rows = self.plan.sets[set.index()].queues.iter().map(|queue| {
            let height = self.heights.row(*queue);
            let row = self.row(*queue, x, y, width, height);
            y += height;
            row
        });
        let rows = if self.level == Level::Sets { Vec::new() } else { rows.collect() };
        SetBox { set, rect, rows, replicas: self.replicas(set, x, top, width) }
    }

    /// The head of a set's card in as many parts as there are replicas to be named there.
    fn replicas(&self, set: SetId, x: f32, top: f32, width: f32) -> Vec<Rect> {
        let count = self.plan.sets[set.index()].replicas.len();
        if count == 1 || self.level == Level::Cells {
            return Vec::new();
        }
        let each = (width - n::PAD * 2.0) / count.min(NAMED) as f32;
        let part = |place: usize| self.rect(x + n::PAD + each * place as f32, top + 2.0, each, n::SET_HEAD - 4.0);
        (0..count.min(NAMED)).map(part).collect()
    }

    fn row(&self, queue: QueueId, x: f32, y: f32, width: f32, height: f32) -> RowBox {
        let groups = self.plan.topics[self.plan.queues[queue.index()].topic.index()].groups.len();
        let slaves = slaves(self.plan, queue);
        let tall = self.heights.stretch;
        let rect = self.rect(x, y, width, height);
        // Left of the tape stand the queue's name and its last offset, right of it the first.
        let tape = self.rect(x + 128.0, y, width - 128.0 - 44.0, height).x_range();
        let line = |height: f32, strip: f32| Line {
            height: (height * self.scale).round(),
            strip: (strip * self.scale).round().max(2.0),
        };
        let replicas = slaves + 1;
        if self.level != Level::Cells {
            let middle = ((y + n::BAR / 2.0) * self.scale).round();
            return RowBox {
                queue,
                rect,
                name: None,
                top: rect.top(),
                replicas,
                tall: line(n::BAR, n::BAR_STRIP),
                thin: line(n::SLAVE_BAR, n::SLAVE_BAR - 1.0),
                tape,
                lanes: vec![middle; groups.min(1)],
            };
        }
        let at = |y: f32| (y * self.scale).round();
        let head = if slaves > 0 { n::NAME * tall } else { 0.0 };
        let below = y + (n::TAPE + lines(self.plan, queue)) * tall;
        RowBox {
            queue,
            rect,
            name: (slaves > 0).then(|| at(y + head / 2.0)),
            top: at(y + head),
            replicas,
            tall: line((n::TAPE - 1.0) * tall, n::STRIP * tall),
            thin: line(n::SLAVE * tall, n::SLAVE_STRIP * tall),
            tape,
            lanes: (0..lanes(groups)).map(|lane| at(below + n::LANE * (lane as f32 + 0.5) * tall)).collect(),
        }
    }

    fn group(&self, group: GroupId, x: f32, top: f32) -> GroupBox {
        let mut members = self.plan.groups[group.index()].consumers.clone();
        members.sort_by_key(|node| self.plan.name(*node).as_bytes());
        let height = self.heights.consumer(group);
        let (side, between) = (self.heights.abreast(members.len()), self.heights.between());
        let lines = members.len().div_ceil(side);
        let width = (n::GROUP_WIDTH - n::PAD * 2.0 - 6.0 * (side as f32 - 1.0)) / side as f32;
        let consumers = members.iter().enumerate().map(|(place, node)| {
            let (column, line) = (place / lines.max(1), place % lines.max(1));
            let x = x + n::PAD + column as f32 * (width + 6.0);
            let y = top + n::GROUP_HEAD + line as f32 * (height + between);
            (*node, self.rect(x, y, width, height))
        });
        let consumers = consumers.collect();
        let whole = self.heights.group(group);
        let foot = self.rect(x + n::PAD, top + whole - n::GROUP_FOOT, n::GROUP_WIDTH - n::PAD * 2.0, n::GROUP_FOOT);
        GroupBox { group, rect: self.rect(x, top, n::GROUP_WIDTH, whole), consumers, foot }
    }
}

/// One under the other, in the middle of a column: each with its top.
fn stack<T: Copy>((top, bottom): (f32, f32), things: impl Iterator<Item = (T, f32)>) -> Vec<(T, f32)> {
    let things: Vec<(T, f32)> = things.collect();
    let height = column_height(things.iter().map(|(_, height)| *height));
    let mut y = top + ((bottom - top - height) / 2.0).max(0.0);
    let placed = things.into_iter().map(|(thing, height)| {
        let at = y;
        y += height + n::BETWEEN;
        (thing, at)
    });
    placed.collect()
}

#[cfg(test)]
mod tests;
