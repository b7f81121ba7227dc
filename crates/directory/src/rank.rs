//! Where in the order of creation the n-th living resource is: counts per block of slots, so that no page is far.

use crate::persistent::Map;
use crate::root::Slot;

/// Slots in a block.
const BLOCK: u64 = 128;
/// Slots in a region. With a million resources a look-up passes some sixty regions, and in one region and one block 128 each.
const REGION: u64 = 128 * BLOCK;

/// How many resources live in each block and in each region; those without any are left out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rank {
    blocks: Map<u64, u64>,
    regions: Map<u64, u64>,
}

impl Rank {
    /// A slot came to life.
    pub fn add(&mut self, slot: Slot) {
        for (counts, at) in [(&mut self.blocks, slot / BLOCK), (&mut self.regions, slot / REGION)] {
            let count = counts.get(&at).copied().unwrap_or(0);
            counts.insert(at, count + 1);
        }
    }

    /// A slot that lived does no more.
    pub fn remove(&mut self, slot: Slot) {
        for (counts, at) in [(&mut self.blocks, slot / BLOCK), (&mut self.regions, slot / REGION)] {
            match counts.get(&at).copied() {
                Some(count @ 2..) => counts.insert(at, count - 1),
                _ => counts.remove(&at),
            };
        }
    }

    /// How many living slots there are before the block of this one, and where that block begins.
    pub fn before(&self, slot: Slot) -> (u64, Slot) {
        let (region, block) = (slot / REGION, slot / BLOCK);
        let regions: u64 = self.regions.range(..region).map(|(_, count)| count).sum();
        let blocks: u64 = self.blocks.range(region * (REGION / BLOCK)..block).map(|(_, count)| count).sum();
        (regions + blocks, block * BLOCK)
    }

    /// A slot, and how many living ones to skip from there on to come to the one that has `rank` others before it. `None` if
    /// there are not so many.
    pub fn find(&self, rank: u64) -> Option<(Slot, usize)> {
        let (region, left) = pass(self.regions.iter(), rank)?;
        let first = region * (REGION / BLOCK);
        let (block, left) = pass(self.blocks.range(first..first + REGION / BLOCK), left)?;
        Some((block * BLOCK, usize::try_from(left).ok()?))
    }
}

/// The first part in which a rank falls, and the rank in it.
fn pass<'a>(counts: impl Iterator<Item = (&'a u64, &'a u64)>, mut rank: u64) -> Option<(u64, u64)> {
    for (at, count) in counts {
        if rank < *count {
            return Some((*at, rank));
        }
        rank -= count;
    }
    None
}
