//! Tests of the control API through its router.

mod access;
mod checks;
mod description;
mod expect;
mod house;
mod imports;
mod jobs;
mod kept_credentials;
mod live;
mod marks;
mod page;
mod query;
mod reach;
mod reasons;
mod record;
mod resources;
mod rules;
mod scim;
mod search;
mod seeds;
mod serving;
mod setup;
mod snapshots;
mod tenants;
mod transfer;
mod views;
