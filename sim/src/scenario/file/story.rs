//! What is said about the run: expectations, notes, questions.

use serde_json::{Value as Json, json};

use crate::kernel::{Span, Time};
use crate::limit;
use crate::observe::metric::{METRICS, Metric, SelectorKey, metric};
use crate::plan::Text;
use crate::record::KindName;
use crate::scenario::definitions::Defs;
use crate::scenario::reader::ScenarioReader;
use crate::scenario::section::{SectionKey, section};
use crate::scenario::value::{Factor, KeyValue, Reference, whole};
use crate::scenario::written::{TomlItem, TomlPlace, TomlShape};

/// A word of a table, or what is near to it.
fn word_of<T>(
    item: &TomlItem,
    key: &str,
    expected: &str,
    words: impl Iterator<Item = &'static str> + Clone,
    find: impl Fn(&str) -> Option<T>,
    reader: &mut ScenarioReader<'_>,
) -> Option<T> {
    let TomlShape::Text(word) = &item.shape else {
        reader.wrong(key, item, expected, None);
        return None;
    };
    let found = find(word);
    if found.is_none() {
        let help = reader.suggest(word, words);
        reader.wrong(key, item, expected, help);
    }
    found
}

impl KeyValue for &'static Metric {
    fn read(item: &TomlItem, key: &str, reader: &mut ScenarioReader<'_>) -> Option<Self> {
        let names = METRICS.iter().map(|metric| metric.name);
        word_of(item, key, "the name of a metric", names, metric, reader)
    }

    fn schema(_: &mut Defs) -> Json {
        let each: Vec<Json> =
            METRICS.iter().map(|metric| json!({ "const": metric.name, "description": metric.help })).collect();
        json!({ "oneOf": each })
    }
}

/// A `kind` of the trace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct RecordKind(pub(crate) &'static str);

impl KeyValue for RecordKind {
    fn read(item: &TomlItem, key: &str, reader: &mut ScenarioReader<'_>) -> Option<Self> {
        let find = |word: &str| KindName::ALL.iter().find(|kind| **kind == word).map(|kind| Self(kind));
        word_of(item, key, "a kind of record", KindName::ALL.iter().copied(), find, reader)
    }

    fn schema(_: &mut Defs) -> Json {
        json!({ "enum": KindName::ALL })
    }
}

whole! {
    /// Which one of many.
    Ordinal = 1 to limit::MESSAGES, "messages";
}

/// The keys with which a section asks for a figure.
pub(crate) struct FigureKeys<'a> {
    pub(crate) place: TomlPlace,
    pub(crate) metric: &'a SectionKey<&'static Metric>,
    pub(crate) selectors: [(SelectorKey, &'a SectionKey<Reference>); 7],
    pub(crate) from: &'a SectionKey<Time>,
    pub(crate) to: &'a SectionKey<Time>,
}

/// Declares a section that asks for a figure: its metric, what it is of, its span; and keys of its own.
macro_rules! figure_section {
    (
        $(#[doc = $about:literal])+
        $name:ident, $title:literal, $metric:ident metric { $($own:tt)* }
        $($rule:tt)*
    ) => {
        section! {
            $(#[doc = $about])+
            $name, $title {
                /// Which figure.
                $metric metric: &'static Metric;
                /// Of this group.
                optional group: Reference;
                /// Of this producer.
                optional producer: Reference;
                /// Of this topic.
                optional topic: Reference;
                /// Of this queue: topic/broker-set/index.
                optional queue: Reference;
                /// Of this service.
                optional service: Reference;
                /// Of this broker set.
                optional broker_set: Reference;
                /// Of this consumer.
                optional consumer: Reference;
                /// The span that counts begins here; the whole run where both are left out.
                optional from: Time;
                /// The span that counts ends here; a metric of state is read here.
                optional to: Time;
                $($own)*
            }
            $($rule)*
        }

        impl $name {
            pub(crate) const fn figure_keys(&self) -> FigureKeys<'_> {
                FigureKeys {
                    place: self.place,
                    metric: &self.metric,
                    selectors: [
                        (SelectorKey::Group, &self.group),
                        (SelectorKey::Producer, &self.producer),
                        (SelectorKey::Topic, &self.topic),
                        (SelectorKey::Queue, &self.queue),
                        (SelectorKey::Service, &self.service),
                        (SelectorKey::Set, &self.broker_set),
                        (SelectorKey::Consumer, &self.consumer),
                    ],
                    from: &self.from,
                    to: &self.to,
                }
            }
        }
    };
}

figure_section! {
    /// What must hold. Without a group, producer … it is of the one for which the bound is hardest to meet.
    Expect, "[[expect]]", required metric {
        /// The figure is this.
        optional equals: Against;
        /// The figure is this or less.
        optional at_most: Against;
        /// The figure is this or more.
        optional at_least: Against;
    }
    exactly one of equals, at_most, at_least;
}

figure_section! {
    /// Another figure to compare with.
    Other, "a bound", required metric {
        /// What it is multiplied by.
        default times: Factor = Factor(1.0);
    }
}

/// What a figure is compared with.
#[derive(Clone, Debug)]
pub(crate) enum Against {
    Number(f64),
    Time(Span),
    Figure(Box<Other>),
}

impl KeyValue for Against {
    fn read(item: &TomlItem, key: &str, reader: &mut ScenarioReader<'_>) -> Option<Self> {
        match &item.shape {
            TomlShape::Integer(_) | TomlShape::Float(_) => f64::read(item, key, reader).map(Self::Number),
            TomlShape::Text(_) => Span::read(item, key, reader).map(Self::Time),
            TomlShape::Table(_) => Other::read(item, key, reader).map(|other| Self::Figure(Box::new(other))),
            _ => {
                reader.wrong(key, item, "a number, a duration or another metric", None);
                None
            }
        }
    }

    fn schema(defs: &mut Defs) -> Json {
        json!({ "oneOf": [f64::schema(defs), Span::schema(defs), Other::schema(defs)] })
    }
}

section! {
    /// After the nth record of a kind.
    When, "`when`" {
        /// The `kind` of the trace.
        required kind: RecordKind;
        /// Which one.
        default nth: Ordinal = Ordinal(1);
        /// So much later.
        default after: Span = Span::ZERO;
    }
}

section! {
    /// Narration.
    NoteAt, "[[notes]]" {
        /// When it is due.
        optional at: Time;
        /// After which record it is due.
        optional when: When;
        /// What it says.
        required text: Text;
        /// The nodes that it speaks of.
        default focus: Vec<Reference> = Vec::new();
        /// Whether the clock stops for it.
        default pause: bool = false;
    }
    exactly one of at, when;
}

section! {
    /// The learner predicts, the run gives the answer.
    QuestionAt, "[[questions]]" {
        /// When it is asked.
        optional at: Time;
        /// After which record it is asked.
        optional when: When;
        /// What is asked.
        required ask: Text;
        /// Where the run has the answer.
        required answer: AnswerFrom;
        /// Why it is so.
        optional because: Text;
    }
    exactly one of at, when;
}

figure_section! {
    /// Where a run has the answer: a metric with selector and span, or the owner of a queue in a group.
    AnswerFrom, "`answer`", optional metric {
        /// The queue whose owner is asked for.
        optional owner: Reference;
    }
    exactly one of metric, owner;
}
