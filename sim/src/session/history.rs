//! A second look at a stretch of a run: its records once more, from a snapshot before it. The session stays where it is.

use super::scene::{EventRecord, Follow, Scene};
use crate::kernel::Time;
use crate::limit::LimitPassed;
use crate::observe::Observer;
use crate::world::Halt;

/// A stretch of a run that is gone through once more, in pieces.
#[derive(Clone, Debug)]
pub struct History {
    scene: Scene,
    from: Time,
    until: Time,
}

struct EachRecord<F>(Time, F);

impl<F: FnMut(&EventRecord)> Follow for EachRecord<F> {
    fn follow(&mut self, happened: &EventRecord, _: &Observer) {
        if happened.record.at >= self.0 {
            (self.1)(happened);
        }
    }
}

impl History {
    pub(super) const fn new(scene: Scene, from: Time, until: Time) -> Self {
        Self { scene, from, until }
    }

    /// Goes on by at most so many events, and tells each record of the stretch; whether it is through.
    ///
    /// # Errors
    /// A limit that is passed.
    pub fn work(&mut self, events: u64, each: impl FnMut(&EventRecord)) -> Result<bool, LimitPassed> {
        let halt = self.scene.advance(self.until, events, &mut EachRecord(self.from, each))?;
        Ok(halt != Halt::Spent)
    }

    /// As far as it has gone.
    #[must_use]
    pub const fn at(&self) -> Time {
        self.scene.at()
    }
}
