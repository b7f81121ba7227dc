//! Paths of PATCH operations (RFC 7644 section 3.5.2): `name.givenName`, `emails[type eq "work"].value`,
//! `urn:...:enterprise:2.0:User:department`, or the bare URN of an extension.

use std::fmt;
use std::ops::Range;

use crate::error::{ScimError, ScimType};
use crate::filter::{Bound, Expression, FilterError, Name, Parser, bind_element, column, short_name};
use crate::finding::Place;
use crate::json::Json;
use crate::leniency::Reading;
use crate::schema::{Attribute, Container, Kind, Schema, Shape, Target, suggestion};

/// A path as it was written: names are not resolved yet. Two paths are equal if they say the same; `to_string` prints
/// canonical text.
#[derive(Clone, Debug)]
pub struct Path {
    /// The attribute, with URN and sub-attribute if they are written before a bracket.
    pub attribute: Name,
    /// The value filter in brackets.
    pub filter: Option<Expression>,
    /// The sub-attribute after the brackets.
    pub sub: Option<Name>,
    source: String,
}

/// What a path names in the resources of one type.
#[derive(Debug)]
pub(crate) enum Located<'s> {
    /// A whole extension.
    Extension(&'s Schema),
    /// An attribute or a part of it.
    Attribute(Spot<'s>),
}

/// An attribute, or those of its elements that meet a condition, or a sub-attribute of these.
#[derive(Debug)]
pub(crate) struct Spot<'s> {
    pub container: Container<'s>,
    pub attribute: &'s Attribute,
    pub condition: Option<Condition>,
    pub sub: Option<&'s Attribute>,
}

/// Which elements a path means.
#[derive(Debug)]
pub(crate) struct Condition {
    pub bound: Bound,
    /// The sub-attributes and values that an element must have, if the condition says no more than that (T4).
    pub describes: Option<Vec<(String, Json)>>,
}

/// Reads a path.
///
/// # Errors
/// A text that the grammar does not have. As a comparison outside brackets is no path, `schemas eq "urn:..."` is refused
/// too.
pub fn parse(text: &str) -> Result<Path, FilterError> {
    let mut parser = Parser::new(text);
    let attribute = parser.attribute().map_err(|fault| {
        let advice = if text.starts_with('/') { "; a path is an attribute name, not a JSON Pointer" } else { "" };
        FilterError { message: format!("{}{advice}", fault.message), ..fault }
    })?;
    let mut path = Path { attribute, filter: None, sub: None, source: text.to_owned() };
    if parser.peek() == Some('[') {
        let index = parser.rest()[1..].trim_start();
        if index.starts_with(|first: char| first.is_ascii_digit() || first == '-') {
            return Err(parser.fault(
                parser.here(),
                "SCIM has no array indexes; elements are selected by a filter such as [type eq \"work\"]",
            ));
        }
        path.filter = Some(parser.brackets(&path.attribute)?);
        if parser.peek() == Some('.') {
            parser.skip(1);
            path.sub = Some(parser.attribute()?);
        }
    }
    match parser.peek() {
        None => Ok(path),
        Some(' ') if path.filter.is_none() => Err(parser.fault(
            parser.here(),
            "a path ends after the attribute; a filter on its values goes in brackets, as in emails[type eq \"work\"]",
        )),
        Some(_) => Err(parser.fault(parser.here(), format!("{} after the end of the path", parser.found()))),
    }
}

impl Path {
    /// Finds what the path names. `pointer` is where the path stands in the body.
    ///
    /// # Errors
    /// 400 `invalidPath` for what the schema does not have, `invalidFilter` for a value filter that cannot be asked.
    pub(crate) fn locate<'s>(&self, reading: &mut Reading<'s>, pointer: &str) -> Result<Located<'s>, ScimError> {
        let shape: &'s Shape = reading.shape;
        let name = &self.attribute.text;
        let target = match shape.resolve(name) {
            Ok(target) => target,
            Err(unresolved) => {
                let Some((schema, attribute, sub)) = short_name(shape, name) else {
                    return Err(self.refuse(pointer, &self.attribute.span, unresolved.message));
                };
                let full = format!("{}:{name}", schema.id);
                if !reading.leniency.bare_complex {
                    let message = format!("{}; it belongs to an extension: write {full:?}", unresolved.message);
                    return Err(self.refuse(pointer, &self.attribute.span, message));
                }
                let place = Place::Body(pointer.to_owned());
                reading.tolerated("T7", place, format!("the path {name:?} was taken as {full:?}"));
                Target::Attribute { container: Container::Extension(schema), attribute, sub }
            }
        };
        let (container, attribute, sub) = match target {
            Target::Extension(schema) if self.filter.is_none() => return Ok(Located::Extension(schema)),
            Target::Extension(_) => {
                let message = format!("{name:?} is a whole extension and takes no value filter");
                return Err(self.refuse(pointer, &self.attribute.span, message));
            }
            Target::Attribute { container, attribute, sub } => (container, attribute, sub),
        };
        let Some(filter) = &self.filter else {
            return Ok(Located::Attribute(Spot { container, attribute, condition: None, sub }));
        };
        if attribute.kind != Kind::Complex || sub.is_some() {
            let message = format!("{name} has no sub-attributes, so it takes no value filter in brackets");
            return Err(self.refuse(pointer, &self.attribute.span, message));
        }
        let sub = match &self.sub {
            None => None,
            Some(sub) => Some(attribute.sub(&sub.text).ok_or_else(|| {
                let hint = suggestion(&sub.text, attribute.sub_attributes.iter().map(|sub| sub.name.as_str()));
                let message = format!("{} has no sub-attribute {:?}{hint}", attribute.name, sub.text);
                self.refuse(pointer, &sub.span, message)
            })?),
        };
        let place = |_| Place::Body(pointer.to_owned());
        let bound = bind_element(reading, attribute, filter, &self.source, &place)?;
        let describes = filter.as_equalities().map(|pairs| {
            let canonical =
                |name: &Name| attribute.sub(&name.text).map_or_else(|| name.text.clone(), |sub| sub.name.clone());
            pairs.into_iter().map(|(name, literal)| (canonical(name), literal.value.clone())).collect()
        });
        Ok(Located::Attribute(Spot { container, attribute, condition: Some(Condition { bound, describes }), sub }))
    }

    fn refuse(&self, pointer: &str, span: &Range<usize>, message: String) -> ScimError {
        let detail = format!("{message} (at character {} of the path)", column(&self.source, span.start));
        ScimError::bad_request(ScimType::InvalidPath, Place::Body(pointer.to_owned()), detail)
    }
}

impl Spot<'_> {
    /// The attribute's canonical path, without condition and sub-attribute.
    pub(crate) fn attribute_path(&self) -> String {
        attribute_path(&self.container, self.attribute)
    }
}

/// `userName`, or `urn:...:User:department` for an attribute of an extension.
pub(crate) fn attribute_path(container: &Container<'_>, attribute: &Attribute) -> String {
    match container {
        Container::Core => attribute.name.clone(),
        Container::Extension(schema) => format!("{}:{}", schema.id, attribute.name),
    }
}

impl PartialEq for Path {
    fn eq(&self, other: &Self) -> bool {
        self.attribute == other.attribute && self.filter == other.filter && self.sub == other.sub
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.attribute.text)?;
        if let Some(filter) = &self.filter {
            write!(f, "[{filter}]")?;
        }
        match &self.sub {
            Some(sub) => write!(f, ".{}", sub.text),
            None => Ok(()),
        }
    }
}
