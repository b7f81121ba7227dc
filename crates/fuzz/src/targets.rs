//! The functions, one for each kind of input.

use std::sync::LazyLock;

use scim::diff::diff;
use scim::document::Document;
use scim::filter;
use scim::finding::Place;
use scim::incoming;
use scim::json::{self, Json, Limits, Object};
use scim::leniency::{Leniency, Reading};
use scim::patch;
use scim::path;
use scim::projection::{Selection, project};
use scim::schema::{Registry, Shape, presets};
use scim::value::Value;

/// User, Group and a type with every type of attribute.
static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    let preset = presets::named("test-resource").expect("a preset");
    Registry::builtin().with_preset(preset).expect("it fits")
});

const LENIENCIES: [Leniency; 2] = [Leniency::STRICT, Leniency::TOLERANT];

const ADA: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
    "id":"2819c223","externalId":"a","userName":"ada@example.com","name":{"familyName":"Lovelace","givenName":"Ada"},
    "active":true,"title":"Countess","emails":[{"value":"ada@example.com","type":"work","primary":true},{"value":"a@example.com","type":"home"}],
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Engines","manager":{"value":"26118915"}},
    "meta":{"resourceType":"User","created":"2026-01-31T09:30:00Z","lastModified":"2026-01-31T09:30:00Z","version":"W/\"1\""}}"#;

const THING: &str = r#"{"schemas":["urn:example:params:scim:schemas:core:2.0:TestResource","urn:example:params:scim:schemas:extension:test:2.0:TestResource"],
    "id":"t1","name":"thing","once":"set","secret":"(set)","whole":7,"fraction":1.50,"moment":"2026-01-31T09:30:00Z","blob":"aGVsbG8=",
    "tags":["a","b"],"place":{"room":"1","since":"2026-01-31T09:30:00Z"},"parts":[{"value":"p","type":"left","serial":"S1"}],
    "urn:example:params:scim:schemas:extension:test:2.0:TestResource":{"model":"M1","batch":3}}"#;

/// Resources that exist, as they are kept, with the names of their types.
static EXISTING: LazyLock<Vec<(&str, Object)>> = LazyLock::new(|| {
    let kept = |name: &'static str, text: &str| match json::parse(text.as_bytes(), Limits::default()) {
        Ok(Json::Object(object)) => (name, incoming::settle(shape(name), object)),
        other => panic!("{other:?}"),
    };
    vec![kept("User", ADA), kept("TestResource", THING)]
});

fn shape(name: &str) -> &'static Shape {
    REGISTRY.shape_named(name).expect("a resource type")
}

fn anywhere(_: std::ops::Range<usize>) -> Place {
    Place::Request
}

/// JSON: what is read is printed and read back as the same; a fault has a place in the text; another reader agrees.
pub fn json(bytes: &[u8]) {
    match json::parse(bytes, Limits::default()) {
        Ok(value) => {
            let text = value.to_text();
            assert_eq!(json::parse(text.as_bytes(), Limits::default()).as_ref(), Ok(&value), "{text}");
            let pretty = value.to_pretty_text();
            assert_eq!(json::parse(pretty.as_bytes(), Limits::default()).as_ref(), Ok(&value), "{pretty}");
            // Other readers have a range for numbers.
            if let Err(error) = serde_json::from_str::<serde_json::Value>(&text) {
                assert!(error.to_string().contains("number out of range"), "{error}: {text}");
            }
            if let Json::Object(object) = &value {
                let packed = Document::pack(object);
                assert_eq!(Value::from(object), packed.value(), "{text}");
            }
            for pointer in ["", "/schemas", "/Operations/0/value", "/0", "/a~1b"] {
                let found = json::locate(bytes, pointer);
                assert_eq!(found.is_some(), value.pointer(pointer).is_some(), "{pointer} in {text}");
                assert!(found.is_none_or(|span| span.start < span.end && span.end <= bytes.len()), "{pointer}");
            }
        }
        Err(error) => {
            assert!(error.offset <= bytes.len() && error.line >= 1 && error.column >= 1, "{error}");
            assert!(!error.message.is_empty());
            json::locate(bytes, "/a/0");
        }
    }
}

/// Filters: what is read is printed and read back as the same; what the strict profile takes, the tolerant one takes too;
/// a resource answers yes or no.
pub fn filter(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let parsed = match filter::parse(text) {
        Ok(parsed) => parsed,
        Err(error) => {
            assert!(text.get(error.span.clone()).is_some(), "{error} at {:?}", error.span);
            return;
        }
    };
    let printed = parsed.to_string();
    assert_eq!(filter::parse(&printed).as_ref(), Ok(&parsed), "{text}");
    for (name, resource) in EXISTING.iter() {
        let mut taken = [false; 2];
        for (at, leniency) in LENIENCIES.into_iter().enumerate() {
            let mut reading = Reading::new(shape(name), leniency);
            let bound = parsed.bind(&mut reading, &anywhere);
            taken[at] = bound.is_ok();
            if let Ok(bound) = bound {
                let plain = bound.matches(Value::from(resource));
                assert_eq!(bound.matches(Document::pack(resource).value()), plain, "{text}");
            }
        }
        assert!(!taken[0] || taken[1], "only the strict profile takes {text}");
    }
}

/// Paths: what is read is printed and read back as the same, and an operation with it does what it says or nothing.
pub fn path(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match path::parse(text) {
        Ok(parsed) => assert_eq!(path::parse(&parsed.to_string()).as_ref(), Ok(&parsed), "{text}"),
        Err(error) => assert!(text.get(error.span.clone()).is_some(), "{error} at {:?}", error.span),
    }
    for op in ["remove", "add", "replace", "Replace"] {
        let value = if op == "remove" { "" } else { r#","value":"x""# };
        let operation = format!(r#"{{"op":"{op}","path":{}{value}}}"#, Json::from(text).to_text());
        patch(patch_body(&operation).as_bytes());
    }
}

fn patch_body(operations: &str) -> String {
    format!(r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{operations}]}}"#)
}

/// PATCH bodies: nothing but the result is changed, and the lines say what is.
pub fn patch(bytes: &[u8]) {
    let Ok(body) = json::parse(bytes, Limits::default()) else { return };
    for (name, before) in EXISTING.iter() {
        for leniency in LENIENCIES {
            let mut reading = Reading::new(shape(name), leniency);
            let Ok(operations) = patch::patch_operations(&mut reading, body.clone()) else { continue };
            let applied = patch::apply(&mut reading, before.clone(), &operations);
            assert_eq!(applied.outcomes.len(), operations.len());
            assert!(reading.findings.len() < 2 * Reading::MANY);
            if let Ok(after) = applied.result {
                whole(shape(name), &after);
                let lines = diff(shape(name), Some(Value::from(before)), Some(Value::from(&after)));
                assert_eq!(lines.len(), applied.lines.len(), "{:?} is said, {lines:?} is done", applied.lines);
                if lines.is_empty() {
                    assert_eq!(&after, before, "{operations:?} make a change without a line");
                }
                assert_eq!(after.get("id"), before.get("id"));
                assert_eq!(after.get("meta"), before.get("meta"));
                written_back(name, &after);
            }
        }
    }
}

/// Bodies of POST and PUT: what is kept is complete, and reading it again keeps the same.
pub fn resource(bytes: &[u8]) {
    let Ok(body) = json::parse(bytes, Limits::default()) else { return };
    for leniency in LENIENCIES {
        for shape in REGISTRY.shapes() {
            let mut reading = Reading::new(shape, leniency);
            if let Ok(kept) = incoming::resource(&mut reading, body.clone(), None) {
                whole(shape, &kept);
                assert!(kept.get("id").is_none() && kept.get("meta").is_none());
                let mut reading = Reading::new(shape, leniency);
                let again = incoming::resource(&mut reading, Json::Object(kept.clone()), None);
                assert_eq!(again.map(Json::Object), Ok(Json::Object(kept)));
            }
        }
        for (name, existing) in EXISTING.iter() {
            let mut reading = Reading::new(shape(name), leniency);
            if let Ok(kept) = incoming::resource(&mut reading, body.clone(), Some(existing)) {
                whole(shape(name), &kept);
                assert_eq!(kept.get("id"), existing.get("id"));
            }
        }
    }
}

/// Schema and ResourceType documents: refused with a reason, or good for a registry.
pub fn schema(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let schemas = Registry::read_schemas(text);
    let types = Registry::read_resource_types(text);
    let registry = Registry::builtin().with(schemas.unwrap_or_default(), types.unwrap_or_default());
    let Ok(registry) = registry else { return };
    for shape in registry.shapes() {
        for attribute in shape.core_attributes() {
            assert!(shape.resolve(&attribute.name).is_ok(), "{}", attribute.name);
        }
        let mut reading = Reading::new(shape, Leniency::TOLERANT);
        let ada = Json::Object(EXISTING[0].1.clone());
        if let Ok(kept) = incoming::resource(&mut reading, ada, None) {
            project(shape, Value::from(&kept), &Selection::all(), &[]);
        }
    }
}

/// A resource as it must be kept: in settled form, with all that is required, and good to be shown and packed.
fn whole(shape: &Shape, resource: &Object) {
    assert_eq!(incoming::missing(shape, resource), None, "{resource:?}");
    let settled = incoming::settle(shape, resource.clone());
    assert_eq!(Json::Object(settled).to_text(), Json::Object(resource.clone()).to_text());
    project(shape, Value::from(resource), &Selection::all(), &[]);
    assert_eq!(Document::pack(resource).value(), Value::from(resource));
}

/// A resource that a client reads and writes back is no change.
fn written_back(name: &str, resource: &Object) {
    let shown = project(shape(name), Value::from(resource), &Selection::all(), &[]);
    // Clients read nothing of these unless they ask, and so write them back as absent.
    let hidden = in_extension(resource, "history") || resource.get("onRequest").is_some();
    let mut reading = Reading::new(shape(name), Leniency::STRICT);
    match incoming::resource(&mut reading, Json::Object(shown.clone()), Some(resource)) {
        Ok(kept) => {
            let lines = diff(shape(name), Some(Value::from(resource)), Some(Value::from(&kept)));
            assert!(hidden || lines.is_empty(), "writing back {} changes {lines:?}", Json::Object(shown));
        }
        Err(error) => panic!("{} cannot be written back: {error}", Json::Object(shown)),
    }
}

fn in_extension(resource: &Object, name: &str) -> bool {
    let containers = resource.iter().filter_map(|(_, value)| value.as_object());
    containers.into_iter().any(|container| container.get(name).is_some())
}
