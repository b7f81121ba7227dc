//! What resources are sorted by (RFC 7644 section 3.4.2.3).

use std::cmp::Ordering;

use scim::json::{Json, Limits, parse};
use scim::schema::Registry;
use scim::sort::{Key, SortBy, Unsortable};
use scim::value::Value;

fn key(path: &str, user: &str) -> Key {
    let registry = Registry::builtin();
    let shape = registry.shape_named("User").unwrap();
    let user: Json = parse(user.as_bytes(), Limits::default()).unwrap();
    SortBy::resolve(shape, path).unwrap().key(Value::from(&user))
}

#[test]
fn the_key_is_the_value_that_counts_in_the_form_in_which_it_is_compared() {
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let text = |text: &str| Key::Text(text.to_owned());
    for (path, user, expected) in [
        ("userName", r#"{"userName":"ADA"}"#, text("ada")),
        ("externalId", r#"{"externalId":"ADA"}"#, text("ADA")),
        ("name.familyName", r#"{"name":{"familyName":"É"}}"#, text("é")),
        ("emails", r#"{"emails":[{"value":"a"},{"value":"b","primary":true}]}"#, text("b")),
        ("emails.type", r#"{"emails":[{"value":"a","type":"work"},{"value":"b"}]}"#, text("work")),
        ("emails.primary", r#"{"emails":[{"value":"a","primary":true}]}"#, Key::Bool(true)),
        (&format!("{enterprise}:department"), &format!(r#"{{"{enterprise}":{{"department":"D"}}}}"#), text("d")),
        ("active", r#"{"active":false}"#, Key::Bool(false)),
        (
            "meta.created",
            r#"{"meta":{"created":"2026-01-31T10:30:00+01:00"}}"#,
            Key::Time("2026-01-31T09:30:00Z".parse().unwrap()),
        ),
        ("title", "{}", Key::None),
        ("title", r#"{"title":""}"#, Key::None),
        ("emails", r#"{"emails":[]}"#, Key::None),
        ("emails.type", r#"{"emails":[{"value":"a"}]}"#, Key::None),
    ] {
        assert_eq!(key(path, user), expected, "{path} of {user}");
    }
}

#[test]
fn what_cannot_be_sorted_by_says_why() {
    let registry = Registry::builtin();
    let shape = registry.shape_named("User").unwrap();
    let why = |path: &str| SortBy::resolve(shape, path).unwrap_err();
    assert!(matches!(why("usrName"), Unsortable::Unknown(message) if message.contains("did you mean userName?")));
    assert!(matches!(why("name"), Unsortable::Complex(message) if message.contains("familyName")));
    assert!(matches!(why("password"), Unsortable::Hidden(_)));
}

#[test]
fn keys_are_ordered_by_type_and_value_and_no_value_is_last() {
    let time = |text: &str| Key::Time(text.parse().unwrap());
    let ascending = [
        Key::Bool(false),
        Key::Bool(true),
        Key::Number("-1.5".into()),
        Key::Number("9".into()),
        Key::Number("10".into()),
        time("2026-01-31T09:30:00Z"),
        time("2026-01-31T09:30:00.001Z"),
        Key::Text("a".into()),
        Key::Text("aa".into()),
        Key::Text("é".into()),
        Key::None,
    ];
    for (left_at, left) in ascending.iter().enumerate() {
        for (right_at, right) in ascending.iter().enumerate() {
            assert_eq!(left.compare(right), left_at.cmp(&right_at), "{left:?} and {right:?}");
        }
    }
    assert_eq!(Key::Number("1.0".into()).compare(&Key::Number("1".into())), Ordering::Equal);
}

#[test]
fn a_key_comes_back_from_its_bytes_and_other_bytes_are_none() {
    let keys = [
        Key::Bool(true),
        Key::Number("12345678901234567890.5".into()),
        Key::Time("2026-01-31T09:30:00.123456789Z".parse().unwrap()),
        Key::Text("ä".into()),
        Key::None,
    ];
    for key in keys {
        assert_eq!(Key::from_bytes(&key.to_bytes()), Some(key));
    }
    for bytes in [&[][..], &[9], &[1, b'x'], &[2, 0], &[3, 0xff]] {
        assert_eq!(Key::from_bytes(bytes), None, "{bytes:?}");
    }
}

#[test]
fn a_very_long_text_is_sorted_by_its_beginning() {
    let long = format!(r#"{{"title":"{}"}}"#, "ä".repeat(10_000));
    assert!(key("title", &long).to_bytes().len() <= 513);
}
