//! What people put on exchanges.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::summary::Summary;

/// What people put on an exchange.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Marks {
    /// Whether it, and the flow that it belongs to, is kept whatever is pruned.
    #[schema(required = true)]
    pub pinned: bool,
    /// Free text, at most 10,000 characters; empty if there is none.
    #[schema(required = true)]
    pub note: String,
    /// Short words, at most 32, without repetition.
    #[schema(required = true)]
    pub tags: Vec<String>,
}

/// What to change in the marks of many exchanges; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MarksChange {
    /// The numbers of the exchanges, at most 1000.
    pub seqs: Vec<u64>,
    /// Whether they are pinned from now on.
    pub pinned: Option<bool>,
    /// The note that they have from now on.
    pub note: Option<String>,
    /// Tags to put on.
    #[serde(default)]
    pub add_tags: Vec<String>,
    /// Tags to take off.
    #[serde(default)]
    pub remove_tags: Vec<String>,
}

/// Exchanges after their marks were changed.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Marked {
    /// A line for each, in the order asked for.
    pub items: Vec<Summary>,
}

impl From<&traffic::marks::Marks> for Marks {
    fn from(marks: &traffic::marks::Marks) -> Self {
        let traffic::marks::Marks { pinned, note, tags } = marks.clone();
        Marks { pinned, note, tags }
    }
}

impl From<Marks> for traffic::marks::Marks {
    fn from(marks: Marks) -> Self {
        let Marks { pinned, note, tags } = marks;
        traffic::marks::Marks { pinned, note, tags }
    }
}
