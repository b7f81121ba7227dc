//! Asking a resource whether a bound filter holds. Nothing is allocated unless text beyond ASCII must be folded.

use std::cmp::Ordering;

use jiff::Timestamp;

use super::Operator;
use crate::number;
use crate::text;
use crate::value::Value;

/// A filter bound to a resource type.
#[derive(Clone, Debug)]
pub struct Bound {
    pub(super) node: Node,
}

/// A condition that every resource which matches must meet: an attribute has this value. For index look-ups; a resource
/// that is found by it must still be asked with [`Bound::matches`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Equality {
    /// The attribute, canonical: `userName`, `emails.value`, `urn:...:User:employeeNumber`.
    pub attribute: String,
    /// Whether case is folded: then `text` is folded already, and what it is compared with must be folded too.
    pub folded: bool,
    /// The value.
    pub text: String,
}

#[derive(Clone, Debug)]
pub(super) enum Node {
    /// Decided without looking: the schema has no such attribute.
    Constant(bool),
    /// A question about all values at the end of a route.
    Test(Route, Question),
    /// One object at the end of the route for which the inner condition holds.
    Element(Route, Box<Node>),
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
}

/// Member names from the resource, or the element, down to the values. Lists on the way fan out.
#[derive(Clone, Debug)]
pub(super) struct Route(pub(super) Vec<Box<str>>);

#[derive(Clone, Debug)]
pub(super) enum Question {
    /// A value that is not empty.
    Present,
    /// `eq null` (false) and `ne null` (true).
    Assigned(bool),
    Text(Operator, Text),
    Number(Operator, Box<str>),
    Boolean(Operator, bool),
    Time(Operator, Timestamp),
}

#[derive(Clone, Debug)]
pub(super) struct Text {
    /// Folded already if case is folded.
    literal: Box<str>,
    folds: bool,
}

impl Bound {
    /// Whether the filter holds for this resource (for the condition of a value path: for this element).
    pub fn matches(&self, resource: Value<'_>) -> bool {
        self.node.holds(resource)
    }

    /// How many questions are asked of one resource at most.
    pub fn questions(&self) -> usize {
        self.node.size()
    }

    /// Conditions of the form "this attribute equals this text" without which the filter cannot hold.
    pub fn equalities(&self) -> Vec<Equality> {
        let mut found = Vec::new();
        self.node.collect_equalities("", &mut found);
        found
    }
}

impl Node {
    fn holds(&self, subject: Value<'_>) -> bool {
        match self {
            Node::Constant(answer) => *answer,
            Node::Test(route, question) => question.holds(&route.0, subject),
            Node::Element(route, inner) => {
                any(subject, &route.0, inner.identity(), &mut |element| inner.holds(element))
            }
            Node::All(nodes) => nodes.iter().all(|node| node.holds(subject)),
            Node::Any(nodes) => nodes.iter().any(|node| node.holds(subject)),
            Node::Not(node) => !node.holds(subject),
        }
    }

    /// What the `value` of an element must be for the condition to hold.
    fn identity(&self) -> Option<&str> {
        match self {
            Node::Test(Route(route), Question::Text(Operator::Equal, text)) => {
                matches!(route.as_slice(), [step] if **step == *"value").then_some(&*text.literal)
            }
            Node::All(nodes) => nodes.iter().find_map(Node::identity),
            _ => None,
        }
    }

    fn size(&self) -> usize {
        match self {
            Node::Constant(_) | Node::Test(..) => 1,
            Node::Element(_, inner) | Node::Not(inner) => inner.size(),
            Node::All(nodes) | Node::Any(nodes) => nodes.iter().map(Node::size).sum(),
        }
    }

    fn collect_equalities(&self, prefix: &str, found: &mut Vec<Equality>) {
        match self {
            Node::Test(route, Question::Text(Operator::Equal, text)) => found.push(Equality {
                attribute: route.path(prefix),
                folded: text.folds,
                text: text.literal.clone().into_string(),
            }),
            Node::Element(route, inner) => inner.collect_equalities(&route.path(prefix), found),
            Node::All(nodes) => nodes.iter().for_each(|node| node.collect_equalities(prefix, found)),
            _ => {}
        }
    }
}

impl Route {
    /// The route as an attribute path: a URN takes a colon, everything else a dot.
    fn path(&self, prefix: &str) -> String {
        let mut path = prefix.to_owned();
        let mut after_urn = false;
        for step in &self.0 {
            if !path.is_empty() {
                path.push(if after_urn { ':' } else { '.' });
            }
            path.push_str(step);
            after_urn = step.contains(':');
        }
        path
    }
}

/// Whether the question is answered with yes for any value at the end of the route. An identity, if it is given, is what
/// the value at the end, or its `value`, must be: of a long list only the elements that have it are asked.
fn any(
    subject: Value<'_>,
    route: &[Box<str>],
    identity: Option<&str>,
    question: &mut dyn FnMut(Value<'_>) -> bool,
) -> bool {
    let is_end = || route.is_empty() || matches!(route, [step] if **step == *"value");
    let mut ask = |value: Value<'_>| match route {
        [] => question(value),
        [step, rest @ ..] => value.get(step).is_some_and(|inner| any(inner, rest, identity, &mut *question)),
    };
    match (subject.as_long(), identity) {
        (Some(list), Some(identity)) if is_end() => list.alike(identity).any(ask),
        _ => subject.values().any(&mut ask),
    }
}

impl Question {
    fn holds(&self, route: &[Box<str>], subject: Value<'_>) -> bool {
        let mut assigned = false;
        let identity = match self {
            Question::Text(Operator::Equal, text) => Some(&*text.literal),
            _ => None,
        };
        let yes = any(subject, route, identity, &mut |value| {
            assigned = true;
            self.holds_for(value)
        });
        match self {
            Question::Assigned(wanted) => assigned == *wanted,
            // An attribute without a value is not equal to anything.
            Question::Text(Operator::NotEqual, _)
            | Question::Number(Operator::NotEqual, _)
            | Question::Boolean(Operator::NotEqual, _)
            | Question::Time(Operator::NotEqual, _) => yes || !assigned,
            _ => yes,
        }
    }

    fn holds_for(&self, value: Value<'_>) -> bool {
        match (self, value) {
            (Question::Present, value) => is_present(value),
            (Question::Assigned(_), _) => true,
            (Question::Text(operator, text), Value::String(value)) => text.holds(*operator, value),
            (Question::Number(operator, literal), Value::Number(value)) => {
                ordered(*operator, number::compare_texts(value, literal))
            }
            (Question::Boolean(operator, literal), Value::Bool(value)) => ordered(*operator, value.cmp(literal)),
            (Question::Time(operator, literal), Value::String(value)) => match text::date_time(value) {
                Some(value) => ordered(*operator, value.cmp(literal)),
                None => *operator == Operator::NotEqual,
            },
            (Question::Text(operator, _) | Question::Number(operator, _) | Question::Boolean(operator, _), _) => {
                *operator == Operator::NotEqual
            }
            (Question::Time(operator, _), _) => *operator == Operator::NotEqual,
        }
    }
}

/// A value that is not empty, or an object or list with one in it.
fn is_present(value: Value<'_>) -> bool {
    match value {
        Value::Null | Value::String("") => false,
        Value::Array(mut items) => items.any(is_present),
        Value::Object(mut members) => members.any(|(_, value)| is_present(value)),
        _ => true,
    }
}

fn ordered(operator: Operator, ordering: Ordering) -> bool {
    match operator {
        Operator::Equal => ordering.is_eq(),
        Operator::NotEqual => ordering.is_ne(),
        Operator::Greater => ordering.is_gt(),
        Operator::GreaterOrEqual => ordering.is_ge(),
        Operator::Less => ordering.is_lt(),
        Operator::LessOrEqual => ordering.is_le(),
        Operator::Contains | Operator::StartsWith | Operator::EndsWith => false,
    }
}

impl Text {
    pub(super) fn new(literal: &str, folds: bool) -> Text {
        let literal = if folds { text::fold(literal).into() } else { literal.into() };
        Text { literal, folds }
    }

    fn holds(&self, operator: Operator, value: &str) -> bool {
        match (self.folds, value.is_ascii()) {
            (false, _) => compare(operator, value, &self.literal),
            (true, true) => compare_ascii(operator, value.as_bytes(), self.literal.as_bytes()),
            (true, false) => compare(operator, &text::fold(value), &self.literal),
        }
    }
}

fn compare(operator: Operator, value: &str, literal: &str) -> bool {
    match operator {
        Operator::Equal => value == literal,
        Operator::NotEqual => value != literal,
        Operator::Contains => value.contains(literal),
        Operator::StartsWith => value.starts_with(literal),
        Operator::EndsWith => value.ends_with(literal),
        _ => ordered(operator, value.cmp(literal)),
    }
}

fn contains_ascii(value: &[u8], literal: &[u8]) -> bool {
    let Some((first, _)) = literal.split_first() else { return true };
    let starts = memchr::memchr2_iter(*first, first.to_ascii_uppercase(), value);
    starts.map_while(|at| value.get(at..at + literal.len())).any(|part| part.eq_ignore_ascii_case(literal))
}

/// The same for a value in ASCII, whose folded form is its lower case.
fn compare_ascii(operator: Operator, value: &[u8], literal: &[u8]) -> bool {
    match operator {
        Operator::Equal => value.eq_ignore_ascii_case(literal),
        Operator::NotEqual => !value.eq_ignore_ascii_case(literal),
        Operator::Contains => contains_ascii(value, literal),
        Operator::StartsWith => value.get(..literal.len()).is_some_and(|start| start.eq_ignore_ascii_case(literal)),
        Operator::EndsWith => {
            value.len() >= literal.len() && value[value.len() - literal.len()..].eq_ignore_ascii_case(literal)
        }
        _ => ordered(operator, value.iter().map(u8::to_ascii_lowercase).cmp(literal.iter().copied())),
    }
}
