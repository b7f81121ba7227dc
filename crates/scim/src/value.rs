//! One way to read JSON, whether it is an editable tree or a resource at rest.

use crate::document::Packed;
use crate::json::{Json, Object};
use crate::long_list::{LongList, Place};
use crate::number::Number;

/// A borrowed JSON value: cheap to copy, no allocation to look around in.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number by its text.
    Number(&'a str),
    /// A string.
    String(&'a str),
    /// The elements of an array; it is an iterator.
    Array(Items<'a>),
    /// The members of an object; it is an iterator.
    Object(Members<'a>),
}

/// The elements of an array.
#[derive(Clone, Copy, Debug)]
pub struct Items<'a>(ItemSource<'a>);

#[derive(Clone, Copy, Debug)]
enum ItemSource<'a> {
    Tree(&'a [Json]),
    Packed(Packed<'a>),
    /// A list outside the document, from a place on.
    Long(&'a LongList, Place),
}

/// The members of an object, in their order.
#[derive(Clone, Copy, Debug)]
pub struct Members<'a>(MemberSource<'a>);

#[derive(Clone, Copy, Debug)]
enum MemberSource<'a> {
    Tree(&'a [(String, Json)]),
    Packed(Packed<'a>),
}

impl<'a> Value<'a> {
    /// The text, if this is a string.
    pub fn as_str(self) -> Option<&'a str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value, if this is a boolean.
    pub fn as_bool(self) -> Option<bool> {
        match self {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The member with exactly this name, if this is an object that has it.
    pub fn get(self, name: &str) -> Option<Value<'a>> {
        match self {
            Value::Object(members) => members.get(name),
            _ => None,
        }
    }

    /// The long list, if this is an array that is kept in one.
    pub fn as_long(self) -> Option<&'a LongList> {
        match self {
            Value::Array(items) => items.as_long(),
            _ => None,
        }
    }

    /// The elements if this is an array, the value itself if it is anything else but `null`: the values that an
    /// attribute has, for single-valued and multi-valued attributes alike.
    pub fn values(self) -> impl Iterator<Item = Value<'a>> {
        let (one, many) = match self {
            Value::Array(items) => (None, Some(items)),
            Value::Null => (None, None),
            other => (Some(other), None),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }

    /// Whether SCIM calls this unassigned: `null` or an empty array (RFC 7643 section 2.5).
    pub fn is_unassigned(self) -> bool {
        match self {
            Value::Null => true,
            Value::Array(mut items) => items.next().is_none(),
            _ => false,
        }
    }

    /// An editable copy.
    pub fn to_json(self) -> Json {
        match self {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(value),
            Value::Number(text) => Json::Number(Number::from_valid_text(text)),
            Value::String(text) => Json::String(text.to_owned()),
            Value::Array(items) => Json::Array(items.map(Value::to_json).collect()),
            Value::Object(members) => Json::Object(members.to_object()),
        }
    }

    /// Compact JSON text.
    pub fn to_text(self) -> String {
        let mut out = String::new();
        crate::json::write_compact(self, &mut out);
        out
    }
}

impl<'a> From<&'a Json> for Value<'a> {
    fn from(json: &'a Json) -> Self {
        match json {
            Json::Null => Value::Null,
            Json::Bool(value) => Value::Bool(*value),
            Json::Number(number) => Value::Number(number.text()),
            Json::String(text) => Value::String(text),
            Json::Array(items) => Value::Array(Items(ItemSource::Tree(items))),
            Json::Object(object) => Value::Object(Members::from(object)),
        }
    }
}

impl<'a> From<&'a Object> for Members<'a> {
    fn from(object: &'a Object) -> Self {
        Members(MemberSource::Tree(object.members()))
    }
}

impl<'a> From<&'a Object> for Value<'a> {
    fn from(object: &'a Object) -> Self {
        Value::Object(Members::from(object))
    }
}

/// Equal as JSON: members in any order, numbers by value.
impl PartialEq for Value<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (*self, *other) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(left), Value::Bool(right)) => left == right,
            (Value::Number(left), Value::Number(right)) => {
                left == right || crate::number::compare_texts(left, right).is_eq()
            }
            (Value::String(left), Value::String(right)) => left == right,
            (Value::Array(left), Value::Array(right)) => match (left.as_long(), right.as_long()) {
                (Some(left), Some(right)) => left == right,
                _ => left.eq(right),
            },
            (Value::Object(left), Value::Object(right)) => {
                left.count() == right.count()
                    && left.into_iter().all(|(name, value)| right.get(name).is_some_and(|other| value == other))
            }
            _ => false,
        }
    }
}

impl<'a> Items<'a> {
    pub(crate) fn packed(items: Packed<'a>) -> Self {
        Items(ItemSource::Packed(items))
    }

    /// The elements of a long list.
    pub fn long(list: &'a LongList) -> Self {
        Items(ItemSource::Long(list, 0))
    }

    /// The long list that these are all the elements of, if they are kept in one.
    pub fn as_long(self) -> Option<&'a LongList> {
        match self.0 {
            ItemSource::Long(list, 0) => Some(list),
            _ => None,
        }
    }

    /// How many elements are left. Long lists know; others are counted.
    #[expect(clippy::len_without_is_empty, reason = "an iterator is asked for its next element")]
    pub fn len(self) -> usize {
        match self.0 {
            ItemSource::Tree(items) => items.len(),
            ItemSource::Long(list, 0) => list.len(),
            _ => self.count(),
        }
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        match &mut self.0 {
            ItemSource::Tree(items) => {
                let (first, rest) = items.split_first()?;
                *items = rest;
                Some(Value::from(first))
            }
            ItemSource::Packed(packed) => packed.next_value(),
            ItemSource::Long(list, from) => {
                let (place, element) = list.at_or_after(*from)?;
                *from = place + 1;
                Some(element)
            }
        }
    }
}

impl<'a> Members<'a> {
    pub(crate) fn packed(members: Packed<'a>) -> Self {
        Members(MemberSource::Packed(members))
    }

    /// The member with exactly this name.
    pub fn get(mut self, name: &str) -> Option<Value<'a>> {
        match self.0 {
            MemberSource::Packed(packed) => packed.find(name),
            MemberSource::Tree(_) => self.find(|(have, _)| *have == name).map(|(_, value)| value),
        }
    }

    /// An editable copy.
    pub fn to_object(self) -> Object {
        let mut object = Object::new();
        for (name, value) in self {
            object.push_unchecked(name.to_owned(), value.to_json());
        }
        object
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, Value<'a>);

    fn next(&mut self) -> Option<(&'a str, Value<'a>)> {
        match &mut self.0 {
            MemberSource::Tree(members) => {
                let ((name, value), rest) = members.split_first()?;
                *members = rest;
                Some((name, Value::from(value)))
            }
            MemberSource::Packed(packed) => packed.next_member(),
        }
    }
}
