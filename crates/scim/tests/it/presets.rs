//! Schemas that are ready to be added.

use std::path::Path;

use scim::leniency::Leniency;
use scim::schema::{Container, Kind, Registry, Target, presets};

use crate::world::parse;

fn with(name: &str) -> Registry {
    let preset = presets::named(name).unwrap_or_else(|| panic!("no preset {name}"));
    Registry::builtin().with_preset(preset).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn every_preset_fits_beside_the_built_in_types_and_says_what_it_is() {
    for preset in presets::all() {
        let registry = with(preset.name);
        assert_eq!(registry.shapes().len(), 2 + preset.resource_types().len(), "{}", preset.name);
        for schema in preset.schemas() {
            assert_eq!(registry.schema(&schema.id.to_uppercase()).map(|found| found.as_ref()), Some(&schema));
            assert!(!schema.name.is_empty() && !schema.description.is_empty(), "{}", schema.id);
            for attribute in schema.attributes.iter().flat_map(|one| std::iter::once(one).chain(&one.sub_attributes)) {
                assert!(!attribute.description.is_empty(), "{}: {}", schema.id, attribute.name);
            }
        }
        assert!(preset.description.len() > 20 && preset.source.len() > 20, "{}", preset.name);
    }
    assert_eq!(presets::named("no-such-preset"), None);
}

#[test]
fn every_folder_of_schemas_is_a_preset() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/schemas");
    for entry in std::fs::read_dir(folder).expect("the folder of schemas") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().into_string().expect("a name");
        if entry.path().is_dir() {
            assert!(presets::named(&name).is_some(), "{name} is not in the list of presets");
        }
    }
}

#[test]
fn the_test_resource_has_every_type_and_every_characteristic() {
    let schema = &presets::named("test-resource").expect("a preset").schemas()[0];
    let kinds: Vec<Kind> = schema.attributes.iter().map(|attribute| attribute.kind).collect();
    for kind in [
        Kind::String,
        Kind::Boolean,
        Kind::Integer,
        Kind::Decimal,
        Kind::DateTime,
        Kind::Binary,
        Kind::Reference,
        Kind::Complex,
    ] {
        assert!(kinds.contains(&kind), "{kind:?}");
    }
    let text = serde_json::to_string(schema).expect("JSON");
    for characteristic in [
        r#""multiValued":true"#,
        r#""required":true"#,
        r#""caseExact":true"#,
        r#""canonicalValues":["#,
        r#""referenceTypes":["#,
        r#""mutability":"readOnly""#,
        r#""mutability":"immutable""#,
        r#""mutability":"writeOnly""#,
        r#""returned":"always""#,
        r#""returned":"never""#,
        r#""returned":"request""#,
        r#""uniqueness":"server""#,
        r#""uniqueness":"global""#,
    ] {
        assert!(text.contains(characteristic), "{characteristic}");
    }
}

/// RFC 9944 puts the pairing methods of Bluetooth into the object of the Bluetooth extension, under their URN.
#[test]
fn an_extension_inside_an_extension_is_read_kept_and_found() {
    const BLE: &str = "urn:ietf:params:scim:schemas:extension:ble:2.0:Device";
    const PASS_KEY: &str = "urn:ietf:params:scim:schemas:extension:pairingPassKey:2.0:Device";
    let registry = with("devices");
    let shape = registry.shape_named("Device").expect("Device");
    let body = format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Device","{BLE}"],"active":true,"{BLE}":{{
            "versionSupport":["5.4"],"deviceMacAddress":"2C:54:91:88:C9:E2","pairingMethods":["{PASS_KEY}"],
            "{PASS_KEY}":{{"key":123456}}}}}}"#
    );
    let mut reading = scim::leniency::Reading::new(shape, Leniency::STRICT);
    let device = scim::incoming::resource(&mut reading, parse(&body), None).expect("a device");
    let kept = device.get(BLE).and_then(|ble| ble.as_object()?.get(PASS_KEY)).map(scim::json::Json::to_text);
    assert_eq!(kept.as_deref(), Some(r#"{"key":123456}"#));
    assert!(reading.findings.is_empty(), "{:?}", reading.findings);
    for (path, expected) in [(format!("{BLE}:{PASS_KEY}"), None), (format!("{BLE}:{PASS_KEY}.KEY"), Some("key"))] {
        let Ok(Target::Attribute { container: Container::Extension(schema), attribute, sub }) = shape.resolve(&path)
        else {
            panic!("{path} is not found")
        };
        assert_eq!((schema.id.as_str(), attribute.name.as_str()), (BLE, PASS_KEY));
        assert_eq!(sub.map(|sub| sub.name.as_str()), expected);
    }
    for wrong in [format!("{BLE}:{PASS_KEY}."), format!("{BLE}:{PASS_KEY}x"), "active.".to_owned()] {
        assert!(shape.resolve(&wrong).is_err(), "{wrong}");
    }
}
