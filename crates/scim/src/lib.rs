//! The SCIM protocol (RFC 7643, RFC 7644), pure: no clock, no I/O, no randomness.
//!
//! Everything is driven by the schema registry; nothing here knows what a `User` is.

pub mod diff;
pub mod document;
pub mod error;
pub mod finding;
pub mod json;
pub mod leniency;
mod names;
pub mod number;
pub mod schema;
pub mod value;
