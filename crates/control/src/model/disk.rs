//! What the API says of the disk.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ports::{HistoryHorizon as Port, StorageUsage};

/// What the workspace file takes on the disk, and what was given up so that it does not take more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DiskState {
    /// Bytes that the file takes, without its write-ahead log.
    pub file_bytes: u64,
    /// How many of them are in use; the others are free for what comes.
    pub used_bytes: u64,
    /// How many may be in use.
    pub budget_bytes: u64,
    /// About how many are changes of directories.
    pub change_bytes: u64,
    /// How many exchanges were given up since the workspace was made.
    pub exchanges_pruned: u64,
    /// How many flows that was.
    pub flows_pruned: u64,
    /// How many changes of resources were given up since the workspace was made.
    pub changes_pruned: u64,
    /// How far back the history of directories goes: one for each tenant of whose history a part is gone.
    pub horizons: Vec<HistoryHorizon>,
}

/// How far back the history of a directory goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct HistoryHorizon {
    /// Id of the tenant.
    pub tenant: String,
    /// The oldest revision whose state is to be had.
    pub revision: u64,
    /// Its position in the log.
    pub pos: u64,
    /// When it was made (RFC 3339).
    pub at: String,
}

/// What the workspace may take on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DiskBudget {
    /// How many bytes of its file may be in use.
    pub bytes: u64,
}

impl From<StorageUsage> for DiskState {
    fn from(usage: StorageUsage) -> DiskState {
        let StorageUsage {
            file_bytes,
            used_bytes,
            budget_bytes,
            change_bytes,
            exchanges_pruned,
            flows_pruned,
            changes_pruned,
            horizons,
        } = usage;
        let horizons = horizons.into_iter().map(|Port { tenant, revision, pos, at }| HistoryHorizon {
            tenant,
            revision: revision.0,
            pos: pos.0,
            at: at.to_string(),
        });
        DiskState {
            file_bytes,
            used_bytes,
            budget_bytes,
            change_bytes,
            exchanges_pruned,
            flows_pruned,
            changes_pruned,
            horizons: horizons.collect(),
        }
    }
}
