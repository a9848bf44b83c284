//! Topics: `topicList -c`, `topicStatus`, `statsAll`.

use std::collections::BTreeSet;
use std::ops::Range;

use super::brokers::rate;
use crate::import::cluster::KnownLag;
use crate::import::context::{Context, problem, subject_missing};
use crate::import::format::Rows;
use crate::import::named::PrintedName;
use crate::import::reserved::is_name_of_rocketmq;
use crate::import::retry::RETRY;
use crate::import::table::{Fields, Header};
use crate::scenario::Problem;

/// `topicList -c`. All of its cells are names, so that a sentence below it looks like a row.
#[derive(Debug, Default)]
pub(super) struct WithGroups {
    /// The clusters of its rows.
    clusters: BTreeSet<String>,
    /// The column of the topic in the last row.
    column: Option<usize>,
}

impl WithGroups {
    /// Whether it is a row, and not just words: it stands as rows do, or its cluster is known.
    fn is_row(&self, fields: &Fields<'_, '_>, context: &Context<'_>) -> bool {
        let names = ["topic", "consumergroup"].iter().filter_map(|name| fields.get(name));
        if !names.into_iter().all(|cell| is_name_of_rocketmq(&cell.text)) {
            return false;
        }
        let stands = fields.is_below("topic") || (self.column.is_some() && self.column == fields.column("topic"));
        stands
            || fields.get("clustername").is_some_and(|cluster| {
                let cluster = cluster.text.as_ref();
                self.clusters.is_empty()
                    || self.clusters.contains(cluster)
                    || context.cluster.clusters.contains(cluster)
            })
    }
}

impl Rows for WithGroups {
    fn row(&mut self, fields: &Fields<'_, '_>, context: &mut Context<'_>) -> Result<(), Problem> {
        if !self.is_row(fields, context) {
            let help =
                "paste the rows as they were printed: without their distances nothing tells names from other words";
            return Err(problem(fields.place(), "nothing says that this is a row", "of no cluster here", help));
        }
        self.column = fields.column("topic");
        let topic = fields.printed("topic")?;
        let known = context.cluster.topics.entry(&topic);
        // `null` where the broker was in no cluster.
        if fields.get("clustername").is_some_and(|cell| cell.text != "null") {
            let cluster = fields.printed("clustername")?;
            known.clusters.insert(cluster.name.clone());
            if cluster.cut && !context.cluster.clusters.contains(&cluster.name) {
                context.cluster.cut_clusters.insert(cluster.name.clone());
            }
            context.cluster.clusters.insert(cluster.name.clone());
            self.clusters.insert(cluster.name);
        }
        if fields.get("consumergroup").is_some() {
            let group = fields.printed("consumergroup")?;
            context.cluster.groups.entry(&group).topics.entry(topic.name).or_default();
        }
        Ok(())
    }
}

/// `topicStatus`: all queues of a topic.
#[derive(Debug)]
pub(in crate::import) struct StatusRows {
    header: Range<usize>,
    queues: Vec<(PrintedName, u32)>,
}

impl StatusRows {
    pub(super) fn of(header: &Header) -> Self {
        Self { header: header.place.clone(), queues: Vec::new() }
    }
}

impl Rows for StatusRows {
    fn row(&mut self, fields: &Fields<'_, '_>, _: &mut Context<'_>) -> Result<(), Problem> {
        self.queues.push((fields.printed("brokername")?, fields.number("qid")?));
        Ok(())
    }

    fn end(self: Box<Self>, context: &mut Context<'_>) -> Result<(), Problem> {
        let Self { header, queues } = *self;
        if queues.is_empty() {
            return Ok(());
        }
        let subject = context.about.topic().ok_or_else(|| {
            subject_missing(header, "these are the queues of a topic", "topic", "topicStatus -t TOPIC")
        })?;
        let topic = PrintedName::whole(subject.name);
        for (set, queue) in queues {
            context.cluster.see_queue(&topic, &set, queue);
        }
        context.cluster.topics.entry(&topic).is_named_by_file |= subject.is_of_the_file;
        context.status = Some(topic);
        Ok(())
    }
}

/// `statsAll`
pub(super) fn rates(fields: &Fields<'_, '_>, context: &mut Context<'_>) -> Result<(), Problem> {
    let topic = fields.printed("topic")?;
    let coming_in = rate(fields.text("intps")?);
    let behind = fields.get("accumulation").and_then(|cell| cell.text.parse::<i64>().ok());
    if topic.name.starts_with(RETRY) {
        return Ok(());
    }
    let known = context.cluster.topics.entry(&topic);
    known.rate = known.rate.max(coming_in);
    if fields.get("consumergroup").is_some() {
        let group = fields.printed("consumergroup")?;
        let behind = behind.map(|behind| u64::try_from(behind).unwrap_or(0));
        let lag: &mut KnownLag = context.cluster.groups.entry(&group).topics.entry(topic.name).or_default();
        lag.total = lag.total.max(behind);
    }
    Ok(())
}
