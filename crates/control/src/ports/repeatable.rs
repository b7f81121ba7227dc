//! What makes a run one that can be repeated: a clock that stands still, ids that are drawn from a number.

use std::fmt;

use jiff::Timestamp;

use super::Nowhere;

/// The clock and the ids of the SCIM server, as far as they can be steered.
pub trait Repeatable: Send + Sync {
    /// The time at which the clock stands still; absent for the clock of the machine.
    fn fixed_at(&self) -> Option<Timestamp>;

    /// Stops the clock at a time, or lets it go as that of the machine does.
    fn set_fixed_at(&self, at: Option<Timestamp>);

    /// The number that ids are drawn from; absent for random ones.
    fn seed(&self) -> Option<u64>;

    /// Draws ids from a number, from the first on, or at random.
    fn set_seed(&self, seed: Option<u64>);
}

/// Nothing can be steered.
impl Repeatable for Nowhere {
    fn fixed_at(&self) -> Option<Timestamp> {
        None
    }

    fn set_fixed_at(&self, _: Option<Timestamp>) {}

    fn seed(&self) -> Option<u64> {
        None
    }

    fn set_seed(&self, _: Option<u64>) {}
}

impl fmt::Debug for dyn Repeatable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Repeatable")
    }
}
