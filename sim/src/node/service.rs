//! A service: the database behind it all. A limited number of workers, a limited waiting room, and refusals beyond.
//!
//! It knows callers only by the calls they make. Simplification: a call has no content, and an answer that nobody waits
//! for any longer costs the worker all the same, as in life.

use std::collections::VecDeque;

use super::pool::Pool;
use super::slowness::Slowness;
use super::{Input, Timer, Turn, WorkTime};
use crate::kernel::{Span, Stream};
use crate::plan::{MessageId, NodeId, Plan, ServicePlan, Setting};
use crate::protocol::Packet;
use crate::record::{Kind, Seq};

/// A service.
#[derive(Clone, Debug)]
pub struct Service {
    settings: ServicePlan,
    slowness: Slowness,
    times: Stream,
    memory: ServiceMemory,
}

#[derive(Clone, Debug, Default)]
struct ServiceMemory {
    workers: Pool<ServedCall>,
    waiting: VecDeque<WaitingCall>,
}

/// A call that a worker is at.
#[derive(Clone, Copy, Debug)]
struct ServedCall {
    request: WaitingCall,
    time: WorkTime,
}

#[derive(Clone, Copy, Debug)]
struct WaitingCall {
    call: MessageId,
    from: NodeId,
    cause: Option<Seq>,
}

impl Service {
    /// A service before its first life.
    #[must_use]
    pub(crate) fn new(plan: &Plan, seed: u64, me: NodeId, settings: &ServicePlan) -> Self {
        let times = Stream::new(seed, plan.name(me), "service_time");
        Self { settings: settings.clone(), slowness: Slowness::default(), times, memory: ServiceMemory::default() }
    }

    /// Calls that a worker is at.
    #[must_use]
    pub fn busy(&self) -> u32 {
        self.memory.workers.busy()
    }

    /// The workers that are at a call: which, at what call, and when.
    pub fn at_work(&self) -> impl Iterator<Item = (u32, MessageId, WorkTime)> + '_ {
        self.memory.workers.iter().map(|(worker, ServedCall { request, time })| (worker, request.call, *time))
    }

    /// How many workers it has now.
    #[must_use]
    pub fn workers(&self) -> u32 {
        self.settings.workers
    }

    /// How many calls may wait, now.
    #[must_use]
    pub fn limit(&self) -> u32 {
        self.settings.queue_limit
    }

    /// Calls that wait for a worker.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.memory.waiting.len()
    }

    pub(super) const fn has_felt_slowness(&self) -> bool {
        self.slowness.is_felt()
    }

    /// A crash: what it knew is gone.
    pub(super) fn forget(&mut self) {
        self.memory = ServiceMemory::default();
    }

    /// Takes its turn.
    pub(crate) fn handle(&mut self, input: Input, turn: &mut Turn<'_>) {
        match input {
            Input::Start => self.forget(),
            Input::Packet { from, packet: Packet::Call { call } } => {
                self.accept(WaitingCall { call, from, cause: turn.cause }, turn);
            }
            Input::Timer(Timer::Worked(worker)) => self.answer(worker, turn),
            Input::Set(setting) => self.set(setting, turn),
            Input::Slow(factor) => self.slowness = Slowness::by(factor),
            Input::Resume(paused) => self.resume(paused, turn),
            Input::Packet { .. } | Input::Timer(_) | Input::DiskFull(_) => {}
        }
    }

    fn set(&mut self, setting: Setting, turn: &mut Turn<'_>) {
        match setting {
            Setting::ServiceTime(time) => self.settings.service_time = time,
            Setting::Workers(workers) => {
                self.settings.workers = workers;
                self.work(turn);
            }
            Setting::QueueLimit(limit) => self.settings.queue_limit = limit,
            // Of other kinds of nodes.
            Setting::Interval(_)
            | Setting::Threads(_)
            | Setting::FailureRate(_)
            | Setting::StoreTime(_)
            | Setting::StoreLimit(_) => {}
        }
    }

    fn accept(&mut self, request: WaitingCall, turn: &mut Turn<'_>) {
        if self.busy() < self.settings.workers || self.memory.waiting.len() < self.settings.queue_limit as usize {
            self.memory.waiting.push_back(request);
            self.work(turn);
        } else {
            turn.note(Kind::Refused { call: request.call, service: turn.me });
            turn.send(request.from, Packet::CallAnswer { call: request.call, served: false });
        }
    }

    /// Gives waiting calls to free workers.
    fn work(&mut self, turn: &mut Turn<'_>) {
        while self.busy() < self.settings.workers {
            let Some(request) = self.memory.waiting.pop_front() else { break };
            let span = self.slowness.stretch(self.settings.service_time, &mut self.times);
            let worker = self.memory.workers.begin(ServedCall { request, time: WorkTime::lasting(turn.now, span) });
            turn.with_cause(request.cause, |turn| {
                turn.note(Kind::Serving { call: request.call });
                turn.wake(span, Timer::Worked(worker));
            });
        }
    }

    /// All that it was at ends later; the timers that were set for it are void.
    #[cold]
    fn resume(&mut self, paused: Span, turn: &mut Turn<'_>) {
        for (worker, ServedCall { request, time }) in self.memory.workers.iter_mut() {
            time.postpone(paused);
            turn.with_cause(request.cause, |turn| turn.wake_at(time.until, Timer::Worked(worker)));
        }
    }

    fn answer(&mut self, worker: u32, turn: &mut Turn<'_>) {
        // One that was postponed has another timer.
        let workers = &mut self.memory.workers;
        let ended = workers.get(worker).is_some_and(|job| job.time.until <= turn.now);
        let Some(ServedCall { request, .. }) = ended.then(|| workers.end(worker)).flatten() else { return };
        turn.note(Kind::Served { call: request.call });
        turn.send(request.from, Packet::CallAnswer { call: request.call, served: true });
        self.work(turn);
    }
}

#[cfg(test)]
mod tests;
