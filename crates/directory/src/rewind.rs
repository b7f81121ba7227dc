//! A state that is not kept any more, from a later one and what was different then.

use std::collections::BTreeMap;
use std::sync::Arc;

use scim::document::Document;
use scim::value::Value;

use crate::persistent::DiffItem;
use crate::resource::Resource;
use crate::root::Root;

/// A resource as it was at the state that is wanted.
#[derive(Clone, Debug)]
pub struct Past {
    /// Name of its type.
    pub resource_type: String,
    /// Its `id`.
    pub id: String,
    /// Its state; `None` if it was not there.
    pub state: Option<Arc<Document>>,
}

/// A resource of the past is of a type that the directory does not have any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} was a resource type then, and is none now")]
pub struct LostType(pub String);

impl Root {
    /// The state at an earlier revision: this one, but for what was different then. Shares everything else with this one.
    /// What is gone since stands at the end of its type's order.
    pub fn rewound(&self, revision: u64, past: impl IntoIterator<Item = Past>) -> Result<Root, LostType> {
        let mut root = self.clone();
        root.revision = revision;
        for Past { resource_type, id, state } in past {
            let Some(of_type) = root.type_number(&resource_type) else { return Err(LostType(resource_type)) };
            let place = root.find(&id).map(|(of_type, slot, _)| (of_type, slot));
            let resource = state.map(|document| {
                let version = stated_version(&document).unwrap_or(1);
                let shape = Arc::clone(&root.type_layout(of_type).shape);
                Arc::new(Resource { shape, document, version })
            });
            match (place, resource) {
                (Some((of_type, slot)), resource) => root.put(of_type, slot, resource),
                (None, Some(resource)) => drop(root.append(of_type, resource)),
                (None, None) => {}
            }
        }
        Ok(root)
    }
}

impl Root {
    /// The states in this root of all resources that are another one in `other`, or are not in one of the two. What the two
    /// share is not looked at.
    pub fn differing(&self, other: &Root) -> Vec<Past> {
        let mut ids: BTreeMap<String, String> = BTreeMap::new();
        for (ours, theirs) in self.collections.iter().zip(&other.collections) {
            for item in theirs.resources.diff(&ours.resources) {
                let (left, right) = match item {
                    DiffItem::Add(_, resource) | DiffItem::Remove(_, resource) => (resource, None),
                    DiffItem::Update { old: (_, old), new: (_, new) } => (old, Some(new)),
                };
                for resource in [Some(left), right].into_iter().flatten() {
                    ids.insert(resource.id().to_owned(), resource.resource_type().to_owned());
                }
            }
        }
        let pasts = ids.into_iter().map(|(id, resource_type)| {
            let state = self.get(&id).map(|resource| Arc::clone(&resource.document));
            Past { resource_type, id, state }
        });
        pasts.collect()
    }
}

/// The number in `meta.version`, an entity tag (RFC 7644 section 3.14): 3 of `W/"3"`.
pub fn stated_version(document: &Document) -> Option<u64> {
    let tag = document.get("meta")?.get("version").and_then(Value::as_str)?;
    tag.trim_start_matches("W/").trim_matches('"').parse().ok()
}
