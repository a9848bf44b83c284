//! Links, what is on its way along them, and what falls off.
//!
//! A thing's place on its link follows from virtual time alone. What would be on the screen for too short a time to be
//! seen is no dot: its link becomes a stream with its rate.

use egui::{Align2, Color32, Pos2, Stroke, pos2, vec2};
use queuescope::kernel::Span;
use queuescope::plan::{NodeId, Plan, QueueId, Role, Target};

use super::Shown;
use super::brush::{Brush, Way};
use super::queue::shown_lanes;
use crate::layout::{Layout, Level};
use crate::model::cluster::{Cluster, Lane, Row};
use crate::model::figures::count;
use crate::model::flight::{self, Cargo, Fall, Flight};
use crate::model::record;
use crate::player::SHORTEST_DOT;
use crate::text::Word;
use crate::theme::{FINE, LINE, type_size};

const SMALL: f32 = type_size::SMALL;
/// As many things under way as are drawn one by one.
const DOTS: usize = 150;
/// The two lanes of a link lie so far from its middle, at the natural size.
const ASIDE: f32 = 4.0;

/// Where a lane of a queue ends on its card: there it is read.
fn reads_at(brush: &Brush<'_>, layout: &Layout, queue: QueueId, group: usize) -> Option<Pos2> {
    let set = layout.sets.iter().find(|set| set.rows.iter().any(|row| row.queue == queue))?;
    let row = set.rows.iter().find(|row| row.queue == queue)?;
    let y = row.lanes.get(group.min(row.lanes.len().saturating_sub(1))).copied()?;
    Some(brush.view.at(pos2(set.rect.right(), y)))
}

/// A place on the edge of a node's card.
fn side(brush: &Brush<'_>, layout: &Layout, node: NodeId, x: f32, y: f32) -> Option<Pos2> {
    let rect = brush.view.rect(layout.card(node)?);
    Some(pos2(rect.left() + rect.width() * x, rect.top() + rect.height() * y))
}

/// The way that a thing takes.
fn way(brush: &Brush<'_>, plan: &Plan, layout: &Layout, flight: &Flight) -> Option<Way> {
    let role = |node: NodeId| &plan.nodes[node.index()].role;
    let slot = |group: queuescope::plan::GroupId| plan.groups[group.index()].slot as usize;
    let passage = |which: usize| brush.view.at(pos2(0.0, layout.passages[which])).y;
    let round = brush.size(12.0);
    if flight.cargo == Cargo::Word {
        return registry(brush, plan, layout, flight.from, flight.to);
    }
    Some(match (role(flight.from), role(flight.to)) {
        (Role::Producer(_), Role::Broker { .. }) => {
            let to = entry(brush, layout, flight.queue, flight.to)?;
            Way::across(side(brush, layout, flight.from, 1.0, 0.5)?, to)
        }
        (Role::Broker { .. }, Role::Producer(_)) => {
            let from = entry(brush, layout, flight.queue, flight.from)?;
            Way::across(side(brush, layout, flight.to, 1.0, 0.5)?, from).back()
        }
        (Role::Broker { .. }, Role::Consumer(_)) => match (flight.queue, flight.group) {
            (Some(queue), Some(group)) => {
                let from = reads_at(brush, layout, queue, slot(group))
                    .or_else(|| side(brush, layout, flight.from, 1.0, 0.5))?;
                Way::across(from, side(brush, layout, flight.to, 0.0, 0.5)?)
            }
            // The answer to what a consumer publishes.
            _ => published(brush, layout, flight.to, flight.from, passage(1), round)?.back(),
        },
        (Role::Consumer(_), Role::Broker { .. }) => match (flight.queue, flight.group) {
            (Some(queue), Some(group)) => {
                let to =
                    reads_at(brush, layout, queue, slot(group)).or_else(|| side(brush, layout, flight.to, 1.0, 0.5))?;
                Way::across(to, side(brush, layout, flight.from, 0.0, 0.5)?).back()
            }
            _ => published(brush, layout, flight.from, flight.to, passage(1), round)?,
        },
        (Role::Consumer(_), Role::Service(_)) => {
            Way::across(side(brush, layout, flight.from, 1.0, 0.5)?, side(brush, layout, flight.to, 0.0, 0.5)?)
        }
        (Role::Service(_), Role::Consumer(_)) => {
            Way::across(side(brush, layout, flight.to, 1.0, 0.5)?, side(brush, layout, flight.from, 0.0, 0.5)?).back()
        }
        (Role::Producer(_), Role::Service(_)) => direct(brush, layout, flight.from, flight.to, passage(0), round)?,
        (Role::Service(_), Role::Producer(_)) => {
            direct(brush, layout, flight.to, flight.from, passage(0), round)?.back()
        }
        _ => registry(brush, plan, layout, flight.from, flight.to)?,
    })
}

/// Where messages enter: the near end of a queue's tape; where there are many, the side of the card.
fn entry(brush: &Brush<'_>, layout: &Layout, queue: Option<QueueId>, broker: NodeId) -> Option<Pos2> {
    let row = queue.and_then(|queue| layout.row(queue)).filter(|_| layout.level == Level::Cells);
    let card = brush.view.rect(layout.card(broker)?);
    let y = row.map_or(card.center().y, |row| brush.view.rect(row.tape).center().y);
    Some(pos2(card.left(), y))
}

/// A call straight from a producer to a service passes below everything.
fn direct(brush: &Brush<'_>, layout: &Layout, from: NodeId, to: NodeId, depth: f32, round: f32) -> Option<Way> {
    Some(Way::below(side(brush, layout, from, 0.5, 1.0)?, side(brush, layout, to, 0.5, 1.0)?, depth, round))
}

/// What a consumer publishes returns below the groups.
fn published(brush: &Brush<'_>, layout: &Layout, from: NodeId, to: NodeId, depth: f32, round: f32) -> Option<Way> {
    let group = layout.groups.iter().find(|group| group.consumers.iter().any(|(node, _)| *node == from))?;
    let group = brush.view.rect(group.rect);
    let from = pos2(group.left() + group.width() * 0.3, group.bottom());
    Some(Way::below(from, side(brush, layout, to, 0.5, 1.0)?, depth, round))
}

/// Words between a nameserver and anybody else, or of a connection that is closed: as the crow flies.
fn registry(brush: &Brush<'_>, plan: &Plan, layout: &Layout, from: NodeId, to: NodeId) -> Option<Way> {
    let end = |node: NodeId, other: NodeId| {
        let (card, peer) = (brush.view.rect(layout.card(node)?), brush.view.rect(layout.card(other)?));
        Some(match plan.nodes[node.index()].role {
            // On the side from which the other one is seen.
            Role::Nameserver => {
                let x = (peer.center().x - card.center().x) / brush.size(6.0);
                pos2((card.center().x + x).clamp(card.left(), card.right()), card.bottom())
            }
            _ => pos2(card.center().x, card.top()),
        })
    };
    Some(Way::through(vec![end(from, to)?, end(to, from)?]))
}

/// The quiet lines along which things go.
pub(super) fn links(brush: &Brush<'_>, plan: &Plan, layout: &Layout, cluster: &Cluster) {
    let thin = Stroke::new(FINE, brush.palette.line.gamma_multiply(0.7));
    let paint = |way: &Way, stroke: Stroke| {
        brush.painter.add(egui::Shape::line(way.points().to_vec(), stroke));
    };
    let passage = |which: usize| brush.view.at(pos2(0.0, layout.passages[which])).y;
    for node in (0..plan.nodes.len()).map(NodeId::from) {
        match &plan.nodes[node.index()].role {
            Role::Producer(producer) => match producer.target {
                Target::Service(service) => {
                    if let Some(way) = direct(brush, layout, node, service, passage(0), brush.size(12.0)) {
                        paint(&way, thin);
                    }
                }
                Target::Topic(topic) => {
                    for to in entries(brush, plan, layout, topic) {
                        if let Some(from) = side(brush, layout, node, 1.0, 0.5) {
                            paint(&Way::across(from, to), thin);
                        }
                    }
                }
            },
            Role::Consumer(consumer) => {
                let ends = consumer.calls.and_then(|service| {
                    Some((side(brush, layout, node, 1.0, 0.5)?, side(brush, layout, service, 0.0, 0.5)?))
                });
                if let Some((from, to)) = ends {
                    paint(&Way::across(from, to), thin);
                }
                for set in consumer.publishes.into_iter().flat_map(|topic| sets_of(plan, topic)) {
                    let broker = plan.sets[set.index()].replicas[0];
                    if let Some(way) = published(brush, layout, node, broker, passage(1), brush.size(12.0)) {
                        paint(&way, thin);
                    }
                }
            }
            _ => {}
        }
    }
    match layout.level {
        Level::Cells => {
            for row in cluster.sets.iter().flat_map(|set| &set.rows) {
                let Some(place) = layout.row(row.queue) else { continue };
                for (slot, lane) in shown_lanes(row, place).enumerate() {
                    owner(brush, layout, row, lane, slot);
                }
            }
        }
        Level::Bars => brackets(brush, layout, cluster),
        Level::Sets => {}
    }
}

/// Queues one under the other with one owner: a bracket, and one link for all of them.
fn brackets(brush: &Brush<'_>, layout: &Layout, cluster: &Cluster) {
    for place in &layout.sets {
        let rows = &cluster.sets[place.set.index()].rows;
        let lanes = rows.iter().map(|row| row.lanes.len()).max().unwrap_or(0);
        for slot in 0..lanes {
            let owner_of = |row: &Row| row.lanes.get(slot).and_then(|lane| Some((lane.owner?, lane.group)));
            let mut first = 0;
            while first < rows.len() {
                let owner = owner_of(&rows[first]);
                let run = rows[first..].iter().take_while(|row| owner_of(row) == owner).count();
                let (top, bottom) = (place.rows[first].rect, place.rows[first + run - 1].rect);
                if let Some((owner, group)) = owner {
                    bracket(brush, layout, (top, bottom), owner, brush.palette.hue(group.index()), slot);
                }
                first += run;
            }
        }
    }
}

fn bracket(
    brush: &Brush<'_>,
    layout: &Layout,
    (top, bottom): (egui::Rect, egui::Rect),
    owner: NodeId,
    hue: Color32,
    slot: usize,
) {
    let (top, bottom) = (brush.view.rect(top), brush.view.rect(bottom));
    let x = top.right() + brush.size(5.0 + 5.0 * slot as f32);
    let (from, to) = (top.top() + brush.size(3.0), bottom.bottom() - brush.size(3.0));
    brush.line(pos2(x, from), pos2(x, to), LINE, hue);
    if let Some(end) = side(brush, layout, owner, 0.0, 0.5) {
        let way = Way::across(pos2(x, (from + to) / 2.0), end);
        brush.painter.add(egui::Shape::line(way.points().to_vec(), Stroke::new(FINE, hue.gamma_multiply(0.8))));
    }
}

fn sets_of(plan: &Plan, topic: queuescope::plan::TopicId) -> Vec<queuescope::plan::SetId> {
    let mut sets: Vec<_> =
        plan.topics[topic.index()].queues.iter().map(|queue| plan.queues[queue.index()].set).collect();
    sets.dedup();
    sets
}

/// Where a topic's messages enter: each queue, or each card where there are many.
fn entries(brush: &Brush<'_>, plan: &Plan, layout: &Layout, topic: queuescope::plan::TopicId) -> Vec<Pos2> {
    if layout.level == Level::Cells {
        let queues = plan.topics[topic.index()].queues.iter();
        let broker = |queue: &QueueId| plan.sets[plan.queues[queue.index()].set.index()].replicas[0];
        queues.filter_map(|queue| entry(brush, layout, Some(*queue), broker(queue))).collect()
    } else {
        let brokers = sets_of(plan, topic).into_iter().map(|set| plan.sets[set.index()].replicas[0]);
        brokers.filter_map(|broker| side(brush, layout, broker, 0.0, 0.5)).collect()
    }
}

/// From a lane to who reads it; dashed and still while a pull is held, the rest of the hold as an arc.
fn owner(brush: &Brush<'_>, layout: &Layout, row: &Row, lane: &Lane, slot: usize) {
    let Some(owner) = lane.owner else { return };
    let ends = reads_at(brush, layout, row.queue, slot).zip(side(brush, layout, owner, 0.0, 0.5));
    let Some((from, to)) = ends else { return };
    let hue = brush.palette.hue(lane.group.index());
    let way = Way::across(from, to);
    if lane.held.is_some() {
        brush.dashed(way.points(), LINE, hue);
    } else {
        brush.painter.add(egui::Shape::line(way.points().to_vec(), Stroke::new(LINE, hue.gamma_multiply(0.75))));
    }
}

/// The rest of each hold, as an arc where the link begins.
pub(super) fn holds(brush: &Brush<'_>, layout: &Layout, cluster: &Cluster, now: queuescope::kernel::Time) {
    if layout.level != Level::Cells {
        return;
    }
    for row in cluster.sets.iter().flat_map(|set| &set.rows) {
        let Some(place) = layout.row(row.queue) else { continue };
        for (slot, lane) in shown_lanes(row, place).enumerate() {
            let Some((_, since, until)) = lane.held else { continue };
            let Some(at) = reads_at(brush, layout, row.queue, slot) else { continue };
            let hue = brush.palette.hue(lane.group.index());
            let left = until.since(now).0 as f32 / until.since(since).0.max(1) as f32;
            brush.painter.circle_filled(at, brush.size(6.0), brush.palette.card);
            brush.painter.circle_stroke(at, brush.size(5.0), Stroke::new(FINE, brush.palette.faint));
            brush.ring(at, brush.size(5.0), left, brush.size(2.0), hue);
        }
    }
}

/// Everything on its way. Returns where each thing is, to be pointed at.
pub(super) fn flights(
    brush: &Brush<'_>,
    plan: &Plan,
    layout: &Layout,
    all: &[Flight],
    rate: Span,
) -> Vec<(Pos2, usize)> {
    let fleeting = |flight: &Flight| (flight.takes.0 as f64) < rate.0 as f64 * SHORTEST_DOT;
    let mut streams: Vec<(&Flight, usize)> = Vec::new();
    let mut places = Vec::new();
    for (index, flight) in all.iter().enumerate() {
        if fleeting(flight) || places.len() >= DOTS {
            let same = |it: &&mut (&Flight, usize)| {
                (it.0.from, it.0.to, it.0.queue, it.0.cargo) == (flight.from, flight.to, flight.queue, flight.cargo)
            };
            match streams.iter_mut().find(same) {
                Some((_, number)) => *number += 1,
                None => streams.push((flight, 1)),
            }
            continue;
        }
        if let Some(way) = way(brush, plan, layout, flight) {
            let aside = if flight.cargo.is_answer() { -ASIDE } else { ASIDE };
            let at = way.at(flight.share, brush.size(aside));
            let ahead = way.at((flight.share + 0.02).min(1.0), brush.size(aside));
            dot(brush, at, (ahead - at).normalized(), flight);
            places.push((at, index));
        }
    }
    for (flight, number) in streams {
        stream(brush, plan, layout, flight, number);
    }
    places
}

/// So many on one link that they are one: a band, with how many there are in a second.
fn stream(brush: &Brush<'_>, plan: &Plan, layout: &Layout, flight: &Flight, number: usize) {
    let Some(way) = way(brush, plan, layout, flight) else { return };
    let ink = ink(brush, flight);
    brush.painter.add(egui::Shape::line(way.points().to_vec(), Stroke::new(brush.size(3.0), ink.gamma_multiply(0.6))));
    if matches!(flight.cargo, Cargo::Message | Cargo::Delivery | Cargo::Call) {
        // As many as are on the way at once come in the time that one takes (Little's law).
        let per_second = number as f64 * flight.messages.0.max(1) as f64 * 1e9 / flight.takes.0.max(1) as f64;
        let words = brush.say(Word::PerSecond, &[&count(per_second.round() as u64)]);
        let at = way.at(0.5, brush.size(-10.0));
        brush.words(at, Align2::CENTER_CENTER, &words, SMALL, brush.palette.ink);
    }
}

fn ink(brush: &Brush<'_>, flight: &Flight) -> Color32 {
    let palette = brush.palette;
    match flight.cargo {
        Cargo::Turned | Cargo::CallRefused => palette.alarm,
        Cargo::Delivery | Cargo::Commit | Cargo::Pull | Cargo::Lock | Cargo::CommitAnswer | Cargo::Nothing => {
            flight.group.map_or(palette.ink, |group| palette.hue(group.index()))
        }
        Cargo::Heartbeat | Cargo::Word => palette.soft,
        Cargo::Message | Cargo::Copy | Cargo::Accepted | Cargo::Call | Cargo::CallAnswer | Cargo::Register => {
            palette.ink
        }
    }
}

/// One thing on its way.
fn dot(brush: &Brush<'_>, at: Pos2, along: egui::Vec2, flight: &Flight) {
    let ink = ink(brush, flight);
    let u = brush.size(1.0);
    let hollow = Stroke::new(brush.size(1.5), ink);
    match flight.cargo {
        Cargo::Message | Cargo::Copy | Cargo::Delivery => match flight.key {
            None => _ = brush.painter.circle_filled(at, 5.0 * u, ink),
            // The key inside, whose it is around it.
            Some(key) => {
                brush.painter.circle(at, 5.5 * u, brush.palette.key(key), Stroke::new(brush.size(1.5), ink));
            }
        },
        Cargo::Accepted | Cargo::CallAnswer | Cargo::CommitAnswer | Cargo::Nothing => {
            // A hollow tick.
            let points = [vec2(-4.0, 0.0), vec2(-1.0, 3.5), vec2(4.5, -4.0)].map(|it| at + it * u);
            brush.painter.add(egui::Shape::line(points.to_vec(), hollow));
        }
        Cargo::Turned | Cargo::CallRefused => brush.cross(at, 4.0, ink),
        Cargo::Commit => {
            let points = [vec2(-4.0, 0.0), vec2(-1.0, 3.5), vec2(4.5, -4.0)].map(|it| at + it * u);
            brush.painter.add(egui::Shape::line(points.to_vec(), Stroke::new(brush.size(2.5), ink)));
        }
        Cargo::Call => {
            let points = [vec2(0.0, -6.0), vec2(6.0, 0.0), vec2(0.0, 6.0), vec2(-6.0, 0.0)].map(|it| at + it * u);
            brush.painter.add(egui::Shape::convex_polygon(points.to_vec(), ink, Stroke::NONE));
        }
        Cargo::Pull => {
            let across = along.rot90();
            let points = vec![
                at + along * 5.0 * u,
                at - along * 4.0 * u + across * 4.5 * u,
                at - along * 4.0 * u - across * 4.5 * u,
            ];
            brush.painter.add(egui::Shape::convex_polygon(points, brush.palette.card, hollow));
        }
        Cargo::Lock => {
            brush.painter.circle(at, 4.0 * u, brush.palette.card, hollow);
        }
        Cargo::Register | Cargo::Word | Cargo::Heartbeat => {
            let fill = if flight.cargo == Cargo::Register { ink } else { brush.palette.card };
            let rect = egui::Rect::from_center_size(at, egui::Vec2::splat(8.0 * u));
            brush.painter.rect(rect, 1.0, fill, hollow, egui::StrokeKind::Inside);
        }
    }
    if flight.cargo == Cargo::Delivery && flight.messages.0 > 1 {
        let at = at + vec2(0.0, -12.0) * u;
        brush.words(at, Align2::CENTER_CENTER, &count(flight.messages.0 as u64), SMALL, ink);
    }
    if flight.again && matches!(flight.cargo, Cargo::Message | Cargo::Delivery) {
        brush.words(at + vec2(8.0, 8.0) * u, Align2::CENTER_CENTER, "2", SMALL, brush.palette.alarm);
    }
}

/// What fell off its link, and why.
pub(super) fn falls(brush: &Brush<'_>, layout: &Layout, shown: &Shown<'_>) {
    for fall in &shown.falls {
        let Some((from, to)) = side(brush, layout, fall.from, 0.5, 0.5).zip(side(brush, layout, fall.to, 0.5, 0.5))
        else {
            continue;
        };
        let share = (fall.ago.0 as f64 / flight::falling(shown.plan).0 as f64) as f32;
        let at = from.lerp(to, 0.35) + vec2(0.0, brush.size(50.0) * share * share);
        let ink = brush.palette.alarm.gamma_multiply(1.0 - share * 0.8);
        brush.cross(at, 4.0, ink);
        // Of several on one link the last one says why.
        let newer = |other: &Fall| (other.from, other.to) == (fall.from, fall.to) && other.ago < fall.ago;
        if !shown.falls.iter().any(newer) {
            words_of(brush, at, fall, ink);
        }
    }
}

fn words_of(brush: &Brush<'_>, at: Pos2, fall: &Fall, ink: Color32) {
    let words = brush.word(record::why(fall.why));
    brush.words(at + vec2(brush.size(9.0), 0.0), Align2::LEFT_CENTER, words, SMALL, ink);
}

/// Marks a message wherever it lies on a tape.
pub(super) fn selected_message(
    brush: &Brush<'_>,
    layout: &Layout,
    cluster: &Cluster,
    message: queuescope::plan::MessageId,
) {
    for row in cluster.sets.iter().flat_map(|set| &set.rows) {
        let Some(place) = layout.row(row.queue) else { continue };
        if let Some(cell) = brush.cell(place, row, message) {
            let stroke = Stroke::new(brush.size(2.0), brush.palette.selected);
            brush.painter.rect_stroke(cell.expand(1.0), 2.0, stroke, egui::StrokeKind::Outside);
        }
    }
}
