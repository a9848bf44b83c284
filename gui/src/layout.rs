//! Where everything stands on the stage: producers left, brokers in the middle, groups of consumers right, services far
//! right, nameservers above; each kind in one column, or in several where one would be too high to be read.
//!
//! The layout follows from the plan and the size of the stage alone, so that nothing moves when nodes come and go. It knows
//! nothing of the present moment, and paints nothing.
//!
//! - the order in a column: `order`
//! - how large things are: `heights`

mod heights;
mod order;

use egui::{Pos2, Rangef, Rect, Vec2, pos2, vec2};
use queuescope::plan::{GroupId, NodeId, Plan, QueueId, Role, SetId, Target};

pub use self::heights::DetailLevel;
use self::heights::{Heights, NAMED, STRETCH, broker_width, lanes, level, lines, n, slaves};

/// A broker set's card.
#[derive(Clone, Debug)]
pub struct SetBox {
    /// The set.
    pub set: SetId,
    /// Its card.
    pub rect: Rect,
    /// Its queues, top to bottom.
    pub rows: Vec<RowBox>,
    /// Where the names of its replicas stand, if there are no lines for them; as many as there is room for.
    pub replicas: Vec<Rect>,
}

/// A queue's row.
#[derive(Clone, Debug)]
pub struct RowBox {
    /// The queue.
    pub queue: QueueId,
    /// The whole row.
    pub rect: Rect,
    /// The height at which the queue's name stands, if there is a line for it; else it stands beside the tape.
    pub name: Option<f32>,
    /// The top of the replicas' lines.
    top: f32,
    /// How many replicas there are.
    replicas: usize,
    /// The line of the leader.
    tall: LineHeight,
    /// The lines of the others.
    thin: LineHeight,
    /// The tape, from left to right.
    pub tape: Rangef,
    /// The heights of its lanes.
    pub lanes: Vec<f32>,
}

/// The height of a replica's line, and of the strip of messages in its middle.
#[derive(Clone, Copy, Debug)]
struct LineHeight {
    height: f32,
    strip: f32,
}

impl RowBox {
    /// The line of a replica, by its place in the set, while the replica at `leader` leads. When another one leads, one line
    /// grows and one becomes thin; their order stays.
    #[must_use]
    pub fn line(&self, place: usize, leader: usize) -> Rect {
        let thins = if place > leader { place - 1 } else { place };
        let talls = usize::from(place > leader);
        let top = self.top + thins as f32 * self.thin.height + talls as f32 * self.tall.height;
        let height = if place == leader { self.tall.height } else { self.thin.height };
        Rect::from_x_y_ranges(self.rect.x_range(), top..=top + height)
    }

    /// The strip on which a replica's messages lie.
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
    /// The group.
    pub group: GroupId,
    /// The whole box.
    pub rect: Rect,
    /// Its consumers in the order of their names.
    pub consumers: Vec<(NodeId, Rect)>,
    /// Where its retries, its dead letters and its ledger stand.
    pub foot: Rect,
}

/// The place of everything on the stage.
#[derive(Clone, Debug)]
pub struct Layout {
    /// How many times larger than its natural size everything is.
    pub scale: f32,
    /// How much detail of a queue is drawn.
    pub level: DetailLevel,
    /// The card of each node, by its number; a broker's is that of its set.
    pub cards: Vec<Option<Rect>>,
    /// The cards of broker sets.
    pub sets: Vec<SetBox>,
    /// The boxes of groups.
    pub groups: Vec<GroupBox>,
    /// The heights below everything at which calls pass, and what consumers publish.
    pub passages: [f32; 2],
    /// The rectangle around everything.
    pub bounds: Rect,
}

/// Things of one kind, side by side in as many columns as they need.
struct ColumnGroup<T> {
    /// In rows: first the first thing of each column, then the second ones.
    things: Vec<T>,
    /// The width of a column.
    width: f32,
    columns: usize,
}

/// How many columns a kind has at most.
const MOST_COLUMNS: usize = 6;
/// The least scale at which a kind keeps one column: at this one, type of 14 points has 10.
const READABLE: f32 = 0.7;

impl<T: Copy> ColumnGroup<T> {
    const fn of(things: Vec<T>, width: f32) -> Self {
        Self { things, width, columns: 1 }
    }

    /// The width of all columns.
    fn width(&self) -> f32 {
        self.columns as f32 * (self.width + n::ASIDE) - n::ASIDE
    }

    /// The height of the highest column; `height` is that of a thing.
    fn height(&self, height: impl Fn(T) -> f32) -> f32 {
        let heights: Vec<f32> = self.things.iter().map(|thing| height(*thing)).collect();
        let column = |first| column_height(heights.iter().skip(first).step_by(self.columns).copied());
        (0..self.columns).map(column).fold(0.0, f32::max)
    }

    /// The left edge and the top of each thing, between the heights of `body`.
    fn places(&self, left: f32, body: (f32, f32), height: impl Fn(T) -> f32) -> Vec<(T, f32, f32)> {
        // All columns begin at one height, so that rows are straight.
        let top = body.0 + ((body.1 - body.0 - self.height(&height)) / 2.0).max(0.0);
        let mut places = Vec::new();
        for column in 0..self.columns {
            let x = left + column as f32 * (self.width + n::ASIDE);
            let mut y = top;
            for thing in self.things.iter().skip(column).step_by(self.columns) {
                places.push((*thing, x, y));
                y += height(*thing) + n::BETWEEN;
            }
        }
        places
    }
}

/// Everything on the stage, kind by kind.
struct ColumnGroups {
    producers: ColumnGroup<NodeId>,
    sets: ColumnGroup<SetId>,
    groups: ColumnGroup<GroupId>,
    services: ColumnGroup<NodeId>,
    nameservers: Vec<NodeId>,
    /// The height of the passages for calls, and for what consumers publish.
    passages: [f32; 2],
}

impl ColumnGroups {
    fn of(plan: &Plan) -> Self {
        let columns = order::columns(plan);
        let calls =
            plan.nodes_where(|role| matches!(role, Role::Producer(it) if matches!(it.target, Target::Service(_))));
        let publishes = plan.nodes_where(|role| matches!(role, Role::Consumer(it) if it.publishes.is_some()));
        let passages = [calls.count() > 0, publishes.count() > 0].map(|any| if any { n::PASSAGE } else { 0.0 });
        Self {
            producers: ColumnGroup::of(columns.producers, n::PRODUCER.0),
            sets: ColumnGroup::of(columns.sets, broker_width(plan).0),
            groups: ColumnGroup::of(columns.groups, n::GROUP_WIDTH),
            services: ColumnGroup::of(columns.services, n::SERVICE.0),
            nameservers: plan.nodes_where(|role| matches!(role, Role::Nameserver)).collect(),
            passages,
        }
    }

    /// The height of each kind.
    fn heights(&self, heights: &Heights<'_>) -> [f32; 4] {
        [
            self.producers.height(|_| n::PRODUCER.1),
            self.sets.height(|set| heights.set(set)),
            self.groups.height(|group| heights.group(group)),
            self.services.height(|_| n::SERVICE.1),
        ]
    }

    fn columns(&mut self) -> [(&mut usize, usize); 4] {
        let Self { producers, sets, groups, services, .. } = self;
        [
            (&mut producers.columns, producers.things.len()),
            (&mut sets.columns, sets.things.len()),
            (&mut groups.columns, groups.things.len()),
            (&mut services.columns, services.things.len()),
        ]
    }

    /// The least width and height of everything together.
    fn size(&self, heights: &Heights<'_>) -> Vec2 {
        let tallest = self.heights(heights).into_iter().fold(0.0, f32::max);
        let tall = n::ABOVE + tallest + self.passages[0] + self.passages[1] + n::MARGIN;
        let services = if self.services.things.is_empty() { 0.0 } else { self.services.width() + n::GAP * 0.7 };
        let columns = self.producers.width() + self.sets.width() + self.groups.width() + services;
        let wide = (n::GAP * 2.0 + columns).max(self.nameservers_width());
        vec2(n::MARGIN * 2.0 + wide, tall)
    }

    /// The width of the nameservers, side by side.
    fn nameservers_width(&self) -> f32 {
        self.nameservers.len() as f32 * (n::NAMESERVER.0 + n::BETWEEN) - n::BETWEEN
    }

    /// While everything would be too small to be read on a stage of this size, the highest kind gets one more column. Of all
    /// these arrangements it keeps the one that is shown largest.
    fn spread(&mut self, heights: &Heights<'_>, stage: Vec2) {
        let scale = |kinds: &Self| {
            let size = kinds.size(heights);
            (stage.x / size.x).min(stage.y / size.y)
        };
        let mut best = (scale(self), self.columns().map(|(columns, _)| *columns));
        while best.0 < READABLE {
            let height = self.heights(heights);
            let free = self.columns().map(|(columns, things)| *columns < MOST_COLUMNS.min(things));
            let highest = (0..free.len()).filter(|kind| free[*kind]).max_by(|a, b| height[*a].total_cmp(&height[*b]));
            let Some(highest) = highest else { break };
            *self.columns()[highest].0 += 1;
            let now = scale(self);
            if now > best.0 {
                best = (now, self.columns().map(|(columns, _)| *columns));
            }
        }
        for ((columns, _), best) in self.columns().into_iter().zip(best.1) {
            *columns = best;
        }
    }
}

impl Layout {
    /// The layout of a plan on a stage of this size, at the origin.
    #[must_use]
    pub fn of(plan: &Plan, size: Vec2) -> Self {
        let level = level(plan);
        let natural = Heights { plan, level, stretch: 1.0 };
        let mut kinds = ColumnGroups::of(plan);
        kinds.spread(&natural, size);
        let min_size = kinds.size(&natural);
        let heights = kinds.heights(&natural);
        let scale = (size.y / min_size.y).min(size.x / min_size.x).clamp(0.5, 2.0);
        let room = size.y / scale - (min_size.y - heights.into_iter().fold(0.0, f32::max));
        let stretch = (room * 0.9 / heights[1].max(1.0)).clamp(1.0, STRETCH);
        let heights = Heights { plan, level, stretch };
        Placing { plan, level, heights, scale, size: size / scale }.place(&kinds, min_size)
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

/// Puts things into their places: it computes in natural sizes, and scales the result.
struct Placing<'a> {
    plan: &'a Plan,
    level: DetailLevel,
    heights: Heights<'a>,
    scale: f32,
    /// The size of the stage, in natural size.
    size: Vec2,
}

impl Placing<'_> {
    fn place(&self, kinds: &ColumnGroups, min_size: Vec2) -> Layout {
        let spare = (self.size.x - min_size.x).max(0.0);
        let (narrowest, widest) = broker_width(self.plan);
        let each = spare * 0.6 / kinds.sets.columns as f32;
        let broker_width = (narrowest + each).min(widest);
        let sets = ColumnGroup { width: broker_width, things: kinds.sets.things.clone(), columns: kinds.sets.columns };
        let wider = sets.width() - kinds.sets.width();
        let gap = n::GAP + (spare - wider).max(0.0) * 0.38;
        let x_sets = n::MARGIN + kinds.producers.width() + gap;
        let x_groups = x_sets + sets.width() + gap;
        let x_services = x_groups + kinds.groups.width() + gap * 0.7;
        let right = if kinds.services.things.is_empty() {
            x_groups + kinds.groups.width()
        } else {
            x_services + kinds.services.width()
        };
        // Room that is left on the right is divided between both sides.
        let shift = ((self.size.x.max(min_size.x) - right - n::MARGIN) / 2.0).max(0.0);
        let (x_producers, x_sets, x_groups, x_services) =
            (n::MARGIN + shift, x_sets + shift, x_groups + shift, x_services + shift);
        let passages = kinds.passages;
        let body = (n::ABOVE, (self.size.y.max(min_size.y) - passages[0] - passages[1] - n::MARGIN));
        let mut layout = Layout {
            scale: self.scale,
            level: self.level,
            cards: vec![None; self.plan.nodes.len()],
            sets: Vec::new(),
            groups: Vec::new(),
            passages: [body.1 + passages[0] * 0.6, body.1 + passages[0] + passages[1] * 0.6].map(|y| y * self.scale),
            bounds: Rect::from_min_size(Pos2::ZERO, self.size.max(min_size) * self.scale),
        };
        for (node, x, top) in kinds.producers.places(x_producers, body, |_| n::PRODUCER.1) {
            layout.cards[node.index()] = Some(self.rect(x, top, n::PRODUCER.0, n::PRODUCER.1));
        }
        for (set, x, top) in sets.places(x_sets, body, |set| self.heights.set(set)) {
            let set = self.set(set, x, top, broker_width);
            for node in &self.plan.sets[set.set].replicas {
                layout.cards[node.index()] = Some(set.rect);
            }
            layout.sets.push(set);
        }
        // In the order of the plan, like everything else about sets.
        layout.sets.sort_by_key(|set| set.set);
        for (group, x, top) in kinds.groups.places(x_groups, body, |group| self.heights.group(group)) {
            let group = self.group(group, x, top);
            for (node, rect) in &group.consumers {
                layout.cards[node.index()] = Some(*rect);
            }
            layout.groups.push(group);
        }
        for (node, x, top) in kinds.services.places(x_services, body, |_| n::SERVICE.1) {
            layout.cards[node.index()] = Some(self.rect(x, top, n::SERVICE.0, n::SERVICE.1));
        }
        let middle = x_sets + sets.width() / 2.0 - kinds.nameservers_width() / 2.0;
        let max = self.size.x.max(min_size.x) - n::MARGIN - kinds.nameservers_width();
        let left = middle.min(max).max(n::MARGIN);
        for (place, node) in kinds.nameservers.iter().enumerate() {
            let x = left + place as f32 * (n::NAMESERVER.0 + n::BETWEEN);
            layout.cards[node.index()] = Some(self.rect(x, 8.0, n::NAMESERVER.0, n::NAMESERVER.1));
        }
        layout
    }

    fn rect(&self, x: f32, y: f32, width: f32, height: f32) -> Rect {
        // To whole points, so that edges are sharp.
        let at = |x: f32| (x * self.scale).round();
        Rect::from_min_max(pos2(at(x), at(y)), pos2(at(x + width), at(y + height)))
    }

    fn set(&self, set: SetId, x: f32, top: f32, width: f32) -> SetBox {
        let rect = self.rect(x, top, width, self.heights.set(set));
        let mut y = top + n::SET_HEAD;
        let rows = self.plan.sets[set].queues.iter().map(|queue| {
            let height = self.heights.row(*queue);
            let row = self.row(*queue, x, y, width, height);
            y += height;
            row
        });
        let rows = if self.level == DetailLevel::Sets { Vec::new() } else { rows.collect() };
        SetBox { set, rect, rows, replicas: self.replicas(set, x, top, width) }
    }

    /// Where the names of replicas stand: equal parts of the head of a set's card.
    fn replicas(&self, set: SetId, x: f32, top: f32, width: f32) -> Vec<Rect> {
        let count = self.plan.sets[set].replicas.len();
        if count == 1 || self.level == DetailLevel::Cells {
            return Vec::new();
        }
        let each = (width - n::PAD * 2.0) / count.min(NAMED) as f32;
        let part = |place: usize| self.rect(x + n::PAD + each * place as f32, top + 2.0, each, n::SET_HEAD - 4.0);
        (0..count.min(NAMED)).map(part).collect()
    }

    fn row(&self, queue: QueueId, x: f32, y: f32, width: f32, height: f32) -> RowBox {
        let groups = self.plan.topics[self.plan.queues[queue].topic].groups.len();
        let slaves = slaves(self.plan, queue);
        let tall = self.heights.stretch;
        let rect = self.rect(x, y, width, height);
        // Left of the tape stand the queue's name and its last offset, right of it the first.
        let tape = self.rect(x + 128.0, y, width - 128.0 - 44.0, height).x_range();
        let line = |height: f32, strip: f32| LineHeight {
            height: (height * self.scale).round(),
            strip: (strip * self.scale).round().max(2.0),
        };
        let replicas = slaves + 1;
        if self.level != DetailLevel::Cells {
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
        let mut members = self.plan.groups[group].consumers.clone();
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

/// The height of things that stand one under the other.
fn column_height(heights: impl Iterator<Item = f32>) -> f32 {
    let (count, sum) = heights.fold((0, 0.0), |(count, sum), height| (count + 1, sum + height));
    sum + n::BETWEEN * (count as f32 - 1.0).max(0.0)
}

#[cfg(test)]
mod tests;
