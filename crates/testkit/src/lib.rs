//! For tests only: fixed clock and ids, servers on a bench, tests that name the rules they prove, planted faults.

pub mod bench;
mod clock;
mod entropy;
pub mod fault;
mod ids;
mod rule;
mod wire;

pub use clock::FixedClock;
pub use entropy::CountingEntropy;
pub use ids::CountingIds;
pub use rule::{MOST_RULES, RuleTest, proved, turned_red};
pub use wire::{Ask, Reply};
