//! When revisions were made, for reads that see an older one.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use directory::{Directory, Root};
use jiff::{SignedDuration, Timestamp};

/// As many as a directory keeps roots.
const REVISIONS: usize = 256;

/// When the last revisions were made. What is not noted counts as old.
#[derive(Debug, Default)]
pub(crate) struct Lag(Mutex<VecDeque<(Timestamp, u64)>>);

impl Lag {
    /// A revision was made.
    pub fn note(&self, revision: u64, at: Timestamp) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.push_back((at, revision));
        if noted.len() > REVISIONS {
            noted.pop_front();
        }
    }

    /// What could be seen so long ago: the root before the first revision that is younger than that.
    pub fn root(&self, directory: &Directory, delay: SignedDuration, now: Timestamp) -> Arc<Root> {
        let bound = now.checked_sub(delay).unwrap_or(Timestamp::MIN);
        let young = {
            let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            noted.iter().filter(|(at, _)| *at > bound).map(|(_, revision)| *revision).min()
        };
        match young {
            None => directory.root(),
            // Beyond what is kept, the oldest root that is: as late as can be.
            Some(young) => directory.nearest(young.saturating_sub(1)),
        }
    }
}
