//! The cards of nodes: nameservers, producers, services, consumers, and the box of a group with its ledger.

use egui::{Align2, Color32, Pos2, Rect, Stroke, pos2, vec2};
use queuescope::observe::Place;
use queuescope::plan::Plan;
use queuescope::words::figure::{count, moment};

use super::brush::Brush;
use super::content::Attention;
use crate::layout::GroupBox;
use crate::model::cluster::{ConsumerView, GroupView, NameserverView, ProducerView, ServiceView, WorkInProgress};
use crate::model::condition::Condition;
use crate::text::Word;
use crate::theme::{FINE, LINE, Palette, STRONG, type_size};

const SMALL: f32 = type_size::SMALL;
const BODY: f32 = type_size::BODY;
const PAD: f32 = 10.0;

impl Brush<'_> {
    /// Paints a node's card in its condition; the colour of what stands on it.
    pub(super) fn node_card(&self, rect: Rect, condition: Condition, attention: Attention) -> Color32 {
        let palette = self.palette;
        let edge = self.edge(attention, palette.line);
        match condition {
            Condition::Well => self.card(rect, palette.card, edge),
            Condition::Absent(_) | Condition::Left => {
                self.outline(rect, edge);
                return palette.soft;
            }
            Condition::Down => {
                self.card(rect, palette.card, edge);
                self.hatch(rect.shrink(1.0), palette.alarm.gamma_multiply(0.35));
                self.card(rect, Color32::TRANSPARENT, Stroke::new(edge.width.max(LINE), palette.alarm));
            }
            Condition::Paused | Condition::Slow(_) | Condition::Full => {
                self.card(rect, palette.card, Stroke::new(edge.width.max(LINE), palette.alarm));
            }
        }
        palette.ink
    }

    /// The edge of a card; `quiet` is its colour where the card does not stand out.
    pub(super) fn edge(&self, attention: Attention, quiet: Color32) -> Stroke {
        match attention {
            Attention::Selected => Stroke::new(self.stroke(STRONG), self.palette.selected),
            Attention::Mentioned => Stroke::new(self.stroke(LINE), self.palette.ink),
            Attention::None => Stroke::new(FINE, quiet),
        }
    }

    /// The word for a node's condition, and its colour; none where it is well.
    pub(super) fn condition_words(&self, condition: Condition) -> Option<(String, Color32)> {
        let palette = self.palette;
        Some(match condition {
            Condition::Well => return None,
            Condition::Absent(from) => (self.say(Word::JoinsLater, &[&moment(from)]), palette.soft),
            Condition::Left => (self.word(Word::HasLeft).to_owned(), palette.soft),
            Condition::Down => (self.word(Word::Down).to_owned(), palette.alarm),
            Condition::Paused => (self.word(Word::Paused).to_owned(), palette.alarm),
            Condition::Full => (self.word(Word::DiskFull).to_owned(), palette.alarm),
            Condition::Slow(factor) => (self.say(Word::Slow, &[&factor.to_string()]), palette.alarm),
        })
    }

    /// Paints the sign of a condition beside its word; its width.
    pub(super) fn condition_sign(&self, condition: Condition, at: Pos2) -> f32 {
        let u = self.size(1.0);
        let ink = self.palette.alarm;
        match condition {
            Condition::Paused => {
                for x in [0.0, 5.0] {
                    let bar = Rect::from_min_size(at + vec2(x, -5.0) * u, vec2(3.0, 10.0) * u);
                    self.painter.rect_filled(bar, 0.0, ink);
                }
                12.0 * u
            }
            Condition::Slow(_) => {
                // A tortoise: a shell, a head, two feet.
                self.painter.circle_filled(at + vec2(6.0, 0.0) * u, 5.0 * u, ink);
                self.painter.circle_filled(at + vec2(12.5, -1.0) * u, 2.2 * u, ink);
                for x in [3.0, 9.0] {
                    self.painter.circle_filled(at + vec2(x, 5.0) * u, 1.6 * u, ink);
                }
                18.0 * u
            }
            _ => 0.0,
        }
    }

    /// Writes name and condition on one line of a card; whether there was a condition to write.
    fn title(&self, rect: Rect, name: &str, condition: Condition, ink: Color32) -> bool {
        let y = rect.top() + self.size(16.0);
        let left = rect.left() + self.size(PAD);
        let right = rect.right() - self.size(PAD);
        let condition_words = self.condition_words(condition);
        let mut room = right - left;
        if let Some((words, ink)) = &condition_words {
            let width = self.words(pos2(right, y), Align2::RIGHT_CENTER, words, SMALL, *ink).width();
            let sign = if matches!(condition, Condition::Slow(_)) { self.size(18.0) } else { self.size(12.0) };
            self.condition_sign(condition, pos2(right - width - sign, y));
            room -= width + sign;
        }
        self.name(pos2(left, y), Align2::LEFT_CENTER, name, BODY, ink, room);
        condition_words.is_some()
    }

    /// Paints a nameserver.
    pub(super) fn nameserver(&self, plan: &Plan, rect: Rect, node: &NameserverView, attention: Attention) {
        let ink = self.node_card(rect, node.condition, attention);
        let name = plan.name(node.node);
        let has_condition = self.title(rect, name, node.condition, ink);
        let knows = self.say(Word::Knows, &[&format!("{}/{}", node.alive, node.of)]);
        let at = pos2(rect.left() + self.size(PAD), rect.bottom() - self.size(11.0));
        if !has_condition || matches!(node.condition, Condition::Slow(_)) {
            self.text(at, Align2::LEFT_CENTER, &knows, SMALL, self.palette.soft, rect.width() - self.size(2.0 * PAD));
        }
    }

    /// Paints a producer.
    pub(super) fn producer(&self, plan: &Plan, rect: Rect, node: &ProducerView, attention: Attention) {
        let palette = self.palette;
        let ink = self.node_card(rect, node.condition, attention);
        self.title(rect, plan.name(node.node), node.condition, ink);
        if matches!(node.condition, Condition::Absent(_)) {
            return;
        }
        let y = rect.bottom() - self.size(15.0);
        let left = pos2(rect.left() + self.size(PAD), y);
        let sent = self.text(left, Align2::LEFT_CENTER, &count(node.sent), SMALL, palette.soft, rect.width());
        let mut x = sent.right() + self.size(10.0);
        if node.refused > 0 {
            let refused = if node.calls.is_some() { Word::Refused } else { Word::Rejected };
            let words = self.say(refused, &[&count(node.refused)]);
            let right = pos2(rect.right() - self.size(PAD), y);
            self.words(right, Align2::RIGHT_CENTER, &words, SMALL, palette.alarm);
            return;
        }
        // An open ring for each message or call without an answer.
        let (radius, step) = (self.size(3.5), self.size(10.0));
        let room = ((rect.right() - self.size(PAD + 22.0) - x) / step).max(1.0) as usize;
        for _ in node.unanswered.iter().take(room) {
            self.painter.circle_stroke(pos2(x + radius, y), radius, Stroke::new(self.size(1.2).max(FINE), palette.ink));
            x += step;
        }
        if node.unanswered.len() > room {
            let more = format!("+{}", count((node.unanswered.len() - room) as u64));
            self.words(pos2(x + self.size(2.0), y), Align2::LEFT_CENTER, &more, SMALL, palette.ink);
        }
    }

    /// Paints a service.
    pub(super) fn service(&self, plan: &Plan, rect: Rect, node: &ServiceView, attention: Attention) {
        let palette = self.palette;
        let ink = self.node_card(rect, node.condition, attention);
        self.title(rect, plan.name(node.node), node.condition, ink);
        if matches!(node.condition, Condition::Down) {
            return;
        }
        let left = rect.left() + self.size(PAD);
        let y = rect.top() + self.size(36.0);
        self.slots(pos2(left, y), rect.width() - self.size(2.0 * PAD), node.workers, &node.at_work, palette.ink);
        let y = rect.bottom() - self.size(13.0);
        let waiting = self.say(Word::Waiting, &[&count(node.waiting as u64)]);
        let ink = if node.waiting > 0 { palette.ink } else { palette.soft };
        self.text(pos2(left, y), Align2::LEFT_CENTER, &waiting, SMALL, ink, rect.width());
        if node.refused > 0 {
            let words = self.say(Word::Refused, &[&count(node.refused)]);
            self.words(pos2(rect.right() - self.size(PAD), y), Align2::RIGHT_CENTER, &words, SMALL, palette.alarm);
        }
    }

    /// Paints threads or workers: a ring for each, which closes while it works.
    fn slots(&self, left: Pos2, room: f32, number: u32, at_work: &[WorkInProgress], hue: Color32) {
        let (radius, step) = (self.size(7.0), self.size(19.0));
        let fit = ((room / step) as u32).max(1);
        if number > fit {
            let text = format!("{} / {number}", at_work.len());
            self.words(left, Align2::LEFT_CENTER, &text, SMALL, self.palette.ink);
            return;
        }
        for slot in 0..number.max(at_work.len() as u32).min(fit) {
            let centre = left + vec2(radius + slot as f32 * step, 0.0);
            self.painter.circle_stroke(centre, radius, Stroke::new(self.size(1.5), self.palette.faint));
            if let Some(work) = at_work.iter().find(|work| work.slot == slot) {
                self.work(centre, radius, work, hue);
            }
        }
    }

    /// Paints what a thread or a worker does.
    fn work(&self, centre: Pos2, radius: f32, work: &WorkInProgress, hue: Color32) {
        let inside = work.key.map_or(hue, |key| self.palette.key(key));
        self.painter.circle_filled(centre, radius * if work.key.is_some() { 0.6 } else { 0.45 }, inside);
        match work.share {
            Some(share) => self.ring(centre, radius, share, self.size(2.5), hue),
            // It waits for another node: the ring is closed, and thin.
            None => {
                self.painter.circle_stroke(centre, radius, Stroke::new(self.size(1.0), hue));
            }
        }
    }

    /// Paints the box of a group.
    pub(super) fn group(&self, plan: &Plan, place: &GroupBox, rect: Rect, group: &GroupView, attention: Attention) {
        let palette = self.palette;
        let hue = palette.hue(group.group.index());
        let edge = match attention {
            Attention::Selected => Stroke::new(STRONG, palette.selected),
            _ => Stroke::new(FINE, palette.faint),
        };
        self.card(rect, palette.panel, edge);
        let y = rect.top() + self.size(15.0);
        let left = rect.left() + self.size(PAD);
        self.painter.circle_filled(pos2(left + self.size(5.0), y), self.size(5.0), hue);
        let lag = format!("{} {}", self.word(Word::Lag), count(group.lag));
        let right = pos2(rect.right() - self.size(PAD), y);
        let width = self.words(right, Align2::RIGHT_CENTER, &lag, SMALL, palette.ink).width();
        let name = &plan.groups[group.group].name;
        let room = rect.width() - width - self.size(3.0 * PAD + 16.0);
        self.name(pos2(left + self.size(16.0), y), Align2::LEFT_CENTER, name, BODY, palette.ink, room);
        self.ledger(self.view.rect(place.foot), group, hue);
    }

    /// Paints the retries, the dead letters, and the ledger of a group.
    fn ledger(&self, rect: Rect, group: &GroupView, hue: Color32) {
        let palette = self.palette;
        let dead = group.balance.count(Place::DeadLettered);
        let y = rect.top() + self.size(11.0);
        let tray = |x: f32, anchor: Align2, word: Word, number: u64, ink: Color32| {
            let ink = if number > 0 { ink } else { palette.soft };
            let words = format!("{} {}", self.word(word), count(number));
            self.words(pos2(x, y), anchor, &words, SMALL, ink);
        };
        tray(rect.left(), Align2::LEFT_CENTER, Word::Retry, group.retries as u64, palette.ink);
        tray(rect.right(), Align2::RIGHT_CENTER, Word::DeadLetters, dead, palette.alarm);
        let bar = Rect::from_min_max(
            pos2(rect.left(), rect.top() + self.size(22.0)),
            pos2(rect.right(), rect.top() + self.size(32.0)),
        );
        self.painter.rect_filled(bar, 2.0, palette.faint);
        let mut x = bar.left();
        for place in Place::ALL {
            let number = group.balance.count(place);
            if number > 0 {
                let width = bar.width() * number as f32 / group.accepted.max(1) as f32;
                let part = Rect::from_min_max(pos2(x, bar.top()), pos2((x + width).min(bar.right()), bar.bottom()));
                self.painter.rect_filled(part, 0.0, place_ink(palette, place, hue));
                x += width;
            }
        }
        let accepted = format!("{} {} =", self.word(Word::Accepted), count(group.accepted));
        let y = rect.top() + self.size(44.0);
        let right = self.words(pos2(rect.left(), y), Align2::LEFT_CENTER, &accepted, SMALL, palette.soft).right();
        self.parts(rect, pos2(right + self.size(5.0), y), group, hue);
    }

    /// Writes the parts of the ledger that are not empty, on two lines.
    fn parts(&self, rect: Rect, mut at: Pos2, group: &GroupView, hue: Color32) {
        let mut first = true;
        for place in Place::ALL {
            let number = group.balance.count(place);
            if number == 0 && place != Place::Done {
                continue;
            }
            let words = format!("{} {}", count(number), self.word(place_word(place)));
            let words = if first { words } else { format!("+ {words}") };
            let ink = match place {
                Place::Lost | Place::DeadLettered | Place::Expired => self.palette.alarm,
                Place::Done => hue,
                _ => self.palette.ink,
            };
            let galley = self.galley(&words, SMALL, ink);
            if at.x + galley.size().x > rect.right() && !first {
                at = pos2(rect.left(), at.y + self.size(15.0));
            }
            let size = galley.size();
            self.painter.galley(at - vec2(0.0, size.y / 2.0), galley, ink);
            at.x += size.x + self.size(5.0);
            first = false;
        }
    }

    /// Paints a consumer.
    pub(super) fn consumer(&self, plan: &Plan, rect: Rect, node: &ConsumerView, hue: Color32, attention: Attention) {
        let palette = self.palette;
        let narrow = rect.height() < self.size(30.0);
        let ink = if node.is_idle() {
            self.outline(rect, self.edge(attention, palette.soft));
            palette.soft
        } else {
            self.node_card(rect, node.condition, attention)
        };
        let is_stale = !node.stale.is_empty();
        if is_stale {
            self.dots_around(rect.expand(self.size(3.0)), palette.ink);
        }
        if rect.width() < self.size(70.0) {
            self.tile(rect, node, hue);
            return;
        }
        let state = self.consumer_state(node);
        let y = rect.center().y;
        let (left, right) = (rect.left() + self.size(PAD), rect.right() - self.size(PAD));
        let name = plan.name(node.node);
        let is_gone = matches!(node.condition, Condition::Absent(_) | Condition::Left | Condition::Down);
        if let Some((words, colour)) = state.as_ref().filter(|_| is_gone || node.is_idle() || narrow) {
            let width = self.words(pos2(right, y), Align2::RIGHT_CENTER, words, SMALL, *colour).width();
            let room = right - left - width - self.size(4.0);
            self.name(pos2(left, y), Align2::LEFT_CENTER, name, BODY, *colour, room);
            return;
        }
        let size = if narrow { SMALL } else { BODY };
        let slots = if narrow { self.size(30.0) } else { (right - left) * 0.42 };
        let mut room = right - left - slots;
        if let Some((words, colour)) = state {
            let at = pos2(left, y + self.size(9.0));
            let sign = self.condition_sign(node.condition, at);
            self.words(at + vec2(sign, 0.0), Align2::LEFT_CENTER, &words, SMALL, colour);
            self.name(pos2(left, y - self.size(8.0)), Align2::LEFT_CENTER, name, size, palette.ink, room);
        } else {
            let name = self.name(pos2(left, y), Align2::LEFT_CENTER, name, size, ink, room);
            room -= name.width();
            self.fetched(pos2(name.right() + self.size(7.0), y), room - self.size(8.0), node.fetched, hue);
        }
        self.consumer_threads(node, pos2(right, y), slots, narrow, hue);
    }

    /// The state of a consumer, in words, with their colour: its condition, whether it works for a queue that another consumer
    /// owns by now, or that it owns none.
    fn consumer_state(&self, node: &ConsumerView) -> Option<(String, Color32)> {
        if node.is_idle() && node.stale.is_empty() {
            return Some((self.word(Word::Idle).to_owned(), self.palette.soft));
        }
        let condition = self.condition_words(node.condition).filter(|_| !node.is_idle());
        let out_of_date = self.word(Word::OutOfDate);
        match (condition, node.stale.is_empty()) {
            (condition, true) => condition,
            (Some((words, colour)), false) => Some((format!("{words}{}{out_of_date}", self.word(Word::Comma)), colour)),
            (None, false) => Some((out_of_date.to_owned(), self.palette.ink)),
        }
    }

    /// Paints the threads of a consumer left of a place: as rings, or, in a narrow line, how many are busy.
    fn consumer_threads(&self, node: &ConsumerView, right: Pos2, room: f32, narrow: bool, hue: Color32) {
        if narrow {
            let busy = format!("{}/{}", node.at_work.len(), node.threads);
            let colour = if node.at_work.is_empty() { self.palette.soft } else { hue };
            self.words(right, Align2::RIGHT_CENTER, &busy, SMALL, colour);
            return;
        }
        let fit = ((room / self.size(19.0)) as u32).max(1);
        let width = self.size(19.0) * node.threads.min(fit) as f32;
        self.slots(pos2(right.x - width, right.y), width + 1.0, node.threads, &node.at_work, hue);
    }

    /// Paints a consumer without room for words: filled as far as its threads are busy.
    fn tile(&self, rect: Rect, node: &ConsumerView, hue: Color32) {
        let share = node.at_work.len() as f32 / node.threads.max(1) as f32;
        let inner = rect.shrink(self.size(3.0));
        let filled = Rect::from_min_size(inner.min, vec2(inner.width() * share.min(1.0), inner.height()));
        self.painter.rect_filled(filled, 1.0, hue);
    }

    /// Paints the messages that are fetched and not begun: as dots, or as a number.
    fn fetched(&self, at: Pos2, room: f32, number: usize, hue: Color32) {
        if number == 0 {
            return;
        }
        let step = self.size(7.0);
        let fit = (room / step) as usize;
        if number <= fit {
            for place in 0..number {
                let centre = at + vec2((place as f32 + 0.5) * step, 0.0);
                self.painter.circle_filled(centre, self.size(2.5), hue);
            }
        } else {
            self.words(at, Align2::LEFT_CENTER, &format!("+{}", count(number as u64)), SMALL, hue);
        }
    }
}

const fn place_word(place: Place) -> Word {
    match place {
        Place::Done => Word::Done,
        Place::InProcess => Word::InProcess,
        Place::Waiting => Word::WaitingPlace,
        Place::DeadLettered => Word::DeadLettered,
        Place::Expired => Word::Expired,
        Place::Skipped => Word::Skipped,
        Place::Lost => Word::Lost,
    }
}

/// The colour of a place of the ledger.
fn place_ink(palette: &Palette, place: Place, hue: Color32) -> Color32 {
    match place {
        Place::Done => hue,
        Place::InProcess => hue.gamma_multiply(0.6),
        Place::Waiting => palette.line,
        Place::Skipped => palette.soft,
        Place::DeadLettered | Place::Expired | Place::Lost => palette.alarm,
    }
}
