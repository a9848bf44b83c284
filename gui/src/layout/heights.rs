//! The natural sizes of things, and how much detail of a queue there is room for. It knows nothing of where things stand.

use queuescope::plan::{GroupId, Plan, QueueId, SetId};

/// How much detail of a queue is drawn.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum DetailLevel {
    /// A broker set is a line, and a matrix shows who owns which queue.
    Sets,
    /// A queue is a bar.
    Bars,
    /// A message is a cell.
    Cells,
}

/// For how many queues there is room to draw cells.
const CELL_ROWS: usize = 8;
/// For how many queues there is room to draw bars.
const BAR_ROWS: usize = 40;
/// How many names of replicas stand beside each other at most.
pub(super) const NAMED: usize = 4;
/// How many times higher than its natural height a queue is at most.
pub(super) const STRETCH: f32 = 1.5;
/// With more groups than this a queue has one lane, for the group with the largest lag.
const LANES: usize = 3;

/// How many lanes are drawn for so many groups.
pub(super) const fn lanes(groups: usize) -> usize {
    if groups > LANES { 1 } else { groups }
}

/// Natural sizes, in points.
pub(super) mod natural {
    pub(in crate::layout) const MARGIN: f32 = 16.0;
    pub(in crate::layout) const PRODUCER: (f32, f32) = (120.0, 54.0);
    pub(in crate::layout) const SERVICE: (f32, f32) = (136.0, 72.0);
    pub(in crate::layout) const NAMESERVER: (f32, f32) = (150.0, 46.0);
    pub(in crate::layout) const BROKER_WIDTH: (f32, f32) = (284.0, 520.0);
    pub(in crate::layout) const REPLICATED_WIDTH: (f32, f32) = (372.0, 520.0);
    pub(in crate::layout) const GROUP_WIDTH: f32 = 216.0;
    pub(in crate::layout) const GAP: f32 = 84.0;
    pub(in crate::layout) const BETWEEN: f32 = 14.0;
    pub(in crate::layout) const ASIDE: f32 = 28.0;
    pub(in crate::layout) const SET_HEAD: f32 = 28.0;
    pub(in crate::layout) const GROUP_HEAD: f32 = 28.0;
    pub(in crate::layout) const GROUP_FOOT: f32 = 74.0;
    pub(in crate::layout) const CONSUMER: f32 = 38.0;
    pub(in crate::layout) const CONSUMER_LINE: f32 = 20.0;
    pub(in crate::layout) const MATRIX: f32 = 170.0;
    pub(in crate::layout) const TAPE: f32 = 24.0;
    pub(in crate::layout) const STRIP: f32 = 15.0;
    pub(in crate::layout) const NAME: f32 = 18.0;
    pub(in crate::layout) const SLAVE: f32 = 17.0;
    pub(in crate::layout) const SLAVE_STRIP: f32 = 7.0;
    pub(in crate::layout) const LANE: f32 = 17.0;
    pub(in crate::layout) const BAR: f32 = 20.0;
    pub(in crate::layout) const BAR_STRIP: f32 = 10.0;
    pub(in crate::layout) const SLAVE_BAR: f32 = 4.0;
    pub(in crate::layout) const PASSAGE: f32 = 26.0;
    pub(in crate::layout) const ABOVE: f32 = 64.0;
    pub(in crate::layout) const PAD: f32 = 10.0;
}

pub(super) use self::natural as n;

/// The natural heights of things, for a level of detail.
pub(super) struct Heights<'a> {
    pub(super) plan: &'a Plan,
    pub(super) level: DetailLevel,
    /// How many times higher than its natural height a queue is.
    pub(super) stretch: f32,
}

/// How many slaves a queue has.
pub(super) fn slaves(plan: &Plan, queue: QueueId) -> usize {
    plan.sets[plan.queues[queue].set].replicas.len() - 1
}

/// The level of detail for which there is room.
pub(super) fn level(plan: &Plan) -> DetailLevel {
    let queues = || (0..plan.queues.len()).map(QueueId::from);
    let replicated = plan.sets.iter().any(|set| set.replicas.len() > 1);
    // A slave takes a part of the room that another queue would take.
    let cells: f32 = queues().map(|queue| 1.0 + lines(plan, queue) / (n::TAPE + n::LANE + 4.0)).sum();
    let bars: f32 = queues().map(|queue| 1.0 + slaves(plan, queue) as f32 * n::SLAVE_BAR / n::BAR).sum();
    match plan.queues.len() {
        rows if rows <= CELL_ROWS && (!replicated || cells <= CELL_ROWS as f32) => DetailLevel::Cells,
        _ if bars <= BAR_ROWS as f32 => DetailLevel::Bars,
        _ => DetailLevel::Sets,
    }
}

/// How much higher a queue is for its slaves: by a line for each, and one for the queue's name.
pub(super) fn lines(plan: &Plan, queue: QueueId) -> f32 {
    match slaves(plan, queue) {
        0 => 0.0,
        slaves => n::NAME + n::SLAVE * slaves as f32,
    }
}

impl Heights<'_> {
    pub(super) fn row(&self, queue: QueueId) -> f32 {
        let groups = self.plan.topics[self.plan.queues[queue].topic].groups.len();
        match self.level {
            DetailLevel::Cells => {
                (n::TAPE + lines(self.plan, queue) + n::LANE * lanes(groups) as f32 + 4.0) * self.stretch
            }
            DetailLevel::Bars => n::BAR + n::SLAVE_BAR * slaves(self.plan, queue) as f32,
            DetailLevel::Sets => 0.0,
        }
    }

    pub(super) fn set(&self, set: SetId) -> f32 {
        let rows: f32 = self.plan.sets[set].queues.iter().map(|queue| self.row(*queue)).sum();
        let line = if self.level == DetailLevel::Sets { n::BAR } else { 0.0 };
        n::SET_HEAD + rows + line + n::PAD * 0.6
    }

    pub(super) fn consumer(&self, group: GroupId) -> f32 {
        let count = self.plan.groups[group].consumers.len();
        match self.level {
            DetailLevel::Sets => (n::MATRIX / count.max(1) as f32).clamp(2.0, n::CONSUMER_LINE),
            DetailLevel::Cells if count <= 6 => n::CONSUMER,
            _ => n::CONSUMER_LINE,
        }
    }

    /// The distance between two consumers.
    pub(super) fn between(&self) -> f32 {
        if self.level == DetailLevel::Sets { 0.0 } else { 6.0 }
    }

    /// How many consumers stand side by side.
    pub(super) fn abreast(&self, count: usize) -> usize {
        match count {
            _ if self.level == DetailLevel::Sets => 1,
            0..=12 => 1,
            13..=32 => 2,
            _ => 4,
        }
    }

    pub(super) fn group(&self, group: GroupId) -> f32 {
        let count = self.plan.groups[group].consumers.len();
        n::GROUP_HEAD + self.consumers(group, count) + n::GROUP_FOOT
    }

    /// The height of so many consumers, in one column or in several.
    fn consumers(&self, group: GroupId, count: usize) -> f32 {
        count.div_ceil(self.abreast(count)) as f32 * (self.consumer(group) + self.between()) + 6.0
    }
}

/// The least and the greatest width of a broker set's card.
pub(super) fn broker_width(plan: &Plan) -> (f32, f32) {
    if plan.sets.iter().any(|set| set.replicas.len() > 1) { n::REPLICATED_WIDTH } else { n::BROKER_WIDTH }
}
