//! What the API says of findings across the record.

use serde::Serialize;
use utoipa::ToSchema;

use super::outcome::{Severity, ToleranceText};
use super::query::QueryInfo;
use super::summary::Summary;

/// All findings of one code.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FindingGroup {
    /// The code: `T1` to `T17`, otherwise a short kebab-case word.
    pub code: String,
    /// The gravest severity that it came with.
    pub severity: Severity,
    /// What it is called.
    pub title: String,
    /// What it means and what to do about it.
    pub explanation: String,
    /// The section that it rests on, if there is one.
    pub rfc: Option<String>,
    /// The deviation explained, if it is one that a profile can take.
    pub rule: Option<ToleranceText>,
    /// How many findings there are.
    pub findings: u64,
    /// In how many exchanges.
    pub exchanges: u64,
    /// Those exchanges by dialect; the empty name stands for an unknown one.
    pub dialects: Vec<DialectCount>,
    /// The message of the newest one.
    pub message: String,
    /// The newest exchanges that have it, newest first.
    pub samples: Vec<Summary>,
}

/// How many exchanges of a dialect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DialectCount {
    /// The dialect: "entra"; empty if none was recognised.
    pub dialect: String,
    /// How many.
    pub exchanges: u64,
}

/// The findings of a part of the record, by code.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FindingPage {
    /// One for each code, the gravest and most frequent first.
    pub items: Vec<FindingGroup>,
    /// How many exchanges were looked at.
    pub examined: u64,
    /// How many of those the query selects.
    pub selected: u64,
    /// How many of those have a finding.
    pub with_findings: u64,
    /// Number of the newest exchange of the record.
    pub head: u64,
    /// Where to go on, as `before`, if there are more to look at: a call looks at so many exchanges that it is short.
    pub next: Option<u64>,
    /// How the query was understood, if there was one.
    pub query: Option<QueryInfo>,
}
