//! Names, one a line: topics, or what a command says that they are. It knows no other output.

use super::command::NamesOf;
use super::context::{Context, problem};
use super::named::PrintedName;
use super::paste::PasteLine;
use super::reserved::{is_certainly_reserved, is_name_of_rocketmq};

/// Whether a line may be the name of a topic or of a group.
pub(super) fn is_name(line: &str) -> bool {
    line.len() <= LONGEST
        && line.split(['.', '+']).all(is_name_of_rocketmq)
        && line.chars().any(|c| c.is_ascii_alphanumeric())
}

/// Bytes of a name: RocketMQ allows 127 for a topic, Kafka 249, and 255 for a group.
const LONGEST: usize = 255;

/// Names with no command above them, in blocks of lines that follow each other.
#[derive(Debug, Default)]
pub(super) struct BareNames<'t> {
    blocks: Vec<Block<'t>>,
    /// The blocks up to the last row of a table, or up to its header.
    up_to_row: usize,
    /// The number of the last line of the last block.
    last: usize,
    /// Whether there are sentences in the file: then one word may be one, too.
    pub(super) has_text: bool,
}

/// Names in lines that follow each other.
#[derive(Debug)]
struct Block<'t> {
    names: Vec<PasteLine<'t>>,
    /// Whether rows of one table stand before and behind it: then it is what is left of rows.
    is_between_rows: bool,
}

impl<'t> BareNames<'t> {
    /// The header of a table was read.
    pub(super) const fn begin_table(&mut self) {
        self.up_to_row = self.blocks.len();
    }

    /// Another row of the table was read.
    pub(super) fn end_row(&mut self) {
        self.blocks[self.up_to_row..].iter_mut().for_each(|block| block.is_between_rows = true);
        self.up_to_row = self.blocks.len();
    }

    /// The name in the line with that number.
    pub(super) fn push(&mut self, name: PasteLine<'t>, number: usize) {
        match self.blocks.last_mut() {
            Some(block) if number == self.last + 1 => block.names.push(name),
            _ => self.blocks.push(Block { names: vec![name], is_between_rows: false }),
        }
        self.last = number;
    }

    /// Adds a name of a list that a command prints.
    pub(super) fn add_listed(&self, names: NamesOf, name: &PasteLine<'_>, context: &mut Context<'_>) {
        match names {
            NamesOf::Topics => {
                context.cluster.topics.entry(&PrintedName::whole(name.text));
            }
            NamesOf::Groups => {
                context.cluster.groups.entry(&PrintedName::whole(name.text));
            }
            NamesOf::Clusters => {
                context.cluster.clusters.insert(name.text.to_owned());
                if let Some(topic) = &context.about.topic {
                    let topic = context.cluster.topics.entry(&PrintedName::whole(topic.as_str()));
                    topic.clusters.insert(name.text.to_owned());
                }
            }
        }
    }

    /// Blocks are topics where one of RocketMQ's own is among them, or where nothing else in the file may be a sentence, nor
    /// they themselves the rest of a row. True if there is one.
    pub(super) fn end(self, context: &mut Context<'_>) -> bool {
        let mut has_names = false;
        for Block { names: block, is_between_rows } in &self.blocks {
            context.notes.separate();
            let place = block[0].start..block.last().map_or(block[0].start, |last| last.start + last.text.len());
            let is_topic_list = block.iter().any(|name| is_certainly_reserved(name.text));
            if !is_topic_list && *is_between_rows {
                let help = "paste the row as it was printed, all of it";
                context.notes.missing(problem(place, "there is no more of this row", "too short", help));
                continue;
            }
            if !is_topic_list && self.has_text {
                let message = "these may be names, and nothing says of what";
                let help = "keep the line `mqadmin topicList` above them";
                context.notes.missing(problem(place, message, "of what?", help));
                continue;
            }
            if !is_topic_list {
                context.notes.taken(place, "taken for names of topics: no command is above them".to_owned());
            }
            for name in block {
                context.cluster.topics.entry(&PrintedName::whole(name.text));
            }
            has_names = true;
        }
        has_names
    }
}
