//! What was answered in one step of a flow and used in a later one.

use std::collections::BTreeMap;

use scim::json::{Json, Limits, parse};
use traffic::exchange::Exchange;
use traffic::ids::Seq;

use crate::look::Look;

/// Most links that are told of one flow.
const MOST_LINKS: usize = 500;
/// Most values that are remembered.
const MOST_VALUES: usize = 2000;
/// Resources of a list answer that are looked at.
const MOST_RESOURCES: usize = 20;
/// A shorter value says nothing: it is found by chance.
const SHORTEST: usize = 3;
/// How many characters of a value are told.
const SHOWN: usize = 200;
/// How deep in a body values are looked for.
const DEEPEST: usize = 8;

/// What kind of value ties two exchanges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// The `id` of a resource.
    Id,
    /// Its `externalId`.
    ExternalId,
    /// Its `userName`.
    UserName,
    /// Its version, as an entity tag.
    Etag,
    /// Its `id`, used as a member of a group.
    Member,
}

/// A value that was answered in one exchange and used in a later one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The exchange that answered with it, the last one before the other.
    pub from: Seq,
    /// The exchange whose request has it.
    pub to: Seq,
    /// The value, cut.
    pub value: String,
    /// What it is.
    pub kind: LinkKind,
    /// Where in the response: a JSON pointer into the body, or "header ETag".
    pub answered_at: String,
    /// Where in the request: "path", "query", "header If-Match", or a JSON pointer into the body.
    pub used_at: String,
}

/// Finds the links of a flow, whose exchanges are given one after the other.
#[derive(Debug, Default)]
pub struct Links {
    answered: BTreeMap<String, (Seq, LinkKind, String)>,
    found: Vec<Link>,
}

impl Links {
    /// Takes the next exchange in.
    pub fn take(&mut self, exchange: &Exchange) {
        let look = Look::at(exchange);
        self.used(exchange.seq, &look);
        self.answers(exchange);
    }

    /// The links, in the order of the exchanges that use the values.
    pub fn found(self) -> Vec<Link> {
        self.found
    }

    fn used(&mut self, seq: Seq, look: &Look) {
        for segment in look.path.split('/') {
            self.link(seq, &decoded(segment), "path", false);
        }
        for (_, value) in look.parameters() {
            let text = decoded(value);
            // A filter has its literals in quotes.
            text.split('"').skip(1).step_by(2).for_each(|literal| self.link(seq, literal, "query", false));
        }
        for name in ["If-Match", "If-None-Match"] {
            if let Some(value) = look.header(name) {
                self.link(seq, value, &format!("header {name}"), false);
            }
        }
        if let Some(body) = &look.body {
            self.in_body(seq, body, &mut String::new(), false, 0);
        }
    }

    fn in_body(&mut self, seq: Seq, value: &Json, at: &mut String, members: bool, depth: usize) {
        if depth > DEEPEST || self.found.len() >= MOST_LINKS {
            return;
        }
        let length = at.len();
        match value {
            Json::String(text) if text.starts_with("members[") => {
                text.split('"').skip(1).step_by(2).for_each(|literal| self.link(seq, literal, at, true));
            }
            Json::String(text) => self.link(seq, text, at, members),
            Json::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    at.push_str(&format!("/{index}"));
                    self.in_body(seq, item, at, members, depth + 1);
                    at.truncate(length);
                }
            }
            Json::Object(object) => {
                let path = object.get_ignoring_case("path").and_then(|(_, path)| path.as_str()).unwrap_or_default();
                let members = members || path.get(..7).is_some_and(|path| path.eq_ignore_ascii_case("members"));
                for (name, item) in object.iter() {
                    at.push('/');
                    at.push_str(&name.replace('~', "~0").replace('/', "~1"));
                    self.in_body(seq, item, at, members || name.eq_ignore_ascii_case("members"), depth + 1);
                    at.truncate(length);
                }
            }
            _ => {}
        }
    }

    fn link(&mut self, to: Seq, value: &str, used_at: &str, member: bool) {
        if self.found.len() >= MOST_LINKS {
            return;
        }
        let Some((from, kind, answered_at)) = self.answered.get(value) else { return };
        let kind = if member && *kind == LinkKind::Id { LinkKind::Member } else { *kind };
        let value: String = value.chars().take(SHOWN).collect();
        let link = Link { from: *from, to, value, kind, answered_at: answered_at.clone(), used_at: used_at.to_owned() };
        if !self.found.contains(&link) {
            self.found.push(link);
        }
    }

    fn answers(&mut self, exchange: &Exchange) {
        let Some(handled) = exchange.outcome().filter(|handled| handled.response.status < 300) else { return };
        let etag = handled.response.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("etag"));
        if let Some((_, etag)) = etag {
            self.remember(exchange.seq, etag, LinkKind::Etag, "header ETag".to_owned());
        }
        let Ok(body) = parse(&handled.response.body, Limits::default()) else { return };
        match body.pointer("/Resources").and_then(Json::as_array) {
            Some(found) => {
                for (index, resource) in found.iter().take(MOST_RESOURCES).enumerate() {
                    self.resource(exchange.seq, resource, &format!("/Resources/{index}"));
                }
            }
            None => self.resource(exchange.seq, &body, ""),
        }
    }

    fn resource(&mut self, seq: Seq, resource: &Json, at: &str) {
        for (pointer, kind) in [
            ("/meta/version", LinkKind::Etag),
            ("/userName", LinkKind::UserName),
            ("/externalId", LinkKind::ExternalId),
            ("/id", LinkKind::Id),
        ] {
            if let Some(text) = resource.pointer(pointer).and_then(Json::as_str) {
                self.remember(seq, text, kind, format!("{at}{pointer}"));
            }
        }
    }

    fn remember(&mut self, seq: Seq, value: &str, kind: LinkKind, answered_at: String) {
        if value.len() >= SHORTEST && (self.answered.len() < MOST_VALUES || self.answered.contains_key(value)) {
            self.answered.insert(value.to_owned(), (seq, kind, answered_at));
        }
    }
}

/// A part of a target as it was meant: percent-decoded, `+` as a blank.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match (first, hex.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            (b'+', _) => {
                bytes.push(b' ');
                rest = after;
            }
            (byte, _) => {
                bytes.push(*byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
