//! Rules: faults and overrides that a tenant is told to show, so that a client can be seen to cope with them.
//!
//! A rule has a [`Matcher`], an [`Action`], a budget, an expiry and counts. What is decided here is pure: which rules fire
//! for a request, what they make of the answer, and what the listener has to do on the wire ([`Delivery`]). Time comes from
//! the port [`crate::Clock`], chance from the rule's own seed and a counter, so that the same requests meet the same faults.
//!
//! A fault is a deliberate lie: discovery goes on telling what the profile says.

mod action;
mod behaviour;
mod bucket;
mod chance;
mod check;
mod counts;
mod edit;
mod glob;
mod json_patch;
mod json_path;
mod lag;
mod matcher;
mod plan;
mod rule;
mod say;
mod seen;
mod sets;
mod table;

pub use action::{Action, Delay, RetryAs};
pub use behaviour::Behaviour;
pub use check::RuleProblem;
pub use counts::Counts;
pub use glob::Glob;
pub use json_patch::{JsonPatch, PatchProblem};
pub use json_path::JsonPath;
pub use matcher::{BodyIs, HeaderIs, Matcher, Occurrence};
pub use plan::{Delivery, Wire};
pub(crate) use plan::{Plan, Scope};
pub use rule::{Rule, RuleState};
pub use say::sentence;
pub use sets::{RuleSet, free_id, sets};
pub use table::{KeptRule, Rules, Standing};
