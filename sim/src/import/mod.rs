//! Import: what is known of a real Apache RocketMQ cluster becomes a scenario to play with.
//!
//! `reading` tells the outputs in a file from each other, `table` and `json` read them, `cluster` is what all of them
//! say together; `cast` and `load` choose what of it fits into a scenario, `writing` writes that down, with a comment
//! beside each line that is a guess. No I/O, and nothing of how a scenario is read or run.
//!
//! # What is read
//!
//! | output of `mqadmin` | known by | tells |
//! |---|---|---|
//! | `clusterList` | `#Cluster Name … #BID` | broker sets, slaves (a BID other than 0), messages a second |
//! | `clusterList -m` | `#Cluster Name … #InTotalYest` | broker sets, replicas, yesterday's messages |
//! | `topicList` | a name a line | topics |
//! | `topicList -c` | `#Cluster Name  #Topic` | topics, the groups of each |
//! | `topicRoute -t` | JSON with `queueDatas` | queues per broker set, slaves |
//! | `topicRoute -t … -l` | `#ClusterName … #ReadQueue` | the same |
//! | `consumerProgress` | `#Group  #Count` | groups, how many consumers each has |
//! | `consumerProgress -g` | `#Topic … #QID` | the topics that a group reads, its lag, the hosts of its consumers |
//!
//! The columns are those of the classes `ClusterListSubCommand`, `TopicListSubCommand`, `TopicRouteSubCommand` and
//! `ConsumerProgressSubCommand` in the module `tools` of `apache/rocketmq`, releases 4.2 to 5.3. They differ: 5.x has
//! more of them (`#Timer(Progress)`, `#ACTIVATED`, `#Inflight`) and wider ones; `#Client IP` is in 4.x, and in 5.x with
//! `-s true` only. So a column is found by its header, never by its position in the line. Names are cut by 4.x after 32
//! characters in `consumerProgress` and after 48 in `topicList -c`, by 5.x after 64: a name of just that length is taken
//! for the beginning of the one longer name that begins with it, where there is exactly one.
//!
//! A route is `TopicRouteData` of the module `remoting` (4.x: `common`), printed by fastjson, which does not quote keys
//! that are numbers: `"brokerAddrs":{0:"10.0.0.1:10911"}`. Its topic stands nowhere in it, nor does the group in what
//! `consumerProgress -g` prints. Both are taken from the command line above the output if it was kept, else from the
//! file's name; a group also from its topic of retries (`%RETRY%group`).
//!
//! # The small JSON
//!
//! Who has no `mqadmin` at hand writes down what there is. Every list may be left out, as may be all but names, `queues`
//! and a group's `topic`; a group that reads several topics has an entry for each.
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

mod cast;
mod cluster;
mod json;
mod load;
mod names;
mod reading;
mod reserved;
mod table;
#[cfg(test)]
mod tests;
mod writing;

use self::cast::Cast;
use self::cluster::Cluster;
use crate::scenario::Diagnostics;

/// A file with something that is known of a cluster: one output or several, in any order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct File<'t> {
    /// Its path, as messages show it; `-` for one that has none.
    pub name: &'t str,
    /// What is in it.
    pub text: &'t str,
}

/// Makes one scenario of all files together: TOML that [`crate::scenario::read`] takes and that runs to its end. The same
/// files in the same order give the same text.
///
/// Where the cluster is larger than a scenario may be, part of it is left out, and a comment says what.
///
/// # Errors
/// Every problem of every file that has any, located.
pub fn scenario(files: &[File<'_>]) -> Result<String, Vec<Diagnostics>> {
    let mut cluster = Cluster::default();
    let bad: Vec<Diagnostics> = files.iter().filter_map(|file| reading::read(file, &mut cluster).err()).collect();
    if !bad.is_empty() {
        return Err(bad);
    }
    cluster.complete_cut_names();
    let names: Vec<&str> = files.iter().map(|file| file.name).collect();
    Ok(writing::write(&Cast::of(&cluster), &names))
}
