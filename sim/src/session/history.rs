//! A second look at a stretch of a run: its records once more, from a snapshot before it. The session stays where it is.

use super::scene::{Follow, Scene, Told};
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

struct Each<F>(Time, F);

impl<F: FnMut(&Told)> Follow for Each<F> {
    fn follow(&mut self, told: &Told, _: &Observer) {
        if told.record.at >= self.0 {
            (self.1)(told);
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
    pub fn work(&mut self, events: u64, each: impl FnMut(&Told)) -> Result<bool, LimitPassed> {
        let halt = self.scene.advance(self.until, events, &mut Each(self.from, each))?;
        Ok(halt != Halt::Spent)
    }

    /// As far as it has gone.
    #[must_use]
    pub const fn at(&self) -> Time {
        self.scene.at()
    }
}
