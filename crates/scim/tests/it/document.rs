//! Resources at rest.

use proptest::prelude::*;
use scim::document::Document;
use scim::json::Json;
use scim::value::Value;

use crate::json::any_object;
use crate::world::*;

#[test]
fn a_packed_user_is_smaller_than_its_text_and_reads_the_same() {
    let text = user(
        r#""name":{"familyName":"Lovelace","givenName":"Ada"},"emails":[{"value":"a@x","type":"work"}],"active":true"#,
    );
    let user = object(&text);
    let _ = &*REGISTRY;
    let packed = Document::pack(&user);
    assert_eq!(packed.value().to_text(), text);
    assert!(packed.packed_bytes() < text.len(), "{} bytes for {}", packed.packed_bytes(), text.len());
    assert_eq!(packed.get("active").and_then(Value::as_bool), Some(true));
    assert!(packed.get("Active").is_none(), "names are exact at rest");
    let emails = packed.get("emails").expect("there");
    assert_eq!(emails.values().filter_map(|email| email.get("type")?.as_str()).collect::<Vec<_>>(), ["work"]);
}

#[test]
fn long_names_and_texts_are_kept() {
    let long = "n".repeat(300);
    let text = format!(r#"{{"{long}":"{long}","{long}2":[{}"end"]}}"#, "1,".repeat(20_000));
    assert_eq!(Document::pack(&object(&text)).value().to_text(), text);
}

#[test]
fn values_are_equal_as_json_says_and_not_as_text() {
    let equal = |left: &str, right: &str| Value::from(&parse(left)) == Value::from(&parse(right));
    assert!(equal(r#"{"a":1,"b":[2]}"#, r#"{"b":[2.0],"a":1e0}"#));
    for (left, right) in [
        (r#"{"a":1}"#, r#"{"a":1,"b":1}"#),
        (r#"{"a":1,"b":1}"#, r#"{"a":1}"#),
        (r#"{"a":null}"#, r#"{"b":null}"#),
        ("[1,2]", "[2,1]"),
        ("[1]", "[1,1]"),
        (r#""1""#, "1"),
        ("null", "false"),
        ("[]", "{}"),
    ] {
        assert!(!equal(left, right), "{left} and {right}");
    }
}

proptest! {
    #[test]
    fn a_packed_object_unpacks_to_itself(object in any_object()) {
        let packed = Document::pack(&object);
        prop_assert_eq!(&packed.to_object(), &object);
        prop_assert_eq!(packed.value().to_text(), Json::Object(object.clone()).to_text());
        prop_assert!(packed.value() == Value::from(&object));
        for (name, value) in object.iter() {
            prop_assert!(packed.get(name) == Some(Value::from(value)));
        }
    }
}
