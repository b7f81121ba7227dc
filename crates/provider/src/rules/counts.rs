//! What a rule has counted.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How many exchanges a rule remembers.
pub(super) const RECENT: usize = 50;

/// What a rule has counted, and since when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// How many requests it was about.
    pub matched: u64,
    /// How many of them it touched.
    pub hits: u64,
    /// Since when it counts.
    pub since: Timestamp,
    /// When it touched the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_hit: Option<Timestamp>,
    /// The numbers of the last exchanges that it touched, the newest last.
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    pub recent: VecDeque<u64>,
}

impl Counts {
    /// Nothing, since this time.
    pub fn from(since: Timestamp) -> Counts {
        Counts { matched: 0, hits: 0, since, last_hit: None, recent: VecDeque::new() }
    }

    pub(super) fn hit(&mut self, seq: u64, now: Timestamp) {
        self.hits += 1;
        self.last_hit = Some(now);
        self.recent.push_back(seq);
        if self.recent.len() > RECENT {
            self.recent.pop_front();
        }
    }

    /// A request turned out not to be touched.
    pub(super) fn give_back(&mut self, seq: u64) {
        self.hits = self.hits.saturating_sub(1);
        if let Some(at) = self.recent.iter().rposition(|have| *have == seq) {
            self.recent.remove(at);
        }
        if self.recent.is_empty() {
            self.last_hit = None;
        }
    }
}
