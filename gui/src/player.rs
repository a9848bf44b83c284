//! How wall time becomes virtual time: at an even pace, so that a message can be followed with the eye and nobody waits
//! long, or at a fixed rate.
//!
//! A hop of a millisecond and a timer of seconds cannot be watched at one speed. At an even pace the rate follows from
//! what is to be seen at each moment of the run: the shortest of all messages under way takes [`FLIGHT`] on the screen, and
//! a stretch in which nothing is under way and no fault strikes at most [`QUIET`]. So the rate changes where something
//! leaves or arrives, also between two frames: at once where it falls, since what leaves would be gone otherwise, and
//! gently where it rises.
//!
//! The player knows nothing of pixels, and nothing of what time it is on the wall but what it is told.

use queuescope::kernel::{Span, Time};
use queuescope::plan::Plan;
use queuescope::session::{Aim, Scene, Session};

use crate::look_ahead::LookAhead;
use crate::model::caption::{self, Due, NoteOrQuestion};

/// At an even pace a message on its way takes at least so long on the screen, in seconds.
pub const FLIGHT: f64 = 0.4;
/// At an even pace nothing happens for at most so long on the screen, in seconds.
pub const QUIET: f64 = 1.5;
/// While messages are under way the rate rises by at most this share of itself in a second: short ones one after the other
/// do not make it leap up between them.
const RISE: f64 = 5.0;
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
    /// Nobody has asked for anything yet: it plays for whoever comes by, and stops for nothing.
    alone: bool,
    /// A place among [`RATES`]; none: even pace.
    fixed: Option<usize>,
    /// Virtual nanoseconds for each second on the wall, as it was last.
    rate: f64,
    /// What will be on its way, and the moment up to which the clock has followed it.
    scout: Option<(LookAhead, Time)>,
    /// The stretch without anything to see that the clock is in.
    quiet: Option<(Time, Time)>,
    /// What the clock has stopped for, and when that was on the wall, in seconds.
    stopped: Option<(Due, f64)>,
    /// What the clock has stopped for last, and everything before it, has been heard.
    heard: (Time, Option<NoteOrQuestion>),
    /// Parts of a nanosecond that were left over.
    rest: f64,
}

impl Default for Player {
    fn default() -> Self {
        Self {
            playing: false,
            alone: false,
            fixed: None,
            rate: 5e8,
            scout: None,
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
        Span(self.rate as u64)
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
        self.alone = false;
        self.stopped = None;
        if self.playing && session.scene().is_over() {
            session.aim(Aim::Event(0));
            self.moved();
        }
    }

    /// Time stands still.
    pub const fn pause(&mut self) {
        self.playing = false;
        self.alone = false;
    }

    /// Time goes on.
    pub const fn play(&mut self) {
        self.playing = true;
        self.alone = false;
        self.stopped = None;
    }

    /// Time goes on, without a stop for notes and questions until somebody pauses or goes somewhere else.
    pub const fn play_alone(&mut self) {
        self.play();
        self.alone = true;
    }

    /// Somebody has gone somewhere else. What is due just there they have come for; at the beginning nothing was heard.
    pub const fn moved(&mut self) {
        self.stopped = None;
        self.heard = (Time::ZERO, None);
    }

    /// The next fixed rate above or below.
    pub fn change_rate(&mut self, faster: bool) {
        let place = self.fixed.unwrap_or_else(|| {
            let above = RATES.partition_point(|rate| *rate as f64 <= self.rate);
            if faster { above.saturating_sub(1) } else { above }
        });
        let next = if faster { place + 1 } else { place.saturating_sub(1) };
        let next = next.min(RATES.len() - 1);
        self.fixed = Some(next);
        self.rate = RATES[next] as f64;
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
        let now = scene.at();
        if scene.is_over() || (session.passed().is_some() && now >= session.ahead().at()) {
            self.playing = false;
            return;
        }
        // What the clock may have to stop for is known as far as the run has gone ahead.
        let known = if session.is_known() { Time::NEVER } else { session.ahead().at() };
        let heard = if self.heard.0 == now { self.heard.1 } else { Some(NoteOrQuestion::LAST) };
        let due = caption::stop(session, (now, heard), known).filter(|_| !self.alone);
        let next = self.next(scene, seconds, due.map_or(known, |due| due.at));
        if let Some(due) = due.filter(|due| due.at == next) {
            self.playing = false;
            self.stopped = Some((due, wall));
            self.heard = (due.at, Some(due.what));
        }
        session.aim(Aim::Time(next));
    }

    /// The same for a film, but not beyond a time, and stopping for nothing.
    pub fn pass(&mut self, session: &mut Session, seconds: f64, until: Time) {
        let next = self.next(session.scene(), seconds, until);
        session.aim(Aim::Time(next));
    }

    /// Where the clock is so many seconds later, but for the limit.
    fn next(&mut self, scene: &Scene, seconds: f64, limit: Time) -> Time {
        match self.fixed {
            Some(fixed) => self.at_fixed_rate(scene.at(), RATES[fixed] as f64, seconds).min(limit),
            None => self.at_even_pace(scene, seconds, limit),
        }
    }

    fn at_fixed_rate(&mut self, now: Time, rate: f64, seconds: f64) -> Time {
        self.scout = None;
        self.quiet = None;
        self.rate = rate;
        let step = rate * seconds + self.rest;
        self.rest = step.fract();
        Time(now.0.saturating_add(step as u64))
    }

    /// Piece by piece, each at the rate of what is to be seen in it.
    fn at_even_pace(&mut self, scene: &Scene, seconds: f64, limit: Time) -> Time {
        let mut at = scene.at();
        let mut most = f64::INFINITY;
        let mut scout = match self.scout.take() {
            Some((scout, followed)) if followed == at => {
                if self.quiet.is_none() {
                    most = self.rate * (1.0 + RISE * seconds);
                }
                scout
            }
            // Somebody has gone somewhere else.
            _ => {
                self.quiet = None;
                LookAhead::at(scene)
            }
        };
        scout.forget(at);
        let mut left = seconds;
        loop {
            let (rate, until) = self.pace(scene.world().plan(), &mut scout, at, left);
            let until = until.min(limit);
            self.rate = if self.quiet.is_none() { rate.min(most) } else { rate };
            if left <= 0.0 || until <= at {
                break;
            }
            let (room, step) = (until.since(at).0 as f64, self.rate * left + self.rest);
            if step < room {
                at = Time(at.0 + step as u64);
                self.rest = step.fract();
                break;
            }
            left -= (room - self.rest) / self.rate;
            self.rest = 0.0;
            at = until;
        }
        self.scout = Some((scout, at));
        at
    }

    /// The rate for what is to be seen just after a moment, and up to when it holds.
    fn pace(&mut self, plan: &Plan, scout: &mut LookAhead, at: Time, left: f64) -> (f64, Time) {
        if let Some(shortest) = scout.shortest(at) {
            self.quiet = None;
            let rate = shortest.0 as f64 / FLIGHT;
            return (rate, scout.next(at, Time(at.0.saturating_add((rate * left) as u64))));
        }
        let until = scout.next(at, Time::NEVER);
        let from = self.quiet.filter(|(_, end)| at < *end).map_or(at, |(from, _)| from);
        self.quiet = Some((from, until));
        let usual = plan.network.latency.middle().0 as f64 / FLIGHT;
        ((until.since(from).0 as f64 / QUIET).max(usual).max(1.0), until)
    }
}
