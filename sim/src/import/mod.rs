//! Import: what is known of a real cluster becomes a scenario to play with.
//!
//! ```
//! use queuescope::{import, scenario};
//!
//! let pasted = b"\
//! $ mqadmin topicStatus -n localhost:9876 -t orders
//! ##Broker Name  #QID  #Min Offset  #Max Offset  #Last Updated
//! broker-a       0     0            1200         2024-05-01 10:00:00,000
//! broker-a       1     0            1187         2024-05-01 10:00:00,000
//! ";
//! let imported = import::scenario(&[import::File { name: "pasted.txt", bytes: pasted }]).expect("something is known");
//! for passage in &imported.passed_over {
//!     println!("nothing was taken of {passage}");
//! }
//! let plan = scenario::read("imported.toml", &imported.text)?;
//! assert_eq!(plan.queues.len(), 2);
//! # Ok::<(), scenario::Diagnostics>(())
//! ```
//!
//! What people paste is read: outputs of `mqadmin` and others, one or several in a file, in any order, with whatever stands
//! around them. `decode` makes text of bytes, `paste`, `prompt`, `command` and `noise` know what a terminal, a page or a mail adds;
//! `reader` tells the outputs from each other. `table` puts cells under columns; the tables that are known are data in `mqadmin`
//! and `kafka`, and `config` and `json` read the rest. `cluster` is what all of it says together; `planner` and `load`
//! choose what of it fits into a scenario, `writing` writes that down, with a comment beside each line that is a guess. No
//! I/O, and nothing of how a scenario is read or run.
//!
//! Lines that are not known are passed over and listed (`passage`), in comments of the scenario and in the result. The import is
//! refused, with located problems, only where nothing of all files is known.
//!
//! # What is read
//!
//! | output | known by | tells |
//! |---|---|---|
//! | `mqadmin clusterList` | `#Cluster Name … #BID` | broker sets, slaves (a BID other than 0), messages a second |
//! | `clusterList -m` | `#Cluster Name … #InTotalYest` | broker sets, replicas, yesterday's messages |
//! | `topicList` | a name a line | topics; RocketMQ's own name clusters and brokers |
//! | `topicList -c` | `#Cluster Name  #Topic` | topics, the groups of each |
//! | `topicRoute -t` | JSON with `queueDatas` | queues per broker set, slaves |
//! | `topicRoute -t … -l` | `#ClusterName … #ReadQueue` | the same |
//! | `topicStatus -t` | `#Broker Name  #QID  #Min Offset` | queues per broker set |
//! | `topicClusterList -t` | a name a line below the command | the clusters of a topic |
//! | `statsAll` | `#Topic  #Consumer Group … #InTPS` | messages a second of each topic, its groups, how far behind they are |
//! | `consumerProgress` | `#Group  #Count` | groups, how many consumers each has |
//! | `consumerProgress -g` | `#Topic … #QID` | the topics that a group reads, its lag, the hosts of its consumers |
//! | `brokerConsumeStats` | `#Topic  #Group … #QID` | topics, groups and lag on one broker |
//! | `consumerConnection -g` | `#ClientId  #ClientAddr`, `#Topic  #SubExpression` | how many consumers a group has, what it reads |
//! | `getBrokerConfig`, `broker.conf` | `brokerName = …` | broker sets, `replication`, `flush` |
//! | RocketMQ's JSON, and its dashboard's | see `json/rocketmq.rs` | clusters, routes, topics, groups, settings |
//! | `kafka-topics --describe` | `Topic: …  PartitionCount: …` | topics, partitions, who leads them, replicas |
//! | `kafka-consumer-groups --describe` | `GROUP TOPIC PARTITION … LAG` | groups, members, lag |
//! | definitions and queues of RabbitMQ | JSON with `queues` | each queue as a topic of one queue with a group |
//!
//! The columns of `mqadmin` are those of the classes `*SubCommand` in the module `tools` of `apache/rocketmq`, releases 4.0 to
//! 5.3. They differ: 5.x has more of them (`#Timer(Progress)`, `#ACTIVATED`, `#Inflight`) and wider ones; `#Client IP` is in 4.x,
//! and in 5.x with `-s true` only. So a column is found by its header, never by its position in the line. Names are cut by 4.x
//! after 32 characters in `consumerProgress` and after 48 in `topicList -c`, by 5.x after 64: a name of just that length is
//! taken for the beginning of the one longer name that begins with it, where there is exactly one, and where the distances
//! in the table are those that `mqadmin` prints.
//!
//! A route is `TopicRouteData` of the module `remoting` (4.x: `common`), printed by fastjson, which does not quote keys
//! that are numbers: `"brokerAddrs":{0:"10.0.0.1:10911"}`. Its topic stands nowhere in it, nor does the group in what
//! `consumerProgress -g` prints. Both are taken from the command line above the output if it was kept, else from the
//! file's name; a group also from its topics of retries (see `retry`).
//!
//! # The small JSON
//!
//! Without a tool at hand, a cluster can be written down by hand. Everything but names may be left out; a group that reads several topics has
//! an entry for each.
//!
//! ```json
//! {
//!   "brokers": [{ "name": "broker-a", "slaves": 1 }],
//!   "topics": [{ "name": "orders", "queues": { "broker-a": 4 }, "rate": 12.5 }],
//!   "groups": [{ "name": "order-service", "topic": "orders", "consumers": 3, "lag": 1200 }]
//! }
//! ```
//!
//! `rate` is in messages a second, `lag` in messages.

mod about;
mod cluster;
mod command;
mod config;
mod connection;
mod context;
mod decode;
mod format;
mod import_plan;
mod json;
mod kafka;
mod known_tables;
mod left_out;
mod load;
mod mqadmin;
mod named;
mod names;
mod names_list;
mod noise;
mod open_table;
mod passage;
mod paste;
mod planner;
mod prompt;
mod reader;
mod reserved;
mod retry;
mod shares;
mod system;
mod table;
#[cfg(test)]
mod tests;
mod writing;

use self::cluster::KnownCluster;
pub use self::passage::Passage;
use self::reader::ReadText;
use self::writing::ToWrite;
use crate::limit;
use crate::scenario::{Diagnostics, LineStarts, Problem};

/// A file with something that is known of a cluster: one output or several, in any order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct File<'t> {
    /// Its path, as messages show it; `-` for one that has none.
    pub name: &'t str,
    /// Its content: text in UTF-8 or UTF-16.
    pub bytes: &'t [u8],
}

/// A scenario that was made of files, and what of them it does not say.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Imported {
    /// TOML that [`crate::scenario::read`] takes and that runs to its end; its comments tell what follows, too.
    pub text: String,
    /// Lines that were passed over, file by file.
    pub passed_over: Vec<Passage>,
    /// Lines that were understood by a guess, and which guess, file by file.
    pub taken: Vec<Passage>,
}

/// Makes one scenario of all files together. The same files in the same order give the same text.
///
/// Where the cluster is larger than a scenario may be, part of it is left out, and a comment says what.
///
/// # Errors
/// Nothing of the files is known: every problem of every file, located in its text (without colours and other characters that
/// a terminal does not show); or a file has more than [`limit::FILE_BYTES`].
pub fn scenario(files: &[File<'_>]) -> Result<Imported, Vec<Diagnostics>> {
    let too_large: Vec<Diagnostics> =
        files.iter().filter(|file| file.bytes.len() > limit::FILE_BYTES).map(too_large).collect();
    if !too_large.is_empty() {
        return Err(too_large);
    }
    let mut cluster = KnownCluster::default();
    let read: Vec<ReadText> = files.iter().map(|file| reader::read(file.name, file.bytes, &mut cluster)).collect();
    if cluster.is_empty() {
        let problems = files.iter().zip(read).map(|(file, mut read)| {
            reader::note_that_file_is_empty(&mut read.notes);
            read.notes.into_problems(file.name, &read.text)
        });
        return Err(problems.collect());
    }
    cluster.settle();
    let (mut passed_over, mut taken) = (Vec::new(), Vec::new());
    for (file, read) in files.iter().zip(&read) {
        let [over, for_something] = read.notes.passages(file.name, &read.text);
        passed_over.extend(over);
        taken.extend(for_something);
    }
    let names: Vec<&str> = files.iter().map(|file| file.name).collect();
    let plan = planner::plan(&cluster);
    let text = writing::write(ToWrite { plan: &plan, files: &names, passed_over: &passed_over, taken: &taken });
    Ok(Imported { text, passed_over, taken })
}

fn too_large(file: &File<'_>) -> Diagnostics {
    let problem = Problem {
        place: 0..0,
        message: format!(
            "the file has {} bytes, expected at most {} (limit `file_bytes`)",
            file.bytes.len(),
            limit::FILE_BYTES
        ),
        label: "too large".to_owned(),
        help: Some("import the outputs in several files".to_owned()),
    };
    Diagnostics::new(file.name, "", LineStarts::of(""), vec![problem])
}
