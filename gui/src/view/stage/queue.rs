//! A broker set: a card with a row for each queue. The tape holds the messages, the oldest at the consumers' side; under
//! it a lane for each group, with a flag at the committed offset and the lag as a line from there to the end.

use egui::{Align2, Rect, Stroke, pos2};
use queuescope::plan::{MessageId, Plan};

use super::Attention;
use super::brush::Brush;
use crate::layout::{Level, RowBox, SetBox};
use crate::model::cluster::{Condition, Lane, Row, Set};
use crate::model::figures::count;
use crate::text::Word;
use crate::theme::{FINE, type_size};

const SMALL: f32 = type_size::SMALL;
const BODY: f32 = type_size::BODY;
const PAD: f32 = 10.0;

/// Where the offsets of a queue lie on its tape.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tape {
    rect: Rect,
    start: u64,
    end: u64,
    /// Messages that one cell stands for.
    each: u64,
    /// The width of a cell.
    cell: f32,
}

impl Tape {
    pub(super) fn of(rect: Rect, row: &Row, widest: f32, narrowest: f32) -> Self {
        let messages = row.end - row.start;
        let mut each = 1;
        while messages.div_ceil(each) as f32 * narrowest > rect.width() {
            each *= 10;
        }
        let cells = messages.div_ceil(each).max(1) as f32;
        Self { rect, start: row.start, end: row.end, each, cell: (rect.width() / cells).clamp(narrowest, widest) }
    }

    /// The boundary before an offset; the oldest is on the right.
    pub(super) fn x(&self, offset: u64) -> f32 {
        let behind = offset.clamp(self.start, self.end) - self.start;
        self.rect.right() - behind as f32 / self.each as f32 * self.cell
    }
}

impl Brush<'_> {
    pub(super) fn tape(&self, place: &RowBox, row: &Row) -> Tape {
        let rect = self.view.rect(place.tape);
        Tape::of(rect, row, rect.height() * 0.85, self.size(4.0))
    }

    pub(super) fn set(&self, plan: &Plan, place: &SetBox, set: &Set, level: Level, attention: Attention) {
        let palette = self.palette;
        let rect = self.view.rect(place.rect);
        let master = set.replicas.iter().filter(|replica| replica.master_in.is_some()).max_by_key(|it| it.master_in);
        let shown = master.or_else(|| set.replicas.first());
        let condition = shown.map_or(Condition::Well, |replica| replica.condition);
        self.node_card(rect, condition, attention);
        let y = rect.top() + self.size(15.0);
        let mut x = rect.left() + self.size(PAD);
        if let Some(epoch) = master.and_then(|replica| replica.master_in) {
            self.crown(pos2(x + self.size(7.0), y), palette.ink);
            let number =
                self.words(pos2(x + self.size(17.0), y), Align2::LEFT_CENTER, &epoch.to_string(), SMALL, palette.soft);
            x = number.right() + self.size(8.0);
        }
        let name = shown.map_or("", |replica| plan.name(replica.node));
        let name = self.text(pos2(x, y), Align2::LEFT_CENTER, name, BODY, palette.ink, rect.width() * 0.5);
        let right = pos2(rect.right() - self.size(PAD), y);
        if let Some((words, ink)) = self.condition_words(condition) {
            self.words(right, Align2::RIGHT_CENTER, &words, SMALL, ink);
        } else if master.is_none() {
            self.words(right, Align2::RIGHT_CENTER, self.word(Word::NoRole), SMALL, palette.soft);
        } else if set.storing > 0 {
            let words = self.say(Word::Storing, &[&count(set.storing as u64)]);
            self.text(right, Align2::RIGHT_CENTER, &words, SMALL, palette.ink, right.x - name.right() - self.size(8.0));
        }
        for (row, place) in set.rows.iter().zip(&place.rows) {
            self.row(plan, place, row, level);
        }
        if level == Level::Sets {
            self.line_of(plan, rect, set);
        }
    }

    /// A whole set on one line: how many messages lie there, and the worst queue.
    fn line_of(&self, plan: &Plan, rect: Rect, set: &Set) {
        let lag = |row: &Row| row.lanes.iter().map(|lane| lane.lag).max().unwrap_or(0);
        let stored: u64 = set.rows.iter().map(|row| row.end - row.start).sum();
        let worst = set.rows.iter().max_by_key(|row| lag(row));
        let y = rect.bottom() - self.size(13.0);
        let left = pos2(rect.left() + self.size(PAD), y);
        self.words(left, Align2::LEFT_CENTER, &count(stored), SMALL, self.palette.ink);
        if let Some(worst) = worst.filter(|row| lag(row) > 0) {
            let words = format!("{}: {} {}", short(plan, worst.queue), self.word(Word::Lag), count(lag(worst)));
            let right = pos2(rect.right() - self.size(PAD), y);
            self.text(right, Align2::RIGHT_CENTER, &words, SMALL, self.palette.soft, rect.width() * 0.7);
        }
    }

    fn row(&self, plan: &Plan, place: &RowBox, row: &Row, level: Level) {
        let palette = self.palette;
        let tape = self.tape(place, row);
        let rect = self.view.rect(place.tape);
        let left = self.view.rect(place.rect).left() + self.size(PAD);
        let name = short(plan, row.queue);
        let end = count(row.end);
        let room = rect.left() - left - self.size(8.0);
        if level == Level::Cells {
            let offsets = pos2(rect.left() - self.size(6.0), rect.center().y);
            let width = self.words(offsets, Align2::RIGHT_CENTER, &end, SMALL, palette.soft).width();
            self.text(pos2(left, rect.center().y), Align2::LEFT_CENTER, &name, SMALL, palette.ink, room - width);
            let first = pos2(rect.right() + self.size(6.0), rect.center().y);
            self.words(first, Align2::LEFT_CENTER, &count(row.start), SMALL, palette.soft);
            self.cells(&tape, rect, row);
            for (lane, y) in shown_lanes(row, place).zip(&place.lanes) {
                self.lane(plan, &tape, left, self.view.at(pos2(0.0, *y)).y, lane);
            }
        } else {
            self.text(pos2(left, rect.center().y), Align2::LEFT_CENTER, &name, SMALL, palette.ink, room);
            self.bar(&tape, rect, row);
        }
    }

    /// Every message a cell; hollow while it is not on disk.
    fn cells(&self, tape: &Tape, rect: Rect, row: &Row) {
        let palette = self.palette;
        self.painter.rect_filled(rect, 2.0, palette.faint.gamma_multiply(0.6));
        let gap = (tape.cell * 0.14).clamp(0.5, self.size(2.0));
        let cells = (row.end - row.start).div_ceil(tape.each);
        for cell in 0..cells {
            let right = rect.right() - cell as f32 * tape.cell;
            let left = (right - tape.cell).max(rect.left());
            let body = Rect::from_min_max(pos2(left + gap, rect.top() + gap), pos2(right - gap, rect.bottom() - gap));
            let on_disk = row.start + cell * tape.each < row.flushed;
            let key = row.keys.get(cell as usize).filter(|_| tape.each == 1);
            let ink = key.map_or(palette.ink.gamma_multiply(0.82), |key| palette.key(*key));
            if on_disk {
                self.painter.rect_filled(body, 1.5, ink);
            } else {
                self.painter.rect_stroke(body, 1.5, Stroke::new(self.size(1.2), ink), egui::StrokeKind::Inside);
            }
        }
        if tape.each > 1 {
            let at = pos2(rect.left() + self.size(4.0), rect.center().y);
            self.plate(at, Align2::LEFT_CENTER, &format!("× {}", count(tape.each)), palette.ink, palette.card);
        }
    }

    /// A queue as a bar, and the lag of its worst lane.
    fn bar(&self, tape: &Tape, rect: Rect, row: &Row) {
        let palette = self.palette;
        self.painter.rect_filled(rect, 2.0, palette.faint);
        let full = Rect::from_min_max(pos2(tape.x(row.end), rect.top()), rect.max);
        self.painter.rect_filled(full, 2.0, palette.ink.gamma_multiply(0.5));
        let Some(worst) = row.lanes.iter().max_by_key(|lane| lane.lag) else { return };
        let hue = palette.hue(worst.group.index());
        let behind = Rect::from_min_max(full.min, pos2(tape.x(worst.committed), rect.bottom()));
        self.painter.rect_filled(behind, 2.0, hue);
        let at = pos2(rect.right() + self.size(6.0), rect.center().y);
        let ink = if worst.lag > 0 { palette.ink } else { palette.soft };
        self.words(at, Align2::LEFT_CENTER, &count(worst.lag), SMALL, ink);
        if worst.owner.is_none() && worst.begun {
            let at = pos2(rect.center().x, rect.center().y);
            self.words(at, Align2::CENTER_CENTER, self.word(Word::NoOwner), SMALL, palette.alarm);
        }
    }

    /// How far a group is.
    fn lane(&self, plan: &Plan, tape: &Tape, left: f32, y: f32, lane: &Lane) {
        let palette = self.palette;
        let hue = palette.hue(lane.group.index());
        self.painter.circle_filled(pos2(left + self.size(4.0), y), self.size(3.5), hue);
        let name = &plan.groups[lane.group.index()].name;
        let room = tape.rect.left() - left - self.size(16.0);
        self.text(pos2(left + self.size(12.0), y), Align2::LEFT_CENTER, name, SMALL, palette.soft, room);
        if !lane.begun {
            return;
        }
        let (end, flag) = (tape.x(tape.end), tape.x(lane.committed));
        let foot = pos2(flag, y + self.size(4.0));
        if lane.lag > 0 {
            self.line(pos2(end, y), pos2(flag, y), self.size(2.5), hue);
            self.line(pos2(end, y - self.size(4.0)), pos2(end, y + self.size(4.0)), FINE, hue);
            let words = count(lane.lag);
            let beside = pos2(end - self.size(5.0), y);
            if beside.x - self.size(20.0) > tape.rect.left() {
                self.words(beside, Align2::RIGHT_CENTER, &words, SMALL, hue);
            } else {
                let middle = pos2((end + flag) / 2.0, y);
                self.plate(middle, Align2::CENTER_CENTER, &words, hue, palette.card);
            }
        }
        self.flag(foot, hue);
        if lane.owner.is_none() {
            // Where its link would begin.
            let at = pos2(tape.rect.right() + self.size(50.0), y);
            self.plate(at, Align2::LEFT_CENTER, self.word(Word::NoOwner), palette.alarm, palette.ground);
        }
    }

    /// A message of the tape, by where it lies; nothing where cells stand for several.
    pub(super) fn cell(&self, place: &RowBox, row: &Row, message: MessageId) -> Option<Rect> {
        let tape = self.tape(place, row);
        let index = row.cells.iter().position(|it| *it == message)?;
        let offset = row.start + index as u64;
        let (right, left) = (tape.x(offset), tape.x(offset + 1));
        (tape.each == 1).then(|| Rect::from_min_max(pos2(left, tape.rect.top()), pos2(right, tape.rect.bottom())))
    }

    /// The message at a place of the tape.
    pub(super) fn message_at(&self, place: &RowBox, row: &Row, at: egui::Pos2) -> Option<MessageId> {
        let tape = self.tape(place, row);
        if !tape.rect.contains(at) || tape.each > 1 {
            return None;
        }
        row.cells.get(((tape.rect.right() - at.x) / tape.cell) as usize).copied()
    }
}

/// The lanes that there is room for: all, or the one that is furthest behind.
pub(super) fn shown_lanes<'a>(row: &'a Row, place: &RowBox) -> impl Iterator<Item = &'a Lane> {
    let worst = row.lanes.iter().rev().max_by_key(|lane| lane.lag);
    let only = (row.lanes.len() > place.lanes.len()).then_some(worst).flatten();
    row.lanes.iter().filter(move |lane| only.is_none_or(|only| only.group == lane.group))
}

/// A queue's name without its broker set: the card says which that is.
pub(super) fn short(plan: &Plan, queue: queuescope::plan::QueueId) -> String {
    let queue = &plan.queues[queue.index()];
    format!("{}/{}", plan.topics[queue.topic.index()].name, queue.index)
}
