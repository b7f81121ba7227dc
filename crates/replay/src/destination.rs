//! Where a replay goes, and with which credentials.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::uri::Uri;
use std::net::IpAddr;

use scim::json::Json;

use crate::recording::{Call, Measure, Recorded};
use crate::wire::{Limits, Way, Wire};

/// Where a replay goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The SCIM base URL: `http://127.0.0.1:8787/scim/v2`.
    pub base: String,
    /// With what requests are admitted. Only in memory: never part of a result.
    pub credentials: Credentials,
    /// The way there.
    pub way: Way,
    /// What the server may take.
    pub limits: Limits,
}

/// With what requests are admitted.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Credentials {
    /// Nothing.
    #[default]
    None,
    /// A bearer token (RFC 6750).
    Bearer(String),
    /// A user name and a password (RFC 7617).
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

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Credentials::None => "None",
            Credentials::Bearer(_) => "Bearer(****)",
            Credentials::Basic { .. } => "Basic(****)",
            Credentials::Header { .. } => "Header(****)",
        })
    }
}

impl Credentials {
    /// The header field that carries them.
    pub(crate) fn field(&self) -> Option<(String, String)> {
        match self {
            Credentials::None => None,
            Credentials::Bearer(token) => Some(("Authorization".into(), format!("Bearer {token}"))),
            Credentials::Basic { user, password } => {
                Some(("Authorization".into(), format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))))
            }
            Credentials::Header { name, value } => Some((name.clone(), value.clone())),
        }
    }

    /// What flow files mean by `auth.token`.
    pub(crate) fn token(&self) -> &str {
        match self {
            Credentials::Bearer(token) => token,
            Credentials::Header { value, .. } => value,
            Credentials::None | Credentials::Basic { .. } => "",
        }
    }
}

impl Destination {
    /// A destination with a bearer token, straight, with the usual limits.
    pub fn new(base: impl Into<String>, token: impl Into<String>) -> Destination {
        let (way, limits) = (Way::default(), Limits::default());
        Destination { base: base.into(), credentials: Credentials::Bearer(token.into()), way, limits }
    }

    /// Whether requests can be sent there at all; else why not, for people.
    pub fn check(&self) -> Result<(), String> {
        Wire::by(self.base.trim_end_matches('/'), &self.way, self.limits).map(drop).map_err(|error| error.to_string())
    }

    /// A recorded request as it would be sent there, but for values that come from answers.
    pub fn call(&self, step: &Recorded) -> Call {
        if let Measure::Expected(expected) = &step.measure {
            let body = expected.body.as_ref().map(|body| match body {
                Json::String(verbatim) => verbatim.clone(),
                other => other.to_text(),
            });
            let headers = expected.headers.clone();
            return Call { headers, body: body.unwrap_or_default().into(), ..step.call.clone() };
        }
        let was_refused = step.reply().is_some_and(|reply| reply.status == 401);
        let headers = headers(&step.call.headers, &self.credentials, was_refused);
        Call { headers, ..step.call.clone() }
    }

    /// Host and port as the base URL has them; nothing if it is no URL.
    pub fn host(&self) -> Option<String> {
        let uri: Uri = self.base.parse().ok()?;
        let authority = uri.authority()?;
        Some(authority.as_str().rsplit('@').next().unwrap_or_default().to_ascii_lowercase())
    }

    /// Whether only this machine can be meant: `localhost`, or an address of the loopback. A name that merely resolves to one
    /// is none.
    pub fn is_loopback(&self) -> bool {
        let uri: Option<Uri> = self.base.parse().ok();
        let Some(host) = uri.as_ref().and_then(Uri::host) else { return false };
        let host = host.trim_matches(['[', ']']);
        host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

/// Header fields that belong to one connection or one client, not to what is asked.
const LEFT_OUT: [&str; 22] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "proxy-authorization",
    "proxy-connection",
    "accept-encoding",
    "cookie",
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-forwarded-host",
    "x-real-ip",
    "x-api-key",
    "api-key",
    "x-auth-token",
    "via",
];

/// Sent where the recording has credentials that were refused.
const REFUSED: &str = "Bearer not-a-token";

/// The header fields of a recorded request with the credentials of this destination in the place of the recorded ones. What
/// was refused for its credentials is sent without, or with some that nobody takes: the recorded ones never leave.
pub(crate) fn headers(
    recorded: &[(String, String)],
    credentials: &Credentials,
    was_refused: bool,
) -> Vec<(String, String)> {
    let own = if was_refused { None } else { credentials.field() };
    let mut placed = false;
    let mut fields = Vec::with_capacity(recorded.len() + 1);
    for (name, value) in recorded {
        let is_own = own.as_ref().is_some_and(|(own, _)| own.eq_ignore_ascii_case(name));
        if name.eq_ignore_ascii_case("authorization") || is_own {
            if placed {
                continue;
            }
            placed = true;
            match &own {
                Some(own) => fields.push(own.clone()),
                None if was_refused => fields.push((name.clone(), REFUSED.to_owned())),
                None => {}
            }
        } else if !LEFT_OUT.iter().any(|left_out| name.eq_ignore_ascii_case(left_out)) {
            fields.push((name.clone(), value.clone()));
        }
    }
    if let Some(own) = own.filter(|_| !placed) {
        fields.push(own);
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn recorded_credentials_never_leave_and_new_ones_stand_in_their_place() {
        let recorded = fields(&[
            ("Accept", "a"),
            ("authorization", "Bearer old"),
            ("X-Api-Key", "old"),
            ("Host", "h"),
            ("User-Agent", "u"),
        ]);
        let bearer = Credentials::Bearer("new".into());
        assert_eq!(
            headers(&recorded, &bearer, false),
            fields(&[("Accept", "a"), ("Authorization", "Bearer new"), ("User-Agent", "u")])
        );
        let key = Credentials::Header { name: "X-Key".into(), value: "new".into() };
        assert_eq!(headers(&recorded, &key, false), fields(&[("Accept", "a"), ("X-Key", "new"), ("User-Agent", "u")]));
        assert_eq!(
            headers(&recorded, &bearer, true),
            fields(&[("Accept", "a"), ("authorization", REFUSED), ("User-Agent", "u")])
        );
        assert_eq!(headers(&recorded[..1], &bearer, true), fields(&[("Accept", "a")]));
        assert_eq!(
            headers(&recorded[..1], &bearer, false),
            fields(&[("Accept", "a"), ("Authorization", "Bearer new")])
        );
    }

    #[test]
    fn only_what_cannot_be_another_machine_is_loopback() {
        for (base, is_loopback) in [
            ("http://127.0.0.1:1/scim", true),
            ("http://[::1]:1/scim", true),
            ("http://LOCALHOST/scim", true),
            ("http://127.0.0.1.example.com/scim", false),
            ("http://localhost.example.com/scim", false),
            ("http://10.0.0.1/scim", false),
            ("nothing", false),
        ] {
            assert_eq!(Destination::new(base, "").is_loopback(), is_loopback, "{base}");
        }
    }
}
