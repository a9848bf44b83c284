//! How wall time becomes virtual time: at an even pace, so that a message can be followed with the eye and nobody waits
//! long, or at a fixed rate.
//!
//! A hop of a millisecond and a timer of seconds cannot be watched at one speed. At an even pace a message that is shown
//! takes at least [`FLIGHT`] on the screen, and a stretch in which nothing is on its way at most [`QUIET`]. The player
//! knows nothing of pixels, and nothing of what time it is on the wall but what it is told.

use queuescope::kernel::{Span, Time};
use queuescope::node::Timer;
use queuescope::session::{Aim, Scene, Session};

use crate::model::caption::{self, Due, Said};
use crate::model::flight::{self, Routine};

/// A message on its way takes at least so long on the screen, in seconds.
pub const FLIGHT: f64 = 0.4;
/// Nothing happens for at most so long on the screen, in seconds.
pub const QUIET: f64 = 1.5;
/// So long it takes to see that the clock has stopped, in seconds.
const REACTION: f64 = 0.3;
/// What is on its way for less than so long on the screen is no dot, in seconds.
pub const SHORTEST_DOT: f64 = 0.15;

/// Fixed rates: virtual nanoseconds a second on the wall.
const RATES: [u64; 19] = [
    1_000,
    10_000,
    100_000,
    1_000_000,
    2_000_000,
    5_000_000,
    10_000_000,
    20_000_000,
    50_000_000,
    100_000_000,
    200_000_000,
    500_000_000,
    1_000_000_000,
    2_000_000_000,
    5_000_000_000,
    10_000_000_000,
    30_000_000_000,
    60_000_000_000,
    300_000_000_000,
];

/// How a run is played.
#[derive(Clone, Debug)]
pub struct Player {
    playing: bool,
    /// A place among [`RATES`]; none: even pace.
    fixed: Option<usize>,
    /// Virtual time for each second on the wall, as it was last.
    rate: Span,
    /// The stretch without anything to see that the clock is in.
    quiet: Option<(Time, Time)>,
    /// What the clock has stopped for, and when that was on the wall, in seconds.
    stopped: Option<(Due, f64)>,
    /// What the clock has stopped for last, and everything before it, has been heard.
    heard: (Time, Option<Said>),
    /// Parts of a nanosecond that were left over.
    rest: f64,
}

impl Default for Player {
    fn default() -> Self {
        Self {
            playing: false,
            fixed: None,
            rate: Span::from_millis(500),
            quiet: None,
            stopped: None,
            heard: (Time::ZERO, None),
            rest: 0.0,
        }
    }
}

impl Player {
    /// Whether time goes on.
    #[must_use]
    pub const fn is_playing(&self) -> bool {
        self.playing
    }

    /// Virtual time for each second on the wall.
    #[must_use]
    pub const fn rate(&self) -> Span {
        self.rate
    }

    /// Whether the rate follows what happens.
    #[must_use]
    pub const fn is_even(&self) -> bool {
        self.fixed.is_none()
    }

    /// What the clock has stopped for, until it goes on.
    #[must_use]
    pub fn stopped(&self) -> Option<Due> {
        self.stopped.map(|(due, _)| due)
    }

    /// Plays, or pauses; at the end it begins again. Who wanted to pause just when the clock stopped by itself does not
    /// want it to go on. `wall` is the time on the wall, in seconds.
    pub fn toggle(&mut self, session: &mut Session, wall: f64) {
        if self.stopped.is_some_and(|(_, since)| wall - since < REACTION) {
            return;
        }
        self.playing = !self.playing;
        self.stopped = None;
        if self.playing && session.scene().is_over() {
            session.aim(Aim::Event(0));
            self.moved();
        }
    }

    /// Time stands still.
    pub const fn pause(&mut self) {
        self.playing = false;
    }

    /// Time goes on.
    pub const fn play(&mut self) {
        self.playing = true;
        self.stopped = None;
    }

    /// Somebody has gone somewhere else. What is due just there they have come for; at the beginning nothing was heard.
    pub const fn moved(&mut self) {
        self.quiet = None;
        self.stopped = None;
        self.heard = (Time::ZERO, None);
    }

    /// The next fixed rate above or below.
    pub fn change_rate(&mut self, faster: bool) {
        let place = self.fixed.unwrap_or_else(|| {
            let above = RATES.partition_point(|rate| *rate <= self.rate.0);
            if faster { above.saturating_sub(1) } else { above }
        });
        let next = if faster { place + 1 } else { place.saturating_sub(1) };
        let next = next.min(RATES.len() - 1);
        self.fixed = Some(next);
        self.rate = Span(RATES[next]);
    }

    /// At an even pace again.
    pub const fn even(&mut self) {
        self.fixed = None;
    }

    /// So many seconds have passed on the wall, where it is now so late: aims the session where the clock is now.
    pub fn tick(&mut self, session: &mut Session, seconds: f64, wall: f64) {
        if !self.playing || !session.is_there() {
            return;
        }
        let scene = session.scene();
        if scene.is_over() {
            self.playing = false;
            return;
        }
        let now = scene.at();
        let horizon = self.pace(scene);
        let step = self.rate.0 as f64 * seconds + self.rest;
        self.rest = step.fract();
        let mut next = Time(now.0.saturating_add(step as u64));
        if let Some(horizon) = horizon {
            if horizon <= now {
                // It happens at this very moment, and has not yet.
                session.aim(Aim::Time(now));
                return;
            }
            next = next.min(horizon);
        }
        // What the clock may have to stop for is known as far as the run has gone ahead.
        if !session.is_known() {
            next = next.min(session.ahead().at());
        }
        let heard = if self.heard.0 == now { self.heard.1 } else { Some(Said::LAST) };
        if let Some(due) = caption::stop(session, (now, heard), next) {
            next = due.at;
            self.playing = false;
            self.stopped = Some((due, wall));
            self.heard = (due.at, Some(due.what));
        }
        if next > now {
            session.aim(Aim::Time(next));
        }
    }

    /// Chooses the rate for what is to be seen; up to when it holds, where that is known.
    fn pace(&mut self, scene: &Scene) -> Option<Time> {
        if let Some(fixed) = self.fixed {
            self.rate = Span(RATES[fixed]);
            return None;
        }
        let shortest = flight::flights(scene, Routine::default())
            .iter()
            .map(|flight| flight.takes)
            .filter(|it| !it.is_zero())
            .min();
        if let Some(shortest) = shortest {
            self.quiet = None;
            self.rate = Span(((shortest.0 as f64 / FLIGHT) as u64).max(1));
            return None;
        }
        let now = scene.at();
        let until = next_sight(scene);
        let (from, until) = match self.quiet {
            Some((from, end)) if now < end && end <= until => (from, end),
            _ => (now, until),
        };
        self.quiet = Some((from, until));
        let whole = until.since(from).0 as f64;
        let usual = scene.world().plan().network.latency.middle().0 as f64 / FLIGHT;
        self.rate = Span((whole / QUIET).max(usual).max(1.0) as u64);
        Some(until)
    }
}

/// When there may be something to see again: somebody sends, a piece of work ends, a fault strikes.
fn next_sight(scene: &Scene) -> Time {
    let world = scene.world();
    let tells = |timer: &Timer| {
        matches!(
            timer,
            Timer::Interval(_)
                | Timer::Burst(_)
                | Timer::Stored
                | Timer::Flushed
                | Timer::RetryDue { .. }
                | Timer::Leave
                | Timer::Worked(_)
                | Timer::CallTimeout(_)
                | Timer::RetryInPlace(_)
        )
    };
    let clocks = world.clocks().filter(|clock| tells(&clock.timer)).map(|clock| clock.due);
    clocks.chain(world.next_act()).min().unwrap_or(world.plan().end()).min(world.plan().end())
}
