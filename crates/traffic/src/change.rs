//! Changes: what an exchange did to the directory.

use std::sync::Arc;

use scim::diff::Line;
use scim::document::Document;
use serde::{Deserialize, Serialize};

use crate::ahead::Ahead;
use crate::ids::{Revision, Seq};

/// The delta of one resource.
#[derive(Clone, Debug)]
pub struct Change {
    /// Name of the resource type: "User".
    pub resource_type: String,
    /// The resource's `id`.
    pub resource_id: String,
    /// What people call the resource: its displayName, userName or the like.
    pub display: String,
    /// The state before; `None` for a creation.
    pub before: Option<Arc<Document>>,
    /// The state after; `None` for a deletion.
    pub after: Option<Arc<Document>>,
    /// What differs, schema-aware; in a PATCH each line names the operation that caused it. None where many resources came or
    /// went at once: there it is the whole resource, which is in the states already.
    pub lines: Vec<Line>,
}

/// Why a directory changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A request did it.
    Exchange(Seq),
    /// The tenant began as a copy of another one.
    Duplicated,
    /// All resources of the tenant were deleted at once.
    Reset,
    /// One resource, or all, were brought back to what they were at this revision.
    Restored(Revision),
    /// What made this revision was undone.
    Undone(Revision),
    /// What this exchange changed was undone.
    UndoneExchange(Seq),
    /// Resources were made up, from this number.
    Seed(u64),
    /// Resources were taken over from a file.
    Import,
    /// The answer to this exchange showed what a resource of another server is: the tenant is a proxy in front of that.
    Observed(Seq),
}

/// One commit: all the changes that became visible together.
#[derive(Clone, Debug)]
pub struct Committed {
    /// The tenant whose directory it is, by its id: a name can change.
    pub tenant: String,
    /// The revision that the commit made.
    pub revision: Revision,
    /// Why.
    pub cause: Cause,
    /// What changed.
    pub changes: Vec<Change>,
    /// Where storage has the changes already, if it took them before; not told of what is read back.
    pub ahead: Option<Ahead>,
}
