//! What the API says of the open workspace, and how it can be changed.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::disk::DiskState;
use super::server::{DurableState, MemoryState};
use crate::facts::{Durability, Recovered, StorageState, WorkspaceKind};

/// The open workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct WorkspaceInfo {
    /// What names it, however often its file is opened; a copy has a name of its own.
    pub id: String,
    /// Where it is kept.
    pub kind: WorkspaceKind,
    /// Its file.
    pub path: Option<String>,
    /// When an answer may leave.
    pub durability: Durability,
    /// What there is to choose from.
    pub durabilities: Vec<DurabilityChoice>,
    /// How storage does.
    pub state: StorageState,
    /// Why storage failed.
    pub problem: Option<String>,
    /// What was found at the start, if the last run ended without closing the workspace.
    pub recovered: Option<Recovered>,
    /// How far storage has confirmed the record.
    pub durable: DurableState,
    /// What of the record is in memory.
    pub memory: MemoryState,
    /// What the file takes.
    pub disk: DiskState,
    /// Whether calls may name files of this machine, to be opened and written as workspaces.
    pub may_name_files: bool,
}

/// When an answer may leave, said so that a person can choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DurabilityChoice {
    /// Its name.
    pub name: Durability,
    /// What it promises.
    pub promise: String,
    /// What it costs.
    pub cost: String,
}

/// What to change of the open workspace; what is left out stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkspaceSettings {
    /// When an answer may leave.
    #[serde(default)]
    pub durability: Option<Durability>,
    /// How many bytes of its file may be in use.
    #[serde(default)]
    pub disk_budget_bytes: Option<u64>,
}

/// A file of the machine that the server runs on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FileName {
    /// Its whole path.
    pub path: String,
}

/// A workspace to make.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWorkspace {
    /// The whole path of its file, which is not there yet. Without one it is temporary.
    #[serde(default)]
    pub path: Option<String>,
}

/// Where to save the open workspace.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveAs {
    /// The whole path of the new file.
    pub path: String,
    /// Whether a workspace that is there already, and is not open, may be overwritten.
    #[serde(default)]
    pub replace: bool,
}

/// A workspace that was open before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecentWorkspace {
    /// Its file.
    pub path: String,
    /// When it was opened last (RFC 3339).
    pub opened_at: String,
    /// Whether the file is not there now.
    pub missing: bool,
    /// Whether it is the open one.
    pub open: bool,
}

/// Workspaces that were open before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecentList {
    /// The last one first.
    pub items: Vec<RecentWorkspace>,
}

impl DurabilityChoice {
    /// All of them, the most careful one last.
    pub(crate) fn all() -> Vec<DurabilityChoice> {
        let choices = [
            (
                Durability::Relaxed,
                "An answer leaves at once; its record is written within milliseconds. A crash of the program can lose the last of them.",
                "The least: nothing waits for the disk.",
            ),
            (
                Durability::Acknowledged,
                "An answer leaves when its record is in the log of the file. A crash of the program loses no answered request; a loss of power can.",
                "A wait of well under a millisecond, which requests that come together share.",
            ),
            (
                Durability::PowerSafe,
                "An answer leaves when its record is on the disk. A loss of power loses no answered request either.",
                "A wait for the disk: from about a millisecond on a fast one to ten and more on a slow one. Requests that come together share it.",
            ),
        ];
        let choice = |(name, promise, cost): (_, &str, &str)| DurabilityChoice {
            name,
            promise: promise.to_owned(),
            cost: cost.to_owned(),
        };
        choices.map(choice).into()
    }
}
