//! All schemas and resource types that a service provider knows.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::attribute::{Attribute, Kind};
use super::common::COMMON;
use super::shape::Shape;
use crate::names;

/// A schema (RFC 7643 section 7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Schema {
    /// The URN.
    pub id: String,
    /// A name for people.
    #[serde(default)]
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// Its attributes, in order.
    #[serde(default)]
    pub attributes: Vec<Attribute>,
}

/// An extension of a resource type (RFC 7643 section 6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaExtension {
    /// The URN of the extension's schema.
    pub schema: String,
    /// Whether every resource must have it.
    #[serde(default)]
    pub required: bool,
}

/// A resource type (RFC 7643 section 6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceType {
    /// Its identifier; the name, if the document has none.
    #[serde(default)]
    pub id: String,
    /// Its name: "User".
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// Its path below the base URL: "/Users".
    pub endpoint: String,
    /// The URN of its base schema.
    pub schema: String,
    /// Its extensions.
    #[serde(default)]
    pub schema_extensions: Vec<SchemaExtension>,
}

/// The schemas and resource types of one service provider. Immutable: a change makes a new registry.
#[derive(Clone, Debug)]
pub struct Registry {
    schemas: Vec<Arc<Schema>>,
    shapes: Vec<Arc<Shape>>,
}

/// Why schemas and resource types do not make a registry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// A document is not what RFC 7643 section 6 or 7 describes.
    #[error("{what} is not a valid document: {why}")]
    Document {
        /// "schema 2" or "resource type 1": position in the file, from 1.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// A resource type names a schema that is not there.
    #[error("resource type {resource_type} names the schema {schema}, which no document defines")]
    UnknownSchema {
        /// The resource type's name.
        resource_type: String,
        /// The missing schema's URN.
        schema: String,
    },
    /// Two resource types share a name or an endpoint.
    #[error("two resource types share the {what} {value}")]
    Duplicate {
        /// "name" or "endpoint".
        what: &'static str,
        /// The value that they share.
        value: String,
    },
    /// A schema's attribute cannot be used.
    #[error("schema {schema}: attribute {attribute}: {why}")]
    Attribute {
        /// The schema's URN.
        schema: String,
        /// The attribute's name.
        attribute: String,
        /// What is wrong.
        why: String,
    },
}

const BUILTIN_SCHEMAS: [&str; 3] = [
    include_str!("../../schemas/user.json"),
    include_str!("../../schemas/group.json"),
    include_str!("../../schemas/enterprise-user.json"),
];
const BUILTIN_RESOURCE_TYPES: &str = include_str!("../../schemas/resource-types.json");

impl Registry {
    /// User with the enterprise extension, and Group.
    pub fn builtin() -> Registry {
        let schemas = BUILTIN_SCHEMAS.map(|text| serde_json::from_str(text).expect("a schema of this crate"));
        let types = serde_json::from_str(BUILTIN_RESOURCE_TYPES).expect("the resource types of this crate");
        Registry::new(schemas.into(), types).expect("the schemas and resource types of this crate fit")
    }

    /// A registry of these schemas and resource types. A later schema with the same URN, or resource type with the same
    /// name, takes the place of an earlier one, so that additions can be appended to [`Registry::builtin`]'s.
    pub fn new(schemas: Vec<Schema>, types: Vec<ResourceType>) -> Result<Registry, RegistryError> {
        let mut kept: Vec<Arc<Schema>> = Vec::new();
        for schema in schemas {
            check(&schema)?;
            intern(&schema);
            match kept.iter_mut().find(|have| have.id.eq_ignore_ascii_case(&schema.id)) {
                Some(have) => *have = Arc::new(schema),
                None => kept.push(Arc::new(schema)),
            }
        }
        let mut unique: Vec<ResourceType> = Vec::new();
        for mut resource_type in types {
            if resource_type.id.is_empty() {
                resource_type.id.clone_from(&resource_type.name);
            }
            if !resource_type.endpoint.starts_with('/') {
                resource_type.endpoint.insert(0, '/');
            }
            match unique.iter_mut().find(|have| have.name.eq_ignore_ascii_case(&resource_type.name)) {
                Some(have) => *have = resource_type,
                None => unique.push(resource_type),
            }
        }
        let mut shapes: Vec<Arc<Shape>> = Vec::new();
        for resource_type in unique {
            if shapes.iter().any(|have| have.resource_type.endpoint.eq_ignore_ascii_case(&resource_type.endpoint)) {
                return Err(RegistryError::Duplicate { what: "endpoint", value: resource_type.endpoint });
            }
            shapes.push(Arc::new(Shape::new(resource_type, &kept)?));
        }
        Ok(Registry { schemas: kept, shapes })
    }

    /// Reads Schema documents: a JSON array of them, or one.
    pub fn read_schemas(text: &str) -> Result<Vec<Schema>, RegistryError> {
        read(text, "schema")
    }

    /// Reads ResourceType documents: a JSON array of them, or one.
    pub fn read_resource_types(text: &str) -> Result<Vec<ResourceType>, RegistryError> {
        read(text, "resource type")
    }

    /// This registry with more schemas and resource types.
    pub fn with(&self, schemas: Vec<Schema>, types: Vec<ResourceType>) -> Result<Registry, RegistryError> {
        let schemas = self.schemas.iter().map(|schema| Schema::clone(schema)).chain(schemas).collect();
        let types = self.shapes.iter().map(|shape| shape.resource_type.clone()).chain(types).collect();
        Registry::new(schemas, types)
    }

    /// The schemas, in order.
    pub fn schemas(&self) -> &[Arc<Schema>] {
        &self.schemas
    }

    /// The schema with this URN, without regard to case.
    pub fn schema(&self, urn: &str) -> Option<&Arc<Schema>> {
        self.schemas.iter().find(|schema| schema.id.eq_ignore_ascii_case(urn))
    }

    /// The resource types with all that their resources may hold, in order.
    pub fn shapes(&self) -> &[Arc<Shape>] {
        &self.shapes
    }

    /// The resource type at this endpoint ("/Users"). Paths regard case (RFC 3986 section 6.2.2.1).
    pub fn shape_at(&self, endpoint: &str) -> Option<&Arc<Shape>> {
        self.shapes.iter().find(|shape| shape.resource_type.endpoint == endpoint)
    }

    /// The resource type with this name ("User"), without regard to case.
    pub fn shape_named(&self, name: &str) -> Option<&Arc<Shape>> {
        self.shapes.iter().find(|shape| shape.resource_type.name.eq_ignore_ascii_case(name))
    }
}

fn read<T: serde::de::DeserializeOwned>(text: &str, what: &str) -> Result<Vec<T>, RegistryError> {
    let document = |at: usize, why: String| RegistryError::Document { what: format!("{what} {at}"), why };
    let value: serde_json::Value =
        serde_json::from_str(text).map_err(|error| document(1, format!("the file is not JSON: {error}")))?;
    let documents = match value {
        serde_json::Value::Array(documents) => documents,
        one => vec![one],
    };
    documents
        .into_iter()
        .enumerate()
        .map(|(at, value)| serde_json::from_value(value).map_err(|error| document(at + 1, error.to_string())))
        .collect()
}

fn check(schema: &Schema) -> Result<(), RegistryError> {
    let refuse = |attribute: &Attribute, why: &str| {
        Err(RegistryError::Attribute { schema: schema.id.clone(), attribute: attribute.name.clone(), why: why.into() })
    };
    if schema.id.is_empty() {
        return Err(RegistryError::Document { what: format!("schema {:?}", schema.name), why: "it has no id".into() });
    }
    for (at, attribute) in schema.attributes.iter().enumerate() {
        if !is_name(&attribute.name) {
            return refuse(attribute, "not a name as RFC 7643 section 2.1 writes it");
        }
        if schema.attributes[..at].iter().any(|other| other.name.eq_ignore_ascii_case(&attribute.name)) {
            return refuse(attribute, "defined twice; names are compared without regard to case");
        }
        if attribute.kind == Kind::Complex && attribute.sub_attributes.is_empty() {
            return refuse(attribute, "complex, but without sub-attributes");
        }
        for sub in &attribute.sub_attributes {
            if !is_name(&sub.name) {
                return refuse(sub, "not a name as RFC 7643 section 2.1 writes it");
            }
            if sub.kind == Kind::Complex {
                return refuse(sub, "complex inside a complex attribute, which RFC 7643 section 2.3.8 forbids");
            }
        }
    }
    Ok(())
}

/// A name (RFC 7643 section 2.1), or the URN of an extension inside an extension, as RFC 9944 has them.
fn is_name(name: &str) -> bool {
    if name.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("urn:")) {
        return name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, ':' | '.' | '-' | '_'));
    }
    let rest = name.strip_prefix('$').unwrap_or(name);
    rest.starts_with(|first: char| first.is_ascii_alphabetic())
        && rest.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '$'))
}

fn intern(schema: &Schema) {
    names::intern(&schema.id);
    for attribute in COMMON.iter().chain(&schema.attributes) {
        names::intern(&attribute.name);
        for sub in &attribute.sub_attributes {
            names::intern(&sub.name);
        }
    }
    // Default sub-attributes (RFC 7643 section 2.4) are accepted where a published schema forgot them.
    for name in ["value", "display", "type", "primary", "$ref"] {
        names::intern(name);
    }
}
