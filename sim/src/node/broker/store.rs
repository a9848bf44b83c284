//! How a broker stores: one message at a time, in a waiting room with a limit; on disk before it is acknowledged, or
//! later; acknowledged once it is as safe as the settings ask for, and handed at once to those who wait for it.
//!
//! It knows producers only as those who ask.

use super::log::Entry;
use super::{Broker, Waiting, earlier};
use crate::kernel::{Span, Time};
use crate::node::service::stretched;
use crate::node::{Timer, Turn};
use crate::plan::{Flush, MessageId, NodeId, QueueId, Retention};
use crate::protocol::{Packet, SendOutcome};
use crate::record::{Kind, Seq};

/// What is being stored.
#[derive(Clone, Debug, Default)]
pub(super) struct Storing {
    /// Requests; the first one is under way.
    requests: Waiting<Request>,
    /// Stored and not yet on disk, in the order of storing; with `flush = "sync"` only.
    unflushed: Waiting<Unflushed>,
    /// How many of them the flush under way covers; 0: none is under way.
    flushing: usize,
    /// Whether an asynchronous flush is due.
    flush_due: bool,
}

#[derive(Clone, Copy, Debug)]
struct Request {
    from: NodeId,
    message: MessageId,
    queue: QueueId,
    attempt: u32,
    cause: Option<Seq>,
}

#[derive(Clone, Copy, Debug)]
struct Unflushed {
    request: Request,
    offset: u64,
    /// The record of its storing.
    cause: Option<Seq>,
}

impl Storing {
    pub(super) fn requests(&self) -> impl Iterator<Item = (QueueId, MessageId)> + '_ {
        self.requests.iter().map(|request| (request.queue, request.message))
    }

    pub(super) fn len(&self) -> usize {
        self.requests.len() + self.unflushed.len()
    }
}

impl Broker {
    /// Takes a message in, if there is room.
    pub(super) fn take_in(
        &mut self,
        from: NodeId,
        message: MessageId,
        queue: QueueId,
        attempt: u32,
        turn: &mut Turn<'_>,
    ) {
        let request = Request { from, message, queue, attempt, cause: turn.cause };
        if self.settings.store_time.is_zero() && self.memory.storing.requests.is_empty() {
            self.store(request, turn);
            return;
        }
        // The one under way does not wait.
        if self.memory.storing.requests.len() > self.settings.store_limit as usize {
            turn.send(from, Packet::SendAnswer { message, attempt, outcome: SendOutcome::Full });
            return;
        }
        self.memory.storing.requests.push_back(request);
        if self.memory.storing.requests.len() == 1 {
            self.begin_storing(turn);
        }
    }

    fn begin_storing(&mut self, turn: &mut Turn<'_>) {
        let time = stretched(self.settings.store_time, self.settings.factor, &mut self.dice.store_time);
        turn.wake(time, Timer::Stored);
    }

    /// The first request is stored; the next one begins.
    pub(super) fn stored(&mut self, turn: &mut Turn<'_>) {
        let Some(request) = self.memory.storing.requests.pop_front() else { return };
        turn.because(request.cause, |turn| self.store(request, turn));
        if let Some(next) = self.memory.storing.requests.front() {
            turn.because(next.cause, |turn| self.begin_storing(turn));
        }
    }

    /// Where a message is stored.
    fn store(&mut self, request: Request, turn: &mut Turn<'_>) {
        let Some(epoch) = self.memory.master else { return };
        let slot = turn.plan.queues[request.queue.index()].slot as usize;
        let queue = &mut self.disk.queues[slot];
        let offset = queue.log.append(Entry { message: request.message, epoch, stored_at: turn.now });
        turn.note(Kind::Stored { message: request.message, queue: request.queue, offset, epoch });
        if let Retention::Age(age) = turn.plan.topics[turn.plan.queues[request.queue.index()].topic.index()].retention {
            self.memory.expiry.set(turn.now + age, Timer::Expiry, turn);
        }
        match turn.plan.sets[self.set.index()].flush {
            Flush::Sync(time) if time.is_zero() => {
                self.disk.queues[slot].log.flush();
                self.release(request, slot, turn);
            }
            Flush::Sync(_) => {
                self.memory.storing.unflushed.push_back(Unflushed { request, offset, cause: turn.cause });
                self.begin_flush(turn);
            }
            Flush::Async(interval) => {
                self.release(request, slot, turn);
                self.plan_flush(interval, turn);
            }
        }
    }

    /// Acknowledges a message that is as safe as the settings ask for, and wakes those who wait for it.
    fn release(&mut self, request: Request, slot: usize, turn: &mut Turn<'_>) {
        let Request { from, message, attempt, .. } = request;
        turn.send(from, Packet::SendAnswer { message, attempt, outcome: SendOutcome::Accepted });
        self.wake_readers(slot, turn);
    }

    /// The end of what consumers may read: what is on disk where the policy says so, else all.
    pub(super) fn visible_end(&self, slot: usize, turn: &Turn<'_>) -> u64 {
        let log = &self.disk.queues[slot].log;
        match turn.plan.sets[self.set.index()].flush {
            Flush::Sync(_) => log.flushed(),
            Flush::Async(_) => log.end(),
        }
    }

    // ---- flush ---------------------------------------------------------------------------------------------------

    /// One flush at a time, over all that is stored by then.
    fn begin_flush(&mut self, turn: &mut Turn<'_>) {
        let storing = &mut self.memory.storing;
        if storing.flushing > 0 || storing.unflushed.is_empty() {
            return;
        }
        storing.flushing = storing.unflushed.len();
        if let Flush::Sync(time) = turn.plan.sets[self.set.index()].flush {
            turn.wake(time.draw(&mut self.dice.flush_time), Timer::Flushed);
        }
    }

    pub(super) fn flushed(&mut self, turn: &mut Turn<'_>) {
        for _ in 0..std::mem::take(&mut self.memory.storing.flushing) {
            let Some(Unflushed { request, offset, cause }) = self.memory.storing.unflushed.pop_front() else { break };
            let slot = turn.plan.queues[request.queue.index()].slot as usize;
            self.disk.queues[slot].log.flush_before(offset + 1);
            turn.because(cause, |turn| self.release(request, slot, turn));
        }
        self.begin_flush(turn);
    }

    /// Asynchronous flushes come at whole intervals of virtual time, while there is something to flush.
    fn plan_flush(&mut self, interval: Span, turn: &mut Turn<'_>) {
        if !std::mem::replace(&mut self.memory.storing.flush_due, true) {
            let next = Time((turn.now.0 / interval.0 + 1) * interval.0);
            turn.unprompted(|turn| turn.wake_at(next, Timer::Flush));
        }
    }

    pub(super) fn flush_all(&mut self) {
        self.memory.storing.flush_due = false;
        for queue in &mut self.disk.queues {
            queue.log.flush();
        }
    }

    // ---- retention by age ----------------------------------------------------------------------------------------

    #[cold]
    pub(super) fn expire(&mut self, turn: &mut Turn<'_>) {
        for queue in &mut self.disk.queues {
            let Retention::Age(age) = turn.plan.topics[turn.plan.queues[queue.id.index()].topic.index()].retention
            else {
                continue;
            };
            let mut first = queue.log.start();
            while queue.log.get(first).is_some_and(|entry| entry.stored_at + age <= turn.now) {
                first += 1;
            }
            if first > queue.log.start() {
                queue.tell_of_deletion(first, turn);
                queue.log.delete_before(first);
                let queue = queue.id;
                turn.unprompted(|turn| turn.note(Kind::Deleted { queue, offset: first }));
            }
        }
        self.set_expiry(turn);
    }

    /// Wakes when the oldest message expires.
    pub(super) fn set_expiry(&mut self, turn: &mut Turn<'_>) {
        let mut next = None;
        for queue in &self.disk.queues {
            let retention = turn.plan.topics[turn.plan.queues[queue.id.index()].topic.index()].retention;
            if let (Retention::Age(age), Some(entry)) = (retention, queue.log.get(queue.log.start())) {
                next = earlier(next, Some(entry.stored_at + age));
            }
        }
        if let Some(next) = next {
            // While the broker was down it may have passed.
            self.memory.expiry.set(next.max(turn.now), Timer::Expiry, turn);
        }
    }
}
