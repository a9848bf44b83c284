//! Packets in flight, and those that were dropped.
//!
//! The place of a packet on its link follows from virtual time alone. Packets that would be on the screen too briefly to be
//! seen are not drawn as dots: they become a stream with a rate.

use egui::{Align2, Color32, Painter, Pos2, Stroke, vec2};
use queuescope::kernel::Span;
use queuescope::words::figure::count;
use queuescope::words::record::why;

use super::brush::Brush;
use super::content::StageContent;
use super::path::LinkPath;
use super::queue::shown_lanes;
use super::stage_map::StageMap;
use crate::layout::{DetailLevel, Layout};
use crate::model::cluster::ClusterView;
use crate::model::flight::{self, DroppedPacket, PacketInFlight, PacketKind};
use crate::player::SHORTEST_DOT;
use crate::text::Word;
use crate::theme::{FINE, type_size};

const SMALL: f32 = type_size::SMALL;
/// How many packets are drawn one by one; others become parts of streams.
const DOTS: usize = 150;
/// How far requests and answers go from the middle of a link, in natural size.
const ASIDE: f32 = 4.0;

/// Paints the time that is left of each pull that is held, as a ring where the link begins.
pub(super) fn holds(map: &StageMap<'_>, now: queuescope::kernel::Time) {
    let StageMap { brush, layout, cluster, .. } = *map;
    if layout.level != DetailLevel::Cells {
        return;
    }
    for row in cluster.sets.iter().flat_map(|set| &set.rows) {
        let Some(place) = layout.row(row.queue) else { continue };
        for (slot, lane) in shown_lanes(row, place).enumerate() {
            let Some((_, since, until)) = lane.held else { continue };
            let Some(at) = map.lane_end(row.queue, slot) else { continue };
            let hue = brush.palette.hue(lane.group.index());
            let left = until.since(now).0 as f32 / until.since(since).0.max(1) as f32;
            brush.painter.circle_filled(at, brush.size(6.0), brush.palette.card);
            brush.painter.circle_stroke(at, brush.size(5.0), Stroke::new(FINE, brush.palette.faint));
            brush.ring(at, brush.size(5.0), left, brush.size(2.0), hue);
        }
    }
}

/// All packets in flight, sorted by how they are drawn.
pub(super) struct Traffic<'a> {
    /// Packets drawn one by one, by their place in the list, and their paths.
    dots: Vec<(usize, LinkPath)>,
    streams: Vec<PacketStream<'a>>,
}

/// Packets of one kind on one link, drawn as a band with its rate.
struct PacketStream<'a> {
    packet: &'a PacketInFlight,
    number: usize,
    path: LinkPath,
}

/// Sorts packets in flight: those that would be seen too briefly, and those beyond [`DOTS`], are parts of streams.
pub(super) fn traffic<'a>(map: &StageMap<'_>, all: &'a [PacketInFlight], rate: Span) -> Traffic<'a> {
    let fleeting = |packet: &PacketInFlight| (packet.takes.0 as f64) < rate.0 as f64 * SHORTEST_DOT;
    let mut traffic = Traffic { dots: Vec::new(), streams: Vec::new() };
    for (index, packet) in all.iter().enumerate() {
        let same = |it: &&mut PacketStream<'_>| {
            let it = it.packet;
            (it.from, it.to, it.queue, it.kind) == (packet.from, packet.to, packet.queue, packet.kind)
        };
        let is_dot = !fleeting(packet) && traffic.dots.len() < DOTS;
        if !is_dot && let Some(stream) = traffic.streams.iter_mut().find(same) {
            stream.number += 1;
            continue;
        }
        let Some(path) = map.path_of(packet) else { continue };
        if is_dot {
            traffic.dots.push((index, path));
        } else {
            traffic.streams.push(PacketStream { packet, number: 1, path });
        }
    }
    traffic
}

/// Paints the streams from and to consumers: behind the boxes of all groups, or, with `within`, the part in their own.
pub(super) fn streams_of_groups(map: &StageMap<'_>, traffic: &Traffic<'_>, within: bool) {
    for stream in &traffic.streams {
        let own = map.own_group(stream.packet.from, stream.packet.to);
        match own {
            Some(own) if within => band(map.brush, stream, &map.brush.painter.with_clip_rect(own)),
            Some(_) => band(map.brush, stream, map.brush.painter),
            None => {}
        }
    }
}

/// Paints the packets and streams that lie over everything else. Where each packet is, to be found by the pointer.
pub(super) fn show(map: &StageMap<'_>, all: &[PacketInFlight], traffic: &Traffic<'_>) -> Vec<(Pos2, usize)> {
    let brush = map.brush;
    let mut places = Vec::new();
    for (index, path) in &traffic.dots {
        let packet = &all[*index];
        let aside = match packet.kind {
            // A copy goes from cell to cell.
            PacketKind::Copy => 0.0,
            kind if kind.is_answer() => -ASIDE,
            _ => ASIDE,
        };
        let at = path.at(packet.share, brush.size(aside));
        let ahead = path.at((packet.share + 0.02).min(1.0), brush.size(aside));
        dot(brush, at, (ahead - at).normalized(), packet);
        places.push((at, *index));
    }
    for stream in &traffic.streams {
        if map.own_group(stream.packet.from, stream.packet.to).is_none() {
            band(brush, stream, brush.painter);
        }
        rate_of(brush, stream);
    }
    places
}

/// Paints a stream as a band.
fn band(brush: &Brush<'_>, stream: &PacketStream<'_>, painter: &Painter) {
    let stroke = Stroke::new(brush.size(3.0), ink(brush, stream.packet).gamma_multiply(0.6));
    painter.add(egui::Shape::line(stream.path.points().to_vec(), stroke));
}

/// Writes the rate of a stream, by Little's law: as many packets as are in flight at once arrive in the time that one
/// takes.
fn rate_of(brush: &Brush<'_>, PacketStream { packet, number, path }: &PacketStream<'_>) {
    if matches!(packet.kind, PacketKind::Message | PacketKind::Delivery | PacketKind::Call) {
        let per_second = *number as f64 * packet.messages.0.max(1) as f64 * 1e9 / packet.takes.0.max(1) as f64;
        let words = brush.say(Word::PerSecond, &[&count(per_second.round() as u64)]);
        // Beside the path, however steep that is.
        let across = (path.at(0.51, 0.0) - path.at(0.49, 0.0)).normalized().abs();
        let half = brush.galley(&words, SMALL, brush.palette.ink).size().x / 2.0 + brush.size(4.0);
        let at = path.at(0.5, -(across.x * brush.size(10.0) + across.y * half));
        brush.words(at, Align2::CENTER_CENTER, &words, SMALL, brush.palette.ink);
    }
}

/// The colour of a packet.
fn ink(brush: &Brush<'_>, packet: &PacketInFlight) -> Color32 {
    let palette = brush.palette;
    match packet.kind {
        PacketKind::SendRejected | PacketKind::CallRefused => palette.alarm,
        PacketKind::Delivery
        | PacketKind::Commit
        | PacketKind::Pull
        | PacketKind::Lock
        | PacketKind::CommitAnswer
        | PacketKind::EmptyDelivery => packet.group.map_or(palette.ink, |group| palette.hue(group.index())),
        PacketKind::Heartbeat | PacketKind::Coordination | PacketKind::CopyAnswer => palette.soft,
        PacketKind::Message
        | PacketKind::Copy
        | PacketKind::Accepted
        | PacketKind::Call
        | PacketKind::CallAnswer
        | PacketKind::Register => palette.ink,
    }
}

/// Draws one packet.
fn dot(brush: &Brush<'_>, at: Pos2, along: egui::Vec2, packet: &PacketInFlight) {
    let ink = ink(brush, packet);
    let u = brush.size(1.0);
    let hollow = Stroke::new(brush.size(1.5), ink);
    match packet.kind {
        // Its path is short, among cells.
        PacketKind::Copy => _ = brush.painter.circle(at, 4.0 * u, ink, Stroke::new(u, brush.palette.card)),
        PacketKind::Message | PacketKind::Delivery => match packet.key {
            None => _ = brush.painter.circle_filled(at, 5.0 * u, ink),
            // The key's colour inside, the group's around it.
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
            let fill = if packet.kind == PacketKind::Register { ink } else { brush.palette.card };
            let rect = egui::Rect::from_center_size(at, egui::Vec2::splat(8.0 * u));
            brush.painter.rect(rect, 1.0, fill, hollow, egui::StrokeKind::Inside);
        }
    }
    if matches!(packet.kind, PacketKind::Delivery | PacketKind::Copy) && packet.messages.0 > 1 {
        let at = at + vec2(0.0, -12.0) * u;
        brush.words(at, Align2::CENTER_CENTER, &count(packet.messages.0 as u64), SMALL, ink);
    }
    if packet.is_repeated && matches!(packet.kind, PacketKind::Message | PacketKind::Delivery) {
        brush.words(at + vec2(8.0, 8.0) * u, Align2::CENTER_CENTER, "2", SMALL, brush.palette.alarm);
    }
}

/// Paints the packets that were dropped a moment ago, and why.
pub(super) fn drops(map: &StageMap<'_>, content: &StageContent<'_>) {
    let brush = map.brush;
    for drop in &content.drops {
        let Some((from, to)) = map.body(drop.from).zip(map.body(drop.to)) else { continue };
        let share = (drop.ago.0 as f64 / flight::drop_lasts(content.plan).0 as f64) as f32;
        let at = between(from, to) + vec2(0.0, brush.size(50.0) * share * share);
        let ink = brush.palette.alarm.gamma_multiply(1.0 - share * 0.8);
        brush.cross(at, 4.0, ink);
        // Of several on one link only the last one says why.
        let newer = |other: &DroppedPacket| (other.from, other.to) == (drop.from, drop.to) && other.ago < drop.ago;
        if !content.drops.iter().any(newer) {
            // Within a card it falls over other words, and hides them.
            let set = |node| content.plan.broker_set(node);
            let within = set(drop.from).is_some() && set(drop.from) == set(drop.to);
            reason(brush, at, drop, (ink, if within { brush.palette.card } else { brush.palette.ground }));
        }
    }
}

/// Where a packet between two things is dropped: in the middle of the gap, if there is one.
fn between(from: egui::Rect, to: egui::Rect) -> Pos2 {
    let (left, right) = if from.center().x < to.center().x { (from, to) } else { (to, from) };
    if left.right() < right.left() {
        return left.right_center().lerp(right.left_center(), 0.5);
    }
    from.center().lerp(to.center(), 0.35)
}

/// Writes why a packet was dropped.
fn reason(brush: &Brush<'_>, at: Pos2, drop: &DroppedPacket, (ink, fill): (Color32, Color32)) {
    let words = why(drop.why, brush.language);
    brush.plate(at + vec2(0.0, brush.size(13.0)), Align2::CENTER_CENTER, words, ink, fill);
}

/// Marks a message on every tape on which it lies.
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
