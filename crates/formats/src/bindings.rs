//! Identifiers that one answer gives and later requests use: variables of whatever plays the requests again.

use std::collections::HashMap;

use scim::json::{Json, Limits, parse};

use crate::recorded::Recorded;

/// A list with more resources than this gives no identifiers: nobody looked for one of them.
const FEW: usize = 3;
/// Shorter identifiers are words of other texts, too.
const SHORTEST: usize = 4;

/// An identifier that an answer gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Given {
    /// The name of the variable: `user1_id`.
    pub(crate) name: String,
    /// Where it stands in the body of the answer, as a JSON Pointer.
    pub(crate) pointer: String,
    /// The identifier.
    pub(crate) id: String,
}

/// Where a request uses an identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Used {
    pub(crate) name: String,
    /// "path", "query", "headers" or "body.Operations[0].value".
    pub(crate) place: String,
}

/// The identifiers given so far, each with a name of its own.
#[derive(Debug, Default)]
pub(crate) struct Binder {
    names: HashMap<String, String>,
    counts: HashMap<String, usize>,
}

impl Binder {
    /// Remembers the identifiers that an answer gives and that are new.
    pub(crate) fn learn(&mut self, recorded: &Recorded) -> Vec<Given> {
        let Some(response) = recorded.response.as_ref().filter(|response| (200..300).contains(&response.status)) else {
            return Vec::new();
        };
        if response.body.first() != Some(&b'{') {
            return Vec::new();
        }
        let Ok(body) = parse(&response.body, Limits::default()) else { return Vec::new() };
        let mut given = Vec::new();
        match body.pointer("/Resources").and_then(Json::as_array) {
            Some(found) if found.len() <= FEW => {
                for (at, resource) in found.iter().enumerate() {
                    given.extend(self.give(recorded, resource, format!("/Resources/{at}/id")));
                }
            }
            Some(_) => {}
            None => given.extend(self.give(recorded, &body, "/id".to_owned())),
        }
        given
    }

    fn give(&mut self, recorded: &Recorded, resource: &Json, pointer: String) -> Option<Given> {
        let id = resource.pointer("/id")?.as_str()?.to_owned();
        // Schemas and the like have identifiers that are the same everywhere.
        let is_plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        if id.len() < SHORTEST || !is_plain || self.names.contains_key(&id) || recorded.request.target.contains(&id) {
            return None;
        }
        let kind = resource.pointer("/meta/resourceType").and_then(Json::as_str).unwrap_or("resource");
        let kind: String = kind.chars().filter(char::is_ascii_alphanumeric).take(32).collect();
        let kind = if kind.is_empty() { "resource".to_owned() } else { kind.to_ascii_lowercase() };
        if kind == "schema" || kind == "resourcetype" || kind == "serviceproviderconfig" {
            return None;
        }
        let count = self.counts.entry(kind.clone()).or_default();
        *count += 1;
        let name = format!("{kind}{count}_id");
        self.names.insert(id.clone(), name.clone());
        Some(Given { name, pointer, id })
    }

    /// Where a request uses identifiers that were given before.
    pub(crate) fn used(&self, recorded: &Recorded) -> Vec<Used> {
        let mut used = Vec::new();
        let request = &recorded.request;
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        self.names_in(path).for_each(|name| used.push(Used { name, place: "path".to_owned() }));
        self.names_in(query).for_each(|name| used.push(Used { name, place: "query".to_owned() }));
        if let Ok(body) = parse(&request.body, Limits::default()) {
            self.walk(&body, "body".to_owned(), &mut used);
        }
        used
    }

    fn walk(&self, json: &Json, place: String, used: &mut Vec<Used>) {
        match json {
            Json::String(text) => self.names_in(text).for_each(|name| used.push(Used { name, place: place.clone() })),
            Json::Array(items) => {
                items.iter().enumerate().for_each(|(at, item)| self.walk(item, format!("{place}[{at}]"), used));
            }
            Json::Object(object) => {
                object.iter().for_each(|(name, value)| self.walk(value, format!("{place}.{name}"), used));
            }
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }

    fn names_in<'a>(&'a self, text: &'a str) -> impl Iterator<Item = String> + 'a {
        words(text).filter_map(|(_, word)| self.names.get(word).cloned())
    }

    /// The text with `write` of the name in the place of each identifier that was given before.
    pub(crate) fn replace(&self, text: &str, write: &dyn Fn(&str) -> String) -> String {
        if self.names.is_empty() {
            return text.to_owned();
        }
        let (mut out, mut at) = (String::with_capacity(text.len()), 0);
        for (start, word) in words(text) {
            if let Some(name) = self.names.get(word) {
                out.push_str(&text[at..start]);
                out.push_str(&write(name));
                at = start + word.len();
            }
        }
        out.push_str(&text[at..]);
        out
    }
}

/// The runs of letters, digits, `-` and `_` in a text, with where they begin. A percent-encoded sign ends one.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() && !is_word(bytes[at]) {
            // The two digits of an escape are no part of a word.
            let is_escape =
                bytes[at] == b'%' && bytes.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit));
            at += if is_escape { 3 } else { 1 };
        }
        let start = at;
        while at < bytes.len() && is_word(bytes[at]) {
            at += 1;
        }
        (start < at).then(|| (start, &text[start..at]))
    })
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}
