//! Values inside the texts of requests: found and replaced without touching what is around them.

use std::borrow::Cow;

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use scim::json::{self, Json, Limits, pointer_token};

use crate::recording::Call;

/// Values shorter than this may be chance: they are only looked for where ids stand.
const LONG_ENOUGH: usize = 8;
/// Up to so many replaced values, the bytes of a body stay as they were around them.
const IN_PLACE: usize = 64;
/// What ends a value inside a text.
const DELIMITERS: &[u8] = b"/\"?&=()[] ,";
/// What need not be encoded in a path or a query (RFC 3986 section 3.3).
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':').remove(b'@');

/// Told the place of a value and the value itself, answers with what is to stand there instead.
pub(crate) type Replace<'a> = dyn FnMut(&str, &str) -> Option<String> + 'a;

/// A request with the values in its path, query, body and conditional header fields replaced.
pub(crate) fn rewrite(call: &Call, replace: &mut Replace<'_>) -> Call {
    let mut changed = call.clone();
    let (path, query) =
        call.path.split_once('?').map_or((call.path.as_str(), None), |(path, query)| (path, Some(query)));
    let mut target = encoded(path, &mut |piece| replace("path", piece)).unwrap_or_else(|| path.to_owned());
    if let Some(query) = query {
        let parameters: Vec<Cow<'_, str>> = query.split('&').map(|part| parameter(part, replace)).collect();
        target.push('?');
        target.push_str(&parameters.join("&"));
    }
    changed.path = target;
    for (name, value) in &mut changed.headers {
        if ["if-match", "if-none-match"].iter().any(|have| name.eq_ignore_ascii_case(have)) {
            let place = format!("header {name}");
            if let Some(new) = plain(value, &mut |piece| replace(&place, piece)) {
                *value = new;
            }
        }
    }
    if let Some(body) = body(&call.body, replace) {
        changed.body = body;
    }
    changed
}

/// Whether a value may be looked for at this place.
pub(crate) fn may_stand(place: &str, value: &str) -> bool {
    if value.is_empty() {
        return false;
    }
    let is_long = value.len() >= LONG_ENOUGH && !value.bytes().all(|byte| byte.is_ascii_digit());
    is_long || !place.starts_with("body ") || ["/id", "/value", "/$ref", "/path"].iter().any(|end| place.ends_with(end))
}

/// One parameter of a query. Those that count, sort or choose attributes hold no values of resources.
fn parameter<'a>(part: &'a str, replace: &mut Replace<'_>) -> Cow<'a, str> {
    let (name, value) = part.split_once('=').unwrap_or((part, ""));
    let plain_ones = ["startIndex", "count", "sortBy", "sortOrder", "attributes", "excludedAttributes"];
    if value.is_empty() || plain_ones.iter().any(|have| name.eq_ignore_ascii_case(have)) {
        return part.into();
    }
    let place = format!("query {name}");
    match encoded(value, &mut |piece| replace(&place, piece)) {
        Some(new) => format!("{name}={new}").into(),
        None => part.into(),
    }
}

/// The body with its strings replaced; nothing if none is. Bytes around a replaced string stay as they are.
fn body(bytes: &Bytes, replace: &mut Replace<'_>) -> Option<Bytes> {
    if bytes.is_empty() {
        return None;
    }
    let mut tree = json::parse(bytes, Limits::default()).ok()?;
    let mut found: Vec<(String, String)> = Vec::new();
    strings(&mut tree, &mut String::new(), &mut |at, text| {
        let place = format!("body {at}");
        let new = plain(text, &mut |piece| replace(&place, piece))?;
        found.push((at.to_owned(), new.clone()));
        Some(new)
    });
    if found.is_empty() {
        return None;
    }
    if found.len() > IN_PLACE {
        return Some(tree.to_text().into());
    }
    let mut spans: Vec<_> = found.iter().filter_map(|(at, new)| Some((json::locate(bytes, at)?, new))).collect();
    spans.sort_by_key(|(span, _)| span.start);
    let (mut out, mut done) = (Vec::with_capacity(bytes.len()), 0);
    for (span, new) in spans {
        out.extend_from_slice(&bytes[done..span.start]);
        out.extend_from_slice(Json::from(new.as_str()).to_text().as_bytes());
        done = span.end;
    }
    out.extend_from_slice(&bytes[done..]);
    Some(out.into())
}

/// Visits every string of a tree with its JSON Pointer; what the visitor gives takes its place.
pub(crate) fn strings(json: &mut Json, at: &mut String, visit: &mut dyn FnMut(&str, &str) -> Option<String>) {
    match json {
        Json::String(text) => {
            if let Some(new) = visit(at, text) {
                *text = new;
            }
        }
        Json::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                let length = at.len();
                at.push('/');
                at.push_str(&index.to_string());
                strings(item, at, visit);
                at.truncate(length);
            }
        }
        Json::Object(members) => {
            for (name, value) in members.iter_mut() {
                let length = at.len();
                at.push('/');
                at.push_str(&pointer_token(name));
                strings(value, at, visit);
                at.truncate(length);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// A text with values replaced: the whole, else what stands between delimiters. Nothing if none is.
pub(crate) fn plain(text: &str, replace: &mut dyn FnMut(&str) -> Option<String>) -> Option<String> {
    if let Some(new) = replace(text) {
        return Some(new);
    }
    // Lists of entity tags (RFC 9110 section 13.1.1): each is a value, quotes and all.
    if text.contains(',') {
        let mut changed = false;
        let parts: Vec<String> = text
            .split(',')
            .map(|part| {
                let trimmed = part.trim();
                match replace(trimmed) {
                    Some(new) => {
                        changed = true;
                        part.replacen(trimmed, &new, 1)
                    }
                    None => part.to_owned(),
                }
            })
            .collect();
        if changed {
            return Some(parts.join(","));
        }
    }
    runs(text, |bytes, at| usize::from(DELIMITERS.contains(&bytes[at])), &mut |run| {
        if run.len() == text.len() { None } else { replace(run) }
    })
}

/// The same for a text that is percent-encoded.
pub(crate) fn encoded(text: &str, replace: &mut dyn FnMut(&str) -> Option<String>) -> Option<String> {
    let mut replace = |piece: &str| {
        let decoded = percent_decode_str(piece).decode_utf8().ok()?;
        replace(&decoded).map(|new| utf8_percent_encode(&new, ENCODED).to_string())
    };
    if let Some(new) = replace(text) {
        return Some(new);
    }
    let delimiter = |bytes: &[u8], at: usize| match bytes[at] {
        b'+' => 1,
        b'%' => {
            let hex = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
            let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
            if byte.is_some_and(|byte| DELIMITERS.contains(&byte)) { 3 } else { 0 }
        }
        byte => usize::from(DELIMITERS.contains(&byte)),
    };
    runs(text, delimiter, &mut |run| if run.len() == text.len() { None } else { replace(run) })
}

/// Replaces what stands between delimiters; `delimiter` tells how many bytes of one begin at a place.
fn runs(
    text: &str,
    delimiter: impl Fn(&[u8], usize) -> usize,
    replace: &mut dyn FnMut(&str) -> Option<String>,
) -> Option<String> {
    let bytes = text.as_bytes();
    let (mut out, mut changed, mut start, mut at) = (String::with_capacity(text.len()), false, 0, 0);
    let mut take = |run: &str, out: &mut String| match (!run.is_empty()).then(|| replace(run)).flatten() {
        Some(new) => {
            out.push_str(&new);
            changed = true;
        }
        None => out.push_str(run),
    };
    while at < bytes.len() {
        let length = delimiter(bytes, at);
        if length == 0 {
            at += 1;
            continue;
        }
        take(&text[start..at], &mut out);
        out.push_str(&text[at..at + length]);
        at += length;
        start = at;
    }
    take(&text[start..], &mut out);
    changed.then_some(out)
}

/// What follows the base path in an absolute URL: `/Users/2819` of `https://example.com/scim/v2/Users/2819`.
pub(crate) fn below_base<'a>(url: &'a str, base_path: &str) -> Option<&'a str> {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"))?;
    let rest = &rest[rest.find('/')?..];
    let below = rest.strip_prefix(base_path)?;
    below.starts_with('/').then_some(below)
}

/// The last segment of a URL or path: the id of the resource that it names.
pub(crate) fn last_segment(url: &str) -> Option<&str> {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').next().filter(|last| !last.is_empty() && last.len() < path.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn swap(place: &str, value: &str) -> Option<String> {
        (value == "2819" && may_stand(place, value) || value == "W/\"1\"").then(|| format!("<{value}>"))
    }

    fn call(path: &str, body: &str) -> Call {
        Call { method: "PATCH".into(), path: path.into(), headers: Vec::new(), body: body.to_owned().into() }
    }

    #[test]
    fn a_value_is_replaced_in_path_query_and_body_and_nothing_else_is_touched() {
        let body = "{ \"a\":1.50, \"members\": [ {\"value\":\"2819\"} ],\n \"path\": \"members[value eq \\\"2819\\\"]\", \"employeeNumber\": \"2819\" }";
        let new = rewrite(&call("/Groups/2819?filter=id+eq+%222819%22&startIndex=2819", body), &mut swap);
        assert_eq!(new.path, "/Groups/%3C2819%3E?filter=id+eq+%22%3C2819%3E%22&startIndex=2819");
        let text = String::from_utf8(new.body.to_vec()).unwrap();
        assert_eq!(
            text,
            "{ \"a\":1.50, \"members\": [ {\"value\":\"<2819>\"} ],\n \"path\": \"members[value eq \\\"<2819>\\\"]\", \"employeeNumber\": \"2819\" }"
        );
    }

    #[test]
    fn entity_tags_are_values_alone_and_in_lists() {
        let mut one = call("/Users/1", "");
        one.headers = vec![("If-Match".into(), "W/\"0\", W/\"1\"".into()), ("X-Other".into(), "W/\"1\"".into())];
        let new = rewrite(&one, &mut swap);
        assert_eq!(new.headers[0].1, "W/\"0\", <W/\"1\">");
        assert_eq!(new.headers[1].1, "W/\"1\"");
    }

    #[test]
    fn what_is_below_a_base_is_found_in_absolute_urls_only() {
        assert_eq!(below_base("https://x.example.com/scim/v2/Users/1", "/scim/v2"), Some("/Users/1"));
        assert_eq!(below_base("https://x.example.com/scim/v20/Users/1", "/scim/v2"), None);
        assert_eq!(below_base("/scim/v2/Users/1", "/scim/v2"), None);
        assert_eq!(last_segment("https://x.example.com/scim/v2/Users/1?x=y"), Some("1"));
        assert_eq!(last_segment("1"), None);
    }
}
