//! Paths of PATCH operations (RFC 7644 section 3.5.2).

use proptest::prelude::*;
use scim::path;

/// Broken paths with the diagnostic that each gets: a line with the path, a line with the diagnostic after two blanks.
const BROKEN: &str = include_str!("../../../../fixtures/broken/paths.txt");

#[test]
fn the_examples_of_rfc_7644_are_paths() {
    for (text, attribute, sub) in [
        ("members", "members", None),
        ("name.familyName", "name.familyName", None),
        ("addresses[type eq \"work\"]", "addresses", None),
        ("members[value eq \"2819c223-7f76-453a-919d-413861904646\"]", "members", None),
        ("members[value eq \"2819c223-7f76-453a-919d-413861904646\"].displayName", "members", Some("displayName")),
        ("members[value eq\"2819c223-7f76-...413861904646\"]", "members", None),
        (
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
            None,
        ),
        ("emails[type eq \"a \\\"b\\\" ]\"].$ref", "emails", Some("$ref")),
    ] {
        let path = path::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(path.attribute.text, attribute, "{text}");
        assert_eq!(path.sub.map(|sub| sub.text).as_deref(), sub, "{text}");
    }
}

#[test]
fn broken_paths_get_exactly_these_diagnostics() {
    let mut lines = BROKEN.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let mut seen = 0;
    while let Some(text) = lines.next() {
        let expected = lines.next().expect("a diagnostic after each path").trim_start();
        let text = text.replace("<empty>", "").replace("<blank>", " ");
        let error = match path::parse(&text) {
            Ok(path) => panic!("{text:?} was taken as {path}"),
            Err(error) => error,
        };
        assert_eq!(error.to_string(), expected, "{text:?}");
        seen += 1;
    }
    assert!(seen > 20, "only {seen} broken paths");
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "([a-z]{1,4}|[ ()\\[\\].\":]| eq | and |\\PC){0,16}") {
        if let Ok(path) = path::parse(&text) {
            prop_assert_eq!(path::parse(&path.to_string()).expect("printed"), path);
        }
    }
}
