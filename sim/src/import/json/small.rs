//! The small JSON that a person writes: brokers, topics and groups.

use std::collections::BTreeSet;

use super::node::JsonNode;
use crate::import::cluster::{Queues, Rate};
use crate::import::context::{Context, problem};
use crate::import::named::PrintedName;
use crate::scenario::Problem;

/// A list, the keys of its entries, and who reads one.
type SmallList = (&'static str, &'static [&'static str], fn(JsonNode<'_>, &mut Context<'_>) -> Result<(), Problem>);

const LISTS: &[SmallList] = &[
    ("brokers", &["name", "slaves"], broker),
    ("topics", &["name", "queues", "rate"], topic),
    ("groups", &["name", "topic", "consumers", "lag"], group),
];

/// Whether it is such a JSON.
///
/// # Errors
/// Nothing of it could be taken: what is wrong with a part is noted, and the others are read.
pub(super) fn read(node: JsonNode<'_>, context: &mut Context<'_>) -> Result<bool, Problem> {
    if !LISTS.iter().any(|(list, ..)| node.get(list).is_some_and(JsonNode::is_list)) {
        return Ok(false);
    }
    for (key, place, value) in node.entries() {
        let Some((_, keys, read)) = LISTS.iter().find(|(list, ..)| *list == key) else {
            context.notes.missing(unknown(&key, place, &["brokers", "topics", "groups"]));
            continue;
        };
        if !value.is_list() {
            context.notes.missing(value.wrong("a list"));
        }
        for entry in value.items() {
            let unknown_keys = entry.entries().filter(|(key, ..)| !keys.contains(&key.as_str()));
            let unknown_keys: Vec<Problem> = unknown_keys.map(|(key, place, _)| unknown(&key, place, keys)).collect();
            unknown_keys.into_iter().for_each(|problem| context.notes.missing(problem));
            if let Err(problem) = read(entry, context) {
                context.notes.missing(problem);
            }
        }
    }
    Ok(true)
}

fn unknown(key: &str, place: std::ops::Range<usize>, known: &[&str]) -> Problem {
    let expected: Vec<String> = known.iter().map(|known| format!("`{known}`")).collect();
    let near = known.iter().min_by_key(|known| strsim::osa_distance(known, key));
    let near = near.filter(|near| strsim::osa_distance(near, key) <= 2).map(|near| format!("did you mean `{near}`?"));
    let key: String = key.chars().take(60).collect();
    let help = near.unwrap_or_else(|| format!("known is {}", expected.join(", ")));
    problem(place, format!("unknown key `{key}`, expected {}", expected.join(", ")), "unknown key", &help)
}

/// A whole number under a key; nothing where there is none.
fn number(entry: JsonNode<'_>, key: &str, expected: &str) -> Result<Option<u64>, Problem> {
    let value = entry.get(key);
    value.map(|value| value.number::<u64>().ok_or_else(|| value.wrong(expected))).transpose()
}

fn broker(entry: JsonNode<'_>, context: &mut Context<'_>) -> Result<(), Problem> {
    let name = entry.must("name")?.name()?;
    let slaves = number(entry, "slaves", "how many slaves it has")?.unwrap_or(0);
    let set = context.cluster.sets.entry(&PrintedName::whole(name));
    set.replicas = usize::try_from(slaves).unwrap_or(usize::MAX).saturating_add(1);
    set.is_listed = true;
    Ok(())
}

fn topic(entry: JsonNode<'_>, context: &mut Context<'_>) -> Result<(), Problem> {
    let name = entry.must("name")?.name()?;
    let rate = entry.get("rate").map(rate).transpose()?;
    let mut shares = Vec::new();
    for (set, place, count) in entry.get("queues").into_iter().flat_map(JsonNode::entries) {
        if set.is_empty() {
            return Err(problem(place, "expected a name of at least one character", "no name", "name the broker"));
        }
        let count = count.number::<u32>().ok_or_else(|| count.wrong("how many queues it has there"))?;
        shares.push((set, count));
    }
    for (set, _) in &shares {
        context.cluster.sets.entry(&PrintedName::whole(set.as_str()));
    }
    let topic = context.cluster.topics.entry(&PrintedName::whole(name));
    topic.rate = rate.or(topic.rate);
    topic.route.extend(shares.into_iter().map(|(set, count)| (set, Queues::of(count))));
    Ok(())
}

fn rate(value: JsonNode<'_>) -> Result<Rate, Problem> {
    let rate = value.number::<f64>().filter(|rate| (0.01..=1e9).contains(rate));
    let rate = rate.ok_or_else(|| value.wrong("messages a second, from 0.01 to 1e9"))?;
    Ok(Rate(libm::round(rate * 100.0) as u64))
}

fn group(entry: JsonNode<'_>, context: &mut Context<'_>) -> Result<(), Problem> {
    let name = entry.must("name")?.name()?;
    let topics: BTreeSet<String> = entry.get("topic").map(JsonNode::name).transpose()?.into_iter().collect();
    let consumers = number(entry, "consumers", "how many consumers it has")?;
    let lag = number(entry, "lag", "how many messages it is behind")?;
    for topic in &topics {
        context.cluster.topics.entry(&PrintedName::whole(topic.as_str()));
    }
    let group = context.cluster.groups.entry(&PrintedName::whole(name));
    if let Some(consumers) = consumers {
        group.at_least(usize::try_from(consumers).unwrap_or(usize::MAX));
    }
    for topic in topics {
        let behind = group.topics.entry(topic).or_default();
        behind.total = behind.total.max(lag);
    }
    Ok(())
}
