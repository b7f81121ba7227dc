//! The control API: one router that the browser reaches over HTTP and the desktop window in-process.
//!
//! [`router`] has no access control and is for the window alone; [`guarded`] adds what a TCP listener needs. Both serve
//! the same API under `/api/v1`, described by [`openapi_json`], and the page at `/`. [`Control::events`] is the one stream
//! of live batches, for server-sent events and for the window's channel.

pub mod error;
pub mod facts;
pub mod jobs;
pub mod model;
pub mod populating;
pub mod ports;
pub mod programs;
pub mod rules;

mod checks;
mod control;
mod desk;
mod events;
mod expect;
mod extract;
mod flow_comparison;
mod flows;
mod found;
mod grouping;
mod guard;
mod page;
mod past;
mod removals;
mod replays;
mod routes;
mod search;
mod settled;
pub mod snapshots;
mod tenancy;
mod transfer;
mod uploads;
mod wire;

pub use control::{Control, Parts};
pub use desk::{Cursor, Desk};
pub use events::{BATCH_EVERY, BATCH_ITEMS, Batch, StateChange};
pub use facts::Facts;
pub use routes::{guarded, openapi_json, router};
