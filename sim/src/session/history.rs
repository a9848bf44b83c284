//! The records of a span of a run once more, from a snapshot before it. The session stays where it is.

use super::scene::{EventRecord, RecordFollower, Scene};
use crate::kernel::Time;
use crate::limit::LimitPassed;
use crate::observe::Observer;
use crate::world::Halt;

/// A span of a run whose records are replayed, in pieces.
#[derive(Clone, Debug)]
pub struct History {
    scene: Scene,
    from: Time,
    until: Time,
}

/// Hands on each record from a time on.
struct RecordsFrom<F> {
    from: Time,
    each: F,
}

impl<F: FnMut(&EventRecord)> RecordFollower for RecordsFrom<F> {
    fn after_record(&mut self, record: &EventRecord, _: &Observer) {
        if record.record.at >= self.from {
            (self.each)(record);
        }
    }
}

impl History {
    pub(super) const fn new(scene: Scene, from: Time, until: Time) -> Self {
        Self { scene, from, until }
    }

    /// Goes on by at most so many events, and hands over each record of the span. True when the span is over.
    ///
    /// # Errors
    /// A limit that is passed.
    pub fn work(&mut self, events: u64, each: impl FnMut(&EventRecord)) -> Result<bool, LimitPassed> {
        let halt = self.scene.advance(self.until, events, &mut RecordsFrom { from: self.from, each })?;
        Ok(halt != Halt::Spent)
    }

    /// The time up to which it has gone.
    #[must_use]
    pub const fn at(&self) -> Time {
        self.scene.at()
    }
}
