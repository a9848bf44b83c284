//! Groups: `consumerProgress`, `brokerConsumeStats`, `consumerConnection`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::brokers::rate;
use crate::import::cluster::KnownLag;
use crate::import::connection::Connection;
use crate::import::context::{Context, subject_missing};
use crate::import::format::Rows;
use crate::import::named::PrintedName;
use crate::import::retry::{RETRY, RetryTopics};
use crate::import::table::{Fields, Header};
use crate::scenario::Problem;

/// `consumerProgress`
pub(super) fn group(fields: &Fields<'_, '_>, context: &mut Context<'_>) -> Result<(), Problem> {
    let name = fields.printed("group")?;
    let count: u32 = fields.number("count")?;
    let group = context.cluster.groups.entry(&name);
    group.consumers = Some(count);
    group.broadcasting = fields.get("model").is_some_and(|model| model.text == "BROADCASTING");
    Ok(())
}

/// `brokerConsumeStats`: what each group has read of the queues of one broker.
pub(super) fn stats(fields: &Fields<'_, '_>, context: &mut Context<'_>) -> Result<(), Problem> {
    let (topic, set) = (fields.printed("topic")?, fields.printed("brokername")?);
    let group = fields.text("group")?;
    let (queue, behind): (u32, i64) = (fields.number("qid")?, fields.number("diff")?);
    if topic.name.starts_with(RETRY) {
        return Ok(());
    }
    context.cluster.see_queue(&topic, &set, queue);
    let group = context.cluster.groups.entry(&PrintedName::whole(group));
    group.topics.entry(topic.name).or_default().add_queue(set.name, queue, behind);
    Ok(())
}

/// `consumerProgress -g`: what a group has read of each queue.
#[derive(Debug)]
pub(super) struct ConsumerProgress {
    header: Range<usize>,
    hosts: BTreeSet<String>,
    behind: BTreeMap<String, KnownLag>,
    retries: RetryTopics,
}

impl ConsumerProgress {
    pub(super) fn of(header: &Header) -> Self {
        Self {
            header: header.place.clone(),
            hosts: BTreeSet::new(),
            behind: BTreeMap::new(),
            retries: RetryTopics::default(),
        }
    }
}

impl Rows for ConsumerProgress {
    fn row(&mut self, fields: &Fields<'_, '_>, context: &mut Context<'_>) -> Result<(), Problem> {
        let (topic, set) = (fields.printed("topic")?, fields.printed("brokername")?);
        let (queue, behind): (u32, i64) = (fields.number("qid")?, fields.number("diff")?);
        if self.retries.add(&topic) {
            return Ok(());
        }
        let host = fields.get("clientip").filter(|host| !matches!(host.text.as_ref(), "NA" | "N/A"));
        self.hosts.extend(host.map(|host| host.text.clone().into_owned()));
        context.cluster.see_queue(&topic, &set, queue);
        self.behind.entry(topic.name).or_default().add_queue(set.name, queue, behind);
        Ok(())
    }

    fn end(self: Box<Self>, context: &mut Context<'_>) -> Result<(), Problem> {
        let topics = self.behind.keys().map(String::as_str);
        let Some(group) = context.group_of(&self.retries, topics) else {
            if self.behind.is_empty() {
                return Ok(());
            }
            let what = "this is the progress of a group";
            return Err(subject_missing(self.header, what, "group", "consumerProgress -g GROUP"));
        };
        let group = context.cluster.groups.entry(&group);
        group.hosts.extend(self.hosts);
        group.topics.extend(self.behind);
        Ok(())
    }
}

// ---- consumerConnection ------------------------------------------------------------------------------------------

impl Connection {
    /// All of it was read.
    ///
    /// # Errors
    /// It is not said which group it is of.
    pub(in crate::import) fn end(self, context: &mut Context<'_>) -> Result<(), Problem> {
        let topics: Vec<&str> = self.topics.iter().map(String::as_str).collect();
        let Some(group) = context.group_of(&self.retries, topics.into_iter()) else {
            let what = "these are the consumers of a group";
            return Err(subject_missing(self.place, what, "group", "consumerConnection -g GROUP"));
        };
        for topic in &self.topics {
            context.cluster.topics.entry(&PrintedName::whole(topic.as_str()));
        }
        let group = context.cluster.groups.entry(&group);
        if let Some(clients) = self.clients {
            group.at_least(clients);
        }
        group.broadcasting |= self.broadcasting;
        let begins = self.begins.filter(|begins| begins != "CONSUME_FROM_FIRST_OFFSET");
        group.remarks.extend(begins.map(|begins| format!("{begins} in life, where nothing was committed")));
        for topic in self.topics {
            group.topics.entry(topic).or_default();
        }
        Ok(())
    }

    /// The one that is being read, or a new one.
    fn of<'c>(context: &'c mut Context<'_>, place: &Range<usize>) -> &'c mut Self {
        context.connection.get_or_insert_with(|| Self { place: place.clone(), ..Self::default() })
    }
}

/// The consumers that are connected, a row each.
#[derive(Debug)]
pub(super) struct Clients(Range<usize>);

impl Clients {
    pub(super) fn of(header: &Header) -> Self {
        Self(header.place.clone())
    }
}

impl Rows for Clients {
    fn row(&mut self, fields: &Fields<'_, '_>, context: &mut Context<'_>) -> Result<(), Problem> {
        fields.text("clientid")?;
        *Connection::of(context, &self.0).clients.get_or_insert(0) += 1;
        Ok(())
    }

    fn end(self: Box<Self>, context: &mut Context<'_>) -> Result<(), Problem> {
        // None was connected, if there was no row.
        Connection::of(context, &self.0).clients.get_or_insert(0);
        Ok(())
    }
}

/// The topics that the consumers read, a row each.
#[derive(Debug)]
pub(super) struct Subscriptions(Range<usize>);

impl Subscriptions {
    pub(super) fn of(header: &Header) -> Self {
        Self(header.place.clone())
    }
}

impl Rows for Subscriptions {
    fn row(&mut self, fields: &Fields<'_, '_>, context: &mut Context<'_>) -> Result<(), Problem> {
        let topic = fields.printed("topic")?;
        let connection = Connection::of(context, &self.0);
        if !connection.retries.add(&topic) {
            connection.topics.insert(topic.name);
        }
        Ok(())
    }
}

// ---- lines below a table -----------------------------------------------------------------------------------------

/// A line that says something of the table above it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::import) struct Trailer<'t> {
    what: &'static str,
    value: &'t str,
}

/// Lines that say again what stands in the table, or something that is of no use here.
const SUMS: &[&str] = &[
    "Consume TPS:",
    "Diff Total:",
    "Consume Diff Total:",
    "Consume Inflight Total:",
    "Below is subscription:",
    "ConsumeType:",
    "Total:",
];

const MODEL: &str = "MessageModel:";
const BEGINS: &str = "ConsumeFromWhere:";
const PUT: &str = "Topic Put TPS:";

impl<'t> Trailer<'t> {
    pub(in crate::import) fn of(line: &'t str) -> Option<Self> {
        let mut known = SUMS.iter().chain(&[MODEL, BEGINS, PUT]).copied();
        known.find_map(|what| Some(Self { what, value: after_words(line, what)?.trim() }))
    }

    /// Adds what the line says to the output above it, which is over.
    pub(in crate::import) fn add_to(self, context: &mut Context<'_>) {
        match self.what {
            MODEL => {
                if let Some(connection) = &mut context.connection {
                    connection.broadcasting |= self.value == "BROADCASTING";
                }
            }
            BEGINS => {
                if let Some(connection) = &mut context.connection {
                    let is_word = self.value.chars().all(|c| c.is_ascii_uppercase() || c == '_');
                    connection.begins = (is_word && !self.value.is_empty()).then(|| self.value.to_owned());
                }
            }
            PUT => {
                // 5.3 prints 0.0 here whatever is sent.
                let rate = rate(self.value).filter(|rate| rate.0 > 0);
                if let (Some(topic), Some(rate)) = (context.status.take(), rate) {
                    let topic = context.cluster.topics.entry(&topic);
                    topic.rate = topic.rate.or(Some(rate));
                }
            }
            _ => {}
        }
    }
}

/// The text after these words; `column -t` puts more blanks between them.
fn after_words<'t>(line: &'t str, words: &str) -> Option<&'t str> {
    words.split(' ').try_fold(line, |rest, word| rest.trim_start().strip_prefix(word))
}
