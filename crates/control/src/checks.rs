//! Findings of the record counted by code, so much at a time that a call is short.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use traffic::archive::Unreadable;
use traffic::exchange::Exchange;
use traffic::ids::Seq;
use traffic::log::Record;
use traffic::query::Query;

use crate::model::{DialectCount, FindingGroup, Severity, Summary, ToleranceText};

/// Most exchanges that one call looks at.
const MOST_EXAMINED: u64 = 20_000;

/// How long a call goes on.
const LONG_ENOUGH: Duration = Duration::from_millis(300);

/// Exchanges that are taken from the record at once.
const AT_ONCE: u64 = 128;

/// Most exchanges that are shown for a code.
const SAMPLES: usize = 5;

/// What was counted.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    groups: BTreeMap<String, Group>,
    /// How many exchanges were looked at.
    pub examined: u64,
    /// How many of those were selected.
    pub selected: u64,
    /// How many of those have a finding.
    pub with_findings: u64,
    /// The lowest number that was looked at, if there are lower ones.
    pub next: Option<u64>,
}

#[derive(Debug)]
struct Group {
    severity: Severity,
    findings: u64,
    exchanges: u64,
    dialects: BTreeMap<String, u64>,
    message: String,
    samples: Vec<Summary>,
}

impl Tally {
    /// Counts the exchanges below `before` that the query selects, from the newest back, until all are seen or it is time to
    /// let others go on. Blocks as long as that takes.
    pub(crate) fn of(record: &Record, query: &Query, before: u64) -> Result<Tally, Unreadable> {
        let mut tally = Tally::default();
        let mut high = record.log().head().seq.0.min(before.saturating_sub(1));
        let started = Instant::now();
        while high > 0 {
            let count = AT_ONCE.min(high);
            let page = record.exchanges(Seq(high - count), count as usize)?;
            for exchange in page.iter().rev() {
                tally.examined += 1;
                if query.matches(exchange) {
                    tally.see(exchange);
                }
            }
            high -= count;
            if high > 0 && (tally.examined >= MOST_EXAMINED || started.elapsed() > LONG_ENOUGH) {
                tally.next = Some(high + 1);
                break;
            }
        }
        Ok(tally)
    }

    fn see(&mut self, exchange: &Exchange) {
        self.selected += 1;
        let findings = exchange.outcome().map_or(&[][..], |handled| &handled.findings);
        if findings.is_empty() {
            return;
        }
        self.with_findings += 1;
        let summary = Summary::from(exchange);
        let mut seen: Vec<&str> = Vec::new();
        for finding in findings {
            let severity = Severity::from(finding.severity);
            let group = self.groups.entry(finding.code.to_string()).or_insert_with(|| Group {
                severity,
                findings: 0,
                exchanges: 0,
                dialects: BTreeMap::new(),
                message: finding.message.to_string(),
                samples: Vec::new(),
            });
            group.findings += 1;
            if gravity(severity) > gravity(group.severity) {
                group.severity = severity;
            }
            if seen.contains(&&*finding.code) {
                continue;
            }
            seen.push(&finding.code);
            group.exchanges += 1;
            *group.dialects.entry(summary.dialect.clone().unwrap_or_default()).or_default() += 1;
            if group.samples.len() < SAMPLES {
                group.samples.push(summary.clone());
            }
        }
    }

    /// One group for each code, the gravest and most frequent first.
    pub(crate) fn groups(&mut self) -> Vec<FindingGroup> {
        let mut groups: Vec<FindingGroup> =
            std::mem::take(&mut self.groups).into_iter().map(|(code, group)| group.named(code)).collect();
        groups.sort_by_key(|group| {
            (std::cmp::Reverse(gravity(group.severity)), std::cmp::Reverse(group.exchanges), group.code.clone())
        });
        groups
    }
}

impl Group {
    fn named(self, code: String) -> FindingGroup {
        let text = dialects::finding_text(&code);
        let rule = dialects::tolerance(&code).map(ToleranceText::from);
        let mut dialects: Vec<DialectCount> =
            self.dialects.into_iter().map(|(dialect, exchanges)| DialectCount { dialect, exchanges }).collect();
        dialects.sort_by_key(|count| std::cmp::Reverse(count.exchanges));
        FindingGroup {
            severity: self.severity,
            title: text.title.to_owned(),
            explanation: text.explanation.to_owned(),
            rfc: text.rfc.map(str::to_owned),
            rule,
            findings: self.findings,
            exchanges: self.exchanges,
            dialects,
            message: self.message,
            samples: self.samples,
            code,
        }
    }
}

fn gravity(severity: Severity) -> u8 {
    match severity {
        Severity::Info => 0,
        Severity::Tolerated => 1,
        Severity::Warning => 2,
        Severity::Error => 3,
    }
}
