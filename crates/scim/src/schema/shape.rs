//! A resource type with everything its resources may hold, and the resolution of attribute names in it.

use std::sync::{Arc, OnceLock};

use super::attribute::{Attribute, Kind};
use super::common::COMMON;
use super::registry::{RegistryError, ResourceType, Schema};
use crate::projection::Sheet;

/// What a resource of one type may hold: common attributes, those of the base schema, and the extensions.
#[derive(Clone, Debug)]
pub struct Shape {
    /// The resource type.
    pub resource_type: ResourceType,
    /// Its base schema.
    pub base: Arc<Schema>,
    /// The schemas of its extensions, each with whether it is required.
    pub extensions: Vec<(Arc<Schema>, bool)>,
    /// Made when it is first asked for.
    sheet: OnceLock<Sheet>,
}

/// Where an attribute lives in a resource.
#[derive(Clone, Copy, Debug)]
pub enum Container<'a> {
    /// At the top: common attributes and those of the base schema.
    Core,
    /// Under the URN of an extension.
    Extension(&'a Schema),
}

/// What an attribute name resolves to.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    /// A whole extension, by its bare URN.
    Extension(&'a Schema),
    /// An attribute, or one of its sub-attributes.
    Attribute {
        /// Where it lives.
        container: Container<'a>,
        /// The attribute.
        attribute: &'a Attribute,
        /// The sub-attribute, if the name has one.
        sub: Option<&'a Attribute>,
    },
}

/// Why a name resolves to nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Unresolved {
    /// What is not there, and what is the nearest that is: "User has no attribute \"usrName\"; did you mean userName?".
    pub message: String,
}

impl Shape {
    pub(crate) fn new(resource_type: ResourceType, schemas: &[Arc<Schema>]) -> Result<Shape, RegistryError> {
        let find = |urn: &str| {
            schemas.iter().find(|schema| schema.id.eq_ignore_ascii_case(urn)).cloned().ok_or_else(|| {
                RegistryError::UnknownSchema { resource_type: resource_type.name.clone(), schema: urn.to_owned() }
            })
        };
        let base = find(&resource_type.schema)?;
        let extensions = resource_type
            .schema_extensions
            .iter()
            .map(|extension| Ok((find(&extension.schema)?, extension.required)))
            .collect::<Result<_, RegistryError>>()?;
        Ok(Shape { resource_type, base, extensions, sheet: OnceLock::new() })
    }

    /// What its resources show by default.
    pub fn sheet(&self) -> &Sheet {
        self.sheet.get_or_init(|| Sheet::new(self))
    }

    /// Common attributes and those of the base schema, in the order in which resources show them: `schemas`, `id`,
    /// `externalId`, the base schema's, and `meta` last.
    pub fn core_attributes(&self) -> impl Iterator<Item = &Attribute> + Clone {
        let common: &'static [Attribute] = &COMMON;
        common[..3].iter().chain(&self.base.attributes).chain(&common[3..])
    }

    /// The common or base attribute with this name, without regard to case.
    pub fn core_attribute(&self, name: &str) -> Option<&Attribute> {
        self.core_attributes().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }

    /// The extension with this URN, without regard to case.
    pub fn extension(&self, urn: &str) -> Option<&Arc<Schema>> {
        self.extensions.iter().map(|(schema, _)| schema).find(|schema| schema.id.eq_ignore_ascii_case(urn))
    }

    /// Resolves an attribute path without a value filter: `userName`, `name.givenName`, `urn:...:User:userName`,
    /// `urn:...:enterprise:2.0:User:manager.value`, or the bare URN of an extension (RFC 7644 section 3.10).
    ///
    /// The longest schema URN that is a prefix wins, since URNs hold dots and colons themselves.
    pub fn resolve(&self, path: &str) -> Result<Target<'_>, Unresolved> {
        let known =
            std::iter::once((&self.base, true)).chain(self.extensions.iter().map(|(schema, _)| (schema, false)));
        let longest = known
            .filter_map(|(schema, is_base)| Some((schema, is_base, rest_after_urn(path, &schema.id)?)))
            .max_by_key(|(schema, _, _)| schema.id.len());
        match longest {
            Some((schema, false, "")) => Ok(Target::Extension(schema)),
            Some((_, true, "")) => Err(Unresolved::because(format!("{path:?} names a whole schema, not an attribute"))),
            Some((schema, false, rest)) => {
                self.resolve_in(Container::Extension(schema), rest, &schema.name, schema.attributes.iter())
            }
            Some((_, true, rest)) => {
                self.resolve_in(Container::Core, rest, &self.resource_type.name, self.core_attributes())
            }
            None if path.contains(':') => Err(Unresolved::because(format!(
                "{} has no schema or extension that {path:?} could belong to",
                self.name()
            ))),
            None => self.resolve_in(Container::Core, path, &self.resource_type.name, self.core_attributes()),
        }
    }

    fn resolve_in<'a>(
        &self,
        container: Container<'a>,
        path: &str,
        owner: &str,
        attributes: impl Iterator<Item = &'a Attribute> + Clone,
    ) -> Result<Target<'a>, Unresolved> {
        // The name of an attribute holds dots if it is a URN.
        let (name, sub_name) = with_urn(path, attributes.clone()).unwrap_or_else(|| match path.split_once('.') {
            Some((name, sub)) => (name, Some(sub)),
            None => (path, None),
        });
        let Some(attribute) = attributes.clone().find(|attribute| attribute.name.eq_ignore_ascii_case(name)) else {
            let hint = suggestion(name, attributes.map(|attribute| attribute.name.as_str()));
            return Err(Unresolved::because(format!("{owner} has no attribute {name:?}{hint}")));
        };
        let sub = match sub_name {
            None => None,
            Some(sub_name) => match attribute.sub(sub_name) {
                Some(sub) => Some(sub),
                None if attribute.kind != Kind::Complex => {
                    return Err(Unresolved::because(format!(
                        "{} has no sub-attributes, so {path:?} names nothing",
                        attribute.name
                    )));
                }
                None => {
                    let hint = suggestion(sub_name, attribute.sub_attributes.iter().map(|sub| sub.name.as_str()));
                    return Err(Unresolved::because(format!(
                        "{} has no sub-attribute {sub_name:?}{hint}",
                        attribute.name
                    )));
                }
            },
        };
        Ok(Target::Attribute { container, attribute, sub })
    }

    fn name(&self) -> &str {
        &self.resource_type.name
    }
}

impl Unresolved {
    fn because(message: String) -> Unresolved {
        Unresolved { message }
    }
}

/// What follows a schema's URN in a path: the name after the colon, or nothing if the path is the URN.
fn rest_after_urn<'a>(path: &'a str, urn: &str) -> Option<&'a str> {
    let (head, rest) = path.split_at_checked(urn.len())?;
    if !head.eq_ignore_ascii_case(urn) {
        return None;
    }
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix(':') }
}

/// Splits a path whose attribute has a URN as its name (RFC 9944 puts extensions into extensions): the name, and what
/// follows the dot behind it.
fn with_urn<'p, 'a>(
    path: &'p str,
    mut attributes: impl Iterator<Item = &'a Attribute>,
) -> Option<(&'p str, Option<&'p str>)> {
    if !path.contains(':') {
        return None;
    }
    attributes.find_map(|attribute| {
        let (head, rest) = path.split_at_checked(attribute.name.len())?;
        let is_it = attribute.name.contains(':') && head.eq_ignore_ascii_case(&attribute.name);
        match rest.strip_prefix('.') {
            Some(sub) if is_it => Some((head, Some(sub))),
            _ => (is_it && rest.is_empty()).then_some((head, None)),
        }
    })
}

/// "; did you mean userName?" for the nearest name that is not too far away, else nothing.
pub(crate) fn suggestion<'a>(wrong: &str, names: impl Iterator<Item = &'a str>) -> String {
    // Names come from clients; no attribute's name is near to a long one.
    if wrong.len() > 64 {
        return String::new();
    }
    let wrong = wrong.to_ascii_lowercase();
    let nearest = names.map(|name| (distance(&wrong, &name.to_ascii_lowercase()), name)).min();
    match nearest {
        Some((far, name)) if far <= 1 + wrong.len() / 4 => format!("; did you mean {name}?"),
        _ => String::new(),
    }
}

/// Edit distance (insert, delete, replace), for short names.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, letter) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (across, other) in right.iter().enumerate() {
            let replace = diagonal + usize::from(letter != *other);
            diagonal = row[across + 1];
            row[across + 1] = replace.min(diagonal + 1).min(row[across] + 1);
        }
    }
    row[right.len()]
}
