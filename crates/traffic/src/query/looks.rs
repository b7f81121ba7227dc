//! Looking into the bytes of an exchange: targets, heads and bodies.

use std::borrow::Cow;

use percent_encoding::percent_decode;

use super::pattern::TextPattern;
use super::tree::HeaderTest;
use crate::exchange::{Exchange, Received};

/// Whether the text is anywhere; what is short is looked at first.
pub(super) fn anywhere(pattern: &TextPattern, exchange: &Exchange) -> bool {
    let sentence = exchange.annotation.as_ref().map(|annotation| &annotation.sentence);
    let display = exchange.outcome().and_then(|handled| handled.subject.display.as_ref());
    target(pattern, exchange)
        || sentence.is_some_and(|sentence| pattern.is_in(sentence))
        || display.is_some_and(|display| pattern.is_in(display))
        || exchange.received().is_some_and(|received| pattern.is_in(&received.head))
        || in_response_head(pattern, exchange)
        || bodies(pattern, exchange)
}

/// Whether the text is in the request target, as sent or as people read it.
pub(super) fn target(pattern: &TextPattern, exchange: &Exchange) -> bool {
    let target = &exchange.opened.target;
    pattern.is_in(target) || readable(target).is_some_and(|target| pattern.is_in(target.as_ref()))
}

/// A target without percent encoding, `+` in the query as a blank; absent if that is how it was sent.
fn readable(target: &str) -> Option<Cow<'_, [u8]>> {
    let query = target.find('?').unwrap_or(target.len());
    let spaced: Cow<'_, str> = match target[query..].contains('+') {
        true => format!("{}{}", &target[..query], target[query..].replace('+', " ")).into(),
        false => target.into(),
    };
    match spaced {
        Cow::Borrowed(text) if !text.contains('%') => None,
        Cow::Borrowed(text) => Some(percent_decode(text.as_bytes()).into()),
        Cow::Owned(text) => Some(Cow::Owned(percent_decode(text.as_bytes()).collect())),
    }
}

/// Whether the text is in the body of the request or of the response.
pub(super) fn bodies(pattern: &TextPattern, exchange: &Exchange) -> bool {
    exchange.received().is_some_and(|received| in_content(pattern, received))
        || match (exchange.outcome(), &exchange.closed) {
            // What the provider decided is the response without the framing of the wire.
            (Some(handled), _) => pattern.is_in(&handled.response.body),
            (None, Some(closed)) => pattern.is_in(&closed.sent.body),
            (None, None) => false,
        }
}

fn in_content(pattern: &TextPattern, received: &Received) -> bool {
    pattern.is_in(received.content())
}

/// The head of the response: on the wire, or as decided if it has not left.
fn in_response_head(pattern: &TextPattern, exchange: &Exchange) -> bool {
    match (&exchange.closed, exchange.outcome()) {
        (Some(closed), _) if !closed.sent.head.is_empty() => pattern.is_in(&closed.sent.head),
        (_, Some(handled)) => {
            handled.response.headers.iter().any(|(name, value)| pattern.is_in(name) || pattern.is_in(value))
        }
        _ => false,
    }
}

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
