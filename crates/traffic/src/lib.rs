//! The record of the wire: exchanges, the append-only log they are folded from, and cursors into it.
//!
//! Everything that happens is an [`entry::Entry`] at a position. Subscribers pull entries by position, so nothing can lag
//! and lose, and reconnecting is resuming. An [`exchange::Exchange`] is the fold of the entries that carry its number.

pub mod ahead;
pub mod archive;
pub mod blob;
pub mod change;
pub mod entry;
pub mod exchange;
pub mod handled;
pub mod history;
pub mod ids;
pub mod log;
pub mod marks;
mod message;
pub mod query;
pub mod step;
pub mod summary;
