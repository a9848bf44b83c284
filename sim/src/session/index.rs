//! Marks of a run for its timeline: where something that matters happened, and when notes are due. They are gathered while
//! the run goes ahead.
//!
//! It is a fold over records, and holds a bounded amount of data however long the run is.

use std::collections::BTreeMap;

use super::scene::{EventRecord, Follow};
use crate::kernel::{Span, Time};
use crate::observe::Observer;
use crate::plan::{Epoch, GroupId, Moment, NodeId, Plan, SetId};
use crate::record::Kind;

/// Marks of one kind on one thing that are nearer to each other than this share of the run are one, to begin with.
const NEAR: u64 = 200;
/// When there are so many marks, more of them become one.
const MARKS: usize = 4096;

/// A mark on the timeline: something that matters, at a moment of the run.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Mark {
    /// When it happened; the first time, where several marks were joined.
    pub at: Time,
    /// The event that did it, from 1; 0 where none did: notes and questions are due at a time. What is found out at the
    /// end of the run counts as one more event.
    pub event: u64,
    /// When it happened last.
    pub until: Time,
    /// How often it happened.
    pub count: u32,
    /// What happened, and to whom.
    pub kind: MarkKind,
}

/// The kinds of things that matter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum MarkKind {
    /// A fault strikes a node: it is down or paused, its disk is full, or it is the first that a partition or link fault
    /// names.
    Fault(NodeId),
    /// A fault is over.
    Relief(NodeId),
    /// A setting changes.
    Changed(NodeId),
    /// A node comes in mid-run.
    Joined(NodeId),
    /// A consumer leaves.
    Left(NodeId),
    /// A node is dead to a nameserver.
    DeclaredDead(NodeId),
    /// A set has a master again, in a new epoch.
    Elected(SetId, NodeId),
    /// A replica drops the tail of a log.
    Truncated(NodeId),
    /// Queues of a group have new owners.
    Rebalanced(GroupId),
    /// A message, or several, are lost.
    Lost(GroupId),
    /// A message, or several, are dead letters.
    DeadLettered(GroupId),
    /// Messages are given up, or calls refused, by this node or to it.
    Refused(NodeId),
    /// A note is due.
    Note(u32),
    /// A question is due.
    Question(u32),
}

/// All marks, as far as the run has gone ahead.
#[derive(Clone, Debug)]
pub struct Index {
    /// In order.
    marks: Vec<Mark>,
    /// The last mark of each kind.
    last: BTreeMap<MarkKind, usize>,
    /// How many marks there may be.
    room: usize,
    /// Notes and questions that wait for records of their kind.
    awaited: Vec<AwaitedNote>,
    /// Notes and questions whose time is known and has not come; the next one last.
    due: Vec<(Time, MarkKind)>,
    near: Span,
}

#[derive(Clone, Copy, Debug)]
struct AwaitedNote {
    kind: &'static str,
    left: u32,
    after: Span,
    what: MarkKind,
}

impl Index {
    pub(super) fn new(plan: &Plan) -> Self {
        let notes = plan.notes.iter().enumerate().map(|(i, note)| (&note.moment, MarkKind::Note(i as u32)));
        let questions = plan.questions.iter().enumerate();
        let questions = questions.map(|(i, question)| (&question.moment, MarkKind::Question(i as u32)));
        let (mut awaited, mut due) = (Vec::new(), Vec::new());
        for (moment, what) in notes.chain(questions) {
            match *moment {
                Moment::At(at) => due.push((at, what)),
                Moment::When { kind, nth, after } => awaited.push(AwaitedNote { kind, left: nth, after, what }),
            }
        }
        due.sort_unstable_by(|a, b| b.cmp(a));
        let end = plan.end().0;
        Self { marks: Vec::new(), last: BTreeMap::new(), room: MARKS, awaited, due, near: Span(end / NEAR) }
    }

    /// The marks, in the order in which they happened.
    #[must_use]
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// The first mark after a moment: a time, and how many events have happened.
    #[must_use]
    pub fn next(&self, at: Time, events: u64) -> Option<&Mark> {
        self.marks.iter().find(|mark| mark.at > at || (mark.at == at && mark.event > events))
    }

    /// The last mark before a moment.
    #[must_use]
    pub fn previous(&self, at: Time, events: u64) -> Option<&Mark> {
        self.marks.iter().rev().find(|mark| mark.at < at || (mark.at == at && (1..events).contains(&mark.event)))
    }

    /// All has happened before this time, or all up to it: notes that are due by now are marked.
    pub(super) fn reach(&mut self, at: Time) {
        while let Some((due, what)) = self.due.pop_if(|(due, _)| *due <= at) {
            self.mark(due, 0, what);
        }
    }

    fn mark(&mut self, at: Time, event: u64, kind: MarkKind) {
        self.keep(Mark { at, event, until: at, count: 1, kind });
        if self.marks.len() > self.room {
            self.near = Span(self.near.0.saturating_mul(2).max(1));
            self.last.clear();
            for mark in std::mem::take(&mut self.marks) {
                self.keep(mark);
            }
            // Where each is of a kind of its own, there are as many as there are.
            self.room = MARKS.max(2 * self.marks.len());
        }
    }

    /// Keeps a mark that comes after all others: for itself, or as one with its like.
    fn keep(&mut self, mark: Mark) {
        let like = self.last.get(&mark.kind).map(|place| &mut self.marks[*place]);
        if let Some(like) = like.filter(|like| mark.at.since(like.until) <= self.near) {
            like.until = mark.until;
            like.count = like.count.saturating_add(mark.count);
        } else {
            self.last.insert(mark.kind, self.marks.len());
            self.marks.push(mark);
        }
    }

    fn of(happened: &EventRecord) -> Option<MarkKind> {
        let node = happened.record.node;
        Some(match happened.record.kind {
            Kind::Crashed { .. } | Kind::Paused => MarkKind::Fault(node),
            Kind::Restarted | Kind::Resumed => MarkKind::Relief(node),
            Kind::Changed { ref change } if change.begins_trouble() => MarkKind::Fault(node),
            Kind::Changed { ref change } if change.ends_trouble() => MarkKind::Relief(node),
            Kind::Changed { .. } => MarkKind::Changed(node),
            Kind::Joined => MarkKind::Joined(node),
            Kind::Left => MarkKind::Left(node),
            Kind::DeclaredDead { of } => MarkKind::DeclaredDead(of),
            Kind::Elected { set, epoch } if epoch > Epoch::FIRST => MarkKind::Elected(set, node),
            Kind::Truncated { .. } => MarkKind::Truncated(node),
            Kind::Assigned { group, .. } => MarkKind::Rebalanced(group),
            Kind::Lost { group, .. } => MarkKind::Lost(group),
            Kind::DeadLettered { group, .. } => MarkKind::DeadLettered(group),
            Kind::Rejected { .. } => MarkKind::Refused(node),
            Kind::Refused { service, .. } => MarkKind::Refused(service),
            _ => return None,
        })
    }
}

impl Follow for Index {
    fn follow(&mut self, happened: &EventRecord, _: &Observer) {
        let at = happened.record.at;
        if !self.awaited.is_empty() {
            let kind = happened.record.kind.name();
            let due = &mut self.due;
            self.awaited.retain_mut(|awaited| {
                if awaited.kind == kind {
                    awaited.left = awaited.left.saturating_sub(1);
                    if awaited.left == 0 {
                        due.push((at + awaited.after, awaited.what));
                        due.sort_unstable_by(|a, b| b.cmp(a));
                    }
                }
                awaited.left > 0
            });
        }
        if let Some(kind) = Self::of(happened) {
            self.reach(at);
            self.mark(at, happened.event, kind);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::sample::{DB, FIRST, plan};

    /// Of a plan that ends after 31 s.
    fn index() -> Index {
        Index::new(&plan())
    }

    const fn ms(at: u64) -> Time {
        Time(at * 1_000_000)
    }

    #[test]
    fn marks_of_one_kind_that_are_near_each_other_are_one_whatever_comes_between() {
        let mut index = index();
        let (fault, refused) = (MarkKind::Fault(DB), MarkKind::Refused(DB));
        for (event, at) in (1..).zip([0, 100, 200, 300, 400]) {
            index.mark(ms(at), 2 * event, fault);
        }
        index.mark(ms(410), 11, refused);
        index.mark(ms(500), 12, fault);
        index.mark(ms(655), 13, MarkKind::Fault(FIRST));
        index.mark(ms(656), 14, fault);
        let happened: Vec<_> =
            index.marks().iter().map(|mark| (mark.at, mark.until, mark.event, mark.count, mark.kind)).collect();
        assert_eq!(
            happened,
            [
                (ms(0), ms(500), 2, 6, fault),
                (ms(410), ms(410), 11, 1, refused),
                (ms(655), ms(655), 13, 1, MarkKind::Fault(FIRST)),
                (ms(656), ms(656), 14, 1, fault),
            ],
            "31 s ÷ 200 = 155 ms are near"
        );
    }

    #[test]
    fn a_late_event_is_marked_however_much_came_before() {
        let mut index = index();
        for n in 0..7_000 {
            index.mark(ms(n), n + 1, MarkKind::Note(n as u32));
            index.mark(ms(n), n + 1, MarkKind::Lost(GroupId(0)));
        }
        index.mark(ms(31_000), 7_001, MarkKind::Fault(DB));
        assert_eq!(index.marks().last().map(|mark| mark.kind), Some(MarkKind::Fault(DB)));
        assert!(index.marks().is_sorted_by_key(|mark| mark.at));
        assert_eq!(index.marks().len(), 7_002, "each note is for itself");
        let lost = index.marks().iter().find(|mark| mark.kind == MarkKind::Lost(GroupId(0)));
        assert_eq!(lost.map(|mark| (mark.count, mark.until)), Some((7_000, ms(6_999))));
    }

    #[test]
    fn however_often_things_happen_there_is_room_for_their_marks() {
        let mut index = index();
        for n in 0..40_000 {
            index.mark(ms(n), n + 1, MarkKind::Fault(NodeId(n as u32 % 157)));
        }
        assert!((157..=MARKS).contains(&index.marks().len()), "{}", index.marks().len());
    }
}
