//! Ids that are the same in every run.

use std::sync::atomic::{AtomicU64, Ordering};

/// UUIDs that count from one: `00000000-0000-4000-8000-000000000001`.
#[derive(Debug, Default)]
pub struct CountingIds(AtomicU64);

impl provider::Ids for CountingIds {
    fn next(&self) -> String {
        format!("00000000-0000-4000-8000-{:012x}", self.0.fetch_add(1, Ordering::Relaxed) + 1)
    }
}
