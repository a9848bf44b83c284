//! Slowness: what makes the work of a node last longer for a while.

use crate::kernel::{Distribution, Span, Stream};

/// The factor by which a node is slowed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slowness {
    factor: f64,
    felt: bool,
}

impl Default for Slowness {
    fn default() -> Self {
        Self::by(1.0)
    }
}

impl Slowness {
    /// From now on by this factor; nothing has felt it yet.
    pub(super) const fn by(factor: f64) -> Self {
        Self { factor, felt: false }
    }

    /// Whether anything has lasted longer for it, or shorter.
    pub(super) const fn is_felt(&self) -> bool {
        self.felt
    }

    /// A time from a distribution, multiplied while the node is slow.
    pub(super) fn stretch(&mut self, time: Distribution, stream: &mut Stream) -> Span {
        let span = time.draw(stream);
        if self.factor == 1.0 {
            return span;
        }
        let stretched = Span::from_nanos_f64(span.0 as f64 * self.factor);
        self.felt |= stretched != span;
        stretched
    }
}
