//! The agenda: all events that are still to come, in the order in which they will happen.
//!
//! The order is total: by time, then class (what was put *first* comes before all else at its time), then the order in
//! which events were scheduled. So ties, which fall on every whole second of a cluster with heartbeats, are decided
//! by the scenario and never by the data structure.
//!
//! It is a 4-ary heap of packed 16-byte keys with a *lazy root*: taking the earliest event leaves a hole at the root,
//! and the first event that its handler schedules fills the hole with one sift down, where an ordinary heap would
//! move a leaf to the root and sift twice. Beside the heap there is a *line* for what mostly comes in the order in which
//! it was scheduled, as messages do that are all under way for the same time: there the earliest is the first, and
//! nothing need be sifted. Events lie in a slab; in the steady state nothing is allocated.

use std::collections::VecDeque;

use super::slab::Slab;
use super::time::Time;

/// Low bits of a key: the event's place in the slab.
const SLOT_BITS: u32 = 24;
/// Middle bits of a key: the class bit above the running number.
const SEQUENCE_BITS: u32 = 40;
/// Set in the keys of ordinary events, clear in those put first.
const ORDINARY: u64 = 1 << (SEQUENCE_BITS - 1);
/// Children of one position of the heap.
const ARITY: usize = 4;

/// The keys of all pending events: `time:64 | class:1 | sequence:39 | slot:24`. The least of all is the first of the
/// heap or of the line.
#[derive(Clone, Default, Debug)]
struct Keys {
    /// A 4-ary heap.
    heap: Vec<u128>,
    /// Whether the root was taken and not yet filled.
    hole: bool,
    /// Keys in order.
    line: VecDeque<u128>,
}

/// All events that are still to come.
#[derive(Clone, Debug)]
pub struct Agenda<E> {
    keys: Keys,
    events: Slab<E>,
    scheduled: u64,
    scheduled_first: u64,
    /// The running number of the event that was taken last among those scheduled in the ordinary way; 0 for one that was
    /// put first.
    taken: u64,
}

impl<E> Default for Agenda<E> {
    fn default() -> Self {
        Self { keys: Keys::default(), events: Slab::default(), scheduled: 0, scheduled_first: 0, taken: 0 }
    }
}

impl<E> Agenda<E> {
    /// How many events can be pending at once.
    pub const CAPACITY: usize = 1 << SLOT_BITS;

    /// How many events are pending.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.heap.len() - usize::from(self.keys.hole) + self.keys.line.len()
    }

    /// Whether no event is pending.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Schedules an event at `at`, after everything that was scheduled for that time before.
    ///
    /// # Panics
    /// When [`Self::CAPACITY`] events are pending: whoever schedules has to look before.
    #[inline]
    pub fn schedule(&mut self, at: Time, event: E) {
        let sequence = self.sequence();
        let key = self.store(at, sequence, event);
        self.keys.insert(key);
    }

    /// Schedules an event as [`Self::schedule`] does, and faster where events mostly come in the order in which they are
    /// scheduled.
    ///
    /// # Panics
    /// As [`Self::schedule`].
    #[inline]
    pub fn schedule_in_line(&mut self, at: Time, event: E) {
        let sequence = self.sequence();
        let key = self.store(at, sequence, event);
        self.keys.append_to_line(key);
    }

    fn sequence(&mut self) -> u64 {
        let sequence = ORDINARY | self.scheduled;
        self.scheduled += 1;
        assert!(self.scheduled < ORDINARY, "a run has fewer events than there are sequence numbers");
        sequence
    }

    /// Schedules an event at `at`, before everything that is scheduled in the ordinary way for that time.
    ///
    /// # Panics
    /// As [`Self::schedule`].
    #[inline]
    pub fn schedule_first(&mut self, at: Time, event: E) {
        let sequence = self.scheduled_first;
        self.scheduled_first += 1;
        assert!(self.scheduled_first < ORDINARY, "a run has fewer events than there are sequence numbers");
        let key = self.store(at, sequence, event);
        self.keys.insert(key);
    }

    /// Puts an event in the slab, and returns its key. Small, so that an event is made where it will lie.
    #[inline]
    fn store(&mut self, at: Time, sequence: u64, event: E) -> u128 {
        let slot = self.events.put(event);
        assert!((slot as usize) < Self::CAPACITY, "too many pending events");
        u128::from(at.0) << 64 | u128::from(sequence) << SLOT_BITS | u128::from(slot)
    }

    /// How many events have been scheduled in the ordinary way.
    #[must_use]
    pub const fn scheduled(&self) -> u64 {
        self.scheduled
    }

    /// How many events had been scheduled in the ordinary way before the event that was taken last was; 0 for one that was
    /// put first.
    #[must_use]
    pub const fn taken(&self) -> u64 {
        self.taken
    }

    /// All pending events with their times, in no particular order.
    pub fn pending(&self) -> impl Iterator<Item = (Time, &E)> {
        let heap = self.keys.heap.iter().skip(usize::from(self.keys.hole));
        let keys = heap.chain(&self.keys.line).map(|key| ((*key >> 64) as u64, *key as u32 & ((1 << SLOT_BITS) - 1)));
        keys.filter_map(|(at, slot)| Some((Time(at), self.events.get(slot)?)))
    }

    /// The time of the earliest event.
    #[must_use]
    pub fn first(&self) -> Option<Time> {
        let first = self.keys.least_of_heap().into_iter().chain(self.keys.line.front().copied()).min();
        first.map(|key| Time((key >> 64) as u64))
    }

    /// Takes the earliest event, unless it is later than `until`.
    #[inline]
    pub fn next_until(&mut self, until: Time) -> Option<(Time, E)> {
        let (at, sequence, slot) = self.keys.take_until(until)?;
        self.taken = if sequence & ORDINARY == 0 { 0 } else { sequence & !ORDINARY };
        Some((at, self.events.take(slot)))
    }
}

impl Keys {
    /// Inserts a key into the heap: into the hole at the root, if there is one.
    fn insert(&mut self, key: u128) {
        if self.hole {
            self.hole = false;
            self.sift_down(key);
        } else {
            self.heap.push(key);
            self.sift_up(key);
        }
    }

    /// Appends a key to the line, if it belongs at its end.
    fn append_to_line(&mut self, key: u128) {
        if self.line.back().is_some_and(|last| key < *last) {
            self.insert(key);
        } else {
            self.line.push_back(key);
        }
    }

    /// The least key of the heap.
    fn least_of_heap(&self) -> Option<u128> {
        if self.hole { least(self.heap.get(1..)?).map(|(_, key)| key) } else { self.heap.first().copied() }
    }

    /// Takes the least key, unless its time is later than `until`. Returns its time, sequence and slot.
    fn take_until(&mut self, until: Time) -> Option<(Time, u64, u32)> {
        let (in_heap, in_line) = (self.least_of_heap(), self.line.front().copied());
        let (key, is_in_line) = match (in_heap, in_line) {
            (Some(heap), Some(line)) if line < heap => (line, true),
            (Some(heap), _) => (heap, false),
            (None, line) => (line?, true),
        };
        let at = Time((key >> 64) as u64);
        if at > until {
            return None;
        }
        if is_in_line {
            self.line.pop_front();
        } else {
            self.fill_hole();
            self.hole = true;
        }
        let sequence = (key >> SLOT_BITS) as u64 & ((1 << SEQUENCE_BITS) - 1);
        Some((at, sequence, key as u32 & ((1 << SLOT_BITS) - 1)))
    }

    /// Fills a hole at the root with the last leaf.
    fn fill_hole(&mut self) {
        if std::mem::take(&mut self.hole)
            && let Some(last) = self.heap.pop()
            && !self.heap.is_empty()
        {
            self.sift_down(last);
        }
    }

    /// Puts `key` where it belongs on the way from the root down; the root is free.
    fn sift_down(&mut self, key: u128) {
        let heap = self.heap.as_mut_slice();
        let mut at = 0;
        loop {
            let first = ARITY * at + 1;
            let Some(children) = heap.get(first..heap.len().min(first + ARITY)) else { break };
            let Some((offset, least)) = least(children) else { break };
            if least >= key {
                break;
            }
            heap[at] = least;
            at = first + offset;
        }
        heap[at] = key;
    }

    /// Puts `key` where it belongs on the way from the last position up; the last position is free.
    fn sift_up(&mut self, key: u128) {
        let heap = self.heap.as_mut_slice();
        let mut at = heap.len() - 1;
        while at > 0 {
            let parent = (at - 1) / ARITY;
            if heap[parent] <= key {
                break;
            }
            heap[at] = heap[parent];
            at = parent;
        }
        heap[at] = key;
    }
}

/// The least of at most four keys, of those that are first, and where it is.
#[inline]
fn least(children: &[u128]) -> Option<(usize, u128)> {
    if let [a, b, c, d, ..] = *children {
        // The common case without a loop: two comparisons that do not wait for each other, then one.
        let left = if b < a { (1, b) } else { (0, a) };
        let right = if d < c { (3, d) } else { (2, c) };
        return Some(if right.1 < left.1 { right } else { left });
    }
    children.iter().copied().enumerate().min_by_key(|(_, key)| *key)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever is scheduled and taken in whatever turn: the order is that of a sorted map.
        #[test]
        fn it_is_a_sorted_map(steps in prop::collection::vec((0_u8..7, 0_u64..20), 1..400)) {
            let (mut agenda, mut model) = (Agenda::default(), BTreeMap::new());
            let (mut now, mut number) = (0, 0_u64);
            for (step, ahead) in steps {
                match step {
                    0 | 1 => {
                        agenda.schedule(Time(now + ahead), number);
                        model.insert((now + ahead, 1, number), number);
                    }
                    2 | 3 => {
                        agenda.schedule_in_line(Time(now + ahead / 8), number);
                        model.insert((now + ahead / 8, 1, number), number);
                    }
                    4 => {
                        agenda.schedule_first(Time(now + ahead), number);
                        model.insert((now + ahead, 0, number), number);
                    }
                    _ => {
                        let until = now + ahead;
                        let expected = model.first_key_value().map(|(key, _)| *key).filter(|key| key.0 <= until);
                        let got = agenda.next_until(Time(until));
                        prop_assert_eq!(got, expected.map(|key| (Time(key.0), key.2)));
                        if let Some(key) = expected {
                            model.remove(&key);
                            now = key.0;
                        }
                    }
                }
                number += 1;
                prop_assert_eq!(agenda.len(), model.len());
                prop_assert_eq!(agenda.first(), model.first_key_value().map(|(key, _)| Time(key.0)));
            }
        }
    }

    #[test]
    fn slots_are_used_again() {
        let mut agenda = Agenda::default();
        for n in 0..1_000 {
            agenda.schedule(Time(n), n);
            agenda.schedule(Time(n), n);
            assert_eq!(agenda.next_until(Time::NEVER).map(|(at, _)| at), Some(Time(n)));
            assert_eq!(agenda.next_until(Time::NEVER).map(|(at, _)| at), Some(Time(n)));
        }
        assert!(agenda.is_empty());
        assert!(agenda.events.places() <= 2);
    }
}
