//! The replicas of a broker set on its card. Under each queue's name there is a line for each replica, in the plan's order:
//! the leader's is high and has the crown, the others are thin, and their cells lie under or over the leader's. So a gap
//! shows what a crash would cost. Where there is no room for lines, the names of the replicas stand on top of the card.
//!
//! A failover moves nothing: one line is hatched, and the crown goes to another one, which grows.

use egui::{Align2, Pos2, Rect, Stroke, pos2, vec2};
use queuescope::plan::{NodeId, Plan};
use queuescope::words::figure::count;

use super::brush::Brush;
use super::content::Attention;
use super::tape::Tape;
use crate::layout::{DetailLevel, RowBox, SetBox};
use crate::model::cluster::{BrokerSetView, QueueView};
use crate::model::condition::Condition;
use crate::model::replica::{ReplicaLog, ReplicaView};
use crate::text::Word;
use crate::theme::{FINE, LINE, type_size};

const SMALL: f32 = type_size::SMALL;
const PAD: f32 = 10.0;
/// Where names begin, behind the crown and its number, in natural size.
const NAME: f32 = 28.0;

impl Brush<'_> {
    /// Paints the card of a set with several replicas, and its first line.
    pub(super) fn set_of_replicas(
        &self,
        plan: &Plan,
        place: &SetBox,
        set: &BrokerSetView,
        level: DetailLevel,
        attention: &impl Fn(NodeId) -> Attention,
    ) {
        let palette = self.palette;
        let rect = self.view.rect(place.rect);
        self.card(rect, palette.card, Stroke::new(FINE, palette.line));
        if level != DetailLevel::Cells {
            self.names(plan, place, set, attention);
            return;
        }
        let y = rect.top() + self.size(15.0);
        let left = pos2(rect.left() + self.size(PAD), y);
        let title = self.say(Word::SetOf, &[&plan.sets[set.set].name]);
        let title = self.sentence(left, Align2::LEFT_CENTER, &title, SMALL, palette.soft, rect.width() * 0.6);
        let right = pos2(rect.right() - self.size(PAD), y);
        self.state_of_set(right, set, right.x - title.right() - self.size(8.0));
    }

    /// Writes what is to be said of a set: that it has no master, or that messages wait to be stored.
    pub(super) fn state_of_set(&self, right: egui::Pos2, set: &BrokerSetView, room: f32) {
        if set.leading_replica().master_in.is_none() {
            let (word, ink) = match set.epoch {
                None => (Word::NoRole, self.palette.soft),
                Some(_) => (Word::NobodyLeads, self.palette.alarm),
            };
            self.text(right, Align2::RIGHT_CENTER, self.word(word), SMALL, ink, room);
        } else if set.storing > 0 {
            let words = self.say(Word::Storing, &[&count(set.storing as u64)]);
            self.text(right, Align2::RIGHT_CENTER, &words, SMALL, self.palette.ink, room);
        }
    }

    /// Paints the names of replicas side by side, where there is no room for lines.
    fn names(&self, plan: &Plan, place: &SetBox, set: &BrokerSetView, attention: &impl Fn(NodeId) -> Attention) {
        for (index, (replica, rect)) in set.replicas.iter().zip(&place.replicas).enumerate() {
            let rect = self.view.rect(*rect);
            let is_last = index + 1 == place.replicas.len() && set.replicas.len() > place.replicas.len();
            if is_last {
                let more = format!("+{}", set.replicas.len() - index);
                self.words(rect.left_center(), Align2::LEFT_CENTER, &more, SMALL, self.palette.soft);
                break;
            }
            self.background(rect, replica, attention(replica.node));
            let y = rect.center().y;
            let crowned = index == set.leader || replica.master_in.is_some();
            let indent = self.size(if crowned { NAME } else { 6.0 });
            let name = self.crown_and_name(plan, pos2(rect.left(), y), set, index, (indent, rect.width()));
            let room = rect.right() - name.right() - self.size(10.0);
            let words = self.states(replica, replica.behind, replica.diverged).join(self.word(Word::Comma));
            let ink = if replica.condition == Condition::Well { self.palette.soft } else { self.palette.alarm };
            self.text(pos2(name.right() + self.size(6.0), y), Align2::LEFT_CENTER, &words, SMALL, ink, room);
        }
    }

    /// Paints the lines of a queue's replicas; the leader's cells are painted already.
    pub(super) fn replicas(
        &self,
        plan: &Plan,
        (place, row): (&RowBox, &QueueView),
        set: &BrokerSetView,
        level: DetailLevel,
        attention: &impl Fn(NodeId) -> Attention,
    ) {
        let tape = self.tape(place, row);
        for (index, replica) in set.replicas.iter().enumerate() {
            let (line, strip) = (place.line(index, row.leader), place.strip(index, row.leader));
            let (line, strip) = (self.view.rect(line), self.view.rect(strip));
            let log = row.logs[index];
            if index != row.leader {
                self.painter.rect_filled(strip, 1.0, self.palette.faint.gamma_multiply(0.6));
                if level == DetailLevel::Cells {
                    self.cells(&tape, strip, log, row);
                } else {
                    self.thin_bar(&tape, strip, log);
                }
            }
            if level != DetailLevel::Cells {
                continue;
            }
            self.background(line.shrink2(vec2(self.size(4.0), 0.0)), replica, attention(replica.node));
            let left = pos2(line.left() + self.size(PAD), strip.center().y);
            let mut room = strip.left() - left.x - self.size(8.0);
            if index == row.leader {
                room -= self.last_offset(&tape, row) + self.size(4.0);
            }
            let name = self.crown_and_name(plan, left, set, index, (self.size(NAME), room));
            // Beside the leader's tape stands its last offset.
            let from = if index == row.leader { strip.left() } else { name.right() + self.size(6.0) };
            self.state(&tape, (strip, from), replica, log, row);
        }
        if level == DetailLevel::Cells {
            for index in (0..set.replicas.len()).filter(|index| set.replicas[*index].is_cut_off) {
                // Between its line and the leader's, over the frames of both.
                let line = self.view.rect(place.line(index, row.leader));
                let y = if index > row.leader { line.top() } else { line.bottom() };
                self.cut_between(pos2(tape.rect.right() + self.size(7.0), y));
            }
        }
    }

    /// Paints what a replica has of a queue as a thin bar, where there is no room for cells: what the leader has, too, and
    /// what it has not.
    fn thin_bar(&self, tape: &Tape, strip: Rect, log: ReplicaLog) {
        for (from, to, ink) in
            [(log.start, log.same, self.palette.ink.gamma_multiply(0.82)), (log.same, log.end, self.palette.alarm)]
        {
            if from < to {
                let part = Rect::from_x_y_ranges(tape.x(to)..=tape.x(from), strip.y_range());
                self.painter.rect_filled(part, 0.0, ink);
            }
        }
    }

    /// Paints behind a replica's line why it stands out, and what is wrong with it.
    fn background(&self, rect: Rect, replica: &ReplicaView, attention: Attention) {
        let palette = self.palette;
        match replica.condition {
            Condition::Down | Condition::Left => self.hatch(rect, palette.alarm.gamma_multiply(0.35)),
            Condition::Paused | Condition::Slow(_) | Condition::Full => {
                self.outlined(rect, Stroke::new(LINE, palette.alarm));
            }
            Condition::Well | Condition::Absent(_) => {}
        }
        if replica.is_stale {
            self.dots_around(rect.shrink(self.size(1.0)), palette.ink);
        }
        if attention != Attention::None {
            self.outlined(rect, self.edge(attention, palette.line));
        }
    }

    /// Paints scissors between two lines.
    fn cut_between(&self, at: Pos2) {
        let ink = self.palette.alarm;
        let around = Rect::from_center_size(at, vec2(self.size(16.0), self.size(13.0)));
        self.painter.rect_filled(around, 2.0, self.palette.card);
        self.scissors(at, ink);
        self.plate(at + vec2(self.size(9.5), 0.0), Align2::LEFT_CENTER, self.word(Word::Cut), ink, self.palette.card);
    }

    fn outlined(&self, rect: Rect, edge: Stroke) {
        self.painter.rect_stroke(rect, self.size(3.0), edge, egui::StrokeKind::Inside);
    }

    /// Paints the crown, if the replica has it, and the name; where the name stands.
    fn crown_and_name(
        &self,
        plan: &Plan,
        left: Pos2,
        set: &BrokerSetView,
        place: usize,
        (indent, room): (f32, f32),
    ) -> Rect {
        let replica = &set.replicas[place];
        match (replica.master_in, set.epoch) {
            (Some(epoch), _) => _ = self.crown_of(left, epoch, !replica.is_stale),
            // It was elected, and does not know it yet.
            (None, Some(epoch)) if place == set.leader => _ = self.crown_of(left, epoch, false),
            (None, _) => {}
        }
        let ink = if place == set.leader { self.palette.ink } else { self.palette.soft };
        let at = left + vec2(indent, 0.0);
        self.name(at, Align2::LEFT_CENTER, plan.name(replica.node), SMALL, ink, room - indent)
    }

    /// The state of a replica, in words: its condition, whether it is out of date, how far its log is from the leader's.
    fn states(&self, replica: &ReplicaView, behind: u64, diverged: u64) -> Vec<String> {
        let mut states = Vec::new();
        states.extend(self.condition_words(replica.condition).map(|(words, _)| words));
        if replica.is_stale {
            states.push(self.word(Word::OutOfDate).to_owned());
        }
        if diverged > 0 {
            states.push(self.say(Word::OnlyHere, &[&count(diverged)]));
        } else if behind > 0 {
            states.push(self.say(Word::Behind, &[&count(behind)]));
        }
        states
    }

    /// Writes the state left of the gap, which stays free for packets; where there is no room, beside the name.
    fn state(&self, tape: &Tape, (strip, from): (Rect, f32), replica: &ReplicaView, log: ReplicaLog, row: &QueueView) {
        let palette = self.palette;
        let words = self.states(replica, log.behind(row.end), log.diverged()).join(self.word(Word::Comma));
        if words.is_empty() {
            return;
        }
        let wrong = replica.condition != Condition::Well || log.diverged() > 0;
        let ink = if wrong { palette.alarm } else { palette.ink };
        let sign = match replica.condition {
            Condition::Paused => self.size(14.0),
            Condition::Slow(_) => self.size(20.0),
            _ => 0.0,
        };
        let galley = self.galley(&words, SMALL, ink);
        let size = vec2(galley.size().x + sign, galley.size().y);
        let right = (tape.x(log.end.max(row.end)) - self.size(6.0)).max(from + size.x + self.size(2.0));
        let at = pos2(right - size.x, strip.center().y - size.y / 2.0);
        let mut plate = Rect::from_min_size(at, size).expand2(vec2(self.size(3.0), -1.0));
        if plate.right() > tape.x(log.end) {
            // Where it lies over cells it hides them.
            plate = plate.union(Rect::from_x_y_ranges(plate.x_range(), strip.y_range()).expand2(vec2(0.0, 1.0)));
        }
        self.painter.rect_filled(plate, 2.0, palette.card);
        self.condition_sign(replica.condition, pos2(at.x, strip.center().y));
        self.painter.galley(at + vec2(sign, 0.0), galley, ink);
    }
}
