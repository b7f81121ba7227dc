//! PATCH bodies.

use proptest::prelude::*;
use scim::leniency::{Leniency, Reading};
use scim::patch::patch_operations;
use scim::path;
use scim_v2::Validate;
use scim_v2::models::others::PatchOp;

use crate::world::{parse, shape};

const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// Whether the body is a PATCH with paths that can be read. What they would change is another question.
fn ours(body: &str) -> Result<(), String> {
    let mut reading = Reading::new(shape("User"), Leniency::STRICT);
    let operations = patch_operations(&mut reading, parse(body)).map_err(|error| error.detail)?;
    for operation in operations {
        match (&operation.path, &operation.value) {
            (Some(path), _) => drop(path::parse(path).map_err(|error| error.to_string())?),
            (None, Some(value)) if value.as_object().is_none() => return Err("the value is no object".into()),
            (None, _) => {}
        }
    }
    Ok(())
}

fn theirs(body: &str) -> Result<(), String> {
    let message: PatchOp = serde_json::from_str(body).map_err(|error| error.to_string())?;
    message.validate().map_err(|error| error.to_string())
}

fn any_operation() -> impl Strategy<Value = String> {
    let op = prop_oneof![
        12 => prop_oneof![Just("\"add\""), Just("\"replace\""), Just("\"remove\""), Just("\"Add\""), Just("\"REMOVE\"")],
        1 => prop_oneof![Just("\"move\""), Just("\"\""), Just("7")],
    ];
    let path = prop_oneof![
        2 => Just(String::new()),
        8 => prop_oneof![
            Just("title"), Just("name.familyName"), Just("emails"), Just("emails[type eq \\\"work\\\"]"),
            Just("emails[type eq \\\"work\\\"].value"), Just("members[value eq \\\"2819\\\"]"),
            Just("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"),
        ].prop_map(|path| format!(",\"path\":\"{path}\"")),
        1 => prop_oneof![Just("emails[type"), Just("emails[]"), Just("emails[0]"), Just("1"), Just("a b"), Just("/title")]
            .prop_map(|path| format!(",\"path\":\"{path}\"")),
        1 => Just(",\"path\":7".to_owned()),
    ];
    let value = prop_oneof![
        1 => Just(String::new()),
        6 => prop_oneof![Just("\"x\""), Just("{\"title\":\"x\"}"), Just("[{\"value\":\"x\"}]"), Just("true"), Just("7")]
            .prop_map(|value| format!(",\"value\":{value}")),
    ];
    prop_oneof![
        20 => (op, path, value).prop_map(|(op, path, value)| format!("{{\"op\":{op}{path}{value}}}")),
        1 => prop_oneof![Just("7"), Just("{}"), Just("[]"), Just("null")].prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_patch_is_a_patch_to_both(
        operations in proptest::collection::vec(any_operation(), 0..4),
        schemas in prop_oneof![12 => Just(format!("[\"{PATCH}\"]")), 1 => Just("[]".to_owned()), 1 => Just("[7]".to_owned())],
    ) {
        let body = format!("{{\"schemas\":{schemas},\"Operations\":[{}]}}", operations.join(","));
        let (ours, theirs) = (ours(&body), theirs(&body));
        prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{}: we say {:?}, they {:?}", body, ours, theirs);
    }
}
