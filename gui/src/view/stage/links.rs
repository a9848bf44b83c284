//! The links that are drawn: the nodes at their ends, and their paths. It knows nothing of the packets along them.

use egui::{Painter, Pos2, Stroke};
use queuescope::plan::{GroupId, NodeId, Role, Target};

use super::brush::Brush;
use super::path::LinkPath;
use super::queue::shown_lanes;
use super::stage_map::StageMap;
use crate::layout::DetailLevel;
use crate::model::cluster::{BrokerSetView, QueueView};
use crate::theme::{FINE, LINE};

/// A link that is drawn.
pub(super) struct DrawnLink {
    pub(super) path: LinkPath,
    /// The node that sends or delivers first, and the other one.
    pub(super) ends: (NodeId, NodeId),
    style: LinkStyle,
}

/// How a link is drawn.
#[derive(Clone, Copy)]
enum LinkStyle {
    /// Packets can go along it.
    Plain,
    /// To a broker of which the client does not know whether it is the master.
    Guess,
    /// A group reads a queue; dashed while a pull is held.
    Reads { group: GroupId, held: bool },
    /// A consumer reads several queues that stand one under the other.
    ReadsSeveral(GroupId),
}

impl DrawnLink {
    fn paint(&self, map: &StageMap<'_>, painter: &Painter) {
        let palette = map.brush.palette;
        let brush = Brush { painter, ..*map.brush };
        let solid = |stroke: Stroke| _ = painter.add(egui::Shape::line(self.path.points().to_vec(), stroke));
        let hue = |group: GroupId| palette.hue(group.index());
        match self.style {
            LinkStyle::Plain => solid(Stroke::new(FINE, palette.line.gamma_multiply(0.7))),
            LinkStyle::Guess => brush.dotted(self.path.points(), palette.line),
            LinkStyle::Reads { group, held: true } => brush.dashed(self.path.points(), LINE, hue(group)),
            LinkStyle::Reads { group, held: false } => solid(Stroke::new(LINE, hue(group).gamma_multiply(0.75))),
            LinkStyle::ReadsSeveral(group) => solid(Stroke::new(FINE, hue(group).gamma_multiply(0.8))),
        }
    }

    /// The distance of a point from it.
    fn distance(&self, at: Pos2) -> f32 {
        let to_segment = |pair: &[Pos2]| {
            let (from, along) = (pair[0], pair[1] - pair[0]);
            let share = ((at - from).dot(along) / along.length_sq().max(f32::EPSILON)).clamp(0.0, 1.0);
            (from + along * share).distance(at)
        };
        self.path.points().windows(2).map(to_segment).fold(f32::INFINITY, f32::min)
    }
}

/// All links that are drawn. A producer's lead to the masters that it believes in: where there are two masters of a set, it
/// can be seen which producer sends to which.
pub(super) fn all(map: &StageMap<'_>) -> Vec<DrawnLink> {
    let mut all = of_producers(map);
    all.extend(of_consumers(map));
    for set in &map.cluster.sets {
        match map.layout.level {
            DetailLevel::Cells => set.rows.iter().for_each(|row| all.extend(of_queue(map, set, row))),
            DetailLevel::Bars => all.extend(brackets(map, set)),
            DetailLevel::Sets => {}
        }
    }
    all
}

/// Paints all links.
pub(super) fn paint(map: &StageMap<'_>, links: &[DrawnLink]) {
    links.iter().for_each(|link| link.paint(map, map.brush.painter));
}

/// Paints the parts of links that lie within the boxes of the groups to which they lead.
pub(super) fn paint_within_groups(map: &StageMap<'_>, links: &[DrawnLink]) {
    for link in links {
        if let Some(own) = map.own_group(link.ends.0, link.ends.1) {
            link.paint(map, &map.brush.painter.with_clip_rect(own));
        }
    }
}

/// The ends of the link that is nearest to a point, if one is near.
pub(super) fn near(map: &StageMap<'_>, links: &[DrawnLink], at: Pos2) -> Option<(NodeId, NodeId)> {
    let distances = links.iter().map(|link| (link.distance(at), link.ends));
    let nearest = distances.min_by(|a, b| a.0.total_cmp(&b.0))?;
    (nearest.0 < map.brush.size(6.0)).then_some(nearest.1)
}

/// The links of producers.
fn of_producers(map: &StageMap<'_>) -> Vec<DrawnLink> {
    let mut all = Vec::new();
    for producer in &map.cluster.producers {
        let node = producer.node;
        if let Some(service) = producer.calls
            && let Some(path) = map.producer_call(node, service)
        {
            all.push(DrawnLink { path, ends: (node, service), style: LinkStyle::Plain });
        }
        let Some(Target::Topic(topic)) = map.plan.producer(node).map(|settings| settings.target) else { continue };
        let Some(from) = map.side(node, 1.0, 0.5) else { continue };
        all.extend(map.entries(topic, &producer.believed_masters).into_iter().map(|entrance| DrawnLink {
            path: LinkPath::across(from, entrance.at),
            ends: (node, entrance.broker),
            style: if entrance.is_believed { LinkStyle::Plain } else { LinkStyle::Guess },
        }));
    }
    all
}

/// The links of consumers to the services that they call, and to the brokers to which they publish.
fn of_consumers(map: &StageMap<'_>) -> Vec<DrawnLink> {
    let plan = map.plan;
    let mut all = Vec::new();
    for node in plan.nodes_where(|role| matches!(role, Role::Consumer(_))) {
        let Some(consumer) = plan.consumer(node) else { continue };
        let called = consumer.calls.and_then(|service| Some((service, map.consumer_call(node, service)?)));
        let sets = consumer.publishes.into_iter().flat_map(|topic| plan.sets_of(topic));
        let brokers = sets.map(|set| plan.sets[set].first_master());
        let published = brokers.filter_map(|broker| Some((broker, map.published(node, broker)?)));
        let link = |(other, path)| DrawnLink { path, ends: (node, other), style: LinkStyle::Plain };
        all.extend(called.into_iter().chain(published).map(link));
    }
    all
}

/// The links from the lanes of a queue to the consumers that read it.
fn of_queue<'a>(
    map: &'a StageMap<'_>,
    set: &'a BrokerSetView,
    row: &'a QueueView,
) -> impl Iterator<Item = DrawnLink> + 'a {
    let place = map.layout.row(row.queue).into_iter();
    let lanes = place.flat_map(|place| shown_lanes(row, place).enumerate());
    lanes.filter_map(move |(slot, lane)| {
        let (broker, owner) = (set.leading_replica().node, lane.owner?);
        let path = map.reading(row.queue, slot, broker, owner)?;
        let style = LinkStyle::Reads { group: lane.group, held: lane.held.is_some() };
        Some(DrawnLink { path, ends: (broker, owner), style })
    })
}

/// The links from brackets to consumers: queues that stand one under the other and have one owner share a bracket, which
/// is painted at once, and a link.
fn brackets(map: &StageMap<'_>, set: &BrokerSetView) -> Vec<DrawnLink> {
    let mut all = Vec::new();
    let Some(place) = map.layout.sets.iter().find(|place| place.set == set.set) else { return all };
    let lanes = set.rows.iter().map(|row| row.lanes.len()).max().unwrap_or(0);
    for slot in 0..lanes {
        let owner_of = |row: &QueueView| row.lanes.get(slot).and_then(|lane| Some((lane.owner?, lane.group)));
        let mut first = 0;
        while first < set.rows.len() {
            let owner = owner_of(&set.rows[first]);
            let run = set.rows[first..].iter().take_while(|row| owner_of(row) == owner).count();
            let (top, bottom) = (place.rows[first].rect, place.rows[first + run - 1].rect);
            if let Some((owner, group)) = owner
                && let Some(to) = map.side(owner, 0.0, 0.5)
            {
                let path = LinkPath::across(bracket(map, (top, bottom), group, slot), to);
                all.push(DrawnLink {
                    path,
                    ends: (set.leading_replica().node, owner),
                    style: LinkStyle::ReadsSeveral(group),
                });
            }
            first += run;
        }
    }
    all
}

/// Paints a bracket; where its link begins.
fn bracket(map: &StageMap<'_>, (top, bottom): (egui::Rect, egui::Rect), group: GroupId, slot: usize) -> Pos2 {
    let brush = map.brush;
    let (top, bottom) = (brush.view.rect(top), brush.view.rect(bottom));
    let x = top.right() + brush.size(5.0 + 5.0 * slot as f32);
    let (from, to) = (top.top() + brush.size(3.0), bottom.bottom() - brush.size(3.0));
    brush.line(egui::pos2(x, from), egui::pos2(x, to), LINE, brush.palette.hue(group.index()));
    egui::pos2(x, (from + to) / 2.0)
}
