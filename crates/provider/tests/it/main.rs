//! The provider through its public doors, with a clock that stands still and ids that count.

mod access;
mod bench;
mod commits;
mod conditions;
mod discovery;
mod garbage;
mod golden;
mod lists;
mod operations;
mod routing;
mod tolerances;
