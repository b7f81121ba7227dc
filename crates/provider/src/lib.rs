//! One request and a directory make an outcome, without I/O: routing, authentication, discovery, operations.
//!
//! [`Provider::prepare`] reads a request as far as it can be read without the directory's writer; [`Prepared::execute`]
//! reads a root or commits. Both are synchronous and never wait for anything but the one writer of a directory.

mod admit;
mod ancestry;
mod answer;
mod asked;
mod auth;
pub mod browse;
mod bulk;
mod cursor;
mod discovery;
pub mod explain;
mod limits;
mod list;
mod locate;
mod me;
mod negotiate;
mod net;
mod observe;
mod omitted;
mod onward;
mod paging;
mod plan;
pub mod populate;
mod ports;
mod prepare;
mod present;
mod printed;
pub mod profile;
mod provider;
mod read;
mod references;
mod request;
mod route;
pub mod rules;
mod target;
mod tenancy;
mod tenant;
mod tenants;
pub mod turn_back;
mod upstream;
mod write;

pub use auth::{Access, Credential, Federated, Scope, Secret, Simulation};
pub use net::{Net, PublicUrl};
pub use onward::{Answered, Errand, FollowUp, Passed, Unreached};
pub use ports::{Clock, Entropy, Ids};
pub use prepare::Prepared;
pub use profile::Profile;
pub use provider::{DEFAULT_TENANT_NAME, Provider, ProviderConfig};
pub use request::{Refusal, Request};
pub use tenant::{Tenant, TenantSettings};
pub use tenants::TenantError;
pub use upstream::{Hidden, Passage, Upstream};
