//! The server behind a tenant that is a recording proxy: where it is, and how requests are passed on.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::net::PublicUrl;

/// How long making a connection may take, if nothing else is said; in milliseconds.
const CONNECT_TIMEOUT_MS: u64 = 5_000;
/// How long an answer may keep us waiting, if nothing else is said; in milliseconds.
const ANSWER_TIMEOUT_MS: u64 = 30_000;

/// The server behind a tenant. Requests to the tenant are sent on to it, and clients get its answers; the tenant's directory is
/// what those answers have shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upstream {
    /// Its SCIM base URL, whole: `https://app.example.com/scim/v2`.
    pub url: PublicUrl,
    /// Certificates of authorities to trust beside the public ones, as PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorities_pem: Option<String>,
    /// How long making a connection may take, in milliseconds.
    #[serde(default = "connect_timeout_ms")]
    pub connect_timeout_ms: u64,
    /// How long the head of an answer may take, and each pause in its body, in milliseconds.
    #[serde(default = "answer_timeout_ms")]
    pub answer_timeout_ms: u64,
    /// With what requests are admitted there.
    #[serde(default)]
    pub credential: Passage,
    /// Whether URLs of resources in answers are rewritten, so that they lead to the tenant.
    #[serde(default)]
    pub rewrite: bool,
    /// Whether a resource is read after a write whose answer does not show it.
    #[serde(default)]
    pub follow_up: bool,
}

/// With what requests are admitted at the server behind a tenant. Secrets are never kept in the workspace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Passage {
    /// With what the client sends. The other server decides who is let in.
    #[default]
    Passed,
    /// With a bearer token of the tenant's own (RFC 6750). Clients have to present a credential of the tenant.
    Bearer {
        /// The token; absent after a start, until somebody gives it again.
        #[serde(skip)]
        token: Option<Hidden>,
    },
    /// Likewise with a user name and a password (RFC 7617).
    Basic {
        /// The user name.
        user: String,
        /// The password, as above.
        #[serde(skip)]
        password: Option<Hidden>,
    },
    /// Likewise with a header field.
    Header {
        /// Its name.
        name: String,
        /// Its value, as above.
        #[serde(skip)]
        value: Option<Hidden>,
    },
}

/// A text that no log shows.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Hidden(pub String);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("****")
    }
}

impl Upstream {
    /// This URL, with the client's credentials and the usual times.
    pub fn new(url: PublicUrl) -> Upstream {
        Upstream {
            url,
            authorities_pem: None,
            connect_timeout_ms: CONNECT_TIMEOUT_MS,
            answer_timeout_ms: ANSWER_TIMEOUT_MS,
            credential: Passage::Passed,
            rewrite: false,
            follow_up: false,
        }
    }
}

impl Passage {
    /// Whether the tenant has a credential of its own there.
    pub fn is_own(&self) -> bool {
        !matches!(self, Passage::Passed)
    }

    /// Whether what is needed is known.
    pub fn is_known(&self) -> bool {
        match self {
            Passage::Passed => true,
            Passage::Bearer { token: secret }
            | Passage::Basic { password: secret, .. }
            | Passage::Header { value: secret, .. } => secret.is_some(),
        }
    }
}

fn connect_timeout_ms() -> u64 {
    CONNECT_TIMEOUT_MS
}

fn answer_timeout_ms() -> u64 {
    ANSWER_TIMEOUT_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_an_upstream_has_no_secret() {
        let credential = Passage::Basic { user: "sync".into(), password: Some(Hidden("geheim".into())) };
        let upstream = Upstream { credential, ..Upstream::new("https://app.example.com/scim".parse().unwrap()) };
        let text = serde_json::to_string(&upstream).unwrap();
        assert!(!text.contains("geheim") && !format!("{upstream:?}").contains("geheim"));
        let again: Upstream = serde_json::from_str(&text).unwrap();
        assert_eq!(again.credential, Passage::Basic { user: "sync".into(), password: None });
        assert!(!again.credential.is_known() && upstream.credential.is_known());
    }
}
