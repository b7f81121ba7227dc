//! Who may ask, and what: credentials, tokens, the decision and its trace.

mod access;
mod assertion;
mod challenge;
mod check;
mod endpoint;
mod mask;
mod tokens;

pub use access::{Access, Credential, Federated, Scope, Secret, Simulation};
pub(crate) use challenge::{challenges, schemes};
pub(crate) use check::{Denied, Grant, authenticate, check_scope};
pub(crate) use endpoint::answer as token_endpoint;
pub(crate) use tokens::{Issued, random_text};
