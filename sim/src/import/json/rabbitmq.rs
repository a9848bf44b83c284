//! Definitions of RabbitMQ, as far as a queue is a queue: each becomes a topic of one queue with a group that reads it.
//!
//! From its documentation, "Schema Definition Export and Import": `rabbitmqctl export_definitions`, `GET /api/definitions`,
//! 3.0 to 4.1; and `GET /api/queues`, which says besides how many messages wait and how many consumers there are.

use std::collections::{BTreeMap, BTreeSet};

use super::node::JsonNode;
use crate::import::cluster::{KnownReplication, Queues};
use crate::import::context::Context;
use crate::import::named::PrintedName;
use crate::import::system::System;
use crate::scenario::Problem;

/// The members of a quorum queue, and of a stream, where nothing else is said.
const MEMBERS: usize = 3;

/// Bindings of a queue that are listed; the others are counted.
const MAX_LISTED: usize = 4;

/// Whether it is a value of RabbitMQ's.
///
/// # Errors
/// None at present: what is wrong with a queue is noted, and the others are read.
pub(super) fn read(node: JsonNode<'_>, context: &mut Context<'_>) -> Result<bool, Problem> {
    let is_definitions = node.has("rabbit_version")
        || node.has("rabbitmq_version")
        || (node.has("queues") && (node.has("exchanges") || node.has("bindings") || node.has("vhosts")));
    let is_queue = |it: JsonNode<'_>| it.has("name") && (it.has("messages") || (it.has("vhost") && it.has("durable")));
    let is_queues = node.is_list() && node.items().next().is_some_and(is_queue);
    if !is_definitions && !is_queues {
        return Ok(false);
    }
    let queues: Vec<JsonNode<'_>> = if is_queues {
        node.items().collect()
    } else {
        node.get("queues").into_iter().flat_map(JsonNode::items).collect()
    };
    let hosts: BTreeSet<String> = queues.iter().filter_map(|queue| queue.get("vhost")?.text()).collect();
    let bindings = bindings(node);
    for queue in queues {
        if let Err(problem) = read_queue(queue, hosts.len() > 1, &bindings, context) {
            context.notes.missing(problem);
        }
    }
    let remarks = [exchanges(node), policies(node)];
    context.cluster.remarks.extend(remarks.into_iter().flatten());
    Ok(true)
}

/// The name of a queue and its virtual host.
type QueueKey = (String, String);

fn key(node: JsonNode<'_>, name: &str) -> Option<QueueKey> {
    let host = node.get("vhost").and_then(JsonNode::text).unwrap_or_default();
    Some((node.get(name)?.text()?, host))
}

/// The bindings of each queue: an exchange and the key with which it is bound.
fn bindings(node: JsonNode<'_>) -> BTreeMap<QueueKey, Vec<String>> {
    let mut bindings: BTreeMap<QueueKey, Vec<String>> = BTreeMap::new();
    let all = node.get("bindings").into_iter().flat_map(JsonNode::items);
    for binding in all.filter(|it| it.get("destination_type").and_then(JsonNode::text).as_deref() == Some("queue")) {
        let text = |key: &str| binding.get(key).and_then(JsonNode::text).unwrap_or_default();
        let with = text("routing_key");
        let with = if with.is_empty() { String::new() } else { format!(" with `{}`", short(&with)) };
        if let Some(key) = key(binding, "destination") {
            bindings.entry(key).or_default().push(format!("`{}`{with}", short(&text("source"))));
        }
    }
    bindings
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}

/// The kind of a queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum QueueKind {
    Classic,
    Quorum,
    Stream,
}

fn read_queue(
    queue: JsonNode<'_>,
    has_hosts: bool,
    bindings: &BTreeMap<QueueKey, Vec<String>>,
    context: &mut Context<'_>,
) -> Result<(), Problem> {
    let (plain, host) = (queue.must("name")?.name()?, queue.get("vhost").and_then(JsonNode::text).unwrap_or_default());
    let name = if has_hosts && host != "/" { format!("{plain}@{host}") } else { plain.clone() };
    let arguments = queue.get("arguments");
    let argument = |key: &str| arguments.and_then(|arguments| arguments.get(key));
    let kind = argument("x-queue-type").or(queue.get("type")).and_then(JsonNode::text);
    let kind = match kind.as_deref() {
        Some("quorum") => QueueKind::Quorum,
        Some("stream") => QueueKind::Stream,
        _ => QueueKind::Classic,
    };
    let members =
        argument("x-quorum-initial-group-size").or(argument("x-initial-cluster-size")).and_then(JsonNode::number);
    let set = set_of(kind, members, context);

    let topic = context.cluster.topics.entry(&PrintedName::whole(name.as_str()));
    topic.system = System::RabbitMq;
    topic.route.insert(set, Queues::of(1));
    topic.remarks.extend(remarks(queue, kind, &host, has_hosts));
    let fed = bindings.get(&(plain, host)).map_or(&[][..], Vec::as_slice);
    if !fed.is_empty() {
        let more = fed.len().saturating_sub(MAX_LISTED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        topic.remarks.insert(format!("fed by {}{more} in life", fed[..fed.len().min(MAX_LISTED)].join(", ")));
    }

    let group = context.cluster.groups.entry(&PrintedName::whole(name.as_str()));
    group.system = System::RabbitMq;
    if let Some(consumers) = queue.get("consumers").and_then(JsonNode::number::<usize>) {
        group.at_least(consumers);
    }
    let behind = group.topics.entry(name).or_default();
    behind.total = behind.total.max(queue.get("messages").and_then(JsonNode::number));
    Ok(())
}

/// The broker set of a kind of queues.
fn set_of(kind: QueueKind, members: Option<usize>, context: &mut Context<'_>) -> String {
    let count = match kind {
        QueueKind::Classic => 1,
        QueueKind::Quorum | QueueKind::Stream => members.unwrap_or(MEMBERS),
    };
    let number = if count == MEMBERS { String::new() } else { format!("-{count}") };
    let (name, remark) = match kind {
        QueueKind::Classic => ("rabbitmq".to_owned(), "it stands for all nodes: where a queue is was not said"),
        QueueKind::Quorum => (
            format!("rabbitmq-quorum{number}"),
            "for quorum queues: in life each has a leader and members of its own, and a majority acknowledges",
        ),
        QueueKind::Stream => (
            format!("rabbitmq-stream{number}"),
            "for streams: in life each has a leader and replicas of its own, and a majority acknowledges",
        ),
    };
    let set = context.cluster.sets.entry(&PrintedName::whole(name.as_str()));
    set.system = System::RabbitMq;
    set.is_listed = true;
    set.replicas = count.max(1);
    set.remarks.insert(remark.to_owned());
    if count > 1 {
        set.replication = Some(KnownReplication::Sync);
        let how = if members.is_some() { "as its arguments say" } else { "as many as RabbitMQ makes" };
        set.slave_remarks.insert(how.to_owned());
    }
    name
}

/// Comments on settings of a queue that have no equivalent here.
fn remarks(queue: JsonNode<'_>, kind: QueueKind, host: &str, has_hosts: bool) -> Vec<String> {
    let is = |key: &str, value: &str| queue.get(key).is_some_and(|it| it.is(value));
    let mut remarks = Vec::new();
    if has_hosts {
        remarks.push(format!("of the virtual host `{}`", short(host)));
    }
    if kind == QueueKind::Stream {
        remarks.push("a stream: in life any number of readers read all of it".to_owned());
    }
    if is("durable", "false") {
        remarks.push("not durable in life: gone when its node restarts".to_owned());
    }
    if is("auto_delete", "true") || is("exclusive", "true") {
        remarks.push("gone with its last consumer in life".to_owned());
    }
    let arguments = queue.get("arguments").into_iter().flat_map(JsonNode::entries);
    let others = arguments.filter(|(key, ..)| {
        !matches!(key.as_str(), "x-queue-type" | "x-quorum-initial-group-size" | "x-initial-cluster-size")
    });
    let others = others.map(|(key, _, value)| format!("{} = {}", short(&key), short(&value.shown())));
    let others: Vec<String> = others.take(MAX_LISTED).collect();
    if !others.is_empty() {
        remarks.push(format!("{} in life", others.join(", ")));
    }
    remarks
}

fn exchanges(node: JsonNode<'_>) -> Option<String> {
    let all = node.get("exchanges").into_iter().flat_map(JsonNode::items).filter_map(|exchange| {
        let kind = exchange.get("type").and_then(JsonNode::text).unwrap_or_default();
        Some(format!("`{}` ({})", short(&exchange.get("name")?.text()?), short(&kind)))
    });
    remark(all, "exchanges have no equivalent here: each queue has a producer of its own")
}

fn policies(node: JsonNode<'_>) -> Option<String> {
    let all = node.get("policies").into_iter().flat_map(JsonNode::items).filter_map(|policy| {
        let pattern = policy.get("pattern").and_then(JsonNode::text).unwrap_or_default();
        let definition = policy.get("definition").into_iter().flat_map(JsonNode::entries);
        let definition: Vec<String> = definition
            .take(MAX_LISTED)
            .map(|(key, _, value)| format!("{} = {}", short(&key), short(&value.shown())))
            .collect();
        let name = short(&policy.get("name")?.text()?);
        Some(format!("`{name}` for `{}`: {}", short(&pattern), definition.join(", ")))
    });
    remark(all, "policies, and mirrors that they make, have no equivalent here")
}

/// A remark that lists the first of all; none where there is none.
fn remark(all: impl Iterator<Item = String>, what: &str) -> Option<String> {
    let all: Vec<String> = all.collect();
    let more = all.len().saturating_sub(2 * MAX_LISTED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!all.is_empty()).then(|| format!("{what}: {}{more}", all[..all.len().min(2 * MAX_LISTED)].join(", ")))
}
