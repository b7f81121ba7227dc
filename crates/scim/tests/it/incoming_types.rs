//! Values against the types of their attributes (RFC 7643 section 2.3), and what real clients send instead.

use scim::finding::Severity;
use scim::incoming;
use scim::json::Json;
use scim::leniency::{Leniency, Reading};

use crate::world::*;

/// TYPE-01 to TYPE-05: what both profiles take.
#[test]
fn values_that_fit_are_kept_as_they_are() {
    for members in [
        r#""height":9007199254740993"#,
        r#""height":-0"#,
        r#""height":-9223372036854775808"#,
        r#""weight":0.1000000000000000000000000000000000001"#,
        r#""weight":1.50"#,
        r#""weight":1e2"#,
        r#""weight":7"#,
        r#""built":"2026-01-31T09:30:00Z""#,
        r#""built":"2026-01-31T09:30:00.123456+02:00""#,
        r#""built":"2026-01-31T09:30:00""#,
        r#""picture":"aGVsbG8=""#,
        r#""picture":"aGVsbG8""#,
        r#""picture":"_-8=""#,
        r#""picture":"/+8=""#,
        r#""manual":"../manual.pdf""#,
        r#""plate":"""#,
        r#""tags":["a","A b"]"#,
    ] {
        for leniency in [Leniency::TOLERANT, Leniency::STRICT] {
            let (result, findings) = post("Door", leniency, &door(members));
            let expected = if members.contains("tags") { r#""tags":["a","A b"]"# } else { members };
            assert_eq!(rest(result), format!("{{{expected}}}"));
            assert_eq!(notes(&findings), "", "{members}");
        }
    }
}

/// TYPE-01 to TYPE-05: what neither profile takes.
#[test]
fn values_that_do_not_fit_are_refused_with_their_place() {
    for (members, place) in [
        (r#""height":1.0"#, "/height"),
        (r#""height":1e3"#, "/height"),
        (r#""height":"5""#, "/height"),
        (r#""height":9223372036854775808"#, "/height"),
        (r#""height":-1e400"#, "/height"),
        (r#""weight":1e400"#, "/weight"),
        (r#""weight":"1.5""#, "/weight"),
        (r#""built":"2026-01-01""#, "/built"),
        (r#""built":"yesterday""#, "/built"),
        (r#""built":1767225600"#, "/built"),
        (r#""picture":"not base64!""#, "/picture"),
        (r#""picture":"aGVsbG8==""#, "/picture"),
        (r#""manual":{"href":"x"}"#, "/manual"),
        (r#""plate":5"#, "/plate"),
        (r#""plate":true"#, "/plate"),
        (r#""plate":["x"]"#, "/plate"),
        (r#""tags":[["x"]]"#, "/tags/0"),
        (r#""tags":["x",5]"#, "/tags/1"),
        (r#""owner":5"#, "/owner"),
        (r#""owner":[{"value":"a"},{"value":"b"}]"#, "/owner"),
        (r#""owner":{"value":{"x":1}}"#, "/owner/value"),
        (r#""keys":[{"value":"k","primary":"maybe"}]"#, "/keys/0/primary"),
        (r#""keys":[5]"#, "/keys/0"),
        (r#""keys":[[]]"#, "/keys/0"),
    ] {
        for leniency in [Leniency::TOLERANT, Leniency::STRICT] {
            let (result, _) = post("Door", leniency, &door(members));
            assert_eq!(refusal(result), format!("400 invalidValue at {place}"), "{members}");
        }
    }
}

#[test]
fn a_refusal_names_the_attribute_what_it_takes_and_what_was_found() {
    for (members, detail) in [
        (r#""active":"yes""#, r#"active must be true or false, but the value at /active is the string "yes""#),
        (r#""name":"Ada""#, r#"name must be an object, but the value at /name is the string "Ada""#),
        (
            r#""emails":[{"value":7}]"#,
            "emails.value must be a string, but the value at /emails/0/value is the number 7",
        ),
        (r#""title":{}"#, "title must be a string, but the value at /title is an object"),
    ] {
        let (result, _) = post("User", Leniency::TOLERANT, &user(members));
        assert_eq!(result.expect_err("refused").detail, detail);
    }
    let endless = format!(r#""active":"{}""#, "é".repeat(10_000));
    let (result, _) = post("User", Leniency::TOLERANT, &user(&endless));
    assert!(result.expect_err("refused").detail.len() < 400);
}

/// T3, T7, T8, T13: taken by the tolerant profile with a finding, refused by the strict one.
#[test]
fn deviations_of_real_clients_are_taken_where_the_profile_says_so() {
    let manager = format!(r#""{ENTERPRISE}":{{"manager":"#);
    for (members, kept, noted) in [
        (r#""active":"False""#.to_owned(), r#"{"active":false}"#.to_owned(), "T3 /active".to_owned()),
        (r#""active":"TRUE""#.into(), r#"{"active":true}"#.into(), "T3 /active".into()),
        (
            r#""emails":[{"value":"a","primary":"true"}]"#.into(),
            r#"{"emails":[{"value":"a","primary":true}]}"#.into(),
            "T3 /emails/0/primary".into(),
        ),
        (
            r#""emails":{"value":"a","type":"work"}"#.into(),
            r#"{"emails":[{"value":"a","type":"work"}]}"#.into(),
            "T13 /emails".into(),
        ),
        (
            r#""emails":["a@example.com"]"#.into(),
            r#"{"emails":[{"value":"a@example.com"}]}"#.into(),
            "T7 /emails/0".into(),
        ),
        (
            r#""emails":"a@example.com""#.into(),
            r#"{"emails":[{"value":"a@example.com"}]}"#.into(),
            "T13 /emails, T7 /emails".into(),
        ),
        (
            format!(r#"{manager}"42"}}"#),
            format!(r#"{{"{ENTERPRISE}":{{"manager":{{"value":"42"}}}}}}"#),
            format!("T7 /{ENTERPRISE}/manager, schemas-incomplete /schemas"),
        ),
        (
            format!(r#"{manager}[{{"value":"42","$ref":"../Users/42"}}]}}"#),
            format!(r#"{{"{ENTERPRISE}":{{"manager":{{"value":"42"}}}}}}"#),
            format!("T7 /{ENTERPRISE}/manager, schemas-incomplete /schemas"),
        ),
        (r#""active":"""#.into(), "{}".into(), "T8 /active".into()),
        (r#""emails":"""#.into(), "{}".into(), "T13 /emails, T8 /emails".into()),
    ] {
        let (result, findings) = post("User", Leniency::TOLERANT, &user(&members));
        assert_eq!(rest(result), kept, "{members}");
        assert_eq!(notes(&findings), noted);
        assert!(findings.iter().all(|f| f.code == "schemas-incomplete" || f.severity == Severity::Tolerated));
        let (result, _) = post("User", Leniency::STRICT, &user(&members));
        assert!(refusal(result).starts_with("400 invalidValue at /"), "{members}");
    }
    for unfit in [r#""name":"Ada""#, r#""addresses":["1 Dock Road"]"#] {
        let (result, _) = post("User", Leniency::TOLERANT, &user(unfit));
        assert!(refusal(result).starts_with("400 invalidValue"), "{unfit}: there is no declared value to put it");
    }
}

#[test]
fn a_list_inside_a_list_of_one_is_no_value() {
    let (result, _) = post("Door", Leniency::TOLERANT, &door(r#""owner":[["a"]]"#));
    assert_eq!(refusal(result), "400 invalidValue at /owner/0");
}

#[test]
fn an_empty_string_is_a_text_like_any_other_in_a_body() {
    for leniency in [Leniency::TOLERANT, Leniency::STRICT] {
        let (result, findings) = post("User", leniency, &user(r#""title":"","emails":[{"value":""}]"#));
        assert_eq!(rest(result), r#"{"title":"","emails":[{"value":""}]}"#);
        assert_eq!(notes(&findings), "");
    }
}

/// T8, for callers that replace one value by another.
#[test]
fn only_an_empty_string_and_only_where_it_is_taken_unassigns() {
    let mut tolerant = Reading::new(shape("User"), Leniency::TOLERANT);
    assert!(incoming::empty_unassigns(&mut tolerant, &Json::from(""), "/Operations/0/value"));
    assert_eq!(notes(&tolerant.findings), "T8 /Operations/0/value");
    assert!(!incoming::empty_unassigns(&mut tolerant, &Json::from(" "), ""));
    assert!(!incoming::empty_unassigns(&mut tolerant, &Json::Null, ""));
    let mut strict = Reading::new(shape("User"), Leniency::STRICT);
    assert!(!incoming::empty_unassigns(&mut strict, &Json::from(""), ""));
    assert_eq!(strict.findings, []);
}

/// TYPE-09.
#[test]
fn a_value_that_is_not_canonical_is_kept_and_noted() {
    let (result, findings) = post(
        "User",
        Leniency::STRICT,
        &user(r#""emails":[{"value":"a","type":"WORK"},{"value":"b","type":"private"},{"value":"c","type":""}]"#),
    );
    assert_eq!(
        rest(result),
        r#"{"emails":[{"value":"a","type":"WORK"},{"value":"b","type":"private"},{"value":"c","type":""}]}"#
    );
    assert_eq!(notes(&findings), "non-canonical-value /emails/1/type");
    assert_eq!(findings[0].severity, Severity::Info);
}

/// TYPE-07.
#[test]
fn at_most_one_element_is_primary() {
    for (emails, expected) in [
        (r#"{"value":"a","primary":true},{"value":"b"},{"value":"c","primary":true}"#, "400 invalidValue at /emails/2"),
        (r#"{"value":"a"},{"value":"A","primary":true},{"value":"b","primary":true}"#, "400 invalidValue at /emails/2"),
    ] {
        for leniency in [Leniency::TOLERANT, Leniency::STRICT] {
            let (result, _) = post("User", leniency, &user(&format!(r#""emails":[{emails}]"#)));
            assert_eq!(refusal(result), expected);
        }
    }
    let (result, _) = post(
        "User",
        Leniency::STRICT,
        &user(r#""emails":[{"value":"a","primary":true},{"value":"b","primary":false}]"#),
    );
    assert!(result.is_ok());
}

/// TYPE-08.
#[test]
fn an_element_that_is_already_there_is_merged_into_the_first() {
    for (members, kept) in [
        (
            r#""emails":[{"value":"A@x","type":"work"},{"type":"Work","value":"a@X","primary":true}]"#,
            r#"{"emails":[{"value":"A@x","type":"work","primary":true}]}"#,
        ),
        (r#""addresses":[{"locality":"Leith"},{"locality":"leith"}]"#, r#"{"addresses":[{"locality":"Leith"}]}"#),
    ] {
        let (result, findings) = post("User", Leniency::STRICT, &user(members));
        assert_eq!(rest(result), kept);
        assert!(notes(&findings).starts_with("duplicate-element /"), "{}", notes(&findings));
    }
    let different = r#""emails":[{"value":"a","type":"work"},{"value":"a","type":"home"},{"value":"a"}]"#;
    let (result, findings) = post("User", Leniency::STRICT, &user(different));
    assert_eq!(rest(result), format!("{{{different}}}"));
    assert_eq!(notes(&findings), "");
    let (result, _) = post("Door", Leniency::STRICT, &door(r#""tags":["a","b","A"]"#));
    assert_eq!(rest(result), r#"{"tags":["a","b"]}"#);
}

/// The doors that PATCH uses: pointers begin where the caller says.
#[test]
fn a_single_value_is_read_with_the_callers_pointer() {
    let mut reading = Reading::new(shape("User"), Leniency::TOLERANT);
    let attribute = shape("User").core_attribute("emails").expect("there");
    let read = incoming::value(&mut reading, attribute, parse(r#"[{"VALUE":"a"}]"#), "/Operations/2/value");
    assert_eq!(read.expect("taken").expect("assigned").to_text(), r#"[{"value":"a"}]"#);
    let read =
        incoming::element(&mut reading, attribute, parse(r#"{"value":"a","primary":"True"}"#), "/Operations/3/value");
    assert_eq!(read.expect("taken").expect("assigned").to_text(), r#"{"value":"a","primary":true}"#);
    assert_eq!(notes(&reading.findings), "name-case /Operations/2/value/0/VALUE, T3 /Operations/3/value/primary");
    assert_eq!(incoming::value(&mut reading, attribute, Json::Null, ""), Ok(None));
    assert_eq!(incoming::value(&mut reading, attribute, parse("[]"), ""), Ok(None));
    assert_eq!(incoming::element(&mut reading, attribute, Json::Null, ""), Ok(None));
}
