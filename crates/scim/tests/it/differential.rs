//! What we read against what another implementation reads: the crate `scim_v2`.
//!
//! Both must agree on what the RFCs define. Where they do not, the difference is named here with its reason, and only
//! that difference is let through: a change of either side that makes another one fails.

mod filters;
mod messages;
mod resources;
