//! The SCIM protocol (RFC 7643, RFC 7644), pure: no clock, no I/O, no randomness.
//!
//! Everything is driven by the schema registry; nothing here knows what a `User` is.

pub mod diff;
pub mod document;
pub mod error;
pub mod filter;
pub mod finding;
pub mod incoming;
pub mod json;
pub mod leniency;
pub mod long_list;
pub mod message;
mod names;
pub mod number;
pub mod patch;
pub mod path;
pub mod projection;
pub mod schema;
pub mod sort;
pub mod text;
pub mod value;
