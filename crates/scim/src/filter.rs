//! Filters (RFC 7644 section 3.4.2.2): read from text, bound to a resource type, asked of resources.
//!
//! [`parse`] knows the grammar only. [`Filter::bind`] resolves names in a [`Shape`](crate::schema::Shape), checks that
//! what is compared can be compared, and reports what real clients write beside the grammar. [`Bound::matches`] is the
//! one evaluator for lists, PATCH paths and everything else that selects.

use std::fmt;
use std::ops::Range;

use crate::error::{ScimError, ScimType};
use crate::finding::Place;
use crate::json::Json;
use crate::leniency::Reading;

mod bind;
mod complete;
mod matching;
mod parse;
mod say;

pub(crate) use bind::{bind_element, short_name};
pub use complete::{Completion, CompletionKind, Completions, complete};
pub use matching::{Bound, Equality};
pub(crate) use parse::Parser;

/// A filter as it was written: names are not resolved yet.
///
/// Two filters are equal if they say the same, wherever their parts stood in the text and however literals were quoted.
/// `to_string` prints canonical text, and `parse(&filter.to_string())` gives an equal filter.
#[derive(Clone, Debug)]
pub struct Filter {
    /// What must hold.
    pub expression: Expression,
    source: String,
}

/// A condition, or several joined.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// An attribute, asked for its presence or compared.
    Test {
        /// The attribute.
        attribute: Name,
        /// The question.
        test: Test,
    },
    /// `emails[type eq "work"]`: one element for which the inner condition holds.
    ValuePath {
        /// The attribute before the bracket.
        attribute: Name,
        /// The condition on one element; its names are sub-attributes.
        inner: Box<Expression>,
        /// A sub-attribute of the same element and a question about it, as in
        /// `emails[type eq "work"].value eq "a@example.com"`. The RFC's grammar does not have this (T15).
        then: Option<(Name, Test)>,
    },
    /// All must hold. At least two.
    And(Vec<Expression>),
    /// One must hold. At least two.
    Or(Vec<Expression>),
    /// It must not hold.
    Not(Box<Expression>),
}

/// What is asked about an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// `pr`.
    Present,
    /// A comparison with a literal.
    Compare(Operator, Literal),
}

/// The comparing operators of RFC 7644 table 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `eq`: equal.
    Equal,
    /// `ne`: not equal.
    NotEqual,
    /// `co`: contains.
    Contains,
    /// `sw`: starts with.
    StartsWith,
    /// `ew`: ends with.
    EndsWith,
    /// `gt`: greater than.
    Greater,
    /// `ge`: greater than or equal to.
    GreaterOrEqual,
    /// `lt`: less than.
    Less,
    /// `le`: less than or equal to.
    LessOrEqual,
}

/// The name of an attribute as written, and where. Equality is that of the text.
#[derive(Clone, Debug)]
pub struct Name {
    /// `userName`, `name.givenName`, `urn:...:User:userName`.
    pub text: String,
    /// Its bytes in the filter.
    pub span: Range<usize>,
}

/// A literal. Equality is that of the value.
#[derive(Clone, Debug)]
pub struct Literal {
    /// A string, number, boolean or `null`.
    pub value: Json,
    /// Its bytes in the filter.
    pub span: Range<usize>,
    /// How its writing departs from the grammar (T16).
    pub quirk: Option<Quirk>,
}

/// How the writing of a literal departs from the grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quirk {
    /// `externalId eq jyoung`.
    Unquoted,
    /// `externalId eq 'jyoung'`.
    SingleQuotes,
    /// `externalId eq"jyoung"`.
    NoBlank,
}

/// Why a text is not a filter, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} (at character {column})")]
pub struct FilterError {
    /// The bytes at fault.
    pub span: Range<usize>,
    /// Where they begin, in characters from 1.
    pub column: usize,
    /// What is wrong and what would have been right.
    pub message: String,
}

/// Reads a filter. Its length, nesting and number of conditions are bounded.
pub fn parse(text: &str) -> Result<Filter, FilterError> {
    let expression = Parser::new(text).whole()?;
    Ok(Filter { expression, source: text.to_owned() })
}

impl Filter {
    /// Resolves the filter in the resource type of the request. `place` says where bytes of the filter stand in the
    /// request.
    ///
    /// An attribute that the schema does not have counts as absent and yields the finding `unknown-filter-attribute`.
    ///
    /// # Errors
    /// 400 `invalidFilter`: an ordering operator on a boolean or binary attribute, a literal of another type than the
    /// attribute, a complex attribute without `value`, an attribute that is never returned, and T3, T15 and T16 where they
    /// are not taken.
    pub fn bind(&self, reading: &mut Reading<'_>, place: &dyn Fn(Range<usize>) -> Place) -> Result<Bound, ScimError> {
        bind::bind(reading, &self.expression, &self.source, place)
    }
}

impl FilterError {
    pub(crate) fn new(text: &str, span: Range<usize>, message: impl Into<String>) -> FilterError {
        FilterError { column: column(text, span.start), span, message: message.into() }
    }

    /// The error for the client: 400 `invalidFilter`. `place` says where bytes of the filter stand in the request.
    pub fn into_scim_error(self, place: &dyn Fn(Range<usize>) -> Place) -> ScimError {
        let detail = format!("the filter cannot be parsed: {self}");
        ScimError::bad_request(ScimType::InvalidFilter, place(self.span), detail)
    }
}

/// Characters before a byte offset, plus one.
pub(crate) fn column(text: &str, offset: usize) -> usize {
    1 + text.char_indices().take_while(|(at, _)| *at < offset).count()
}

impl Operator {
    /// All, in the order of RFC 7644 table 3.
    pub const ALL: [Operator; 9] = [
        Operator::Equal,
        Operator::NotEqual,
        Operator::Contains,
        Operator::StartsWith,
        Operator::EndsWith,
        Operator::Greater,
        Operator::GreaterOrEqual,
        Operator::Less,
        Operator::LessOrEqual,
    ];

    /// The operator as written in filters.
    pub fn keyword(self) -> &'static str {
        match self {
            Operator::Equal => "eq",
            Operator::NotEqual => "ne",
            Operator::Contains => "co",
            Operator::StartsWith => "sw",
            Operator::EndsWith => "ew",
            Operator::Greater => "gt",
            Operator::GreaterOrEqual => "ge",
            Operator::Less => "lt",
            Operator::LessOrEqual => "le",
        }
    }

    /// The operator with this keyword, without regard to case.
    pub fn from_keyword(word: &str) -> Option<Operator> {
        Operator::ALL.into_iter().find(|operator| operator.keyword().eq_ignore_ascii_case(word))
    }
}

impl Expression {
    /// The names and literals of a condition that only joins `eq` comparisons with `and`; `None` for any other. Such a
    /// condition describes an element that could be made (T4).
    pub(crate) fn as_equalities(&self) -> Option<Vec<(&Name, &Literal)>> {
        match self {
            Expression::Test { attribute, test: Test::Compare(Operator::Equal, literal) } => {
                Some(vec![(attribute, literal)])
            }
            Expression::And(parts) => {
                let lists = parts.iter().map(Expression::as_equalities).collect::<Option<Vec<_>>>()?;
                Some(lists.into_iter().flatten().collect())
            }
            _ => None,
        }
    }
}

impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.expression == other.expression
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl PartialEq for Literal {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.expression.fmt(f)
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expression::Test { attribute, test } => write!(f, "{} {test}", attribute.text),
            Expression::ValuePath { attribute, inner, then } => {
                write!(f, "{}[{inner}]", attribute.text)?;
                match then {
                    Some((sub, test)) => write!(f, ".{} {test}", sub.text),
                    None => Ok(()),
                }
            }
            Expression::And(parts) => joined(f, parts, " and "),
            Expression::Or(parts) => joined(f, parts, " or "),
            Expression::Not(inner) => write!(f, "not ({inner})"),
        }
    }
}

/// Parts that are joined themselves get parentheses, needed or not: the tree stays as it is and nobody has to know the
/// order of precedence.
fn joined(f: &mut fmt::Formatter<'_>, parts: &[Expression], word: &str) -> fmt::Result {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            f.write_str(word)?;
        }
        match part {
            Expression::And(_) | Expression::Or(_) => write!(f, "({part})")?,
            _ => write!(f, "{part}")?,
        }
    }
    Ok(())
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Test::Present => f.write_str("pr"),
            Test::Compare(operator, literal) => write!(f, "{operator} {}", literal.value),
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.keyword())
    }
}
