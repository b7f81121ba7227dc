//! Tests of the control API through its router.

mod access;
mod description;
mod house;
mod jobs;
mod live;
mod marks;
mod page;
mod query;
mod record;
mod scim;
mod tenants;
