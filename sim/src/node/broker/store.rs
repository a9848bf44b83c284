//! How a broker stores: one message at a time, in a waiting room with a limit; on disk before it is acknowledged, or
//! later; acknowledged once it is as safe as the settings ask for, and handed at once to parked pulls.
//!
//! It knows nothing of producers but their requests.

use std::collections::VecDeque;

use super::Broker;
use crate::kernel::Span;
use crate::node::broker::Stamp;
use crate::node::{Timer, Turn, WorkTime};
use crate::plan::{Epoch, Flush, MessageId, NodeId, Offset, QueueId, QueueSlot, Retention};
use crate::protocol::{CopySerial, JoinId, Packet, ReadLease, SendOutcome, VolatileCopy};
use crate::record::{Kind, Seq};
use crate::storage::{LogEntry, MessageRef, ReportId};

/// Requests that wait to be stored, and messages that wait for a flush.
#[derive(Clone, Debug, Default)]
pub(super) struct Storing {
    /// Requests; the first one is under way.
    requests: VecDeque<Request>,
    /// When that is.
    time: WorkTime,
    /// Written and not yet on disk, in that order; with `flush = "sync"` only.
    unflushed: VecDeque<Unflushed>,
    /// How many of them the flush under way covers; 0: none is under way.
    flushing: usize,
    /// When that is.
    flush_time: WorkTime,
    /// Whether an asynchronous flush is due.
    flush_due: bool,
    /// Counts how often it has been given up: timers from before are void.
    round: u32,
}

#[derive(Clone, Copy, Debug)]
struct Request {
    from: NodeId,
    message: MessageId,
    queue: QueueId,
    attempt: u32,
    cause: Option<Seq>,
}

#[derive(Clone, Debug)]
struct Unflushed {
    /// Where it lies: the queue's slot, and the end of the log with it.
    end: (QueueSlot, Offset),
    /// Of its copy, if it is copied.
    stamp: Option<Stamp>,
    answer: PendingAnswer,
    /// The record of its storing.
    cause: Option<Seq>,
}

/// An answer that has to wait until something is safe.
#[derive(Clone, Debug)]
pub(super) enum PendingAnswer {
    /// To a producer; the message lies at an offset of the queue in a slot.
    Send { to: NodeId, message: MessageId, attempt: u32, slot: QueueSlot, offset: Offset },
    /// To a consumer.
    Outcome { to: NodeId, lease: ReadLease, message_ref: MessageRef, report: ReportId, held: bool },
    /// To the master.
    Copy { to: NodeId, epoch: Epoch, join: JoinId, serial: CopySerial },
}

impl PendingAnswer {
    /// Where the message lies that was stored.
    pub(super) const fn stored(&self) -> Option<(QueueSlot, Offset)> {
        match self {
            Self::Send { slot, offset, .. } => Some((*slot, *offset)),
            Self::Outcome { .. } | Self::Copy { .. } => None,
        }
    }
}

impl Storing {
    pub(super) fn volatile_copies(&self, visit: impl FnMut(VolatileCopy)) {
        self.requests.iter().map(|request| VolatileCopy::Log(request.message)).for_each(visit);
    }

    pub(super) fn is_at_work(&self) -> bool {
        !self.requests.is_empty() || self.flushing > 0
    }

    pub(super) fn len(&self) -> usize {
        self.requests.len() + self.unflushed.len()
    }

    /// Whether nothing waits for a flush that is answered for.
    pub(super) fn is_flushed(&self) -> bool {
        self.unflushed.is_empty()
    }

    /// Stops storing. Returns the requests that were not served: producer, message, attempt.
    pub(super) fn give_up(&mut self) -> Vec<(NodeId, MessageId, u32)> {
        self.round += 1;
        self.flushing = 0;
        self.unflushed.clear();
        self.requests.drain(..).map(|request| (request.from, request.message, request.attempt)).collect()
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
        if self.is_full() {
            self.refuse(request, turn);
            return;
        }
        if self.settings.store_time.is_zero() && self.memory.storing.requests.is_empty() {
            self.store(request, turn);
            return;
        }
        // The one under way does not wait.
        if self.memory.storing.requests.len() > self.settings.store_limit as usize {
            turn.send(from, Packet::SendAnswer { message, attempt, outcome: SendOutcome::Full });
            return;
        }
        turn.hold(VolatileCopy::Log(message));
        self.memory.storing.requests.push_back(request);
        if self.memory.storing.requests.len() == 1 {
            self.begin_storing(turn);
        }
    }

    fn begin_storing(&mut self, turn: &mut Turn<'_>) {
        let span = self.settings.slowness.stretch(self.settings.store_time, &mut self.streams.store_time);
        self.memory.storing.time = WorkTime::lasting(turn.now, span);
        turn.wake(span, Timer::Stored(self.memory.storing.round));
    }

    /// Goes on after a pause: work under way ends later, and its timers are set anew.
    #[cold]
    pub(super) fn resume(&mut self, paused: Span, turn: &mut Turn<'_>) {
        let storing = &mut self.memory.storing;
        if let Some(request) = storing.requests.front() {
            storing.time.postpone(paused);
            turn.with_cause(request.cause, |turn| turn.wake_at(storing.time.until, Timer::Stored(storing.round)));
        }
        if storing.flushing > 0 {
            storing.flush_time.postpone(paused);
            turn.without_cause(|turn| turn.wake_at(storing.flush_time.until, Timer::Flushed(storing.round)));
        }
    }

    /// The first request is stored; the next one begins.
    pub(super) fn stored(&mut self, round: u32, turn: &mut Turn<'_>) {
        if round != self.memory.storing.round || turn.now < self.memory.storing.time.until {
            return;
        }
        let Some(request) = self.memory.storing.requests.pop_front() else { return };
        turn.release(VolatileCopy::Log(request.message));
        turn.with_cause(request.cause, |turn| self.store(request, turn));
        if let Some(next) = self.memory.storing.requests.front() {
            turn.with_cause(next.cause, |turn| self.begin_storing(turn));
        }
    }

    /// Where a message is stored.
    fn store(&mut self, request: Request, turn: &mut Turn<'_>) {
        let Some(epoch) = self.memory.master else { return };
        if self.is_full() {
            self.refuse(request, turn);
            return;
        }
        let slot = turn.plan.queues[request.queue].slot;
        let Request { from, message, attempt, queue, .. } = request;
        let entry = LogEntry { message, epoch, stored_at: turn.now };
        let offset = self.disk.queues[slot].log.append(entry);
        turn.note(Kind::Stored { message, queue, offset, epoch });
        let stamp = if self.alone { None } else { self.copy_entry(queue, offset, entry, turn) };
        let answer = PendingAnswer::Send { to: from, message, attempt, slot, offset };
        if let Retention::Age(age) = turn.plan.topics[turn.plan.queues[request.queue].topic].retention {
            self.memory.expiry[slot].set(turn.now + age, Timer::Expiry(slot), turn);
        }
        match turn.plan.sets[self.set].flush {
            Flush::Sync(time) if time.is_zero() => {
                self.disk.queues[slot].log.flush();
                self.answer_when_safe(stamp, answer, turn);
            }
            Flush::Sync(_) => self.flush_first((slot, offset + 1), stamp, answer, turn),
            Flush::Async(interval) => {
                self.answer_when_safe(stamp, answer, turn);
                self.plan_flush(interval, turn);
            }
        }
    }

    /// Here it is as safe as the flush policy asks for; slaves may have to have it, too.
    pub(super) fn answer_when_safe(&mut self, stamp: Option<Stamp>, answer: PendingAnswer, turn: &mut Turn<'_>) {
        if self.memory.master.is_some() && self.waits_for_slaves(turn) {
            self.answer_when_copied(stamp, answer, turn);
        } else {
            self.answer_now(answer, turn);
        }
    }

    /// Answers, and wakes the pulls that wait for the message.
    pub(super) fn answer_now(&mut self, answer: PendingAnswer, turn: &mut Turn<'_>) {
        match answer {
            PendingAnswer::Send { to, message, attempt, slot, .. } => {
                turn.send(to, Packet::SendAnswer { message, attempt, outcome: SendOutcome::Accepted });
                self.wake_readers(slot, turn);
            }
            PendingAnswer::Outcome { to, lease, message_ref, report, held } => {
                turn.send(to, Packet::OutcomeAnswer { lease, message_ref, report, held });
            }
            PendingAnswer::Copy { to, epoch, .. } if self.memory.storing.is_flushed() => {
                self.answer_copies(to, epoch, turn);
            }
            PendingAnswer::Copy { to, epoch, join, serial } => {
                turn.send(to, Packet::CopyAnswer { epoch, join: Some(join), serial: Some(serial) });
            }
        }
    }

    /// Whether no message can be stored: the disk is full. What the broker keeps for groups (committed offsets, retries,
    /// dead letters) is small, and goes on; so does the flushing of what is stored, which has its place.
    pub(super) const fn is_full(&self) -> bool {
        self.settings.disk_full.lasts
    }

    /// There is no room on the disk.
    #[cold]
    fn refuse(&mut self, Request { from, message, attempt, .. }: Request, turn: &mut Turn<'_>) {
        self.settings.disk_full.has_refused = true;
        turn.send(from, Packet::SendAnswer { message, attempt, outcome: SendOutcome::DiskFull });
    }

    /// The offset up to which consumers may read: up to the last flush where the policy says so, else the end of the log.
    pub(super) fn visible_end(&self, slot: QueueSlot, turn: &Turn<'_>) -> Offset {
        let log = &self.disk.queues[slot].log;
        let here = match turn.plan.sets[self.set].flush {
            Flush::Sync(_) => log.flushed(),
            Flush::Async(_) => log.end(),
        };
        if self.waits_for_slaves(turn) { here.min(self.memory.replicator.high_watermark(slot)) } else { here }
    }

    // ---- flush ---------------------------------------------------------------------------------------------------

    /// Something has to be on disk up to an end before it is answered for.
    pub(super) fn flush_first(
        &mut self,
        end: (QueueSlot, Offset),
        stamp: Option<Stamp>,
        answer: PendingAnswer,
        turn: &mut Turn<'_>,
    ) {
        self.memory.storing.unflushed.push_back(Unflushed { end, stamp, answer, cause: turn.cause });
        self.begin_flush(turn);
    }

    /// One flush at a time, over all that is stored by then.
    fn begin_flush(&mut self, turn: &mut Turn<'_>) {
        let storing = &mut self.memory.storing;
        if storing.flushing > 0 || storing.unflushed.is_empty() {
            return;
        }
        storing.flushing = storing.unflushed.len();
        if let Flush::Sync(time) = turn.plan.sets[self.set].flush {
            let span = time.draw(&mut self.streams.flush_time);
            storing.flush_time = WorkTime::lasting(turn.now, span);
            turn.wake(span, Timer::Flushed(storing.round));
        }
    }

    pub(super) fn flushed(&mut self, round: u32, turn: &mut Turn<'_>) {
        if round != self.memory.storing.round || turn.now < self.memory.storing.flush_time.until {
            return;
        }
        for _ in 0..std::mem::take(&mut self.memory.storing.flushing) {
            let Some(unflushed) = self.memory.storing.unflushed.pop_front() else { break };
            let Unflushed { end: (slot, end), stamp, answer, cause } = unflushed;
            self.disk.queues[slot].log.flush_before(end);
            turn.with_cause(cause, |turn| self.answer_when_safe(stamp, answer, turn));
        }
        self.begin_flush(turn);
    }

    /// Asynchronous flushes come at whole intervals of virtual time, while there is something to flush.
    pub(super) fn plan_flush(&mut self, interval: Span, turn: &mut Turn<'_>) {
        if !std::mem::replace(&mut self.memory.storing.flush_due, true) {
            turn.without_cause(|turn| turn.wake_at(turn.now.next_whole(interval), Timer::Flush));
        }
    }

    pub(super) fn flush_all(&mut self) {
        self.memory.storing.flush_due = false;
        for queue in &mut self.disk.queues {
            queue.log.flush();
        }
    }

    // ---- retention by age ----------------------------------------------------------------------------------------

    /// The oldest messages of a queue, by its slot, may have expired.
    #[cold]
    pub(super) fn expire(&mut self, slot: QueueSlot, turn: &mut Turn<'_>) {
        let rings = self.memory.expiry.get_mut(slot).is_some_and(|alarm| alarm.rings(turn.now));
        if !rings || self.memory.master.is_none() {
            // A slave deletes what its master deletes.
            return;
        }
        let queue = &mut self.disk.queues[slot];
        let (id, start) = (queue.id, queue.log.start());
        let Retention::Age(age) = turn.plan.topics[turn.plan.queues[id].topic].retention else {
            return;
        };
        let mut first = start;
        while queue.log.get(first).is_some_and(|entry| entry.stored_at + age <= turn.now) {
            first += 1;
        }
        if first > start {
            queue.note_deletion(first, turn);
            queue.log.delete_before(first);
            turn.without_cause(|turn| turn.note(Kind::Deleted { queue: id, offset: first }));
            self.replicate_deletion(id, first, turn);
        }
        self.set_expiry(slot, turn);
    }

    /// Wakes when the oldest message of a queue, by its slot, expires.
    pub(super) fn set_expiry(&mut self, slot: QueueSlot, turn: &mut Turn<'_>) {
        let queue = &self.disk.queues[slot];
        let retention = turn.plan.topics[turn.plan.queues[queue.id].topic].retention;
        if let (Retention::Age(age), Some(entry)) = (retention, queue.log.get(queue.log.start())) {
            // While the broker was down it may have passed.
            let at = (entry.stored_at + age).max(turn.now);
            self.memory.expiry[slot].set(at, Timer::Expiry(slot), turn);
        }
    }
}
