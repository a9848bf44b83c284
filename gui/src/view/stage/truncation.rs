//! The tail that a replica cuts off its log: its cells fall from its line, with their number. Messages that no other replica
//! has fall to the ledger of each group that has lost them.

use egui::{Align2, Pos2, Rect, Stroke, Vec2, pos2, vec2};
use queuescope::words::figure::count;

use super::content::StageContent;
use super::path::LinkPath;
use super::stage_map::StageMap;
use crate::layout::DetailLevel;
use crate::model::flight::{self, TruncatedTail};
use crate::text::Word;
use crate::theme::FINE;

/// As many cells are drawn; the number tells how many there are.
const CELLS: u64 = 12;

/// Paints every tail that was cut off a moment ago.
pub(super) fn show(map: &StageMap<'_>, content: &StageContent<'_>) {
    for tail in &content.tails {
        let share = (tail.ago.0 as f64 / flight::drop_lasts(content.plan).0.max(1) as f64) as f32;
        let Some(from) = origin(map, tail) else { continue };
        let whole = tail.to - tail.from;
        if tail.lost.is_empty() {
            // The messages are not lost: they fall from the line only.
            let ink = map.brush.palette.soft.gamma_multiply(1.0 - share * 0.8);
            block(map, from + vec2(0.0, map.brush.size(46.0)) * share, whole, Word::Dropped, ink);
        }
        for (group, lost) in &tail.lost {
            let Some(to) = destination(map, group.index()) else { continue };
            let path = LinkPath::across(from, to);
            // It begins slowly, like a fall.
            let at = path.at(share * share * (3.0 - 2.0 * share), 0.0);
            map.brush.dotted(path.points(), map.brush.palette.alarm.gamma_multiply(0.6));
            block(map, at, *lost, Word::Lost, map.brush.palette.alarm);
        }
    }
}

/// Where a tail falls from: its middle on the replica's line.
fn origin(map: &StageMap<'_>, tail: &TruncatedTail) -> Option<Pos2> {
    let strip = map.strip(tail.queue, tail.node).filter(|_| map.layout.level == DetailLevel::Cells);
    let Some(strip) = strip else { return map.body(tail.node).map(|rect| rect.center()) };
    let (place, row) = map.row(tail.queue)?;
    let tape = map.brush.tape(place, row);
    let x = (tape.x(tail.from) + tape.x(tail.to)) / 2.0;
    Some(pos2(x, strip.center().y))
}

/// Where a group's lost messages fall to: its ledger.
fn destination(map: &StageMap<'_>, group: usize) -> Option<Pos2> {
    let place = map.layout.groups.iter().find(|place| place.group.index() == group)?;
    let foot = map.brush.view.rect(place.foot);
    Some(pos2(foot.left(), foot.top() + map.brush.size(27.0)))
}

/// Paints so many cells in a row, with their number.
fn block(map: &StageMap<'_>, at: Pos2, number: u64, word: Word, ink: egui::Color32) {
    let brush = map.brush;
    let cell = Vec2::splat(brush.size(8.0));
    let shown = number.min(CELLS);
    let left = at.x - cell.x * shown as f32 / 2.0;
    let around = Rect::from_center_size(at, vec2(cell.x * shown as f32, cell.y)).expand(brush.size(3.0));
    let palette = brush.palette;
    brush.painter.rect(around, 2.0, palette.card, Stroke::new(FINE, ink), egui::StrokeKind::Outside);
    for index in 0..shown {
        let middle = pos2(left + cell.x * (index as f32 + 0.5), at.y);
        brush.painter.rect_filled(Rect::from_center_size(middle, cell * 0.76), 1.0, ink);
    }
    let words = format!("{} {}", count(number), brush.word(word));
    let below = pos2(at.x, around.bottom() + brush.size(10.0));
    brush.plate(below, Align2::CENTER_CENTER, &words, ink, palette.card);
}
