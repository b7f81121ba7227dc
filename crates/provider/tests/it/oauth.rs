//! The token endpoint (RFC 6749).

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use provider::{Credential, Federated, Scope, Secret, Simulation};
use serde_json::{Value, json};
use traffic::handled::{Action, Handled};

use crate::bench::{Bench, assert_refused, header, text};

const SECRET: &str = "a client's own secret: 100%+";
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn client(id: &str, scopes: &[Scope], federated: Option<Federated>) -> Arc<Credential> {
    let secret = Secret::OauthClient { client_id: id.into(), client_secret: SECRET.into(), federated };
    Arc::new(Credential {
        id: format!("credential-{id}"),
        name: id.into(),
        secret,
        scopes: scopes.to_vec(),
        created_at: Timestamp::UNIX_EPOCH,
        expires_at: None,
        revoked_at: None,
    })
}

fn bench() -> Bench {
    let bench = Bench::tolerant();
    bench.provider.tenant().change(|settings| {
        settings.access.credentials = vec![client("all", &Scope::ALL, None), client("reader", &[Scope::Read], None)];
    });
    bench
}

fn post(bench: &Bench, target: &str, headers: &[(&str, &str)], form: &str) -> Handled {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    bench.provider.prepare(bench.plain("POST", target, headers, form)).execute()
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn form(id: &str, more: &str) -> String {
    format!("grant_type=client_credentials&client_id={id}&client_secret={}{more}", encoded(SECRET))
}

fn ask(bench: &Bench, form: &str) -> Handled {
    post(bench, "/oauth/token", &[FORM], form)
}

fn json_of(handled: &Handled) -> Value {
    serde_json::from_slice(&handled.response.body).unwrap()
}

fn token_of(handled: &Handled) -> String {
    assert_eq!(handled.response.status, 200, "{}", text(handled));
    json_of(handled)["access_token"].as_str().unwrap().to_owned()
}

fn with_token(bench: &Bench, method: &str, token: &str) -> Handled {
    let headers = vec![("Authorization".to_owned(), format!("Bearer {token}"))];
    bench.provider.prepare(bench.plain(method, "/scim/v2/Users", headers, "")).execute()
}

#[track_caller]
fn assert_oauth_error(handled: &Handled, status: u16, error: &str) {
    assert_eq!(handled.response.status, status, "{}", text(handled));
    assert_eq!(header(handled, "Content-Type"), Some("application/json"));
    assert_eq!(header(handled, "Cache-Control"), Some("no-store"));
    assert_eq!(json_of(handled)["error"], error, "{}", text(handled));
    assert!(json_of(handled)["error_description"].as_str().is_some_and(|text| !text.is_empty()));
    assert!(handled.findings.iter().any(|finding| finding.code == format!("http-{status}")));
}

#[test]
fn a_client_gets_a_token_by_body_and_by_basic_and_may_use_it() {
    let bench = bench();
    let plain = STANDARD.encode(format!("all:{SECRET}"));
    let encoded_first = STANDARD.encode(format!("all:{}", encoded(SECRET)));
    let grant = "grant_type=client_credentials";
    let answers = [
        ask(&bench, &form("all", "")),
        post(&bench, "/oauth/token", &[FORM, ("Authorization", &format!("Basic {plain}"))], grant),
        post(&bench, "/oauth/token", &[("Authorization", &format!("basic {encoded_first}"))], grant),
    ];
    let mut tokens = Vec::new();
    for answer in &answers {
        let told = json_of(answer);
        assert_eq!((&told["token_type"], &told["expires_in"]), (&json!("Bearer"), &json!(3600)));
        assert_eq!(told["scope"], "scim.read scim.write");
        assert_eq!(header(answer, "Content-Type"), Some("application/json"));
        assert_eq!(header(answer, "Cache-Control"), Some("no-store"));
        assert_eq!((answer.tenant.as_deref(), answer.action), (Some("default"), Action::Token));
        let token = token_of(answer);
        assert_eq!(with_token(&bench, "GET", &token).response.status, 200);
        for step in &answer.auth {
            assert!(!step.found.contains(SECRET) && !step.found.contains(&token), "{step:?} shows a secret");
        }
        tokens.push(token);
    }
    assert!(tokens[0] != tokens[1] && tokens[1] != tokens[2]);
}

#[test]
fn what_is_wrong_with_a_token_request_is_said_as_oauth_says_it() {
    let bench = bench();
    let right = form("all", "");
    for (form, status, error) in [
        ("", 400, "invalid_request"),
        ("grant_type=", 400, "unsupported_grant_type"),
        ("grant_type=password&username=a&password=b", 400, "unsupported_grant_type"),
        ("grant_type=client_credentials", 401, "invalid_client"),
        ("grant_type=client_credentials&client_id=all", 401, "invalid_client"),
        ("grant_type=client_credentials&client_id=all&client_secret=wrong", 401, "invalid_client"),
        ("grant_type=client_credentials&client_id=all&client_secret=", 401, "invalid_client"),
        (&form("nobody", ""), 401, "invalid_client"),
        (&format!("{right}&grant_type=client_credentials"), 400, "invalid_request"),
        (&format!("{right}&scope=a&scope=b"), 400, "invalid_request"),
        (&format!("{right}&scope=admin"), 400, "invalid_scope"),
        (&form("reader", "&scope=scim.read+scim.write"), 400, "invalid_scope"),
        ("grant_type=%ff", 400, "invalid_request"),
        ("{\"grant_type\": \"client_credentials\"}", 400, "invalid_request"),
        (&format!("{right}&client_assertion=a.b.c"), 400, "invalid_request"),
    ] {
        let handled = ask(&bench, form);
        assert_oauth_error(&handled, status, error);
        assert_eq!(header(&handled, "WWW-Authenticate").is_some(), status == 401, "{form}");
    }
    let basic = format!("Basic {}", STANDARD.encode("all:wrong"));
    assert_oauth_error(
        &post(&bench, "/oauth/token", &[FORM, ("Authorization", &basic)], "grant_type=client_credentials"),
        401,
        "invalid_client",
    );
    assert_oauth_error(
        &post(&bench, "/oauth/token", &[FORM, ("Authorization", &basic)], &right),
        400,
        "invalid_request",
    );
    assert_oauth_error(
        &post(&bench, "/oauth/token", &[("Content-Type", "application/json")], "{}"),
        400,
        "invalid_request",
    );
    for method in ["GET", "PUT", "DELETE"] {
        let handled = bench.provider.prepare(bench.plain(method, "/oauth/token", Vec::new(), "")).execute();
        assert_oauth_error(&handled, 405, "invalid_request");
        assert_eq!(header(&handled, "Allow"), Some("POST, OPTIONS"));
    }
    let bytes = bench.plain("POST", "/oauth/token", Vec::new(), "");
    let bytes = provider::Request { body: bytes::Bytes::from_static(b"\xff\xfe"), ..bytes };
    assert_oauth_error(&bench.provider.prepare(bytes).execute(), 400, "invalid_request");
}

#[test]
fn a_token_has_the_scopes_that_were_asked_for_and_no_more() {
    let bench = bench();
    let reader = token_of(&ask(&bench, &form("all", "&scope=scim.read")));
    assert_eq!(with_token(&bench, "GET", &reader).response.status, 200);
    assert_refused(&with_token(&bench, "POST", &reader), 403, None);
    let reader = ask(&bench, &form("reader", ""));
    assert_eq!(json_of(&reader)["scope"], "scim.read");
    assert_refused(&with_token(&bench, "POST", &token_of(&reader)), 403, None);
    let default = ask(&bench, &form("reader", "&scope=api%3A%2F%2Fscim%2F.default"));
    assert_eq!(json_of(&default)["scope"], "scim.read");
}

#[test]
fn a_token_expires_and_goes_with_its_client() {
    let bench = bench();
    bench.provider.tenant().change(|settings| settings.access.token_lifetime_s = 60);
    let token = token_of(&ask(&bench, &form("all", "")));
    bench.clock.advance(SignedDuration::from_secs(59));
    assert_eq!(with_token(&bench, "GET", &token).response.status, 200);
    bench.clock.advance(SignedDuration::from_secs(1));
    let late = with_token(&bench, "GET", &token);
    assert_refused(&late, 401, None);
    assert!(text(&late).contains("it expired at") && text(&late).contains("token endpoint"), "{}", text(&late));
    assert!(header(&late, "WWW-Authenticate").is_some_and(|challenge| challenge.contains("invalid_token")));

    let token = token_of(&ask(&bench, &form("all", "")));
    bench
        .provider
        .tenant()
        .change(|settings| settings.access.credentials.retain(|credential| credential.name != "all"));
    assert_refused(&with_token(&bench, "GET", &token), 401, None);
}

#[test]
fn issued_tokens_can_be_made_worthless_or_treated_as_if_they_were() {
    let bench = bench();
    let token = token_of(&ask(&bench, &form("all", "")));
    let simulate = |simulation| bench.provider.tenant().change(|settings| settings.access.simulate = simulation);
    simulate(Some(Simulation::Expired));
    assert_refused(&with_token(&bench, "GET", &token), 401, None);
    // The client is still good: it can ask for another token, as it would in earnest.
    assert_eq!(ask(&bench, &form("all", "")).response.status, 200);
    simulate(None);
    assert_eq!(with_token(&bench, "GET", &token).response.status, 200);
    bench.provider.tenant().revoke_issued();
    assert_refused(&with_token(&bench, "GET", &token), 401, None);
}

#[test]
fn an_expired_client_gets_no_token() {
    let bench = bench();
    bench.provider.tenant().change(|settings| {
        let expired = Credential {
            expires_at: Some(Timestamp::UNIX_EPOCH),
            ..Credential::clone(&client("all", &Scope::ALL, None))
        };
        settings.access.credentials = vec![Arc::new(expired)];
    });
    assert_oauth_error(&ask(&bench, &form("all", "")), 401, "invalid_client");
}

#[test]
fn parts_of_a_token_and_tokens_of_other_tenants_admit_nobody() {
    let bench = bench();
    let default = bench.provider.tenant();
    let settings = provider::TenantSettings::clone(&default.settings());
    bench.provider.create("acme", settings, Arc::clone(default.registry())).unwrap();
    let own = token_of(&ask(&bench, &form("all", "")));
    let other = token_of(&post(&bench, "/t/acme/oauth/token", &[FORM], &form("all", "")));
    assert_eq!(with_token(&bench, "GET", &own).response.status, 200);
    for wrong in [other.as_str(), &own[..own.len() - 1], &own[..12], &format!("{own}x"), "", "ä"] {
        assert_refused(&with_token(&bench, "GET", wrong), 401, None);
    }
}

#[test]
fn a_signed_statement_of_another_provider_does_in_place_of_a_secret() {
    let bench = bench();
    let federated = Federated {
        issuer: Some("https://login.example.com/contoso/v2.0".into()),
        subject: Some("app-1".into()),
        audience: Some("api://scim".into()),
    };
    bench.provider.tenant().change(|settings| {
        settings.access.credentials =
            vec![client("all", &Scope::ALL, None), client("wif", &Scope::ALL, Some(federated.clone()))];
    });
    let now = bench.provider.now().as_second();
    let right = json!({
        "iss": "https://login.example.com/contoso/v2.0", "sub": "app-1", "aud": "api://scim", "exp": now + 60, "nbf": now - 60,
    });
    let ask_with = |claims: &Value, more: &str| {
        let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let assertion = format!("{}.{}.c2lnbmF0dXJl", part(&json!({"alg": "RS256"})), part(claims));
        let kind = encoded(JWT_BEARER);
        ask(
            &bench,
            &format!("grant_type=client_credentials&client_assertion_type={kind}&client_assertion={assertion}{more}"),
        )
    };
    let with = |claim: &str, value: Value| {
        let mut claims = right.clone();
        claims[claim] = value;
        claims
    };
    let answer = ask_with(&right, "&client_id=wif");
    assert!(answer.auth.iter().any(|step| step.found.contains("signature is not checked")), "{:?}", answer.auth);
    assert_eq!(with_token(&bench, "GET", &token_of(&answer)).response.status, 200);
    token_of(&ask_with(&right, ""));
    token_of(&ask_with(&with("aud", json!(["other", "api://scim"])), ""));
    for wrong in [
        with("iss", json!("https://login.example.com/fabrikam/v2.0")),
        with("sub", json!("app-2")),
        with("aud", json!("api://other")),
        with("aud", json!(null)),
        with("exp", json!(now)),
        with("exp", json!(null)),
        with("nbf", json!(now + 30)),
    ] {
        assert_oauth_error(&ask_with(&wrong, ""), 401, "invalid_client");
    }
    // A client that expects no such statement is not let in by one.
    assert_oauth_error(&ask_with(&right, "&client_id=all"), 401, "invalid_client");
    let kind = encoded(JWT_BEARER);
    for broken in ["a", "a.b", "a.%21.c", "a.e30.c.d", "a.W10.c"] {
        let form = format!("grant_type=client_credentials&client_assertion_type={kind}&client_assertion={broken}");
        assert_oauth_error(&ask(&bench, &form), 401, "invalid_client");
    }
}
