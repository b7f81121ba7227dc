//! Schemas and resource types that are ready to be added to a registry. Each is data: two files in `fixtures/schemas`.

use super::registry::{Registry, RegistryError, ResourceType, Schema};

/// Schemas and resource types that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// The name by which it is chosen, and that of its folder: "devices".
    pub name: &'static str,
    /// What it adds, in a sentence.
    pub description: &'static str,
    /// Where the facts are from, and where this departs from it.
    pub source: &'static str,
    schemas: &'static str,
    resource_types: &'static str,
}

macro_rules! preset {
    ($name:literal, $description:literal, $source:literal) => {
        Preset {
            name: $name,
            description: $description,
            source: $source,
            schemas: include_str!(concat!("../../../../fixtures/schemas/", $name, "/schemas.json")),
            resource_types: include_str!(concat!("../../../../fixtures/schemas/", $name, "/resource-types.json")),
        }
    };
}

const PRESETS: [Preset; 5] = [
    preset!(
        "okta-entitlements",
        "Roles and entitlements as Okta discovers them",
        "Okta, Build a SCIM 2.0 server with entitlements: Okta recognises both by the URN of their schema, not by their name \
         or endpoint. Okta publishes no schema documents; the characteristics are ours."
    ),
    preset!(
        "roles-and-entitlements",
        "The values that User.roles and User.entitlements can hold, as resources",
        "draft-ietf-scim-roles-entitlements-01 (October 2025). The draft has every attribute readOnly, because the service \
         provider fills the lists; here clients may write them, so that there is something to read."
    ),
    preset!(
        "devices",
        "Devices and the applications that control them",
        "RFC 9944. Its pairing methods of Bluetooth stand inside the object of the Bluetooth extension, under their URN; \
         that is how it is read and returned, and under the URN at the top of the resource as well."
    ),
    preset!(
        "agents",
        "Agents and the applications that host them",
        "draft-abbey-scim-agent-extension (October 2025), its text before its sample schema: what clients may specify is \
         readWrite."
    ),
    preset!(
        "test-resource",
        "A resource type with an attribute of each type and each characteristic, for tests",
        "RFC 7643 sections 2 and 7."
    ),
];

impl Preset {
    /// Its Schema documents.
    pub fn schemas(&self) -> Vec<Schema> {
        Registry::read_schemas(self.schemas).expect("the schemas of a preset of this crate")
    }

    /// Its ResourceType documents.
    pub fn resource_types(&self) -> Vec<ResourceType> {
        Registry::read_resource_types(self.resource_types).expect("the resource types of a preset of this crate")
    }
}

/// All presets. Two that share the name of a resource type cannot be added to the same registry: the later one wins.
pub fn all() -> &'static [Preset] {
    &PRESETS
}

/// The preset with this name.
pub fn named(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}

impl Registry {
    /// This registry with the schemas and resource types of a preset.
    ///
    /// Errors: [`RegistryError::Duplicate`] if a resource type of another name has the endpoint already.
    pub fn with_preset(&self, preset: &Preset) -> Result<Registry, RegistryError> {
        self.with(preset.schemas(), preset.resource_types())
    }
}
