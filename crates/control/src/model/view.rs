//! Saved views: queries under a name.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A query under a name, kept in the workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct View {
    /// What names it for good.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The query as written; see `docs/query.md`.
    pub query: String,
}

/// All saved views.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ViewList {
    /// By name.
    pub items: Vec<View>,
}

/// A view to be kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewView {
    /// What people call it: 1 to 80 characters.
    pub name: String,
    /// The query: at most 4096 bytes.
    pub query: String,
}
