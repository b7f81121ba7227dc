//! Rules in words.

use scim::error::ScimType;
use scim::json::Json;

use super::action::{Action, Delay};
use super::matcher::{Matcher, Occurrence};
use super::rule::Rule;

/// What a rule will do, in a sentence: "Answers 503 to each PATCH to /Users/*, the first 3 times."
pub fn sentence(rule: &Rule) -> String {
    let mut text = format!("{} {}", will(&rule.action), about(&rule.when, noun(&rule.action)));
    if let Some(occurrence) = rule.when.occurrence {
        text.push_str(&match occurrence {
            Occurrence::First { n } => format!(", the first {n} of them"),
            Occurrence::After { n } => format!(", all but the first {n} of them"),
            Occurrence::Nth { n } => format!(", number {n} of them alone"),
            Occurrence::Every { n } => format!(", one in {n}"),
        });
    }
    if let Some(chance) = rule.when.probability {
        text.push_str(&format!(", with a chance of {} %", (chance * 1000.0).round() / 10.0));
    }
    match rule.budget {
        Some(1) => text.push_str(", once"),
        Some(budget) => text.push_str(&format!(", {budget} times in all")),
        None => {}
    }
    if let Some(end) = rule.expires_at {
        text.push_str(&format!(", until {end}"));
    }
    text.push('.');
    text
}

/// The keyword that belongs to a status when nothing else is said (RFC 7644 table 9).
pub(super) fn scim_type_of(status: u16) -> Option<ScimType> {
    match status {
        400 => Some(ScimType::InvalidValue),
        409 => Some(ScimType::Uniqueness),
        _ => None,
    }
}

/// What an action did, in words without a subject.
pub(super) fn did(action: &Action) -> String {
    match action {
        Action::Truncate { bytes } => format!("ended the connection after {bytes} bytes of the body"),
        Action::WrongLength { by } => format!("sent a Content-Length that is wrong by {by}"),
        Action::Reset { after_bytes: None | Some(0) } => "reset the connection before the first byte".into(),
        Action::Reset { after_bytes: Some(bytes) } => format!("reset the connection after {bytes} bytes"),
        Action::Hang { at_most_ms } => format!("sent nothing for {at_most_ms} ms, or until the client gave up"),
        Action::Drip { bytes, every_ms } => {
            format!("sent the response {bytes} bytes at a time, one time in {every_ms} ms")
        }
        Action::Malformed {} => "left out the last byte of the body".into(),
        Action::ContentType { value } => format!("said Content-Type: {value}"),
        Action::TotalResults { by } => format!("made totalResults wrong by {by}"),
        Action::ResourcesAbsent {} => "left Resources out of the list".into(),
        Action::EmptyFilter404 {} => "answered 404 because nothing matched the filter".into(),
        Action::StaleEtag {} => "told versions that are one behind".into(),
        Action::PatchEmpty200 {} => "answered the PATCH with 200 and no body".into(),
        Action::Edit { patch } => format!("edited the response: {} of a JSON Patch", operations(patch.len())),
        Action::RepeatedItems {} => "began the page with the last resource of the page before".into(),
        Action::MissingItems {} => "left out the first resource of the page".into(),
        Action::FilterIgnored {} => "left the filter out of account".into(),
        Action::CaseSensitiveUserName {} => "compared userName with its case".into(),
        Action::PatchIgnored {} => "changed nothing and answered as if it had".into(),
        Action::MemberRemovalEmptiesGroup {} => "removed all members instead of one".into(),
        Action::EventualConsistency { delay_ms } => format!("let the read see what was {delay_ms} ms ago"),
        Action::Status { status, .. } => format!("answered {status}"),
        Action::RateLimit { .. } => "answered 429".into(),
        Action::Duplicate {} => "answered 409".into(),
        Action::Latency { .. } => "made the answer wait".into(),
    }
}

/// What an action will do, up to what it does it to.
fn will(action: &Action) -> String {
    match action {
        Action::Status { status, scim_type, retry_after_s, .. } => {
            let kind = scim_type.or_else(|| scim_type_of(*status)).filter(|_| *status >= 400);
            let kind = kind.map(|kind| format!(" {}", kind.keyword())).unwrap_or_default();
            let retry = retry_after_s.map(|after| format!(" with Retry-After {after} s")).unwrap_or_default();
            format!("Answers {status}{kind}{retry} instead of the server to")
        }
        Action::RateLimit { requests, per_s, burst, .. } => {
            let burst = burst.map(|burst| format!(" (at most {burst} at once)")).unwrap_or_default();
            format!("Answers 429 to a credential that sends more than {requests} in {per_s} s{burst}, counting")
        }
        Action::Duplicate {} => "Answers 409 uniqueness, although nothing has the name, to".into(),
        Action::Latency { delay } => match delay {
            Delay::Fixed { ms } => format!("Waits {ms} ms before it answers"),
            Delay::Uniform { from_ms, to_ms } => format!("Waits {from_ms} to {to_ms} ms before it answers"),
            Delay::Normal { mean_ms, deviation_ms } => {
                format!("Waits about {mean_ms} ms (deviation {deviation_ms} ms) before it answers")
            }
        },
        Action::Truncate { bytes } => format!("Ends the connection after {bytes} bytes of the body of answers to"),
        Action::WrongLength { by } => format!("Sends a Content-Length that is wrong by {by} with answers to"),
        Action::Reset { after_bytes: None | Some(0) } => "Resets the connection instead of answering".into(),
        Action::Reset { after_bytes: Some(bytes) } => {
            format!("Resets the connection after {bytes} bytes of answers to")
        }
        Action::Hang { at_most_ms } => format!("Leaves without an answer for {at_most_ms} ms"),
        Action::Drip { bytes, every_ms } => format!("Sends {bytes} bytes in {every_ms} ms of answers to"),
        Action::Malformed {} => "Leaves out the last byte of the body of answers to".into(),
        Action::ContentType { value } => format!("Says Content-Type {value} in answers to"),
        Action::TotalResults { by } => format!("Makes totalResults wrong by {by} in the answer to"),
        Action::ResourcesAbsent {} => "Leaves Resources out of the answer to".into(),
        Action::EmptyFilter404 {} => "Answers 404 if the filter finds nothing, to".into(),
        Action::StaleEtag {} => "Tells versions that are one behind in answers to".into(),
        Action::PatchEmpty200 {} => "Answers 200 without a body to".into(),
        Action::Edit { patch } => format!("Edits ({}) the JSON of answers to", operations(patch.len())),
        Action::RepeatedItems {} => "Repeats the last resource of the page before in".into(),
        Action::MissingItems {} => "Leaves out one resource between pages in".into(),
        Action::FilterIgnored {} => "Leaves the filter out of account in".into(),
        Action::CaseSensitiveUserName {} => "Compares userName with its case in the filter of".into(),
        Action::PatchIgnored {} => "Changes nothing, and answers as if it had, to".into(),
        Action::MemberRemovalEmptiesGroup {} => "Removes all members if one is to be removed by".into(),
        Action::EventualConsistency { delay_ms } => format!("Shows what was {delay_ms} ms ago to"),
    }
}

fn operations(count: usize) -> String {
    if count == 1 { "1 operation".to_owned() } else { format!("{count} operations") }
}

/// What an action is about when nothing is said of the method.
fn noun(action: &Action) -> &'static str {
    match action {
        Action::Duplicate {} => "POST",
        Action::PatchIgnored {} | Action::PatchEmpty200 {} | Action::MemberRemovalEmptiesGroup {} => "PATCH",
        Action::TotalResults { .. }
        | Action::ResourcesAbsent {}
        | Action::RepeatedItems {}
        | Action::MissingItems {}
        | Action::EmptyFilter404 {}
        | Action::FilterIgnored {}
        | Action::CaseSensitiveUserName {} => "list",
        Action::EventualConsistency { .. } => "read",
        _ => "request",
    }
}

/// What it does it to.
fn about(when: &Matcher, noun: &str) -> String {
    let mut text = match when.methods.as_slice() {
        [] => format!("every {noun}"),
        methods => {
            let methods: Vec<String> = methods.iter().map(|method| method.to_uppercase()).collect();
            format!("every {}", methods.join(" or "))
        }
    };
    if let Some(path) = &when.path {
        text.push_str(&format!(" to {path}"));
    }
    let mut conditions = Vec::new();
    if let Some(resource_type) = &when.resource_type {
        conditions.push(format!("is about a {resource_type}"));
    }
    if let Some(filter) = &when.filter {
        conditions.push(format!("has {filter:?} in its filter"));
    }
    if let Some(dialect) = &when.dialect {
        conditions.push(match dialect.as_str() {
            "none" => "shows no dialect".to_owned(),
            dialect => format!("speaks as {dialect}"),
        });
    }
    for header in &when.headers {
        conditions.push(match &header.contains {
            Some(part) => format!("has {part:?} in {}", header.name),
            None => format!("has a field {}", header.name),
        });
    }
    for body in &when.body {
        conditions.push(match &body.equals {
            Some(value) => format!("has {} at {}", Json::to_text(value), body.path),
            None => format!("has something at {}", body.path),
        });
    }
    if let Some(query) = &when.query {
        conditions.push(format!("is selected by {query}"));
    }
    if !conditions.is_empty() {
        text.push_str(" that ");
        text.push_str(&conditions.join(" and "));
    }
    text
}
