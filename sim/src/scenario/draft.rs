//! A draft: the text of a scenario together with the plan that it makes, and what is done to it by hand. Each act becomes
//! lines of the file, at a time of the run; all else stays as its author wrote it, comments and order included.
//!
//! Because an act is nothing but text, a run that was changed by hand is the run of a file, and can be repeated from it.
//! It knows nothing of runs, nor of whether an act would make a difference in one.

use std::fmt::Display;
use std::sync::Arc;

use toml_edit::{Array, Item, Table, Value};

use super::Diagnostics;
use super::editable::{EditableScenario, no_values, push};
use crate::kernel::{Distribution, Span, Time};
use crate::plan::{CrashMode, Fault, FaultId, Links, NodeId, Plan, Role, RuleValue, SetId, Setting, WireFault};

/// Something done to a run by hand. Nodes and faults are those of the draft's plan.
#[derive(Clone, PartialEq, Debug)]
pub enum Act {
    /// Something breaks.
    Break {
        /// The fault.
        fault: Fault,
        /// How long it lasts; none: for good.
        lasts: Option<Span>,
    },
    /// A fault of the plan is over.
    Mend(FaultId),
    /// A setting of a node has another value from now on.
    Set(NodeId, Setting),
    /// One more like this one joins: a consumer; for a broker, a set with as many slaves, and queues of the same topics.
    Join(NodeId),
    /// A consumer leaves, with goodbye.
    Leave(NodeId),
    /// A producer sends so many messages at once, besides its other ones.
    Send(NodeId, u32),
}

/// Why an act cannot be written down.
#[derive(Clone, PartialEq, Debug)]
pub enum Refused {
    /// The act is not one for that node or that fault, or not at that time: what is not there cannot be changed.
    NotThere,
    /// The file would not be a sound scenario any more.
    Unsound(Diagnostics),
}

/// A scenario's text, and the plan that it makes.
#[derive(Clone, Debug)]
pub struct Draft {
    name: String,
    text: Arc<str>,
    plan: Arc<Plan>,
}

impl Draft {
    /// Reads a scenario; `name` as in [`super::read`].
    ///
    /// # Errors
    /// Every problem of the file, located.
    pub fn read(name: &str, text: &str) -> Result<Self, Diagnostics> {
        let plan = super::read(name, text)?;
        Ok(Self { name: name.to_owned(), text: text.into(), plan: Arc::new(plan) })
    }

    /// The file's path, as messages show it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The plan that the text makes.
    #[must_use]
    pub const fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// The draft with one more act, at a time of the run.
    ///
    /// # Errors
    /// Why that is no sound scenario.
    pub fn with(&self, act: &Act, at: Time) -> Result<Self, Refused> {
        // The text has been read with the one TOML library, so the other one can read it, too.
        let mut writer =
            DraftWriter { plan: &self.plan, scenario: EditableScenario::parse(&self.text).ok_or(Refused::NotThere)? };
        writer.write(act, at).ok_or(Refused::NotThere)?;
        Self::read(&self.name, &writer.scenario.text()).map_err(Refused::Unsound)
    }
}

/// Writes acts into the text of a scenario.
struct DraftWriter<'a> {
    plan: &'a Plan,
    scenario: EditableScenario,
}

impl DraftWriter<'_> {
    /// Nothing where there is nothing to which the act could be done.
    fn write(&mut self, act: &Act, when: Time) -> Option<()> {
        let at = when.since(Time::ZERO);
        match act {
            Act::Break { fault, lasts } => {
                let mut keys = vec![("at", text(at))];
                keys.extend(lasts.map(|lasts| ("for", text(lasts))));
                keys.push(("kind", fault.kind().into()));
                keys.extend(self.fault(fault)?);
                push(self.scenario.list("faults"), keys)
            }
            Act::Mend(id) => {
                let fault = self.plan.faults.get(*id)?;
                let lasts = (fault.at < when && self.plan.lasts_at(fault, when)).then(|| when.since(fault.at))?;
                self.scenario.section("faults", id.index())?.insert("for", Item::Value(text(lasts)));
                Some(())
            }
            Act::Set(node, setting) => {
                let node = ("node", self.name(*node)?);
                let set = ("set", setting.key().into());
                push(self.scenario.list("changes"), [("at", text(at)), node, set, ("to", written(setting))])
            }
            Act::Join(like) => match self.plan.broker_set(*like) {
                Some(set) => self.join_set(set, at),
                None => {
                    let (place, ..) = self.span("consumers", *like)?;
                    let name = self.free_names(&[*like])?.remove(0);
                    self.join("consumers", place, &name, at, &[])
                }
            },
            Act::Leave(consumer) => {
                // A consumer leaves once.
                let leaves = self.plan.consumer(*consumer)?.leaves;
                leaves.is_none_or(|leaves| leaves >= when).then_some(())?;
                let place = self.single_out("consumers", *consumer)?;
                self.scenario.section("consumers", place)?.insert("leaves", Item::Value(text(at)));
                Some(())
            }
            Act::Send(producer, count) => {
                let place = self.single_out("producers", *producer)?;
                let bursts = self.scenario.section("producers", place)?.entry("bursts").or_insert_with(no_values);
                push(bursts, [("at", text(at)), ("count", i64::from(*count).into())])
            }
        }
    }

    fn fault(&self, fault: &Fault) -> Option<Vec<(&'static str, Value)>> {
        let names = |nodes: &[NodeId]| nodes.iter().map(|node| self.name(*node)).collect::<Option<Array>>();
        Some(match fault {
            Fault::Crash { node, mode: CrashMode::Process } => {
                vec![("mode", "process".into()), ("node", self.name(*node)?)]
            }
            Fault::Crash { node, .. } | Fault::Pause { node } | Fault::DiskFull { node } | Fault::Wipe { node } => {
                vec![("node", self.name(*node)?)]
            }
            Fault::Slow { node, factor } => vec![("node", self.name(*node)?), ("factor", (*factor).into())],
            Fault::Wire(WireFault { links, rule }) => {
                let mut keys = match links {
                    Links::Between(one, other) => vec![("between", names(&[*one, *other])?.into())],
                    Links::Sides { sides: (first, second), one_way } => {
                        let sides: Array = [names(first)?, names(second)?].into_iter().collect();
                        let one_way = one_way.then_some(("one_way", true.into()));
                        [("sides", sides.into())].into_iter().chain(one_way).collect()
                    }
                };
                keys.extend(rule.keys().into_iter().map(|(key, value)| match value {
                    RuleValue::Time(time) => (key, distribution(&time)),
                    RuleValue::Probability(probability) => (key, probability.into()),
                }));
                keys
            }
        })
    }

    fn name(&self, node: NodeId) -> Option<Value> {
        self.plan.nodes.get(node).map(|node| node.name.as_str().into())
    }

    /// Other names of the same kind: `order-3` beside `order-1` and `order-2`.
    fn free_names(&self, like: &[NodeId]) -> Option<Vec<String>> {
        let mut names: Vec<String> = Vec::new();
        for node in like {
            let name = &self.plan.nodes.get(*node)?.name;
            let stem = match name.trim_end_matches(|c: char| c.is_ascii_digit()) {
                stem if stem.is_empty() || stem == name => format!("{name}-"),
                stem => stem.to_owned(),
            };
            let is_free =
                |name: &String| self.plan.nodes.iter().all(|node| node.name != *name) && !names.contains(name);
            let free = (2..).map(|number| format!("{stem}{number}")).find(is_free)?;
            names.push(free);
        }
        Some(names)
    }

    // ---- who joins -----------------------------------------------------------------------------------------------

    /// One more entry like the one at a place, under another name, for who comes in at a time.
    fn join(&mut self, list: &'static str, place: usize, name: &str, at: Span, more: &[(&str, Value)]) -> Option<()> {
        let own = ["name", "count", "slaves", "joins", "leaves"];
        let like = self.scenario.section(list, place)?.iter().map(|(key, item)| (key.to_owned(), item.clone()));
        let like: Vec<(String, Item)> = like.filter(|(key, _)| !own.contains(&key.as_str())).collect();
        let first = [("name", name.into()), ("joins", text(at))].into_iter().chain(more.iter().cloned());
        let first = first.map(|(key, value)| (key.to_owned(), Item::Value(value)));
        push(self.scenario.list(list), first.chain(like))
    }

    /// One more broker set like this one, with as many queues of each topic.
    fn join_set(&mut self, like: SetId, at: Span) -> Option<()> {
        let set = self.plan.sets.get(like)?;
        let names = self.free_names(&set.replicas.raw)?;
        let (name, slaves) = names.split_first()?;
        let more = [("slaves", slaves.iter().collect::<Array>().into())];
        self.join("brokers", like.index(), name, at, if slaves.is_empty() { &[] } else { &more })?;
        for topic in 0..self.plan.topics.len() {
            let queues = self.scenario.queues(topic)?;
            if let Some(count) = queues.get(&set.name).cloned() {
                queues.insert(name, count);
            }
        }
        Some(())
    }

    // ---- entries of lists ----------------------------------------------------------------------------------------

    /// The place of a node's entry, its number among those for which the entry stands, and how many these are.
    fn span(&mut self, list: &'static str, node: NodeId) -> Option<(usize, usize, usize)> {
        let is_kind = |role: &Role| match list {
            "producers" => matches!(role, Role::Producer(_)),
            _ => matches!(role, Role::Consumer(_)),
        };
        let mut number = self.plan.nodes_where(is_kind).position(|it| it == node)?;
        for place in 0.. {
            let count = self.scenario.section(list, place)?.get("count").and_then(Item::as_integer);
            let count = count.and_then(|count| usize::try_from(count).ok()).unwrap_or(1);
            if number < count {
                return Some((place, number, count));
            }
            number -= count;
        }
        None
    }

    /// Sees to it that a node has an entry of its own: one that stands for several becomes several. Its place.
    fn single_out(&mut self, list: &'static str, node: NodeId) -> Option<usize> {
        let (place, number, count) = self.span(list, node)?;
        if count == 1 {
            return Some(place);
        }
        let first = NodeId::from(node.index() - number);
        let names: Vec<String> =
            (0..count).map(|of| self.plan.nodes[NodeId::from(first.index() + of)].name.clone()).collect();
        match self.scenario.list(list) {
            Item::ArrayOfTables(tables) => {
                let mut all: Vec<Table> = std::mem::take(tables).into_iter().collect();
                let several = all.remove(place);
                all.splice(
                    place..place,
                    names.into_iter().enumerate().map(|(of, name)| {
                        let mut one = several.clone();
                        one["name"] = renamed(&several["name"], name);
                        one.remove("count");
                        if of > 0 {
                            one.decor_mut().set_prefix("\n");
                        }
                        one
                    }),
                );
                tables.extend(all);
            }
            Item::Value(Value::Array(array)) => {
                let several = array.remove(place).as_inline_table()?.clone();
                for (of, name) in names.into_iter().enumerate() {
                    let mut one = several.clone();
                    one.insert("name", name.into());
                    one.remove("count");
                    array.insert(place + of, one);
                }
            }
            _ => return None,
        }
        Some(place + number)
    }
}

/// A name in the place of another one, with whatever stands around it.
fn renamed(old: &Item, name: String) -> Item {
    let mut new = Value::from(name);
    if let Some(old) = old.as_value() {
        *new.decor_mut() = old.decor().clone();
    }
    Item::Value(new)
}

fn text(what: impl Display) -> Value {
    what.to_string().into()
}

/// A new value of a setting, as the file has it.
fn written(setting: &Setting) -> Value {
    match setting {
        Setting::Interval(time) | Setting::ServiceTime(time) | Setting::StoreTime(time) => distribution(time),
        Setting::FailureRate(rate) => (*rate).into(),
        Setting::Threads(n) | Setting::Workers(n) | Setting::StoreLimit(n) | Setting::QueueLimit(n) => {
            i64::from(*n).into()
        }
    }
}

fn distribution(distribution: &Distribution) -> Value {
    match distribution {
        Distribution::Constant(span) => text(span),
        // What a distribution shows is what a file writes.
        other => other.to_string().parse().unwrap_or_else(|_| text(other)),
    }
}
