//! Records in words, one line each, without the node at which it happened: the caller puts that before it.

use queuescope::plan::{CrashMode, GroupId, Links, MessageId, NodeId, Plan, QueueId, Rule};
use queuescope::record::{Change, Kind, Record, What, Why};

use crate::text::{Language, Word, fill};

/// Whether a record is routine, which is hidden until somebody asks for it.
#[must_use]
pub const fn is_routine(kind: &Kind) -> bool {
    matches!(kind, Kind::Held { .. } | Kind::Woken { .. } | Kind::Deleted { .. })
}

/// Whether a record says that something went wrong.
#[must_use]
pub fn is_alarming(kind: &Kind) -> bool {
    if let Kind::Changed { change } = kind {
        return change.begins_trouble();
    }
    matches!(
        kind,
        Kind::Rejected { .. }
            | Kind::Dropped { .. }
            | Kind::Failed { .. }
            | Kind::DeadLettered { .. }
            | Kind::Lost { .. }
            | Kind::Expired { .. }
            | Kind::Truncated { .. }
            | Kind::DeclaredDead { .. }
            | Kind::Crashed { .. }
            | Kind::Paused
            | Kind::Refused { .. }
            | Kind::Unanswered { .. }
    )
}

/// The message or the call that a record is about, if it is about one.
#[must_use]
pub const fn message(kind: &Kind) -> Option<MessageId> {
    match kind {
        Kind::Sent { message, .. }
        | Kind::Unrouted { message }
        | Kind::Stored { message, .. }
        | Kind::Replicated { message, .. }
        | Kind::Accepted { message }
        | Kind::Rejected { message }
        | Kind::Started { message, .. }
        | Kind::Finished { message, .. }
        | Kind::Failed { message, .. }
        | Kind::Deduplicated { message, .. }
        | Kind::Retried { message, .. }
        | Kind::DeadLettered { message, .. }
        | Kind::Lost { message, .. }
        | Kind::Expired { message, .. }
        | Kind::Skipped { message, .. } => Some(*message),
        Kind::Called { call, .. }
        | Kind::Answered { call, .. }
        | Kind::Refused { call, .. }
        | Kind::Unanswered { call, .. }
        | Kind::Serving { call }
        | Kind::Served { call } => Some(*call),
        _ => None,
    }
}

/// The queue that a record is about, if it is about one.
#[must_use]
pub const fn queue(kind: &Kind) -> Option<QueueId> {
    match kind {
        Kind::Sent { queue, .. }
        | Kind::Stored { queue, .. }
        | Kind::Replicated { queue, .. }
        | Kind::Begun { queue, .. }
        | Kind::Held { queue, .. }
        | Kind::Woken { queue, .. }
        | Kind::Delivered { queue, .. }
        | Kind::Started { queue, .. }
        | Kind::Finished { queue, .. }
        | Kind::Failed { queue, .. }
        | Kind::Deduplicated { queue, .. }
        | Kind::Committed { queue, .. }
        | Kind::Deleted { queue, .. }
        | Kind::Truncated { queue, .. } => Some(*queue),
        _ => None,
    }
}

/// Whether a record concerns a node: it happened there, or is about it.
#[must_use]
pub fn concerns(record: &Record, node: NodeId) -> bool {
    let about = match record.kind {
        Kind::Registered { of } | Kind::DeclaredDead { of } => Some(of),
        Kind::Dropped { to, .. } => Some(to),
        Kind::Called { service, .. } | Kind::Answered { service, .. } | Kind::Unanswered { service, .. } => {
            Some(service)
        }
        _ => None,
    };
    record.node == node || about == Some(node)
}

/// Why a packet was dropped, in words.
#[must_use]
pub const fn why(why: Why) -> Word {
    match why {
        Why::Loss => Word::LostByNetwork,
        Why::Down => Word::ReceiverDown,
        Why::Restarted => Word::ReceiverRestarted,
        Why::Absent => Word::ReceiverAbsent,
        Why::Partition => Word::CutOff,
    }
}

/// What a packet is, in words.
#[must_use]
pub const fn what(what: What) -> Word {
    match what {
        What::Heartbeat => Word::WhatHeartbeat,
        What::Route => Word::WhatRoute,
        What::Members => Word::WhatMembers,
        What::Role => Word::WhatRole,
        What::Goodbye => Word::WhatGoodbye,
        What::Send => Word::WhatSend,
        What::SendAnswer => Word::WhatSendAnswer,
        What::Lock => Word::WhatLock,
        What::Unlock => Word::WhatUnlock,
        What::Pull => Word::WhatPull,
        What::PullAnswer => Word::WhatPullAnswer,
        What::Commit => Word::WhatCommit,
        What::Settle => Word::WhatSettle,
        What::Call => Word::WhatCall,
        What::CallAnswer => Word::WhatCallAnswer,
        What::Closed => Word::WhatClosed,
        What::Copy => Word::WhatCopy,
        What::CopyAnswer => Word::WhatCopyAnswer,
    }
}

/// The words of a record.
#[must_use]
pub fn words(plan: &Plan, kind: &Kind, language: Language) -> String {
    RecordWords { plan, language }.words(kind)
}

/// Makes the words of a record, with names in place of ids.
struct RecordWords<'a> {
    plan: &'a Plan,
    language: Language,
}

impl RecordWords<'_> {
    fn say(&self, word: Word, with: &[&str]) -> String {
        fill(word.text(self.language), with)
    }

    fn queue(&self, queue: QueueId) -> &str {
        &self.plan.queues[queue].name
    }

    fn group(&self, group: GroupId) -> &str {
        &self.plan.groups[group].name
    }

    /// A sentence about a message.
    fn of(&self, word: Word, message: MessageId) -> String {
        self.say(word, &[&self.plan.message(message)])
    }

    /// A sentence about a message and a group.
    fn for_group(&self, word: Word, message: MessageId, group: GroupId) -> String {
        self.say(word, &[&self.plan.message(message), self.group(group)])
    }

    /// A sentence about a group and a queue.
    fn at_queue(&self, word: Word, group: GroupId, queue: QueueId) -> String {
        self.say(word, &[self.group(group), self.queue(queue)])
    }

    /// A sentence about a message and where it is stored.
    fn placed(&self, word: Word, message: MessageId, queue: QueueId, offset: u64) -> String {
        self.say(word, &[&self.plan.message(message), self.queue(queue), &offset.to_string()])
    }

    /// A sentence about a call of a service.
    fn call(&self, word: Word, call: MessageId, service: NodeId) -> String {
        self.say(word, &[self.plan.name(service), &self.plan.message(call)])
    }

    fn words(&self, kind: &Kind) -> String {
        match kind {
            Kind::Sent { message, queue, attempt: 1, .. } => {
                self.say(Word::RecSent, &[&self.plan.message(*message), self.queue(*queue)])
            }
            Kind::Sent { message, queue, attempt, .. } => {
                let attempt = attempt.to_string();
                self.say(Word::RecSentAgain, &[&self.plan.message(*message), self.queue(*queue), &attempt])
            }
            Kind::Stored { message, queue, offset, .. } => self.placed(Word::RecStored, *message, *queue, *offset),
            Kind::Replicated { message, queue, offset, .. } => {
                self.placed(Word::RecReplicated, *message, *queue, *offset)
            }
            Kind::Unrouted { message } => self.of(Word::RecUnrouted, *message),
            Kind::Accepted { message } => self.of(Word::RecAccepted, *message),
            Kind::Rejected { message } => self.of(Word::RecRejected, *message),
            Kind::Dropped { to, what: about, why: reason, .. } => {
                let (about, reason) = (what(*about).text(self.language), why(*reason).text(self.language));
                self.say(Word::RecDropped, &[about, self.plan.name(*to), reason])
            }
            Kind::Assigned { queues, .. } if queues.is_empty() => self.say(Word::RecAssignedNone, &[]),
            Kind::Assigned { queues, .. } => {
                let names: Vec<&str> = queues.iter().map(|queue| self.queue(*queue)).collect();
                self.say(Word::RecAssigned, &[&names.join(" ")])
            }
            Kind::Begun { group, queue, offset } => {
                self.say(Word::RecBegun, &[self.group(*group), self.queue(*queue), &offset.to_string()])
            }
            Kind::Held { group, queue } => self.at_queue(Word::RecHeld, *group, *queue),
            Kind::Woken { group, queue } => self.at_queue(Word::RecWoken, *group, *queue),
            Kind::Delivered { group, queue, from, to } => {
                self.say(Word::RecDelivered, &[&stretch(*from, *to), self.queue(*queue), self.group(*group)])
            }
            Kind::Started { message, .. } => self.of(Word::RecStarted, *message),
            Kind::Finished { message, .. } => self.of(Word::RecFinished, *message),
            Kind::Failed { message, .. } => self.of(Word::RecFailed, *message),
            Kind::Deduplicated { message, .. } => self.of(Word::RecDeduplicated, *message),
            Kind::Committed { group, queue, offset } => {
                self.say(Word::RecCommitted, &[self.group(*group), self.queue(*queue), &offset.to_string()])
            }
            Kind::Deleted { queue, offset } => self.say(Word::RecDeleted, &[self.queue(*queue), &offset.to_string()]),
            Kind::Retried { group, message } => self.for_group(Word::RecRetried, *message, *group),
            Kind::DeadLettered { group, message } => self.for_group(Word::RecDeadLettered, *message, *group),
            Kind::Lost { group, message } => self.for_group(Word::RecLost, *message, *group),
            Kind::Expired { group, message } => self.for_group(Word::RecExpired, *message, *group),
            Kind::Skipped { group, message } => self.for_group(Word::RecSkipped, *message, *group),
            Kind::Truncated { queue, from, to } => {
                self.say(Word::RecTruncated, &[&stretch(*from, *to), self.queue(*queue)])
            }
            kind => self.of_node(kind),
        }
    }

    /// What a change of a setting, of a link or of a disk is in words.
    fn changed(&self, change: &Change) -> String {
        match change {
            Change::Wire { links, rule, over } => {
                let words = match (rule, over) {
                    (Rule::Cut, false) => Word::RecPartition,
                    (Rule::Cut, true) => Word::RecPartitionOver,
                    (Rule::Change { .. }, false) => Word::RecLink,
                    (Rule::Change { .. }, true) => Word::RecLinkOver,
                    (Rule::Repeat { .. }, false) => Word::RecRepeat,
                    (Rule::Repeat { .. }, true) => Word::RecRepeatOver,
                };
                match links {
                    Links::Between(_, other) if *over => self.say(words, &[self.plan.name(*other)]),
                    Links::Between(..) => self.say(words, &[&change.value(self.plan)]),
                    Links::Sides { .. } => self.say(words, &[&links.text(self.plan)]),
                }
            }
            Change::DiskFull(true) => self.say(Word::RecDiskFull, &[]),
            Change::DiskFull(false) => self.say(Word::RecDiskOver, &[]),
            Change::Setting(_) | Change::Slowness(_) => {
                self.say(Word::RecChanged, &[change.key(), &change.value(self.plan)])
            }
        }
    }

    /// Records about nodes and calls.
    fn of_node(&self, kind: &Kind) -> String {
        match kind {
            Kind::Registered { of } => self.say(Word::RecRegistered, &[self.plan.name(*of), &self.plan.address(*of)]),
            Kind::DeclaredDead { of } => self.say(Word::RecDeclaredDead, &[self.plan.name(*of)]),
            Kind::Elected { set, epoch } => {
                self.say(Word::RecElected, &[&self.plan.sets[*set].name, &epoch.to_string()])
            }
            Kind::Joined => self.say(Word::RecJoined, &[]),
            Kind::Left => self.say(Word::RecLeft, &[]),
            Kind::Crashed { mode: CrashMode::Host } => self.say(Word::RecCrashed, &[]),
            Kind::Crashed { mode: CrashMode::Wipe } => self.say(Word::RecWiped, &[]),
            Kind::Crashed { mode: CrashMode::Process } => self.say(Word::RecCrashedProcess, &[]),
            Kind::Restarted => self.say(Word::RecRestarted, &[]),
            Kind::Paused => self.say(Word::RecPaused, &[]),
            Kind::Resumed => self.say(Word::RecResumed, &[]),
            Kind::Changed { change } => self.changed(change),
            Kind::Called { call, service } => self.call(Word::RecCalled, *call, *service),
            Kind::Answered { call, service } => self.call(Word::RecAnswered, *call, *service),
            Kind::Unanswered { call, service } => self.call(Word::RecUnanswered, *call, *service),
            Kind::Refused { call, .. } => self.of(Word::RecRefused, *call),
            Kind::Serving { call } => self.of(Word::RecServing, *call),
            Kind::Served { call } => self.of(Word::RecServed, *call),
            _ => kind.name().to_owned(),
        }
    }
}

/// The offsets from `from` up to `to`, without `to`: `7` or `7–9`.
fn stretch(from: u64, to: u64) -> String {
    if to <= from + 1 { from.to_string() } else { format!("{from}–{}", to - 1) }
}
