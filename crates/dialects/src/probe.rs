//! Requests that only test whether the server is there.

use traffic::handled::{Action, Handled};

use crate::dialect::Dialect;
use crate::look::Look;

/// Whether a request is a connection test: Entra looks for a random GUID and must find nothing; Okta lists two users
/// (one in its published test suite).
pub(crate) fn is_probe(look: &Look, handled: Option<&Handled>, dialect: Option<Dialect>) -> bool {
    let Some(handled) = handled.filter(|handled| handled.action == Action::List && handled.response.status == 200)
    else {
        return false;
    };
    match dialect {
        Some(Dialect::Entra) => {
            let subject = &handled.subject;
            subject.total_results == Some(0) && subject.looked_for.as_ref().is_some_and(|(_, text)| is_guid(text))
        }
        Some(Dialect::Okta) => {
            look.parameters().count() == 2
                && look.parameter("startIndex") == Some("1")
                && matches!(look.parameter("count"), Some("1" | "2"))
        }
        _ => false,
    }
}

/// Whether a text has the form of a GUID: 8-4-4-4-12 hexadecimal digits.
pub(crate) fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
