//! Which elements of a long list an operation can have to do with.

use crate::diff::refers;
use crate::json::Json;
use crate::long_list::{self, LongList, Place};
use crate::path::Spot;
use crate::schema::{Attribute, Mutability};
use crate::value::Value;

/// The elements that an operation looks at, by their identities; `None` for all. Those that are primary are always among
/// them, since another one may become so.
pub(super) struct Reach(Option<Vec<u64>>);

impl Reach {
    /// All that may be the same thing as one of these.
    pub(super) fn like(elements: &[Json]) -> Reach {
        Reach(Some(elements.iter().map(|element| long_list::identity(Value::from(element))).collect()))
    }

    /// Those that a path selects.
    pub(super) fn selected(spot: &Spot<'_>) -> Reach {
        let equalities = spot.condition.as_ref().map(|condition| condition.bound.equalities());
        let value = equalities.into_iter().flatten().find(|equality| equality.attribute == "value");
        Reach(value.map(|equality| vec![long_list::identity(Value::String(&equality.text))]))
    }

    /// The places of these elements, ascending.
    pub(super) fn places(&self, list: &LongList) -> Vec<Place> {
        match &self.0 {
            Some(identities) => list.candidates(identities),
            None => list.all_places(),
        }
    }
}

/// Whether operations can work on a part of a list: its elements stand for other resources, and each may change by itself.
pub(super) fn has_parts(attribute: &Attribute) -> bool {
    refers(attribute) && attribute.sub("value").is_some() && attribute.mutability != Mutability::Immutable
}
