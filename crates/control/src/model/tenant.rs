//! What the API says of tenants and their credentials, and what it takes to change them.

use std::net::SocketAddr;

use jiff::Timestamp;
use provider::{Credential, Federated, Scope, Secret, Simulation};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::server::ResourceCount;
use super::upstream::UpstreamInfo;
use crate::facts::Exposure;

/// A tenant.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TenantInfo {
    /// What names it in the record, for good.
    pub id: String,
    /// What names it in paths, and here.
    pub name: String,
    /// Whether it is the one that is always there.
    pub is_default: bool,
    /// Its base URL as clients see it: the public one if there is one.
    pub scim_url: String,
    /// Its base URL as a client on this machine writes it.
    pub local_url: String,
    /// Its token endpoint, as a client on this machine writes it.
    pub token_url: String,
    /// The public URL, as it was set.
    pub public_url: Option<String>,
    /// Peers whose `Forwarded` and `X-Forwarded-*` are believed: addresses and networks.
    pub forwarded_from: Vec<String>,
    /// The address that it has for itself, as it was set; port 0 takes a free one.
    pub listen: Option<String>,
    /// The address that it has for itself, as it is; absent if it could not be had.
    pub listening: Option<String>,
    /// Who can reach that address.
    pub exposure: Option<Exposure>,
    /// The server behind it, if it is a proxy.
    pub upstream: Option<UpstreamInfo>,
    /// Name of the profile in force.
    pub profile: String,
    /// Whether requests are answered without any credentials.
    pub open: bool,
    /// What is made believe about every right credential.
    #[schema(value_type = Option<SimulationName>)]
    pub simulate: Option<Simulation>,
    /// How long a token of the token endpoint is good, in seconds.
    pub token_lifetime_s: u64,
    /// The revision of its directory.
    pub revision: u64,
    /// How many resources there are, by type.
    pub resources: Vec<ResourceCount>,
}

/// All tenants.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TenantList {
    /// The default one first, then the others by name.
    pub items: Vec<TenantInfo>,
}

/// A tenant to be made.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTenant {
    /// Its name: lower-case letters, digits and hyphens, at most 63.
    pub name: String,
    /// The preset that it begins with; `tolerant` if not given.
    #[serde(default)]
    pub profile: Option<String>,
    /// Names of ready schemas that it has beside the common ones: "devices", "agents".
    #[serde(default)]
    pub schema_presets: Vec<String>,
    /// Schema documents that it has beside the common ones (RFC 7643 section 7).
    #[serde(default)]
    #[schema(value_type = Vec<Object>)]
    pub schemas: Vec<serde_json::Value>,
    /// ResourceType documents that it has beside the common ones (RFC 7643 section 6).
    #[serde(default)]
    #[schema(value_type = Vec<Object>)]
    pub resource_types: Vec<serde_json::Value>,
}

/// A tenant that was made, and how to get in.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TenantCreated {
    /// The tenant.
    pub tenant: TenantInfo,
    /// The bearer token that it begins with. It is not shown again.
    pub token: String,
}

/// The name of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TenantName {
    /// The name.
    pub name: String,
}

/// What to change about a tenant. What is left out stays; `null` takes away.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TenantChange {
    /// Another name, and with it another path. Not for the default tenant.
    #[serde(default)]
    pub name: Option<String>,
    /// The URL under which clients reach it: with a path the whole base URL, without one the tenant's path is added.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub public_url: Option<Option<String>>,
    /// Peers whose `Forwarded` and `X-Forwarded-*` are believed: addresses and networks like `10.0.0.0/8`.
    #[serde(default)]
    pub forwarded_from: Option<Vec<String>>,
    /// An address for this tenant alone, where it is at `/scim/v2`.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub listen: Option<Option<SocketAddr>>,
    /// Whether requests are answered without any credentials.
    #[serde(default)]
    pub open: Option<bool>,
    /// Makes every right credential look expired or revoked.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<SimulationName>)]
    pub simulate: Option<Option<Simulation>>,
    /// How long a token of the token endpoint is good, in seconds: at least 1.
    #[serde(default)]
    #[schema(minimum = 1)]
    pub token_lifetime_s: Option<u64>,
}

/// What is made believe about every right credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code, reason = "stands for a type of another room in the description of the API")]
pub enum SimulationName {
    /// It expired.
    Expired,
    /// It was revoked.
    Revoked,
}

/// The kind of a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// `Authorization: Bearer`.
    Bearer,
    /// `Authorization: Basic`.
    Basic,
    /// A header field of its own.
    Header,
    /// OAuth 2.0 client credentials, for the token endpoint.
    OauthClient,
}

/// What a client assertion must say, in place of a client's secret; its signature is not checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FederatedInfo {
    /// The claim `iss`, if it matters.
    #[serde(default)]
    pub issuer: Option<String>,
    /// The claim `sub`, if it matters.
    #[serde(default)]
    pub subject: Option<String>,
    /// The claim `aud`, or one of its values, if it matters.
    #[serde(default)]
    pub audience: Option<String>,
}

/// A credential, with its secret masked.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CredentialInfo {
    /// Names it for good.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it is.
    pub kind: CredentialKind,
    /// The user name, the client's id, or the name of the header field.
    pub owner: Option<String>,
    /// The secret, masked.
    pub secret: String,
    /// What a client assertion must say, if one does.
    pub federated: Option<FederatedInfo>,
    /// What it is good for: `scim.read`, `scim.write`.
    #[schema(value_type = Vec<String>)]
    pub scopes: Vec<Scope>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// From when on it is refused.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Timestamp>,
    /// Whether it is neither expired nor revoked now.
    pub usable: bool,
}

/// All credentials of a tenant.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CredentialList {
    /// In the order in which they were made.
    pub items: Vec<CredentialInfo>,
}

/// A credential to be made. A secret that is left out is made at random.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum NewSecret {
    /// `Authorization: Bearer token`.
    Bearer {
        /// The token.
        #[serde(default)]
        token: Option<String>,
    },
    /// `Authorization: Basic`.
    Basic {
        /// The user's name.
        username: String,
        /// The password.
        #[serde(default)]
        password: Option<String>,
    },
    /// A header field of its own.
    Header {
        /// The name of the field: "X-Api-Key".
        header: String,
        /// Its value.
        #[serde(default)]
        value: Option<String>,
    },
    /// OAuth 2.0 client credentials, for the token endpoint.
    OauthClient {
        /// The client's id; made at random if left out.
        #[serde(default)]
        client_id: Option<String>,
        /// Its secret.
        #[serde(default)]
        client_secret: Option<String>,
        /// Lets a client assertion do in place of the secret.
        #[serde(default)]
        federated: Option<FederatedInfo>,
    },
}

/// A credential to be made.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCredential {
    /// What people call it.
    pub name: String,
    /// What has to be presented.
    pub secret: NewSecret,
    /// What it is good for; everything if left out.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    pub scopes: Option<Vec<Scope>>,
    /// From when on it is refused.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
}

/// A credential that was made.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CredentialCreated {
    /// The credential.
    pub credential: CredentialInfo,
    /// Its secret. It is not shown again.
    pub secret: String,
}

/// What to change about a credential. What is left out stays; `null` takes away.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CredentialChange {
    /// What people call it.
    #[serde(default)]
    pub name: Option<String>,
    /// What it is good for.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    pub scopes: Option<Vec<Scope>>,
    /// From when on it is refused.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Option<Timestamp>>,
    /// Whether it is revoked.
    #[serde(default)]
    pub revoked: Option<bool>,
}

/// How to put a new secret in the place of an old one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// How long the old one is still good, in seconds; not at all if left out.
    #[serde(default)]
    pub overlap_s: u64,
    /// The new secret; made at random if left out.
    #[serde(default)]
    pub secret: Option<String>,
}

impl CredentialInfo {
    /// A credential as it may be shown.
    pub fn new(credential: &Credential, now: Timestamp) -> CredentialInfo {
        let (kind, owner, federated) = match &credential.secret {
            Secret::Bearer { .. } => (CredentialKind::Bearer, None, None),
            Secret::Basic { username, .. } => (CredentialKind::Basic, Some(username), None),
            Secret::Header { header, .. } => (CredentialKind::Header, Some(header), None),
            Secret::OauthClient { client_id, federated, .. } => {
                (CredentialKind::OauthClient, Some(client_id), federated.clone())
            }
        };
        CredentialInfo {
            id: credential.id.clone(),
            name: credential.name.clone(),
            kind,
            owner: owner.cloned(),
            secret: credential.secret.masked(),
            federated: federated.map(FederatedInfo::from),
            scopes: credential.scopes.clone(),
            created_at: credential.created_at,
            expires_at: credential.expires_at,
            revoked_at: credential.revoked_at,
            usable: credential.is_usable(now),
        }
    }
}

impl NewSecret {
    /// The secret, with everything that was left out made by `random`.
    pub fn complete(self, mut random: impl FnMut() -> String) -> Secret {
        match self {
            NewSecret::Bearer { token } => Secret::Bearer { token: token.unwrap_or_else(random) },
            NewSecret::Basic { username, password } => {
                Secret::Basic { username, password: password.unwrap_or_else(random) }
            }
            NewSecret::Header { header, value } => Secret::Header { header, value: value.unwrap_or_else(random) },
            NewSecret::OauthClient { client_id, client_secret, federated } => Secret::OauthClient {
                client_id: client_id.unwrap_or_else(&mut random),
                client_secret: client_secret.unwrap_or_else(random),
                federated: federated.map(Federated::from),
            },
        }
    }
}

impl From<Federated> for FederatedInfo {
    fn from(federated: Federated) -> Self {
        let Federated { issuer, subject, audience } = federated;
        FederatedInfo { issuer, subject, audience }
    }
}

impl From<FederatedInfo> for Federated {
    fn from(federated: FederatedInfo) -> Self {
        let FederatedInfo { issuer, subject, audience } = federated;
        Federated { issuer, subject, audience }
    }
}

/// Tells `null` from a member that is not there.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
