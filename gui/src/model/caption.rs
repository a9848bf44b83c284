//! The notes and questions of a scenario at one moment: which note is shown, where the clock stops, and what the run
//! answers.

use queuescope::kernel::Time;
use queuescope::plan::{Answer, NodeId};
use queuescope::session::{MarkKind, Session};

/// A note or question, with when it is due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Due {
    /// When it is due.
    pub at: Time,
    /// The note or question.
    pub what: NoteOrQuestion,
}

/// A note or a question of the scenario.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum NoteOrQuestion {
    /// A note, by its number.
    Note(u32),
    /// A question, by its number.
    Question(u32),
}

impl NoteOrQuestion {
    /// Comes after all others that are due at the same time.
    pub const LAST: Self = Self::Question(u32::MAX);
}

/// All notes and questions whose time is known, by time; of those at the same time notes come first, in the order of the
/// file.
#[must_use]
pub fn due(session: &Session) -> Vec<Due> {
    let said = |kind| match kind {
        MarkKind::Note(number) => Some(NoteOrQuestion::Note(number)),
        MarkKind::Question(number) => Some(NoteOrQuestion::Question(number)),
        _ => None,
    };
    let marks = session.index().marks().iter();
    let mut due: Vec<Due> = marks.filter_map(|mark| Some(Due { at: mark.at, what: said(mark.kind)? })).collect();
    due.sort_by_key(|due| (due.at, due.what));
    due
}

/// All notes by the time at which they are due; those whose time is not known yet come last.
#[must_use]
pub fn notes(session: &Session) -> Vec<(u32, Option<Time>)> {
    let known = due(session);
    let mut notes: Vec<(u32, Option<Time>)> = known
        .iter()
        .filter_map(|due| match due.what {
            NoteOrQuestion::Note(number) => Some((number, Some(due.at))),
            NoteOrQuestion::Question(_) => None,
        })
        .collect();
    for number in 0..session.plan().notes.len() as u32 {
        if !notes.iter().any(|(known, _)| *known == number) {
            notes.push((number, None));
        }
    }
    notes
}

/// The note that is shown at the present moment: the last one that was due.
#[must_use]
pub fn note(session: &Session) -> Option<u32> {
    let at = session.scene().at();
    due(session).iter().rev().find_map(|due| match due.what {
        NoteOrQuestion::Note(number) if due.at <= at => Some(number),
        _ => None,
    })
}

/// The note or question at which the clock stops next, at `until` or before: a note that asks for a pause, or any question.
/// `after` is how far the clock has come: a time, and the last of what is due at that time.
#[must_use]
pub fn next_stop(session: &Session, after: (Time, Option<NoteOrQuestion>), until: Time) -> Option<Due> {
    let stops = |due: &&Due| match due.what {
        NoteOrQuestion::Note(number) => session.plan().notes[number as usize].pause,
        NoteOrQuestion::Question(_) => true,
    };
    due(session).iter().find(|due| (due.at, Some(due.what)) > after && due.at <= until && stops(due)).copied()
}

/// What the run answers to a question.
#[derive(Clone, PartialEq, Debug)]
pub enum RunAnswer {
    /// A figure, as the report writes it.
    Figure(String),
    /// The consumer that owns a queue; none: no consumer does.
    Owner(Option<NodeId>),
}

/// When the scenario says that the answer to a question is known; none: at the end of the run.
#[must_use]
pub fn answered_at(session: &Session, number: u32) -> Option<Time> {
    match &session.plan().questions[number as usize].answer {
        Answer::Figure(figure) => figure.to,
        Answer::Owner { to, .. } => Some(*to),
    }
}

/// When the answer is known in this run; none while the run ahead is not over, since the run may end before.
fn revealed_at(session: &Session, number: u32) -> Option<Time> {
    let end = session.ahead().is_over().then(|| session.ahead().at())?;
    Some(answered_at(session, number).unwrap_or(end).min(end))
}

/// Whether the clock has come to where the answer to a question is known. Before that it is not shown.
#[must_use]
pub fn is_known(session: &Session, number: u32) -> bool {
    revealed_at(session, number).is_some_and(|revealed| revealed <= session.scene().at())
}

/// Whether the answer to a question is the latest news: no note and no other question was due since.
#[must_use]
pub fn is_latest(session: &Session, number: u32) -> bool {
    let at = session.scene().at();
    revealed_at(session, number)
        .is_some_and(|revealed| revealed <= at && !due(session).iter().any(|due| due.at > revealed && due.at <= at))
}

/// The run's answer to a question; none while the run ahead is not over.
#[must_use]
pub fn answer(session: &Session, number: u32) -> Option<RunAnswer> {
    if !session.ahead().is_over() {
        return None;
    }
    let findings = session.ahead().findings();
    Some(match &session.plan().questions[number as usize].answer {
        Answer::Figure(figure) => RunAnswer::Figure(findings.value(figure)?.to_string()),
        Answer::Owner { queue, group, to } => RunAnswer::Owner(findings.owner(*queue, *group, *to)),
    })
}
