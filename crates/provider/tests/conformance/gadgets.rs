//! A resource type with attributes that User and Group do not have, from `fixtures/conformance/gadget.json`.

use provider::Profile;
use scim::schema::Registry;
use serde_json::{Value, json};
use testkit::bench::{Bench, Server};

pub const GADGET: &str = "urn:example:params:scim:schemas:core:2.0:Gadget";
pub const WARRANTY: &str = "urn:example:params:scim:schemas:extension:2.0:Warranty";

/// User, Group and Gadget.
pub fn registry() -> Registry {
    let text = include_str!("../../../../fixtures/conformance/gadget.json");
    let file: Value = serde_json::from_str(text).expect("JSON");
    let schemas = Registry::read_schemas(&file["schemas"].to_string()).expect("schemas");
    let types = Registry::read_resource_types(&file["resource_types"].to_string()).expect("resource types");
    Registry::builtin().with(schemas, types).expect("a registry")
}

/// A server that has gadgets.
pub fn server(bench: &Bench, preset: &str) -> Server {
    bench.with_schemas(preset, registry(), |_: &mut Profile| {})
}

/// A gadget with these attributes.
pub fn gadget(attributes: &Value) -> Value {
    let mut body =
        json!({ "schemas": [GADGET, WARRANTY], "label": "lamp", WARRANTY: { "until": "2030-01-01T00:00:00Z" } });
    for (name, value) in attributes.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    body
}
