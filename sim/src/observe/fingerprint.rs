//! The fingerprint of a run: a digest of every record, so that two runs can be compared by sixteen digits.
//!
//! A record becomes 64-bit words, written as little-endian bytes, so the digest is the same on every platform. Each kind
//! of record has a shape of its own and lists bear their length, so different records never give the same words. It
//! knows nothing of what records mean.

use std::fmt;

use xxhash_rust::xxh3::Xxh3;

use crate::plan::{CrashMode, GroupId, MessageId, NodeId, QueueId};
use crate::record::{Kind, Record, Sink};

/// Words that wait for the hasher: it is at its best with whole blocks.
const BLOCK: usize = 512;
/// Beyond this a record of fixed length might no longer fit.
const FULL: usize = BLOCK - 8;

/// A digest of all records so far. It prints as 16 hexadecimal digits.
#[derive(Clone)]
pub struct Fingerprint {
    hasher: Xxh3,
    words: Box<[[u8; 8]; BLOCK]>,
    filled: usize,
}

impl Fingerprint {
    /// Of no record yet.
    #[must_use]
    pub fn new() -> Self {
        Self { hasher: Xxh3::new(), words: Box::new([[0; 8]; BLOCK]), filled: 0 }
    }

    /// The digest of the records so far; more can follow.
    #[must_use]
    pub fn digest(&self) -> u64 {
        let mut hasher = self.hasher.clone();
        hasher.update(self.words[..self.filled].as_flattened());
        hasher.digest()
    }

    fn flush(&mut self) {
        self.hasher.update(self.words[..self.filled].as_flattened());
        self.filled = 0;
    }

    #[inline]
    fn words<const N: usize>(&mut self, words: [u64; N]) {
        let end = self.filled + N;
        for (place, word) in self.words[self.filled..end].iter_mut().zip(words) {
            *place = word.to_le_bytes();
        }
        self.filled = end;
    }

    /// A word of a list, which may be longer than a block.
    fn item(&mut self, word: u64) {
        if self.filled > FULL {
            self.flush();
        }
        self.words([word]);
    }

    fn text(&mut self, text: &str) {
        self.item(text.len() as u64);
        for chunk in text.as_bytes().chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.item(u64::from_le_bytes(word));
        }
    }

    fn particulars(&mut self, kind: &Kind) {
        match kind {
            Kind::Sent { message, queue, attempt, key } => {
                self.words([named(*message), pair(queue.0, *attempt), key.map_or(0, |key| u64::from(key) + 1)]);
            }
            Kind::Unrouted { message } | Kind::Accepted { message } | Kind::Rejected { message } => {
                self.words([named(*message)]);
            }
            Kind::Stored { message, queue, offset, epoch } | Kind::Replicated { message, queue, offset, epoch } => {
                self.words([named(*message), pair(queue.0, *epoch), *offset]);
            }
            Kind::Dropped { from, to, what, why } => {
                self.words([pair(from.0, to.0), pair(*what as u32, *why as u32)]);
            }
            Kind::Assigned { group, queues } => {
                self.words([u64::from(group.0), queues.len() as u64]);
                queues.iter().for_each(|queue| self.item(u64::from(queue.0)));
            }
            Kind::Held { group, queue } | Kind::Woken { group, queue } => self.words([at(*group, *queue)]),
            Kind::Delivered { group, queue, from, to } => self.words([at(*group, *queue), *from, *to]),
            Kind::Started { group, message, queue, offset }
            | Kind::Finished { group, message, queue, offset }
            | Kind::Failed { group, message, queue, offset }
            | Kind::Deduplicated { group, message, queue, offset } => {
                self.words([named(*message), at(*group, *queue), *offset]);
            }
            Kind::Begun { group, queue, offset } | Kind::Committed { group, queue, offset } => {
                self.words([at(*group, *queue), *offset]);
            }
            Kind::Deleted { queue, offset } => self.words([u64::from(queue.0), *offset]),
            Kind::Retried { group, message }
            | Kind::DeadLettered { group, message }
            | Kind::Lost { group, message } => self.words([u64::from(group.0), named(*message)]),
            Kind::Truncated { queue, from, to } => self.words([u64::from(queue.0), *from, *to]),
            Kind::Registered { of } | Kind::DeclaredDead { of } => self.words([u64::from(of.0)]),
            Kind::Elected { set, epoch } => self.words([pair(set.0, *epoch)]),
            Kind::Crashed { mode } => self.words([match mode {
                CrashMode::Host => 0,
                CrashMode::Process => 1,
            }]),
            Kind::Changed { set, to } => {
                self.text(set);
                self.text(to);
            }
            Kind::Called { call, service }
            | Kind::Answered { call, service }
            | Kind::Refused { call, service }
            | Kind::Unanswered { call, service } => self.words([named(*call), u64::from(service.0)]),
            Kind::Serving { call } | Kind::Served { call } => self.words([named(*call)]),
            Kind::Joined | Kind::Left | Kind::Restarted | Kind::Paused | Kind::Resumed => {}
        }
    }
}

const fn pair(low: u32, high: u32) -> u64 {
    low as u64 | (high as u64) << 32
}

const fn named(message: MessageId) -> u64 {
    let MessageId { producer: NodeId(producer), number } = message;
    pair(producer, number)
}

const fn at(group: GroupId, queue: QueueId) -> u64 {
    pair(group.0, queue.0)
}

impl Sink for Fingerprint {
    fn record(&mut self, record: &Record) {
        if self.filled > FULL {
            self.flush();
        }
        let Record { at, seq, cause, node, kind } = record;
        let cause = cause.map_or(0, |cause| cause.number());
        self.words([at.0, seq.number(), cause, pair(node.0, kind.number() as u32)]);
        self.particulars(kind);
    }
}

impl Default for Fingerprint {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.digest())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}
