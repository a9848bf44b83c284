//! Texts for people, which a file writes in one language or in both.

use serde_json::{Value as Json, json};

use super::definitions::Defs;
use super::reader::ScenarioReader;
use super::section::section;
use super::value::KeyValue;
use super::written::{TomlItem, TomlShape};
use crate::plan::Text;

section! {
    /// A text in both languages; where one is left out, the other stands for it.
    Bilingual, "a text" {
        /// English.
        optional en: String;
        /// 简体中文.
        optional zh: String;
    }
}

impl KeyValue for Text {
    fn read(item: &TomlItem, key: &str, reader: &mut ScenarioReader<'_>) -> Option<Self> {
        match &item.shape {
            TomlShape::Text(text) => Some(Self { en: text.clone(), zh: text.clone() }),
            TomlShape::Table(table) => {
                let Bilingual { en, zh, .. } = Bilingual::read(item, key, reader)?;
                if table.entries.is_empty() {
                    reader.wrong(key, item, "a text in `en`, in `zh` or in both", None);
                }
                let (en, zh) = (en.value.as_ref().or(zh.value.as_ref())?, zh.value.as_ref().or(en.value.as_ref())?);
                Some(Self { en: en.clone(), zh: zh.clone() })
            }
            _ => {
                reader.wrong(key, item, "a text or { en = \"…\", zh = \"…\" }", None);
                None
            }
        }
    }

    fn schema(defs: &mut Defs) -> Json {
        let table = Bilingual::schema(defs);
        json!({ "oneOf": [{ "type": "string" }, table] })
    }
}
