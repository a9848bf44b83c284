//! One queue in a consumer's hands: from asking for it, over pulling from it, to letting go.
//!
//! ```text
//! Asking ──granted──▶ Open ──not mine any more──▶ Leaving ──nothing in hand──▶ Unlocking ──▶ gone
//!    ▲ │denied: again at the next rebalance │ long unconfirmed ▲
//!    └─┴─────────────── Stale ◀────────────┘  (takes its lock anew, once nothing is in hand)
//! ```
//!
//! It knows the broker only by its answers.

use std::collections::{BTreeMap, VecDeque};

use super::progress::CommitProgress;
use crate::kernel::Time;
use crate::node::{HeldMessage, HoldState, Turn};
use crate::plan::{Ack, Epoch, GroupId, NodeId, Offset, QueueId};
use crate::protocol::{Delivery, Outcome, Packet, Pull, ReadLease, Term, VolatileCopy};
use crate::record::Seq;
use crate::storage::{MessageRef, PullId, ReportId};

/// One queue in a consumer's hands.
#[derive(Clone, Debug)]
pub(super) struct ProcessQueue {
    pub(super) lease: ReadLease,
    /// The master, as the consumer believed when it asked.
    pub(super) broker: NodeId,
    pub(super) state: QueueState,
    /// When the consumer sees to the request of the present state again: asking, unlocking.
    pub(super) deadline: Time,
    /// When the lock that it has was asked for.
    pub(super) locked: Time,
    /// Fetched and not begun.
    pub(super) buffer: VecDeque<Fetched>,
    /// Where the next pull begins.
    next: Offset,
    pull: Option<Pending>,
    /// The latest pull.
    last_pull: Option<PullId>,
    /// The latest pull that was answered.
    received: Option<PullId>,
    pub(super) progress: CommitProgress,
    /// Begun and not ended.
    pub(super) hands: u32,
    /// An ordered group's failed message, which waits in place.
    pub(super) retry: Option<Fetched>,
    commit: Commit,
    /// Reports without an answer.
    unheard: BTreeMap<ReportId, UnheardOutcome>,
    /// When they are sent again, in that order; some are answered by now.
    repeats: VecDeque<(Time, ReportId)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum QueueState {
    /// The broker has been asked for the queue.
    Asking,
    /// It was denied: another one reads; asked again at the next rebalance.
    Denied,
    /// The queue is ours.
    Open,
    /// Ours, but unconfirmed for too long: nothing begins until the lock is taken anew.
    Stale,
    /// No longer assigned to this consumer: messages in hand are finished first.
    Leaving,
    /// The broker has been told that we let go.
    Unlocking,
}

/// A message that was fetched.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fetched {
    pub(super) delivery: Delivery,
    /// The record of its delivery.
    pub(super) cause: Option<Seq>,
}

impl Fetched {
    pub(super) fn held(&self, group: GroupId, queue: QueueId, hold: HoldState) -> HeldMessage {
        let Delivery { message, offset, retry, .. } = self.delivery;
        HeldMessage { group, message, queue, offset, retry: retry.is_some(), hold }
    }
}

#[derive(Clone, Copy, Debug)]
struct Pending {
    id: PullId,
    deadline: Time,
}

/// Commits under way.
#[derive(Clone, Copy, Debug)]
struct Commit {
    sent: Offset,
    confirmed: Offset,
    deadline: Time,
}

/// A report about one message, not answered yet.
#[derive(Clone, Copy, Debug)]
struct UnheardOutcome {
    message_ref: MessageRef,
    /// Whether the message came from the retry queue.
    retry: bool,
    outcome: Outcome,
    cause: Option<Seq>,
}

impl ProcessQueue {
    /// Asks the broker for a queue.
    pub(super) fn ask(
        group: GroupId,
        queue: QueueId,
        (broker, epoch): (NodeId, Epoch),
        term: Term,
        turn: &mut Turn<'_>,
    ) -> Self {
        let lease = ReadLease { group, queue, epoch, life: turn.life, term };
        let mut process_queue = Self {
            lease,
            broker,
            state: QueueState::Asking,
            deadline: Time::NEVER,
            locked: turn.now,
            buffer: VecDeque::new(),
            next: Offset::ZERO,
            pull: None,
            last_pull: None,
            received: None,
            progress: CommitProgress::default(),
            hands: 0,
            retry: None,
            commit: Commit { sent: Offset::ZERO, confirmed: Offset::ZERO, deadline: Time::NEVER },
            unheard: BTreeMap::new(),
            repeats: VecDeque::new(),
        };
        process_queue.ask_again((broker, epoch), term, turn);
        process_queue
    }

    /// Asks anew. Nothing that was fetched or is in hand counts any more, unless it was committed on receipt.
    pub(super) fn ask_again(&mut self, (broker, epoch): (NodeId, Epoch), term: Term, turn: &mut Turn<'_>) {
        self.lease = ReadLease { epoch, life: turn.life, term, ..self.lease };
        self.broker = broker;
        self.state = QueueState::Asking;
        self.deadline = turn.expect_about(self.lease.queue, turn.plan.timers.call);
        self.locked = turn.now;
        self.drop_fetched(turn);
        if !self.is_only_one(turn) {
            self.hands = 0;
        }
        turn.send(broker, Packet::Lock { lease: self.lease, sent_at: turn.now });
    }

    /// Another broker leads: outcomes of messages that were committed on receipt are reported to it.
    pub(super) fn turn_to(&mut self, broker: NodeId, turn: &Turn<'_>) {
        if self.is_only_one(turn) {
            self.broker = broker;
        }
    }

    /// The lease does not hold: it is asked for again at the next rebalance.
    pub(super) fn deny(&mut self, turn: &mut Turn<'_>) {
        self.state = QueueState::Denied;
        self.deadline = Time::NEVER;
        self.drop_fetched(turn);
    }

    /// Drops messages that have not begun: the next reader gets them. Messages committed on receipt stay, since no other
    /// consumer will get them.
    fn drop_fetched(&mut self, turn: &mut Turn<'_>) {
        self.pull = None;
        self.commit.confirmed = self.commit.sent;
        self.commit.deadline = Time::NEVER;
        if !self.is_only_one(turn) {
            self.release_all(turn);
        }
    }

    /// It is gone, with all that it has.
    pub(super) fn release_all(&mut self, turn: &mut Turn<'_>) {
        self.release_fetched(turn);
        self.release_unheard(turn);
    }

    fn release_fetched(&mut self, turn: &mut Turn<'_>) {
        for fetched in self.buffer.drain(..).chain(self.retry.take()) {
            turn.release(VolatileCopy::Group(self.lease.group, fetched.delivery.message));
        }
    }

    /// Drops the outcomes that were not reported yet.
    fn release_unheard(&mut self, turn: &mut Turn<'_>) {
        self.repeats.clear();
        for unheard in std::mem::take(&mut self.unheard).into_values().filter(|it| it.outcome.is_failure()) {
            turn.release(VolatileCopy::Group(self.lease.group, unheard.message_ref.message));
        }
    }

    /// Whether fetched messages were committed on receipt, so that no other consumer will ever get them.
    pub(super) fn is_only_one(&self, turn: &Turn<'_>) -> bool {
        turn.plan.groups[self.lease.group].ack == Ack::Before
    }

    /// Too long unconfirmed: nothing begins until the lock is taken anew.
    pub(super) fn go_stale(&mut self, turn: &mut Turn<'_>) {
        self.state = QueueState::Stale;
        self.pull = None;
        self.release_fetched(turn);
    }

    /// Whether anything of it is still to be ended before it can be let go.
    pub(super) fn is_working(&self, turn: &Turn<'_>) -> bool {
        let kept = self.is_only_one(turn) && !self.unheard.is_empty();
        self.hands > 0 || !self.buffer.is_empty() || self.retry.is_some() || kept
    }

    /// The queue is ours, from the committed offset on.
    pub(super) fn open(&mut self, committed: Offset, turn: &mut Turn<'_>) {
        self.state = QueueState::Open;
        self.deadline = Time::NEVER;
        self.next = committed;
        self.progress.reset(committed);
        self.commit = Commit { sent: committed, confirmed: committed, deadline: Time::NEVER };
        self.pull_more(turn);
    }

    /// Asks for more, unless a pull is under way or there is enough.
    pub(super) fn pull_more(&mut self, turn: &mut Turn<'_>) {
        let batch = turn.plan.groups[self.lease.group].batch;
        if self.state != QueueState::Open || self.pull.is_some() || self.buffer.len() >= batch as usize {
            return;
        }
        let id = PullId::advance(&mut self.last_pull);
        let deadline = turn.expect_about(self.lease.queue, turn.plan.timers.long_poll + turn.plan.timers.call);
        self.pull = Some(Pending { id, deadline });
        let pull = Pull { offset: self.next, batch, id, received: self.received };
        turn.without_cause(|turn| turn.send(self.broker, Packet::Pull { lease: self.lease, pull }));
    }

    /// Buffers the messages of an answer; false if it does not answer the present pull.
    pub(super) fn receive(
        &mut self,
        (pull, next): (PullId, Offset),
        batch: &[Delivery],
        reports: &mut Option<ReportId>,
        turn: &mut Turn<'_>,
    ) -> bool {
        if self.state != QueueState::Open || self.pull.is_none_or(|pending| pending.id != pull) {
            return false;
        }
        self.pull = None;
        self.received = Some(pull);
        let cause = turn.cause;
        let first = batch.iter().find(|delivery| delivery.retry.is_none()).map_or(next, |delivery| delivery.offset);
        if first > self.next && self.progress.skip(self.next, first) {
            self.send_commit(turn);
        }
        self.next = next;
        for delivery in batch {
            turn.hold(VolatileCopy::Group(self.lease.group, delivery.message));
            self.buffer.push_back(Fetched { delivery: *delivery, cause });
        }
        if self.is_only_one(turn) {
            for delivery in batch {
                if let Some(retry) = delivery.retry {
                    self.report_outcome(delivery, Outcome::Done(retry), reports, turn);
                }
            }
            self.send_commit(turn);
        }
        true
    }

    // ---- commits and outcomes ------------------------------------------------------------------------------------

    /// Commits all that is done, where that is news.
    pub(super) fn send_commit(&mut self, turn: &mut Turn<'_>) {
        let offset = self.committable(turn);
        if offset > self.commit.sent && matches!(self.state, QueueState::Open | QueueState::Leaving | QueueState::Stale)
        {
            self.commit.sent = offset;
            self.commit.deadline = turn.expect_about(self.lease.queue, turn.plan.timers.call);
            turn.send(self.broker, Packet::Commit { lease: self.lease, offset });
        }
    }

    /// At most once: a batch is committed when it is received. Else: when it is done.
    fn committable(&self, turn: &Turn<'_>) -> Offset {
        match turn.plan.groups[self.lease.group].ack {
            Ack::After => self.progress.base(),
            Ack::Before => self.next,
        }
    }

    /// The broker has heard of a commit.
    pub(super) fn committed(&mut self, offset: Offset) {
        self.commit.confirmed = self.commit.confirmed.max(offset);
        if self.commit.confirmed >= self.commit.sent {
            self.commit.deadline = Time::NEVER;
        }
    }

    /// Reports the outcome of one message to the broker.
    pub(super) fn report_outcome(
        &mut self,
        delivery: &Delivery,
        outcome: Outcome,
        reports: &mut Option<ReportId>,
        turn: &mut Turn<'_>,
    ) {
        let (message_ref, retry, report) =
            (delivery.message_ref(), delivery.retry.is_some(), ReportId::advance(reports));
        if outcome.is_failure() {
            turn.hold(VolatileCopy::Group(self.lease.group, message_ref.message));
        }
        turn.keep(3);
        self.unheard.insert(report, UnheardOutcome { message_ref, retry, outcome, cause: turn.cause });
        self.repeats.push_back((turn.expect_about(self.lease.queue, turn.plan.timers.call), report));
        turn.send(self.broker, Packet::Outcome { lease: self.lease, message_ref, outcome, report });
    }

    /// The broker has heard of it; whether that moves what is done. (Where a retry lay, another message may lie by now: that
    /// log was cut.)
    pub(super) fn on_outcome_answer(&mut self, report: ReportId, turn: &mut Turn<'_>) -> bool {
        let Some(UnheardOutcome { message_ref, retry, outcome, .. }) = self.unheard.remove(&report) else {
            return false;
        };
        if outcome.is_failure() {
            turn.release(VolatileCopy::Group(self.lease.group, message_ref.message));
        }
        !retry && self.progress.finish(message_ref.offset)
    }

    /// Whether everything that it has told the broker has been heard, and nothing is left to tell.
    pub(super) fn is_level(&self, turn: &Turn<'_>) -> bool {
        self.commit.confirmed >= self.committable(turn) && self.unheard.is_empty()
    }

    /// Whether it has anything to begin, or to tell the broker.
    pub(super) fn is_busy(&self) -> bool {
        let telling = self.commit.confirmed < self.commit.sent || !self.unheard.is_empty();
        telling || !self.buffer.is_empty() || self.retry.is_some()
    }

    /// Every message that it answers for, except those that threads process.
    pub(super) fn held(&self) -> impl Iterator<Item = HeldMessage> + '_ {
        // (Where a group commits after processing, a failed message still lies on the log.)
        let ReadLease { group, queue, .. } = self.lease;
        let waiting = self.buffer.iter().chain(&self.retry).map(move |it| it.held(group, queue, HoldState::Fetched));
        let failed = self.unheard.values().filter(|unheard| unheard.outcome.is_failure()).map(move |unheard| {
            let MessageRef { offset, message } = unheard.message_ref;
            HeldMessage { group, message, queue, offset, retry: unheard.retry, hold: HoldState::Failed(self.broker) }
        });
        waiting.chain(failed)
    }

    // ---- letting go ----------------------------------------------------------------------------------------------

    /// Stops reading: messages that have not begun are left to the next owner, unless they were committed on receipt.
    #[cold]
    pub(super) fn leave(&mut self, turn: &mut Turn<'_>) {
        match self.state {
            QueueState::Open | QueueState::Stale => {
                self.state = QueueState::Leaving;
                self.pull = None;
                if !self.is_only_one(turn) {
                    self.release_fetched(turn);
                }
            }
            // The request may have been granted by now.
            QueueState::Asking if !self.is_working(turn) => self.unlock(turn),
            QueueState::Asking => {
                self.state = QueueState::Leaving;
                self.deadline = Time::NEVER;
            }
            QueueState::Denied | QueueState::Leaving | QueueState::Unlocking => {}
        }
    }

    #[cold]
    pub(super) fn unlock(&mut self, turn: &mut Turn<'_>) {
        self.state = QueueState::Unlocking;
        self.deadline = turn.expect_about(self.lease.queue, turn.plan.timers.call);
        turn.send(self.broker, Packet::Unlock(self.lease));
    }

    // ---- patience ------------------------------------------------------------------------------------------------

    /// Whether patience for any request ends at a time, and for none before. Reports that were answered are passed over.
    pub(super) fn expects_at(&mut self, deadline: Time) -> bool {
        while self.repeats.front().is_some_and(|(_, report)| !self.unheard.contains_key(report)) {
            self.repeats.pop_front();
        }
        let unheard = self.repeats.front().map(|(deadline, _)| *deadline);
        let pull = self.pull.map(|pull| pull.deadline);
        [Some(self.deadline), Some(self.commit.deadline), unheard, pull].contains(&Some(deadline))
    }

    /// Repeats requests without an answer. (The lock is not asked for again here: the master may be another one by now.)
    #[cold]
    pub(super) fn repeat(&mut self, turn: &mut Turn<'_>) {
        let call = turn.plan.timers.call;
        if self.state == QueueState::Unlocking && self.deadline <= turn.now {
            self.unlock(turn);
        }
        if self.commit.deadline <= turn.now {
            self.commit.deadline = turn.expect_about(self.lease.queue, call);
            turn.send(self.broker, Packet::Commit { lease: self.lease, offset: self.commit.sent });
        }
        let due = self.repeats.iter().take_while(|(deadline, _)| *deadline <= turn.now).count();
        for (_, report) in self.repeats.drain(..due).collect::<Vec<_>>() {
            if let Some(UnheardOutcome { message_ref, outcome, cause, .. }) = self.unheard.get(&report).copied() {
                self.repeats.push_back((turn.expect_about(self.lease.queue, call), report));
                let (broker, lease) = (self.broker, self.lease);
                turn.with_cause(cause, |turn| {
                    turn.send(broker, Packet::Outcome { lease, message_ref, outcome, report });
                });
            }
        }
        if self.pull.is_some_and(|pull| pull.deadline <= turn.now) {
            self.pull = None;
            self.pull_more(turn);
        }
    }

    /// The broker's process has ended: requests under way will get no answer.
    pub(super) fn hang_up(&mut self, turn: &mut Turn<'_>) {
        if let Some(pull) = &mut self.pull {
            pull.deadline = turn.expect_about(self.lease.queue, turn.plan.timers.call);
        }
    }
}
