//! Filters in words, for people who look at one as they type it.

use super::{Expression, Filter, Operator, Test};

impl Filter {
    /// The filter as a sentence: `active is true and userName starts with "ada"`.
    pub fn sentence(&self) -> String {
        self.expression.sentence()
    }
}

impl Expression {
    /// The condition in words.
    pub fn sentence(&self) -> String {
        match self {
            Expression::Test { attribute, test } => format!("{} {}", attribute.text, test.words()),
            Expression::ValuePath { attribute, inner, then } => {
                let of = format!("one of {} fulfils ({})", attribute.text, inner.sentence());
                match then {
                    Some((sub, test)) => format!("{of}, and its {} {}", sub.text, test.words()),
                    None => of,
                }
            }
            Expression::And(all) => joined(all, " and "),
            Expression::Or(all) => joined(all, " or "),
            Expression::Not(inner) => format!("not ({})", inner.sentence()),
        }
    }
}

impl Test {
    /// What is asked about an attribute, in words.
    pub fn words(&self) -> String {
        match self {
            Test::Present => "has a value".to_owned(),
            Test::Compare(operator, literal) => format!("{} {}", operator.words(), literal.value),
        }
    }
}

impl Operator {
    /// The operator in words: "starts with".
    pub fn words(self) -> &'static str {
        match self {
            Operator::Equal => "is",
            Operator::NotEqual => "is not",
            Operator::Contains => "contains",
            Operator::StartsWith => "starts with",
            Operator::EndsWith => "ends with",
            Operator::Greater => "is greater than",
            Operator::GreaterOrEqual => "is at least",
            Operator::Less => "is less than",
            Operator::LessOrEqual => "is at most",
        }
    }
}

fn joined(parts: &[Expression], word: &str) -> String {
    let parts = parts.iter().map(|part| match part {
        Expression::And(_) | Expression::Or(_) => format!("({})", part.sentence()),
        part => part.sentence(),
    });
    parts.collect::<Vec<String>>().join(word)
}
