//! An outside client: it plays flow files against any SCIM endpoint over a real socket and judges the answers.
//!
//! A [`Flow`] is a list of requests with what is expected of each answer; [`play`] sends them in order and stops at the
//! first answer that is otherwise. Requests go out with exactly the header fields, the path and the order of JSON members
//! that the flow has, because the way an identity provider writes them is what a flow is about.
//!
//! [`replay`] sends what was recorded: ids of the target take the places of recorded ones ([`Plan`] tells where), answers are
//! compared in meaning ([`Difference`]), and what was recorded is never changed.

mod bindings;
mod compare;
mod counterparts;
mod destination;
mod difference;
mod exchanges;
mod expect;
mod flow;
mod gateway;
mod mapping;
mod order;
mod plan;
mod play;
mod reach;
mod recording;
mod run;
mod scenarios;
mod steer;
mod texts;
mod variables;
mod wire;

pub use bindings::{Binding, BindingEdit, ValueSort};
pub use destination::{Credentials, Destination};
pub use difference::{Difference, Ignores, Part, Sort};
pub use flow::{Expectation, Flow, FlowError, Mode, Requires, Step, StepKind};
pub use gateway::{Coming, Gateway, GatewayError};
pub use plan::{Edited, Plan, PlanCounts};
pub use play::{Options, Pace, Player, RunResult, StepResult, Verdict, play};
pub use reach::{Reach, Step as ReachStep, StepName, StepState, reach};
pub use recording::{Call, Measure, Recorded, Reply, Source, Unreadable};
pub use run::{Bound, End, Ended, Event, Patience, Phase, ReplayOptions, StepOutcome, Tempo, masked, replay};
pub use scenarios::scenarios;
pub use steer::Steer;
pub use variables::{RunNames, Variables};
pub use wire::{Limits, Target, Way};
