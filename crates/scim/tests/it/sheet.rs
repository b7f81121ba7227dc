//! What is shown by default, written without a tree: the same as what [`project`] shows.

use proptest::prelude::*;
use scim::document::Document;
use scim::json::Json;
use scim::projection::{NotPlain, Selection, project};
use scim::value::Value;

use crate::world::*;

/// A resource as its sheet writes it, after a comparison with what [`project`] shows.
fn written(type_name: &str, resource: &str) -> Result<String, NotPlain> {
    let shape = shape(type_name);
    let document = Document::pack(&object(resource));
    let mut text = String::from("{");
    for (name, value) in document.members() {
        shape.sheet().write(name, value, &mut text)?;
    }
    text.push('}');
    let shown = project(shape, document.value(), &Selection::all(), &[]);
    assert_eq!(text, Json::Object(shown).to_text());
    Ok(text)
}

#[test]
fn a_sheet_writes_what_is_shown_by_default() {
    for (type_name, resource, expected) in [
        ("User", r#"{}"#, r#"{}"#),
        ("User", r#"{"userName":"a{","password":"p","title":null}"#, r#"{"userName":"a{","title":null}"#),
        ("User", r#"{"name":{},"emails":[],"userName":"a"}"#, r#"{"userName":"a"}"#),
        (
            "User",
            r#"{"emails":[{},{"value":"{"},null,{"type":"work"}]}"#,
            r#"{"emails":[{"value":"{"},{"type":"work"}]}"#,
        ),
        (
            "Door",
            r#"{"code":"1","tags":["a",2,[{}]],"label":"\u0001\"\\"}"#,
            r#"{"tags":["a",2,[{}]],"label":"\u0001\"\\"}"#,
        ),
        ("Door", r#"{"maker":{"name":"A"},"keys":{"value":"1"}}"#, r#"{"maker":{"name":"A"},"keys":{"value":"1"}}"#),
    ] {
        assert_eq!(written(type_name, resource).as_deref(), Ok(expected), "{resource}");
    }
    let extended = format!(r#"{{"userName":"a","{ENTERPRISE}":{{"department":"D"}}}}"#);
    assert_eq!(written("User", &extended).as_deref(), Ok(extended.as_str()));
    assert_eq!(
        written("User", &format!(r#"{{"userName":"a","{ENTERPRISE}":{{}}}}"#)).as_deref(),
        Ok(r#"{"userName":"a"}"#)
    );
}

#[test]
fn what_is_completed_or_depends_on_the_request_or_is_unknown_is_left_to_others() {
    for (type_name, resource) in [
        ("Group", r#"{"members":[{"value":"1"}]}"#.to_owned()),
        ("User", format!(r#"{{"{ENTERPRISE}":{{"manager":{{"value":"1"}}}}}}"#)),
        ("User", r#"{"nobodyKnows":1}"#.to_owned()),
        ("User", r#"{"name":{"nobodyKnows":1}}"#.to_owned()),
        ("Door", r#"{"notes":"n"}"#.to_owned()),
        ("Door", r#"{"owner":{"value":"1"}}"#.to_owned()),
        ("Door", format!(r#"{{"{LOCK}":{{"log":"l"}}}}"#)),
    ] {
        assert_eq!(written(type_name, &resource), Err(NotPlain), "{resource}");
    }
}

proptest! {
    #[test]
    fn every_text_is_written_as_it_is_read(text in "(\\PC|[\\x00-\\x1f\"\\\\]){0,40}") {
        let written = Value::String(&text).to_text();
        prop_assert_eq!(&written, &serde_json::to_string(&text).unwrap());
    }

    #[test]
    fn a_sheet_agrees_with_the_projection_of_any_resource(
        members in proptest::collection::btree_map(
            proptest::sample::select(vec!["userName", "title", "name", "emails", "photos", "password", "active", "meta"]),
            proptest::sample::select(vec![
                "null", "true", "1.50", "\"x\"", "[]", "{}", "[null]", r#"{"value":"a","type":"b"}"#, r#"{"givenName":"a"}"#,
                r#"[{"value":"a"},{},{"value":null}]"#, r#"[[{"value":"a"}],"b",{"primary":true}]"#, r#"{"resourceType":"User"}"#,
            ]),
            0..8,
        )
    ) {
        let members: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        // The comparison is in there.
        let _ = written("User", &format!("{{{}}}", members.join(",")));
    }
}
