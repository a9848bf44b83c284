//! A place in the log of a queue. It knows nothing of what lies there.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

use serde::Serialize;

/// A place in the log of a queue, counted from 0. Where one stands for an end, it is the first place behind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Offset(pub u64);

impl Offset {
    /// The first place of a log.
    pub const ZERO: Self = Self(0);
    /// Behind every log.
    pub const MAX: Self = Self(u64::MAX);

    /// The place behind this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// How many places there are from an earlier one to this one; 0 where the other is not earlier.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// How many places there are from an earlier one to this one; none where the other is behind it.
    #[must_use]
    pub const fn checked_sub(self, earlier: Self) -> Option<u64> {
        self.0.checked_sub(earlier.0)
    }

    /// Every place from this one on, up to an end and without it.
    pub fn up_to(self, end: Self) -> impl DoubleEndedIterator<Item = Self> + Clone {
        (self.0..end.0).map(Self)
    }

    /// Every place from this one on.
    pub fn onward(self) -> impl Iterator<Item = Self> {
        (self.0..).map(Self)
    }
}

impl Add<u64> for Offset {
    type Output = Self;

    fn add(self, places: u64) -> Self {
        Self(self.0 + places)
    }
}

impl AddAssign<u64> for Offset {
    fn add_assign(&mut self, places: u64) {
        self.0 += places;
    }
}

/// How many places lie between two; the second is not behind the first.
impl Sub for Offset {
    type Output = u64;

    fn sub(self, earlier: Self) -> u64 {
        self.0 - earlier.0
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
