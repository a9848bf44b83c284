//! A scene: everything that there is at one moment of a run. The world, the observer of its records, and the last records
//! before the moment.
//!
//! A scene is plain data: a clone of it is a snapshot. It knows nothing of who looks at it.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::kernel::Time;
use crate::limit::LimitPassed;
use crate::observe::{Findings, Observer, Series};
use crate::plan::Plan;
use crate::record::{Record, Sink};
use crate::world::{Halt, World};

/// The most recent records that are kept: as many as a picture and a list of them need.
const MAX_RECENT: usize = 512;

/// Everything that there is at one moment of a run.
#[derive(Clone, Debug)]
pub struct Scene {
    world: World,
    observer: Observer,
    /// The last records, oldest first.
    recent: VecDeque<EventRecord>,
    /// The time of the clock: that of the last event, or a later one at which nothing has happened yet.
    at: Time,
}

/// A record, and the number of the event that it belongs to.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct EventRecord {
    /// The record, with its time and its own number.
    pub record: Record,
    /// The number of the event, from 1. What is found out at the end of the run counts as one more.
    pub event: u64,
}

/// The sink of one event: the observer gets each record first, so that the follower may ask it.
struct EventSink<'a, F> {
    event: u64,
    observer: &'a mut Observer,
    recent: &'a mut VecDeque<EventRecord>,
    follower: &'a mut F,
}

/// Follows the records of a run one by one, and may ask the observer about all records so far.
pub(super) trait RecordFollower {
    /// A record at this time comes next; the observer has not got it yet.
    fn before_record(&mut self, _: Time, _: &Observer) {}

    /// Takes a record that the observer has got already.
    fn after_record(&mut self, record: &EventRecord, observer: &Observer);
}

impl RecordFollower for () {
    fn after_record(&mut self, _: &EventRecord, _: &Observer) {}
}

impl RecordFollower for Series {
    fn before_record(&mut self, at: Time, observer: &Observer) {
        self.before_record(at, observer);
    }

    fn after_record(&mut self, record: &EventRecord, observer: &Observer) {
        self.after_record(&record.record, observer);
    }
}

/// Both follow.
impl<A: RecordFollower, B: RecordFollower> RecordFollower for (&mut A, &mut B) {
    fn before_record(&mut self, at: Time, observer: &Observer) {
        self.0.before_record(at, observer);
        self.1.before_record(at, observer);
    }

    fn after_record(&mut self, record: &EventRecord, observer: &Observer) {
        self.0.after_record(record, observer);
        self.1.after_record(record, observer);
    }
}

impl<F: RecordFollower> Sink for EventSink<'_, F> {
    fn record(&mut self, record: &Record) {
        self.follower.before_record(record.at, self.observer);
        self.observer.record(record);
        if self.recent.len() == MAX_RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(EventRecord { record: record.clone(), event: self.event });
        if let Some(record) = self.recent.back() {
            self.follower.after_record(record, self.observer);
        }
    }
}

impl Scene {
    /// The scene before the first event.
    #[must_use]
    pub fn new(plan: &Arc<Plan>, seed: u64, max_events: u64) -> Self {
        let mut world = World::new(Arc::clone(plan), seed);
        world.limit_events(max_events);
        Self { world, observer: Observer::new(Arc::clone(plan)), recent: VecDeque::new(), at: Time::ZERO }
    }

    /// The world: its nodes, what is on its way, what is to come.
    #[must_use]
    pub const fn world(&self) -> &World {
        &self.world
    }

    /// The observer of all records so far: ledger, lag, counts.
    #[must_use]
    pub const fn observer(&self) -> &Observer {
        &self.observer
    }

    /// The last records, oldest first: those of the last event, unless they are too many, and of many events before it.
    pub fn recent(&self) -> impl DoubleEndedIterator<Item = &EventRecord> {
        self.recent.iter()
    }

    /// The virtual time of this moment.
    #[must_use]
    pub const fn at(&self) -> Time {
        self.at
    }

    /// How many events have happened.
    #[must_use]
    pub const fn events(&self) -> u64 {
        self.world.events()
    }

    /// Whether the run is over.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.world.is_over()
    }

    /// The findings of the run, as if it ended at this moment.
    #[must_use]
    pub fn findings(&self) -> Findings {
        self.observer.clone().close(self.at)
    }

    /// The number of the last event before the present moment that left a record; 0: there is none.
    pub(super) fn event_before(&self) -> u64 {
        let (events, at) = (self.events(), self.at);
        // Where the clock is beyond the last event, that one comes first.
        let is_before =
            |record: &&EventRecord| record.event < events || (record.event == events && record.record.at < at);
        match self.recent().rev().find(is_before) {
            Some(record) => record.event,
            // All records that are kept are of this event: from the event before it, an earlier one can be found.
            None if self.recent.len() == MAX_RECENT => events - 1,
            None => 0,
        }
    }

    /// Runs on up to a time, but by at most so many events; the follower gets each record.
    pub(super) fn advance<F: RecordFollower>(
        &mut self,
        until: Time,
        events: u64,
        follower: &mut F,
    ) -> Result<Halt, LimitPassed> {
        let Self { world, observer, recent, at } = self;
        let mut left = events;
        // One event at a time, so that each record is kept with the number of its event.
        let halt = loop {
            if left == 0 {
                break Ok(Halt::Spent);
            }
            let event = world.events() + 1;
            match world.run_until(until, 1, &mut EventSink { event, observer, recent, follower }) {
                Ok(Halt::Spent) => left -= 1,
                halt => break halt,
            }
        };
        *at = if halt == Ok(Halt::Reached) { until } else { world.now() };
        halt
    }

    /// Runs on to the next event that leaves a record, but by at most so many events.
    pub(super) fn advance_to_record(&mut self, events: u64) -> Result<Halt, LimitPassed> {
        let last = |scene: &Self| scene.recent.back().map(|record| record.record.seq);
        let before = last(self);
        for _ in 0..events {
            if self.advance(Time::NEVER, 1, &mut ())? == Halt::Over {
                return Ok(Halt::Over);
            }
            if last(self) != before {
                return Ok(Halt::Reached);
            }
        }
        Ok(Halt::Spent)
    }
}
