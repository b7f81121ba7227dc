//! Sorting (RFC 7644 section 3.4.2.3): the value that a resource is sorted by, and how two of them compare.

use std::cmp::Ordering;

use jiff::Timestamp;

use crate::number;
use crate::schema::{Attribute, Container, Kind, Shape, Target};
use crate::text;
use crate::value::Value;

/// What the resources of one type are sorted by.
#[derive(Clone, Debug)]
pub struct SortBy {
    /// Member names from the resource down to the value.
    route: Vec<String>,
    /// The step of the route at which a list is met of which the primary element counts.
    kind: Kind,
    folds: bool,
}

/// Why resources cannot be sorted by an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsortable {
    /// The shape has no such attribute; the text says what is nearest.
    Unknown(String),
    /// The attribute is complex and has no `value`; the text says what to name instead.
    Complex(String),
    /// The attribute is never shown, so its order would betray it.
    Hidden(String),
}

/// What one resource is sorted by. Texts are in the form in which they are compared.
#[derive(Clone, Debug, PartialEq)]
pub enum Key {
    /// A truth value: `false` first.
    Bool(bool),
    /// A number, by its text.
    Number(String),
    /// An instant.
    Time(Timestamp),
    /// A text; folded where the attribute's comparison disregards case.
    Text(String),
    /// No value: after all others.
    None,
}

/// A text longer than this is sorted by its beginning, so that what a key takes has a bound.
const KEY_BYTES: usize = 512;

impl SortBy {
    /// Resolves `sortBy` in a shape: any path that names an attribute; of a complex one its `value` counts.
    pub fn resolve(shape: &Shape, path: &str) -> Result<SortBy, Unsortable> {
        let (container, attribute, sub) = match shape.resolve(path) {
            Ok(Target::Attribute { container, attribute, sub }) => (container, attribute, sub),
            Ok(Target::Extension(schema)) => {
                return Err(Unsortable::Complex(format!(
                    "{} is a whole extension; name one of its attributes",
                    schema.id
                )));
            }
            Err(unresolved) => return Err(Unsortable::Unknown(unresolved.message)),
        };
        let mut route = Vec::with_capacity(3);
        if let Container::Extension(schema) = container {
            route.push(schema.id.clone());
        }
        route.push(attribute.name.clone());
        let leaf = match sub {
            Some(sub) => sub,
            None if attribute.kind == Kind::Complex => match attribute.sub("value") {
                Some(value) => value,
                None => {
                    let subs: Vec<&str> = attribute.sub_attributes.iter().map(|sub| sub.name.as_str()).collect();
                    return Err(Unsortable::Complex(format!(
                        "{} is complex; name one of its sub-attributes: {}",
                        attribute.name,
                        subs.join(", ")
                    )));
                }
            },
            None => attribute,
        };
        if leaf.is_hidden() || attribute.is_hidden() {
            return Err(Unsortable::Hidden(format!(
                "{} is never returned, so nothing is sorted by it",
                attribute.name
            )));
        }
        if attribute.kind == Kind::Complex {
            route.push(leaf.name.clone());
        }
        Ok(SortBy { route, kind: leaf.kind, folds: !leaf.compares_case() })
    }

    /// What this resource is sorted by: of a multi-valued attribute the primary value, else the first.
    pub fn key(&self, resource: Value<'_>) -> Key {
        let mut at = Some(resource);
        for step in &self.route {
            at = at.and_then(|value| preferred(value.get(step)?));
        }
        at.map_or(Key::None, |value| self.key_of(value))
    }

    fn key_of(&self, value: Value<'_>) -> Key {
        match value {
            Value::Bool(value) => Key::Bool(value),
            Value::Number(text) => Key::Number(text.to_owned()),
            Value::String("") => Key::None,
            Value::String(written) => match text::date_time(written).filter(|_| self.kind == Kind::DateTime) {
                Some(time) => Key::Time(time),
                None if self.folds => Key::Text(beginning(&text::fold(written))),
                None => Key::Text(beginning(written)),
            },
            Value::Null | Value::Array(_) | Value::Object(_) => Key::None,
        }
    }
}

/// The value itself, or the element of a list that stands for it.
fn preferred(value: Value<'_>) -> Option<Value<'_>> {
    let Value::Array(items) = value else { return Some(value) };
    let is_primary = |item: &Value<'_>| item.get("primary").and_then(Value::as_bool) == Some(true);
    let (mut all, mut again) = (items, items);
    again.find(is_primary).or_else(|| all.next())
}

fn beginning(text: &str) -> String {
    let mut end = text.len().min(KEY_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

impl Key {
    /// Ascending order: by type, then by value; no value last.
    pub fn compare(&self, other: &Key) -> Ordering {
        match (self, other) {
            (Key::Bool(left), Key::Bool(right)) => left.cmp(right),
            (Key::Number(left), Key::Number(right)) => number::compare_texts(left, right),
            (Key::Time(left), Key::Time(right)) => left.cmp(right),
            (Key::Text(left), Key::Text(right)) => left.cmp(right),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Key::Bool(_) => 0,
            Key::Number(_) => 1,
            Key::Time(_) => 2,
            Key::Text(_) => 3,
            Key::None => 4,
        }
    }

    /// As bytes, for whoever must write a key down.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![self.rank()];
        match self {
            Key::Bool(value) => bytes.push(u8::from(*value)),
            Key::Number(text) | Key::Text(text) => bytes.extend(text.as_bytes()),
            Key::Time(time) => bytes.extend(time.as_nanosecond().to_be_bytes()),
            Key::None => {}
        }
        bytes
    }

    /// What [`Key::to_bytes`] wrote; nothing if it did not write this.
    pub fn from_bytes(bytes: &[u8]) -> Option<Key> {
        let (rank, rest) = bytes.split_first()?;
        let text = || String::from_utf8(rest.to_vec()).ok();
        Some(match rank {
            0 => Key::Bool(rest == [1]),
            1 => Key::Number(number::Number::parse(&text()?)?.text().to_owned()),
            2 => Key::Time(Timestamp::from_nanosecond(i128::from_be_bytes(rest.try_into().ok()?)).ok()?),
            3 => Key::Text(text()?),
            4 => Key::None,
            _ => return None,
        })
    }
}

impl Attribute {
    /// Whether no answer ever shows it.
    pub fn is_hidden(&self) -> bool {
        use crate::schema::{Mutability, Returned};
        self.returned == Returned::Never || self.mutability == Mutability::WriteOnly
    }
}
