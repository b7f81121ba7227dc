//! What the API says of removals.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ports::Unwanted;
use crate::removals::Waiting;

/// Which exchanges are to be removed: some by number; or, without numbers, all there are now that are not pinned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRemoval {
    /// The numbers, at most 100,000; these go even if they are pinned.
    #[serde(default)]
    pub seqs: Vec<u64>,
    /// Without numbers: only exchanges with this tag, in whatever case.
    pub tag: Option<String>,
    /// For how many seconds it can be undone, at most 60; 10 if not given.
    #[schema(minimum = 0, maximum = 60)]
    pub undo_s: Option<u64>,
}

/// A removal that can still be undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Removal {
    /// Its number.
    pub id: u64,
    /// The numbers of the exchanges, if some were named.
    pub seqs: Vec<u64>,
    /// If none were named: exchanges up to this number, unless they are pinned.
    pub through: Option<u64>,
    /// If none were named: only those with this tag.
    pub tag: Option<String>,
    /// When it is carried out (RFC 3339).
    pub due_at: String,
}

/// All removals that can still be undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RemovalList {
    /// The oldest first.
    pub items: Vec<Removal>,
}

impl From<Waiting> for Removal {
    fn from(Waiting { id, what, due }: Waiting) -> Removal {
        let (seqs, through, tag) = match what {
            Unwanted::These(seqs) => (seqs.iter().map(|seq| seq.0).collect(), None, None),
            Unwanted::UpTo { through, tag } => (Vec::new(), Some(through.0), tag),
        };
        Removal { id, seqs, through, tag, due_at: due.to_string() }
    }
}
