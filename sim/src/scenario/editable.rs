//! The text of a scenario as sections and keys, for a form that changes single keys. All else stays as its author wrote it,
//! comments and order included. The text need not be a sound scenario.
//!
//! It knows which keys a section has, and nothing of what they mean.

use std::ops::Range;

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value, value};

use super::definitions::Defs;
use super::file::{Broker, Consumer, File, Group, Nameserver, Network, Producer, Service, Timers, Topic};
use super::profile::Profile;
use super::section::Section;

/// A key of a section, for a form.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Field {
    /// The key; for a part of one, `title.en`.
    pub key: String,
    /// What it is, in a sentence or two.
    pub about: &'static str,
    /// Whether a section is nothing without it.
    pub required: bool,
    /// What it is where it is left out, as a file would write it; none: nothing.
    pub default: Option<String>,
    /// The only values there are; empty: there are many.
    pub choices: Vec<String>,
    /// Whether its value is always a text, whatever it looks like.
    is_text: bool,
}

/// The sections that a [`EditableScenario`] can add to, in the order of a file.
pub const LISTS: [&str; 7] = ["nameservers", "brokers", "topics", "services", "producers", "groups", "consumers"];

/// The tables of which there is one; the first is the head of the file.
pub const TABLES: [&str; 3] = ["", "network", "timers"];

/// The keys of the head of a file that are no sections.
const HEAD: [&str; 6] = ["title", "summary", "duration", "settle", "seed", "profile"];

/// The keys of a section, in the order in which the contract has them; none for what is no section.
#[must_use]
pub fn fields(section: &str) -> Vec<Field> {
    fn of<S: Section>() -> Vec<Field> {
        let field = |key: &super::section::KeyInfo| {
            let schema = (key.schema)(&mut Defs::default());
            let word = |json: &serde_json::Value| json.as_str().map_or_else(|| json.to_string(), str::to_owned);
            let mut choices: Vec<String> = schema["enum"].as_array().into_iter().flatten().map(word).collect();
            if schema["type"] == "boolean" {
                choices = vec!["true".to_owned(), "false".to_owned()];
            }
            let default = (key.default)(Profile::Classroom).as_ref().map(word);
            let is_text = schema["type"] == "string" || schema["$ref"] == "#/$defs/Bilingual";
            Field {
                key: key.name.to_owned(),
                about: key.about.trim(),
                required: key.required,
                default,
                choices,
                is_text,
            }
        };
        S::KEYS.iter().map(field).collect()
    }
    match section {
        "" => of::<File>().into_iter().filter(|field| HEAD.contains(&field.key.as_str())).collect(),
        "network" => of::<Network>(),
        "timers" => of::<Timers>(),
        "nameservers" => of::<Nameserver>(),
        "brokers" => of::<Broker>(),
        "topics" => of::<Topic>(),
        "services" => of::<Service>(),
        "producers" => of::<Producer>(),
        "groups" => of::<Group>(),
        "consumers" => of::<Consumer>(),
        _ => Vec::new(),
    }
}

/// Which section of a scenario: a table, or an entry of a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SectionId {
    /// One of [`TABLES`] or [`LISTS`].
    pub section: &'static str,
    /// Its number in the list, from 0.
    pub number: usize,
}

impl SectionId {
    /// The head of the file.
    pub const HEAD: Self = Self { section: "", number: 0 };
}

/// The text of a scenario as sections and keys.
#[derive(Clone, Debug)]
pub struct EditableScenario(DocumentMut);

impl EditableScenario {
    /// Takes a text apart; nothing where it is not TOML.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.to_string()
    }

    /// Every section there is that has [`fields`]: the tables, written or not, and the entries of the lists.
    #[must_use]
    pub fn sections(&self) -> Vec<SectionId> {
        let tables = TABLES.into_iter().map(|section| SectionId { section, number: 0 });
        let count = |section| match self.0.get(section) {
            Some(Item::ArrayOfTables(tables)) => tables.len(),
            Some(Item::Value(Value::Array(array))) => array.len(),
            _ => 0,
        };
        let lists = LISTS.into_iter().flat_map(|section| {
            let numbers: Range<usize> = 0..count(section);
            numbers.map(move |number| SectionId { section, number })
        });
        tables.chain(lists).collect()
    }

    /// What a section is called; nothing for a table.
    #[must_use]
    pub fn name(&self, id: SectionId) -> Option<String> {
        self.get(id, "name")
    }

    /// The section from which a node comes, by the node's name: that of the entry, of one of its slaves, or of one of
    /// those for which it stands.
    #[must_use]
    pub fn find(&self, node: &str) -> Option<SectionId> {
        let stands_for = |id: &SectionId| {
            let name = self.name(*id).unwrap_or_default();
            let many = self.entry(*id).is_some_and(|entry| entry.contains_key("count"));
            let number = node.strip_prefix(&name).and_then(|rest| rest.strip_prefix('-'));
            let slaves = self.entry(*id).and_then(|entry| entry.get("slaves")?.as_array());
            let is_slave = slaves.is_some_and(|slaves| slaves.iter().any(|slave| slave.as_str() == Some(node)));
            name == node || is_slave || (many && number.is_some_and(|number| number.parse::<u32>().is_ok()))
        };
        let nodes = ["nameservers", "brokers", "services", "producers", "consumers"];
        self.sections().into_iter().filter(|id| nodes.contains(&id.section)).find(stands_for)
    }

    /// The keys of a section as the file has them: a key that is written in parts, `title.en` and `title.zh`, as these.
    #[must_use]
    pub fn fields(&self, id: SectionId) -> Vec<Field> {
        let entry = self.entry(id);
        let parts = |field: Field| {
            let table = entry.and_then(|entry| entry.get(&field.key)?.as_table());
            let keys: Vec<String> = table.into_iter().flatten().map(|(part, _)| part.to_owned()).collect();
            let part = |part: String| Field { key: format!("{}.{part}", field.key), ..field.clone() };
            if keys.is_empty() { vec![field] } else { keys.into_iter().map(part).collect() }
        };
        fields(id.section).into_iter().flat_map(parts).collect()
    }

    /// What a key of a section says: a text without its quotes, anything else as the file has it. None: it is left out.
    #[must_use]
    pub fn get(&self, id: SectionId, key: &str) -> Option<String> {
        let item = match key.split_once('.') {
            Some((key, part)) => self.entry(id)?.get(key)?.as_table()?.get(part)?,
            None => self.entry(id)?.get(key)?,
        };
        match item {
            Item::Value(Value::String(text)) => Some(text.value().clone()),
            item => Some(item.to_string().trim().to_owned()),
        }
    }

    /// Gives a key another value, or takes it out where the text is empty. False where there is no such section to write to.
    pub fn set(&mut self, id: SectionId, field: &Field, text: &str) -> bool {
        let text = text.trim();
        if !text.is_empty() && !id.section.is_empty() && TABLES.contains(&id.section) {
            self.0.entry(id.section).or_insert(Item::Table(Table::new()));
        }
        let (key, part) = field.key.split_once('.').map_or((field.key.as_str(), None), |(key, part)| (key, Some(part)));
        let entry = self.entry_mut(id);
        let Some((entry, key)) = entry.and_then(|entry| match part {
            Some(part) => Some((entry.get_mut(key)?.as_table_like_mut()?, part)),
            None => Some((entry, key)),
        }) else {
            return text.is_empty() && TABLES.contains(&id.section);
        };
        if text.is_empty() {
            entry.remove(key);
            return true;
        }
        let mut new = match text.parse::<Value>() {
            Ok(value) if !field.is_text => value,
            _ => Value::from(text),
        };
        if let Some(old) = entry.get(key).and_then(Item::as_value) {
            *new.decor_mut() = old.decor().clone();
        } else {
            *new.decor_mut() = toml_edit::Decor::default();
        }
        entry.insert(key, Item::Value(new));
        true
    }

    /// Adds an entry to one of the [`LISTS`], with as many keys as it needs to be sound: it refers to the first broker, topic and
    /// group of the file.
    pub fn add(&mut self, section: &'static str) -> SectionId {
        let first = |list| self.name(SectionId { section: list, number: 0 }).unwrap_or_default();
        let (broker, topic, group) = (first("brokers"), first("topics"), first("groups"));
        if section == "nameservers" && self.0.get(section).is_none() {
            // The one that is there unsaid has to be said beside another one.
            push(self.list(section), [("name", Value::from("nameserver"))]);
        }
        let name = self.free_name(section);
        let mut keys: Vec<(&str, Value)> = vec![("name", name.as_str().into())];
        match section {
            "topics" => {
                let queues: InlineTable = [(broker.as_str(), 2)].into_iter().filter(|it| !it.0.is_empty()).collect();
                keys.push(("queues", queues.into()));
            }
            "producers" => keys.extend([("topic", topic.into()), ("interval", "500ms".into())]),
            "groups" => keys.push(("topic", topic.into())),
            "consumers" => keys.extend([("group", group.into()), ("service_time", "100ms".into())]),
            _ => {}
        }
        push(self.list(section), keys);
        if section == "brokers"
            && let Some(queues) = self.queues(0)
        {
            queues.insert(&name, value(2));
        }
        let number = self.sections().into_iter().filter(|id| id.section == section).count();
        SectionId { section, number: number.saturating_sub(1) }
    }

    /// One more slave for a broker set; whether there is such a set.
    pub fn add_slave(&mut self, id: SectionId) -> bool {
        let name = self.free_name("slaves");
        let Some(set) = self.entry_mut(id).filter(|_| id.section == "brokers") else { return false };
        let slaves = set.entry("slaves").or_insert_with(no_values);
        slaves.as_array_mut().map(|slaves| slaves.push(name)).is_some()
    }

    /// Takes an entry of a list out; of a broker set also its queues. Other references to it stay.
    pub fn remove(&mut self, id: SectionId) {
        let name = self.name(id).unwrap_or_default();
        let left = match self.0.get_mut(id.section) {
            Some(Item::ArrayOfTables(tables)) if id.number < tables.len() => {
                tables.remove(id.number);
                tables.len()
            }
            Some(Item::Value(Value::Array(array))) if id.number < array.len() => {
                array.remove(id.number);
                array.len()
            }
            _ => return,
        };
        if left == 0 {
            self.0.remove(id.section);
        }
        let mut topic = 0;
        while id.section == "brokers"
            && let Some(queues) = self.queues(topic)
        {
            queues.remove(&name);
            topic += 1;
        }
    }

    /// The queues of a topic, by broker set.
    pub(super) fn queues(&mut self, topic: usize) -> Option<&mut dyn TableLike> {
        self.entry_mut(SectionId { section: "topics", number: topic })?.get_mut("queues")?.as_table_like_mut()
    }

    fn entry(&self, id: SectionId) -> Option<&dyn TableLike> {
        match self.0.get(id.section) {
            _ if id.section.is_empty() => Some(self.0.as_table()),
            Some(Item::ArrayOfTables(tables)) => Some(tables.get(id.number)?),
            Some(Item::Value(Value::Array(array))) => Some(array.get(id.number)?.as_inline_table()?),
            item => item?.as_table_like(),
        }
    }

    fn entry_mut(&mut self, id: SectionId) -> Option<&mut dyn TableLike> {
        if id.section.is_empty() {
            return Some(self.0.as_table_mut());
        }
        match self.0.get_mut(id.section)? {
            Item::ArrayOfTables(tables) => Some(tables.get_mut(id.number)?),
            Item::Value(Value::Array(array)) => Some(array.get_mut(id.number)?.as_inline_table_mut()?),
            item => item.as_table_like_mut(),
        }
    }

    /// An entry of any list of the file.
    pub(super) fn section(&mut self, list: &'static str, number: usize) -> Option<&mut dyn TableLike> {
        self.entry_mut(SectionId { section: list, number })
    }

    /// A list of sections; where the file has none, it has an empty one from now on.
    pub(super) fn list(&mut self, list: &str) -> &mut Item {
        self.0.entry(list).or_insert(Item::ArrayOfTables(ArrayOfTables::new()))
    }

    /// A name that no section has: `consumer-2` beside `consumer`.
    fn free_name(&self, section: &str) -> String {
        let stem = section.strip_suffix('s').unwrap_or(section);
        let slaves = |id: &SectionId| self.entry(*id).and_then(|entry| entry.get("slaves")?.as_array());
        let slaves = self.sections().into_iter().filter_map(|id| slaves(&id)).flatten();
        let slaves = slaves.filter_map(|slave| slave.as_str().map(str::to_owned));
        let names = self.sections().into_iter().filter_map(|id| self.name(id));
        let taken: Vec<String> = names.chain(slaves).collect();
        let numbered = (2..).map(|number| format!("{stem}-{number}"));
        let mut names = std::iter::once(stem.to_owned()).chain(numbered);
        names.find(|name| !taken.contains(name)).expect("there are more names than sections")
    }
}

/// One more entry of a list, in the way in which the file writes the others. Whether it is a list.
pub(super) fn push<K: Into<String>, V: Into<Item>>(
    list: &mut Item,
    keys: impl IntoIterator<Item = (K, V)>,
) -> Option<()> {
    let keys = keys.into_iter().map(|(key, value)| (key.into(), value.into()));
    match list {
        Item::ArrayOfTables(tables) => tables.push(keys.collect::<Table>()),
        list => {
            let values = keys.filter_map(|(key, item)| Some((key, item.into_value().ok()?)));
            list.as_array_mut()?.push(values.collect::<InlineTable>());
        }
    }
    Some(())
}

/// An empty list of values.
pub(super) fn no_values() -> Item {
    value(Array::new())
}
