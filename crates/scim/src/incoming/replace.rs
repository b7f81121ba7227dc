//! What a PUT leaves as it is (RFC 7644 section 3.5.1).

use std::collections::HashMap;

use super::{Given, renewed};
use crate::error::{ScimError, ScimType};
use crate::finding::Place;
use crate::json::{Json, Object};
use crate::schema::{Attribute, Kind, Mutability, Shape};
use crate::text;
use crate::value::Value;

/// Carries over from the existing resource what the body cannot change or does not mention: `readOnly` attributes always,
/// `writeOnly` and `immutable` ones if omitted. `readWrite` ones that are omitted are cleared.
pub(super) fn carry_over(
    shape: &Shape,
    existing: &Object,
    resource: &mut Object,
    given: &[Given],
) -> Result<(), ScimError> {
    let is_given =
        |container: &str, name: &str| given.iter().any(|given| given.container == container && given.name == name);
    for attribute in shape.core_attributes().filter(|attribute| attribute.name != "schemas") {
        let path = &attribute.name;
        keep(attribute, path, existing, resource, is_given("", &attribute.name))?;
    }
    for (extension, _) in &shape.extensions {
        let Some(existing) = existing.get(&extension.id).and_then(Json::as_object) else { continue };
        let mut container = match resource.remove(&extension.id) {
            Some(Json::Object(container)) => container,
            _ => Object::new(),
        };
        for attribute in &extension.attributes {
            let path = format!("{}:{}", extension.id, attribute.name);
            keep(attribute, &path, existing, &mut container, is_given(&extension.id, &attribute.name))?;
        }
        if !container.is_empty() {
            resource.insert(extension.id.as_str(), container);
        }
    }
    Ok(())
}

fn keep(
    attribute: &Attribute,
    path: &str,
    existing: &Object,
    resource: &mut Object,
    given: bool,
) -> Result<(), ScimError> {
    let name = attribute.name.as_str();
    let Some(old) = existing.get(name) else { return Ok(()) };
    match attribute.mutability {
        Mutability::ReadOnly => {
            resource.insert(name, old.clone());
        }
        Mutability::WriteOnly | Mutability::Immutable if !given => {
            resource.insert(name, old.clone());
        }
        Mutability::Immutable => {
            if !resource.get(name).is_some_and(|new| same(attribute, old, new)) {
                return Err(immutable(path));
            }
        }
        Mutability::WriteOnly => {
            if let Some(new) = resource.remove(name) {
                resource.insert(name, renewed(attribute, Some(old), new));
            }
        }
        Mutability::ReadWrite => match (old, resource.get_mut(name)) {
            (Json::Object(old), Some(Json::Object(new))) => keep_parts(attribute, path, old, new)?,
            (Json::Array(old), Some(Json::Array(new))) => keep_parts_of_elements(attribute, old, new),
            _ => {}
        },
    }
    Ok(())
}

/// Sub-attributes of one value. A `readOnly` one was computed for a certain `value` and holds as long as that does.
fn keep_parts(attribute: &Attribute, path: &str, old: &Object, new: &mut Object) -> Result<(), ScimError> {
    let same_value = match attribute.sub("value") {
        Some(value) => same_part(value, old.get("value"), new.get("value")),
        None => true,
    };
    for sub in &attribute.sub_attributes {
        let Some(before) = old.get(&sub.name) else { continue };
        let kept = match sub.mutability {
            Mutability::ReadOnly => same_value,
            Mutability::WriteOnly => new.get(&sub.name).is_none(),
            Mutability::Immutable => match new.get(&sub.name) {
                Some(after) if !same(sub, before, after) => return Err(immutable(&format!("{path}.{}", sub.name))),
                Some(_) => false,
                None => true,
            },
            Mutability::ReadWrite => false,
        };
        if kept {
            new.insert(sub.name.as_str(), before.clone());
        }
    }
    Ok(())
}

/// Elements of a list are recognised by their `value`. An element whose `immutable` sub-attributes differ is another
/// element: the old one is taken out and the new one put in, which the list's own mutability allows.
fn keep_parts_of_elements(attribute: &Attribute, old: &[Json], new: &mut [Json]) {
    let computed = |sub: &&Attribute| matches!(sub.mutability, Mutability::ReadOnly | Mutability::WriteOnly);
    let subs: Vec<&Attribute> = attribute.sub_attributes.iter().filter(computed).collect();
    if subs.is_empty() {
        return;
    }
    let before: HashMap<&str, &Object> = old
        .iter()
        .filter_map(Json::as_object)
        .filter_map(|element| Some((element.get("value")?.as_str()?, element)))
        .collect();
    for element in new.iter_mut().filter_map(Json::as_object_mut) {
        let value = element.get("value").and_then(Json::as_str);
        let Some(before) = value.and_then(|value| before.get(value)) else { continue };
        for sub in &subs {
            if let (None, Some(kept)) = (element.get(&sub.name), before.get(&sub.name)) {
                element.insert(sub.name.as_str(), kept.clone());
            }
        }
    }
}

fn immutable(path: &str) -> ScimError {
    ScimError::bad_request(
        ScimType::Mutability,
        Place::Body(String::new()),
        format!("{path} is immutable and already set; send the value that it has, or leave it out"),
    )
}

fn same_part(sub: &Attribute, left: Option<&Json>, right: Option<&Json>) -> bool {
    match (left, right) {
        (Some(left), Some(right)) => same(sub, left, right),
        (left, right) => left.is_none() && right.is_none(),
    }
}

/// Whether two values of an attribute are equal by its own rules of comparison; lists in any order.
fn same(attribute: &Attribute, left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::String(left), Json::String(right)) => text::same(attribute, left, right),
        (Json::Object(left), Json::Object(right)) if attribute.kind == Kind::Complex => {
            left.len() == right.len()
                && left.iter().all(|(name, value)| {
                    let sub = attribute.sub(name);
                    sub.zip(right.get(name)).is_some_and(|(sub, other)| same(sub, value, other))
                })
        }
        (Json::Array(left), Json::Array(right)) => {
            left.len() == right.len() && left.iter().all(|item| right.iter().any(|other| same(attribute, item, other)))
        }
        (left, right) => Value::from(left) == Value::from(right),
    }
}
