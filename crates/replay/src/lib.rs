//! An outside client: it plays flow files against any SCIM endpoint over a real socket and judges the answers.
//!
//! A [`Flow`] is a list of requests with what is expected of each answer; [`play`] sends them in order and stops at the
//! first answer that is otherwise. Requests go out with exactly the header fields, the path and the order of JSON members
//! that the flow has, because the way an identity provider writes them is what a flow is about.

mod expect;
mod flow;
mod play;
mod reach;
mod scenarios;
mod variables;
mod wire;

pub use flow::{Expectation, Flow, FlowError, Mode, Requires, Step, StepKind};
pub use play::{Options, Pace, Player, RunResult, StepResult, Verdict, play};
pub use reach::{Reach, Step as ReachStep, StepName, StepState, reach};
pub use scenarios::scenarios;
pub use variables::{RunNames, Variables};
pub use wire::{Limits, Target};
