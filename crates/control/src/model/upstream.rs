//! The server behind a tenant that is a proxy, as the API tells of it and takes it.

use provider::{Hidden, Passage};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What kind of credential a tenant has at the server behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UpstreamCredentialKind {
    /// What the client sends is passed on.
    #[default]
    Passed,
    /// A bearer token of its own.
    Bearer,
    /// A user name and a password of its own.
    Basic,
    /// A header field of its own.
    Header,
}

/// The server behind a tenant.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct UpstreamInfo {
    /// Its SCIM base URL.
    pub url: String,
    /// Its host and port.
    pub host: String,
    /// Whether only this machine can be meant.
    pub loopback: bool,
    /// Certificates of authorities that are trusted beside the public ones, as PEM.
    pub authorities_pem: Option<String>,
    /// How long making a connection may take, in milliseconds.
    pub connect_timeout_ms: u64,
    /// How long the head of an answer may take, and each pause in its body, in milliseconds.
    pub answer_timeout_ms: u64,
    /// With what requests are admitted there.
    pub credential: UpstreamCredentialKind,
    /// The user name, or the name of the header field.
    pub credential_name: Option<String>,
    /// Whether the secret is known. It is not kept in the workspace, so it has to be given again after a start.
    pub credential_known: bool,
    /// Whether URLs of resources in answers are rewritten, so that they lead to the tenant.
    pub rewrite: bool,
    /// Whether a resource is read after a write whose answer does not show it.
    pub follow_up: bool,
}

/// With what requests are admitted at the server behind a tenant. A secret that is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum UpstreamCredential {
    /// With what the client sends: that server decides who is let in.
    #[default]
    Passed,
    /// With a bearer token. Clients have to present a credential of the tenant.
    Bearer {
        /// The token.
        #[serde(default)]
        token: Option<String>,
    },
    /// Likewise with a user name and a password.
    Basic {
        /// The user name.
        user: String,
        /// The password.
        #[serde(default)]
        password: Option<String>,
    },
    /// Likewise with a header field.
    Header {
        /// Its name.
        name: String,
        /// Its value.
        #[serde(default)]
        value: Option<String>,
    },
}

/// What to put behind a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUpstream {
    /// The SCIM base URL of the server, whole: `https://app.example.com/scim/v2`.
    pub url: String,
    /// Certificates of authorities to trust beside the public ones, as PEM.
    #[serde(default)]
    pub authorities_pem: Option<String>,
    /// How long making a connection may take, in milliseconds; 5,000 if left out.
    #[serde(default)]
    pub connect_timeout_ms: Option<u64>,
    /// How long the head of an answer may take, and each pause in its body, in milliseconds; 30,000 if left out.
    #[serde(default)]
    pub answer_timeout_ms: Option<u64>,
    /// With what requests are admitted there; with what the client sends if left out.
    #[serde(default)]
    pub credential: UpstreamCredential,
    /// Whether URLs of resources in answers are rewritten, so that they lead to the tenant.
    #[serde(default)]
    pub rewrite: bool,
    /// Whether a resource is read after a write whose answer does not show it.
    #[serde(default)]
    pub follow_up: bool,
}

/// That a request was sent on to the server behind its tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Forwarded {
    /// The URL that it was sent to.
    pub to: String,
    /// From the first byte sent on to the last byte of the answer, in microseconds.
    pub elapsed_us: u64,
    /// Whether the response is that server's answer; if not, it is Scimscope's and says why there is none.
    pub answered: bool,
    /// Whether URLs in the answer were rewritten.
    pub rewritten: bool,
}

impl From<&traffic::handled::Forwarded> for Forwarded {
    fn from(forwarded: &traffic::handled::Forwarded) -> Self {
        let traffic::handled::Forwarded { to, elapsed_us, answered, rewritten } = forwarded.clone();
        Forwarded { to, elapsed_us, answered, rewritten }
    }
}

impl UpstreamCredential {
    /// The credential as the provider has it, with the secret that was known before if it is of the same kind.
    pub(crate) fn complete(self, before: Option<&Passage>) -> Passage {
        let hidden = |text: String| Some(Hidden(text));
        match (self, before) {
            (UpstreamCredential::Passed, _) => Passage::Passed,
            (UpstreamCredential::Bearer { token: None }, Some(Passage::Bearer { token })) => {
                Passage::Bearer { token: token.clone() }
            }
            (UpstreamCredential::Bearer { token }, _) => Passage::Bearer { token: token.and_then(hidden) },
            (UpstreamCredential::Basic { user, password: None }, Some(Passage::Basic { user: had, password }))
                if *had == user =>
            {
                Passage::Basic { user, password: password.clone() }
            }
            (UpstreamCredential::Basic { user, password }, _) => {
                Passage::Basic { user, password: password.and_then(hidden) }
            }
            (UpstreamCredential::Header { name, value: None }, Some(Passage::Header { name: had, value }))
                if *had == name =>
            {
                Passage::Header { name, value: value.clone() }
            }
            (UpstreamCredential::Header { name, value }, _) => Passage::Header { name, value: value.and_then(hidden) },
        }
    }
}

/// The kind of a credential, and what names it.
pub(crate) fn kind_of(passage: &Passage) -> (UpstreamCredentialKind, Option<String>) {
    match passage {
        Passage::Passed => (UpstreamCredentialKind::Passed, None),
        Passage::Bearer { .. } => (UpstreamCredentialKind::Bearer, None),
        Passage::Basic { user, .. } => (UpstreamCredentialKind::Basic, Some(user.clone())),
        Passage::Header { name, .. } => (UpstreamCredentialKind::Header, Some(name.clone())),
    }
}
