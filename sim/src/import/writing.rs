//! The scenario as a file: every line that is a guess, or not as in life, with a comment that says so.

use std::fmt::{self, Write};

use toml_edit::{Key, Value};

use super::cluster::{KnownFlush, KnownReplication};
use super::import_plan::{ImportPlan, LeftOut, PlannedGroup, PlannedSet, PlannedTopic, quoted};
use super::passage::{Passage, of_one_line};
use super::system::System;
use crate::limit;

/// Names of parts left out that are listed; the others are counted.
const MAX_LISTED: usize = 8;

/// A burst that stands for what a group is behind: no more, so that it can be watched.
const BURST: u64 = 100_000;

/// Everything from which the text of the scenario is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct ToWrite<'w> {
    pub(super) plan: &'w ImportPlan,
    /// The files that it was made of.
    pub(super) files: &'w [&'w str],
    pub(super) passed_over: &'w [Passage],
    pub(super) taken: &'w [Passage],
}

/// Writes the scenario.
pub(super) fn write(written: ToWrite<'_>) -> String {
    let mut text = String::new();
    // Writing into a string never fails.
    let _ = written.write(&mut text);
    text
}

impl ToWrite<'_> {
    fn write(&self, out: &mut String) -> fmt::Result {
        self.head(out)?;
        for set in &self.plan.sets {
            broker(set, self.plan.system, out)?;
        }
        for topic in &self.plan.topics {
            self.topic(topic, out)?;
        }
        self.what_if(out)
    }

    fn head(&self, out: &mut String) -> fmt::Result {
        let files = list(self.files);
        writeln!(out, "# From a real cluster: {files}")?;
        writeln!(
            out,
            "# Who takes part is as it was printed; how much is sent, and how long things take, is guessed. A comment"
        )?;
        writeln!(
            out,
            "# beside a line says what could not be known, or is not as in life. Change it to what you know."
        )?;
        passages(out, "Passed over, since nothing of it is known here", self.passed_over)?;
        passages(out, "Taken for something that it does not say", self.taken)?;
        for remark in &self.plan.remarks {
            writeln!(out, "# {}", of_one_line(remark))?;
        }
        for LeftOut { what, names } in &self.plan.left_out {
            writeln!(out, "# Left out: {what}: {}", list(names))?;
        }
        if self.plan.topics.iter().all(|topic| topic.groups.is_empty()) {
            writeln!(out, "# No group is known: {}.", self.plan.system.hint_on_readers())?;
        }
        let title =
            if self.plan.clusters.is_empty() { "A real cluster".to_owned() } else { self.plan.clusters.join(", ") };
        let title: String = title.chars().take(100).collect();
        writeln!(out, "\ntitle = {}", Value::from(title))?;
        writeln!(out, "duration = \"5m\"")?;
        writeln!(out, "settle = \"5m\"")?;
        let (profile, remark) = match self.plan.system {
            System::RocketMq => {
                ("rocketmq", "RocketMQ's defaults: how brokers and clients are configured is not known")
            }
            System::Kafka => {
                ("classroom", "no profile has Kafka's defaults: here everything is noticed within seconds")
            }
            System::RabbitMq => {
                ("classroom", "no profile has RabbitMQ's ways: here a queue is a log that consumers pull")
            }
        };
        line(out, &format!("profile = \"{profile}\""), &[remark.to_owned()])
    }

    fn topic(&self, topic: &PlannedTopic, out: &mut String) -> fmt::Result {
        writeln!(out, "\n[[topics]]")?;
        let name = Value::from(topic.name.as_str());
        line(out, &format!("name = {name}"), &topic.remarks)?;
        let share =
            |(set, count): (&usize, &u32)| format!("{} = {count}", Key::new(self.plan.sets[*set].name.as_str()));
        let shares: Vec<String> = topic.shares.iter().map(share).collect();
        line(out, &format!("queues = {{ {} }}", shares.join(", ")), &topic.share_remarks)?;
        writeln!(out, "\n[[producers]]")?;
        writeln!(out, "name = {}", Value::from(topic.producer.as_str()))?;
        writeln!(out, "topic = {name}")?;
        line(out, &format!("interval = {{ exp = \"{}\" }}", topic.interval), std::slice::from_ref(&topic.rate_remark))?;
        let behind = topic.groups.iter().filter_map(|group| group.behind).max().unwrap_or(0);
        if behind > 0 {
            let remark = format!("without the `#`: what its groups are behind, up to {behind}, is sent at the start");
            line(out, &format!("# bursts = [{{ at = \"0s\", count = {} }}]", behind.min(BURST)), &[remark])?;
        }
        for reader in &topic.groups {
            group(reader, &name, out)?;
        }
        Ok(())
    }

    /// Something to begin with.
    fn what_if(&self, out: &mut String) -> fmt::Result {
        if self.plan.topics.iter().any(|topic| !topic.groups.is_empty()) {
            writeln!(out, "\n[[expect]]\nmetric = \"lost\"\nequals = 0")?;
        }
        if let Some(set) = self.plan.sets.first() {
            writeln!(out, "\n# What if? Take the `#` away, and run it again.")?;
            writeln!(
                out,
                "# [[faults]]\n# at = \"1m\"\n# kind = \"crash\"\n# node = {}",
                Value::from(set.name.as_str())
            )?;
        }
        Ok(())
    }
}

/// Lists passages under a heading, up to the limit.
fn passages(out: &mut String, heading: &str, passages: &[Passage]) -> fmt::Result {
    if passages.is_empty() {
        return Ok(());
    }
    writeln!(out, "# {heading}:")?;
    for passage in passages.iter().take(limit::PASSAGES) {
        writeln!(out, "#   {}", of_one_line(&passage.to_string()))?;
    }
    match passages.len().saturating_sub(limit::PASSAGES) {
        0 => Ok(()),
        more => writeln!(out, "#   and {more} more"),
    }
}

fn broker(set: &PlannedSet, system: System, out: &mut String) -> fmt::Result {
    writeln!(out, "\n[[brokers]]")?;
    line(out, &format!("name = {}", Value::from(set.name.as_str())), &set.remarks)?;
    if !set.slaves.is_empty() {
        let slaves: Vec<String> = set.slaves.iter().map(|slave| Value::from(slave.as_str()).to_string()).collect();
        line(out, &format!("slaves = [{}]", slaves.join(", ")), &set.slave_remarks)?;
    }
    match set.replication {
        Some(KnownReplication::Sync) => writeln!(out, "replication = \"sync\"")?,
        Some(KnownReplication::Async) => writeln!(out, "replication = \"async\"")?,
        None if set.slaves.is_empty() => {}
        None if system == System::Kafka => {
            let remark =
                "a guess: producers ask for `acks = all`, as is their default since 3.0; or \"async\", for `acks = 1`";
            line(out, "replication = \"sync\"", &[remark.to_owned()])?;
        }
        None => line(
            out,
            "replication = \"async\"",
            &["a guess, as RocketMQ's default ASYNC_MASTER; or \"sync\"".to_owned()],
        )?,
    }
    match set.flush {
        Some(KnownFlush::Sync) => writeln!(out, "flush = \"sync\""),
        Some(KnownFlush::Async) => writeln!(out, "flush = \"async\""),
        None => Ok(()),
    }
}

fn group(group: &PlannedGroup, topic: &Value, out: &mut String) -> fmt::Result {
    let name = Value::from(group.name.as_str());
    writeln!(out, "\n[[groups]]")?;
    line(out, &format!("name = {name}"), &group.remarks)?;
    let least = if group.is_behind_in_part { "at least " } else { "" };
    let behind = group.behind.map(|behind| {
        let messages = if behind == 1 { "message" } else { "messages" };
        format!("it was {least}{behind} {messages} behind; here it begins with nothing to do")
    });
    line(out, &format!("topic = {topic}"), &Vec::from_iter(behind))?;
    if group.consumers == 0 {
        return line(out, "# no [[consumers]]", &group.consumer_remarks);
    }
    writeln!(out, "\n[[consumers]]")?;
    writeln!(out, "name = {}", Value::from(group.consumer.as_str()))?;
    writeln!(out, "group = {name}")?;
    line(out, &format!("count = {}", group.consumers), &group.consumer_remarks)?;
    line(out, &format!("service_time = \"{}\"", group.service_time), &["a guess that keeps up".to_owned()])
}

/// A line with its remarks beside it.
fn line(out: &mut String, what: &str, remarks: &[String]) -> fmt::Result {
    if remarks.is_empty() {
        return writeln!(out, "{what}");
    }
    writeln!(out, "{what}  # {}", of_one_line(&remarks.join("; ")))
}

/// The first names of a list, and how many more there are.
fn list(names: &[impl AsRef<str>]) -> String {
    let listed: Vec<String> = names.iter().take(MAX_LISTED).map(|name| quoted(name.as_ref())).collect();
    match names.len() - listed.len() {
        0 => listed.join(", "),
        more => format!("{} and {more} more", listed.join(", ")),
    }
}
