//! The line of a list that an exchange is.

use jiff::Timestamp;
use serde::Serialize;

use crate::exchange::{Ending, Exchange};
use crate::ids::{FlowId, Pos, Seq};
use scim::finding::Severity;

/// How an exchange went, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Not decided yet.
    Pending,
    /// Answered with success, nothing to remark.
    Ok,
    /// Answered with success although the request deviates from the RFC.
    Tolerated,
    /// Refused: a status from 400 to 499.
    Refused,
    /// Failed: a status of 500 or more.
    Failed,
    /// No whole response left: aborted, timed out, or not HTTP.
    Broken,
}

/// An exchange in a few hundred bytes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// The exchange's number.
    pub seq: Seq,
    /// The position of its last entry: a summary with a higher one is newer.
    pub pos: Pos,
    /// When its first byte was read.
    pub at: Timestamp,
    /// The method as sent.
    pub method: String,
    /// The request target as sent, cut after 200 characters.
    pub target: String,
    /// HTTP status of the response, if there is one.
    pub status: Option<u16>,
    /// From the first byte of the request to the last byte of the response, or to the decision if it has not left.
    pub elapsed_us: Option<u64>,
    /// Whether the exchange is over.
    pub closed: bool,
    /// How it went.
    pub verdict: Verdict,
    /// What happened, in a sentence.
    pub sentence: String,
    /// The dialect recognised: "entra".
    pub dialect: Option<String>,
    /// Whether it only tests that the server is there.
    pub probe: bool,
    /// How many findings it has.
    pub findings: usize,
    /// Codes of the tolerated deviations, without repetition.
    pub tolerances: Vec<String>,
    /// How many resources it changed.
    pub changes: usize,
    /// The tenant, if the path led to one.
    pub tenant: Option<String>,
    /// The flow that it belongs to.
    pub flow: FlowId,
    /// Whether it is kept whatever is pruned.
    pub pinned: bool,
    /// The tags put on it.
    pub tags: Vec<String>,
    /// Whether a note was put on it.
    pub has_note: bool,
    /// Whether this program sent the request to itself.
    pub ours: bool,
    /// The names of the rules that touched it.
    pub rules: Vec<String>,
    /// Whether the server behind the tenant, a proxy, has answered; absent if the tenant answers itself.
    pub forwarded: Option<bool>,
}

const TARGET_CHARACTERS: usize = 200;

impl From<&Exchange> for Summary {
    fn from(exchange: &Exchange) -> Self {
        let handled = exchange.outcome();
        let closed = exchange.closed.as_deref();
        let mut tolerances: Vec<String> = Vec::new();
        for finding in handled.iter().flat_map(|handled| &handled.findings) {
            if finding.severity == Severity::Tolerated && !tolerances.contains(&finding.code) {
                tolerances.push(finding.code.clone());
            }
        }
        let annotation = exchange.annotation.as_deref();
        Summary {
            seq: exchange.seq,
            pos: exchange.pos,
            at: exchange.opened.at,
            method: exchange.opened.method.clone(),
            target: exchange.opened.target.chars().take(TARGET_CHARACTERS).collect(),
            status: handled.map(|handled| handled.response.status),
            elapsed_us: exchange.elapsed_us(),
            closed: closed.is_some(),
            verdict: verdict(exchange, !tolerances.is_empty()),
            sentence: annotation.map(|annotation| annotation.sentence.clone()).unwrap_or_default(),
            dialect: annotation.and_then(|annotation| annotation.dialect.clone()),
            probe: annotation.is_some_and(|annotation| annotation.probe),
            findings: handled.map_or(0, |handled| handled.findings.len()),
            tolerances,
            changes: exchange.committed.as_ref().map_or(0, |committed| committed.changes.len()),
            tenant: handled.and_then(|handled| handled.tenant.clone()),
            flow: exchange.flow(),
            pinned: exchange.is_pinned(),
            tags: exchange.marks.as_ref().map(|marks| marks.tags.clone()).unwrap_or_default(),
            has_note: exchange.marks.as_ref().is_some_and(|marks| !marks.note.is_empty()),
            ours: exchange.is_ours(),
            rules: handled
                .map(|handled| handled.rules.iter().map(|hit| hit.name.clone()).collect())
                .unwrap_or_default(),
            forwarded: handled.and_then(|handled| handled.forwarded.as_ref()).map(|forwarded| forwarded.answered),
        }
    }
}

impl Verdict {
    /// How an exchange went.
    pub fn of(exchange: &Exchange) -> Verdict {
        let findings = exchange.outcome().map(|handled| handled.findings.as_slice()).unwrap_or_default();
        verdict(exchange, findings.iter().any(|finding| finding.severity == Severity::Tolerated))
    }
}

impl Exchange {
    /// From the first byte of the request to the last byte of the response, or to the decision if it has not left; in
    /// microseconds.
    pub fn elapsed_us(&self) -> Option<u64> {
        let left = self.closed.as_ref().and_then(|closed| closed.sent.last_byte_us);
        left.or_else(|| self.received().and_then(|received| received.handled_us))
    }
}

fn verdict(exchange: &Exchange, tolerated: bool) -> Verdict {
    let ending = exchange.closed.as_ref().map(|closed| &closed.ending);
    let status = exchange.outcome().map(|handled| handled.response.status);
    match (ending, status) {
        (Some(Ending::Aborted(_) | Ending::TimedOut(_)), _) | (Some(Ending::Refused(_)), None) => Verdict::Broken,
        (_, Some(500..)) => Verdict::Failed,
        (_, Some(400..)) => Verdict::Refused,
        (_, Some(_)) if tolerated => Verdict::Tolerated,
        (_, Some(_)) => Verdict::Ok,
        (Some(Ending::Complete), None) => Verdict::Broken,
        (None, None) => Verdict::Pending,
    }
}
