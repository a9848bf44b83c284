//! Consumer groups of Kafka: the lag of each in each partition, and its members.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::import::cluster::{KnownGroup, KnownLag};
use crate::import::context::{Context, problem};
use crate::import::format::Rows;
use crate::import::named::PrintedName;
use crate::import::system::System;
use crate::import::table::{Fields, Header};
use crate::scenario::Problem;

/// PrintedName in place of a value that there is not.
pub(super) const NOTHING: &str = "-";

/// The group with that name.
fn entry<'c>(context: &'c mut Context<'_>, name: &str) -> &'c mut KnownGroup {
    let group = context.cluster.groups.entry(&PrintedName::whole(name));
    group.system = System::Kafka;
    group
}

/// A partition of a topic was seen.
fn see_partition(context: &mut Context<'_>, topic: &str, partition: u32) {
    let topic = context.cluster.topics.entry(&PrintedName::whole(topic));
    topic.system = System::Kafka;
    topic.partitions = topic.partitions.max(partition.saturating_add(1));
}

/// Everything that a table says of one group.
#[derive(Debug, Default)]
struct KafkaProgress {
    behind: BTreeMap<String, KnownLag>,
    members: BTreeSet<String>,
    /// Whether there is a column that says who reads each partition.
    has_members: bool,
}

/// `--describe`
#[derive(Debug)]
pub(super) struct OffsetRows {
    header: Range<usize>,
    /// By the group; where there is no such column by nothing.
    groups: BTreeMap<String, KafkaProgress>,
    has_groups: bool,
    has_members: bool,
}

impl OffsetRows {
    pub(super) fn of(header: &Header) -> Self {
        Self {
            header: header.place.clone(),
            groups: BTreeMap::new(),
            has_groups: header.has("group"),
            has_members: header.has("consumerid") || header.has("owner"),
        }
    }
}

impl Rows for OffsetRows {
    fn row(&mut self, fields: &Fields<'_, '_>, context: &mut Context<'_>) -> Result<(), Problem> {
        let group = if self.has_groups { fields.text("group")?.to_owned() } else { String::new() };
        let topic = fields.text("topic")?;
        let partition = fields.get("partition").or(fields.get("pid")).map_or(NOTHING, |cell| cell.text.as_ref());
        let lag = fields.text("lag")?.parse::<i64>().ok();
        let member = fields.get("consumerid").or(fields.get("owner")).map(|cell| cell.text.as_ref());
        let member = member.filter(|member| !matches!(*member, NOTHING | "none" | ""));
        let progress = self.groups.entry(group).or_default();
        progress.has_members |= self.has_members;
        progress.members.extend(member.map(str::to_owned));
        // A member that has no partition has a row, too.
        let (true, Ok(partition)) = (topic != NOTHING, partition.parse::<u32>()) else { return Ok(()) };
        let behind = progress.behind.entry(topic.to_owned()).or_default();
        match lag {
            Some(lag) => behind.add_queue(String::new(), partition, lag),
            None => behind.is_part = true,
        }
        see_partition(context, topic, partition);
        Ok(())
    }

    fn end(self: Box<Self>, context: &mut Context<'_>) -> Result<(), Problem> {
        for (name, progress) in self.groups {
            let name = if self.has_groups {
                name
            } else {
                let from_command = context.about.group.take().map(|name| (name, false));
                let Some((name, is_of_the_file)) =
                    from_command.or_else(|| context.about.file().map(|subject| (subject.name, true)))
                else {
                    let message = "this is the progress of a group, and it is not said of which group";
                    let help = "keep the line `kafka-consumer-groups --describe --group GROUP` above it, or give each group \
                                a file named after it";
                    return Err(problem(self.header, message, "of which group?", help));
                };
                entry(context, &name).is_named_by_file |= is_of_the_file;
                name
            };
            let group = entry(context, &name);
            if progress.has_members {
                group.at_least(progress.members.len());
            }
            for (topic, behind) in progress.behind {
                let it = group.topics.entry(topic).or_default();
                it.queues.extend(behind.queues);
                it.is_part |= behind.is_part;
            }
        }
        Ok(())
    }
}

/// `--describe --members`: a row a member.
#[derive(Debug, Default)]
pub(super) struct MemberRows(BTreeMap<String, BTreeSet<String>>);

impl Rows for MemberRows {
    fn row(&mut self, fields: &Fields<'_, '_>, context: &mut Context<'_>) -> Result<(), Problem> {
        let member = fields.text("consumerid")?.to_owned();
        let group = match fields.get("group") {
            Some(cell) => cell.text.clone().into_owned(),
            None => context.about.group.clone().ok_or_else(|| {
                let help = "keep the line `kafka-consumer-groups --describe --members --group GROUP` above it";
                problem(fields.place(), "it is not said of which group this is a member", "of which group?", help)
            })?,
        };
        self.0.entry(group).or_default().insert(member);
        Ok(())
    }

    fn end(self: Box<Self>, context: &mut Context<'_>) -> Result<(), Problem> {
        for (name, members) in self.0 {
            entry(context, &name).at_least(members.len());
        }
        Ok(())
    }
}

/// `--describe --state`
pub(super) fn state(fields: &Fields<'_, '_>, context: &mut Context<'_>) -> Result<(), Problem> {
    let (name, members): (&str, u32) = (fields.text("group")?, fields.number("members")?);
    entry(context, name).at_least(members as usize);
    Ok(())
}

/// Reads a line like `Consumer group 'indexing' has no active members.` False if it is another line.
pub(in crate::import) fn read_group_state(line: &str, context: &mut Context<'_>) -> bool {
    let line = line.trim();
    let line = line.strip_prefix("Warning: ").unwrap_or(line);
    let Some(rest) = line.strip_prefix("Consumer group '") else {
        // The line that 0.11 and 1.x print first.
        return line.starts_with("Note: This will ");
    };
    let Some((name, state)) = rest.split_once('\'') else { return false };
    match state.trim() {
        "has no active members." => {
            let group = entry(context, name);
            group.is_reported_empty = true;
            group.at_least(0);
        }
        "is rebalancing." => {
            let remark = "it was rebalancing then: who read what may be another now".to_owned();
            entry(context, name).remarks.insert(remark);
        }
        _ => return false,
    }
    if context.about.group.is_none() {
        context.about.group = Some(name.to_owned());
    }
    true
}
