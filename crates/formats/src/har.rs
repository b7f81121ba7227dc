//! HTTP Archive 1.2: what browsers, proxies and API clients exchange.
//!
//! Written so that [`read()`] gives back the same [`crate::recorded::Recorded`]; what HAR has no place for is in fields that
//! begin with `_`, as the format wants it. Read from whoever wrote it.

mod read;
mod write;

pub use read::read;
pub(crate) use read::split;
pub use write::HarWriter;
