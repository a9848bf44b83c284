//! The links that are drawn: who is at their ends, and which way they take. What is painted along them, cut, or pointed
//! at is found here; it knows nothing of what goes along them.

use egui::{Painter, Pos2, Stroke};
use queuescope::plan::{GroupId, NodeId, Role, Target};

use super::brush::{Brush, LinkPath};
use super::queue::shown_lanes;
use super::stage_map::StageMap;
use crate::layout::DetailLevel;
use crate::model::cluster::{BrokerSetView, QueueView};
use crate::theme::{FINE, LINE};

/// A link that is drawn.
pub(super) struct DrawnLink {
    pub(super) way: LinkPath,
    /// Who sends or brings first.
    pub(super) ends: (NodeId, NodeId),
    line: LinkStyle,
}

/// How it is drawn.
#[derive(Clone, Copy)]
enum LinkStyle {
    /// Something may go along it.
    Quiet,
    /// To a broker of which its user does not know whether it leads.
    Guess,
    /// A group reads; dashed while a pull is held.
    Reads { group: GroupId, held: bool },
    /// A group reads several queues, one under the other.
    ReadsSeveral(GroupId),
}

impl DrawnLink {
    fn paint(&self, ground: &StageMap<'_>, painter: &Painter) {
        let palette = ground.brush.palette;
        let brush = Brush { painter, ..*ground.brush };
        let solid = |stroke: Stroke| _ = painter.add(egui::Shape::line(self.way.points().to_vec(), stroke));
        let hue = |group: GroupId| palette.hue(group.index());
        match self.line {
            LinkStyle::Quiet => solid(Stroke::new(FINE, palette.line.gamma_multiply(0.7))),
            LinkStyle::Guess => brush.dotted(self.way.points(), palette.line),
            LinkStyle::Reads { group, held: true } => brush.dashed(self.way.points(), LINE, hue(group)),
            LinkStyle::Reads { group, held: false } => solid(Stroke::new(LINE, hue(group).gamma_multiply(0.75))),
            LinkStyle::ReadsSeveral(group) => solid(Stroke::new(FINE, hue(group).gamma_multiply(0.8))),
        }
    }

    /// How far a point is from it.
    fn distance(&self, at: Pos2) -> f32 {
        let to_segment = |pair: &[Pos2]| {
            let (from, along) = (pair[0], pair[1] - pair[0]);
            let share = ((at - from).dot(along) / along.length_sq().max(f32::EPSILON)).clamp(0.0, 1.0);
            (from + along * share).distance(at)
        };
        self.way.points().windows(2).map(to_segment).fold(f32::INFINITY, f32::min)
    }
}

/// Every link that is drawn. A producer's lead to whom it believes to be the master: where there are two, one sees who
/// sends to which.
pub(super) fn strands(ground: &StageMap<'_>) -> Vec<DrawnLink> {
    let mut all = senders(ground);
    all.extend(workers(ground));
    for set in &ground.cluster.sets {
        match ground.layout.level {
            DetailLevel::Cells => set.rows.iter().for_each(|row| all.extend(readers(ground, set, row))),
            DetailLevel::Bars => all.extend(brackets(ground, set)),
            DetailLevel::Sets => {}
        }
    }
    all
}

/// Paints them all.
pub(super) fn paint(ground: &StageMap<'_>, strands: &[DrawnLink]) {
    strands.iter().for_each(|strand| strand.paint(ground, ground.brush.painter));
}

/// Paints what of them lies within the boxes of the groups to which they lead.
pub(super) fn paint_within_groups(ground: &StageMap<'_>, strands: &[DrawnLink]) {
    for strand in strands {
        if let Some(own) = ground.own_group(strand.ends.0, strand.ends.1) {
            strand.paint(ground, &ground.brush.painter.with_clip_rect(own));
        }
    }
}

/// The ends of the link that is nearest to a point, if one is near.
pub(super) fn near(ground: &StageMap<'_>, strands: &[DrawnLink], at: Pos2) -> Option<(NodeId, NodeId)> {
    let distances = strands.iter().map(|strand| (strand.distance(at), strand.ends));
    let nearest = distances.min_by(|a, b| a.0.total_cmp(&b.0))?;
    (nearest.0 < ground.brush.size(6.0)).then_some(nearest.1)
}

fn senders(ground: &StageMap<'_>) -> Vec<DrawnLink> {
    let mut all = Vec::new();
    for producer in &ground.cluster.producers {
        let node = producer.node;
        if let Some(service) = producer.calls
            && let Some(way) = ground.direct(node, service)
        {
            all.push(DrawnLink { way, ends: (node, service), line: LinkStyle::Quiet });
        }
        let Some(Target::Topic(topic)) = ground.plan.producer(node).map(|settings| settings.target) else { continue };
        let Some(from) = ground.side(node, 1.0, 0.5) else { continue };
        all.extend(ground.entries(topic, &producer.believed_masters).into_iter().map(|(to, broker, known)| {
            DrawnLink {
                way: LinkPath::across(from, to),
                ends: (node, broker),
                line: if known { LinkStyle::Quiet } else { LinkStyle::Guess },
            }
        }));
    }
    all
}

/// From consumers to what they call, and to where they publish.
fn workers(ground: &StageMap<'_>) -> Vec<DrawnLink> {
    let plan = ground.plan;
    let mut all = Vec::new();
    for node in plan.nodes_where(|role| matches!(role, Role::Consumer(_))) {
        let Some(consumer) = plan.consumer(node) else { continue };
        let called = consumer.calls.and_then(|service| Some((service, ground.called(node, service)?)));
        let sets = consumer.publishes.into_iter().flat_map(|topic| plan.sets_of(topic));
        let brokers = sets.map(|set| plan.sets[set.index()].replicas[0]);
        let published = brokers.filter_map(|broker| Some((broker, ground.published(node, broker)?)));
        let strand = |(other, way)| DrawnLink { way, ends: (node, other), line: LinkStyle::Quiet };
        all.extend(called.into_iter().chain(published).map(strand));
    }
    all
}

/// From the lanes of a queue to who reads them.
fn readers<'a>(
    ground: &'a StageMap<'_>,
    set: &'a BrokerSetView,
    row: &'a QueueView,
) -> impl Iterator<Item = DrawnLink> + 'a {
    let place = ground.layout.row(row.queue).into_iter();
    let lanes = place.flat_map(|place| shown_lanes(row, place).enumerate());
    lanes.filter_map(move |(slot, lane)| {
        let (broker, owner) = (set.leading_replica().node, lane.owner?);
        let way = ground.reading(row.queue, slot, broker, owner)?;
        let line = LinkStyle::Reads { group: lane.group, held: lane.held.is_some() };
        Some(DrawnLink { way, ends: (broker, owner), line })
    })
}

/// Queues one under the other with one owner: a bracket, which is painted at once, and one link for all of them.
fn brackets(ground: &StageMap<'_>, set: &BrokerSetView) -> Vec<DrawnLink> {
    let mut all = Vec::new();
    let Some(place) = ground.layout.sets.iter().find(|place| place.set == set.set) else { return all };
    let lanes = set.rows.iter().map(|row| row.lanes.len()).max().unwrap_or(0);
    for slot in 0..lanes {
        let owner_of = |row: &QueueView| row.lanes.get(slot).and_then(|lane| Some((lane.owner?, lane.group)));
        let mut first = 0;
        while first < set.rows.len() {
            let owner = owner_of(&set.rows[first]);
            let run = set.rows[first..].iter().take_while(|row| owner_of(row) == owner).count();
            let (top, bottom) = (place.rows[first].rect, place.rows[first + run - 1].rect);
            if let Some((owner, group)) = owner
                && let Some(to) = ground.side(owner, 0.0, 0.5)
            {
                let way = LinkPath::across(bracket(ground, (top, bottom), group, slot), to);
                all.push(DrawnLink {
                    way,
                    ends: (set.leading_replica().node, owner),
                    line: LinkStyle::ReadsSeveral(group),
                });
            }
            first += run;
        }
    }
    all
}

/// Where the link of a bracket begins.
fn bracket(ground: &StageMap<'_>, (top, bottom): (egui::Rect, egui::Rect), group: GroupId, slot: usize) -> Pos2 {
    let brush = ground.brush;
    let (top, bottom) = (brush.view.rect(top), brush.view.rect(bottom));
    let x = top.right() + brush.size(5.0 + 5.0 * slot as f32);
    let (from, to) = (top.top() + brush.size(3.0), bottom.bottom() - brush.size(3.0));
    brush.line(egui::pos2(x, from), egui::pos2(x, to), LINE, brush.palette.hue(group.index()));
    egui::pos2(x, (from + to) / 2.0)
}
