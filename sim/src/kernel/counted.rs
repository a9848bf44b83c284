//! Numbers that are counted from 1, each of its own type.

/// Declares types of numbers that are counted from 1; an `Option` of one takes no more room, and its `None` stands for what
/// others write as 0.
macro_rules! counted {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
        pub struct $name(std::num::NonZeroU32);

        impl $name {
            /// Number 1.
            pub const FIRST: Self = Self(std::num::NonZeroU32::MIN);

            /// The one of this number; none for 0.
            #[must_use]
            pub const fn new(number: u32) -> Option<Self> {
                match std::num::NonZeroU32::new(number) {
                    Some(number) => Some(Self(number)),
                    None => None,
                }
            }

            /// The one of a number that is not 0.
            #[cfg(test)]
            #[allow(dead_code, reason = "not every type has tests that count")]
            pub(crate) const fn nth(number: u32) -> Self {
                Self(std::num::NonZeroU32::new(number).expect("counted from 1"))
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

            /// The one before this; none before the first.
            #[must_use]
            pub const fn before(self) -> Option<Self> {
                Self::new(self.number() - 1)
            }

            /// The one after the last, if there was one; else the first.
            #[must_use]
            pub fn after(last: Option<Self>) -> Self {
                last.map_or(Self::FIRST, Self::next)
            }

            /// As a plain number, or 0 for none, where a text or a format wants one.
            #[must_use]
            pub fn number_or_zero(this: Option<Self>) -> u32 {
                this.map_or(0, Self::number)
            }

            /// Advances a counter, and returns the new number.
            #[allow(dead_code, reason = "not every type is counted here")]
            pub(crate) fn advance(last: &mut Option<Self>) -> Self {
                *last.insert(Self::after(*last))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

pub(crate) use counted;
