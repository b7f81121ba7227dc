//! User, Group and Enterprise User (RFC 7643 section 4).

use serde_json::json;
use testkit::bench::{BASE, Bench, ENTERPRISE, GROUP, id, user};
use testkit::rule_tests;

rule_tests! {
    ["USR-01"] a_user_has_a_name_that_no_other_has;
    ["USR-02"] a_password_comes_back_in_no_answer;
    ["USR-03"] a_filter_on_passwords_is_refused;
    ["USR-04"] a_formatted_name_is_what_the_client_wrote;
    ["USR-05"] a_locale_may_have_an_underscore;
    ["USR-06"] addresses_and_numbers_are_kept_as_sent_and_found_without_case;
    ["USR-07"] a_country_of_more_than_two_letters_is_noted;
    ["USR-08"] a_certificate_is_base64;
    ["USR-09", "USR-10"] the_groups_of_a_user_follow_membership;
    ["USR-11"] a_group_has_a_display_name;
    ["USR-12"] groups_are_members_of_groups;
    ["USR-13"] the_name_of_a_manager_is_computed;
    ["USR-14"] active_is_kept_as_written;
}

fn a_user_has_a_name_that_no_other_has(bench: &Bench) {
    for server in bench.both() {
        for name in [json!(null), json!("")] {
            let mut body = user("x", &json!({}));
            body["userName"] = name;
            server.post("/Users", &body).refused(400, Some("invalidValue"));
        }
        server.user("Ada@example.com", &json!({}));
        server.post("/Users", &user("aDA@EXAMPLE.com", &json!({}))).refused(409, Some("uniqueness"));
    }
}

fn a_password_comes_back_in_no_answer(bench: &Bench) {
    for server in bench.both() {
        let created = server.post("/Users?attributes=password", &user("ada", &json!({ "password": "t1meMa$heen" })));
        let path = format!("/Users/{}", created.created());
        let patch = json!([{ "op": "replace", "path": "password", "value": "0ther-Secret" }]);
        let answers = [
            created,
            server.get(&path),
            server.get(&format!("{path}?attributes=password")),
            server.get("/Users?attributes=password"),
            server.put(&path, &user("ada", &json!({ "password": "t1meMa$heen" }))),
            server.patch(&format!("{path}?attributes=password"), &patch),
        ];
        for answer in answers {
            assert!((200..300).contains(&answer.status), "{}", answer.text());
            assert!(!answer.text().contains("password"), "{}", answer.text());
            assert!(
                !answer.text().contains("t1meMa$heen") && !answer.text().contains("0ther-Secret"),
                "{}",
                answer.text()
            );
        }
    }
}

fn a_filter_on_passwords_is_refused(bench: &Bench) {
    for server in bench.both() {
        server.user("ada", &json!({ "password": "t1meMa$heen" }));
        server.filtered("/Users", "password eq \"t1meMa$heen\"").refused(400, Some("invalidFilter"));
        server.filtered("/Users", "password sw \"t\"").refused(400, Some("invalidFilter"));
    }
}

fn a_formatted_name_is_what_the_client_wrote(bench: &Bench) {
    for server in bench.both() {
        let name = json!({ "formatted": "Ms. Ada Lovelace", "givenName": "Ada", "familyName": "Lovelace" });
        let path = server.user("ada", &json!({ "name": name }));
        assert_eq!(server.get(&path).at("/name"), name);
        let parts = json!({ "givenName": "Grace", "familyName": "Hopper" });
        let path = server.user("grace", &json!({ "name": parts }));
        // Made up, it would disagree with the parts as soon as a client changed one of them.
        assert_eq!(server.get(&path).at("/name"), parts);
    }
}

fn a_locale_may_have_an_underscore(bench: &Bench) {
    for server in bench.both() {
        let path = server.user("ada", &json!({ "locale": "en_US", "preferredLanguage": "de-CH" }));
        assert_eq!(server.get(&path).at("/locale"), "en_US");
    }
}

fn addresses_and_numbers_are_kept_as_sent_and_found_without_case(bench: &Bench) {
    for server in bench.both() {
        let sent = json!({
            "emails": [{ "value": "Ada@EXAMPLE.com", "type": "work" }],
            "phoneNumbers": [{ "value": "tel:+1-201-555-0123" }, { "value": "(201) 555-0199" }],
        });
        let path = server.user("ada", &sent);
        let read = server.get(&path);
        assert_eq!(
            (read.at("/emails"), read.at("/phoneNumbers")),
            (sent["emails"].clone(), sent["phoneNumbers"].clone())
        );
        assert_eq!(server.found("emails.value eq \"ada@example.COM\""), ["ada"]);
        assert_eq!(server.found("phoneNumbers.value eq \"TEL:+1-201-555-0123\""), ["ada"]);
    }
}

fn a_country_of_more_than_two_letters_is_noted(bench: &Bench) {
    for server in bench.both() {
        let named = |country: &str| user(country, &json!({ "addresses": [{ "country": country, "type": "work" }] }));
        let long = server.post("/Users", &named("USA"));
        assert_eq!(long.expect(201).at("/addresses/0/country"), "USA");
        assert!(long.findings.contains(&"country-code".to_owned()), "{:?}", long.findings);
        let short = server.post("/Users", &named("US"));
        assert!(!short.findings.contains(&"country-code".to_owned()), "{:?}", short.findings);
    }
}

fn a_certificate_is_base64(bench: &Bench) {
    for server in bench.both() {
        let path = server.user("ada", &json!({ "x509Certificates": [{ "value": "MIIDQzCCAqygAwIBAgICEAA=" }] }));
        assert_eq!(server.get(&path).at("/x509Certificates/0/value"), "MIIDQzCCAqygAwIBAgICEAA=");
        let pem = json!({ "x509Certificates": [{ "value": "-----BEGIN CERTIFICATE-----" }] });
        server.post("/Users", &user("grace", &pem)).refused(400, Some("invalidValue"));
    }
}

fn the_groups_of_a_user_follow_membership(bench: &Bench) {
    for server in bench.both() {
        let ada = server.user("ada", &json!({}));
        let group = server.group("Analysts", &[id(&ada)]);
        let expected =
            json!({ "value": id(&group), "$ref": format!("{BASE}{group}"), "display": "Analysts", "type": "direct" });
        assert_eq!(server.get(&ada).at("/groups/0"), expected);
        let foreign = json!([{ "op": "add", "path": "groups", "value": [{ "value": "other" }] }]);
        server.patch(&ada, &foreign).refused(400, Some("mutability"));
        server.put(&ada, &user("ada", &json!({ "groups": [] }))).expect(200);
        assert_eq!(server.get(&ada).at("/groups/0"), expected);
        let leave = json!([{ "op": "remove", "path": format!("members[value eq \"{}\"]", id(&ada)) }]);
        server.patch(&group, &leave).expect(200);
        assert_eq!(server.get(&ada).value().get("groups"), None);
    }
}

fn a_group_has_a_display_name(bench: &Bench) {
    for server in bench.both() {
        server.post("/Groups", &json!({ "schemas": [GROUP] })).refused(400, Some("invalidValue"));
        server.post("/Groups", &json!({ "schemas": [GROUP], "displayName": "" })).refused(400, Some("invalidValue"));
        let group = server.group("g", &[]);
        server.patch(&group, &json!([{ "op": "remove", "path": "displayName" }])).refused(400, Some("mutability"));
    }
}

fn groups_are_members_of_groups(bench: &Bench) {
    for server in bench.both() {
        let inner = server.group("Inner", &[]);
        let outer = server.get(&server.group("Outer", &[id(&inner)]));
        assert_eq!(
            (outer.at("/members/0/value"), outer.at("/members/0/$ref")),
            (json!(id(&inner)), json!(format!("{BASE}{inner}")))
        );
    }
}

fn the_name_of_a_manager_is_computed(bench: &Bench) {
    for server in bench.both() {
        let grace = server.user("grace", &json!({ "displayName": "Grace Hopper" }));
        let ada =
            server.user("ada", &json!({ ENTERPRISE: { "manager": { "value": id(&grace), "displayName": "Nobody" } } }));
        let manager = server.get(&ada).value()[ENTERPRISE]["manager"].clone();
        assert_eq!((&manager["value"], &manager["displayName"]), (&json!(id(&grace)), &json!("Grace Hopper")));
        assert_eq!(manager["$ref"], format!("{BASE}{grace}"));
    }
}

fn active_is_kept_as_written(bench: &Bench) {
    for server in bench.both() {
        let path = server.user("ada", &json!({ "active": false }));
        assert_eq!(server.get(&path).at("/active"), false);
        assert_eq!(server.found("active eq false"), ["ada"]);
    }
}
