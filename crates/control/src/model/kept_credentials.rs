//! Credentials of replay targets that are kept for later.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ReplayCredentials;

/// Where credentials of replay targets can be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CredentialPlace {
    /// In the keychain of the desktop.
    Keychain,
    /// In memory until a run is over, and nowhere else.
    Memory,
}

/// What is kept for a target. The secret itself is never told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeptCredentials {
    /// Where they can be kept here.
    pub place: CredentialPlace,
    /// Why there is no keychain, if there is none.
    pub problem: Option<String>,
    /// What kind is kept for this target: `bearer`, `basic` or `header`; absent if nothing is.
    pub kind: Option<String>,
}

/// Credentials to be kept for a target.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeepCredentials {
    /// The base URL of the target.
    pub url: String,
    /// What is kept.
    pub credentials: ReplayCredentials,
}
