//! Exchanges of the record as steps of a recording.

use bytes::Bytes;
use traffic::exchange::{Ending, Exchange};

use crate::recording::{Call, Measure, Recorded, Reply};

/// Endpoints by which the base path of a target is found if nobody knows it.
const ENDPOINTS: [&str; 9] = [
    "/Users",
    "/Groups",
    "/Me",
    "/Bulk",
    "/Schemas",
    "/ResourceTypes",
    "/ServiceProviderConfig",
    "/.search",
    "/Devices",
];

impl Recorded {
    /// An exchange as a step. `base_path` is that of its tenant, if it has one; `first_at_us` is when the first step began, in
    /// microseconds since 1970; header fields in `secret` carry credentials and are left out.
    pub fn of_exchange(exchange: &Exchange, base_path: Option<&str>, first_at_us: i64, secret: &[String]) -> Recorded {
        let opened = &exchange.opened;
        let base_path = base_path.map_or_else(|| guessed_base(&opened.target), str::to_owned);
        let below =
            opened.target.strip_prefix(&base_path).filter(|below| below.is_empty() || below.starts_with(['/', '?']));
        let received = exchange.received();
        let mut headers = received.map(|received| received.headers()).unwrap_or_default();
        headers.retain(|(name, _)| !secret.iter().any(|secret| secret.eq_ignore_ascii_case(name)));
        let body = received.map(|received| Bytes::from(received.content().into_owned())).unwrap_or_default();
        let is_cut = received.is_none_or(|received| received.dropped_bytes > 0);
        let unsendable = if opened.method.is_empty() {
            Some("it was no HTTP request")
        } else if below.is_none() {
            Some("it was not below the base URL of a tenant")
        } else if is_cut {
            Some("its request was not kept whole")
        } else {
            None
        };
        let label = exchange.annotation.as_ref().map(|annotation| annotation.sentence.clone()).unwrap_or_default();
        let sent = exchange.closed.as_ref().map(|closed| &closed.sent);
        Recorded {
            label,
            seq: Some(exchange.seq.0),
            offset_us: u64::try_from(opened.at.as_microsecond() - first_at_us).ok(),
            elapsed_us: sent.and_then(|sent| sent.last_byte_us),
            call: Call {
                method: opened.method.clone(),
                path: below.unwrap_or(&opened.target).to_owned(),
                headers,
                body,
            },
            base_path,
            measure: reply(exchange).map_or(Measure::Nothing, Measure::Recorded),
            unsendable: unsendable.map(str::to_owned),
        }
    }
}

/// What was answered; nothing if no whole answer left.
fn reply(exchange: &Exchange) -> Option<Reply> {
    let response = &exchange.outcome()?.response;
    let ended_badly = exchange.closed.as_ref().is_some_and(|closed| closed.ending != Ending::Complete);
    if ended_badly {
        return None;
    }
    // What the listener adds, like Date, is in the bytes only; what SCIM means is in the response.
    Some(Reply { status: response.status, headers: response.headers.clone(), body: response.body.clone() })
}

/// What comes before the first known endpoint.
fn guessed_base(target: &str) -> String {
    let path = target.split('?').next().unwrap_or_default();
    ENDPOINTS
        .iter()
        .filter_map(|endpoint| path.find(endpoint))
        .min()
        .map(|at| path[..at].to_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_is_what_comes_before_the_endpoint() {
        assert_eq!(guessed_base("/t/acme/scim/v2/Users/1?x=/Groups"), "/t/acme/scim/v2");
        assert_eq!(guessed_base("/Users"), "");
        assert_eq!(guessed_base("/nothing"), "");
    }
}
