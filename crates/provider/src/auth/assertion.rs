//! Client assertions (RFC 7523): a statement of another identity provider in place of a client's secret, as Entra's workload
//! identity federation sends it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::access::Federated;
use super::mask::name;

/// What the parameter `client_assertion_type` must be (RFC 7523 section 2.2).
pub(super) const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What an assertion says of itself. Nobody has checked its signature.
pub(super) struct Claims(Map<String, Value>);

impl Claims {
    /// Reads the claims of a JSON Web Token (RFC 7519) in compact form. The error says what is wrong with it.
    pub fn read(assertion: &str) -> Result<Claims, &'static str> {
        let mut parts = assertion.split('.');
        let (Some(_), Some(claims), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err("is not a JSON Web Token: it does not have three parts with dots between them");
        };
        let bytes = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('='));
        let bytes = bytes.map_err(|_| "is not a JSON Web Token: its second part is not base64url")?;
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(claims)) => Ok(Claims(claims)),
            _ => Err("is not a JSON Web Token: its second part does not hold a JSON object"),
        }
    }

    /// A claim that is a text.
    pub fn text(&self, claim: &str) -> Option<&str> {
        self.0.get(claim).and_then(Value::as_str)
    }

    /// Who says what about whom, for the trace.
    pub fn shown(&self) -> String {
        let claim = |claim: &str| name(self.text(claim).unwrap_or("none"));
        format!("iss {}, sub {}; its signature is not checked", claim("iss"), claim("sub"))
    }

    /// Whether it is good now (claims `exp` and `nbf`, RFC 7519 section 4.1).
    pub fn check_time(&self, now: Timestamp) -> Result<(), String> {
        let time = |claim: &str| self.0.get(claim).and_then(Value::as_f64).map(|seconds| seconds as i64);
        match time("exp") {
            None => return Err("has no claim exp, so it would be good for ever".into()),
            Some(exp) if exp <= now.as_second() => return Err("has expired, as its claim exp says".into()),
            Some(_) => {}
        }
        match time("nbf") {
            Some(nbf) if nbf > now.as_second() => Err("is not good yet, as its claim nbf says".into()),
            _ => Ok(()),
        }
    }

    /// Whether it says what is expected of it.
    pub fn check(&self, expected: &Federated) -> Result<(), String> {
        for (claim, wanted) in [("iss", &expected.issuer), ("sub", &expected.subject)] {
            if let Some(wanted) = wanted
                && self.text(claim) != Some(wanted)
            {
                return Err(format!("has another {claim} than the client expects"));
            }
        }
        let Some(wanted) = &expected.audience else { return Ok(()) };
        let is_for_us = match self.0.get("aud") {
            Some(Value::String(audience)) => audience == wanted,
            Some(Value::Array(audiences)) => audiences.iter().any(|audience| audience.as_str() == Some(wanted)),
            _ => false,
        };
        if is_for_us { Ok(()) } else { Err("has another aud than the client expects".into()) }
    }
}
