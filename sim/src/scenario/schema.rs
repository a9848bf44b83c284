//! The JSON Schema of the file, from the same declarations that read it.

use serde_json::{Map, Value as Json, json};

use super::file::File;
use super::value::Value;

/// The definitions that a schema refers to, each written once.
#[derive(Default)]
pub(crate) struct Defs(Map<String, Json>);

impl Defs {
    /// A reference to the definition of that name, which is made where it is not there yet.
    pub(crate) fn refer(&mut self, name: &str, make: impl FnOnce(&mut Self) -> Json) -> Json {
        if !self.0.contains_key(name) {
            // A place is kept, so that a definition may refer to itself.
            self.0.insert(name.to_owned(), Json::Null);
            let made = make(self);
            self.0.insert(name.to_owned(), made);
        }
        json!({ "$ref": format!("#/$defs/{name}") })
    }

    /// Changes a definition that has been made.
    pub(crate) fn amend(&mut self, name: &str, change: impl FnOnce(&mut Json)) {
        if let Some(definition) = self.0.get_mut(name) {
            change(definition);
        }
    }
}

/// The JSON Schema (draft 2020-12) of a scenario file.
#[must_use]
pub fn schema() -> Json {
    let mut defs = Defs::default();
    let root = File::schema(&mut defs);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A scenario of Queuescope",
        "$ref": root["$ref"],
        "$defs": defs.0,
    })
}
