//! What the API says of the server itself.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::disk::DiskState;
use super::query::QueryInfo;
use super::summary::Summary;
use crate::facts::{Exposure, Workspace};

/// The SCIM listener.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ScimListener {
    /// Base URL, as a client on this machine writes it.
    pub url: String,
    /// The port that was asked for; 0 for any.
    pub requested_port: u16,
    /// The port that it has.
    pub actual_port: u16,
    /// Who can reach it.
    pub exposure: Exposure,
    /// Whether clients are asked to come later: every request is recorded and answered with 503.
    pub paused: bool,
}

/// Whether clients are answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Serving {
    /// Whether they are asked to come later.
    pub paused: bool,
}

/// How many resources of a type there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ResourceCount {
    /// Name of the resource type: "User".
    pub resource_type: String,
    /// How many.
    pub count: u64,
}

/// How far storage has confirmed the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DurableState {
    /// Whether there is storage that confirms.
    pub confirming: bool,
    /// The last position confirmed. It stays so after storage has failed. Absent if there never was storage.
    pub through: Option<u64>,
}

/// What of the record is in memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MemoryState {
    /// About how many bytes exchanges take in memory.
    pub held_bytes: u64,
    /// How many they may take. What is open, or not in the workspace yet, is held in any case.
    pub budget_bytes: u64,
    /// How many exchanges have left the memory since the start; they are in the workspace.
    pub evicted: u64,
    /// How many exchanges were given up since the start, because the workspace could not take them.
    pub dropped: u64,
    /// Up to which number exchanges are in the index that searches use. Newer ones are looked at one by one.
    pub indexed_through: u64,
}

/// The state of the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Status {
    /// The program's version.
    pub version: String,
    /// The SCIM listener.
    pub scim: ScimListener,
    /// The open workspace.
    pub workspace: Workspace,
    /// Name of the profile in force.
    pub profile: String,
    /// How many resources there are, by type.
    pub resources: Vec<ResourceCount>,
    /// Number of the newest exchange; also how many there ever were.
    pub head: u64,
    /// Position of the newest entry of the log.
    pub pos: u64,
    /// How far storage has confirmed the record.
    pub durable: DurableState,
    /// What of the record is in memory.
    pub memory: MemoryState,
    /// What the workspace takes on the disk.
    pub disk: DiskState,
    /// How many rules, of all tenants, can touch a request now.
    pub rules_active: u64,
    /// How many flows there are; nothing in the first second, before they were counted.
    pub flows: Option<u64>,
}

/// What an identity provider needs to connect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ConnectionInfo {
    /// Base URL of the SCIM listener.
    pub scim_url: String,
    /// Its bearer token.
    pub token: String,
    /// The base URL under which identity providers reach it, if one was set.
    pub public_url: Option<String>,
}

/// Some exchanges, ascending by number.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ExchangePage {
    /// A line for each.
    pub items: Vec<Summary>,
    /// Number of the newest exchange of the record.
    pub head: u64,
    /// How many exchanges were looked at, those that the index rules out included.
    pub examined: u64,
    /// Where to go on if there are more to look at: as `after`, or as `before` with `newest=true`. A call looks at so many
    /// exchanges that it is short, so there may be more even if it found few or none.
    pub next: Option<u64>,
    /// How the query was understood, if there was one.
    pub query: Option<QueryInfo>,
}

/// The profile in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProfileInfo {
    /// Its name.
    pub name: String,
    /// The names that can be switched to.
    pub available: Vec<String>,
}

/// The profile to switch to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfileName {
    /// Its name: "tolerant", "rfc-strict".
    pub name: String,
}

/// The control token, to be traded for a cookie.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSession {
    /// The control token.
    pub token: String,
}

/// One step of a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ScenarioStep {
    /// What it is for.
    pub label: String,
    /// Its method.
    pub method: String,
}

/// A shipped scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ScenarioInfo {
    /// Its id: "entra-sample".
    pub id: String,
    /// Its name.
    pub name: String,
    /// The identity provider that it imitates: "entra".
    pub idp: String,
    /// What happens in it.
    pub description: String,
    /// Its steps in order.
    pub steps: Vec<ScenarioStep>,
}
