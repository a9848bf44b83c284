//! The parts of the JSON Schema that several keys refer to. It does not know what they are.

use serde_json::{Map, Value as Json, json};

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

    /// All of them, by their names.
    pub(crate) fn into_json(self) -> Json {
        Json::Object(self.0)
    }
}
