//! Sets of the exchanges of one block.

use super::BLOCK;

const WORDS: usize = BLOCK as usize / 64;

/// A set of places in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bits([u64; WORDS]);

impl Bits {
    pub(super) const NONE: Bits = Bits([0; WORDS]);
    pub(super) const ALL: Bits = Bits([u64::MAX; WORDS]);

    pub(super) fn insert(&mut self, place: usize) {
        self.0[place / 64] |= 1 << (place % 64);
    }

    pub(super) fn insert_range(&mut self, places: std::ops::Range<usize>) {
        places.for_each(|place| self.insert(place));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    pub(super) fn and(self, other: Bits) -> Bits {
        Bits(std::array::from_fn(|at| self.0[at] & other.0[at]))
    }

    pub(super) fn or(self, other: Bits) -> Bits {
        Bits(std::array::from_fn(|at| self.0[at] | other.0[at]))
    }

    pub(super) fn not(self) -> Bits {
        Bits(self.0.map(|word| !word))
    }

    /// The places, ascending.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = usize> {
        (0..BLOCK as usize).filter(|place| self.0[place / 64] >> (place % 64) & 1 == 1)
    }
}

/// What is known of a test: whom it may select, and whom for sure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    pub(super) maybe: Bits,
    pub(super) surely: Bits,
}

impl Answer {
    /// Nothing is known.
    pub(super) const OPEN: Answer = Answer { maybe: Bits::ALL, surely: Bits::NONE };

    /// Everything is known.
    pub(super) fn exact(bits: Bits) -> Answer {
        Answer { maybe: bits, surely: bits }
    }

    /// Only these, if at all.
    pub(super) fn at_most(maybe: Bits) -> Answer {
        Answer { maybe, surely: Bits::NONE }
    }

    pub(super) fn and(self, other: Answer) -> Answer {
        Answer { maybe: self.maybe.and(other.maybe), surely: self.surely.and(other.surely) }
    }

    pub(super) fn or(self, other: Answer) -> Answer {
        Answer { maybe: self.maybe.or(other.maybe), surely: self.surely.or(other.surely) }
    }

    pub(super) fn not(self) -> Answer {
        Answer { maybe: self.surely.not(), surely: self.maybe.not() }
    }
}
