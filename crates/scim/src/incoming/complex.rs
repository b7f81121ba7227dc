//! Objects of complex attributes (RFC 7643 section 2.3.8).

use super::pointer::Pointer;
use super::{Named, any, describe, mismatch, named_twice, note_case, note_read_only, note_unknown, one};
use crate::error::ScimError;
use crate::json::{Json, Object};
use crate::leniency::Reading;
use crate::schema::{Attribute, Mutability};

pub(super) fn read(
    reading: &mut Reading,
    named: Named,
    value: Json,
    here: &Pointer,
) -> Result<Option<Json>, ScimError> {
    let attribute = named.attribute;
    let bare = reading.leniency.bare_complex && attribute.sub_attributes.iter().any(|sub| sub.name == "value");
    match value {
        Json::Object(members) => object(reading, named, members, here),
        Json::String(_) if bare => {
            let message = format!("{named} was sent as {}; it is taken as its \"value\"", describe(&value));
            reading.tolerated("T7", here.place(), message);
            let mut members = Object::new();
            members.insert("value", value);
            object(reading, named, members, here)
        }
        Json::Array(mut items) if bare && !attribute.multi_valued && items.len() == 1 => {
            let message = format!("{named} was sent as a list of one; it has a single value");
            reading.tolerated("T7", here.place(), message);
            match items.remove(0) {
                nested @ Json::Array(_) => Err(mismatch(named, "an object", &nested, &Pointer::Item(here, 0))),
                item => one(reading, named, item, &Pointer::Item(here, 0)),
            }
        }
        other => Err(mismatch(named, "an object", &other, here)),
    }
}

fn object(reading: &mut Reading, named: Named, members: Object, here: &Pointer) -> Result<Option<Json>, ScimError> {
    let attribute = named.attribute;
    let mut kept = Object::new();
    let mut seen: Vec<&str> = Vec::new();
    for (name, value) in members {
        let here = Pointer::Member(here, &name);
        let Some(sub) = attribute.sub(&name) else {
            note_unknown(reading, &attribute.name, &name, attribute.sub_attributes.iter(), &here);
            continue;
        };
        if seen.contains(&sub.name.as_str()) {
            return Err(named_twice(&format!("{}.{}", attribute.name, sub.name), &here));
        }
        seen.push(&sub.name);
        note_case(reading, &sub.name, &name, &here);
        let named = Named { parent: Some(&attribute.name), attribute: sub };
        if value == Json::Null {
            if sub.name == "$ref" {
                reading.tolerated("T17", here.place(), format!("{named} was sent as null; it is left out"));
            }
        } else if sub.mutability == Mutability::ReadOnly {
            note_read_only(reading, named, &here);
        } else if let Some(value) = any(reading, named, value, &here)? {
            kept.insert(sub.name.as_str(), value);
        }
    }
    if kept.get("value").is_some() && attribute.sub("$ref").is_some_and(points_at_resources) {
        kept.remove("$ref");
    }
    Ok((!kept.is_empty()).then_some(Json::Object(kept)))
}

/// Whether a reference points at resources of this server, so that the server can derive it from the `id` beside it.
fn points_at_resources(reference: &Attribute) -> bool {
    !reference.reference_types.is_empty()
        && !reference.reference_types.iter().any(|name| matches!(name.as_str(), "external" | "uri"))
}
