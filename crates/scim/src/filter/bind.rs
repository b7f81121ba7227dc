//! Resolving a filter's names in a resource type and checking that what is compared can be compared.

use std::ops::Range;

use super::matching::{Bound, Node, Question, Route, Text};
use super::{Expression, Literal, Name, Operator, Quirk, Test, column};
use crate::error::{ScimError, ScimType};
use crate::finding::{Finding, Place, Severity};
use crate::json::Json;
use crate::leniency::Reading;
use crate::schema::{Attribute, Container, Kind, Mutability, Returned, Schema, Shape, Target, suggestion};

/// Binds a filter over resources.
pub(super) fn bind(
    reading: &mut Reading<'_>,
    expression: &Expression,
    source: &str,
    place: &dyn Fn(Range<usize>) -> Place,
) -> Result<Bound, ScimError> {
    let scope = Scope::Resource;
    let node = Binder { reading, source, place, scope }.expression(expression)?;
    Ok(Bound { node })
}

/// Binds the condition of a PATCH path over the elements of an attribute. Here an unknown sub-attribute is an error: the
/// path could not name anything.
pub(crate) fn bind_element(
    reading: &mut Reading<'_>,
    attribute: &Attribute,
    expression: &Expression,
    source: &str,
    place: &dyn Fn(Range<usize>) -> Place,
) -> Result<Bound, ScimError> {
    let scope = Scope::Element { attribute, unknown_is_absent: false };
    let node = Binder { reading, source, place, scope }.expression(expression)?;
    Ok(Bound { node })
}

/// An attribute of exactly one extension, named without the extension's URN (T7).
pub(crate) fn short_name<'s>(
    shape: &'s Shape,
    name: &str,
) -> Option<(&'s Schema, &'s Attribute, Option<&'s Attribute>)> {
    let (first, sub) = match name.split_once('.') {
        Some((first, sub)) => (first, Some(sub)),
        None => (name, None),
    };
    let mut found = shape.extensions.iter().filter_map(|(schema, _)| {
        let attribute = schema.attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(first))?;
        Some((&**schema, attribute))
    });
    let (schema, attribute) = found.next()?;
    if found.next().is_some() {
        return None;
    }
    let sub = match sub {
        Some(sub) => Some(attribute.sub(sub)?),
        None => None,
    };
    Some((schema, attribute, sub))
}

#[derive(Clone, Copy)]
enum Scope<'s> {
    /// Names are those of a resource.
    Resource,
    /// Names are sub-attributes.
    Element { attribute: &'s Attribute, unknown_is_absent: bool },
}

struct Binder<'b, 'r, 'p> {
    reading: &'b mut Reading<'r>,
    source: &'b str,
    place: &'p dyn Fn(Range<usize>) -> Place,
    scope: Scope<'b>,
}

/// What a name stands for.
enum Subject<'a> {
    Unknown,
    Extension(&'a Schema),
    Attribute { route: Vec<Box<str>>, attribute: &'a Attribute, sub: Option<&'a Attribute> },
}

impl<'b, 'r: 'b> Binder<'b, 'r, '_> {
    fn expression(&mut self, expression: &Expression) -> Result<Node, ScimError> {
        Ok(match expression {
            Expression::And(parts) => Node::All(self.all(parts)?),
            Expression::Or(parts) => Node::Any(self.all(parts)?),
            Expression::Not(inner) => Node::Not(Box::new(self.expression(inner)?)),
            Expression::Test { attribute, test } => self.test(attribute, test)?,
            Expression::ValuePath { attribute, inner, then } => self.value_path(attribute, inner, then.as_ref())?,
        })
    }

    fn all(&mut self, parts: &[Expression]) -> Result<Vec<Node>, ScimError> {
        parts.iter().map(|part| self.expression(part)).collect()
    }

    fn value_path(&mut self, name: &Name, inner: &Expression, then: Option<&(Name, Test)>) -> Result<Node, ScimError> {
        if let Some((sub, _)) = then {
            let span = name.span.start..sub.span.end;
            let message = "a value filter followed by a comparison is not in the grammar of RFC 7644";
            if !self.reading.leniency.filter_after_value_path {
                let inner = "; write the comparison inside the brackets, joined with \"and\"";
                return Err(self.refuse(span, format!("{message}{inner}")));
            }
            let seen = self.source.get(span.clone()).unwrap_or_default();
            self.reading.tolerated("T15", (self.place)(span.clone()), format!("{seen}: {message}"));
        }
        let (route, attribute) = match self.subject(name)? {
            Subject::Attribute { route, attribute, sub: None } if attribute.kind == Kind::Complex => (route, attribute),
            Subject::Unknown => return Ok(Node::Constant(false)),
            _ => {
                let message = format!("{} has no sub-attributes, so it takes no value filter in brackets", name.text);
                return Err(self.refuse(name.span.clone(), message));
            }
        };
        let scope = Scope::Element { attribute, unknown_is_absent: true };
        let outer = std::mem::replace(&mut self.scope, scope);
        let bound = self.expression(inner).and_then(|inner| match then {
            Some((sub, test)) => Ok(Node::All(vec![inner, self.test(sub, test)?])),
            None => Ok(inner),
        });
        self.scope = outer;
        Ok(Node::Element(Route(route), Box::new(bound?)))
    }

    fn test(&mut self, name: &Name, test: &Test) -> Result<Node, ScimError> {
        let (mut route, attribute, sub) = match self.subject(name)? {
            Subject::Unknown => {
                return Ok(Node::Constant(match test {
                    Test::Present => false,
                    Test::Compare(Operator::NotEqual, literal) => literal.value != Json::Null,
                    Test::Compare(Operator::Equal, literal) => literal.value == Json::Null,
                    Test::Compare(..) => false,
                }));
            }
            Subject::Extension(schema) => {
                if let Test::Present = test {
                    return Ok(Node::Test(Route(vec![schema.id.as_str().into()]), Question::Present));
                }
                let message = format!("{} is a whole extension; compare one of its attributes", name.text);
                return Err(self.refuse(name.span.clone(), message));
            }
            Subject::Attribute { route, attribute, sub } => (route, attribute, sub),
        };
        let hidden = |attribute: &Attribute| {
            attribute.returned == Returned::Never || attribute.mutability == Mutability::WriteOnly
        };
        if hidden(attribute) || sub.is_some_and(hidden) {
            let message = format!("{} is never returned, so no filter may ask about it", name.text);
            return Err(self.refuse(name.span.clone(), message));
        }
        let Test::Compare(operator, literal) = test else {
            return Ok(Node::Test(Route(route), Question::Present));
        };
        let leaf = match sub {
            Some(sub) => sub,
            None if attribute.kind == Kind::Complex && literal.value != Json::Null => {
                let value = self.value_of(name, attribute)?;
                route.push(value.name.as_str().into());
                value
            }
            None => attribute,
        };
        let question = self.question(name, leaf, *operator, literal)?;
        Ok(Node::Test(Route(route), question))
    }

    /// The sub-attribute that stands for a complex attribute which is compared as a whole.
    fn value_of<'a>(&mut self, name: &Name, attribute: &'a Attribute) -> Result<&'a Attribute, ScimError> {
        let value = attribute.sub("value");
        match value {
            // Figure 2 of RFC 7644 has `emails co "example.com"`, so this is no deviation.
            Some(value) if attribute.multi_valued => Ok(value),
            Some(value) if self.reading.leniency.bare_complex => {
                let message = format!("{0} is complex; it was compared by {0}.value", name.text);
                self.reading.tolerated("T7", (self.place)(name.span.clone()), message);
                Ok(value)
            }
            _ => {
                let subs: Vec<&str> = attribute.sub_attributes.iter().map(|sub| sub.name.as_str()).collect();
                let message =
                    format!("{} is complex; compare one of its sub-attributes: {}", name.text, subs.join(", "));
                Err(self.refuse(name.span.clone(), message))
            }
        }
    }

    fn subject(&mut self, name: &Name) -> Result<Subject<'b>, ScimError> {
        match self.scope {
            Scope::Element { attribute, unknown_is_absent } => {
                if let Some(sub) = attribute.sub(&name.text) {
                    return Ok(Subject::Attribute { route: vec![sub.name.as_str().into()], attribute: sub, sub: None });
                }
                let hint = suggestion(&name.text, attribute.sub_attributes.iter().map(|sub| sub.name.as_str()));
                let message = format!("{} has no sub-attribute {:?}{hint}", attribute.name, name.text);
                if !unknown_is_absent {
                    return Err(self.refuse(name.span.clone(), message));
                }
                self.unknown(name, message);
                Ok(Subject::Unknown)
            }
            Scope::Resource => {
                let shape: &'r Shape = self.reading.shape;
                let (container, attribute, sub) = match shape.resolve(&name.text) {
                    Ok(Target::Extension(schema)) => return Ok(Subject::Extension(schema)),
                    Ok(Target::Attribute { container, attribute, sub }) => (container, attribute, sub),
                    Err(unresolved) => match short_name(shape, &name.text) {
                        Some((schema, attribute, sub)) if self.reading.leniency.bare_complex => {
                            let message = format!("{:?} was taken as {}:{0}", name.text, schema.id);
                            self.reading.tolerated("T7", (self.place)(name.span.clone()), message);
                            (Container::Extension(schema), attribute, sub)
                        }
                        _ => {
                            self.unknown(name, unresolved.message);
                            return Ok(Subject::Unknown);
                        }
                    },
                };
                let mut route = Vec::with_capacity(3);
                if let Container::Extension(schema) = container {
                    route.push(schema.id.as_str().into());
                }
                route.push(attribute.name.as_str().into());
                route.extend(sub.map(|sub| sub.name.as_str().into()));
                Ok(Subject::Attribute { route, attribute, sub })
            }
        }
    }

    fn unknown(&mut self, name: &Name, message: String) {
        let place = (self.place)(name.span.clone());
        let message = format!("{message}; it counts as absent");
        self.reading.note(Finding::new("unknown-filter-attribute", Severity::Warning, place, message));
    }

    fn question(
        &mut self,
        name: &Name,
        attribute: &Attribute,
        operator: Operator,
        literal: &Literal,
    ) -> Result<Question, ScimError> {
        self.quirk(literal)?;
        let (is_text_operator, is_order) = match operator {
            Operator::Equal | Operator::NotEqual => (false, false),
            Operator::Contains | Operator::StartsWith | Operator::EndsWith => (true, false),
            _ => (false, true),
        };
        if literal.value == Json::Null {
            return match operator {
                Operator::Equal => Ok(Question::Assigned(false)),
                Operator::NotEqual => Ok(Question::Assigned(true)),
                _ => Err(self.refuse(
                    literal.span.clone(),
                    format!("null can be compared by eq and ne only, not by {operator}"),
                )),
            };
        }
        let kind = match attribute.kind {
            Kind::String => "a string",
            Kind::Reference => "a reference",
            Kind::Binary => "binary",
            Kind::Boolean => "a boolean",
            Kind::Integer => "an integer",
            Kind::Decimal => "a decimal",
            Kind::DateTime => "a dateTime",
            Kind::Complex => "complex",
        };
        let comparable = match attribute.kind {
            Kind::Boolean | Kind::Binary => !is_text_operator && !is_order,
            Kind::Integer | Kind::Decimal | Kind::DateTime => !is_text_operator,
            Kind::String | Kind::Reference | Kind::Complex => true,
        };
        if !comparable {
            let message = format!("{} is {kind}, which {operator} cannot compare", name.text);
            return Err(self.refuse(name.span.start..literal.span.end, message));
        }
        match (attribute.kind, &literal.value) {
            (Kind::String | Kind::Reference | Kind::Binary, Json::String(text)) => {
                Ok(Question::Text(operator, Text::new(text, !attribute.compares_case())))
            }
            (Kind::String | Kind::Reference | Kind::Binary, Json::Number(_) | Json::Bool(_))
                if self.reading.leniency.unquoted_literals =>
            {
                let written = self.source.get(literal.span.clone()).unwrap_or_default().to_owned();
                let message = format!("the string {written} was written without quotes");
                self.reading.tolerated("T16", (self.place)(literal.span.clone()), message);
                Ok(Question::Text(operator, Text::new(&written, !attribute.compares_case())))
            }
            (Kind::Boolean, Json::Bool(value)) => Ok(Question::Boolean(operator, *value)),
            (Kind::Boolean, Json::String(text))
                if self.reading.leniency.string_booleans
                    && (text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")) =>
            {
                let message = format!("{} is a boolean; it was compared with the string {text:?}", name.text);
                self.reading.tolerated("T3", (self.place)(literal.span.clone()), message);
                Ok(Question::Boolean(operator, text.eq_ignore_ascii_case("true")))
            }
            (Kind::Integer | Kind::Decimal, Json::Number(number)) => {
                Ok(Question::Number(operator, number.text().into()))
            }
            (Kind::DateTime, Json::String(text)) => match crate::text::date_time(text) {
                Some(time) => Ok(Question::Time(operator, time)),
                None => {
                    let message = format!("{text:?} is not a dateTime such as 2011-05-13T04:42:34Z");
                    Err(self.refuse(literal.span.clone(), message))
                }
            },
            (_, value) => {
                let message = format!("{} is {kind}; it cannot be compared with {}", name.text, value.kind_name());
                Err(self.refuse(literal.span.clone(), message))
            }
        }
    }

    fn quirk(&mut self, literal: &Literal) -> Result<(), ScimError> {
        let seen = match literal.quirk {
            None => return Ok(()),
            Some(Quirk::Unquoted) => "a string without double quotes",
            Some(Quirk::SingleQuotes) => "a string in single quotes",
            Some(Quirk::NoBlank) => "no blank before the value",
        };
        let written = self.source.get(literal.span.clone()).unwrap_or_default();
        if !self.reading.leniency.unquoted_literals {
            let message = format!("{seen}: {written}; strings are written in double quotes, after a blank");
            return Err(self.refuse(literal.span.clone(), message));
        }
        self.reading.tolerated("T16", (self.place)(literal.span.clone()), format!("{seen}: {written}"));
        Ok(())
    }

    fn refuse(&self, span: Range<usize>, message: String) -> ScimError {
        let detail = format!("{message} (at character {} of the filter)", column(self.source, span.start));
        ScimError::bad_request(ScimType::InvalidFilter, (self.place)(span), detail)
    }
}
