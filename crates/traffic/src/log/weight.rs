//! About how many bytes of memory the parts of the record take.

use std::mem::size_of;

use scim::diff::Line;
use scim::json::{Json, Object};

use crate::change::{Change, Committed};
use crate::entry::{Annotation, Entry, State};
use crate::exchange::{Closed, Ending, Exchange, Opened, Received};
use crate::handled::{AuthStep, Handled, Operation, RuleHit};
use crate::marks::Marks;
use crate::step::Named;

/// What an allocation costs beside its content: the counts of an `Arc`, and the allocator's share.
const ALLOCATION: usize = 32;
/// What is new in a version of a long list: versions share the rest.
const VERSION_OF_A_LONG_LIST: usize = 4 << 10;

/// An entry in its place in the log, with everything that it holds.
pub(super) fn entry(entry: &Entry) -> usize {
    size_of::<Entry>()
        + size_of::<usize>()
        + match entry {
            Entry::Opened(_, opened) => self::opened(opened),
            Entry::Handled(_, received, handled) => self::received(received) + self::handled(handled),
            Entry::Closed(_, closed) => self::closed(closed),
            Entry::Annotated(_, annotation) => self::annotation(annotation),
            Entry::Marked(_, marks) => self::marks(marks),
            Entry::Committed(committed) => self::committed(committed),
            Entry::State(state) => {
                let State { what, detail } = state.as_ref();
                ALLOCATION + size_of::<State>() + text(what) + text(detail)
            }
            Entry::Pruned { .. } => 0,
        }
}

/// An exchange without its parts.
pub(super) fn hull() -> usize {
    ALLOCATION + size_of::<Exchange>() + 3 * size_of::<usize>()
}

/// The parts of an exchange that did not come as entries.
pub(super) fn parts(exchange: &Exchange) -> usize {
    let Exchange { seq: _, pos: _, opened, handled, closed, committed, annotation, marks } = exchange;
    self::opened(opened)
        + handled.as_ref().map_or(0, |(received, handled)| self::received(received) + self::handled(handled))
        + closed.as_deref().map_or(0, self::closed)
        + committed.as_deref().map_or(0, self::committed)
        + annotation.as_deref().map_or(0, self::annotation)
        + marks.as_deref().map_or(0, self::marks)
}

fn opened(opened: &Opened) -> usize {
    ALLOCATION + size_of::<Opened>() + text(&opened.method) + text(&opened.target)
}

fn received(received: &Received) -> usize {
    ALLOCATION + size_of::<Received>() + received.head.len() + received.body.len() + 2 * ALLOCATION
}

fn handled(handled: &Handled) -> usize {
    let Handled {
        response,
        tenant,
        action: _,
        subject,
        auth,
        findings,
        operations,
        would_have_changed,
        rules,
        forwarded,
    } = handled;
    let optional = |value: &Option<String>| value.as_deref().map_or(0, text);
    let headers = response.headers.iter().map(|(name, value)| size_of::<(String, String)>() + text(name) + text(value));
    let auth =
        auth.iter().map(|AuthStep { checked, found, passed: _ }| size_of::<AuthStep>() + text(checked) + text(found));
    let findings = findings.iter().map(|finding| size_of_val(finding) + text(&finding.code) + text(&finding.message));
    let operations = operations.iter().map(|operation| {
        let Operation { index: _, op, path, outcome: _ } = operation;
        size_of::<Operation>() + text(op) + optional(path)
    });
    let looked_for = subject.looked_for.as_ref().map_or(0, |(attribute, value)| text(attribute) + text(value));
    ALLOCATION
        + size_of::<Handled>()
        + response.body.len()
        + ALLOCATION
        + optional(tenant)
        + optional(&subject.resource_type)
        + optional(&subject.resource_id)
        + optional(&subject.display)
        + optional(&subject.filter)
        + looked_for
        + headers.sum::<usize>()
        + auth.sum::<usize>()
        + findings.sum::<usize>()
        + operations.sum::<usize>()
        + lines(would_have_changed)
        + rules.iter().map(|hit| size_of::<RuleHit>() + text(&hit.id) + text(&hit.name) + text(&hit.did)).sum::<usize>()
        + forwarded.as_ref().map_or(0, |forwarded| ALLOCATION + size_of_val(&**forwarded) + text(&forwarded.to))
}

fn closed(closed: &Closed) -> usize {
    let Closed { ending, received, sent } = closed;
    let ending = match ending {
        Ending::Complete => 0,
        Ending::Aborted(why) | Ending::TimedOut(why) | Ending::Refused(why) => text(why),
    };
    let received = received.as_ref().map_or(0, self::received);
    ALLOCATION + size_of::<Closed>() + ending + received + sent.head.len() + sent.body.len() + 2 * ALLOCATION
}

fn annotation(annotation: &Annotation) -> usize {
    let Annotation { dialect, confidence: _, reasons, sentence, probe: _, flow: _, by_hand: _, deed: _, about } =
        annotation;
    let reasons = reasons.iter().map(|reason| size_of::<String>() + text(reason)).sum::<usize>();
    let about = about.iter().map(|named| {
        let Named { resource_type, id, name } = named;
        size_of::<Named>() + text(resource_type) + id.as_deref().map_or(0, text) + text(name)
    });
    let dialect = dialect.as_deref().map_or(0, text);
    ALLOCATION + size_of::<Annotation>() + dialect + reasons + text(sentence) + about.sum::<usize>()
}

fn marks(marks: &Marks) -> usize {
    let Marks { pinned: _, note, tags } = marks;
    let tags = tags.iter().map(|tag| size_of::<String>() + text(tag)).sum::<usize>();
    ALLOCATION + size_of::<Marks>() + text(note) + tags
}

fn committed(committed: &Committed) -> usize {
    let changes = committed.changes.iter().map(change).sum::<usize>();
    ALLOCATION + size_of::<Committed>() + text(&committed.tenant) + changes
}

fn change(change: &Change) -> usize {
    let Change { resource_type, resource_id, display, before, after, lines: changed } = change;
    let states = match (before, after) {
        (Some(before), Some(after)) if before.has_long_lists() && after.has_long_lists() => VERSION_OF_A_LONG_LIST,
        (before, after) => {
            [before, after].into_iter().flatten().map(|document| ALLOCATION + document.packed_bytes()).sum()
        }
    };
    size_of::<Change>() + text(resource_type) + text(resource_id) + text(display) + states + lines(changed)
}

fn lines(lines: &[Line]) -> usize {
    let line = |line: &Line| {
        let values = [&line.before, &line.after].into_iter().flatten();
        size_of::<Line>() + text(&line.path) + values.map(json).sum::<usize>()
    };
    lines.iter().map(line).sum()
}

/// What a value holds beside itself. Values in the record are bounded in depth where they come in.
fn json(value: &Json) -> usize {
    match value {
        Json::Null | Json::Bool(_) => 0,
        Json::Number(number) => number.text().len(),
        Json::String(value) => text(value),
        Json::Array(items) => items.iter().map(|item| size_of::<Json>() + json(item)).sum(),
        Json::Object(members) => object(members),
    }
}

fn object(members: &Object) -> usize {
    members.iter().map(|(name, value)| size_of::<(String, Json)>() + text(name) + json(value)).sum()
}

fn text(text: &str) -> usize {
    if text.is_empty() { 0 } else { text.len() + ALLOCATION / 2 }
}
