//! Findings: what can be said about an exchange beside its outcome. A finding is not an error.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// How much a finding matters to the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; the RFC allows it.
    Info,
    /// A deviation from the RFC that the profile took in its stride.
    Tolerated,
    /// Legal but suspicious: probably not what the client meant.
    Warning,
    /// The reason why a request was refused or broken.
    Error,
}

/// What a finding points at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A value in the request body, by JSON Pointer (RFC 6901); `""` is the whole body.
    Body(String),
    /// Bytes of the request target, by offset.
    Target(Range<usize>),
    /// A request header, by its name as sent.
    Header(String),
    /// The request as a whole.
    Request,
}

impl Place {
    /// This place, or the value around it if its pointer is longer than anybody reads: names in a body have no bound, and
    /// one long name would stand in each of the findings below it.
    pub(crate) fn bounded(self) -> Place {
        const LONGEST: usize = 1024;
        match self {
            Place::Body(pointer) if pointer.len() > LONGEST => {
                // Every byte of a pointer before a `/` ends a character.
                let end = pointer.bytes().take(LONGEST).rposition(|byte| byte == b'/').unwrap_or(0);
                Place::Body(pointer[..end].to_owned())
            }
            place => place,
        }
    }
}

/// A message as long as people read: of what is longer, the middle is left out. Messages quote what clients sent, and that
/// has no bound.
pub(crate) fn readable(message: String) -> String {
    const LONGEST: usize = 1200;
    const KEPT: usize = 500;
    if message.len() <= LONGEST {
        return message;
    }
    let head = message.floor_char_boundary(KEPT);
    let tail = message.ceil_char_boundary(message.len() - KEPT);
    format!("{} [...] {}", &message[..head], &message[tail..])
}

/// One statement about an exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable identifier: `T1` to `T17` for tolerated deviations, otherwise a short kebab-case word.
    pub code: String,
    /// How much it matters.
    pub severity: Severity,
    /// What was seen, for this exchange: "active was sent as the string \"False\"".
    pub message: String,
    /// Where it was seen.
    pub place: Place,
}

impl Finding {
    /// A finding with this code, severity, place and message.
    pub fn new(code: &str, severity: Severity, place: Place, message: impl Into<String>) -> Finding {
        Finding { code: code.to_owned(), severity, message: readable(message.into()), place: place.bounded() }
    }
}
