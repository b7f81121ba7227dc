//! Our own fixture, version 1: what was recorded, as flows of steps that can be read, kept in a repository, and played again.
//!
//! One JSON document, or the same as a line for each flow. Members stand in one order, and no wall clock is in it, so that the
//! same exchanges give the same bytes. [`SCHEMA`] describes it. A flow file is a fixture without answers: see
//! [`from_flow_file`].

mod build;
mod flow_file;
mod read;
mod step;
mod write;

pub use flow_file::{from_flow_file, to_flow_file};
pub use read::{read, read_flow_file, read_lines};
pub use write::FixtureWriter;

/// The word that says that a document is a fixture.
pub const FORMAT: &str = "scim-fixture";

/// The version that is written, and the only one that is read.
pub const VERSION: u64 = 1;

/// The JSON Schema (draft 2020-12) of the document.
pub const SCHEMA: &str = include_str!("fixture/schema.json");

/// What stands as `$schema` in a document: the `$id` of [`SCHEMA`].
pub const SCHEMA_ID: &str = "urn:scimscope:fixture:1";
