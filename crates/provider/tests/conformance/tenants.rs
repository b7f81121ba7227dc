//! Tenants, their URLs, and what credentials are good for (RFC 7644 sections 1.3, 2, 6 and 7).

use std::sync::Arc;

use jiff::SignedDuration;
use provider::{Access, Credential, Profile, PublicUrl, Scope, Secret, TenantSettings};
use scim::schema::Registry;
use serde_json::json;
use testkit::bench::{Bench, Server, TOKEN, id, user};
use testkit::{Ask, Reply, rule_tests};

rule_tests! {
    ["HTTP-01"] a_base_url_has_no_query;
    ["HTTP-12", "RES-20"] tenants_do_not_see_each_other;
    ["HTTP-13"] who_may_only_read_is_forbidden_to_write;
    ["AUTH-03"] basic_and_header_credentials_admit_if_the_tenant_has_them;
    ["AUTH-04"] a_token_cannot_be_guessed_and_expires;
    ["AUTH-05"] an_open_tenant_asks_for_nothing;
    ["AUTH-07"] a_sensitive_filter_in_a_url_is_refused_as_such;
}

/// A credential beside the token of the tenant.
fn add(server: &Server, secret: Secret, scopes: &[Scope], lifetime_s: Option<i64>) {
    let now = server.provider.now();
    let credential = Arc::new(Credential {
        id: "more".into(),
        name: "more".into(),
        secret,
        scopes: scopes.to_vec(),
        created_at: now,
        expires_at: lifetime_s.map(|seconds| now + SignedDuration::from_secs(seconds)),
        revoked_at: None,
    });
    server.provider.tenant().change(|settings| settings.access.credentials.push(Arc::clone(&credential)));
}

fn bearer(server: &Server, ask: Ask, token: &str) -> Reply {
    server.ask_plain(ask.with("Authorization", &format!("Bearer {token}")))
}

fn a_base_url_has_no_query(bench: &Bench) {
    assert!("https://scim.example.com/v2?tenant=1".parse::<PublicUrl>().is_err());
    let server = bench.tolerant();
    let public: PublicUrl = "https://scim.example.com/acme".parse().expect("a URL");
    server.provider.tenant().change(|settings| settings.public_url = Some(public.clone()));
    let created = server.post("/Users", &user("ada", &json!({})));
    let location = created.expect(201).string("/meta/location");
    assert_eq!(location, format!("https://scim.example.com/acme/Users/{}", created.string("/id")));
    assert_eq!(created.header("Location"), Some(location.as_str()));
}

fn tenants_do_not_see_each_other(bench: &Bench) {
    let server = bench.tolerant();
    let profile = Profile::preset("tolerant").expect("a preset");
    let settings = TenantSettings::new(profile, Access::bearer(TOKEN, server.provider.now()));
    server.provider.create("other", settings, Arc::new(Registry::builtin())).expect("a tenant");
    let here = server.user("ada", &json!({ "externalId": "7" }));
    let there = server.post("/t/other/scim/v2/Users", &user("ADA", &json!({ "externalId": "7" })));
    assert!(there.expect(201).string("/meta/location").contains("/t/other/scim/v2/Users/"));
    assert_eq!(server.get("/Users").listed("/userName"), ["ada"]);
    assert_eq!(server.get("/t/other/scim/v2/Users").listed("/userName"), ["ADA"]);
    server.get(&format!("/t/other/scim/v2/Users/{}", id(&here))).refused(404, None);
}

fn who_may_only_read_is_forbidden_to_write(bench: &Bench) {
    let server = bench.tolerant();
    let path = server.user("ada", &json!({}));
    add(&server, Secret::Bearer { token: "reader-reader-reader".into() }, &[Scope::Read], None);
    bearer(&server, Ask::new("GET", &path), "reader-reader-reader").expect(200);
    for ask in [Ask::json("POST", "/Users", &user("grace", &json!({}))), Ask::new("DELETE", &path)] {
        bearer(&server, ask.clone(), "reader-reader-reader").refused(403, None);
        bearer(&server, ask, "nobody").refused(401, None);
    }
    assert_eq!(server.get("/Users").listed("/userName"), ["ada"]);
}

fn basic_and_header_credentials_admit_if_the_tenant_has_them(bench: &Bench) {
    let server = bench.tolerant();
    let basic = Ask::new("GET", "/Users").with("Authorization", "Basic YWRhOmNvdW50ZXNz");
    let own = Ask::new("GET", "/Users").with("X-Key", "a-key-of-its-own");
    server.ask_plain(basic.clone()).refused(401, None);
    server.ask_plain(own.clone()).refused(401, None);
    add(&server, Secret::Basic { username: "ada".into(), password: "countess".into() }, &Scope::ALL, None);
    add(&server, Secret::Header { header: "X-Key".into(), value: "a-key-of-its-own".into() }, &Scope::ALL, None);
    server.ask_plain(basic).expect(200);
    server.ask_plain(own).expect(200);
    let schemes = server.get("/ServiceProviderConfig").at("/authenticationSchemes");
    let kinds: Vec<_> = schemes.as_array().expect("schemes").iter().map(|scheme| scheme["type"].as_str()).collect();
    assert!(kinds.contains(&Some("oauthbearertoken")) && kinds.contains(&Some("httpbasic")), "{kinds:?}");
}

fn a_token_cannot_be_guessed_and_expires(bench: &Bench) {
    let server = bench.tolerant();
    let (one, other) = (server.provider.new_secret(), server.provider.new_secret());
    assert!(one.len() >= 32 && one != other, "160 bits or more: {one}");
    add(&server, Secret::Bearer { token: one.clone() }, &Scope::ALL, Some(60));
    bearer(&server, Ask::new("GET", "/Users"), &one).expect(200);
    server.clock.advance(SignedDuration::from_secs(61));
    let late = bearer(&server, Ask::new("GET", "/Users"), &one);
    let challenge = late.refused(401, None).header("WWW-Authenticate").expect("a challenge");
    assert!(challenge.contains("invalid_token"), "{challenge}");
    bearer(&server, Ask::new("GET", "/Users"), &other).refused(401, None);
}

fn an_open_tenant_asks_for_nothing(bench: &Bench) {
    let server = bench.tolerant();
    server.ask_plain(Ask::new("GET", "/Users")).refused(401, None);
    server.provider.tenant().change(|settings| settings.access.open = true);
    server.ask_plain(Ask::new("GET", "/Users")).expect(200);
}

fn a_sensitive_filter_in_a_url_is_refused_as_such(bench: &Bench) {
    let server = bench.with("tolerant", |profile| profile.sensitive_attributes = vec!["emails".into()]);
    server.user("ada", &json!({ "emails": [{ "value": "ada@example.com" }] }));
    let filter = "emails.value eq \"ada@example.com\"";
    server.filtered("/Users", filter).refused(403, Some("sensitive"));
    let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": filter });
    assert_eq!(server.post("/Users/.search", &body).expect(200).listed("/userName"), ["ada"]);
    assert_eq!(server.found("userName eq \"ada\""), ["ada"]);
}
