//! Who sends what, and who reads it: topics, services, producers, groups, consumers.

use std::fmt::Write as _;

use super::{ChaosDraft, FaultCourse};

impl ChaosDraft {
    pub(super) fn load(&mut self, sets: usize) {
        let topics = self.topics(sets);
        if self.dice.chance(20) {
            self.named.services.push("s1".to_owned());
            let (workers, time) = (self.dice.between(1, 4), self.dice.delay_ms(10));
            let _ = writeln!(self.text, "[[services]]\nname = \"s1\"\nworkers = {workers}\nservice_time = {time}");
        }
        for n in 1..=self.dice.between(1, 3) {
            self.producer(n, topics);
        }
        let mut consumers = 0;
        for n in 1..=self.dice.between(1, 3) {
            let topic = self.dice.between(1, topics);
            self.group(n, topic);
            // One that nobody joins never begins.
            if !self.dice.chance(95) {
                continue;
            }
            for rank in 0..self.dice.between(1, 3) {
                consumers += 1;
                self.consumer(consumers, n, rank == 0, topic < topics);
            }
        }
    }

    /// Every broker set gets a queue, and every topic; gives the number of topics.
    fn topics(&mut self, sets: usize) -> u64 {
        let topics = self.dice.likely(&[(3, 1), (2, 2)]);
        let mut shares = vec![vec![0; sets]; topics as usize];
        for share in shares.iter_mut().flatten() {
            *share = self.dice.likely(&[(1, 0), (3, 1), (2, 2), (1, 4)]);
        }
        for set in 0..sets {
            if shares.iter().all(|share| share[set] == 0) {
                shares[set % topics as usize][set] = 1;
            }
        }
        for (n, share) in shares.iter_mut().enumerate() {
            if share.iter().all(|queues| *queues == 0) {
                share[0] = 1;
            }
            let queues = share.iter().enumerate().filter(|(_, queues)| **queues > 0);
            let queues: Vec<String> = queues.map(|(set, queues)| format!("b{} = {queues}", set + 1)).collect();
            let _ = writeln!(self.text, "[[topics]]\nname = \"t{}\"\nqueues = {{ {} }}", n + 1, queues.join(", "));
            let percent = match self.means.course {
                FaultCourse::OneByOne => 0,
                FaultCourse::Storm => 25,
                FaultCourse::Abrupt => 75,
            };
            self.maybe(percent, |dice| format!("retention = \"{}ms\"", dice.between(100, 6_000)));
        }
        topics
    }

    fn producer(&mut self, n: u64, topics: u64) {
        let topic = self.dice.between(1, topics);
        let calls = !self.named.services.is_empty() && self.dice.chance(10);
        let target = if calls { "calls = \"s1\"".to_owned() } else { format!("topic = \"t{topic}\"") };
        let _ = writeln!(self.text, "[[producers]]\nname = \"p{n}\"\n{target}");
        let slow = if self.means.course == FaultCourse::OneByOne { 2 } else { 1 };
        let mean = self.dice.between(15, 120) * slow;
        match self.dice.below(3) {
            0 => self.line(&format!("interval = {{ exp = \"{mean}ms\" }}")),
            1 => self.line(&format!("interval = {{ uniform = [\"{}ms\", \"{}ms\"] }}", mean / 2, 2 * mean)),
            _ => self.line(&format!("interval = \"{mean}ms\"")),
        }
        match self.dice.below(4) {
            0 => self.line("select = \"random\""),
            1 => {
                let keys = self.dice.between(1, 6);
                self.line(&format!("select = \"key_hash\"\nkeys = {keys}"));
            }
            2 => self.maybe(50, |dice| format!("keys = {}", dice.between(1, 6))),
            _ => {}
        }
        let timeout = self.dice.between(80, 1_200);
        self.line(&format!("send_timeout = \"{timeout}ms\""));
        self.maybe(60, |dice| format!("retries = {}", dice.between(0, 6)));
        self.maybe(10, |dice| format!("messages = {}", dice.between(1, 60)));
        let duration_ms = self.duration_ms;
        let at = move |percent: u64| percent * duration_ms / 100;
        self.maybe(20, |dice| {
            format!("bursts = [{{ at = \"{}ms\", count = {} }}]", at(dice.between(35, 60)), dice.between(1, 40))
        });
        self.maybe(15, |dice| format!("starts = \"{}ms\"", at(dice.between(1, 30))));
        self.maybe(15, |dice| format!("stops = \"{}ms\"", at(dice.between(65, 99))));
        let twice = self.dice.chance(15);
        if twice {
            self.line("count = 2");
        }
        self.named.producers.push(if twice { format!("p{n}-1") } else { format!("p{n}") });
    }

    fn group(&mut self, n: u64, topic: u64) {
        let _ = writeln!(self.text, "[[groups]]\nname = \"g{n}\"\ntopic = \"t{topic}\"");
        self.maybe(50, |dice| {
            let rule = dice.pick(&["averagely", "circle", "consistent_hash"]).unwrap_or_default();
            format!("assignment = \"{rule}\"")
        });
        self.maybe(30, |_| "queue_lock = false".to_owned());
        let calm = self.means.course == FaultCourse::OneByOne;
        self.maybe(if calm { 0 } else { 20 }, |_| "ack = \"before\"".to_owned());
        self.maybe(50, |dice| format!("batch = {}", dice.between(1, 32)));
        self.maybe(15, |_| "from = \"last\"".to_owned());
        self.maybe(25, |_| "ordered = true".to_owned());
        self.maybe(30, |_| "deduplicate = true".to_owned());
        let retries = self.dice.between(0, 3);
        self.line(&format!("max_retries = {retries}"));
        if self.dice.chance(50) {
            let delay = self.dice.delay_ms(300);
            self.line(&format!("retry_delay = {delay}"));
        } else {
            let (one, two) = (self.dice.between(0, 200), self.dice.between(0, 600));
            self.line(&format!("retry_delay = [\"{one}ms\", \"{two}ms\"]"));
        }
    }

    /// A consumer; one of each group stays.
    fn consumer(&mut self, n: u64, group: u64, stays: bool, later_topic: bool) {
        let _ = writeln!(self.text, "[[consumers]]\nname = \"c{n}\"\ngroup = \"g{group}\"");
        let (threads, time) = (self.dice.between(1, 3), self.dice.delay_ms(25));
        self.line(&format!("threads = {threads}\nservice_time = {time}"));
        self.maybe(35, |dice| format!("failure_rate = {}", dice.between(1, 60) as f64 / 100.0));
        self.maybe(15, |dice| format!("poison_rate = {}", dice.between(1, 20) as f64 / 100.0));
        if !self.named.services.is_empty() && self.dice.chance(40) {
            let timeout = self.dice.between(50, 800);
            self.line(&format!("calls = \"s1\"\ncall_timeout = \"{timeout}ms\""));
        }
        if later_topic {
            self.maybe(15, |_| "publishes = \"t2\"".to_owned());
        }
        let duration_ms = self.duration_ms;
        let at = move |percent: u64| percent * duration_ms / 100;
        let (percent, latest) = if self.means.course == FaultCourse::Abrupt { (50, 99) } else { (25, 50) };
        self.maybe(percent, |dice| format!("joins = \"{}ms\"", at(dice.between(1, latest))));
        if !stays {
            self.maybe(50, |dice| format!("leaves = \"{}ms\"", at(dice.between(latest + 1, 110))));
        }
        let twice = self.dice.chance(15);
        if twice {
            self.line("count = 2");
        }
        self.named.consumers.push(if twice { format!("c{n}-1") } else { format!("c{n}") });
    }
}
