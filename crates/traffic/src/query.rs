//! The language that selects exchanges: `method:patch status:>=400 user:"ada" not(probe)`.
//!
//! One language for everything that picks exchanges out of the record. Reading never fails: a [`Query`] is made of what
//! could be read, with a [`Diagnostic`] for each part that could not, so that a filter bar can work on text that is
//! half typed. What must not act on half a query reads with [`Query::strict`].
//!
//! The tree ([`Node`], [`Test`]) is public: storage can answer the part of it that it has indexes for.

pub mod asked;
mod complete;
mod count;
mod field;
mod hint;
mod interval;
mod looks;
mod matching;
mod near;
mod parse;
mod pattern;
mod say;
mod terms;
mod tree;
mod words;

use jiff::Timestamp;

use crate::exchange::Exchange;

pub use complete::{Completion, CompletionKind, Completions, complete};
pub use count::{Count, Counter};
pub use field::Field;
pub use near::Failing;
pub use pattern::{NamePattern, TextPattern};
pub use tree::{Diagnostic, FindingTest, FlowTest, HeaderTest, Kind, Node, ResourceTest, Test};
pub use words::{Vocabulary, Word};

/// Longest text that is read, in bytes; the rest is left out with a diagnostic.
pub const LONGEST_TEXT: usize = 4096;

/// Most tests that a query may have; further ones are left out with a diagnostic.
pub const MOST_TESTS: usize = 64;

/// How deep parentheses may be nested; what is deeper is left out with a diagnostic.
pub const DEEPEST: usize = 32;

/// Which exchanges, as far as the text could be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    text: String,
    clauses: Vec<Node>,
    diagnostics: Vec<Diagnostic>,
}

impl Query {
    /// Reads a query; see `docs/query.md` for the language. `now` is what relative times (`since:10m`) and times of day
    /// count from. Never fails: [`Query::diagnostics`] tells what could not be read.
    pub fn parse(text: &str, now: Timestamp) -> Query {
        let (clauses, diagnostics) = parse::parse(text, now);
        Query { text: text.to_owned(), clauses, diagnostics }
    }

    /// Reads a query that has to be right as a whole.
    ///
    /// # Errors
    /// What [`Query::diagnostics`] would tell, if it is anything.
    pub fn strict(text: &str, now: Timestamp) -> Result<Query, Vec<Diagnostic>> {
        let query = Query::parse(text, now);
        if query.diagnostics.is_empty() { Ok(query) } else { Err(query.diagnostics) }
    }

    /// The text that was read.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The clauses, in the order of the text: an exchange is selected if it passes all of them. Without any, all are.
    pub fn clauses(&self) -> &[Node] {
        &self.clauses
    }

    /// What could not be read, in the order of the text.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Whether the exchange is selected.
    pub fn matches(&self, exchange: &Exchange) -> bool {
        self.clauses.iter().all(|clause| clause.matches(exchange))
    }

    /// Whether the exchange is selected, if these are the words of its flow: what it does and what it is called.
    pub fn matches_in(&self, exchange: &Exchange, flow: &str) -> bool {
        self.clauses.iter().all(|clause| clause.matches_in(exchange, Some(flow)))
    }

    /// The query in words: "PATCH requests with status 400 or more about ada, without probes".
    pub fn sentence(&self) -> String {
        say::sentence(&self.clauses)
    }

    /// Whether matching may look into heads and bodies, so that it takes time with their size.
    pub fn reads_bytes(&self) -> bool {
        self.clauses.iter().any(Node::reads_bytes)
    }

    /// Words of the query that name a dialect, a tenant or a finding which the vocabulary does not have: most likely
    /// mistyped, though nothing is wrong with the query.
    pub fn unknown_words(&self, vocabulary: &Vocabulary) -> Vec<Diagnostic> {
        let mut diagnostics = Vec::new();
        self.clauses.iter().for_each(|clause| vocabulary.check(&self.text, clause, &mut diagnostics));
        diagnostics
    }
}
