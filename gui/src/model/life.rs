//! The whole life of one message: every record that speaks of it, before and after the present moment. It is looked for
//! in the run once more, in pieces, since nobody can know beforehand which message will be asked for.

use queuescope::kernel::Time;
use queuescope::plan::{MessageId, QueueId};
use queuescope::record::Kind;
use queuescope::session::{History, Session, Told};

use super::record;

/// As many records as are listed.
const MOST: usize = 200;

/// The life of a message, as far as it has been found.
#[derive(Clone, Debug)]
pub struct Life {
    /// Whose.
    pub message: MessageId,
    /// What happened to it, in order.
    pub told: Vec<Told>,
    /// Where it lies: deliveries and commits speak of offsets.
    spots: Vec<(QueueId, u64)>,
    search: Option<History>,
    /// The run had come so far when the search began.
    until: Time,
}

impl Life {
    /// Begins to look for it.
    #[must_use]
    pub fn of(session: &Session, message: MessageId) -> Self {
        let begin = session.ahead().observer().ledger().first_tried(message).unwrap_or(Time::ZERO);
        let until = session.ahead().at();
        let search = Some(session.history(begin, until));
        Self { message, told: Vec::new(), spots: Vec::new(), search, until }
    }

    /// Whether all of it was found, as far as the run had come.
    #[must_use]
    pub const fn is_found(&self) -> bool {
        self.search.is_none()
    }

    /// Whether the run has gone on since.
    #[must_use]
    pub fn is_outdated(&self, session: &Session) -> bool {
        self.is_found() && self.until < session.ahead().at()
    }

    /// Looks on, by at most so many events.
    pub fn work(&mut self, events: u64) {
        let Some(search) = &mut self.search else { return };
        let Self { message, told, spots, .. } = self;
        let done = search.work(events, |it| {
            if told.len() < MOST && concerns(*message, spots, &it.record.kind) {
                told.push(it.clone());
            }
        });
        if done != Ok(false) {
            self.search = None;
        }
    }
}

/// Whether a record speaks of the message, or of an offset where it lies.
fn concerns(message: MessageId, spots: &mut Vec<(QueueId, u64)>, kind: &Kind) -> bool {
    if let Kind::Stored { message: stored, queue, offset, .. } = kind
        && *stored == message
    {
        spots.push((*queue, *offset));
    }
    match *kind {
        Kind::Delivered { queue, from, to, .. } => {
            spots.iter().any(|(at, offset)| *at == queue && (from..to).contains(offset))
        }
        // The commit that passes it: the offset just beyond.
        Kind::Committed { queue, offset, .. } => spots.iter().any(|(at, lies)| *at == queue && *lies + 1 == offset),
        ref kind => record::message(kind) == Some(message),
    }
}
