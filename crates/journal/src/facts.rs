//! The parts of an exchange as JSON without their bytes, which have columns of their own.
//!
//! Every structure of the record is taken apart by naming all its fields, so that a new field cannot be forgotten here.

use std::borrow::Cow;

use bytes::Bytes;
use scim::finding::Finding;
use serde::{Deserialize, Serialize};
use traffic::exchange::{Closed, Ending, Received, Sent};
use traffic::handled::{Action, AuthStep, Forwarded, Handled, Operation, Response, RuleHit, Subject};

use crate::lines;

/// [`Received`] without head and body.
#[derive(Serialize, Deserialize)]
pub(crate) struct ReceivedFacts {
    chunked: bool,
    dropped_bytes: u64,
    head_read_us: Option<u64>,
    body_read_us: Option<u64>,
    handled_us: Option<u64>,
}

impl ReceivedFacts {
    pub(crate) fn of(received: &Received) -> ReceivedFacts {
        let Received { head: _, body: _, chunked, dropped_bytes, head_read_us, body_read_us, handled_us } = *received;
        ReceivedFacts { chunked, dropped_bytes, head_read_us, body_read_us, handled_us }
    }

    pub(crate) fn with(self, head: Bytes, body: Bytes) -> Received {
        let ReceivedFacts { chunked, dropped_bytes, head_read_us, body_read_us, handled_us } = self;
        Received { head, body, chunked, dropped_bytes, head_read_us, body_read_us, handled_us }
    }
}

/// [`Handled`] without the response body and without lines.
#[derive(Serialize, Deserialize)]
pub(crate) struct HandledFacts<'a> {
    status: u16,
    headers: Cow<'a, [(String, String)]>,
    tenant: Option<Cow<'a, str>>,
    action: Action,
    subject: Cow<'a, Subject>,
    auth: Cow<'a, [AuthStep]>,
    findings: Cow<'a, [Finding]>,
    operations: Cow<'a, [Operation]>,
    #[serde(default = "no_rules", skip_serializing_if = "is_empty")]
    rules: Cow<'a, [RuleHit]>,
    /// Absent for a tenant that answers itself, and in what was recorded before there were others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    forwarded: Option<Cow<'a, Forwarded>>,
}

/// Absent in what was recorded before there were rules.
fn no_rules<'a>() -> Cow<'a, [RuleHit]> {
    Cow::Borrowed(&[])
}

fn is_empty(rules: &[RuleHit]) -> bool {
    rules.is_empty()
}

impl HandledFacts<'_> {
    pub(crate) fn of(handled: &Handled) -> HandledFacts<'_> {
        let Handled {
            response,
            tenant,
            action,
            subject,
            auth,
            findings,
            operations,
            would_have_changed: _,
            rules,
            forwarded,
        } = handled;
        let Response { status, headers, body: _ } = response;
        HandledFacts {
            status: *status,
            headers: Cow::Borrowed(headers),
            tenant: tenant.as_deref().map(Cow::Borrowed),
            action: *action,
            subject: Cow::Borrowed(subject),
            auth: Cow::Borrowed(auth),
            findings: Cow::Borrowed(findings),
            operations: Cow::Borrowed(operations),
            rules: Cow::Borrowed(rules),
            forwarded: forwarded.as_deref().map(Cow::Borrowed),
        }
    }

    pub(crate) fn with(self, body: Bytes, would_have_changed: Option<&str>) -> Result<Handled, String> {
        let HandledFacts { status, headers, tenant, action, subject, auth, findings, operations, rules, forwarded } =
            self;
        Ok(Handled {
            response: Response { status, headers: headers.into_owned(), body },
            tenant: tenant.map(Cow::into_owned),
            action,
            subject: subject.into_owned(),
            auth: auth.into_owned(),
            findings: findings.into_owned(),
            operations: operations.into_owned(),
            would_have_changed: would_have_changed.map(lines::from_text).transpose()?.unwrap_or_default(),
            rules: rules.into_owned(),
            forwarded: forwarded.map(|forwarded| Box::new(forwarded.into_owned())),
        })
    }
}

/// [`Closed`] without bytes.
#[derive(Serialize, Deserialize)]
pub(crate) struct ClosedFacts<'a> {
    ending: Cow<'a, Ending>,
    first_byte_us: Option<u64>,
    last_byte_us: Option<u64>,
}

impl ClosedFacts<'_> {
    pub(crate) fn of(closed: &Closed) -> ClosedFacts<'_> {
        let Closed { ending, received: _, sent } = closed;
        let Sent { head: _, body: _, first_byte_us, last_byte_us } = *sent;
        ClosedFacts { ending: Cow::Borrowed(ending), first_byte_us, last_byte_us }
    }

    /// The facts of an ending of which nothing else is known.
    pub(crate) fn only(ending: &Ending) -> ClosedFacts<'_> {
        ClosedFacts { ending: Cow::Borrowed(ending), first_byte_us: None, last_byte_us: None }
    }

    pub(crate) fn with(self, received: Option<Received>, head: Bytes, body: Bytes) -> Closed {
        let ClosedFacts { ending, first_byte_us, last_byte_us } = self;
        Closed { ending: ending.into_owned(), received, sent: Sent { head, body, first_byte_us, last_byte_us } }
    }
}
