//! The whole life of one message: every record that speaks of it, before and after the present moment. It is looked for
//! in the run once more, in pieces, since nobody can know beforehand which message will be asked for.

use queuescope::kernel::Time;
use queuescope::plan::{GroupId, MessageId, QueueId};
use queuescope::record::Kind;
use queuescope::session::{History, Session, Told};

use super::record;

/// As many records as are listed.
const MOST: usize = 200;

/// The life of a message or of a call, as far as it has been found.
#[derive(Clone, Debug)]
pub struct MessageLife {
    /// Whose.
    pub message: MessageId,
    /// What happened to it, in order.
    pub told: Vec<Told>,
    /// Where it lies.
    spots: Vec<StoredAt>,
    search: Option<History>,
    /// The run had come so far when the search began.
    until: Time,
}

/// A place where the message lies: deliveries, commits and cuts speak of offsets.
#[derive(Clone, Debug)]
struct StoredAt {
    queue: QueueId,
    offset: u64,
    /// Groups that have committed it.
    passed: Vec<GroupId>,
}

impl MessageLife {
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
fn concerns(message: MessageId, spots: &mut Vec<StoredAt>, kind: &Kind) -> bool {
    let count = spots.len();
    match *kind {
        Kind::Stored { message: stored, queue, offset, .. } if stored == message => {
            spots.push(StoredAt { queue, offset, passed: Vec::new() });
            true
        }
        Kind::Delivered { queue, from, to, .. } => spots.iter().any(|spot| spot.lies_in(queue, from, to)),
        // What is stored there later is another message.
        Kind::Truncated { queue, from, to } => {
            spots.retain(|spot| !spot.lies_in(queue, from, to));
            spots.len() < count
        }
        // The first commit that passes it: one that is further says no more of it.
        Kind::Committed { group, queue, offset } => {
            let mut first = false;
            for spot in spots.iter_mut().filter(|spot| spot.lies_in(queue, 0, offset) && !spot.passed.contains(&group))
            {
                spot.passed.push(group);
                first = true;
            }
            first
        }
        ref kind => record::message(kind) == Some(message),
    }
}

impl StoredAt {
    fn lies_in(&self, queue: QueueId, from: u64, to: u64) -> bool {
        self.queue == queue && (from..to).contains(&self.offset)
    }
}
