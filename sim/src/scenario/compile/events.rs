//! Faults and changes: on nodes that can have them, at times that come.

use super::super::duration::{Gap, Period};
use super::super::file::{Anything, Change, ChangeableKey, FaultSection, FaultTimes};
use super::super::section::SectionKey;
use super::super::value::{KeyValue, MessageCount, Pair, Probability, Reference, Threads};
use super::super::written::TomlPlace;
use super::names::{NodeKind, or};
use super::{Compiler, all};
use crate::kernel::{Distribution, Time};
use crate::plan::{self, ChangePlan, FaultPlan, Links, NodeId, Rule, Setting, WireFault};

/// Nodes with a service or store time.
const WITH_TIME: &[NodeKind] = &[NodeKind::Consumer, NodeKind::Service, NodeKind::Broker];

impl ChangeableKey {
    /// The kinds of node that have the setting.
    const fn owners(self) -> &'static [NodeKind] {
        match self {
            Self::Interval => &[NodeKind::Producer],
            Self::ServiceTime => &[NodeKind::Consumer, NodeKind::Service],
            Self::Threads | Self::FailureRate => &[NodeKind::Consumer],
            Self::Workers | Self::QueueLimit => &[NodeKind::Service],
            Self::StoreTime | Self::StoreLimit => &[NodeKind::Broker],
        }
    }
}

impl Compiler<'_, '_, '_> {
    pub(super) fn faults(&mut self) -> Option<Vec<FaultPlan>> {
        all(self.file.faults.list().iter().map(|fault| self.fault(fault)))
    }

    /// A fault ends with `duration` at the latest: what drains after it is undisturbed.
    fn warn_if_cut_short(&mut self, at: &SectionKey<Time>, lasts: &SectionKey<Period>) {
        let (Some(at), Some((Period(lasts), place)), Some(stop)) = (at.get(), lasts.placed(), self.stop) else {
            return;
        };
        if at < stop && at + *lasts > stop {
            let (end, left) = (stop.since(Time::ZERO), stop.since(at));
            let message = format!(
                "the fault would last until {}, and ends with `duration` at {end}",
                (at + *lasts).since(Time::ZERO)
            );
            let help = format!("write `for = \"{left}\"`; or make `duration` longer; without `for` it lasts for good");
            self.reader.warn(place, message, format!("ends after {left}"), help);
        }
    }

    fn fault(&mut self, fault: &FaultSection) -> Option<FaultPlan> {
        let (_, _, FaultTimes { at, lasts }) = fault.parts()?;
        if let Some((at, place)) = at.placed() {
            self.in_time(
                "at",
                *at,
                place,
                self.stop,
                false,
                "the end of `duration`: what drains after it is undisturbed",
            );
        }
        self.warn_if_cut_short(at, lasts);
        let broken = match fault {
            FaultSection::Crash(crash) => {
                let node = self.node(&crash.node, NodeKind::ALL);
                plan::Fault::Crash { node: node?, mode: crash.mode.get()? }
            }
            FaultSection::Pause(pause) => plan::Fault::Pause { node: self.node(&pause.node, NodeKind::ALL)? },
            FaultSection::Slow(slow) => {
                let node = self.node(&slow.node, WITH_TIME);
                plan::Fault::Slow { node: node?, factor: slow.factor.get()?.0 }
            }
            FaultSection::Partition(partition) => {
                let sides = self.sides(&partition.sides);
                let links = Links::Sides { sides: sides?, one_way: partition.one_way.get()? };
                plan::Fault::Wire(WireFault { links, rule: Rule::Cut })
            }
            FaultSection::Link(link) => {
                let between = self.link(&link.between);
                if !link.latency.is_written() && !link.loss.is_written() {
                    let message = "a fault of kind link has none of `latency` and `loss`, expected at least one";
                    self.reader.absent(link.place, message, "changes nothing", None);
                    return None;
                }
                let rule = Rule::Change { latency: link.latency.get(), loss: link.loss.get().map(|loss| loss.0) };
                plan::Fault::Wire(WireFault { links: between?, rule })
            }
            FaultSection::Repeat(repeat) => {
                let links = self.link(&repeat.between);
                let rule = Rule::Repeat { probability: repeat.probability.get()?.0 };
                plan::Fault::Wire(WireFault { links: links?, rule })
            }
            FaultSection::DiskFull(full) => plan::Fault::DiskFull { node: self.node(&full.node, &[NodeKind::Broker])? },
            FaultSection::Wipe(wipe) => plan::Fault::Wipe { node: self.node(&wipe.node, &[NodeKind::Broker])? },
            FaultSection::Unreadable => return None,
        };
        let lasts = lasts.get().map(|lasts| lasts.0);
        Some(FaultPlan { at: at.get()?, lasts, fault: broken })
    }

    fn node(&mut self, key: &SectionKey<Reference>, kinds: &[NodeKind]) -> Option<NodeId> {
        let found = self.names.node_of("node", key.value.as_ref()?, kinds, self.reader);
        found.map(|(node, _)| node)
    }

    fn sides(&mut self, sides: &SectionKey<Pair<Vec<Reference>>>) -> Option<(Vec<NodeId>, Vec<NodeId>)> {
        let (Pair(first, second), place) = sides.placed()?;
        if first.is_empty() || second.is_empty() {
            self.report(place, "`sides` has an empty side, expected two lists of nodes", "an empty side", None);
        }
        let mut resolve = |side: &[Reference]| -> Vec<NodeId> {
            side.iter()
                .filter_map(|node| self.names.node_of("sides", node, NodeKind::ALL, self.reader))
                .map(|(node, _)| node)
                .collect()
        };
        let (on_first, on_second) = (resolve(first), resolve(second));
        let resolved = on_first.len() == first.len() && on_second.len() == second.len();
        let sorted = std::collections::BTreeSet::from_iter(&on_first);
        if on_second.len() == second.len() {
            for (node, reference) in on_second.iter().zip(second) {
                if sorted.contains(node) {
                    let message = format!("`sides` has `{}` on both sides, expected it on one", reference.name);
                    self.report(reference.place, message, "on both sides", None);
                }
            }
        }
        resolved.then_some((on_first, on_second))
    }

    fn link(&mut self, between: &SectionKey<Pair<Reference>>) -> Option<Links> {
        let (Pair(one, other), place) = between.placed()?;
        let mut resolve = |node| self.names.node_of("between", node, NodeKind::ALL, self.reader);
        let (first, second) = (resolve(one), resolve(other));
        if first.is_some() && first == second {
            self.report(place, "`between` names one node twice, expected two nodes", "the same node", None);
        }
        Some(Links::Between(first?.0, second?.0))
    }

    pub(super) fn changes(&mut self) -> Option<Vec<ChangePlan>> {
        all(self.file.changes.list().iter().map(|change| self.change(change)))
    }

    fn change(&mut self, change: &Change) -> Option<ChangePlan> {
        if let Some((at, place)) = change.at.placed() {
            self.in_time("at", *at, place, self.end, false, "the end of the run (`duration` and `settle`)");
        }
        let node = change
            .node
            .value
            .as_ref()
            .and_then(|node| Some((self.names.node_of("node", node, NodeKind::ALL, self.reader)?, &node.name)));
        let (key, place) = change.set.placed()?;
        if let Some(((_, kind), name)) = node
            && !key.owners().contains(&kind)
        {
            self.no_such_setting(*key, place, kind, name);
            return None;
        }
        let setting = self.setting(*key, change.to.value.as_ref()?)?;
        Some(ChangePlan { at: change.at.get()?, node: node?.0.0, setting })
    }

    fn no_such_setting(&mut self, key: ChangeableKey, place: TomlPlace, kind: NodeKind, name: &str) {
        let word = key.written();
        let word = word.as_str().unwrap_or_default();
        let owners = or(key.owners());
        let message = format!("`set` is \"{word}\", but `{name}` is a {}: only {owners} has that", kind.word());
        let has: Vec<String> = <ChangeableKey as super::super::value::WordChoice>::WORDS
            .iter()
            .filter(|(_, key)| key.owners().contains(&kind))
            .map(|(word, _)| format!("\"{word}\""))
            .collect();
        let help = match has.is_empty() {
            true => format!("a {} has no setting that can change", kind.word()),
            false => format!("a {} has {}", kind.word(), super::super::reader::and(&has)),
        };
        self.report(place, message, "not a setting of that node", Some(&help));
    }

    /// The new value, read as the key's own section would.
    fn setting(&mut self, key: ChangeableKey, Anything(item): &Anything) -> Option<Setting> {
        let reader = &mut *self.reader;
        match key {
            ChangeableKey::Interval => Gap::read(item, "to", reader).map(|gap| Setting::Interval(gap.0)),
            ChangeableKey::ServiceTime => Distribution::read(item, "to", reader).map(Setting::ServiceTime),
            ChangeableKey::Threads => Threads::read(item, "to", reader).map(|n| Setting::Threads(n.0)),
            ChangeableKey::Workers => Threads::read(item, "to", reader).map(|n| Setting::Workers(n.0)),
            ChangeableKey::FailureRate => Probability::read(item, "to", reader).map(|p| Setting::FailureRate(p.0)),
            ChangeableKey::StoreTime => Distribution::read(item, "to", reader).map(Setting::StoreTime),
            ChangeableKey::StoreLimit => MessageCount::read(item, "to", reader).map(|n| Setting::StoreLimit(n.0)),
            ChangeableKey::QueueLimit => MessageCount::read(item, "to", reader).map(|n| Setting::QueueLimit(n.0)),
        }
    }
}
