//! The player: how wall time becomes virtual time, at an even pace or at a fixed rate.
//!
//! A hop of a millisecond and a timer of seconds cannot be watched at one speed. At an even pace the rate follows from
//! what is to be seen at each moment: the shortest of all flights takes [`FLIGHT`] on the screen, and a stretch in which
//! nothing is in flight and no fault strikes takes at most [`QUIET`]. So a message can be followed with the eye, and nobody
//! waits long. The rate changes whenever a packet leaves or arrives, also between two frames: it falls at once, or the
//! packet would be gone before it is seen, and it rises gently.
//!
//! The player knows nothing of pixels; the wall clock it is told.

use queuescope::kernel::{Span, Time};
use queuescope::plan::Plan;
use queuescope::session::{Aim, Scene, Session};

use crate::look_ahead::LookAhead;
use crate::model::caption::{self, Due, NoteOrQuestion};

/// How long a flight takes on the screen at least, at an even pace, in seconds.
pub const FLIGHT: f64 = 0.4;
/// How long a stretch without anything to see takes on the screen at most, at an even pace, in seconds.
pub const QUIET: f64 = 1.5;
/// While packets are in flight the rate rises by at most this multiple of itself in a second, so that it does not leap up
/// between short flights.
const RISE: f64 = 5.0;
/// How long a user needs to see that the clock has stopped, in seconds.
const REACTION: f64 = 0.3;
/// A flight that takes less time on the screen is not drawn as a dot, in seconds.
pub const SHORTEST_DOT: f64 = 0.15;

/// The fixed rates: virtual nanoseconds for each second on the wall.
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
    /// Whether it plays unattended, and therefore stops for nothing.
    unattended: bool,
    /// The place of the fixed rate among [`RATES`]; none: even pace.
    fixed: Option<usize>,
    /// The last rate: virtual nanoseconds for each second on the wall.
    rate: f64,
    /// What is to be seen soon, and the moment up to which the clock has used it.
    look_ahead: Option<(LookAhead, Time)>,
    /// The stretch without anything to see in which the clock is.
    quiet: Option<(Time, Time)>,
    /// The note or question at which the clock has stopped, and when that was on the wall, in seconds.
    stopped: Option<(Due, f64)>,
    /// The last note or question at which the clock has stopped: it does not stop for it, or for any before, again.
    passed: (Time, Option<NoteOrQuestion>),
    /// The part of a nanosecond that was left over.
    rest: f64,
}

impl Default for Player {
    fn default() -> Self {
        Self {
            playing: false,
            unattended: false,
            fixed: None,
            rate: 5e8,
            look_ahead: None,
            quiet: None,
            stopped: None,
            passed: (Time::ZERO, None),
            rest: 0.0,
        }
    }
}

impl Player {
    /// Whether the run is played.
    #[must_use]
    pub const fn is_playing(&self) -> bool {
        self.playing
    }

    /// The virtual time that passes in a second on the wall.
    #[must_use]
    pub const fn rate(&self) -> Span {
        Span(self.rate as u64)
    }

    /// Whether it plays at an even pace.
    #[must_use]
    pub const fn is_even(&self) -> bool {
        self.fixed.is_none()
    }

    /// The note or question at which the clock has stopped, until it goes on.
    #[must_use]
    pub fn stopped(&self) -> Option<Due> {
        self.stopped.map(|(due, _)| due)
    }

    /// Plays, or pauses; at the end of the run it starts over. Just after the clock has stopped by itself it does nothing: its
    /// user wanted to pause. `wall` is the time on the wall, in seconds.
    pub fn toggle(&mut self, session: &mut Session, wall: f64) {
        if self.stopped.is_some_and(|(_, since)| wall - since < REACTION) {
            return;
        }
        self.playing = !self.playing;
        self.unattended = false;
        self.stopped = None;
        if self.playing && session.scene().is_over() {
            session.aim(Aim::Event(0));
            self.moved();
        }
    }

    /// Pauses.
    pub const fn pause(&mut self) {
        self.playing = false;
        self.unattended = false;
    }

    /// Plays.
    pub const fn play(&mut self) {
        self.playing = true;
        self.unattended = false;
        self.stopped = None;
    }

    /// Plays without stopping for notes and questions, until somebody plays or pauses.
    pub const fn play_unattended(&mut self) {
        self.play();
        self.unattended = true;
    }

    /// Takes note that its user has gone to another moment. The clock does not stop for what is due just there, except at the
    /// beginning.
    pub const fn moved(&mut self) {
        self.stopped = None;
        self.passed = (Time::ZERO, None);
    }

    /// Takes the next fixed rate above or below.
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

    /// Returns to the even pace.
    pub const fn set_even_pace(&mut self) {
        self.fixed = None;
    }

    /// Lets so many seconds pass on the wall, and aims the session at where the clock is then. `wall` is the time on the wall.
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
        // Notes and questions are known as far as the run has gone ahead.
        let known = if session.is_known() { Time::NEVER } else { session.ahead().at() };
        let passed = if self.passed.0 == now { self.passed.1 } else { Some(NoteOrQuestion::LAST) };
        let due = caption::next_stop(session, (now, passed), known).filter(|_| !self.unattended);
        let next = self.next(scene, seconds, due.map_or(known, |due| due.at));
        if let Some(due) = due.filter(|due| due.at == next) {
            self.playing = false;
            self.stopped = Some((due, wall));
            self.passed = (due.at, Some(due.what));
        }
        session.aim(Aim::Time(next));
    }

    /// The same for a film: not beyond a time, and without stopping.
    pub fn pass(&mut self, session: &mut Session, seconds: f64, until: Time) {
        let next = self.next(session.scene(), seconds, until);
        session.aim(Aim::Time(next));
    }

    /// Where the clock is so many seconds later, at most at the limit.
    fn next(&mut self, scene: &Scene, seconds: f64, limit: Time) -> Time {
        match self.fixed {
            Some(fixed) => self.at_fixed_rate(scene.at(), RATES[fixed] as f64, seconds).min(limit),
            None => self.at_even_pace(scene, seconds, limit),
        }
    }

    fn at_fixed_rate(&mut self, now: Time, rate: f64, seconds: f64) -> Time {
        self.look_ahead = None;
        self.quiet = None;
        self.rate = rate;
        let step = rate * seconds + self.rest;
        self.rest = step.fract();
        Time(now.0.saturating_add(step as u64))
    }

    /// Goes on piece by piece, each at the rate for what is to be seen in it.
    fn at_even_pace(&mut self, scene: &Scene, seconds: f64, limit: Time) -> Time {
        let mut at = scene.at();
        let mut max_rate = f64::INFINITY;
        let mut look_ahead = match self.look_ahead.take() {
            Some((look_ahead, followed)) if followed == at => {
                if self.quiet.is_none() {
                    max_rate = self.rate * (1.0 + RISE * seconds);
                }
                look_ahead
            }
            // The user has gone to another moment.
            _ => {
                self.quiet = None;
                LookAhead::at(scene)
            }
        };
        look_ahead.forget(at);
        let mut left = seconds;
        loop {
            let (rate, until) = self.pace(scene.world().plan(), &mut look_ahead, at, left);
            let until = until.min(limit);
            self.rate = if self.quiet.is_none() { rate.min(max_rate) } else { rate };
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
        self.look_ahead = Some((look_ahead, at));
        at
    }

    /// The rate for what is to be seen just after a moment, and the time up to which it holds.
    fn pace(&mut self, plan: &Plan, look_ahead: &mut LookAhead, at: Time, left: f64) -> (f64, Time) {
        if let Some(shortest) = look_ahead.shortest(at) {
            self.quiet = None;
            let rate = shortest.0 as f64 / FLIGHT;
            return (rate, look_ahead.next_change(at, Time(at.0.saturating_add((rate * left) as u64))));
        }
        let until = look_ahead.next_change(at, Time::NEVER);
        let from = self.quiet.filter(|(_, end)| at < *end).map_or(at, |(from, _)| from);
        self.quiet = Some((from, until));
        let usual = plan.network.latency.middle().0 as f64 / FLIGHT;
        ((until.since(from).0 as f64 / QUIET).max(usual).max(1.0), until)
    }
}
