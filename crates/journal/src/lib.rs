//! SQLite: the durable log and the workspace file.
//!
//! A [`Journal`] is one open workspace file. [`Journal::resume`] tells where it ends, [`Journal::archive`] reads what it has,
//! and [`Journal::record`] starts the one thread that writes: it pulls entries from the log by position, commits what is
//! there together, and confirms.
//! The format of the file is documented in `migrations/`.

mod ahead;
mod archive;
mod batch;
mod bundle;
mod copy;
mod deltas;
mod disk;
mod documents;
mod error;
mod facts;
mod hand;
mod journal;
mod lines;
mod lock;
mod mover;
mod options;
mod pack;
mod patience;
mod place;
mod prune;
mod read;
mod readers;
mod recover;
mod remove;
mod run;
mod schema;
mod search;
mod snapshots;
mod wires;
mod writer;

pub use copy::{CopyDocument, Going, Target};
pub use disk::{DiskUsage, FILE_BUDGET_BYTES, Horizon, LEAST_BUDGET_BYTES, TEMPORARY_BUDGET_BYTES};
pub use documents::Stored;
pub use error::Error;
pub use journal::{Journal, State};
pub use options::{Durability, Options};
pub use place::Place;
pub use read::{Resource, Resumed, Tenant};
pub use recover::Recovered;
pub use remove::{Removed, Unwanted};
pub use schema::{APPLICATION_ID, VERSION};
pub use snapshots::SNAPSHOT_DOCUMENT;
