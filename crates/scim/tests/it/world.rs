//! Schemas and short ways to read bodies, for the tests of this crate.

use std::sync::LazyLock;

use scim::error::ScimError;
use scim::finding::{Finding, Place};
use scim::incoming;
use scim::json::{self, Json, Limits, Object};
use scim::leniency::{Leniency, Reading};
use scim::schema::{Registry, Shape};

pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub const DOOR: &str = "urn:example:params:scim:schemas:core:2.0:Door";
pub const LOCK: &str = "urn:example:params:scim:schemas:extension:lock:2.0:Door";

/// User and Group, and a Door that has an attribute of each kind that those two lack.
pub static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    let schemas = Registry::read_schemas(DOOR_SCHEMAS).expect("schemas of the door");
    let types = Registry::read_resource_types(DOOR_TYPE).expect("resource type of the door");
    Registry::builtin().with(schemas, types).expect("the door fits")
});

const DOOR_SCHEMAS: &str = r#"[
  {"id": "urn:example:params:scim:schemas:core:2.0:Door", "name": "Door", "attributes": [
    {"name": "label", "required": true},
    {"name": "serial", "mutability": "immutable"},
    {"name": "maker", "type": "complex", "mutability": "immutable", "subAttributes": [
      {"name": "name"}, {"name": "since", "type": "dateTime"}]},
    {"name": "code", "mutability": "writeOnly", "returned": "never"},
    {"name": "hint", "mutability": "writeOnly"},
    {"name": "height", "type": "integer"},
    {"name": "weight", "type": "decimal"},
    {"name": "built", "type": "dateTime"},
    {"name": "picture", "type": "binary"},
    {"name": "manual", "type": "reference", "referenceTypes": ["external"]},
    {"name": "tags", "multiValued": true},
    {"name": "plate", "returned": "always"},
    {"name": "notes", "returned": "request"},
    {"name": "wear", "mutability": "readOnly", "required": true},
    {"name": "owner", "type": "complex", "subAttributes": [
      {"name": "value", "required": true},
      {"name": "displayName", "mutability": "readOnly"},
      {"name": "pin", "returned": "never"},
      {"name": "comment", "returned": "request"}]},
    {"name": "keys", "type": "complex", "multiValued": true, "subAttributes": [
      {"name": "value"}, {"name": "holder", "mutability": "readOnly"}]}
  ]},
  {"id": "urn:example:params:scim:schemas:extension:lock:2.0:Door", "name": "Lock", "attributes": [
    {"name": "model", "required": true}, {"name": "batch", "mutability": "immutable"},
    {"name": "state", "mutability": "readOnly"}, {"name": "log", "returned": "request"}
  ]}
]"#;

const DOOR_TYPE: &str = r#"{"name": "Door", "endpoint": "/Doors", "schema": "urn:example:params:scim:schemas:core:2.0:Door",
  "schemaExtensions": [{"schema": "urn:example:params:scim:schemas:extension:lock:2.0:Door", "required": true}]}"#;

pub fn shape(name: &str) -> &'static Shape {
    REGISTRY.shape_named(name).expect("a resource type of the test")
}

pub fn parse(text: &str) -> Json {
    json::parse(text.as_bytes(), Limits::default()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

pub fn object(text: &str) -> Object {
    match parse(text) {
        Json::Object(object) => object,
        other => panic!("{other} is no object"),
    }
}

pub type Read = (Result<Object, ScimError>, Vec<Finding>);

pub fn post(type_name: &str, leniency: Leniency, body: &str) -> Read {
    let mut reading = Reading::new(shape(type_name), leniency);
    let result = incoming::resource(&mut reading, parse(body), None);
    (result, reading.findings)
}

pub fn put(type_name: &str, leniency: Leniency, existing: &str, body: &str) -> Read {
    let mut reading = Reading::new(shape(type_name), leniency);
    let result = incoming::resource(&mut reading, parse(body), Some(&object(existing)));
    (result, reading.findings)
}

/// A user's body with these members after `schemas` and `userName`.
pub fn user(members: &str) -> String {
    let comma = if members.is_empty() { "" } else { "," };
    format!(r#"{{"schemas":["{USER}"],"userName":"ada"{comma}{members}}}"#)
}

/// A door's body with these members, and with what a door must have.
pub fn door(members: &str) -> String {
    let comma = if members.is_empty() { "" } else { "," };
    format!(r#"{{"schemas":["{DOOR}","{LOCK}"],"label":"front"{comma}{members},"{LOCK}":{{"model":"M1"}}}}"#)
        .replace(",,", ",")
}

/// The members of a user as read, without `schemas` and `userName`.
pub fn rest(resource: Result<Object, ScimError>) -> String {
    let mut resource = resource.unwrap_or_else(|error| panic!("refused: {error}"));
    for name in ["schemas", "userName", "label", LOCK] {
        resource.remove(name);
    }
    Json::Object(resource).to_text()
}

/// "400 invalidValue at /active".
pub fn refusal(result: Result<Object, ScimError>) -> String {
    match result {
        Ok(resource) => format!("taken: {}", Json::Object(resource)),
        Err(error) => {
            assert!(!error.detail.is_empty());
            let keyword = error.scim_type.map_or("", |scim_type| scim_type.keyword());
            format!("{} {keyword} at {}", error.status, pointer(&error.place))
        }
    }
}

/// "T3 /active, name-case /ACTIVE".
pub fn notes(findings: &[Finding]) -> String {
    let notes: Vec<String> =
        findings.iter().map(|finding| format!("{} {}", finding.code, pointer(&finding.place))).collect();
    notes.join(", ")
}

fn pointer(place: &Place) -> &str {
    match place {
        Place::Body(pointer) => pointer,
        other => panic!("not in the body: {other:?}"),
    }
}
