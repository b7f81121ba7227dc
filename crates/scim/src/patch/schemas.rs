//! `schemas` under PATCH: it lists what the resource has (RFC 7644 section 3.5.2).

use super::edit::Edit;
use super::{Op, refusal};
use crate::error::ScimError;
use crate::finding::{Finding, Place, Severity};
use crate::incoming;
use crate::json::{Json, Object};
use crate::schema::Attribute;

/// Adds a URN to the list.
pub(super) fn list(resource: &mut Object, urn: &str) {
    let mut urns = urns(resource.get("schemas"));
    if !urns.iter().any(|have| have.eq_ignore_ascii_case(urn)) {
        urns.push(urn);
        let urns: Vec<Json> = urns.into_iter().map(Json::from).collect();
        resource.insert("schemas", urns);
    }
}

/// Takes a URN off the list.
pub(super) fn unlist(resource: &mut Object, urn: &str) {
    let kept: Vec<Json> = urns(resource.get("schemas"))
        .into_iter()
        .filter(|have| !have.eq_ignore_ascii_case(urn))
        .map(Json::from)
        .collect();
    resource.insert("schemas", kept);
}

/// Whether two resources list the same schemas.
pub(super) fn same(left: &Object, right: &Object) -> bool {
    same_lists(left.get("schemas"), right.get("schemas"))
}

/// Whether two lists hold the same URNs, in any order.
pub(super) fn same_lists(left: Option<&Json>, right: Option<&Json>) -> bool {
    let (left, right) = (urns(left), urns(right));
    let holds = |urns: &[&str], urn: &str| urns.iter().any(|have| have.eq_ignore_ascii_case(urn));
    left.iter().all(|urn| holds(&right, urn)) && right.iter().all(|urn| holds(&left, urn))
}

fn urns(list: Option<&Json>) -> Vec<&str> {
    list.and_then(Json::as_array).unwrap_or_default().iter().filter_map(Json::as_str).collect()
}

impl<'s> Edit<'_, '_, 's> {
    /// An operation on `schemas`: known URNs are listed; what the resource needs stays listed.
    pub(super) fn edit_schemas(
        &mut self,
        attribute: &'s Attribute,
        value: Option<Json>,
        pointer: &str,
    ) -> Result<(), ScimError> {
        let value = match value {
            Some(value) if self.op() != Op::Remove => value,
            _ => return Err(refusal::required(self.op(), pointer, "schemas")),
        };
        // A lone value is one new element (RFC 7644 section 3.5.2.1).
        let value = match value {
            lone @ Json::String(_) if self.op() == Op::Add => Json::Array(vec![lone]),
            value => value,
        };
        let sent = incoming::value(self.reading, attribute, value, pointer)?;
        if sent.is_none() && self.op() == Op::Replace {
            return Err(refusal::required(self.op(), pointer, "schemas"));
        }
        let shape = self.reading.shape;
        let mut wanted: Vec<String> = Vec::new();
        for urn in urns(sent.as_ref()) {
            if shape.base.id.eq_ignore_ascii_case(urn) {
                wanted.push(shape.base.id.clone());
            } else if let Some(extension) = shape.extension(urn) {
                wanted.push(extension.id.clone());
            } else {
                let message = format!("{} has no schema {urn:?}; it is left out", shape.resource_type.name);
                self.reading.tolerated("T10", Place::Body(pointer.to_owned()), message);
            }
        }
        let listed = |urn: &str, wanted: &[String]| wanted.iter().any(|have| have == urn);
        let mut after: Vec<String> = vec![shape.base.id.clone()];
        let mut kept = self.op() == Op::Replace && !listed(&shape.base.id, &wanted);
        let now = urns(self.state.object().get("schemas")).into_iter().map(str::to_owned).collect::<Vec<_>>();
        for (extension, _) in &shape.extensions {
            let urn = &extension.id;
            if listed(urn, &wanted) || (self.op() == Op::Add && now.iter().any(|have| have.eq_ignore_ascii_case(urn))) {
                after.push(urn.clone());
            } else if self.state.has(extension) {
                kept = true;
                after.push(urn.clone());
            }
        }
        if kept {
            let message = "schemas that the resource has attributes of stay listed";
            let place = Place::Body(pointer.to_owned());
            self.reading.note(Finding::new("schemas-kept", Severity::Info, place, message));
        }
        self.state.set_schemas(after.into_iter().map(Json::from).collect());
        Ok(())
    }
}
