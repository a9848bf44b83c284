//! Chaos: clusters with slaves, all kinds of groups and producers, and faults of every kind on top of each other; each from
//! one number, so that a run that fails has a name. Mostly everything heals before the end of sending, and settles for long;
//! there is also a course of things that ends in the middle of them.
//!
//! It knows the scenario file and nothing of what a run of it should come to.

mod dice;
mod faults;
mod load;

use std::fmt::Write as _;

use self::dice::ChaosDice;
use super::Scenario;

/// What chaos may consist of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Means {
    /// Whether broker sets have slaves.
    pub slaves: bool,
    /// Whether the network is cut, links change, disks are full or empty; else nodes crash, pause and are slow.
    pub network_and_disks: bool,
    /// Whether messages on some links arrive twice.
    pub repeats: bool,
    /// How faults follow each other.
    pub course: FaultCourse,
}

/// How faults follow each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FaultCourse {
    /// On top of each other, on any node.
    Storm,
    /// Only brokers crash, one at a time, and everything has healed before the next one does. Every set waits for its
    /// slaves, and there is at least one.
    OneByOne,
    /// On top of each other, some of them shortly before the end and for good, over a bad network; nothing is left to drain.
    /// Topics delete by age, consumers come late.
    Abrupt,
}

impl Means {
    /// Everything there is.
    pub const ALL: Self = Self { slaves: true, network_and_disks: true, repeats: true, course: FaultCourse::Storm };
    /// Everything, with broker sets of one broker.
    pub const WITHOUT_SLAVES: Self = Self { slaves: false, ..Self::ALL };
    /// Each kind of scenario that can be drawn, by a name for people.
    pub const EACH: [(&str, Self); 4] = [
        ("one by one", Self { course: FaultCourse::OneByOne, ..Self::ALL }),
        ("a storm", Self::ALL),
        ("without slaves", Self::WITHOUT_SLAVES),
        ("abrupt", Self { course: FaultCourse::Abrupt, ..Self::ALL }),
    ];
}

/// Nodes by what they are, as faults and changes name them.
#[derive(Clone, Default, Debug)]
struct ChaosNames {
    nameservers: Vec<String>,
    brokers: Vec<String>,
    services: Vec<String>,
    producers: Vec<String>,
    consumers: Vec<String>,
}

impl ChaosNames {
    fn all(&self) -> Vec<String> {
        [&self.nameservers, &self.brokers, &self.services, &self.producers, &self.consumers]
            .into_iter()
            .flatten()
            .cloned()
            .collect()
    }
}

/// A scenario in the making.
struct ChaosDraft {
    text: String,
    dice: ChaosDice,
    means: Means,
    named: ChaosNames,
    duration_ms: u64,
    /// How long it takes until everybody has been told of what happened, more or less.
    word_ms: u64,
}

/// The scenario of a number.
#[must_use]
pub fn chaos(means: Means, number: u64) -> Scenario {
    let mut dice = ChaosDice::new(number);
    let duration_ms = match means.course {
        FaultCourse::Storm | FaultCourse::Abrupt => dice.between(3_000, 9_000),
        FaultCourse::OneByOne => dice.between(14_000, 26_000),
    };
    let mut draft =
        ChaosDraft { text: String::new(), dice, means, named: ChaosNames::default(), duration_ms, word_ms: 0 };
    draft.top(number);
    let sets = draft.cluster();
    draft.load(sets);
    draft.changes();
    draft.faults();
    if means.repeats {
        draft.repeats();
    }
    Scenario(draft.text)
}

impl ChaosDraft {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// A line that is written with a probability in percent.
    fn maybe(&mut self, percent: u64, line: impl FnOnce(&mut ChaosDice) -> String) {
        if self.dice.chance(percent) {
            let line = line(&mut self.dice);
            self.line(&line);
        }
    }

    /// Network and timers: short ones, so that much happens in few seconds.
    fn top(&mut self, number: u64) {
        let Self { dice, duration_ms, .. } = self;
        let latency = match dice.below(4) {
            0 => format!("\"{}us\"", dice.between(0, 20_000)),
            1 => "\"1ms\"".to_owned(),
            2 => format!("{{ exp = \"{}us\" }}", dice.between(100, 10_000)),
            _ => format!("{{ uniform = [\"0ms\", \"{}ms\"] }}", dice.between(1, 20)),
        };
        let loss = match self.means.course {
            FaultCourse::OneByOne => 0,
            FaultCourse::Storm => dice.likely(&[(60, 0), (40, 40)]),
            FaultCourse::Abrupt => dice.likely(&[(30, 0), (70, 200)]),
        };
        let loss = dice.below(loss + 1);
        let settle = match self.means.course {
            FaultCourse::Storm | FaultCourse::OneByOne => "30m".to_owned(),
            FaultCourse::Abrupt => format!("{}ms", dice.likely(&[(5, 0), (2, 50), (2, 700), (1, 5_000)])),
        };
        let heartbeat = dice.between(100, 400);
        let expire = heartbeat * dice.between(3, 6);
        let scan = dice.between(50, 400);
        self.word_ms = expire + scan + 4 * heartbeat;
        let refresh = if dice.chance(60) { "\"push\"".to_owned() } else { format!("\"{}ms\"", dice.between(100, 800)) };
        let commit = if dice.chance(60) { 0 } else { dice.between(20, 400) };
        let text = format!(
            "title = \"chaos {number}\"\nseed = {number}\nduration = \"{duration_ms}ms\"\nsettle = \"{settle}\"\n[network]\n\
             latency = {latency}\nloss = {}\n[timers]\nheartbeat = \"{heartbeat}ms\"\nexpire = \"{expire}ms\"\nscan = \"{scan}ms\"\n\
             route_refresh = {refresh}\nrebalance = \"{}ms\"\nlong_poll = \"{}ms\"\ncommit = \"{commit}ms\"\ncall = \"{}ms\"\n",
            loss as f64 / 1_000.0,
            dice.between(100, 1_000),
            dice.between(100, 2_000),
            dice.between(150, 600),
        );
        self.text.push_str(&text);
        if self.means.slaves {
            self.maybe(40, |dice| format!("offset_sync = \"{}ms\"", dice.between(20, 1_000)));
        }
    }

    /// Nameservers and broker sets; gives the number of sets.
    fn cluster(&mut self) -> usize {
        for n in 1..=self.dice.between(1, 2) {
            self.named.nameservers.push(format!("ns{n}"));
            self.line(&format!("[[nameservers]]\nname = \"ns{n}\""));
        }
        let sets = self.dice.likely(&[(5, 1), (3, 2), (2, 3)]);
        let calm = self.means.course == FaultCourse::OneByOne;
        for n in 1..=sets {
            let name = format!("b{n}");
            self.line(&format!("[[brokers]]\nname = \"{name}\""));
            self.named.brokers.push(name.clone());
            if self.means.slaves {
                let slaves =
                    if calm { self.dice.between(1, 3) } else { self.dice.likely(&[(2, 0), (4, 1), (4, 2), (1, 3)]) };
                let slaves: Vec<String> = (1..=slaves).map(|s| format!("{name}s{s}")).collect();
                if !slaves.is_empty() {
                    let quoted: Vec<String> = slaves.iter().map(|slave| format!("\"{slave}\"")).collect();
                    self.line(&format!("slaves = [{}]", quoted.join(", ")));
                }
                self.named.brokers.extend(slaves);
                if calm || self.dice.chance(50) {
                    self.line("replication = \"sync\"");
                }
                self.maybe(50, |dice| format!("replication_delay = {}", dice.delay_ms(300)));
            }
            if self.dice.chance(50) {
                self.line("flush = \"async\"");
                self.maybe(70, |dice| format!("flush_interval = \"{}ms\"", dice.between(20, 800)));
            } else {
                self.maybe(50, |dice| format!("flush_time = {}", dice.delay_ms(10)));
            }
            self.maybe(40, |dice| format!("store_time = {}", dice.delay_ms(4)));
            self.maybe(10, |dice| format!("store_limit = {}", dice.between(5, 100)));
            if !calm {
                let first_half = self.duration_ms / 2;
                self.maybe(10, |dice| format!("joins = \"{}ms\"", dice.between(1, first_half)));
            }
        }
        sets as usize
    }

    /// Settings that change on the way.
    fn changes(&mut self) {
        for _ in 0..self.dice.likely(&[(6, 0), (2, 1), (1, 2)]) {
            let at = self.dice.below(self.duration_ms);
            let (nodes, set) = match self.dice.below(4) {
                0 => (&self.named.producers, "interval"),
                1 => (&self.named.consumers, "service_time"),
                2 => (&self.named.consumers, "failure_rate"),
                _ => (&self.named.brokers, "store_time"),
            };
            let Some(node) = self.dice.pick(nodes) else { continue };
            let to = match set {
                "interval" => format!("\"{}ms\"", self.dice.between(10, 120)),
                "failure_rate" => format!("{}", self.dice.below(50) as f64 / 100.0),
                _ => self.dice.delay_ms(8),
            };
            let _ = writeln!(self.text, "[[changes]]\nat = \"{at}ms\"\nnode = \"{node}\"\nset = \"{set}\"\nto = {to}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_names_one_scenario() {
        assert_eq!(chaos(Means::ALL, 7), chaos(Means::ALL, 7));
        assert_ne!(chaos(Means::ALL, 7), chaos(Means::ALL, 8));
    }

    #[test]
    fn an_abrupt_course_ends_in_the_middle_of_things() {
        let of = |number| chaos(Means { course: FaultCourse::Abrupt, ..Means::ALL }, number).0;
        let texts: Vec<String> = (0..300).map(of).collect();
        let share = |word: &str| texts.iter().filter(|text| text.contains(word)).count();
        for (word, least) in [
            ("settle = \"0ms\"", 100),
            ("retention = ", 150),
            ("slaves = ", 150),
            ("loss = 0.1", 50),
            ("disk_full", 30),
            ("joins = ", 100),
            ("from = \"last\"", 30),
        ] {
            assert!(share(word) >= least, "{word} in {} of 300", share(word));
        }
        let for_good = texts.iter().filter(|text| text.matches("kind = ").count() > text.matches("\nfor = ").count());
        assert!(for_good.count() >= 100, "faults that do not end");
    }

    #[test]
    fn everything_that_may_happen_does_in_some_scenario() {
        let all: String = (0..300).map(|number| chaos(Means::ALL, number).0).collect();
        for word in [
            "slaves = ",
            "replication = \"sync\"",
            "replication_delay = ",
            "offset_sync = ",
            "flush = \"async\"",
            "flush_time",
            "retention = ",
            "queue_lock = false",
            "ack = \"before\"",
            "ordered = true",
            "deduplicate = true",
            "from = \"last\"",
            "joins = ",
            "leaves = ",
            "select = \"key_hash\"",
            "bursts = ",
            "publishes = ",
            "calls = ",
            "poison_rate = ",
            "ns2",
            "b3",
            "b1s3",
            "\"crash\"",
            "\"process\"",
            "\"pause\"",
            "\"slow\"",
            "\"partition\"",
            "one_way = true",
            "\"link\"",
            "\"repeat\"",
            "\"disk_full\"",
            "\"wipe\"",
        ] {
            assert!(all.contains(word), "never: {word}");
        }
        let none: String = (0..100).map(|number| chaos(Means::WITHOUT_SLAVES, number).0).collect();
        for word in ["slaves", "replication"] {
            assert!(!none.contains(word), "{word}");
        }
    }
}
