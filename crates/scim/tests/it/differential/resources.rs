//! Bodies of POST for users and groups.

use proptest::prelude::*;
use scim::incoming;
use scim::json::{Json, Object};
use scim::leniency::{Leniency, Reading};
use scim_v2::models::group::Group;
use scim_v2::models::user::User;
use scim_v2::{Context, CreateRequest, Strict, Validate};

use crate::world::{ENTERPRISE, GROUP, USER, parse, shape};

fn ours(type_name: &str, body: &str) -> Result<Object, scim::error::ScimError> {
    let mut reading = Reading::new(shape(type_name), Leniency::STRICT);
    incoming::resource(&mut reading, parse(body), None)
}

fn user_of(body: &str) -> Result<User, serde_json::Error> {
    serde_json::from_str::<Strict<User<String>, CreateRequest>>(body).map(|strict| strict.into_valid().into_inner())
}

fn group_of(body: &str) -> Result<Group, serde_json::Error> {
    serde_json::from_str::<Strict<Group<String>, CreateRequest>>(body).map(|strict| strict.into_valid().into_inner())
}

/// Mostly a text, sometimes what no text attribute takes.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        12 => any::<String>().prop_map(|text| Json::from(text.as_str()).to_text()),
        6 => Just("\"x\"".to_owned()),
        1 => prop_oneof![Just("7"), Just("true"), Just("{}"), Just("[\"x\"]")].prop_map(str::to_owned),
    ]
}

fn members(names: &'static [&'static str]) -> impl Strategy<Value = String> {
    let one = (proptest::sample::select(names), text()).prop_map(|(name, text)| (name, format!("\"{name}\":{text}")));
    proptest::collection::vec(one, 0..names.len()).prop_map(|mut all| {
        all.sort();
        all.dedup_by_key(|(name, _)| *name);
        all.into_iter().map(|(_, member)| member).collect::<Vec<_>>().join(",")
    })
}

fn complex(names: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop_oneof![
        12 => members(names).prop_map(|members| format!("{{{members}}}")),
        1 => prop_oneof![Just("\"x\""), Just("7"), Just("[]"), Just("null")].prop_map(str::to_owned),
    ]
}

/// A list of values with `primary`, sometimes no list, sometimes with two that are preferred.
fn list(names: &'static [&'static str]) -> impl Strategy<Value = String> {
    let primary = prop_oneof![8 => Just(""), 2 => Just("\"primary\":true"), 1 => Just("\"primary\":false"), 1 => Just("\"primary\":7")];
    let element = (members(names), primary).prop_map(|(members, primary)| {
        [members.as_str(), primary].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(",")
    });
    // Elements with a type of their own: equal ones are a difference of their own.
    let numbered = |(at, element): (usize, &String)| {
        let comma = if element.is_empty() { "" } else { "," };
        format!("{{{element}{comma}\"type\":\"t{at}\"}}")
    };
    prop_oneof![
        12 => proptest::collection::vec(element, 0..3)
            .prop_map(move |all| format!("[{}]", all.iter().enumerate().map(numbered).collect::<Vec<_>>().join(","))),
        1 => prop_oneof![Just("\"x\""), Just("7"), Just("[7]"), Just("null")].prop_map(str::to_owned),
    ]
}

fn optional(name: &'static str, value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    proptest::option::of(value)
        .prop_map(move |value| value.map_or(String::new(), |value| format!(",\"{name}\":{value}")))
}

fn any_user() -> impl Strategy<Value = String> {
    const SIMPLE: &[&str] =
        &["displayName", "nickName", "title", "userType", "preferredLanguage", "locale", "timezone", "externalId"];
    let enterprise = (members(&["employeeNumber", "costCenter", "organization", "division", "department"]))
        .prop_map(|members| format!(",\"{ENTERPRISE}\":{{{members}}}"));
    let active = prop_oneof![Just(""), Just(",\"active\":true"), Just(",\"active\":false"), Just(",\"active\":7")];
    (
        prop_oneof![20 => text().prop_map(|text| format!(",\"userName\":{text}")), 1 => Just(String::new())],
        members(SIMPLE),
        optional("name", complex(&["formatted", "familyName", "givenName", "middleName", "honorificPrefix"])),
        active,
        optional("emails", list(&["value", "display"])),
        optional("phoneNumbers", list(&["value", "display"])),
        optional("addresses", list(&["formatted", "locality", "region", "postalCode", "country"])),
        optional("roles", list(&["value", "display"])),
        enterprise,
        prop_oneof![20 => Just(format!("[\"{USER}\",\"{ENTERPRISE}\"]")), 1 => Just("[]".to_owned()), 1 => Just("7".to_owned())],
    )
        .prop_map(|(name, simple, complex, active, emails, phones, addresses, roles, enterprise, schemas)| {
            let comma = if simple.is_empty() { "" } else { "," };
            format!("{{\"schemas\":{schemas}{name}{comma}{simple}{complex}{active}{emails}{phones}{addresses}{roles}{enterprise}}}")
        })
}

fn any_group() -> impl Strategy<Value = String> {
    let member = members(&["value", "display"]).prop_map(|members| format!("{{{members}}}"));
    let members = proptest::collection::vec(member, 0..4).prop_map(|all| format!(",\"members\":[{}]", all.join(",")));
    (
        prop_oneof![20 => text().prop_map(|text| format!(",\"displayName\":{text}")), 1 => Just(String::new())],
        prop_oneof![4 => members, 1 => Just(",\"members\":null".to_owned()), 1 => Just(",\"members\":7".to_owned())],
        prop_oneof![20 => Just(format!("[\"{GROUP}\"]")), 1 => Just("[]".to_owned())],
    )
        .prop_map(|(name, members, schemas)| format!("{{\"schemas\":{schemas}{name}{members}}}"))
}

/// With an id, as an answer has it, and without what an answer has not.
fn as_answer(mut resource: Object) -> String {
    resource.remove("password");
    resource.insert("id", "2819c223");
    Json::Object(resource).to_text()
}

/// For comparison without regard to the order of members.
fn plain(resource: Object) -> serde_json::Value {
    serde_json::from_str(&Json::Object(resource).to_text()).expect("JSON")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_user_is_a_user_to_both(body in any_user()) {
        match (ours("User", &body), user_of(&body)) {
            (Ok(ours_read), Ok(theirs)) => {
                // What they write is to us what we read ourselves, and what we answer is a valid answer to them.
                let written = serde_json::to_string(&theirs).expect("JSON");
                prop_assert_eq!(ours("User", &written).map(plain), Ok(plain(ours_read.clone())), "{}", body);
                let answered: User = serde_json::from_str(&as_answer(ours_read)).expect("a user");
                prop_assert!(answered.validate_as(Context::Response).is_ok(), "{}", body);
            }
            (Err(_), Err(_)) => {}
            (ours, theirs) => prop_assert!(false, "{}: we say {:?}, they {:?}", body, ours.err(), theirs.err()),
        }
    }

    #[test]
    fn a_group_is_a_group_to_both(body in any_group()) {
        match (ours("Group", &body), group_of(&body)) {
            (Ok(ours_read), Ok(theirs)) => {
                let written = serde_json::to_string(&theirs).expect("JSON");
                prop_assert_eq!(ours("Group", &written).map(plain), Ok(plain(ours_read.clone())), "{}", body);
                let answered: Group = serde_json::from_str(&as_answer(ours_read)).expect("a group");
                prop_assert!(answered.validate_as(Context::Response).is_ok(), "{}", body);
            }
            (Err(_), Err(_)) => {}
            (ours, theirs) => prop_assert!(false, "{}: we say {:?}, they {:?}", body, ours.err(), theirs.err()),
        }
    }
}

/// What only one of both takes, each with the reason.
#[test]
fn these_are_the_differences() {
    let with = |members: &str| format!(r#"{{"schemas":["{USER}"],"userName":"ada"{members}}}"#);
    for (body, taken_by_us, taken_by_them) in [
        // Equal elements are one element (RFC 7644 section 3.5.2.1); they count them first.
        (with(r#","emails":[{"value":"a","primary":true},{"value":"a","primary":true}]"#), true, false),
        // RFC 7644 section 3.3: what is readOnly in a request is ignored.
        (with(r#","id":"mine""#), true, false),
        // The extension is added to schemas, with a finding.
        (with(&format!(r#","{ENTERPRISE}":{{"department":"Tours"}}"#)), true, false),
        // RFC 7643 section 2.1: names are compared without regard to case.
        (with("").replace("userName", "USERNAME"), true, false),
        // URNs too are compared without regard to case.
        (with("").replace("core:2.0:User", "CORE:2.0:USER"), true, false),
        // RFC 7643 section 2.3.2: booleans are literals.
        (with(r#","active":"true""#), false, true),
        // RFC 7643 section 2.3.6: binary is base64.
        (with(r#","x509Certificates":[{"value":"not base64!"}]"#), false, true),
    ] {
        let taken = (ours("User", &body).is_ok(), user_of(&body).is_ok());
        assert_eq!(taken, (taken_by_us, taken_by_them), "{body}");
    }
}
