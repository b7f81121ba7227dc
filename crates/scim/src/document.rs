//! A resource at rest: one allocation, attribute names as small numbers.
//!
//! A tree of JSON values costs about nine times the text of a user; a directory of a million users needs the text's own
//! size. A [`Document`] is a tagged byte string that is read in place through [`Value`] and never edited: an operation
//! takes a copy as [`Json`], changes it and packs the result.
//!
//! Attributes with more than [`LONG`] elements are not in the byte string: it names a [`LongList`] beside it, which the next
//! version of the resource shares.

use crate::json::{Json, Object};
use crate::long_list::{LONG, LongList, LongLists, Parts};
use crate::names;
use crate::value::{Items, Members, Value};

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const NUMBER: u8 = 3;
const STRING: u8 = 4;
const ARRAY: u8 = 5;
const OBJECT: u8 = 6;
/// An array that is a long list: its number follows.
const LIST: u8 = 7;

/// An immutable JSON object in packed form. Order of members and text of numbers are kept.
#[derive(Clone)]
pub struct Document {
    bytes: Box<[u8]>,
    outside: Option<Box<Outside>>,
}

/// Boxed, because few documents have any.
#[derive(Clone)]
struct Outside(Vec<LongList>);

impl Document {
    /// Packs an object.
    pub fn pack(object: &Object) -> Document {
        Document::pack_with(object, &LongLists::default())
    }

    /// Packs a resource whose long lists may be kept beside it. Those that are short now are packed with the rest.
    pub fn pack_parts(parts: &Parts) -> Document {
        Document::pack_with(&parts.object, &parts.lists)
    }

    fn pack_with(object: &Object, lists: &LongLists) -> Document {
        let mut packing = Packing { out: Vec::new(), outside: Vec::new(), lists };
        packing.members(Members::from(object), Level::Resource);
        let outside = (!packing.outside.is_empty()).then(|| Box::new(Outside(packing.outside)));
        Document { bytes: packing.out.into(), outside }
    }

    /// The members of the object.
    pub fn members(&self) -> Members<'_> {
        Members::packed(Packed { bytes: &self.bytes, outside: self.outside() })
    }

    /// A copy for editing that shares the long lists.
    pub fn to_parts(&self) -> Parts {
        let mut parts = Parts::default();
        for (name, value) in self.members() {
            let value = match value {
                Value::Object(members) if name.contains(':') => {
                    let mut container = Object::new();
                    for (inner, value) in members {
                        container.push_unchecked(inner.to_owned(), parts.lists.part(Some(name), inner, value));
                    }
                    Json::Object(container)
                }
                value => parts.lists.part(None, name, value),
            };
            parts.object.push_unchecked(name.to_owned(), value);
        }
        parts
    }

    /// Whether an attribute is kept as a long list.
    pub fn has_long_lists(&self) -> bool {
        self.outside.is_some()
    }

    /// Reads a byte here and there, for nothing but to have them at hand: whoever goes through many documents asks for the
    /// next ones while the processor would wait for one.
    pub fn touch(&self) -> u8 {
        let at = |line: usize| self.bytes.get(64 * line).copied().unwrap_or_default();
        at(0) ^ at(1) ^ at(2) ^ at(3) ^ at(4) ^ at(5)
    }

    fn outside(&self) -> &[LongList] {
        self.outside.as_ref().map_or(&[], |outside| &outside.0)
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

    /// Bytes that the packed form takes, long lists included.
    pub fn packed_bytes(&self) -> usize {
        self.bytes.len() + self.outside().iter().map(LongList::packed_bytes).sum::<usize>()
    }
}

/// The same text: order of members and text of numbers count.
impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes && self.outside() == other.outside()
    }
}

impl Eq for Document {}

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
pub(crate) struct Packed<'a> {
    bytes: &'a [u8],
    outside: &'a [LongList],
}

impl<'a> Packed<'a> {
    /// One packed element of a long list.
    pub(crate) fn element(bytes: &'a [u8]) -> Packed<'a> {
        Packed { bytes, outside: &[] }
    }

    pub(crate) fn next_value(&mut self) -> Option<Value<'a>> {
        let (&tag, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(match tag {
            NULL => Value::Null,
            FALSE => Value::Bool(false),
            TRUE => Value::Bool(true),
            NUMBER => Value::Number(self.text()),
            STRING => Value::String(self.text()),
            ARRAY => Value::Array(Items::packed(self.inner())),
            OBJECT => Value::Object(Members::packed(self.inner())),
            LIST => Value::Array(Items::long(&self.outside[self.number()])),
            other => unreachable!("packed documents hold no tag {other}"),
        })
    }

    pub(crate) fn next_member(&mut self) -> Option<(&'a str, Value<'a>)> {
        if self.bytes.is_empty() {
            return None;
        }
        Some((self.name(), self.next_value()?))
    }

    /// The value of the member with exactly this name. What stands before it is skipped without being read.
    pub(crate) fn find(mut self, wanted: &str) -> Option<Value<'a>> {
        while !self.bytes.is_empty() {
            if self.name() == wanted {
                return self.next_value();
            }
            self.skip_value();
        }
        None
    }

    fn name(&mut self) -> &'a str {
        // Zero marks a name that the table of names had no room for.
        match self.number() {
            0 => self.text(),
            id => names::by_id(id),
        }
    }

    fn skip_value(&mut self) {
        let Some((&tag, rest)) = self.bytes.split_first() else { return };
        self.bytes = rest;
        match tag {
            NUMBER | STRING | ARRAY | OBJECT => {
                self.run();
            }
            LIST => {
                self.number();
            }
            _ => {}
        }
    }

    fn inner(&mut self) -> Packed<'a> {
        Packed { bytes: self.run(), outside: self.outside }
    }

    fn text(&mut self) -> &'a str {
        std::str::from_utf8(self.run()).expect("packed text is UTF-8 because it was packed from text")
    }

    fn run(&mut self) -> &'a [u8] {
        let length = self.number();
        let (run, rest) = self.bytes.split_at(length);
        self.bytes = rest;
        run
    }

    /// LEB128.
    fn number(&mut self) -> usize {
        // Nearly all are below 128.
        if let [byte @ 0..0x80, rest @ ..] = self.bytes {
            self.bytes = rest;
            return usize::from(*byte);
        }
        let mut value = 0;
        for (at, byte) in self.bytes.iter().enumerate() {
            value |= usize::from(byte & 0x7f) << (7 * at);
            if byte & 0x80 == 0 {
                self.bytes = &self.bytes[at + 1..];
                return value;
            }
        }
        unreachable!("packed numbers end")
    }
}

/// The packed form of an element of a long list.
pub(crate) fn pack_element(element: Value<'_>) -> Vec<u8> {
    let mut packing = Packing { out: Vec::new(), outside: Vec::new(), lists: &LongLists::default() };
    packing.value(element, Level::Inside);
    packing.out
}

/// A document in the making.
struct Packing<'a> {
    out: Vec<u8>,
    outside: Vec<LongList>,
    /// Lists for the arrays that are empty in the object.
    lists: &'a LongLists,
}

/// Where a value stands: only values of attributes are kept outside.
#[derive(Clone, Copy)]
enum Level<'a> {
    Resource,
    Extension(&'a str),
    Inside,
}

impl Packing<'_> {
    fn members(&mut self, members: Members<'_>, level: Level<'_>) {
        for (name, value) in members {
            match names::id_of(name) {
                Some(id) => pack_number(id, &mut self.out),
                None => {
                    pack_number(0, &mut self.out);
                    pack_run(name.as_bytes(), &mut self.out);
                }
            }
            match (value, level) {
                (Value::Array(items), Level::Resource) => self.attribute(None, name, items),
                (Value::Array(items), Level::Extension(urn)) => self.attribute(Some(urn), name, items),
                (Value::Object(_), Level::Resource) if name.contains(':') => self.value(value, Level::Extension(name)),
                _ => self.value(value, Level::Inside),
            }
        }
    }

    fn attribute(&mut self, extension: Option<&str>, name: &str, items: Items<'_>) {
        let beside = || self.lists.get(extension, name).filter(|_| items.len() == 0);
        let list = items.as_long().or_else(beside);
        match list {
            Some(list) if list.len() > LONG => self.outside(list.clone()),
            Some(list) => self.value(Value::Array(Items::long(list)), Level::Inside),
            None if items.len() > LONG => self.outside(LongList::new(items)),
            None => self.value(Value::Array(items), Level::Inside),
        }
    }

    fn outside(&mut self, list: LongList) {
        self.out.push(LIST);
        pack_number(self.outside.len(), &mut self.out);
        self.outside.push(list);
    }

    fn value(&mut self, value: Value<'_>, level: Level<'_>) {
        match value {
            Value::Null => self.out.push(NULL),
            Value::Bool(false) => self.out.push(FALSE),
            Value::Bool(true) => self.out.push(TRUE),
            Value::Number(text) => {
                self.out.push(NUMBER);
                pack_run(text.as_bytes(), &mut self.out);
            }
            Value::String(text) => {
                self.out.push(STRING);
                pack_run(text.as_bytes(), &mut self.out);
            }
            Value::Array(items) => self.run(ARRAY, |packing| items.for_each(|item| packing.value(item, Level::Inside))),
            Value::Object(members) => self.run(OBJECT, |packing| packing.members(members, level)),
        }
    }

    /// A tag and the length of what comes, which is not known before it is there.
    fn run(&mut self, tag: u8, pack: impl FnOnce(&mut Self)) {
        let before = std::mem::take(&mut self.out);
        pack(self);
        let run = std::mem::replace(&mut self.out, before);
        self.out.push(tag);
        pack_run(&run, &mut self.out);
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
