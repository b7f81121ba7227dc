//! Pieces of sentences. Whatever comes from a request is cut and cleaned first, so that no request can forge a line.

use scim::json::Json;
use traffic::handled::{Handled, Subject};

use crate::look::Look;

/// How many characters of a name or a filter a sentence shows.
const NAME_CHARACTERS: usize = 60;
/// How many characters of an id a sentence shows.
const ID_CHARACTERS: usize = 8;

/// Text from outside, fit for a sentence: one line, no control or direction characters, not too long.
pub(crate) fn shown(text: &str) -> String {
    cut(text, NAME_CHARACTERS)
}

fn cut(text: &str, characters: usize) -> String {
    let mut shown: String = text.chars().take(characters).map(|c| if is_hidden(c) { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(characters).is_some() {
        shown.push('…');
    }
    shown
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// What the request is about: "Ada Lovelace", or "User 2819c223…" where no name is known.
pub(super) fn name(subject: &Subject) -> String {
    match (&subject.display, &subject.resource_id) {
        (Some(display), _) if !display.is_empty() => shown(display),
        (_, Some(id)) => format!("{} {}", kind(subject), cut(id, ID_CHARACTERS)),
        _ => format!("a {}", noun(subject)),
    }
}

/// What the request is about, with its kind: "user Ada Lovelace", or "User 2819c223…" where no name is known.
pub(super) fn kind_and_name(subject: &Subject) -> String {
    match &subject.display {
        Some(display) if !display.is_empty() => format!("{} {}", noun(subject), shown(display)),
        _ => name(subject),
    }
}

fn kind(subject: &Subject) -> String {
    subject.resource_type.as_deref().map_or_else(|| "resource".to_owned(), shown)
}

/// The kind in a running sentence: "user", "group", or the type's own name.
pub(super) fn noun(subject: &Subject) -> String {
    match subject.resource_type.as_deref() {
        Some("User") => "user".to_owned(),
        Some("Group") => "group".to_owned(),
        _ => kind(subject),
    }
}

/// Several of the kind: "users", "groups", "Device resources", "resources".
pub(super) fn plural(subject: &Subject) -> String {
    match subject.resource_type.as_deref() {
        Some("User") => "users".to_owned(),
        Some("Group") => "groups".to_owned(),
        Some(other) => format!("{} resources", shown(other)),
        None => "resources".to_owned(),
    }
}

/// "1 member", "3 members".
pub(super) fn count(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// "a", "a and b", "a, b and c".
pub(crate) fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [front @ .., last] => format!("{} and {last}", front.join(", ")),
    }
}

/// A name for the resource that a body describes, from the attributes that people use as one.
pub(crate) fn name_in_body(look: &Look) -> Option<String> {
    let text = |pointer| look.body.as_ref()?.pointer(pointer)?.as_str().filter(|text| !text.is_empty());
    if let Some(name) = text("/displayName").or_else(|| text("/name/formatted")) {
        return Some(name.to_owned());
    }
    match (text("/name/givenName"), text("/name/familyName")) {
        (Some(given), Some(family)) => Some(format!("{given} {family}")),
        _ => text("/userName").map(str::to_owned),
    }
}

/// Why a request failed, in a few words: "refused, invalidValue", "not found", "failed with status 500".
pub(super) fn refusal(handled: &Handled) -> String {
    let status = handled.response.status;
    let body = scim::json::parse(&handled.response.body, scim::json::Limits::default()).ok();
    // SCIM has a keyword for some errors, OAuth for each (RFC 6749 section 5.2).
    let keyword = body.as_ref().and_then(|body| body.pointer("/scimType").or(body.pointer("/error")));
    let keyword = keyword.and_then(Json::as_str);
    let reason = match (status, keyword) {
        (500.., _) => return format!("failed with status {status}"),
        (404, None) => return "not found".to_owned(),
        (_, Some(keyword)) => shown(keyword),
        (401, None) => "not authorized".to_owned(),
        (403, None) => "forbidden".to_owned(),
        (405, None) => "method not allowed".to_owned(),
        (409, None) => "conflict".to_owned(),
        (412, None) => "another version is there".to_owned(),
        (413, None) => "too large".to_owned(),
        (415, None) => "media type not supported".to_owned(),
        (429, None) => "too many requests".to_owned(),
        _ => format!("status {status}"),
    };
    format!("refused, {reason}")
}
