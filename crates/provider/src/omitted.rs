//! PUT that leaves alone what its body omits, which RFC 7644 section 3.5.1 allows.

use scim::incoming::settle;
use scim::json::{Json, Object};
use scim::schema::{Attribute, Mutability, Shape};

/// The names that a body holds, even if with `null`.
pub(crate) struct Given {
    names: Vec<String>,
    /// By URN as sent, for extensions.
    inner: Vec<(String, Vec<String>)>,
}

impl Given {
    /// What this body holds.
    pub fn of(shape: &Shape, body: &Json) -> Given {
        let mut given = Given { names: Vec::new(), inner: Vec::new() };
        for (name, value) in body.as_object().into_iter().flat_map(Object::iter) {
            given.names.push(name.to_owned());
            if let (Some(schema), Some(members)) = (shape.extension(name), value.as_object()) {
                given.inner.push((schema.id.clone(), members.iter().map(|(name, _)| name.to_owned()).collect()));
            }
        }
        given
    }

    /// The resource that the body makes, with the values of readWrite attributes that it does not hold.
    pub fn keep_others(&self, shape: &Shape, existing: &Object, mut object: Object) -> Object {
        for attribute in shape.core_attributes().filter(|attribute| attribute.name != "schemas") {
            keep(attribute, &self.names, existing, &mut object);
        }
        for (schema, _) in &shape.extensions {
            let Some(before) = existing.get(&schema.id).and_then(Json::as_object) else { continue };
            let mut after = match object.remove(&schema.id) {
                Some(Json::Object(after)) => after,
                _ => Object::new(),
            };
            let inner = self.inner.iter().find(|(urn, _)| *urn == schema.id).map(|(_, names)| names.as_slice());
            // An extension that is given as null is cleared as a whole.
            let is_cleared = inner.is_none() && self.names.iter().any(|name| name.eq_ignore_ascii_case(&schema.id));
            if !is_cleared {
                for attribute in &schema.attributes {
                    keep(attribute, inner.unwrap_or_default(), before, &mut after);
                }
            }
            if !after.is_empty() {
                object.insert(schema.id.as_str(), after);
            }
        }
        settle(shape, object)
    }
}

fn keep(attribute: &Attribute, given: &[String], existing: &Object, object: &mut Object) {
    let is_given = given.iter().any(|name| name.eq_ignore_ascii_case(&attribute.name));
    if attribute.mutability != Mutability::ReadWrite || is_given {
        return;
    }
    if let Some(value) = existing.get(&attribute.name) {
        object.insert(attribute.name.as_str(), value.clone());
    }
}
