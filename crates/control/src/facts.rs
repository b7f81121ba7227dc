//! What the running program knows of itself and the page shows.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where the workspace is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WorkspaceKind {
    /// In a file that is deleted at the end.
    Temporary,
    /// In a file that stays.
    File,
}

/// When an answer may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Durability {
    /// At once; its record follows within milliseconds.
    Relaxed,
    /// When its record is in the workspace file's log: the death of the process loses no answered request.
    Acknowledged,
    /// When its record is on the disk: the loss of power loses none either.
    PowerSafe,
}

/// How storage does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StorageState {
    /// It writes.
    Working,
    /// It failed; the record goes on in memory only.
    Failed,
    /// The file can only be read. What comes is in a temporary file that is deleted at the end, and is not durable.
    ReadOnly,
}

/// The open workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Workspace {
    /// What names it, however often its file is opened; a copy has a name of its own. Positions and numbers of one workspace
    /// mean nothing in another.
    pub id: String,
    /// Where it is kept.
    pub kind: WorkspaceKind,
    /// Its file.
    pub path: Option<String>,
    /// When an answer may leave.
    pub durability: Durability,
    /// How storage does.
    pub state: StorageState,
    /// Why storage failed.
    pub problem: Option<String>,
    /// What was found at the start, if the last run ended without closing the workspace.
    pub recovered: Option<Recovered>,
}

/// What was found in a workspace that the last run did not close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Recovered {
    /// How many exchanges of that run are here.
    pub exchanges: u64,
    /// The number of the last one.
    pub through: u64,
    /// How many of them were not over, and are marked so.
    pub cut_short: u64,
}

/// Who can reach the SCIM listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Exposure {
    /// Programs on this machine.
    Local,
    /// Every machine of the network.
    Lan,
}

/// How the SCIM listeners encrypt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encryption {
    /// The certificates that vouch for the server, as PEM: of its own authority, or those that were given.
    pub authority_pem: String,
    /// Where the certificate of its own authority is, which clients have to trust; absent if a certificate was given.
    pub authority_path: Option<String>,
}

/// A server that shows itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Demo {
    /// The id of the scenario that is played again and again; absent if none is.
    pub scenario: Option<String>,
    /// After how many seconds record and directories begin anew; absent if they never do.
    pub reset_every_s: Option<u64>,
    /// Whether calls that change something are refused without the control token.
    pub read_only: bool,
}

/// The facts that `app` knows; it replaces them when one changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The last position that the file of the workspace will ever have, if it can only be read.
    pub file_ends_at: Option<u64>,
    /// The program's version.
    pub version: String,
    /// The open workspace.
    pub workspace: Workspace,
    /// Base URL of the SCIM listener, as a client on this machine writes it.
    pub scim_url: String,
    /// How the SCIM listeners encrypt, if they do.
    pub encryption: Option<Encryption>,
    /// The port that was asked for; 0 for any.
    pub requested_port: u16,
    /// The port that the listener has.
    pub actual_port: u16,
    /// Who can reach it.
    pub exposure: Exposure,
    /// Whether the server shows itself, and how.
    pub demo: Option<Demo>,
}
