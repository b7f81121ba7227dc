//! The corpora, and mutations of them.

mod corpus;
mod mutations;
