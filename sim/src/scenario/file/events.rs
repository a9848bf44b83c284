//! What happens to those who take part: faults, and changes of settings.

use serde_json::{Value as Json, json};

use crate::kernel::{Distribution, Time};
use crate::plan::CrashMode;
use crate::scenario::definitions::Defs;
use crate::scenario::duration::Period;
use crate::scenario::reader::ScenarioReader;
use crate::scenario::section::{SectionKey, section};
use crate::scenario::value::{Factor, KeyValue, Pair, Probability, Reference};
use crate::scenario::written::{TomlItem, TomlPlace, TomlShape};

section! {
    /// From then on a setting of a node has another value.
    Change, "[[changes]]" {
        /// When.
        required at: Time;
        /// Whose.
        required node: Reference;
        /// The key of the setting: "interval", "service_time", "threads", "workers", "store_time" …
        required set: ChangeableKey;
        /// Its new value.
        required to: Anything;
    }
}

/// The settings that can change while a run goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ChangeableKey {
    Interval,
    ServiceTime,
    Threads,
    Workers,
    FailureRate,
    StoreTime,
    StoreLimit,
    QueueLimit,
}

impl crate::scenario::value::WordChoice for ChangeableKey {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("interval", Self::Interval),
        ("service_time", Self::ServiceTime),
        ("threads", Self::Threads),
        ("workers", Self::Workers),
        ("failure_rate", Self::FailureRate),
        ("store_time", Self::StoreTime),
        ("store_limit", Self::StoreLimit),
        ("queue_limit", Self::QueueLimit),
    ];
}

/// A value whose kind another key decides; read later.
#[derive(Clone, Debug)]
pub(crate) struct Anything(pub(crate) TomlItem);

impl KeyValue for Anything {
    fn read(item: &TomlItem, _: &str, _: &mut ScenarioReader<'_>) -> Option<Self> {
        (!matches!(item.shape, TomlShape::Hole)).then(|| Self(item.clone()))
    }

    fn schema(_: &mut Defs) -> Json {
        json!({})
    }
}

/// When a fault begins, and how long it lasts.
pub(crate) struct FaultTimes<'a> {
    pub(crate) at: &'a SectionKey<Time>,
    pub(crate) lasts: &'a SectionKey<Period>,
}

/// Declares the kinds of fault: a section for each, and the sum of them, told apart by `kind`.
macro_rules! faults {
    ($(
        $(#[doc = $about:literal])+
        $word:literal $name:ident, $title:literal { $($own:tt)* }
    )*) => {
        $(section! {
            $(#[doc = $about])+
            $name, $title {
                /// When.
                required at: Time;
                /// For how long; for good where it is left out.
                optional r#for: Period;
                /// What breaks.
                required kind: String;
                $($own)*
            }
        })*

        /// Something that breaks.
        #[derive(Clone, Debug)]
        pub(crate) enum FaultSection {
            $( $(#[doc = $about])+ $name($name), )*
            /// Its kind is missing or unknown: reported, and of no more interest.
            Unreadable,
        }

        impl FaultSection {
            /// The words for `kind`.
            const KINDS: &'static [&'static str] = &[$($word),*];

            /// Where it stands in the file, its kind, and its times; nothing of one that could not be read.
            pub(crate) fn parts(&self) -> Option<(TomlPlace, &'static str, FaultTimes<'_>)> {
                match self {
                    $( Self::$name(fault) => {
                        let times = FaultTimes { at: &fault.at, lasts: &fault.r#for };
                        let place = fault.kind.place.unwrap_or(fault.place);
                        Some((place, $word, times))
                    } )*
                    Self::Unreadable => None,
                }
            }

            fn read_kind(kind: &str, item: &TomlItem, key: &str, reader: &mut ScenarioReader<'_>) -> Option<Self> {
                match kind {
                    $( $word => $name::read(item, key, reader).map(Self::$name), )*
                    _ => None,
                }
            }

            fn schemas(defs: &mut Defs) -> Vec<(&'static str, &'static str, Json)> {
                vec![$( ($word, stringify!($name), $name::schema(defs)) ),*]
            }
        }
    };
}

faults! {
    /// Memory is gone.
    "crash" Crash, "a crash" {
        /// Who.
        required node: Reference;
        /// "host": silent, and what was not flushed is gone; "process": its connections close, what was written stays.
        default mode: CrashMode = CrashMode::Host;
    }
    /// Does nothing for a while: it is late, not dead, and comes back with old beliefs.
    "pause" Pause, "a pause" {
        /// Who.
        required node: Reference;
    }
    /// Service or store time is multiplied.
    "slow" Slow, "a fault of kind slow" {
        /// Whose: a consumer's, a service's or a broker's.
        required node: Reference;
        /// By this.
        required factor: Factor;
    }
    /// Nothing passes from side to side.
    "partition" Partition, "a partition" {
        /// Two lists of nodes.
        required sides: Pair<Vec<Reference>>;
        /// Nothing passes from the first to the second side only.
        default one_way: bool = false;
    }
    /// One link is another one.
    "link" Link, "a fault of kind link" {
        /// Two nodes.
        required between: Pair<Reference>;
        /// Its latency.
        optional latency: Distribution;
        /// Probability that a message on it is dropped.
        optional loss: Probability;
    }
    /// What passes over one link arrives a second time: a message is stored twice, a call served twice.
    "repeat" Repeat, "a fault of kind repeat" {
        /// Two nodes.
        required between: Pair<Reference>;
        /// Probability that a message on the link does.
        default probability: Probability = Probability(1.0);
    }
    /// A broker can store nothing.
    "disk_full" DiskFull, "a fault of kind disk_full" {
        /// Which broker.
        required node: Reference;
    }
    /// A crash after which the disk is empty.
    "wipe" Wipe, "a fault of kind wipe" {
        /// Which broker.
        required node: Reference;
    }
}

impl KeyValue for FaultSection {
    const SECTION: bool = true;

    fn read(item: &TomlItem, key: &str, reader: &mut ScenarioReader<'_>) -> Option<Self> {
        let TomlShape::Table(table) = &item.shape else {
            reader.wrong(key, item, "a table", None);
            return None;
        };
        let Some(kind) = table.get("kind") else {
            reader.absent(item.place, "`kind` is missing in [[faults]]", "expected `kind` here", quoted_kinds());
            return Some(Self::Unreadable);
        };
        if let TomlShape::Text(word) = &kind.item.shape {
            if let Some(fault) = Self::read_kind(word, item, key, reader) {
                return Some(fault);
            }
            let near = reader.near(word, Self::KINDS.iter().copied());
            let help = near.map_or_else(quoted_kinds, |near| Some(format!("did you mean \"{near}\"?")));
            reader.wrong("kind", &kind.item, "a kind of fault", help);
        } else {
            reader.wrong("kind", &kind.item, "a kind of fault", quoted_kinds());
        }
        Some(Self::Unreadable)
    }

    fn schema(defs: &mut Defs) -> Json {
        let schemas = Self::schemas(defs);
        let kinds: Vec<Json> = schemas
            .into_iter()
            .map(|(word, name, reference)| {
                let kind = json!({ "const": word, "description": "What breaks." });
                defs.amend(name, |section| section["properties"]["kind"] = kind);
                reference
            })
            .collect();
        json!({ "oneOf": kinds })
    }
}

fn quoted_kinds() -> Option<String> {
    let quoted: Vec<String> = FaultSection::KINDS.iter().map(|kind| format!("\"{kind}\"")).collect();
    Some(format!("there is {}", crate::scenario::reader::and(&quoted)))
}
