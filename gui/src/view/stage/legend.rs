//! The legend: every sign of the stage explained, on the stage itself.

use egui::{Align2, Rect, Stroke, pos2, vec2};

use super::brush::Brush;
use super::content::StageContent;
use crate::layout::{DetailLevel, Layout};
use crate::model::selection::Selected;
use crate::text::Word;
use crate::theme::{FINE, LINE, type_size};

const SMALL: f32 = type_size::SMALL;

/// Draws a sign at a place.
type LegendSign = fn(&Brush<'_>, egui::Pos2);

/// The signs, with what they mean.
const SIGNS: [(LegendSign, Word); 16] = [
    (|brush, at| _ = brush.painter.circle_filled(at, brush.size(5.0), brush.palette.ink), Word::LegendMessage),
    (|brush, at| tick(brush, at, 1.5, brush.palette.ink), Word::LegendAnswer),
    (|brush, at| _ = brush.painter.circle_filled(at, brush.size(5.0), brush.palette.hue(0)), Word::LegendDelivery),
    (|brush, at| tick(brush, at, 2.5, brush.palette.hue(0)), Word::LegendCommit),
    (|brush, at| brush.flag(at + vec2(-3.0, 6.0) * brush.size(1.0), brush.palette.hue(0)), Word::LegendFlag),
    (
        |brush, at| {
            let half = vec2(brush.size(12.0), 0.0);
            brush.dashed(&[at - half, at + half], LINE, brush.palette.hue(0));
        },
        Word::LegendHeld,
    ),
    (|brush, at| brush.ring(at, brush.size(7.0), 0.7, brush.size(2.5), brush.palette.hue(0)), Word::LegendRing),
    (
        |brush, at| {
            let stroke = Stroke::new(brush.size(1.2), brush.palette.ink);
            brush.painter.circle_stroke(at, brush.size(3.5), stroke);
        },
        Word::LegendOpen,
    ),
    (|brush, at| brush.crown(at, brush.palette.ink), Word::LegendCrown),
    (
        |brush, at| {
            brush.hollow_crown(at, brush.palette.soft);
            let frame = Rect::from_center_size(at, vec2(26.0, 17.0) * brush.size(1.0));
            brush.dots_around(frame, brush.palette.ink);
        },
        Word::LegendStale,
    ),
    (
        |brush, at| {
            let cell = |x: f32, y: f32, height: f32| {
                let size = vec2(6.0, height) * brush.size(1.0);
                let body = Rect::from_center_size(at + vec2(x, y) * brush.size(1.0), size);
                brush.painter.rect_filled(body, 1.0, brush.palette.ink);
            };
            for x in [-7.0, 0.0, 7.0] {
                cell(x, -3.0, 8.0);
            }
            cell(7.0, 5.0, 4.0);
        },
        Word::LegendSlave,
    ),
    (
        |brush, at| {
            let half = vec2(brush.size(12.0), 0.0);
            brush.dotted(&[at - half, at + half], brush.palette.ink);
        },
        Word::LegendBelief,
    ),
    (
        |brush, at| {
            let u = brush.size(6.0);
            let points = [vec2(0.0, -u), vec2(u, 0.0), vec2(0.0, u), vec2(-u, 0.0)].map(|it| at + it);
            let shape = egui::Shape::convex_polygon(points.to_vec(), brush.palette.ink, Stroke::NONE);
            brush.painter.add(shape);
        },
        Word::LegendCall,
    ),
    (|brush, at| brush.scissors(at, brush.palette.alarm), Word::LegendCut),
    (|brush, at| brush.cross(at, 4.0, brush.palette.alarm), Word::LegendFault),
    (|brush, at| _ = brush.words(at, Align2::CENTER_CENTER, "× 10", SMALL, brush.palette.ink), Word::LegendScale),
];

fn tick(brush: &Brush<'_>, at: egui::Pos2, width: f32, ink: egui::Color32) {
    let u = brush.size(1.0);
    let points = [vec2(-4.0, 0.0), vec2(-1.0, 3.5), vec2(4.5, -4.0)].map(|it| at + it * u);
    brush.painter.add(egui::Shape::line(points.to_vec(), Stroke::new(brush.size(width), ink)));
}

/// How many signs stand side by side at most, and the room that each needs, in points.
const ABREAST: usize = 3;
const WIDTH: f32 = 200.0;

/// Paints the legend along the bottom of the stage, and names the columns.
pub(super) fn show(brush: &Brush<'_>, layout: &Layout, stage: Rect, content: &StageContent<'_>) {
    let palette = brush.palette;
    let mut taken: Vec<Rect> = Vec::new();
    for (rect, word) in columns(layout, content) {
        let galley = brush.galley(brush.word(word), SMALL, palette.selected);
        let (rect, size, gap) = (brush.view.rect(rect), galley.size(), brush.size(4.0));
        let left = rect.center().x - size.x / 2.0;
        let below = pos2(left, rect.bottom() + gap);
        let beside = pos2(rect.right() + gap, rect.center().y - size.y / 2.0);
        let places =
            if word == Word::LegendTape { [pos2(left, rect.top() - gap - size.y), below] } else { [below, beside] };
        let backs = places.map(|at| Rect::from_min_size(at, size).expand(2.0));
        let back = backs.into_iter().find(|back| !taken.iter().any(|it| it.intersects(*back))).unwrap_or(backs[0]);
        brush.painter.rect_filled(back, 3.0, palette.ground.gamma_multiply(0.9));
        brush.painter.galley(back.shrink(2.0).min, galley, palette.selected);
        taken.push(back);
    }
    // The legend has one size, whatever the stage's, so that it can be read.
    let brush = Brush { scale: 1.0, ..*brush };
    let (line, margin) = (21.0, 10.0);
    let signs: Vec<_> = SIGNS.iter().filter(|(_, word)| can_be_seen(*word, content)).collect();
    let abreast = ((stage.width() / WIDTH) as usize).clamp(1, ABREAST);
    let height = line * signs.len().div_ceil(abreast) as f32 + margin * 2.0;
    let band = Rect::from_min_max(pos2(stage.left(), stage.bottom() - height), stage.max).shrink2(vec2(margin, 0.0));
    brush.painter.rect(band, 6.0, palette.panel, Stroke::new(FINE, palette.line), egui::StrokeKind::Inside);
    let width = (band.width() - margin * 2.0) / abreast as f32;
    for (index, (sign, word)) in signs.into_iter().enumerate() {
        let left = band.left() + margin + width * (index % abreast) as f32;
        let y = band.top() + margin + line * ((index / abreast) as f32 + 0.5);
        sign(&brush, pos2(left + 16.0, y));
        brush.text(pos2(left + 38.0, y), Align2::LEFT_CENTER, brush.word(*word), SMALL, palette.ink, width - 44.0);
    }
}

/// Whether the scenario can show this sign: some are only for replicas, some for partitions.
fn can_be_seen(word: Word, content: &StageContent<'_>) -> bool {
    let replicated = || content.plan.sets.iter().any(|set| set.replicas.len() > 1);
    let consumers = || content.cluster.groups.iter().flat_map(|group| &group.consumers);
    match word {
        Word::LegendSlave => replicated(),
        Word::LegendStale => replicated() || consumers().any(|consumer| !consumer.stale.is_empty()),
        Word::LegendBelief => replicated() || matches!(content.selected, Some(Selected::Node(_))),
        Word::LegendCut => content.plan.faults.iter().any(|it| it.fault.kind() == "partition"),
        _ => true,
    }
}

/// The columns of the stage: what each is called, and something that stands there.
fn columns(layout: &Layout, content: &StageContent<'_>) -> Vec<(Rect, Word)> {
    let card = |node| layout.card(node);
    let mut named = Vec::new();
    // The longest word first, since it can only stand in one place.
    if layout.level == DetailLevel::Cells
        && let Some(row) = layout.sets.first().and_then(|set| set.rows.first())
    {
        let set = layout.sets[0].rect;
        named.push((egui::Rect::from_x_y_ranges(row.tape, set.y_range()), Word::LegendTape));
    }
    let last = content.cluster.producers.last().and_then(|it| card(it.node));
    named.extend(last.map(|rect| (rect, Word::Producer)));
    named.extend(layout.sets.last().map(|set| (set.rect, Word::Broker)));
    named.extend(layout.groups.last().map(|group| (group.rect, Word::Group)));
    named.extend(content.cluster.services.last().and_then(|it| card(it.node)).map(|rect| (rect, Word::Service)));
    named.extend(content.cluster.nameservers.first().and_then(|it| card(it.node)).map(|rect| (rect, Word::Nameserver)));
    named
}
