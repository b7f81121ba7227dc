//! What an exchange changed, as patches.

use scim::json::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// What happened to one resource, written as a patch.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChangePatch {
    /// Name of the resource type: "User".
    pub resource_type: String,
    /// The resource's `id`.
    pub resource_id: String,
    /// The body of a SCIM PATCH (RFC 7644 section 3.5.2). Absent if the resource came or went, for which there is none.
    #[schema(value_type = Option<Object>)]
    pub scim: Option<Json>,
    /// A JSON Patch (RFC 6902).
    #[schema(value_type = Vec<Object>)]
    pub json: Json,
}

/// What an exchange changed, as patches.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChangePatches {
    /// One for each resource.
    pub items: Vec<ChangePatch>,
}
