//! JSON as text: what is read, what is refused and where, and what comes out again.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use scim::json::{self, Json, Limits, Object};
use scim::number::Number;

use crate::world::parse;

/// Each file of fixtures/broken/json with the line, column and byte of its fault, and what is said about it.
const BROKEN: &[(&str, &str)] = &[
    ("capital-true", r#"'T' where a JSON value is expected (line 1, column 12, byte 11)"#),
    ("column-counts-characters", r#"'x' where a name in double quotes is expected (line 1, column 13, byte 17)"#),
    ("comment", r#"'/' where ',' or '}' is expected (line 1, column 9, byte 8)"#),
    ("cut-utf-8-sequence", r#"bytes that are not UTF-8 (line 1, column 3, byte 2)"#),
    ("duplicate-name-by-escape", r#"the name "a" appears twice in one object (line 1, column 10, byte 9)"#),
    ("duplicate-name", r#"the name "a" appears twice in one object (line 2, column 10, byte 18)"#),
    ("empty-exponent", r#"not a number as JSON writes it (line 1, column 2, byte 1)"#),
    ("empty", r#"the text is empty; a JSON value is expected (line 1, column 1, byte 0)"#),
    ("error-after-a-byte-order-mark", r#"'?' where a JSON value is expected (line 1, column 7, byte 9)"#),
    (
        "escape-at-the-end",
        r#"an escape that JSON does not know; it has \" \\ \/ \b \f \n \r \t \u (line 1, column 3, byte 2)"#,
    ),
    ("form-body", r#"'u' where a JSON value is expected (line 1, column 1, byte 0)"#),
    ("hexadecimal-number", r#"'x' where ',' or ']' is expected (line 1, column 3, byte 2)"#),
    ("high-surrogate-and-letter", r#"half of a surrogate pair; the other half must follow (line 1, column 3, byte 2)"#),
    ("invalid-utf-8-in-name", r#"bytes that are not UTF-8 (line 1, column 3, byte 2)"#),
    ("invalid-utf-8-in-string", r#"bytes that are not UTF-8 (line 1, column 14, byte 13)"#),
    ("invalid-utf-8-outside", r#"a byte that is not UTF-8 where a JSON value is expected (line 1, column 7, byte 6)"#),
    ("leading-dot", r#"'.' where a JSON value is expected (line 1, column 2, byte 1)"#),
    ("leading-plus", r#"'+' where a JSON value is expected (line 1, column 2, byte 1)"#),
    ("leading-zero", r#"not a number as JSON writes it (line 1, column 7, byte 6)"#),
    ("letter-outside-ascii", r#"'ü' where a JSON value is expected (line 1, column 11, byte 12)"#),
    ("lone-high-surrogate", r#"half of a surrogate pair; the other half must follow (line 1, column 9, byte 8)"#),
    ("lone-low-surrogate", r#"half of a surrogate pair; the other half must follow (line 1, column 3, byte 2)"#),
    ("missing-colon", r#"'1' where ':' is expected (line 1, column 6, byte 5)"#),
    ("missing-comma", r#"'"' where ',' or '}' is expected (line 3, column 3, byte 13)"#),
    ("missing-value", r#"',' where a JSON value is expected (line 1, column 7, byte 6)"#),
    ("name-in-single-quotes", r#"''' where a name in double quotes is expected (line 1, column 2, byte 1)"#),
    ("name-without-quotes", r#"'a' where a name in double quotes is expected (line 1, column 2, byte 1)"#),
    ("not-a-number", r#"'N' where a JSON value is expected (line 1, column 7, byte 6)"#),
    ("nul-after-the-value", r#"character U+0000 after the end of the JSON value (line 1, column 9, byte 8)"#),
    ("only-a-byte-order-mark", r#"the text is empty; a JSON value is expected (line 1, column 1, byte 3)"#),
    ("only-a-minus", r#"not a number as JSON writes it (line 1, column 2, byte 1)"#),
    ("only-blanks", r#"the text is empty; a JSON value is expected (line 2, column 3, byte 5)"#),
    ("overlong-utf-8", r#"bytes that are not UTF-8 (line 1, column 3, byte 2)"#),
    (
        "raw-newline-in-string",
        r#"control character U+000A in a string; write it as \u000a (line 1, column 11, byte 10)"#,
    ),
    ("raw-nul-in-string", r#"control character U+0000 in a string; write it as \u0000 (line 1, column 4, byte 3)"#),
    ("raw-tab-in-string", r#"control character U+0009 in a string; write it as \u0009 (line 1, column 4, byte 3)"#),
    ("short-unicode-escape", r#"\u must be followed by four hexadecimal digits (line 1, column 3, byte 2)"#),
    ("signed-unicode-escape", r#"\u must be followed by four hexadecimal digits (line 1, column 3, byte 2)"#),
    ("trailing-comma-in-array", r#"']' where a JSON value is expected (line 1, column 7, byte 6)"#),
    ("trailing-comma-in-object", r#"'}' where a name in double quotes is expected (line 1, column 9, byte 8)"#),
    ("trailing-dot", r#"not a number as JSON writes it (line 1, column 2, byte 1)"#),
    ("trailing-text", r#"'x' after the end of the JSON value (line 1, column 10, byte 9)"#),
    ("two-documents", r#"'{' after the end of the JSON value (line 2, column 1, byte 9)"#),
    ("two-dots", r#"not a number as JSON writes it (line 1, column 2, byte 1)"#),
    ("two-high-surrogates", r#"half of a surrogate pair; the other half must follow (line 1, column 3, byte 2)"#),
    ("unclosed-array", r#"the text ends where ',' or ']' is expected (line 1, column 6, byte 5)"#),
    ("unclosed-object", r#"the text ends where ',' or '}' is expected (line 1, column 8, byte 7)"#),
    ("unclosed-string", r#"this string has no closing quote (line 1, column 7, byte 6)"#),
    ("undefined", r#"'u' where a JSON value is expected (line 1, column 7, byte 6)"#),
    (
        "unknown-escape",
        r#"an escape that JSON does not know; it has \" \\ \/ \b \f \n \r \t \u (line 1, column 5, byte 4)"#,
    ),
    ("utf-16", r#"a byte that is not UTF-8 where a JSON value is expected (line 1, column 1, byte 0)"#),
    ("utf-8-encoded-surrogate", r#"bytes that are not UTF-8 (line 1, column 3, byte 2)"#),
    ("value-in-single-quotes", r#"''' where a JSON value is expected (line 1, column 7, byte 6)"#),
    ("wrong-closing-bracket", r#"'}' where ',' or ']' is expected (line 1, column 12, byte 11)"#),
    ("wrong-unicode-escape", r#"\u must be followed by four hexadecimal digits (line 1, column 3, byte 2)"#),
    ("xml-body", r#"'<' where a JSON value is expected (line 1, column 1, byte 0)"#),
];

#[test]
fn each_broken_text_is_refused_with_its_exact_place_and_reason() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/broken/json");
    let mut expected: BTreeMap<String, &str> =
        BROKEN.iter().map(|(name, diagnostic)| (format!("{name}.json"), *diagnostic)).collect();
    assert_eq!(expected.len(), BROKEN.len(), "a file is listed twice");
    for entry in std::fs::read_dir(folder).expect("the folder of broken texts") {
        let entry = entry.expect("an entry of the folder");
        let name = entry.file_name().into_string().expect("a name in UTF-8");
        let text = std::fs::read(entry.path()).expect("a broken text");
        let found = match json::parse(&text, Limits::default()) {
            Ok(value) => format!("taken: {value}"),
            Err(error) => error.to_string(),
        };
        assert_eq!(Some(found.as_str()), expected.remove(&name), "{name}");
    }
    assert!(expected.is_empty(), "no such files: {expected:?}");
}

#[test]
fn nesting_without_end_is_refused_at_the_limit_and_not_by_the_stack() {
    for (open, step) in [("[", 1), ("{\"a\":", 5), ("[{\"a\":", 6)] {
        let text = open.repeat(10_000);
        let error = json::parse(text.as_bytes(), Limits::default()).expect_err("refused");
        assert!(error.message.contains("nested deeper than 64 levels"), "{error}");
        assert!(error.offset <= 64 * step, "{error}");
    }
    let deep = format!("{}{}", "[".repeat(64), "]".repeat(64));
    assert!(json::parse(deep.as_bytes(), Limits::default()).is_ok());
    assert!(json::parse(deep.as_bytes(), Limits { depth: 63, ..Limits::default() }).is_err());
    assert_eq!(json::locate("[".repeat(100_000).as_bytes(), ""), None);
}

#[test]
fn more_values_than_the_limit_are_refused() {
    let limits = Limits { values: 4, ..Limits::default() };
    assert!(json::parse(b"[1,2,3]", limits).is_ok());
    let error = json::parse(b"[1,2,3,4]", limits).expect_err("refused");
    assert_eq!(error.to_string(), "more than 4 values in one text (line 1, column 8, byte 7)");
}

#[test]
fn an_object_with_very_many_names_is_read_and_still_refuses_duplicates() {
    let mut names: Vec<String> = (0..100_000).map(|at| format!("\"n{at}\":{at}")).collect();
    let text = format!("{{{}}}", names.join(","));
    assert_eq!(parse(&text).as_object().map(Object::len), Some(100_000));
    names.push("\"n7\":0".into());
    let error = json::parse(format!("{{{}}}", names.join(",")).as_bytes(), Limits::default()).expect_err("refused");
    assert!(error.message.contains("\"n7\" appears twice"), "{error}");
}

#[test]
fn text_order_and_numbers_come_out_as_they_went_in() {
    for text in [
        r#"{"b":1,"a":2,"B":3,"":4}"#,
        "[0,-0,1.0,1.50,1e400,-1E-400,123456789012345678901234567890.000]",
        r#"["","é日本😀","\"\\/","\b\f\n\r\t","\u0000\u001f","\u007f"]"#,
        r#"[null,true,false,[],{},[[]],{"a":{}}]"#,
    ] {
        let printed = parse(text).to_text();
        assert_eq!(parse(&printed), parse(text));
        let unescaped = text.replace("\\u007f", "\u{7f}");
        assert_eq!(printed, unescaped);
    }
}

#[test]
fn escapes_stand_for_characters() {
    assert_eq!(parse(r#""\u00e9 \ud83d\ude00 \uD83D\uDE00 \/ \u0041""#).as_str(), Some("é 😀 😀 / A"));
}

#[test]
fn a_byte_order_mark_and_blanks_around_the_value_are_skipped() {
    assert_eq!(json::parse(b"\xef\xbb\xbf \r\n\t{} \n", Limits::default()), Ok(Json::Object(Object::new())));
}

#[test]
fn pretty_text_is_indented_and_means_the_same() {
    let value = parse(r#"{"a":[1,{"b":[]}],"c":{}}"#);
    let pretty = "{\n  \"a\": [\n    1,\n    {\n      \"b\": []\n    }\n  ],\n  \"c\": {}\n}";
    assert_eq!(value.to_pretty_text(), pretty);
    assert_eq!(parse(pretty), value);
}

#[test]
fn a_pointer_finds_the_same_value_in_the_tree_and_in_the_text() {
    let text = "\u{feff} { \"a/b\" : [ 10 , {\"m~n\":\"x\"} ] , \"\" : null, \"c\":{\"d\":true}, \"0\": 1.50 }";
    let value = parse(text);
    for (pointer, expected) in [
        ("/a~1b", Some("[ 10 , {\"m~n\":\"x\"} ]")),
        ("/a~1b/0", Some("10")),
        ("/a~1b/1/m~0n", Some("\"x\"")),
        ("/", Some("null")),
        ("/c/d", Some("true")),
        ("/0", Some("1.50")),
        ("/a~1b/2", None),
        ("/a~1b/x", None),
        ("/a~1b/01", None),
        ("/a~1b/+1", None),
        ("/c/d/e", None),
        ("/nope", None),
        ("nope", None),
    ] {
        let span = json::locate(text.as_bytes(), pointer);
        assert_eq!(span.map(|span| &text[span]), expected, "{pointer} in the text");
        let found = value.pointer(pointer).map(Json::to_text);
        assert_eq!(found, expected.map(|part| parse(part).to_text()), "{pointer} in the tree");
    }
    assert_eq!(json::locate(b" [1] ", ""), Some(1..4));
    assert_eq!(json::locate(b"{\"a\":", "/a"), None);
    assert_eq!(json::pointer_token("a/b~c"), "a~1b~0c");
}

#[test]
fn a_number_beyond_all_machine_types_is_still_a_number_to_the_general_library() {
    let numbers = parse("[1e400,-1e400,18446744073709551615,1.5]");
    assert_eq!(
        serde_json::to_string(&numbers).expect("written"),
        "[1.7976931348623157e+308,-1.7976931348623157e+308,18446744073709551615,1.5]"
    );
}

/// Any JSON value whose numbers and names are of every shape.
pub fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,9})?([eE][+-]?[0-9]{1,4})?"
            .prop_map(|text| Json::Number(Number::parse(&text).expect("the grammar of numbers"))),
        any::<String>().prop_map(Json::String),
    ];
    leaf.prop_recursive(5, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Json::Array),
            any_members(inner).prop_map(Json::Object),
        ]
    })
}

pub fn any_object() -> impl Strategy<Value = Object> {
    any_members(any_json())
}

fn any_members(value: impl Strategy<Value = Json>) -> impl Strategy<Value = Object> {
    let name = prop_oneof!["userName|emails|value|type|id|meta".prop_map(String::from), any::<String>()];
    prop::collection::vec((name, value), 0..8).prop_map(|members| members.into_iter().collect())
}

proptest! {
    #[test]
    fn what_is_printed_is_read_back(value in any_json()) {
        prop_assert_eq!(&parse(&value.to_text()), &value);
        prop_assert_eq!(&parse(&value.to_pretty_text()), &value);
        prop_assert_eq!(parse(&value.to_text()).to_text(), value.to_text());
    }

    #[test]
    fn what_is_printed_is_json_to_the_general_library_too(value in any_json()) {
        // Its numbers have a range; its grammar is the same.
        if let Err(error) = serde_json::from_str::<serde_json::Value>(&value.to_text()) {
            prop_assert!(error.to_string().contains("number out of range"), "{}", error);
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(text in prop::collection::vec(any::<u8>(), 0..64), pointer in "(/[a-z0-9~]{0,3}){0,3}") {
        let _ = json::parse(&text, Limits::default());
        let _ = json::locate(&text, &pointer);
    }

    #[test]
    fn no_damaged_json_makes_the_reader_panic_or_point_outside(value in any_json(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut text = value.to_text().into_bytes();
        let at = at.index(text.len());
        text[at] = byte;
        if let Err(error) = json::parse(&text, Limits::default()) {
            prop_assert!(error.offset <= text.len());
            prop_assert!(error.line >= 1 && error.column >= 1);
        }
        let _ = json::locate(&text, "/a/0");
    }
}
