//! Which runs of four bytes are in the texts of exchanges: a filter with one bit for each, for so many exchanges together.
//!
//! A text can only be in an exchange if all runs of four bytes in it are. ASCII letters count as small ones. Different runs
//! may share a bit; then a group of exchanges is read in vain, no more. A text of less than four bytes rules out nothing.

use super::BLOCK;
use super::bits::{Answer, Bits};

/// How many exchanges share a filter.
const GROUP: usize = 32;

const GROUPS: usize = BLOCK as usize / GROUP;

/// Bits of a filter while it is gathered; it is folded to what it needs.
const WIDEST: u32 = 20;

/// Bits in a filter for each run that is in it, at least: a quarter or less of it is set.
const SPARSE: usize = 3;

const NARROWEST: u32 = 6;

/// Gathers the filters of a block.
#[derive(Debug)]
pub(super) struct Gatherer {
    bits: Vec<u64>,
    blob: Vec<u8>,
}

impl Default for Gatherer {
    fn default() -> Self {
        Gatherer { bits: vec![0; 1 << (WIDEST - 6)], blob: Vec::new() }
    }
}

impl Gatherer {
    /// Takes in a text of an exchange of the present group.
    pub(super) fn take(&mut self, text: &[u8]) {
        runs(text, |run| {
            let bit = place(run, WIDEST);
            self.bits[bit / 64] |= 1 << (bit % 64);
        });
    }

    /// The present exchange was the one in this place, and there is no more of it.
    pub(super) fn end_of(&mut self, place: usize) {
        if place % GROUP == GROUP - 1 {
            self.fold();
        }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.blob
    }

    /// Writes the filter: its width, then its bytes. A width of zero lets everything pass.
    fn fold(&mut self) {
        let count: usize = self.bits.iter().map(|word| word.count_ones() as usize).sum();
        let width = (count * SPARSE).next_power_of_two().trailing_zeros().max(NARROWEST);
        if width > WIDEST {
            self.blob.push(0);
        } else {
            let mut folded = vec![0u8; 1 << (width - 3)];
            for (at, word) in self.bits.iter().enumerate().filter(|(_, word)| **word != 0) {
                for bit in (0..64).filter(|bit| word >> bit & 1 == 1) {
                    let bit = (at * 64 + bit) >> (WIDEST - width);
                    folded[bit / 8] |= 1 << (bit % 8);
                }
            }
            self.blob.push(width as u8);
            self.blob.extend_from_slice(&folded);
        }
        self.bits.fill(0);
    }
}

/// The filters of a block, to be asked.
#[derive(Debug)]
pub(super) struct Grams<'a> {
    filters: Vec<(u32, &'a [u8])>,
}

impl<'a> Grams<'a> {
    pub(super) fn read(mut blob: &'a [u8]) -> Option<Grams<'a>> {
        let mut filters = Vec::with_capacity(GROUPS);
        while let Some((width, rest)) = blob.split_first() {
            let bytes = match u32::from(*width) {
                0 => 0,
                width @ NARROWEST..=WIDEST => 1 << (width - 3),
                _ => return None,
            };
            let (filter, rest) = rest.split_at_checked(bytes)?;
            filters.push((u32::from(*width), filter));
            blob = rest;
        }
        (filters.len() == GROUPS).then_some(Grams { filters })
    }

    /// Where a text may be.
    pub(super) fn may_have(&self, text: &str) -> Answer {
        let mut wanted = Vec::new();
        runs(text.as_bytes(), |run| wanted.push(run));
        let mut maybe = Bits::NONE;
        for (group, (width, filter)) in self.filters.iter().enumerate() {
            let may = *width == 0
                || wanted.iter().all(|run| {
                    let bit = place(*run, *width);
                    filter[bit / 8] >> (bit % 8) & 1 == 1
                });
            if may {
                maybe.insert_range(group * GROUP..(group + 1) * GROUP);
            }
        }
        Answer::at_most(maybe)
    }
}

/// Whether a text rules out anything.
pub(super) fn helps(text: &str) -> bool {
    text.len() >= 4
}

fn runs(text: &[u8], mut each: impl FnMut(u32)) {
    let mut run = 0;
    for (at, byte) in text.iter().enumerate() {
        run = run << 8 | u32::from(byte.to_ascii_lowercase());
        if at >= 3 {
            each(run);
        }
    }
}

/// The bit of a run in a filter of this width. The bit in a narrower filter is that in a wider one without its low bits.
fn place(run: u32, width: u32) -> usize {
    (run.wrapping_mul(0x9e37_79b1) >> (32 - width)) as usize
}
