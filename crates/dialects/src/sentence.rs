//! An exchange in one sentence of plain words.

use traffic::exchange::{Ending, Exchange};
use traffic::handled::{Action, Handled, OperationOutcome, Subject};

use self::deed::{Deeds, Tense};
use self::words::{count, kind_and_name, name, plural, refusal, shown};
use crate::look::Look;

mod deed;
mod words;

pub(crate) use deed::attribute_name;
pub(crate) use words::{listed, name_in_body, shown as cleaned};

/// Who did it if no dialect is recognised.
const ANYONE: &str = "A client";

/// Says what happened. `actor` is the name of the client, if it is known.
pub(crate) fn sentence(exchange: &Exchange, look: &Look, actor: Option<&str>, probe: bool) -> String {
    let actor = actor.unwrap_or(ANYONE);
    if look.method.is_empty() {
        return without_request(exchange);
    }
    let ending = exchange.closed.as_ref().map(|closed| &closed.ending);
    let Some(handled) = exchange.outcome() else {
        return unanswered(look, actor, ending);
    };
    let mut said = if probe && succeeded(handled) {
        format!("{actor} tested the connection")
    } else {
        answered(exchange, look, actor, handled)
    };
    if let Some(Ending::Aborted(_) | Ending::TimedOut(_)) = ending {
        said.push_str(", but the answer did not leave whole");
    }
    said
}

/// Whether another server took a write that should have changed something, and the answer does not show that it has.
fn is_done_unseen(handled: &Handled) -> bool {
    let should_change = || handled.operations.iter().any(|operation| operation.outcome == OperationOutcome::Changed);
    handled.forwarded.is_some()
        && (should_change() || handled.action == Action::Replace && handled.response.body.is_empty())
}

fn succeeded(handled: &Handled) -> bool {
    handled.response.status < 400
}

/// Bytes that never became a request with a method.
fn without_request(exchange: &Exchange) -> String {
    let bytes = exchange
        .received()
        .map_or(0, |received| received.head.len() as u64 + received.body.len() as u64 + received.dropped_bytes);
    let bytes = count(usize::try_from(bytes).unwrap_or(usize::MAX), "byte");
    let status = exchange.outcome().map(|handled| handled.response.status);
    match (exchange.closed.as_ref().map(|closed| &closed.ending), status) {
        (_, Some(431)) => format!("A request head that is too large: {bytes}"),
        (Some(Ending::TimedOut(_)), _) | (_, Some(408)) => format!("Half a request: {bytes}, then nothing more"),
        (Some(Ending::Aborted(_)), None) => format!("Half a request: {bytes}, then the connection ended"),
        (None, None) => "A connection with no request yet".to_owned(),
        _ => format!("Not HTTP: {bytes}"),
    }
}

fn unanswered(look: &Look, actor: &str, ending: Option<&Ending>) -> String {
    let request = request(look);
    match ending {
        None | Some(Ending::Complete) => format!("{actor} sends {request}"),
        Some(Ending::Aborted(why)) => format!("{actor} broke off {request}: {}", shown(why)),
        Some(Ending::TimedOut(why)) => format!("{actor} took too long with {request}: {}", shown(why)),
        Some(Ending::Refused(why)) => format!("{actor} sent {request}: refused, {}", shown(why)),
    }
}

fn request(look: &Look) -> String {
    format!("{} {}", shown(look.method), shown(look.path))
}

fn answered(exchange: &Exchange, look: &Look, actor: &str, handled: &Handled) -> String {
    let subject = &handled.subject;
    let tense = if succeeded(handled) { Tense::Past } else { Tense::Infinitive };
    let verb =
        |past: &str, infinitive: &str| if tense == Tense::Past { past.to_owned() } else { infinitive.to_owned() };
    let (clause, result) = match handled.action {
        Action::Read => {
            let result = if handled.response.status == 304 { Some("not modified".to_owned()) } else { None };
            (format!("read {}", kind_and_name(subject)), result)
        }
        Action::List => {
            list(look, subject, verb("looked for", "look for"), verb("searched", "search"), verb("listed", "list"))
        }
        Action::Discover => (format!("read {}", document(look)), None),
        Action::Token => (format!("{} an access token", verb("got", "get")), None),
        Action::Create => (format!("{} {}", verb("created", "create"), created(look, subject)), None),
        Action::Delete => (format!("{} {}", verb("deleted", "delete"), kind_and_name(subject)), None),
        Action::Replace | Action::Modify => return written(exchange, look, actor, handled),
        Action::Unknown => (format!("{} {}", verb("sent", "send"), request(look)), None),
    };
    if !succeeded(handled) {
        return tried(actor, handled, &clause);
    }
    match result {
        Some(result) => format!("{actor} {clause}: {result}"),
        None => format!("{actor} {clause}"),
    }
}

fn tried(actor: &str, handled: &Handled, clause: &str) -> String {
    match handled.action {
        // There is nothing to try: the request means nothing to us.
        Action::Unknown => format!("{actor} sent {}: {}", clause.trim_start_matches("send "), refusal(handled)),
        _ => format!("{actor} tried to {clause}: {}", refusal(handled)),
    }
}

fn list(look: &Look, subject: &Subject, look_for: String, search: String, list: String) -> (String, Option<String>) {
    let found = subject.total_results;
    if let Some((_, text)) = &subject.looked_for {
        let result = found.map(|found| match (found, &subject.display) {
            (0, _) => "not found".to_owned(),
            (1, Some(display)) if display != text => format!("found {}", shown(display)),
            (1, _) => "found".to_owned(),
            (many, _) => format!("found {many}"),
        });
        return (format!("{look_for} {}", shown(text)), result);
    }
    if let Some(filter) = &subject.filter {
        return (
            format!("{search} {} for {}", plural(subject), shown(filter)),
            found.map(|found| format!("{found} found")),
        );
    }
    let from =
        look.parameter("startIndex").filter(|start| *start != "1").map(|start| format!(" from {}", shown(start)));
    let result = found.map(|found| format!("{found} in all"));
    (format!("{list} {}{}", plural(subject), from.unwrap_or_default()), result)
}

fn document(look: &Look) -> String {
    let mut segments = look.path.trim_end_matches('/').rsplit('/');
    let last = segments.next().unwrap_or_default();
    let before = segments.next().unwrap_or_default();
    match (before, last) {
        ("Schemas", urn) => format!("the schema {}", shown(urn)),
        ("ResourceTypes", kind) => format!("the resource type {}", shown(kind)),
        (_, "Schemas") => "the schemas".to_owned(),
        (_, "ResourceTypes") => "the resource types".to_owned(),
        _ => "the service provider configuration".to_owned(),
    }
}

fn created(look: &Look, subject: &Subject) -> String {
    let subject = Subject { display: subject.display.clone().or_else(|| name_in_body(look)), ..subject.clone() };
    let members = look.member("members").and_then(|members| members.as_array()).map_or(0, <[_]>::len);
    match members {
        0 => kind_and_name(&subject),
        some => format!("{} with {}", kind_and_name(&subject), count(some, "member")),
    }
}

fn written(exchange: &Exchange, look: &Look, actor: &str, handled: &Handled) -> String {
    let group = handled.subject.resource_type.as_deref() == Some("Group");
    let change = exchange.committed.as_ref().and_then(|committed| {
        let own = |id: &String| handled.subject.resource_id.as_ref() == Some(id);
        committed.changes.iter().find(|change| own(&change.resource_id)).or(committed.changes.first())
    });
    let mut subject = handled.subject.clone();
    if let Some(change) = change.filter(|change| !change.display.is_empty()) {
        subject.display.get_or_insert_with(|| change.display.clone());
    }
    let name = name(&subject);
    let asked = || match handled.action {
        Action::Modify => Deeds::from_operations(look, group).clause(&name, Tense::Infinitive),
        _ => None,
    };
    let generic = |tense: Tense| match (handled.action, tense) {
        (Action::Replace, Tense::Past) => format!("replaced {name}"),
        (Action::Replace, Tense::Infinitive) => format!("replace {name}"),
        (_, Tense::Past) => format!("changed {name}"),
        (_, Tense::Infinitive) => format!("change {name}"),
    };
    if !succeeded(handled) {
        let planned = Deeds::from_lines(&handled.would_have_changed, group).clause(&name, Tense::Infinitive);
        // What the request asks for says more than what its first operations would have done.
        let clause = asked().or(planned).unwrap_or_else(|| generic(Tense::Infinitive));
        return tried(actor, handled, &clause);
    }
    match change {
        Some(change) => {
            let done = Deeds::from_lines(&change.lines, group).clause(&name, Tense::Past);
            format!("{actor} {}", done.unwrap_or_else(|| generic(Tense::Past)))
        }
        // The answer of another server need not show what it has done: of a password, nothing ever does.
        None if is_done_unseen(handled) => {
            let done = match handled.action {
                Action::Modify => Deeds::from_operations(look, group).clause(&name, Tense::Past),
                _ => None,
            };
            format!("{actor} {}", done.unwrap_or_else(|| generic(Tense::Past)))
        }
        None => format!("{actor} asked to {}: nothing changed", asked().unwrap_or_else(|| generic(Tense::Infinitive))),
    }
}
