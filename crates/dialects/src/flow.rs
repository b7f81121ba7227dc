//! Which exchanges form one action of a client, and what that action is.
//!
//! [`Grouper`] puts exchanges into flows as they come; [`Flow`] says what a flow is, from its steps.

mod answered;
mod deed;
mod grouper;
mod kind;
mod links;
mod tokens;
mod whole;

pub use grouper::{Grouper, IDLE_GAP, MOST_STEPS, Placed};
pub use kind::Kind;
pub use links::{Link, LinkKind, Links};
pub use whole::{Flow, Outcome};

pub(crate) use deed::{about, deed};
pub(crate) use grouper::Sender;
