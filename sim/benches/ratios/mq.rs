//! The yardstick: message queues as a bare loop over a `match`, with nothing in it that the workload does not need.
//!
//! Each of n producers sends, at exponential intervals, to the queue of its own number, one hop away; a consumer long
//! polls each queue and serves its messages one by one. The loop is generic over the set of pending events, so that two
//! of them can be compared on the very same events. It knows nothing of the model.
//!
//! | event | how many a message | pending for each producer |
//! |---|---|---|
//! | `Produce`: the next message leaves, and arrives one hop later | 1 | 1 |
//! | `Arrive`: it waits in the queue, or is served at once if the consumer waits | 1 | hop ÷ interval = 1.75 |
//! | `Served`: the next message is served, or the consumer waits | 1 | service ÷ interval = 0.5 |
//! | `Hold`: the long poll may have been held long enough | interval ÷ hold = 0.1 | 1 |
//!
//! So 3.1 events a message, and about 4.25 n events pending: 34 with 8 of each.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};

use queuescope::kernel::{Agenda, Time};
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Mean interval between two messages of a producer.
const INTERVAL: f64 = 10e6;
/// Mean service time of a message.
const SERVICE: f64 = 5e6;
/// From a producer to a queue.
const HOP: u64 = 17_500_000;
/// How long a poll is held.
const HOLD: u64 = 100_000_000;

/// Something to come.
#[derive(Clone, Copy)]
pub(crate) enum MqEvent {
    Produce { producer: u32 },
    Arrive { queue: u32, sent: u64 },
    Served { consumer: u32 },
    Hold { consumer: u32 },
}

/// A set of pending events: the earliest first, of one time the one that was scheduled first.
pub(crate) trait MqPending: Default {
    fn schedule(&mut self, at: u64, event: MqEvent);
    /// Something that comes in the order in which it is scheduled.
    fn schedule_in_line(&mut self, at: u64, event: MqEvent) {
        self.schedule(at, event);
    }
    fn next(&mut self) -> Option<(u64, MqEvent)>;
    fn len(&self) -> usize;
}

/// The standard library's heap, by time and sequence.
#[derive(Default)]
pub(crate) struct StandardHeap {
    heap: BinaryHeap<MqEntry>,
    sequence: u64,
}

struct MqEntry {
    at: u64,
    sequence: u64,
    event: MqEvent,
}

impl Ord for MqEntry {
    /// The heap has its largest on top: the other way round.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.sequence).cmp(&(self.at, self.sequence))
    }
}

impl PartialOrd for MqEntry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for MqEntry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for MqEntry {}

impl MqPending for StandardHeap {
    fn schedule(&mut self, at: u64, event: MqEvent) {
        self.heap.push(MqEntry { at, sequence: self.sequence, event });
        self.sequence += 1;
    }

    fn next(&mut self) -> Option<(u64, MqEvent)> {
        self.heap.pop().map(|entry| (entry.at, entry.event))
    }

    fn len(&self) -> usize {
        self.heap.len()
    }
}

impl MqPending for Agenda<MqEvent> {
    fn schedule(&mut self, at: u64, event: MqEvent) {
        Self::schedule(self, Time(at), event);
    }

    fn schedule_in_line(&mut self, at: u64, event: MqEvent) {
        Self::schedule_in_line(self, Time(at), event);
    }

    fn next(&mut self) -> Option<(u64, MqEvent)> {
        self.next_until(Time::NEVER).map(|(at, event)| (at.0, event))
    }

    fn len(&self) -> usize {
        Self::len(self)
    }
}

/// What a run came to. Two sets of pending events that order alike come to the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct MqOutcome {
    pub(crate) events: u64,
    pub(crate) messages: u64,
    /// Sum of the times from sending to served.
    pub(crate) latency: u64,
    /// Pending events in the end, with producers still at work.
    pub(crate) pending: usize,
}

#[derive(Clone, Default)]
struct MqConsumer {
    /// Since when it waits for a message; none: it serves one.
    waits: Option<u64>,
    /// When the message that it serves was sent.
    serves: u64,
    queue: VecDeque<u64>,
}

struct Bare<P> {
    pending: P,
    dice: Xoshiro256PlusPlus,
    consumers: Vec<MqConsumer>,
}

/// `n` producers, queues and consumers, until so many messages were served.
pub(crate) fn run<P: MqPending>(n: u32, messages: u64) -> MqOutcome {
    let idle = MqConsumer { waits: Some(0), ..MqConsumer::default() };
    let mut bare =
        Bare { pending: P::default(), dice: Xoshiro256PlusPlus::seed_from_u64(1), consumers: vec![idle; n as usize] };
    for i in 0..n {
        let at = bare.exponential(INTERVAL);
        bare.pending.schedule(at, MqEvent::Produce { producer: i });
        bare.pending.schedule(HOLD, MqEvent::Hold { consumer: i });
    }
    let (mut events, mut served, mut latency) = (0, 0, 0_u64);
    while served < messages {
        let Some((now, event)) = bare.pending.next() else { break };
        events += 1;
        match event {
            MqEvent::Produce { producer } => {
                bare.pending.schedule_in_line(now + HOP, MqEvent::Arrive { queue: producer, sent: now });
                let next = now + bare.exponential(INTERVAL);
                bare.pending.schedule(next, MqEvent::Produce { producer });
            }
            MqEvent::Arrive { queue, sent } => {
                let consumer = &mut bare.consumers[queue as usize];
                if consumer.waits.take().is_some() {
                    bare.serve(queue, sent, now);
                } else {
                    consumer.queue.push_back(sent);
                }
            }
            MqEvent::Served { consumer } => {
                let server = &mut bare.consumers[consumer as usize];
                latency += now - server.serves;
                served += 1;
                match server.queue.pop_front() {
                    Some(sent) => bare.serve(consumer, sent, now),
                    None => server.waits = Some(now),
                }
            }
            MqEvent::Hold { consumer } => {
                // A poll that was answered meanwhile has been followed by another one: its hold ends later.
                let poll = &mut bare.consumers[consumer as usize].waits;
                let since = poll.filter(|since| since + HOLD > now).unwrap_or(now);
                *poll = poll.map(|_| since);
                bare.pending.schedule(since + HOLD, MqEvent::Hold { consumer });
            }
        }
    }
    MqOutcome { events, messages: served, latency, pending: bare.pending.len() }
}

impl<P: MqPending> Bare<P> {
    fn serve(&mut self, consumer: u32, sent: u64, now: u64) {
        self.consumers[consumer as usize].serves = sent;
        let end = now + self.exponential(SERVICE);
        self.pending.schedule(end, MqEvent::Served { consumer });
    }

    fn exponential(&mut self, mean: f64) -> u64 {
        let unit = ((self.dice.next_u64() >> 11) + 1) as f64 / (1_u64 << 53) as f64;
        (-mean * libm::log(unit)) as u64
    }
}
