//! How a journal is to be kept.

use std::path::PathBuf;
use std::time::Duration;

use crate::disk::FILE_BUDGET_BYTES;

/// When an entry counts as confirmed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// When it is in the write-ahead log: survives the death of the process, not always that of the machine.
    #[default]
    Acknowledged,
    /// As before, but entries of about 5 ms are written together, so that confirming comes later and costs less.
    Relaxed,
    /// When the disk has it: survives the death of the machine.
    PowerSafe,
}

/// Settings of a journal.
#[derive(Clone, Debug)]
pub struct Options {
    /// When an entry counts as confirmed.
    pub durability: Durability,
    /// The folder for temporary workspaces; the system's if absent.
    pub temporary_dir: Option<PathBuf>,
    /// How many database pages (of 4,096 bytes) the file may have; no bound if absent. Beyond it the journal behaves as
    /// on a full disk.
    pub max_pages: Option<u32>,
    /// How many bytes of the file may be in use. Beyond it the oldest flows are given up.
    pub disk_budget: u64,
    /// How long to wait before writing is tried again when it has failed: the disk may have room again.
    pub retry: Duration,
}

impl Default for Options {
    /// Acknowledged, 2 GiB, tried again every second.
    fn default() -> Options {
        Options {
            durability: Durability::default(),
            temporary_dir: None,
            max_pages: None,
            disk_budget: FILE_BUDGET_BYTES,
            retry: Duration::from_secs(1),
        }
    }
}
