//! The table that the benchmark prints, line by line as results come in.

use crate::measure::Spread;

/// What has been printed, as far as it matters in the end.
#[derive(Default)]
pub(crate) struct Table {
    missed: Vec<String>,
}

impl Table {
    pub(crate) fn heading(text: &str) {
        println!("\n{text}");
    }

    /// Something to know, with no target.
    pub(crate) fn fact(name: &str, value: &str) {
        println!("  {name:<52} {value}");
    }

    /// Nanoseconds of one side.
    pub(crate) fn nanos(name: &str, per: &str, nanos: Spread) {
        let Spread { median, min, max } = nanos;
        Self::fact(name, &format!("{median:8.1} ns/{per}   ({min:.1}–{max:.1})"));
    }

    /// A ratio that is only to be known.
    pub(crate) fn cost(name: &str, ratio: Spread) {
        let Spread { median, min, max } = ratio;
        Self::fact(name, &format!("{median:8.2} ×   ({min:.2}–{max:.2})"));
    }

    /// A ratio with a target.
    pub(crate) fn ratio(&mut self, name: &str, ratio: Spread, target: f64) {
        let Spread { median, min, max } = ratio;
        let value = format!("{median:8.2} ×   ({min:.2}–{max:.2})");
        self.verdict(name, &value, &format!("{target:.1} ×"), median <= target);
    }

    /// A value with a target.
    pub(crate) fn verdict(&mut self, name: &str, value: &str, target: &str, met: bool) {
        let verdict = if met { "ok" } else { "MISSED" };
        Self::fact(name, &format!("{value:<28} target {target:<8} {verdict}"));
        if !met {
            self.missed.push(name.to_owned());
        }
    }

    /// Whether every target was met; if not, says which.
    pub(crate) fn close(&self) -> bool {
        if !self.missed.is_empty() {
            println!("\nmissed: {}", self.missed.join(", "));
        }
        self.missed.is_empty()
    }
}
