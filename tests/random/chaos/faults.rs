//! What breaks, and heals before producers stop.

use super::{ChaosDraft, FaultCourse};

impl ChaosDraft {
    pub(super) fn faults(&mut self) {
        match self.means.course {
            FaultCourse::Storm => {
                for _ in 0..self.dice.between(1, 8) {
                    self.strike();
                }
            }
            FaultCourse::OneByOne => self.one_by_one(),
            FaultCourse::Abrupt => {
                for _ in 0..self.dice.below(6) {
                    self.strike();
                }
                for _ in 0..self.dice.between(1, 3) {
                    self.strike_late();
                }
            }
        }
    }

    /// Brokers crash one after the other. Before the next one does, everybody has heard of the last, copies have been made
    /// and consumers have caught up with what is theirs.
    fn one_by_one(&mut self) {
        let pause = 2 * self.word_ms + 2_500;
        let mut at = pause;
        loop {
            let lasts = self.dice.between(1, 2 * self.word_ms);
            if at + lasts + pause >= self.duration_ms {
                return;
            }
            let Some(node) = self.dice.pick(&self.named.brokers) else { return };
            let kind = match self.dice.below(4) {
                0 if self.means.network_and_disks => "kind = \"wipe\"",
                1 => "kind = \"crash\"\nmode = \"process\"",
                _ => "kind = \"crash\"",
            };
            self.line(&format!("[[faults]]\nat = \"{at}ms\"\nfor = \"{lasts}ms\"\n{kind}\nnode = \"{node}\""));
            at += lasts + pause + self.dice.below(1_500);
        }
    }

    /// Something breaks, anywhere, and heals.
    fn strike(&mut self) {
        let at = self.duration_ms * self.dice.between(2, 85) / 100;
        let most = self.duration_ms * 96 / 100 - at;
        // Shorter and longer than it takes to be noticed.
        let lasts = if self.dice.chance(50) { self.dice.between(1, self.word_ms) } else { self.dice.between(1, most) };
        let lasts = lasts.min(most).max(1);
        let Some(particulars) = self.particulars() else { return };
        self.line(&format!("[[faults]]\nat = \"{at}ms\"\nfor = \"{lasts}ms\"\n{particulars}"));
    }

    /// Something breaks shortly before the end, mostly for good.
    fn strike_late(&mut self) {
        let before = self.dice.likely(&[(3, 100), (3, 1_000), (2, 3_000)]);
        let at = self.duration_ms - self.dice.between(1, before.min(self.duration_ms - 1));
        let lasts = self.dice.between(1, 2_000);
        let lasts = if self.dice.chance(70) { String::new() } else { format!("for = \"{lasts}ms\"\n") };
        let Some(particulars) = self.particulars() else { return };
        self.line(&format!("[[faults]]\nat = \"{at}ms\"\n{lasts}{particulars}"));
    }

    fn particulars(&mut self) -> Option<String> {
        let kinds = if self.means.network_and_disks { 100 } else { 60 };
        Some(match self.dice.below(kinds) {
            0..35 => {
                let mode = if self.dice.chance(35) { "process" } else { "host" };
                format!("kind = \"crash\"\nmode = \"{mode}\"\nnode = \"{}\"", self.victim()?)
            }
            35..50 => format!("kind = \"pause\"\nnode = \"{}\"", self.victim()?),
            50..60 => {
                let busy = [&self.named.brokers[..], &self.named.consumers, &self.named.services].concat();
                let factor = self.dice.between(2, 30);
                format!("kind = \"slow\"\nnode = \"{}\"\nfactor = {factor}", self.dice.pick(&busy)?)
            }
            60..78 => self.partition()?,
            78..86 => {
                let one = self.victim()?;
                let others: Vec<String> = self.named.all().into_iter().filter(|name| *name != one).collect();
                let (other, ms) = (self.dice.pick(&others)?, self.dice.between(1, 150));
                let loss = self.dice.between(1, 60) as f64 / 100.0;
                let what = match self.dice.below(3) {
                    0 => format!("latency = \"{ms}ms\""),
                    1 => format!("loss = {loss}"),
                    _ => format!("latency = {{ exp = \"{ms}ms\" }}\nloss = {loss}"),
                };
                format!("kind = \"link\"\nbetween = [\"{one}\", \"{other}\"]\n{what}")
            }
            86..92 => format!("kind = \"disk_full\"\nnode = \"{}\"", self.dice.pick(&self.named.brokers)?),
            _ => format!("kind = \"wipe\"\nnode = \"{}\"", self.dice.pick(&self.named.brokers)?),
        })
    }

    /// On some links messages arrive twice, for a while or for good. (Drawn last: all else is as it is without.)
    pub(super) fn repeats(&mut self) {
        for _ in 0..self.dice.likely(&[(5, 0), (3, 1), (1, 3)]) {
            let Some(one) = self.victim() else { return };
            let others: Vec<String> = self.named.all().into_iter().filter(|name| *name != one).collect();
            let Some(other) = self.dice.pick(&others) else { return };
            let at = self.dice.below(self.duration_ms);
            let lasts = self.dice.between(1, self.duration_ms - at);
            let lasts = if self.dice.chance(30) { String::new() } else { format!("for = \"{lasts}ms\"\n") };
            let probability = self.dice.likely(&[(1, 100), (1, 50), (1, 5)]) as f64 / 100.0;
            self.line(&format!(
                "[[faults]]\nat = \"{at}ms\"\n{lasts}kind = \"repeat\"\nbetween = [\"{one}\", \"{other}\"]\n\
                 probability = {probability}"
            ));
        }
    }

    /// Brokers more often than others, since they have something to lose.
    fn victim(&mut self) -> Option<String> {
        let nodes = if self.dice.chance(60) { self.named.brokers.clone() } else { self.named.all() };
        self.dice.pick(&nodes)
    }

    /// Some nodes on one side, some of the others, or all, on the other.
    fn partition(&mut self) -> Option<String> {
        let first = self.victim()?;
        let (mut here, mut there) = (vec![first], Vec::new());
        for name in self.named.all() {
            if here.contains(&name) {
                continue;
            }
            match self.dice.below(10) {
                0..2 => here.push(name),
                2..7 => there.push(name),
                _ => {}
            }
        }
        let list = |names: &[String]| names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
        let one_way = if self.dice.chance(35) { "\none_way = true" } else { "" };
        let sides = format!("kind = \"partition\"\nsides = [[{}], [{}]]{one_way}", list(&here), list(&there));
        (!there.is_empty()).then_some(sides)
    }
}
