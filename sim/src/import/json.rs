//! JSON: a topic's route as `mqadmin topicRoute` prints it, and the small one that a person writes.

use std::collections::BTreeMap;

use serde::de::{DeserializeOwned, Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer};

use super::cluster::{Cluster, Printed, Queues, Rate};
use super::reading::{About, problem};
use super::table;
use crate::scenario::Problem;

/// Reads the JSON that begins at a place of the text. Where it ends.
pub(super) fn read(
    text: &str,
    start: usize,
    about: &mut About,
    cluster: &mut Cluster,
    problems: &mut Vec<Problem>,
) -> usize {
    let json = Json::at(text, start);
    let read = json.parse::<BTreeMap<String, IgnoredAny>>().and_then(|keys| {
        if keys.contains_key("queueDatas") || keys.contains_key("brokerDatas") {
            let shares = json.parse::<Route>()?.tell(cluster);
            table::route(start..json.end, shares, about, cluster)
        } else {
            json.parse::<Small>()?.tell(cluster);
            Ok(())
        }
    });
    problems.extend(read.err());
    json.end
}

/// A JSON value of the text, with quotation marks where fastjson leaves them out.
struct Json<'t> {
    text: &'t str,
    quoted: String,
    /// Where in `quoted` one was added.
    added: Vec<usize>,
    /// Where in the text it begins and ends.
    start: usize,
    end: usize,
}

impl<'t> Json<'t> {
    /// The value in braces at `start`; when they are not closed, all the rest.
    fn at(text: &'t str, start: usize) -> Self {
        let mut json = Self { text, quoted: String::new(), added: Vec::new(), start, end: text.len() };
        let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
        // Where in `quoted` the word began that may turn out to be a key.
        let mut word = None;
        for (at, character) in text[start..].char_indices() {
            if in_text {
                in_text = escaped || character != '"';
                escaped = !escaped && character == '\\';
            } else {
                match character {
                    '"' => in_text = true,
                    '{' | '[' => depth += 1,
                    '}' | ']' => depth = depth.saturating_sub(1),
                    ':' => json.quote(word),
                    _ => {}
                }
                let is_of_a_word = character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
                if is_of_a_word {
                    word = word.or(Some(json.quoted.len()));
                } else if !character.is_whitespace() {
                    word = None;
                }
            }
            json.quoted.push(character);
            if depth == 0 && !in_text {
                json.end = start + at + character.len_utf8();
                break;
            }
        }
        json
    }

    /// Puts the word that begins there and ends here, but for blanks, into quotation marks.
    fn quote(&mut self, word: Option<usize>) {
        let Some(begin) = word else { return };
        let end = self.quoted.trim_end().len();
        self.quoted.insert(end, '"');
        self.quoted.insert(begin, '"');
        self.added.extend([begin, end + 1]);
    }

    fn parse<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        serde_json::from_str(&self.quoted).map_err(|error| self.problem(&error))
    }

    fn problem(&self, error: &serde_json::Error) -> Problem {
        let said = error.to_string();
        let said = said.rsplit_once(" at line ").map_or(said.as_str(), |(said, _)| said);
        let (message, label) = match error.classify() {
            serde_json::error::Category::Data => (said.to_owned(), "not as expected"),
            _ => (format!("this is not JSON: {said}"), "not JSON"),
        };
        let help = "expected a route as `mqadmin topicRoute` prints it, or { \"brokers\": [{ \"name\", \"slaves\" }], \
                    \"topics\": [{ \"name\", \"queues\", \"rate\" }], \
                    \"groups\": [{ \"name\", \"topic\", \"consumers\", \"lag\" }] }";
        let place = self.place(error.line(), error.column());
        problem(place..place, message, label, help)
    }

    /// The byte of the text where the parser stood: after what it had read.
    fn place(&self, line: usize, column: usize) -> usize {
        let before: usize = self.quoted.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        let at = before + column.saturating_sub(1);
        let mut at = (self.start + at - self.added.partition_point(|added| *added < at)).min(self.end);
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

/// `TopicRouteData`, as far as it matters here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Route {
    #[serde(default)]
    queue_datas: Vec<QueueData>,
    #[serde(default)]
    broker_datas: Vec<BrokerData>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QueueData {
    broker_name: Name,
    read_queue_nums: u32,
    write_queue_nums: u32,
    perm: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BrokerData {
    broker_name: Name,
    /// 4.0 had none.
    cluster: Option<String>,
    broker_addrs: BTreeMap<u64, String>,
}

impl Route {
    /// What it says of brokers is known at once; the queues of each set are given back.
    fn tell(self, cluster: &mut Cluster) -> BTreeMap<String, Queues> {
        for broker in self.broker_datas {
            let set = cluster.sets.entry(&Printed::whole(broker.broker_name.0));
            set.ids.extend(broker.broker_addrs.into_keys());
            if let Some(of) = broker.cluster {
                set.cluster = Some(of.clone());
                cluster.clusters.insert(of);
            }
        }
        let share = |queues: QueueData| {
            let writable = table::is_writable(queues.perm);
            (queues.broker_name.0, Queues { write: queues.write_queue_nums, read: queues.read_queue_nums, writable })
        };
        self.queue_datas.into_iter().map(share).collect()
    }
}

/// What a person writes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Small {
    #[serde(default)]
    brokers: Vec<SmallBroker>,
    #[serde(default)]
    topics: Vec<SmallTopic>,
    #[serde(default)]
    groups: Vec<SmallGroup>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SmallBroker {
    name: Name,
    #[serde(default)]
    slaves: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SmallTopic {
    name: Name,
    queues: BTreeMap<Name, u32>,
    rate: Option<Rate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SmallGroup {
    name: Name,
    topic: Name,
    consumers: Option<u32>,
    lag: Option<u64>,
}

impl Small {
    fn tell(self, cluster: &mut Cluster) {
        for broker in self.brokers {
            cluster.sets.entry(&Printed::whole(broker.name.0)).replicas = 1 + usize::from(broker.slaves);
        }
        for topic in self.topics {
            let it = cluster.topics.entry(&Printed::whole(topic.name.0));
            it.rate = topic.rate;
            for (set, count) in topic.queues {
                cluster.sets.entry(&Printed::whole(set.0.clone()));
                it.route.insert(set.0, Queues { write: count, read: count, writable: true });
            }
        }
        for group in self.groups {
            cluster.topics.entry(&Printed::whole(group.topic.0.clone()));
            let it = cluster.groups.entry(&Printed::whole(group.name.0));
            it.consumers = it.consumers.max(group.consumers);
            it.topics.insert(group.topic.0, group.lag);
        }
    }
}

/// A name of at least one character.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Name(String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        if name.is_empty() {
            return Err(D::Error::custom("a name is empty, expected one of at least one character"));
        }
        Ok(Self(name))
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rate = f64::deserialize(deserializer)?;
        if !(0.01..=1e9).contains(&rate) {
            return Err(D::Error::custom(format!("`rate` is {rate}, expected messages a second, from 0.01 to 1e9")));
        }
        Ok(Self(libm::round(rate * 100.0) as u64))
    }
}
