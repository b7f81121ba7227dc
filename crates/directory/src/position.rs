//! Where a resource stands in the order of creation, for whoever walks through a list and comes back later.

use crate::root::Root;

impl Root {
    /// The place of the resource with this `id` in the order of creation: later ones have greater numbers, and none is ever
    /// used again.
    pub fn slot_of(&self, id: &str) -> Option<u64> {
        self.find(id).map(|(_, slot, _)| slot)
    }

    /// How many resources of a type were created before this place and are still there. Whole blocks are counted without
    /// looking at what is in them.
    pub fn rank(&self, resource_type: &str, slot: u64) -> u64 {
        self.type_number(resource_type).map_or(0, |of_type| self.collections[of_type].rank(slot))
    }
}
