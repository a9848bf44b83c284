//! How a ratio is measured: sides take turns, so that what else the machine does hits all of them alike, and each round
//! gives one ratio; the median counts, the smallest and largest show the noise. Times are the processor's for this
//! process where the system tells it, so that waiting for the processor does not count.

#[cfg(not(unix))]
use std::time::Instant;

/// Runs something; returns what it returns, and how long it took in nanoseconds.
#[cfg(unix)]
pub(crate) fn timed<R>(run: impl FnOnce() -> R) -> (R, f64) {
    use rustix::time::{ClockId, clock_gettime};
    let now = || {
        let time = clock_gettime(ClockId::ProcessCPUTime);
        time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
    };
    let start = now();
    let result = run();
    (result, now() - start)
}

/// Runs something; returns what it returns, and how long it took in nanoseconds.
#[cfg(not(unix))]
pub(crate) fn timed<R>(run: impl FnOnce() -> R) -> (R, f64) {
    let start = Instant::now();
    let result = run();
    (result, start.elapsed().as_nanos() as f64)
}

/// One run of one side.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    nanos: f64,
    pub(crate) events: u64,
    pub(crate) messages: u64,
}

/// By what a time is divided.
#[derive(Clone, Copy)]
pub(crate) enum Per {
    Event,
    Message,
}

impl Sample {
    /// Runs something; it says how many events and messages there were.
    pub(crate) fn of(run: impl FnOnce() -> (u64, u64)) -> Self {
        let ((events, messages), nanos) = timed(run);
        Self { nanos, events, messages }
    }

    /// Nanoseconds for each.
    pub(crate) fn per(&self, per: Per) -> f64 {
        let count = match per {
            Per::Event => self.events,
            Per::Message => self.messages,
        };
        self.nanos / count as f64
    }
}

/// A side of a comparison.
pub(crate) type MeasuredSide<'a> = Box<dyn FnMut() -> Sample + 'a>;

/// Every round's sample of each side, by side.
pub(crate) struct MeasuredRounds(Vec<Vec<Sample>>);

/// Runs all sides in turn, so many times, after one round that does not count.
pub(crate) fn interleave(rounds: usize, mut sides: Vec<MeasuredSide<'_>>) -> MeasuredRounds {
    let mut samples = vec![Vec::with_capacity(rounds); sides.len()];
    for round in 0..=rounds {
        for (side, samples) in sides.iter_mut().zip(&mut samples) {
            let sample = side();
            if round > 0 {
                samples.push(sample);
            }
        }
    }
    MeasuredRounds(samples)
}

impl MeasuredRounds {
    /// Any sample of a side: its counts are those of every round.
    pub(crate) fn sample(&self, side: usize) -> Sample {
        self.0[side][0]
    }

    /// Nanoseconds of a side.
    pub(crate) fn nanos(&self, side: usize, per: Per) -> Spread {
        Spread::of(self.0[side].iter().map(|sample| sample.per(per)).collect())
    }

    /// How much longer one side takes than another, round by round.
    pub(crate) fn ratio(&self, side: usize, to: usize, per: Per) -> Spread {
        let pairs = self.0[side].iter().zip(&self.0[to]);
        Spread::of(pairs.map(|(one, other)| one.per(per) / other.per(per)).collect())
    }
}

/// What the rounds came to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Spread {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        Self { median: values[values.len() / 2], min: values[0], max: values[values.len() - 1] }
    }
}
