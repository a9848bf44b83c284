//! Sections: the tables of the file, each declared once.
//!
//! From one declaration come the typed struct, its reading with every problem reported, the known keys with "did you
//! mean", the defaults of both profiles, and the JSON Schema. It does not know which sections there are.

use serde_json::{Value as Json, json};

use super::definitions::Defs;
use super::profile::Profile;
use super::reader::{ScenarioReader, and};
use super::value::KeyValue;
use super::written::{TomlEntry, TomlItem, TomlPlace, TomlShape, TomlTable};

/// A key of a section, with the value that the file gives it.
#[derive(Clone, Debug)]
pub(crate) struct SectionKey<T> {
    /// The value, or the default; nothing where there is none, or where it could not be read (and was reported).
    pub(crate) value: Option<T>,
    /// Where the value stands; nothing where the key is left out.
    pub(crate) place: Option<TomlPlace>,
}

impl<T> SectionKey<T> {
    /// Whether the file has the key, readable or not.
    pub(crate) const fn is_written(&self) -> bool {
        self.place.is_some()
    }

    /// Whether the file has the key, but what it says could not be read.
    pub(crate) const fn is_broken(&self) -> bool {
        self.place.is_some() && self.value.is_none()
    }

    /// The value with its place, where the file has both.
    pub(crate) fn placed(&self) -> Option<(&T, TomlPlace)> {
        self.value.as_ref().zip(self.place)
    }
}

impl<T: Copy> SectionKey<T> {
    pub(crate) const fn get(&self) -> Option<T> {
        self.value
    }
}

impl<T> SectionKey<Vec<T>> {
    /// The entries; none where the list could not be read.
    pub(crate) fn list(&self) -> &[T] {
        self.value.as_deref().unwrap_or(&[])
    }
}

/// A key as schema, form and suggestions need it.
pub(crate) struct KeyInfo {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) required: bool,
    pub(crate) default: fn(Profile) -> Option<Json>,
    pub(crate) schema: fn(&mut Defs) -> Json,
}

/// A table with keys of its own.
pub(crate) trait Section: Sized {
    /// Its name among the schema's definitions.
    const NAME: &'static str;
    /// As messages call it.
    const TITLE: &'static str;
    /// What it is.
    const ABOUT: &'static str;
    /// Its keys.
    const KEYS: &'static [KeyInfo];
    /// Of these keys there is exactly one; empty where that is no matter.
    const ONE_OF: &'static [&'static str];

    /// Reads its keys one after the other.
    fn fill(keys: &mut SectionKeys<'_, '_, '_>) -> Self;
}

/// A table while its keys are read.
pub(crate) struct SectionKeys<'a, 'r, 't> {
    table: &'a TomlTable,
    title: &'static str,
    pub(crate) place: TomlPlace,
    reader: &'r mut ScenarioReader<'t>,
    /// Keys that are left out, but one near to them stands there by mistake.
    mistaken: Vec<(&'static str, TomlPlace)>,
}

impl SectionKeys<'_, '_, '_> {
    /// Reads a key; where it is left out, it has the default of the profile, if there is one.
    pub(crate) fn read<T: KeyValue>(
        &mut self,
        key: &'static str,
        required: bool,
        default: fn(Profile) -> Option<T>,
    ) -> SectionKey<T> {
        if let Some(entry) = self.table.get(key) {
            let place = if matches!(entry.item.shape, TomlShape::Hole) { entry.key_place } else { entry.item.place };
            return SectionKey { value: T::read(&entry.item, key, self.reader), place: Some(place) };
        }
        if let Some((_, place)) = self.mistaken.iter().find(|(name, _)| *name == key) {
            return SectionKey { value: None, place: Some(*place) };
        }
        if required {
            let message = format!("`{key}` is missing in {}", self.title);
            self.reader.absent(self.place, message, format!("expected `{key}` here"), None);
        }
        SectionKey { value: default(self.reader.profile), place: None }
    }

    /// Reads a table within the table; where it is left out, all its keys have their defaults.
    pub(crate) fn table<S: Section + KeyValue>(&mut self, key: &'static str) -> SectionKey<S> {
        let read = self.read(key, false, |_| None);
        if read.is_written() {
            return read;
        }
        SectionKey { value: Some(read_table(&TomlTable::default(), self.place, self.reader)), place: None }
    }
}

/// Reads a section, or reports that it is none.
pub(crate) fn read<S: Section>(item: &TomlItem, key: &str, reader: &mut ScenarioReader<'_>) -> Option<S> {
    if let TomlShape::Table(table) = &item.shape {
        return Some(read_table(table, item.place, reader));
    }
    let help =
        matches!(item.shape, TomlShape::List(_)).then(|| format!("it is headed [{key}], once, with one bracket"));
    reader.wrong(key, item, "a table", help);
    None
}

/// Reads the keys of a section, and reports those that it does not have.
pub(crate) fn read_table<S: Section>(table: &TomlTable, place: TomlPlace, reader: &mut ScenarioReader<'_>) -> S {
    let unknown: Vec<&TomlEntry> =
        table.entries.iter().filter(|entry| S::KEYS.iter().all(|known| known.name != entry.key)).collect();
    let mistaken = if unknown.is_empty() { Vec::new() } else { mistaken::<S>(&unknown, table, reader) };
    exactly_one::<S>(table, place, &mistaken, reader);
    S::fill(&mut SectionKeys { table, title: S::TITLE, place, reader, mistaken })
}

/// Reports keys that the section does not have; the known keys that they may stand for, where those are left out.
fn mistaken<S: Section>(
    unknown: &[&TomlEntry],
    table: &TomlTable,
    reader: &mut ScenarioReader<'_>,
) -> Vec<(&'static str, TomlPlace)> {
    let known = || S::KEYS.iter().map(|known| known.name);
    let left_out: Vec<&'static str> = known().filter(|known| table.get(known).is_none()).collect();
    let mut mistaken = Vec::new();
    for entry in unknown {
        let near = reader.near(&entry.key, left_out.iter().copied());
        let meant = near.or_else(|| reader.near(&entry.key, known()));
        let help = match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("its keys are {}", and(&known().map(|known| format!("`{known}`")).collect::<Vec<_>>())),
        };
        let message = format!("`{}` is no key of {}", entry.key, S::TITLE);
        reader.report(entry.key_place, message, "unknown key", Some(help));
        mistaken.extend(near.map(|near| (near, entry.key_place)));
    }
    mistaken
}

fn exactly_one<S: Section>(
    table: &TomlTable,
    place: TomlPlace,
    mistaken: &[(&str, TomlPlace)],
    reader: &mut ScenarioReader<'_>,
) {
    let quoted = |keys: &[&str]| and(&keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>());
    let given: Vec<&str> =
        table.entries.iter().map(|entry| entry.key.as_str()).filter(|key| S::ONE_OF.contains(key)).collect();
    if given.is_empty() && !S::ONE_OF.is_empty() && !mistaken.iter().any(|(key, _)| S::ONE_OF.contains(key)) {
        let message = format!("{} has none of {}, expected one of them", S::TITLE, quoted(S::ONE_OF));
        reader.absent(place, message, "expected one of them", None);
    }
    if let [_, .., last] = given.as_slice() {
        let place = table.get(last).map_or(place, |entry| entry.key_place);
        let message = format!("{} are given together in {}, expected exactly one", quoted(&given), S::TITLE);
        reader.report(place, message, "one too many", None);
    }
}

/// The JSON Schema of a section.
pub(crate) fn schema<S: Section>(defs: &mut Defs) -> Json {
    defs.refer(S::NAME, |defs| {
        let properties: serde_json::Map<String, Json> =
            S::KEYS.iter().map(|key| (key.name.to_owned(), property(key, defs))).collect();
        let required: Vec<&str> = S::KEYS.iter().filter(|key| key.required).map(|key| key.name).collect();
        let mut schema = json!({ "type": "object", "description": S::ABOUT.trim(), "properties": properties,
                                 "required": required, "additionalProperties": false });
        if !S::ONE_OF.is_empty() {
            schema["oneOf"] = S::ONE_OF.iter().map(|key| json!({ "required": [key] })).collect();
        }
        schema
    })
}

fn property(key: &KeyInfo, defs: &mut Defs) -> Json {
    let mut schema = (key.schema)(defs);
    let about = key.about.trim();
    let defaults = [Profile::Classroom, Profile::RocketMq].map(|profile| (key.default)(profile));
    schema["description"] = match &defaults {
        [Some(classroom), Some(rocketmq)] if classroom != rocketmq => {
            format!("{about} With profile \"rocketmq\": {rocketmq}.").into()
        }
        _ => about.into(),
    };
    if let [Some(default), _] = defaults {
        schema["default"] = default;
    }
    schema
}

/// The name of a key without the mark that makes a word of the language one.
pub(crate) const fn plain(name: &'static str) -> &'static str {
    match name.as_bytes() {
        [b'r', b'#', ..] => name.split_at(2).1,
        _ => name,
    }
}

/// Declares sections. A key is
/// - `required key: Type;`
/// - `optional key: Type;`: nothing where it is left out,
/// - `default key: Type = value;`, or `= value, rocketmq value;` where the profiles differ,
/// - `table key: Type;`: a section that has its own defaults where it is left out.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        $name:ident, $title:literal {
            $( $(#[doc = $doc:literal])+ $kind:ident $key:ident: $type:ty $(= $value:expr $(, rocketmq $rocketmq:expr)?)?; )*
        }
        $(exactly one of $($one:ident),+;)?
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug)]
        #[allow(dead_code, reason = "a declaration is complete, whether or not each key is asked for")]
        pub(crate) struct $name {
            /// Its header, or all of it where it stands in braces.
            pub(crate) place: $crate::scenario::written::TomlPlace,
            $( $(#[doc = $doc])+ pub(crate) $key: $crate::scenario::section::SectionKey<$type>, )*
        }

        impl $crate::scenario::section::Section for $name {
            const NAME: &'static str = stringify!($name);
            const TITLE: &'static str = $title;
            const ABOUT: &'static str = concat!($($about),+);
            const KEYS: &'static [$crate::scenario::section::KeyInfo] = &[$(
                $crate::scenario::section::KeyInfo {
                    name: $crate::scenario::section::plain(stringify!($key)),
                    about: concat!($($doc),+),
                    required: section!(@required $kind),
                    default: |profile| {
                        let default: fn($crate::scenario::profile::Profile) -> Option<$type> =
                            section!(@default $($value $(, $rocketmq)?)?);
                        default(profile).map(|value| $crate::scenario::value::KeyValue::written(&value))
                    },
                    schema: <$type as $crate::scenario::value::KeyValue>::schema,
                },
            )*];
            const ONE_OF: &'static [&'static str] = &[$($(stringify!($one)),+)?];

            fn fill(keys: &mut $crate::scenario::section::SectionKeys<'_, '_, '_>) -> Self {
                Self {
                    place: keys.place,
                    $( $key: section!(@read $kind keys $key $(= $value $(, $rocketmq)?)?), )*
                }
            }
        }

        impl $crate::scenario::value::KeyValue for $name {
            const SECTION: bool = true;

            fn read(
                item: &$crate::scenario::written::TomlItem,
                key: &str,
                reader: &mut $crate::scenario::reader::ScenarioReader<'_>,
            ) -> Option<Self> {
                $crate::scenario::section::read(item, key, reader)
            }

            fn schema(defs: &mut $crate::scenario::definitions::Defs) -> serde_json::Value {
                $crate::scenario::section::schema::<Self>(defs)
            }
        }
    };
    (@required required) => { true };
    (@required $kind:ident) => { false };
    (@default) => { |_| None };
    (@default $value:expr) => { |_| Some($value) };
    (@default $value:expr, $rocketmq:expr) => {
        |profile| Some(match profile {
            $crate::scenario::profile::Profile::Classroom => $value,
            $crate::scenario::profile::Profile::RocketMq => $rocketmq,
        })
    };
    (@read table $keys:ident $key:ident) => {
        $keys.table($crate::scenario::section::plain(stringify!($key)))
    };
    (@read $kind:ident $keys:ident $key:ident $(= $value:expr $(, $rocketmq:expr)?)?) => {
        $keys.read(
            $crate::scenario::section::plain(stringify!($key)),
            section!(@required $kind),
            section!(@default $($value $(, $rocketmq)?)?),
        )
    };
}
pub(crate) use section;
