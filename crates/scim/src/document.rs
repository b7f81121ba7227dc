//! A resource at rest: one allocation, attribute names as small numbers.
//!
//! A tree of JSON values costs about nine times the text of a user; a directory of a million users needs the text's own
//! size. A [`Document`] is a tagged byte string that is read in place through [`Value`] and never edited: an operation
//! takes a copy as [`Json`], changes it and packs the result.

use crate::json::{Json, Object};
use crate::names;
use crate::value::{Items, Members, Value};

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const NUMBER: u8 = 3;
const STRING: u8 = 4;
const ARRAY: u8 = 5;
const OBJECT: u8 = 6;

/// An immutable JSON object in packed form. Order of members and text of numbers are kept.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Document(Box<[u8]>);

impl Document {
    /// Packs an object.
    pub fn pack(object: &Object) -> Document {
        let mut bytes = Vec::new();
        pack_members(Members::from(object), &mut bytes);
        Document(bytes.into())
    }

    /// The members of the object.
    pub fn members(&self) -> Members<'_> {
        Members::packed(Packed(&self.0))
    }

    /// The object as a value.
    pub fn value(&self) -> Value<'_> {
        Value::Object(self.members())
    }

    /// The member with exactly this name.
    pub fn get(&self, name: &str) -> Option<Value<'_>> {
        self.members().get(name)
    }

    /// An editable copy.
    pub fn to_object(&self) -> Object {
        self.members().to_object()
    }

    /// Bytes that the packed form takes.
    pub fn packed_bytes(&self) -> usize {
        self.0.len()
    }
}

impl From<&Object> for Document {
    fn from(object: &Object) -> Self {
        Document::pack(object)
    }
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.value().to_text())
    }
}

impl serde::Serialize for Document {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Json::Object(self.to_object()).serialize(serializer)
    }
}

/// A run of packed elements or members; reading moves it forward.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packed<'a>(&'a [u8]);

impl<'a> Packed<'a> {
    pub(crate) fn next_value(&mut self) -> Option<Value<'a>> {
        let (&tag, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(match tag {
            NULL => Value::Null,
            FALSE => Value::Bool(false),
            TRUE => Value::Bool(true),
            NUMBER => Value::Number(self.text()),
            STRING => Value::String(self.text()),
            ARRAY => Value::Array(Items::packed(Packed(self.run()))),
            OBJECT => Value::Object(Members::packed(Packed(self.run()))),
            other => unreachable!("packed documents hold no tag {other}"),
        })
    }

    pub(crate) fn next_member(&mut self) -> Option<(&'a str, Value<'a>)> {
        if self.0.is_empty() {
            return None;
        }
        let id = self.number();
        // Zero marks a name that the table of names had no room for.
        let name = if id == 0 { self.text() } else { names::by_id(id) };
        Some((name, self.next_value()?))
    }

    fn text(&mut self) -> &'a str {
        std::str::from_utf8(self.run()).expect("packed text is UTF-8 because it was packed from text")
    }

    fn run(&mut self) -> &'a [u8] {
        let length = self.number();
        let (run, rest) = self.0.split_at(length);
        self.0 = rest;
        run
    }

    /// LEB128.
    fn number(&mut self) -> usize {
        let mut value = 0;
        for (at, byte) in self.0.iter().enumerate() {
            value |= usize::from(byte & 0x7f) << (7 * at);
            if byte & 0x80 == 0 {
                self.0 = &self.0[at + 1..];
                return value;
            }
        }
        unreachable!("packed numbers end")
    }
}

fn pack_members(members: Members<'_>, out: &mut Vec<u8>) {
    for (name, value) in members {
        match names::id_of(name) {
            Some(id) => pack_number(id, out),
            None => {
                pack_number(0, out);
                pack_run(name.as_bytes(), out);
            }
        }
        pack_value(value, out);
    }
}

fn pack_value(value: Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(NULL),
        Value::Bool(false) => out.push(FALSE),
        Value::Bool(true) => out.push(TRUE),
        Value::Number(text) => {
            out.push(NUMBER);
            pack_run(text.as_bytes(), out);
        }
        Value::String(text) => {
            out.push(STRING);
            pack_run(text.as_bytes(), out);
        }
        Value::Array(items) => {
            let mut run = Vec::new();
            items.for_each(|item| pack_value(item, &mut run));
            out.push(ARRAY);
            pack_run(&run, out);
        }
        Value::Object(members) => {
            let mut run = Vec::new();
            pack_members(members, &mut run);
            out.push(OBJECT);
            pack_run(&run, out);
        }
    }
}

fn pack_run(run: &[u8], out: &mut Vec<u8>) {
    pack_number(run.len(), out);
    out.extend_from_slice(run);
}

fn pack_number(mut value: usize, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push((value as u8 & 0x7f) | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
