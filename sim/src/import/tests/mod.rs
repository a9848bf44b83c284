//! Import as a whole, on samples of every output: what is known after they were read, what the scenario says of it, what was
//! passed over, and what is refused.

mod mqadmin;
mod others;
mod pasted;
mod refused;
mod written;

use std::fmt::Write as _;

use super::cluster::{KnownCluster, KnownFlush, KnownReplication};
use super::{File, Imported, Passage, reader, scenario};
use crate::plan::Plan;
use crate::scenario::{Diagnostics, read};

/// A file of the folder `samples`.
macro_rules! sample {
    ($name:literal) => {
        ($name, include_str!(concat!("../samples/", $name)))
    };
}
use sample;

/// Everything that is known of files together.
fn known(files: &[(&str, &str)]) -> String {
    let mut cluster = KnownCluster::default();
    for (name, text) in files {
        reader::read(name, text.as_bytes(), &mut cluster);
    }
    cluster.settle();
    described(&cluster)
}

/// What is known, a line each: `set store-1: 2 replicas, 12.50/s`, `topic trades: store-1=8`, `group g: 3, trades 110`. Queues that
/// were only seen have a `~`.
fn described(cluster: &KnownCluster) -> String {
    let mut described = String::new();
    for (name, set) in cluster.sets.iter() {
        let mut line = format!("set {name}: {}", set.size());
        if let Some(rate) = set.rate {
            let _ = write!(line, ", {}.{:02}/s", rate.0 / 100, rate.0 % 100);
        }
        line += match set.replication {
            Some(KnownReplication::Sync) => ", sync",
            Some(KnownReplication::Async) => ", async",
            None => "",
        };
        line += match set.flush {
            Some(KnownFlush::Sync) => ", flushes sync",
            Some(KnownFlush::Async) => ", flushes async",
            None => "",
        };
        let _ = writeln!(described, "{line}");
    }
    for (name, topic) in cluster.topics.iter() {
        let mut line = format!("topic {name}:");
        for (set, queues) in &topic.route {
            let read = if queues.read == queues.write { String::new() } else { format!("/{}", queues.read) };
            let _ = write!(line, " {set}={}{read}{}", queues.write, if queues.writable { "" } else { "!" });
        }
        for (set, queues) in topic.seen.iter().filter(|_| topic.route.is_empty()) {
            let _ = write!(line, " {set}~{queues}");
        }
        if let Some(rate) = topic.rate {
            let _ = write!(line, ", {}.{:02}/s", rate.0 / 100, rate.0 % 100);
        }
        let _ = writeln!(described, "{line}");
    }
    for (name, group) in cluster.groups.iter() {
        let count = group.consumers.map_or("?".to_owned(), |count| count.to_string());
        let hosts = if group.hosts.is_empty() { String::new() } else { format!(" on {} hosts", group.hosts.len()) };
        let kind = if group.broadcasting { " broadcasting" } else { "" };
        let mut line = format!("group {name}: {count}{hosts}{kind}");
        for (topic, behind) in &group.topics {
            let _ = write!(line, ", {topic}");
            if let Some(messages) = behind.messages() {
                let _ = write!(line, " {messages}{}", if behind.is_part { "+" } else { "" });
            }
        }
        let _ = writeln!(described, "{line}");
    }
    described
}

/// Holds what is known of files against lines of which RocketMQ's own topics are left out.
#[track_caller]
fn assert_known(files: &[(&str, &str)], expected: &str) {
    let known = known(files);
    let own =
        ["TBW102", "SCHEDULE_", "RMQ_SYS", "rmq_sys", "%RETRY%", "BenchmarkTest", "OFFSET_", "SELF_TEST", "TOOLS_"];
    let is_own = |line: &&str| line.split(' ').nth(1).is_some_and(|name| own.iter().any(|own| name.starts_with(own)));
    let known: Vec<&str> = known.lines().filter(|line| !is_own(line)).collect();
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(known, expected, "{:?}", files.iter().map(|(name, _)| name).collect::<Vec<_>>());
}

fn try_import(files: &[(&str, &str)]) -> Result<Imported, Vec<Diagnostics>> {
    let files: Vec<File<'_>> = files.iter().map(|(name, text)| File { name, bytes: text.as_bytes() }).collect();
    scenario(&files)
}

#[track_caller]
fn imported(files: &[(&str, &str)]) -> Imported {
    try_import(files).unwrap_or_else(|problems| panic!("{}", problems[0]))
}

/// The text of a scenario that was made of files, which is sound.
#[track_caller]
fn scenario_of(files: &[(&str, &str)]) -> String {
    let text = imported(files).text;
    plan(&text);
    text
}

#[track_caller]
fn plan(text: &str) -> Plan {
    read("imported.toml", text).unwrap_or_else(|problems| panic!("{problems}\n{text}"))
}

fn texts(passages: &[Passage]) -> Vec<String> {
    passages.iter().map(ToString::to_string).collect()
}

/// The line of a scenario that begins so, in the section that has this line.
#[track_caller]
fn line_of<'t>(text: &'t str, section: &str, begins: &str) -> &'t str {
    let at = text.find(&format!("\n{section}")).unwrap_or_else(|| panic!("no {section} in\n{text}"));
    text[at..].lines().find(|line| line.starts_with(begins)).unwrap_or_else(|| panic!("no {begins} in\n{text}"))
}
