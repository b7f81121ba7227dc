//! What a tenant says of its own ways in: the challenges of a 401 (RFC 7644 section 2) and `authenticationSchemes`
//! (RFC 7643 section 5).

use scim::json::Json;
use scim::object;

use super::access::{Access, Secret};
use super::check::Denied;

/// The realm of every challenge.
const REALM: &str = "realm=\"scimscope\"";

impl Access {
    pub(super) fn takes_bearer(&self) -> bool {
        let bearer = |secret: &Secret| matches!(secret, Secret::Bearer { .. } | Secret::OauthClient { .. });
        self.credentials.iter().any(|credential| bearer(&credential.secret))
    }

    pub(super) fn takes_basic(&self) -> bool {
        self.credentials.iter().any(|credential| matches!(credential.secret, Secret::Basic { .. }))
    }

    pub(super) fn has_clients(&self) -> bool {
        self.credentials.iter().any(|credential| matches!(credential.secret, Secret::OauthClient { .. }))
    }

    /// The names of header fields that carry credentials, each once.
    pub(crate) fn own_headers(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for credential in &self.credentials {
            if let Secret::Header { header, .. } = &credential.secret
                && !names.iter().any(|name| name.eq_ignore_ascii_case(header))
            {
                names.push(header);
            }
        }
        names
    }
}

/// The values of `WWW-Authenticate`, one for each scheme that the tenant takes.
pub(crate) fn challenges(access: &Access, denied: &Denied) -> Vec<String> {
    let mut challenges = Vec::new();
    let own_headers = access.own_headers();
    if access.takes_bearer() || (!access.takes_basic() && own_headers.is_empty()) {
        let error = denied.invalid_token.map(|why| format!(", error=\"invalid_token\", error_description=\"{why}\""));
        challenges.push(format!("Bearer {REALM}{}", error.unwrap_or_default()));
    }
    if access.takes_basic() {
        challenges.push(format!("Basic {REALM}, charset=\"UTF-8\""));
    }
    // There is no registered scheme for a header field of one's own; a name that says it is better than silence.
    challenges.extend(own_headers.iter().map(|header| format!("ApiKey {REALM}, header=\"{header}\"")));
    challenges
}

/// `authenticationSchemes` of ServiceProviderConfig; empty for a tenant that asks for nothing.
pub(crate) fn schemes(access: &Access) -> Vec<Json> {
    let mut schemes: Vec<(&str, &str, String, &str)> = Vec::new();
    if access.open {
        return Vec::new();
    }
    let has_bearer = access.credentials.iter().any(|credential| matches!(credential.secret, Secret::Bearer { .. }));
    if has_bearer || access.credentials.is_empty() {
        let description = "The token of the tenant in the header field Authorization.".to_owned();
        schemes.push(("oauthbearertoken", "Bearer token", description, "https://www.rfc-editor.org/rfc/rfc6750"));
    }
    if access.has_clients() {
        let description = "A token of the tenant's token endpoint, for the grant type client_credentials.".to_owned();
        schemes.push(("oauth2", "OAuth 2.0", description, "https://www.rfc-editor.org/rfc/rfc6749"));
    }
    if access.takes_basic() {
        let description = "User name and password in the header field Authorization.".to_owned();
        schemes.push(("httpbasic", "HTTP Basic", description, "https://www.rfc-editor.org/rfc/rfc7617"));
    }
    for header in access.own_headers() {
        schemes.push(("apikey", "Header field", format!("A secret in the header field {header}."), ""));
    }
    let scheme = |(at, (kind, name, description, specification)): (usize, (&str, &str, String, &str))| {
        let mut scheme = object! { "type" => kind, "name" => name, "description" => description };
        if !specification.is_empty() {
            scheme.insert("specUri", specification);
        }
        scheme.insert("primary", at == 0);
        Json::Object(scheme)
    };
    schemes.into_iter().enumerate().map(scheme).collect()
}
