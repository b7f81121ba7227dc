//! Who may ask: bearer tokens (RFC 6750), with every step of the decision written down.

use subtle::ConstantTimeEq;
use traffic::handled::AuthStep;

use crate::request::Request;

/// The challenge of a 401 (RFC 7644 section 2).
pub(crate) const CHALLENGE: &str = "Bearer realm=\"scimscope\"";

/// A token is shown as stars and this many last characters.
const SHOWN: usize = 4;

/// Looks for the token in a request. Steps go into `steps`; the error says what was wrong and what to send.
pub(crate) fn authenticate(request: &Request, token: &str, steps: &mut Vec<AuthStep>) -> Result<(), String> {
    let mut step = |checked: &str, found: String, passed: bool| {
        steps.push(AuthStep { checked: checked.to_owned(), found, passed });
    };
    let values: Vec<&str> = request.header_fields("Authorization").map(|(_, value)| value).collect();
    let value = match values.as_slice() {
        [] => {
            step("Authorization header", "none".into(), false);
            return Err("there is no Authorization header; send \"Authorization: Bearer <token>\"".into());
        }
        [value] => *value,
        more => {
            step("Authorization header", format!("{} of them", more.len()), false);
            return Err("there is more than one Authorization header; send one".into());
        }
    };
    let (scheme, credentials) = value.split_once(' ').map_or((value, ""), |(scheme, rest)| (scheme, rest.trim()));
    if !scheme.eq_ignore_ascii_case("Bearer") {
        // Without a blank the whole value may be a secret that someone forgot to put "Bearer" before.
        let found = if value.contains(' ') { format!("scheme {scheme}") } else { masked(value) };
        step("Authorization header", found, false);
        return Err(
            "the Authorization header does not use the scheme Bearer; send \"Authorization: Bearer <token>\"".into()
        );
    }
    step("Authorization header", format!("Bearer {}", masked(credentials)), true);
    let right = !token.is_empty() && bool::from(credentials.as_bytes().ct_eq(token.as_bytes()));
    step("bearer token", masked(credentials), right);
    if right {
        Ok(())
    } else {
        Err("the bearer token is not the token of this tenant; copy it again from the connection details".into())
    }
}

/// Stars and the last four characters; stars alone for what is too short to hide behind four.
fn masked(secret: &str) -> String {
    let length = secret.chars().count();
    if length <= 2 * SHOWN {
        return if secret.is_empty() { "empty".into() } else { "****".into() };
    }
    let tail: String = secret.chars().skip(length - SHOWN).collect();
    format!("****{tail}")
}
