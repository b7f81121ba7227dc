//! Schemas, resource types and the registry that drives everything (RFC 7643 sections 2, 6 and 7).

mod attribute;
mod common;
pub mod presets;
mod registry;
mod shape;

pub use attribute::{Attribute, Format, Kind, Mutability, Returned, Uniqueness};
pub use registry::{Registry, RegistryError, ResourceType, Schema, SchemaExtension};
pub(crate) use shape::suggestion;
pub use shape::{Container, Shape, Target, Unresolved};
