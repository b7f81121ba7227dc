//! For tests only: fixed clock and ids, fixture loader, generators, oracles.

mod clock;
mod ids;

pub use clock::FixedClock;
pub use ids::CountingIds;
