//! Credentials of targets between runs: in the keychain, or nowhere.

use http::StatusCode;
use replay::Destination;

use crate::control::Control;
use crate::error::ApiError;
use crate::model::{CredentialPlace, KeptCredentials, ReplayCredentials};

impl Control {
    /// What is kept for a target, and where it can be.
    pub(crate) async fn kept_credentials(&self, url: &str) -> KeptCredentials {
        let (place, none) = (CredentialPlace::Memory, "a keychain is used by the desktop app only".to_owned());
        let Some(keychain) = self.keychain() else {
            return KeptCredentials { place, problem: Some(none), kind: None };
        };
        match keychain.find(&name(url)).await {
            Ok(kind) => KeptCredentials { place: CredentialPlace::Keychain, problem: None, kind },
            Err(why) => KeptCredentials { place, problem: Some(why), kind: None },
        }
    }

    /// Keeps credentials for a target.
    pub(crate) async fn keep_credentials(&self, url: &str, credentials: &ReplayCredentials) -> Result<(), ApiError> {
        let kind = match credentials {
            ReplayCredentials::Bearer { .. } => "bearer",
            ReplayCredentials::Basic { .. } => "basic",
            ReplayCredentials::Header { .. } => "header",
            ReplayCredentials::None | ReplayCredentials::Kept => {
                return Err(ApiError::bad_request("there are no credentials to keep: give some"));
            }
        };
        let destination = Destination::new(url.trim(), "");
        let host = destination.host().filter(|_| destination.check().is_ok());
        let host = host.ok_or_else(|| ApiError::bad_request(format!("{url:?} is no SCIM base URL")))?;
        let secret = serde_json::to_string(credentials).map_err(|error| locked(error.to_string()))?;
        let keychain = self.keychain().ok_or_else(none)?;
        keychain.put(&name(url), kind, &format!("Scimscope: {host}"), &secret).await.map_err(locked)
    }

    /// Forgets the credentials of a target; tells whether there were some.
    pub(crate) async fn forget_credentials(&self, url: &str) -> Result<bool, ApiError> {
        self.keychain().ok_or_else(none)?.delete(&name(url)).await.map_err(locked)
    }

    /// The kept credentials of a target, for a run that begins.
    pub(crate) async fn take_kept_credentials(&self, url: &str) -> Result<ReplayCredentials, ApiError> {
        let kept = self.keychain().ok_or_else(none)?.get(&name(url)).await.map_err(locked)?;
        let missing = || ApiError::bad_request(format!("no credentials are kept for {url:?}; give some"));
        serde_json::from_str(&kept.ok_or_else(missing)?)
            .map_err(|_| locked("what is kept there was written by another version; keep it again".to_owned()))
    }
}

/// A target has one name, however its URL ends.
fn name(url: &str) -> String {
    url.trim().trim_end_matches('/').to_owned()
}

fn none() -> ApiError {
    locked("there is no keychain here: a keychain is used by the desktop app only".to_owned())
}

fn locked(why: String) -> ApiError {
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "no_keychain", why)
}
