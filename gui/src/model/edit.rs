//! How a form changes the text of a scenario: one key, or one entry of a list, at a time.

use queuescope::scenario::{Field, SectionId};

/// A change of a scenario's text by form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FormEdit {
    /// Gives a key another value; an empty text takes the key out.
    Set(SectionId, Field, String),
    /// Keeps a value that is being typed. It does not change the text yet.
    Type(TypedValue),
    /// Puts the value that was being typed into the text.
    Enter,
    /// Adds an entry to a list.
    Add(&'static str),
    /// Adds a slave to a broker set.
    Slave(SectionId),
    /// Takes an entry out.
    Remove(SectionId),
    /// Changes nothing: the form shows another section.
    Look(SectionId),
}

/// A value that somebody is typing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TypedValue {
    /// The section of the key.
    pub spot: SectionId,
    /// The key.
    pub field: Field,
    /// The value, as far as it is typed.
    pub text: String,
}
