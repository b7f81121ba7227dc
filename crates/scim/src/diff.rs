//! What differs between two states of a resource, as people and PATCH see it.

use serde::{Deserialize, Serialize};

use crate::json::Json;

/// What happened to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It was not there before.
    Added,
    /// It is not there after.
    Removed,
    /// It is another value now.
    Changed,
}

/// One difference between two states of a resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// The value's path in the notation of PATCH: `active`, `name.familyName`, `emails[type eq "work"].value`,
    /// `members[value eq "2819c223"]`, `urn:...:User:department`.
    pub path: String,
    /// What happened to it.
    pub action: Action,
    /// The value before; absent if added.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<Json>,
    /// The value after; absent if removed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub after: Option<Json>,
    /// The PATCH operation that caused it, by its position in `Operations` from 0.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub operation: Option<usize>,
}
