//! What the API says of a self-test.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What to test.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSelfTest {
    /// The tenant, by its name; the default one if left out.
    #[serde(default)]
    pub tenant: Option<String>,
    /// The base URL to try; the tenant's base URL as clients see it if left out.
    #[serde(default)]
    pub url: Option<String>,
}

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SelfTestName {
    /// Whether the URL is one that identity providers take.
    Address,
    /// Whether there is somebody at that address.
    Connection,
    /// Whether the certificate is one that everybody trusts.
    Certificate,
    /// Whether a request without credentials is refused.
    WithoutToken,
    /// Whether a request with the token gets its answer.
    WithToken,
    /// Whether the requests arrived here, and not at another server.
    Arrival,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SelfTestState {
    /// As it should.
    Passed,
    /// It works, but not for everybody.
    Warned,
    /// It does not work.
    Failed,
    /// It was not tried.
    Skipped,
}

/// One step and how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SelfTestStep {
    /// What was tried.
    pub name: SelfTestName,
    /// How it ended.
    pub state: SelfTestState,
    /// What was found.
    pub found: String,
    /// What to do about it; empty if there is nothing to do.
    pub advice: String,
    /// How long it took; 0 if nothing was sent.
    pub elapsed_us: u64,
}

/// How a base URL can be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SelfTest {
    /// The base URL that was tried.
    pub url: String,
    /// The worst state of a step that was tried.
    pub state: SelfTestState,
    /// All steps in order.
    pub steps: Vec<SelfTestStep>,
    /// How long a request with the token waited for its answer.
    pub round_trip_us: Option<u64>,
    /// Exchanges of the test that arrived here.
    pub exchanges: Vec<u64>,
}

impl From<replay::StepName> for SelfTestName {
    fn from(name: replay::StepName) -> Self {
        match name {
            replay::StepName::Address => SelfTestName::Address,
            replay::StepName::Connection => SelfTestName::Connection,
            replay::StepName::Certificate => SelfTestName::Certificate,
            replay::StepName::WithoutToken => SelfTestName::WithoutToken,
            replay::StepName::WithToken => SelfTestName::WithToken,
        }
    }
}

impl From<replay::StepState> for SelfTestState {
    fn from(state: replay::StepState) -> Self {
        match state {
            replay::StepState::Passed => SelfTestState::Passed,
            replay::StepState::Warned => SelfTestState::Warned,
            replay::StepState::Failed => SelfTestState::Failed,
            replay::StepState::Skipped => SelfTestState::Skipped,
        }
    }
}
