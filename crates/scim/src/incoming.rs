//! What clients write: bodies of POST and PUT, and single values of PATCH, checked against the schema.
//!
//! The result is a resource as it is kept: names in the schema's case, no unassigned attributes, nothing that the schema
//! does not know, nothing that only the server may write. Decisions where the RFC leaves a choice:
//!
//! - A body without `schemas` is no SCIM message (400 `invalidSyntax`); one whose `schemas` lacks the resource type's base
//!   schema has a wrong value there (400 `invalidValue`).
//! - Unknown attributes are left out with a finding (RFC 7644 section 3.3 lets the server interpret the request).
//! - `primary: true` twice is refused (RFC 7643 section 2.4). Duplicate elements are merged into the first one.
//! - `null`, `[]` and an absent attribute are one state (RFC 7643 section 2.5), and so is an object in which nothing is
//!   left. `""` is a value, unless the attribute's type has no such value and [`Leniency::empty_unassigns`] is on.
//! - Passwords (`writeOnly` and `returned: never`) are not kept, see [`SECRET`].
//! - `$ref` beside `value` is left out where it points at a resource of this server: the server derives it.
//!
//! [`Leniency::empty_unassigns`]: crate::leniency::Leniency::empty_unassigns

mod complex;
mod list;
mod pointer;
mod replace;
mod required;
mod scalar;
mod schemas;

use crate::error::{ScimError, ScimType};
use crate::finding::{Finding, Place, Severity};
use crate::json::{Json, Object};
use crate::leniency::Reading;
use crate::schema::{Attribute, Kind, Mutability, Returned, Schema, Shape, suggestion};

use pointer::Pointer;
pub use required::missing;
pub use schemas::settle;

/// What is kept of a secret: the fact that it is set.
///
/// RFC 7643 section 4.1.1 forbids to keep passwords in clear. A server that lets nobody log in has no use for a hash
/// either, so nothing that could be attacked is kept at all.
pub const SECRET: &str = "(set)";

/// What is kept of an attribute's value that is written over another one. A secret that is set again is another state,
/// though nobody can say whether it is another secret: it is counted, as in `(set 2)`.
pub(crate) fn renewed(attribute: &Attribute, before: Option<&Json>, value: Json) -> Json {
    let Some(before) = before.and_then(Json::as_str).filter(|_| is_secret(attribute)) else { return value };
    let times = before.strip_prefix("(set ").and_then(|rest| rest.strip_suffix(')')?.parse::<u64>().ok());
    Json::from(format!("(set {})", times.unwrap_or(1).saturating_add(1)))
}

/// Reads the body of a POST (`existing` is nothing) or of a PUT (`existing` is the resource that it replaces).
///
/// The result has the members in the order in which resources show them. After a POST it has no `id` and no `meta`; after
/// a PUT it has those of `existing`, together with its other `readOnly` attributes and with `writeOnly` and `immutable`
/// ones that the body omits.
///
/// Errors: 400 `invalidSyntax` if the body is no resource or names an attribute twice, `invalidValue` if a value does not
/// fit its attribute or a required one is missing, `mutability` if an `immutable` attribute would change.
pub fn resource(reading: &mut Reading, body: Json, existing: Option<&Object>) -> Result<Object, ScimError> {
    let shape = reading.shape;
    let whole = Pointer::Whole("");
    let body = match body {
        Json::Object(body) => body,
        other => {
            return Err(ScimError::bad_request(
                ScimType::InvalidSyntax,
                whole.place(),
                format!(
                    "the body must be a JSON object with the attributes of one resource, but is {}",
                    describe(&other)
                ),
            ));
        }
    };
    let mut resource = Object::new();
    resource.insert("schemas", schemas::read(reading, &body)?);
    let mut given = Vec::new();
    for (name, value) in body {
        let here = Pointer::Member(&whole, &name);
        if let Some(attribute) = shape.core_attribute(&name) {
            claim(reading, &mut given, "", &attribute.name, &name, &here)?;
            if attribute.name != "schemas" {
                top_level(reading, &mut resource, attribute, value, &here)?;
            }
        } else if let Some(extension) = shape.extension(&name) {
            claim(reading, &mut given, "", &extension.id, &name, &here)?;
            let container = container(reading, &mut given, extension, value, &here)?;
            if !container.is_empty() {
                resource.insert(extension.id.as_str(), container);
            }
        } else {
            unknown_at_top(reading, &name, &here);
        }
    }
    schemas::check_complete(reading, &resource);
    if let Some(existing) = existing {
        replace::carry_over(shape, existing, &mut resource, &given)?;
    }
    if let Some(path) = missing(shape, &resource) {
        return Err(ScimError::bad_request(
            ScimType::InvalidValue,
            whole.place(),
            format!("{path} is required, and the body has no value for it"),
        ));
    }
    Ok(settle(shape, resource))
}

/// Reads the whole value of one attribute, of a list all elements. `pointer` tells where in the body it stands. `None`
/// means that it is unassigned.
///
/// Errors: 400 `invalidValue` if the value does not fit, `invalidSyntax` if an object in it names a sub-attribute twice.
pub fn value(
    reading: &mut Reading,
    attribute: &Attribute,
    value: Json,
    pointer: &str,
) -> Result<Option<Json>, ScimError> {
    any(reading, Named { parent: None, attribute }, value, &Pointer::Whole(pointer))
}

/// Reads one element of a multi-valued attribute, or the object of a complex one; otherwise like [`value`].
pub fn element(
    reading: &mut Reading,
    attribute: &Attribute,
    value: Json,
    pointer: &str,
) -> Result<Option<Json>, ScimError> {
    one(reading, Named { parent: None, attribute }, value, &Pointer::Whole(pointer))
}

/// Whether this value is the `""` by which some clients mean "unassign", and the profile takes it so (T8). Callers ask
/// where a value replaces another; the finding is noted here.
pub fn empty_unassigns(reading: &mut Reading, value: &Json, pointer: &str) -> bool {
    let unassigns = reading.leniency.empty_unassigns && value.as_str() == Some("");
    if unassigns {
        note_empty(reading, &Pointer::Whole(pointer));
    }
    unassigns
}

/// The canonical paths of the attributes that a POST or PUT body holds, which decides whether an attribute with `returned:
/// request` is part of the answer: `title`, `urn:...:User:department`.
pub fn written(shape: &Shape, body: &Json) -> Vec<String> {
    let mut paths = Vec::new();
    for (name, value) in body.as_object().into_iter().flat_map(Object::iter) {
        if let Some(attribute) = shape.core_attribute(name) {
            paths.push(attribute.name.clone());
        } else if let (Some(extension), Some(container)) = (shape.extension(name), value.as_object()) {
            let known = container.iter().filter_map(|(name, _)| attribute_of(extension, name));
            paths.extend(known.map(|attribute| format!("{}:{}", extension.id, attribute.name)));
        }
    }
    paths
}

/// An attribute that a body holds, even if with `null`.
struct Given {
    /// The URN of the extension, nothing for the top.
    container: String,
    /// The canonical name.
    name: String,
}

/// An attribute with what it takes to name it in a message.
#[derive(Clone, Copy)]
struct Named<'a> {
    parent: Option<&'a str>,
    attribute: &'a Attribute,
}

impl std::fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.parent {
            Some(parent) => write!(f, "{parent}.{}", self.attribute.name),
            None => f.write_str(&self.attribute.name),
        }
    }
}

fn any(reading: &mut Reading, named: Named, value: Json, here: &Pointer) -> Result<Option<Json>, ScimError> {
    if value.is_unassigned() {
        Ok(None)
    } else if named.attribute.multi_valued {
        list::read(reading, named, value, here)
    } else {
        one(reading, named, value, here)
    }
}

fn one(reading: &mut Reading, named: Named, value: Json, here: &Pointer) -> Result<Option<Json>, ScimError> {
    if value == Json::Null {
        return Ok(None);
    }
    if reading.leniency.empty_unassigns && value.as_str() == Some("") && named.attribute.kind != Kind::String {
        note_empty(reading, here);
        return Ok(None);
    }
    if named.attribute.kind == Kind::Complex {
        complex::read(reading, named, value, here)
    } else {
        scalar::read(reading, named, value, here).map(Some)
    }
}

fn top_level(
    reading: &mut Reading,
    into: &mut Object,
    attribute: &Attribute,
    value: Json,
    here: &Pointer,
) -> Result<(), ScimError> {
    let named = Named { parent: None, attribute };
    if attribute.mutability == Mutability::ReadOnly {
        note_read_only(reading, named, here);
    } else if let Some(value) = any(reading, named, value, here)? {
        into.insert(attribute.name.as_str(), value);
    }
    Ok(())
}

fn container(
    reading: &mut Reading,
    given: &mut Vec<Given>,
    extension: &Schema,
    value: Json,
    here: &Pointer,
) -> Result<Object, ScimError> {
    let mut kept = Object::new();
    let members = match value {
        Json::Object(members) => members,
        unassigned if unassigned.is_unassigned() => return Ok(kept),
        other => {
            return Err(ScimError::bad_request(
                ScimType::InvalidValue,
                here.place(),
                format!("{here} must be an object with the extension's attributes, but is {}", describe(&other)),
            ));
        }
    };
    for (name, value) in members {
        let here = Pointer::Member(here, &name);
        match attribute_of(extension, &name) {
            Some(attribute) => {
                claim(reading, given, &extension.id, &attribute.name, &name, &here)?;
                top_level(reading, &mut kept, attribute, value, &here)?;
            }
            None if repeats_schemas(extension, &name, &value) => {
                note_repeated_schemas(reading, extension, here.place())
            }
            None => note_unknown(reading, &extension.name, &name, extension.attributes.iter(), &here),
        }
    }
    Ok(kept)
}

/// Takes note of a name in a body: refuses it if the same attribute was already named, and says so if its case is not the
/// schema's.
fn claim(
    reading: &mut Reading,
    given: &mut Vec<Given>,
    container: &str,
    canonical: &str,
    sent: &str,
    here: &Pointer,
) -> Result<(), ScimError> {
    if given.iter().any(|other| other.container == container && other.name == canonical) {
        return Err(named_twice(canonical, here));
    }
    given.push(Given { container: container.to_owned(), name: canonical.to_owned() });
    note_case(reading, canonical, sent, here);
    Ok(())
}

fn unknown_at_top(reading: &mut Reading, name: &str, here: &Pointer) {
    let shape = reading.shape;
    let type_name = shape.resource_type.name.as_str();
    let in_extension = |urn: &str| {
        name.get(..urn.len()).is_some_and(|head| head.eq_ignore_ascii_case(urn)) && name[urn.len()..].starts_with(':')
    };
    let advice = if name.eq_ignore_ascii_case(&shape.base.id) {
        "attributes of the base schema stand at the top of the resource, not under its URN".to_owned()
    } else if let Some((extension, _)) = shape.extensions.iter().find(|(extension, _)| in_extension(&extension.id)) {
        format!("in a body, attributes of an extension are members of the object {:?}", extension.id)
    } else if name.contains(':') {
        reading.tolerated(
            "T10",
            here.place(),
            format!("{type_name} has no extension {}; it is left out", quoted(name)),
        );
        return;
    } else if let Some((extension, attribute)) =
        shape.extensions.iter().find_map(|(extension, _)| Some((extension, attribute_of(extension, name)?)))
    {
        format!("{} belongs into the object {:?}", attribute.name, extension.id)
    } else {
        return note_unknown(reading, type_name, name, shape.core_attributes(), here);
    };
    let message = format!("{type_name} has no attribute {}; it is left out: {advice}", quoted(name));
    reading.note(Finding::new("unknown-attribute", Severity::Warning, here.place(), message));
}

/// Whether a member of an extension's object is a `schemas` with the extension's own URN. `schemas` belongs to resources
/// (RFC 7643 section 3), and such an object is a part of one; but some client libraries write it, and it says nothing that
/// is not so.
pub(crate) fn repeats_schemas(extension: &Schema, name: &str, value: &Json) -> bool {
    let is_own = |urn: &Json| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(&extension.id));
    name.eq_ignore_ascii_case("schemas") && value.as_array().is_some_and(|urns| urns.iter().all(is_own))
}

pub(crate) fn note_repeated_schemas(reading: &mut Reading, extension: &Schema, place: Place) {
    let message = format!("\"schemas\" belongs to the resource; inside {:?} it is left out", extension.id);
    reading.note(Finding::new("schemas-in-extension", Severity::Info, place, message));
}

fn attribute_of<'a>(schema: &'a Schema, name: &str) -> Option<&'a Attribute> {
    schema.attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

/// Whether the attribute is one that is kept as [`SECRET`] only.
fn is_secret(attribute: &Attribute) -> bool {
    attribute.mutability == Mutability::WriteOnly && attribute.returned == Returned::Never
}

fn named_twice(canonical: &str, here: &Pointer) -> ScimError {
    ScimError::bad_request(
        ScimType::InvalidSyntax,
        here.place(),
        format!("{canonical} is named twice; attribute names are compared without regard to case"),
    )
}

fn note_case(reading: &mut Reading, canonical: &str, sent: &str, here: &Pointer) {
    if canonical != sent {
        let message = format!("{} was sent for {canonical}; names are taken in any case", quoted(sent));
        reading.note(Finding::new("name-case", Severity::Info, here.place(), message));
    }
}

fn note_read_only(reading: &mut Reading, named: Named, here: &Pointer) {
    reading.tolerated("T11", here.place(), format!("{named} is readOnly; what was sent for it is left out"));
}

fn note_empty(reading: &mut Reading, here: &Pointer) {
    reading.tolerated("T8", here.place(), "an empty string was sent to unassign the attribute; SCIM has null for it");
}

fn note_unknown<'a>(
    reading: &mut Reading,
    owner: &str,
    name: &str,
    known: impl Iterator<Item = &'a Attribute>,
    here: &Pointer,
) {
    if reading.has_enough("unknown-attribute") {
        return;
    }
    let hint = suggestion(name, known.map(|attribute| attribute.name.as_str()));
    let message = format!("{owner} has no attribute {}; it is left out{hint}", quoted(name));
    reading.note(Finding::new("unknown-attribute", Severity::Warning, here.place(), message));
}

/// A value as words for messages: `the string "yes"`, `the number 5`, `an object`.
fn describe(value: &Json) -> String {
    match value {
        Json::Bool(value) => value.to_string(),
        Json::Number(number) => format!("the number {}", shortened(number.text())),
        Json::String(text) => format!("the string {}", quoted(text)),
        other => other.kind_name().to_owned(),
    }
}

fn quoted(text: &str) -> String {
    format!("{:?}", shortened(text))
}

/// Enough of a text to recognise it; what clients send has no bound.
fn shortened(text: &str) -> std::borrow::Cow<'_, str> {
    const ENOUGH: usize = 80;
    match text.char_indices().nth(ENOUGH) {
        Some((at, _)) => format!("{}...", &text[..at]).into(),
        None => text.into(),
    }
}

/// The refusal of a value whose type is not the attribute's.
fn mismatch(named: Named, expected: &str, found: &Json, here: &Pointer) -> ScimError {
    // What a client sent for a secret may be the secret.
    let found = if is_secret(named.attribute) { found.kind_name().to_owned() } else { describe(found) };
    let at = here.text();
    let at = if at.is_empty() { String::new() } else { format!(" at {}", shortened(&at)) };
    ScimError::bad_request(
        ScimType::InvalidValue,
        Place::Body(here.text()),
        format!("{named} must be {expected}, but the value{at} is {found}"),
    )
}
