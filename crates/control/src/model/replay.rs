//! Replays: what to send where, what would be sent, and what became of it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What to replay.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ReplaySource {
    /// These exchanges, in the order of their numbers.
    Exchanges {
        /// Their numbers.
        seqs: Vec<u64>,
    },
    /// The exchanges of a flow.
    Flow {
        /// Its number.
        flow: u64,
    },
    /// The exchanges that a query selects; all of them if it is empty.
    Query {
        /// The query.
        q: String,
    },
    /// A scenario that comes with the program; judged by what it expects.
    Scenario {
        /// Its id.
        id: String,
    },
    /// A flow file; judged by what it expects.
    File {
        /// The file's text.
        text: String,
    },
}

/// Where to replay.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ReplayTarget {
    /// A tenant of this server.
    Tenant {
        /// Its name.
        name: String,
    },
    /// Any SCIM base URL.
    Url {
        /// The base URL: `https://app.example.com/scim/v2`.
        url: String,
        /// With what requests are admitted. Kept in memory until the run is over.
        #[serde(default)]
        credentials: ReplayCredentials,
        /// Certificates of authorities to trust beside the public ones, as PEM.
        #[serde(default)]
        authorities_pem: Option<String>,
        /// The proxy, as `http://user:password@proxy.example.com:3128`.
        #[serde(default)]
        proxy: Option<String>,
    },
}

/// With what requests are admitted at the target.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ReplayCredentials {
    /// With nothing.
    #[default]
    None,
    /// With what the keychain of the desktop has for this URL.
    Kept,
    /// A bearer token.
    Bearer {
        /// The token.
        token: String,
    },
    /// A user name with a password.
    Basic {
        /// The user name.
        user: String,
        /// The password.
        password: String,
    },
    /// A header field of the server's own.
    Header {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
}

impl std::fmt::Debug for ReplayCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReplayCredentials(****)")
    }
}

/// When steps are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ReplayPace {
    /// As soon as what has to come first is over.
    #[default]
    Fast,
    /// As they were recorded.
    Recorded {
        /// 1 for the recorded times, 0.5 for twice as fast; from 0 to 100.
        factor: f64,
    },
    /// One after the other, each when somebody says so.
    StepByStep,
}

/// What does not count.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReplayIgnores {
    /// Other ids for the same resources, and other URLs of them.
    pub ids: bool,
    /// Other times.
    pub times: bool,
    /// Other names for the same versions.
    pub versions: bool,
    /// Another order.
    pub order: bool,
    /// Other words for people.
    pub wording: bool,
    /// Paths, each with what is below it: `meta`, `emails`, `name.formatted`, `header etag`, `status`.
    pub paths: Vec<String>,
}

/// A value of an answer that is in a later request.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayBinding {
    /// The step whose answer has the value, from 0.
    pub from_step: u64,
    /// Where in that answer: a JSON Pointer into the body, or `header Location`. Of a URL, its last segment.
    pub from_place: String,
    /// The step whose request has the value, from 0.
    pub to_step: u64,
    /// Where in that request: `path`, `query filter`, `header If-Match`, or `body` and a JSON Pointer.
    pub to_place: String,
    /// The recorded value.
    pub value: String,
    /// What sort of value it is.
    pub sort: ReplayValueSort,
}

/// What sort of value a binding carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplayValueSort {
    /// The id of a resource.
    Id,
    /// An `externalId` that the server told first.
    ExternalId,
    /// A version.
    Version,
    /// A place in a list.
    Cursor,
    /// A time that the server told.
    Time,
}

/// A change of where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(tag = "change", rename_all = "snake_case", deny_unknown_fields)]
pub enum ReplayBindingEdit {
    /// The recorded value is sent as it is.
    Keep {
        /// The step.
        step: u64,
        /// The place in its request.
        place: String,
        /// The recorded value.
        value: String,
    },
    /// Another value is sent.
    Set {
        /// The step.
        step: u64,
        /// The place in its request.
        place: String,
        /// The recorded value.
        value: String,
        /// What is sent instead.
        with: String,
    },
    /// The value of another answer is sent.
    Bind(ReplayBinding),
}

/// Another request for a step.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayEdit {
    /// The step, from 0.
    pub step: u64,
    /// The method.
    pub method: String,
    /// The path and query below the base URL, encoded.
    pub path: String,
    /// Header fields in order; those of the connection and of credentials are added.
    #[serde(default)]
    pub headers: Vec<[String; 2]>,
    /// The body; empty for none.
    #[serde(default)]
    pub body: String,
}

/// A replay to plan or to start.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReplay {
    /// What to send.
    pub source: ReplaySource,
    /// Where to send it.
    pub target: ReplayTarget,
    /// What does not count.
    #[serde(default)]
    pub ignores: ReplayIgnores,
    /// When steps are sent.
    #[serde(default)]
    pub pace: ReplayPace,
    /// How many may be under way at once, from 1 to 64; 1 if left out.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 64)]
    pub workers: Option<u64>,
    /// Whether a difference ends the run.
    #[serde(default)]
    pub stop_at_difference: bool,
    /// How long a read is repeated until its answer is the same, and a refusal with 429 or 503 until it is over, in
    /// milliseconds; not at all if left out. At most ten minutes.
    #[serde(default)]
    pub wait_ms: Option<u64>,
    /// Whether the resources are read back at the end.
    #[serde(default)]
    pub check_state: bool,
    /// Whether what the replay created is deleted at the end.
    #[serde(default)]
    pub clean_up: bool,
    /// How long one answer may take, in milliseconds, from 100 to 600,000; 30,000 if left out.
    #[serde(default)]
    pub answer_ms: Option<u64>,
    /// Changes of where values come from.
    #[serde(default)]
    pub bindings: Vec<ReplayBindingEdit>,
    /// Other requests for steps.
    #[serde(default)]
    pub edits: Vec<ReplayEdit>,
}

/// What a replay would send.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReplayPlan {
    /// The source in words.
    pub title: String,
    /// The target.
    pub target: ReplayTargetInfo,
    /// In numbers.
    pub counts: ReplayCounts,
    /// Steps of this page.
    pub items: Vec<PlannedStep>,
    /// Ask with this `from` for more; absent at the end.
    pub next: Option<u64>,
}

/// A replay in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReplayCounts {
    /// Steps.
    pub steps: u64,
    /// Steps that change something.
    pub writes: u64,
    /// Steps that cannot be sent again.
    pub unsendable: u64,
    /// Places in requests that get a value of the target.
    pub bindings: u64,
    /// Distinct values that are remapped.
    pub values: u64,
}

/// Where a replay goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReplayTargetInfo {
    /// The base URL.
    pub url: String,
    /// Host and port.
    pub host: String,
    /// The tenant, if it is one of this server.
    pub tenant: Option<String>,
    /// Whether only this machine can be meant.
    pub loopback: bool,
    /// Whether somebody agreed to send to this host. Always true for this machine.
    pub consented: bool,
}

/// A step that would be sent.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PlannedStep {
    /// Its place, from 0.
    pub index: u64,
    /// The recorded exchange.
    pub seq: Option<u64>,
    /// What it is for.
    pub label: String,
    /// The method.
    pub method: String,
    /// The path and query below the base URL, with recorded values.
    pub path: String,
    /// The header fields that would be sent beside `Host` and `Content-Length`, credentials masked.
    pub headers: Vec<[String; 2]>,
    /// The body, with recorded values; the first 64 KiB.
    pub body: String,
    /// Whether it changes something.
    pub writes: bool,
    /// The recorded status.
    pub status: Option<u16>,
    /// Why it cannot be sent, if it cannot.
    pub unsendable: Option<String>,
    /// Whether its answer is judged by one that was accepted from an earlier run.
    pub accepted: bool,
    /// The values of the target that it needs.
    pub bindings: Vec<ReplayBinding>,
}
