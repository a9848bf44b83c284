//! The JSON Schema of the file, from the same declarations that read it.

use serde_json::{Value as Json, json};

use super::definitions::Defs;
use super::file::File;
use super::value::KeyValue;

/// The JSON Schema (draft 2020-12) of a scenario file.
#[must_use]
pub fn schema() -> Json {
    let mut defs = Defs::default();
    let root = File::schema(&mut defs);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A scenario of Queuescope",
        "$ref": root["$ref"],
        "$defs": defs.into_json(),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Every value of an object key, anywhere.
    fn all<'a>(json: &'a Json, key: &str, found: &mut Vec<&'a Json>) {
        match json {
            Json::Object(object) => {
                found.extend(object.get(key));
                object.values().for_each(|value| all(value, key, found));
            }
            Json::Array(items) => items.iter().for_each(|item| all(item, key, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_to_a_definition_and_every_definition_is_referred_to() {
        let schema = schema();
        let mut references = Vec::new();
        all(&schema, "$ref", &mut references);
        let referred: BTreeSet<String> =
            references.iter().filter_map(|r| r.as_str()?.strip_prefix("#/$defs/").map(str::to_owned)).collect();
        let defined: BTreeSet<String> = schema["$defs"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(referred, defined);
        assert!(schema["$defs"].as_object().unwrap().values().all(|definition| !definition.is_null()));
    }

    #[test]
    fn keys_have_their_meaning_default_and_kind() {
        let schema = schema();
        let timers = &schema["$defs"]["Timers"];
        let heartbeat = &timers["properties"]["heartbeat"];
        assert_eq!((&heartbeat["default"], &heartbeat["$ref"]), (&json!("1s"), &json!("#/$defs/duration")));
        assert!(heartbeat["description"].as_str().unwrap().ends_with("With profile \"rocketmq\": \"30s\"."));
        assert_eq!(timers["additionalProperties"], false);
        let group = &schema["$defs"]["Group"];
        assert_eq!(group["required"], json!(["name", "topic"]));
        assert_eq!(group["properties"]["ack"]["enum"], json!(["after", "before"]));
        assert_eq!(group["properties"]["queue_lock"]["default"], true);
        let producer = &schema["$defs"]["Producer"];
        assert_eq!(producer["oneOf"], json!([{ "required": ["topic"] }, { "required": ["calls"] }]));
        let crash = &schema["$defs"]["Crash"]["properties"];
        assert_eq!((&crash["kind"]["const"], &crash["mode"]["default"]), (&json!("crash"), &json!("host")));
        assert!(crash["for"].is_object());
    }

    #[test]
    fn every_key_says_what_it_is() {
        let schema = schema();
        let mut sections = Vec::new();
        all(&schema, "properties", &mut sections);
        for (key, property) in sections.iter().flat_map(|section| section.as_object().unwrap()) {
            assert!(property["description"].as_str().is_some_and(|about| about.len() > 3), "{key}");
        }
    }
}
