//! The attribute `schemas` (RFC 7643 sections 3 and 3.3), and the form in which resources are kept.

use super::pointer::Pointer;
use super::{describe, note_case, quoted};
use crate::error::{ScimError, ScimType};
use crate::finding::{Finding, Severity};
use crate::json::{Json, Object};
use crate::leniency::Reading;
use crate::schema::Shape;

/// The canonical URNs that a body lists: the base schema's and those of extensions.
pub(super) fn read(reading: &mut Reading, body: &Object) -> Result<Vec<Json>, ScimError> {
    let shape = reading.shape;
    let base = shape.base.id.as_str();
    let whole = Pointer::Whole("");
    let Some((name, sent)) = body.get_ignoring_case("schemas").filter(|(_, sent)| !sent.is_unassigned()) else {
        return Err(ScimError::bad_request(
            ScimType::InvalidSyntax,
            whole.place(),
            format!("the body has no \"schemas\"; it must list at least {base:?}"),
        ));
    };
    let here = Pointer::Member(&whole, name);
    let refuse = |here: &Pointer, found: &Json| {
        let detail = format!("schemas must be an array of URNs, but the value at {here} is {}", describe(found));
        ScimError::bad_request(ScimType::InvalidSyntax, here.place(), detail)
    };
    let mut listed: Vec<Json> = Vec::new();
    for (at, item) in sent.as_array().ok_or_else(|| refuse(&here, sent))?.iter().enumerate() {
        let here = Pointer::Item(&here, at);
        let urn = item.as_str().ok_or_else(|| refuse(&here, item))?;
        let Some(known) = canonical(shape, urn) else {
            let message = format!("{} has no schema {}; it is left out", shape.resource_type.name, quoted(urn));
            reading.tolerated("T10", here.place(), message);
            continue;
        };
        note_case(reading, known, urn, &here);
        if listed.iter().any(|have| have.as_str() == Some(known)) {
            let message = format!("schemas lists {known:?} twice");
            reading.note(Finding::new("duplicate-element", Severity::Info, here.place(), message));
        } else {
            listed.push(Json::from(known));
        }
    }
    if !listed.iter().any(|have| have.as_str() == Some(base)) {
        return Err(ScimError::bad_request(
            ScimType::InvalidValue,
            here.place(),
            format!("schemas must list {base:?}, the schema of {}", shape.resource_type.name),
        ));
    }
    Ok(listed)
}

/// Notes extensions that a body uses without listing them.
pub(super) fn check_complete(reading: &mut Reading, resource: &Object) {
    let shape = reading.shape;
    for (extension, _) in &shape.extensions {
        if resource.get(&extension.id).is_some() && !lists(resource, &extension.id) {
            let message = format!("schemas lacks {:?}, whose attributes are there; it is added", extension.id);
            let place = Pointer::Member(&Pointer::Whole(""), "schemas").place();
            reading.note(Finding::new("schemas-incomplete", Severity::Info, place, message));
        }
    }
}

/// A resource in the form in which resources are kept: members in the order `schemas`, `id`, `externalId`, those of the
/// base schema, extensions, `meta`; no empty extension; `schemas` with the base schema, every extension that is there and
/// those that it lists. Whatever edits a resource ends with this.
pub fn settle(shape: &Shape, mut resource: Object) -> Object {
    for (extension, _) in &shape.extensions {
        let Some(Json::Object(mut container)) = resource.remove(&extension.id) else { continue };
        if !container.is_empty() {
            let mut ordered = Object::new();
            for attribute in &extension.attributes {
                ordered.move_from(&mut container, &attribute.name);
            }
            resource.insert(extension.id.as_str(), ordered);
        }
    }
    let urns: Vec<Json> = std::iter::once(shape.base.id.as_str())
        .chain(
            shape
                .extensions
                .iter()
                .map(|(extension, _)| extension.id.as_str())
                .filter(|urn| resource.get(urn).is_some() || lists(&resource, urn)),
        )
        .map(Json::from)
        .collect();
    resource.insert("schemas", urns);
    let mut ordered = Object::new();
    let (meta, others): (Vec<_>, Vec<_>) = shape.core_attributes().partition(|attribute| attribute.name == "meta");
    for attribute in others {
        ordered.move_from(&mut resource, &attribute.name);
    }
    for (extension, _) in &shape.extensions {
        ordered.move_from(&mut resource, &extension.id);
    }
    for attribute in meta {
        ordered.move_from(&mut resource, &attribute.name);
    }
    ordered
}

impl Object {
    /// Moves one member over from another object, if it is there.
    fn move_from(&mut self, other: &mut Object, name: &str) {
        if let Some(value) = other.remove(name) {
            self.insert(name, value);
        }
    }
}

fn canonical<'a>(shape: &'a Shape, urn: &str) -> Option<&'a str> {
    if shape.base.id.eq_ignore_ascii_case(urn) {
        Some(&shape.base.id)
    } else {
        shape.extension(urn).map(|extension| extension.id.as_str())
    }
}

fn lists(resource: &Object, urn: &str) -> bool {
    let listed = resource.get("schemas").and_then(Json::as_array).unwrap_or_default();
    listed.iter().any(|have| have.as_str().is_some_and(|have| have.eq_ignore_ascii_case(urn)))
}
