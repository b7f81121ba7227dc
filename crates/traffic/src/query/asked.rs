//! What tests look at in an exchange. Matching and whoever builds an index of exchanges go by these same functions, so
//! that an index cannot leave out what a test would find.

use std::borrow::Cow;

use percent_encoding::percent_decode;
use scim::diff::Line;
use scim::json::Json;
use scim::value::Value;

use super::pattern::TextPattern;
use crate::change::Change;
use crate::exchange::Exchange;
use crate::handled::{Operation, RuleHit, Subject};

/// A word by which a user or a group is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Called<'a> {
    /// A name or an address: a part of it is enough to be found.
    Name(&'a str),
    /// An identifier: its beginning is needed. "ada" is in every hundredth UUID.
    Id(&'a str),
}

impl TextPattern {
    /// Whether somebody who is called so is meant.
    pub fn calls(&self, called: Called<'_>) -> bool {
        match called {
            Called::Id(id) if !self.is_whole() => begins(self.text(), id),
            Called::Name(text) | Called::Id(text) => self.is_in(text),
        }
    }
}

/// Whether a text begins so, in any case of ASCII letters.
pub(super) fn begins(beginning: &str, text: &str) -> bool {
    text.as_bytes().get(..beginning.len()).is_some_and(|start| start.eq_ignore_ascii_case(beginning.as_bytes()))
}

/// Shows every text that a search for a text anywhere looks at, short ones first, until one is what was wanted; tells
/// whether one was.
pub fn texts(exchange: &Exchange, wanted: &mut dyn FnMut(&[u8]) -> bool) -> bool {
    let sentence = exchange.annotation.as_ref().map(|annotation| &annotation.sentence);
    let display = exchange.outcome().and_then(|handled| handled.subject.display.as_ref());
    targets(exchange, wanted)
        || sentence.is_some_and(|sentence| wanted(sentence.as_bytes()))
        || display.is_some_and(|display| wanted(display.as_bytes()))
        || exchange.received().is_some_and(|received| wanted(&received.head))
        || response_head(exchange, wanted)
        || bodies(exchange, wanted)
}

/// The request target as sent, and as people read it.
pub(super) fn targets(exchange: &Exchange, wanted: &mut dyn FnMut(&[u8]) -> bool) -> bool {
    let target = &exchange.opened.target;
    wanted(target.as_bytes()) || readable(target).is_some_and(|target| wanted(&target))
}

/// A target without percent encoding, `+` in the query as a blank; absent if that is how it was sent.
fn readable(target: &str) -> Option<Cow<'_, [u8]>> {
    let query = target.find('?').unwrap_or(target.len());
    let spaced: Cow<'_, str> = match target[query..].contains('+') {
        true => format!("{}{}", &target[..query], target[query..].replace('+', " ")).into(),
        false => target.into(),
    };
    match spaced {
        Cow::Borrowed(text) if !text.contains('%') => None,
        Cow::Borrowed(text) => Some(percent_decode(text.as_bytes()).into()),
        Cow::Owned(text) => Some(Cow::Owned(percent_decode(text.as_bytes()).collect())),
    }
}

/// The body of the request without chunk framing, and that of the response.
pub(super) fn bodies(exchange: &Exchange, wanted: &mut dyn FnMut(&[u8]) -> bool) -> bool {
    exchange.received().is_some_and(|received| wanted(&received.content()))
        || match (exchange.outcome(), &exchange.closed) {
            // What the provider decided is the response without the framing of the wire.
            (Some(handled), _) => wanted(&handled.response.body),
            (None, Some(closed)) => wanted(&closed.sent.body),
            (None, None) => false,
        }
}

/// The head of the response: on the wire, or as decided if it has not left.
fn response_head(exchange: &Exchange, wanted: &mut dyn FnMut(&[u8]) -> bool) -> bool {
    match (&exchange.closed, exchange.outcome()) {
        (Some(closed), _) if !closed.sent.head.is_empty() => wanted(&closed.sent.head),
        (_, Some(handled)) => {
            handled.response.headers.iter().any(|(name, value)| wanted(name.as_bytes()) || wanted(value.as_bytes()))
        }
        _ => false,
    }
}

/// The operations of a PATCH.
pub fn operations(exchange: &Exchange) -> impl Iterator<Item = &Operation> {
    exchange.outcome().into_iter().flat_map(|handled| &handled.operations)
}

/// The rules that touched it.
pub fn rules(exchange: &Exchange) -> impl Iterator<Item = &RuleHit> {
    exchange.outcome().into_iter().flat_map(|handled| &handled.rules)
}

/// The paths that a PATCH names, and those that changed or would have changed.
pub fn paths(exchange: &Exchange) -> impl Iterator<Item = &str> {
    operations(exchange).filter_map(|sent| sent.path.as_deref()).chain(changed_paths(exchange)).chain(
        exchange.outcome().into_iter().flat_map(|handled| &handled.would_have_changed).map(|line| line.path.as_str()),
    )
}

/// The paths that changed.
pub(super) fn changed_paths(exchange: &Exchange) -> impl Iterator<Item = &str> {
    changes(exchange).flat_map(|change| &change.lines).map(|line| line.path.as_str())
}

fn changes(exchange: &Exchange) -> impl Iterator<Item = &Change> {
    exchange.committed.iter().flat_map(|committed| &committed.changes)
}

/// Type and id of what the exchange was about and of what it changed; the id may be empty.
pub fn resources(exchange: &Exchange) -> impl Iterator<Item = (&str, &str)> {
    let subject = exchange.outcome().and_then(|handled| {
        let Subject { resource_type, resource_id, .. } = &handled.subject;
        Some((resource_type.as_deref()?, resource_id.as_deref().unwrap_or_default()))
    });
    subject.into_iter().chain(changes(exchange).map(|change| (&*change.resource_type, &*change.resource_id)))
}

/// Shows how the users are called that the exchange is about: its subject, what it looked for, what it changed, and
/// members that a group gained or lost or would have. Until one is what was wanted; tells whether one was.
pub fn users(exchange: &Exchange, wanted: &mut dyn FnMut(Called<'_>) -> bool) -> bool {
    about("User", exchange, wanted) || members(exchange, wanted)
}

/// The same for groups, without members.
pub fn groups(exchange: &Exchange, wanted: &mut dyn FnMut(Called<'_>) -> bool) -> bool {
    about("Group", exchange, wanted)
}

fn about(kind: &str, exchange: &Exchange, wanted: &mut dyn FnMut(Called<'_>) -> bool) -> bool {
    let subject = exchange.outcome().map(|handled| &handled.subject);
    subject.filter(|subject| subject.resource_type.as_deref() == Some(kind)).is_some_and(|subject| {
        subject.display.as_ref().is_some_and(|display| wanted(Called::Name(display)))
            || subject.resource_id.as_ref().is_some_and(|id| wanted(Called::Id(id)))
            || subject.looked_for.as_ref().is_some_and(|(_, text)| wanted(Called::Name(text)))
    }) || changes(exchange).any(|change| change.resource_type == kind && called(change, wanted))
}

fn called(change: &Change, wanted: &mut dyn FnMut(Called<'_>) -> bool) -> bool {
    if wanted(Called::Name(&change.display)) || wanted(Called::Id(&change.resource_id)) {
        return true;
    }
    [&change.before, &change.after].into_iter().flatten().any(|state| {
        let text = |name| state.get(name).and_then(Value::as_str);
        text("userName").is_some_and(|name| wanted(Called::Name(name)))
            || text("displayName").is_some_and(|name| wanted(Called::Name(name)))
            || text("externalId").is_some_and(|id| wanted(Called::Id(id)))
            || state
                .get("emails")
                .into_iter()
                .flat_map(Value::values)
                .any(|mail| mail.get("value").and_then(Value::as_str).is_some_and(|mail| wanted(Called::Name(mail))))
    })
}

/// Members that came to a group or went from it, or would have.
fn members(exchange: &Exchange, wanted: &mut dyn FnMut(Called<'_>) -> bool) -> bool {
    let lines = changes(exchange).filter(|change| change.resource_type == "Group").flat_map(|change| &change.lines);
    lines.chain(exchange.outcome().into_iter().flat_map(|handled| &handled.would_have_changed)).any(|line| {
        let Line { path, before, after, .. } = line;
        path.starts_with("members")
            && [before, after].into_iter().flatten().any(|member| {
                let text = |name| match member {
                    Json::Object(member) => member.get(name).and_then(Json::as_str),
                    _ => None,
                };
                text("value").is_some_and(|id| wanted(Called::Id(id)))
                    || text("display").is_some_and(|display| wanted(Called::Name(display)))
            })
    })
}
