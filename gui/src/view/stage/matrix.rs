//! The assignment matrix, for clusters with too many queues to have rows: in a group's box a line is a consumer and a column
//! is a queue, and a cell is filled where the consumer owns the queue. On a set's card its queues stand side by side.

use egui::{Align2, Rect, Stroke, pos2, vec2};

use super::brush::Brush;
use super::content::StageContent;
use crate::layout::Layout;
use crate::model::cluster::QueueView;
use crate::theme::{FINE, type_size};

/// Paints the matrix of each group, and the queues of each set.
pub(super) fn show(brush: &Brush<'_>, layout: &Layout, content: &StageContent<'_>) {
    for place in &layout.sets {
        let rect = brush.view.rect(place.rect);
        queues(brush, rect, &content.cluster.sets[place.set.index()].rows);
    }
    for place in &layout.groups {
        let hue = brush.palette.hue(place.group.index());
        let topic = content.plan.groups[place.group].topic;
        let all = &content.plan.topics[topic].queues;
        let consumers = &content.cluster.groups[place.group.index()].consumers;
        for (node, rect) in &place.consumers {
            let rect = brush.view.rect(*rect);
            let Some(consumer) = consumers.iter().find(|it| it.node == *node) else { continue };
            let ground = if consumer.is_idle() { brush.palette.panel } else { brush.palette.faint };
            brush.painter.rect_filled(rect.shrink2(vec2(0.0, 0.25)), 0.0, ground);
            let step = rect.width() / all.len().max(1) as f32;
            for queue in &consumer.owns {
                let Some(column) = all.iter().position(|it| it == queue) else { continue };
                let left = rect.left() + column as f32 * step;
                let cell = Rect::from_min_size(pos2(left, rect.top()), vec2(step.max(1.0), rect.height()));
                brush.painter.rect_filled(cell, 0.0, hue);
            }
            if rect.height() >= brush.size(12.0) {
                let at = pos2(rect.left() + brush.size(4.0), rect.center().y);
                let (name, room) = (content.plan.name(*node), rect.width() - brush.size(8.0));
                brush.name(at, Align2::LEFT_CENTER, name, type_size::SMALL, brush.palette.ink, room);
            }
        }
    }
}

/// Paints a set's queues side by side: the larger the lag, the stronger the colour; hollow and red without a reader.
fn queues(brush: &Brush<'_>, rect: Rect, rows: &[QueueView]) {
    let palette = brush.palette;
    let (left, right) = (rect.left() + brush.size(70.0), rect.right() - brush.size(120.0));
    let step = ((right - left) / rows.len().max(1) as f32).min(brush.size(14.0));
    let y = rect.bottom() - brush.size(13.0);
    for (index, row) in rows.iter().enumerate() {
        let Some(worst) = row.lanes.iter().max_by_key(|lane| lane.lag) else { continue };
        let at = pos2(left + (index as f32 + 0.5) * step, y);
        let cell = Rect::from_center_size(at, vec2(step * 0.8, brush.size(12.0)));
        if worst.owner.is_some() || !worst.begun {
            // In steps of ten times as many.
            let depth = (worst.lag as f32 + 1.0).log10().min(4.0) / 4.0;
            let hue = palette.hue(worst.group.index());
            brush.painter.rect_filled(cell, 1.0, hue.gamma_multiply(0.25 + 0.75 * depth));
        } else {
            brush.painter.rect_stroke(cell, 1.0, Stroke::new(FINE, palette.alarm), egui::StrokeKind::Inside);
        }
    }
}
