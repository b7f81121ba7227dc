//! Entries: the only thing that is ever written to the record.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::change::Committed;
use crate::exchange::{Closed, Opened, Received};
use crate::handled::Handled;
use crate::ids::{FlowId, Pos, Seq};
use crate::marks::Marks;
use crate::step::{Deed, Named};

/// What happened. Cheap to clone.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A request began: its first line has come, or its connection ended before that.
    Opened(Seq, Arc<Opened>),
    /// The provider has decided; appended before the first byte of the response leaves.
    Handled(Seq, Arc<Received>, Arc<Handled>),
    /// The exchange is over, well or not.
    Closed(Seq, Arc<Closed>),
    /// What dialects say of an exchange.
    Annotated(Seq, Arc<Annotation>),
    /// What people put on an exchange; stands for all that they put on before.
    Marked(Seq, Arc<Marks>),
    /// A directory has a new revision.
    Committed(Arc<Committed>),
    /// Something about the server itself changed.
    State(Arc<State>),
    /// Entries that are no longer to be had; stands in their place.
    Pruned {
        /// First position left out.
        from: Pos,
        /// Last position left out.
        to: Pos,
        /// How many entries that is.
        count: u64,
    },
}

/// What recognition and sentences add to an exchange; can be computed again at any time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Annotation {
    /// The dialect recognised: "entra". Absent if none fits.
    pub dialect: Option<String>,
    /// How sure, from 0 to 100.
    pub confidence: u8,
    /// Why that dialect: one short clause each.
    pub reasons: Vec<String>,
    /// The exchange in a sentence: "Entra disabled Ada Lovelace".
    pub sentence: String,
    /// Whether it only tests that the server is there.
    pub probe: bool,
    /// The flow that it belongs to; one that is alone has its own number. Absent in what was recorded before there were
    /// flows: such an exchange is alone, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<FlowId>,
    /// Whether a person chose the flow. Then nothing that is computed changes it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_hand: bool,
    /// What it was for.
    #[serde(default)]
    pub deed: Deed,
    /// What it was about: the first few resources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<Named>,
}

/// A change of the server that a reader of the record should see in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// What changed, in a kebab-case word: "listening", "profile", "durability".
    pub what: String,
    /// The new state in words.
    pub detail: String,
}

impl Entry {
    /// The exchange that this entry belongs to. For a commit: the exchange that caused it, if one did.
    pub fn seq(&self) -> Option<Seq> {
        match self {
            Entry::Opened(seq, _)
            | Entry::Handled(seq, _, _)
            | Entry::Closed(seq, _)
            | Entry::Annotated(seq, _)
            | Entry::Marked(seq, _) => Some(*seq),
            Entry::Committed(committed) => match committed.cause {
                crate::change::Cause::Exchange(seq) | crate::change::Cause::Observed(seq) => Some(seq),
                crate::change::Cause::Duplicated
                | crate::change::Cause::Reset
                | crate::change::Cause::Restored(_)
                | crate::change::Cause::Undone(_)
                | crate::change::Cause::UndoneExchange(_)
                | crate::change::Cause::Seed(_)
                | crate::change::Cause::Import => None,
            },
            Entry::State(_) | Entry::Pruned { .. } => None,
        }
    }
}
