//! Versioned in-memory resources of one tenant: indexes, query planner, commits, history.
//!
//! A [`Root`] is one committed state, immutable and cheap to keep. Readers take the current one and never lock. There is
//! one writer at a time: a [`Transaction`] works on a copy that shares everything with the root it came from, and its
//! commit swaps the new root in.

mod directory;
mod indexed;
mod persistent;
mod position;
mod query;
mod rank;
mod resource;
mod rewind;
mod root;
mod staging;
mod transaction;

pub use directory::{Directory, ResumeError, Saved};
pub use query::{Page, Plan, Query, View};
pub use resource::{Resource, etag};
pub use rewind::{LostType, Past, stated_version};
pub use root::Root;
pub use staging::Staging;
pub use transaction::{Commit, Conflict, Delta, Fault, ForeignRoot, Replaced, Transaction};
