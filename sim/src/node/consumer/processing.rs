//! Threads at work: a message is begun, worked on, perhaps a service is called and a message published, and then it is
//! done, or has failed.
//!
//! A failed message goes back to its broker, to come again later; in an ordered group it waits in place and holds up its
//! queue. A thread finishes what it has begun, whatever becomes of the lease meanwhile: that is where duplicates come from.

use super::process_queue::{Fetched, ProcessQueue, QueueState};
use super::{Consumer, ConsumerMemory};
use crate::kernel::{Span, hash, unit};
use crate::node::{HeldMessage, HoldState, Timer, Turn, WorkTime};
use crate::plan::{Ack, GroupId, MessageId, QueueId};
use crate::protocol::{Outcome, Packet, ReadLease, VolatileCopy};
use crate::record::Kind;
use crate::storage::ReportId;

/// The work of one thread.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job {
    lease: ReadLease,
    fetched: Fetched,
    phase: Phase,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    Working(WorkTime),
    Awaiting(Awaited),
}

/// An answer that a thread waits for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Awaited {
    /// A service's answer to this call.
    Call(u32),
    /// Acceptance of this message, which it publishes.
    Message(u32),
}

/// What a thread does with its message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Doing {
    /// Its own work, for so long.
    Working(WorkTime),
    /// It waits for a service's answer to a call.
    Calling,
    /// It waits until the message that it publishes is accepted.
    Publishing,
}

impl Job {
    pub(super) const fn doing(&self) -> Doing {
        match self.phase {
            Phase::Working(time) => Doing::Working(time),
            Phase::Awaiting(Awaited::Call(_)) => Doing::Calling,
            Phase::Awaiting(Awaited::Message(_)) => Doing::Publishing,
        }
    }

    pub(super) fn held(&self, group: GroupId) -> HeldMessage {
        self.fetched.held(group, self.lease.queue, HoldState::Begun)
    }
}

impl Consumer {
    /// Gives messages to idle threads, one queue after the other.
    pub(super) fn work(&mut self, turn: &mut Turn<'_>) {
        while self.memory.threads.busy() < self.settings.threads {
            let Some(index) = self.pick(turn) else { break };
            let process_queue = &mut self.memory.process_queues[index];
            let Some(fetched) = process_queue.buffer.pop_front() else { break };
            let lease = process_queue.lease;
            self.memory.cursor = QueueId(lease.queue.0 + 1);
            self.memory.touched.insert(lease.queue.0);
            let group = &turn.plan.groups[lease.group];
            turn.with_cause(fetched.cause, |turn| {
                if group.deduplicate && turn.is_done(lease.group, fetched.delivery.message) {
                    let Fetched { delivery, .. } = fetched;
                    let (group, queue) = (lease.group, lease.queue);
                    turn.note(Kind::Deduplicated { group, message: delivery.message, queue, offset: delivery.offset });
                    self.done(&lease, &fetched, turn);
                    turn.release(VolatileCopy::Group(group, delivery.message));
                } else {
                    self.memory.process_queues[index].hands += 1;
                    self.begin(lease, fetched, turn);
                }
            });
        }
        self.look_after_touched(turn);
    }

    /// Asks for more where there is room again, and for the lock where it went stale.
    fn look_after_touched(&mut self, turn: &mut Turn<'_>) {
        let mut from = 0;
        while let Some(queue) = self.memory.touched.take_from(from) {
            from = queue + 1;
            let Ok(index) = self.place(QueueId(queue)) else { continue };
            match self.memory.process_queues[index].state {
                QueueState::Open => self.memory.process_queues[index].pull_more(turn),
                QueueState::Stale => self.advance(index, turn),
                _ => {}
            }
        }
    }

    /// The next process queue, in turn, with a message that may begin.
    fn pick(&mut self, turn: &mut Turn<'_>) -> Option<usize> {
        let cursor = self.memory.cursor.0;
        self.pick_from(cursor, u32::MAX, turn).or_else(|| self.pick_from(0, cursor, turn))
    }

    /// The same among the queues from one number to before another.
    fn pick_from(&mut self, mut from: u32, to: u32, turn: &mut Turn<'_>) -> Option<usize> {
        while let Some(queue) = self.memory.ready.first_from(from).filter(|queue| *queue < to) {
            let index = self.place(QueueId(queue)).ok();
            if let Some(index) = index.filter(|index| self.may_begin(*index, turn)) {
                return Some(index);
            }
            // It is inserted again when a message may begin.
            self.memory.ready.remove(queue);
            from = queue + 1;
        }
        None
    }

    /// Whether a message of a process queue may begin.
    fn may_begin(&mut self, index: usize, turn: &mut Turn<'_>) -> bool {
        let ConsumerMemory { client, process_queues, in_hand, touched, .. } = &mut self.memory;
        let group = &turn.plan.groups[self.settings.group];
        let process_queue = &mut process_queues[index];
        let queue = process_queue.lease.queue.0;
        if process_queue.buffer.is_empty() || (group.ack == Ack::After && process_queue.state != QueueState::Open) {
            return false;
        }
        if group.ordered && (process_queue.retry.is_some() || in_hand.contains(queue)) {
            return false;
        }
        // After so long without an answer the nameserver may have declared this consumer dead, and given the queue away.
        let confirmed = client.confirmed().max(process_queue.locked);
        if group.queue_lock && group.ack == Ack::After && turn.now.since(confirmed) > turn.plan.timers.expire {
            process_queue.go_stale(turn);
            touched.insert(queue);
            return false;
        }
        true
    }

    fn begin(&mut self, lease: ReadLease, fetched: Fetched, turn: &mut Turn<'_>) {
        let Fetched { delivery, .. } = fetched;
        let span = self.slowness.stretch(self.settings.service_time, &mut self.streams.service_time);
        let phase = Phase::Working(WorkTime::lasting(turn.now, span));
        let thread = self.memory.threads.begin(Job { lease, fetched, phase });
        if turn.plan.groups[lease.group].ordered {
            self.memory.in_hand.insert(lease.queue.0);
        }
        turn.note(Kind::Started {
            group: lease.group,
            message: delivery.message,
            queue: lease.queue,
            offset: delivery.offset,
        });
        turn.wake(span, Timer::Worked(thread));
    }

    /// All that threads were at ends later; the timers that were set for it are void.
    #[cold]
    pub(super) fn resume(&mut self, paused: Span, turn: &mut Turn<'_>) {
        for (thread, Job { fetched, phase, .. }) in self.memory.threads.iter_mut() {
            if let Phase::Working(time) = phase {
                time.postpone(paused);
                turn.with_cause(fetched.cause, |turn| turn.wake_at(time.until, Timer::Worked(thread)));
            }
        }
    }

    /// A thread's own work on its message has ended.
    pub(super) fn worked(&mut self, thread: u32, turn: &mut Turn<'_>) {
        let Some(Job { phase: Phase::Working(time), .. }) = self.memory.threads.get(thread) else { return };
        if time.until > turn.now {
            return;
        }
        match self.settings.calls {
            Some(service) => {
                self.called += 1;
                self.awaits(thread, Awaited::Call(self.called));
                let call = MessageId { producer: turn.me, number: self.called };
                turn.note(Kind::Called { call, service });
                turn.send(service, Packet::Call { call });
                turn.wake(self.settings.call_timeout, Timer::CallTimeout(self.called));
            }
            None => self.judge(thread, turn),
        }
    }

    /// Whether the processing has failed is decided at its end.
    fn judge(&mut self, thread: u32, turn: &mut Turn<'_>) {
        let Some(job) = self.memory.threads.get(thread) else { return };
        let message = job.fetched.delivery.message;
        let failed = self.streams.failures.chance(self.settings.failure_rate);
        if failed || self.is_poison(message, turn) {
            self.fail(thread, turn);
        } else if self.memory.sender.is_some() {
            self.publish(thread, turn);
        } else {
            self.finish(thread, turn);
        }
    }

    /// Decided once for each message and group: by a digest of their names, so that every consumer decides alike.
    fn is_poison(&self, message: MessageId, turn: &Turn<'_>) -> bool {
        let rate = self.settings.poison_rate;
        rate > 0.0 && {
            let group = &turn.plan.groups[self.settings.group].name;
            let words = [&self.seed.to_string(), group, turn.plan.name(message.producer), &message.number.to_string()];
            unit(hash(&words)) < rate
        }
    }

    // ---- calls ---------------------------------------------------------------------------------------------------

    pub(super) fn call_answered(&mut self, call: MessageId, served: bool, turn: &mut Turn<'_>) {
        let Some(thread) = self.memory.awaited.remove(&Awaited::Call(call.number)) else { return };
        let Some(service) = self.settings.calls else { return };
        if served {
            turn.note(Kind::Answered { call, service });
            self.judge(thread, turn);
        } else {
            self.fail(thread, turn);
        }
    }

    #[cold]
    pub(super) fn call_timed_out(&mut self, number: u32, turn: &mut Turn<'_>) {
        let Some(thread) = self.memory.awaited.remove(&Awaited::Call(number)) else { return };
        let Some(service) = self.settings.calls else { return };
        turn.note(Kind::Unanswered { call: MessageId { producer: turn.me, number }, service });
        self.fail(thread, turn);
    }

    /// The service's process has ended: no answer will come.
    pub(super) fn calls_closed(&mut self, turn: &mut Turn<'_>) {
        let calls: Vec<u32> = (self.memory.threads.iter())
            .filter_map(|(_, job)| match job.phase {
                Phase::Awaiting(Awaited::Call(number)) => Some(number),
                _ => None,
            })
            .collect();
        for number in calls {
            turn.keeping_cause(|turn| self.call_timed_out(number, turn));
        }
    }

    fn awaits(&mut self, thread: u32, what: Awaited) {
        if let Some(job) = self.memory.threads.get_mut(thread) {
            job.phase = Phase::Awaiting(what);
            self.memory.awaited.insert(what, thread);
        }
    }

    // ---- publishing ----------------------------------------------------------------------------------------------

    /// Publishes a message for one whose processing has ended well.
    fn publish(&mut self, thread: u32, turn: &mut Turn<'_>) {
        self.published += 1;
        let number = self.published;
        self.awaits(thread, Awaited::Message(number));
        let ConsumerMemory { client, sender: Some(sender), .. } = &mut self.memory else { return };
        turn.keeping_cause(|turn| sender.begin(number, None, client, &mut self.streams.select, turn));
    }

    /// Published messages were accepted, which finishes the processing, or given up, which fails it.
    pub(super) fn published(&mut self, turn: &mut Turn<'_>) {
        let Some(sender) = &mut self.memory.sender else { return };
        for (number, accepted) in sender.ended() {
            let Some(thread) = self.memory.awaited.remove(&Awaited::Message(number)) else { continue };
            turn.keeping_cause(|turn| if accepted { self.finish(thread, turn) } else { self.fail(thread, turn) });
        }
    }

    // ---- the end of a processing ---------------------------------------------------------------------------------

    fn take(&mut self, thread: u32, turn: &mut Turn<'_>) -> Option<Job> {
        let job = self.memory.threads.end(thread)?;
        turn.release(VolatileCopy::Group(job.lease.group, job.fetched.delivery.message));
        let queue = job.lease.queue.0;
        if turn.plan.groups[job.lease.group].ordered {
            self.memory.in_hand.remove(queue);
            self.memory.ready.insert(queue);
        }
        self.memory.touched.insert(queue);
        if let Some(process_queue) = self.process_queue(&job.lease, turn) {
            process_queue.hands -= 1;
        }
        Some(job)
    }

    /// The process queue that answers for a job, if there is one still.
    fn process_queue(&mut self, lease: &ReadLease, turn: &Turn<'_>) -> Option<&mut ProcessQueue> {
        let index = self.answering(lease, turn)?;
        self.memory.process_queues.get_mut(index)
    }

    fn finish(&mut self, thread: u32, turn: &mut Turn<'_>) {
        let Some(Job { lease, fetched, .. }) = self.take(thread, turn) else { return };
        let Fetched { delivery, .. } = fetched;
        let (group, queue) = (lease.group, lease.queue);
        turn.note(Kind::Finished { group, message: delivery.message, queue, offset: delivery.offset });
        turn.out.finished.push((group, delivery.message));
        self.done(&lease, &fetched, turn);
        self.go_on(&lease, turn);
    }

    /// The group is done with a message: it counts towards the committed offset, or is settled if it was a retry.
    fn done(&mut self, lease: &ReadLease, fetched: &Fetched, turn: &mut Turn<'_>) {
        let delivery = fetched.delivery;
        let Some(index) = self.answering(lease, turn) else { return };
        if self.memory.process_queues[index].is_only_one(turn) {
            // It was told so on receipt.
            return;
        }
        turn.keeping_cause(|turn| {
            let process_queue = &mut self.memory.process_queues[index];
            if let Some(retry) = delivery.retry {
                process_queue.report_outcome(&delivery, Outcome::Done(retry), &mut self.reports, turn);
            } else if process_queue.progress.finish(delivery.offset) {
                self.commit(index, turn);
            }
        });
    }

    /// More of a queue is done: it is committed now, or with the others when it is time.
    fn commit(&mut self, index: usize, turn: &mut Turn<'_>) {
        let process_queue = &mut self.memory.process_queues[index];
        if turn.plan.timers.commit.is_zero() {
            process_queue.send_commit(turn);
        } else {
            self.memory.uncommitted.insert(process_queue.lease.queue.0);
        }
    }

    #[cold]
    fn fail(&mut self, thread: u32, turn: &mut Turn<'_>) {
        let Some(Job { lease, mut fetched, .. }) = self.take(thread, turn) else { return };
        let delivery = &mut fetched.delivery;
        let (message, offset) = (delivery.message, delivery.offset);
        turn.note(Kind::Failed { group: lease.group, message, queue: lease.queue, offset });
        let of = delivery.retry;
        delivery.failures += 1;
        let failures = delivery.failures;
        let group = &turn.plan.groups[lease.group];
        let again = failures <= group.max_retries;
        if let Some(index) = self.answering(&lease, turn) {
            let process_queue = &mut self.memory.process_queues[index];
            let stays = process_queue.state == QueueState::Open || process_queue.is_only_one(turn);
            turn.keeping_cause(|turn| match (again, group.ordered) {
                (true, true) if stays => {
                    turn.note(Kind::Retried { group: lease.group, message });
                    fetched.cause = turn.cause;
                    turn.hold(VolatileCopy::Group(lease.group, message));
                    process_queue.retry = Some(fetched);
                    let delay = group.retry_delay.of(failures).draw(&mut self.streams.failures);
                    turn.wake(delay, Timer::RetryInPlace(lease.queue));
                }
                // It was not committed: the next reader of the queue gets it.
                (true, true) => {}
                (true, false) => {
                    process_queue.report_outcome(
                        &fetched.delivery,
                        Outcome::Retry { failures, of },
                        &mut self.reports,
                        turn,
                    );
                }
                (false, _) => {
                    process_queue.report_outcome(
                        &fetched.delivery,
                        Outcome::DeadLetter { of },
                        &mut self.reports,
                        turn,
                    );
                }
            });
        }
        self.go_on(&lease, turn);
    }

    /// The broker has heard what became of one message; then the committed offset may pass it.
    #[cold]
    pub(super) fn on_outcome_answer(&mut self, lease: &ReadLease, report: ReportId, held: bool, turn: &mut Turn<'_>) {
        let Some(index) = self.answering(lease, turn) else { return };
        let process_queue = &mut self.memory.process_queues[index];
        if !held {
            // Only this consumer has the message, so it reports the outcome until a master has heard of it.
            if !process_queue.is_only_one(turn) {
                self.refused(index, turn);
            }
            return;
        }
        let moved = process_queue.on_outcome_answer(report, turn);
        if moved && !process_queue.is_only_one(turn) {
            self.commit(index, turn);
        }
        self.advance(index, turn);
    }

    /// An ordered group's failed message has waited: it is the first of its queue again.
    #[cold]
    pub(super) fn retry_in_place(&mut self, queue: QueueId, turn: &mut Turn<'_>) {
        let Ok(index) = self.place(queue) else { return };
        let process_queue = &mut self.memory.process_queues[index];
        if let Some(fetched) = process_queue.retry.take() {
            process_queue.buffer.push_front(fetched);
            self.memory.ready.insert(queue.0);
            self.work(turn);
        }
    }

    /// After a processing has ended: the thread takes the next message, and a process queue that waited for it goes on.
    fn go_on(&mut self, lease: &ReadLease, turn: &mut Turn<'_>) {
        turn.with_cause(None, |turn| self.work(turn));
        if let Some(index) = self.answering(lease, turn)
            && self.memory.process_queues[index].state != QueueState::Open
        {
            self.advance(index, turn);
        }
        self.leave_if_done(turn);
    }
}
