//! JSON as SCIM needs it: order of members, text of numbers and every name are kept exactly as they came.
//!
//! The general JSON library of the workspace is not used for resources because it folds numbers to 64 bits, accepts
//! duplicate names silently and cannot say *where* a body went wrong. [`Json`] is the tree that operations edit;
//! resources at rest are [`crate::document::Document`]s; both are read through [`crate::value::Value`].

use std::borrow::Cow;
use std::fmt;

use serde::ser::{SerializeMap, SerializeSeq};

use crate::number::Number;

mod parse;
mod print;

pub use parse::{Limits, SyntaxError, locate, parse};
pub(crate) use print::{compact as write_compact, string as write_string};

/// A JSON value (RFC 8259), owned and editable.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`: in SCIM the same state as an absent attribute (RFC 7643 section 2.5).
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, with its text as sent.
    Number(Number),
    /// A string, unescaped.
    String(String),
    /// An array.
    Array(Vec<Json>),
    /// An object, in the order of its members.
    Object(Object),
}

/// The members of a JSON object in their order; names are unique (exactly, by bytes).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object {
    members: Vec<(String, Json)>,
}

impl Json {
    /// The members, if this is an object.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Json::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The members for editing, if this is an object.
    pub fn as_object_mut(&mut self) -> Option<&mut Object> {
        match self {
            Json::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The elements, if this is an array.
    pub fn as_array(&self) -> Option<&[Json]> {
        match self {
            Json::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The text, if this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value, if this is a boolean.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Json::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// Whether SCIM calls this unassigned: `null` or an empty array (RFC 7643 section 2.5).
    pub fn is_unassigned(&self) -> bool {
        match self {
            Json::Null => true,
            Json::Array(items) => items.is_empty(),
            _ => false,
        }
    }

    /// What kind of JSON value this is, as words for messages: "a string", "an object" ...
    pub fn kind_name(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "a boolean",
            Json::Number(_) => "a number",
            Json::String(_) => "a string",
            Json::Array(_) => "an array",
            Json::Object(_) => "an object",
        }
    }

    /// The value at a JSON Pointer (RFC 6901), if there is one; `""` is the value itself.
    pub fn pointer(&self, pointer: &str) -> Option<&Json> {
        if pointer.is_empty() {
            return Some(self);
        }
        let mut here = self;
        for token in pointer.strip_prefix('/')?.split('/') {
            let token = token.replace("~1", "/").replace("~0", "~");
            here = match here {
                Json::Object(object) => object.get(&token)?,
                Json::Array(items) => items.get(array_index(&token)?)?,
                _ => return None,
            };
        }
        Some(here)
    }

    /// Compact JSON text.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        write_compact(crate::value::Value::from(self), &mut out);
        out
    }

    /// JSON text indented by two blanks, for people.
    pub fn to_pretty_text(&self) -> String {
        let mut out = String::new();
        print::pretty(crate::value::Value::from(self), 0, &mut out);
        out
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Json::Bool(value)
    }
}

impl From<&str> for Json {
    fn from(value: &str) -> Self {
        Json::String(value.to_owned())
    }
}

impl From<String> for Json {
    fn from(value: String) -> Self {
        Json::String(value)
    }
}

impl From<i64> for Json {
    fn from(value: i64) -> Self {
        Json::Number(Number::from(value))
    }
}

impl From<Vec<Json>> for Json {
    fn from(value: Vec<Json>) -> Self {
        Json::Array(value)
    }
}

impl From<Object> for Json {
    fn from(value: Object) -> Self {
        Json::Object(value)
    }
}

impl Object {
    /// An object without members.
    pub fn new() -> Self {
        Object::default()
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The value under exactly this name.
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.members.iter().find(|(have, _)| have == name).map(|(_, value)| value)
    }

    /// The value under exactly this name, for editing.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Json> {
        self.members.iter_mut().find(|(have, _)| have == name).map(|(_, value)| value)
    }

    /// The first member whose name is equal without regard to ASCII case (RFC 7643 section 2.1), with the name as it stands.
    pub fn get_ignoring_case(&self, name: &str) -> Option<(&str, &Json)> {
        self.members
            .iter()
            .find(|(have, _)| have.eq_ignore_ascii_case(name))
            .map(|(have, value)| (have.as_str(), value))
    }

    /// Sets a member: in place if the name is there, else at the end. Gives back what was there.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<Json>) -> Option<Json> {
        let (name, value) = (name.into(), value.into());
        match self.get_mut(&name) {
            Some(slot) => Some(std::mem::replace(slot, value)),
            None => {
                self.members.push((name, value));
                None
            }
        }
    }

    /// Takes a member out; the order of the others stays.
    pub fn remove(&mut self, name: &str) -> Option<Json> {
        let at = self.members.iter().position(|(have, _)| have == name)?;
        Some(self.members.remove(at).1)
    }

    /// The members in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Json)> {
        self.members.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The members in their order, values for editing.
    pub fn iter_mut(&mut self) -> impl ExactSizeIterator<Item = (&str, &mut Json)> {
        self.members.iter_mut().map(|(name, value)| (name.as_str(), value))
    }

    /// Keeps the members for which the question is answered with yes.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &mut Json) -> bool) {
        self.members.retain_mut(|(name, value)| keep(name, value));
    }

    pub(crate) fn members(&self) -> &[(String, Json)] {
        &self.members
    }

    /// Adds a member that is known to be new; callers check for duplicates.
    pub(crate) fn push_unchecked(&mut self, name: String, value: Json) {
        self.members.push((name, value));
    }
}

impl FromIterator<(String, Json)> for Object {
    fn from_iter<I: IntoIterator<Item = (String, Json)>>(members: I) -> Self {
        let mut object = Object::new();
        for (name, value) in members {
            object.insert(name, value);
        }
        object
    }
}

impl IntoIterator for Object {
    type Item = (String, Json);
    type IntoIter = std::vec::IntoIter<(String, Json)>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.into_iter()
    }
}

/// The index that a token of a JSON Pointer names (RFC 6901 section 4): digits without a leading zero.
fn array_index(token: &str) -> Option<usize> {
    let is_index = token.bytes().all(|byte| byte.is_ascii_digit()) && (token == "0" || !token.starts_with('0'));
    if is_index { token.parse().ok() } else { None }
}

/// A name as a token of a JSON Pointer (RFC 6901 section 3): `~` and `/` are escaped.
pub fn pointer_token(name: &str) -> Cow<'_, str> {
    if name.contains(['~', '/']) { name.replace('~', "~0").replace('/', "~1").into() } else { name.into() }
}

/// Builds an [`Object`] from name and value pairs.
#[macro_export]
macro_rules! object {
    ($($name:expr => $value:expr),* $(,)?) => {{
        #[allow(unused_mut)]
        let mut object = $crate::json::Object::new();
        $(object.insert($name, $value);)*
        object
    }};
}

impl serde::Serialize for Json {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Json::Null => serializer.serialize_unit(),
            Json::Bool(value) => serializer.serialize_bool(*value),
            Json::Number(number) => number.serialize(serializer),
            Json::String(text) => serializer.serialize_str(text),
            Json::Array(items) => {
                let mut seq = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    seq.serialize_element(item)?;
                }
                seq.end()
            }
            Json::Object(object) => {
                let mut map = serializer.serialize_map(Some(object.len()))?;
                for (name, value) in object.iter() {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> serde::Deserialize<'de> for Json {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde_json::Value::deserialize(deserializer).map(Json::from)
    }
}

/// From the general library's value: used where JSON comes out of files and databases of our own.
impl From<serde_json::Value> for Json {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Json::Null,
            serde_json::Value::Bool(value) => Json::Bool(value),
            serde_json::Value::Number(number) => Json::Number(Number::from_valid_text(number.to_string())),
            serde_json::Value::String(text) => Json::String(text),
            serde_json::Value::Array(items) => Json::Array(items.into_iter().map(Json::from).collect()),
            serde_json::Value::Object(members) => {
                Json::Object(members.into_iter().map(|(name, value)| (name, Json::from(value))).collect())
            }
        }
    }
}
