//! One committed state of a directory.

use std::sync::Arc;

use scim::document::Document;
use scim::value::Value;

use crate::indexed::{Layout, Membership, TypeLayout};
use crate::persistent::{Map, Set};
use crate::rank::Rank;
use crate::resource::Resource;
use crate::transaction::Conflict;

/// The place of a resource in the order of creation; never used again.
pub(crate) type Slot = u64;

/// One committed state. Immutable: whoever holds it sees this state for ever.
#[derive(Clone, Debug)]
pub struct Root {
    pub(crate) revision: u64,
    pub(crate) layout: Arc<Layout>,
    pub(crate) collections: Vec<Collection>,
    /// Hash of an index and a value, and the slot of a resource that has the value there.
    index: Set<(u64, Slot)>,
    next_slot: Slot,
}

/// The resources of one type.
#[derive(Clone, Debug, Default)]
pub(crate) struct Collection {
    pub resources: Map<Slot, Arc<Resource>>,
    rank: Rank,
}

impl Root {
    pub(crate) fn empty(layout: Arc<Layout>, revision: u64) -> Root {
        let collections = vec![Collection::default(); layout.types.len()];
        Root { revision, layout, collections, index: Set::new(), next_slot: 0 }
    }

    /// The number of this state: 0 is the empty directory.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// How many resources there are in all.
    pub fn len(&self) -> usize {
        self.collections.iter().map(Collection::len).sum()
    }

    /// Whether there are no resources.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many resources of a type there are.
    pub fn count(&self, resource_type: &str) -> usize {
        self.type_number(resource_type).map_or(0, |of_type| self.collections[of_type].len())
    }

    /// The resource with this `id`, of whatever type.
    pub fn get(&self, id: &str) -> Option<&Arc<Resource>> {
        self.find(id).map(|(_, _, resource)| resource)
    }

    /// All resources: type by type, each in the order of creation.
    pub fn resources(&self) -> impl Iterator<Item = &Arc<Resource>> {
        self.collections.iter().flat_map(|collection| collection.resources.values())
    }

    /// The resources that have this `id` among their members (or in another multi-valued reference), type by type, each in
    /// the order of creation.
    pub fn referrers(&self, id: &str) -> Vec<&Arc<Resource>> {
        self.references_to(id).into_iter().map(|(_, _, _, resource)| resource).collect()
    }

    /// The same with the attribute that refers: `members`, or with the URN of its extension before it.
    pub fn referring(&self, id: &str) -> Vec<(String, &Arc<Resource>)> {
        let path = |membership: &Membership| match &membership.extension {
            None => membership.attribute.clone(),
            Some(urn) => format!("{urn}:{}", membership.attribute),
        };
        let references = self.references_to(id).into_iter();
        references.map(|(_, _, membership, resource)| (path(membership), resource)).collect()
    }

    /// Type, slot, attribute and resource of each reference to an `id`; a resource appears once for each attribute.
    pub(crate) fn references_to(&self, id: &str) -> Vec<(usize, Slot, &Membership, &Arc<Resource>)> {
        let mut found = Vec::new();
        for (of_type, layout) in self.types_that_refer() {
            for membership in &layout.memberships {
                let indexed = &layout.indexed[membership.indexed];
                for slot in self.candidates(self.layout.text_key(indexed, id)) {
                    let resource = self.collections[of_type].resources.get(&slot);
                    found.extend(
                        resource
                            .filter(|resource| indexed.has(resource, Value::String(id)))
                            .map(|resource| (of_type, slot, membership, resource)),
                    );
                }
            }
        }
        found
    }

    /// Whether there are such references.
    pub fn is_referred_to(&self, id: &str) -> bool {
        self.types_that_refer().any(|(of_type, layout)| {
            layout.memberships.iter().any(|membership| {
                let indexed = &layout.indexed[membership.indexed];
                self.candidates(self.layout.text_key(indexed, id)).any(|slot| {
                    let resource = self.collections[of_type].resources.get(&slot);
                    resource.is_some_and(|resource| indexed.has(resource, Value::String(id)))
                })
            })
        })
    }

    /// The types of which there are resources that may refer to others in such a way.
    fn types_that_refer(&self) -> impl Iterator<Item = (usize, &TypeLayout)> {
        let types = self.layout.types.iter().enumerate();
        types.filter(|(of_type, layout)| !layout.memberships.is_empty() && self.collections[*of_type].len() > 0)
    }

    pub(crate) fn type_number(&self, resource_type: &str) -> Option<usize> {
        self.layout.types.iter().position(|layout| layout.shape.resource_type.name == resource_type)
    }

    pub(crate) fn type_layout(&self, of_type: usize) -> &TypeLayout {
        &self.layout.types[of_type]
    }

    pub(crate) fn find(&self, id: &str) -> Option<(usize, Slot, &Arc<Resource>)> {
        self.candidates(self.layout.id_key(id)).find_map(|slot| {
            let mut collections = self.collections.iter().enumerate();
            collections.find_map(|(of_type, collection)| {
                let resource = collection.resources.get(&slot)?;
                (resource.id() == id).then_some((of_type, slot, resource))
            })
        })
    }

    /// Slots under a key, ascending. A hit must be verified: other values may have the same hash.
    pub(crate) fn candidates(&self, key: u64) -> impl Iterator<Item = Slot> + '_ {
        // Step by step, since most are content with the first: that is one way down the tree, and a range is two.
        let mut from = Some(0);
        std::iter::from_fn(move || {
            let (_, slot) = self.index.get_next(&(key, from?)).filter(|(found, _)| *found == key)?;
            from = slot.checked_add(1);
            Some(*slot)
        })
    }

    pub(crate) fn append(&mut self, of_type: usize, resource: Arc<Resource>) -> Slot {
        let slot = self.next_slot;
        self.next_slot += 1;
        self.put(of_type, slot, Some(resource));
        slot
    }

    /// Puts a resource into a slot, or empties it; keeps the index and the counts in step.
    pub(crate) fn put(&mut self, of_type: usize, slot: Slot, resource: Option<Arc<Resource>>) {
        let collection = &mut self.collections[of_type];
        let old = match &resource {
            Some(resource) => collection.resources.insert(slot, Arc::clone(resource)),
            None => collection.resources.remove(&slot),
        };
        match (&old, &resource) {
            (None, Some(_)) => collection.rank.add(slot),
            (Some(_), None) => collection.rank.remove(slot),
            _ => {}
        }
        let keys = self.layout.keys(of_type, old.as_deref(), resource.as_deref());
        for key in keys.gone {
            self.index.remove(&(key, slot));
        }
        for key in keys.came {
            self.index.insert((key, slot));
        }
    }

    /// Refused if a value of this resource that must be unique is one of another resource's. `own` is its own place; what it
    /// has from `before` is not looked at.
    pub(crate) fn check_unique(
        &self,
        of_type: usize,
        own: Option<Slot>,
        before: Option<&Resource>,
        resource: &Resource,
    ) -> Result<(), Conflict> {
        let layout = self.type_layout(of_type);
        for indexed in layout.indexed.iter().filter(|indexed| indexed.unique) {
            let (_, values) = indexed.differences(before, Some(resource));
            for value in values {
                let Some(key) = self.layout.value_key(indexed, value) else { continue };
                let others = self.candidates(key).filter(|slot| own != Some(*slot));
                let taken = others.filter_map(|slot| self.collections[of_type].get(slot));
                if let Some(other) = taken.into_iter().find(|other| indexed.has(other, value)) {
                    return Err(Conflict {
                        attribute: indexed.path.clone(),
                        value: value.to_json(),
                        resource_type: other.resource_type().to_owned(),
                        id: other.id().to_owned(),
                    });
                }
            }
        }
        Ok(())
    }

    /// A resource with this `id` in another place.
    pub(crate) fn another(&self, id: &str, own: Slot) -> Option<&Arc<Resource>> {
        self.candidates(self.layout.id_key(id)).filter(|slot| *slot != own).find_map(|slot| {
            let found = self.collections.iter().find_map(|collection| collection.resources.get(&slot));
            found.filter(|resource| resource.id() == id)
        })
    }

    /// Sets so many places in the order of creation aside; gives the first of them.
    pub(crate) fn set_aside(&mut self, places: u64) -> Slot {
        let first = self.next_slot;
        self.next_slot += places;
        first
    }

    /// What is created next stands behind what was created in the other state, and is a later revision.
    pub(crate) fn go_on_after(&mut self, other: &Root) {
        self.next_slot = self.next_slot.max(other.next_slot);
        self.revision = other.revision;
    }

    /// A state without resources that goes on after this one.
    pub(crate) fn emptied(&self) -> Root {
        let mut root = Root::empty(Arc::clone(&self.layout), self.revision);
        root.next_slot = self.next_slot;
        root
    }

    /// Puts a saved resource back, as it was.
    pub(crate) fn restore(&mut self, of_type: usize, document: Document, version: u64) {
        let shape = Arc::clone(&self.layout.types[of_type].shape);
        self.append(of_type, Arc::new(Resource { shape, document: Arc::new(document), version }));
    }
}

impl Collection {
    pub fn len(&self) -> usize {
        self.resources.len()
    }

    pub fn get(&self, slot: Slot) -> Option<&Arc<Resource>> {
        self.resources.get(&slot)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<Resource>> {
        self.resources.values()
    }

    /// How many resources are in slots before this one.
    pub fn rank(&self, slot: Slot) -> u64 {
        let (before, block) = self.rank.before(slot);
        before + self.resources.range(block..slot).count() as u64
    }

    /// The resources that have at least `rank` others before them.
    pub fn after_rank(&self, rank: u64) -> impl Iterator<Item = &Arc<Resource>> {
        let (start, skip) = self.rank.find(rank).unwrap_or((Slot::MAX, 0));
        self.resources.range(start..).map(|(_, resource)| resource).skip(skip)
    }
}
