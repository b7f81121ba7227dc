//! The body of a PATCH request.

use super::{Op, Operation};
use crate::error::{ScimError, ScimType};
use crate::finding::{Finding, Place, Severity};
use crate::json::{Json, Object};
use crate::leniency::Reading;
use crate::message::PATCH_OP;
use crate::schema::suggestion;

/// Reads the operations of a PATCH body (RFC 7644 section 3.5.2).
///
/// `op` is taken in any case (T2); so are member names. An empty `path` counts as none.
///
/// # Errors
/// 400 `invalidSyntax` for a body that is no PatchOp message or an `op` that there is not, `invalidValue` for an `add` or
/// `replace` without `value`, `noTarget` for a `remove` without `path`, `invalidPath` for a path that is no string.
pub fn patch_operations(reading: &mut Reading<'_>, body: Json) -> Result<Vec<Operation>, ScimError> {
    let Json::Object(body) = body else {
        return Err(syntax(
            "",
            format!("a PATCH body is an object with schemas and Operations, not {}", body.kind_name()),
        ));
    };
    let schemas = member(reading, &body, "", "schemas");
    let is_patch = schemas
        .and_then(Json::as_array)
        .is_some_and(|urns| urns.iter().any(|urn| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(PATCH_OP))));
    if !is_patch {
        return Err(syntax("/schemas", format!("schemas of a PATCH body must hold {PATCH_OP:?}")));
    }
    let operations = match member(reading, &body, "", "Operations") {
        Some(Json::Array(operations)) if !operations.is_empty() => operations,
        Some(Json::Array(_)) => return Err(syntax("/Operations", "Operations is empty; at least one is needed")),
        Some(other) => {
            return Err(syntax("/Operations", format!("Operations must be an array, not {}", other.kind_name())));
        }
        None => return Err(syntax("", "the PATCH body has no Operations")),
    };
    operations.iter().enumerate().map(|(index, operation)| read(reading, index, operation)).collect()
}

fn read(reading: &mut Reading<'_>, index: usize, operation: &Json) -> Result<Operation, ScimError> {
    let pointer = format!("/Operations/{index}");
    let Json::Object(members) = operation else {
        return Err(syntax(&pointer, format!("an operation must be an object, not {}", operation.kind_name())));
    };
    let op_as_sent = match member(reading, members, &pointer, "op") {
        Some(Json::String(word)) => word.clone(),
        Some(other) => return Err(syntax(&pointer, format!("op must be a string, not {}", other.kind_name()))),
        None => return Err(syntax(&pointer, "the operation has no op; it is one of add, remove, replace")),
    };
    let op_pointer = format!("{pointer}/op");
    let op = op_of(&op_as_sent).map_err(|message| syntax(&op_pointer, message))?;
    if op_as_sent.bytes().any(|byte| byte.is_ascii_uppercase()) {
        let message = format!("op was sent as {op_as_sent:?}; RFC 7644 writes it in lower case");
        reading.tolerated("T2", Place::Body(op_pointer), message);
    }
    let path_pointer = format!("{pointer}/path");
    let path = match member(reading, members, &pointer, "path") {
        None => None,
        Some(Json::String(path)) if !path.is_empty() => Some(path.clone()),
        Some(Json::String(_) | Json::Null) => {
            let message = "an empty path; it was taken as no path, which means the whole resource";
            let place = Place::Body(path_pointer);
            reading.note(Finding::new("empty-path", Severity::Warning, place, message));
            None
        }
        Some(other) => {
            let detail = format!("path must be a string, not {}", other.kind_name());
            return Err(ScimError::bad_request(ScimType::InvalidPath, Place::Body(path_pointer), detail));
        }
    };
    let value = member(reading, members, &pointer, "value").cloned();
    match op {
        Op::Add | Op::Replace if value.is_none() => {
            let detail = format!("{} needs a value", op.keyword());
            Err(ScimError::bad_request(ScimType::InvalidValue, Place::Body(pointer), detail))
        }
        Op::Remove if path.is_none() => {
            let detail = "remove needs a path that says what to remove";
            Err(ScimError::bad_request(ScimType::NoTarget, Place::Body(pointer), detail))
        }
        _ => Ok(Operation { index, op, op_as_sent, path, value }),
    }
}

/// A member by its name in any case; another case than the RFC's is noted.
fn member<'b>(reading: &mut Reading<'_>, object: &'b Object, pointer: &str, name: &str) -> Option<&'b Json> {
    if let Some(value) = object.get(name) {
        return Some(value);
    }
    let (sent, value) = object.get_ignoring_case(name)?;
    let place = Place::Body(format!("{pointer}/{sent}"));
    let message = format!("{sent:?} was sent for {name}");
    reading.note(Finding::new("name-case", Severity::Info, place, message));
    Some(value)
}

fn op_of(word: &str) -> Result<Op, String> {
    let known = [Op::Add, Op::Remove, Op::Replace];
    if let Some(op) = known.into_iter().find(|op| op.keyword().eq_ignore_ascii_case(word)) {
        return Ok(op);
    }
    let hint = suggestion(word, known.into_iter().map(Op::keyword));
    let hint = if hint.is_empty() { "; it is one of add, remove, replace".to_owned() } else { hint };
    Err(format!("SCIM has no op {word:?}{hint}"))
}

fn syntax(pointer: &str, message: impl Into<String>) -> ScimError {
    ScimError::bad_request(ScimType::InvalidSyntax, Place::Body(pointer.to_owned()), message)
}

impl Op {
    /// The operation as RFC 7644 writes it.
    pub fn keyword(self) -> &'static str {
        match self {
            Op::Add => "add",
            Op::Remove => "remove",
            Op::Replace => "replace",
        }
    }
}
