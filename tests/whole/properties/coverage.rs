//! Whatever a file can say about a run, some random cluster says: each key of the schema, and each word that a key takes. A key
//! that no random cluster has is one that no property has met.

use std::cell::RefCell;
use std::collections::BTreeSet;

use queuescope::scenario::schema;
use queuescope_tests::random::chaos::{Means, chaos};
use serde_json::Value as Json;

use super::{ALL, scenarios};

/// Clusters of each kind of chaos that are looked at.
const CLUSTERS: u64 = 100;

/// Keys of what is said and asked of a run: texts, notes, questions, expectations. They change nothing in it.
const ABOUT_A_RUN: [&str; 5] = ["title", "summary", "notes", "questions", "expect"];

/// Words that stand for what is so where nothing is written, as it mostly is.
const DEFAULTS: [&str; 3] = ["classroom", "consumed", "round_robin"];

/// Every key of an object, and every word that may stand for a value, wherever in a part of the schema it is.
fn words(part: &Json, schema: &Json, found: &mut BTreeSet<String>) {
    match part {
        Json::Object(entries) => {
            for (key, value) in entries {
                match (key.as_str(), value) {
                    ("properties", Json::Object(keys)) => {
                        for (key, value) in keys.iter().filter(|(key, _)| !ABOUT_A_RUN.contains(&key.as_str())) {
                            found.insert(key.clone());
                            let mut own = BTreeSet::new();
                            words(value, schema, &mut own);
                            // A setting that can change is a key of its node, too: here it has to change.
                            let own =
                                own.into_iter().map(|word| if key == "set" { format!("set={word}") } else { word });
                            found.extend(own);
                        }
                    }
                    ("$ref", Json::String(path)) => {
                        let part =
                            schema.pointer(path.trim_start_matches('#')).expect("it refers to a part of the schema");
                        words(part, schema, found);
                    }
                    ("const", Json::String(word)) => _ = found.insert(word.clone()),
                    ("enum", Json::Array(list)) => {
                        found.extend(list.iter().filter_map(Json::as_str).map(str::to_owned));
                    }
                    ("$defs", _) => {}
                    _ => words(value, schema, found),
                }
            }
        }
        Json::Array(list) => list.iter().for_each(|entry| words(entry, schema, found)),
        _ => {}
    }
}

/// The words of a text: of keys and of values.
fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

#[test]
fn each_key_and_each_word_of_the_schema_stands_in_some_random_cluster() {
    let mut wanted = BTreeSet::new();
    let schema = schema();
    words(&schema, &schema, &mut wanted);
    assert!(wanted.len() > 100, "keys and words were found: {wanted:?}");
    DEFAULTS.iter().for_each(|word| assert!(wanted.remove(*word), "{word} is a word of the schema"));
    let missing = RefCell::new(wanted);
    let meet = |text: &str| {
        let mut before = "";
        for word in words_of(text) {
            let mut missing = missing.borrow_mut();
            missing.remove(word);
            if before == "set" {
                missing.remove(&format!("set={word}"));
            }
            before = word;
        }
    };
    for kind in ALL {
        scenarios(kind, |scenario| {
            meet(&scenario.0);
            Ok(())
        });
    }
    for (_, means) in Means::EACH {
        (0..CLUSTERS).for_each(|number| meet(&chaos(means, number).0));
    }
    assert_eq!(missing.into_inner(), BTreeSet::new(), "no random cluster says these");
}
