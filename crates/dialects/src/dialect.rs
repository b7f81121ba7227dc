//! The dialects that can be told apart.

/// A family of clients that speak SCIM in the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// Microsoft Entra ID's provisioning service, with and without its `aadOptscim062020` flag.
    Entra,
    /// Okta, both kinds of apps.
    Okta,
    /// OneLogin's template-driven provisioner.
    OneLogin,
    /// Google Workspace's automatic provisioning.
    Google,
    /// JumpCloud.
    JumpCloud,
    /// authentik's outgoing SCIM provider.
    Authentik,
    /// rauthy.
    Rauthy,
    /// Keycloak with the community's SCIM extension.
    Keycloak,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Dialect; 8] = [
        Dialect::Entra,
        Dialect::Okta,
        Dialect::OneLogin,
        Dialect::Google,
        Dialect::JumpCloud,
        Dialect::Authentik,
        Dialect::Rauthy,
        Dialect::Keycloak,
    ];

    /// The word in data: "entra".
    pub fn key(self) -> &'static str {
        match self {
            Dialect::Entra => "entra",
            Dialect::Okta => "okta",
            Dialect::OneLogin => "onelogin",
            Dialect::Google => "google",
            Dialect::JumpCloud => "jumpcloud",
            Dialect::Authentik => "authentik",
            Dialect::Rauthy => "rauthy",
            Dialect::Keycloak => "keycloak",
        }
    }

    /// The name for people: "Entra".
    pub fn name(self) -> &'static str {
        match self {
            Dialect::Entra => "Entra",
            Dialect::Okta => "Okta",
            Dialect::OneLogin => "OneLogin",
            Dialect::Google => "Google",
            Dialect::JumpCloud => "JumpCloud",
            Dialect::Authentik => "authentik",
            Dialect::Rauthy => "rauthy",
            Dialect::Keycloak => "Keycloak",
        }
    }

    /// The dialect with this key.
    pub fn with_key(key: &str) -> Option<Dialect> {
        Dialect::ALL.into_iter().find(|dialect| dialect.key() == key)
    }
}
