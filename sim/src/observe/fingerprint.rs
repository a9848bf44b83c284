//! The fingerprint of a run: a digest of every record, so that two runs can be compared by sixteen digits.
//!
//! A record becomes 64-bit words, written as little-endian bytes, so the digest is the same on every platform. Each kind
//! of record has a shape of its own and lists bear their length, so different records never give the same words. It
//! knows nothing of what records mean.

use std::fmt;

use xxhash_rust::xxh3::Xxh3;

use crate::kernel::{Distribution, Span};
use crate::plan::{CrashMode, GroupId, Links, MessageId, NodeId, QueueId, Rule, Setting};
use crate::record::{Change, Kind, Record, Sink};

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

    fn change(&mut self, change: &Change) {
        match change {
            Change::Setting(setting) => self.setting(setting),
            Change::Slowness(factor) => self.words([8, factor.to_bits()]),
            Change::Wire { links, rule, over } => self.wire(links, rule, *over),
            Change::DiskFull(full) => self.words([11, u64::from(*full)]),
        }
    }

    fn wire(&mut self, links: &Links, rule: &Rule, over: bool) {
        let other = match links {
            Links::Between(_, other) => u64::from(other.0),
            Links::Sides { .. } => 0,
        };
        match *rule {
            Rule::Cut => {
                self.words([9, u64::from(matches!(links, Links::Sides { one_way: true, .. })), u64::from(over)]);
            }
            Rule::Change { latency, loss } => {
                let (latency, loss) = if over { (None, None) } else { (latency, loss) };
                self.words([10, other, u64::from(latency.is_some()), u64::from(loss.is_some())]);
                latency.iter().flat_map(drawn).chain(loss.map(f64::to_bits)).for_each(|word| self.item(word));
            }
            Rule::Repeat { probability } => self.words([12, other, u64::from(over), probability.to_bits()]),
        }
        if let Links::Sides { sides: (first, second), .. } = links {
            for side in [first, second] {
                self.item(side.len() as u64);
                side.iter().for_each(|node| self.item(u64::from(node.0)));
            }
        }
    }

    fn setting(&mut self, setting: &Setting) {
        let mut of_time = |number: u64, time: &Distribution| {
            let [shape, first, second] = drawn(time);
            self.words([number, shape, first, second]);
        };
        match setting {
            Setting::Interval(time) => of_time(0, time),
            Setting::ServiceTime(time) => of_time(1, time),
            Setting::StoreTime(time) => of_time(2, time),
            Setting::Threads(number) => self.words([3, u64::from(*number)]),
            Setting::Workers(number) => self.words([4, u64::from(*number)]),
            Setting::StoreLimit(number) => self.words([5, u64::from(*number)]),
            Setting::QueueLimit(number) => self.words([6, u64::from(*number)]),
            Setting::FailureRate(rate) => self.words([7, rate.to_bits()]),
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
                self.words([named(*message), pair(queue.0, epoch.number()), offset.0]);
            }
            Kind::Dropped { from, to, what, why } => {
                self.words([pair(from.0, to.0), pair(*what as u32, *why as u32)]);
            }
            Kind::Assigned { group, queues } => {
                self.words([u64::from(group.0), queues.len() as u64]);
                queues.iter().for_each(|queue| self.item(u64::from(queue.0)));
            }
            Kind::Held { group, queue } | Kind::Woken { group, queue } => self.words([at(*group, *queue)]),
            Kind::Delivered { group, queue, from, to } => self.words([at(*group, *queue), from.0, to.0]),
            Kind::Started { group, message, queue, offset }
            | Kind::Finished { group, message, queue, offset }
            | Kind::Failed { group, message, queue, offset }
            | Kind::Deduplicated { group, message, queue, offset } => {
                self.words([named(*message), at(*group, *queue), offset.0]);
            }
            Kind::Begun { group, queue, offset } | Kind::Committed { group, queue, offset } => {
                self.words([at(*group, *queue), offset.0]);
            }
            Kind::Deleted { queue, offset } => self.words([u64::from(queue.0), offset.0]),
            Kind::Retried { group, message }
            | Kind::DeadLettered { group, message }
            | Kind::Lost { group, message }
            | Kind::Expired { group, message }
            | Kind::Skipped { group, message } => self.words([u64::from(group.0), named(*message)]),
            Kind::Truncated { queue, from, to } => self.words([u64::from(queue.0), from.0, to.0]),
            Kind::Registered { of } | Kind::DeclaredDead { of } => self.words([u64::from(of.0)]),
            Kind::Elected { set, epoch } => self.words([pair(set.0, epoch.number())]),
            Kind::Crashed { mode } => self.words([match mode {
                CrashMode::Host => 0,
                CrashMode::Process => 1,
                CrashMode::Wipe => 2,
            }]),
            Kind::Changed { change } => self.change(change),
            Kind::Called { call, service }
            | Kind::Answered { call, service }
            | Kind::Refused { call, service }
            | Kind::Unanswered { call, service } => self.words([named(*call), u64::from(service.0)]),
            Kind::Serving { call } | Kind::Served { call } => self.words([named(*call)]),
            Kind::Joined | Kind::Left | Kind::Restarted | Kind::Paused | Kind::Resumed => {}
        }
    }
}

/// A distribution as words.
const fn drawn(from: &Distribution) -> [u64; 3] {
    match from {
        Distribution::Constant(Span(always)) => [0, *always, 0],
        Distribution::Exponential(Span(mean)) => [1, *mean, 0],
        Distribution::Uniform(Span(low), Span(high)) => [2, *low, *high],
        Distribution::Normal(Span(mean), Span(deviation)) => [3, *mean, *deviation],
        Distribution::Lognormal(Span(median), Span(p99)) => [4, *median, *p99],
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

#[cfg(test)]
mod tests {
    use super::super::sample::record;
    use super::*;
    use crate::kernel::Time;
    use crate::plan::Epoch;
    use crate::plan::Offset;
    use crate::plan::SetId;
    use crate::record::{KindName, Seq, What, Why};
    const fn id(producer: u32, number: u32) -> MessageId {
        MessageId { producer: NodeId(producer), number }
    }

    /// Changes of which no two are the same.
    fn changes() -> Vec<Change> {
        let times = |low, high| {
            use Distribution::{Constant, Exponential, Lognormal, Normal, Uniform};
            [Constant(low), Exponential(low), Uniform(low, high), Normal(low, high), Lognormal(low, high)]
        };
        let times: Vec<Distribution> = [1, 2].map(|low| times(Span(low), Span(9))).concat();
        let settings = times
            .iter()
            .flat_map(|time| [Setting::Interval(*time), Setting::ServiceTime(*time), Setting::StoreTime(*time)]);
        let numbers = [1, 2].into_iter().flat_map(|n| {
            let rate = f64::from(n) / 10.0;
            [
                Setting::Threads(n),
                Setting::Workers(n),
                Setting::StoreLimit(n),
                Setting::QueueLimit(n),
                Setting::FailureRate(rate),
            ]
        });
        let mut all: Vec<Change> = settings.chain(numbers).map(Change::Setting).collect();
        all.extend([1.0, 2.0].map(Change::Slowness));
        all.extend([true, false].map(Change::DiskFull));
        let partition = |first: &[u32], second: &[u32], one_way, over| {
            let side = |nodes: &[u32]| nodes.iter().copied().map(NodeId).collect();
            Change::Wire { links: Links::Sides { sides: (side(first), side(second)), one_way }, rule: Rule::Cut, over }
        };
        all.extend([
            partition(&[1], &[2, 3], false, false),
            partition(&[1], &[2, 3], true, false),
            partition(&[1], &[2, 3], false, true),
            partition(&[1, 2], &[3], false, false),
            partition(&[2, 3], &[1], false, false),
        ]);
        for links in [1, 2].map(|other| Links::Between(NodeId(0), NodeId(other))) {
            let wire = |rule, over| Change::Wire { links: links.clone(), rule, over };
            for latency in times.iter().copied().map(Some).chain([None]) {
                let losses = [None, Some(0.0), Some(0.5)];
                all.extend(
                    losses.map(|loss| wire(Rule::Change { latency, loss }, latency.is_none() && loss.is_none())),
                );
            }
            for (probability, over) in [(0.5, false), (0.5, true), (1.0, false)] {
                all.push(wire(Rule::Repeat { probability }, over));
            }
        }
        all
    }

    /// Of each kind one record, and beside it one for each of its fields, in which that alone is another.
    fn kinds() -> Vec<Vec<Kind>> {
        let (g, h, q, r) = (GroupId(1), GroupId(2), QueueId(3), QueueId(4));
        let (m, other, later) = (id(5, 1), id(6, 1), id(5, 2));
        let sent = |message, queue, attempt, key| Kind::Sent { message, queue, attempt, key };
        let list = |queues: &[QueueId]| std::sync::Arc::<[QueueId]>::from(queues);
        let mut all = vec![vec![
            sent(m, q, 1, None),
            sent(other, q, 1, None),
            sent(later, q, 1, None),
            sent(m, r, 1, None),
            sent(m, q, 2, None),
            sent(m, q, 1, Some(0)),
            sent(m, q, 1, Some(1)),
        ]];
        macro_rules! of {
            ($kind:ident { $($field:ident: $value:expr, $($else:expr),+;)* }) => {{
                $(let $field = $value;)*
                #[allow(unused_mut)]
                let mut some = vec![Kind::$kind { $($field: $field.clone()),* }];
                of!(@each some $kind [$($field),*] $($field: $($else),+;)*);
                all.push(some);
            }};
            (@each $some:ident $kind:ident $fields:tt $($field:ident: $($else:expr),+;)*) => {
                $($(of!(@one $some $kind $fields $field $else);)+)*
            };
            (@one $some:ident $kind:ident [$($field:ident),*] $changed:ident $else:expr) => {{
                $(let $field = $field.clone();)*
                let _ = &$changed;
                let $changed = $else;
                $some.push(Kind::$kind { $($field),* });
            }};
        }
        of!(Unrouted { message: m, other, later; });
        of!(Stored { message: m, other, later; queue: q, r; offset: Offset(1), Offset(2); epoch: Epoch::nth(1), Epoch::nth(2); });
        of!(Replicated { message: m, other, later; queue: q, r; offset: Offset(1), Offset(2); epoch: Epoch::nth(1), Epoch::nth(2); });
        of!(Accepted { message: m, other, later; });
        of!(Rejected { message: m, other, later; });
        of!(Dropped {
            from: NodeId(1), NodeId(2);
            to: NodeId(1), NodeId(2);
            what: What::Send, What::Pull;
            why: Why::Loss, Why::Down, Why::Partition;
        });
        of!(Assigned { group: g, h; queues: list(&[q, r]), list(&[q]), list(&[r, q]), list(&[q, r, q]), list(&[]); });
        of!(Begun { group: g, h; queue: q, r; offset: Offset(1), Offset(2); });
        of!(Held { group: g, h; queue: q, r; });
        of!(Woken { group: g, h; queue: q, r; });
        of!(Delivered { group: g, h; queue: q, r; from: Offset(1), Offset(2); to: Offset(1), Offset(2); });
        of!(Started { group: g, h; message: m, other, later; queue: q, r; offset: Offset(1), Offset(2); });
        of!(Finished { group: g, h; message: m, other, later; queue: q, r; offset: Offset(1), Offset(2); });
        of!(Failed { group: g, h; message: m, other, later; queue: q, r; offset: Offset(1), Offset(2); });
        of!(Deduplicated { group: g, h; message: m, other, later; queue: q, r; offset: Offset(1), Offset(2); });
        of!(Committed { group: g, h; queue: q, r; offset: Offset(1), Offset(2); });
        of!(Deleted { queue: q, r; offset: Offset(1), Offset(2); });
        of!(Retried { group: g, h; message: m, other, later; });
        of!(DeadLettered { group: g, h; message: m, other, later; });
        of!(Lost { group: g, h; message: m, other, later; });
        of!(Expired { group: g, h; message: m, other, later; });
        of!(Skipped { group: g, h; message: m, other, later; });
        of!(Truncated { queue: q, r; from: Offset(1), Offset(2); to: Offset(1), Offset(2); });
        of!(Registered { of: NodeId(1), NodeId(2); });
        of!(DeclaredDead { of: NodeId(1), NodeId(2); });
        of!(Elected { set: SetId(1), SetId(2); epoch: Epoch::nth(1), Epoch::nth(2); });
        of!(Crashed { mode: CrashMode::Host, CrashMode::Process, CrashMode::Wipe; });
        all.push(changes().into_iter().map(|change| Kind::Changed { change: change.into() }).collect());
        of!(Called { call: m, other, later; service: NodeId(1), NodeId(2); });
        of!(Answered { call: m, other, later; service: NodeId(1), NodeId(2); });
        of!(Refused { call: m, other, later; service: NodeId(1), NodeId(2); });
        of!(Unanswered { call: m, other, later; service: NodeId(1), NodeId(2); });
        of!(Serving { call: m, other, later; });
        of!(Served { call: m, other, later; });
        all.extend([Kind::Joined, Kind::Left, Kind::Restarted, Kind::Paused, Kind::Resumed].map(|kind| vec![kind]));
        all
    }

    fn digest(records: &[Record]) -> u64 {
        let mut fingerprint = Fingerprint::new();
        records.iter().for_each(|record| fingerprint.record(record));
        fingerprint.digest()
    }

    #[test]
    fn every_field_of_every_kind_counts() {
        let kinds = kinds();
        let seen: std::collections::BTreeSet<_> = kinds.iter().flatten().map(Kind::name).collect();
        assert_eq!(seen.len(), KindName::ALL.len(), "a kind is missing here");
        let mut digests: Vec<u64> =
            kinds.into_iter().flatten().map(|kind| digest(&[record(Time(1), 1, NodeId(0), kind)])).collect();
        let number = digests.len();
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), number, "two different records have one digest");
    }

    #[test]
    fn what_surrounds_a_kind_counts_too() {
        let base = record(Time(1), 1, NodeId(0), Kind::Joined);
        let others = [
            Record { at: Time(2), ..base.clone() },
            record(Time(1), 2, NodeId(0), Kind::Joined),
            Record { cause: Some(Seq(std::num::NonZeroU64::MIN)), ..base.clone() },
            Record { node: NodeId(1), ..base.clone() },
        ];
        for other in others {
            assert_ne!(digest(&[other]), digest(std::slice::from_ref(&base)));
        }
        assert_ne!(digest(&[base.clone(), base.clone()]), digest(&[base]));
    }

    #[test]
    fn blocks_do_not_show() {
        // Longer than a block, and asked for in between: neither may change the digest.
        let records: Vec<Record> = (1..1000)
            .map(|seq| record(Time(seq), seq, NodeId(0), Kind::Accepted { message: id(5, seq as u32) }))
            .collect();
        let mut asked = Fingerprint::new();
        for record in &records {
            asked.record(record);
            let _ = asked.digest();
        }
        assert_eq!(asked.digest(), digest(&records));
        let long = Kind::Assigned { group: GroupId(0), queues: (0..2000).map(QueueId).collect() };
        let short = Kind::Assigned { group: GroupId(0), queues: (0..1999).map(QueueId).collect() };
        let digest_of = |kind| digest(&[record(Time(1), 1, NodeId(0), kind)]);
        assert_ne!(digest_of(long), digest_of(short));
    }

    #[test]
    fn the_digest_is_the_same_everywhere() {
        let records: Vec<Record> =
            kinds().into_iter().flatten().map(|kind| record(Time(5), 1, NodeId(2), kind)).collect();
        let mut fingerprint = Fingerprint::new();
        records.iter().for_each(|record| fingerprint.record(record));
        assert_eq!(fingerprint.to_string(), "bed91b0812d04d4f");
    }
}
