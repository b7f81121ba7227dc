//! The line of a list that an exchange is.

use jiff::Timestamp;
use serde::Serialize;
use traffic::exchange::Exchange;
use utoipa::ToSchema;

/// How an exchange went, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
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
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Summary)]
pub struct Summary {
    /// The exchange's number, from 1.
    pub seq: u64,
    /// The position of its last entry in the log: a summary with a higher one is newer.
    pub pos: u64,
    /// When its first byte was read.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The method as sent; empty if the bytes were not HTTP.
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
    /// What happened, in a sentence; empty until it is known.
    pub sentence: String,
    /// The dialect recognised: "entra".
    pub dialect: Option<String>,
    /// Whether it only tests that the server is there.
    pub probe: bool,
    /// How many findings it has.
    pub findings: u64,
    /// Codes of the tolerated deviations, without repetition.
    pub tolerances: Vec<String>,
    /// How many resources it changed.
    pub changes: u64,
    /// The tenant, if the path led to one.
    pub tenant: Option<String>,
    /// The flow that it belongs to: the number of the first exchange of it; its own if it is alone.
    pub flow: u64,
    /// Whether it is kept whatever is pruned.
    pub pinned: bool,
    /// The tags put on it.
    pub tags: Vec<String>,
    /// Whether a note was put on it; the exchange itself has the text.
    pub has_note: bool,
    /// Who sent the request, if it was not a client: "scimscope". Absent for all others.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub origin: Option<String>,
    /// The names of the rules that touched it: what is strange about it was asked for. Absent if none did.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub rules: Vec<String>,
    /// For a tenant that is a proxy: whether the server behind it has answered. Absent if the tenant answers itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub forwarded: Option<bool>,
}

impl From<&Exchange> for Summary {
    fn from(exchange: &Exchange) -> Self {
        Summary::from(traffic::summary::Summary::from(exchange))
    }
}

impl From<traffic::summary::Summary> for Summary {
    fn from(line: traffic::summary::Summary) -> Self {
        Summary {
            seq: line.seq.0,
            pos: line.pos.0,
            at: line.at,
            method: line.method,
            target: line.target,
            status: line.status,
            elapsed_us: line.elapsed_us,
            closed: line.closed,
            verdict: line.verdict.into(),
            sentence: line.sentence,
            dialect: line.dialect,
            probe: line.probe,
            findings: line.findings as u64,
            tolerances: line.tolerances,
            changes: line.changes as u64,
            tenant: line.tenant,
            flow: line.flow.0,
            pinned: line.pinned,
            tags: line.tags,
            has_note: line.has_note,
            origin: line.ours.then(|| "scimscope".to_owned()),
            rules: line.rules,
            forwarded: line.forwarded,
        }
    }
}

impl From<traffic::summary::Verdict> for Verdict {
    fn from(verdict: traffic::summary::Verdict) -> Self {
        match verdict {
            traffic::summary::Verdict::Pending => Verdict::Pending,
            traffic::summary::Verdict::Ok => Verdict::Ok,
            traffic::summary::Verdict::Tolerated => Verdict::Tolerated,
            traffic::summary::Verdict::Refused => Verdict::Refused,
            traffic::summary::Verdict::Failed => Verdict::Failed,
            traffic::summary::Verdict::Broken => Verdict::Broken,
        }
    }
}
