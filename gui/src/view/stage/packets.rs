//! What is on its way along links, and what falls off.
//!
//! A thing's place on its link follows from virtual time alone. What would be on the screen for too short a time to be
//! seen is no dot: its link becomes a stream with its rate.

use egui::{Align2, Color32, Painter, Pos2, Stroke, vec2};
use queuescope::kernel::Span;

use super::brush::{Brush, LinkPath};
use super::content::StageContent;
use super::queue::shown_lanes;
use super::stage_map::StageMap;
use crate::layout::{DetailLevel, Layout};
use crate::model::cluster::ClusterView;
use crate::model::figures::count;
use crate::model::flight::{self, DroppedPacket, PacketInFlight, PacketKind};
use crate::model::record;
use crate::player::SHORTEST_DOT;
use crate::text::Word;
use crate::theme::{FINE, type_size};

const SMALL: f32 = type_size::SMALL;
/// As many things under way as are drawn one by one.
const DOTS: usize = 150;
/// The two lanes of a link lie so far from its middle, at the natural size.
const ASIDE: f32 = 4.0;

/// The rest of each hold, as an arc where the link begins.
pub(super) fn holds(ground: &StageMap<'_>, now: queuescope::kernel::Time) {
    let StageMap { brush, layout, cluster, .. } = *ground;
    if layout.level != DetailLevel::Cells {
        return;
    }
    for row in cluster.sets.iter().flat_map(|set| &set.rows) {
        let Some(place) = layout.row(row.queue) else { continue };
        for (slot, lane) in shown_lanes(row, place).enumerate() {
            let Some((_, since, until)) = lane.held else { continue };
            let Some(at) = ground.reads_at(row.queue, slot) else { continue };
            let hue = brush.palette.hue(lane.group.index());
            let left = until.since(now).0 as f32 / until.since(since).0.max(1) as f32;
            brush.painter.circle_filled(at, brush.size(6.0), brush.palette.card);
            brush.painter.circle_stroke(at, brush.size(5.0), Stroke::new(FINE, brush.palette.faint));
            brush.ring(at, brush.size(5.0), left, brush.size(2.0), hue);
        }
    }
}

/// Everything on its way, sorted by how it is seen.
pub(super) struct Traffic<'a> {
    /// One by one, by their place in the list.
    dots: Vec<(usize, LinkPath)>,
    streams: Vec<PacketStream<'a>>,
}

/// So many on one link that they are one: a band, with how many there are in a second.
struct PacketStream<'a> {
    flight: &'a PacketInFlight,
    number: usize,
    way: LinkPath,
}

/// Sorts what is on its way: what would be seen for too short a time to be a dot, and what there is too much of, is part of a
/// stream.
pub(super) fn traffic<'a>(ground: &StageMap<'_>, all: &'a [PacketInFlight], rate: Span) -> Traffic<'a> {
    let fleeting = |flight: &PacketInFlight| (flight.takes.0 as f64) < rate.0 as f64 * SHORTEST_DOT;
    let mut traffic = Traffic { dots: Vec::new(), streams: Vec::new() };
    for (index, flight) in all.iter().enumerate() {
        let same = |it: &&mut PacketStream<'_>| {
            let it = it.flight;
            (it.from, it.to, it.queue, it.kind) == (flight.from, flight.to, flight.queue, flight.kind)
        };
        let is_dot = !fleeting(flight) && traffic.dots.len() < DOTS;
        if !is_dot && let Some(stream) = traffic.streams.iter_mut().find(same) {
            stream.number += 1;
            continue;
        }
        let Some(way) = ground.of(flight) else { continue };
        if is_dot {
            traffic.dots.push((index, way));
        } else {
            traffic.streams.push(PacketStream { flight, number: 1, way });
        }
    }
    traffic
}

/// The streams from and to consumers, so far as they pass behind other groups than their own; and with `within`, so far as
/// they lie in their own.
pub(super) fn streams_of_groups(ground: &StageMap<'_>, traffic: &Traffic<'_>, within: bool) {
    for stream in &traffic.streams {
        let own = ground.own_group(stream.flight.from, stream.flight.to);
        match own {
            Some(own) if within => band(ground.brush, stream, &ground.brush.painter.with_clip_rect(own)),
            Some(_) => band(ground.brush, stream, ground.brush.painter),
            None => {}
        }
    }
}

/// What is seen over everything else. Returns where each thing is, to be pointed at.
pub(super) fn flights(ground: &StageMap<'_>, all: &[PacketInFlight], traffic: &Traffic<'_>) -> Vec<(Pos2, usize)> {
    let brush = ground.brush;
    let mut places = Vec::new();
    for (index, way) in &traffic.dots {
        let flight = &all[*index];
        let aside = match flight.kind {
            // Where it lies is where it goes.
            PacketKind::Copy => 0.0,
            cargo if cargo.is_answer() => -ASIDE,
            _ => ASIDE,
        };
        let at = way.at(flight.share, brush.size(aside));
        let ahead = way.at((flight.share + 0.02).min(1.0), brush.size(aside));
        dot(brush, at, (ahead - at).normalized(), flight);
        places.push((at, *index));
    }
    for stream in &traffic.streams {
        if ground.own_group(stream.flight.from, stream.flight.to).is_none() {
            band(brush, stream, brush.painter);
        }
        rate_of(brush, stream);
    }
    places
}

fn band(brush: &Brush<'_>, stream: &PacketStream<'_>, painter: &Painter) {
    let stroke = Stroke::new(brush.size(3.0), ink(brush, stream.flight).gamma_multiply(0.6));
    painter.add(egui::Shape::line(stream.way.points().to_vec(), stroke));
}

/// As many as are on the way at once come in the time that one takes (Little's law).
fn rate_of(brush: &Brush<'_>, PacketStream { flight, number, way }: &PacketStream<'_>) {
    if matches!(flight.kind, PacketKind::Message | PacketKind::Delivery | PacketKind::Call) {
        let per_second = *number as f64 * flight.messages.0.max(1) as f64 * 1e9 / flight.takes.0.max(1) as f64;
        let words = brush.say(Word::PerSecond, &[&count(per_second.round() as u64)]);
        // Beside its way, however steep that is.
        let across = (way.at(0.51, 0.0) - way.at(0.49, 0.0)).normalized().abs();
        let half = brush.galley(&words, SMALL, brush.palette.ink).size().x / 2.0 + brush.size(4.0);
        let at = way.at(0.5, -(across.x * brush.size(10.0) + across.y * half));
        brush.words(at, Align2::CENTER_CENTER, &words, SMALL, brush.palette.ink);
    }
}

fn ink(brush: &Brush<'_>, flight: &PacketInFlight) -> Color32 {
    let palette = brush.palette;
    match flight.kind {
        PacketKind::SendRejected | PacketKind::CallRefused => palette.alarm,
        PacketKind::Delivery
        | PacketKind::Commit
        | PacketKind::Pull
        | PacketKind::Lock
        | PacketKind::CommitAnswer
        | PacketKind::EmptyDelivery => flight.group.map_or(palette.ink, |group| palette.hue(group.index())),
        PacketKind::Heartbeat | PacketKind::Coordination | PacketKind::CopyAnswer => palette.soft,
        PacketKind::Message
        | PacketKind::Copy
        | PacketKind::Accepted
        | PacketKind::Call
        | PacketKind::CallAnswer
        | PacketKind::Register => palette.ink,
    }
}

/// One thing on its way.
fn dot(brush: &Brush<'_>, at: Pos2, along: egui::Vec2, flight: &PacketInFlight) {
    let ink = ink(brush, flight);
    let u = brush.size(1.0);
    let hollow = Stroke::new(brush.size(1.5), ink);
    match flight.kind {
        // It has a short way, among cells.
        PacketKind::Copy => _ = brush.painter.circle(at, 4.0 * u, ink, Stroke::new(u, brush.palette.card)),
        PacketKind::Message | PacketKind::Delivery => match flight.key {
            None => _ = brush.painter.circle_filled(at, 5.0 * u, ink),
            // The key inside, whose it is around it.
            Some(key) => {
                brush.painter.circle(at, 5.5 * u, brush.palette.key(key), Stroke::new(brush.size(1.5), ink));
            }
        },
        PacketKind::Accepted
        | PacketKind::CallAnswer
        | PacketKind::CommitAnswer
        | PacketKind::CopyAnswer
        | PacketKind::EmptyDelivery => {
            // A hollow tick.
            let points = [vec2(-4.0, 0.0), vec2(-1.0, 3.5), vec2(4.5, -4.0)].map(|it| at + it * u);
            brush.painter.add(egui::Shape::line(points.to_vec(), hollow));
        }
        PacketKind::SendRejected | PacketKind::CallRefused => brush.cross(at, 4.0, ink),
        PacketKind::Commit => {
            let points = [vec2(-4.0, 0.0), vec2(-1.0, 3.5), vec2(4.5, -4.0)].map(|it| at + it * u);
            brush.painter.add(egui::Shape::line(points.to_vec(), Stroke::new(brush.size(2.5), ink)));
        }
        PacketKind::Call => {
            let points = [vec2(0.0, -6.0), vec2(6.0, 0.0), vec2(0.0, 6.0), vec2(-6.0, 0.0)].map(|it| at + it * u);
            brush.painter.add(egui::Shape::convex_polygon(points.to_vec(), ink, Stroke::NONE));
        }
        PacketKind::Pull => {
            let across = along.rot90();
            let points = vec![
                at + along * 5.0 * u,
                at - along * 4.0 * u + across * 4.5 * u,
                at - along * 4.0 * u - across * 4.5 * u,
            ];
            brush.painter.add(egui::Shape::convex_polygon(points, brush.palette.card, hollow));
        }
        PacketKind::Lock => {
            brush.painter.circle(at, 4.0 * u, brush.palette.card, hollow);
        }
        PacketKind::Register | PacketKind::Coordination | PacketKind::Heartbeat => {
            let fill = if flight.kind == PacketKind::Register { ink } else { brush.palette.card };
            let rect = egui::Rect::from_center_size(at, egui::Vec2::splat(8.0 * u));
            brush.painter.rect(rect, 1.0, fill, hollow, egui::StrokeKind::Inside);
        }
    }
    if matches!(flight.kind, PacketKind::Delivery | PacketKind::Copy) && flight.messages.0 > 1 {
        let at = at + vec2(0.0, -12.0) * u;
        brush.words(at, Align2::CENTER_CENTER, &count(flight.messages.0 as u64), SMALL, ink);
    }
    if flight.is_repeated && matches!(flight.kind, PacketKind::Message | PacketKind::Delivery) {
        brush.words(at + vec2(8.0, 8.0) * u, Align2::CENTER_CENTER, "2", SMALL, brush.palette.alarm);
    }
}

/// What fell off its link, and why.
pub(super) fn falls(ground: &StageMap<'_>, shown: &StageContent<'_>) {
    let brush = ground.brush;
    for fall in &shown.drops {
        let Some((from, to)) = ground.body(fall.from).zip(ground.body(fall.to)) else { continue };
        let share = (fall.ago.0 as f64 / flight::drop_lasts(shown.plan).0 as f64) as f32;
        let at = between(from, to) + vec2(0.0, brush.size(50.0) * share * share);
        let ink = brush.palette.alarm.gamma_multiply(1.0 - share * 0.8);
        brush.cross(at, 4.0, ink);
        // Of several on one link the last one says why.
        let newer = |other: &DroppedPacket| (other.from, other.to) == (fall.from, fall.to) && other.ago < fall.ago;
        if !shown.drops.iter().any(newer) {
            // Within a card it falls past other words.
            let set = |node| shown.plan.broker_set(node);
            let within = set(fall.from).is_some() && set(fall.from) == set(fall.to);
            words_of(brush, at, fall, (ink, if within { brush.palette.card } else { brush.palette.ground }));
        }
    }
}

/// Where something falls between two things: in the middle of the gap, if there is one.
fn between(from: egui::Rect, to: egui::Rect) -> Pos2 {
    let (left, right) = if from.center().x < to.center().x { (from, to) } else { (to, from) };
    if left.right() < right.left() {
        return left.right_center().lerp(right.left_center(), 0.5);
    }
    from.center().lerp(to.center(), 0.35)
}

fn words_of(brush: &Brush<'_>, at: Pos2, fall: &DroppedPacket, (ink, ground): (Color32, Color32)) {
    let words = brush.word(record::why(fall.why));
    brush.plate(at + vec2(0.0, brush.size(13.0)), Align2::CENTER_CENTER, words, ink, ground);
}

/// Marks a message wherever it lies on a tape.
pub(super) fn selected_message(
    brush: &Brush<'_>,
    layout: &Layout,
    cluster: &ClusterView,
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
