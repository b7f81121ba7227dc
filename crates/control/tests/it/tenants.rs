//! Tenants and their credentials through the API.

use axum::body::Body;
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode};
use provider::Profile;
use serde_json::{Value, json};
use traffic::ids::Seq;

use crate::house::{Answer, House, noon, send};

async fn call(house: &House, method: &str, path: &str, body: Value) -> Answer {
    let request = Request::builder().method(method).uri(format!("/api/v1/tenants{path}"));
    let request = match body {
        Value::Null => request.body(Body::empty()),
        body => request.header(CONTENT_TYPE, "application/json").body(Body::from(body.to_string())),
    };
    send(house.inside(), request.unwrap()).await
}

/// A call that does what it should.
async fn done(house: &House, method: &str, path: &str, body: Value) -> Value {
    let answer = call(house, method, path, body).await;
    assert!(answer.status.is_success(), "{method} {path}: {} {}", answer.status, String::from_utf8_lossy(&answer.body));
    if answer.body.is_empty() { Value::Null } else { answer.json() }
}

#[track_caller]
fn assert_error(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{:?}", answer.body);
}

/// The status of a SCIM request.
fn scim(house: &House, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> u16 {
    let mut headers: Vec<(String, String)> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    headers.push(("Content-Type".to_owned(), "application/scim+json".to_owned()));
    let request = provider::Request {
        seq: Seq(1),
        at: noon(),
        method: method.to_owned(),
        target: target.to_owned(),
        headers,
        body: body.to_owned().into(),
        base_url: "http://127.0.0.1:8787".to_owned(),
        peer: [127, 0, 0, 1].into(),
    };
    house.control.provider().prepare(request).execute().response.status
}

fn get(house: &House, target: &str, token: &str) -> u16 {
    scim(house, "GET", target, &[("Authorization", &format!("Bearer {token}"))], "")
}

const USER: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada"}"#;

#[tokio::test]
async fn a_tenant_is_made_with_a_token_and_serves_at_once() {
    let house = House::new();
    let made = done(&house, "POST", "", json!({"name": "acme", "profile": "rfc-strict"})).await;
    let token = made["token"].as_str().unwrap();
    assert_eq!(made["tenant"]["scim_url"], "http://127.0.0.1:8787/t/acme/scim/v2");
    assert_eq!(made["tenant"]["token_url"], "http://127.0.0.1:8787/t/acme/oauth/token");
    assert_eq!((&made["tenant"]["profile"], &made["tenant"]["is_default"]), (&json!("rfc-strict"), &json!(false)));
    assert_eq!(get(&house, "/t/acme/scim/v2/Users", token), 200);
    assert_eq!(get(&house, "/scim/v2/Users", token), 401);
    let names: Vec<Value> = done(&house, "GET", "", Value::Null).await["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tenant| tenant["name"].clone())
        .collect();
    assert_eq!(names, ["default", "acme"]);
    let shown = done(&house, "GET", "/acme", Value::Null).await;
    assert_eq!(shown, made["tenant"]);
    assert!(!shown.to_string().contains(token));
}

#[tokio::test]
async fn a_tenant_can_have_schemas_of_its_own() {
    let house = House::new();
    done(&house, "POST", "", json!({"name": "iot", "schema_presets": ["devices"]})).await;
    let types = |tenant: &Value| -> Vec<String> {
        let resources = tenant["resources"].as_array().unwrap().iter();
        resources.map(|count| count["resource_type"].as_str().unwrap().to_owned()).collect()
    };
    assert!(types(&done(&house, "GET", "/iot", Value::Null).await).contains(&"Device".to_owned()));
    assert!(!types(&done(&house, "GET", "/default", Value::Null).await).contains(&"Device".to_owned()));
    let schema =
        json!({"id": "urn:example:Badge", "name": "Badge", "attributes": [{"name": "number", "type": "string"}]});
    let kind = json!({"name": "Badge", "endpoint": "/Badges", "schema": "urn:example:Badge"});
    done(&house, "POST", "", json!({"name": "door", "schemas": [schema], "resource_types": [kind]})).await;
    assert!(types(&done(&house, "GET", "/door", Value::Null).await).contains(&"Badge".to_owned()));
    assert_error(
        &call(&house, "POST", "", json!({"name": "x", "schema_presets": ["nothing"]})).await,
        422,
        "bad_schemas",
    );
    assert_error(&call(&house, "POST", "", json!({"name": "x", "resource_types": [kind]})).await, 422, "bad_schemas");
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_changes_nothing() {
    let house = House::new();
    done(&house, "POST", "", json!({"name": "acme"})).await;
    let before = done(&house, "GET", "", Value::Null).await;
    for (method, path, body, status, code) in [
        ("POST", "", json!({"name": "acme"}), 409, "name_taken"),
        ("POST", "", json!({"name": "default"}), 409, "name_taken"),
        ("POST", "", json!({"name": "A b"}), 422, "bad_name"),
        ("POST", "", json!({"name": "b", "profile": "lenient"}), 422, "unknown_profile"),
        ("POST", "", json!({"name": "b", "nonsense": 1}), 422, "bad_body"),
        ("GET", "/nobody", Value::Null, 404, "not_found"),
        ("PATCH", "/nobody", json!({}), 404, "not_found"),
        ("PATCH", "/acme", json!({"name": "default"}), 409, "name_taken"),
        ("PATCH", "/default", json!({"name": "other"}), 409, "default_tenant"),
        ("PATCH", "/acme", json!({"public_url": "ftp://a"}), 422, "bad_value"),
        ("PATCH", "/acme", json!({"public_url": 7}), 422, "bad_body"),
        ("PATCH", "/acme", json!({"forwarded_from": ["10.0.0.0/8", "home"]}), 422, "bad_value"),
        ("PATCH", "/acme", json!({"token_lifetime_s": 0}), 422, "bad_value"),
        ("PATCH", "/acme", json!({"simulate": "broken"}), 422, "bad_body"),
        ("PATCH", "/acme", json!({"name": "other", "listen": "127.0.0.1:1"}), 409, "cannot_listen"),
        ("DELETE", "/default", Value::Null, 409, "default_tenant"),
        ("DELETE", "/nobody", Value::Null, 404, "not_found"),
        ("POST", "/nobody/clone", json!({"name": "b"}), 404, "not_found"),
        ("POST", "/acme/clone", json!({"name": "acme"}), 409, "name_taken"),
        ("POST", "/nobody/reset", Value::Null, 404, "not_found"),
        ("PUT", "/acme/profile", json!({"name": "lenient"}), 422, "unknown_profile"),
        ("PUT", "/acme/profile", json!({"name": "mine", "max_results": 0}), 422, "bad_profile"),
        ("PUT", "/acme/profile", json!({"name": "mine", "nonsense": true}), 422, "bad_profile"),
        ("PUT", "/acme/profile", json!([]), 422, "bad_profile"),
        ("GET", "/nobody/credentials", Value::Null, 404, "not_found"),
        ("DELETE", "/acme/credentials/none", Value::Null, 404, "not_found"),
        ("DELETE", "/nobody/tokens", Value::Null, 404, "not_found"),
    ] {
        let answer = call(&house, method, path, body.clone()).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{method} {path} {body}");
    }
    assert_eq!(done(&house, "GET", "", Value::Null).await, before);
}

#[tokio::test]
async fn a_tenant_is_renamed_copied_emptied_and_deleted() {
    let house = House::new();
    let made = done(&house, "POST", "", json!({"name": "acme"})).await;
    let token = made["token"].as_str().unwrap().to_owned();
    let authorization = format!("Bearer {token}");
    let create = |target: &str| scim(&house, "POST", target, &[("Authorization", &authorization)], USER);
    assert_eq!(create("/t/acme/scim/v2/Users"), 201);
    let copy = done(&house, "POST", "/acme/clone", json!({"name": "copy"})).await;
    assert_eq!(
        (&copy["id"], &copy["revision"], &copy["resources"][0]["count"]),
        (&json!("copy"), &json!(1), &json!(1))
    );
    assert_eq!(create("/t/copy/scim/v2/Users"), 409, "the copy has the user, and the token is the same");
    let renamed = done(&house, "PATCH", "/acme", json!({"name": "globex"})).await;
    assert_eq!((&renamed["id"], &renamed["name"]), (&json!("acme"), &json!("globex")));
    assert_eq!(
        (get(&house, "/t/acme/scim/v2/Users", &token), get(&house, "/t/globex/scim/v2/Users", &token)),
        (404, 200)
    );
    let emptied = done(&house, "POST", "/globex/reset", Value::Null).await;
    assert_eq!((&emptied["revision"], &emptied["resources"][0]["count"]), (&json!(2), &json!(0)));
    let answer = call(&house, "DELETE", "/globex", Value::Null).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(
        (get(&house, "/t/globex/scim/v2/Users", &token), get(&house, "/t/copy/scim/v2/Users", &token)),
        (404, 200)
    );
    let states: Vec<String> = house
        .log
        .read(traffic::ids::Pos(0), usize::MAX)
        .into_iter()
        .filter_map(|(_, entry)| match entry {
            traffic::entry::Entry::State(state) => Some(format!("{}: {}", state.what, state.detail)),
            _ => None,
        })
        .collect();
    assert_eq!(
        states,
        [
            "tenant: acme was made",
            "tenant: copy was made as a copy of acme",
            "tenant: globex is the new name of acme",
            "tenant: globex was emptied",
            "tenant: globex was deleted"
        ]
    );
}

#[tokio::test]
async fn settings_are_changed_and_taken_away() {
    let house = House::new();
    let set = json!({
        "public_url": "https://scim.example.com/", "forwarded_from": ["127.0.0.1", "10.0.0.0/8"], "open": true,
        "simulate": "revoked", "token_lifetime_s": 60,
    });
    let changed = done(&house, "PATCH", "/default", set).await;
    assert_eq!(
        (&changed["scim_url"], &changed["local_url"]),
        (&json!("https://scim.example.com/scim/v2"), &json!("http://127.0.0.1:8787/scim/v2"))
    );
    assert_eq!(changed["forwarded_from"], json!(["127.0.0.1", "10.0.0.0/8"]));
    assert_eq!(
        (&changed["open"], &changed["simulate"], &changed["token_lifetime_s"]),
        (&json!(true), &json!("revoked"), &json!(60))
    );
    assert_eq!(scim(&house, "GET", "/scim/v2/Users", &[], ""), 200);
    let changed = done(&house, "PATCH", "/default", json!({"public_url": null, "simulate": null, "open": false})).await;
    assert_eq!((&changed["public_url"], &changed["simulate"]), (&Value::Null, &Value::Null));
    assert_eq!(changed["token_lifetime_s"], 60, "what is not named stays");
    assert_eq!(scim(&house, "GET", "/scim/v2/Users", &[], ""), 401);
}

#[tokio::test]
async fn a_profile_can_be_taken_out_changed_and_put_back() {
    let house = House::new();
    done(&house, "POST", "", json!({"name": "acme"})).await;
    assert_eq!(done(&house, "PUT", "/acme/profile", json!({"name": "okta-oin"})).await["name"], "okta-oin");
    let mut profile = done(&house, "GET", "/acme/profile", Value::Null).await;
    assert_eq!(serde_json::from_value::<Profile>(profile.clone()).unwrap(), Profile::preset("okta-oin").unwrap());
    profile["name"] = json!("mine");
    profile["max_results"] = json!(7);
    let put = done(&house, "PUT", "/acme/profile", profile.clone()).await;
    assert_eq!(put, profile);
    assert_eq!(done(&house, "GET", "/acme", Value::Null).await["profile"], "mine");
    assert_eq!(house.json("/api/v1/profile").await["name"], "tolerant", "the default tenant has its own");
}

#[tokio::test]
async fn a_secret_is_shown_once_and_never_again() {
    let house = House::new();
    let new = [
        (json!({"kind": "bearer"}), "bearer", Value::Null),
        (json!({"kind": "basic", "username": "okta"}), "basic", json!("okta")),
        (json!({"kind": "header", "header": "X-Api-Key"}), "header", json!("X-Api-Key")),
        (json!({"kind": "oauth_client", "client_id": "app"}), "oauth_client", json!("app")),
    ];
    let mut secrets = Vec::new();
    for (secret, kind, owner) in new {
        let made =
            done(&house, "POST", "/default/credentials", json!({"name": format!("a {kind}"), "secret": secret})).await;
        let credential = &made["credential"];
        assert_eq!((&credential["kind"], &credential["owner"]), (&json!(kind), &owner));
        assert_eq!(credential["scopes"], json!(["scim.read", "scim.write"]));
        secrets.push(made["secret"].as_str().unwrap().to_owned());
    }
    let given = json!({"name": "given", "secret": {"kind": "bearer", "token": "a-token-that-someone-chose"}, "scopes": ["scim.read"]});
    secrets.push(done(&house, "POST", "/default/credentials", given).await["secret"].as_str().unwrap().to_owned());
    let list = done(&house, "GET", "/default/credentials", Value::Null).await;
    assert_eq!(list["items"].as_array().unwrap().len(), 6, "the token that it began with, and these");
    for secret in &secrets {
        assert!(secret.len() >= 26 && !list.to_string().contains(secret.as_str()), "{list}");
    }
    assert_eq!(get(&house, "/scim/v2/Users", &secrets[0]), 200);
    assert_eq!(scim(&house, "GET", "/scim/v2/Users", &[("X-API-KEY", &secrets[2])], ""), 200);
    let authorization = format!("Bearer {}", secrets[4]);
    assert_eq!(scim(&house, "POST", "/scim/v2/Users", &[("Authorization", &authorization)], USER), 403);
}

#[tokio::test]
async fn a_credential_is_changed_revoked_and_deleted() {
    let house = House::new();
    let made = done(&house, "POST", "/default/credentials", json!({"name": "ci", "secret": {"kind": "bearer"}})).await;
    let (id, token) = (made["credential"]["id"].as_str().unwrap(), made["secret"].as_str().unwrap());
    let path = format!("/default/credentials/{id}");
    let ask = || get(&house, "/scim/v2/Users", token);
    assert_eq!(ask(), 200);
    let changed = done(&house, "PATCH", &path, json!({"name": "build", "revoked": true})).await;
    assert_eq!((&changed["name"], &changed["usable"]), (&json!("build"), &json!(false)));
    assert_eq!(ask(), 401);
    done(&house, "PATCH", &path, json!({"revoked": false, "expires_at": "2026-01-01T12:00:00Z"})).await;
    assert_eq!(ask(), 401, "it expires at the very moment that the clock shows");
    let changed = done(&house, "PATCH", &path, json!({"expires_at": null})).await;
    assert_eq!((&changed["expires_at"], &changed["revoked_at"]), (&Value::Null, &Value::Null));
    assert_eq!(ask(), 200);
    done(&house, "DELETE", &path, Value::Null).await;
    assert_eq!(ask(), 401);
    // The token to connect with is the one that is left; without one there is none to tell.
    assert_eq!(house.json("/api/v1/connection").await["token"], "scim-t0ken");
    done(&house, "DELETE", "/default/credentials/primary", Value::Null).await;
    assert_eq!(house.json("/api/v1/connection").await["token"], "");
}

#[tokio::test]
async fn a_secret_is_replaced_with_an_overlap() {
    let house = House::new();
    let rotated = done(&house, "POST", "/default/credentials/primary/rotate", json!({"overlap_s": 60})).await;
    let new = rotated["secret"].as_str().unwrap();
    assert_eq!((get(&house, "/scim/v2/Users", "scim-t0ken"), get(&house, "/scim/v2/Users", new)), (200, 200));
    let list = done(&house, "GET", "/default/credentials", Value::Null).await;
    assert_eq!(list["items"][0]["expires_at"], "2026-01-01T12:01:00Z");
    assert_eq!(list["items"][1]["name"], list["items"][0]["name"]);
    let id = rotated["credential"]["id"].as_str().unwrap();
    let again = done(&house, "POST", &format!("/default/credentials/{id}/rotate"), json!({})).await;
    assert_eq!(
        (get(&house, "/scim/v2/Users", new), get(&house, "/scim/v2/Users", again["secret"].as_str().unwrap())),
        (401, 200)
    );
    let same = json!({"secret": "scim-t0ken"});
    assert_error(&call(&house, "POST", "/default/credentials/primary/rotate", same).await, 409, "secret_taken");
    let endless = json!({"overlap_s": u64::MAX});
    assert_error(&call(&house, "POST", "/default/credentials/primary/rotate", endless).await, 422, "bad_value");
}

#[tokio::test]
async fn credentials_that_no_client_could_present_are_refused() {
    let house = House::new();
    done(&house, "POST", "/default/credentials", json!({"name": "b", "secret": {"kind": "basic", "username": "okta"}}))
        .await;
    for (secret, status, code) in [
        (json!({"kind": "bearer", "token": ""}), 422, "bad_value"),
        (json!({"kind": "bearer", "token": "a b"}), 422, "bad_value"),
        (json!({"kind": "bearer", "token": "scim-t0ken"}), 409, "secret_taken"),
        (json!({"kind": "basic", "username": "a:b"}), 422, "bad_value"),
        (json!({"kind": "basic", "username": "okta"}), 409, "owner_taken"),
        (json!({"kind": "header", "header": "not a name"}), 422, "bad_value"),
        (json!({"kind": "header", "header": "Authorization"}), 422, "bad_value"),
        (json!({"kind": "header", "header": "X-Key", "value": "a\r\nb"}), 422, "bad_value"),
        (json!({"kind": "oauth_client", "client_id": ""}), 422, "bad_value"),
        (json!({"kind": "password"}), 422, "bad_body"),
    ] {
        let answer = call(&house, "POST", "/default/credentials", json!({"name": "x", "secret": secret.clone()})).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{secret}: {:?}", answer.body);
    }
    let nameless = json!({"name": " ", "secret": {"kind": "bearer"}});
    assert_error(&call(&house, "POST", "/default/credentials", nameless).await, 422, "bad_value");
    let powerless = json!({"name": "x", "secret": {"kind": "bearer"}, "scopes": []});
    assert_error(&call(&house, "POST", "/default/credentials", powerless).await, 422, "bad_value");
}

#[tokio::test]
async fn tokens_that_were_issued_can_be_revoked() {
    let house = House::new();
    let client =
        json!({"name": "app", "secret": {"kind": "oauth_client", "client_id": "app", "client_secret": "a-secret"}});
    done(&house, "POST", "/default/credentials", client).await;
    let form = "grant_type=client_credentials&client_id=app&client_secret=a-secret";
    let request = provider::Request {
        seq: Seq(1),
        at: noon(),
        method: "POST".to_owned(),
        target: "/oauth/token".to_owned(),
        headers: Vec::new(),
        body: form.into(),
        base_url: "http://127.0.0.1:8787".to_owned(),
        peer: [127, 0, 0, 1].into(),
    };
    let answer = house.control.provider().prepare(request).execute().response.body;
    let token = serde_json::from_slice::<Value>(&answer).unwrap()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(get(&house, "/scim/v2/Users", &token), 200);
    done(&house, "DELETE", "/default/tokens", Value::Null).await;
    assert_eq!(get(&house, "/scim/v2/Users", &token), 401);
}

#[tokio::test]
async fn what_a_tenant_announces_follows_its_profile_at_once() {
    let house = House::new();
    done(&house, "POST", "", json!({"name": "acme"})).await;
    let announced = done(&house, "GET", "/acme/service-provider-config", Value::Null).await;
    assert_eq!((&announced["sort"]["supported"], &announced["bulk"]["supported"]), (&json!(true), &json!(true)));
    done(&house, "PUT", "/acme/profile", json!({"name": "mine", "sort": false, "bulk": false})).await;
    let announced = done(&house, "GET", "/acme/service-provider-config", Value::Null).await;
    assert_eq!((&announced["sort"]["supported"], &announced["bulk"]["supported"]), (&json!(false), &json!(false)));
    assert_eq!(call(&house, "GET", "/nobody/service-provider-config", Value::Null).await.status, 404);
}
