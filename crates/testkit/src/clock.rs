//! A clock that stands still until it is told.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// Stands still until it is told to go on.
#[derive(Debug)]
pub struct FixedClock(Mutex<Timestamp>);

impl FixedClock {
    /// A clock that shows this time.
    pub fn at(time: Timestamp) -> FixedClock {
        FixedClock(Mutex::new(time))
    }

    /// Moves the clock.
    pub fn advance(&self, by: SignedDuration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }
}

impl Default for FixedClock {
    /// 2026-01-31T09:30:00Z.
    fn default() -> Self {
        FixedClock::at("2026-01-31T09:30:00Z".parse().expect("a timestamp"))
    }
}

impl provider::Clock for FixedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
