//! Requests of our own, and edits before they are sent.

use scim::json::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::outcome::Line;

/// A SCIM request to be sent from inside.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRequest {
    /// The method: "PATCH".
    pub method: String,
    /// What follows the tenant's base path, percent-encoded: "/Users/2819?attributes=userName".
    pub path: String,
    /// Header fields beside `Host`, `Authorization`, `Content-Type` and `Content-Length`, which are made if they are not here.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The body, any JSON.
    #[serde(default)]
    pub body: Option<serde_json::Value>,
}

/// What a request of our own was answered with.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Answered {
    /// The number of the exchange in the record.
    pub seq: u64,
    /// HTTP status code.
    pub status: u16,
    /// Header fields in order.
    pub headers: Vec<[String; 2]>,
    /// The body as JSON; absent if there is none.
    pub body: Option<serde_json::Value>,
}

/// A resource as it is to be.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// The whole resource, edited.
    pub document: serde_json::Value,
}

/// What an edit would send.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Preview {
    /// The version that the edit was compared with, for `If-Match`.
    pub version: u64,
    /// Whether nothing is different that could be sent.
    pub is_empty: bool,
    /// The body of the PATCH (RFC 7644 section 3.5.2).
    #[schema(value_type = serde_json::Value)]
    pub patch: Json,
    /// What it changes.
    pub lines: Vec<Line>,
    /// Differences that no PATCH makes: readOnly, immutable, or required and gone.
    pub left_out: Vec<Line>,
}
