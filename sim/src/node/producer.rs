//! A producer: it sends messages to a topic, or calls a service directly, on its own clock. Sends do not wait for each
//! other. It knows where the topic is only from its nameserver, and what became of a message only from answers.

use super::client::{Client, News};
use super::sender::Sender;
use super::window::InFlightWindow;
use super::{Alarm, Input, Timer, Turn};
use crate::kernel::{Stream, Time};
use crate::plan::{MessageId, NodeId, Plan, ProducerPlan, Setting, Target};
use crate::protocol::{Packet, SendOutcome};
use crate::record::Kind;

/// Messages of a burst that leave in one turn; the rest follow at the same time, turn by turn.
const BURST_STEP: u32 = 256;

/// A producer.
#[derive(Clone, Debug)]
pub struct Producer {
    settings: ProducerPlan,
    intervals: Stream,
    keys: Stream,
    select: Stream,
    /// Messages begun so far, in all lives: names are used once.
    begun: u32,
    memory: ProducerMemory,
}

#[derive(Clone, Debug)]
struct ProducerMemory {
    client: Client,
    outgoing: Outgoing,
    alarm: Alarm,
    /// When the present interval began, and which timer ends it.
    interval_from: Time,
    interval_number: u32,
    /// What is left of each burst.
    bursts: Vec<u32>,
}

#[derive(Clone, Debug)]
enum Outgoing {
    Messages(Sender),
    Calls { service: NodeId, open: InFlightWindow<()> },
}

impl Producer {
    /// A producer before its first life.
    #[must_use]
    pub(crate) fn new(plan: &Plan, seed: u64, me: NodeId, settings: &ProducerPlan) -> Self {
        let stream = |concern| Stream::new(seed, plan.name(me), concern);
        Self {
            settings: settings.clone(),
            intervals: stream("interval"),
            keys: stream("keys"),
            select: stream("select"),
            begun: 0,
            memory: ProducerMemory::new(plan, settings, Time::ZERO),
        }
    }

    /// Messages or calls that are neither answered nor given up.
    #[must_use]
    pub fn open(&self) -> usize {
        match &self.memory.outgoing {
            Outgoing::Messages(sender) => sender.open(),
            Outgoing::Calls { open, .. } => open.len(),
        }
    }

    /// The numbers of those messages or calls.
    #[must_use]
    pub fn open_numbers(&self) -> Vec<u32> {
        match &self.memory.outgoing {
            Outgoing::Messages(sender) => sender.open_numbers(),
            Outgoing::Calls { open, .. } => open.numbers().collect(),
        }
    }

    /// What it believes.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.memory.client
    }

    /// A crash: what it knew is gone.
    pub(super) fn forget(&mut self, plan: &Plan, now: Time) {
        self.memory = ProducerMemory::new(plan, &self.settings, now);
    }

    /// Takes its turn.
    pub(crate) fn handle(&mut self, input: Input, turn: &mut Turn<'_>) {
        match input {
            Input::Start => self.start(turn),
            Input::Packet { from, packet } => self.handle_packet(from, &packet, turn),
            Input::Timer(timer) => self.wake(timer, turn),
            Input::Set(Setting::Interval(interval)) => {
                self.settings.interval = Some(interval);
                self.set_interval(turn);
            }
            Input::Set(
                Setting::ServiceTime(_)
                | Setting::Threads(_)
                | Setting::Workers(_)
                | Setting::FailureRate(_)
                | Setting::StoreTime(_)
                | Setting::StoreLimit(_)
                | Setting::QueueLimit(_),
            )
            | Input::Slow(_)
            | Input::DiskFull(_)
            | Input::Resume(_) => {}
        }
        if let Outgoing::Messages(sender) = &mut self.memory.outgoing {
            // Nobody here waits for what became of a message.
            sender.forget_ended();
        }
        self.memory.alarm.set(turn.deadline, Timer::Deadline, turn);
    }

    fn start(&mut self, turn: &mut Turn<'_>) {
        self.forget(turn.plan, turn.now);
        self.memory.client.start(turn);
        self.set_interval(turn);
        for (index, burst) in self.settings.bursts.iter().enumerate() {
            if burst.at >= turn.now {
                turn.wake_at(burst.at, Timer::Burst(index as u32));
            }
        }
    }

    fn wake(&mut self, timer: Timer, turn: &mut Turn<'_>) {
        match timer {
            Timer::Heartbeat => self.memory.client.heartbeat(turn),
            Timer::Refresh(number) => self.memory.client.refresh_at(number, turn),
            Timer::Interval(number) if number == self.memory.interval_number => {
                self.begin(turn);
                self.memory.interval_from = turn.now;
                self.set_interval(turn);
            }
            Timer::Burst(index) => self.burst(index, turn),
            Timer::Deadline if self.memory.alarm.rings(turn.now) => self.deadlines(turn),
            _ => {}
        }
    }

    /// The next message comes one interval after the last one, or now if that is past.
    fn set_interval(&mut self, turn: &mut Turn<'_>) {
        let Some(interval) = self.settings.interval else { return };
        let at = (self.memory.interval_from + interval.draw(&mut self.intervals)).max(turn.now);
        self.memory.interval_number += 1;
        if at < self.settings.stops && !self.is_spent() {
            let number = self.memory.interval_number;
            turn.without_cause(|turn| turn.wake_at(at, Timer::Interval(number)));
        }
    }

    fn is_spent(&self) -> bool {
        self.settings.messages.is_some_and(|limit| self.begun >= limit)
    }

    fn burst(&mut self, index: u32, turn: &mut Turn<'_>) {
        let left = self.memory.bursts[index as usize];
        let step = left.min(BURST_STEP);
        for _ in 0..step {
            self.begin(turn);
        }
        self.memory.bursts[index as usize] = left - step;
        if left > step {
            turn.wake_at(turn.now, Timer::Burst(index));
        }
    }

    /// Begins one message, or call.
    fn begin(&mut self, turn: &mut Turn<'_>) {
        if self.is_spent() || turn.now >= self.settings.stops {
            return;
        }
        self.begun += 1;
        let number = self.begun;
        let ProducerMemory { client, outgoing, .. } = &mut self.memory;
        match outgoing {
            Outgoing::Messages(sender) => {
                let key = (self.settings.keys > 0).then(|| self.keys.below(self.settings.keys));
                turn.keeping_cause(|turn| sender.begin(number, key, client, &mut self.select, turn));
            }
            Outgoing::Calls { service, open } => turn.keeping_cause(|turn| {
                let call = MessageId { producer: turn.me, number };
                turn.open(2);
                open.open(number, ());
                turn.note(Kind::Called { call, service: *service });
                turn.send(*service, Packet::Call { call });
                open.expect_by(turn.expect_within(self.settings.attempts.timeout), number, 1);
            }),
        }
    }

    fn handle_packet(&mut self, from: NodeId, packet: &Packet, turn: &mut Turn<'_>) {
        let ProducerMemory { client, outgoing, .. } = &mut self.memory;
        match (outgoing, packet) {
            (Outgoing::Messages(sender), Packet::SendAnswer { message, attempt, outcome }) => {
                if *outcome == SendOutcome::NotMaster
                    && let Some(epoch) = sender.epoch_of(message.number)
                {
                    client.find_gone(from, Some(epoch), turn.plan);
                }
                sender.answer(message.number, *attempt, *outcome, client, &mut self.select, turn);
            }
            (Outgoing::Messages(sender), Packet::Closed) => {
                client.find_gone(from, None, turn.plan);
                sender.closed(from, client, &mut self.select, turn);
            }
            (Outgoing::Calls { service, open }, Packet::CallAnswer { call, served }) => {
                if open.close(call.number).is_some() {
                    turn.close();
                    if *served {
                        turn.note(Kind::Answered { call: *call, service: *service });
                    }
                }
            }
            (Outgoing::Calls { service, open }, Packet::Closed) if from == *service => {
                let numbers: Vec<u32> = open.numbers().collect();
                for number in numbers {
                    open.close(number);
                    turn.close();
                    let call = MessageId { producer: turn.me, number };
                    turn.keeping_cause(|turn| turn.note(Kind::Unanswered { call, service: *service }));
                }
            }
            (outgoing, packet) => {
                if client.handle_packet(from, packet, turn.now, turn.plan) == News::Route
                    && let Outgoing::Messages(sender) = outgoing
                {
                    sender.rerouted(client, &mut self.select, turn);
                }
            }
        }
    }

    /// Patience for something has ended, perhaps for something that was answered meanwhile.
    fn deadlines(&mut self, turn: &mut Turn<'_>) {
        let ProducerMemory { client, outgoing, .. } = &mut self.memory;
        let next = match outgoing {
            Outgoing::Messages(sender) => {
                sender.deadlines(client, &mut self.select, turn);
                sender.next_deadline()
            }
            Outgoing::Calls { service, open } => {
                while let Some((number, _)) = open.expired(turn.now) {
                    open.close(number);
                    turn.close();
                    let call = MessageId { producer: turn.me, number };
                    turn.keeping_cause(|turn| turn.note(Kind::Unanswered { call, service: *service }));
                }
                open.next_deadline()
            }
        };
        turn.deadline = turn.deadline.min(next.unwrap_or(Time::NEVER));
    }
}

impl ProducerMemory {
    fn new(plan: &Plan, settings: &ProducerPlan, now: Time) -> Self {
        let (topics, outgoing) = match settings.target {
            Target::Topic(topic) => {
                (vec![topic], Outgoing::Messages(Sender::new(topic, settings.select, settings.attempts)))
            }
            Target::Service(service) => (Vec::new(), Outgoing::Calls { service, open: InFlightWindow::default() }),
        };
        Self {
            client: Client::new(plan, &topics, None, now),
            outgoing,
            alarm: Alarm::default(),
            interval_from: now,
            interval_number: 0,
            bursts: settings.bursts.iter().map(|burst| burst.count).collect(),
        }
    }
}

#[cfg(test)]
mod tests;
