//! What differs between two states of a resource, as people and PATCH see it.

use serde::{Deserialize, Serialize};

use crate::json::Json;
use crate::schema::{Attribute, Kind, Shape};
use crate::value::Value;

mod as_patch;
mod elements;

pub use as_patch::{AsPatch, as_json_patch, as_patch};
pub(crate) use elements::{element_lines, refers};

/// What happened to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It was not there before.
    Added,
    /// It is not there after.
    Removed,
    /// It is another value now.
    Changed,
}

/// One difference between two states of a resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// The value's path in the notation of PATCH: `active`, `name.familyName`, `emails[type eq "work"].value`,
    /// `members[value eq "2819c223"]`, `urn:...:User:department`.
    pub path: String,
    /// What happened to it.
    pub action: Action,
    /// The value before; absent if added.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<Json>,
    /// The value after; absent if removed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub after: Option<Json>,
    /// The PATCH operation that caused it, by its position in `Operations` from 0.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub operation: Option<usize>,
}

/// What differs between two states of a resource of this type; `None` is the state before its creation or after its
/// deletion. In the order of the schema: common and base attributes, then the extensions'.
///
/// A complex attribute yields a line for each sub-attribute. Elements of a multi-valued one are matched by what they
/// are, not by where they stand: `members` and everything else with a `$ref` by `value`, others by `type` and then `value`;
/// another order is no difference. `schemas`, `id` and `meta` are left out: they follow from the rest.
///
/// Time is linear in the size of both states.
pub fn diff(shape: &Shape, before: Option<Value<'_>>, after: Option<Value<'_>>) -> Vec<Line> {
    let mut lines = Vec::new();
    let member = |state: Option<Value<'_>>, name: &str| state.is_some_and(|state| state.get(name).is_some());
    for attribute in shape.core_attributes() {
        if !is_bookkeeping(&attribute.name) {
            let name = &attribute.name;
            attribute_lines(
                attribute,
                name,
                before.and_then(|state| state.get(name)),
                after.and_then(|state| state.get(name)),
                &mut lines,
            );
        }
    }
    for (schema, _) in &shape.extensions {
        if !member(before, &schema.id) && !member(after, &schema.id) {
            continue;
        }
        let before = before.and_then(|state| state.get(&schema.id));
        let after = after.and_then(|state| state.get(&schema.id));
        for attribute in &schema.attributes {
            attribute_lines(
                attribute,
                &format!("{}:{}", schema.id, attribute.name),
                before.and_then(|container| container.get(&attribute.name)),
                after.and_then(|container| container.get(&attribute.name)),
                &mut lines,
            );
        }
    }
    lines
}

/// Whether an attribute is left out of diffs.
fn is_bookkeeping(name: &str) -> bool {
    matches!(name, "schemas" | "id" | "meta")
}

/// The lines of one attribute at this path.
pub(crate) fn attribute_lines(
    attribute: &Attribute,
    path: &str,
    before: Option<Value<'_>>,
    after: Option<Value<'_>>,
    lines: &mut Vec<Line>,
) {
    let before = before.filter(|value| !value.is_unassigned());
    let after = after.filter(|value| !value.is_unassigned());
    match (attribute.multi_valued, attribute.kind) {
        (true, Kind::Complex) => elements::complex(attribute, path, before, after, lines),
        (true, _) => elements::simple(path, before, after, lines),
        (false, Kind::Complex) => sub_lines(attribute, path, before, after, lines),
        (false, _) => lines.extend(line(path, before, after)),
    }
}

/// One line for each sub-attribute that differs: in the order of the schema, then those that it does not list.
fn sub_lines(
    attribute: &Attribute,
    path: &str,
    before: Option<Value<'_>>,
    after: Option<Value<'_>>,
    lines: &mut Vec<Line>,
) {
    for name in sub_names(attribute, &[before, after]) {
        let before = before.and_then(|value| value.get(name));
        let after = after.and_then(|value| value.get(name));
        lines.extend(line(&format!("{path}.{name}"), before, after));
    }
}

/// The names of sub-attributes: those that the schema lists, and others that are in the values (RFC 7643 section 2.4 has
/// some that no schema need list).
fn sub_names<'a>(attribute: &'a Attribute, values: &[Option<Value<'a>>]) -> Vec<&'a str> {
    let mut names: Vec<&str> = attribute.sub_attributes.iter().map(|sub| sub.name.as_str()).collect();
    for value in values {
        let Some(Value::Object(members)) = value else { continue };
        for (name, _) in *members {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// The line for a value that is looked at as a whole, if it differs.
fn line(path: &str, before: Option<Value<'_>>, after: Option<Value<'_>>) -> Option<Line> {
    let action = match (before, after) {
        (None, None) => return None,
        (None, Some(_)) => Action::Added,
        (Some(_), None) => Action::Removed,
        (Some(before), Some(after)) if before == after => return None,
        (Some(_), Some(_)) => Action::Changed,
    };
    let copy = |value: Option<Value<'_>>| value.map(Value::to_json);
    Some(Line { path: path.to_owned(), action, before: copy(before), after: copy(after), operation: None })
}
