//! The whole life of one message: every record that is about it, before and after the present moment. The run is searched
//! once more for it, in slices, since nobody knows beforehand which message somebody will ask for.

use queuescope::kernel::Time;
use queuescope::plan::{GroupId, MessageId, Offset, QueueId};
use queuescope::record::Kind;
use queuescope::session::{EventRecord, History, Session};

use super::record;

/// As many records are listed at most.
const MOST: usize = 200;

/// The life of a message or of a call, as far as it has been found.
#[derive(Clone, Debug)]
pub struct MessageLife {
    /// The message, or the call.
    pub message: MessageId,
    /// The records about it, in their order.
    pub told: Vec<EventRecord>,
    /// Where it is stored.
    stored: Vec<StoredAt>,
    search: Option<History>,
    /// How far the run had come when the search began.
    until: Time,
}

/// An offset at which the message is stored: records of deliveries, commits and truncations speak of offsets only.
#[derive(Clone, Debug)]
struct StoredAt {
    queue: QueueId,
    offset: Offset,
    /// The groups that have committed it.
    committed_by: Vec<GroupId>,
}

impl MessageLife {
    /// Begins to search for the life of a message.
    #[must_use]
    pub fn of(session: &Session, message: MessageId) -> Self {
        let begin = session.ahead().observer().ledger().first_tried(message).unwrap_or(Time::ZERO);
        let until = session.ahead().at();
        let search = Some(session.history(begin, until));
        Self { message, told: Vec::new(), stored: Vec::new(), search, until }
    }

    /// Whether all of it was found, as far as the run had come when the search began.
    #[must_use]
    pub const fn is_found(&self) -> bool {
        self.search.is_none()
    }

    /// Whether the run has gone on since the search began.
    #[must_use]
    pub fn is_outdated(&self, session: &Session) -> bool {
        self.is_found() && self.until < session.ahead().at()
    }

    /// Searches at most so many further events.
    pub fn work(&mut self, events: u64) {
        let Some(search) = &mut self.search else { return };
        let Self { message, told, stored, .. } = self;
        let done = search.work(events, |it| {
            if told.len() < MOST && concerns(*message, stored, &it.record.kind) {
                told.push(it.clone());
            }
        });
        if done != Ok(false) {
            self.search = None;
        }
    }
}

/// Whether a record is about the message, or about an offset at which it is stored.
fn concerns(message: MessageId, stored: &mut Vec<StoredAt>, kind: &Kind) -> bool {
    let count = stored.len();
    match *kind {
        Kind::Stored { message: other, queue, offset, .. } if other == message => {
            stored.push(StoredAt { queue, offset, committed_by: Vec::new() });
            true
        }
        Kind::Delivered { queue, from, to, .. } => stored.iter().any(|spot| spot.is_within(queue, from, to)),
        // Another message will be stored at these offsets.
        Kind::Truncated { queue, from, to } => {
            stored.retain(|spot| !spot.is_within(queue, from, to));
            stored.len() < count
        }
        // Of each group the first commit beyond it: later ones say nothing new of it.
        Kind::Committed { group, queue, offset } => {
            let mut first = false;
            for spot in stored
                .iter_mut()
                .filter(|spot| spot.is_within(queue, Offset::ZERO, offset) && !spot.committed_by.contains(&group))
            {
                spot.committed_by.push(group);
                first = true;
            }
            first
        }
        ref kind => record::message(kind) == Some(message),
    }
}

impl StoredAt {
    fn is_within(&self, queue: QueueId, from: Offset, to: Offset) -> bool {
        self.queue == queue && (from..to).contains(&self.offset)
    }
}
