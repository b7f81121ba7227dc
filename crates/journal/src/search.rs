//! The index that searches use: blocks of exchanges with what a query can ask about them, in columns.
//!
//! A query is turned into two sets for each block: what it may select, and what it selects for sure. The second is needed
//! only to turn a clause round. What may be selected is read and asked; so the index may be wrong in one direction only, and
//! [`traffic::query::asked`] sees to it that it is built from the same texts that the tests look at.

mod bits;
mod bytes;
mod facets;
mod grams;
mod index;
mod names;
mod sieve;

pub(crate) use index::{Indexer, forget, indexed_through, stale};
pub(crate) use sieve::sift;

/// How many exchanges a block has.
const BLOCK: u64 = 1_024;
