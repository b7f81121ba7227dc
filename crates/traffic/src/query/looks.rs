//! Looking into the header fields of an exchange.

use super::tree::HeaderTest;
use crate::exchange::Exchange;

/// Whether the request or the response has such a header field.
pub(super) fn header(test: &HeaderTest, exchange: &Exchange) -> bool {
    let passes = |name: &[u8], value: &[u8]| {
        name.eq_ignore_ascii_case(test.name.as_bytes())
            && test.value.as_ref().is_none_or(|pattern| pattern.is_in(value.trim_ascii()))
    };
    let in_head = |head: &[u8]| {
        head.split(|byte| *byte == b'\n').any(|line| {
            // A start line has no colon before its first blank, and a name no blank: it cannot be taken for a field.
            line.iter().position(|byte| *byte == b':').is_some_and(|colon| passes(&line[..colon], &line[colon + 1..]))
        })
    };
    exchange.received().is_some_and(|received| in_head(&received.head))
        || match (&exchange.closed, exchange.outcome()) {
            (Some(closed), _) if !closed.sent.head.is_empty() => in_head(&closed.sent.head),
            (_, Some(handled)) => {
                handled.response.headers.iter().any(|(name, value)| passes(name.as_bytes(), value.as_bytes()))
            }
            _ => false,
        }
}
