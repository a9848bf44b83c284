//! Random clusters and loads, and what breaks in them, as scenario files; small, and shrinking towards one broker, one
//! producer, one group of one consumer and defaults everywhere.
//!
//! It knows the scenario file and nothing of what a run of it should come to.

pub mod chaos;
mod cluster;
mod nodes;
pub mod smaller;
mod trouble;

use std::fmt;

use proptest::prelude::*;

pub use self::cluster::clusters;
pub use self::trouble::Trouble;

/// What a random cluster may be like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClusterKind {
    /// Whether the network has random latency.
    pub jitter: bool,
    /// Whether the network loses messages.
    pub loss: bool,
    /// What breaks.
    pub trouble: Trouble,
    /// Whether brokers take time to store and flush.
    pub slow_disks: bool,
    /// Whether every period and patience is so long that nobody is thought dead who is not.
    pub patient: bool,
}

impl ClusterKind {
    /// Everything works, the network too.
    pub const QUIET: Self =
        Self { jitter: true, loss: false, trouble: Trouble::None, slow_disks: true, patient: false };
    /// The network loses messages.
    pub const LOSSY: Self = Self { loss: true, ..Self::QUIET };
    /// Nodes are slow, do nothing, are cut off or refuse to store, for a time.
    pub const LATE: Self = Self { trouble: Trouble::Late, ..Self::QUIET };
    /// Nodes crash, some for good.
    pub const CRASHING: Self = Self { trouble: Trouble::Crashes, ..Self::QUIET };
    /// Nodes crash and come back.
    pub const HEALING: Self = Self { trouble: Trouble::Heals, ..Self::QUIET };
    /// Anything at once.
    pub const WILD: Self = Self { loss: true, ..Self::CRASHING };
}

/// A scenario, as a file; what a failed property shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Scenario(pub String);

impl Scenario {
    /// The same scenario with more at its end.
    #[must_use]
    pub fn with(&self, more: &str) -> Self {
        Self(format!("{}{more}", self.0))
    }
}

impl fmt::Debug for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{}", self.0)
    }
}

/// A span of up to so many milliseconds, as the file writes it; shrinks to zero.
fn upto(ms: u64) -> impl Strategy<Value = String> + Clone {
    (0..=ms * 10).prop_map(|tenths| format!("\"{}us\"", tenths * 100))
}

/// A distribution with a mean of up to so many milliseconds; shrinks to a constant zero.
fn distribution(ms: u64) -> BoxedStrategy<String> {
    let us = ms * 1_000;
    prop_oneof![
        4 => upto(ms),
        2 => (1..=us).prop_map(|mean| format!("{{ exp = \"{mean}us\" }}")),
        1 => (0..=us, 0..=us).prop_map(|(from, more)| format!("{{ uniform = [\"{from}us\", \"{}us\"] }}", from + more)),
        1 => (0..=us, 0..=us / 2).prop_map(|(mean, deviation)| format!("{{ normal = [\"{mean}us\", \"{deviation}us\"] }}")),
        1 => (1..=us, 0..=us).prop_map(|(half, more)| format!("{{ lognormal = [\"{half}us\", \"{}us\"] }}", half + more + 1)),
    ]
    .boxed()
}

/// A distribution that is not always zero.
fn gap(from_ms: u64, to_ms: u64) -> BoxedStrategy<String> {
    prop_oneof![
        3 => (from_ms..=to_ms).prop_map(|ms| format!("\"{ms}ms\"")),
        2 => (from_ms..=to_ms).prop_map(|ms| format!("{{ exp = \"{ms}ms\" }}")),
        1 => (from_ms..=to_ms).prop_map(move |ms| format!("{{ uniform = [\"{ms}ms\", \"{}ms\"] }}", ms + to_ms)),
        1 => (from_ms..=to_ms).prop_map(|ms| format!("{{ normal = [\"{ms}ms\", \"{}ms\"] }}", ms / 3)),
        1 => (from_ms..=to_ms).prop_map(|ms| format!("{{ lognormal = [\"{ms}ms\", \"{}ms\"] }}", ms * 4)),
    ]
    .boxed()
}

/// One of some words, as it stands in the file; shrinks to the first.
fn word(words: &'static [&'static str]) -> impl Strategy<Value = &'static str> + Clone {
    prop::sample::select(words)
}

/// A line `key = value`, or nothing: the default.
fn line(
    key: &'static str,
    value: impl Strategy<Value = impl fmt::Display + fmt::Debug> + 'static,
) -> BoxedStrategy<String> {
    prop_oneof![Just(String::new()), value.prop_map(move |value| format!("{key} = {value}\n")),].boxed()
}

/// A line `key = value`.
fn always(
    key: &'static str,
    value: impl Strategy<Value = impl fmt::Display + fmt::Debug> + 'static,
) -> BoxedStrategy<String> {
    value.prop_map(move |value| format!("{key} = {value}\n")).boxed()
}

/// Lines, one after the other.
fn lines(of: Vec<BoxedStrategy<String>>) -> impl Strategy<Value = String> {
    of.prop_map(|lines| lines.concat())
}
