//! Token buckets: how many requests a client may make.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::Timestamp;

/// How many clients are told apart; beyond it those whose bucket is fullest are forgotten, which gives them nothing.
const CLIENTS: usize = 4096;

/// The buckets of one rule, one for each client.
#[derive(Debug, Default)]
pub(super) struct Buckets(HashMap<u64, Bucket>);

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// How many requests it still holds.
    level: f64,
    at: Timestamp,
}

/// How many requests in how much time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rate {
    pub requests: u32,
    pub per_s: u32,
    pub burst: u32,
}

impl Rate {
    /// Requests in a second.
    fn speed(self) -> f64 {
        f64::from(self.requests) / f64::from(self.per_s.max(1))
    }
}

impl Buckets {
    /// Takes one request out of a client's bucket; if it is empty, tells in how many seconds it will not be.
    pub fn take(&mut self, client: &str, rate: Rate, now: Timestamp) -> Result<(), u64> {
        let mut hasher = DefaultHasher::new();
        client.hash(&mut hasher);
        if self.0.len() >= CLIENTS && !self.0.contains_key(&hasher.finish()) {
            self.forget(rate, now);
        }
        let full = f64::from(rate.burst.max(1));
        let bucket = self.0.entry(hasher.finish()).or_insert(Bucket { level: full, at: now });
        bucket.level = level(*bucket, rate, now);
        // A clock that is turned back takes nothing away.
        bucket.at = bucket.at.max(now);
        if bucket.level >= 1.0 {
            bucket.level -= 1.0;
            return Ok(());
        }
        let wait = (1.0 - bucket.level) / rate.speed().max(f64::MIN_POSITIVE);
        Err((wait.ceil() as u64).max(1))
    }

    fn forget(&mut self, rate: Rate, now: Timestamp) {
        let mut levels: Vec<f64> = self.0.values().map(|bucket| level(*bucket, rate, now)).collect();
        levels.sort_by(f64::total_cmp);
        let bound = levels[levels.len() / 2];
        self.0.retain(|_, bucket| level(*bucket, rate, now) < bound);
        if self.0.len() >= CLIENTS {
            self.0.clear();
        }
    }
}

fn level(bucket: Bucket, rate: Rate, now: Timestamp) -> f64 {
    let passed = now.duration_since(bucket.at).as_secs_f64().max(0.0);
    (bucket.level + passed * rate.speed()).min(f64::from(rate.burst.max(1)))
}
