//! The tail that a replica drops: its cells fall from its line, with their number. What nobody else has falls to the
//! ledger of each group that has lost it.

use egui::{Align2, Pos2, Rect, Stroke, Vec2, pos2, vec2};

use super::brush::LinkPath;
use super::content::StageContent;
use super::stage_map::StageMap;
use crate::layout::DetailLevel;
use crate::model::figures::count;
use crate::model::flight::{self, TruncatedTail};
use crate::text::Word;
use crate::theme::FINE;

/// As many cells fall one by one; of more, the number tells.
const CELLS: u64 = 12;

/// Paints every tail that is falling.
pub(super) fn falls(ground: &StageMap<'_>, shown: &StageContent<'_>) {
    for tail in &shown.tails {
        let share = (tail.ago.0 as f64 / flight::drop_lasts(shown.plan).0.max(1) as f64) as f32;
        let Some(from) = leaves(ground, tail) else { continue };
        let whole = tail.to - tail.from;
        if tail.lost.is_empty() {
            // Somebody else has it: it falls out of the line, and that is all.
            let ink = ground.brush.palette.soft.gamma_multiply(1.0 - share * 0.8);
            block(ground, from + vec2(0.0, ground.brush.size(46.0)) * share, whole, Word::Dropped, ink);
        }
        for (group, lost) in &tail.lost {
            let Some(to) = lands(ground, group.index()) else { continue };
            let way = LinkPath::across(from, to);
            // It begins slowly, as what falls does.
            let at = way.at(share * share * (3.0 - 2.0 * share), 0.0);
            ground.brush.dotted(way.points(), ground.brush.palette.alarm.gamma_multiply(0.6));
            block(ground, at, *lost, Word::Lost, ground.brush.palette.alarm);
        }
    }
}

/// The middle of where the tail lay on the replica's line.
fn leaves(ground: &StageMap<'_>, tail: &TruncatedTail) -> Option<Pos2> {
    let strip = ground.strip(tail.queue, tail.node).filter(|_| ground.layout.level == DetailLevel::Cells);
    let Some(strip) = strip else { return ground.body(tail.node).map(|rect| rect.center()) };
    let (place, row) = ground.row(tail.queue)?;
    let tape = ground.brush.tape(place, row);
    let x = (tape.x(tail.from) + tape.x(tail.to)) / 2.0;
    Some(pos2(x, strip.center().y))
}

/// Where a group's lost messages are counted.
fn lands(ground: &StageMap<'_>, group: usize) -> Option<Pos2> {
    let place = ground.layout.groups.iter().find(|place| place.group.index() == group)?;
    let foot = ground.brush.view.rect(place.foot);
    Some(pos2(foot.left(), foot.top() + ground.brush.size(27.0)))
}

/// So many cells in a row, and how many they are.
fn block(ground: &StageMap<'_>, at: Pos2, number: u64, word: Word, ink: egui::Color32) {
    let brush = ground.brush;
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
