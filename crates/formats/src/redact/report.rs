//! What was replaced, where, and how often; never the values themselves.

use std::collections::BTreeMap;

use super::Settings;
use super::text::Place;

/// Most lines; what is replaced in further places is counted together.
const MOST_PLACES: usize = 500;

/// What redaction did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Whether credentials were taken out.
    pub secrets: bool,
    /// Whether people have aliases.
    pub people: bool,
    /// The rules of one's own, each as what it goes by and its text.
    pub rules: Vec<String>,
    /// The placeholders that are variables: a replay has to put something in.
    pub variables: Vec<Placeholder>,
    counts: BTreeMap<(String, &'static str), u64>,
    total: u64,
}

/// A placeholder that is a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholder {
    /// As it stands in texts: `{{scimToken}}`.
    pub text: String,
    /// What it stands for: "access token".
    pub stands_for: String,
}

/// One line of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// Where: "request header Authorization", "response body emails.value".
    pub place: String,
    /// What it was: "access token".
    pub what: &'static str,
    /// How often.
    pub count: u64,
}

impl Report {
    pub(super) fn new(settings: &Settings, variables: Vec<(String, &'static str)>) -> Report {
        Report {
            secrets: settings.secrets,
            people: settings.people,
            rules: settings.rules.iter().map(|rule| format!("{:?}: {}", rule.on(), rule.text())).collect(),
            variables: variables
                .into_iter()
                .map(|(text, stands_for)| Placeholder { text, stands_for: stands_for.to_owned() })
                .collect(),
            ..Report::default()
        }
    }

    /// Whether nothing was to be taken out: then secrets are in what was written.
    pub fn is_off(&self) -> bool {
        !self.secrets && !self.people && self.rules.is_empty()
    }

    /// How many values were replaced.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// What was replaced, by place and kind.
    pub fn lines(&self) -> Vec<Replaced> {
        let lines = self.counts.iter();
        lines.map(|((place, what), count)| Replaced { place: place.clone(), what, count: *count }).collect()
    }

    pub(super) fn count(&mut self, with: &str, place: Place<'_>) {
        self.total += 1;
        let mut key = (place(), what(with));
        if self.counts.len() >= MOST_PLACES && !self.counts.contains_key(&key) {
            key.0 = "other places".to_owned();
        }
        *self.counts.entry(key).or_default() += 1;
    }

    pub(super) fn left_out(&mut self, place: &str) {
        self.total += 1;
        *self.counts.entry((place.to_owned(), "compressed body, left out")).or_default() += 1;
    }
}

/// What a placeholder stands for.
fn what(with: &str) -> &'static str {
    let kinds = [
        ("{{scimToken", "access token"),
        ("{{scimBasic", "user name and password"),
        ("redacted-password", "password"),
        ("redacted-cookie", "cookie"),
        ("redacted-secret", "secret"),
        ("redacted-value", "value named by a rule"),
    ];
    kinds.iter().find(|(beginning, _)| with.starts_with(beginning)).map_or("personal data", |(_, what)| what)
}
