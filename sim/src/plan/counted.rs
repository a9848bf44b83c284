//! Numbers that are counted from 1, each of its own type.

use std::fmt;
use std::num::NonZeroU32;

use serde::Serialize;

macro_rules! counted {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
        pub struct $name(NonZeroU32);

        impl $name {
            /// Number 1.
            pub const FIRST: Self = Self(NonZeroU32::MIN);

            /// The one of this number; none for 0.
            #[must_use]
            pub const fn new(number: u32) -> Option<Self> {
                match NonZeroU32::new(number) {
                    Some(number) => Some(Self(number)),
                    None => None,
                }
            }

            /// The one of a number that is not 0.
            #[cfg(test)]
            pub(crate) const fn nth(number: u32) -> Self {
                Self(NonZeroU32::new(number).expect("counted from 1"))
            }

            /// As a plain number, from 1.
            #[must_use]
            pub const fn number(self) -> u32 {
                self.0.get()
            }

            /// The one after this; a run has fewer than there are numbers.
            #[must_use]
            pub const fn next(self) -> Self {
                Self(self.0.saturating_add(1))
            }

            /// The one after the last, if there was one; else the first.
            #[must_use]
            pub fn after(last: Option<Self>) -> Self {
                last.map_or(Self::FIRST, Self::next)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

counted! {
    /// The number of an election of a broker set: who is elected is its master until a later epoch begins. Each is given
    /// once. (Apache RocketMQ's `masterEpoch`, Kafka's leader epoch.)
    Epoch;
}
