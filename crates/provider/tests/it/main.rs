//! The provider through its public doors, with a clock that stands still and ids that count.

mod access;
mod bench;
mod commits;
mod bulk;
mod concurrent;
mod conditions;
mod cursors;
mod credentials;
mod discovery;
mod garbage;
mod golden;
mod groups;
mod large_groups;
mod lists;
mod me;
mod oauth;
mod operations;
mod public;
mod presets;
mod profiles;
mod routing;
mod searches;
mod sorting;
mod tenants;
mod tolerances;
