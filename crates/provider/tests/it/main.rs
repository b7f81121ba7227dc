//! The provider through its public doors, with a clock that stands still and ids that count.

mod access;
mod bench;
mod bulk;
mod commits;
mod concurrent;
mod conditions;
mod credentials;
mod cursors;
mod discovery;
mod explanations;
mod garbage;
mod golden;
mod groups;
mod large_groups;
mod lists;
mod me;
mod oauth;
mod operations;
mod presets;
mod profiles;
mod public;
mod routing;
mod searches;
mod sorting;
mod tenants;
mod tolerances;
