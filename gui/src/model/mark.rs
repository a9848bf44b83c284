//! The marks of the timeline: how each is drawn, and its words.

use queuescope::kernel::Time;
use queuescope::plan::{GroupId, NodeId, Plan};
use queuescope::record::Kind;
use queuescope::session::{MarkKind, Session};
use queuescope::words::record::sentence;
use queuescope::words::{Language, fill};

use crate::text::Word;

/// How a mark is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tone {
    /// A fault or a loss.
    Alarm,
    /// A new master.
    Crown,
    /// Anything else that happened.
    Plain,
    /// A note or a question.
    Annotation,
}

/// The tone of a mark.
#[must_use]
pub const fn tone(kind: MarkKind) -> Tone {
    match kind {
        MarkKind::Fault(_)
        | MarkKind::Lost(_)
        | MarkKind::DeadLettered(_)
        | MarkKind::Refused(_)
        | MarkKind::DeclaredDead(_) => Tone::Alarm,
        MarkKind::Elected(..) => Tone::Crown,
        MarkKind::Note(_) | MarkKind::Question(_) => Tone::Annotation,
        _ => Tone::Plain,
    }
}

/// The expectations that are broken, once the run ahead is over: when each was measured, and its number.
#[must_use]
pub fn broken(session: &Session) -> Vec<(Time, usize)> {
    if !session.ahead().is_over() {
        return Vec::new();
    }
    let (findings, end) = (session.ahead().findings(), session.ahead().at());
    let all = session.plan().expectations.iter().enumerate();
    let broken = all.filter(|(_, expectation)| !findings.verdict(expectation).passed);
    broken.map(|(number, expectation)| (expectation.figure.to.unwrap_or(end).min(end), number)).collect()
}

/// The words of a mark.
#[must_use]
pub fn words(plan: &Plan, kind: MarkKind, language: Language) -> String {
    let node = |word: Word, node: NodeId| fill(word.text(language), &[plan.name(node)]);
    let group = |word: Word, group: GroupId| fill(word.text(language), &[&plan.groups[group].name]);
    match kind {
        MarkKind::Fault(it) => node(Word::MarkFault, it),
        MarkKind::FaultOver(it) => node(Word::MarkRelief, it),
        MarkKind::Changed(it) => node(Word::MarkChanged, it),
        MarkKind::Joined(it) => sentence(plan, it, &Kind::Joined, language),
        MarkKind::Left(it) => sentence(plan, it, &Kind::Left, language),
        MarkKind::DeclaredDead(it) => node(Word::MarkDead, it),
        MarkKind::Elected(_, it) => node(Word::MarkElected, it),
        MarkKind::Truncated(it) => node(Word::MarkTruncated, it),
        MarkKind::Refused(it) => node(Word::MarkRefused, it),
        MarkKind::Rebalanced(it) => group(Word::MarkRebalanced, it),
        MarkKind::Lost(it) => group(Word::MarkLost, it),
        MarkKind::DeadLettered(it) => group(Word::MarkDeadLetters, it),
        MarkKind::Note(number) => fill(Word::MarkNote.text(language), &[&(number + 1).to_string()]),
        MarkKind::Question(number) => fill(Word::MarkQuestion.text(language), &[&(number + 1).to_string()]),
    }
}
