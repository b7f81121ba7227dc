//! What flows know of an exchange: enough to name a flow and to tell how it went, without heads and bodies.

use serde::{Deserialize, Serialize};

use crate::exchange::Exchange;
use crate::summary::Summary;

/// What a request is for in a flow. A refused one is what it asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// It only tests that the server is there.
    Probe,
    /// It reads what the server can do.
    Discover,
    /// It gets an access token.
    Token,
    /// It looks for one resource by something that identifies it.
    Lookup,
    /// It reads one resource.
    Read,
    /// It reads many resources, a page at a time.
    List,
    /// It makes a resource.
    Create,
    /// It changes or replaces a resource.
    Update,
    /// It sets nothing but references to other resources, as a manager.
    Refer,
    /// It sets `active` to false.
    Deactivate,
    /// It sets `active` to true.
    Reactivate,
    /// It changes who is in a group.
    Membership,
    /// It names a group and says who is in it.
    Push,
    /// It deletes a resource.
    Delete,
    /// It does several things at once (RFC 7644 section 3.7).
    Bulk,
    /// Anything else.
    #[default]
    Other,
}

impl Deed {
    /// The word in a query for what a flow with it does: "provision".
    pub fn does(self) -> &'static str {
        match self {
            Deed::Probe => "test-connection",
            Deed::Discover => "discovery",
            Deed::Token => "token",
            Deed::Lookup | Deed::Read => "lookup",
            Deed::List => "import",
            Deed::Create | Deed::Bulk => "provision",
            Deed::Update | Deed::Refer => "update",
            Deed::Deactivate => "deactivate",
            Deed::Reactivate => "reactivate",
            Deed::Membership => "membership",
            Deed::Push => "group-push",
            Deed::Delete => "delete",
            Deed::Other => "unknown",
        }
    }

    /// Whether it wants to change something.
    pub fn writes(self) -> bool {
        match self {
            Deed::Probe | Deed::Discover | Deed::Token | Deed::Lookup | Deed::Read | Deed::List | Deed::Other => false,
            Deed::Create
            | Deed::Update
            | Deed::Refer
            | Deed::Deactivate
            | Deed::Reactivate
            | Deed::Membership
            | Deed::Push
            | Deed::Delete
            | Deed::Bulk => true,
        }
    }
}

/// A resource that a flow is about, as it was called then.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Name of the resource type: "User".
    pub resource_type: String,
    /// The resource's `id`, if it is known.
    pub id: Option<String>,
    /// What people call it, cleaned and cut; empty if that is not known.
    pub name: String,
}

/// An exchange as a step of a flow.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its line in the list.
    pub summary: Summary,
    /// What it was for.
    pub deed: Deed,
    /// What it was about.
    pub about: Vec<Named>,
    /// Whether a person chose its flow.
    pub by_hand: bool,
}

impl From<&Exchange> for Step {
    fn from(exchange: &Exchange) -> Self {
        let annotation = exchange.annotation.as_deref();
        Step {
            summary: Summary::from(exchange),
            deed: annotation.map_or(Deed::Other, |annotation| annotation.deed),
            about: annotation.map(|annotation| annotation.about.clone()).unwrap_or_default(),
            by_hand: annotation.is_some_and(|annotation| annotation.by_hand),
        }
    }
}
