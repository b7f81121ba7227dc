//! PATCH (RFC 7644 section 3.5.2): reading the operations of a request and applying them, all or nothing.
//!
//! Decisions where the RFC leaves a choice:
//!
//! - A value that is already there is not added again and is no error (section 3.5.2.1). Elements are the same if their
//!   `value` is, and their `type` if both have one; what else the client sends about such an element is merged into it,
//!   unless the element is immutable.
//! - `add` of `[]` or `null` to a multi-valued attribute adds nothing; `replace` with either empties it.
//! - Another order of a multi-valued attribute is no change.
//! - `schemas` follows the extensions that a resource has: writing the first attribute of one lists it, removing the last
//!   one unlists it, and an extension that has attributes cannot be unlisted.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::diff::{self, Line};
use crate::document::Document;
use crate::error::{ScimError, ScimType};
use crate::finding::Place;
use crate::incoming;
use crate::json::{Json, Object};
use crate::leniency::Reading;
use crate::long_list::Parts;
use crate::schema::Shape;
use crate::value::Value;

mod edit;
mod elements;
mod list;
mod pathless;
mod reach;
mod read;
mod refusal;
mod schemas;
mod state;

pub use read::patch_operations;

use edit::Edit;
use state::State;

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Adds values (section 3.5.2.1).
    Add,
    /// Removes values (section 3.5.2.2).
    Remove,
    /// Replaces values (section 3.5.2.3).
    Replace,
}

/// One operation of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// Its position in `Operations`, from 0.
    pub index: usize,
    /// What it does.
    pub op: Op,
    /// How the client wrote `op`: "Replace".
    pub op_as_sent: String,
    /// What it is done to; nothing means the whole resource.
    pub path: Option<String>,
    /// The value, which `null` is too; nothing if the operation has none.
    pub value: Option<Json>,
}

/// What became of an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It changed something.
    Changed,
    /// It was carried out and nothing is different, for this reason.
    Unchanged(String),
    /// It could not be carried out, for this reason; the whole request is refused.
    Refused(String),
    /// An operation before it was refused.
    NotReached,
}

/// An operation and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationOutcome {
    /// The operation's position in `Operations`, from 0.
    pub index: usize,
    /// What became of it.
    pub outcome: Outcome,
}

/// What a PATCH makes of a resource: of an object, or of [`Parts`].
#[derive(Clone, Debug, PartialEq)]
pub struct Applied<Resource = Object> {
    /// The resource after all operations, or why the request is refused. If nothing changed in the end it is the resource
    /// that came in, with the order of everything in it.
    pub result: Result<Resource, ScimError>,
    /// What became of each operation, in their order.
    pub outcomes: Vec<OperationOutcome>,
    /// What changes, each line with the last operation that had a part in it. For a refused request: what the operations
    /// before the refused one would have changed.
    pub lines: Vec<Line>,
    /// The canonical paths of the attributes that the request wrote, changed or not: `title`, `urn:...:User:department`.
    pub written: Vec<String>,
}

/// Applies operations to a resource one after the other; each sees what the one before it left (RFC 7644 section 3.5.2).
///
/// The resource is as it is kept (see [`incoming`]); `id` and `meta` stay as they are. Findings point into the request
/// body: `/Operations/0/value`.
pub fn apply(reading: &mut Reading<'_>, resource: Object, operations: &[Operation]) -> Applied {
    let Applied { result, outcomes, lines, written } = apply_to_parts(reading, resource.into(), operations);
    Applied { result: result.map(Parts::into_object), outcomes, lines, written }
}

/// The same for a resource whose long lists are kept beside it. Of a list of references only those elements are looked at
/// that an operation can have to do with.
pub fn apply_to_parts(reading: &mut Reading<'_>, resource: Parts, operations: &[Operation]) -> Applied<Parts> {
    let shape = reading.shape;
    let mut state = State::new(shape, resource.clone());
    let mut outcomes: Vec<OperationOutcome> = Vec::with_capacity(operations.len());
    let mut causes = Causes::default();
    let mut written = Vec::new();
    let mut refusal = None;
    for operation in operations {
        let outcome = if refusal.is_some() {
            Outcome::NotReached
        } else {
            state.begin();
            match Edit::new(reading, &mut state, operation, &mut written).run() {
                Ok(()) => match state.seal() {
                    Some(lines) => {
                        causes.note(operation.index, &lines);
                        Outcome::Changed
                    }
                    None => Outcome::Unchanged(why_unchanged(operation.op).to_owned()),
                },
                Err(error) => {
                    state.undo();
                    let error = in_operation(error, operation, operations.len());
                    let outcome = Outcome::Refused(error.detail.clone());
                    refusal = Some(error);
                    outcome
                }
            }
        };
        outcomes.push(OperationOutcome { index: operation.index, outcome });
    }
    let Parts { object, lists } = state.into_parts();
    let patched = Parts { object: incoming::settle(shape, object), lists };
    if refusal.is_none()
        && let Some(path) = missing(shape, &resource, &patched)
    {
        let detail = format!("{path} is required, and after this request the resource would not have it");
        if let Some(last) = outcomes.iter_mut().rev().find(|outcome| outcome.outcome == Outcome::Changed) {
            last.outcome = Outcome::Refused(detail.clone());
        }
        refusal = Some(ScimError::bad_request(ScimType::InvalidValue, Place::Body("/Operations".into()), detail));
    }
    let mut lines = lines(shape, &resource, &patched);
    causes.attribute(&mut lines);
    let unchanged = lines.is_empty() && schemas::same(&resource.object, &patched.object);
    let result = match refusal {
        Some(error) => Err(error),
        None if unchanged => Ok(resource),
        None => Ok(patched),
    };
    Applied { result, outcomes, lines, written }
}

fn lines(shape: &Shape, before: &Parts, after: &Parts) -> Vec<Line> {
    if before.lists.is_empty() {
        let value = |object| Some(Value::Object(object));
        return diff::diff(shape, value((&before.object).into()), value((&after.object).into()));
    }
    let (before, after) = (Document::pack_parts(before), Document::pack_parts(after));
    diff::diff(shape, Some(before.value()), Some(after.value()))
}

/// What is required, was there and is not there any more.
fn missing(shape: &Shape, before: &Parts, after: &Parts) -> Option<String> {
    // Of a long list it is enough to look at what is new in it.
    let mut seen = after.object.clone();
    for (home, list) in after.lists.iter() {
        let new = match before.lists.get(home.extension.as_deref(), &home.attribute) {
            Some(before) => before.differences(list).1,
            None => list.iter().collect(),
        };
        let elements = if new.is_empty() { list.iter().take(1).collect() } else { new };
        home.put(&mut seen, elements.into_iter().map(Value::to_json).collect());
    }
    let path = incoming::missing(shape, &seen)?;
    let before = incoming::missing(shape, &before.clone().into_object());
    (before.as_ref() != Some(&path)).then_some(path)
}

fn why_unchanged(op: Op) -> &'static str {
    match op {
        Op::Add => "everything it adds is already there (RFC 7644 section 3.5.2.1)",
        Op::Remove => "there is nothing that it could remove (RFC 7644 section 3.5.2.2)",
        Op::Replace => "the resource already has these values",
    }
}

/// Says which of several operations is at fault.
fn in_operation(error: ScimError, operation: &Operation, of: usize) -> ScimError {
    if of < 2 {
        return error;
    }
    ScimError { detail: format!("operation {} of {of}: {}", operation.index + 1, error.detail), ..error }
}

/// Which operation a line comes from.
#[derive(Default)]
struct Causes {
    by_path: HashMap<String, usize>,
    /// By element, for everything that happened to it or to a part of it.
    by_element: HashMap<String, usize>,
    by_attribute: HashMap<String, usize>,
}

impl Causes {
    fn note(&mut self, operation: usize, lines: &[Line]) {
        for line in lines {
            self.by_path.insert(line.path.clone(), operation);
            if let Some(element) = element_of(&line.path) {
                self.by_element.insert(element.to_owned(), operation);
            }
            self.by_attribute.insert(attribute_of(&line.path).to_owned(), operation);
        }
    }

    /// The last operation on the same path counts, on the element around it, or, for an element, on a part of it. A line of
    /// the whole request may have none of these paths (an element that one operation added and another changed); then the
    /// last operation on the attribute is its cause.
    fn attribute(&self, lines: &mut [Line]) {
        for line in lines {
            let path = line.path.as_str();
            let around = match element_of(path) {
                Some(element) if element == path => self.by_element.get(element),
                Some(element) => self.by_path.get(element),
                None => None,
            };
            let cause = self.by_path.get(path).max(around).or_else(|| self.by_attribute.get(attribute_of(path)));
            line.operation = cause.copied();
        }
    }
}

/// The element in a line's path, up to the closing bracket.
fn element_of(path: &str) -> Option<&str> {
    Some(&path[..=path.rfind(']')?])
}

/// The attribute in a line's path: what stands before the brackets or the sub-attribute. URNs hold dots themselves.
fn attribute_of(path: &str) -> &str {
    let head = path.split('[').next().unwrap_or(path);
    let name_at = head.rfind(':').map_or(0, |at| at + 1);
    match head[name_at..].find('.') {
        Some(dot) => &head[..name_at + dot],
        None => head,
    }
}
