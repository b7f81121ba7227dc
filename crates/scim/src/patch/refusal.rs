//! Refusals that several parts of PATCH share.

use super::Op;
use crate::error::{ScimError, ScimType};
use crate::finding::Place;

fn refuse(scim_type: ScimType, pointer: &str, detail: String) -> ScimError {
    ScimError::bad_request(scim_type, Place::Body(pointer.to_owned()), detail)
}

pub(super) fn read_only(pointer: &str, path: &str) -> ScimError {
    refuse(ScimType::Mutability, pointer, format!("{path} is readOnly; only the server writes it"))
}

pub(super) fn immutable(pointer: &str, path: &str) -> ScimError {
    refuse(ScimType::Mutability, pointer, format!("{path} is immutable and already set; it cannot be changed"))
}

/// RFC 7644 section 3.5.2.2 has `mutability` for a required attribute that is removed; one that is set to nothing lacks its
/// value.
pub(super) fn required(op: Op, pointer: &str, path: &str) -> ScimError {
    match op {
        Op::Remove => refuse(ScimType::Mutability, pointer, format!("{path} is required; it cannot be removed")),
        Op::Add | Op::Replace => {
            refuse(ScimType::InvalidValue, pointer, format!("{path} is required; it needs a value"))
        }
    }
}

pub(super) fn no_target(pointer: &str, path: &str) -> ScimError {
    refuse(ScimType::NoTarget, pointer, format!("no value of the resource matches the path {path}"))
}

pub(super) fn invalid_value(pointer: &str, detail: impl Into<String>) -> ScimError {
    refuse(ScimType::InvalidValue, pointer, detail.into())
}
