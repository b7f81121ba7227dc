//! One request and a directory make an outcome, without I/O: routing, authentication, discovery, operations.
//!
//! [`Provider::prepare`] reads a request as far as it can be read without the directory's writer; [`Prepared::execute`]
//! reads a root or commits. Both are synchronous and never wait for anything but the one writer of a directory.

mod answer;
mod auth;
mod cursor;
mod discovery;
mod list;
mod negotiate;
mod ports;
mod prepare;
mod present;
pub mod profile;
mod provider;
mod read;
mod request;
mod route;
mod target;
mod tenant;
mod write;

pub use ports::{Clock, Entropy, Ids};
pub use prepare::Prepared;
pub use profile::Profile;
pub use provider::{DEFAULT_TENANT_NAME, Provider, ProviderConfig};
pub use request::{Refusal, Request};
pub use tenant::Tenant;
