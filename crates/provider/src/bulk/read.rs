//! The body of a bulk request.

use scim::error::{ScimError, ScimType};
use scim::finding::{Finding, Place, Severity};
use scim::json::{Json, Object};
use scim::message::BULK_REQUEST;

use super::{Bulk, Item};
use crate::answer::Draft;
use crate::plan::parse_body;
use crate::prepare::Setting;
use crate::request::Request;

/// The methods that an operation may have (RFC 7644 section 3.7).
pub(super) const METHODS: [&str; 4] = ["POST", "PUT", "PATCH", "DELETE"];

impl Bulk {
    /// Reads a bulk request. What is wrong with a single operation is that operation's error.
    ///
    /// # Errors
    /// 413 for more bytes or operations than the profile takes, 400 `invalidSyntax` for a body that is no BulkRequest.
    pub fn read(setting: &Setting, request: &Request, draft: &mut Draft) -> Result<Bulk, ScimError> {
        let profile = &setting.profile;
        let bytes = request.body.len();
        if bytes > profile.bulk_max_payload_bytes {
            let most = profile.bulk_max_payload_bytes;
            let detail = format!("the body has {bytes} bytes, and bulk.maxPayloadSize is {most}; send less at a time");
            return Err(ScimError { place: Place::Body(String::new()), ..ScimError::plain(413, detail) });
        }
        let Json::Object(body) = parse_body(request)? else {
            return Err(syntax("", "a bulk request is an object with schemas and Operations"));
        };
        let is_bulk = member(&body, "schemas").and_then(Json::as_array).is_some_and(|urns| {
            urns.iter().any(|urn| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(BULK_REQUEST)))
        });
        if !is_bulk {
            return Err(syntax("/schemas", &format!("schemas of a bulk request must hold {BULK_REQUEST:?}")));
        }
        let fail_on_errors = match member(&body, "failOnErrors") {
            None | Some(Json::Null) => None,
            Some(Json::Number(number)) => match number.as_i64().and_then(|most| u64::try_from(most).ok()) {
                Some(most @ 1..) => Some(most),
                _ => return Err(invalid("/failOnErrors", "failOnErrors must be a whole number from 1 on")),
            },
            Some(_) => return Err(invalid("/failOnErrors", "failOnErrors must be a number")),
        };
        let operations = match body.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("Operations")) {
            Some((_, Json::Array(operations))) => operations,
            Some((_, other)) => {
                return Err(syntax("/Operations", &format!("Operations must be an array, not {}", other.kind_name())));
            }
            None => return Err(syntax("", "the bulk request has no Operations")),
        };
        if operations.len() > profile.bulk_max_operations {
            let (count, most) = (operations.len(), profile.bulk_max_operations);
            let detail =
                format!("there are {count} operations, and bulk.maxOperations is {most}; send fewer at a time");
            return Err(ScimError { place: Place::Body("/Operations".into()), ..ScimError::plain(413, detail) });
        }
        let operations =
            operations.into_iter().enumerate().map(|(index, operation)| item(index, operation, draft)).collect();
        Ok(Bulk { operations, fail_on_errors })
    }
}

fn item(index: usize, operation: Json, draft: &mut Draft) -> Item {
    let mut item =
        Item { method: String::new(), path: String::new(), bulk_id: None, version: None, data: None, problem: None };
    match operation {
        Json::Object(members) => item.problem = fill(&mut item, members, index, draft).err(),
        other => {
            let detail = format!("an operation must be an object, not {}", other.kind_name());
            item.problem = Some(ScimError { place: Place::Request, ..syntax("", &detail) });
        }
    }
    item
}

fn fill(item: &mut Item, members: Object, index: usize, draft: &mut Draft) -> Result<(), ScimError> {
    let mut texts: [(&str, Option<String>); 4] =
        [("method", None), ("path", None), ("bulkId", None), ("version", None)];
    let mut wrong = None;
    for (name, value) in members {
        if name.eq_ignore_ascii_case("data") {
            item.data = Some(value).filter(|value| *value != Json::Null);
        } else if let Some((known, text)) = texts.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(&name)) {
            match value {
                Json::String(value) => *text = Some(value),
                Json::Null => {}
                other => wrong = Some(format!("{known} must be a string, not {}", other.kind_name())),
            }
        } else {
            let place = Place::Body(format!("/Operations/{index}/{}", scim::json::pointer_token(&name)));
            let message = format!("an operation of a bulk request has no {name:?}; it is left out");
            draft.findings.push(Finding::new("unknown-attribute", Severity::Warning, place, message));
        }
    }
    let [(_, method), (_, path), (_, bulk_id), (_, version)] = texts;
    let had_method = method.is_some();
    item.method = method.unwrap_or_default();
    let had_path = path.is_some();
    item.path = path.unwrap_or_default();
    item.bulk_id = bulk_id;
    item.version = version;
    let here = |detail: String| Err(ScimError { place: Place::Request, ..invalid("", &detail) });
    if let Some(wrong) = wrong {
        return here(wrong);
    }
    if !had_method {
        return here(format!("the operation has no method; it is one of {}", METHODS.join(", ")));
    }
    match METHODS.iter().find(|known| known.eq_ignore_ascii_case(&item.method)) {
        Some(known) => item.method = (*known).to_owned(),
        None => {
            let detail = format!("a bulk request has no method {:?}; it has {}", item.method, METHODS.join(", "));
            return here(detail);
        }
    }
    if !had_path {
        return here("the operation has no path".into());
    }
    if item.method == "POST" && item.bulk_id.as_ref().is_none_or(String::is_empty) {
        return here("a POST in a bulk request needs a bulkId (RFC 7644 section 3.7)".into());
    }
    if item.method != "DELETE" && item.data.is_none() {
        return here(format!("{} in a bulk request needs data", item.method));
    }
    Ok(())
}

fn member<'b>(body: &'b Object, name: &str) -> Option<&'b Json> {
    body.get_ignoring_case(name).map(|(_, value)| value)
}

fn syntax(pointer: &str, detail: &str) -> ScimError {
    ScimError::bad_request(ScimType::InvalidSyntax, Place::Body(pointer.to_owned()), detail)
}

fn invalid(pointer: &str, detail: &str) -> ScimError {
    ScimError::bad_request(ScimType::InvalidValue, Place::Body(pointer.to_owned()), detail)
}
