//! The rules of a tenant, and how they change while it serves.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use traffic::query::Query;

use super::action::Action;
use super::bucket::{Buckets, Rate};
use super::counts::Counts;
use super::lag::Lag;
use super::rule::{Rule, RuleState};
use super::seen::Seen;

/// The rules of a tenant in their order. Requests take no lock but that of the counts of a rule that is about them.
#[derive(Default)]
pub struct Rules {
    /// Whether there is a rule that is switched on: all that a tenant without rules pays for.
    any: AtomicBool,
    /// Whether one of them makes reads see what was.
    lags: AtomicBool,
    set: ArcSwap<Vec<Arc<Live>>>,
    lag: Lag,
    /// Whether something was counted that is not kept yet.
    counted: AtomicBool,
}

/// A rule with what it counts.
pub(crate) struct Live {
    pub rule: Rule,
    query: Option<Query>,
    tally: Arc<Mutex<Tally>>,
}

struct Tally {
    counts: Counts,
    buckets: Buckets,
}

/// What a rule that fires needs to know.
#[derive(Debug)]
pub(super) struct Claim {
    /// The how-manieth hit it is, from 1.
    pub hit: u64,
    /// For a rate limit: in how many seconds the next request is let through.
    pub wait_s: Option<u64>,
}

/// A rule, what it has counted, and how it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// The rule.
    pub rule: Rule,
    /// What it has counted.
    pub counts: Counts,
    /// How it stands.
    pub state: RuleState,
}

/// A rule as it is kept in the workspace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptRule {
    /// The rule.
    pub rule: Rule,
    /// What it has counted. Absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<Counts>,
}

impl Rules {
    /// Whether a rule is switched on.
    pub fn any(&self) -> bool {
        self.any.load(Ordering::Relaxed)
    }

    /// Whether commits are to be noted with their time.
    pub(crate) fn lags(&self) -> bool {
        self.lags.load(Ordering::Relaxed)
    }

    pub(crate) fn lag(&self) -> &Lag {
        &self.lag
    }

    pub(crate) fn set(&self) -> Arc<Vec<Arc<Live>>> {
        self.set.load_full()
    }

    /// The rules in their order, as they stand at a time.
    pub fn list(&self, now: Timestamp) -> Vec<Standing> {
        let standing = |live: &Arc<Live>| {
            let counts = live.tally().counts.clone();
            Standing { rule: live.rule.clone(), state: live.rule.state(counts.hits, now), counts }
        };
        self.set.load().iter().map(standing).collect()
    }

    /// How many can touch a request at a time.
    pub fn active(&self, now: Timestamp) -> usize {
        self.list(now).iter().filter(|standing| standing.state == RuleState::Active).count()
    }

    /// Puts these rules in the place of all there are. A rule that does the same as the one that had its id goes on counting;
    /// another one begins at nothing. Whoever changes rules one by one sees to it that nobody else does so meanwhile.
    pub fn put(&self, rules: Vec<Rule>, now: Timestamp) {
        let before = self.set.load_full();
        let live = rules.into_iter().map(|rule| {
            let same = before.iter().find(|live| live.rule.id == rule.id && live.rule.counts_like(&rule));
            let tally = same.map_or_else(|| Tally::from(Counts::from(now)), |live| Arc::clone(&live.tally));
            Arc::new(Live::new(rule, tally, now))
        });
        self.store(live.collect());
    }

    /// Takes up rules with what they had counted.
    pub fn restore(&self, kept: Vec<KeptRule>, now: Timestamp) {
        let live = kept.into_iter().map(|KeptRule { rule, counts }| {
            let tally = Tally::from(counts.unwrap_or_else(|| Counts::from(now)));
            Arc::new(Live::new(rule, tally, now))
        });
        self.store(live.collect());
    }

    /// The rules with what they have counted, to be kept.
    pub fn kept(&self) -> Vec<KeptRule> {
        let kept = |live: &Arc<Live>| KeptRule { rule: live.rule.clone(), counts: Some(live.tally().counts.clone()) };
        self.set.load().iter().map(kept).collect()
    }

    /// Makes a rule count from nothing. False if there is none with this id.
    pub fn reset(&self, id: &str, now: Timestamp) -> bool {
        let set = self.set.load();
        let Some(live) = set.iter().find(|live| live.rule.id == id) else { return false };
        let mut tally = live.tally();
        tally.counts = Counts::from(now);
        tally.buckets = Buckets::default();
        true
    }

    /// Whether something was counted since this was asked last.
    pub fn take_counted(&self) -> bool {
        self.counted.swap(false, Ordering::Relaxed)
    }

    /// Something was counted.
    pub(crate) fn note_counted(&self) {
        self.counted.store(true, Ordering::Relaxed);
    }

    fn store(&self, live: Vec<Arc<Live>>) {
        let on = |live: &&Arc<Live>| live.rule.enabled;
        let lags = |live: &Arc<Live>| matches!(live.rule.action, Action::EventualConsistency { .. });
        let (any, lag) = (live.iter().any(|live| on(&live)), live.iter().filter(on).any(lags));
        self.set.store(Arc::new(live));
        self.lags.store(lag, Ordering::Relaxed);
        self.any.store(any, Ordering::Relaxed);
    }
}

impl Tally {
    fn from(counts: Counts) -> Arc<Mutex<Tally>> {
        Arc::new(Mutex::new(Tally { counts, buckets: Buckets::default() }))
    }
}

impl Live {
    fn new(rule: Rule, tally: Arc<Mutex<Tally>>, now: Timestamp) -> Live {
        let query = rule.when.query.as_deref().map(|text| Query::parse(text, now));
        Live { rule, query, tally }
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        // Nothing in between is left half done by a panic.
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a request is meant, before it is counted.
    pub(super) fn is_about(&self, seen: &Seen<'_>, now: Timestamp) -> bool {
        self.rule.enabled
            && self.rule.expires_at.is_none_or(|end| now < end)
            && self.rule.when.is_about(seen, self.query.as_ref())
    }

    /// Counts a request that is meant; tells whether the rule fires for it.
    pub(super) fn claim(&self, seq: u64, client: &str, now: Timestamp) -> Option<Claim> {
        let mut tally = self.tally();
        let Tally { counts, buckets } = &mut *tally;
        if self.rule.budget.is_some_and(|budget| counts.hits >= budget) {
            return None;
        }
        counts.matched += 1;
        if !self.rule.when.takes(counts.matched, self.rule.seed) {
            return None;
        }
        let mut wait_s = None;
        if let Action::RateLimit { requests, per_s, burst, .. } = &self.rule.action {
            let rate = Rate { requests: *requests, per_s: *per_s, burst: burst.unwrap_or(*requests) };
            match buckets.take(client, rate, now) {
                Ok(()) => return None,
                Err(wait) => wait_s = Some(wait),
            }
        }
        counts.hit(seq, now);
        Some(Claim { hit: counts.hits, wait_s })
    }

    /// The rule made no difference to a request after all.
    pub(super) fn give_back(&self, seq: u64) {
        self.tally().counts.give_back(seq);
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").field("rule", &self.rule).finish_non_exhaustive()
    }
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rules").field("set", &self.set.load()).finish_non_exhaustive()
    }
}
