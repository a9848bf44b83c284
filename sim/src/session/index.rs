//! What is gathered about a run while it runs ahead, for the timeline: where something that matters happened, when the
//! notes are due, and how the lag of each group went.
//!
//! It is a fold over records, and holds a bounded amount of data however long the run is.

use super::scene::{Follow, Told};
use crate::kernel::{Span, Time};
use crate::observe::Observer;
use crate::plan::{GroupId, Moment, NodeId, Plan, SetId};
use crate::record::Kind;

/// Points of a lag curve.
const POINTS: usize = 1024;
/// Marks of one kind on one thing that are nearer to each other than this share of the run are one.
const NEAR: u64 = 200;
/// As many marks as are kept at most; what happens oftener says nothing by its place.
const MARKS: usize = 4096;

/// Something that matters, at a moment of the run.
#[derive(Clone, PartialEq, Debug)]
pub struct Mark {
    /// When; of several that are one, the first.
    pub at: Time,
    /// The event that did it, from 1; 0 where none did: notes and questions are due at a time.
    pub event: u64,
    /// When last.
    pub until: Time,
    /// How often.
    pub count: u32,
    /// What.
    pub kind: MarkKind,
}

/// What matters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MarkKind {
    /// A fault strikes a node: it is down, paused or slow.
    Fault(NodeId),
    /// A fault is over.
    Relief(NodeId),
    /// A setting changes.
    Changed(NodeId),
    /// Somebody comes in mid-run.
    Joined(NodeId),
    /// Somebody leaves.
    Left(NodeId),
    /// A node is dead to a nameserver.
    DeclaredDead(NodeId),
    /// A set has a master again, in a new epoch.
    Elected(SetId, NodeId),
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

/// What was gathered.
#[derive(Clone, Debug)]
pub struct Index {
    marks: Vec<Mark>,
    /// Notes and questions that wait for records of their kind.
    awaited: Vec<Awaited>,
    /// Notes and questions whose time is known and has not come.
    due: Vec<(Time, MarkKind)>,
    near: Span,
    width: Span,
    /// By group: the largest lag in each stretch of the run.
    lags: Vec<Vec<u64>>,
    /// By group, the present lag.
    lag: Vec<u64>,
}

#[derive(Clone, Copy, Debug)]
struct Awaited {
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
                Moment::When { kind, nth, after } => awaited.push(Awaited { kind, left: nth, after, what }),
            }
        }
        due.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        let end = plan.end().0;
        Self {
            marks: Vec::new(),
            awaited,
            due,
            near: Span(end / NEAR),
            width: Span((end / POINTS as u64).max(1)),
            lags: vec![Vec::new(); plan.groups.len()],
            lag: vec![0; plan.groups.len()],
        }
    }

    /// What mattered, in the order in which it happened.
    #[must_use]
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// The largest lag of a group in each stretch of the run, as far as it has run.
    #[must_use]
    pub fn lags(&self, group: GroupId) -> &[u64] {
        &self.lags[group.index()]
    }

    /// The length of such a stretch.
    #[must_use]
    pub const fn stretch(&self) -> Span {
        self.width
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

    /// Time has got here: notes that are due by now are marked, and lags drawn on.
    pub(super) fn reach(&mut self, at: Time) {
        while let Some((due, what)) = self.due.pop_if(|(due, _)| *due <= at) {
            self.mark(due, 0, what);
        }
        let place = usize::try_from(at.0 / self.width.0).unwrap_or(POINTS).min(POINTS);
        for (points, lag) in self.lags.iter_mut().zip(&self.lag) {
            if points.len() <= place {
                points.resize(place + 1, *lag);
            }
        }
    }

    fn mark(&mut self, at: Time, event: u64, kind: MarkKind) {
        let near = self.near;
        let alike = self.marks.iter_mut().rev().take_while(|mark| at.since(mark.until) <= near);
        let merged = !matches!(kind, MarkKind::Note(_) | MarkKind::Question(_));
        if let Some(mark) = alike.into_iter().find(|mark| mark.kind == kind && merged) {
            mark.until = at;
            mark.count = mark.count.saturating_add(1);
        } else if self.marks.len() < MARKS {
            self.marks.push(Mark { at, event, until: at, count: 1, kind });
        }
    }

    fn of(told: &Told) -> Option<MarkKind> {
        let node = told.record.node;
        Some(match told.record.kind {
            Kind::Crashed { .. } | Kind::Paused => MarkKind::Fault(node),
            Kind::Restarted | Kind::Resumed => MarkKind::Relief(node),
            Kind::Changed { .. } => MarkKind::Changed(node),
            Kind::Joined => MarkKind::Joined(node),
            Kind::Left => MarkKind::Left(node),
            Kind::DeclaredDead { of } => MarkKind::DeclaredDead(of),
            Kind::Elected { set, epoch } if epoch > 1 => MarkKind::Elected(set, node),
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
    fn follow(&mut self, told: &Told, observer: &Observer) {
        let at = told.record.at;
        if !self.awaited.is_empty() {
            let kind = told.record.kind.name();
            let due = &mut self.due;
            self.awaited.retain_mut(|awaited| {
                if awaited.kind == kind {
                    awaited.left = awaited.left.saturating_sub(1);
                    if awaited.left == 0 {
                        due.push((at + awaited.after, awaited.what));
                        due.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
                    }
                }
                awaited.left > 0
            });
        }
        if let Some(kind) = Self::of(told) {
            self.reach(at);
            self.mark(at, told.event, kind);
        }
        if matches!(
            told.record.kind,
            Kind::Stored { .. }
                | Kind::Committed { .. }
                | Kind::Begun { .. }
                | Kind::Elected { .. }
                | Kind::Truncated { .. }
        ) {
            self.reach(at);
            let place = usize::try_from(at.0 / self.width.0).unwrap_or(POINTS).min(POINTS);
            for (group, points) in self.lags.iter_mut().enumerate() {
                self.lag[group] = observer.lag(GroupId::from(group));
                points[place] = points[place].max(self.lag[group]);
            }
        }
    }
}
