//! What a resource must have (RFC 7643 sections 6 and 7).

use crate::json::{Json, Object};
use crate::schema::{Attribute, Mutability, Shape};

/// The path of the first required attribute that the resource lacks, in the notation of PATCH: `userName`,
/// `emails.value`, `urn:...:User:department`; or the URN of a required extension that is not there. An empty string is no
/// value. What the server itself supplies (`readOnly`) is not asked for.
pub fn missing(shape: &Shape, resource: &Object) -> Option<String> {
    if let Some(path) = first_missing(&shape.base.attributes, resource) {
        return Some(path);
    }
    for (extension, required) in &shape.extensions {
        match resource.get(&extension.id).and_then(Json::as_object).filter(|container| !container.is_empty()) {
            Some(container) => {
                if let Some(path) = first_missing(&extension.attributes, container) {
                    return Some(format!("{}:{path}", extension.id));
                }
            }
            None if *required => return Some(extension.id.clone()),
            None => {}
        }
    }
    None
}

fn first_missing(attributes: &[Attribute], holder: &Object) -> Option<String> {
    attributes.iter().find_map(|attribute| {
        let value = holder.get(&attribute.name).filter(|value| !value.is_unassigned() && value.as_str() != Some(""));
        match value {
            None => {
                (attribute.required && attribute.mutability != Mutability::ReadOnly).then(|| attribute.name.clone())
            }
            Some(Json::Array(items)) => items.iter().find_map(|item| missing_part(attribute, item)),
            Some(one) => missing_part(attribute, one),
        }
    })
}

fn missing_part(attribute: &Attribute, value: &Json) -> Option<String> {
    let sub = first_missing(&attribute.sub_attributes, value.as_object()?)?;
    Some(format!("{}.{sub}", attribute.name))
}
