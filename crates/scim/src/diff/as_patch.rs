//! From a difference back to a PATCH that makes it (RFC 7644 section 3.5.2).

use super::{Action, Line, attribute_lines, diff, is_bookkeeping, refers};
use crate::json::{Json, Object};
use crate::leniency::{Leniency, Reading};
use crate::long_list::Parts;
use crate::message::PATCH_OP;
use crate::patch::{Op, Operation, apply_to_parts};
use crate::schema::{Attribute, Kind, Shape};
use crate::value::Value;

/// A PATCH that turns one state into another, and what it cannot do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AsPatch {
    /// The operations, in an order in which none gets into the way of another.
    pub operations: Vec<Operation>,
    /// Differences that no PATCH makes: attributes that are readOnly, immutable, or required and gone.
    pub left_out: Vec<Line>,
}

impl AsPatch {
    /// The body of the request (RFC 7644 section 3.5.2).
    pub fn to_message(&self) -> Json {
        let operations = self.operations.iter().map(|operation| {
            let mut member = Object::new();
            member.insert("op", operation.op_as_sent.as_str());
            if let Some(path) = &operation.path {
                member.insert("path", path.as_str());
            }
            if let Some(value) = &operation.value {
                member.insert("value", value.clone());
            }
            Json::Object(member)
        });
        let operations: Vec<Json> = operations.collect();
        let mut message = Object::new();
        message.insert("schemas", vec![Json::from(PATCH_OP)]);
        message.insert("Operations", operations);
        Json::Object(message)
    }
}

/// The operations that turn one state of a resource into another, for a server that takes nothing but what the RFC
/// demands. Attributes that are the same are not named. Of a list only the elements are named that differ, unless a value
/// filter that names one of them would name another one too, now or while the operations run: then the attribute is
/// replaced whole. Every step is tried on the state before it is given.
pub fn as_patch(shape: &Shape, before: &Parts, after: &Parts) -> AsPatch {
    let mut made = AsPatch::default();
    let mut state = before.clone();
    let wanted = after.clone().into_object();
    let core = shape.core_attributes().filter(|attribute| !is_bookkeeping(&attribute.name));
    for attribute in core {
        step(shape, None, attribute, &mut state, &wanted, &mut made);
    }
    for (schema, _) in &shape.extensions {
        for attribute in &schema.attributes {
            step(shape, Some(&schema.id), attribute, &mut state, &wanted, &mut made);
        }
    }
    made
}

/// Brings one attribute from what it is in `state` to what is wanted.
fn step(
    shape: &Shape,
    extension: Option<&str>,
    attribute: &Attribute,
    state: &mut Parts,
    wanted: &Object,
    made: &mut AsPatch,
) {
    let path = extension.map_or_else(|| attribute.name.clone(), |urn| format!("{urn}:{}", attribute.name));
    let target = part(wanted.into(), extension, &attribute.name);
    let packed = crate::document::Document::pack_parts(state);
    let present = part(packed.value(), extension, &attribute.name);
    let mut lines = Vec::new();
    attribute_lines(attribute, &path, present, target, &mut lines);
    if lines.is_empty() {
        return;
    }
    let whole = target.map(Value::to_json);
    let ways = [
        by_parts(attribute, &path, &lines, present.is_some(), whole.as_ref()),
        Some(vec![match &whole {
            Some(value) => (Op::Replace, path.clone(), Some(value.clone())),
            None => (Op::Remove, path.clone(), None),
        }]),
        whole.map(|value| vec![(Op::Remove, path.clone(), None), (Op::Add, path.clone(), Some(value))]),
    ];
    for way in ways.into_iter().flatten() {
        let first = made.operations.len();
        let operations: Vec<Operation> = way
            .into_iter()
            .enumerate()
            .map(|(at, (op, path, value))| Operation {
                index: first + at,
                op,
                op_as_sent: word(op).to_owned(),
                path: Some(path),
                value,
            })
            .collect();
        let mut reading = Reading::new(shape, Leniency::STRICT);
        let Ok(next) = apply_to_parts(&mut reading, state.clone(), &operations).result else { continue };
        if reaches(shape, state, &next, (extension, attribute, &path), target) {
            *state = next;
            made.operations.extend(operations);
            return;
        }
    }
    made.left_out.append(&mut lines);
}

/// Whether a step made the attribute what is wanted, and nothing else different.
fn reaches(
    shape: &Shape,
    before: &Parts,
    after: &Parts,
    (extension, attribute, path): (Option<&str>, &Attribute, &str),
    target: Option<Value<'_>>,
) -> bool {
    let after = crate::document::Document::pack_parts(after);
    let mut rest = Vec::new();
    attribute_lines(attribute, path, part(after.value(), extension, &attribute.name), target, &mut rest);
    if !rest.is_empty() {
        return false;
    }
    let before = crate::document::Document::pack_parts(before);
    let belongs = |line: &Line| {
        let rest = line.path.strip_prefix(path);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    diff(shape, Some(before.value()), Some(after.value())).iter().all(belongs)
}

fn part<'a>(resource: Value<'a>, extension: Option<&str>, name: &str) -> Option<Value<'a>> {
    let owner = match extension {
        Some(urn) => resource.get(urn)?,
        None => resource,
    };
    owner.get(name).filter(|value| !value.is_unassigned())
}

type Step = (Op, String, Option<Json>);

/// One operation for each difference; what a list gains is added in one.
fn by_parts(
    attribute: &Attribute,
    path: &str,
    lines: &[Line],
    is_present: bool,
    whole: Option<&Json>,
) -> Option<Vec<Step>> {
    match (is_present, whole) {
        (_, None) => return Some(vec![(Op::Remove, path.to_owned(), None)]),
        (false, Some(value)) => return Some(vec![(Op::Add, path.to_owned(), Some(value.clone()))]),
        (true, Some(_)) => {}
    }
    if attribute.multi_valued && attribute.kind != Kind::Complex {
        // There is no path to one of several plain values.
        if lines.iter().any(|line| line.action != Action::Added) {
            return None;
        }
    }
    let mut steps: Vec<(u8, Step)> = Vec::new();
    let mut came = Vec::new();
    for line in lines {
        let is_element = attribute.multi_valued && (line.path.ends_with(']') || line.path == path);
        match (line.action, &line.after) {
            (Action::Added, Some(value)) if is_element => came.push(value.clone()),
            (Action::Removed, _) if attribute.multi_valued && !line.path.contains('[') => return None,
            (Action::Removed, _) if is_element => steps.push((0, (Op::Remove, line.path.clone(), None))),
            (Action::Removed, _) => steps.push((rank(line), (Op::Remove, line.path.clone(), None))),
            (Action::Added, value) => steps.push((rank(line), (Op::Add, line.path.clone(), value.clone()))),
            (Action::Changed, value) => steps.push((rank(line), (Op::Replace, line.path.clone(), value.clone()))),
        }
    }
    if refers(attribute) && steps.len() > MOST_STEPS {
        return None;
    }
    steps.sort_by_key(|(rank, _)| *rank);
    let mut steps: Vec<Step> = steps.into_iter().map(|(_, step)| step).collect();
    if !came.is_empty() {
        steps.push((Op::Add, path.to_owned(), Some(Json::Array(came))));
    }
    Some(steps)
}

/// Beyond so many operations on one list it is replaced whole.
const MOST_STEPS: usize = 1_000;

/// What a path selects by is changed after everything else in the element.
fn rank(line: &Line) -> u8 {
    if line.path.ends_with("].value") {
        2
    } else if line.path.ends_with("].type") {
        3
    } else {
        1
    }
}

fn word(op: Op) -> &'static str {
    match op {
        Op::Add => "add",
        Op::Remove => "remove",
        Op::Replace => "replace",
    }
}

/// The operations of a JSON Patch (RFC 6902) that turn one JSON value into another. It knows nothing of SCIM: elements are
/// named by where they stand, and another order is a difference.
pub fn as_json_patch(before: &Json, after: &Json) -> Json {
    let mut operations = Vec::new();
    json_steps(String::new(), before, after, &mut operations);
    Json::Array(operations)
}

fn json_steps(pointer: String, before: &Json, after: &Json, out: &mut Vec<Json>) {
    if Value::from(before) == Value::from(after) {
        return;
    }
    match (before, after) {
        (Json::Object(before), Json::Object(after)) => {
            for (name, value) in before.iter() {
                let at = child(&pointer, name);
                match after.get(name) {
                    Some(other) => json_steps(at, value, other, out),
                    None => out.push(json_operation("remove", at, None)),
                }
            }
            for (name, value) in after.iter().filter(|(name, _)| before.get(name).is_none()) {
                out.push(json_operation("add", child(&pointer, name), Some(value)));
            }
        }
        (Json::Array(before), Json::Array(after)) => {
            let same = |pair: &(&Json, &Json)| Value::from(pair.0) == Value::from(pair.1);
            let start = before.iter().zip(after).take_while(same).count();
            let (left, right) = (&before[start..], &after[start..]);
            let end = left.iter().rev().zip(right.iter().rev()).take_while(same).count();
            let (left, right) = (&left[..left.len() - end], &right[..right.len() - end]);
            for (at, (old, new)) in left.iter().zip(right).enumerate() {
                json_steps(format!("{pointer}/{}", start + at), old, new, out);
            }
            for at in (right.len()..left.len()).rev() {
                out.push(json_operation("remove", format!("{pointer}/{}", start + at), None));
            }
            for (at, new) in right.iter().enumerate().skip(left.len()) {
                out.push(json_operation("add", format!("{pointer}/{}", start + at), Some(new)));
            }
        }
        _ => out.push(json_operation("replace", pointer, Some(after))),
    }
}

fn child(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", crate::json::pointer_token(name))
}

fn json_operation(op: &str, path: String, value: Option<&Json>) -> Json {
    let mut operation = Object::new();
    operation.insert("op", op);
    operation.insert("path", path);
    if let Some(value) = value {
        operation.insert("value", value.clone());
    }
    Json::Object(operation)
}
