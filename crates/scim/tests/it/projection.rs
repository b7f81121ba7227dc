//! Which attributes an answer shows (RFC 7644 section 3.9, RFC 7643 section 7).

use scim::document::Document;
use scim::json::Json;
use scim::projection::{Selection, project};
use scim::value::Value;

use crate::world::*;

fn resource_user() -> String {
    format!(
        r#"{{"schemas":["{USER}","{ENTERPRISE}"],"id":"1","externalId":"x","userName":"ada","name":{{"familyName":"L","givenName":"A"}},"password":"(set)","emails":[{{"value":"a@x","type":"work"}},{{"value":"b@x"}}],"addresses":[{{"locality":"Leith","primary":true}}],"{ENTERPRISE}":{{"department":"D","manager":{{"value":"9"}}}},"meta":{{"resourceType":"User","version":"W/\"1\""}}}}"#
    )
}

/// A user as shown, without `schemas`, `id` and `meta.version`, which must always be there.
fn shown(selection: &Selection) -> String {
    let stored = Document::pack(&object(&resource_user()));
    let mut shown = project(shape("User"), stored.value(), selection, &[]);
    let text = Json::Object(shown.clone()).to_text();
    let from_tree = project(shape("User"), Value::from(&object(&resource_user())), selection, &[]);
    assert_eq!(Json::Object(from_tree).to_text(), text, "a packed resource and a tree show the same");
    assert!(shown.remove("schemas").is_some(), "{text}");
    assert!(shown.remove("id").is_some(), "{text}");
    let meta = shown.get_mut("meta").and_then(Json::as_object_mut).expect(&text);
    assert!(meta.remove("version").is_some(), "{text}");
    if meta.is_empty() {
        shown.remove("meta");
    }
    Json::Object(shown).to_text()
}

fn only(list: &str) -> String {
    shown(&Selection::attributes(shape("User"), list))
}

fn without(list: &str) -> String {
    shown(&Selection::excluded(shape("User"), list))
}

/// GET-07, USR-02.
#[test]
fn without_a_selection_everything_but_secrets_is_shown() {
    let everything = shown(&Selection::all());
    assert!(everything.contains(r#""name":{"familyName":"L","givenName":"A"}"#), "{everything}");
    assert!(everything.contains(r#""primary":true"#), "{everything}");
    assert!(!everything.contains("password"), "{everything}");
    assert_eq!(shown(&Selection::attributes(shape("User"), " , ")), everything, "no names are no selection");
}

/// ATT-02, ATT-05, ATT-07, ATT-08.
#[test]
fn attributes_show_what_they_name_beside_what_is_always_shown() {
    for (list, expected) in [
        ("userName", r#"{"userName":"ada"}"#),
        ("USERNAME, displayName", r#"{"userName":"ada"}"#),
        ("name.givenName", r#"{"name":{"givenName":"A"}}"#),
        ("name.givenName,name", r#"{"name":{"familyName":"L","givenName":"A"}}"#),
        ("emails.type", r#"{"emails":[{"type":"work"}]}"#),
        ("emails.display", "{}"),
        ("addresses.primary", r#"{"addresses":[{"primary":true}]}"#),
        ("meta.resourceType", r#"{"meta":{"resourceType":"User"}}"#),
        ("password", "{}"),
        ("nope,emails[x,name.nope,urn:a:b", "{}"),
        ("urn:ietf:params:scim:schemas:core:2.0:User:userName", r#"{"userName":"ada"}"#),
        ("urn:ietf:params:scim:schemas:core:2.0:USER:name.familyName", r#"{"name":{"familyName":"L"}}"#),
    ] {
        assert_eq!(only(list), expected, "{list}");
    }
    assert_eq!(only(ENTERPRISE), format!(r#"{{"{ENTERPRISE}":{{"department":"D","manager":{{"value":"9"}}}}}}"#));
    assert_eq!(only(&format!("{ENTERPRISE}:Department")), format!(r#"{{"{ENTERPRISE}":{{"department":"D"}}}}"#));
    assert_eq!(
        only(&format!("{ENTERPRISE}:manager.value")),
        format!(r#"{{"{ENTERPRISE}":{{"manager":{{"value":"9"}}}}}}"#)
    );
    assert_eq!(only("department"), "{}", "an extension's attribute needs its URN");
    let base = only(USER);
    assert!(base.contains("userName") && !base.contains(ENTERPRISE) && !base.contains("externalId"), "{base}");
}

/// ATT-03.
#[test]
fn excluded_attributes_hide_what_they_name_but_never_what_is_always_shown() {
    let all_but = |hidden: &[&str]| {
        let mut rest = object(&shown(&Selection::all()));
        for name in hidden {
            rest.remove(name);
        }
        Json::Object(rest).to_text()
    };
    assert_eq!(without("id,schemas,meta.version,password,nope"), all_but(&[]));
    assert_eq!(without("EMAILS,externalId"), all_but(&["emails", "externalId"]));
    assert_eq!(without("meta"), all_but(&["meta"]));
    assert_eq!(without(ENTERPRISE), all_but(&[ENTERPRISE]));
    assert_eq!(without(&format!("{ENTERPRISE}:department,{ENTERPRISE}:manager")), all_but(&[ENTERPRISE]));
    assert!(without("emails.value").contains(r#""emails":[{"type":"work"}]"#));
    assert!(without("name.givenName").contains(r#""name":{"familyName":"L"}"#));
}

fn door_shown(selection: &Selection, written: &[&str]) -> String {
    let door = object(&format!(
        r#"{{"schemas":["{DOOR}","{LOCK}"],"id":"9","label":"front","plate":"P","notes":"N","code":"(set)","owner":{{"value":"1","pin":"0","comment":"c"}},"{LOCK}":{{"model":"M1","log":"L"}}}}"#
    ));
    let written: Vec<String> = written.iter().map(|path| (*path).to_owned()).collect();
    let mut shown = project(shape("Door"), Value::from(&door), selection, &written);
    assert!(shown.remove("schemas").is_some() && shown.remove("id").is_some());
    Json::Object(shown).to_text()
}

/// TYPE-14, ATT-06: each row of the table "return rules".
#[test]
fn what_is_returned_on_request_is_shown_if_it_is_named_or_was_written() {
    let all = Selection::all();
    let only = |list: &str| Selection::attributes(shape("Door"), list);
    let without = |list: &str| Selection::excluded(shape("Door"), list);
    let usual = format!(r#"{{"label":"front","plate":"P","owner":{{"value":"1"}},"{LOCK}":{{"model":"M1"}}}}"#);
    assert_eq!(door_shown(&all, &[]), usual);
    assert_eq!(door_shown(&without("label"), &[]), usual.replace(r#""label":"front","#, ""));
    assert_eq!(door_shown(&without("plate"), &[]), usual);
    assert_eq!(door_shown(&only("notes"), &[]), r#"{"plate":"P","notes":"N"}"#);
    assert_eq!(door_shown(&only("code"), &["code"]), r#"{"plate":"P"}"#);
    let with_notes = usual.replace(r#""plate":"P","#, r#""plate":"P","notes":"N","#);
    assert_eq!(door_shown(&all, &["Notes"]), with_notes);
    assert_eq!(door_shown(&all, &["label", "nope"]), usual);
    assert_eq!(door_shown(&only("label"), &["notes"]), r#"{"label":"front","plate":"P","notes":"N"}"#);
    assert_eq!(door_shown(&without("notes"), &["notes"]), usual);
    assert_eq!(door_shown(&only(&format!("{LOCK}:log")), &[]), format!(r#"{{"plate":"P","{LOCK}":{{"log":"L"}}}}"#));
    assert_eq!(door_shown(&all, &[&format!("{LOCK}:log")]), usual.replace(r#""M1""#, r#""M1","log":"L""#));
}

#[test]
fn sub_attributes_follow_their_own_rules() {
    let all = Selection::all();
    let only = |list: &str| Selection::attributes(shape("Door"), list);
    let owner = |owner: &str| format!(r#"{{"plate":"P","owner":{owner}}}"#);
    assert_eq!(door_shown(&only("owner"), &[]), owner(r#"{"value":"1"}"#));
    assert_eq!(door_shown(&only("owner.comment"), &[]), owner(r#"{"comment":"c"}"#));
    assert_eq!(door_shown(&only("owner,owner.comment"), &[]), owner(r#"{"value":"1","comment":"c"}"#));
    assert_eq!(door_shown(&only("owner.pin"), &[]), r#"{"plate":"P"}"#);
    for written in ["owner", "owner.comment", r#"owner[value eq "]"].comment"#] {
        let shown = door_shown(&all, &[written]);
        assert!(shown.contains(r#""owner":{"value":"1","comment":"c"}"#), "{written}: {shown}");
    }
    assert!(!door_shown(&all, &["owner.value"]).contains("comment"));
}

#[test]
fn names_that_the_schema_does_not_have_are_told() {
    let selection = Selection::attributes(shape("User"), "userName, nope ,name.x,urn:a:b");
    assert_eq!(selection.unknown(), ["nope", "name.x", "urn:a:b"]);
    let flood = "userName,".repeat(50_000);
    assert_eq!(shown(&Selection::attributes(shape("User"), &flood)), r#"{"userName":"ada"}"#);
}
