//! Tests of the control API through its router.

mod access;
mod description;
mod house;
mod jobs;
mod live;
mod marks;
mod page;
mod query;
mod reasons;
mod record;
mod resources;
mod scim;
mod search;
mod tenants;
mod views;
