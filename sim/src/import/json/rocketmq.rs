//! JSON of RocketMQ, its brokers and its dashboard.
//!
//! Routes, clusters and lists are `TopicRouteData`, `ClusterInfo`, `TopicList`, `GroupList`, `ConsumerConnection`,
//! `TopicStatsTable` of the module `remoting` (4.x: `common`), printed by fastjson, which does not quote keys that are
//! numbers. The dashboard (`apache/rocketmq-dashboard`, 1.0 to 2.0, `ClusterController`, `TopicController`,
//! `ConsumerController`) wraps them: `{"status":0,"data":…,"errMsg":null}`; and has `GroupConsumeInfo`,
//! `TopicConsumerInfo` and `TopicConfigInfo` of its own.

use std::collections::{BTreeMap, BTreeSet};

use super::node::JsonNode;
use crate::import::cluster::{KnownLag, Queues};
use crate::import::config::BrokerSettings;
use crate::import::context::{Context, problem, subject_missing};
use crate::import::mqadmin::{is_writable, rate};
use crate::import::named::PrintedName;
use crate::import::retry::{RETRY, RetryTopics};
use crate::scenario::Problem;

/// How a value is known, and who reads it.
type JsonShape = (fn(JsonNode<'_>) -> bool, fn(JsonNode<'_>, &mut Context<'_>) -> Result<(), Problem>);

const SHAPES: &[JsonShape] = &[
    (|node| node.has("queueDatas") || node.has("brokerDatas"), route),
    (|node| node.has("clusterInfo") || node.has("brokerAddrTable"), cluster),
    (|node| node.has("topicList"), topics),
    (|node| node.has("groupList"), readers),
    (|node| node.has("connectionSet") || node.has("subscriptionTable"), connection),
    (|node| node.has("topicConfigTable"), topic_configs),
    (|node| node.has("offsetTable"), offsets),
    (|node| node.has("brokerName") && (node.has("brokerRole") || node.has("brokerId")), settings),
    (|node| first(node).is_some_and(|it| it.has("queueStatInfoList")), progress),
    (|node| node.is_list() && first(node).is_some_and(|it| it.has("group") && it.has("count")), groups),
    (
        |node| node.is_list() && first(node).is_some_and(|it| it.has("topicName") && it.has("writeQueueNums")),
        topic_configs,
    ),
];

/// Whether it is a value of RocketMQ's.
///
/// # Errors
/// Why nothing of it was taken, located.
pub(super) fn read(node: JsonNode<'_>, context: &mut Context<'_>) -> Result<bool, Problem> {
    if node.has("data") && (node.has("status") || node.has("errMsg")) {
        return answer(node, context);
    }
    let Some((_, read)) = SHAPES.iter().find(|(is, _)| is(node)) else { return Ok(false) };
    read(node, context)?;
    Ok(true)
}

/// Reads an answer of the dashboard.
fn answer(node: JsonNode<'_>, context: &mut Context<'_>) -> Result<bool, Problem> {
    if let Some(data) = node.get("data") {
        return read(data, context);
    }
    let said = node.get("errMsg").and_then(JsonNode::text).unwrap_or_default();
    let said: String = said.chars().take(100).collect();
    let message = format!("the dashboard failed here: {said}");
    Err(problem(node.place(), message, "no data", "ask it again, and import what it answers when it succeeds"))
}

/// The first value of a list or of an object.
fn first(node: JsonNode<'_>) -> Option<JsonNode<'_>> {
    node.items().next().or_else(|| node.entries().next().map(|(_, _, value)| value))
}

/// Tells what is wrong with a part: the others are read.
fn each(read: Result<(), Problem>, context: &mut Context<'_>) {
    if let Err(problem) = read {
        context.notes.missing(problem);
    }
}

/// The name of a topic or of a group, without what the dashboard puts before those of RocketMQ's own.
fn own_name(name: &str) -> &str {
    name.strip_prefix("%SYS%").unwrap_or(name)
}

// ---- brokers -----------------------------------------------------------------------------------------------------

fn route(node: JsonNode<'_>, context: &mut Context<'_>) -> Result<(), Problem> {
    for broker in node.get("brokerDatas").into_iter().flat_map(JsonNode::items) {
        let read = broker_data(broker, context);
        each(read, context);
    }
    let mut shares = BTreeMap::new();
    for queues in node.get("queueDatas").into_iter().flat_map(JsonNode::items) {
        match share(queues) {
            Ok((set, queues)) => {
                shares.insert(set, queues);
            }
            Err(problem) => context.notes.missing(problem),
        }
    }
    context.route(node.place(), shares)
}

fn share(queues: JsonNode<'_>) -> Result<(String, Queues), Problem> {
    let name = queues.must("brokerName")?.name()?;
    let count = |key| {
        let value = queues.must(key)?;
        value.number::<u32>().ok_or_else(|| value.wrong("a whole number"))
    };
    let writable = queues.get("perm").and_then(JsonNode::number).is_none_or(is_writable);
    Ok((name, Queues { write: count("writeQueueNums")?, read: count("readQueueNums")?, writable }))
}

/// `BrokerData`: a set with the addresses of its replicas, by their numbers.
fn broker_data(broker: JsonNode<'_>, context: &mut Context<'_>) -> Result<(), Problem> {
    let name = broker.must("brokerName")?.name()?;
    let mut ids = BTreeSet::new();
    for (id, place, _) in broker.get("brokerAddrs").into_iter().flat_map(JsonNode::entries) {
        let id: u64 = id.trim().parse().map_err(|_| {
            problem(place, format!("`{id}` is no number of a broker"), "no number", "paste it as it was printed")
        })?;
        ids.insert(id);
    }
    let of = broker.get("cluster").and_then(JsonNode::text);
    let set = context.cluster.set(&PrintedName::whole(name), of.as_deref());
    set.is_listed |= !ids.is_empty();
    set.ids.extend(ids);
    Ok(())
}

/// `ClusterInfo`, alone or with what its brokers say of themselves.
fn cluster(node: JsonNode<'_>, context: &mut Context<'_>) -> Result<(), Problem> {
    let info = node.get("clusterInfo").unwrap_or(node);
    for (name, _, broker) in info.get("brokerAddrTable").into_iter().flat_map(JsonNode::entries) {
        let read = if broker.has("brokerName") {
            broker_data(broker, context)
        } else {
            Err(problem(
                broker.place(),
                format!("`{name}` has no `brokerName`"),
                "no name",
                "paste it as it was printed",
            ))
        };
        each(read, context);
    }
    for (cluster, _, brokers) in info.get("clusterAddrTable").into_iter().flat_map(JsonNode::entries) {
        for broker in brokers.items().filter_map(JsonNode::text) {
            context.cluster.set(&PrintedName::whole(broker), Some(&cluster));
        }
    }
    for (name, _, replicas) in node.get("brokerServer").into_iter().flat_map(JsonNode::entries) {
        let put = replicas.get("0").and_then(|master| master.get("putTps")).and_then(JsonNode::text);
        // Of the last ten seconds, of the last minute, of the last ten minutes.
        let rate = put.and_then(|put| rate(put.split(' ').next().unwrap_or_default()));
        if rate.is_some() {
            context.cluster.sets.entry(&PrintedName::whole(name)).rate = rate;
        }
    }
    Ok(())
}

/// The settings of a broker, as the dashboard gives them.
fn settings(node: JsonNode<'_>, context: &mut Context<'_>) -> Result<(), Problem> {
    let mut settings = BrokerSettings::new(node.place());
    for (key, _, value) in node.entries() {
        let value = value.text().or_else(|| value.number::<i64>().map(|number| number.to_string()));
        settings.set(&key, value.unwrap_or_default());
    }
    settings.end(context)
}

// ---- topics ------------------------------------------------------------------------------------------------------

fn topics(node: JsonNode<'_>, context: &mut Context<'_>) -> Result<(), Problem> {
    for topic in node.get("topicList").into_iter().flat_map(JsonNode::items) {
        match topic.name() {
            Ok(name) => {
                context.cluster.topics.entry(&PrintedName::whole(own_name(&name)));
            }
            Err(problem) => context.notes.missing(problem),
        }
    }
    Ok(())
}

/// `topics.json` of a broker, or what the dashboard gives of a topic: its queues, and maybe on which brokers.
fn topic_configs(node: JsonNode<'_>, context: &mut Context<'_>) -> Result<(), Problem> {
    let table = node.get("topicConfigTable").into_iter().flat_map(JsonNode::entries).map(|(_, _, config)| config);
    for config in table.chain(node.items()) {
        let read = topic_config(config, context);
        each(read, context);
    }
    Ok(())
}

fn topic_config(config: JsonNode<'_>, context: &mut Context<'_>) -> Result<(), Problem> {
    let name = config.must("topicName")?.name()?;
    let number = |key| config.get(key).and_then(JsonNode::number::<u32>);
    let write = number("writeQueueNums").unwrap_or(0);
    let queues = Queues {
        write,
        read: number("readQueueNums").unwrap_or(write),
        writable: number("perm").is_none_or(is_writable),
    };
    let brokers: Vec<String> =
        config.get("brokerNameList").into_iter().flat_map(JsonNode::items).filter_map(JsonNode::text).collect();
    for broker in &brokers {
        context.cluster.sets.entry(&PrintedName::whole(broker.as_str()));
    }
    let topic = context.cluster.topics.entry(&PrintedName::whole(name));
    if brokers.is_empty() {
        topic.remarks.insert(format!("{write} queues on the broker whose file it was: which one is not said"));
    }
    topic.route.extend(brokers.into_iter().map(|broker| (broker, queues)));
    Ok(())
}

/// Offsets by queue: of a topic (`TopicStatsTable`), or of groups (`consumerOffset.json` of a broker: `topic@group`).
fn offsets(node: JsonNode<'_>, context: &mut Context<'_>) -> Result<(), Problem> {
    for (key, place, _) in node.get("offsetTable").into_iter().flat_map(JsonNode::entries) {
        let queue = message_queue(&key);
        let pair = key.split_once('@').filter(|(topic, group)| !topic.is_empty() && !group.is_empty());
        match (queue, pair) {
            (Some((topic, set, queue)), _) => {
                context.cluster.see_queue(&PrintedName::whole(topic), &PrintedName::whole(set), queue);
            }
            (None, Some((topic, group))) if !topic.starts_with(RETRY) => {
                context.cluster.topics.entry(&PrintedName::whole(topic));
                context.cluster.groups.entry(&PrintedName::whole(group)).topics.entry(topic.to_owned()).or_default();
            }
            (None, Some(_)) => {}
            (None, None) => {
                let message = "this is neither a queue nor a topic with a group";
                context.notes.missing(problem(place, message, "of what?", "paste it as it was printed"));
            }
        }
    }
    Ok(())
}

/// `MessageQueue [topic=orders, brokerName=broker-a, queueId=0]`
fn message_queue(key: &str) -> Option<(&str, &str, u32)> {
    let inner = key.strip_prefix("MessageQueue")?.trim().strip_prefix('[')?.strip_suffix(']')?;
    let value = |name: &str| {
        inner.split(',').find_map(|pair| pair.trim().split_once('=').filter(|(key, _)| *key == name).map(|(_, it)| it))
    };
    Some((value("topic")?, value("brokerName")?, value("queueId")?.parse().ok()?))
}

// ---- groups ------------------------------------------------------------------------------------------------------

/// Reads the groups of a topic.
fn readers(node: JsonNode<'_>, context: &mut Context<'_>) -> Result<(), Problem> {
    let groups: Vec<String> =
        node.get("groupList").into_iter().flat_map(JsonNode::items).filter_map(JsonNode::text).collect();
    if groups.is_empty() {
        return Ok(());
    }
    let subject = context.about.topic().ok_or_else(|| {
        subject_missing(node.place(), "these are the groups of a topic", "topic", "topicRoute -t TOPIC")
    })?;
    context.cluster.topics.entry(&PrintedName::whole(subject.name.as_str())).is_named_by_file |= subject.is_of_the_file;
    for group in groups {
        let group = context.cluster.groups.entry(&PrintedName::whole(own_name(&group)));
        group.topics.entry(subject.name.clone()).or_default();
    }
    Ok(())
}

/// `GroupConsumeInfo`: how many consumers each group has.
fn groups(node: JsonNode<'_>, context: &mut Context<'_>) -> Result<(), Problem> {
    for group in node.items() {
        let read = group.must("group").and_then(|name| {
            let (name, count) = (name.name()?, group.must("count")?);
            let count: u32 = count.number().ok_or_else(|| count.wrong("a whole number"))?;
            let model = group.get("messageModel").and_then(JsonNode::text);
            let it = context.cluster.groups.entry(&PrintedName::whole(own_name(&name)));
            it.consumers = Some(count);
            it.broadcasting = model.as_deref() == Some("BROADCASTING");
            Ok(())
        });
        each(read, context);
    }
    Ok(())
}

/// `ConsumerConnection`
fn connection(node: JsonNode<'_>, context: &mut Context<'_>) -> Result<(), Problem> {
    let mut retries = RetryTopics::default();
    let topics: Vec<String> =
        node.get("subscriptionTable").into_iter().flat_map(JsonNode::entries).map(|it| it.0).collect();
    let topics: Vec<String> =
        topics.into_iter().filter(|topic| !retries.add(&PrintedName::whole(topic.as_str()))).collect();
    let clients = node.get("connectionSet").map(|clients| clients.items().count());
    let model = node.get("messageModel").and_then(JsonNode::text);
    let group = context.group_of(&retries, topics.iter().map(String::as_str)).ok_or_else(|| {
        subject_missing(node.place(), "these are the consumers of a group", "group", "consumerConnection -g GROUP")
    })?;
    for topic in &topics {
        context.cluster.topics.entry(&PrintedName::whole(topic.as_str()));
    }
    let group = context.cluster.groups.entry(&group);
    if let Some(clients) = clients {
        group.at_least(clients);
    }
    group.broadcasting |= model.as_deref() == Some("BROADCASTING");
    for topic in topics {
        group.topics.entry(topic).or_default();
    }
    Ok(())
}

/// `TopicConsumerInfo`: what one group has read of each topic (a list), or what each group has read of one (by the group).
fn progress(node: JsonNode<'_>, context: &mut Context<'_>) -> Result<(), Problem> {
    if node.is_object() {
        for (group, _, info) in node.entries() {
            if let Some((topic, behind, _)) = note_or(consumed(info, context), context) {
                context.cluster.groups.entry(&PrintedName::whole(own_name(&group))).topics.insert(topic, behind);
            }
        }
        return Ok(());
    }
    let (mut retries, mut topics, mut clients) = (RetryTopics::default(), BTreeMap::new(), BTreeSet::new());
    for info in node.items() {
        let Some((topic, behind, of)) = note_or(consumed(info, context), context) else { continue };
        if !retries.add(&PrintedName::whole(topic.as_str())) {
            topics.insert(topic, behind);
            clients.extend(of);
        }
    }
    let group = context.group_of(&retries, topics.keys().map(String::as_str)).ok_or_else(|| {
        subject_missing(node.place(), "this is the progress of a group", "group", "consumerProgress -g GROUP")
    })?;
    let group = context.cluster.groups.entry(&group);
    group.hosts.extend(clients);
    group.topics.extend(topics);
    Ok(())
}

/// The value that was read; nothing where it is wrong, which is then noted.
fn note_or<T>(read: Result<T, Problem>, context: &mut Context<'_>) -> Option<T> {
    read.map_err(|problem| context.notes.missing(problem)).ok()
}

/// A topic, how far behind somebody is in it, and the clients that own its queues.
fn consumed(info: JsonNode<'_>, context: &mut Context<'_>) -> Result<(String, KnownLag, BTreeSet<String>), Problem> {
    let topic = info.must("topic")?.name()?;
    let mut behind = KnownLag { total: info.get("diffTotal").and_then(JsonNode::number), ..KnownLag::default() };
    let mut clients = BTreeSet::new();
    for queue in info.get("queueStatInfoList").into_iter().flat_map(JsonNode::items) {
        let set = queue.must("brokerName")?.name()?;
        let number = |key| queue.must(key)?.number::<i64>().ok_or_else(|| queue.wrong("whole numbers"));
        let id = u32::try_from(number("queueId")?).map_err(|_| queue.wrong("a number of a queue"))?;
        let diff = number("brokerOffset")?.saturating_sub(number("consumerOffset")?);
        if !topic.starts_with(RETRY) {
            context.cluster.see_queue(&PrintedName::whole(topic.as_str()), &PrintedName::whole(set.as_str()), id);
        }
        behind.add_queue(set, id, diff);
        clients.extend(queue.get("clientInfo").and_then(JsonNode::text).filter(|client| !client.is_empty()));
    }
    if behind.queues.is_empty() && !topic.starts_with(RETRY) {
        context.cluster.topics.entry(&PrintedName::whole(topic.as_str()));
    }
    Ok((topic, behind, clients))
}
