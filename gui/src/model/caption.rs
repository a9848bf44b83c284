//! What a scenario says at a moment: the note that holds, the question that is open.

use queuescope::kernel::Time;
use queuescope::plan::{Answer, NodeId};
use queuescope::session::{MarkKind, Session};

/// A note or question, with when it is due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Due {
    /// When.
    pub at: Time,
    /// Which.
    pub what: NoteOrQuestion,
}

/// What is said.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum NoteOrQuestion {
    /// A note, by its number.
    Note(u32),
    /// A question, by its number.
    Question(u32),
}

impl NoteOrQuestion {
    /// After everything else that is due at a time.
    pub const LAST: Self = Self::Question(u32::MAX);
}

/// Every note and question whose time is known, in the order of time; at one time notes come first, in the order of the
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

/// The notes in the order in which they are due; those whose time is not known yet at the end.
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

/// The note that holds at the present moment: the last one that is due.
#[must_use]
pub fn note(session: &Session) -> Option<u32> {
    let at = session.scene().at();
    due(session).iter().rev().find_map(|due| match due.what {
        NoteOrQuestion::Note(number) if due.at <= at => Some(number),
        _ => None,
    })
}

/// Where the clock stops next, up to a time and that time included: at a note that asks for it, and at every question.
/// `after` is how far it has come: the time, and what of all that is due at that time has been heard.
#[must_use]
pub fn stop(session: &Session, after: (Time, Option<NoteOrQuestion>), until: Time) -> Option<Due> {
    let stops = |due: &&Due| match due.what {
        NoteOrQuestion::Note(number) => session.plan().notes[number as usize].pause,
        NoteOrQuestion::Question(_) => true,
    };
    due(session).iter().find(|due| (due.at, Some(due.what)) > after && due.at <= until && stops(due)).copied()
}

/// What the run answers to a question, once it has gone far enough.
#[derive(Clone, PartialEq, Debug)]
pub enum RunAnswer {
    /// A figure, as the report writes it.
    Figure(String),
    /// A consumer, or nobody.
    Owner(Option<NodeId>),
}

/// When the run tells the answer to a question; none: at its end.
#[must_use]
pub fn known_at(session: &Session, number: u32) -> Option<Time> {
    match &session.plan().questions[number as usize].answer {
        Answer::Figure(figure) => figure.to,
        Answer::Owner { to, .. } => Some(*to),
    }
}

/// When it has been told; none while the run ahead has not come to its end, which may be then.
fn told_at(session: &Session, number: u32) -> Option<Time> {
    let end = session.ahead().is_over().then(|| session.ahead().at())?;
    Some(known_at(session, number).unwrap_or(end).min(end))
}

/// Whether the clock has come to where the run has told the answer to a question: before that nobody is told.
#[must_use]
pub fn is_known(session: &Session, number: u32) -> bool {
    told_at(session, number).is_some_and(|told| told <= session.scene().at())
}

/// Whether that is the last thing that the run has said.
#[must_use]
pub fn is_news(session: &Session, number: u32) -> bool {
    let at = session.scene().at();
    told_at(session, number)
        .is_some_and(|told| told <= at && !due(session).iter().any(|due| due.at > told && due.at <= at))
}

/// The run's answer to a question; none until the run ahead knows it.
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
