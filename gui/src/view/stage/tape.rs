//! The tape of a queue: its messages as cells, the oldest at the consumers' side. What lies where on it is found here, too.

use egui::{Align2, Rect, Stroke, pos2};
use queuescope::plan::{MessageId, Offset};
use queuescope::words::figure::count;

use super::brush::Brush;
use crate::layout::RowBox;
use crate::model::cluster::QueueView;
use crate::model::replica::ReplicaLog;
use crate::theme::type_size;

const SMALL: f32 = type_size::SMALL;

/// The place of each offset on the tape of a queue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tape {
    pub(super) rect: Rect,
    start: Offset,
    /// The largest end of all replicas' logs.
    end: Offset,
    /// How many messages a cell stands for.
    pub(super) each: u64,
    /// The width of a cell.
    cell: f32,
}

impl Tape {
    pub(super) fn of(rect: Rect, row: &QueueView, widest: f32, narrowest: f32) -> Self {
        let end = row.logs.iter().map(|log| log.end).fold(row.end, Offset::max);
        // Messages that the leader has not may lie before the first offset of its log. They are shown if there is room.
        let diverged = row.logs.iter().filter(|log| log.diverged() > 0).map(|log| log.same.max(log.start));
        let oldest = diverged.fold(row.start, Offset::min);
        let start = if (end - oldest) as f32 * narrowest <= rect.width() { oldest } else { row.start };
        let messages = end - start;
        let mut each = 1;
        while each < messages && messages.div_ceil(each) as f32 * narrowest > rect.width() {
            each *= 10;
        }
        let cells = messages.div_ceil(each).max(1) as f32;
        // Of several replicas each has words left of the end of its log.
        let room = if row.logs.len() > 1 { rect.width() / 2.0 } else { rect.width() };
        Self { rect, start, end, each, cell: (room / cells).min(widest).max(narrowest) }
    }

    /// The edge before an offset; the oldest message is on the right.
    pub(super) fn x(&self, offset: Offset) -> f32 {
        let behind = offset.clamp(self.start, self.end) - self.start;
        self.rect.right() - behind as f32 / self.each as f32 * self.cell
    }
}

impl Brush<'_> {
    pub(super) fn tape(&self, place: &RowBox, row: &QueueView) -> Tape {
        let rect = self.view.rect(place.strip(row.leader, row.leader));
        Tape::of(rect, row, rect.height() * 0.85, self.size(4.0))
    }

    /// Writes the offset that the next message gets, left of the tape; its width.
    pub(super) fn last_offset(&self, tape: &Tape, row: &QueueView) -> f32 {
        let at = pos2(tape.rect.left() - self.size(6.0), tape.rect.center().y);
        self.words(at, Align2::RIGHT_CENTER, &count(row.end.0), SMALL, self.palette.soft).width()
    }

    /// Paints every message as a cell: hollow while it is not on disk, in the colour of loss where the leader has not got it.
    pub(super) fn cells(&self, tape: &Tape, rect: Rect, log: ReplicaLog, row: &QueueView) {
        let palette = self.palette;
        // At least half a point, unless the cell is too narrow for that.
        let gap = (tape.cell * 0.14).max(0.5).min(self.size(2.0)).min(tape.cell / 4.0);
        let high = gap.min(rect.height() * 0.12);
        let first = log.start.max(tape.start);
        let cells = (log.end.max(first) - tape.start).div_ceil(tape.each);
        for cell in (first - tape.start) / tape.each..cells {
            let offset = tape.start + cell * tape.each;
            if offset < row.start.min(log.same) {
                // The leader has deleted it.
                continue;
            }
            let right = rect.right() - cell as f32 * tape.cell;
            let left = (right - tape.cell).max(rect.left());
            let body = Rect::from_min_max(pos2(left + gap, rect.top() + high), pos2(right - gap, rect.bottom() - high));
            let place = offset.checked_sub(row.start).filter(|_| tape.each == 1 && offset < log.same);
            let key = place.and_then(|place| row.keys.get(place as usize));
            let plain = if offset < log.same { palette.ink.gamma_multiply(0.82) } else { palette.alarm };
            let ink = key.map_or(plain, |key| palette.key(*key));
            if offset < log.flushed {
                self.painter.rect_filled(body, 1.5, ink);
            } else {
                self.painter.rect_stroke(body, 1.5, Stroke::new(self.size(1.2), ink), egui::StrokeKind::Inside);
            }
        }
    }

    /// Where a message lies on the tape; none where cells stand for several messages.
    pub(super) fn cell(&self, place: &RowBox, row: &QueueView, message: MessageId) -> Option<Rect> {
        let tape = self.tape(place, row);
        let index = row.cells.iter().position(|it| *it == message)?;
        let offset = row.start + index as u64;
        let (right, left) = (tape.x(offset), tape.x(offset + 1));
        (tape.each == 1).then(|| Rect::from_min_max(pos2(left, tape.rect.top()), pos2(right, tape.rect.bottom())))
    }

    /// The message at a place of the tape.
    pub(super) fn message_at(&self, place: &RowBox, row: &QueueView, at: egui::Pos2) -> Option<MessageId> {
        let tape = self.tape(place, row);
        if !tape.rect.contains(at) || tape.each > 1 {
            return None;
        }
        let offset = tape.start + ((tape.rect.right() - at.x) / tape.cell) as u64;
        row.cells.get(offset.checked_sub(row.start)? as usize).copied()
    }
}
