//! Operations without a path: the value is a piece of the resource (RFC 7644 sections 3.5.2.1 and 3.5.2.3).

use super::edit::{Edit, child, is_part, same};
use super::refusal;
use crate::error::{ScimError, ScimType};
use crate::finding::{Finding, Place, Severity};
use crate::incoming;
use crate::json::Json;
use crate::path::{self, Located, Spot};
use crate::schema::{Attribute, Container, Mutability, Shape};

impl<'s> Edit<'_, '_, 's> {
    /// Each member of the value, as if it were an operation with its name as path.
    pub(super) fn whole_resource(&mut self, value: Option<Json>, pointer: &str) -> Result<(), ScimError> {
        match value {
            Some(Json::Object(members)) => {
                for (name, value) in members {
                    self.member(Container::Core, &name, value, &child(pointer, &name))?;
                }
                Ok(())
            }
            other => {
                let found = other.as_ref().map_or("nothing", Json::kind_name);
                let detail = format!("without a path the value must be an object with attributes, not {found}");
                Err(refusal::invalid_value(pointer, detail))
            }
        }
    }

    /// One member of a value that stands for the resource or for an extension.
    pub(super) fn member(
        &mut self,
        container: Container<'s>,
        name: &str,
        value: Json,
        pointer: &str,
    ) -> Result<(), ScimError> {
        let shape: &'s Shape = self.reading.shape;
        let attribute = match container {
            Container::Core => shape.core_attribute(name),
            Container::Extension(schema) => {
                schema.attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
            }
        };
        if let Some(attribute) = attribute {
            self.note_case(name, &attribute.name, pointer);
            return self.attribute_member(container, attribute, value, pointer);
        }
        if let (Container::Core, Some(extension)) = (container, shape.extension(name)) {
            self.note_case(name, &extension.id, pointer);
            return self.extension(extension, Some(value), pointer);
        }
        if let Container::Extension(schema) = container
            && incoming::repeats_schemas(schema, name, &value)
        {
            incoming::note_repeated_schemas(self.reading, schema, Place::Body(pointer.to_owned()));
            return Ok(());
        }
        self.path_member(container, name, value, pointer)
    }

    fn attribute_member(
        &mut self,
        container: Container<'s>,
        attribute: &'s Attribute,
        value: Json,
        pointer: &str,
    ) -> Result<(), ScimError> {
        let spot = Spot { container, attribute, condition: None, sub: None };
        if attribute.mutability == Mutability::ReadOnly {
            return self.read_only_member(&spot, &value, pointer);
        }
        self.at(&spot, Some(value), pointer, pointer)
    }

    /// A readOnly attribute cannot be written; sending what is there anyway is harmless (T12).
    fn read_only_member(&mut self, spot: &Spot<'s>, value: &Json, pointer: &str) -> Result<(), ScimError> {
        let path = spot.attribute_path();
        let equal = match (self.state.get(spot.container, spot.attribute), value) {
            (None, value) => value.is_unassigned(),
            // `meta.location` is not kept, and clients send only a part of `meta`.
            (Some(Json::Object(there)), Json::Object(sent)) => {
                let mut kept = sent.clone();
                kept.retain(|name, _| there.get(name).is_some() || spot.attribute.sub(name).is_none());
                is_part(spot.attribute, &kept, there)
            }
            (Some(there), value) => same(spot.attribute, there, value),
        };
        if !equal || !self.reading.leniency.read_only_if_equal {
            return Err(refusal::read_only(pointer, &path));
        }
        let message = format!("{path} is readOnly; it was sent as it is, and ignored");
        self.reading.tolerated("T12", Place::Body(pointer.to_owned()), message);
        Ok(())
    }

    /// A name that is a path: dotted, with a URN before it, or with a filter (T6).
    fn path_member(
        &mut self,
        container: Container<'s>,
        name: &str,
        value: Json,
        pointer: &str,
    ) -> Result<(), ScimError> {
        let shape = self.reading.shape;
        let full = match container {
            Container::Core => name.to_owned(),
            Container::Extension(schema) => format!("{}:{name}", schema.id),
        };
        let looks_like_path = name.contains(['.', ':', '[']);
        let parsed = looks_like_path.then(|| path::parse(&full).ok()).flatten();
        let known = parsed.as_ref().map(|parsed| shape.resolve(&parsed.attribute.text));
        let (Some(parsed), Some(Ok(_))) = (&parsed, &known) else {
            if foreign(shape, name) {
                let message = format!("{} has no extension {name:?}; it is left out", shape.resource_type.name);
                self.reading.tolerated("T10", Place::Body(pointer.to_owned()), message);
                return Ok(());
            }
            let message = match known {
                Some(Err(unresolved)) => unresolved.message,
                _ => match shape.resolve(&full) {
                    Err(unresolved) => unresolved.message,
                    Ok(_) => format!("{} has no attribute {name:?}", shape.resource_type.name),
                },
            };
            if !self.reading.leniency.unknown_names_in_patch {
                return Err(refusal::invalid_value(pointer, message));
            }
            let place = Place::Body(pointer.to_owned());
            let message = format!("{message}; it is left out");
            self.reading.note(Finding::new("unknown-attribute", Severity::Warning, place, message));
            return Ok(());
        };
        if !self.reading.leniency.dotted_names {
            let detail = format!(
                "{name:?} is a path, not an attribute name; inside a value, sub-attributes and attributes of extensions are \
                 members of objects"
            );
            return Err(refusal::invalid_value(pointer, detail));
        }
        let message = format!("the name {name:?} inside a value was taken as a path");
        self.reading.tolerated("T6", Place::Body(pointer.to_owned()), message);
        // `invalidPath` and `invalidFilter` are about the path of an operation, never about names in its value.
        let located = parsed
            .locate(self.reading, pointer)
            .map_err(|error| ScimError { scim_type: Some(ScimType::InvalidValue), ..error })?;
        match located {
            Located::Extension(schema) => self.extension(schema, Some(value), pointer),
            Located::Attribute(spot) => match (spot.attribute.mutability, spot.sub.map(|sub| sub.mutability)) {
                (Mutability::ReadOnly, None) if spot.condition.is_none() => {
                    self.read_only_member(&spot, &value, pointer)
                }
                (Mutability::ReadOnly, _) | (_, Some(Mutability::ReadOnly)) => Err(refusal::read_only(pointer, name)),
                _ => self.at(&spot, Some(value), pointer, pointer),
            },
        }
    }

    fn note_case(&mut self, sent: &str, canonical: &str, pointer: &str) {
        if sent != canonical {
            let message = format!("{sent:?} was sent for {canonical}; names are taken in any case");
            let place = Place::Body(pointer.to_owned());
            self.reading.note(Finding::new("name-case", Severity::Info, place, message));
        }
    }
}

/// Whether a name begins with a URN or URL that is no schema of this resource type.
fn foreign(shape: &Shape, name: &str) -> bool {
    let known = std::iter::once(&shape.base).chain(shape.extensions.iter().map(|(schema, _)| schema));
    let begins_with = |urn: &str| name.get(..urn.len()).is_some_and(|head| head.eq_ignore_ascii_case(urn));
    let before_filter = name.split('[').next().unwrap_or(name);
    before_filter.contains(':') && !known.into_iter().any(|schema| begins_with(&schema.id))
}
