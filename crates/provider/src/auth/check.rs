//! The decision whether a request is let in, with every step written down.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use traffic::handled::AuthStep;

use super::access::{Access, Credential, Scope, Secret, Simulation, is_right};
use super::mask::{masked, name};
use super::tokens::Issued;
use crate::request::Request;

/// What a request that was let in may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    pub scopes: Vec<Scope>,
    /// Whether a bearer token was the way in: a refusal for its scope then says so in its header (RFC 6750 section 3.1).
    pub by_bearer: bool,
}

/// Why a request was not let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Denied {
    /// What was wrong and what to send.
    pub detail: String,
    /// The header field that is at fault, as sent.
    pub header: Option<String>,
    /// For a bearer token that is not good (any more): why, for the challenge.
    pub invalid_token: Option<&'static str>,
}

/// Steps of a decision as they are taken.
pub(super) struct Trace<'a>(pub &'a mut Vec<AuthStep>);

impl Trace<'_> {
    pub fn step(&mut self, checked: &str, found: impl Into<String>, passed: bool) {
        self.0.push(AuthStep { checked: checked.to_owned(), found: found.into(), passed });
    }
}

/// Looks for credentials in a request.
pub(crate) fn authenticate(
    request: &Request,
    access: &Access,
    issued: &Issued,
    now: Timestamp,
    steps: &mut Vec<AuthStep>,
) -> Result<Grant, Denied> {
    let check = Check { request, access, issued, now };
    let mut trace = Trace(steps);
    if access.open {
        trace.step("authentication", "this tenant asks for none", true);
        return Ok(Grant { scopes: Scope::ALL.to_vec(), by_bearer: false });
    }
    let has_authorization = request.header_fields("Authorization").next().is_some();
    match check.own_header(&mut trace) {
        Some(Err(denied)) if !has_authorization => Err(denied),
        Some(Ok(grant)) => Ok(grant),
        _ => check.authorization(&mut trace),
    }
}

/// Whether what a request was granted is enough for its method.
pub(crate) fn check_scope(grant: &Grant, is_write: bool, steps: &mut Vec<AuthStep>) -> Result<(), Scope> {
    let needed = if is_write { Scope::Write } else { Scope::Read };
    let has = grant.scopes.contains(&needed);
    // Full access is the rule; only what is less than that is worth a step.
    if grant.scopes.len() < Scope::ALL.len() {
        let list = Scope::list(&grant.scopes);
        Trace(steps).step("scope", if list.is_empty() { "none".to_owned() } else { list }, has);
    }
    if has { Ok(()) } else { Err(needed) }
}

struct Check<'a> {
    request: &'a Request,
    access: &'a Access,
    issued: &'a Issued,
    now: Timestamp,
}

impl Check<'_> {
    /// Credentials in a header field of their own; nothing if no such field was sent.
    fn own_header(&self, trace: &mut Trace<'_>) -> Option<Result<Grant, Denied>> {
        let mut denied = None;
        let mut seen: Vec<&str> = Vec::new();
        for credential in &self.access.credentials {
            let Secret::Header { header, .. } = &credential.secret else { continue };
            if seen.iter().any(|name| name.eq_ignore_ascii_case(header)) {
                continue;
            }
            seen.push(header);
            let Some((sent, presented)) = self.request.header_fields(header).next() else { continue };
            trace.step(&format!("{header} header"), masked(presented), true);
            let mut found = None;
            for credential in &self.access.credentials {
                if let Secret::Header { header: of, value } = &credential.secret
                    && of.eq_ignore_ascii_case(header)
                    && is_right(presented, value)
                {
                    found = Some(credential);
                }
            }
            let decision = match found {
                Some(credential) => {
                    trace.step("header value", said(presented, credential), true);
                    self.usable(credential, trace).map_err(|why| Denied {
                        detail: format!("the value of {header} is right, but {why}"),
                        header: Some(sent.to_owned()),
                        invalid_token: None,
                    })
                }
                None => {
                    trace.step("header value", masked(presented), false);
                    let detail = format!("the value of {header} is not one of this tenant; copy it again");
                    Err(Denied { detail, header: Some(sent.to_owned()), invalid_token: None })
                }
            };
            match decision {
                Ok(scopes) => return Some(Ok(Grant { scopes, by_bearer: false })),
                Err(why) => denied = Some(why),
            }
        }
        denied.map(Err)
    }

    fn authorization(&self, trace: &mut Trace<'_>) -> Result<Grant, Denied> {
        let fields: Vec<(&str, &str)> = self.request.header_fields("Authorization").collect();
        let deny = |detail: String| Denied {
            detail,
            header: fields.first().map(|(name, _)| (*name).to_owned()),
            invalid_token: None,
        };
        let value = match fields.as_slice() {
            [] => {
                trace.step("Authorization header", "none", false);
                return Err(deny(format!("there is no Authorization header; {}", self.advice())));
            }
            [(_, value)] => *value,
            more => {
                trace.step("Authorization header", format!("{} of them", more.len()), false);
                return Err(deny("there is more than one Authorization header; send one".into()));
            }
        };
        let (scheme, presented) = value.split_once(' ').map_or((value, ""), |(scheme, rest)| (scheme, rest.trim()));
        if scheme.eq_ignore_ascii_case("Bearer") && self.takes_bearer() {
            trace.step("Authorization header", format!("Bearer {}", masked(presented)), true);
            let checked = self.bearer(presented, trace);
            let scopes = checked.map_err(|(detail, why)| Denied { invalid_token: Some(why), ..deny(detail) })?;
            return Ok(Grant { scopes, by_bearer: true });
        }
        if scheme.eq_ignore_ascii_case("Basic") && self.takes_basic() {
            let scopes = self.basic(presented, trace).map_err(deny)?;
            return Ok(Grant { scopes, by_bearer: false });
        }
        // Without a blank the whole value may be a secret that someone forgot to put a scheme before.
        let found = if value.contains(' ') { format!("scheme {}", name(scheme)) } else { masked(value) };
        trace.step("Authorization header", found, false);
        let detail =
            format!("the Authorization header does not use a scheme that this tenant takes; {}", self.advice());
        Err(deny(detail))
    }

    fn bearer(&self, presented: &str, trace: &mut Trace<'_>) -> Result<Vec<Scope>, (String, &'static str)> {
        // All of them are compared, so that the time does not tell which one it is.
        let mut found = None;
        for credential in &self.access.credentials {
            if let Secret::Bearer { token } = &credential.secret
                && is_right(presented, token)
            {
                found = Some(credential);
            }
        }
        if let Some(credential) = found {
            trace.step("bearer token", said(presented, credential), true);
            return self
                .usable(credential, trace)
                .map_err(|why| (format!("the bearer token is right, but {why}"), "the token is no longer valid"));
        }
        let Some(token) = self.issued.find(presented) else {
            trace.step("bearer token", masked(presented), false);
            let detail = "the bearer token is not the token of this tenant; copy it again from the connection details";
            return Err((detail.into(), "the token is unknown"));
        };
        let Some(client) = self.access.credential(&token.credential) else {
            trace.step("access token", format!("{}, of a client that was removed", masked(presented)), false);
            return Err(("the access token belongs to a client that was removed".into(), "the token was revoked"));
        };
        trace.step("access token", format!("{}, issued to {:?}", masked(presented), client.name), true);
        let outcome = if token.expires_at <= self.now {
            trace.step("expiry", format!("it expired at {}", token.expires_at), false);
            Err(format!("it expired at {}", token.expires_at))
        } else {
            trace.step("expiry", format!("valid until {}", token.expires_at), true);
            self.usable(client, trace)
        };
        match outcome {
            Ok(_) => Ok(token.scopes.clone()),
            Err(why) => {
                let detail = format!("the access token was issued here, but {why}; ask the token endpoint for another");
                Err((detail, "the token is no longer valid"))
            }
        }
    }

    fn basic(&self, presented: &str, trace: &mut Trace<'_>) -> Result<Vec<Scope>, String> {
        let Some((username, password)) = basic_pair(presented) else {
            trace.step("Authorization header", "Basic, which cannot be read", false);
            return Err("what follows Basic is not base64 of a user name, a colon and a password (RFC 7617)".into());
        };
        trace.step("Authorization header", format!("Basic, user {:?}, password ****", name(&username)), true);
        let mut found = None;
        for credential in &self.access.credentials {
            if let Secret::Basic { username: user, password: secret } = &credential.secret {
                // Both are compared, whatever the first says.
                let (user, secret) = (is_right(&username, user), is_right(&password, secret));
                if user & secret {
                    found = Some(credential);
                }
            }
        }
        match found {
            Some(credential) => {
                trace.step("user name and password", format!("right for {:?}", credential.name), true);
                self.usable(credential, trace).map_err(|why| format!("user name and password are right, but {why}"))
            }
            None => {
                trace.step("user name and password", "not of this tenant", false);
                Err("user name and password are not those of this tenant".into())
            }
        }
    }

    /// Whether a credential that was presented rightly is still good; what it is good for.
    fn usable(&self, credential: &Credential, trace: &mut Trace<'_>) -> Result<Vec<Scope>, String> {
        usable(credential, self.access.simulate, self.now, trace)
    }

    fn takes_bearer(&self) -> bool {
        self.access.takes_bearer()
    }

    fn takes_basic(&self) -> bool {
        self.access.takes_basic()
    }

    /// What to send instead.
    fn advice(&self) -> String {
        let mut ways = Vec::new();
        if self.access.credentials.is_empty() {
            return "this tenant has no credentials yet, so it lets nobody in".into();
        }
        if self.takes_bearer() {
            ways.push("\"Authorization: Bearer <token>\"".to_owned());
        }
        if self.takes_basic() {
            ways.push("\"Authorization: Basic <user name:password in base64>\"".to_owned());
        }
        for header in self.access.own_headers() {
            ways.push(format!("\"{header}: <value>\""));
        }
        format!("send {}", ways.join(" or "))
    }
}

/// Whether a credential that was presented rightly is still good; what it is good for.
pub(super) fn usable(
    credential: &Credential,
    simulate: Option<Simulation>,
    now: Timestamp,
    trace: &mut Trace<'_>,
) -> Result<Vec<Scope>, String> {
    if let Some(at) = credential.revoked_at {
        trace.step("revocation", format!("revoked at {at}"), false);
        return Err(format!("it was revoked at {at}"));
    }
    if let Some(at) = credential.expires_at {
        if at <= now {
            trace.step("expiry", format!("it expired at {at}"), false);
            return Err(format!("it expired at {at}"));
        }
        trace.step("expiry", format!("valid until {at}"), true);
    }
    match simulate {
        Some(Simulation::Expired) => {
            trace.step("expiry", "expired: simulated by a switch of this tenant", false);
            Err("it has expired".into())
        }
        Some(Simulation::Revoked) => {
            trace.step("revocation", "revoked: simulated by a switch of this tenant", false);
            Err("it was revoked".into())
        }
        None => Ok(credential.scopes.clone()),
    }
}

/// User name and password of Basic (RFC 7617 section 2).
pub(super) fn basic_pair(presented: &str) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(presented).ok()?).ok()?;
    text.split_once(':').map(|(username, password)| (username.to_owned(), password.to_owned()))
}

fn said(presented: &str, credential: &Credential) -> String {
    format!("{}, which is {:?}", masked(presented), credential.name)
}
