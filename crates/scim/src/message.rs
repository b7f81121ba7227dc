//! Messages of the protocol (RFC 7644): their URNs, lists and errors.

use crate::error::ScimError;
use crate::json::{Json, Object};
use crate::number::Number;

/// A list of resources (RFC 7644 section 3.4.2).
pub const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
/// A query in a body (RFC 7644 section 3.4.3).
pub const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
/// The body of a PATCH (RFC 7644 section 3.5.2).
pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// Many requests in one (RFC 7644 section 3.7).
pub const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
/// The answer to many requests in one (RFC 7644 section 3.7).
pub const BULK_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
/// An error (RFC 7644 section 3.12).
pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// The schema of ServiceProviderConfig (RFC 7643 section 5).
pub const SERVICE_PROVIDER_CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
/// The schema of ResourceType (RFC 7643 section 6).
pub const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
/// The schema of Schema (RFC 7643 section 7).
pub const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";

/// One page of a list: `total` resources match, the first one here is number `start_index` (from 1). `Resources` is there
/// even if it is empty, because clients read it without looking.
pub fn list_response(total: u64, start_index: u64, resources: Vec<Json>) -> Json {
    let mut message = list_head(total, start_index, resources.len() as u64);
    message.insert("Resources", resources);
    Json::Object(message)
}

/// The text of [`list_response`] with this many resources of which the texts are there already, with commas between.
pub fn list_text(total: u64, start_index: u64, items: u64, resources: &str) -> String {
    with_resources(list_head(total, start_index, items), resources)
}

fn list_head(total: u64, start_index: u64, items: u64) -> Object {
    let mut message = Object::new();
    message.insert("schemas", vec![Json::from(LIST_RESPONSE)]);
    message.insert("totalResults", count(total));
    message.insert("startIndex", count(start_index));
    message.insert("itemsPerPage", count(items));
    message
}

/// The text of an object with `Resources` as its last member.
fn with_resources(head: Object, resources: &str) -> String {
    const MEMBER: &str = ",\"Resources\":[";
    let mut text = Json::Object(head).to_text();
    text.pop();
    text.reserve(MEMBER.len() + resources.len() + 2);
    text.push_str(MEMBER);
    text.push_str(resources);
    text.push_str("]}");
    text
}

/// One page of a walk by cursor (RFC 9865 section 2).
#[derive(Clone, Debug, Default)]
pub struct CursorPage {
    /// How many resources match, if it is told.
    pub total: Option<u64>,
    /// How many resources are on this page.
    pub items: u64,
    /// The cursor of the page before; absent on the first page.
    pub previous: Option<String>,
    /// The cursor of the page after; absent on the last page.
    pub next: Option<String>,
}

/// The text of the message for one page of a walk by cursor, from the texts of its resources with commas between. It has no
/// `startIndex`.
pub fn cursor_text(page: CursorPage, resources: &str) -> String {
    let mut message = Object::new();
    message.insert("schemas", vec![Json::from(LIST_RESPONSE)]);
    if let Some(total) = page.total {
        message.insert("totalResults", count(total));
    }
    message.insert("itemsPerPage", count(page.items));
    if let Some(previous) = page.previous {
        message.insert("previousCursor", previous);
    }
    if let Some(next) = page.next {
        message.insert("nextCursor", next);
    }
    with_resources(message, resources)
}

/// The body that tells a client why its request is refused. `status` is a string there (RFC 7644 section 3.12).
pub fn error_body(error: &ScimError) -> Json {
    let mut message = Object::new();
    message.insert("schemas", vec![Json::from(ERROR)]);
    if let Some(scim_type) = error.scim_type {
        message.insert("scimType", scim_type.keyword());
    }
    if !error.detail.is_empty() {
        message.insert("detail", error.detail.as_str());
    }
    message.insert("status", error.status.to_string());
    Json::Object(message)
}

fn count(value: u64) -> Json {
    Json::Number(Number::from_valid_text(value.to_string()))
}
