//! Judging an answer: what is otherwise than expected, in words.

use http::HeaderMap;
use regex::Regex;
use scim::json::Json;

use crate::flow::Expectation;
use crate::wire::Answer;

/// Values longer than this are cut in words.
const SHOWN_CHARACTERS: usize = 200;

/// The differences between an answer and what is expected of it; none if it is as expected.
pub(crate) fn differences(expect: &Expectation, answer: &Answer) -> Vec<String> {
    let mut found = Vec::new();
    if !expect.status.is_empty() && !expect.status.contains(&answer.status) {
        let wanted: Vec<_> = expect.status.iter().map(u16::to_string).collect();
        found.push(format!("the status is {} instead of {}{}", answer.status, wanted.join(" or "), said(answer)));
    }
    for (name, wanted) in &expect.headers {
        header(name, wanted, &answer.headers, &mut found);
    }
    let points = !(expect.body_at.is_empty() && expect.body_absent.is_empty() && expect.body_length.is_empty());
    let part = expect.body_contains.as_ref().filter(|_| !answer.body.is_empty());
    if part.is_none() && !points {
        return found;
    }
    // An empty body contains nothing that could be otherwise, but it has no value at any pointer either.
    let body = match answer.json() {
        Ok(body) => body,
        Err(_) if answer.body.is_empty() => Json::Null,
        Err(error) => {
            found.push(format!("the body is not JSON: {error}"));
            return found;
        }
    };
    if let Some(part) = part {
        contains(part, &body, "", &mut found);
    }
    for (pointer, wanted) in &expect.body_at {
        match body.pointer(pointer) {
            None => found.push(format!("{pointer} is missing; expected {}", show(wanted))),
            Some(have) if !equal(have, wanted) => {
                found.push(format!("{pointer} is {} instead of {}", show(have), show(wanted)));
            }
            Some(_) => {}
        }
    }
    for pointer in &expect.body_absent {
        if let Some(have) = body.pointer(pointer).filter(|have| **have != Json::Null) {
            found.push(format!("{pointer} is {}; nothing should be there", show(have)));
        }
    }
    for (pointer, wanted) in &expect.body_length {
        match body.pointer(pointer).map(Json::as_array) {
            Some(Some(items)) if items.len() as u64 == *wanted => {}
            Some(Some(items)) => found.push(format!("{pointer} has {} elements instead of {wanted}", items.len())),
            Some(None) => found.push(format!("{pointer} is no array; expected one of {wanted} elements")),
            None => found.push(format!("{pointer} is missing; expected an array of {wanted} elements")),
        }
    }
    found
}

/// What an error answer says of itself.
fn said(answer: &Answer) -> String {
    let detail = answer.json().ok().and_then(|body| body.pointer("/detail")?.as_str().map(str::to_owned));
    detail.map(|detail| format!(" ({})", cut(&detail))).unwrap_or_default()
}

fn header(name: &str, wanted: &str, headers: &HeaderMap, found: &mut Vec<String>) {
    let values: Vec<_> = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    if values.is_empty() {
        found.push(format!("the header {name} is missing"));
        return;
    }
    let pattern = wanted.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    let fits = match pattern.map(Regex::new) {
        None => values.iter().any(|value| value == wanted),
        Some(Ok(pattern)) => values.iter().any(|value| pattern.is_match(value)),
        Some(Err(error)) => {
            found.push(format!("the expectation of the header {name} is no regular expression: {error}"));
            return;
        }
    };
    if !fits {
        found.push(format!("the header {name} is {:?}; expected {wanted}", values.join(", ")));
    }
}

/// Notes what of `part` is not in `whole`: objects by name, arrays by any element that matches, in any order.
fn contains(part: &Json, whole: &Json, at: &str, found: &mut Vec<String>) {
    let here = if at.is_empty() { "the body" } else { at };
    match (part, whole) {
        (Json::Object(part), Json::Object(whole)) => {
            for (name, wanted) in part.iter() {
                let at = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                match whole.get(name) {
                    Some(have) => contains(wanted, have, &at, found),
                    None => found.push(format!("{at} is missing; expected {}", show(wanted))),
                }
            }
        }
        (Json::Array(part), Json::Array(whole)) => {
            for wanted in part {
                let fits = |have: &Json| {
                    let mut inner = Vec::new();
                    contains(wanted, have, "", &mut inner);
                    inner.is_empty()
                };
                if !whole.iter().any(fits) {
                    found.push(format!("{here} has no element like {}", show(wanted)));
                }
            }
        }
        (part, whole) if equal(part, whole) => {}
        (part, whole) => found.push(format!("{here} is {} instead of {}", show(whole), show(part))),
    }
}

/// Equal in type and value; the order of members does not count.
fn equal(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Object(left), Json::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(name, value)| right.get(name).is_some_and(|other| equal(value, other)))
        }
        (Json::Array(left), Json::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| equal(left, right))
        }
        (left, right) => left == right,
    }
}

fn show(json: &Json) -> String {
    cut(&json.to_text())
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn answer(status: u16, body: &'static str) -> Answer {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", "application/scim+json; charset=utf-8".parse().unwrap());
        headers.insert("location", "http://h/scim/v2/Users/9f".parse().unwrap());
        Answer { status, headers, body: Bytes::from_static(body.as_bytes()), elapsed_us: 0 }
    }

    fn expect(text: &str) -> Expectation {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn arrays_match_in_any_order_and_objects_as_subsets() {
        let part = expect(r#"{"bodyContains": {"a": [{"v": 2}, {"v": 1}], "n": 1.0}}"#);
        assert!(
            differences(&part, &answer(200, r#"{"n": 1, "a": [{"v": 1, "t": "x"}, {"v": 2}], "more": 0}"#)).is_empty()
        );
        let missing = differences(&part, &answer(200, r#"{"n": 1, "a": [{"v": 1}]}"#));
        assert_eq!(missing, [r#"/a has no element like {"v":2}"#]);
    }

    #[test]
    fn a_type_is_not_another_type_of_the_same_look() {
        let part = expect(r#"{"bodyContains": {"active": false}, "bodyAt": {"/n": "1"}}"#);
        assert_eq!(
            differences(&part, &answer(200, r#"{"active": "false", "n": 1}"#)),
            [r#"/active is "false" instead of false"#, r#"/n is 1 instead of "1""#]
        );
    }

    #[test]
    fn absence_and_length_are_judged() {
        let part = expect(r#"{"bodyAbsent": ["/a", "/b", "/c"], "bodyLength": {"/l": 1, "/m": 0}}"#);
        assert_eq!(
            differences(&part, &answer(200, r#"{"a": null, "b": 1, "l": [1, 2]}"#)),
            [
                "/b is 1; nothing should be there",
                "/l has 2 elements instead of 1",
                "/m is missing; expected an array of 0 elements"
            ]
        );
    }

    #[test]
    fn headers_are_exact_or_a_pattern_between_slashes() {
        let good =
            expect(r#"{"headers": {"Content-Type": "/^application/(scim\\+)?json/", "Location": "//Users/./"}}"#);
        assert!(differences(&good, &answer(201, "{}")).is_empty());
        let bad = expect(r#"{"headers": {"ETag": "x", "Content-Type": "application/scim+json"}}"#);
        assert_eq!(differences(&bad, &answer(201, "{}")).len(), 2);
    }

    #[test]
    fn a_part_is_not_asked_of_an_empty_body_but_a_pointer_is() {
        assert!(differences(&expect(r#"{"bodyContains": {"a": 1}, "status": [204]}"#), &answer(204, "")).is_empty());
        assert_eq!(differences(&expect(r#"{"bodyAt": {"/a": 1}}"#), &answer(204, "")), ["/a is missing; expected 1"]);
    }

    #[test]
    fn a_wrong_status_tells_what_the_server_said() {
        let found = differences(&expect(r#"{"status": [200, 204]}"#), &answer(400, r#"{"detail": "no such path"}"#));
        assert_eq!(found, ["the status is 400 instead of 200 or 204 (no such path)"]);
    }

    #[test]
    fn a_body_that_is_no_json_is_said_to_be_none() {
        let found = differences(&expect(r#"{"bodyContains": {}}"#), &answer(200, "<html>"));
        assert!(found[0].starts_with("the body is not JSON"), "{found:?}");
    }
}
