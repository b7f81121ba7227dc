//! One rule.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::action::Action;
use super::matcher::Matcher;

/// A fault or an override, as it is written in files, kept in the workspace and told by the API.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What names it in its tenant: letters, digits and hyphens. Empty in a file: it is then made from the name.
    #[serde(default)]
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Whether it is looked at.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Which requests it is about; without conditions, all that are let in.
    #[serde(default)]
    pub when: Matcher,
    /// What happens to them.
    pub action: Action,
    /// How many requests it may touch; then it rests until its counts are reset. Absent: any number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<u64>,
    /// From when on it rests. Absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// What its chance begins with: the same seed meets the same requests.
    #[serde(default)]
    pub seed: u64,
}

/// Whether a rule can touch a request now, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleState {
    /// It can.
    Active,
    /// It is switched off.
    Off,
    /// Its budget is used up.
    Spent,
    /// Its time is over.
    Expired,
}

impl Rule {
    /// How it stands at a time, having touched so many requests.
    pub fn state(&self, hits: u64, now: Timestamp) -> RuleState {
        if !self.enabled {
            RuleState::Off
        } else if self.expires_at.is_some_and(|end| now >= end) {
            RuleState::Expired
        } else if self.budget.is_some_and(|budget| hits >= budget) {
            RuleState::Spent
        } else {
            RuleState::Active
        }
    }

    /// Whether the other one does the same to the same requests, so that what this one counted holds for it too.
    pub(super) fn counts_like(&self, other: &Rule) -> bool {
        self.when == other.when
            && self.action == other.action
            && self.budget == other.budget
            && self.seed == other.seed
            && self.expires_at == other.expires_at
    }
}

fn yes() -> bool {
    true
}
