//! Notes and questions.

use super::super::file::{AnswerFrom, When};
use super::super::section::SectionKey;
use super::names::NodeKind;
use super::{Compiler, all};
use crate::kernel::Time;
use crate::plan::{Answer, Moment, NodeId, Note, Question};

impl Compiler<'_, '_, '_> {
    pub(super) fn notes(&mut self) -> Option<Vec<Note>> {
        let file = self.file;
        all(file.notes.list().iter().map(|note| {
            let moment = self.moment(&note.at, &note.when);
            let focus: Option<Vec<NodeId>> = all(note
                .focus
                .list()
                .iter()
                .map(|node| self.names.node_of("focus", node, NodeKind::ALL, self.reader).map(|(node, _)| node)));
            let text = note.text.value.clone()?;
            Some(Note { moment: moment?, text, focus: focus?, pause: note.pause.get()? })
        }))
    }

    pub(super) fn questions(&mut self) -> Option<Vec<Question>> {
        let file = self.file;
        all(file.questions.list().iter().map(|question| {
            let moment = self.moment(&question.at, &question.when);
            let answer = question.answer.value.as_ref().and_then(|answer| self.answer(answer));
            let (ask, because) = (question.ask.value.clone()?, question.because.value.clone().unwrap_or_default());
            Some(Question { moment: moment?, ask, answer: answer?, because })
        }))
    }

    fn moment(&mut self, at: &SectionKey<Time>, when: &SectionKey<When>) -> Option<Moment> {
        if let Some((at, place)) = at.placed() {
            self.in_time("at", *at, place, self.end, true, "the end of the run (`duration` and `settle`)");
            return Some(Moment::At(*at));
        }
        let when = when.value.as_ref()?;
        Some(Moment::When { kind: when.kind.get()?.0, nth: when.nth.get()?.0, after: when.after.get()? })
    }

    fn answer(&mut self, answer: &AnswerFrom) -> Option<Answer> {
        let keys = answer.figure_keys();
        let Some((owner, _)) = answer.owner.placed() else {
            return self.figure(&keys).map(Answer::Figure);
        };
        for (of, key) in keys.selectors {
            if let Some(place) = key.place.filter(|_| !std::ptr::eq(key, keys.selectors[0].1)) {
                let message = format!("`{}` says nothing of an `owner`", of.key().unwrap_or_default());
                self.report(place, message, "of a metric only", Some("a queue has an owner in a `group`"));
            }
        }
        if let Some(place) = keys.from.place {
            let help = "a queue has one owner at one time: say `to`";
            self.report(place, "`from` says nothing of an `owner`", "of a metric only", Some(help));
        }
        if let Some((to, place)) = keys.to.placed() {
            self.in_time("to", *to, place, self.end, true, "the end of the run (`duration` and `settle`)");
        }
        if !answer.group.is_written() {
            let message = "`group` is missing in an `answer` with `owner`";
            self.reader.absent(answer.place, message, "expected `group` here", None);
        }
        let queue = self.names.queue_of("owner", owner, self.reader);
        let group = answer.group.value.as_ref().and_then(|group| self.names.group_of("group", group, self.reader));
        Some(Answer::Owner { queue: queue?, group: group?, to: keys.to.get().or(self.end)? })
    }
}
