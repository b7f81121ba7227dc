//! What a tenant asks for: its credentials, as they are kept in the workspace.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::mask::masked;

/// The `id` of the bearer token that a tenant begins with.
pub(crate) const PRIMARY: &str = "primary";
/// How long a token of the token endpoint is good, if nothing else is said.
const TOKEN_LIFETIME_S: u64 = 3600;

/// Who may ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// Whether requests are answered without any credentials (RFC 7644 section 2.2). Credentials are not looked at then.
    #[serde(default)]
    pub open: bool,
    /// Everything that admits. Without one, and not open, nobody is let in.
    #[serde(default)]
    pub credentials: Vec<Arc<Credential>>,
    /// How long a token of the token endpoint is good, in seconds.
    #[serde(default = "token_lifetime_s")]
    pub token_lifetime_s: u64,
    /// Treats every right credential as if it were not right any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simulate: Option<Simulation>,
}

/// Something that admits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// Names it for good.
    pub id: String,
    /// What people call it. Two may share a name while one takes the place of the other.
    pub name: String,
    /// What has to be presented.
    pub secret: Secret,
    /// What it is good for.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// When it was revoked. It is refused, and says why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}

/// What has to be presented. Its text for debugging shows no secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Secret {
    /// `Authorization: Bearer token` (RFC 6750).
    Bearer {
        /// The token.
        token: String,
    },
    /// `Authorization: Basic ...` (RFC 7617).
    Basic {
        /// The user's name.
        username: String,
        /// The password.
        password: String,
    },
    /// A header field of its own.
    Header {
        /// The name of the field.
        header: String,
        /// Its value.
        value: String,
    },
    /// OAuth 2.0 client credentials (RFC 6749 section 4.4): good at the token endpoint only.
    OauthClient {
        /// The client's id.
        client_id: String,
        /// Its secret.
        client_secret: String,
        /// Whether a signed statement of another identity provider does in place of the secret.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        federated: Option<Federated>,
    },
}

/// What a client assertion (RFC 7523 section 2.2) must say: Entra's workload identity federation. Its signature is not
/// checked, since a server for tests does not know the key; the trace says so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Federated {
    /// The claim `iss`, if it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The claim `sub`, if it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The claim `aud`, or one of its values, if it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
}

/// What a credential is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Scope {
    /// GET, HEAD and `.search`.
    #[serde(rename = "scim.read")]
    Read,
    /// POST, PUT, PATCH and DELETE.
    #[serde(rename = "scim.write")]
    Write,
}

/// What is wrong with every right credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Simulation {
    /// It expired.
    Expired,
    /// It was revoked.
    Revoked,
}

impl Scope {
    /// Both of them.
    pub const ALL: [Scope; 2] = [Scope::Read, Scope::Write];

    /// Its name in OAuth.
    pub fn name(self) -> &'static str {
        match self {
            Scope::Read => "scim.read",
            Scope::Write => "scim.write",
        }
    }

    /// The scope with this name.
    pub fn named(name: &str) -> Option<Scope> {
        Scope::ALL.into_iter().find(|scope| scope.name() == name)
    }

    /// Names with blanks between them (RFC 6749 section 3.3).
    pub(crate) fn list(scopes: &[Scope]) -> String {
        scopes.iter().map(|scope| scope.name()).collect::<Vec<_>>().join(" ")
    }
}

impl Access {
    /// One bearer token admits to everything. An empty one admits nobody.
    pub fn bearer(token: &str, at: Timestamp) -> Access {
        let mut access = Access { credentials: Vec::new(), ..Access::default() };
        access.set_primary(token, at);
        access
    }

    /// Gives the bearer token that the tenant begins with another value; adds it if it was removed.
    pub fn set_primary(&mut self, token: &str, at: Timestamp) {
        let secret = Secret::Bearer { token: token.to_owned() };
        let primary = Credential {
            id: PRIMARY.to_owned(),
            name: PRIMARY.to_owned(),
            secret,
            scopes: Scope::ALL.to_vec(),
            created_at: at,
            expires_at: None,
            revoked_at: None,
        };
        match self.credentials.iter_mut().find(|credential| credential.id == PRIMARY) {
            Some(known) => *known = Arc::new(Credential { name: known.name.clone(), ..primary }),
            None => self.credentials.insert(0, Arc::new(primary)),
        }
    }

    /// The bearer token that the tenant began with.
    pub fn primary(&self) -> Option<&Arc<Credential>> {
        self.credential(PRIMARY)
    }

    /// A bearer token with every scope that admits now, to show how to connect.
    pub fn usable_bearer(&self, now: Timestamp) -> Option<&str> {
        self.credentials.iter().filter(|credential| credential.is_usable(now)).find_map(|credential| match &credential
            .secret
        {
            Secret::Bearer { token } if credential.scopes.len() == Scope::ALL.len() && !token.is_empty() => {
                Some(token.as_str())
            }
            _ => None,
        })
    }

    /// The credential with this id.
    pub fn credential(&self, id: &str) -> Option<&Arc<Credential>> {
        self.credentials.iter().find(|credential| credential.id == id)
    }
}

impl Default for Access {
    /// Nobody is let in.
    fn default() -> Self {
        Access { open: false, credentials: Vec::new(), token_lifetime_s: TOKEN_LIFETIME_S, simulate: None }
    }
}

impl Credential {
    /// Whether it is neither expired nor revoked.
    pub fn is_usable(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|at| at > now)
    }
}

impl Secret {
    /// The secret part, masked.
    pub fn masked(&self) -> String {
        masked(self.text())
    }

    /// The secret part itself.
    pub fn text(&self) -> &str {
        match self {
            Secret::Bearer { token } => token,
            Secret::Basic { password, .. } => password,
            Secret::Header { value, .. } => value,
            Secret::OauthClient { client_secret, .. } => client_secret,
        }
    }

    /// The same kind for the same owner with another secret part.
    pub fn renewed(&self, text: String) -> Secret {
        match self.clone() {
            Secret::Bearer { .. } => Secret::Bearer { token: text },
            Secret::Basic { username, .. } => Secret::Basic { username, password: text },
            Secret::Header { header, .. } => Secret::Header { header, value: text },
            Secret::OauthClient { client_id, federated, .. } => {
                Secret::OauthClient { client_id, client_secret: text, federated }
            }
        }
    }
}

/// Compares in a time that does not depend on where the two differ. An empty secret is never right.
pub(crate) fn is_right(presented: &str, secret: &str) -> bool {
    !secret.is_empty() && bool::from(presented.as_bytes().ct_eq(secret.as_bytes()))
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Secret::Bearer { .. } => write!(f, "Bearer({})", self.masked()),
            Secret::Basic { username, .. } => write!(f, "Basic({username:?}, {})", self.masked()),
            Secret::Header { header, .. } => write!(f, "Header({header:?}, {})", self.masked()),
            Secret::OauthClient { client_id, .. } => write!(f, "OauthClient({client_id:?}, {})", self.masked()),
        }
    }
}

fn token_lifetime_s() -> u64 {
    TOKEN_LIFETIME_S
}
