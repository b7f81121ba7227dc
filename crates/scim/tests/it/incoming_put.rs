//! What a PUT replaces and what it leaves (RFC 7644 section 3.5.1).

use scim::incoming::SECRET;
use scim::json::Json;
use scim::leniency::Leniency;

use crate::world::*;

fn existing_user() -> String {
    format!(
        r#"{{"schemas":["{USER}"],"id":"7","externalId":"x","userName":"ada","title":"Dr","password":"{SECRET}",
        "groups":[{{"value":"g1"}}],"meta":{{"resourceType":"User","version":"W/\"3\""}}}}"#
    )
}

fn existing_door() -> String {
    format!(
        r#"{{"schemas":["{DOOR}","{LOCK}"],"id":"9","label":"front","serial":"S1",
        "maker":{{"name":"Oak","since":"2020-01-01T00:00:00Z"}},"code":"{SECRET}","wear":"low",
        "owner":{{"value":"1","displayName":"Ada"}},"keys":[{{"value":"k1","holder":"Ada"}},{{"value":"k2","holder":"Bo"}}],
        "{LOCK}":{{"model":"M1","batch":"B1","state":"shut"}},"meta":{{"version":"1"}}}}"#
    )
}

/// PUT-03, PUT-04, PUT-06, PUT-09.
#[test]
fn what_clients_write_is_replaced_and_what_the_server_writes_stays() {
    let body = user(r#""id":"other","meta":{"version":"0"},"groups":[],"nickName":"Countess","externalId":null"#);
    let (result, findings) = put("User", Leniency::STRICT, &existing_user(), &body);
    assert_eq!(
        rest(result),
        format!(
            r#"{{"id":"7","nickName":"Countess","password":"{SECRET}","groups":[{{"value":"g1"}}],"meta":{{"resourceType":"User","version":"W/\"3\""}}}}"#
        )
    );
    assert_eq!(notes(&findings), "T11 /id, T11 /meta, T11 /groups");
}

/// PUT-04: an omitted password stays, `null` takes it away.
#[test]
fn a_write_only_attribute_stays_until_it_is_unassigned() {
    let (kept, _) = put("User", Leniency::STRICT, &existing_user(), &user(""));
    assert!(kept.expect("taken").get("password").is_some());
    let (cleared, _) = put("User", Leniency::STRICT, &existing_user(), &user(r#""PASSWORD":null"#));
    assert_eq!(cleared.expect("taken").get("password"), None);
}

/// PUT-05, TYPE-12.
#[test]
fn an_immutable_attribute_may_be_repeated_or_left_out_but_not_changed() {
    for (members, expected) in [
        ("", "taken"),
        (r#""serial":"s1""#, "taken"),
        (r#""maker":{"since":"2020-01-01T01:00:00+01:00","name":"OAK"}"#, "taken"),
        (r#""serial":"S2""#, "serial is immutable"),
        (r#""serial":null"#, "serial is immutable"),
        (r#""maker":{"name":"Oak"}"#, "maker is immutable"),
        (r#""maker":{"name":"Elm","since":"2020-01-01T00:00:00Z"}"#, "maker is immutable"),
    ] {
        let (result, _) = put("Door", Leniency::STRICT, &existing_door(), &door(members));
        match result {
            Ok(resource) => {
                assert_eq!(expected, "taken", "{members}");
                for name in ["serial", "maker"] {
                    assert!(resource.get(name).is_some(), "{members}: {name} is still there");
                }
            }
            Err(error) => {
                assert!(error.detail.starts_with(expected), "{members}: {}", error.detail);
                assert_eq!(refusal(Err(error)), "400 mutability at ");
            }
        }
    }
    let body = format!(r#"{{"schemas":["{DOOR}"],"label":"x","{LOCK}":{{"model":"M1","batch":"B2"}}}}"#);
    let (result, _) = put("Door", Leniency::STRICT, &existing_door(), &body);
    assert!(result.expect_err("refused").detail.starts_with(&format!("{LOCK}:batch is immutable")));
}

#[test]
fn an_immutable_attribute_that_has_no_value_takes_one() {
    let existing = format!(r#"{{"schemas":["{DOOR}","{LOCK}"],"id":"9","label":"front","{LOCK}":{{"model":"M1"}}}}"#);
    let (result, _) = put("Door", Leniency::STRICT, &existing, &door(r#""serial":"S9""#));
    assert_eq!(rest(result), r#"{"id":"9","serial":"S9"}"#);
}

/// TYPE-11 inside complex attributes and extensions.
#[test]
fn computed_parts_stay_with_the_value_that_they_belong_to() {
    let body = door(r#""owner":{"value":"1","displayName":"Eve"},"keys":[{"value":"k2"},{"value":"k3"}]"#);
    let (result, findings) = put("Door", Leniency::STRICT, &existing_door(), &body);
    let resource = result.expect("taken");
    assert_eq!(resource.get("owner").expect("there").to_text(), r#"{"value":"1","displayName":"Ada"}"#);
    assert_eq!(resource.get("keys").expect("there").to_text(), r#"[{"value":"k2","holder":"Bo"},{"value":"k3"}]"#);
    assert_eq!(resource.get("wear").and_then(Json::as_str), Some("low"));
    assert_eq!(resource.get(LOCK).expect("there").to_text(), r#"{"model":"M1","batch":"B1","state":"shut"}"#);
    assert_eq!(notes(&findings), "T11 /owner/displayName");
    let (result, _) = put("Door", Leniency::STRICT, &existing_door(), &door(r#""owner":{"value":"2"}"#));
    assert_eq!(result.expect("taken").get("owner").expect("there").to_text(), r#"{"value":"2"}"#);
}

/// PUT-07: what the existing resource had does not count.
#[test]
fn a_put_without_a_required_attribute_is_refused() {
    let body = format!(r#"{{"schemas":["{USER}"],"title":"Dr"}}"#);
    let (result, _) = put("User", Leniency::TOLERANT, &existing_user(), &body);
    assert_eq!(refusal(result), "400 invalidValue at ");
}

#[test]
fn members_of_a_group_are_replaced_as_a_whole() {
    let existing = format!(
        r#"{{"schemas":["{GROUP}"],"id":"g","displayName":"old","members":[{{"value":"1","display":"One"}},{{"value":"2"}}]}}"#
    );
    let body = format!(r#"{{"schemas":["{GROUP}"],"displayName":"new","members":[{{"value":"1","display":"Uno"}}]}}"#);
    let (result, _) = put("Group", Leniency::STRICT, &existing, &body);
    let expected = format!(
        r#"{{"schemas":["{GROUP}"],"id":"g","displayName":"new","members":[{{"value":"1","display":"Uno"}}]}}"#
    );
    assert_eq!(Json::Object(result.expect("taken")).to_text(), expected);
}
