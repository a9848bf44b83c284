//! A broker set: a card with a row for each queue. On a row stand the tape with the messages and, under it, a lane for each
//! group: a flag at the committed offset, and the lag as a line from there to the end.

use egui::{Align2, Rect, pos2};
use queuescope::plan::{NodeId, Plan};
use queuescope::words::figure::count;

use super::brush::Brush;
use super::content::Attention;
use super::tape::Tape;
use crate::layout::{DetailLevel, RowBox, SetBox};
use crate::model::cluster::{BrokerSetView, LaneView, QueueView};
use crate::model::name::short_name;
use crate::text::Word;
use crate::theme::{FINE, type_size};

const SMALL: f32 = type_size::SMALL;
const BODY: f32 = type_size::BODY;
const PAD: f32 = 10.0;

impl Brush<'_> {
    /// Paints a broker set.
    pub(super) fn set(
        &self,
        plan: &Plan,
        place: &SetBox,
        set: &BrokerSetView,
        level: DetailLevel,
        attention: impl Fn(NodeId) -> Attention,
    ) {
        let rect = self.view.rect(place.rect);
        if set.replicas.len() == 1 {
            self.set_alone(plan, rect, set, attention(set.leading_replica().node));
        } else {
            self.set_of_replicas(plan, place, set, level, &attention);
        }
        for (row, place) in set.rows.iter().zip(&place.rows) {
            self.row(plan, place, row, level);
            if place.is_replicated() {
                self.replicas(plan, (place, row), set, level, &attention);
            }
        }
        if level == DetailLevel::Sets {
            self.summary(plan, rect, set);
        }
    }

    /// Paints the card of a set with one replica: the card is the broker's.
    fn set_alone(&self, plan: &Plan, rect: Rect, set: &BrokerSetView, attention: Attention) {
        let palette = self.palette;
        let broker = set.leading_replica();
        self.node_card(rect, broker.condition, attention);
        let y = rect.top() + self.size(15.0);
        let mut x = rect.left() + self.size(PAD);
        if let Some(epoch) = broker.master_in {
            x = self.crown_of(pos2(x, y), epoch, true) + self.size(8.0);
        }
        let name = plan.name(broker.node);
        let name = self.name(pos2(x, y), Align2::LEFT_CENTER, name, BODY, palette.ink, rect.width() * 0.5);
        let right = pos2(rect.right() - self.size(PAD), y);
        if let Some((words, ink)) = self.condition_words(broker.condition) {
            self.words(right, Align2::RIGHT_CENTER, &words, SMALL, ink);
        } else {
            self.state_of_set(right, set, right.x - name.right() - self.size(8.0));
        }
    }

    /// Paints a whole set on one line: how many messages it stores, and its queue with the largest lag.
    fn summary(&self, plan: &Plan, rect: Rect, set: &BrokerSetView) {
        let lag = |row: &QueueView| row.lanes.iter().map(|lane| lane.lag).max().unwrap_or(0);
        let stored: u64 = set.rows.iter().map(|row| row.end - row.start).sum();
        let worst = set.rows.iter().max_by_key(|row| lag(row));
        let y = rect.bottom() - self.size(13.0);
        let left = pos2(rect.left() + self.size(PAD), y);
        self.words(left, Align2::LEFT_CENTER, &count(stored), SMALL, self.palette.ink);
        if let Some(worst) = worst.filter(|row| lag(row) > 0) {
            let words = format!("{}: {} {}", short_name(plan, worst.queue), self.word(Word::Lag), count(lag(worst)));
            let right = pos2(rect.right() - self.size(PAD), y);
            self.sentence(right, Align2::RIGHT_CENTER, &words, SMALL, self.palette.soft, rect.width() * 0.7);
        }
    }

    fn row(&self, plan: &Plan, place: &RowBox, row: &QueueView, level: DetailLevel) {
        let palette = self.palette;
        let tape = self.tape(place, row);
        let rect = tape.rect;
        let left = self.view.rect(place.rect).left() + self.size(PAD);
        let name = short_name(plan, row.queue);
        let room = rect.left() - left - self.size(8.0);
        if level == DetailLevel::Cells {
            let name_y = place.name.map(|y| self.view.at(pos2(0.0, y)).y);
            let width = self.last_offset(&tape, row);
            // With several replicas, their names stand beside the tape, and the queue's name above it.
            let (y, room) = name_y.map_or((rect.center().y, room - width), |y| (y, rect.width()));
            self.name(pos2(left, y), Align2::LEFT_CENTER, &name, SMALL, palette.ink, room);
            let first = pos2(rect.right() + self.size(6.0), rect.center().y);
            self.words(first, Align2::LEFT_CENTER, &count(row.start.0), SMALL, palette.soft);
            self.painter.rect_filled(rect, 2.0, palette.faint.gamma_multiply(0.6));
            self.cells(&tape, rect, row.logs[row.leader], row);
            if tape.each > 1 {
                let at = pos2(rect.left() + self.size(4.0), rect.center().y);
                self.plate(at, Align2::LEFT_CENTER, &format!("× {}", count(tape.each)), palette.ink, palette.card);
            }
            for (lane, y) in shown_lanes(row, place).zip(&place.lanes) {
                self.lane(plan, (&tape, row), left, self.view.at(pos2(0.0, *y)).y, lane);
            }
        } else {
            self.name(pos2(left, rect.center().y), Align2::LEFT_CENTER, &name, SMALL, palette.ink, room);
            self.bar(&tape, rect, row);
        }
    }

    /// Paints a queue as a bar, with the largest lag of all groups.
    fn bar(&self, tape: &Tape, rect: Rect, row: &QueueView) {
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

    /// Paints how far a group is.
    fn lane(&self, plan: &Plan, (tape, row): (&Tape, &QueueView), left: f32, y: f32, lane: &LaneView) {
        let palette = self.palette;
        let hue = palette.hue(lane.group.index());
        self.painter.circle_filled(pos2(left + self.size(4.0), y), self.size(3.5), hue);
        let name = &plan.groups[lane.group].name;
        let room = tape.rect.left() - left - self.size(16.0);
        self.name(pos2(left + self.size(12.0), y), Align2::LEFT_CENTER, name, SMALL, palette.soft, room);
        if !lane.begun {
            return;
        }
        let (end, flag) = (tape.x(row.end), tape.x(lane.committed));
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
            // Where the link to its owner would begin.
            let at = pos2(tape.rect.right() + self.size(50.0), y);
            self.plate(at, Align2::LEFT_CENTER, self.word(Word::NoOwner), palette.alarm, palette.ground);
        }
    }
}

/// The lanes for which there is room: all, or the one with the largest lag.
pub(super) fn shown_lanes<'a>(row: &'a QueueView, place: &RowBox) -> impl Iterator<Item = &'a LaneView> {
    let worst = row.lanes.iter().rev().max_by_key(|lane| lane.lag);
    let only = (row.lanes.len() > place.lanes.len()).then_some(worst).flatten();
    row.lanes.iter().filter(move |lane| only.is_none_or(|only| only.group == lane.group))
}
