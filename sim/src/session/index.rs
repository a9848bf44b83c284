//! The marks of a run for its timeline: when something important happened, and when notes are due. They are gathered while
//! the run goes ahead.
//!
//! It is a fold over records, and holds a bounded amount of data however long the run is.

use std::collections::BTreeMap;

use super::scene::{EventRecord, RecordFollower};
use crate::kernel::{Span, Time};
use crate::observe::Observer;
use crate::plan::{Epoch, GroupId, Moment, NodeId, Plan, SetId};
use crate::record::{Kind, Record};

/// Marks of one kind on one node, set or group are one when they are no further apart than this fraction of the run: one
/// 200th, to begin with.
const NEAR_FRACTION: u64 = 200;
/// With more marks than this, marks further apart become one.
const MAX_MARKS: usize = 4096;

/// A mark on the timeline: something important at a moment of the run.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Mark {
    /// When it happened first.
    pub at: Time,
    /// The number of the event in which it happened first, from 1; 0 for notes and questions, which are due at a time. What
    /// is found out at the end of the run counts as one more event.
    pub event: u64,
    /// When it happened last.
    pub until: Time,
    /// How often it happened.
    pub count: u32,
    /// What happened, and to whom.
    pub kind: MarkKind,
}

/// The kinds of marks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum MarkKind {
    /// A fault strikes a node: it is down or paused, its disk is full, or it is the first that a partition or link fault
    /// names.
    Fault(NodeId),
    /// A fault is over.
    FaultOver(NodeId),
    /// A setting changes.
    Changed(NodeId),
    /// A node comes in mid-run.
    Joined(NodeId),
    /// A consumer leaves.
    Left(NodeId),
    /// A nameserver has declared a node dead.
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
    /// The most marks that are kept apart.
    limit: usize,
    /// Notes and questions that wait for records of their kind.
    awaited: Vec<AwaitedNote>,
    /// Notes and questions whose time is known and has not come; the next one last.
    due: Vec<(Time, MarkKind)>,
    /// Marks of one kind that are no further apart are one.
    near: Span,
}

/// A note or question that is due some time after the nth record of a kind.
#[derive(Clone, Copy, Debug)]
struct AwaitedNote {
    record_kind: &'static str,
    /// How many records of the kind it still waits for.
    records_left: u32,
    after: Span,
    mark: MarkKind,
}

impl Index {
    pub(super) fn new(plan: &Plan) -> Self {
        let notes = plan.notes.iter().enumerate().map(|(i, note)| (&note.moment, MarkKind::Note(i as u32)));
        let questions = plan.questions.iter().enumerate();
        let questions = questions.map(|(i, question)| (&question.moment, MarkKind::Question(i as u32)));
        let (mut awaited, mut due) = (Vec::new(), Vec::new());
        for (moment, mark) in notes.chain(questions) {
            match *moment {
                Moment::At(at) => due.push((at, mark)),
                Moment::When { kind, nth, after } => {
                    awaited.push(AwaitedNote { record_kind: kind, records_left: nth, after, mark });
                }
            }
        }
        due.sort_unstable_by(|a, b| b.cmp(a));
        let end = plan.end().0;
        Self {
            marks: Vec::new(),
            last: BTreeMap::new(),
            limit: MAX_MARKS,
            awaited,
            due,
            near: Span(end / NEAR_FRACTION),
        }
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

    /// Marks the notes and questions that are due by a time, before which everything has happened.
    pub(super) fn advance_to(&mut self, at: Time) {
        while let Some((due, mark)) = self.due.pop_if(|(due, _)| *due <= at) {
            self.mark(due, 0, mark);
        }
    }

    fn mark(&mut self, at: Time, event: u64, kind: MarkKind) {
        self.add(Mark { at, event, until: at, count: 1, kind });
        if self.marks.len() > self.limit {
            self.near = Span(self.near.0.saturating_mul(2).max(1));
            self.last.clear();
            for mark in std::mem::take(&mut self.marks) {
                self.add(mark);
            }
            // Marks of kinds of their own stay, however many there are.
            self.limit = MAX_MARKS.max(2 * self.marks.len());
        }
    }

    /// Adds a mark that comes after all others: on its own, or to the last one of its kind that is near.
    fn add(&mut self, mark: Mark) {
        let last = self.last.get(&mark.kind).map(|place| &mut self.marks[*place]);
        if let Some(last) = last.filter(|last| mark.at.since(last.until) <= self.near) {
            last.until = mark.until;
            last.count = last.count.saturating_add(mark.count);
        } else {
            self.last.insert(mark.kind, self.marks.len());
            self.marks.push(mark);
        }
    }

    /// The mark that a record makes, if any.
    fn kind_of_mark(record: &Record) -> Option<MarkKind> {
        let node = record.node;
        Some(match record.kind {
            Kind::Crashed { .. } | Kind::Paused => MarkKind::Fault(node),
            Kind::Restarted | Kind::Resumed => MarkKind::FaultOver(node),
            Kind::Changed { ref change } if change.begins_trouble() => MarkKind::Fault(node),
            Kind::Changed { ref change } if change.ends_trouble() => MarkKind::FaultOver(node),
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

impl RecordFollower for Index {
    fn after_record(&mut self, EventRecord { record, event }: &EventRecord, _: &Observer) {
        let at = record.at;
        if !self.awaited.is_empty() {
            let kind = record.kind.name();
            let due = &mut self.due;
            self.awaited.retain_mut(|awaited| {
                if awaited.record_kind == kind {
                    awaited.records_left = awaited.records_left.saturating_sub(1);
                    if awaited.records_left == 0 {
                        due.push((at + awaited.after, awaited.mark));
                        due.sort_unstable_by(|a, b| b.cmp(a));
                    }
                }
                awaited.records_left > 0
            });
        }
        if let Some(kind) = Self::kind_of_mark(record) {
            self.advance_to(at);
            self.mark(at, *event, kind);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::sample::{DB, FIRST, plan};

    /// The index of a plan that ends after 31 s.
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
        let marks: Vec<_> =
            index.marks().iter().map(|mark| (mark.at, mark.until, mark.event, mark.count, mark.kind)).collect();
        assert_eq!(
            marks,
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
    fn the_number_of_marks_is_limited_however_often_things_happen() {
        let mut index = index();
        for n in 0..40_000 {
            index.mark(ms(n), n + 1, MarkKind::Fault(NodeId(n as u32 % 157)));
        }
        assert!((157..=MAX_MARKS).contains(&index.marks().len()), "{}", index.marks().len());
    }
}
